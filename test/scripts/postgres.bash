# shellcheck shell=bash
# A PostgreSQL of a test file's own: below BATS_FILE_TMPDIR's neighbour, on a socket only, gone with the file, and by itself after
# an hour should nobody end it.

# Sets postgres_bin; empty: there is none here.
postgres_find() {
	local path
	postgres_bin=''
	for path in /usr/lib/postgresql/*/bin /usr/bin /usr/local/bin; do
		[ ! -x "$path/initdb" ] || [ ! -x "$path/postgres" ] || postgres_bin=$path
	done
	command -v psql >/dev/null || postgres_bin=''
	export postgres_bin
}

# PostgreSQL refuses to be root.
as_nobody() {
	if [ "$(id -u)" -ne 0 ]; then "$@"; else setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"; fi
}

postgres_start() {
	postgres_find
	[ -n "$postgres_bin" ] || return 0
	PGHOST=$(mktemp -d /tmp/deployctl-pg.XXXXXX)
	PGUSER=tester PGDATABASE=postgres
	export PGHOST PGUSER PGDATABASE
	[ "$(id -u)" -ne 0 ] || chown nobody "$PGHOST"
	(cd / && as_nobody "$postgres_bin/initdb" -D "$PGHOST/data" -A trust -U tester -N --no-locale -E UTF8) >"$BATS_FILE_TMPDIR/initdb" 2>&1 || { cat "$BATS_FILE_TMPDIR/initdb"; return 1; }
	(
		cd / || exit
		as_nobody timeout -s INT 3600 "$postgres_bin/postgres" -D "$PGHOST/data" -k "$PGHOST" -c listen_addresses= -c fsync=off \
			-c max_connections=40 -c shared_buffers=16MB -c client_connection_check_interval=50 >"$BATS_FILE_TMPDIR/postgres" 2>&1 3>&- &
		echo $! >"$BATS_FILE_TMPDIR/postgres.pid"
	)
	wait_until psql -XAtqc 'select 1'
}

# At once: there is nothing in it that anybody wants.
postgres_stop() {
	[ -n "$postgres_bin" ] || return 0
	(cd / && as_nobody "$postgres_bin/pg_ctl" -D "$PGHOST/data" -m immediate -w stop) >/dev/null 2>&1
	rm -rf "${PGHOST:?}"
}

ask() { psql -XAtqc "$1" "${@:2}"; }
