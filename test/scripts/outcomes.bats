#!/usr/bin/env bats
# Every exit code, and what is true on the host when it is given.

load helpers

setup_file() { start_answering; }
teardown_file() { stop_answering; }
setup() { make_repository 4 4:health=503; conf_quick; }
teardown() {
	[ ! -e "$BATS_TEST_TMPDIR/mounted" ] || umount -l "$BATS_TEST_TMPDIR/root"
}

@test "10: a build that fails leaves nothing, and says why" {
	conf_quick 'BUILD_CMD=echo the compiler says no; exit 3'
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=build
	[[ $output == *'the compiler says no'* ]]
	[ -z "$(ls -A "$root/releases")" ]
}

@test "10: preparing that fails, or takes too long, leaves what is live and no half release" {
	deployed staging "$c1"
	conf_quick 'PREPARE_CMD=echo no; exit 1'
	run deploy --env staging --sha "$c2"
	ends_with 10 "live=$REPLY cause=prepare"
	conf_quick 'PREPARE_CMD=sleep 600' STEP_TIMEOUT=8 # the build has to fit in, too
	run deploy --env staging --sha "$c2"
	ends_with 10 "live=$REPLY cause=timeout"
	[ "$(ls "$root/releases")" = "$REPLY" ]
	[[ $(deploy --env staging --status) == *interrupted=none* ]]
}

@test "10: current that is a directory is not switched into" {
	mkdir -p "$root/current"
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=current
	[ -z "$(ls -A "$root/current")" ]
}

@test "10: a host directory that cannot be made" {
	: >"$root"
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=disk
	run rollback --env staging
	ends_with 10 cause=disk
}

@test "a proxy in the environment is not asked for the health of what runs here" {
	http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 NO_PROXY=other.example run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
}

