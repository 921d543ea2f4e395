gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=deployctl/deploy-staging -f state=pending \
  -f target_url="$RUN" -f description='deploying to staging' --silent
# auto_merge is on by default and may merge instead of deploying; required_contexts is "all" and refuses while anything is pending.
id=$(printf '{"ref":"%s","environment":"staging","auto_merge":false,"required_contexts":[],"payload":{"deployctl":1,"sha":"%s","run_id":%s,"run_attempt":%s}}' \
  "$SHA" "$SHA" "$GITHUB_RUN_ID" "$GITHUB_RUN_ATTEMPT" |
  gh api "repos/$GITHUB_REPOSITORY/deployments" --input - --jq .id)
echo "deployment=$id" >> "$GITHUB_OUTPUT"
gh api "repos/$GITHUB_REPOSITORY/deployments/$id/statuses" -f state=in_progress -f log_url="$RUN" --silent
