# Left out is right only for a part of which nothing has changed. What was skipped for another reason has shown nothing, and where nothing
# ran at all there is nothing to be green for.
code=0
ran=0
while read -r job result concerned; do
  echo "$job: $result"
  if [[ $result == success ]]; then
    if [[ $job != changes ]]; then
      ran=$((ran + 1))
    fi
  elif [[ $result != skipped || $concerned != false ]]; then
    echo "::error title=Fast tests::$job: $result"
    code=1
  fi
done <<< "$RESULTS"
if (( ran == 0 )); then
  echo '::error title=Fast tests::No job that tests anything has passed.'
  code=1
fi
exit "$code"
