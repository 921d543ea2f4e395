# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# A run has a directory, which is its claim: the same run id never starts twice, and who comes second watches the first.
#
#   runs/<run>/ request pid events output status [go commit undo]

# 0: this run is ours now. 1: it has been started before.
run_claim() {
	if ! { [[ -d $STATE/runs ]] || { mkdir -p "$STATE/runs" && chmod 0700 "$STATE"; }; } 2>/dev/null; then
		emit end "$ACTION" exit=10 result=failed-before-switch cause=disk -- "$STATE cannot be made"
		exit 10
	fi
	if mkdir "$RUN_DIR" 2>/dev/null; then return 0; fi
	[[ -d $RUN_DIR ]] && return 1
	emit end "$ACTION" exit=10 result=failed-before-switch cause=disk -- "$RUN_DIR cannot be made"
	exit 10
}

# `run`: in the foreground, on this machine.
run_here() {
	if ! run_claim; then
		run_attach 0
		return
	fi
	run_work
}

# The work itself, with everything that it says in `events` as well.
run_work() {
	OUTPUT=$RUN_DIR/output
	PROTOCOL_EVENTS=$RUN_DIR/events
	export DEPLOYCTL_RUN=$RUN
	process_start $$
	write_whole "$RUN_DIR/pid" "$$ $REPLY" || :
	{ : >>"$PROTOCOL_EVENTS" && : >>"$OUTPUT"; } 2>/dev/null || { OUTPUT=/dev/null PROTOCOL_EVENTS=''; }
	signals_trap
	if [[ $ACTION == rollback ]]; then rolling_back; else deploying; fi
}

# `launch`: on its own, so that no connection that breaks can end it; then watched until its end. FILE: this very script.
run_launch() { # FILE FROM-LINE
	if run_claim; then
		conf_write >"$RUN_DIR/request"
		setsid nohup bash "$1" work "$RUN" <"$RUN_DIR/request" >/dev/null 2>>"$RUN_DIR/output" &
		disown
	fi
	run_attach "$2"
}

# `attach`: prints its lines from the one after FROM, until the last; ends with its code. Looks ten times a second.
run_attach() { # FROM-LINE
	local line skip=$1 code='' tries=0 alive=yes
	PROTOCOL_EVENTS='' OUTPUT=$RUN_DIR/output
	if [[ ! -d $RUN_DIR ]]; then
		emit end attach exit=10 result=no-such-run cause=no-such-run -- "$RUN was never started here"
		exit 10
	fi
	until [[ -r $RUN_DIR/events ]] || ((++tries > 100)); do sleep 0.1; done
	exec 5<"$RUN_DIR/events" || attach_died
	trap 'exit 1' PIPE
	trap - TERM INT HUP
	while :; do
		while IFS= read -r line <&5; do
			if ((skip-- > 0)); then continue; fi
			printf '%s\n' "$line" || exit 1
			if [[ $line == *' end '* ]]; then attach_end "$line"; fi
		done
		[[ $alive == yes ]] || attach_died
		# One more look after it is gone: its last line came before.
		is_recorded_alive "$RUN_DIR/pid" || alive=no
		[[ $alive == no ]] || sleep 0.1
	done
}

attach_end() { # LINE
	local code
	value_in exit "$1"
	code=${REPLY:-1}
	[[ $code == 0 ]] || print_tail
	PROTOCOL_ENDED=yes
	exit "$code"
}

attach_died() {
	live_release
	print_tail
	emit end "$ACTION" exit=1 result=died "live=${REPLY:--}" cause=died -- 'it ended without a verdict: see --status'
	exit 1
}

run_cancel() {
	local sent=no
	if is_recorded_alive "$RUN_DIR/pid"; then kill -TERM "$REPLY" && sent=yes; fi
	emit note cancel "run=$RUN" "sent=$sent"
	emit end cancel "exit=$([[ $sent == yes ]] && echo 0 || echo 10)"
	[[ $sent == yes ]] || exit 10
}

# A word of the local half to a run that waits at a barrier.
run_tell() { # go|commit|undo [TEXT]
	is_in "$1" 'go commit undo' || exit 2
	write_whole "$RUN_DIR/$1" "${2:-}"
}
