/** The sample screen, built and laid out like the package, in a temporary folder. */
import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {bundle, root} from '../../.ci/bundle.ts';

export const buildSample = async ({tuned = true}: {tuned?: boolean} = {}) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-sample-'));
	cpSync(fileURLToPath(new URL('bin', root)), join(folder, 'bin'), {recursive: true});
	await bundle({
		outdir: pathToFileURL(`${join(folder, 'dist')}/`),
		entries: {cli: 'test/helpers/sample-screen.tsx'},
		tuned,
	});
	return {
		folder,
		launcher: join(folder, 'bin', 'deployctl.js'),
		/** For the environment of what is started: nothing is left in the developer's own cache. */
		env: {XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder},
		remove() {
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
