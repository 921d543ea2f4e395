/** From an operation to GitHub and the webhook, and back again when either is away. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test, type TestContext} from 'node:test';
import {defaultSettings, type Settings} from '../source/core/settings/settings.ts';
import {gitHubEdge} from '../source/github/edge.ts';
import {breakItem, createDeliver, itemsFor, unpinItem} from '../source/operations/outbox/deliver.ts';
import {createJournal} from '../source/operations/journal/journal.ts';
import {flushOutbox, queueItems, readOutbox} from '../source/operations/outbox/outbox.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {writing} from './helpers/git-hub-writes.ts';
import {operationOf} from './helpers/operation.ts';

const root = mkdtempSync(join(tmpdir(), 'deliver-'));
after(() => rmSync(root, {recursive: true, force: true}));
let count = 0;

async function bench(t: TestContext, {hook = true} = {}) {
	const github = await writing(t);
	const {endpoint, ...options} = github.options();
	const paths = statePaths(join(root, String(count++)), 'github.com', 'acme/shop');
	const journal = createJournal(paths, github.clock.now);
	const posts: string[] = [];
	let status = 200;
	let hasToken = true;
	const settings: Settings = {...defaultSettings, notifications: hook ? {webhook: {urlFrom: 'HOOK'}} : {}};
	const deliver = createDeliver({
		gitHub: async () => {
			if (!hasToken) throw new Error('There is no token for github.com');
			return gitHubEdge({access: endpoint, ...options});
		},
		settings,
		repository: 'acme/shop',
		env: {HOOK: 'https://hooks.example/s3cret'},
		clock: github.clock,
		mask: text => text,
		fetch: async (_, init) => {
			posts.push(new Headers(init?.headers).get('idempotency-key')!);
			return new Response(null, {status});
		},
	});
	const about = {
		settings,
		repository: 'acme/shop',
		gitHubHost: 'github.com',
		journalHead: null,
		pins: [],
		hasGitHub: true,
	};
	const flushWith = async (how: typeof deliver) =>
		flushOutbox(paths.outbox, how, {now: github.clock.now, signal: new AbortController().signal, journal});
	return {
		github,
		paths,
		posts,
		about,
		settings,
		flush: async () => flushWith(deliver),
		answer(next: {status?: number; hasToken?: boolean}) {
			status = next.status ?? status;
			hasToken = next.hasToken ?? hasToken;
		},
		queue: async (items: Parameters<typeof queueItems>[1]) =>
			queueItems(paths.outbox, items, {now: github.clock.now, journal}),
		deployments: () =>
			[...github.simulator.simulation.state.deployments.values()].filter(
				({payload}) => (payload as {operation?: string}).operation !== undefined,
			),
	};
}

test('a rollback: the record, the pin and the announcement; queued again it stays one', async t => {
	const {about, github, queue, flush, posts, deployments} = await bench(t);
	const operation = operationOf({
		kind: 'rollback',
		sha: github.simulator.simulation.sha('i18n'),
		finishedAt: github.clock.now(),
	});
	const pins = [{environment: 'production', release: 'r2/odd', sha: null, by: 'mira', at: 5, because: 'rolled back'}];
	await queue(itemsFor('started', {...operation, outcome: 'running', finishedAt: null}, about));
	github.clock.advance(1000);
	const items = itemsFor('finished', operation, {...about, pins});
	assert.deepEqual(
		items.map(({kind}) => kind),
		['pin', 'deployment-record', 'announcement'],
	);
	await queue(items);
	await queue(items);
	assert.deepEqual((({delivered, waiting}) => [delivered, waiting])(await flush()), [4, 0]);
	assert.deepEqual(posts, [`${operation.id}.started`, `${operation.id}.finished`]);
	assert.deepEqual(
		deployments().map(({environment, statuses}) => [environment, statuses.at(-1)?.state]),
		[['production', 'success']],
	);
	assert.deepEqual(Object.keys(github.refs()), ['refs/deployctl/pins/production']);
	await queue([unpinItem('production', null, 77)]);
	await flush();
	assert.deepEqual(github.refs(), {});
});

test('GitHub and the webhook away: everything waits, with the reason, and goes out when they are back', async t => {
	const {about, github, queue, flush, posts, deployments, paths, answer} = await bench(t);
	const operation = operationOf({sha: github.simulator.simulation.sha('comments'), finishedAt: github.clock.now()});
	answer({status: 503, hasToken: false});
	await queue(itemsFor('finished', operation, about));
	const first = await flush();
	assert.deepEqual([first.waiting, first.because], [2, 'the webhook at hooks.example answered 503']);
	assert.deepEqual(
		readOutbox(paths.outbox).waiting.map(({because}) => because),
		['the webhook at hooks.example answered 503', 'There is no token for github.com'],
	);
	answer({hasToken: true});
	github.clock.advance(10_000);
	github.simulator.faults.next({kind: 'secondary-limit', status: 403, retryAfterSeconds: 300});
	await flush();
	const record = readOutbox(paths.outbox).waiting.find(({kind}) => kind === 'deployment-record')!;
	assert.ok(record.nextAt >= github.clock.now() + 299_000, 'not before GitHub wants it');
	answer({status: 200});
	github.clock.advance(301_000);
	await flush();
	assert.deepEqual(
		[
			readOutbox(paths.outbox).waiting,
			deployments().length,
			posts.filter(id => id === `${operation.id}.finished`).length,
		],
		[[], 1, 3],
	);
});

test('a commit that GitHub does not know is given up at once, and that is told', async t => {
	const {about, queue, flush} = await bench(t, {hook: false});
	const items = itemsFor('finished', operationOf(), about);
	assert.equal(items.length, 1);
	await queue(items);
	assert.deepEqual((({givenUp, waiting}) => [givenUp, waiting])(await flush()), [1, 0]);
});

test('nobody to tell, nothing to queue; a kind of tomorrow waits', async t => {
	const {about, settings, queue, flush, paths} = await bench(t, {hook: false});
	assert.deepEqual(itemsFor('finished', operationOf(), {...about, hasGitHub: false}), []);
	assert.deepEqual(
		breakItem({lock: 'l', environment: 'production', holder: 'kim', by: 'mira', reason: 'x', at: 5}, settings),
		[],
	);
	assert.equal(
		breakItem(
			{lock: 'l', environment: 'production', holder: 'kim', by: 'mira', reason: 'x', at: 5},
			{...settings, notifications: {webhook: {}}},
		).length,
		1,
	);
	await queue([{id: 'new', kind: 'smoke-signal' as 'pin', operation: null, what: 'x', row: null, body: {}}]);
	await flush();
	assert.match(readOutbox(paths.outbox).because!, /this version does not know/);
	const wrong = await createDeliver({
		gitHub: async () => null,
		settings: {notifications: {webhook: 5}},
		repository: 'a/b',
		env: {},
		clock: {now: () => 0, after: async () => {}},
		mask: text => text,
	})(
		{
			...itemsFor('finished', operationOf(), about)[0]!,
			kind: 'announcement',
			queuedAt: 0,
			attempts: 1,
			nextAt: 0,
			because: null,
			isDelivered: false,
		},
		new AbortController().signal,
	);
	assert.ok(!wrong.ok && /not a group of settings\. Write notifications\.webhook/.test(wrong.because));
});
