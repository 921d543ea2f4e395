# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Which releases there are, and where a rollback may go. The history decides: only what was validated while live is a candidate,
# the times and names of directories say nothing.

# Fills RELEASE_IDS, newest first, and from the history: H_KIND H_WHAT H_ID H_LINE.
releases_load() {
	local path at kind what id rest
	RELEASE_IDS=() H_KIND=() H_WHAT=() H_ID=() H_LINE=()
	for path in "$RELEASES"/*/; do
		path=${path%/}
		path=${path##*/}
		if is_release_id "$path"; then RELEASE_IDS=("$path" "${RELEASE_IDS[@]}"); fi
	done
	declare -gA LAST_OK=() DEPLOYED=() HEALTH=()
	[[ -r $STATE/history ]] || return 0
	while read -r at kind what id rest; do
		is_release_id "$id" || continue
		H_KIND+=("$kind") H_WHAT+=("$what") H_ID+=("$id") H_LINE+=("$rest")
		if [[ $kind == ok ]]; then
			LAST_OK[$id]=$((${#H_ID[@]} - 1))
			if [[ $what == deploy ]]; then DEPLOYED[$id]=$at; fi
			value_in health "$rest"
			if [[ $REPLY == checked ]]; then HEALTH[$id]=yes; elif [[ $REPLY == unproven && ${HEALTH[$id]:-} != yes ]]; then HEALTH[$id]=unproven; fi
		elif [[ ($kind == failed || $kind == returned) && $rest == *cause=health* && -z ${HEALTH[$id]:-} ]]; then
			HEALTH[$id]=no
		fi
	done <"$STATE/history"
}

# The release whose incompatible migration forbids to go to ID, in REPLY; empty: none does. What came after ID was last seen
# healthy, and was not undone, counts. A run undoes what it has done itself, and nothing of another.
migration_before() { # ID
	local index=${LAST_OK[$1]:-0} at blocking=()
	for ((; index < ${#H_ID[@]}; index++)); do
		if [[ ${H_KIND[index]} == migrated && ${H_WHAT[index]} == incompatible && ${H_ID[index]} != "$1" ]]; then
			blocking[index]=${H_ID[index]}
		elif [[ ${H_KIND[index]} == unmigrated ]]; then
			value_in run "${H_LINE[index]}"
			for at in "${!blocking[@]}"; do
				[[ " ${H_LINE[at]} " != *" run=$REPLY "* || ${blocking[at]} != "${H_ID[index]}" ]] || unset "blocking[at]"
			done
		fi
	done
	REPLY=''
	for at in "${!blocking[@]}"; do REPLY=${blocking[at]}; done
}

# Whether a rollback may go to ID; if not, REPLY has the reason and CAUSE a word for it.
is_candidate() { # ID LIVE
	CAUSE=''
	if [[ ! -d $RELEASES/$1 ]]; then CAUSE=pruned REPLY='it is not on the host any more'
	elif ! is_complete "$1"; then CAUSE=incomplete REPLY='it never arrived completely'
	elif [[ $1 == "$2" ]]; then CAUSE=live REPLY='it is live'
	elif is_bad "$1"; then
		CAUSE=bad
		REPLY="marked bad: $(head -c 300 "$STATE/releases/$1.bad" 2>/dev/null)"
	elif [[ -z ${LAST_OK[$1]:-} ]]; then CAUSE=never-validated REPLY='it was never validated while live'
	else
		migration_before "$1"
		[[ -z $REPLY || ${FORCE_MIGRATION:-} == yes ]] && return 0
		CAUSE=migration REPLY="the migration of $REPLY cannot be undone"
	fi
	return 1
}

# Said wherever a release is chosen that nobody has seen to be what answered. REPLY: the sentence; fails when there is nothing to say.
is_unproven() { # ID
	[[ ${HEALTH[$1]:-} == unproven ]] || return 1
	REPLY='unproven: what answered was healthy, but did not say that it was this release'
}

# The default target, in REPLY: back from where the live release was last deployed, over what cannot be used, never forth.
# When nothing is found, CAUSE says why the nearest one was passed over.
default_target() { # LIVE
	local index=${#H_ID[@]} at nearest=''
	for ((at = ${#H_ID[@]} - 1; at >= 0; at--)); do
		if [[ ${H_KIND[at]} == ok && ${H_WHAT[at]} == deploy && ${H_ID[at]} == "$1" ]]; then index=$at; break; fi
	done
	while ((--index >= 0)); do
		[[ ${H_KIND[index]} == ok && ${H_ID[index]} != "$1" ]] || continue
		if is_candidate "${H_ID[index]}" "$1"; then
			REPLY=${H_ID[index]}
			return 0
		fi
		[[ -n $nearest ]] || nearest=$CAUSE
	done
	CAUSE=no-candidate REPLY=''
	[[ $nearest != migration ]] || CAUSE=migration
	return 1
}

# Where an interrupted run has to end, in REPLY: a deployment goes back, a rollback is completed. Empty: there is none; then
# REPAIR_BLOCKED is the release whose incompatible migration forbids it. To stay where the traffic is forbids none.
repair_target() {
	local target
	REPAIR_BLOCKED=''
	interrupted_run
	[[ -n $REPLY ]] || return 0
	if [[ $INTENT_KIND == rollback ]]; then target=$INTENT_TO; else target=$INTENT_FROM; fi
	if ! is_release_id "$target" || ! is_complete "$target"; then REPLY=''; return; fi
	live_release
	if [[ $REPLY != "$target" && ${FORCE_MIGRATION:-} != yes ]]; then
		migration_before "$target"
		REPAIR_BLOCKED=$REPLY
	fi
	REPLY=$target
	[[ -z $REPAIR_BLOCKED ]] || REPLY=''
}

# The newest release of a commit that may be used again, in REPLY: complete and not bad.
release_of_sha() { # SHA
	local id
	for id in "${RELEASE_IDS[@]}"; do
		if ! is_complete "$id" || is_bad "$id"; then continue; fi
		sha_of "$id"
		if same_sha "$REPLY" "$1"; then
			REPLY=$id
			return 0
		fi
	done
	REPLY=''
	return 1
}
