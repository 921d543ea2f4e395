# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Steps, signals and the verdict of a run.
#
# `set -e` is of no use here: it is off inside of whatever is called from a condition, and where it is on it kills in the middle of
# a switch. Every step says itself what its failure means.

PHASE=before    # before | asking the database, which nobody interrupts | after the switch | undo: on the way back | over
CANCELLED=no
CHILD=''        # the session of the command that runs now
CAUSE=''
DETACHED=no     # who watches prints what went wrong
AWAY_SINCE=''   # a restart has begun, and nobody has answered since
UNCHECKED=no    # health could not be asked
UNPROVEN=no     # it was well, but nobody said of which release that was

signals_trap() {
	# A handler, not '': ignored signals would be inherited by every tool that is started.
	trap : PIPE HUP
	trap cancel TERM INT
	trap died EXIT
}

cancel() {
	[[ $PHASE == before || $PHASE == asking || $PHASE == after ]] || return 0
	CANCELLED=yes
	[[ $PHASE == asking ]] || child_signal TERM
}

cancelled() { [[ $CANCELLED == yes && $PHASE != undo ]]; }

child_signal() {
	[[ -n $CHILD ]] || return 0
	kill -"$1" -- "-$CHILD" 2>/dev/null || kill -"$1" "$CHILD" 2>/dev/null || :
}

# Sleeps so that a signal is heard at once.
nap() { # SECONDS
	sleep "$1" 9>&- &
	wait $! || :
}

step_begin() { # NAME key=value...
	clock_us
	STEP_SINCE=$REPLY
	emit begin "$@"
}

step_took() {
	clock_us
	seconds_of $((REPLY - STEP_SINCE))
}

step_ok() { # NAME key=value... [-- text]
	step_took
	local name=$1
	shift
	emit ok "$name" "took=$REPLY" "$@"
}

# The cause of a run is the first one.
step_fail() { # NAME CAUSE [-- text]
	step_took
	local name=$1 cause=$2
	shift 2
	if cancelled; then cause=cancelled; fi
	[[ -n $CAUSE ]] || CAUSE=$cause
	emit fail "$name" "took=$REPLY" "cause=$cause" "$@"
	return 1
}

# What a command of the project's own is told.
export_release() { # ID DIRECTORY
	sha_of "$1"
	export RELEASE=$1 RELEASE_DIR=$2 SHA=$REPLY ROOT ENVIRONMENT
}

# In a subshell that is about to become a daemon: nothing but stdin, stdout and stderr goes with it, whoever opened it.
close_others() {
	local fd
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done
} 2>/dev/null

# Runs a command in a session of its own, so that it can be ended with all that it started. Its words go to the run's output.
# KIND: daemon (what it starts lives on: it knows nothing of this run, and holds no lock), step, or locked (the lock stays held
# while it works, even if this script is killed).
run_command() { # KIND DIRECTORY COMMAND [ARGUMENT...]
	local kind=$1 directory=$2 hide=() code
	shift 2
	[[ $kind != daemon ]] || hide=(-u DEPLOYCTL_OPERATION -u DEPLOYCTL_RUN)
	printf '\n== %s: %s\n' "$directory" "$*" 2>/dev/null >>"$OUTPUT" || :
	(
		if [[ $kind == daemon ]]; then close_others; elif [[ $kind == step ]]; then exec 9>&-; fi
		cd "$directory" || exit 1
		exec setsid env "${hide[@]}" timeout -k 5 "$STEP_TIMEOUT" "$@"
	) </dev/null >>"$OUTPUT" 2>&1 &
	CHILD=$!
	wait_child
	code=$REPLY
	CHILD=''
	[[ $code != 124 && $code != 137 ]] || CAUSE=${CAUSE:-timeout}
	return "$code"
}

# `wait` ends at every signal; five seconds after TERM comes KILL. The code in REPLY.
wait_child() {
	local code asked=''
	while :; do
		wait "$CHILD"
		code=$?
		process_start "$CHILD"
		[[ -n $REPLY ]] || break
		[[ -z $asked ]] || continue
		asked=yes
		(sleep 5; child_signal KILL) 9>&- </dev/null >/dev/null 2>&1 &
	done
	# If that was a signal of ours, the shell still knows how the child ended.
	if ((code > 128)); then
		wait "$CHILD" 2>/dev/null
		REPLY=$?
		[[ $REPLY == 127 ]] || code=$REPLY
	fi
	REPLY=$code
}

# The last word. Everything that a run may end with goes through here.
finish() { # EXIT RESULT key=value... [-- text]
	local code=$1 result=$2
	shift 2
	PHASE=over
	live_release
	write_whole "$RUN_DIR/status" "exit=$code result=$result live=${REPLY:--}" || :
	if [[ $code != 0 && $DETACHED == no ]]; then print_tail; fi
	emit end "$ACTION" "exit=$code" "result=$result" "live=${REPLY:--}" "$@"
	exit "$code"
}

# What the tools said last, for a person.
print_tail() {
	[[ -s ${OUTPUT:-} ]] || return 0
	complain "The last lines of $OUTPUT${PROTOCOL_HOST:+ on $PROTOCOL_HOST}:"
	tail -n 20 "$OUTPUT" 2>/dev/null | cut -b 1-500 | LC_ALL=C tr -d '\000-\010\013-\037\177' >&2 2>/dev/null || :
}

# A bug, or a shell that was told to exit: said as what it is.
died() {
	local code=$?
	trap - EXIT
	# A child that is ended before it has forgotten our traps has nothing to say.
	[[ $BASHPID == "$$" ]] || exit "$code"
	[[ $PROTOCOL_ENDED == yes ]] || emit end "$ACTION" exit=1 result=died cause=died
	exit "$code"
}
