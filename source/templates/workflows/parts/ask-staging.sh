# There are no end-to-end tests yet. This much is known anyway: whether staging answers, and as which commit.
if [[ -z $BASE_URL ]]; then
  echo '::error title=E2E::Nobody knows where staging is: name it in deployctl.yml, and run deployctl init once more.'
  exit 1
fi
curl -fsS --retry 3 --max-time 10 --output /dev/null "$BASE_URL"
# The commit, whole or by its first digits, and built from nothing but it.
names() { # ANSWER
  local word
  [[ $1 != *-dirty* ]] || return 1
  for word in $(grep -oiE '[0-9a-f]{7,40}' <<<"$1" | tr A-F a-f); do
    [[ $SHA != "$word"* ]] || return 0
  done
  return 1
}
if [[ -n $VERSION ]] && ! names "$(curl -fsS --retry 3 --max-time 10 "$VERSION")"; then
  echo "::error title=E2E::Staging does not say that it runs $SHA."
  exit 1
fi
echo '::warning title=E2E::There are no end-to-end tests yet: staging answers, and nothing else was looked at.'
