/**
The production gate as one file in somebody's repository: what is in it, that init writes it with its digest and takes it back, and what doctor says when the two do not agree.
*/
import assert from 'node:assert/strict';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {builtinModules} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {gateFile as buildGate} from '../.ci/bundle.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {checkGateFile} from '../source/doctor/checks/gate-file.ts';
import type {GateFileReading} from '../source/doctor/model/model.ts';
import {readGateFile} from '../source/doctor/readings/gate-file.ts';
import {changeOf, holding} from '../source/init/write/changes.ts';
import {hashOf, lookAt} from '../source/init/files/disk.ts';
import {digestsIn, gatePath, versionOfGate} from '../source/init/propose/gate-file.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {currentManifest} from '../source/init/write/manifest.ts';
import type {GeneratedFile} from '../source/init/model.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {gateFile} from '../source/init/files/text.ts';
import {healthy} from './helpers/doctor.ts';
import {generated, initialise, temporaryFolder, treeOf, undo, write} from './helpers/init-repository.ts';
import {runIn} from './helpers/init-desk.ts';
import {run} from './helpers/program.ts';
import {layOut, noMapping, samples} from './helpers/sample-repositories.ts';

const built = fileURLToPath(new URL('../dist/gate.mjs', import.meta.url));
const workflowPath = '.github/workflows/deploy-production.yml';

const proposed = async (t: TestContext, name: keyof typeof samples = 'python uv') => {
	const inspection = await inspect(layOut(t, samples[name]));
	return propose(inspection, defaultAnswers(inspection), noMapping).files;
};
const contentOf = (files: readonly GeneratedFile[], path: string) =>
	files.find(file => file.path === path)?.content ?? assert.fail(path);

test('it needs nothing beside Node.js, brings nothing along that a gate has no use for, and is the same every time', async () => {
	const [one, two] = await Promise.all([buildGate(), buildGate()]);
	assert.deepEqual(one.contents, two.contents);
	assert.equal(hashOf(one.contents), hashOf(readFileSync(built)), 'dist/ has just this one');
	assert.deepEqual(
		[...new Set(one.imports)].filter(name => !builtinModules.includes(name.replace(/^node:/, ''))),
		[],
	);
	const unwanted =
		/graphql-schema|source\/(?:simulator|sandbox|ui|tuning\/(?:ink|terminal)|reporter|init|doctor|state\/(?:[a-z]+\/)?update)|node_modules\/(?:ink|react|graphql|conf|string-width)\//;
	assert.deepEqual(
		one.inputs.filter(path => unwanted.test(path)),
		[],
	);
	assert.ok(one.contents.length < 900_000, `${one.contents.length} bytes`);
	const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
		version: string;
	};
	assert.equal(versionOfGate(Buffer.from(one.contents).toString('utf8')), version);
});

/** Alone in a folder, as a checkout has it: nothing of ours lies beside it. */
const alone = (t: TestContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-gate-file-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	mkdirSync(join(folder, dirname(gatePath)), {recursive: true});
	copyFileSync(built, join(folder, gatePath));
	return folder;
};

test('it is the command gate and no other', async t => {
	const folder = alone(t);
	const start = (...args: string[]) => execa(process.execPath, [gatePath, ...args], {cwd: folder, reject: false});
	for (const args of [[], ['status'], ['promote', '--yes'], ['init'], ['--read-only', 'gate']]) {
		const {exitCode, stdout, stderr} = await start(...args);
		assert.deepEqual([exitCode, stdout], [2, ''], args.join(' '));
		assert.match(stderr, /production gate alone/);
	}
	const whole = await run(['gate', '--help'], {env: {PATH: process.env['PATH'] ?? ''}, cwd: folder});
	const help = await start('gate', '--help');
	assert.deepEqual([help.exitCode, help.stdout], [0, whole.stdout.trimEnd()]);
	assert.equal((await start('gate', '--landed')).exitCode, 2);
});

