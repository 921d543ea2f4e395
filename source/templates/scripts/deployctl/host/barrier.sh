# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Several hosts go together: each waits before the switch until all are ready (`go`), and after it until all are well (`commit`, or
# `undo`). The word is a file in the run's directory. A word that never comes does not hold a host for ever.

barrier() { # go|commit
	[[ $BARRIER == yes ]] || return 0
	local until
	emit note waiting "for=$1"
	clock_us
	# Long enough for the slowest step of another host.
	until=$((REPLY + (STEP_TIMEOUT > 150 ? 2 * STEP_TIMEOUT : 300) * 1000000))
	while [[ ! -e $RUN_DIR/$1 ]]; do
		if cancelled; then CAUSE=cancelled; return 1; fi
		if [[ $1 == commit && -e $RUN_DIR/undo ]]; then
			CAUSE=other-host
			return 1
		fi
		clock_us
		if ((REPLY > until)); then
			[[ $1 == commit ]] || { CAUSE=barrier; return 1; }
			emit note barrier kept=yes -- 'nobody said how the other hosts fared: the release stays, it is validated here'
			return 0
		fi
		nap 0.1
	done
	[[ $1 != go || $ACTION != deploy ]] || barrier_kind
}

# Whether the first host has migrated, and how, belongs to the release on every host.
barrier_kind() {
	local kind=''
	read -r kind <"$RUN_DIR/go" || :
	is_in "${kind:--}" 'none compatible incompatible unknown' || return 0
	[[ $MIGRATE_HERE != no ]] || MIGRATED=$kind
	history_add migrated "$kind" "$RELEASE_ID" "run=$RUN" || :
	migrate_remember "$RELEASE_ID" "$kind"
}
