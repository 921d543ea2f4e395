# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# One run at a time: a kernel lock on descriptor 9, free as soon as its holder is gone, however it went. Whatever a run starts that
# lives on must not inherit it (`9>&-`), or the next run would be refused for ever.

lock_take() {
	exec 9>>"$STATE/lock" || return 1
	# Somebody who only looks whether it is busy holds it for an instant.
	flock -w 0.5 9 || { exec 9>&-; return 1; }
	utc_now
	write_whole "$STATE/lock.info" "run=$RUN action=$ACTION pid=$$ since=$REPLY" || :
}

# Whether somebody holds it. Creates nothing.
lock_is_busy() {
	[[ -e $STATE/lock ]] || return 1
	! flock -n -s "$STATE/lock" true 9>&-
}

# Who holds it, as key=value pairs, in REPLY.
lock_holder() {
	REPLY=''
	{ IFS= read -r REPLY <"$STATE/lock.info"; } 2>/dev/null || :
}

# Start time of a process in ticks since boot, in REPLY; with its pid an identity. Empty for a dead one and for a zombie.
process_start() { # PID
	local stat fields
	REPLY=''
	[[ $1 =~ ^[0-9]+$ ]] && { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
	# The name in parentheses may hold anything.
	read -ra fields <<<"${stat##*) }"
	[[ ${fields[0]} == [ZX] ]] || REPLY=${fields[19]}
}

# Whether the process of a "pid start" file lives; its pid in REPLY.
is_recorded_alive() { # FILE
	local pid start
	read -r pid start <"$1" || return 1
	process_start "$pid"
	[[ -n $REPLY && $REPLY == "$start" ]] || return 1
	REPLY=$pid
} 2>/dev/null
