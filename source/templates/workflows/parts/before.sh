before=$(curl -fsS --retry 3 --max-time 10 "$VERSION_URL" | grep -owiE '[0-9a-f]{40}' | head -n 1) || true
before=${before:-unknown}
echo "before=$before" >> "$GITHUB_OUTPUT"
gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=deployctl/staging-report -f state=pending \
  -f target_url="$RUN" -f description="before $before" --silent
