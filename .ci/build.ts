/** Builds dist/. Needs only what `npm ci` installed; takes well under a second. */
import {readFileSync} from 'node:fs';
import {bundle, root} from './bundle.ts';

/** The launcher answers --version without reading anything, so the number stands in it; here we hold it to package.json. */
const checkLauncherVersion = () => {
	const {version} = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {version: string};
	const launcher = readFileSync(new URL('bin/deployctl.js', root), 'utf8');
	if (!launcher.includes(`var VERSION = '${version}';`)) {
		throw new Error(`package.json says ${version}, bin/deployctl.js does not: change its line "var VERSION = …"`);
	}
};

checkLauncherVersion();
const started = performance.now();
const {tuned, warnings} = await bundle({outdir: new URL('dist/', root)});
for (const warning of warnings) {
	console.error(`build: ${warning}`);
}
if (!process.argv.includes('--quiet')) {
	console.log(`dist/ built in ${Math.round(performance.now() - started)} ms${tuned ? '' : ', with Ink as it comes'}`);
}
