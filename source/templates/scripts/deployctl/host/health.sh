# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Health: so many 200 in a row, from the right release, before a deadline. What cannot be asked is said to be unchecked.

url_for() { # URL PORT
	REPLY=${1//'{port}'/$2}
	REPLY=${REPLY//'{host}'/${HOST_NAME:-localhost}}
}

# A proxy of the host's environment leads out of it, never to what runs on it.
# Becomes curl: for a subshell.
directly() { no_proxy="localhost,127.0.0.1,::1,${no_proxy:-${NO_PROXY:-}}" exec curl "$@"; }

# Asks once. PROBE_CODE: status, or 000; PROBE_RELEASE: what answered, `-` when it does not say; PROBE: ok | bad | other | unnamed.
probe_once() { # URL PORT RELEASE
	local head code sha
	url_for "$1" "$2"
	# Nothing of it touches the disk: a probe has to work on a full one.
	head=$(directly -s -m 5 -o /dev/null -D - -w '\n%{http_code}' "$REPLY" 2>/dev/null 9>&-)
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
		identity_in "$PROBE_RELEASE" "$3" "$sha"
	elif [[ -n $VERSION_URL ]]; then
		probe_version "$2" "$3" "$sha"
	fi
	if [[ $PROBE == unnamed && $IDENTITY == required ]]; then PROBE=other; fi
}

probe_version() { # PORT RELEASE SHA
	local body
	url_for "$VERSION_URL" "$1"
	PROBE=other PROBE_RELEASE=no-version
	body=$(directly -s -f -m 5 --max-filesize 65536 "$REPLY" 2>/dev/null 9>&- | head -c 65536 | tr -d '\0')
	[[ -z $body ]] || identity_in "$body" "$2" "$3"
}

# Whose answer TEXT is. PROBE: ok, when it has this release or its commit in it; other, when what it calls its version is another
# commit; else unnamed. PROBE_RELEASE: what it says, as far as that can be told.
identity_in() { # TEXT RELEASE SHA
	local text=${1,,} word other=''
	PROBE=unnamed PROBE_RELEASE=unnamed
	# Built from a work tree that was changed: not this commit, and no other one either.
	[[ ! $text =~ [0-9a-f]{7,40}[-+.]dirty|\"dirty\":[[:space:]]*\"?true ]] || return 0
	if [[ $text == *"$2"* ]]; then
		PROBE=ok PROBE_RELEASE=$2
		return 0
	fi
	for word in $(commits_in "$text"); do
		same_sha "$word" "$3" || continue
		PROBE=ok PROBE_RELEASE=$2
		return 0
	done
	# What else has digits like a commit on a page may be anything: only what stands alone, or under a name that means a version.
	if [[ ! $text =~ ^[^[:space:]\<\{]{7,200}[[:space:]]*$ ]]; then
		text=$(grep -oE '(sha|commit|commit\.id|commit[_-]?(id|hash|sha)|revision|rev|version|release|tag)["'\'']?([:=]|[[:space:]])[[:space:]]*["'\'']?[^]["'\'',[:space:]{}<>]{7,200}' <<<"$text" | sed -E 's/^[a-z._-]+["'\'' ]*[:=]?//')
	fi
	for word in $(commits_in "$text"); do
		[[ ${#word} == 40 || (${#word} -le 16 && $word == *[0-9]* && $word == *[a-f]*) ]] || continue
		[[ -z $other || $other == "$word"* || $word == "$other"* ]] || return 0
		other=$word
	done
	[[ -z $other ]] || PROBE=other PROBE_RELEASE=$other
}

# Words of TEXT that may be commits, one a line: no dates, no parts of a UUID or of an image's digest. `git describe` writes a g before one.
commits_in() { # TEXT
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ /g; s/(sha(224|256|384|512)|md5)[:-][0-9a-f]+/ /g; s/[^0-9a-z]+/\n/g' <<<"$1" |
		sed -nE '/^g?[0-9a-f]{7,40}$/{s/^g//;/^(19|20)[0-9]{6}([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9})?$/!p;}' | head -n 200
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
		other)
			case $PROBE_RELEASE in
				no-version) REPLY="answers 200, but VERSION_URL does not, after $2 s" ;;
				unnamed | -) REPLY="answers 200, but does not say of which release, after $2 s: send X-Release, or set VERSION_URL (IDENTITY=required)" ;;
				*) REPLY="answers 200, but as $PROBE_RELEASE instead of $1, after $2 s" ;;
			esac ;;
		bad) if [[ $PROBE_CODE == 000 ]]; then REPLY="no answer within $2 s"; else REPLY="still $PROBE_CODE after $2 s"; fi ;;
		*) REPLY="not $HEALTH_NEED good answers in a row within $2 s" ;;
	esac
}

identity_unchecked() { # STEP
	UNPROVEN=yes
	emit note "$1" identity=unchecked -- 'the answers do not say of which release they are, so it is unproven that this one runs: send X-Release, or set VERSION_URL'
}

# The step `verify` under any name: the application itself, and what users talk to.
verify() { # STEP RELEASE [AT-MOST-SECONDS]
	local step=$1 release=$2 deadline=$HEALTH_DEADLINE port='' watch='' url checked=no
	UNPROVEN=no
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
