#!/usr/bin/env bats
# The step `migrate` by itself: what counts as a position, and that no failure of whatever kind loses a table of the live release.
# DEPLOYCTL_MODEL=N: N runs by chance; DEPLOYCTL_SEED: the seed of one that failed.

load helpers
load migrate-model

# What it answers, and the cause that a run would name. Bats looks at every command that fails, which is what these are about.
asked() { # position_ask|position_settles ARGUMENT...
	(
		trap - ERR DEBUG EXIT
		set +eET
		"$@"
		echo "$MIGRATE_NOW/$CAUSE"
	)
}

@test "a position is exit 0 and exactly one line position=WORD, whatever else is said; all else is not known" {
	model_load
	answers() { # ANSWER EXPECTED
		MIGRATE_CMD="verb() { $1; }; verb"
		[ "$(asked position_ask "$RELEASE_ID")" = "$2/" ] || { echo "$1: $(asked position_ask "$RELEASE_ID") instead of $2"; return 1; }
	}
	answers 'echo position=2-20260102_orders.sql' 2-20260102_orders.sql
	answers 'echo Using environment: production; echo position=20260102; echo position >&2' 20260102
	answers 'echo position=0-' 0-
	for nonsense in 'echo usage: check, up, down' 'echo 20260102' : 'echo position=' 'echo position=a b' 'echo "position= a"' 'echo position=-x' 'echo " position=a"' \
		'echo position=a; echo position=a' 'echo position=a; echo position=b' 'echo position=a; exit 1' 'echo position=a; exit 64' 'exit 64' \
		"echo position=$(printf 'x%.0s' {1..130})" 'printf "position=a\r\n"' 'printf "position=\033[1m3\n"' 'printf "%70000s\n" x; echo position=a' 'yes position=a'; do
		answers "$nonsense" ''
	done
	MIGRATE_POSITION=no
	answers 'echo position=a' ''
}

@test "a position that never comes is waited for no longer than a step may take" {
	model_load
	MIGRATE_CMD='verb() { sleep 600; echo position=a; }; verb' STEP_TIMEOUT=1
	[ "$(asked position_ask "$RELEASE_ID")" = / ]
}

@test "after a kill a position counts when it has not moved since; before, one answer is enough" {
	model_load
	count=$BATS_TEST_TMPDIR/count
	MIGRATE_CMD="verb() { echo >>$count; echo position=\$(wc -l <$count); }; verb"
	[ "$(asked position_settles "$RELEASE_ID" 137)" = / ]
	[ "$(asked position_settles "$RELEASE_ID" 1)" = 4/ ]
	MIGRATE_CMD="verb() { echo >>$count; [ \$(wc -l <$count) -gt 5 ] || exit 1; echo position=still; }; verb"
	[ "$(asked position_settles "$RELEASE_ID" 137)" = still/ ]
}

@test "whatever up, down, position and people do: no table of the live release is lost, and untouched is untouched" {
	model_load
	model_processes
	seed=${DEPLOYCTL_SEED:-$SRANDOM}
	RANDOM=$seed
	tens=0 thirties=0 downs=0
	for ((number = 0; number < ${DEPLOYCTL_MODEL:-25}; number++)); do
		model_run
		model_holds || { echo "DEPLOYCTL_SEED=$seed, run $number: $told"; cat "$log" "$BATS_TEST_TMPDIR/said"; return 1; }
		case $code in 10) tens=$((tens + 1)) ;; 30) thirties=$((thirties + 1)) ;; esac
		! grep -q down "$log" || downs=$((downs + 1))
	done
	# All of it has happened; of few runs not all has to.
	[ "$tens" -gt 0 ]
	[ "$thirties" -gt 0 ]
	[ "$downs" -gt 0 ] || [ "$number" -lt 100 ]
}
