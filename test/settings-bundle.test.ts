import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {build} from 'esbuild';

// Libraries that are loaded lazily become chunks of the bundle, and CommonJS ones lose their named exports there.
test('what is loaded lazily works in a bundle, too', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-bundle-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const contents = `
		import {parseSettings} from './parse/parse.ts';
		import {loadPreferences, savePreferences} from './preferences.ts';
		import {realRun} from './checkout/run.ts';
		const folder = ${JSON.stringify(folder)};
		const parsed = await parseSettings('tiers: {e2e: {budgt: 5m}}', 'a.yml');
		const saved = await savePreferences(folder, {theme: 'mono'});
		const {preferences} = await loadPreferences(folder);
		const answer = await realRun(process.execPath, ['-p', '1 + 1'], {directory: folder, env: {}});
		console.log(JSON.stringify([parsed.problems.length, saved.ok, preferences.theme, answer]));
	`;
	await build({
		stdin: {contents, resolveDir: join(import.meta.dirname, '../source/settings'), loader: 'ts'},
		bundle: true,
		splitting: true,
		format: 'esm',
		platform: 'node',
		target: 'es2024',
		outdir: folder,
		outExtension: {'.js': '.mjs'},
		logLevel: 'error',
		banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"},
	});
	assert.equal(
		execFileSync(process.execPath, [join(folder, 'stdin.mjs')], {encoding: 'utf8'}),
		'[1,true,"mono","2"]\n',
	);
});
