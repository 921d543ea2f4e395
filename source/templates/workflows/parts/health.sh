# From outside, as users would: on the host the scripts have asked already. Nothing to ask is not the same as well, and is said.
if [[ -z $HEALTH$VERSION ]]; then
  echo '::warning title=Health::No address to ask. Name the health and version addresses of the environment in this step and in deployctl.yml.'
  exit 0
fi
# The commit, whole or by its first digits, and built from nothing but it.
names() { # ANSWER
  local word
  [[ $1 != *-dirty* ]] || return 1
  for word in $(grep -oiE '[0-9a-f]{7,40}' <<<"$1" | tr A-F a-f); do
    [[ $SHA != "$word"* ]] || return 0
  done
  return 1
}
isWell() {
  local address
  for address in $HEALTH; do
    curl -fsS --max-time 10 --output /dev/null "$address" || return 1
  done
  for address in $VERSION; do
    names "$(curl -fsS --max-time 10 "$address")" || return 1
  done
}
for pause in 2 3 5 10 15 0; do
  if isWell; then
    exit 0
  fi
  sleep "$pause"
done
echo '::error title=Health::It does not answer as this commit, or is not healthy.'
exit 1
