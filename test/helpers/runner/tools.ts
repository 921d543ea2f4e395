/** What a runner has installed and this machine has not, or not so: packages come from our own folder, never from a registry. */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const packages = ['@playwright/test', 'playwright', 'playwright-core'];

const npm = `#!/usr/bin/env bash
# npm, but for installing.
set -euo pipefail
case \${1:-} in
	ci|install)
		mkdir -p node_modules/@playwright node_modules/.bin
		for name in ${packages.join(' ')}; do ln -sfn "${root}node_modules/$name" "node_modules/$name"; done
		ln -sfn "${root.replace(/\/$/, '')}" node_modules/deployctl
		ln -sfn "${root}node_modules/.bin/playwright" node_modules/.bin/playwright
		exit ;;
esac
PATH=\${PATH#*:}
exec npm "$@"
`;

const npx = `#!/usr/bin/env bash
# npx, for the two programs that our workflows run by it.
set -euo pipefail
while [[ \${1:-} == --yes || \${1:-} == --no-install || \${1:-} == -- ]]; do shift; done
case \${1:-} in
	playwright) [[ \${2:-} == install ]] && exit 0; shift; exec '${process.execPath}' '${root}node_modules/@playwright/test/cli.js' "$@" ;;
	deployctl|deployctl@*) shift; exec '${process.execPath}' '${root}bin/deployctl.js' "$@" ;;
	*) echo "npx: $1 is not known here" >&2; exit 64 ;;
esac
`;

export const provideTools = (bin: string): void => {
	mkdirSync(bin, {recursive: true});
	for (const [name, text] of Object.entries({npm, npx})) {
		writeFileSync(join(bin, name), text);
		chmodSync(join(bin, name), 0o755);
	}
};
