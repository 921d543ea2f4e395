if [[ -f $DEPLOYCTL_PROGRESS.pid ]]; then
  pid=$(cat "$DEPLOYCTL_PROGRESS.pid")
  kill -TERM "$pid" 2> /dev/null || true
  timeout 30 tail --pid="$pid" -f /dev/null || true
  cat "$DEPLOYCTL_PROGRESS.log"
fi
