# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Watches a run on one host. What it says goes line by line to descriptor 3, behind the number of the host.

# Starts a run, or watches the one that was started: the same command, so that it may be repeated when an answer is lost.
follow_once() { # INDEX launch|attach FROM-LINE
	local agent
	if [ "$2" = attach ]; then
		{ say_mark; cat "$WORK/agent.sh"; stream_for "$1"; } | on_host "$1" "bash -s -- attach $3"
		return
	fi
	stream_for "$1" >/dev/null
	agent=$ROOT/.deployctl/bin/$AGENT_SHA.sh
	# The host half lies there as a file that has been read and compared as a whole: a stream that breaks must not run in part.
	{ cat "$WORK/agent.sh"; stream_for "$1"; } | on_host "$1" "sh -c '
		printf \"\\n%s\\n\" $MARK
		umask 077
		if [ -f $agent ]; then head -c $AGENT_BYTES >/dev/null
		else
			mkdir -p $ROOT/.deployctl/bin && head -c $AGENT_BYTES >$agent.\$\$ &&
				[ \"\$(sha256sum <$agent.\$\$ | cut -c 1-64)\" = $AGENT_SHA ] && mv $agent.\$\$ $agent || exit 3
		fi
		exec bash $agent launch $agent $3'"
}

# Until its last line. A connection that breaks is opened again, from the line after the last one; pauses double up to DEPLOYCTL_PATIENCE.
follow() { # INDEX launch|attach
	local line lines=0 pause=1 before begun
	while [ "$pause" -le "${DEPLOYCTL_PATIENCE:-16}" ]; do
		before=$lines begun=no
		while IFS= read -r line; do
			[ "$line" != "$MARK" ] || begun=yes
			# What the shell there says at login is none of ours, whatever it looks like.
			case $begun$line in "yes$PROTOCOL "*) ;; *) continue ;; esac
			# Killed, our reader leaves nobody who would read.
			kill -0 $$ 2>/dev/null || exit
			lines=$((lines + 1))
			printf '%s %s\n' "$1" "$line" >&3
			case $line in *' end '*) return 0 ;; esac
		done < <(follow_once "$1" "$2" "$lines")
		[ "$lines" -eq "$before" ] || pause=1
		printf '%s again %s\n' "$1" "$pause" >&3
		sleep "$pause"
		pause=$((pause * 2))
	done
	printf '%s lost\n' "$1" >&3
}

follow_all() { # launch|attach
	local index
	mkfifo "$WORK/lines" && exec 3<>"$WORK/lines"
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		# A signal to the whole group is for us: the hosts are told, and watched to their end.
		(trap '' TERM INT HUP; trap : PIPE; exec </dev/null; follow "$index" "$1") &
	done
	# So that a signal is heard even where nothing is said for long.
	(exec </dev/null >/dev/null 2>&1; while kill -0 $$; do sleep 1; echo '- tick' >&3; done) &
	in_background
}

in_background() {
	BACKGROUND="$BACKGROUND $!"
	disown
}

# A word to a run, in the background.
tell() { # INDEX go|commit|undo [TEXT]
	(trap '' TERM INT; ask "$1" tell "$2" ${3:+"$3"} >/dev/null) &
	in_background
}

cancel_host() { # INDEX
	(trap '' TERM INT; ask "$1" cancel >/dev/null) &
	in_background
}
