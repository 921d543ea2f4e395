#!/usr/bin/env bats
# How an application learns of its new release: two colours behind a front, or a restart by whatever the project uses.

load helpers

setup() {
	make_repository 4 4:health=503
	read -r port blue green <<<"$(free_ports 3)"
}

teardown() {
	[ ! -e "$BATS_TEST_TMPDIR/front.pid" ] || kill "$(cat "$BATS_TEST_TMPDIR/front.pid")"
	stop_applications
}

conf_colours() { # [LINE...]
	printf '%s\n' "ROOT=$root" MODE=blue-green "PORTS=$blue, $green" "START_CMD=exec $(node_binary) app.mjs" 'HEALTH_URL=http://127.0.0.1:{port}/health' \
		"FRONT_URL=http://127.0.0.1:$port/health" HEALTH_DEADLINE=$(patient 3) HEALTH_NEED=1 GRACE=0 STOP_TIMEOUT=2 "$@" | conf staging
}

start_proxy() {
	mkdir -p "$root"
	"$(node_binary)" "$repo/scripts/deployctl/traffic-proxy.mjs" "$root/traffic" "$port" >/dev/null 2>&1 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/front.pid"
	listening() { (: >"/dev/tcp/127.0.0.1/$port"); } 2>/dev/null
	wait_until listening
}

start_nginx() {
	local dir=$BATS_TEST_TMPDIR/nginx user=''
	command -v nginx >/dev/null || PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip 'nginx is not installed'
	[ "$(id -u)" -ne 0 ] || user='user root;'
	mkdir -p "$dir" "$root"
	# As in docs/scripts.md.
	cat >"$dir/nginx.conf" <<-TEXT
		$user worker_processes 1; daemon off; pid $dir/pid; error_log $dir/error.log;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
			upstream blue { server 127.0.0.1:$blue max_fails=0; keepalive 32; }
			upstream green { server 127.0.0.1:$green max_fails=0; keepalive 32; }
			map \$realpath_root \$pool { ~/traffic/green\$ green; default blue; }
			server {
				listen 127.0.0.1:$port; root $root/active;
				location / { proxy_pass http://\$pool; proxy_http_version 1.1; proxy_set_header Connection ""; }
			}
		}
	TEXT
	nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/front.pid"
	wait_until curl -s -o /dev/null "http://127.0.0.1:$port/"
}

answers() { curl -s -m "$patience" "http://127.0.0.1:${1:-$port}/"; }
nobody_on() { none curl -s -o /dev/null -m 1 "http://127.0.0.1:$1/"; }

# The same story behind every front.
colours_take_turns() {
	deployed staging "$c1"
	first=$REPLY
	[ "$(answers)" = "$first" ]
	deployed staging "$c2"
	second=$REPLY
	[ "$(answers)" = "$second" ]
	[ "$(live)" = "$second" ]
	# The old colour is kept warm: back without a start.
	[ "$(answers "$blue")" = "$first" ]
	run rollback --env staging
	ends_with 0 "live=$first"
	[[ $output == *'note start slot=blue warm=yes'* && $output != *'begin start'* ]]
	[ "$(answers)" = "$first" ]
	# What was left is stopped.
	nobody_on "$green"
	# One that is ill never gets traffic.
	HEALTH_DEADLINE=0.5 run deploy --env staging --sha "$c4"
	ends_with 10 "live=$first cause=health"
	[ "$(answers)" = "$first" ]
	nobody_on "$green"
	[[ $(rollback --env staging --list) == *"sha=$c4 live=no"*'bad=yes'* ]]
}

@test "two colours behind the proxy" {
	conf_colours TRAFFIC=proxy
	start_proxy
	colours_take_turns
	cmp "$root/traffic" "$root/traffic.ack"
	[[ $(rollback --env staging --status) == *traffic=blue* ]]
}

@test "two colours behind nginx, by a link and without a reload" {
	conf_colours TRAFFIC=symlink
	start_nginx
	colours_take_turns
	[ "$(readlink "$root/active")" = traffic/blue ]
}

