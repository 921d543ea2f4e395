#!/usr/bin/env bats
# Other hosts, by a real sshd with throw-away keys. Several hosts are several names for it, each with its own directory.

load helpers

setup_file() {
	command -v sshd >/dev/null || PATH=$PATH:/usr/sbin
	command -v sshd >/dev/null || skip 'no sshd is installed'
	start_answering
	cd "$BATS_FILE_TMPDIR" || exit 1
	ssh-keygen -q -t ed25519 -N '' -f host_key
	ssh-keygen -q -t ed25519 -N '' -f user_key
	ssh_port=$(free_ports 1)
	export ssh_port
	cat >sshd_config <<-TEXT
		Port $ssh_port
		ListenAddress 127.0.0.1
		HostKey $PWD/host_key
		AuthorizedKeysFile $PWD/user_key.pub
		PidFile $PWD/sshd.pid
		SetEnv HOME=$PWD
		StrictModes no
		UsePAM no
	TEXT
	cat >ssh_config <<-TEXT
		Host *
		HostName 127.0.0.1
		Port $ssh_port
		User $(id -un)
		IdentityFile $PWD/user_key
		IdentitiesOnly yes
		UserKnownHostsFile $PWD/known_hosts
		StrictHostKeyChecking accept-new
	TEXT
	start_sshd
	wait_until ssh -F ssh_config localhost true
}

start_sshd() {
	if [ "$(id -u)" -eq 0 ]; then mkdir -p /run/sshd; fi
	"$(PATH=$PATH:/usr/sbin command -v sshd)" -f "$BATS_FILE_TMPDIR/sshd_config" -E "$BATS_FILE_TMPDIR/sshd.log" 3>&-
}

# The listener, and every session of it.
stop_sshd() {
	local pid sessions
	pid=$(cat "$BATS_FILE_TMPDIR/sshd.pid" 2>/dev/null) || return 0
	sessions=$(pgrep -P "$pid")
	kill "$pid"
	stop_processes $sessions
}

stop_processes() { # PID of the part with root's rights; below it may be one without
	local pid
	for pid in "$@"; do kill -KILL $(pgrep -P "$pid") "$pid" 2>/dev/null; done
	return 0
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/sshd.pid" ] || stop_sshd
	stop_answering
}

setup() { make_repository 4 4:health=503; }

# conf_hosts HOSTS [LINE...]: the directory of host X is root-X.
conf_hosts() {
	printf '%s\n' "HOSTS=$1" "ROOT=$BATS_TEST_TMPDIR/root-{host}" "SSH_CONFIG=$BATS_FILE_TMPDIR/ssh_config" \
		"HEALTH_URL=http://127.0.0.1:$answering_port$BATS_TEST_TMPDIR/root-{host}/health" HEALTH_DEADLINE=0.3 "${@:2}" | conf staging
	root=$BATS_TEST_TMPDIR/root-${1%%,*}
}

live_on() { basename "$(readlink "$BATS_TEST_TMPDIR/root-$1/current")"; }

# Waits in the release until the test says so; host in ROOT.
waiting='until [ -e ../../go ]; do sleep 0.05; done'

@test "one host: deploy, already live, list, status, roll back; the content is what was committed" {
	conf_hosts a
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	[[ $output != *host=* ]]
	first=$(live)
	run deploy --env staging --sha "$c1"
	ends_with 0 "result=already-live live=$first"
	# Equal size, equal time: only the content differs.
	find "$root/releases" -exec touch -d @1000000000 {} +
	conf_hosts a 'BUILD_CMD=git archive "$SHA" | tar -x -C "$OUT"; find "$OUT" -exec touch -d @1000000000 {} +'
	deployed staging "$c2"
	[ "$(cat "$root/current/number")" = 2 ]
	[ "$(cat "$root/releases/$first/number")" = 1 ]
	[ "$(stat -c %h "$root/current/app.mjs")" -eq 1 ]
	[[ $(rollback --env staging --status) == *"live=$REPLY"*'host=a'* ]]
	run rollback --env staging
	ends_with 0 "result=rolled-back live=$first"
	[ -z "$(find /tmp -maxdepth 1 -name 'dctl.*' -newer "$repo/scripts/deploy.staging.conf" -user "$(id -un)" -exec grep -l "$BATS_TEST_TMPDIR" {}/ssh \; 2>/dev/null)" ]
}

