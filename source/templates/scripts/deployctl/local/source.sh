# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# What is deployed: exactly a commit, never the work tree as it happens to be.

repository() { git -C "$HERE/.." rev-parse --show-toplevel 2>/dev/null; }

# SHA_WANTED becomes the whole commit, as far as there is a repository that knows it.
commit_choose() {
	local full wanted=$SHA_WANTED
	if [ -z "$wanted" ]; then wanted=${RELEASE_ID#*-}; fi
	if [ -z "$wanted" ]; then
		[ -z "$SOURCE" ] || wrong '--source needs --sha: which commit is it?'
		wanted=HEAD
	fi
	case $wanted in -*) wrong '--sha must be a commit' ;; esac
	if full=$(git -C "$HERE/.." rev-parse --verify --quiet "$wanted^{commit}" 2>/dev/null); then
		SHA_WANTED=$full
	elif [[ $wanted =~ ^[0-9a-f]{7,40}$ ]]; then
		SHA_WANTED=$wanted
	else
		wrong "there is no commit ${wanted:0:60} in $HERE/.."
	fi
	case $RELEASE_ID in
		'' | *-"${SHA_WANTED:0:7}"*) ;;
		*) wrong "--release $RELEASE_ID is not of commit $SHA_WANTED" ;;
	esac
}

release_new() {
	utc_now %Y%m%d%H%M%S
	RELEASE_ID=$REPLY-${SHA_WANTED:0:12}
}

# Fills the directory OUT. What tools say goes to LOG.
build_into() { # OUT LOG
	local top
	[ -d "$1" ] || mkdir -p "$1" || return 1
	top=$(repository) || top=$(cd "$HERE/.." && pwd)
	if [ -n "$SOURCE" ]; then
		run_build "$2" cp -R "$SOURCE/." "$1/"
	elif [ -n "$BUILD_CMD" ]; then
		# shellcheck disable=SC2016 # that shell expands them
		run_build "$2" env "SHA=$SHA_WANTED" "OUT=$1" "RELEASE=$RELEASE_ID" "ENVIRONMENT=$ENVIRONMENT" bash -c 'cd "$1" && exec bash -c "$2"' build "$top" "$BUILD_CMD"
	else
		run_build "$2" commit_into "$top" "$SHA_WANTED" "$1" "$2"
	fi
}

# A job of its own, so that it can be ended with all that it started, after STEP_TIMEOUT or when this run is cancelled.
run_build() { # LOG COMMAND...
	local log=$1 watchdog code
	shift
	set -m
	"$@" </dev/null >>"$log" 2>&1 &
	JOB=$!
	(sleep "$STEP_TIMEOUT"; kill -TERM -- "-$JOB"; sleep 5; kill -KILL -- "-$JOB") </dev/null >/dev/null 2>&1 &
	watchdog=$!
	set +m
	# A signal ends `wait`, not the job.
	while wait "$JOB"; code=$?; [ "$code" -gt 128 ] && kill -0 "$JOB" 2>/dev/null; do :; done
	JOB=''
	# Not TERM: so soon after its birth it could take our own traps for its own.
	kill -KILL -- "-$watchdog"
	wait "$watchdog"
	[ "$CANCELLED" = no ] && return "$code"
	return 130
} 2>/dev/null

JOB='' CANCELLED=no

cancel_locally() {
	CANCELLED=yes
	[ -z "$JOB" ] || kill -TERM -- "-$JOB" 2>/dev/null || :
}
