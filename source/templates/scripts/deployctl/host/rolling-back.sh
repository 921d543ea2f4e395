# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# A rollback on one host: to the default target, or to the one that was named. It writes little and needs nothing but what lies here.

rolling_back() {
	take_lock
	preflight || finish_before
	releases_load
	remember_previous
	live_release
	LIVE=$REPLY
	LEFT=$LIVE # marked bad once the target is validated
	select_target
	local tries=1
	[[ $CASCADE != yes ]] || tries=3
	while :; do
		attempt && break
		tries=$((tries - 1))
		((tries > 0)) && ! cancelled && next_older && continue
		[[ $PHASE == before ]] && finish_before
		if cancelled; then undo; fi
		stuck "${CAUSE:-health}" "$RELEASE_ID is not healthy after the rollback"
	done
	PHASE=over
	[[ $RELEASE_ID != "$LIVE" ]] || migrate_settled || unsettled
	record_ok
	! is_bad "$RELEASE_ID" || rm -f "$STATE/releases/$RELEASE_ID.bad"
	[[ -z $LEFT || $LEFT == "$RELEASE_ID" || -n $REPAIRED ]] || mark_bad "$LEFT" "rolled back from it to $RELEASE_ID ($RUN)"
	[[ -z $SLOT_FROM || $SLOT_FROM == "$SLOT_TO" ]] || slot_retire "$SLOT_FROM"
	prune
	finish 0 rolled-back
}

# Step `select`.
select_target() {
	step_begin select
	local wanted=$TO
	REPAIRED=''
	if [[ -n $wanted ]] && ! is_release_id "$wanted"; then
		release_of_sha "$wanted" || refuse no-such-release "no complete release of $wanted that is not bad is on the host"
		wanted=$REPLY
	fi
	repair_target
	if [[ -n $REPLY && ($REPLY == "$wanted" || -z $wanted) ]]; then
		wanted=$REPLY
		# What an interrupted deployment left is not known to be bad; what an interrupted rollback wanted to leave is.
		if [[ $INTENT_KIND == rollback ]]; then LEFT=$INTENT_FROM; else REPAIRED=$INTERRUPTED; fi
	elif [[ -z $wanted && -n $REPAIR_BLOCKED ]]; then
		refuse migration "$INTERRUPTED was interrupted after the migration of $REPAIR_BLOCKED, which the release before cannot live with"
	elif [[ -n $wanted && $wanted != "$LIVE" ]] && ! is_candidate "$wanted" "$LIVE"; then
		if [[ $FORCE == yes && ($CAUSE == bad || $CAUSE == never-validated) ]]; then
			emit note select "release=$wanted" forced=yes -- "$REPLY"
		else
			refuse "$CAUSE" "$wanted: $REPLY"
		fi
	fi
	if [[ -z $wanted ]]; then
		default_target "$LIVE" || refuse "$CAUSE" 'no release that was healthy before can be gone back to'
		wanted=$REPLY
	fi
	RELEASE_ID=$wanted
	if cancelled; then step_fail select cancelled; finish_before; fi
	sha_of "$RELEASE_ID"
	step_ok select "release=$RELEASE_ID" "sha=$REPLY" "from=${LIVE:--}"
	if is_unproven "$RELEASE_ID"; then emit note select "release=$RELEASE_ID" healthy=unproven -- "$REPLY"; fi
	if [[ $RELEASE_ID == "$LIVE" && (-z $INTERRUPTED || $INTENT_KIND == migrate) ]]; then rollback_to_live; fi
}

refuse() { # CAUSE TEXT
	local result=refused
	step_fail select "$1" -- "$2"
	[[ $1 != no-candidate ]] || result=no-candidate
	[[ $1 != pruned && $1 != no-such-release ]] || result=no-such-release
	finish 10 "$result" "cause=$1" -- "$2"
}

# Where we want to go is where we are: it is well, or it is restarted.
rollback_to_live() {
	if verify verify "$RELEASE_ID" 5; then
		{ barrier go && barrier commit; } || finish_before
		migrate_settled || unsettled
		[[ -z $INTERRUPTED ]] || record_ok
		finish 0 already-live
	fi
	if cancelled; then finish_before; fi
	CAUSE=''
}

# One target: start where it is not running yet, then switch, restart, verify.
attempt() {
	SLOT_TO=''
	if [[ $MODE == blue-green ]]; then
		attempt_slot || return 1
	fi
	if [[ $PHASE == before ]]; then
		barrier go || return 1
		if ! intent_write "$LIVE" "$RELEASE_ID"; then emit note intent -- 'the disk is full: a kill in the next seconds would leave no trace'; fi
		PHASE=after
	else
		intent_write "$LIVE" "$RELEASE_ID" || :
	fi
	go_live "$RELEASE_ID" "$SLOT_TO" '' && barrier commit
}

# The colour for it: the one that has it already (live or warm), else the idle one.
attempt_slot() {
	local live
	traffic_get
	live=$REPLY
	slot_release "${live:-green}"
	if [[ -n $live && $REPLY == "$RELEASE_ID" ]]; then
		SLOT_TO=$live
		slot_is_warm "$RELEASE_ID" "$live" && return 0
	else
		other_slot "$live"
		SLOT_TO=$REPLY
		if slot_is_warm "$RELEASE_ID" "$SLOT_TO"; then
			emit note start "slot=$SLOT_TO" warm=yes -- 'it still runs'
			return 0
		fi
	fi
	slot_start "$RELEASE_ID" "$SLOT_TO" && slot_smoke "$RELEASE_ID" "$SLOT_TO"
}

# With --cascade: the next one further back.
next_older() {
	mark_bad "$RELEASE_ID" "not healthy after a rollback to it ($RUN)"
	releases_load
	default_target "$RELEASE_ID" || return 1
	emit note select "release=$REPLY" -- "$RELEASE_ID is not healthy: one further back"
	RELEASE_ID=$REPLY
	CAUSE=''
}
