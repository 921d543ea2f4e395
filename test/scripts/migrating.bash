# shellcheck shell=bash disable=SC2034 # names are shared with the tests
# What the tests of migrations share: releases 1 and 2 have brought a table each, with 1,000 rows, by a tool (migrator.bash) on a real
# PostgreSQL; a test begins with a copy of that.

load helpers
load postgres

# The adapter of docs/scripts.md, for dbmate.
adapter_of_docs() { sed -n '/^# scripts\/migrate.sh, for dbmate/,/^```/p' "$BATS_TEST_DIRNAME/../../docs/scripts.md" | sed '$d'; }

# The same for knex: its three lines in place of those.
adapter_for_knex() {
	local lines
	lines=$(sed -n '/^applied() .*npx knex/,/^```/p' "$BATS_TEST_DIRNAME/../../docs/scripts.md" | sed '$d')
	[ "$(wc -l <<<"$lines")" -eq 3 ]
	adapter_of_docs | sed -e '/^applied()/d; /^back()/d; /^	up)/d; s/dbmate status/npx knex migrate:list/' | lines=$lines awk 'BEGIN { split(ENVIRON["lines"], line, "\n") } { print } NR == 1 { print line[1]; print line[2] } /^case/ { print line[3] }'
}

migration() { # VERSION_NAME UP [DOWN]
	mkdir -p "$repo/db/migrations"
	printf -- '-- migrate:up\n%s\n-- migrate:down\n%s\n' "$2" "${3:-drop table ${1#*_};}" >"$repo/db/migrations/$1.sql"
}

table() { migration "$1" "create table ${1#*_} (id int primary key); insert into ${1#*_} select generate_series(1, 1000);"; }

commit() { # sets SHA
	git -C "$repo" add -A
	git -C "$repo" commit -qm next --allow-empty
	SHA=$(git -C "$repo" rev-parse HEAD)
}

# shellcheck disable=SC2120,SC2119
conf_migrating() { conf_quick 'MIGRATE_CMD=sh ./adapter' MIGRATE_POSITION=yes "$@"; }

begin_file() { # TOOL...
	local tool
	postgres_start
	[ -n "$postgres_bin" ] || return 0
	start_answering
	mkdir "$BATS_FILE_TMPDIR/bin"
	for tool in dbmate npx bare; do ln -s "$BATS_TEST_DIRNAME/migrator.bash" "$BATS_FILE_TMPDIR/bin/$tool"; done
	export PATH=$BATS_FILE_TMPDIR/bin:$PATH
	for tool in "$@"; do base "$tool"; done
}

# Releases 1 and 2, live with a tool: a database, a host directory and a repository that tests begin with.
base() { # TOOL
	local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/base-$1
	mkdir "$BATS_TEST_TMPDIR"
	export PGDATABASE=base_$1
	createdb -T template0 "$PGDATABASE"
	make_repository 1
	case $1 in
		dbmate) adapter_of_docs ;;
		knex) adapter_for_knex ;;
		bare) adapter_of_docs | sed 's/dbmate/bare/; s/migration=compatible/migration=compatible; echo transactional=no/' ;;
	esac >"$repo/adapter"
	conf_migrating
	table 20260101_users; commit
	deployed staging "$SHA"
	table 20260102_orders; commit
	deployed staging "$SHA"
	export PGDATABASE=postgres
}

end_file() {
	postgres_stop
	[ -z "$postgres_bin" ] || stop_answering
}

# begin TOOL: a copy of what that tool has brought live; $second is the live release, $position where the database stands.
begin() {
	repo=$BATS_TEST_TMPDIR/repo root=$BATS_TEST_TMPDIR/root out=$BATS_TEST_TMPDIR/out
	cp -a "$BATS_FILE_TMPDIR/base-$1/repo" "$BATS_FILE_TMPDIR/base-$1/root" "$BATS_TEST_TMPDIR"
	export PGDATABASE=t$BATS_TEST_NUMBER MIGRATOR_LOG=$BATS_TEST_TMPDIR/log
	psql -Xqd postgres -c "create database $PGDATABASE template base_$1"
	conf_migrating
	second=$(live)
	position=2-20260102_orders.sql
}

# What matters: nobody has lost a row.
rows_kept() {
	local said
	said=$(ask "select (select count(*) from users) || ' ' || (select count(*) from orders)" 2>&1)
	[ "$said" = '1000 1000' ] || { echo "rows of users and orders: $said"; return 1; }
}

tables() { ask "select string_agg(tablename, ' ' order by tablename) from pg_tables where schemaname = 'public'"; }
applied() { ask "select string_agg(version, ' ' order by version) from schema_migrations"; }
called() { cut -d ' ' -f 2- "$MIGRATOR_LOG" | grep -E 'rollback|down' || :; }
history_of() { grep -E "$1" "$root/.deployctl/history" | tail -n 1; }
interrupted_is() { [[ $(rollback --env staging --status) == *"interrupted=$1 "* ]] || { rollback --env staging --status; return 1; }; }

# The run was told as untouched, and it is.
untouched() { # [EXIT]
	ends_with "${1:-10}" "live=$second"
	rows_kept
	[ "$(tables)" = 'orders schema_migrations users' ]
	[ "$(applied)" = '20260101_users.sql 20260102_orders.sql' ]
	interrupted_is none
}

# It was told as a matter for a person, in words, and nobody has undone anything.
for_a_person() { # PATTERN
	ends_with 30 "result=unsettled live=$second cause=migration"
	[[ $output == *' end '*"$1"* ]] || { echo "no words $1"; return 1; }
	rows_kept
	[ -z "$(called)" ] || { echo "called: $(called)"; return 1; }
	[[ $(history_of ' (un|)(migrated|settled) ') == *' unsettled deploy '* ]]
	none interrupted_is none
}

failing() { migration 20260103_drafts 'create table drafts (id int); select no_such_function();'; }
