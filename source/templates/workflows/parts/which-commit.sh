sha=$WANTED
if [[ -z $sha ]]; then
  # The nightly run sits on the head of the default branch, whatever that is. It tests what staging runs: the newest deployment that ended well.
  while read -r id; do
    state=$(gh api "repos/$GITHUB_REPOSITORY/deployments/$id/statuses?per_page=1" --jq '.[0].state') || state=unknown
    if [[ $state == success ]]; then
      sha=$(gh api "repos/$GITHUB_REPOSITORY/deployments/$id" --jq .sha)
      break
    fi
  done < <(gh api "repos/$GITHUB_REPOSITORY/deployments?environment=staging&per_page=20" --jq '.[].id')
fi
if [[ ! $sha =~ ^[0-9a-f]{40}$ ]]; then
  echo '::error title=Which commit?::It has to be named by all of its 40 digits, or staging has no deployment on record.'
  exit 1
fi
total=$SHARDS
[[ $total =~ ^[1-9][0-9]?$ ]] || total=$USUAL
{
  echo "sha=$sha"
  echo "total=$total"
  echo "shards=[$(seq -s, 1 "$total")]"
} | tee -a "$GITHUB_OUTPUT"
