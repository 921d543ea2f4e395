/**
The shell around the script. It writes who it is before the script starts and how the script ended after that, each by rename, so that
whoever looks later finds a whole answer or none; and it outlives a TERM to the group (caught, not ignored: the script must get it).
*/
export const wrapper = String.raw`
trap : HUP INT TERM
folder=$1; shift
exec 3>&2 2>/dev/null
nineteenth() { shift 19; printf %s "$1"; }
if read -r line </proc/$$/stat; then
	read -r boot </proc/sys/kernel/random/boot_id
	started=$(nineteenth ${'$'}{line##*) }).$boot
else
	started=$(echo $(LC_ALL=C TZ=UTC ps -o lstart= -p $$))
fi
printf '%s\n%s\n' "$$" "$started" >"$folder/pid.new" && mv -f "$folder/pid.new" "$folder/pid" || exit 121
"$@" 2>&3 3>&-
code=$?
tries=0
until printf '%s\n' "$code" >"$folder/exit.new" && mv -f "$folder/exit.new" "$folder/exit"; do
	tries=$((tries + 1)); [ "$tries" -lt 5 ] || break
done
exit "$code"
`;

/** The wrapper could not write who it is, so it did not start the script. */
export const notStarted = 121;
