import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createGitHub} from '../source/github/client.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {fakeClock} from './helpers/fake-clock.ts';

const endpoint = {
	host: 'github.com',
	apiUrl: 'https://api.github.test',
	graphqlUrl: 'https://api.github.test/graphql',
	token: 'ghp_secretsecretsecretsecret',
};
type Sent = {url: string; init: RequestInit};
type Reply = (url: URL, init: RequestInit) => Response | Promise<Response>;

function clientWith(reply: Reply, over: Partial<Parameters<typeof createGitHub>[0]> = {}) {
	const sent: Sent[] = [];
	const clock = fakeClock();
	const github = createGitHub({
		endpoint,
		settings: defaultSettings,
		repository: 'o/n',
		clock,
		fetch: async (url, init = {}) => {
			sent.push({url: String(url), init});
			init.signal?.throwIfAborted();
			return reply(new URL(String(url)), init);
		},
		...over,
	});
	return {github, clock, sent};
}

const json = (body: unknown, headers: Record<string, string> = {}, status = 200) =>
	new Response(JSON.stringify(body), {
		status,
		headers: {'content-type': 'application/json; charset=utf-8', ...headers},
	});
const isGraphql = (url: URL) => url.pathname.endsWith('/graphql');
const nothing = {
	nameWithOwner: 'o/n',
	url: 'https://github.com/o/n',
	viewerPermission: 'WRITE',
	defaultBranchRef: {name: 'main'},
	production: null,
	staging: null,
	onStaging: {nodes: []},
	onProduction: {nodes: []},
};
const empty = {data: {rateLimit: null, repository: nothing, workflows: []}};
const absent = () => json({message: 'Not Found'}, {}, 404);

async function failureOf(reply: Reply) {
	const {github, sent} = clientWith(reply);
	const answer = await github.ask({kind: 'overview'});
	assert.ok(!answer.ok, 'expected a failure');
	return {failure: answer.failure, sent};
}

test('an empty repository is an answer; REST beside it may be missing', async () => {
	const {github, sent} = clientWith(url => (isGraphql(url) ? json(empty) : absent()));
	const answer = await github.ask({kind: 'overview'});
	assert.ok(answer.ok);
	assert.equal(answer.reading.path, 'graphql');
	assert.deepEqual(answer.reading.facts.commits, []);
	assert.equal(answer.reading.rateLimit, null);
	assert.equal(answer.reading.cost, 0);
	assert.ok(sent.every(({init}) => init.redirect === 'manual'));
	assert.ok(sent.every(({init}) => new Headers(init.headers).get('user-agent') === 'deployctl'));
});

test('a redirect to another host is refused, and the token stays', async () => {
	const {failure, sent} = await failureOf(
		() => new Response(null, {status: 302, headers: {location: 'https://evil.example/graphql'}}),
	);
	assert.equal(failure.kind, 'unreachable');
	assert.match(failure.because, /evil\.example/);
	assert.ok(sent.every(({url}) => url.startsWith('https://api.github.test/')));
	assert.doesNotMatch(JSON.stringify(failure), /ghp_/);
});

test('the same host on another port or over plain HTTP is another host', async () => {
	for (const location of ['https://api.github.test:8443/x', 'http://api.github.test/x']) {
		const {failure, sent} = await failureOf(url =>
			isGraphql(url) ? json(empty, {}, 502) : new Response(null, {status: 301, headers: {location}}),
		);
		assert.equal(failure.kind, 'server-error');
		assert.ok(sent.every(({url}) => url.startsWith('https://api.github.test/')));
	}
});

test('a renamed repository is followed on the same host, and learnt', async () => {
	const {github, sent} = clientWith(url => {
		if (isGraphql(url)) {
			return json(empty);
		}

		return url.pathname.startsWith('/repos/o/n')
			? new Response(null, {
					status: 301,
					headers: {location: `/repositories/42${url.pathname.slice('/repos/o/n'.length)}${url.search}`},
				})
			: json({node_id: 'W_1', workflow_runs: []});
	});
	assert.ok((await github.ask({kind: 'overview'})).ok);
	const before = sent.length;
	assert.ok((await github.ask({kind: 'overview'})).ok);
	assert.deepEqual(
		sent
			.slice(before)
			.map(({url}) => new URL(url).pathname)
			.sort(),
		['/graphql', '/repositories/42/actions/runs', '/repositories/42/commits'],
	);
});

test('a redirect that leads in circles ends', async () => {
	const {github} = clientWith(url =>
		isGraphql(url) ? json(empty) : new Response(null, {status: 301, headers: {location: url.href}}),
	);
	const answer = await github.ask({kind: 'overview'});
	assert.ok(answer.ok);
	assert.match(answer.reading.partial.join(), /token is not sent there/);
});

test('after twelve seconds of our clock a request is given up', async () => {
	const {github, clock, sent} = clientWith(async (url, init) =>
		isGraphql(url)
			? new Promise((_resolve, reject) => {
					init.signal?.addEventListener('abort', () => {
						reject(init.signal?.reason);
					});
					queueMicrotask(() => {
						clock.advance(12_000);
					});
				})
			: absent(),
	);
	const answer = await github.ask({kind: 'overview'});
	assert.ok(!answer.ok);
	assert.equal(answer.failure.kind, 'timeout');
	assert.equal(answer.failure.latencyMs, 12_000);
	assert.ok(sent.length > 1);
});

