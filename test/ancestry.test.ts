/** What never changes of commits is asked of GitHub once, also by the next start; where a branch is, is asked each time. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {type Ancestry, ancestryAtMost} from '../source/core/github/ancestry.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {diskAncestry} from '../source/edges/ancestry.ts';
import {createGitHub} from '../source/github/client.ts';
import {addCommit} from '../source/simulator/model/git.ts';
import {personOf} from '../source/simulator/model/model.ts';
import type {AncestryStore} from '../source/world.ts';
import {bench, read, tokens, type Bench} from './helpers/reader.ts';

const repository = 'acme/auto-author';
const host = 'github.com';
const sha = (digit: string) => digit.repeat(40);
const some: Ancestry = {
	parents: [
		[sha('a'), sha('b')],
		[sha('b'), null],
	],
	automation: [
		[sha('a'), sha('c')],
		[sha('b'), null],
	],
};

const folder = (t: TestContext) => {
	const path = mkdtempSync(join(tmpdir(), 'ancestry-'));
	t.after(() => rmSync(path, {recursive: true, force: true}));
	return path;
};
const fileIn = (directory: string) => join(directory, 'ancestry', 'github%2Ecom', 'acme', 'auto-author.json');

/** Another start of the program. */
const start = ({simulator, clock}: Bench, ancestry: AncestryStore | null) =>
	createGitHub({
		endpoint: {host, apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token: tokens.classic},
		settings: defaultSettings,
		repository,
		clock,
		ancestry,
	});

const lineOf = ({
	simulator: {
		simulation: {state},
	},
}: Bench): readonly string[] => {
	const line: string[] = [];
	for (
		let at: string | undefined = state.refs.get('refs/heads/develop');
		at !== undefined;
		at = state.commits.get(at)?.parents[0]
	)
		line.push(at);
	return line;
};

/** Where the oldest commit lies, and how many requests that took. */
const lies = async (place: Bench, ancestry: AncestryStore | null, from: string, to: string) => {
	const github = start(place, ancestry);
	const {result, byKind} = await place.counted(async () =>
		read(github, {
			kind: 'active',
			suites: [],
			hotJobs: [],
			commits: [],
			lineage: {from, to, automationOf: [from, to]},
		}),
	);
	const requests = Object.entries(byKind)
		.filter(([kind]) => /\/(commits|git\/trees\/\w+)$/.test(kind))
		.reduce((sum, [, count]) => sum + count, 0);
	return {trunk: result.facts.trunk, automation: result.facts.automation, requests};
};

test('the second start asks nothing again, and knows the same', async t => {
	const [place, directory] = [await bench(t), folder(t)];
	const line = lineOf(place);
	const [head, oldest] = [line[0]!, line.at(-1)!];
	const first = await lies(place, diskAncestry(directory, host, repository), head, oldest);
	assert.deepEqual(first.trunk, line);
	assert.ok(first.requests >= 3, `${first.requests}`);
	const second = await lies(place, diskAncestry(directory, host, repository), head, oldest);
	assert.deepEqual(second, {...first, requests: 0});
	assert.deepEqual(
		await lies(place, null, head, oldest),
		first,
		'without a store nothing is believed that another start has read',
	);
	assert.equal(statSync(fileIn(directory)).mode & 0o777, 0o600);
	assert.equal(statSync(dirname(fileIn(directory))).mode & 0o777, 0o700);
});

test('a branch that was pushed over is another history: what is kept says nothing about what is on it', async t => {
	const [place, directory] = [await bench(t), folder(t)];
	const line = lineOf(place);
	await lies(place, diskAncestry(directory, host, repository), line[0]!, line.at(-1)!);
	const {state} = place.simulator.simulation;
	const other = addCommit(state, {
		message: 'Pushed over',
		author: personOf(state, 'mira-okafor'),
		parents: [line[2]!],
		at: state.now,
	}).sha;
	state.refs.set('refs/heads/develop', other);
	const after = await lies(place, diskAncestry(directory, host, repository), other, line.at(-1)!);
	assert.deepEqual(after.trunk, [other, ...line.slice(2)], 'the two newest are not on it any more');
});

