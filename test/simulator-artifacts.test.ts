/** Artifacts and what a workflow's own token may do: GitHub's inconvenient rules. */
import assert from 'node:assert/strict';
import {inflateRawSync} from 'node:zlib';
import {test} from 'node:test';
import {startSimulator} from '../source/simulator/server.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {zipOf} from '../source/simulator/actions/zip.ts';
import {storageBeside} from '../source/simulator/front.ts';
import {origin, type Simulated, simulated} from './helpers/simulated.ts';

/** By the directory at the end, as GitHub's have to be read. */
const filesIn = (zip: Uint8Array): Record<string, string> => {
	const buffer = Buffer.from(zip);
	const end = buffer.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
	const files: Record<string, string> = {};
	let at = buffer.readUInt32LE(end + 16);
	for (let count = buffer.readUInt16LE(end + 10); count > 0; count -= 1) {
		const [size, name, extra, comment, offset] = [
			buffer.readUInt32LE(at + 20),
			buffer.readUInt16LE(at + 28),
			buffer.readUInt16LE(at + 30),
			buffer.readUInt16LE(at + 32),
			buffer.readUInt32LE(at + 42),
		];
		const from = offset + 30 + buffer.readUInt16LE(offset + 26) + buffer.readUInt16LE(offset + 28);
		files[buffer.subarray(at + 46, at + 46 + name).toString()] = inflateRawSync(
			buffer.subarray(from, from + size),
		).toString();
		at += 46 + name + extra + comment;
	}
	return files;
};

const upload = (simulator: Simulated, path: string, body: string) =>
	simulator.answer({method: 'POST', url: `${storageBeside}/_artifacts/${path}`, headers: {}, body}, origin);
const download = (simulator: Simulated, location: string) =>
	simulator.answer({method: 'GET', url: location, headers: {}, body: ''}, origin);
const runOf = (simulator: Simulated) =>
	[...simulator.simulation.state.runs.values()].find(run => run.workflow.definition.tier === 'fast')!.id;

test('a zip is deflated, and the header in front of a file does not know its size', () => {
	const zip = zipOf({'a.json': '{"a": 1}', 'ö/empty': '', 'long.txt': 'x'.repeat(100_000)});
	assert.deepEqual(filesIn(zip), {'a.json': '{"a": 1}', 'ö/empty': '', 'long.txt': 'x'.repeat(100_000)});
	assert.ok(zip.byteLength < 2000);
	assert.deepEqual([Buffer.from(zip).readUInt32LE(18), Buffer.from(zip).readUInt16LE(6) & 8], [0, 8]);
});

test('uploaded by a job, listed for its run and by its whole name, fetched from an address that holds for a minute', () => {
	const simulator = simulated('quiet');
	const run = runOf(simulator);
	assert.equal(upload(simulator, `${run}/coverage?file=lcov.info`, 'TN:').status, 201);
	assert.equal(upload(simulator, `${run}/results`, '{}').status, 201);
	assert.equal(upload(simulator, `${run}/results`, '{}').status, 409, 'a name is taken for ever');
	assert.equal(upload(simulator, '1/results', '{}').status, 404);
	const {json} = simulator.rest('GET', `/actions/runs/${run}/artifacts`);
	assert.deepEqual(
		[json.total_count, json.artifacts.map((one: {name: string}) => one.name)],
		[2, ['results', 'coverage']],
	);
	assert.equal(simulator.rest('GET', `/actions/runs/${run}/artifacts?name=cover`).json.total_count, 0);
	const [coverage] = simulator.rest('GET', `/actions/runs/${run}/artifacts?name=coverage`).json.artifacts;
	assert.deepEqual([coverage.expired, coverage.workflow_run.id], [false, run]);
	assert.equal(simulator.rest('GET', `/actions/artifacts/${coverage.id}/tar`).status, 404);
	const answer = simulator.rest('GET', `/actions/artifacts/${coverage.id}/zip`);
	assert.equal(answer.status, 302);
	const file = download(simulator, answer.headers.location!);
	assert.deepEqual(
		[file.status, file.headers['content-type'], filesIn(file.bytes!)],
		[200, 'application/zip', {'lcov.info': 'TN:'}],
	);
	simulator.move(61_000);
	assert.equal(download(simulator, answer.headers.location!).status, 403);
});

