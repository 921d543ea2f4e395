# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Step `migrate`: MIGRATE_CMD check, then up. Of several hosts only the first does it.
#
# `check` may print `migration=none|compatible|incompatible`; otherwise MIGRATE_KIND counts. The release before can live with a
# compatible migration, so that one stays when the release goes. With an incompatible one there is no automatic way back after the
# switch; before it, `down` undoes it.

MIGRATED='' # the kind that has been applied by this run

migrate() { # ID
	[[ -n $MIGRATE_CMD && $MIGRATE_HERE != no ]] || return 0
	local id=$1 kind
	step_begin migrate
	release_value "$id" migrated
	if [[ $REPLY == yes ]]; then
		step_ok migrate -- 'applied by an earlier run'
		return
	fi
	export_release "$id" "$RELEASES/$id"
	if ! migrate_call "$id" check; then
		step_fail migrate "${CAUSE:-migration}" -- 'MIGRATE_CMD check refuses: nothing was changed'
		return 1
	fi
	kind=$(tail -c 65536 "$OUTPUT" | grep -oE '^migration=(none|compatible|incompatible)$' | tail -n 1)
	kind=${kind#*=}
	kind=${kind:-${MIGRATE_KIND:-unknown}}
	[[ $kind != incompatible ]] || emit note migrate kind=incompatible -- 'after the switch there is no automatic way back'
	history_add migrated "$kind" "$id" "run=$RUN" || { step_fail migrate disk -- 'the history cannot be written'; return 1; }
	if ! migrate_call "$id" up; then
		step_fail migrate "${CAUSE:-migration}" -- 'MIGRATE_CMD up failed'
		MIGRATED=failed
		return 1
	fi
	MIGRATED=$kind
	migrate_remember "$id" "$kind"
	if cancelled; then step_fail migrate cancelled; return 1; fi
	step_ok migrate "kind=$kind"
}

# A database half way is worse than a lock that is held for longer: the lock stays with it even if this script is killed.
migrate_call() { # ID check|up|down
	printf '\n' >>"$OUTPUT" 2>/dev/null || :
	run_command locked "$RELEASES/$1" bash -c "$MIGRATE_CMD $2"
}

migrate_remember() { # ID KIND
	sha_of "$1"
	local sha=$REPLY
	release_value "$1" completed
	write_whole "$STATE/releases/$1.complete" "sha=$sha migration=$2 migrated=yes completed=${REPLY:--}" || :
}

# Before the switch, when the run gives up. 1: the database could not be brought back, and the live release may not work with it.
migrate_undo() { # ID
	[[ $MIGRATED == failed || $MIGRATED == incompatible ]] || return 0
	local cause=$CAUSE
	step_begin migrate-back
	export_release "$1" "$RELEASES/$1"
	# Not to be cancelled any more.
	PHASE=undo
	if ! migrate_call "$1" down; then
		step_fail migrate-back migration -- 'MIGRATE_CMD down failed: look at the database'
		return 1
	fi
	CAUSE=$cause
	migrate_forget "$1"
	step_ok migrate-back
}

migrate_forget() { # ID
	sha_of "$1"
	local sha=$REPLY
	release_value "$1" migration
	write_whole "$STATE/releases/$1.complete" "sha=$sha migration=$REPLY" || :
	history_add unmigrated - "$1" "run=$RUN" || :
}
