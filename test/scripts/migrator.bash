#!/usr/bin/env bash
# A migration tool as small as can be, on a real PostgreSQL, which answers like the tool by whose name it is called:
#
#   dbmate status|up|rollback                          a transaction each; `rollback` takes back the newest
#   npx knex migrate:list|latest|down NAME|rollback    a transaction each; `rollback` takes back what was applied together
#   bare status|up|rollback                            no transactions, as where every DDL statement commits
#
# Migrations are db/migrations/VERSION_name.sql with the marks `-- migrate:up` and `-- migrate:down`. What was called is written to
# MIGRATOR_LOG, and the pid of the psql that works to MIGRATOR_LOG.pid.
set -u
tool=${0##*/}
[ "$tool" != npx ] || shift
echo "$tool $*" >>"${MIGRATOR_LOG:-/dev/null}"

sql() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -f - &
	echo $! >"${MIGRATOR_LOG:-/dev/null}.pid"
	wait $!
} <&0

ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 -c "set client_min_messages = error; create table if not exists schema_migrations (version text primary key, batch int)" -c "$1"; }

section() { # up|down FILE
	awk -v "wanted=-- migrate:$1" '/^-- migrate:/ { on = $0 == wanted; next } on' "db/migrations/$2"
}

run_one() { # up|down FILE BATCH
	local record="insert into schema_migrations values ('$2', $3);" begin='begin;' commit='commit;'
	[ "$1" = up ] || record="delete from schema_migrations where version = '$2';"
	[ "$tool" != bare ] || begin='' commit=''
	printf '%s\n' "$begin" "$(section "$1" "$2")" "$record" "$commit" | sql
}

applied=$(ask 'select version from schema_migrations order by version') || exit 1
is_applied() { grep -qxF "$1" <<<"$applied"; }

pending() {
	local path
	for path in db/migrations/*.sql; do is_applied "${path##*/}" || echo "${path##*/}"; done
}

up() {
	local file batch
	batch=$(ask 'select coalesce(max(batch), 0) + 1 from schema_migrations') || exit 1
	for file in $(pending); do
		echo "Applying: $file"
		run_one up "$file" "$batch" || exit 2
	done
}

back() { # NAME...
	[ -n "$*" ] || { echo 'nothing to take back'; [ "$tool" = npx ]; exit; }
	local file
	for file in "$@"; do
		echo "Rolling back: $file"
		run_one down "$file" 0 || exit 2
	done
}

case $tool/${*: -1} in
	dbmate/status | bare/status)
		for file in $({ printf '%s\n' "$applied"; pending; } | sort); do
			if is_applied "$file"; then echo "[X] $file"; else echo "[ ] $file"; fi
		done
		printf '\nApplied: %s\nPending: %s\n' "$(grep -c . <<<"$applied")" "$(pending | wc -l)"
		;;
	*/up | */migrate:latest) up ;;
	dbmate/rollback | bare/rollback) back "$(tail -n 1 <<<"$applied")" ;;
	npx/migrate:rollback)
		# shellcheck disable=SC2046 # names without spaces
		back $(ask 'select version from schema_migrations where batch = (select max(batch) from schema_migrations) order by version desc')
		;;
	npx/migrate:list)
		echo 'Using environment: production'
		if [ -n "$applied" ]; then printf 'Found %s Completed Migration file/files.\n%s\n' "$(grep -c . <<<"$applied")" "$applied"; else echo 'No Completed Migration files Found.'; fi
		if [ -n "$(pending)" ]; then printf 'Found %s Pending Migration file/files.\n%s\n' "$(pending | wc -l)" "$(pending)"; else echo 'No Pending Migration files Found.'; fi
		;;
	npx/*) is_applied "${*: -1}" && back "${*: -1}" ;;
	*) exit 64 ;;
esac
