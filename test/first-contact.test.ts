/** `doctor --probe`: what it finds out of servers that differ, and that nothing of it is ever left behind. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {type Contact, contactIds, type ContactId} from '../source/doctor/first-contact/model.ts';
import {firstContact} from '../source/doctor/first-contact/first-contact.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {writing, type Writing} from './helpers/git-hub-writes.ts';
import {run, simulated} from './helpers/program.ts';
import {runs} from './helpers/fuzz.ts';

const nobodyStops = new AbortController().signal;
const outcomes = ({told}: Contact) => Object.fromEntries(told.map(({id, outcome}) => [id, outcome]));
const probe = (bench: Writing, token?: string, signal = nobodyStops) =>
	firstContact({connection: bench.connection(token), environments: ['staging', 'production'], nonce: 'test', signal});
const contact = async (t: TestContext, server: Partial<Scenario['server']> = {}, token?: string) => {
	const bench = await writing(t, server);
	const before = JSON.stringify([...bench.simulator.simulation.state.refs]);
	const found = await probe(bench, token);
	assert.equal(JSON.stringify([...bench.simulator.simulation.state.refs]), before, 'every ref is as it was');
	assert.deepEqual([found.left, found.abandoned], [[], 0]);
	return found;
};
const all = (over: Partial<Record<ContactId, string>> = {}) => ({
	...Object.fromEntries(contactIds.map(id => [id, 'as-expected'])),
	...over,
});

test('a server that does what is documented: everything as expected, in about twenty requests', async t => {
	const found = await contact(t);
	assert.deepEqual(outcomes(found), all());
	assert.ok(found.requests <= 25, `${found.requests}`);
	assert.deepEqual([found.scopes?.includes('repo'), found.permissions?.push], [true, true]);
	const fence = found.told.find(({id}) => id === 'fence-moving');
	assert.match(fence?.said ?? '', /expected/, 'the words of the refusal are kept');
});

test('a server that differs is told apart, and what it makes impossible is not tried', async t => {
	const rest = ({told}: Contact) => contactIds.filter(id => !told.some(one => one.id === id));
	const noEmptyTree = await contact(t, {emptyTree: false});
	assert.deepEqual(outcomes(noEmptyTree), all({'empty-tree': 'otherwise'}));
	const onlyBranches = await contact(t, {customRefs: false});
	assert.deepEqual(
		[outcomes(onlyBranches)['own-refs'], rest(onlyBranches)],
		['otherwise', ['fence-moving', 'fence-staying', 'landing']],
	);
	const passesOver = await contact(t, {comparesBefore: 'moved'});
	assert.deepEqual(
		[outcomes(passesOver)['fence-moving'], outcomes(passesOver)['fence-staying'], rest(passesOver)],
		['as-expected', 'otherwise', ['landing']],
	);
	const comparesNothing = await contact(t, {comparesBefore: 'never'});
	assert.deepEqual(
		[outcomes(comparesNothing)['fence-moving'], rest(comparesNothing)],
		['otherwise', ['fence-staying', 'landing']],
	);
});

test("a token that may only read: said in GitHub's words, and nothing else is tried", async t => {
	const found = await contact(t, {}, 'sim_read-only');
	assert.deepEqual(outcomes(found), {'empty-tree': 'otherwise', 'own-refs': 'otherwise', undone: 'as-expected'});
	assert.match(found.told[1]!.said ?? '', /not accessible/);
});

test('whatever gets lost on the way, nothing is left, and nothing is said to be as expected that was not seen', async t => {
	const anyFault = fc.constantFrom<Fault>(
		{kind: 'lost-answer'},
		{kind: 'connection-reset'},
		{kind: 'lost-answer', how: 'bad-gateway'},
		{kind: 'bad-gateway-html'},
	);
	const anyServer = fc.constantFrom<Partial<Scenario['server']>>(
		{},
		{},
		{comparesBefore: 'moved'},
		{comparesBefore: 'never'},
	);
	await fc.assert(
		fc.asyncProperty(anyServer, fc.integer({min: 1, max: 16}), anyFault, async (server, at, fault) => {
			const bench = await writing(t, server);
			// From the second request on: without the first one nothing is begun.
			let seen = 0;
			const {faults} = bench.simulator;
			const connection = bench.connection();
			const {send} = connection.transport;
			connection.transport.send = async (request, signal) => {
				seen += 1;
				if (seen === at + 1) faults.next(fault);
				return send(request, signal);
			};
			const found = await firstContact({connection, environments: [], nonce: 'test', signal: nobodyStops});
			assert.deepEqual(Object.keys(bench.refs()), [], `left after request ${at}`);
			const told = outcomes(found);
			if (server.comparesBefore === 'never') assert.notEqual(told['fence-moving'], 'as-expected');
			if (server.comparesBefore === 'moved') assert.notEqual(told['fence-staying'], 'as-expected');
			if (server.comparesBefore === undefined)
				assert.ok(
					!Object.values(told).includes('otherwise') || told['empty-tree'] === 'otherwise',
					JSON.stringify(found.told),
				);
		}),
		runs(40),
	);
});

test('stopped in the middle: taken back all the same', async t => {
	for (const at of [3, 6, 8, 10, 12]) {
		const bench = await writing(t);
		const stop = new AbortController();
		const connection = bench.connection();
		const {send} = connection.transport;
		let seen = 0;
		connection.transport.send = async (request, signal) => {
			seen += 1;
			if (seen === at) stop.abort(new Error('enough'));
			return send(request, signal);
		};
		await assert.rejects(
			firstContact({connection, environments: [], nonce: 'test', signal: stop.signal}),
			/enough/,
		);
		assert.deepEqual(bench.refs(), {}, `stopped at request ${at}`);
	}
});

test('what a killed probe left ten minutes ago is taken away, one that is under way is not', async t => {
	const bench = await writing(t);
	bench.plant(`refs/deployctl/probe/${bench.clock.now() - 11 * 60_000}-dead-a`, 'dead');
	const alive = `refs/deployctl/probe/${bench.clock.now() - 60_000}-alive-a`;
	bench.plant(alive, 'alive');
	const found = await probe(bench);
	assert.deepEqual([found.abandoned, Object.keys(bench.refs())], [1, [alive]]);
});

test('the built program asks, writes nothing without a yes, and its report names no repository', async t => {
	const {simulator, home, env} = await simulated('quiet', t);
	execFileSync('git', ['init', '-q'], {cwd: home, env});
	const before = [...simulator.simulation.state.refs.keys()].join();
	const deployctl = (...more: string[]) =>
		run(['doctor', '--probe', '--repo', 'acme/auto-author', ...more], {cwd: home, env});
	const unasked = await deployctl();
	assert.equal(unasked.exitCode, 3);
	assert.match(unasked.stderr, /no terminal to ask on/);
	const readOnly = await deployctl('--yes', '--read-only');
	assert.deepEqual([readOnly.exitCode, /Nothing is probed read-only/.test(readOnly.stderr)], [3, true]);
	assert.equal((await deployctl('--fix')).exitCode, 2);
	assert.equal(simulator.counters.byKind['UpdateRefs'] ?? 0, 0);

	const text = await deployctl('--yes');
	assert.equal(text.exitCode, 0, text.stdout + text.stderr);
	assert.match(text.stdout, /yes +an update of two refs is refused as a whole/);
	assert.match(text.stdout, /one look +\d+ points? of GraphQL/);
	assert.match(text.stdout, /production: GraphQL .*; REST \d/s);
	assert.doesNotMatch(text.stdout, /auto-author|acme|sim_classic/);
	assert.equal([...simulator.simulation.state.refs.keys()].join(), before);

	const json = JSON.parse((await deployctl('--yes', '--json')).stdout) as {probe: {exitCode: number}};
	const schema = JSON.parse(
		readFileSync(new URL('../docs/doctor-probe.schema.json', import.meta.url), 'utf8'),
	) as object;
	const isValid = new Ajv2020({allErrors: true, validateFormats: false}).compile(schema);
	assert.ok(isValid(json), JSON.stringify(isValid.errors));
	assert.doesNotMatch(JSON.stringify(json), /auto-author|acme|sim_classic/);

	const reader = await run(['doctor', '--probe', '--yes', '--repo', 'acme/auto-author'], {
		cwd: home,
		env: {...env, GH_TOKEN: 'sim_read-only'},
	});
	assert.equal(reader.exitCode, 1);
	assert.match(reader.stdout, /NO +this token may write refs/);
	writeFileSync(join(home, 'deployctl.yml'), 'readOnly: true\n');
	assert.equal((await deployctl('--yes')).exitCode, 3);
});
