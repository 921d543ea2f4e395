# One that cannot be posted must not keep the other from being posted.
code=0
gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=deployctl/deploy-staging -f state="$STATE" -f target_url="$RUN" --silent || code=1
gh api "repos/$GITHUB_REPOSITORY/deployments/$DEPLOYMENT/statuses" -f state="$STATE" -f log_url="$RUN" --silent || code=1
exit "$code"
