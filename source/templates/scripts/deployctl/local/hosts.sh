# shellcheck shell=bash disable=SC2034,SC2153 # names are shared among the parts
# Other hosts.

remote_main() { wrong 'HOSTS are not possible yet'; }
