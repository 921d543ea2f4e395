#!/usr/bin/env bats
# What deployctl and people rely on: arguments, configuration, the shape of lines, and that questions change nothing.

load helpers

setup_file() { start_answering; }
teardown_file() { stop_answering; }
setup() { make_repository 2; conf_quick; }

line_pattern='^deployctl/1 [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z \+[0-9]+\.[0-9]{3} (begin|ok|fail|probe|note|would|end) [^ =]+( [^ =]+=[^ ]*)*( -- .*)?$'

@test "both scripts say that they keep the contract, in the file and when asked" {
	for script in deploy rollback; do
		head -n 20 "$templates/$script.sh" | grep -qx '# Contract: deployctl/1'
		run "$repo/scripts/$script.sh" --contract
		[ "$status" -eq 0 ]
		[ "$output" = deployctl/1 ]
		run "$repo/scripts/$script.sh" --help
		[ "$status" -eq 0 ]
		[[ $output == *--dry-run* ]]
	done
}

@test "every line is of the protocol, the last is the only end, and times do not run backwards" {
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	[ "$(grep -Evc "$line_pattern" <<<"$output")" -eq 0 ]
	[ "$(awk '{ sub(/\+/, "", $3); if ($3 < last) bad++; last = $3 } END { print bad + 0 }' <<<"$output")" -eq 0 ]
	[ "$(awk 'length > 1000' <<<"$output")" = '' ]
	for step in upload lock preflight prepare switch restart verify prune; do grep -q " ok $step " <<<"$output " || grep -q " ok $step$" <<<"$output"; done
}

@test "stdout has lines of the protocol only, what tools say goes to the run's output" {
	conf_quick 'PREPARE_CMD=echo words of a tool; printf "\033[31mred\n"'
	run deploy --env staging --sha "$c1" --run r1
	ends_with 0
	[[ $output != *'words of a tool'* ]]
	contains "$root/.deployctl/runs/r1/output" 'words of a tool'
	conf_quick 'PREPARE_CMD=printf "\033[31mwhy it failed\n"; false'
	run deploy --env staging --sha "$c2" --run r2
	ends_with 10 cause=prepare
	[[ $output == *'[31mwhy it failed'* && $output != *$'\033'* ]]
}

@test "long and hostile text stays one line of at most 1,000 bytes" {
	conf_quick "BUILD_CMD=$(printf 'x%.0s' {1..3000})é
"
	run deploy --env staging --sha "$c1" --dry-run
	[ "$(LC_ALL=C awk 'length > 999' <<<"$output")" = '' ]
	[ "$(grep -Evc "$line_pattern" <<<"$output")" -eq 0 ]
}

@test "wrong usage and configuration end with 2 and touch nothing" {
	for arguments in '--env staging --nonsense' '--env' '--env staging a b c' '--env ../x' '--env staging --release ../../etc' '--env staging --run ../x' '--env staging --sha nonsense' '--env nowhere' '--env staging --to 1234567' '--env staging --source /nowhere'; do
		# shellcheck disable=SC2086
		run deploy $arguments
		ends_with 2
	done
	for to in ../../etc 20250101000000-ABCDEF0 20250101000000-abc '20250101000000-abcdef0/..' 'x;id'; do
		run rollback --env staging --to "$to"
		ends_with 2
	done
	[ ! -e "$root" ]
}

@test "a configuration that is wrong is refused by key and line" {
	for line in 'ROOT=relative' 'ROOT=/' 'ROOT=/a/../b' 'ROOT=/with space' 'KEEP=many' 'KEEP=0' 'HEALTH_DEADLINE=soon' 'MODE=other' 'RESTART=pm2' 'TRAFFIC=x' 'HEALTH_URL=ftp://x' 'SHARED=../x' 'SHARED=/x' 'KEPE=5' 'just words' 'MODE=blue-green' 'GRACE=1x' 'HOSTS=-oProxyCommand=x' 'HOSTS=a,-b'; do
		conf_quick "$line"
		run deploy --env staging --sha "$c1"
		ends_with 2
	done
	[ ! -e "$root" ]
	conf_quick 'KEPE=5'
	run deploy --env staging
	[[ $output == *'line 4: KEPE'* ]]
}

