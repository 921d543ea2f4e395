/** Single tests over REST, against the simulator: only what is new is asked for, what comes is checked, and nothing is ever thrown. */
import assert from 'node:assert/strict';
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {deflateRawSync} from 'node:zlib';
import {withResult} from '../source/core/tests/flaky.ts';
import type {TestsQuestion} from '../source/core/tests/tests.ts';
import {resultFile} from '../source/core/tests/results.ts';
import {diskTestHistory, memoryTestHistory, testHistoryPath} from '../source/edges/test-history.ts';
import {createDownloader} from '../source/github/http/download.ts';
import {createTests} from '../source/github/artifacts/test-results.ts';
import {unzipped} from '../source/github/artifacts/zip.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {zipOf} from '../source/simulator/actions/zip.ts';
import {pays, result, tested} from './helpers/shards.ts';
import {virtualClock} from './helpers/virtual-clock.ts';

const minute = 60_000;

/** The scenario so many minutes after its beginning, and whoever reads single tests there. */
const open = async (t: TestContext, minutes: number, scenarioName = 'red-e2e') => {
	const scenario = scenarioNamed(scenarioName);
	const clock = virtualClock(Date.parse(scenario.startsAt));
	const simulator = await startSimulator({scenario, clock});
	t.after(() => simulator.close());
	const {owner, name} = scenario.repository;
	const requests: Array<{path: string; status: number; isAuthorised: boolean}> = [];
	const fetched: typeof fetch = async (input, init) => {
		const answer = await fetch(input, init);
		const url = new URL(input as string);
		requests.push({
			path: `${url.pathname.replace(/^.*?(?=\/repos\/|\/_)/, '').replace(`/repos/${owner}/${name}`, '')}${url.search.replace(/expires=\d+/, '')}`,
			status: answer.status,
			isAuthorised: new Headers(init?.headers).has('authorization'),
		});
		return answer;
	};
	const endpoint = {
		host: '127.0.0.1',
		apiUrl: simulator.restUrl,
		graphqlUrl: simulator.graphqlUrl,
		token: scenario.tokens[0]!.token,
	};
	const history = memoryTestHistory();
	const tests = createTests({endpoint, repository: `${owner}/${name}`, clock, history, fetch: fetched});
	await clock.advance(minutes * minute);
	const moving = () =>
		[...simulator.simulation.state.runs.values()].filter(run => run.workflow.definition.tier === 'e2e').at(-1)!;
	simulator.simulation.advanceTo(clock.now());
	const question = (more: Partial<TestsQuestion> = {}): TestsQuestion => ({
		sha: moving().about,
		workflow: 'e2e-staging.yml',
		runId: moving().id,
		attempt: 1,
		live: false,
		ended: [],
		jobs: [],
		...more,
	});
	return {clock, simulator, tests, requests, question, endpoint, run: moving};
};

test('failures are read live, with every page once, and later only what is new', async t => {
	const {tests, requests, question, clock} = await open(t, 4);
	const first = await tests.read(question({live: true}));
	assert.ok(first.live!.length >= 1);
	assert.deepEqual(
		{...first.live![0], at: 0},
		{
			shard: 2,
			at: 0,
			location: 'e2e/preview.spec.ts:22',
			title: 'preview › shows the newest text',
			message: 'expect(received).toContain(expected): the preview…',
		},
		'as much of it as a status takes',
	);
	assert.ok(first.live!.every(({message}) => !message.includes('\n')));
	assert.deepEqual([first.problems, first.isLiveCut, first.retryAt], [[], false, null]);
	const pages = requests.length;
	assert.ok(pages >= 2, 'four shards have told more than a page holds');
	await clock.advance(20_000);
	const second = await tests.read(question({live: true}));
	assert.equal(requests.length - pages, 1, 'one page of what is new');
	assert.deepEqual(second.live!.slice(0, first.live!.length), first.live);
});

test('the same question again costs nothing: GitHub says that nothing has changed', async t => {
	const {tests, requests, question} = await open(t, 20);
	await tests.read(question({live: true}));
	requests.length = 0;
	await tests.read(question({live: true}));
	assert.deepEqual(
		requests.map(({status}) => status),
		[304],
	);
});

