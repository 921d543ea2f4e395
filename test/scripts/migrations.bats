#!/usr/bin/env bats
# A failed migration loses nothing, on a real PostgreSQL: whatever becomes of release 3, the rows of the older tables are all there,
# the run says what is true, and the history blames the right release.

load migrating

setup_file() { begin_file dbmate; }
teardown_file() { end_file; }
setup() { [ -n "$postgres_bin" ] || skip 'PostgreSQL is not installed here'; }
teardown() { [ -z "$postgres_bin" ] || stop_applications; }

@test "up fails with nothing applied: nothing is undone, and the history blames nobody else" {
	begin dbmate
	failing; commit
	run deploy --env staging --sha "$SHA" --run r3
	untouched
	[ -z "$(called)" ]
	[[ $output == *"fail migrate"*"cause=migration before=$position position=$position"* && $output != *migrate-back* ]]
	[[ $(history_of unmigrated) == *"unmigrated - $(ls -1 "$root/releases" | tail -n 1) run=r3 position=$position"* ]]
	[ "$(grep -c "migrated .*$second" "$root/.deployctl/history")" -eq 1 ]
	table 20260103_drafts; commit
	run deploy --env staging --sha "$SHA"
	ends_with 0 result=deployed
	[[ $output == *"ok migrate"*"kind=compatible before=$position position=3-20260103_drafts.sql"* ]]
	rows_kept
}

@test "up fails at the second of three: back by name to where it stood, and not one further" {
	begin dbmate
	table 20260103_drafts; migration 20260104_bad 'select no_such_function();'; table 20260105_notes; commit
	run deploy --env staging --sha "$SHA"
	untouched
	[ "$(called)" = rollback ]
	[[ $output == *"begin migrate-back to=$position"*"ok migrate-back"*"position=$position"* ]]
}

@test "adapters of today, without a position: nothing is undone, and it is said what to add" {
	begin dbmate
	conf_quick 'MIGRATE_CMD=sh ./adapter'
	# shellcheck disable=SC2016
	printf 'case $1 in check) dbmate status;; up) dbmate up;; down) dbmate rollback;; esac\n' >"$repo/adapter"
	failing; commit
	run deploy --env staging --sha "$SHA"
	for_a_person 'where the database stands is not known'
	[[ $output == *'note migrate position=unknown'*MIGRATE_POSITION=yes* ]]
	run rollback --env staging
	ends_with 30 "result=unsettled live=$second"
	run rollback --env staging --force-migration
	ends_with 0 "result=already-live live=$second"
	interrupted_is none
	# One that takes every word that it does not know for `down` is never asked one.
	# shellcheck disable=SC2016
	printf 'case $1 in check) dbmate status;; up) dbmate up;; *) dbmate rollback;; esac\n' >"$repo/adapter"
	table 20260103_drafts; commit
	run deploy --env staging --sha "$SHA"
	ends_with 0 result=deployed
	[ -z "$(called)" ]
	rows_kept
}

@test "a position that lies, or a down that does nothing, is found out or harmless" {
	begin dbmate
	table 20260103_drafts; migration 20260104_bad 'select no_such_function();'
	{ printf 'case $1 in down) exit 0;; esac\n'; adapter_of_docs; } >"$repo/adapter"; commit
	run deploy --env staging --sha "$SHA"
	ends_with 30 "result=unsettled live=$second cause=migration before=$position position=3-20260103_drafts.sql"
	[[ $output == *'did not bring it back; the database stands at 3-20260103_drafts.sql, before it stood at 2-20260102_orders.sql'* ]]
	rows_kept
	{ printf 'case $1 in position) echo position=same; exit;; esac\n'; adapter_of_docs; } >"$repo/adapter"; commit
	run deploy --env staging --sha "$SHA"
	ends_with 10
	rows_kept
	[ -z "$(called)" ]
}

