# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Step `migrate`: MIGRATE_CMD check, then up. Of several hosts only the first does it.
#
# `check` may print `migration=none|compatible|incompatible`; otherwise MIGRATE_KIND counts. The release before can live with a
# compatible migration, so that one stays when the release goes. With an incompatible one there is no automatic way back after the
# switch; before it, `down` takes it back.
#
# Nothing is undone by assumption. `MIGRATE_CMD position` says where the database stands, before `up`, after it, and after `down`,
# which is called with MIGRATE_TO=<the position from before>. Equal means that there is nothing to undo; only equal means that it is
# back; and what is not known is never undone: that ends with 30. An adapter is asked only where MIGRATE_POSITION=yes says that it
# knows the word: there are some that take every word they do not know for `down`.

MIGRATED=''         # none, compatible, incompatible, unknown: applied by this run; part: up failed; unsettled: for a person
MIGRATE_BEFORE=''   # the position before `up`; empty: not known
MIGRATE_NOW=''      # the last answer
MIGRATE_UP_TO=''    # where `up` has left it
MIGRATE_WORDS=''    # what is known of the database, for a person
TRANSACTIONAL=yes   # no: a failed `up` may leave what no position shows

migrate() { # ID
	[[ -n $MIGRATE_CMD && $MIGRATE_HERE != no ]] || return 0
	local id=$1 kind
	step_begin migrate
	export_release "$id" "$RELEASES/$id"
	migrate_check "$id" || return 1
	kind=$REPLY
	position_ask "$id"
	MIGRATE_BEFORE=$REPLY
	if cancelled; then step_fail migrate cancelled; return 1; fi
	migrate_note "$kind"
	migrate_resume
	migrate_announce "$id" "$kind" || { step_fail migrate disk -- 'the history cannot be written'; return 1; }
	migrate_call "$id" up || { migrate_failed "$id" $?; return 1; }
	MIGRATED=$kind
	migrate_intent "$id" "whole=$kind" || :
	migrate_remember "$id" "$kind"
	PHASE=asking
	position_ask "$id"
	MIGRATE_UP_TO=$REPLY
	PHASE=before
	if cancelled; then step_fail migrate cancelled; return 1; fi
	step_ok migrate "kind=$kind" "before=${MIGRATE_BEFORE:--}" "position=${MIGRATE_NOW:--}"
}

