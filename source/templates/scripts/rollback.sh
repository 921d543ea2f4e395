#!/usr/bin/env bash
# Contract: deployctl/1
# Goes back to the release that was healthy before: scripts/rollback.sh --env production. Works by hand; see --help and docs/scripts.md.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 2
# shellcheck source=deployctl/load.sh
. "$HERE/deployctl/load.sh" || exit 2
main rollback "$@"
exit
