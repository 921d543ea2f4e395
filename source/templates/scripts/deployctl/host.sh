#!/usr/bin/env bash
# The host half, run from where it lies: for deployments on this very machine. Other hosts get the same parts as one file.
# Everything is read before anything is done, so that a checkout may change while a deployment runs.

here=${BASH_SOURCE[0]%/*}
while IFS= read -r part; do
	# shellcheck source=/dev/null
	. "$here/$part" || exit 2
done <"$here/host/parts"
agent "$@"
exit
