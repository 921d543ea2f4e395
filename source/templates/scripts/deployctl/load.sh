# shellcheck shell=bash
# Loads the local half. Read whole before anything is done: a checkout may change while a deployment runs.

for part in protocol conf local/options local/source local/commit local/ssh local/follow local/hosts local/remote local/main; do
	# shellcheck source=/dev/null
	. "$HERE/deployctl/$part.sh" || exit 2
done
