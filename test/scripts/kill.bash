# shellcheck shell=bash
# kill -9 anywhere: `current` never dangles, nothing is busy, status tells, and one rollback puts it right.
#
# A DEBUG trap, brought in by BASH_ENV, counts the commands of the host half and kills it before the one that is wanted: every place
# can be met exactly. DEPLOYCTL_STORM=N kills at N more places of each kind, by chance.

# KILL_AT=number: kill before that command. KILL_LOG=file: write down the numbers of those that matter: what changes something that
# lasts, the end of each step, and the very last.
killer() {
	cat >"$BATS_TEST_TMPDIR/killer" <<'TEXT'
if [[ $0 == */deployctl/host.sh && $1 == run ]]; then
	kill_count=0 kill_logged=0
	kill_here() {
		[[ $BASHPID == "$$" ]] || return 0
		kill_count=$((kill_count + 1))
		if [[ $kill_count == "${KILL_AT:-}" ]]; then kill -KILL $$; fi
		[[ -n ${KILL_LOG:-} ]] || return 0
		case $1 in
			'emit ok'* | 'emit end'* | 'ln -s'* | 'mv -Tf'* | 'rm -f "$STATE/intent"'* | 'history_add'* | 'process_launch'* | 'rm -f "$STATE/releases'*)
				# A function is met a second time when its body begins.
				[[ $kill_logged -eq $((kill_count - 1)) ]] || echo "$kill_count $1" >>"$KILL_LOG"
				kill_logged=$kill_count
				;;
		esac
	}
	set -T
	trap 'kill_here "$BASH_COMMAND"' DEBUG
fi
TEXT
}

restart_conf() {
	conf staging <<-TEXT
		ROOT=$root
		RESTART=process
		START_CMD=PORT=$port exec $(node_binary) app.mjs
		HEALTH_URL=http://127.0.0.1:$port/health
		HEALTH_DEADLINE=$(patient 5)
		HEALTH_NEED=1
		STOP_TIMEOUT=1
	TEXT
}

blue_green_conf() {
	conf staging <<-TEXT
		ROOT=$root
		MODE=blue-green
		PORTS=$port,$other_port
		TRAFFIC=symlink
		GRACE=0
		START_CMD=exec $(node_binary) app.mjs
		HEALTH_URL=http://127.0.0.1:{port}/health
		HEALTH_DEADLINE=$(patient 5)
		HEALTH_NEED=1
		STOP_TIMEOUT=1
	TEXT
}

answers_as_live() {
	local at=$port
	[[ ! -L $root/active || $(readlink "$root/active") != */green ]] || at=$other_port
	[ "$(curl -s -m "$patience" "http://127.0.0.1:$at/")" = "$(live)" ]
}

# After a kill: what must hold, and the repair.
holds() { # WHERE
	local said
	current_is_whole || { echo "$1: current dangles"; return 1; }
	free() { said=$(rollback --env staging --status) && [[ $said == *lock=free* ]]; }
	wait_until free || return 1
	[[ $said == *'end status exit=0'* ]] || { echo "$1: $said"; return 1; }
	if [[ $said == *interrupted=none* ]]; then
		# Either nothing has happened yet, or all of it.
		answers_as_live || { echo "$1: not interrupted, but not well"; return 1; }
		return
	fi
	run rollback --env staging
	[ "$status" -eq 0 ] || { echo "$1: one rollback does not repair it: $output"; return 1; }
	answers_as_live || { echo "$1: after the repair it is not well"; return 1; }
	[[ $(rollback --env staging --status) == *interrupted=none* ]] || { echo "$1: still interrupted"; return 1; }
}

killed_at() { # NUMBER WHAT ARGUMENTS...
	local number=$1 what=$2
	shift 2
	KILL_AT=$number BASH_ENV=$BATS_TEST_TMPDIR/killer "$repo/scripts/$what.sh" "$@" >"$BATS_TEST_TMPDIR/killed" 2>&1 3>&- || :
	grep -q '^deployctl/1 .* end ' "$BATS_TEST_TMPDIR/killed" || kills=$((kills + 1))
	holds "$what killed before command $number ($(tail -n 1 "$BATS_TEST_TMPDIR/killed"))"
}

# The commands to be killed at: all that matter, and some by chance.
places() { # LOG CHANCE
	local first last number
	# Before the lock there is nothing of ours.
	first=$(grep -m 1 'emit ok' "$1" | cut -d ' ' -f 1)
	awk -v "first=$first" '$1 >= first { print $1 }' "$1"
	last=$(tail -n 1 "$1" | cut -d ' ' -f 1)
	for ((number = 0; number < $2; number++)); do echo $((first + (RANDOM * 32768 + RANDOM) % (last - first))); done
}

# Kills deployments and rollbacks of a mode at all places; in between everything has to be well.
storm() { # CHANCE
	local number log=$BATS_TEST_TMPDIR/log deployments rollbacks count=0 kills=0
	killer
	deployed staging "$c1"
	KILL_LOG=$log.deploy BASH_ENV=$BATS_TEST_TMPDIR/killer deploy --env staging --sha "$c2" >/dev/null
	KILL_LOG=$log.rollback BASH_ENV=$BATS_TEST_TMPDIR/killer rollback --env staging >/dev/null
	mapfile -t deployments < <(places "$log.deploy" "$1")
	mapfile -t rollbacks < <(places "$log.rollback" "$1")
	[ ${#deployments[@]} -ge 12 ]
	[ ${#rollbacks[@]} -ge 8 ]
	for number in "${deployments[@]}"; do
		# A commit that is not live now.
		if [ "$(live_sha)" = "$c2" ]; then sha=$c3; else sha=$c2; fi
		killed_at "$number" deploy --env staging --sha "$sha"
		count=$((count + 1))
	done
	for number in "${rollbacks[@]}"; do
		if [[ $(rollback --env staging --list) != *default=yes* ]]; then
			if [ "$(live_sha)" = "$c2" ]; then deployed staging "$c3"; else deployed staging "$c2"; fi
		fi
		killed_at "$number" rollback --env staging
		count=$((count + 1))
	done
	echo "# killed $kills times at $count places" >&3
	# A later one may have ended earlier, when health was there at once.
	[ "$kills" -gt $((count * 3 / 4)) ]
}