# The kind in REPLY: what `check` prints, and nobody else.
migrate_check() { # ID
	local since said
	since=$(stat -Lc %s "$OUTPUT" 2>/dev/null) || since=0
	if ! migrate_call "$1" check; then
		step_fail migrate "${CAUSE:-migration}" -- 'MIGRATE_CMD check refuses: nothing was changed'
		return 1
	fi
	said=$(tail -c "+$((since + 1))" "$OUTPUT" 2>/dev/null | tail -c 65536 | grep -aE '^(migration=(none|compatible|incompatible)|transactional=(yes|no))$')
	TRANSACTIONAL=yes
	[[ $said != *transactional=no* ]] || TRANSACTIONAL=no
	said=$(grep '^migration=' <<<"$said" | tail -n 1)
	REPLY=${said#*=}
	REPLY=${REPLY:-${MIGRATE_KIND:-unknown}}
}

migrate_note() { # KIND
	[[ $1 != incompatible ]] || emit note migrate kind=incompatible -- 'after the switch there is no automatic way back'
	[[ -z $MIGRATE_BEFORE ]] || return 0
	if [[ $MIGRATE_POSITION == yes ]]; then
		emit note migrate position=unknown -- 'MIGRATE_CMD position does not answer position=WORD: should up fail, nothing is taken back and a person has to look'
	else
		emit note migrate position=unknown -- 'should up fail, nothing is taken back and a person has to look; teach MIGRATE_CMD the word position, and set MIGRATE_POSITION=yes (docs/scripts.md, Migrations)'
	fi
}

# No record, no action. Killed from here on, the next run knows that the database is to be asked.
migrate_announce() { # ID KIND
	migrate_intent "$1" && history_add migrated "$2" "$1" "run=$RUN position=${MIGRATE_BEFORE:--}"
}

# What an earlier run left stays on record until it is settled.
migrate_intent() { # ID [whole=KIND: `up` has ended well]
	[[ -z $INTERRUPTED ]] || return 0
	utc_now
	write_whole "$STATE/intent" "run=$RUN kind=migrate from=${PREVIOUS:--} to=$1 before=${MIGRATE_BEFORE:--} at=$REPLY${2:+ $2}"
}

# A database half way is worse than a lock that is held for longer: the lock stays with it even if this script is killed.
migrate_call() { # ID check|up|down
	printf '\n' >>"$OUTPUT" 2>/dev/null || :
	run_command locked "$RELEASES/$1" bash -c "$MIGRATE_CMD $2"
}

# Where the database stands, in REPLY and MIGRATE_NOW; empty: not known. Known is only what comes with exit 0 as exactly one line
# `position=WORD`; other lines are a tool's chatter. Who does not answer within 30 seconds (or STEP_TIMEOUT) does not know.
position_ask() { # ID
	REPLY='' MIGRATE_NOW=''
	[[ $MIGRATE_POSITION == yes && -d $RELEASES/$1 ]] || return 0
	local cause=$CAUSE answer=$RUN_DIR/position line words=() length=0
	local STEP_TIMEOUT=$((STEP_TIMEOUT < 30 ? STEP_TIMEOUT : 30))
	# shellcheck disable=SC2016 # for the shell that is started
	if run_command step "$RELEASES/$1" bash -c 'set -o pipefail; bash -c "$1 position" | head -c 65536 >"$2"' position "$MIGRATE_CMD" "$answer"; then
		while IFS= read -r line; do
			length=$((length + ${#line} + 1))
			[[ $line != position=* ]] || words+=("${line#position=}")
		done <"$answer"
		# What is as long as it may be was cut off.
		if [[ ${#words[@]} -eq 1 && $length -lt 65536 ]] && is_position "${words[0]}"; then MIGRATE_NOW=${words[0]}; fi
	fi
	CAUSE=$cause
	[[ ! -s $answer ]] || head -c 4096 "$answer" >>"$OUTPUT"
	rm -f "$answer"
	REPLY=$MIGRATE_NOW
}

is_position() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,119}$ ]]; }

# After `up` or `down` has failed: a connection that broke may be back in a moment, and what was killed may still be at work in the
# database. So an unknown position is asked for again, and one that has not moved, too.
position_settles() { # ID EXIT
	local until try first=''
	MIGRATE_NOW=''
	[[ $MIGRATE_POSITION == yes ]] || return 0
	clock_us
	until=$((REPLY + 30000000))
	for try in 1 2 3; do
		position_ask "$1"
		if [[ -n $MIGRATE_NOW && ($2 -lt 124 || $MIGRATE_NOW == "$first") ]]; then return 0; fi
		first=$MIGRATE_NOW
		clock_us
		if ((try == 3 || REPLY > until)); then break; fi
		nap 2
	done
	MIGRATE_NOW=''
}

migrate_failed() { # ID EXIT
	local cause=${CAUSE:-migration}
	# Whoever wants to stop it waits for the answer: without it nobody knows what to do.
	PHASE=asking
	position_settles "$1" "$2"
	PHASE=before
	MIGRATED=unsettled
	if [[ $TRANSACTIONAL == no ]]; then
		migrate_says 'up failed, and this database does not take back by itself what a failed migration has done'
	elif [[ -z $MIGRATE_BEFORE || -z $MIGRATE_NOW ]]; then
		migrate_says 'up failed'
	elif [[ $MIGRATE_NOW == "$MIGRATE_BEFORE" ]]; then
		MIGRATED=''
		MIGRATE_WORDS="up failed and has applied nothing: the database stands at $MIGRATE_NOW, as before"
		migrate_forget "$1" "$RUN"
	else
		MIGRATED=part MIGRATE_UP_TO=$MIGRATE_NOW
		migrate_says 'up failed half way'
	fi
	step_fail migrate "$cause" "before=${MIGRATE_BEFORE:--}" "position=${MIGRATE_NOW:--}" -- "$MIGRATE_WORDS"
}

# What is known, in MIGRATE_WORDS.
migrate_says() { # WHAT
	local now="the database stands at $MIGRATE_NOW" before="before it stood at $MIGRATE_BEFORE"
	[[ -n $MIGRATE_NOW ]] || now='where the database stands is not known'
	[[ -n $MIGRATE_BEFORE ]] || before='where it stood before is not known'
	MIGRATE_WORDS="$1; $now, $before"
}

# Before the switch, when the run gives up. 1: the database is not known to be where it was; MIGRATE_WORDS says what is known.
migrate_undo() { # ID
	[[ $MIGRATE_HERE != no ]] || return 0
	case $MIGRATED in
		'' | none) return 0 ;;
		unsettled) return 1 ;;
		compatible | unknown)
			emit note migrate kept=yes "kind=$MIGRATED" "position=${MIGRATE_NOW:--}" -- "its migration stays in the database"
			return 0
			;;
	esac
	local cause=$CAUSE
	# Not to be cancelled any more.
	PHASE=undo
	step_begin migrate-back "to=${MIGRATE_BEFORE:--}"
	if ! migrate_back "$1"; then
		step_fail migrate-back migration "before=${MIGRATE_BEFORE:--}" "position=${MIGRATE_NOW:--}" -- "$MIGRATE_WORDS"
		return 1
	fi
	CAUSE=$cause
	migrate_forget "$1" "$RUN"
	step_ok migrate-back "position=$MIGRATE_NOW"
}