@test "11: of twenty at once one wins, the others name it" {
	deployed staging "$c1"
	conf_quick 'PREPARE_CMD=until [ -e ../../go ]; do sleep 0.05; done'
	for ((i = 0; i < 20; i++)); do
		"$repo/scripts/deploy.sh" --env staging --sha "$c2" --run "race-$i" >"$BATS_TEST_TMPDIR/out-$i" 2>/dev/null 3>&- &
	done
	finished() { [ "$(cat "$BATS_TEST_TMPDIR"/out-* | grep -c ' end deploy exit=11 ')" -eq 19 ]; }
	wait_until finished
	run rollback --env staging
	ends_with 11 result=busy
	touch "$root/go"
	wait
	[ "$(cat "$BATS_TEST_TMPDIR"/out-* | grep -c ' end deploy exit=0 result=deployed')" -eq 1 ]
	winner=$(grep -l ' exit=0 ' "$BATS_TEST_TMPDIR"/out-*)
	[ "$(cat "$BATS_TEST_TMPDIR"/out-* | grep -c " fail lock .*holder=race-${winner##*-} ")" -eq 19 ]
	[ "$(cat "$root"/.deployctl/history | grep -c ' ok ')" -eq 2 ]
}

@test "11: a lock is free as soon as its holder was killed, and a daemon does not hold it" {
	conf_quick RESTART=command 'RESTART_CMD=setsid sleep 600 & echo $! >../../daemon'
	deployed staging "$c1"
	conf_quick "PREPARE_CMD=echo \$\$ >$BATS_TEST_TMPDIR/tool; sleep 600; true"
	deploy_in_background --env staging --sha "$c2"
	wait_until test -s "$BATS_TEST_TMPDIR/tool"
	kill -KILL $!
	wait $! || true
	conf_quick
	run deploy --env staging --sha "$c3"
	ends_with 0
	kill -0 "$(cat "$root/daemon")"
	kill "$(cat "$root/daemon")"
	pkill -KILL -s "$(ps -o sid= -p "$(cat "$BATS_TEST_TMPDIR/tool")" | tr -d ' ')" || true
}

@test "12: cancelled while it is built, or prepared: nothing changed, nothing runs on" {
	deployed staging "$c1"
	first=$REPLY
	for key in BUILD_CMD PREPARE_CMD; do
		conf_quick "$key=echo \$\$ >$BATS_TEST_TMPDIR/tool; sleep 600; true"
		rm -f "$BATS_TEST_TMPDIR/tool"
		deploy_in_background --env staging --sha "$c2"
		wait_until test -s "$BATS_TEST_TMPDIR/tool"
		kill -TERM $!
		ends_in_background 12
		contains "$out" 'end deploy exit=12 result=cancelled'
		none is_running "$(cat "$BATS_TEST_TMPDIR/tool")"
		[ "$(live)" = "$first" ]
	done
	[ "$(ls "$root/releases" | wc -l)" -eq 1 ]
}

@test "12: a tool that ignores TERM is killed" {
	conf_quick "PREPARE_CMD=trap '' TERM; echo \$\$ >$BATS_TEST_TMPDIR/tool; while :; do sleep 1; done"
	deploy_in_background --env staging --sha "$c2"
	wait_until test -s "$BATS_TEST_TMPDIR/tool"
	kill -TERM $!
	ends_in_background 12
	none is_running "$(cat "$BATS_TEST_TMPDIR/tool")"
}

@test "20: a release that is not healthy is left again, the one before validated, the bad one marked" {
	deployed staging "$c1"
	first=$REPLY
	run deploy --env staging --sha "$c4"
	ends_with 20 "result=rolled-back live=$first cause=health"
	[[ $output == *'fail verify '*cause=health* && $output == *'ok switch-back'* && $output == *'ok verify-back'* ]]
	[ "$(live)" = "$first" ]
	[[ $(rollback --list --env staging) == *"sha=$c4 live=no complete=yes healthy=no bad=yes candidate=no"* ]]
	[[ $(deploy --env staging --status) == *interrupted=none* ]]
}

@test "20: an answer of another release is not the health of this one" {
	deployed staging "$c1"
	conf_quick 'PREPARE_CMD=echo say=20250101000000-abcdef0 >behaviour'
	run deploy --env staging --sha "$c2"
	ends_with 20 cause=health
	[[ $output == *'as abcdef0 instead of'* ]]
}

@test "20: cancelled after the switch, it is undone and validated, and nothing is marked" {
	deployed staging "$c1"
	first=$REPLY
	conf_quick HEALTH_DEADLINE=600
	deploy_in_background --env staging --sha "$c4"
	wait_until contains "$out" 'probe verify'
	kill -TERM $!
	# Impatience changes nothing.
	kill -TERM $! || true
	ends_in_background 20
	contains "$out" 'end deploy exit=20 result=rolled-back .*cause=cancelled'
	[ "$(live)" = "$first" ]
	[ -z "$(find "$root/.deployctl/releases" -name '*.bad')" ]
}

@test "a rollback that is cancelled: 12 before the switch, 20 and back again after it" {
	deployed staging "$c1"
	deployed staging "$c2"
	second=$REPLY
	conf_quick HEALTH_DEADLINE=600 RESTART=command 'RESTART_CMD=rm -f ../../restarting; touch ../../restarting'
	echo health=503 >"$(echo "$root"/releases/*-"${c1:0:12}")/behaviour"
	"$repo/scripts/rollback.sh" --env staging >"$out" 2>/dev/null 3>&- &
	wait_until contains "$out" 'probe verify'
	kill -TERM $!
	ends_in_background 20
	[ "$(live)" = "$second" ]
	[ -z "$(find "$root/.deployctl/releases" -name '*.bad')" ]
	# Before it: while it waits for a front that does not answer.
	conf_quick TRAFFIC=proxy MODE=blue-green PORTS=1,2 START_CMD=true HEALTH_URL=
	# What the rollback before has said must not be taken for this one's.
	: >"$out"
	"$repo/scripts/rollback.sh" --env staging >"$out" 2>/dev/null 3>&- &
	wait_until contains "$out" 'begin preflight'
	kill -TERM $!
	ends_in_background 12
	[ "$(live)" = "$second" ]
}

@test "20: a restart that fails is undone" {
	deployed staging "$c1"
	first=$REPLY
	# shellcheck disable=SC2016
	conf_quick RESTART=command 'RESTART_CMD=[ "$SHA" != '"$c2"' ]'
	run deploy --env staging --sha "$c2"
	ends_with 20 "live=$first cause=restart"
}

@test "30: the release before is not healthy any more either" {
	deployed staging "$c1"
	echo health=500 >"$root/current/behaviour"
	run deploy --env staging --sha "$c4"
	ends_with 30 result=rollback-failed
	current_is_whole
	[[ $output == *'is not healthy either'* ]]
}

@test "30: the very first release has nothing to go back to" {
	run deploy --env staging --sha "$c4"
	ends_with 30 result=rollback-failed
	[[ $output == *'no release to go back to'* ]]
}

@test "30: a rollback whose target is not healthy stays there, and does not flap" {
	deployed staging "$c1"
	first=$REPLY
	deployed staging "$c2"
	second=$REPLY
	deployed staging "$c3"
	echo health=500 >"$root/releases/$second/behaviour"
	run rollback --env staging
	ends_with 30 "live=$second cause=health"
	# By hand one further back, which works.
	run rollback --env staging
	ends_with 0 "live=$first"
}

@test "a cascade goes one further back" {
	deployed staging "$c1"
	first=$REPLY
	deployed staging "$c2"
	second=$REPLY
	deployed staging "$c3"
	echo health=500 >"$root/releases/$second/behaviour"
	run rollback --env staging --cascade
	ends_with 0 "live=$first"
	[[ $(list_line "$second") == *bad=yes* ]]
}

@test "nobody listens: a closed stdout stops nothing" {
	deploy --env staging --sha "$c1" --run deaf | head -n 1 >/dev/null
	finished() { contains "$root/.deployctl/runs/deaf/events" ' end deploy exit=0'; }
	wait_until finished
	[ "$(live_sha)" = "$c1" ]
}

@test "unchecked is said: no health address, and no identity in the answers" {
	conf_quick 'PREPARE_CMD=echo silent >behaviour'
	run deploy --env staging --sha "$c1"
	ends_with 0
	[[ $output == *'note verify identity=unchecked'* ]]
	[[ $(list_line "$(live)") == *healthy=unproven* ]]
	echo good >"$root/current/behaviour"
	conf_quick 'PREPARE_CMD=echo silent >behaviour' IDENTITY=required
	run deploy --env staging --sha "$c2"
	ends_with 20
	conf_quick HEALTH_URL=
	run deploy --env staging --sha "$c3"
	ends_with 0
	[[ $output == *'note verify health=unchecked'* ]]
	[[ $(list_line "$(live)") == *healthy=unknown* ]]
}

@test "the version address tells the release too" {
	conf_quick 'PREPARE_CMD=echo silent >behaviour' "VERSION_URL=http://127.0.0.1:$answering_port$root/version"
	run deploy --env staging --sha "$c1"
	ends_with 0
	[[ $output != *unchecked* ]]
	conf_quick 'PREPARE_CMD=echo "silent say=20250101000000-abcdef0" >behaviour' "VERSION_URL=http://127.0.0.1:$answering_port$root/version"
	run deploy --env staging --sha "$c2"
	ends_with 20 cause=health
}

@test "every usual form of the version tells the release; what names no commit neither confirms nor contradicts" {
	# shellcheck disable=SC1091
	source "$templates/deployctl/host/state.sh"
	# shellcheck disable=SC1091
	source "$templates/deployctl/host/health.sh"
	local sha=1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d other=9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c text release=20261123084500-1a2b3c4d5e6f
	told() { identity_in "$1" "$release" "$sha"; [[ $PROBE == "$2" ]] || { echo "$1: $PROBE instead of $2"; return 1; }; }
	for text in $sha ${sha^^} 1a2b3c4 $release sha-1a2b3c4 main-20260101-1a2b3c4d v1.4.0+$sha v1.2.3-4-g1a2b3c4 registry.io/app:$sha "version $release" \
		"{\"version\":\"1.4.0\",\"gitSha\":\"$sha\"}" "{\"git\":{\"dirty\":false,\"commit\":{\"id\":\"1a2b3c4\"}}}" "commit: 1a2b3c4" "<p>$sha</p>" "{\"previous\":\"$other\",\"sha\":\"$sha\"}"; do
		told "$text" ok
	done
	for text in v1.4.0 1.4.0 20260101 build-20260101 1234567 latest 1a2b3c4-dirty v1.2.3-4-g1a2b3c4-dirty 3f2a9c1e-4d5b-4c6d-8e7f-0a1b2c3d4e5f sha256:$other${sha:0:24} d41d8cd98f00b204e9800998ecf8427e \
		'{"version":"1.4.0"}' "{\"dirty\":true,\"commit\":\"$sha\"}" "<input name=csrf value=$other>" 'it works' "9f8e7d6-$other-abcdef0"; do
		told "$text" unnamed
	done
	for text in $other 9f8e7d6 sha-9f8e7d6 main-$other 20261123084501-9f8e7d6c5b4a "version 20261123084501-9f8e7d6c5b4a" "{\"version\":\"1.4.0\",\"gitSha\":\"$other\"}" "commit=$other"; do
		told "$text" other
	done
}

@test "a release that nobody saw answering is unproven, and is said to be wherever it is offered" {
	conf_quick 'PREPARE_CMD=echo silent >behaviour'
	deployed staging "$c1"
	local first=$REPLY
	deployed staging "$c2"
	[[ $(rollback --list --env staging | grep "id=$first") == *'healthy=unproven'*'candidate=yes'*'default=yes'*' -- unproven: '* ]]
	run rollback --env staging --dry-run
	[[ $output == *"would select release=$first"*'unproven'* ]]
	run rollback --env staging
	ends_with 0 "live=$first"
	[[ $output == *"note select release=$first healthy=unproven -- "* ]]
	[[ $(tail -n 1 "$root/.deployctl/history") == *"ok rollback $first "*health=unproven* ]]
	# What was proven once stays so.
	conf_quick
	deployed staging "$c3"
	echo silent >"$root/releases/$REPLY/behaviour"
	local third=$REPLY
	deployed staging "$c1"
	run rollback --env staging
	ends_with 0 "live=$third"
	[[ $(list_line "$third") == *healthy=yes* ]]
}

@test "history of before, which does not tell of identity, counts as it did" {
	deployed staging "$c1"
	local first=$REPLY
	sed -i 's/ health=[a-z]*//; s/$/ health=checked/' "$root/.deployctl/history"
	[[ $(list_line "$first") == *healthy=yes* ]]
}

@test "10 and 20 on a disk that is full" {
	mkdir -p "$root"
	mount -t tmpfs -o size=2m tmpfs "$root" 2>/dev/null || skip 'only root may mount a small disk'
	touch "$BATS_TEST_TMPDIR/mounted"
	deployed staging "$c1"
	first=$REPLY
	deployed staging "$c2"
	second=$REPLY
	conf_quick 'PREPARE_CMD=head -c 4194304 /dev/zero >fill'
	run deploy --env staging --sha "$c3"
	ends_with 10 "live=$second"
	[ "$(live)" = "$second" ]
	[[ $(deploy --env staging --status) == *interrupted=none* ]]
	# Full at the moment of the switch: everything after it still works, with a verdict.
	conf_quick RESTART=command 'RESTART_CMD=[ "$SHA" != '"$c4"' ] || cat /dev/zero >>../../fill'
	run deploy --env staging --sha "$c4"
	ends_with 20 "live=$second"
	[ "$(df --output=avail "$root" | tail -n 1)" -lt 300 ]
	# And the way back does not need room.
	conf_quick
	run rollback --env staging
	ends_with 0 "live=$first"
}
