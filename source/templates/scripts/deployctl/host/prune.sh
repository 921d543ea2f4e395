# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Step `prune`: the newest KEEP healthy releases stay; so do, whatever their age, the live one, both colours and the first candidate.
# It only warns: a release that is live is not failed for a directory that could not be deleted.

prune() {
	# What a target is refused for is nothing that this run fails by.
	local id live kept=0 bad=0 removed=0 CAUSE=''
	declare -A protected=()
	step_begin prune "keep=$KEEP"
	releases_load
	live_release
	live=$REPLY
	protected[${live:--}]=yes
	slot_release blue
	protected[${REPLY:--}]=yes
	slot_release green
	protected[${REPLY:--}]=yes
	default_target "$live" || :
	protected[${REPLY:--}]=yes
	for id in "${RELEASE_IDS[@]}"; do
		if is_complete "$id" && ! is_bad "$id" && [[ -n ${LAST_OK[$id]:-} ]]; then
			if ((kept < KEEP)) || [[ -n ${protected[$id]:-} ]]; then kept=$((kept + 1)); continue; fi
		elif [[ -n ${protected[$id]:-} ]]; then
			continue
		elif is_complete "$id" && ((bad < 2)); then
			# The last failures, to look into; or what has been prepared and never switched to.
			bad=$((bad + 1))
			continue
		fi
		if remove_release "$id"; then removed=$((removed + 1)); else emit note prune "release=$id" -- 'could not be deleted'; fi
	done
	prune_leftovers
	step_ok prune "kept=$kept" "removed=$removed"
}

# The marker goes first: what is half deleted is no release any more.
remove_release() { # ID
	rm -f "$STATE/releases/$1.complete" && rm -rf "${RELEASES:?}/$1" && rm -f "$STATE/releases/$1.bad"
} 2>>"$OUTPUT"

# Uploads are not under the lock: only those of yesterday are dead for sure. Of runs the last fifty stay.
prune_leftovers() {
	! compgen -G "$RELEASES/.incoming-*" >/dev/null || find "$RELEASES" -mindepth 1 -maxdepth 1 -name '.incoming-*' -mmin +1440 -exec rm -rf {} +
	! compgen -G "$STATE/bin/*" >/dev/null || find "$STATE/bin" -type f -mtime +30 -delete
	local run runs=("$STATE"/runs/*/)
	((${#runs[@]} > 50)) || return 0
	while read -r run; do
		[[ $run == "$RUN_DIR/" ]] || is_recorded_alive "$run/pid" || rm -rf "$run"
	done < <(find "$STATE/runs" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p/\n' | sort -rn | tail -n +51 | cut -d ' ' -f 2-)
} 2>/dev/null