@test "two colours behind anything, by a command" {
	cat >"$repo/traffic.sh" <<-TEXT
		if [ "\$1" = set ]; then echo "\$2" >$BATS_TEST_TMPDIR/traffic; echo "\$2 \$SLOT \$PORT" >>$BATS_TEST_TMPDIR/calls; else cat $BATS_TEST_TMPDIR/traffic; fi
	TEXT
	conf_colours TRAFFIC=command "TRAFFIC_CMD=bash $repo/traffic.sh" FRONT_URL=
	deployed staging "$c1"
	deployed staging "$c2"
	run rollback --env staging
	ends_with 0
	[ "$(cat "$BATS_TEST_TMPDIR/calls")" = "blue blue $blue
green green $green
blue blue $blue" ]
}

@test "a proxy that does not run is noticed before anything happens" {
	conf_colours TRAFFIC=proxy
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=traffic
	[[ $output == *'is it running?'* ]]
	nobody_on "$blue"
}

@test "a front that shows another release is noticed after the switch" {
	conf_colours TRAFFIC=proxy
	start_proxy
	deployed staging "$c1"
	first=$REPLY
	# The front leads elsewhere.
	conf_colours TRAFFIC=proxy "FRONT_URL=http://127.0.0.1:$blue/health" HEALTH_DEADLINE=$(patient 2)
	run deploy --env staging --sha "$c2"
	ends_with 20 "live=$first cause=health"
	[ "$(answers)" = "$first" ]
	nobody_on "$green"
}

@test "without warmth the old colour is stopped, and a rollback starts it again" {
	conf_colours TRAFFIC=proxy WARM=no
	start_proxy
	deployed staging "$c1"
	first=$REPLY
	deployed staging "$c2"
	nobody_on "$blue"
	run rollback --env staging
	ends_with 0 "live=$first"
	[[ $output == *'begin start'* ]]
	[ "$(answers)" = "$first" ]
}

@test "an application that ends at once, or is started elsewhere" {
	conf_colours TRAFFIC=proxy HEALTH_DEADLINE=$patience 'PREPARE_CMD=echo start=fail >behaviour; echo cannot find my keys >&2'
	start_proxy
	run deploy --env staging --sha "$c1"
	ends_with 10 cause=health
	[[ $output == *'START_CMD has ended'* ]]
	# START_CMD hands it to somebody else, STOP_CMD takes it back.
	conf_colours TRAFFIC=proxy "START_CMD=setsid $(node_binary) app.mjs & echo \$! >../../\$SLOT.pid" 'STOP_CMD=kill $(cat ../../$SLOT.pid)' WARM=no
	deployed staging "$c2"
	deployed staging "$c3"
	[ "$(answers)" = "$REPLY" ]
	wait_until nobody_on "$blue"
	kill "$(cat "$root/green.pid")"
}

@test "a process that is restarted: the old one is gone, the new one holds nothing of ours" {
	printf '%s\n' "ROOT=$root" RESTART=process "START_CMD=PORT=$port exec $(node_binary) app.mjs" "HEALTH_URL=http://127.0.0.1:$port/health" HEALTH_DEADLINE=$(patient 5) HEALTH_NEED=1 STOP_TIMEOUT=2 | conf staging
	DEPLOYCTL_OPERATION=op deployed staging "$c1"
	read -r old _ <"$root/.deployctl/slots/app.pid"
	none grep -aq DEPLOYCTL "/proc/$old/environ"
	none grep -q '/lock$' <<<"$(ls -l "/proc/$old/fd")"
	deployed staging "$c2"
	[ "$(answers)" = "$REPLY" ]
	none is_running "$old"
	# One that ignores TERM is killed.
	read -r pid _ <"$root/.deployctl/slots/app.pid"
	kill -STOP "$pid"
	run rollback --env staging
	ends_with 0
	[[ $output == *'note stop'*killed* ]]
}

# A stand-in on PATH that writes down how it was called.
stand_in() { # NAME BODY
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/bash\necho "%s $*" >>%s/calls\n%s\n' "$1" "$BATS_TEST_TMPDIR" "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "PM2: the words that it needs to take the new release (a stand-in for pm2)" {
	stand_in pm2 'pwd -P >>'"$BATS_TEST_TMPDIR"'/where'
	printf '%s\n' "ROOT=$root" RESTART=pm2 PM2_APP=web | conf staging
	deployed staging "$c1"
	printf '%s\n' "ROOT=$root" RESTART=pm2 PM2_APP=web PM2_CONFIG=ecosystem.config.cjs | conf staging
	deployed staging "$c2"
	[ "$(cat "$BATS_TEST_TMPDIR/calls")" = 'pm2 restart web --update-env
pm2 startOrReload ecosystem.config.cjs --only web --update-env' ]
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/where")" = "$root/releases/$REPLY" ]
}

@test "systemd: restarted, and asked whether it is active (a stand-in for systemctl)" {
	stand_in systemctl '[ "$1" != is-active ] || [ ! -e '"$BATS_TEST_TMPDIR"'/dead ]'
	stand_in sudo '"${@:2}"'
	printf '%s\n' "ROOT=$root" RESTART=systemd SYSTEMD_UNIT=web.service 'SYSTEMCTL=sudo -n systemctl' | conf staging
	deployed staging "$c1"
	grep -qx 'systemctl restart web.service' "$BATS_TEST_TMPDIR/calls"
	touch "$BATS_TEST_TMPDIR/dead"
	run deploy --env staging --sha "$c2"
	ends_with 30 cause=restart
}
