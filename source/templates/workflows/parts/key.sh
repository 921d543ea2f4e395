# Without a key the scripts deploy to the machine that this runs on: right for a runner of your own beside the application.
if [[ -z $DEPLOY_KEY ]]; then
  exit 0
fi
umask 077
# printf belongs to bash: nothing of this is an argument that others on the machine could read. The folder is emptied after the job.
printf '%s\n' "$DEPLOY_KEY" > "$RUNNER_TEMP/deploy-key"
printf '%s\n' "$KNOWN_HOSTS" > "$RUNNER_TEMP/known-hosts"
printf 'IdentityFile %s\nIdentitiesOnly yes\nUserKnownHostsFile %s\n' "$RUNNER_TEMP/deploy-key" "$RUNNER_TEMP/known-hosts" > "$RUNNER_TEMP/ssh.conf"
echo "SSH_CONFIG=$RUNNER_TEMP/ssh.conf" >> "$GITHUB_ENV"
