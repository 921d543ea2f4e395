# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# From the command line to the host half. For this very machine the script becomes the host half itself: one process, which prints
# its own lines and ends with its own code.

main() { # deploy|rollback ARGUMENTS...
	ACTION=$1 COMMAND='' HOST_NAME='' BARRIER=no MIGRATE_HERE=yes
	shift
	set -uo pipefail
	export LC_NUMERIC=C
	# A handler, not '': what nobody reads any more must not end a deployment.
	trap : PIPE
	clock_us
	PROTOCOL_START=$REPLY
	options_read "$@"
	RELEASE_NAMED=$RELEASE_ID TAKEN_FOUND=''
	environment_choose
	if [ -n "$HOSTS" ]; then
		remote_main
		return
	fi
	ROOT=${ROOT//'{host}'/localhost}
	host_bash
	case $COMMAND in
		run) if [ "$ACTION" = deploy ]; then deploy_here; else rollback_here; fi ;;
		*) become_host "$COMMAND" ;;
	esac
}

# The shell for the host half on this machine.
host_bash() {
	local candidate
	HOST_BASH=$BASH
	((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || return 0
	for candidate in /opt/homebrew/bin/bash /usr/local/bin/bash /usr/bin/bash; do
		HOST_BASH=$candidate
		# shellcheck disable=SC2016 # that shell is asked, not this one
		"$candidate" -c '((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404))' 2>/dev/null && return
	done
	wrong "bash 4.4 or newer is needed on this machine; this is $BASH_VERSION"
}

become_host() {
	DEPLOYCTL_STARTED_US=$PROTOCOL_START exec "$HOST_BASH" "$HERE/deployctl/host.sh" "$@" <<<"$(conf_write)"
}

run_name() {
	[ -z "$RUN" ] || return 0
	utc_now %Y%m%dT%H%M%SZ
	RUN=$REPLY-$ACTION-$ENVIRONMENT-$$
}

rollback_here() {
	run_name
	if [ "$DRY_RUN" = yes ]; then become_host would; fi
	become_host run
}

deploy_here() {
	commit_choose
	run_name
	what_is_there "$("$HOST_BASH" "$HERE/deployctl/host.sh" find <<<"$(conf_write)")"
	if [ "$DRY_RUN" = yes ]; then
		[ -n "$RELEASE_FOUND" ] || { release_new_unless_named; would_build; }
		become_host would
	fi
	[ "$RELEASE_FOUND$KNOWN_FOUND" != no ] || upload_here
	become_host run
}

# Reads the answer of `find`: RELEASE_FOUND, and KNOWN_FOUND when this very run has been started before. Ends with 11 when somebody is at work: nothing has to be built for that.
what_is_there() { # ANSWER
	RELEASE_FOUND='' KNOWN_FOUND=no
	case $1 in
		*' note found '*) ;;
		*) leave 2 refused cause=usage -- "the host half does not answer: ${1:0:300}" ;;
	esac
	answer_value release "$1"
	RELEASE_FOUND=$REPLY
	answer_value known "$1"
	[ "$REPLY" != yes ] || KNOWN_FOUND=yes
	answer_value taken "$1"
	TAKEN_FOUND=$TAKEN_FOUND,$REPLY
	answer_value busy "$1"
	if [ "$REPLY" = yes ] && [ "$DRY_RUN$KNOWN_FOUND" = nono ]; then
		answer_value run "$1"
		emit fail lock cause=busy "holder=$REPLY" -- 'another run works on this environment'
		leave 11 busy cause=busy -- "another run works on $ENVIRONMENT: $REPLY"
	fi
	[ -z "$RELEASE_FOUND" ] || RELEASE_ID=$RELEASE_FOUND
}

# A value of the line `note found`, in REPLY; nothing for `-`.
answer_value() { # KEY LINES
	local line=${2#*' note found '}
	REPLY=''
	[ "$line" != "$2" ] || return 0
	line=" ${line%%$'\n'*} "
	case $line in *" $1="*) ;; *) return 0 ;; esac
	REPLY=${line#*" $1="}
	REPLY=${REPLY%%[[:space:]]*}
	[ "$REPLY" != - ] || REPLY=''
}

release_new_unless_named() {
	[ -z "$RELEASE_ID" ] || return 0
	release_new
	while is_in "$RELEASE_ID" "${TAKEN_FOUND//,/ }"; do
		sleep 0.1
		release_new
	done
}

would_build() {
	local how='the commit, as a checkout has it'
	[ -z "$BUILD_CMD" ] || how=$BUILD_CMD
	[ -z "$SOURCE" ] || how="copy $SOURCE"
	emit would upload "release=$RELEASE_ID" "sha=$SHA_WANTED" -- "$how"
}

# Step `upload` where there is no way to go: the release is built where it will lie.
upload_here() {
	local incoming code
	release_new_unless_named
	incoming=$ROOT/releases/.incoming-$RUN
	trap cancel_locally TERM INT
	emit begin upload "release=$RELEASE_ID" "sha=$SHA_WANTED"
	if [ -e "$incoming" ] || [ -e "$incoming.log" ]; then rm -rf "$incoming" "$incoming.log"; fi
	mkdir -p "$incoming" 2>/dev/null || upload_failed disk "$incoming cannot be made"
	build_into "$incoming" "$incoming.log"
	code=$?
	commit_said upload "$incoming.log"
	if [ "$code" -ne 0 ]; then
		rm -rf "$incoming"
		build_complain "$incoming.log"
		rm -f "$incoming.log"
		upload_failed "$BUILD_CAUSE" "${BUILD_WHY:-the build ended with $code}"
	fi
	emit ok upload
}

build_complain() { # LOG
	[ ! -s "$1" ] || complain "$(tail -n 20 "$1" | cut -c 1-500 | LC_ALL=C tr -d '\000-\010\013-\037\177')"
}

upload_failed() { # CAUSE TEXT
	if [ "$CANCELLED" = yes ]; then
		emit fail upload cause=cancelled
		leave 12 cancelled cause=cancelled
	fi
	emit fail upload "cause=$1" -- "$2"
	leave 10 failed-before-switch "cause=$1" -- "$2"
}
