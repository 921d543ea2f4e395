#!/usr/bin/env bats
# A migration that is killed, stopped, or takes too long, on a real PostgreSQL: see migrating.bash.

load migrating

setup_file() { begin_file dbmate; }
teardown_file() { end_file; }
setup() { [ -n "$postgres_bin" ] || skip 'PostgreSQL is not installed here'; }
teardown() { [ -z "$postgres_bin" ] || stop_applications; }

# A migration that sleeps in its middle, until there is a table `go`.
sleeping() { migration 20260103_drafts 'create table drafts (id int); do $$ begin while not exists (select from pg_class where relname = $q$go$q$) loop perform pg_sleep(0.05); end loop; end $$;'; }
is_asleep() { [ "$(ask "select count(*) from pg_stat_activity where datname = '$PGDATABASE' and query like '%pg_sleep(0.05)%' and state = 'active' and pid <> pg_backend_pid()")" -ge 1 ]; }
nobody_works() { none is_asleep; }

# Deploys in the background until it sleeps.
deploy_asleep() { # RUN
	commit
	deploy_in_background --env staging --sha "$SHA" --run "$1"
	wait_until is_asleep
}

ended() { # EXIT
	ends_in_background "$1"
	status=$1 output=$(cat "$out")
}

@test "kill -9 of psql, and of the adapter with all that it has started" {
	begin dbmate
	sleeping
	deploy_asleep r3
	kill -KILL "$(cat "$MIGRATOR_LOG.pid")"
	ended 10
	untouched
	deploy_asleep r4
	# The session of the adapter: psql's group leader.
	kill -KILL -- "-$(ps -o pgid= -p "$(cat "$MIGRATOR_LOG.pid")" | tr -d ' ')"
	ended 10
	untouched
	[ -z "$(called)" ]
}

@test "an up that takes too long, and one that is stopped, have changed nothing" {
	begin dbmate
	sleeping
	# Enough for the other calls, however busy this machine is.
	SECONDS=0
	(cd "$root/current" && for _ in 1 2 3 4 5 6; do sh ./adapter position; done) >/dev/null
	conf_migrating STEP_TIMEOUT=$((SECONDS + 4))
	commit
	run deploy --env staging --sha "$SHA"
	untouched
	[[ $output == *'cause=timeout'* ]]
	conf_migrating
	deploy_asleep r4
	run deploy --env staging --cancel r4
	ended 12
	untouched 12
	[ -z "$(called)" ]
}

agent_dies() { # RUN
	local pid
	read -r pid _ <"$root/.deployctl/runs/$1/pid"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || :
}

@test "kill -9 of the run within up: the next one is told, asks the database, and undoes nothing" {
	begin dbmate
	sleeping
	deploy_asleep r3
	agent_dies r3
	# The migration is still at work, and holds the lock.
	run rollback --env staging
	ends_with 11
	kill -KILL -- "-$(ps -o pgid= -p "$(cat "$MIGRATOR_LOG.pid")" | tr -d ' ')"
	wait_until nobody_works
	wait_until interrupted_is r3
	run rollback --env staging
	ends_with 0 "result=already-live live=$second"
	untouched 0
	[[ $(history_of unmigrated) == *"run=r3 position=$position"* ]]
	[ -z "$(called)" ]
}

@test "kill -9 of the run, and up ends by itself: a rollback stays and says so, a deployment goes on from there" {
	begin dbmate
	sleeping
	deploy_asleep r3
	agent_dies r3
	ask 'create table go ()'
	wait_until nobody_works
	wait_until interrupted_is r3
	run rollback --env staging
	ends_with 30 "result=unsettled live=$second cause=migration before=$position position=3-20260103_drafts.sql"
	[[ $output != *'begin restart'* && $output != *'begin switch'* ]]
	rows_kept
	run rollback --env staging
	ends_with 30 result=unsettled
	table 20260104_notes; commit
	run deploy --env staging --sha "$SHA"
	ends_with 0 result=deployed
	[[ $output == *"note migrate run=r3 before=$position position=3-20260103_drafts.sql"* ]]
	[ "$(tables)" = 'drafts go notes orders schema_migrations users' ]
	rows_kept
	[ -z "$(called)" ]
	interrupted_is none
}