@test "a host whose name is longer than the path of a socket may be" {
	long=web-7f9c4d5b6-x2k8q.shop-production.svc.cluster-eu-central-1.internal.example.net-and-more-of-it-up-to-110-characters
	conf_hosts "$long,b"
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	run rollback --env staging --status
	[[ $output == *"host=$long"* && $output != *'cannot be reached'* ]]
}

# An ssh whose far side says something before it runs what it is told: as a start-up file with echo in it.
talking_ssh() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/ssh" <<-'TEXT'
		#!/bin/bash
		words=()
		while [ $# -gt 0 ]; do
			case $1 in -O) exit 0 ;; -[FpiolE]) shift 2 ;; -*) shift ;; *) words+=("$1"); shift ;; esac
		done
		echo 'Good morning from the far side'
		printf 'deployctl/1 2026-01-01T00:00:00Z +0.000 note release id=foreign default=yes'
		[ -n "$QUIET_END" ] || echo
		exec bash -c "${words[*]:1}"
	TEXT
	chmod +x "$BATS_TEST_TMPDIR/bin/ssh"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "a shell that talks at login: the release arrives as a stream, the reason is said before the build, no word of it is ours" {
	command -v rsync >/dev/null || skip 'no rsync'
	talking_ssh
	conf_hosts web1 'BUILD_CMD=git archive "$SHA" | tar -x -C "$OUT"'
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	[[ ${output%% begin build *} == *'something on web1 writes to standard output at login'* ]]
	[[ $output != *id=foreign* ]]
	[ "$(cat "$root/current/number")" = 1 ]
	# Its last word without the end of its line.
	export QUIET_END=yes
	deployed staging "$c2"
	run rollback --env staging --list
	ends_with 0
	[[ $output != *id=foreign* ]]
}

@test "without rsync, as a tar stream" {
	conf_hosts "ssh://localhost:$ssh_port"
	root=$BATS_TEST_TMPDIR/root-localhost_$ssh_port
	conf_hosts "ssh://localhost:$ssh_port" "HEALTH_URL=http://127.0.0.1:$answering_port$root/health"
	root=$BATS_TEST_TMPDIR/root-localhost_$ssh_port
	deployed staging "$c1"
	[ "$(cat "$root/current/number")" = 1 ]
}

@test "a dry run and questions leave nothing on an empty host" {
	conf_hosts a,b
	for arguments in --list --status --dry-run; do
		run deploy --env staging $arguments
		ends_with 0
	done
	[ -z "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'root-*')" ]
}

@test "a text that breaks off in the middle does nothing at all" {
	conf_hosts a
	HERE=$repo/scripts
	source "$HERE/deployctl/local/ssh.sh"
	bundle >"$BATS_TEST_TMPDIR/agent"
	size=$(wc -c <"$BATS_TEST_TMPDIR/agent")
	cd "$BATS_TEST_TMPDIR"
	for cut in 10 1000 5000 20000 $((size - 20)) $((size - 3)); do
		head -c "$cut" agent | bash -s -- run >said 2>/dev/null || true
		[ ! -s said ]
	done
	# Whole, but the request is cut off.
	run bash -s -- run < <(cat agent; echo 'ROOT=/tmp'; echo 'ACTION=deploy')
	ends_with 2
}

@test "the client is killed: the host goes on, and who attaches sees it from its first line" {
	conf_hosts a "PREPARE_CMD=$waiting"
	deploy_in_background --env staging --sha "$c1" --run r1
	wait_until contains "$out" 'begin prepare'
	kill -KILL $!
	wait $! || true
	touch "$root/go"
	run deploy --env staging --attach r1
	ends_with 0 result=deployed
	[[ $output == *'begin lock'*'ok switch'* ]]
	[ "$(grep -c ' begin switch ' <<<"$output")" -eq 1 ]
	# The same run again does nothing new.
	run deploy --env staging --sha "$c2" --run r1
	ends_with 0
	[ "$(live_sha)" = "$c1" ]
}

