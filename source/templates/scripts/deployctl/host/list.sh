# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Questions: they take no lock and write nothing, and they work where nothing has been deployed yet.

answer_list() {
	local id live default='' values text
	releases_load
	live_release
	live=$REPLY
	if ! lock_is_busy; then
		repair_target
		default=$REPLY
	fi
	local repair=$default
	if [[ -z $default ]] && default_target "$live"; then default=$REPLY; fi
	for id in "${RELEASE_IDS[@]}"; do
		list_values "$id" "$live"
		text=$REPLY
		if [[ $id == "$repair" ]]; then values[6]=candidate=yes text='a run was interrupted: a rollback ends here, validated'; fi
		[[ $id != "$default" ]] || values+=(default=yes)
		emit note release "${values[@]}" ${text:+-- "$text"}
	done
	emit end list exit=0
}

yes_no() { if "$@"; then REPLY=yes; else REPLY=no; fi; }

# Fills `values`, and REPLY with why it is no candidate.
list_values() { # ID LIVE
	values=("id=$1")
	sha_of "$1"; values+=("sha=$REPLY")
	yes_no [ "$1" = "$2" ]; values+=("live=$REPLY")
	yes_no is_complete "$1"; values+=("complete=$REPLY")
	values+=("healthy=${HEALTH[$1]:-unknown}")
	yes_no is_bad "$1"; values+=("bad=$REPLY")
	local why=''
	if is_candidate "$1" "$2"; then values+=(candidate=yes); else why=$REPLY values+=(candidate=no); fi
	if [[ -z $why ]] && is_unproven "$1"; then why=$REPLY; fi
	release_value "$1" migration; values+=("migration=${REPLY:-unknown}")
	values+=("deployed=${DEPLOYED[$1]:--}")
	REPLY=$why
}

answer_status() {
	local live sha=- busy=free run=- interrupted=none traffic=- own=()
	# Of several every line has its host already.
	[[ -n $PROTOCOL_HOST ]] || own=("host=${HOST_NAME:-localhost}")
	live_release
	live=$REPLY
	if [[ -n $live ]]; then sha_of "$live"; sha=$REPLY; fi
	if lock_is_busy; then
		busy=busy
		lock_holder
		value_in run "$REPLY"
		run=${REPLY:--}
	else
		interrupted_run
		interrupted=${REPLY:-none}
	fi
	if [[ $MODE == blue-green ]]; then traffic_get; traffic=${REPLY:--}; fi
	emit note status "live=${live:--}" "sha=$sha" "lock=$busy" "run=$run" "interrupted=$interrupted" "traffic=$traffic" "${own[@]}"
	emit end status exit=0
}

# For the local half, before it builds anything: is somebody at work, and is a release of this commit here already?
answer_find() {
	local id='' busy=no run=- one
	releases_load
	if [[ -n $RELEASE_ID ]]; then
		if is_complete "$RELEASE_ID"; then id=$RELEASE_ID; fi
	elif [[ -n $SHA_WANTED ]] && release_of_sha "$SHA_WANTED"; then
		id=$REPLY
	fi
	if lock_is_busy; then
		busy=yes
		lock_holder
		value_in run "$REPLY"
		run=${REPLY:--}
	fi
	local rsync=no known=no taken=''
	# Ids tell seconds: the same commit twice within one needs another.
	for one in "${RELEASE_IDS[@]:0:100}"; do
		if [[ -n $SHA_WANTED ]] && same_sha "${one#*-}" "$SHA_WANTED"; then taken=$taken,$one; fi
	done
	if command -v rsync >/dev/null; then rsync=yes; fi
	if [[ -n $RUN && -d $RUN_DIR ]]; then known=yes; fi
	live_release
	emit note found "release=${id:--}" "live=${REPLY:--}" "busy=$busy" "run=$run" "known=$known" "taken=${taken:--}" "rsync=$rsync"
	emit end find exit=0
}

# --dry-run: the steps that would come, with what they would do.
answer_would() {
	local live target=$RELEASE_ID slot=''
	releases_load
	live_release
	live=$REPLY
	if [[ $ACTION == rollback ]]; then would_select "$live"; target=$REPLY; fi
	emit would lock
	emit would preflight
	if [[ $ACTION == rollback ]]; then
		REPLY=''
		is_unproven "$target" || :
		emit would select "release=$target" "from=${live:--}" ${REPLY:+-- "$REPLY"}
	elif [[ $target != "$live" ]]; then
		emit would prepare "release=$target" "from=${live:--}" ${PREPARE_CMD:+-- "$PREPARE_CMD"}
		[[ -z $MIGRATE_CMD ]] || emit would migrate -- "$MIGRATE_CMD"
	fi
	if [[ $target != "$live" || $ACTION == rollback ]]; then would_switch "$target"; fi
	emit would verify ${HEALTH_URL:+-- "$HEALTH_URL"}
	emit would prune "keep=$KEEP"
	emit end "$ACTION" exit=0 result=dry-run "live=${live:--}"
}

would_switch() { # TARGET
	local slot=''
	if [[ $MODE == blue-green ]]; then
		traffic_get
		other_slot "$REPLY"
		slot=$REPLY
		emit would start "slot=$slot"
		emit would smoke "slot=$slot"
	fi
	emit would switch "to=$1" ${slot:+"slot=$slot"}
	[[ $MODE == blue-green ]] || emit would restart "by=$RESTART" -- "there is a gap until it has started"
}

would_select() { # LIVE
	if [[ -n $TO ]]; then
		REPLY=$TO
		is_release_id "$TO" || release_of_sha "$TO" || would_refuse no-such-release "no usable release of $TO"
		local target=$REPLY
		[[ $target == "$1" ]] || is_candidate "$target" "$1" || [[ $FORCE == yes && ($CAUSE == bad || $CAUSE == never-validated) ]] || would_refuse "$CAUSE" "$target: $REPLY"
		REPLY=$target
		return
	fi
	repair_target
	[[ -n $REPLY ]] || default_target "$1" || would_refuse "$CAUSE" 'no release that was healthy before can be gone back to'
}

would_refuse() {
	emit end rollback exit=10 result=refused "cause=$1" -- "$2"
	exit 10
}
