/** `deployctl init` as people and scripts meet it: what it says, asks, refuses and writes; and the way back. */
import assert from 'node:assert/strict';
import {appendFileSync, existsSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {uncommittedIn} from '../source/commands/setup/init.ts';
import {paintWith, tableText, writtenText} from '../source/commands/setup/init-text.ts';
import {changeOf} from '../source/init/write/changes.ts';
import {noManifest} from '../source/init/write/manifest.ts';
import {runIn} from './helpers/init-desk.ts';
import {generated, temporaryFolder, treeOf, write} from './helpers/init-repository.ts';
import {run, temporaryHome} from './helpers/program.ts';
import {startInPty} from './helpers/pty.ts';

const everything = [
	'.github/workflows/e2e-staging.yml',
	'.github/workflows/test-suite.yml',
	'deployctl.yml',
	'docs/runbook.md',
	'scripts/deploy.sh',
];
const filesIn = (root: string) =>
	Object.entries(treeOf(root, {own: false}))
		.filter(([, what]) => what !== 'folder')
		.map(([path]) => path);

test('a dry run shows what was found, what would be written and the differences, and writes nothing at all', async t => {
	const root = temporaryFolder(t);
	const {code, text} = await runIn(root, ['--dry-run']);
	assert.equal(code, 0);
	for (const words of [
		/repository {2}acme\/shop, default branch main; staging is develop, production main/,
		/part {8}web: node with npm; unit/,
		/create {3}deployctl\.yml/,
		/--- \/dev\/null\n\+\+\+ b\/scripts\/deploy\.sh\n@@ -0,0 \+1 @@\n\+#!\/bin\/sh/,
		/nothing was written/,
	])
		assert.match(text, words);
	assert.deepEqual(treeOf(root), {});
});

test('--yes writes everything, says what is left to do, and the second time there is nothing', async t => {
	const root = temporaryFolder(t);
	const first = await runIn(root, ['--yes']);
	assert.deepEqual([first.code, filesIn(root)], [0, everything]);
	assert.match(
		first.text,
		/Wrote deployctl\.yml[\s\S]*What is left to you\n {2}1\. Create the environment production: nobody approves without it\n {7}gh api[\s\S]*Then: deployctl doctor/,
	);
	const before = treeOf(root);
	const second = await runIn(root, ['--yes']);
	assert.match(second.text, /Nothing to do: 5 files are as proposed/);
	assert.deepEqual([second.code, treeOf(root)], [0, before], 'its own workflows are not taken for foreign ones');
	assert.doesNotMatch(second.text, /no tier|workflow {4}/);
});

test('answers are remembered: the next init proposes the same without being told', async t => {
	const root = temporaryFolder(t);
	await runIn(root, ['--yes', '--shards', '8', '--staging', 'next']);
	assert.match(readFileSync(join(root, '.github/workflows/e2e-staging.yml'), 'utf8'), /7, 8\]/);
	assert.match((await runIn(root, ['--yes'])).text, /Nothing to do/);
	assert.match((await runIn(root, ['--yes', '--shards', '2'])).text, /Wrote \.github\/workflows\/e2e-staging\.yml/);
	write(root, 'deployctl.yml', 'staging: trunk\n');
	assert.match(
		(await runIn(root, ['--yes'])).text,
		/staging is trunk/,
		'what a person wrote into the settings is newer',
	);
});

test('without a terminal and --yes nothing is written, and it says what to do', async t => {
	const root = temporaryFolder(t);
	const {code, failure} = await runIn(root, []);
	assert.deepEqual([code, treeOf(root)], [3, {}]);
	assert.match(`${failure?.message} ${failure?.next}`, /no terminal to ask on.*--yes.*--dry-run/);
	assert.equal((await runIn(root, ['--json'], ['y', 'y', 'y', 'y'])).code, 3, 'JSON asks nobody');
});

test('asked group by group: y writes, n leaves, d shows the difference and asks again, anything else is explained', async t => {
	const root = temporaryFolder(t);
	const {code, text, questions} = await runIn(root, [], ['y', 'd', 'n', 'what?', 'y', 'n']);
	assert.equal(code, 0);
	assert.deepEqual(
		questions.map(question => question.split(':')[0]),
		['config', 'workflows', 'workflows', 'scripts', 'scripts', 'docs'],
	);
	assert.match(text, /\+name: E2E[\s\S]*y writes, n leaves it/);
	assert.deepEqual(filesIn(root), ['deployctl.yml', 'scripts/deploy.sh']);
});

