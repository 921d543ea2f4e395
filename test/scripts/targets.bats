#!/usr/bin/env bats
# Where a rollback goes, and where it does not: by what was validated, never by names, times or what lies around.

load helpers

setup_file() { start_answering; }
teardown_file() { stop_answering; }
setup() { make_repository 5 5:health=503; conf_quick; }

# Releases A, B, C, deployed one after the other; C is live.
abc() {
	deployed staging "$c1" --release "20250101000001-${c1:0:12}"; A=$REPLY
	deployed staging "$c2" --release "20250101000002-${c2:0:12}"; B=$REPLY
	deployed staging "$c3" --release "20250101000003-${c3:0:12}"; C=$REPLY
}

# The default of --list, and what rollback.sh does, are the same.
goes_to() { # ID
	[[ $(rollback --env staging --list | grep default=yes) == *"id=$1 "* ]] || { rollback --env staging --list; return 1; }
	run rollback --env staging
	ends_with 0 "live=$1"
	[ "$(live)" = "$1" ]
}

nowhere() { # CAUSE
	none grep default=yes <<<"$(rollback --env staging --list)"
	before=$(live)
	run rollback --env staging
	ends_with 10 "cause=$1"
	[ "$(live)" = "$before" ]
}

@test "clean: to the one before" { abc; goes_to "$B"; }

@test "a second rollback goes further back, never forth; then there is none" {
	abc
	goes_to "$B"
	goes_to "$A"
	nowhere no-candidate
	[[ $(list_line "$C") == *'bad=yes candidate=no'*'rolled back from it'* ]]
}

@test "after a deployment that failed and returned" {
	abc
	run deploy --env staging --sha "$c5"
	ends_with 20 "live=$C"
	goes_to "$B"
}

@test "an upload that broke is none" {
	abc
	mkdir -p "$root/releases/20250101000002-aaaaaaa" "$root/releases/.incoming-x"
	goes_to "$B"
}

@test "who touched a directory changed nothing" {
	abc
	touch "$root/releases/$A"
	goes_to "$B"
}

@test "the times of sources say nothing" {
	abc
	touch -d 2001-01-01 "$root/releases/$C" "$root/releases/$B"
	goes_to "$B"
}

@test "what is no release is left alone" {
	abc
	mkdir -p "$root/releases/lost+found" "$root/releases/zzz"
	goes_to "$B"
	[ -d "$root/releases/lost+found" ]
	[ -d "$root/releases/zzz" ]
	none grep -E 'lost|zzz' <<<"$(rollback --env staging --list)"
}

@test "pruning keeps what is live and the first candidate, however old" {
	abc
	run rollback --env staging --to "$A"
	ends_with 0 "live=$A"
	conf_quick KEEP=1
	deployed staging "$c4" --release "20250101000004-${c4:0:12}"
	[ -d "$root/releases/$REPLY" ]
	[ -d "$root/releases/$A" ]
	goes_to "$A"
}

