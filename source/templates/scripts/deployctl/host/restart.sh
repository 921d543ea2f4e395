# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# How the application learns in restart mode that `current` has changed. All of them start things that live on: nothing of this run
# may stick to them.

restart_app() { # STEP RELEASE
	step_begin "$1" "by=$RESTART"
	if [[ $RESTART != none ]]; then AWAY_SINCE=$STEP_SINCE; fi
	export_release "$2" "$ROOT/current"
	if cancelled; then step_fail "$1" cancelled; return 1; fi
	restart_by
	local code=$?
	# Impatience: a second TERM to the whole group has met it at its birth. The way back is not to fail for that.
	if [[ $code == 143 && $PHASE == undo ]]; then
		restart_by
		code=$?
	fi
	if ((code != 0)); then step_fail "$1" restart -- "it ended with $code"; return 1; fi
	step_ok "$1"
}

restart_by() {
	case $RESTART in
		none) ;;
		pm2) restart_pm2 ;;
		systemd) restart_systemd ;;
		process) process_stop app; process_launch app "$ROOT/current" ;;
		command) run_command daemon "$ROOT/current" bash -c "$RESTART_CMD" ;;
	esac
}

# An ecosystem file must name `cwd` as ROOT/current, literally: PM2 resolves __dirname and the like to one release for ever, and
# says 0 all the same. `startOrReload` takes a changed environment, `restart` only with --update-env.
restart_pm2() {
	if [[ -n $PM2_CONFIG ]]; then
		run_command daemon "$ROOT/current" pm2 startOrReload "$PM2_CONFIG" --only "$PM2_APP" --update-env
	else
		run_command daemon "$ROOT/current" pm2 restart "$PM2_APP" --update-env
	fi
}

# SYSTEMCTL may be several words, such as `sudo -n systemctl` or `systemctl --user`.
restart_systemd() {
	local systemctl
	read -ra systemctl <<<"$SYSTEMCTL"
	run_command daemon "$ROOT" "${systemctl[@]}" restart "$SYSTEMD_UNIT" &&
		run_command daemon "$ROOT" "${systemctl[@]}" is-active --quiet "$SYSTEMD_UNIT"
}