for (const [what, answers] of [
	['q', ['y', 'q']],
	['the end of the input', ['y']],
	['n to everything', ['n', 'n', 'n', 'n']],
] as const) {
	test(`${what}: nothing is written, not even what was confirmed before`, async t => {
		const root = temporaryFolder(t);
		assert.equal((await runIn(root, [], answers)).code, 3);
		assert.deepEqual(treeOf(root), {});
	});
}

test('files of a person: --yes leaves them and says how to name them; --overwrite writes just those; a terminal asks for each', async t => {
	const root = temporaryFolder(t, {'deployctl.yml': 'theirs\n'});
	const first = await runIn(root, ['--yes']);
	assert.match(
		first.text,
		/THERE {4}deployctl\.yml[\s\S]*Left alone: deployctl\.yml \(it was there before deployctl\)\.\nTo write it all the same: deployctl init --overwrite deployctl\.yml/,
	);
	assert.equal(readFileSync(join(root, 'deployctl.yml'), 'utf8'), 'theirs\n');
	appendFileSync(join(root, 'docs/runbook.md'), 'my line\n');
	const asked = await runIn(root, [], ['n', 'd', 'y']);
	assert.deepEqual(
		asked.questions.map(question => question.split('?')[0]),
		[
			'deployctl.yml was there before. Overwrite it',
			'docs/runbook.md was edited since deployctl wrote it. Overwrite it',
			'docs/runbook.md was edited since deployctl wrote it. Overwrite it',
		],
	);
	assert.match(asked.text, /-my line/);
	await runIn(root, ['--yes', '--overwrite', './deployctl.yml']);
	assert.match(readFileSync(join(root, 'deployctl.yml'), 'utf8'), /staging: develop/);
	await runIn(root, ['--undo', '--yes']);
	assert.deepEqual(
		treeOf(root),
		{'deployctl.yml': '644 theirs\n', docs: 'folder', 'docs/runbook.md': '644 # Runbook\nmy line\n'},
		'the edit of a file that is ours lives on, too',
	);
});

test('--only takes groups, one or several; a wrong one, a wrong path, a wrong branch and too many shards are told', async t => {
	const root = temporaryFolder(t);
	await runIn(root, ['--yes', '--only', 'scripts,docs']);
	assert.deepEqual(filesIn(root), ['docs/runbook.md', 'scripts/deploy.sh']);
	for (const [words, sentence] of [
		[['--only', 'workflow'], /Did you mean "workflows"/],
		[['--overwrite', 'deployctl.yaml'], /not proposed.*deployctl\.yml/],
		[['--staging', '$(rm -rf)'], /Expected the name of a branch/],
		[['--shards', '1000'], /at most 64/],
		[['--staging', 'main'], /would both be/],
		[['--undo', '--only', 'docs'], /takes no --only/],
	] as const) {
		const {code, failure} = await runIn(root, [...words, '--yes']);
		assert.deepEqual([code, sentence.test(`${failure?.message} ${failure?.next}`)], [2, true], words.join(' '));
	}
});

test('existing workflows are mapped, told with their advice, and not replaced', async t => {
	const root = temporaryFolder(t, {
		'.github/workflows/ci.yml':
			'name: CI\non: {push: {branches: [develop]}}\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: npm test}]}}\n',
		'.github/workflows/stale.yml':
			'name: Stale\non: {schedule: [{cron: 0 0 * * *}]}\njobs: {stale: {runs-on: ubuntu-latest, steps: [{run: gh issue list}]}}\n',
	});
	const {text} = await runIn(root, ['--yes']);
	assert.match(text, /workflow {4}ci\.yml is Fast tests: job “test” runs “npm test”, on each push to develop/);
	assert.match(text, /no tier {5}stale\.yml: it is started by schedule/);
	assert.equal(existsSync(join(root, '.github/workflows/test-suite.yml')), false);
	assert.match(readFileSync(join(root, 'deployctl.yml'), 'utf8'), /fast: ci\.yml/);
	assert.match((await runIn(root, ['--yes'])).text, /Nothing to do/);
});

