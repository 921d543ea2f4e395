# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Configuration: KEY=VALUE lines that are parsed, never sourced. Both halves; bash 3.2 is enough.

# What deploy.ENV.conf may hold. docs/scripts.md explains each.
CONF_KEYS='ROOT HOSTS SSH_PORT SSH_CONFIG SSH_IDENTITY SWITCH_AT_ONCE ROLLBACK_AT_ONCE
KEEP MODE RESTART PM2_APP PM2_CONFIG SYSTEMD_UNIT SYSTEMCTL RESTART_CMD START_CMD STOP_CMD STOP_TIMEOUT
PORTS TRAFFIC TRAFFIC_FILE TRAFFIC_CMD GRACE WARM HEALTH_URL HEALTH_NEED HEALTH_DEADLINE VERSION_URL FRONT_URL IDENTITY
BUILD_CMD PREPARE_CMD MIGRATE_CMD MIGRATE_KIND MIGRATE_POSITION STEP_TIMEOUT SHARED'

# What the local half adds for the host half.
REQUEST_KEYS='ENVIRONMENT ACTION RUN RELEASE_ID SHA_WANTED TO FORCE FORCE_MIGRATION CASCADE BARRIER MIGRATE_HERE HOST_NAME'

conf_default() {
	case $1 in
		KEEP) REPLY=5 ;;
		MODE) REPLY=restart ;;
		RESTART) REPLY=none ;;
		SYSTEMCTL) REPLY=systemctl ;;
		STOP_TIMEOUT) REPLY=10 ;;
		TRAFFIC) REPLY=symlink ;;
		GRACE) REPLY=0.5 ;;
		WARM) REPLY=yes ;;
		HEALTH_NEED) REPLY=2 ;;
		HEALTH_DEADLINE) REPLY=30 ;;
		IDENTITY) REPLY=auto ;;
		MIGRATE_POSITION) REPLY=no ;;
		STEP_TIMEOUT) REPLY=600 ;;
		SWITCH_AT_ONCE) REPLY=1 ;;
		ROLLBACK_AT_ONCE) REPLY=0 ;;
		*) REPLY='' ;;
	esac
}

is_in() { # WORD WORDS
	case " $2 " in *[[:space:]]"$1"[[:space:]]*) ;; *) return 1 ;; esac
}

# Reads KEY=VALUE lines from stdin up to the line "# end", or to the end of the input. Only keys among WORDS.
# In CONF_ENDED: whether "# end" was there. On an unknown key: 1, and REPLY says what is wrong.
conf_read() { # WORDS
	local line key number=0
	CONF_ENDED=no
	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		line=${line%$'\r'}
		line=${line#"${line%%[![:space:]]*}"}
		case $line in
			'# end') CONF_ENDED=yes; return 0 ;;
			'' | '#'*) continue ;;
		esac
		key=${line%%=*}
		if [ "$key" = "$line" ] || ! is_in "$key" "$1"; then
			REPLY="line $number: ${key:0:60} is no key"
			return 1
		fi
		conf_value "${line#*=}"
		printf -v "$key" '%s' "$REPLY"
	done
}

