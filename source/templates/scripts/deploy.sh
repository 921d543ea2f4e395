#!/usr/bin/env bash
# Contract: deployctl/1
# Deploys a commit: scripts/deploy.sh --env staging. Works by hand, without deployctl; see --help and docs/scripts.md.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 2
# shellcheck source=deployctl/load.sh
. "$HERE/deployctl/load.sh" || exit 2
main deploy "$@"
exit