# Back to where it was. What stands elsewhere than `up` has left it was moved by somebody else, and is theirs.
migrate_back() { # ID
	local code
	position_settles "$1" 0
	if [[ -z $MIGRATE_BEFORE || -z $MIGRATE_NOW ]]; then migrate_says 'nothing is taken back by guess'; return 1; fi
	[[ $MIGRATE_NOW != "$MIGRATE_BEFORE" ]] || return 0
	if [[ $MIGRATE_NOW != "$MIGRATE_UP_TO" ]]; then
		migrate_says "it stands elsewhere than this run has left it (${MIGRATE_UP_TO:-not known}): somebody else moved it"
		return 1
	fi
	export_release "$1" "$RELEASES/$1"
	local -x MIGRATE_TO=$MIGRATE_BEFORE
	migrate_call "$1" down
	code=$?
	position_settles "$1" "$code"
	[[ $MIGRATE_NOW == "$MIGRATE_BEFORE" && ($code -eq 0 || $TRANSACTIONAL == yes) ]] && return 0
	migrate_says "MIGRATE_CMD down ended with $code and did not bring it back"
	return 1
}

# The marker says what kind of migration a release has brought; one that was incompatible when it was applied stays so, whatever is
# left to do the next time.
migrate_remember() { # ID KIND
	local kind=$2
	release_value "$1" migrated
	if [[ $REPLY == yes ]]; then
		release_value "$1" migration
		[[ $REPLY != incompatible ]] || kind=incompatible
	fi
	marker_set "$1" migration "$kind"
	marker_set "$1" migrated yes
}

# The database says that what RUN did for this release is not in it. What other runs have done stays.
migrate_forget() { # ID RUN
	history_add unmigrated - "$1" "run=$2 position=$MIGRATE_NOW" || :
}

# One value of the marker of a complete release; the others stay.
marker_set() { # ID KEY VALUE
	local line pair kept=''
	{ IFS= read -r line <"$STATE/releases/$1.complete"; } 2>/dev/null || return 0
	for pair in $line; do [[ $pair == "$2="* ]] || kept="$kept $pair"; done
	write_whole "$STATE/releases/$1.complete" "${kept# } $2=$3" || :
}

# What an interrupted `up` has left, told to the deployment that comes next: it goes on from there, and never back beyond it.
migrate_resume() {
	[[ -n $INTERRUPTED && $INTENT_KIND == migrate ]] || return 0
	if [[ -n $MIGRATE_BEFORE && $MIGRATE_BEFORE == "$INTENT_BEFORE" ]]; then
		emit note migrate "run=$INTERRUPTED" "position=$MIGRATE_BEFORE" -- 'the run that did not finish has left the database as it was'
		migrate_forget "$INTENT_TO" "$INTERRUPTED"
		rm -f "$STATE/intent"
		INTERRUPTED=''
		return
	fi
	emit note migrate "run=$INTERRUPTED" "before=${INTENT_BEFORE:--}" "position=${MIGRATE_BEFORE:--}" -- 'the run that did not finish may have changed the database: up goes on from where it stands'
}

# For a rollback to what is live, after an `up` that did not finish. 1: a person has to look; MIGRATE_WORDS says what is known.
migrate_settled() {
	[[ -n $INTERRUPTED && $INTENT_KIND == migrate ]] || return 0
	MIGRATE_BEFORE=$INTENT_BEFORE
	if [[ $FORCE_MIGRATION == yes ]]; then
		emit note migrate "run=$INTERRUPTED" forced=yes -- 'somebody has taken care of the database'
		return 0
	fi
	if is_in "${INTENT_WHOLE:--}" 'none compatible'; then
		emit note migrate kept=yes "run=$INTERRUPTED" "kind=$INTENT_WHOLE" -- 'its migration is whole, and stays in the database'
		return 0
	fi
	export_release "$INTENT_TO" "$RELEASES/$INTENT_TO"
	position_settles "$INTENT_TO" 0
	if [[ -n $MIGRATE_NOW && $MIGRATE_NOW == "$MIGRATE_BEFORE" ]]; then
		migrate_forget "$INTENT_TO" "$INTERRUPTED"
		return 0
	fi
	migrate_says "$INTERRUPTED did not finish its migration"
	return 1
}

# For a human. The intent stays: whoever comes next is told, until the database is back, a deployment has gone on from there, or
# somebody says --force-migration.
unsettled() {
	history_add unsettled "$ACTION" "$RELEASE_ID" "run=$RUN cause=migration before=${MIGRATE_BEFORE:--} position=${MIGRATE_NOW:--}" || :
	finish 30 unsettled cause=migration "before=${MIGRATE_BEFORE:--}" "position=${MIGRATE_NOW:--}" -- "$MIGRATE_WORDS. Next: look at the database, then deploy again, or run rollback.sh, which asks it once more"
}