@test "the schema was moved by hand: up is called again, whatever was applied by an earlier run" {
	begin dbmate
	live_sha=$(live_sha)
	dbmate_by_hand() { (cd "$root/current" && MIGRATOR_LOG=/dev/null dbmate rollback >/dev/null); }
	dbmate_by_hand
	[ "$(tables)" = 'schema_migrations users' ]
	run deploy --env staging --sha "$live_sha"
	ends_with 0 "result=already-live live=$second"
	rows_kept
	# Of a release that is not live, too.
	table 20260103_drafts; commit
	deployed staging "$SHA"
	run deploy --env staging --sha "$live_sha"
	ends_with 0 "result=deployed live=$second"
	dbmate_by_hand() { (cd "$root/releases/$REPLY" && MIGRATOR_LOG=/dev/null dbmate rollback >/dev/null); }
	dbmate_by_hand
	run deploy --env staging --sha "$SHA"
	ends_with 0 result=deployed
	[ "$(tables)" = 'drafts orders schema_migrations users' ]
	rows_kept
	[ -z "$(called)" ]
}

blue_green() { # START_CMD
	read -r port other_port <<<"$(free_ports 2)"
	conf staging <<-TEXT
		ROOT=$root
		MODE=blue-green
		PORTS=$port,$other_port
		TRAFFIC=symlink
		GRACE=0
		START_CMD=$1
		HEALTH_URL=http://127.0.0.1:{port}/health
		HEALTH_DEADLINE=$(patient 20)
		HEALTH_NEED=1
		STOP_TIMEOUT=1
		MIGRATE_CMD=sh ./adapter
		MIGRATE_POSITION=yes
	TEXT
}

@test "the release fails after its migration: a compatible one stays, an incompatible one goes, one that was moved since is nobody's" {
	begin dbmate
	blue_green "exec $(node_binary) app.mjs"
	run deploy --env staging --sha "$(live_sha)"
	ends_with 0 "live=$second"
	table 20260103_drafts; echo start=fail >"$repo/behaviour"; commit
	run deploy --env staging --sha "$SHA"
	ends_with 10 "live=$second"
	[[ $output == *'note migrate kept=yes kind=compatible position=3-20260103_drafts.sql'* ]]
	rows_kept
	sed -i 's/migration=compatible/migration=incompatible/' "$repo/adapter"
	table 20260104_notes; commit
	run deploy --env staging --sha "$SHA"
	ends_with 10 "live=$second"
	[ "$(called)" = rollback ]
	[ "$(tables)" = 'drafts orders schema_migrations users' ]
	rows_kept
	# By hand, while it starts.
	table 20260105_tags; commit
	blue_green 'MIGRATOR_LOG=/dev/null dbmate rollback; MIGRATOR_LOG=/dev/null dbmate rollback; MIGRATOR_LOG=/dev/null dbmate rollback; exit 1'
	: >"$MIGRATOR_LOG"
	run deploy --env staging --sha "$SHA"
	ends_with 30 "result=unsettled live=$second"
	[[ $output == *'somebody else moved it'* ]]
	[ -z "$(called)" ]
	rows_kept
}

@test "a rollback never calls down: neither over a compatible migration nor over one that was moved by hand" {
	begin dbmate
	first_rows=$(ask 'select count(*) from orders')
	table 20260103_drafts; commit
	deployed staging "$SHA"
	run rollback --env staging
	ends_with 0 "result=rolled-back live=$second"
	[ "$(tables)" = 'drafts orders schema_migrations users' ]
	[ "$(ask 'select count(*) from orders')" = "$first_rows" ]
	table 20260104_notes; commit
	sed -i 's/migration=compatible/migration=incompatible/' "$repo/adapter"; commit
	deployed staging "$SHA"
	run rollback --env staging
	ends_with 10 cause=migration
	(cd "$root/current" && MIGRATOR_LOG=/dev/null dbmate rollback >/dev/null)
	run rollback --env staging
	ends_with 10 cause=migration
	rows_kept
	[ -z "$(called)" ]
}

@test "after the switch over an incompatible migration there is no way back, and nothing is taken back" {
	begin dbmate
	sed -i 's/migration=compatible/migration=incompatible/' "$repo/adapter"
	table 20260103_drafts; echo health=503 >"$repo/behaviour"; commit
	run deploy --env staging --sha "$SHA"
	ends_with 30 cause=migration
	[[ $output == *'cannot be undone'* ]]
	[ "$(tables)" = 'drafts orders schema_migrations users' ]
	rows_kept
	[ -z "$(called)" ]
}
