# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# A deployment on one host. Until the intent is written nothing that is live has been touched; from then on every end is validated,
# either on the new release or back on the one before.

deploying() {
	take_lock
	preflight || finish_before
	releases_load
	remember_previous
	already_live
	if is_bad "$RELEASE_ID"; then
		CAUSE=bad
		finish 10 refused cause=bad -- "$RELEASE_ID is marked bad: $(head -c 300 "$STATE/releases/$RELEASE_ID.bad")"
	fi
	prepare "$RELEASE_ID" || finish_before
	[[ -z $MIGRATE_CMD ]] || barrier go || finish_before
	migrate "$RELEASE_ID" || finish_before
	SLOT_TO=''
	if [[ $MODE == blue-green ]]; then
		other_slot "$SLOT_FROM"
		SLOT_TO=$REPLY
		{ slot_start "$RELEASE_ID" "$SLOT_TO" && slot_smoke "$RELEASE_ID" "$SLOT_TO"; } || finish_before
	fi
	[[ -n $MIGRATE_CMD ]] || barrier go || finish_before
	if ! intent_write "$PREVIOUS" "$RELEASE_ID"; then CAUSE=disk; finish_before; fi
	PHASE=after
	if go_live "$RELEASE_ID" "$SLOT_TO" '' && barrier commit; then
		PHASE=over
		record_ok
		[[ $MODE != blue-green || $WARM == yes || -z $SLOT_FROM ]] || slot_retire "$SLOT_FROM"
		prune
		finish 0 deployed
	fi
	if [[ $MIGRATED == incompatible ]]; then stuck migration 'its migration cannot be undone: the release before would not work'; fi
	undo
}

# What is live, and where an automatic return goes to: after an interrupted run to what was validated before it.
remember_previous() {
	live_release
	PREVIOUS=$REPLY
	SLOT_FROM=''
	if [[ $MODE == blue-green ]]; then
		traffic_get
		SLOT_FROM=$REPLY
	fi
	[[ -n $INTERRUPTED ]] || return 0
	repair_target
	if [[ -n $REPLY || -n $REPAIR_BLOCKED ]]; then PREVIOUS=$REPLY; fi
}

# The same release again is not deployed twice; but it is asked whether it is well.
already_live() {
	live_release
	[[ -n $RELEASE_ID && $REPLY == "$RELEASE_ID" && -z $INTERRUPTED ]] || return 0
	# The database may have been moved since, by hand or by a backup: `up` does nothing where nothing is missing.
	[[ -z $MIGRATE_CMD ]] || migrate "$RELEASE_ID" || finish_before
	intent_clear
	if verify verify "$RELEASE_ID" 5; then
		finish 0 already-live
	fi
	if cancelled; then finish 12 cancelled cause=cancelled; fi
	finish 10 failed-before-switch cause=unhealthy -- 'this release is live already, and not healthy: roll back, or deploy another'
}

# Switch, restart, verify; with the suffix `-back` on the way back.
go_live() { # RELEASE SLOT SUFFIX
	switch_to "switch$3" "$1" "$2" || return 1
	if [[ $MODE == restart ]]; then restart_app "restart$3" "$1" || return 1; fi
	verify "verify$3" "$1"
}

# The end of a run that has not switched.
finish_before() {
	local cause=${CAUSE:-failed} code=10 result=failed-before-switch
	if cancelled; then code=12 result=cancelled cause=cancelled; fi
	PHASE=undo
	forget_upload
	if [[ -n ${SLOT_TO:-} ]]; then slot_stop "$SLOT_TO"; fi
	if [[ $ACTION == deploy && ($cause == health || $cause == start) ]]; then mark_bad "$RELEASE_ID" "its health failed before it got traffic ($RUN)"; fi
	migrate_undo "$RELEASE_ID" || unsettled
	[[ -z $RELEASE_ID ]] || history_add failed "$ACTION" "$RELEASE_ID" "run=$RUN cause=$cause" || :
	intent_clear
	finish "$code" "$result" "cause=$cause"
}

# Back to the release before, validated like any other.
undo() {
	local cause=${CAUSE:-failed} slot=$SLOT_FROM
	if cancelled; then cause=cancelled; fi
	PHASE=undo
	step_begin rollback "to=${PREVIOUS:--}" "cause=$cause"
	[[ $cause == cancelled || $cause == disk ]] || mark_bad "$RELEASE_ID" "$ACTION failed: $cause ($RUN)"
	if [[ -z $PREVIOUS ]]; then
		step_fail rollback no-target -- 'there is no release to go back to'
		stuck "$cause" 'there was no release to go back to'
	fi
	if [[ -n $slot ]]; then
		slot_is_warm "$PREVIOUS" "$slot" || { slot_start "$PREVIOUS" "$slot" && slot_smoke "$PREVIOUS" "$slot"; } ||
			stuck "$cause" "$PREVIOUS could not be started again"
	fi
	if ! go_live "$PREVIOUS" "$slot" -back; then stuck "$cause" "$PREVIOUS is not healthy either"; fi
	[[ -z $SLOT_TO || $SLOT_TO == "$slot" ]] || slot_retire "$SLOT_TO"
	verdict returned "to=$PREVIOUS cause=$cause"
	finish 20 rolled-back "cause=$cause"
}

# Neither here nor there: for a human.
stuck() { # CAUSE TEXT
	verdict failed "cause=$1"
	finish 30 rollback-failed "cause=$1" -- "$2"
}

mark_bad() { # ID WHY
	[[ -n $1 ]] || return 0
	utc_now
	write_whole "$STATE/releases/$1.bad" "since $REPLY: $2" || :
}

# Verdict first, then the intent goes: killed in between, the history decides.
verdict() { # KIND key=value...
	history_add "$1" "$ACTION" "$RELEASE_ID" "run=$RUN $2" || emit note history -- 'the disk is full: the verdict could not be recorded'
	rm -f "$STATE/intent"
}

record_ok() {
	local health=checked
	[[ $UNPROVEN == no ]] || health=unproven
	[[ $UNCHECKED == no ]] || health=unchecked
	verdict ok "health=$health from=${PREVIOUS:--}"
}

# A colour that has lost its traffic: requests that were on their way get GRACE seconds before TERM.
slot_retire() {
	nap "$GRACE"
	slot_stop "$1"
}
