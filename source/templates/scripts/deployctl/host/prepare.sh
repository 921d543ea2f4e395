# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# What comes before anything is touched: is the host fit for it, and is the release whole.

# Step `lock`. 11 and who it is, when somebody works here.
take_lock() {
	step_begin lock
	if ! state_make || ! exec_log; then
		finish_cancelled
		step_fail lock disk -- "$STATE cannot be written"
		finish 10 failed-before-switch cause=disk
	fi
	if ! lock_take; then
		finish_cancelled
		lock_holder
		local holder=()
		read -ra holder <<<"$REPLY"
		forget_upload
		step_fail lock busy "${holder[@]/#run=/holder=}" -- 'another run works on this environment'
		finish 11 busy cause=busy
	fi
	interrupted_run
	INTERRUPTED=$REPLY
	[[ -z $REPLY ]] || emit note interrupted "run=$REPLY" "kind=$INTENT_KIND" -- 'it ended without a verdict, half way perhaps'
	step_ok lock
}

# A signal to the whole group ends our tools too: what they could not do says nothing then.
finish_cancelled() {
	cancelled || return 0
	forget_upload
	finish 12 cancelled cause=cancelled
}

# What was brought for this run, when it comes to nothing.
forget_upload() { rm -rf "$RELEASES/.incoming-$RUN" "$RELEASES/.incoming-$RUN.log"; }

exec_log() { : >>"$OUTPUT"; } 2>/dev/null

# Step `preflight`.
preflight() {
	local tool
	step_begin preflight
	for tool in flock setsid timeout curl readlink; do
		command -v "$tool" >/dev/null || { step_fail preflight tools -- "$tool is not installed"; return 1; }
	done
	if [[ -e $ROOT/current && ! -L $ROOT/current ]]; then
		step_fail preflight current -- "$ROOT/current is no link: a switch would put one inside of it"
		return 1
	fi
	preflight_room || return 1
	if ! traffic_check; then step_fail preflight traffic -- "$REPLY"; return 1; fi
	if cancelled; then step_fail preflight cancelled; return 1; fi
	step_ok preflight
}

# A verdict needs room too. Free inodes are a thing of their own.
preflight_room() {
	local inodes='' free=''
	if ! reserve_make || ! write_whole "$STATE/probe" "$RUN"; then
		rm -f "$STATE/probe"
		# A rollback writes little, and may be what makes room.
		[[ $ACTION == rollback ]] && return 0
		step_fail preflight disk -- "no room on the disk of $ROOT"
		return 1
	fi
	rm -f "$STATE/probe"
	[[ $ACTION == deploy ]] || return 0
	# File systems without a table of inodes say 0 of 0.
	{ read -r _; read -r _ inodes _ free _; } < <(df -Pi "$ROOT" 2>/dev/null) || return 0
	if [[ $inodes =~ ^[0-9]+$ && $free =~ ^[0-9]+$ ]] && ((inodes > 0 && free < 1000)); then
		step_fail preflight disk -- "only $free inodes are free on the disk of $ROOT"
		return 1
	fi
}

# Step `prepare`: what was uploaded becomes a release in its own place, then everything that has to happen in it, then the marker.
prepare() { # ID
	local id=$1 directory=$RELEASES/$1
	step_begin prepare "release=$id"
	prepare_log
	if is_complete "$id"; then
		emit note prepare -- 'this release is here already'
	else
		[[ ! -e $directory ]] || rm -rf "$directory"
		if ! mv -T "$RELEASES/.incoming-$RUN" "$directory" 2>>"$OUTPUT"; then
			step_fail prepare incoming -- "$RELEASES/.incoming-$RUN is not there"
			return 1
		fi
		if ! { prepare_shared "$directory" && prepare_command "$id" && prepare_mark "$id"; }; then
			rm -rf "$directory"
			return 1
		fi
	fi
	step_ok prepare
}

# What the build said, where that was on this machine.
prepare_log() {
	[[ -e $RELEASES/.incoming-$RUN.log ]] || return 0
	cat "$RELEASES/.incoming-$RUN.log" >>"$OUTPUT"
	rm -f "$RELEASES/.incoming-$RUN.log"
} 2>/dev/null

prepare_shared() { # DIRECTORY
	local path parent
	for path in ${SHARED//,/ }; do
		path=${path%/}
		if [[ ! -e $ROOT/shared/$path ]]; then
			step_fail prepare shared -- "$ROOT/shared/$path is not there"
			return 1
		fi
		parent=$(dirname "$1/$path")
		{ mkdir -p "$parent" && [[ $(readlink -f "$parent") == "$1"* ]] && rm -rf "${1:?}/$path" && ln -s "$ROOT/shared/$path" "$1/$path"; } 2>>"$OUTPUT" && continue
		step_fail prepare shared -- "$path could not be linked"
		return 1
	done
}

prepare_command() { # ID
	[[ -n $PREPARE_CMD ]] || return 0
	export_release "$1" "$RELEASES/$1"
	run_command step "$RELEASES/$1" bash -c "$PREPARE_CMD" && ! cancelled && return 0
	step_fail prepare "${CAUSE:-prepare}" -- 'PREPARE_CMD failed'
}

prepare_mark() { # ID
	utc_now
	local migration=none
	[[ -z $MIGRATE_CMD ]] || migration=unknown
	write_whole "$STATE/releases/$1.complete" "sha=${SHA_WANTED:-${1#*-}} migration=${MIGRATE_KIND:-$migration} completed=$REPLY" && ! cancelled && return 0
	rm -f "$STATE/releases/$1.complete"
	step_fail prepare disk -- 'the release could not be marked as complete'
}
