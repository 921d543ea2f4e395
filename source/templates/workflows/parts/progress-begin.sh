# Only what the lock file has brought: a name alone can be registered by anybody.
for folder in . "$GITHUB_WORKSPACE"; do
  program=$folder/node_modules/deployctl/bin/deployctl.js
  if [[ -f $program ]]; then
    node "$program" report --follow "$DEPLOYCTL_PROGRESS" < /dev/null > "$DEPLOYCTL_PROGRESS.log" 2>&1 &
    echo "$!" > "$DEPLOYCTL_PROGRESS.pid"
    break
  fi
done
