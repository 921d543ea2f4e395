# A push is compared with the newest commit that passed all of this, and not with the push before it: what that one left out, because
# nothing of it had changed since a red commit, would stay red and unseen.
since=$BASE
if [[ -z $since ]]; then
  while read -r sha; do
    if [[ $sha != "$GITHUB_SHA" ]] && git merge-base --is-ancestor "$sha" HEAD 2> /dev/null; then
      since=$sha
      break
    fi
  done < <(gh api -X GET "repos/$GITHUB_REPOSITORY/actions/workflows/$WORKFLOW/runs" -f branch="$GITHUB_REF_NAME" -f event=push -f status=success -F per_page=30 --jq '.workflow_runs[].head_sha')
fi
# With nothing to compare with, everything counts as changed.
all=no
files=
if [[ -z $since ]] || ! files=$(git diff --name-only --no-renames "$since" HEAD); then
  all=yes
elif [[ -n $files ]] && grep -qvE "$OWN" <<< "$files"; then
  all=yes
fi
any=no
while read -r part pattern; do
  if [[ -n $files ]] && grep -qE "$pattern" <<< "$files"; then
    any=yes
  fi
done <<< "$PARTS"
# Nothing that is tested has changed. Then everything runs: a commit of which nothing ran would be green without a reason.
if [[ $any == no ]]; then
  all=yes
fi
echo "compared with ${since:-nothing}; files that concern every part: $all"
while read -r part pattern; do
  if [[ $all == yes ]] || { [[ -n $files ]] && grep -qE "$pattern" <<< "$files"; }; then
    echo "$part=true" | tee -a "$GITHUB_OUTPUT"
  else
    echo "$part=false" | tee -a "$GITHUB_OUTPUT"
  fi
done <<< "$PARTS"
