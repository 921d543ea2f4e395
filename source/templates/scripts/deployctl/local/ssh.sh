# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# The connection to a host.