@test "the client of two hosts is killed: who attaches drives on to the end" {
	conf_hosts a,b "PREPARE_CMD=$waiting"
	deploy_in_background --env staging --sha "$c1" --run r1
	prepares() { [ "$(grep -c 'begin prepare' "$out")" -eq 2 ]; }
	wait_until prepares
	kill -KILL $!
	wait $! || true
	touch "$BATS_TEST_TMPDIR/root-a/go" "$BATS_TEST_TMPDIR/root-b/go"
	run deploy --env staging --attach r1
	ends_with 0 result=deployed
	[ "$(live_on a)" = "$(live_on b)" ]
	[ "$(grep -c ' begin switch ' <<<"$output")" -eq 2 ]
}

@test "a connection that breaks is opened again, and no line is lost or doubled" {
	conf_hosts a "PREPARE_CMD=$waiting"
	deploy_in_background --env staging --sha "$c1" --run r1
	wait_until contains "$out" 'begin prepare'
	stop_processes $(pgrep -P "$(cat "$BATS_FILE_TMPDIR/sshd.pid")")
	wait_until contains "$out" 'note contact'
	touch "$root/go"
	ends_in_background 0
	diff <(grep -v ' \(note contact\|begin build\|ok build\|begin upload\|ok upload\)' "$out") "$root/.deployctl/runs/r1/events"
}

@test "40: the contact is lost; the host goes on alone, and can be asked later" {
	conf_hosts a "PREPARE_CMD=$waiting"
	DEPLOYCTL_PATIENCE=1 deploy_in_background --env staging --sha "$c1" --run r1
	wait_until contains "$out" 'begin prepare'
	stop_sshd
	ends_in_background 40
	grep -q ' end deploy exit=40 result=contact-lost' "$out"
	touch "$root/go"
	start_sshd
	run deploy --env staging --attach r1
	ends_with 0 result=deployed
}

@test "cancelled: 12 before the switch, 20 after it, by the signal that goes to the whole group" {
	conf_hosts a
	deployed staging "$c1"
	first=$REPLY
	conf_hosts a "PREPARE_CMD=$waiting"
	setsid "$repo/scripts/deploy.sh" --env staging --sha "$c2" >"$out" 2>/dev/null 3>&- &
	wait_until contains "$out" 'begin prepare'
	kill -TERM -- "-$!"
	ends_in_background 12
	conf_hosts a HEALTH_DEADLINE=600
	setsid "$repo/scripts/deploy.sh" --env staging --sha "$c4" >"$out" 2>/dev/null 3>&- &
	wait_until contains "$out" 'probe verify'
	kill -TERM -- "-$!"
	ends_in_background 20
	[ "$(live)" = "$first" ]
	grep -q 'end deploy exit=20 result=rolled-back .*cause=cancelled' "$out"
}

@test "a host that cannot be reached: nothing is touched anywhere" {
	conf_hosts a
	deployed staging "$c1"
	conf_hosts "a,ssh://127.0.0.1:1"
	export DEPLOYCTL_PATIENCE=0
	run deploy --env staging --sha "$c2"
	ends_with 10 cause=unreachable
	run rollback --env staging
	ends_with 10 cause=unreachable
	run rollback --env staging --list
	ends_with 40
	run rollback --env staging --status
	ends_with 40
	[[ $output == *"host=a"*"live=$REPLY"* || $output == *"live=$REPLY"*"host=a"* || $output == *'host=a live='* ]]
	[[ $output == *'host=127.0.0.1_1 live=unknown'* ]]
	[ "$(live)" = "$REPLY" ]
}

