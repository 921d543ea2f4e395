# From outside, as users would: on the host the scripts have asked already. Nothing to ask is not the same as well, and is said.
if [[ -z $HEALTH$VERSION ]]; then
  echo '::warning title=Health::No address to ask. Name the health and version addresses of the environment in this step and in deployctl.yml.'
  exit 0
fi
isWell() {
  local address
  for address in $HEALTH; do
    curl -fsS --max-time 10 --output /dev/null "$address" || return 1
  done
  for address in $VERSION; do
    [[ $(curl -fsS --max-time 10 "$address") == *"$SHA"* ]] || return 1
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
