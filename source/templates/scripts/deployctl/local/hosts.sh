# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Several hosts as one: all are ready before any is switched; when one fails, the others go back. Nothing is remembered here, all is
# seen from what the hosts say: whoever attaches later drives on.
#
# Of each host: STATE_OF (starting, ready, going, switched, told, cancelling, ended, lost), EXIT_OF, RESULT_OF, LIVE_OF, CAUSE_OF, TEXT_OF.

drive() { # launch|attach
	local index line
	ABORTING='' KIND='' TICKS=0
	STATE_OF=() EXIT_OF=() RESULT_OF=() LIVE_OF=() CAUSE_OF=() TEXT_OF=()
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		STATE_OF+=(starting) EXIT_OF+=('') RESULT_OF+=('') LIVE_OF+=('') CAUSE_OF+=('') TEXT_OF+=('')
	done
	follow_all "$1"
	trap 'CANCELLED=yes' TERM INT
	trap : HUP
	while ! all_are 'ended lost'; do
		if IFS= read -r line <&3; then hear "${line%% *}" "${line#* }"; fi
		if [ "$CANCELLED" = yes ] && [ "$ABORTING" != cancelled ]; then ABORTING=cancelled; fi
		if [ -n "$ABORTING" ]; then settle; elif several; then advance; fi
	done
	judge
}

all_are() { # WORDS
	local state
	for state in "${STATE_OF[@]}"; do is_in "$state" "$1" || return 1; done
}

count() { # WORDS; in REPLY
	local state number=0
	for state in "${STATE_OF[@]}"; do ! is_in "$state" "$1" || number=$((number + 1)); done
	REPLY=$number
}

# A line of a host. Its `end` is not ours.
hear() { # INDEX LINE
	case $2 in
		tick)
			TICKS=$((TICKS + 1))
			if [ -n "$ABORTING" ] && [ $((TICKS % 3)) -eq 0 ]; then settle again; fi
			;;
		'again '*) emit note contact "host=${HOST_NAMES[$1]}" -- "the connection broke, trying again in ${2#again } s" ;;
		lost)
			STATE_OF[$1]=lost
			emit note contact "host=${HOST_NAMES[$1]}" lost=yes -- 'it cannot be reached; it may still be at work'
			;;
		*' end '*) hear_end "$1" "$2" ;;
		*)
			emit_line "$2"
			case $2 in
				*' note waiting '*for=go*) STATE_OF[$1]=ready ;;
				*' note waiting '*for=commit*) STATE_OF[$1]=switched ;;
				*' ok migrate '*) KIND=$(word_of kind "$2") ;;
			esac
			;;
	esac
}

word_of() { # KEY LINE
	printf '%s\n' "${2%% -- *}" | tr ' ' '\n' | sed -n "s/^$1=//p" | head -n 1
}

hear_end() { # INDEX LINE
	STATE_OF[$1]=ended
	EXIT_OF[$1]=$(word_of exit "$2")
	RESULT_OF[$1]=$(word_of result "$2")
	LIVE_OF[$1]=$(word_of live "$2")
	CAUSE_OF[$1]=$(word_of cause "$2")
	case $2 in *' -- '*) TEXT_OF[$1]=${2#* -- } ;; esac
	if several; then
		emit note ended "host=${HOST_NAMES[$1]}" "exit=${EXIT_OF[$1]}" "result=${RESULT_OF[$1]}" "live=${LIVE_OF[$1]:--}" ${CAUSE_OF[$1]:+"cause=${CAUSE_OF[$1]}"}
	else
		END_LINE=$2
	fi
}

# What follows from what is known now.
advance() {
	local index at_once
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		case ${STATE_OF[index]}${EXIT_OF[index]} in
			lost | ended[1-9]*) ABORTING=other-host; settle; return ;;
		esac
	done
	count 'starting told'
	[ "$REPLY" -eq 0 ] || return 0
	if all_are 'switched ended'; then
		for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
			[ "${STATE_OF[index]}" = switched ] || continue
			tell "$index" commit
			STATE_OF[index]=told
		done
		return
	fi
	at_once=$SWITCH_AT_ONCE
	[ "$ACTION" = deploy ] || at_once=$ROLLBACK_AT_ONCE
	# The first host migrates; nobody else may switch before that.
	if [ "$ACTION" = deploy ] && [ -n "$MIGRATE_CMD" ] && [ "${STATE_OF[0]}" != switched ] && [ "${STATE_OF[0]}" != ended ]; then at_once=1; fi
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		count going
		[ "$at_once" -eq 0 ] || [ "$REPLY" -lt "$at_once" ] || return 0
		[ "${STATE_OF[index]}" = ready ] || continue
		STATE_OF[index]=going
		tell "$index" go ${KIND:+"$KIND"}
	done
}

