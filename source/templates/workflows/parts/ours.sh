# Forks share their commits with this repository, so that anybody's can be named here: only what lies on a branch of ours may go on.
if [[ ! $SHA =~ ^[0-9a-f]{40}$ ]]; then
  echo '::error title=Which commit?::It has to be named by all of its 40 digits.'
  exit 1
fi
branches=("$BRANCH")
while read -r ref; do
  branch=${ref#refs/heads/}
  if [[ $branch =~ ^[A-Za-z0-9._/-]+$ ]]; then
    branches+=("$branch")
  fi
done < <(gh api "repos/$GITHUB_REPOSITORY/git/matching-refs/heads/hotfix/" --jq '.[].ref')
for branch in "${branches[@]}"; do
  state=$(gh api "repos/$GITHUB_REPOSITORY/compare/$branch...$SHA" --jq .status) || state=unknown
  if [[ $state == identical || $state == behind ]]; then
    echo "$SHA lies on $branch"
    exit 0
  fi
done
echo "::error title=Which commit?::$SHA lies neither on $BRANCH nor on a hotfix branch."
exit 1