@test "a configuration is parsed, never run; the environment wins and is named" {
	conf_quick "KEEP=\"3\"" "HEALTH_NEED='1'" "START_CMD=\$(touch $BATS_TEST_TMPDIR/injected)" "# touch $BATS_TEST_TMPDIR/injected" "STOP_CMD=\`touch $BATS_TEST_TMPDIR/injected\`" 'SHARED='
	run deploy --env staging --sha "$c1"
	ends_with 0
	[ ! -e "$BATS_TEST_TMPDIR/injected" ]
	[[ $output == *'begin prune keep=3'* ]]
	KEEP=4 run deploy --env staging --sha "$c2"
	[[ $output == *'begin prune keep=4'* && $output == *'note conf'*KEEP* ]]
}

@test "the example and the documentation know every key" {
	for key in $(bash -c '. "$1/deployctl/conf.sh"; echo $CONF_KEYS' keys "$templates"); do
		grep -qE "^#?$key=" "$templates/deploy.example.conf" || { echo "$key is not in the example"; return 1; }
		grep -q "\`$key" "$BATS_TEST_DIRNAME/../../docs/scripts.md" || { echo "$key is not in docs/scripts.md"; return 1; }
	done
	sed -n 's/^#\([A-Z_]*=.*\)/\1/p; /^[A-Z_]*=/p' "$templates/deploy.example.conf" | grep -vE '=$|^(MODE|HOSTS|TRAFFIC|RESTART)=' | conf everything
	run deploy --env everything --dry-run
	ends_with 0
}

@test "without --env there must be exactly one environment; the example is none" {
	[ -e "$repo/scripts/deploy.example.conf" ]
	run deploy --dry-run
	ends_with 0 result=dry-run
	cp "$repo/scripts/deploy.staging.conf" "$repo/scripts/deploy.production.conf"
	run deploy --dry-run
	ends_with 2
	[[ $output == *production*staging* ]]
}

@test "by hand: without a commit it is the one that is checked out, as it was committed" {
	echo dirty >"$repo/number"
	echo new >"$repo/untracked"
	run deploy --env staging
	ends_with 0
	[ "$(live_sha)" = "$c2" ]
	[ "$(cat "$root/current/number")" = 2 ]
	[ ! -e "$root/current/untracked" ]
	run deploy staging "${c1:0:7}"
	ends_with 0
	[ "$(live_sha)" = "$c1" ]
	[[ $(list_line "$(live)") == *"sha=$c1"* ]]
}

