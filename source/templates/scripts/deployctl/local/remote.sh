# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# The commands, where there are HOSTS.

remote_main() {
	ssh_begin
	trap cancel_locally TERM INT
	case $COMMAND in
		list) remote_list ;;
		status) remote_status ;;
		cancel) remote_cancel ;;
		attach) drive attach ;;
		run) if [ "$ACTION" = deploy ]; then remote_deploy; else remote_rollback; fi ;;
	esac
}

remote_must_answer() { # NAME
	[ "$CANCELLED" = no ] || leave 12 cancelled cause=cancelled
	if silent_host "$1"; then leave 10 failed-before-switch cause=unreachable -- "$REPLY cannot be reached"; fi
}

remote_list() {
	local values text
	ask_all list list
	if silent_host list; then leave 40 contact-lost cause=unreachable -- "$REPLY cannot be reached"; fi
	if ! several; then
		cat "$WORK/0.list"
		exit 0
	fi
	while IFS='|' read -r values text; do
		# shellcheck disable=SC2086 # pairs without spaces
		emit note release $values ${text:+-- "$text"}
	done < <(merged_list)
	emit end list exit=0
	exit 0
}

# All hosts' lists as one: `id=... |why it is no candidate`, newest first.
merged_list() {
	local index files=()
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do files+=("$WORK/$index.list"); done
	awk -v "hosts=${#HOST_LIST[@]}" -f "$HERE/deployctl/local/merge.awk" "${files[@]}"
}

remote_status() {
	local index code=0
	ask_all status status
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		if grep ' note status ' "$WORK/$index.status"; then continue; fi
		code=40
		emit note status "host=${HOST_NAMES[index]}" live=unknown sha=- lock=unknown run=- interrupted=unknown traffic=- -- 'it cannot be reached'
	done
	emit end status "exit=$code"
	exit "$code"
}

remote_cancel() {
	local index code=10
	ask_all cancel cancel
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		if grep ' note cancel ' "$WORK/$index.cancel" | grep ' sent=yes' >/dev/null; then code=0; fi
		grep ' note cancel ' "$WORK/$index.cancel"
	done
	emit end cancel "exit=$code"
	exit "$code"
}

# --dry-run: what each host would do.
remote_would() {
	local index code=0
	ask_all would would
	remote_must_answer would
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		grep ' would ' "$WORK/$index.would"
		[ "$(cat "$WORK/$index.would.code")" -eq 0 ] || code=10
	done
	emit end "$ACTION" "exit=$code" result=dry-run
	exit "$code"
}

remote_deploy() {
	local index found='' missing=no
	commit_choose
	run_name
	ask_all find find
	remote_must_answer find
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		RELEASE_ID=$RELEASE_NAMED
		what_is_there "$(cat "$WORK/$index.find")"
		[ "$index" -eq 0 ] && found=$RELEASE_FOUND
		if [ -z "$RELEASE_FOUND" ] || [ "$RELEASE_FOUND" != "$found" ]; then missing=yes; fi
	done
	if [ $missing = yes ]; then
		RELEASE_ID=$RELEASE_NAMED
		release_new_unless_named
		if [ "$DRY_RUN" = yes ]; then would_build; elif [ "$KNOWN_FOUND" = no ]; then say_who_talks; build_and_upload; fi
	fi
	[ "$DRY_RUN" = no ] || remote_would
	drive launch
}

# Steps `build` here, `upload` to every host, eight at a time.
build_and_upload() {
	local index code jobs=() failed=no
	emit begin build "release=$RELEASE_ID" "sha=$SHA_WANTED"
	build_into "$WORK/release" "$WORK/build.log"
	code=$?
	commit_said build "$WORK/build.log"
	if [ "$code" -ne 0 ]; then
		build_complain "$WORK/build.log"
		upload_failed "$BUILD_CAUSE" "${BUILD_WHY:-the build ended with $code}"
	fi
	emit ok build
	for ((index = 0; index < ${#HOST_LIST[@]}; index++)); do
		upload_to "$index" "$WORK/release" &
		jobs+=($!)
		if [ $((index % 8)) -eq 7 ] || [ $((index + 1)) -eq ${#HOST_LIST[@]} ]; then
			for code in "${jobs[@]}"; do wait_for "$code" || failed=yes; done
			jobs=()
		fi
	done
	rm -rf "$WORK/release"
	if [ $failed = no ] && [ "$CANCELLED" = no ]; then return; fi
	[ "$CANCELLED" = no ] || leave 12 cancelled cause=cancelled
	leave 10 failed-before-switch cause=upload -- "the release could not be brought to every host"
}

# A signal ends `wait`, not the job.
wait_for() { # PID
	local code
	while wait "$1"; code=$?; [ "$code" -gt 128 ] && kill -0 "$1" 2>/dev/null; do :; done
	return "$code"
}

# Several hosts have to agree where to go back to, before one of them moves.
remote_rollback() {
	local values text
	run_name
	ask_all list list
	remote_must_answer list
	if several && [ -z "$TO" ]; then
		TO=$(merged_list | sed -n 's/^id=\([^ ]*\) .*default=yes.*/\1/p')
		[ -n "$TO" ] || leave 10 no-candidate cause=no-candidate -- 'no release that was healthy before is on all hosts: see --list'
	fi
	[ "$DRY_RUN" = no ] || remote_would
	drive launch
}