test('every repository gets it with its digest, whatever it is written in; who deploys by a workflow of their own does not', async t => {
	for (const name of ['python pip + pytest', 'node pnpm + Playwright', 'node yarn', 'go'] as const) {
		const files = await proposed(t, name);
		const file = contentOf(files, gatePath);
		assert.equal(file, gateFile());
		assert.deepEqual(digestsIn(contentOf(files, workflowPath)), [hashOf(file)], name);
		assert.doesNotMatch(contentOf(files, workflowPath), /npm ci|npx|package-lock/);
	}
	const inspection = await inspect(layOut(t, samples['go']));
	const own = {
		tiers: [{tier: 'production' as const, workflow: 'ship.yml', jobs: null, because: 'it is', advice: []}],
		unmapped: [],
	};
	assert.ok(!propose(inspection, defaultAnswers(inspection), own).files.some(({path}) => path === gatePath));
});

test('what init finds in a repository is the same with the file in it', async t => {
	const root = layOut(t, samples['node npm']);
	// It has addresses, and nothing that says what they answer.
	rmSync(join(root, 'server.js'));
	const before = await inspect(root);
	write(root, gatePath, `${gateFile()}\nif (path === "/healthz") ok(); if (path === "/version") sha();\n`);
	assert.deepEqual(await inspect(root), before);
});

const pair = (content: string, more = ''): readonly GeneratedFile[] => [
	generated(workflowPath, `GATE_SHA256: "${hashOf(content)}"\n${more}`),
	{...generated(gatePath, content), namedIn: workflowPath},
];

test('it is written, renewed and taken back like everything of init, byte for byte', t => {
	const root = temporaryFolder(t, {'README.md': 'mine\n'});
	const before = treeOf(root);
	assert.deepEqual(initialise(root, pair('one\n')), [`create ${workflowPath}`, `create ${gatePath}`]);
	assert.deepEqual(initialise(root, pair('two\n')), [`update ${workflowPath}`, `update ${gatePath}`]);
	assert.equal(readFileSync(join(root, gatePath), 'utf8'), 'two\n');
	undo(root);
	assert.deepEqual(treeOf(root), before);
});

/** What a newer deployctl would do to each of the two; a person has made this of the workflow. */
const renewing = (t: TestContext, edit: (text: string) => string, named: readonly string[] = []) => {
	const root = temporaryFolder(t);
	initialise(root, pair('one\n'));
	write(root, workflowPath, edit(readFileSync(join(root, workflowPath), 'utf8')));
	const manifest = currentManifest(root, false);
	const changes = holding(
		pair('two\n').map(file => changeOf(file, lookAt(root, file.path), manifest)),
		new Set(named),
	);
	return changes.map(({kind}) => kind);
};

test('it is not renewed under a workflow that stays and names the old one: production would be held', async t => {
	const [comment, digest] = [
		(text: string) => `${text}# ours\n`,
		(text: string) => text.replace(hashOf('one\n'), hashOf('two\n')),
	];
	assert.deepEqual(
		renewing(t, text => text),
		['update', 'update'],
	);
	assert.deepEqual(renewing(t, comment), ['edited', 'held']);
	assert.deepEqual(renewing(t, comment, [workflowPath]), ['edited', 'update'], 'both are written');
	assert.deepEqual(
		renewing(t, text => comment(digest(text))),
		['edited', 'update'],
		'brought up to date by hand',
	);

	const root = temporaryFolder(t, {'.git/HEAD': ''});
	const proposer = (content: string) => ({
		inspect,
		defaultAnswers,
		propose: (...about: Parameters<typeof propose>) => ({...propose(...about), files: pair(content)}),
	});
	const init = (content: string, ...words: string[]) => runIn(root, words, null, {proposer: proposer(content)});
	assert.equal((await init('one\n', '--yes')).code, 0);
	const before = treeOf(root, {own: false});
	write(root, workflowPath, comment(readFileSync(join(root, workflowPath), 'utf8')));
	const held = await init('two\n', '--yes');
	assert.match(held.text, /HELD +\.github\/deployctl\/gate\.mjs/);
	assert.match(
		held.text,
		new RegExp(`names the digest of the one that is there: overwrite both, or write ${hashOf('two\n')} into it`),
	);
	assert.equal(readFileSync(join(root, gatePath), 'utf8'), 'one\n');
	const shown = await init('two\n', '--dry-run');
	assert.ok(shown.text.includes(`-sha256 ${hashOf('one\n')}, 0 kB\n+sha256 ${hashOf('two\n')}, 0 kB\n`), shown.text);
	assert.equal((await init('two\n', '--yes', '--overwrite', `${workflowPath},${gatePath}`)).code, 0);
	assert.equal(readFileSync(join(root, gatePath), 'utf8'), 'two\n');
	assert.deepEqual((await init('two\n', '--undo', '--yes')).code, 0);
	assert.equal(treeOf(root, {own: false})[gatePath], undefined, "it was never anybody else's");
	assert.ok(Object.keys(before).includes(gatePath));
});

