# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# What was asked for: arguments, environment, configuration file. Of the local half all has to work with bash 3.2 (macOS).

usage() {
	if [ "$ACTION" = rollback ]; then
		cat <<'TEXT'
scripts/rollback.sh [--env] ENV [[--to] RELEASE]   go back: to the release that was healthy before, or to RELEASE (id or commit)
  --to RELEASE   a release of --list, or the commit of one
  --force        also to one that is marked bad, or was never validated
  --force-migration   also over a migration that cannot be undone: you have taken care of the database
  --cascade      when the target is not healthy either, go one further back (three at most)
TEXT
	else
		cat <<'TEXT'
scripts/deploy.sh [--env] ENV [[--sha] SHA]   deploy a commit; without SHA the one that is checked out, as it was committed
  --sha SHA        commit, branch or tag
  --release ID     id of the release (YYYYMMDDHHMMSS-sha); one that is on the host already is used again
  --source DIR     deploy this directory instead of building one
TEXT
	fi
	cat <<'TEXT'
  --dry-run      say what would be done, and do nothing
  --run RUN      name of this run; the same name never runs twice, but is watched
  --list         the releases, newest first, and where a rollback may go
  --status       what is live, who is at work, what was interrupted
  --attach RUN   watch a run, from its first line
  --cancel RUN   end a run: before the switch nothing has changed, after it everything is undone
  --contract     which contract these scripts keep
Without --env there must be exactly one scripts/deploy.ENV.conf. Exit codes: 0 done, 2 usage or configuration, 10 failed before the
switch (nothing changed), 11 busy, 12 cancelled, 20 failed and returned to the release before, 30 the return failed: look at it now,
40 the host cannot be reached any more and may still be at work (--attach). More in docs/scripts.md.
TEXT
}

# Ends the script with its only `end` line.
leave() { # EXIT RESULT [key=value...] [-- text]
	local code=$1 result=$2 verb=$ACTION text
	shift 2
	case $COMMAND in run | attach | '') ;; *) verb=$COMMAND ;; esac
	text="$*"
	case $text in *'-- '*) complain "$0: ${text##*-- }" ;; esac
	emit end "$verb" "exit=$code" "result=$result" "$@"
	exit "$code"
}

wrong() { leave 2 refused cause=usage -- "$*"; }

options_read() {
	COMMAND=run ENVIRONMENT='' SHA_WANTED='' RELEASE_ID='' SOURCE='' DRY_RUN=no RUN='' TO='' FORCE=no FORCE_MIGRATION=no CASCADE=no
	while [ $# -gt 0 ]; do
		case $1 in
			--contract) printf '%s\n' "$PROTOCOL"; exit 0 ;;
			--help | -h) usage; exit 0 ;;
			--list) COMMAND=list ;;
			--status) COMMAND=status ;;
			--dry-run) DRY_RUN=yes ;;
			--force) FORCE=yes ;;
			--force-migration) FORCE_MIGRATION=yes ;;
			--cascade) CASCADE=yes ;;
			--env | --sha | --release | --source | --run | --to | --attach | --cancel)
				[ $# -gt 1 ] || wrong "$1 needs a value"
				option_value "$1" "$2"
				shift
				;;
			--*=*) option_value "${1%%=*}" "${1#*=}" ;;
			-*) wrong "unknown option ${1:0:60}" ;;
			*) option_positional "$1" ;;
		esac
		shift
	done
	options_check
}

option_value() {
	case $1 in
		--env) ENVIRONMENT=$2 ;;
		--sha) SHA_WANTED=$2 ;;
		--release) RELEASE_ID=$2 ;;
		--source) SOURCE=$2 ;;
		--run) RUN=$2 ;;
		--to) TO=$2 ;;
		--attach) COMMAND=attach RUN=$2 ;;
		--cancel) COMMAND=cancel RUN=$2 ;;
		*) wrong "unknown option ${1:0:60}" ;;
	esac
}

option_positional() {
	if [ -z "$ENVIRONMENT" ]; then ENVIRONMENT=$1
	elif [ "$ACTION" = deploy ] && [ -z "$SHA_WANTED" ]; then SHA_WANTED=$1
	elif [ "$ACTION" = rollback ] && [ -z "$TO" ]; then TO=$1
	else wrong "too many arguments: ${1:0:60}"; fi
}

options_check() {
	if [ "$ACTION" = deploy ]; then
		[ "$TO$FORCE$CASCADE$FORCE_MIGRATION" = nonono ] || wrong '--to, --force, --force-migration and --cascade belong to rollback.sh'
	else
		[ -z "$SHA_WANTED$RELEASE_ID$SOURCE" ] || wrong '--sha, --release and --source belong to deploy.sh'
	fi
	[ -z "$ENVIRONMENT" ] || [[ $ENVIRONMENT =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || wrong "ENV must be a plain name"
	[ -z "$RELEASE_ID" ] || [[ $RELEASE_ID =~ ^[0-9]{14}-[0-9a-f]{7,40}$ ]] || wrong '--release must look like 20261124093000-1a2b3c4d5e6f'
	[ -z "$TO" ] || [[ $TO =~ ^([0-9]{14}-)?[0-9a-f]{7,40}$ ]] || wrong '--to must be a release of --list, or a commit'
	case $COMMAND$RUN in attach | cancel) wrong "--$COMMAND needs a run" ;; esac
	[ -z "$RUN" ] || { [[ $RUN =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$ ]] && [[ $RUN != *..* ]]; } || wrong '--run must be a plain name'
	[ -z "$SOURCE" ] || [ -d "$SOURCE" ] || wrong "--source ${SOURCE:0:200} is no directory"
}

# Never a default among several: which environment is meant, a person has to say.
environment_choose() {
	local file names=''
	if [ -z "$ENVIRONMENT" ]; then
		for file in "$HERE"/deploy.*.conf; do
			file=${file##*/deploy.}
			case $file in 'example.conf' | '*.conf') continue ;; esac
			names="$names ${file%.conf}"
		done
		case $names in
			'') wrong 'there is no scripts/deploy.ENV.conf: copy deploy.example.conf' ;;
			' '*' '*) wrong "which environment? --env one of:$names" ;;
		esac
		ENVIRONMENT=${names# }
	fi
	CONF=$HERE/deploy.$ENVIRONMENT.conf
	[ -r "$CONF" ] || wrong "there is no $CONF"
	conf_load "$CONF" || wrong "$REPLY"
	[ -z "$CONF_FROM_ENVIRONMENT" ] || emit note conf -- "taken from the environment instead of deploy.$ENVIRONMENT.conf:$CONF_FROM_ENVIRONMENT"
}
