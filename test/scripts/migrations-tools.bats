#!/usr/bin/env bats
# A failed migration loses nothing, whatever the tool is like: see migrations.bats.

load migrating

setup_file() { begin_file knex bare; }
teardown_file() { end_file; }
setup() { [ -n "$postgres_bin" ] || skip 'PostgreSQL is not installed here'; }
teardown() { [ -z "$postgres_bin" ] || stop_applications; }

@test "the same with knex, whose rollback takes back what was applied together" {
	begin knex
	failing; commit
	run deploy --env staging --sha "$SHA"
	untouched
	[ -z "$(called)" ]
	rm "$repo/db/migrations/"*_drafts.sql
	table 20260103_notes; table 20260104_tags; migration 20260105_bad 'select no_such_function();'; commit
	run deploy --env staging --sha "$SHA"
	untouched
	[ "$(called)" = "migrate:down 20260104_tags.sql
migrate:down 20260103_notes.sql" ]
}

@test "no transactions: a half stays, which no position shows, and a person has to look" {
	begin bare
	failing; commit
	run deploy --env staging --sha "$SHA" --run r3
	for_a_person "the database stands at $position, before it stood at $position"
	[ "$(tables)" = 'drafts orders schema_migrations users' ]
	# Whoever has looked says so; or goes on from there.
	run rollback --env staging
	ends_with 0 "result=already-live live=$second"
	interrupted_is none
	migration 20260103_drafts 'create table if not exists drafts (id int);'; commit
	run deploy --env staging --sha "$SHA"
	ends_with 0 result=deployed
	rows_kept
}
