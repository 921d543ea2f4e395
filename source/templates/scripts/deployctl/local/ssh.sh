# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Hosts by ssh. One connection to each is opened and shared; 255 is never a verdict, only a connection that broke.

# HOST_LIST: destinations; HOST_NAMES: what they are called in the output. WORK: a directory of ours, with the sockets.
BACKGROUND='' # what is not waited for

ssh_begin() {
	local destination name
	HOST_LIST=() HOST_NAMES=()
	for destination in ${HOSTS//,/ }; do
		name=${destination#ssh://}
		name=${name#*@}
		name=${name%%/*}
		case $destination in ssh://*) name=${name//:/_} ;; esac
		HOST_LIST+=("$destination")
		HOST_NAMES+=("$name")
	done
	ROOT_TEMPLATE=$ROOT
	# A socket's path may have no more than 107 bytes, wherever TMPDIR is and however long users and hosts are called: a number a host.
	WORK=$(mktemp -d /tmp/dctl.XXXXXX) || wrong 'no directory in /tmp could be made'
	MARK=begins-${WORK##*.}-$RANDOM$RANDOM
	trap ssh_end EXIT
	ssh_write
	bundle >"$WORK/agent.sh"
	AGENT_SHA=$( (sha256sum 2>/dev/null || shasum -a 256) <"$WORK/agent.sh" | cut -c 1-64)
	AGENT_BYTES=$(wc -c <"$WORK/agent.sh" | tr -d ' ')
}

# WORK/ssh: ssh with all its options, for us and for rsync. INDEX in its environment: whose connection it shares.
ssh_write() {
	local option
	{
		printf '#!/bin/sh\nexec ssh'
		for option in ${SSH_CONFIG:+-F "$SSH_CONFIG"} ${SSH_PORT:+-p "$SSH_PORT"} ${SSH_IDENTITY:+-i "$SSH_IDENTITY"} \
			-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \
			-o ControlMaster=auto -o ControlPersist=60 -o LogLevel=ERROR; do
			printf " '%s'" "${option//\'/}"
		done
		# shellcheck disable=SC2016 # for the shell that runs it
		printf ' -o "ControlPath=%s/$INDEX" "$@"\n' "$WORK"
	} >"$WORK/ssh"
	chmod 0700 "$WORK/ssh"
}

ssh_end() {
	local index
	trap - EXIT
	# A child that is ended before it has forgotten our traps must not clear up behind us.
	[ "${BASHPID:-$$}" = $$ ] || return
	# Words that are still on their way to hosts that have ended, and the ticker.
	# shellcheck disable=SC2086 # several
	[ -z "$BACKGROUND" ] || kill -KILL $BACKGROUND 2>/dev/null
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		INDEX=$index "$WORK/ssh" -O exit "${HOST_LIST[index]}" >/dev/null 2>&1 </dev/null
	done
	rm -rf "$WORK"
}

# The host half as one text. In braces: a shell runs nothing of it before it has all of it.
bundle() {
	local part
	printf '{\n'
	while IFS= read -r part; do cat "$HERE/deployctl/$part" || exit 2; done <"$HERE/deployctl/host/parts"
	# shellcheck disable=SC2016 # for the shell over there
	printf 'agent "$@"\nexit\n}\n'
}

# Runs COMMAND on a host.
on_host() { # INDEX COMMAND
	INDEX=$1 "$WORK/ssh" "${HOST_LIST[$1]}" "$2"
}

# The first thing that bash does there. What comes before it is not ours: the start-up files of the shell there, a banner.
say_mark() { printf "printf '\\\\n%%s\\\\n' %s\n" "$MARK"; }

# Our lines. What was said before the mark goes into FILE.
after_mark() { # FILE
	awk -v "mark=$MARK" -v "noise=$1" -v "protocol=$PROTOCOL " \
		'begun { if (index($0, protocol) == 1) print; next } $0 == mark { begun = 1; next } /[^[:space:]]/ { print >noise }'
}

# Whether a host talks at login, as far as it was asked.
talks() { [ -s "$WORK/$1.noise" ]; } # INDEX

several() { [ ${#HOST_LIST[@]} -gt 1 ]; }

# Configuration and request for one host.
stream_for() { # INDEX
	HOST_NAME=${HOST_NAMES[$1]} ROOT=${ROOT_TEMPLATE//'{host}'/${HOST_NAMES[$1]}}
	if [ "$1" -eq 0 ]; then MIGRATE_HERE=yes; else MIGRATE_HERE=no; fi
	if several; then BARRIER=yes; fi
	conf_write
}

# Asks one host, as often as the connection breaks, three times; with all that it needs on stdin, so that nothing has to lie there.
ask() { # INDEX COMMAND [ARGUMENT...]
	local index=$1 try code
	shift
	for try in 1 2 3; do
		{ say_mark; cat "$WORK/agent.sh"; stream_for "$index"; } | on_host "$index" "bash -s -- $*" | after_mark "$WORK/$index.noise"
		code=${PIPESTATUS[1]}
		[ "$code" -eq 255 ] || return "$code"
		[ "$try" -eq 3 ] || [ "$try" -gt "${DEPLOYCTL_PATIENCE:-16}" ] || sleep "$try"
	done
	return 255
}

# The same question to all hosts, eight at a time; answers in WORK/<index>.<name>, codes in WORK/<index>.<name>.code.
ask_all() { # NAME COMMAND [ARGUMENT...]
	local name=$1 index
	shift
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		(
			ask "$index" "$@" >"$WORK/$index.$name"
			echo $? >"$WORK/$index.$name.code"
		) &
		[ $((index % 8)) -ne 7 ] || wait
	done
	wait
}

# The first host that did not answer, in REPLY; 1: all did.
silent_host() { # NAME
	local index
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		REPLY=${HOST_NAMES[index]}
		if ! grep -q ' end ' "$WORK/$index.$1"; then return 0; fi
	done
	return 1
}

# Step `upload` to one host.
upload_to() { # INDEX DIRECTORY
	local index=$1 try code incoming
	stream_for "$index" >/dev/null
	several && PROTOCOL_HOST=${HOST_NAMES[index]}
	incoming=$ROOT/releases/.incoming-$RUN
	emit begin upload "release=$RELEASE_ID"
	for try in 1 2 3; do
		answer_value rsync "$(cat "$WORK/$index.find")"
		if [ "$REPLY" = yes ] && command -v rsync >/dev/null && [[ ${HOST_LIST[index]} != ssh://* ]] && ! talks "$index"; then
			upload_rsync "$index" "$2" "$incoming"
		else
			{ cat "$WORK/agent.sh"; stream_for "$index"; tar -c -C "$2" -f - .; } | on_host "$index" 'bash -s -- receive' >"$WORK/$index.upload" 2>&1
		fi
		code=$?
		[ "$code" -ne 0 ] || { emit ok upload; return 0; }
		[ "$CANCELLED" = no ] || break
		[ "$try" -eq 3 ] || sleep "$try"
	done
	emit fail upload cause=upload -- "it ended with $code: $(tail -n 1 "$WORK/$index.upload")$(said_at_login "$code" "$WORK/$index.upload")"
	return 1
}

# What rsync means by the first bytes not being its own.
said_at_login() { # CODE FILE
	if [ "$1" -eq 2 ] && grep 'protocol' "$2" >/dev/null; then printf '; something there writes to standard output at login: is its shell clean?'; fi
}

# Before anything is built. rsync would take what is said at login for its own protocol; a stream gets along with it.
say_who_talks() {
	local index
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		talks "$index" || continue
		emit note upload "from=${HOST_NAMES[index]}" way=stream -- "something on ${HOST_NAMES[index]} writes to standard output at login, so that rsync cannot be used: every file is sent. Silence its shell's start-up files (.bashrc) for shells without a terminal"
	done
}

# By content, not by time and size: builds within one second, or with fixed times, would keep old files. What is the same is copied
# over there from the live release; never linked, or a release that writes into its files would change another.
upload_rsync() { # INDEX DIRECTORY INCOMING
	local live
	answer_value live "$(cat "$WORK/$1.find")"
	live=$REPLY
	INDEX=$1 rsync -rlpD --delete --checksum -s -e "$WORK/ssh" --rsync-path="mkdir -p '$3' && rsync" ${live:+"--copy-dest=../$live"} \
		"$2/" "${HOST_LIST[$1]}:$3/" </dev/null >"$WORK/$1.upload" 2>&1
}