const [digest, other] = ['a'.repeat(64), 'b'.repeat(64)];
const readings: ReadonlyArray<[string, Partial<GateFileReading>, readonly string[]]> = [
	['the same everywhere', {}, ['ok workflows.gate-file']],
	['another than the workflow names', {named: [other]}, ['error workflows.gate-file']],
	['two digests', {named: [digest, other]}, ['error workflows.gate-file']],
	['none there', {file: {ok: true, value: null}}, ['error workflows.gate-file']],
	[
		'not readable',
		{file: {ok: false, kind: 'unreachable', because: 'EACCES', next: null}},
		['unknown workflows.gate-file'],
	],
	['nothing starts it', {named: []}, ['note workflows.gate-file']],
	['neither', {named: [], file: {ok: true, value: null}}, []],
	['started in another way', {named: [other], hasOwnWay: true}, []],
	['older', {here: {digest: other, version: '1.10.0'}}, ['warning workflows.gate-version']],
	['newer', {here: {digest: other, version: '1.1.9'}}, ['note workflows.gate-version']],
	['another build', {here: {digest: other, version: '1.2.3'}}, ['note workflows.gate-version']],
	[
		'without a version',
		{file: {ok: true, value: {digest, version: null}}, here: {digest: other, version: '1.2.3'}},
		['warning workflows.gate-version'],
	],
	['nothing to compare with', {here: null}, ['ok workflows.gate-file']],
];

test('doctor compares the file with the workflow, and with what runs here', async () => {
	const base = await healthy();
	const gate: GateFileReading = {
		workflow: 'deploy-production.yml',
		named: [digest],
		hasOwnWay: false,
		file: {ok: true, value: {digest, version: '1.2.3'}},
		here: {digest, version: '1.2.3'},
	};
	for (const [name, change, told] of readings) {
		const findings = checkGateFile({...base, disk: {...base.disk, gate: {...gate, ...change}}});
		assert.deepEqual(
			findings.map(({severity, id}) => `${severity} ${id}`),
			told,
			name,
		);
		for (const {severity, how, why} of findings)
			if (severity === 'error' || severity === 'warning')
				assert.ok(why !== null && /deployctl init --only workflows/.test(how ?? ''), name);
	}
});

test('doctor reads both from the checkout', async t => {
	const files = await proposed(t);
	const root = temporaryFolder(
		t,
		Object.fromEntries([workflowPath, gatePath].map(path => [path, contentOf(files, path)])),
	);
	const read = () =>
		readGateFile({
			root,
			settings: defaultSettings,
			env: {},
			execute: () => Promise.resolve(null),
			contractLine: '',
			template: () => Promise.resolve(null),
			gate: Promise.resolve(readFileSync(built)),
		});
	const {named, file, here, hasOwnWay} = await read();
	assert.deepEqual([file, named, hasOwnWay], [{ok: true, value: here}, [here!.digest], false]);
	write(root, gatePath, 'changed');
	assert.deepEqual((await read()).file, {ok: true, value: {digest: hashOf('changed'), version: null}});
	rmSync(join(root, gatePath));
	assert.deepEqual((await read()).file, {ok: true, value: null});
	mkdirSync(join(root, gatePath));
	assert.equal((await read()).file.ok, false);
	write(root, workflowPath, `env:\n  DEPLOYCTL: node x.js\n`);
	assert.equal((await read()).hasOwnWay, true);
});
