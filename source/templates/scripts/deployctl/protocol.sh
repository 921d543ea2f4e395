# shellcheck shell=bash disable=SC2034,SC2153,SC2119,SC2120 # names are shared among the parts
# The line protocol deployctl/1, for both halves (bash 3.2 is enough).
#
#   deployctl/1 <UTC> +<s.mmm> begin|ok|fail|probe|note|would|end <step>[ key=value]...[ -- free text]
#
# One write a line, at most 1,000 bytes, no spaces in values, no control characters. To write one never fails: what nobody reads,
# or what finds no room, must not stop a deployment in the middle.

PROTOCOL=deployctl/1
PROTOCOL_HOST=''   # set where there are several hosts
PROTOCOL_EVENTS='' # a file that gets every line too
PROTOCOL_START=${DEPLOYCTL_STARTED_US:-} # microseconds; what came before has begun to count
unset DEPLOYCTL_STARTED_US
PROTOCOL_ENDED=no

# Microseconds since the epoch, in REPLY; whole seconds before bash 5. The decimal sign is the locale's.
clock_us() {
	REPLY=${EPOCHREALTIME:-}
	REPLY=${REPLY/[!0-9]/}
	[ -n "$REPLY" ] || REPLY=$(date +%s)000000
}

# 1234567 -> 1.235, in REPLY.
seconds_of() {
	local ms=$((($1 + 500) / 1000))
	REPLY=000$((ms % 1000))
	REPLY=$((ms / 1000)).${REPLY: -3}
}

# The time now in UTC, in REPLY.
utc_now() { # [FORMAT of date]
	local format=${1:-%Y-%m-%dT%H:%M:%SZ}
	if [ "${BASH_VERSINFO[0]}" -ge 5 ]; then
		TZ=UTC0 printf -v REPLY "%($format)T" -1
	else
		REPLY=$(date -u "+$format")
	fi
}

# emit VERB STEP [key=value]... [-- text...]
emit() {
	local LC_ALL=C REPLY line value now
	clock_us
	now=$REPLY
	[ -n "$PROTOCOL_START" ] || PROTOCOL_START=$now
	utc_now
	line="$PROTOCOL $REPLY"
	seconds_of $((now - PROTOCOL_START))
	line="$line +$REPLY $1 $2${PROTOCOL_HOST:+ host=$PROTOCOL_HOST}"
	[ "$1" != end ] || PROTOCOL_ENDED=yes
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		value=${1#*=}
		line="$line ${1%%=*}=${value//[[:space:][:cntrl:]]/_}"
		shift
	done
	if [ $# -gt 1 ]; then
		shift
		value="$*"
		line="$line -- ${value//[[:cntrl:]]/ }"
	fi
	emit_line "$line"
}

# A whole line, as it is but for its length: a cut must not leave half a character behind.
emit_line() {
	local LC_ALL=C line=$1
	if [ ${#line} -gt 999 ]; then
		line=${line:0:996}
		while [ -n "$line" ] && [[ $line == *[!\ -~] ]]; do line=${line%?}; done
		line="$line..."
	fi
	if [ -n "$PROTOCOL_EVENTS" ]; then
		{ printf '%s\n' "$line" >>"$PROTOCOL_EVENTS"; } 2>/dev/null || :
	fi
	{ printf '%s\n' "$line"; } 2>/dev/null || :
}

# What went wrong, for a person. Never in the protocol's stream.
complain() {
	printf '%s\n' "$*" >&2 || :
}