@test "three hosts: all prepared before one is switched; every line names its host" {
	conf_hosts a,b,c
	run deploy --env staging --sha "$c1"
	ends_with 0 result=deployed
	first=$(live_on a)
	[ "$(live_on b)$(live_on c)" = "$first$first" ]
	[ "$(grep -E ' (begin|ok) (lock|prepare|switch|verify|prune) ' <<<"$output" | grep -Evc ' host=[abc]( |$)')" -eq 0 ]
	[ "$(grep -n ' ok prepare ' <<<"$output" | tail -n 1 | cut -d : -f 1)" -lt "$(grep -n ' begin switch ' <<<"$output" | head -n 1 | cut -d : -f 1)" ]
	[[ $(rollback --env staging --list) == *"id=$first "*'live=yes'*'hosts=3/3'* ]]
	deployed staging "$c2"
	run rollback --env staging
	ends_with 0 "result=rolled-back live=$first"
	[ "$(live_on a)$(live_on b)$(live_on c)" = "$first$first$first" ]
}

@test "20: one host fails after the switch, and all go back" {
	conf_hosts a,b
	deployed staging "$c1"
	first=$REPLY
	conf_hosts a,b 'PREPARE_CMD=case $ROOT in *-b) echo health=503 >behaviour; esac'
	run deploy --env staging --sha "$c2"
	ends_with 20 "live=$first cause=health"
	[[ $output == *'ok verify host=a'* && $output == *'ok verify-back host=a'* ]]
	[ "$(live_on a)$(live_on b)" = "$first$first" ]
	[[ $(rollback --env staging --status) != *interrupted=[^n]* ]]
	# 10: one cannot be prepared, and none is switched.
	conf_hosts a,b 'PREPARE_CMD=case $ROOT in *-b) exit 1; esac'
	run deploy --env staging --sha "$c3"
	ends_with 10 "live=$first cause=prepare"
	[[ $output != *'begin switch'* ]]
}

@test "30: hosts that do not run the same are told one by one; a rollback finds what all can run" {
	conf_hosts a,b
	deployed staging "$c1"
	first=$REPLY
	conf_hosts b
	deployed staging "$c2"
	second=$REPLY
	conf_hosts a,b
	[[ $(rollback --env staging --list) == *"id=$second "*live=mixed*'hosts=1/2'* ]]
	run deploy --env staging --sha "$c4"
	ends_with 30 'result=mixed live=mixed cause=health'
	[[ $output == *"note mixed host=a live=$first"* && $output == *"note mixed host=b live=$second"* ]]
	[[ $(rollback --env staging --list) == *"id=$first "*default=yes* ]]
	run rollback --env staging
	ends_with 0 "live=$first"
	[ "$(live_on a)$(live_on b)" = "$first$first" ]
}

@test "over an incompatible migration no host goes back, neither the one that migrated nor the one that failed" {
	conf_hosts a,b
	deployed staging "$c1"
	conf_hosts a,b 'MIGRATE_CMD=echo migration=incompatible; :' 'PREPARE_CMD=case $ROOT in *-b) echo health=503 >behaviour; esac'
	run deploy --env staging --sha "$c2"
	ends_with 30 cause=migration
	[[ $output == *' end '*'its migration cannot be undone'* ]]
	[ "$(live_on a)" = "$(live_on b)" ]
	[[ $output != *'begin switch-back'* ]]
}

@test "the first host migrates, before any other is switched; all know what kind it was" {
	# shellcheck disable=SC2016
	conf_hosts a,b SWITCH_AT_ONCE=0 'MIGRATE_CMD=echo migration=incompatible; echo >>../../log'
	run deploy --env staging --sha "$c1"
	ends_with 0
	[ "$(wc -l <"$BATS_TEST_TMPDIR/root-a/log")" -eq 2 ]
	[ ! -e "$BATS_TEST_TMPDIR/root-b/log" ]
	[ "$(grep -n ' ok verify host=a' <<<"$output" | cut -d : -f 1)" -lt "$(grep -n ' begin switch host=b' <<<"$output" | cut -d : -f 1)" ]
	grep -q 'migrated incompatible' "$BATS_TEST_TMPDIR/root-b/.deployctl/history"
	grep -q 'migration=incompatible' "$BATS_TEST_TMPDIR/root-b/.deployctl/releases/$(live_on b).complete"
	[[ $(rollback --env staging --list) == *migration=incompatible* ]]
}