test("secrets and escapes of somebody's file do not reach the terminal; uncommitted changes are told", async t => {
	const root = temporaryFolder(t, {
		'deployctl.yml':
			'password: hunter2hunter2\n\u001B]0;owned\u0007token ghp_0123456789abcdefghijklmnopqrstuvwxyz\n',
	});
	const {text} = await runIn(root, ['--dry-run'], null, {uncommitted: paths => Promise.resolve(paths)});
	assert.match(text, /Warning: not committed: deployctl\.yml/);
	assert.doesNotMatch(text, /\u001B|\u0007|ghp_0123/);
	assert.match(
		(await runIn(root, ['--dry-run'], null, {paint: paintWith(true)})).text,
		/\u001B\[32m\+staging: develop/,
	);
});

test('--json is one document: what was found, every file, what is left; a refusal too', async t => {
	const root = temporaryFolder(t);
	const {text} = await runIn(root, ['--json', '--yes']);
	const document = JSON.parse(text) as {
		schemaVersion: number;
		action: string;
		changes: Array<{path: string; kind: string; written: boolean}>;
		byHand: unknown[];
	};
	assert.deepEqual(
		[
			document.schemaVersion,
			document.action,
			document.changes.map(({path}) => path).sort(),
			document.byHand.length,
		],
		[1, 'init', everything, 1],
	);
	assert.ok(document.changes.every(({kind, written}) => kind === 'create' && written));
	assert.deepEqual(
		(JSON.parse((await runIn(root, ['--json', '--undo', '--dry-run'])).text) as {files: unknown[]}).files.length,
		5,
	);
	assert.match((await runIn(root, ['--json', '--undo'])).text, /"refused"/);
});

test('many files with the same to say are one row, of the folder that they share', () => {
	const parts = ['a.sh', 'host/b.sh', 'host/c.sh', 'd.sh', 'e.sh'].map(path =>
		generated(`scripts/deployctl/${path}`, 'x\n'),
	);
	const changes = [generated('scripts/deploy.sh', 'x\n'), ...parts].map((file, index) => ({
		...changeOf(file, {kind: 'absent'}, noManifest),
		why: index === 0 ? 'Deploys' : 'A part',
	}));
	assert.equal(
		tableText(changes, paintWith(false)),
		'Proposed\n  scripts\n    create   scripts/deploy.sh             Deploys\n    create   scripts/deployctl/ (5 files)  A part\n',
	);
	assert.equal(
		writtenText(changes.slice(0, 5)),
		[
			'scripts/deploy.sh',
			'scripts/deployctl/a.sh',
			'scripts/deployctl/host/b.sh',
			'scripts/deployctl/host/c.sh',
			'scripts/deployctl/d.sh',
		]
			.map(path => `Wrote ${path}\n`)
			.join(''),
		'few are named',
	);
});

test('undo asks, keeps what was edited unless that is confirmed too, and finds nothing the second time', async t => {
	const root = temporaryFolder(t);
	await runIn(root, ['--yes']);
	write(root, 'docs/runbook.md', 'mine\n');
	assert.equal((await runIn(root, ['--undo'], ['n'])).code, 3);
	assert.deepEqual(filesIn(root), everything);
	const kept = await runIn(root, ['--undo'], ['y', 'n']);
	assert.match(
		kept.text,
		/remove {3}deployctl\.yml[\s\S]*KEEP {5}docs\/runbook\.md {2}edited since[\s\S]*4 files are as before\.\nKept docs\/runbook\.md[\s\S]*--undo --overwrite docs\/runbook\.md/,
	);
	assert.deepEqual(filesIn(root), ['docs/runbook.md']);
	assert.equal((await runIn(root, ['--undo'], ['y'])).code, 0);
	assert.deepEqual(treeOf(root), {});
	assert.match((await runIn(root, ['--undo', '--yes'])).text, /Nothing to undo/);
});

test('git tells which files are not as they are committed, changed or never added; outside of a repository nobody does', async t => {
	const root = temporaryFolder(t, {'deployctl.yml': 'one\n', 'with a space.md': 'one\n', 'clean.md': 'one\n'});
	const env = {PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CEILING_DIRECTORIES: tmpdir()};
	const ask = uncommittedIn(root, env);
	assert.equal(await ask(['deployctl.yml']), null);
	for (const words of [
		['init', '-q'],
		['add', '.'],
		['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'one'],
	])
		await execa('git', words, {cwd: root, env});
	for (const path of ['deployctl.yml', 'with a space.md', 'new/file.md']) write(root, path, 'two\n');
	assert.deepEqual((await ask(['deployctl.yml', 'with a space.md', 'clean.md', 'new/file.md']))?.toSorted(), [
		'deployctl.yml',
		'new/file.md',
		'with a space.md',
	]);
	assert.deepEqual(await ask(['clean.md']), []);
});

const program = fileURLToPath(new URL('helpers/init-desk.ts', import.meta.url));
const register = fileURLToPath(new URL('helpers/register.js', import.meta.url));

test('in a terminal: the questions are asked one after another, in colour, and the answers are keys and Enter', async t => {
	const root = temporaryFolder(t);
	const pty = startInPty(process.execPath, ['--import', register, program], {cwd: root, columns: 120, rows: 50});
	t.after(() => pty.close());
	await pty.waitFor(/config: 1 new\. Write it\?/);
	assert.deepEqual(treeOf(root), {});
	pty.write('y\r');
	await pty.waitFor(/workflows: 2 new\. Write them\?/);
	pty.write('d\r');
	await pty.waitFor(screen => screen.includes('+name: E2E') && screen.trimEnd().endsWith('d shows the difference]'));
	pty.write('y\r');
	await pty.waitFor(/scripts: 1 new/);
	pty.write('n\r');
	await pty.waitFor(/docs: 1 new/);
	pty.write('y\r');
	assert.equal((await pty.exited).exitCode, 0);
	assert.match(pty.raw(), /\u001B\[32m\+name: E2E/);
	assert.deepEqual(
		filesIn(root),
		everything.filter(path => !path.startsWith('scripts/')),
	);
});

test('Ctrl-C at a question writes nothing', async t => {
	const root = temporaryFolder(t);
	const pty = startInPty(process.execPath, ['--import', register, program], {cwd: root, columns: 120});
	t.after(() => pty.close());
	await pty.waitFor(/config: 1 new/);
	pty.write('y\r');
	await pty.waitFor(/workflows: 2 new/);
	pty.write('\u0003');
	assert.notEqual((await pty.exited).exitCode + (await pty.exited).signal, 0);
	assert.deepEqual(treeOf(root), {});
});

/** The built program with the real inspection and proposal; until they are there, only what comes before them. */
const isWhole = !readFileSync(
	fileURLToPath(new URL('../source/init/propose/propose.ts', import.meta.url)),
	'utf8',
).includes('PLACEHOLDER');

test('the built program refuses outside of git and with --read-only', async t => {
	const {home, env} = temporaryHome(t);
	const outside = await run(['init', '--yes'], {env, cwd: home});
	assert.deepEqual(
		[outside.exitCode, /not a git repository[\s\S]*--without-git/.test(outside.stderr)],
		[3, true],
		outside.stderr,
	);
	await execa('git', ['init', '-q'], {cwd: home});
	assert.equal((await run(['init', '--yes', '--read-only'], {env, cwd: home})).exitCode, 3);
	const nothing = await run(['init', '--undo', '--yes'], {env, cwd: home});
	assert.deepEqual([nothing.exitCode, /Nothing to undo/.test(nothing.stdout)], [0, true], nothing.stderr);
});

test(
	'the built program, from nothing and back: written, nothing to do the second time, undone',
	{skip: !isWhole},
	async t => {
		const {env} = temporaryHome(t);
		const root = temporaryFolder(t, {
			'package.json': '{"name": "shop", "scripts": {"test": "node --test", "lint": "eslint ."}}\n',
			'package-lock.json': '{"name": "shop", "lockfileVersion": 3, "packages": {}}\n',
		});
		await execa('git', ['init', '-q', '-b', 'main'], {cwd: root});
		await execa('git', ['remote', 'add', 'origin', 'https://github.com/acme/shop.git'], {cwd: root});
		const before = treeOf(root);
		assert.equal((await run(['init', '--dry-run'], {env, cwd: root})).exitCode, 0);
		assert.deepEqual(treeOf(root), before);
		const first = await run(['init', '--yes'], {env, cwd: root});
		assert.equal(first.exitCode, 0, first.stderr);
		assert.ok(
			existsSync(join(root, '.github/workflows/test-suite.yml')) && existsSync(join(root, 'deployctl.yml')),
		);
		const written = treeOf(root);
		const second = await run(['init', '--yes'], {env, cwd: root});
		assert.match(second.stdout, /Nothing to do/);
		assert.deepEqual(treeOf(root), written);
		rmSync(join(root, 'deployctl.yml'));
		assert.match((await run(['init', '--yes'], {env, cwd: root})).stdout, /removed since deployctl wrote it/);
		assert.equal((await run(['init', '--undo', '--yes'], {env, cwd: root})).exitCode, 0);
		assert.deepEqual(treeOf(root), before);
	},
);