test('what GitHub does not tell is not kept as told', async t => {
	const [place, directory] = [await bench(t), folder(t)];
	const [line, unheard] = [lineOf(place), sha('d')];
	const store = diskAncestry(directory, host, repository);
	const none = await lies(place, store, unheard, line[0]!);
	assert.deepEqual(none.trunk, [unheard]);
	assert.deepEqual(
		Object.keys(none.automation ?? {}),
		[line[0]],
		'a commit that GitHub does not know has no .github, and not none either',
	);
	const kept = await store.load();
	assert.deepEqual([kept!.parents, kept!.automation.map(([of]) => of)], [[], [line[0]]]);
});

test('a file that is missing, cut, changed, too large, of another format or repository, or a link is no knowledge', async t => {
	const directory = folder(t);
	const store = diskAncestry(directory, host, repository);
	const path = fileIn(directory);
	assert.equal(await store.load(), null);
	await store.save(some);
	assert.deepEqual(await store.load(), some);
	const whole = readFileSync(path, 'utf8');
	const spoilt: ReadonlyArray<readonly [string, () => void]> = [
		['cut', () => truncateSync(path, whole.length - 5)],
		['one digit more', () => writeFileSync(path, whole.replace(sha('c'), sha('e')))],
		['something behind it', () => appendFileSync(path, ' ')],
		['too large', () => writeFileSync(path, whole + ' '.repeat(2_000_000))],
		['another format', () => writeFileSync(path, whole.replace('ancestry 1', 'ancestry 0'))],
		['nothing', () => writeFileSync(path, '')],
		['bytes', () => writeFileSync(path, Buffer.from([0xff, 0, 0xfe, 10, 0x80]))],
		[
			'a folder',
			() => {
				rmSync(path);
				mkdirSync(path);
			},
		],
	];
	for (const [name, spoil] of spoilt) {
		spoil();
		assert.equal(await store.load(), null, name);
		rmSync(path, {recursive: true, force: true});
		await store.save(some);
		assert.deepEqual(await store.load(), some, name);
	}
	const elsewhere = join(directory, 'elsewhere');
	writeFileSync(elsewhere, whole);
	rmSync(path);
	symlinkSync(elsewhere, path);
	assert.equal(await store.load(), null, 'a link');
	const others = diskAncestry(directory, host, 'acme/other');
	await others.save(some);
	writeFileSync(path.replace('auto-author', 'mine'), readFileSync(fileIn(directory).replace('auto-author', 'other')));
	assert.equal(await diskAncestry(directory, host, 'acme/mine').load(), null, 'another repository');
});

test('a file or a folder that others may write is no knowledge', async t => {
	if (process.geteuid === undefined) return t.skip('this system has no owners');
	const directory = folder(t);
	const store = diskAncestry(directory, host, repository);
	const path = fileIn(directory);
	for (const [what, mode, isOurs] of [
		[path, 0o666, false],
		[path, 0o620, false],
		[path, 0o600, true],
		[path, 0o644, true],
		[dirname(path), 0o777, false],
		[dirname(path), 0o700, true],
	] as const) {
		await store.save(some);
		chmodSync(what, mode);
		assert.deepEqual(await store.load(), isOurs ? some : null, `${what} ${mode.toString(8)}`);
	}
});

test('entries that are no object ids make the whole file none; a failing disk is no failure', async t => {
	const directory = folder(t);
	const store = diskAncestry(directory, host, repository);
	for (const broken of [
		[sha('a'), 'develop'],
		['../x', null],
		[sha('A'), null],
		[sha('a')],
		'x',
		null,
		[sha('a'), 3],
	]) {
		await store.save({parents: [broken as never], automation: []});
		assert.equal(await store.load(), null, JSON.stringify(broken));
	}
	writeFileSync(join(directory, 'file'), '');
	const nowhere = diskAncestry(join(directory, 'file'), host, repository);
	await nowhere.save(some);
	assert.equal(await nowhere.load(), null);
});

test('what is kept is bounded: the newest knowledge stays', async t => {
	const store = diskAncestry(folder(t), host, repository);
	const many = Array.from(
		{length: ancestryAtMost + 7},
		(_, index) => [String(index).padStart(40, '0'), null] as const,
	);
	await store.save({parents: many, automation: many});
	const kept = await store.load();
	assert.deepEqual(
		[kept!.parents.length, kept!.parents[0], kept!.automation.at(-1)],
		[ancestryAtMost, many[7], many.at(-1)],
	);
});
