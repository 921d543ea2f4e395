# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# The two colours of blue-green mode: which release is in which, and the processes. A process that was started here is a session of
# its own with nothing of this run in it: no lock, no pipe, no variable. START_CMD may stay in the foreground, or start something
# elsewhere and return 0; then STOP_CMD has to stop it.

slot_release() { release_of_link "$STATE/slots/$1"; }

export_slot() { # SLOT
	slot_port "$1"
	export SLOT=$1 PORT=$REPLY
}

# Starts START_CMD for a release as `name`; its pid is known before it does anything.
process_launch() { # NAME DIRECTORY
	local record=$STATE/slots/$1.pid
	rm -f "$record"
	process_begin "$1" "$2" "$record"
	# On the way back a signal to the whole group may have met it at its birth.
	[[ -e $record || $PHASE != undo ]] || process_begin "$1" "$2" "$record"
}

process_begin() { # NAME DIRECTORY RECORD
	local record=$3 log=$STATE/slots/$1.log
	(
		close_others
		cd "$2" || exit 1
		# shellcheck disable=SC2016 # it is the new shell that looks at itself
		exec setsid env -u DEPLOYCTL_OPERATION -u DEPLOYCTL_RUN "DEPLOYCTL_RECORD=$record" bash -c '
			stat=$(</proc/$$/stat)
			set -- "$1" ${stat##*) }
			echo $$ "${21}" >"$DEPLOYCTL_RECORD.new" && mv -f "$DEPLOYCTL_RECORD.new" "$DEPLOYCTL_RECORD" || exit 1
			unset DEPLOYCTL_RECORD
			exec bash -c "$1"
		' start "$START_CMD"
	) </dev/null >"$log" 2>&1 &
	local child=$! try
	for ((try = 0; try < 250; try++)); do
		[[ ! -e $record ]] || break
		process_start "$child"
		[[ -n $REPLY ]] || break
		sleep 0.02 9>&-
	done
	disown "$child" 2>/dev/null || :
}

# TERM to all of it, then KILL after STOP_TIMEOUT.
process_stop() { # NAME
	local record=$STATE/slots/$1.pid pid until
	is_recorded_alive "$record" || { rm -f "$record"; return 0; }
	pid=$REPLY
	clock_us
	until=$((REPLY + STOP_TIMEOUT * 1000000))
	kill -TERM -- "-$pid" 2>/dev/null || :
	while is_recorded_alive "$record"; do
		clock_us
		if ((REPLY > until)); then
			emit note stop "what=$1" -- "still there after $STOP_TIMEOUT s: killed"
			kill -KILL -- "-$pid" 2>/dev/null
			break
		fi
		sleep 0.05 9>&-
	done
	rm -f "$record"
}

slot_stop() { # SLOT
	slot_release "$1"
	if [[ -n $STOP_CMD && -n $REPLY ]]; then
		local release=$REPLY
		export_slot "$1"
		export_release "$release" "$RELEASES/$release"
		run_command daemon "$RELEASES/$release" bash -c "$STOP_CMD" || emit note stop "slot=$1" -- "STOP_CMD ended with $?"
	fi
	process_stop "$1"
}

# Step `start`: whatever is left in this colour goes, then the release is started in it.
slot_start() { # RELEASE SLOT
	step_begin start "slot=$2"
	slot_stop "$2"
	if ! point_link "$STATE/slots/$2" "../../releases/$1"; then
		step_fail start start -- "$STATE/slots/$2 could not be replaced"
		return 1
	fi
	export_slot "$2"
	export_release "$1" "$RELEASES/$1"
	process_launch "$2" "$RELEASES/$1"
	step_ok start "slot=$2" "port=$PORT"
}

# Step `smoke`: health of a colour that has no traffic yet.
slot_smoke() { # RELEASE SLOT
	local why
	step_begin smoke "slot=$2"
	if [[ -z $HEALTH_URL ]]; then
		emit note smoke health=unchecked -- 'HEALTH_URL is not set'
		step_ok smoke
		return
	fi
	slot_port "$2"
	if health_wait smoke "$HEALTH_URL" "$REPLY" "$1" "$HEALTH_DEADLINE" "$(slot_watch "$2")"; then
		step_ok smoke
		return
	fi
	why=$REPLY
	tail -n 20 "$STATE/slots/$2.log" 2>/dev/null >>"$OUTPUT" || :
	step_fail smoke health -- "$why"
}

# Only a START_CMD that stays can be watched.
slot_watch() {
	[[ -n $STOP_CMD ]] || printf '%s' "$STATE/slots/$1.pid"
}

# Whether a colour runs this release and is healthy already: then a rollback needs no start.
slot_is_warm() { # RELEASE SLOT
	slot_release "$2"
	[[ $REPLY == "$1" ]] || return 1
	if [[ -z $HEALTH_URL ]]; then
		is_recorded_alive "$STATE/slots/$2.pid"
		return
	fi
	slot_port "$2"
	probe_once "$HEALTH_URL" "$REPLY" "$1"
	[[ $PROBE == ok || $PROBE == unnamed ]]
}
