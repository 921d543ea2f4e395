# shellcheck shell=bash
# What the tests share. Each has its own repository, its own host directory and its own ports, below BATS_TEST_TMPDIR.

templates=$BATS_TEST_DIRNAME/../../source/templates/scripts

# Seconds of a quiet machine, as whole seconds of this one: see helpers/patience.ts, which measures it.
patient() { # SECONDS
	awk -v seconds="$1" -v slowness="${TEST_SLOWNESS:-2}" 'BEGIN {
		slowness = slowness < 1 ? 1 : slowness > 6 ? 6 : slowness
		whole = int(seconds * slowness)
		print (whole < seconds * slowness ? whole + 1 : whole)
	}'
}
patience=$(patient 60)

# A repository with the scripts and COUNT commits; $c1 ... are their ids. It is made once for a file, and copied for each test.
make_repository() { # COUNT [COMMIT:BEHAVIOUR]...
	local made="$BATS_FILE_TMPDIR/made $*"
	repo=$BATS_TEST_TMPDIR/repo
	root=$BATS_TEST_TMPDIR/root
	out=$BATS_TEST_TMPDIR/out
	if [ ! -e "$made/ids" ]; then
		mkdir "$made"
		(repo=$made/repo && make_commits "$@" >"$made/ids")
	fi
	cp -a "$made/repo" "$repo"
	# shellcheck source=/dev/null
	. "$made/ids"
}

# Prints the ids of the commits, as variables.
make_commits() { # COUNT [COMMIT:BEHAVIOUR]...
	local number spec
	mkdir -p "$repo"
	git -C "$repo" init -q
	git -C "$repo" config user.email test@example.com
	git -C "$repo" config user.name test
	printf 'scripts\n' >"$repo/.gitignore"
	cp "$BATS_TEST_DIRNAME/app.mjs" "$repo/app.mjs"
	cp -r "$templates" "$repo/scripts"
	for ((number = 1; number <= $1; number++)); do
		echo "$number" >"$repo/number"
		rm -f "$repo/behaviour"
		for spec in "${@:2}"; do
			[[ $spec != "$number":* ]] || echo "${spec#*:}" >"$repo/behaviour"
		done
		git -C "$repo" add -A
		git -C "$repo" commit -qm "$number"
		printf 'c%s=%s\n' "$number" "$(git -C "$repo" rev-parse HEAD)"
	done
}

conf() { # ENV LINES (stdin)
	cat >"$repo/scripts/deploy.$1.conf"
}

# The quickest application: nothing is started, the answering server looks where `current` points.
conf_quick() { # [LINE...]
	{
		printf '%s\n' "ROOT=$root" "HEALTH_URL=http://127.0.0.1:$answering_port$root/health" HEALTH_DEADLINE=0.3
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} | conf staging
}

start_answering() {
	"$(node_binary)" "$BATS_TEST_DIRNAME/answering.mjs" >"$BATS_FILE_TMPDIR/port" 2>/dev/null 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_until test -s "$BATS_FILE_TMPDIR/port"
	answering_port=$(cat "$BATS_FILE_TMPDIR/port")
	export answering_port
}

stop_answering() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }

node_binary() { echo "${NODE_BINARY:-node}"; }

# Everything that was started as an application below this test's directory.
stop_applications() {
	local record pid
	while read -r record; do
		read -r pid _ <"$record" && kill -KILL -- "-$pid" 2>/dev/null
	done < <(find "$BATS_TEST_TMPDIR" -path '*/slots/*.pid' 2>/dev/null)
	return 0
}

free_ports() { # COUNT -> ports
	"$(node_binary)" "$BATS_TEST_DIRNAME/free-ports.mjs" "$1"
}

deploy() { "$repo/scripts/deploy.sh" "$@" 3>&-; }
rollback() { "$repo/scripts/rollback.sh" "$@" 3>&-; }

# In the background, as the very process whose pid is in $!; what it says in $out.
deploy_in_background() {
	"$repo/scripts/deploy.sh" "$@" >"$out" 2>/dev/null 3>&- &
}

# Not even as a zombie that nobody has collected yet.
is_running() { # PID
	[[ $(cut -d ')' -f 2 "/proc/$1/stat" 2>/dev/null) =~ ^\ [^ZX] ]]
}

# Waits for the last one in the background.
ends_in_background() { # CODE
	local code=0 pid=$! end=$((SECONDS + patience))
	while is_running "$pid" && [ "$SECONDS" -lt "$end" ]; do sleep 0.05; done
	! is_running "$pid" || kill -KILL "$pid"
	wait "$pid" || code=$?
	[ "$code" -eq "$1" ] || { echo "it ended with $code instead of $1: $(cat "$out")"; return 1; }
}

# A release that went well; its id in $REPLY.
deployed() { # ENV SHA [ARGUMENT...]
	local answer
	answer=$(deploy --env "$1" --sha "$2" "${@:3}") || { echo "$answer"; return 1; }
	REPLY=$(sed -n 's/.* end .* live=\([^ ]*\).*/\1/p' <<<"$answer")
}

live() { basename "$(readlink "$root/current")"; }
live_sha() { git -C "$repo" rev-parse "$(live | cut -d - -f 2)"; }

wait_until() { # COMMAND...: a minute at most, and more on a slow machine
	local end=$((SECONDS + patience))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "never: $*"; return 1; }
		sleep 0.02
	done
}

contains() { grep -q -- "$2" "$1"; }

# Exit code and words of the `end` line, which is the last and the only one.
ends_with() { # EXIT [PATTERN]
	[ "$status" -eq "$1" ] || { echo "exit $status instead of $1: $output"; return 1; }
	[ "$(grep -c '^deployctl/1 .* end ' <<<"$output")" -eq 1 ] || { echo "not one end: $output"; return 1; }
	local last
	last=$(grep '^deployctl/1 ' <<<"$output" | tail -n 1)
	[[ $last == *" end "*" exit=$1"* ]] || { echo "the last line is $last"; return 1; }
	[ $# -lt 2 ] || [[ $last == *"$2"* ]] || { echo "no $2 in: $last"; return 1; }
}

# Wherever a run was killed: `current` never dangles.
current_is_whole() {
	[ ! -L "$root/current" ] || [ -d "$root/current/" ]
}

list_line() { # ID
	rollback --list --env staging | grep "id=$1"
}

# `! command` never fails a test: the shell's -e does not see it. This does.
none() { ! "$@"; }