test("a commit's other workflow is asked in between: it takes nothing from this one", async t => {
	const {tests, question} = await open(t, 4);
	assert.deepEqual((await tests.read(question({live: true, workflow: 'smoke-tests.yml'}))).live, []);
	const {live} = await (await open(t, 4)).tests.read(question({live: true}));
	assert.deepEqual((await tests.read(question({live: true}))).live, live);
});

test("another attempt's failures are not this one's", async t => {
	const {tests, question} = await open(t, 4);
	assert.deepEqual((await tests.read(question({live: true, attempt: 2}))).live, []);
});

test('results of ended shards are downloaded once, the token stays with the API, and the history learns them', async t => {
	const {tests, requests, question} = await open(t, 20);
	const ended = [1, 2, 3, 4].map(index => ({index, total: 4}));
	const reading = await tests.read(question({ended}));
	assert.deepEqual(
		reading.results.map(({shard, verdict, failedCount}) => [shard.index, verdict, failedCount]),
		[
			[1, 'passed', 0],
			[2, 'failed', 4],
			[3, 'failed', 1],
			[4, 'passed', 0],
		],
	);
	assert.equal(
		reading.results[1]!.failed[0]!.error!.message,
		'expect(received).toContain(expected): the preview is one edit behind',
	);
	assert.deepEqual([reading.missing, reading.problems, reading.live], [[], [], null]);
	assert.deepEqual(
		reading.history!.runs.map(({attempts}) => attempts.map(({read, failed}) => [read.length, failed.length])),
		[[[4, 5]]],
	);
	assert.equal(requests.filter(({path}) => path.startsWith('/_artifacts/')).length, 4);
	assert.ok(
		requests.every(({path, isAuthorised}) => isAuthorised !== path.startsWith('/_artifacts/')),
		'the token went where it does not belong',
	);
	requests.length = 0;
	await tests.read(question({ended}));
	assert.deepEqual(
		requests.map(({path, status}) => [path.replace(/\d{6,}/, 'RUN'), status]),
		[['/actions/runs/RUN/artifacts?per_page=100', 304]],
	);
});

test('a shard that has no file yet is missing, and no failure', async t => {
	const {tests, question} = await open(t, 4);
	const reading = await tests.read(question({ended: [{index: 1, total: 4}]}));
	assert.deepEqual([reading.missing, reading.results, reading.problems], [[{index: 1, total: 4}], [], []]);
});

test("a re-run's earlier attempt teaches that a test is flaky; only the attempt in question is its result", async t => {
	const {tests, question, run} = await open(t, 30, 'flaky');
	assert.equal(run().attempts.length, 2);
	const reading = await tests.read(question({attempt: 2, ended: [{index: 3, total: 4}]}));
	assert.deepEqual(
		reading.results.map(({attempt, failedCount}) => [attempt, failedCount]),
		[
			[2, 0],
			[1, 1],
		],
	);
	const [known] = reading.history!.runs;
	assert.deepEqual(
		known!.attempts.map(({attempt, failed}) => [attempt, failed.length]),
		[
			[1, 1],
			[2, 0],
		],
	);
	assert.ok(known!.attempts[1]!.passed.includes(known!.attempts[0]!.failed[0]!));
});