@test "pruning keeps the newest that were healthy; failed ones do not count" {
	conf_quick KEEP=2
	abc
	[ "$(ls "$root/releases")" = "$B
$C" ]
	run deploy --env staging --sha "$c5"
	ends_with 20
	deployed staging "$c4"
	D=$REPLY
	[ -d "$root/releases/$C" ]
	[ -d "$root/releases/$D" ]
	[ ! -e "$root/releases/$B" ]
	run rollback --env staging --to "$B"
	ends_with 10 'result=no-such-release'
	[[ $output == *cause=pruned* ]]
}

@test "an old release deployed again: back to what was before it" {
	abc
	deployed staging "$c1"
	[ "$REPLY" = "$A" ]
	goes_to "$C"
}

@test "--to: by id and by commit; not to what is incomplete, foreign, or was never live" {
	abc
	run rollback --env staging --to "20250101000009-abcdef0"
	ends_with 10 cause=pruned
	run rollback --env staging --to abcdef0123
	ends_with 10 cause=no-such-release
	rm "$root/.deployctl/releases/$B.complete"
	run rollback --env staging --to "$B"
	ends_with 10 cause=incomplete
	run rollback --env staging --to "$B" --force
	ends_with 10 cause=incomplete
	[ "$(live)" = "$C" ]
	run rollback staging "${c1:0:8}"
	ends_with 0 "live=$A"
}

@test "--to a bad one needs --force, and then it is not bad any more" {
	abc
	goes_to "$B"
	run rollback --env staging --to "$C"
	ends_with 10 cause=bad
	run rollback --env staging --to "$C" --force
	ends_with 0 "live=$C"
	[[ $(list_line "$C") == *bad=no* ]]
	[[ $(list_line "$B") == *bad=yes* ]]
	goes_to "$A"
}

@test "--to what is live: it is asked, and restarted when it is not well" {
	conf_quick RESTART=command 'RESTART_CMD=rm -f behaviour'
	abc
	run rollback --env staging --to "$C"
	ends_with 0 'result=already-live'
	echo health=500 >"$root/current/behaviour"
	run rollback --env staging --to "$C"
	ends_with 0 "result=rolled-back live=$C"
	[[ $(list_line "$C") == *bad=no* ]]
}

@test "current that points nowhere, or is gone, is put right" {
	abc
	ln -sfn releases/20250101000007-abcdef0 "$root/current"
	[[ $(rollback --env staging --status) == *live=-* ]]
	goes_to "$C"
	rm "$root/current"
	run rollback --env staging
	ends_with 0
	current_is_whole
}

@test "over a migration that cannot be undone there is no way back, unless somebody has taken care of it" {
	# shellcheck disable=SC2016
	migrating=('MIGRATE_CMD=echo migration=$(cat kind 2>/dev/null || echo compatible); echo >>../../migrate-log')
	conf_quick "${migrating[@]}"
	deployed staging "$c1"
	A=$REPLY
	deployed staging "$c2"
	B=$REPLY
	conf_quick "${migrating[@]}" 'PREPARE_CMD=echo incompatible >kind'
	run deploy --env staging --sha "$c3"
	ends_with 0
	[[ $output == *'note migrate kind=incompatible'* ]]
	[[ $(list_line "$(live)") == *migration=incompatible* ]]
	[[ $(list_line "$B") == *'candidate=no migration=compatible'*'cannot be undone'* ]]
	nowhere migration
	run rollback --env staging --to "$A"
	ends_with 10 cause=migration
	run rollback --env staging --to "$A" --force
	ends_with 10 cause=migration
	run rollback --env staging --force-migration
	ends_with 0 "live=$B"
	# What is healthy with the database as it is now may be gone back to.
	deployed staging "$c4"
	nowhere migration
}

@test "a migration: check that refuses changes nothing, up that fails is for a person, an incompatible one forbids the automatic return" {
	deployed staging "$c1"
	first=$REPLY
	log=$root/migrate-log
	# shellcheck disable=SC2016
	step='MIGRATE_CMD=migrate() { echo "$1" >>../../migrate-log; [ "$1" != FAIL ]; }; migrate'
	conf_quick "${step/FAIL/check}"
	run deploy --env staging --sha "$c2"
	ends_with 10 cause=migration
	[ "$(cat "$log")" = check ]
	rm "$log"
	conf_quick "${step/FAIL/up}"
	run deploy --env staging --sha "$c2"
	ends_with 30 "result=unsettled live=$first cause=migration"
	[ "$(cat "$log")" = "check
up" ]
	[[ $(rollback --env staging --status) != *interrupted=none* ]]
	conf_quick "$step" MIGRATE_KIND=compatible
	run deploy --env staging --sha "$c5"
	ends_with 20 "live=$first"
	conf_quick "$step" MIGRATE_KIND=incompatible
	run deploy --env staging --sha "$c5"
	ends_with 30 cause=migration
	[[ $output == *'cannot be undone'* ]]
}

@test "a migration that was undone frees no way over another one, nor over the same one of another run" {
	abc
	history=$root/.deployctl/history
	at=2026-01-01T00:00:00Z
	sed -i "/ ok deploy $B /i $at migrated incompatible $B run=b" "$history"
	printf '%s\n' "$at migrated incompatible $C run=x" "$at unmigrated - $C run=x" >>"$history"
	[[ $(list_line "$B") == *candidate=yes* ]]
	[[ $(list_line "$A") == *candidate=no*"the migration of $B cannot be undone"* ]]
	printf '%s\n' "$at migrated incompatible $B run=y" "$at unmigrated - $B run=y" >>"$history"
	[[ $(list_line "$A") == *candidate=no*"the migration of $B cannot be undone"* ]]
	printf '%s\n' "$at unmigrated - $B run=b" >>"$history"
	[[ $(list_line "$A") == *candidate=yes* ]]
}

@test "an interrupted deployment does not go back over a migration that cannot be undone" {
	abc
	echo "run=dead kind=deploy from=$B to=$C at=2025-01-01T00:00:00Z" >"$root/.deployctl/intent"
	echo "2026-01-01T00:00:00Z migrated incompatible $C run=dead" >>"$root/.deployctl/history"
	[[ $(rollback --env staging --list) != *default=yes* ]]
	run rollback --env staging
	ends_with 10 cause=migration
	[ "$(live)" = "$C" ]
	run rollback --env staging --force-migration
	ends_with 0 "live=$B"
}

@test "killed before the switch: a rollback stays where it is, and asks a person unless the migration is whole and may stay" {
	abc
	interrupted() { echo "run=dead kind=migrate from=$C to=$A before=- at=2025-01-01T00:00:00Z$1" >"$root/.deployctl/intent"; }
	interrupted ''
	[[ $(list_line "$C") == *default=yes* ]]
	run rollback --env staging
	ends_with 30 "result=unsettled live=$C cause=migration"
	[[ $output != *'begin switch'* ]]
	interrupted ' whole=incompatible'
	run rollback --env staging
	ends_with 30 "result=unsettled live=$C cause=migration"
	run rollback --env staging --force-migration
	ends_with 0 "result=already-live live=$C"
	interrupted ' whole=compatible'
	run rollback --env staging
	ends_with 0 "result=already-live live=$C"
	[[ $(rollback --env staging --status) == *interrupted=none* ]]
	goes_to "$B"
}

@test "an interrupted deployment goes back to where it came from; an interrupted rollback is completed" {
	abc
	intent() { echo "run=dead kind=$1 from=$2 to=$3 at=2025-01-01T00:00:00Z" >"$root/.deployctl/intent"; }
	intent deploy "$B" "$C"
	[[ $(rollback --env staging --status) == *interrupted=dead* ]]
	goes_to "$B"
	[[ $(list_line "$C") == *bad=no* ]]
	[[ $(rollback --env staging --status) == *interrupted=none* ]]
	deployed staging "$c3"
	intent rollback "$C" "$B"
	goes_to "$B"
	[[ $(list_line "$C") == *bad=yes* ]]
	# A new deployment clears it too, and would return to what was validated before.
	intent deploy "$A" "$B"
	run deploy --env staging --sha "$c5"
	ends_with 20 "live=$A"
	[[ $(rollback --env staging --status) == *interrupted=none* ]]
}

@test "the runbook: by hand, with the commands that stand there, and the scripts know where they are afterwards" {
	abc
	echo "run=dead kind=deploy from=$B to=$C at=2025-01-01T00:00:00Z" >"$root/.deployctl/intent"
	book=$(sed -n '/^   Restart mode:/,/^   Blue-green/p; /^   .mv. needs/,/^6/p' "$BATS_TEST_DIRNAME/../../docs/scripts.md")
	commands=$(grep -E '^   (ln -s|echo|rm -f)' <<<"$book")
	[ "$(wc -l <<<"$commands")" -eq 3 ]
	(cd "$root" && ID=$B bash -euc "$commands")
	[ "$(live)" = "$B" ]
	[[ $(rollback --env staging --status) == *"live=$B"*interrupted=none* ]]
	goes_to "$A"
}