@test "--source and BUILD_CMD make the release" {
	mkdir "$BATS_TEST_TMPDIR/made"
	echo made >"$BATS_TEST_TMPDIR/made/file"
	run deploy --env staging --source "$BATS_TEST_TMPDIR/made"
	ends_with 2
	run deploy --env staging --source "$BATS_TEST_TMPDIR/made" --sha "$c1"
	ends_with 0
	[ "$(cat "$root/current/file")" = made ]
	# shellcheck disable=SC2016
	conf_quick 'BUILD_CMD=echo "$SHA $RELEASE $ENVIRONMENT" >"$OUT/file"; pwd >>"$OUT/file"'
	run deploy --env staging --sha "$c2" --release "20250101000000-${c2:0:9}"
	ends_with 0 "live=20250101000000-${c2:0:9}"
	[ "$(cat "$root/current/file")" = "$c2 20250101000000-${c2:0:9} staging
$repo" ]
}

@test "questions and dry runs create nothing on an empty host" {
	for arguments in --list --status --dry-run "--dry-run --sha $c1"; do
		# shellcheck disable=SC2086
		run deploy --env staging $arguments
		ends_with 0
	done
	run rollback --env staging --dry-run
	ends_with 10 cause=no-candidate
	[ ! -e "$root" ]
}

@test "a dry run leaves an identical tree, and names the steps" {
	deployed staging "$c1"
	deployed staging "$c2"
	tree() { (cd "$root" && find . -printf '%p %y %s %l %T@ %C@\n' | sort && find . -type f -exec md5sum {} +) | md5sum; }
	before=$(tree)
	run rollback --env staging --dry-run
	ends_with 0 result=dry-run
	[[ $output == *'would select'* && $output == *'would switch'* && $output == *'would verify'* ]]
	run deploy --env staging --sha "$c1" --dry-run
	ends_with 0
	run rollback --env staging --list
	run rollback --env staging --status
	[ "$(tree)" = "$before" ]
}

@test "what is live is not deployed again, but asked" {
	deployed staging "$c1"
	first=$REPLY
	run deploy --env staging --sha "$c1"
	ends_with 0 "result=already-live live=$first"
	[[ $output == *'ok verify'* && $output != *'begin switch'* && $output != *'begin upload'* ]]
	echo health=503 >"$root/current/behaviour"
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=unhealthy
}

@test "a complete release of the commit is used again; one that is bad is not" {
	deployed staging "$c1"
	first=$REPLY
	deployed staging "$c2"
	second=$REPLY
	run deploy --env staging --sha "$c1"
	ends_with 0 "result=deployed live=$first"
	[[ $output != *'begin upload'* ]]
	run rollback --env staging --to "$second"
	ends_with 0 "live=$second"
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	[ "$(live)" != "$first" ]
	[ "$(live_sha)" = "$c1" ]
	run deploy --env staging --release "$first"
	ends_with 10 cause=bad
}

@test "the same commit twice within a second becomes two releases" {
	now=$(date -u +%s)
	for ((second = 0; second < 3; second++)); do
		id=$(date -u -d "@$((now + second))" +%Y%m%d%H%M%S)-${c1:0:12}
		mkdir -p "$root/releases/$id" "$root/.deployctl/releases"
		echo taken >"$root/.deployctl/releases/$id.bad"
	done
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	[ ! -e "$root/.deployctl/releases/$(live).bad" ]
}

@test "the same run never happens twice: who comes second watches the first" {
	run deploy --env staging --sha "$c1" --run once
	ends_with 0 result=deployed
	first=$output
	run deploy --env staging --sha "$c2" --run once
	ends_with 0 result=deployed
	[ "$(live_sha)" = "$c1" ]
	[ "$(grep -c ' begin switch ' <<<"$output")" -eq 1 ]
	run deploy --env staging --attach once
	ends_with 0 result=deployed
	run deploy --env staging --attach other
	ends_with 10 result=no-such-run
	run deploy --env staging --cancel once
	ends_with 10
}

@test "status says what is live and who is at work" {
	run deploy --env staging --status
	ends_with 0
	[[ $output == *'note status live=- sha=- lock=free run=- interrupted=none traffic=- host=localhost'* ]]
	deployed staging "$c1"
	conf_quick 'PREPARE_CMD=sleep 600'
	deploy_in_background --env staging --sha "$c2" --run slow
	wait_until contains "$out" 'begin prepare'
	run deploy --env staging --status
	ends_with 0
	[[ $output == *"live=$REPLY"* && $output == *'lock=busy run=slow'* ]]
	run deploy --env staging --cancel slow
	ends_with 0
	wait $! || true
	contains "$out" 'end deploy exit=12'
}

@test "what is deployed knows its shared files, and a daemon knows nothing of the run" {
	mkdir -p "$root/shared/deep"
	echo secret >"$root/shared/.env"
	conf_quick 'SHARED=.env,deep/uploads' RESTART=command 'RESTART_CMD=env >../../env; ls -l /proc/self/fd >../../fds; readlink /proc/self/fd/0 >../../stdin'
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=shared
	[ -z "$(ls "$root/releases")" ]
	mkdir "$root/shared/deep/uploads"
	DEPLOYCTL_OPERATION=op DEPLOYCTL_RUN=x run deploy --env staging --sha "$c1"
	ends_with 0
	[ "$(cat "$root/current/.env")" = secret ]
	[ -d "$root/current/deep/uploads/" ]
	none grep -E '^DEPLOYCTL_(OPERATION|RUN)' "$root/env"
	grep -q "^RELEASE=$(live)$" "$root/env"
	grep -q "^SHA=$c1$" "$root/env"
	none grep -q '/lock' "$root/fds"
	none grep -q 'pipe' "$root/fds"
	[ "$(cat "$root/stdin")" = /dev/null ]
}
