# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# What lies on the host, and how it is read and written. Everything that is written is written whole or not at all.
#
#   ROOT/current -> releases/<id>      ROOT/releases/<id>/      ROOT/shared/
#   ROOT/.deployctl/ lock lock.info history intent reserve releases/<id>.{complete,bad} slots/ runs/<run>/ bin/

state_paths() {
	RELEASES=$ROOT/releases
	STATE=$ROOT/.deployctl
	RUN_DIR=$STATE/runs/${RUN:-}
}

is_release_id() { [[ $1 =~ ^[0-9]{14}-[0-9a-f]{7,40}$ ]]; }

is_run_id() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ && $1 != *..* ]]; }

is_complete() { [[ -e $STATE/releases/$1.complete && -d $RELEASES/$1 ]]; }

is_bad() { [[ -e $STATE/releases/$1.bad ]]; }

# The release that a link points to, in REPLY; empty when it points nowhere, or to what is no release. No process is started for
# it: it is asked many times in a run.
release_of_link() {
	local path
	REPLY=''
	[[ -L $1 && -d $1 ]] || return 0
	for path in "$RELEASES"/*/; do
		[[ $1 -ef $path ]] || continue
		path=${path%/}
		is_release_id "${path##*/}" || continue
		REPLY=${path##*/}
		return 0
	done
}

# The live release, in REPLY. In blue-green mode traffic is the truth, and `current` follows it.
live_release() {
	if [[ $MODE == restart ]]; then
		release_of_link "$ROOT/current"
		return
	fi
	traffic_get
	if [[ -n $REPLY ]]; then release_of_link "$STATE/slots/$REPLY"; fi
}

# One value of a line of key=value pairs, in REPLY.
value_in() { # KEY LINE
	REPLY=" $2 "
	if [[ $REPLY == *" $1="* ]]; then
		REPLY=${REPLY#*" $1="}
		REPLY=${REPLY%% *}
	else
		REPLY=''
	fi
}

# A value of the marker that a release got when it was complete, in REPLY.
release_value() { # ID KEY
	REPLY=''
	{ IFS= read -r REPLY <"$STATE/releases/$1.complete"; } 2>/dev/null || :
	value_in "$2" "$REPLY"
}

sha_of() {
	release_value "$1" sha
	[[ -n $REPLY ]] || REPLY=${1#*-}
}

same_sha() { [[ -n $1 && -n $2 && ($1 == "$2"* || $2 == "$1"*) ]]; }

# Room for the last word on a full disk: given back before something is written that must be.
reserve_make() { [[ -e $STATE/reserve ]] || head -c 262144 /dev/zero 2>/dev/null >"$STATE/reserve"; }

reserve_free() { rm -f "$STATE/reserve"; }

# A small file, whole or not at all.
write_whole() { # FILE TEXT
	local again
	for again in no yes; do
		{ printf '%s\n' "$2" >"$1.new" && mv -Tf "$1.new" "$1"; } 2>/dev/null && return 0
		rm -f "$1.new"
		[[ $again == yes ]] || reserve_free
	done
	return 1
}

history_add() { # KIND WHAT ID key=value...
	utc_now
	local line="$REPLY $*" again
	for again in no yes; do
		{ printf '%s\n' "$line" >>"$STATE/history"; } 2>/dev/null && return 0
		[[ $again == yes ]] || reserve_free
	done
	return 1
}

# Directories and the files that the next steps count on. Fails on a full disk: no record, no action.
state_make() {
	local path
	for path in "$RELEASES" "$STATE/releases" "$STATE/runs" "$STATE/bin" "$STATE/slots"; do
		[[ -d $path ]] || mkdir -p "$path" || return 1
	done
	chmod 0700 "$STATE" && { [[ -e $STATE/history ]] || : >"$STATE/history"; }
} 2>/dev/null

intent_write() { # FROM TO
	utc_now
	write_whole "$STATE/intent" "run=$RUN kind=$ACTION from=${1:--} to=$2 at=$REPLY"
}

# This run's own intent, when nothing has been switched; that of a run before says what is still to be done.
intent_clear() {
	local intent
	{ IFS= read -r intent <"$STATE/intent"; } 2>/dev/null || return 0
	value_in run "$intent"
	[[ $REPLY != "$RUN" ]] || rm -f "$STATE/intent"
}

# The run that neither finished nor said how it ended, in REPLY with its INTENT_KIND (deploy, rollback; migrate: before the switch),
# INTENT_FROM, INTENT_TO, INTENT_BEFORE (the database's position), INTENT_WHOLE (the kind of a migration whose `up` has ended well). Ask only when no run is alive.
interrupted_run() {
	local intent
	REPLY=''
	{ IFS= read -r intent <"$STATE/intent"; } 2>/dev/null || return 0
	value_in run "$intent"
	local run=$REPLY
	# The verdict goes into the history before the intent is taken away.
	if [[ -z $run ]] || grep -qE " (ok|failed|returned) [a-z]+ [^ ]+ run=${run//./[.]}( |\$)" "$STATE/history" 2>/dev/null; then
		REPLY=''
		return 0
	fi
	value_in kind "$intent"; INTENT_KIND=$REPLY
	value_in from "$intent"; INTENT_FROM=${REPLY#-}
	value_in to "$intent"; INTENT_TO=$REPLY
	value_in before "$intent"; INTENT_BEFORE=${REPLY#-}
	value_in whole "$intent"; INTENT_WHOLE=$REPLY
	REPLY=$run
}
