# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Health: so many 200 in a row, from the right release, before a deadline. What cannot be asked is said to be unchecked.

url_for() { # URL PORT
	REPLY=${1//'{port}'/$2}
	REPLY=${REPLY//'{host}'/${HOST_NAME:-localhost}}
}

# Asks once. PROBE_CODE: status, or 000; PROBE_RELEASE: what answered, `-` when it does not say; PROBE: ok | bad | other | unnamed.
probe_once() { # URL PORT RELEASE
	local head code sha
	url_for "$1" "$2"
	# Nothing of it touches the disk: a probe has to work on a full one.
	head=$(curl -s -m 5 -o /dev/null -D - -w '\n%{http_code}' "$REPLY" 2>/dev/null 9>&-)
	code=${head##*$'\n'}
	PROBE_CODE=${code:-000} PROBE_RELEASE=- PROBE=bad
	[[ $PROBE_CODE == 200 ]] || return 0
	shopt -s nocasematch
	if [[ $head =~ [[:space:]]x-release:[[:space:]]*([^[:space:]]+) ]]; then PROBE_RELEASE=${BASH_REMATCH[1]}; fi
	shopt -u nocasematch
	sha_of "$3"
	sha=$REPLY
	PROBE=unnamed
	if [[ $PROBE_RELEASE != - ]]; then
		if [[ $PROBE_RELEASE == "$3" || $PROBE_RELEASE == "$sha" ]]; then PROBE=ok; else PROBE=other; fi
	elif [[ -n $VERSION_URL ]]; then
		probe_version "$2" "$3" "$sha"
	elif [[ $IDENTITY == required ]]; then
		PROBE=other
	fi
}

probe_version() { # PORT RELEASE SHA
	local body
	url_for "$VERSION_URL" "$1"
	body=$(curl -s -f -m 5 --max-filesize 65536 "$REPLY" 2>/dev/null 9>&- | head -c 65536 | tr -d '\0')
	PROBE=other PROBE_RELEASE=other
	[[ $body != *"$2"* && $body != *"$3"* && $body != *"${2#*-}"* ]] || PROBE=ok PROBE_RELEASE=$2
}

# 0.25 -> 250000, in REPLY.
microseconds_of() { # SECONDS
	local fraction=''
	[[ $1 != *.* ]] || fraction=${1#*.}
	fraction=${fraction}000000
	REPLY=$((10#${1%%.*} * 1000000 + 10#${fraction:0:6}))
}

# Waits until URL answers for RELEASE. WATCH: a "pid start" file; when its process is gone there is nothing to wait for.
health_wait() { # STEP URL PORT RELEASE DEADLINE-SECONDS [WATCH]
	local step=$1 until pause=50 try=0 good=0 now next
	microseconds_of "$5"
	until=$REPLY
	clock_us
	until=$((until + REPLY))
	while :; do
		cancelled && { REPLY='cancelled'; return 1; }
		try=$((try + 1))
		probe_once "$2" "$3" "$4"
		if [[ $PROBE == ok || $PROBE == unnamed ]]; then
			good=$((good + 1)) pause=50
			say_how_long_away "$step"
		else
			good=0
		fi
		clock_us
		now=$REPLY
		if ((good >= HEALTH_NEED)); then
			emit probe "$step" "try=$try" "code=$PROBE_CODE" "release=$PROBE_RELEASE" "good=$good/$HEALTH_NEED"
			if [[ $PROBE == unnamed ]]; then identity_unchecked "$step"; fi
			return 0
		fi
		seconds_of $((pause * 1000))
		next=$REPLY
		emit probe "$step" "try=$try" "code=$PROBE_CODE" "release=$PROBE_RELEASE" "good=$good/$HEALTH_NEED" "next=${next}s"
		if [[ -n ${6:-} ]] && ! is_recorded_alive "$6"; then
			REPLY='START_CMD has ended: it has to stay in the foreground, unless there is a STOP_CMD'
			return 1
		fi
		if ((now >= until && good == 0)); then
			health_why "$4" "$5"
			return 1
		fi
		nap "$next"
		if ((good == 0)); then pause=$((pause * 2 > 500 ? 500 : pause * 2)); fi
	done
}

# From a restart to the first good answer: the gap, where there is only one instance.
say_how_long_away() { # STEP
	[[ -n $AWAY_SINCE ]] || return 0
	clock_us
	seconds_of $((REPLY - AWAY_SINCE))
	emit note "$1" "away=$REPLY" -- 'seconds from the restart to the first good answer'
	AWAY_SINCE=''
}

health_why() { # RELEASE SECONDS
	case $PROBE in
		other) REPLY="answers 200, but as $PROBE_RELEASE instead of $1, after $2 s" ;;
		bad) if [[ $PROBE_CODE == 000 ]]; then REPLY="no answer within $2 s"; else REPLY="still $PROBE_CODE after $2 s"; fi ;;
		*) REPLY="not $HEALTH_NEED good answers in a row within $2 s" ;;
	esac
}

identity_unchecked() { # STEP
	emit note "$1" identity=unchecked -- 'the answers do not say of which release they are: send X-Release, or set VERSION_URL'
}

# The step `verify` under any name: the application itself, and what users talk to.
verify() { # STEP RELEASE [AT-MOST-SECONDS]
	local step=$1 release=$2 deadline=$HEALTH_DEADLINE port='' watch='' url checked=no
	step_begin "$step"
	if [[ -n ${3:-} && ${deadline%%.*} -ge $3 ]]; then deadline=$3; fi
	if [[ $MODE == restart && $RESTART == process ]]; then watch=$STATE/slots/app.pid; fi
	if [[ $MODE == blue-green ]]; then
		traffic_get
		slot_port "$REPLY"
		port=$REPLY
	fi
	for url in "$HEALTH_URL" "$FRONT_URL"; do
		[[ -n $url ]] || continue
		checked=yes
		if ! health_wait "$step" "$url" "$port" "$release" "$deadline" "$watch"; then
			step_fail "$step" health -- "$REPLY"
			return 1
		fi
	done
	if [[ $checked == no ]]; then
		UNCHECKED=yes
		emit note "$step" health=unchecked -- 'HEALTH_URL is not set: nobody knows whether it works'
	fi
	if cancelled; then step_fail "$step" cancelled; return 1; fi
	step_ok "$step"
}
