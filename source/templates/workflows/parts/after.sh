answer=$(curl -fsS --retry 3 --max-time 10 "$VERSION_URL") || true
after=$(grep -owiE '[0-9a-f]{40}' <<<"$answer" | head -n 1) || true
# First digits will do where they are those of the commit under test. What was changed before it was built is no commit.
for word in $(grep -oiE '[0-9a-f]{7,39}' <<<"$answer" | tr A-F a-f); do
  [[ -n $after || $SHA != "$word"* ]] || after=$SHA
done
[[ $answer != *-dirty* ]] || after=unknown
after=${after:-unknown}
echo "after=$after" >> "$GITHUB_OUTPUT"
gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=deployctl/staging-report -f state=success \
  -f target_url="$RUN" -f description="before ${BEFORE:-unknown} after $after" --silent