test('what GitHub and the network do is a sentence, and the rest is read all the same', async t => {
	const {tests, question, simulator, clock} = await open(t, 20);
	simulator.faults.next({kind: 'bad-gateway-html'}, {match: {path: '/statuses'}});
	const half = await tests.read(question({live: true, ended: [{index: 2, total: 4}]}));
	assert.equal(half.live, null);
	assert.match(half.problems[0]!, /502/);
	assert.equal(half.results.length, 1);
	simulator.faults.next({kind: 'html-200'}, {match: {path: '/artifacts'}});
	const page = await tests.read(question({ended: [{index: 1, total: 4}]}));
	assert.match(page.problems[0]!, /not GitHub's JSON/);
	assert.deepEqual([page.results, page.missing], [[], []], 'nobody knows whether there is one');
	simulator.faults.next({kind: 'secondary-limit', status: 403, retryAfterSeconds: 90}, {match: {path: '/statuses'}});
	const slowed = await tests.read(question({live: true}));
	assert.equal(slowed.retryAt, clock.now() + 90_000);
});

test("well before the hour's allowance is used up nothing more is asked", async t => {
	const {tests, question, requests, simulator, clock} = await open(t, 4);
	simulator.faults.next({kind: 'rate-limited', resetSeconds: 600}, {match: {path: '/statuses'}});
	const spent = await tests.read(question({live: true}));
	assert.equal(spent.live, null);
	assert.ok(spent.retryAt! > clock.now());
	requests.length = 0;
	const waiting = await tests.read(question({live: true}));
	assert.deepEqual([requests.length, waiting.live], [0, null]);
});

const stored = (name: string, text: string) => zipOf({[name]: text});

test('of a zip only the file that is meant, whole and undamaged', async () => {
	const limit = 1000;
	const good = Buffer.from(zipOf({'other.txt': 'x', [resultFile]: '{"a": 1}'}));
	assert.deepEqual(await unzipped(good, resultFile, limit), {ok: true, bytes: Buffer.from('{"a": 1}')});
	const because = async (zip: Buffer) => {
		const read = await unzipped(zip, resultFile, limit);
		return read.ok ? 'read' : read.because;
	};
	assert.match(await because(Buffer.from(stored('x.json', '1'))), /there is no/);
	assert.match(await because(Buffer.from(stored(resultFile, 'x'.repeat(2000)))), /larger/);
	assert.match(await because(Buffer.from('not a zip')), /not a zip file/);
	assert.match(await because(Buffer.alloc(0)), /not a zip file/);
	for (let cut = 1; cut < good.length; cut += 7)
		assert.notEqual(await because(good.subarray(0, cut)), 'read', `cut at ${cut}`);
	const central = good.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
	const broken = (at: number, value: number) => {
		const copy = Buffer.from(good);
		copy.writeUInt16LE(value, at);
		return copy;
	};
	assert.match(await because(broken(central + 8, 0x08_09)), /encrypted/);
	assert.match(await because(broken(central + 10, 12)), /method/);
	assert.match(await because(broken(central + 16, 1)), /damaged/);
	assert.match(await because(broken(central + 24, 3)), /damaged/);
	// A bomb says that it is small: what comes out is bounded by what it says.
	const bomb = Buffer.from(stored(resultFile, '0'.repeat(999_999)));
	const lie = bomb.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
	bomb.writeUInt32LE(10, lie + 24);
	assert.ok(deflateRawSync(Buffer.alloc(999_999, '0')).length < 2000);
	assert.match(await because(bomb), /damaged/);
});

test('any bytes at all: an answer, never an exception', async () => {
	const good = Buffer.from(zipOf({[resultFile]: '{"a": 1}'}));
	for (let at = 0; at < good.length; at++) {
		for (const value of [0, 0xff]) {
			const copy = Buffer.from(good);
			copy[at] = value;
			const read = await unzipped(copy, resultFile, 1000);
			if (read.ok) assert.equal(read.bytes.toString(), '{"a": 1}', `byte ${at}`);
		}
	}
});

test('a download is bounded, and leads nowhere where the token or plain http would leak', async t => {
	const server = createServer((request, response) => {
		const {pathname} = new URL(request.url!, 'http://x');
		if (pathname === '/large') return void response.end(Buffer.alloc(5000));
		if (pathname === '/to-large') return void response.writeHead(302, {location: '/endless'}).end();
		if (pathname === '/endless') {
			const more = () => {
				while (response.write(Buffer.alloc(10_000)) && !response.destroyed);
			};
			response.on('drain', more);
			more();
			return;
		}
		if (pathname === '/to-ftp') return void response.writeHead(302, {location: 'ftp://elsewhere.example/x'}).end();
		if (pathname === '/gone') return void response.writeHead(410).end();
		response.writeHead(500).end('oops');
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const apiUrl = `http://127.0.0.1:${(server.address() as {port: number}).port}`;
	const clock = virtualClock(0);
	const downloader = createDownloader({
		endpoint: {host: 'x', apiUrl, graphqlUrl: apiUrl, token: 't'},
		clock,
		timeoutMs: 1000,
	});
	const kindOf = async (path: string) => {
		const got = await downloader.fetch(path, 1000, () => {});
		return got.ok ? 'ok' : got.kind;
	};
	assert.equal(await kindOf('/large'), 'too-large');
	assert.equal(await kindOf('/to-large'), 'too-large');
	assert.equal(await kindOf('/gone'), 'gone');
	await assert.rejects(kindOf('/to-ftp'), ({evidence}: {evidence: {kind: string}}) => evidence.kind === 'redirect');
	await assert.rejects(kindOf('/error'), ({evidence}: {evidence: {kind: string}}) => evidence.kind === 'http');
	const secure = createDownloader({
		endpoint: {host: 'x', apiUrl: 'https://api.example', graphqlUrl: '', token: 't'},
		clock,
		timeoutMs: 1000,
		fetch: async () => new Response(null, {status: 302, headers: {location: `${apiUrl}/large`}}),
	});
	await assert.rejects(
		secure.fetch('/x', 1000, () => {}),
		({evidence}: {evidence: {kind: string}}) => evidence.kind === 'redirect',
	);
});

const place = async (t: TestContext) => {
	const directory = await mkdtemp(join(tmpdir(), 'deployctl-tests-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	return {
		directory,
		path: testHistoryPath(directory, 'github.com', 'acme/auto-author'),
		store: diskTestHistory(directory, 'github.com', 'acme/auto-author'),
	};
};

test('the history survives on the disk, and two programs add to the same file', async t => {
	const {directory, store, path} = await place(t);
	assert.deepEqual(await store.load(), {history: {runs: []}, problem: null});
	await store.change(before => withResult(before, result(1, {tests: [tested('failed', pays)]})));
	await diskTestHistory(directory, 'github.com', 'acme/auto-author').change(before => withResult(before, result(2)));
	const {history, problem} = await store.load();
	assert.deepEqual(
		[problem, history.runs[0]!.attempts[0]!.read, history.runs[0]!.attempts[0]!.failed.length],
		[null, [1, 2], 1],
	);
	assert.deepEqual((await readdir(dirname(path))).length, 1, 'nothing temporary is left');
	assert.deepEqual(
		(await diskTestHistory(directory, 'github.com', 'acme/other').load()).history,
		{runs: []},
		'each repository has its own',
	);
	assert.ok(!testHistoryPath(directory, 'github.com', '../../etc').includes('..'));
});

test('a damaged file is no history, and that is said; the next change begins anew', async t => {
	const {store, path} = await place(t);
	await store.change(before => withResult(before, result(1)));
	const whole = await readFile(path, 'utf8');
	for (const text of [
		'',
		'{',
		'null',
		'[]',
		whole.slice(0, -20),
		whole.replace('deployctl tests 1', 'deployctl tests 9'),
		whole.replace('"failed":[]', '"failed":[7]'),
		whole.replace('"runs":[', '"runs":[null,'),
	]) {
		await writeFile(path, text);
		const {history, problem} = await store.load();
		assert.deepEqual(history, {runs: []}, text.slice(0, 60));
		assert.match(problem!, /damaged/);
	}
	const after = await store.change(before => withResult(before, result(2)));
	assert.match(after.problem!, /damaged/);
	assert.equal((await store.load()).problem, null);
});

test('a disk that cannot be written costs the history, not the reading', async t => {
	const {directory} = await place(t);
	await writeFile(join(directory, 'tests'), 'a file where a folder should be');
	const {history, problem} = await diskTestHistory(directory, 'github.com', 'acme/auto-author').change(before =>
		withResult(before, result(1)),
	);
	assert.equal(history.runs.length, 1);
	assert.match(problem!, /history of tests cannot be/);
});

test('a history that grows too large loses its oldest runs', async t => {
	const {store, path} = await place(t);
	const many = (id: number) =>
		result(1, {
			runId: id,
			startedAt: id,
			tests: Array.from({length: 1500}, (_, index) =>
				tested('failed', {...pays, title: `${'long '.repeat(40)}${index} of ${id}`}),
			),
		});
	await store.change(before => Array.from({length: 12}, (_, id) => many(id + 1)).reduce(withResult, before));
	assert.ok((await readFile(path, 'utf8')).length <= 1024 * 1024);
	const {history} = await store.load();
	assert.equal(history.runs[0]!.runId, 12);
});
