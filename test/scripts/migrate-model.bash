# shellcheck shell=bash disable=SC2034 # names are shared with the parts
# The step `migrate` alone, with a database that is a file: one name of an applied migration a line. Every run is of its own: what is
# there before, what `up` does, where it fails and how, what `position` says, what a hand does meanwhile.

model_load() {
	local part parts=$templates/deployctl
	while IFS= read -r part; do
		# shellcheck source=/dev/null
		. "$parts/$part"
	done < <(grep -v 'agent.sh' "$parts/host/parts")
	ROOT=$BATS_TEST_TMPDIR/root ENVIRONMENT=model MODE=restart RUN=run ACTION=deploy STEP_TIMEOUT=60 MIGRATE_CMD=adapter MIGRATE_KIND=''
	MIGRATE_POSITION=yes MIGRATE_HERE=yes FORCE_MIGRATION=no INTERRUPTED='' PREVIOUS=20260101000000-aaaaaaa RELEASE_ID=20260102000000-bbbbbbb DETACHED=yes
	state_paths
	mkdir -p "$RUN_DIR" "$STATE/releases" "$RELEASES/$RELEASE_ID" "$RELEASES/$PREVIOUS"
	OUTPUT=$RUN_DIR/output
	: >"$OUTPUT"
	database=$BATS_TEST_TMPDIR/database log=$BATS_TEST_TMPDIR/calls
	nap() { :; }
}

# Instead of processes: the adapter's verb, or the question for the position.
model_processes() {
	run_command() { # KIND DIRECTORY bash -c COMMAND [position ADAPTER FILE]
		if [ "$6" = position ]; then model_position "$8"; else "model_${5#adapter }"; fi
	}
}

model_check() { printf 'migration=%s\ntransactional=%s\n' "$brings" "$transactional" >>"$OUTPUT"; }

model_up() {
	local at=0 name
	echo up >>"$log"
	for name in new1 new2 new3; do
		at=$((at + 1))
		if ((at == fails_at)); then
			[ "$transactional" = yes ] || echo "half" >>"$database.halves"
			return "$fails_with"
		fi
		echo "$name" >>"$database"
	done
}

# Takes back what its style says: by name; the newest; everything that this release brings; or nothing, and says that it did.
model_down() {
	echo "down to=$MIGRATE_TO" >>"$log"
	local count
	case $down in
		name) count=$(($(wc -l <"$database") - ${MIGRATE_TO%%-*})) ;;
		one) count=1 ;;
		batch) count=$(grep -c new "$database") ;;
		*) count=0 ;;
	esac
	((count <= 0)) || sed -i "$(($(wc -l <"$database") - count + 1)),\$d" "$database"
	[ "$down" != failing ]
}

true_position() { echo "$(wc -l <"$database")-$(tail -n 1 "$database")"; }

model_position() { # FILE
	asked=$((asked + 1))
	case $position in
		silent) : >"$1" ;;
		failing) echo "position=$(true_position)" >"$1"; return 1 ;;
		usage) echo 'usage: adapter check|up|down' >"$1" ;;
		lying) echo position=same >"$1" ;;
		first) if ((asked == 1)); then echo "position=$(true_position)" >"$1"; else : >"$1"; fi ;;
		later) if ((asked > 1)); then echo "position=$(true_position)" >"$1"; else : >"$1"; fi ;;
		*) echo "position=$(true_position)" >"$1" ;;
	esac
}

one_of() { local words=("$@"); REPLY=${words[RANDOM % $#]}; }

# One run by chance, in a process of its own; its exit code in code.
model_run() {
	one_of none compatible incompatible; brings=$REPLY
	one_of yes yes yes no; transactional=$REPLY
	one_of 0 1 2 3; fails_at=$REPLY
	one_of 1 2 124 137; fails_with=$REPLY
	one_of name name one batch nothing failing; down=$REPLY
	one_of true true true true silent failing usage lying first later; position=$REPLY
	one_of no no no yes; moved=$REPLY
	one_of yes yes no; MIGRATE_POSITION=$REPLY
	one_of 0 1 2; printf 'old%s\n' 1 2 3 | head -n "$REPLY" >"$database"
	cp "$database" "$database.before"
	: >"$log"
	rm -f "$database.halves" "$STATE/history" "$STATE/intent"
	code=0
	(
		asked=0
		if migrate "$RELEASE_ID"; then
			# It does not start; and somebody may have been at the database meanwhile.
			[ "$moved" = no ] || echo by-hand >>"$database"
			CAUSE=start
		fi
		finish_before
	) >"$BATS_TEST_TMPDIR/said" 2>&1 || code=$?
	told="kind=$brings transactional=$transactional fails_at=$fails_at with=$fails_with down=$down position=$position asked=$MIGRATE_POSITION moved=$moved: exit $code"
}

is_as_before() { cmp -s "$database" "$database.before" && [ ! -e "$database.halves" ]; }

# What must hold, whatever happened.
model_holds() {
	local name
	while read -r name; do grep -qx "$name" "$database" || { echo "$name is lost"; return 1; }; done <"$database.before"
	[ "$code" -eq 10 ] || [ "$code" -eq 30 ] || { echo 'neither 10 nor 30'; return 1; }
	if grep -q down "$log"; then
		[ "$MIGRATE_POSITION$(grep -c down "$log")" = yes1 ] || { echo 'down without a position, or twice'; return 1; }
		grep -qx "down to=$(wc -l <"$database.before")-$(tail -n 1 "$database.before")" "$log" || { echo 'down to elsewhere'; return 1; }
		[ "$moved" = no ] || [ "$fails_at" -ne 0 ] || { echo "somebody else's was taken back"; return 1; }
	fi
	# Untouched is untouched, but for what the release before can live with, and for a position that says nothing true.
	if [ "$code" -eq 10 ] && [ "$position" != lying ] && { [ "$fails_at" -ne 0 ] || [ "$brings" = incompatible ]; }; then
		is_as_before || { echo 'told as untouched, and is not'; return 1; }
	fi
	# Said in words, and on record for whoever comes next.
	[ "$code" -ne 30 ] || { [ -e "$STATE/intent" ] && grep -q 'cause=migration.* -- .*Next: ' "$BATS_TEST_TMPDIR/said"; } || { echo 'no words, or no record'; return 1; }
	[ "$code" -ne 10 ] || [ ! -e "$STATE/intent" ] || { echo 'an intent stays'; return 1; }
}