test('an abort rejects with its reason, before and during', async () => {
	const reason = new Error('quit');
	const controller = new AbortController();
	const {github} = clientWith(
		async (_url, init) =>
			new Promise((_resolve, reject) => {
				init.signal?.addEventListener('abort', () => {
					reject(init.signal?.reason);
				});
				queueMicrotask(() => {
					controller.abort(reason);
				});
			}),
	);
	await assert.rejects(github.ask({kind: 'overview'}, controller.signal), reason);
	await assert.rejects(github.ask({kind: 'overview'}, controller.signal), reason);
});

test('bodies that are not what they should be', async () => {
	const bodies: Array<[Response | (() => Response), RegExp]> = [
		[
			() => new Response('{"data":{"repository":{"na', {headers: {'content-type': 'application/json'}}),
			/not GitHub's JSON/,
		],
		[() => new Response('<html>Sign in to the hotel</html>', {headers: {'content-type': 'text/html'}}), /web page/],
		[() => json('data'), /not GitHub's JSON/],
		[() => json({data: {rateLimit: null, workflows: 7, repository: {...nothing, onStaging: {nodes: 5}}}}), /shape/],
	];
	for (const [body, because] of bodies) {
		const {failure} = await failureOf(url =>
			isGraphql(url) ? (typeof body === 'function' ? body() : body) : absent(),
		);
		assert.equal(failure.kind, 'malformed');
		assert.match(failure.because, because);
	}
});

test('"data": "null" is no data', async () => {
	const {failure} = await failureOf(url =>
		isGraphql(url)
			? json({data: 'null', errors: [{message: 'Something went wrong while executing your query.'}]})
			: absent(),
	);
	assert.equal(failure.kind, 'server-error');
});

test('the skew of the clocks is told', async () => {
	const {github, clock} = clientWith(url =>
		isGraphql(url) ? json(empty, {date: 'Mon, 02 Mar 2026 10:05:00 GMT'}) : absent(),
	);
	const answer = await github.ask({kind: 'overview'});
	assert.ok(answer.ok);
	assert.equal(answer.reading.clockSkewMs, 300_000);
	assert.equal(answer.reading.readAt, clock.now());
});

test('the rate limit comes from the headers when the document has none', async () => {
	const {github} = clientWith(url =>
		isGraphql(url)
			? json(empty, {
					'x-ratelimit-limit': '5000',
					'x-ratelimit-remaining': '4000',
					'x-ratelimit-reset': '1772446000',
				})
			: absent(),
	);
	const answer = await github.ask({kind: 'overview'});
	assert.ok(answer.ok);
	assert.deepEqual(answer.reading.rateLimit, {limit: 5000, remaining: 4000, resetAt: 1_772_446_000_000});
	assert.equal(answer.reading.cost, 1);
});

test('no GraphQL at the address is said of the address, not of the repository', async () => {
	const {failure} = await failureOf(absent);
	assert.equal(failure.kind, 'not-found');
	assert.match(failure.because, /no GitHub API at api\.github\.test/);
});

test('a workflow that GitHub has lost is looked up again', async () => {
	let id = 'W_old';
	const {github, clock, sent} = clientWith((url, init) => {
		if (!isGraphql(url)) {
			return url.pathname.endsWith('/test-suite.yml')
				? json({node_id: id})
				: url.pathname.endsWith('/runs')
					? json({workflow_runs: []})
					: absent();
		}

		const isLost = typeof init.body === 'string' && init.body.includes('W_old') && id === 'W_new';
		return json({
			data: {...empty.data, workflows: [null]},
			...(isLost && {
				errors: [{type: 'NOT_FOUND', path: ['workflows', 0], message: 'Could not resolve to a node'}],
			}),
		});
	});
	await github.ask({kind: 'overview'});
	id = 'W_new';
	const lost = await github.ask({kind: 'overview'});
	assert.ok(lost.ok && lost.reading.partial.length === 1);
	clock.advance(60_000);
	const found = await github.ask({kind: 'overview'});
	assert.ok(found.ok && found.reading.partial.length === 0);
	assert.match(String(sent.findLast(({url}) => isGraphql(new URL(url)))?.init.body), /W_new/);
});

test('never more than six REST requests at once', async () => {
	let running = 0;
	let most = 0;
	const {github} = clientWith(async url => {
		if (isGraphql(url)) {
			return json({
				data: null,
				errors: [
					{message: "Field 'file' doesn't exist on type 'WorkflowRun'", extensions: {code: 'undefinedField'}},
				],
			});
		}

		running += 1;
		most = Math.max(most, running);
		await new Promise(resolve => {
			setImmediate(resolve);
		});
		running -= 1;
		return url.pathname.endsWith('/commits')
			? json(Array.from({length: 12}, (_, index) => ({sha: `sha${index}`, parents: [{sha: `sha${index + 1}`}]})))
			: url.pathname.endsWith('/runs')
				? json({workflow_runs: []})
				: json([]);
	});
	const answer = await github.ask({kind: 'overview'});
	assert.ok(answer.ok, JSON.stringify(answer));
	assert.equal(answer.reading.path, 'rest');
	assert.equal(answer.reading.facts.commits?.length, 12);
	assert.ok(most > 2 && most <= 6, `${most} at once`);
});
