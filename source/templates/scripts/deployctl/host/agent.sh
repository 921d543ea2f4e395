# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# The host half: agent COMMAND [ARGUMENT...], with configuration and request on stdin up to the line `# end`. A stream that was cut
# off has no such line, and nothing is done.

agent() {
	local command=${1:-}
	export LC_NUMERIC=C
	case $command in run | work) trap : PIPE HUP; trap cancel TERM INT ;; esac
	set -uo pipefail
	umask 022
	if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
		agent_refuse "this host has bash $BASH_VERSION: 4.4 is needed"
	fi
	agent_read
	state_paths
	shift
	case $command in
		run) exec </dev/null; run_here ;;
		work) exec </dev/null; DETACHED=yes; run_work ;;
		launch) exec </dev/null; run_launch "$@" ;;
		attach) exec </dev/null; run_attach "${1:-0}" ;;
		cancel) run_cancel ;;
		tell) run_tell "$@" ;;
		list) answer_list ;;
		status) answer_status ;;
		find) answer_find ;;
		would) answer_would ;;
		receive) receive ;;
		*) agent_refuse "unknown command ${command:0:40}" ;;
	esac
}

agent_refuse() {
	complain "$1"
	emit end "${ACTION:-agent}" exit=2 result=refused cause=usage -- "$1"
	exit 2
}

agent_read() {
	local key
	for key in $CONF_KEYS $REQUEST_KEYS; do
		unset -v "$key"
		printf -v "$key" ''
	done
	conf_read "$CONF_KEYS $REQUEST_KEYS" || agent_refuse "$REPLY"
	[[ $CONF_ENDED == yes ]] || agent_refuse 'the request was cut off'
	if [[ $BARRIER == yes ]]; then PROTOCOL_HOST=$HOST_NAME; fi
	conf_check || agent_refuse "$REPLY"
	# Checked by the local half too; here because these become paths.
	[[ -z $RUN ]] || is_run_id "$RUN" || agent_refuse 'that is no run id'
	[[ -z $RELEASE_ID ]] || is_release_id "$RELEASE_ID" || agent_refuse 'that is no release id'
	[[ -z $TO ]] || is_release_id "$TO" || [[ $TO =~ ^[0-9a-f]{7,40}$ ]] || agent_refuse 'that is no release id and no commit'
	[[ -z $SHA_WANTED || $SHA_WANTED =~ ^[0-9a-f]{7,40}$ ]] || agent_refuse 'that is no commit'
}

# Unpacks a tar stream, the rest of stdin, as what becomes the release. Only the local half knows whether it came whole.
receive() {
	local incoming=$RELEASES/.incoming-$RUN
	[[ -n $RUN ]] || exit 2
	rm -rf "$incoming" && mkdir -p "$incoming" && tar -x -C "$incoming" --no-same-owner -f -
}