test('one that has expired is still listed, and gone', () => {
	const simulator = simulated('quiet');
	const run = runOf(simulator);
	upload(simulator, `${run}/short?days=1`, '{}');
	simulator.move(86_400_000);
	const [artifact] = simulator.rest('GET', `/actions/runs/${run}/artifacts?name=short`).json.artifacts;
	assert.equal(artifact.expired, true);
	assert.equal(simulator.rest('GET', `/actions/artifacts/${artifact.id}/zip`).status, 410);
});

test('on the wire the bytes arrive as they are', async t => {
	const scenario = scenarioNamed('quiet');
	const simulator = await startSimulator({scenario, clock: {now: () => Date.parse(scenario.startsAt)}});
	t.after(() => simulator.close());
	const {id} = [...simulator.simulation.state.artifacts.values()].at(-1)!;
	// Fetch follows to the storage and leaves the token behind only on another host; this one does not ask for it.
	const answer = await fetch(`${simulator.restUrl}/repos/acme/auto-author/actions/artifacts/${id}/zip`, {
		headers: {authorization: 'bearer sim_classic'},
	});
	const files = filesIn(new Uint8Array(await answer.arrayBuffer()));
	assert.equal(JSON.parse(files['deployctl-results.json']!).schemaVersion, 1);
});

test('the token of a workflow posts as the bot, and all runs share a thousand requests an hour', () => {
	const simulator = simulated('quiet').as('sim_workflow');
	const sha = simulator.simulation.sha('comments');
	const posted = simulator.rest('POST', `/statuses/${sha}`, {
		state: 'pending',
		context: 'deployctl/e2e-staging/1-of-1',
		description: '1/2',
	});
	assert.deepEqual(
		[posted.json.creator.login, posted.headers['x-ratelimit-limit'], posted.headers['x-ratelimit-remaining']],
		['github-actions[bot]', '1000', '999'],
	);
	for (let index = 0; index < 999; index += 1) {
		// Slowly enough for the limits of a minute.
		simulator.move(index % 100 === 0 ? 61_000 : 0);
		assert.equal(simulator.rest('GET', '/branches/main').status, 200);
	}
	const refused = simulator.rest('POST', `/statuses/${sha}`, {state: 'pending', context: 'x'});
	assert.deepEqual([refused.status, refused.headers['x-ratelimit-remaining']], [403, '0']);
	assert.match(refused.json.message, /rate limit exceeded for installation/);
	assert.equal(
		simulator.as('sim_classic').rest('GET', '/branches/main').status,
		200,
		'a person has an allowance of their own',
	);
	simulator.move(Number(refused.headers['x-ratelimit-reset']) * 1000 - simulator.now());
	assert.equal(simulator.rest('POST', `/statuses/${sha}`, {state: 'pending', context: 'x'}).status, 201);
});

test('80 statuses a minute, 500 an hour: then it says how long to wait', () => {
	const simulator = simulated('quiet').as('sim_workflow');
	const sha = simulator.simulation.sha('comments');
	let context = 0;
	const post = () => simulator.rest('POST', `/statuses/${sha}`, {state: 'pending', context: `x ${(context += 1)}`});
	for (let minute = 0; minute < 6; minute += 1) {
		for (let index = 0; index < 80; index += 1) {
			assert.equal(post().status, 201);
		}
		const refused = post();
		assert.deepEqual([refused.status, refused.headers['retry-after']], [403, '60']);
		assert.match(refused.json.message, /secondary rate limit/);
		simulator.move(61_000);
	}
	// Refused ones count, too.
	for (let index = 0; index < 14; index += 1) {
		assert.equal(post().status, 201);
	}
	const seconds = Number(post().headers['retry-after']);
	assert.ok(seconds > 3000, `${seconds}`);
	simulator.move(seconds * 1000);
	assert.equal(post().status, 201);
});