# One has failed, or somebody wants no more. Who has not switched ends; who has goes back. Of a rollback the others finish and stay
# where they have arrived: what they left is what nobody wants. A run that is only being started may not hear the first time.
settle() { # [again]
	local index
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		case ${STATE_OF[index]}${1:-} in
			starting* | ready* | cancelling*again)
				cancel_host "$index"
				STATE_OF[index]=cancelling
				;;
			going*)
				if goes_back; then
					cancel_host "$index"
					STATE_OF[index]=cancelling
				fi
				;;
			switched*)
				if goes_back; then tell "$index" undo; else tell "$index" commit; fi
				STATE_OF[index]=told
				;;
		esac
	done
}

goes_back() { [ "$ACTION" = deploy ] || [ "$ABORTING" = cancelled ]; }

# All have ended: what it means as a whole.
judge() {
	local index code=0 worst rank best=0 live='' mixed=no
	if ! several; then
		case ${STATE_OF[0]} in
			lost) leave 40 contact-lost cause=contact -- "the contact to ${HOST_NAMES[0]} is lost; watch it with --attach $RUN" ;;
		esac
		PROTOCOL_ENDED=yes
		emit_line "$END_LINE"
		exit "${EXIT_OF[0]}"
	fi
	worst=0
	live=${LIVE_OF[0]}
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		code=${EXIT_OF[index]}
		[ "${STATE_OF[index]}" != lost ] || code=40
		rank_of "$code"
		rank=$REPLY
		if [ "$rank" -gt "$best" ]; then best=$rank worst=$index; fi
		[ "${LIVE_OF[index]}" = "$live" ] || mixed=yes
	done
	code=${EXIT_OF[worst]}
	[ "${STATE_OF[worst]}" != lost ] || code=40
	judge_end "$code" "$worst" "$mixed" "$live"
}

# Which verdict of several counts.
rank_of() { # EXIT
	case $1 in
		0) REPLY=0 ;;
		12) REPLY=1 ;;
		11) REPLY=3 ;;
		10) REPLY=2 ;;
		2) REPLY=4 ;;
		20) REPLY=5 ;;
		40) REPLY=7 ;;
		30) REPLY=8 ;;
		*) REPLY=6 ;;
	esac
}

judge_end() { # EXIT INDEX MIXED LIVE
	local code=$1 result=${RESULT_OF[$2]} cause=${CAUSE_OF[$2]} text=${TEXT_OF[$2]} live=$4 index
	if [ "$3" = yes ]; then
		live=mixed
		for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
			emit note mixed "host=${HOST_NAMES[index]}" "live=${LIVE_OF[index]:-unknown}"
		done
		# Before the switch nothing was touched: then they differed already.
		case $code in 0 | 20 | 1) code=30 result=mixed cause=${cause:-mixed} ;; esac
	fi
	[ "$code" != 40 ] || result=contact-lost
	# Not cause=other-host of one that had to go back, but why the first one did.
	if [ "$cause" = other-host ] || [ -z "$cause" ]; then
		for index in "${!CAUSE_OF[@]}"; do
			case ${CAUSE_OF[index]} in '' | other-host | cancelled) ;; *) cause=${CAUSE_OF[index]} ;; esac
		done
	fi
	[ "$result" != already-live ] || is_everywhere already-live || { if [ "$ACTION" = deploy ]; then result=deployed; else result=rolled-back; fi; }
	leave_quietly "$code" "$result" "live=${live:--}" ${cause:+"cause=$cause"} ${text:+-- "$text"}
}

is_everywhere() { # RESULT
	local result
	for result in "${RESULT_OF[@]}"; do [ "$result" = "$1" ] || return 1; done
}

leave_quietly() { # EXIT RESULT key=value...
	local code=$1 result=$2
	shift 2
	emit end "$ACTION" "exit=$code" "result=$result" "$@"
	exit "$code"
}
