# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# The switch: one rename(2) each, so that at every moment the old or the new is there, and never nothing.
# `ln -sfn` is not atomic everywhere, and `mv` without -T would move the link into the directory that the old one points to.

point_link() { # LINK TARGET
	local try
	# A second TERM to the whole group may end `mv` itself: what is asked for is what the link says afterwards.
	for try in 1 2 3; do
		[[ ! -e $1.new && ! -L $1.new ]] || rm -f "$1.new"
		ln -s "$2" "$1.new" && mv -Tf "$1.new" "$1" && return 0
		[[ $(readlink "$1") == "$2" ]] && return 0
	done
	return 1
} 2>>"$OUTPUT"

# Puts a release live: in blue-green mode its colour gets the traffic first.
switch_to() { # STEP RELEASE SLOT
	step_begin "$1" "to=$2" ${3:+"slot=$3"}
	if [[ -n $3 ]] && ! traffic_set "$3"; then
		step_fail "$1" traffic -- "$REPLY"
		return 1
	fi
	if ! point_link "$ROOT/current" "releases/$2"; then
		step_fail "$1" switch -- "$ROOT/current could not be replaced"
		return 1
	fi
	step_ok "$1"
}

other_slot() { if [[ $1 == blue ]]; then REPLY=green; else REPLY=blue; fi; }

slot_port() { # SLOT
	if [[ $1 == green ]]; then REPLY=${PORTS#*,}; else REPLY=${PORTS%,*}; fi
	REPLY=${REPLY// /}
}

# The colour that gets the traffic, in REPLY; empty: none.
traffic_get() {
	case $TRAFFIC in
		symlink) REPLY=$(readlink "$ROOT/active" 2>/dev/null) || REPLY='' ; REPLY=${REPLY##*/} ;;
		proxy) traffic_read_file ;;
		command) REPLY=$(cd "$ROOT" && timeout 10 bash -c "$TRAFFIC_CMD get" </dev/null 2>/dev/null 9>&-) || REPLY='' ;;
	esac
	is_in "${REPLY:--}" 'blue green' || REPLY=''
}

traffic_set() { # SLOT; in REPLY why it failed
	local port
	slot_port "$1"
	port=$REPLY
	case $TRAFFIC in
		symlink)
			# Real directories: nginx maps by the real path, and a link would be followed to somewhere else.
			mkdir -p "$ROOT/traffic/blue" "$ROOT/traffic/green" && point_link "$ROOT/active" "traffic/$1" && return 0
			REPLY="$ROOT/active could not be replaced"
			;;
		proxy) traffic_write_file "$1 100 127.0.0.1:$port" && return 0 ;;
		command)
			SLOT=$1 PORT=$port run_command step "$ROOT" bash -c "$TRAFFIC_CMD set $1" && return 0
			REPLY='TRAFFIC_CMD set failed'
			;;
	esac
	return 1
}

traffic_file() { REPLY=${TRAFFIC_FILE:-$ROOT/traffic}; }

# The name with the greatest weight.
traffic_read_file() {
	local name weight rest best=0 found=''
	traffic_file
	while read -r name weight rest; do
		[[ $name != '#'* && $weight =~ ^[0-9]{1,6}$ && -n $rest ]] || continue
		if ((weight > best)); then best=$weight found=$name; fi
	done 2>/dev/null <"$REPLY"
	REPLY=$found
}

# Replaces the proxy's file, and waits until the proxy says that it follows it: it writes the same text into FILE.ack.
traffic_write_file() { # LINES
	local file try
	traffic_file
	file=$REPLY
	clock_us
	write_whole "$file" "# $RUN $REPLY${1:+$'\n'$1}" || { REPLY="$file could not be written"; return 1; }
	for ((try = 0; try < 100; try++)); do
		cmp -s "$file" "$file.ack" && return 0
		if cancelled; then break; fi
		sleep 0.05 9>&-
	done
	REPLY="the proxy does not acknowledge $file: is it running?"
	return 1
}

# Before anything depends on it: does the proxy listen to us? It gets what it has, under a new number.
traffic_check() {
	[[ $MODE == blue-green && $TRAFFIC == proxy ]] || return 0
	traffic_file
	traffic_write_file "$(grep -v '^#' "$REPLY" 2>/dev/null)"
}
