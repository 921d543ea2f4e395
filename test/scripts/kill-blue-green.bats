#!/usr/bin/env bats
# kill -9 at every step, blue-green mode: see kill.bash.

load helpers
load kill

setup() { make_repository 3; }
teardown() { stop_applications; }

@test "killed at every step of deployments and rollbacks, blue-green mode, and repaired by one rollback" {
	read -r port other_port <<<"$(free_ports 2)"
	blue_green_conf
	storm "${DEPLOYCTL_STORM:-0}"
}