# Takes off white space at both ends, or one pair of quotes. Nothing is expanded.
conf_value() {
	REPLY=$1
	REPLY=${REPLY#"${REPLY%%[![:space:]]*}"}
	REPLY=${REPLY%"${REPLY##*[![:space:]]}"}
	case $REPLY in
		\"*\" | \'*\') [ ${#REPLY} -lt 2 ] || REPLY=${REPLY:1:${#REPLY}-2} ;;
	esac
}

# File, then defaults; a variable of the environment wins and is named in CONF_FROM_ENVIRONMENT.
conf_load() { # FILE
	local key saved='' value
	CONF_FROM_ENVIRONMENT=''
	for key in $CONF_KEYS; do
		if [ -n "${!key+set}" ]; then
			CONF_FROM_ENVIRONMENT="$CONF_FROM_ENVIRONMENT $key"
			value=${!key}
			saved="$saved$key=${value//$'\n'/ }"$'\n'
		fi
		unset -v "$key"
	done
	conf_read "$CONF_KEYS" <"$1" || { REPLY="$1: $REPLY"; return 1; }
	# Already without quotes of the file's kind: what the environment says is taken as it is.
	while IFS= read -r value; do
		[ -z "$value" ] || printf -v "${value%%=*}" '%s' "${value#*=}"
	done <<<"$saved"
	for key in $CONF_KEYS; do
		conf_default "$key"
		[ -n "${!key:-}" ] || printf -v "$key" '%s' "$REPLY"
	done
	conf_check || { REPLY="$1: $REPLY"; return 1; }
}

# The stream for the host half: conf and request, with an end that says that it is whole.
conf_write() {
	local key
	for key in $CONF_KEYS $REQUEST_KEYS; do printf '%s="%s"\n' "$key" "${!key:-}"; done
	printf '# end\n'
}

conf_check() {
	conf_check_place && conf_check_numbers && conf_check_words && conf_check_mode
}

conf_check_place() {
	case $ROOT in
		/*/../* | */.. | */./* | *//*) REPLY="ROOT=$ROOT must be a plain absolute path"; return 1 ;;
		*[!A-Za-z0-9._/@+{}-]*) REPLY="ROOT=$ROOT has signs that no plain path has"; return 1 ;;
		/?*) ;;
		*) REPLY="ROOT=$ROOT must be an absolute path: the base directory on the host"; return 1 ;;
	esac
	local shared
	for shared in ${SHARED//,/ }; do
		case /$shared/ in
			//* | */../* | */./*) REPLY="SHARED: $shared must be a path inside of the release"; return 1 ;;
		esac
	done
	case $HOSTS in
		*[!A-Za-z0-9._:@/,\ \[\]-]* | -* | *,-* | *' -'*) REPLY="HOSTS=$HOSTS has signs that no host name has"; return 1 ;;
	esac
}

conf_check_numbers() {
	local key
	for key in KEEP HEALTH_NEED STEP_TIMEOUT STOP_TIMEOUT SWITCH_AT_ONCE ROLLBACK_AT_ONCE SSH_PORT; do
		case ${!key} in
			'') [ $key = SSH_PORT ] || { REPLY="$key is empty"; return 1; } ;;
			*[!0-9]* | ??????*) REPLY="$key=${!key} must be a whole number"; return 1 ;;
		esac
	done
	if [ "$KEEP" -lt 1 ] || [ "$HEALTH_NEED" -lt 1 ] || [ "$STEP_TIMEOUT" -lt 1 ]; then
		REPLY='KEEP, HEALTH_NEED and STEP_TIMEOUT must be at least 1'
		return 1
	fi
	for key in GRACE HEALTH_DEADLINE; do
		[[ ${!key} =~ ^[0-9]{1,4}([.][0-9]{1,3})?$ ]] || { REPLY="$key=${!key} must be seconds"; return 1; }
	done
}

conf_word() { # KEY WORDS
	is_in "${!1}" "$2" || { REPLY="$1=${!1} must be one of: $2"; return 1; }
}

conf_check_words() {
	conf_word MODE 'restart blue-green' &&
		conf_word RESTART 'pm2 systemd command process none' &&
		conf_word TRAFFIC 'symlink proxy command' &&
		conf_word WARM 'yes no' &&
		conf_word IDENTITY 'auto required' &&
		conf_word MIGRATE_POSITION 'yes no' &&
		{ [ -z "$MIGRATE_KIND" ] || conf_word MIGRATE_KIND 'none compatible incompatible'; }
}

conf_check_mode() {
	local key=''
	if [ "$MODE" = blue-green ]; then
		[[ $PORTS =~ ^[0-9]{1,5},\ *[0-9]{1,5}$ ]] || { REPLY="PORTS=$PORTS must be two ports, as 9101,9102"; return 1; }
		[ -n "$START_CMD" ] || key=START_CMD
		[ "$TRAFFIC" != command ] || [ -n "$TRAFFIC_CMD" ] || key=TRAFFIC_CMD
		case $HEALTH_URL in
			'' | *'{port}'*) ;;
			*) REPLY='HEALTH_URL needs {port} where MODE=blue-green: each colour is asked before it gets traffic'; return 1 ;;
		esac
	else
		case $RESTART in
			pm2) [ -n "$PM2_APP" ] || key=PM2_APP ;;
			systemd) [ -n "$SYSTEMD_UNIT" ] || key=SYSTEMD_UNIT ;;
			command) [ -n "$RESTART_CMD" ] || key=RESTART_CMD ;;
			process) [ -n "$START_CMD" ] || key=START_CMD ;;
		esac
	fi
	[ -z "$key" ] || { REPLY="$key is missing"; return 1; }
	for key in HEALTH_URL VERSION_URL FRONT_URL; do
		case ${!key} in
			'' | http://* | https://*) ;;
			*) REPLY="$key=${!key} must begin with http:// or https://"; return 1 ;;
		esac
	done
}
