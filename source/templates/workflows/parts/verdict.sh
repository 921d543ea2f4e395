echo "$RESULTS"
for result in $RESULTS; do
  case $result in
    success | skipped) ;;
    *) exit 1 ;;
  esac
done
