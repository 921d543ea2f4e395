/** The webhook: what it is sent, what its answers mean, and that its address stays secret. */
import assert from 'node:assert/strict';
import {createServer, type IncomingHttpHeaders, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {test, type TestContext} from 'node:test';
import {announcementOf, breakAnnouncement} from '../source/core/operations/announcement.ts';
import {createWebhook, webhookFrom} from '../source/notify/webhook.ts';
import {operationOf} from './helpers/operation.ts';
import {virtualClock} from './helpers/virtual-clock.ts';

const announcement = announcementOf(
	operationOf({because: 'token is hunter2secret'}),
	'https://github.com/acme/shop/commit/2',
)!;
const startsAt = Date.parse('2026-11-24T02:00:00Z');

type Received = {headers: IncomingHttpHeaders; body: string; method: string | undefined};
const listening = async (t: TestContext, answer: RequestListener) => {
	const received: Received[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			received.push({headers: request.headers, body: Buffer.concat(chunks).toString(), method: request.method});
			answer(request, response);
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret`;
	const clock = virtualClock(startsAt);
	return {
		received,
		url,
		clock,
		send: createWebhook({
			url,
			repository: 'acme/shop',
			clock,
			mask: text => text.replaceAll('hunter2secret', '***'),
		}),
	};
};

test('sent as JSON with a key of its own, secrets masked', async t => {
	const {send, received, clock} = await listening(t, (_, response) => {
		response.end('ok');
	});
	assert.deepEqual(await send(announcement, 'op.finished'), {ok: true});
	const [{headers, body, method}] = received as [Received];
	assert.deepEqual(
		[method, headers['content-type'], headers['idempotency-key'], headers['user-agent'], headers['authorization']],
		['POST', 'application/json', 'op.finished', 'deployctl', undefined],
	);
	const {text, because, startedAt, ...rest} = JSON.parse(body) as Record<string, unknown>;
	assert.match(String(text), /^token is \*\*\*\. r1 → r2, by mira-okafor on workstation, in 42s\.$/);
	assert.deepEqual([because, startedAt], ['token is ***', '2026-11-24T02:03:04.000Z']);
	assert.deepEqual(rest, {
		version: 1,
		id: 'op.finished',
		repository: 'acme/shop',
		severity: 'info',
		title: 'Deployment of 2222222 to production finished',
		operation: announcement.operation,
		kind: 'deploy',
		environment: 'production',
		from: announcement.from,
		to: announcement.to,
		sha: announcement.sha,
		operator: 'mira-okafor',
		host: 'workstation',
		outcome: 'succeeded',
		next: null,
		health: 'unknown',
		finishedAt: '2026-11-24T02:03:46.000Z',
		url: 'https://github.com/acme/shop/commit/2',
	});
	assert.equal(clock.waiting(), 0, 'nothing is left waiting');
});

const answers: ReadonlyArray<
	[status: number, headers: Record<string, string>, because: RegExp, retryAfterMs: number | null]
> = [
	[429, {'retry-after': '90'}, /answered 429/, 90_000],
	[503, {'retry-after': new Date(startsAt + 120_000).toUTCString()}, /answered 503/, 120_000],
	[429, {'retry-after': '999999'}, /answered 429/, 3_600_000],
	[429, {'retry-after': 'soon'}, /answered 429/, null],
	[429, {'retry-after': '-5'}, /answered 429/, 0],
	[500, {}, /answered 500/, null],
	[404, {}, /answered 404/, null],
	[302, {location: 'https://evil.example/'}, /sends us on to another address/, null],
];
for (const [status, headers, because, retryAfterMs] of answers) {
	test(`${status} ${JSON.stringify(headers)}: not taken, sent once, tried again later`, async t => {
		const {send, received} = await listening(t, (_, response) => {
			response.writeHead(status, headers).end('nope');
		});
		const result = await send(announcement, 'id');
		assert.ok(!result.ok && !result.isFinal);
		assert.match(result.because, because);
		assert.doesNotMatch(result.because, /s3cret/);
		assert.equal(result.retryAt, retryAfterMs === null ? null : startsAt + retryAfterMs);
		assert.equal(received.length, 1);
	});
}

test('no answer within ten seconds; a broken connection; nobody there', async t => {
	const silent = await listening(t, () => {});
	const asked = silent.send(announcement, 'id');
	while (silent.received.length === 0)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	await silent.clock.advance(10_000);
	assert.deepEqual(await asked, {
		ok: false,
		because: `the webhook at ${new URL(silent.url).host} did not answer within 10 s`,
		retryAt: null,
		isFinal: false,
	});
	const broken = await listening(t, request => {
		request.socket.destroy();
	});
	const result = await broken.send(announcement, 'id');
	assert.ok(!result.ok && /cannot be reached/.test(result.because));
	const nobody = await createWebhook({
		url: 'http://127.0.0.1:1/s3cret',
		repository: 'acme/shop',
		clock: virtualClock(startsAt),
		mask: text => text,
	})(announcement, 'id');
	assert.ok(!nobody.ok && /cannot be reached/.test(nobody.because) && !/s3cret/.test(nobody.because));
});

test('an abort is thrown', async t => {
	const silent = await listening(t, () => {});
	const controller = new AbortController();
	const asked = silent.send(announcement, 'id', controller.signal);
	controller.abort(new Error('quit'));
	await assert.rejects(asked, /quit/);
});

test('settings: the address itself or the name of a variable; whatever else is said in a sentence, without the address', () => {
	const env = {HOOK: 'https://hooks.example/s3cret', EMPTY: '', BAD: 'ftp://x.example/s3cret'};
	assert.deepEqual(webhookFrom({}, env), {ok: true, url: null});
	assert.deepEqual(webhookFrom({webhook: null, slack: {}}, env), {ok: true, url: null});
	assert.deepEqual(webhookFrom({webhook: {url: 'https://hooks.example/x'}}, env), {
		ok: true,
		url: 'https://hooks.example/x',
	});
	assert.deepEqual(webhookFrom({webhook: {urlFrom: 'HOOK'}}, env), {ok: true, url: env.HOOK});
	assert.deepEqual(webhookFrom({webhook: {url: 'http://localhost:9/x'}}, env), {
		ok: true,
		url: 'http://localhost:9/x',
	});
	const wrong: ReadonlyArray<[webhook: unknown, because: RegExp]> = [
		['https://hooks.example/s3cret', /not a group/],
		[[], /not a group/],
		[{}, /neither/],
		[{url: 'https://x.example', urlFrom: 'HOOK'}, /both/],
		[{url: 5}, /not a text/],
		[{url: 'http://hooks.example/s3cret'}, /https/],
		[{url: 'https://u:s3cret@hooks.example'}, /password/],
		[{url: 'no address s3cret'}, /not a web address/],
		[{urlFrom: 'a-b'}, /name of a variable/],
		[{urlFrom: 'MISSING'}, /MISSING, .* is not set/],
		[{urlFrom: 'EMPTY'}, /not set/],
		[{urlFrom: 'BAD'}, /variable BAD is not a web address/],
		[{url: 'https://x.example', retries: 3}, /knows no "retries"/],
	];
	for (const [webhook, because] of wrong) {
		const found = webhookFrom({webhook}, env);
		assert.ok(!found.ok, JSON.stringify(webhook));
		assert.match(found.because, because);
		assert.doesNotMatch(found.because + found.next, /s3cret/);
	}
});

test('how loud: rollbacks wake somebody up, deployments inform, what needs somebody to look does both', () => {
	const said = (over: Parameters<typeof operationOf>[0]) => {
		const made = announcementOf(operationOf(over), null);
		return made && [made.severity, made.title];
	};
	const running = {outcome: 'running', finishedAt: null} as const;
	assert.equal(said(running), null);
	assert.deepEqual(said({...running, kind: 'rollback', to: {release: 'r1', sha: null}}), [
		'critical',
		'Rollback of production to r1 started',
	]);
	assert.deepEqual(said({kind: 'rollback', to: {release: 'r1', sha: null}}), [
		'critical',
		'production was rolled back to r1',
	]);
	assert.deepEqual(said({kind: 'rollback', outcome: 'failed', to: null}), [
		'critical',
		'Rollback of production to an unknown release failed',
	]);
	assert.deepEqual(said({kind: 'rollback', outcome: 'interrupted', to: {release: 'r1', sha: null}}), [
		'critical',
		'Rollback of production to r1 needs somebody to look',
	]);
	assert.deepEqual(said({}), ['info', 'Deployment of 2222222 to production finished']);
	assert.deepEqual(said({kind: 'promote'}), ['info', 'Promotion of 2222222 to production finished']);
	assert.deepEqual(said({outcome: 'failed', sha: null, to: {release: 'r2', sha: null}}), [
		'warning',
		'Deployment of r2 to production failed, nothing changed',
	]);
	assert.deepEqual(said({outcome: 'rolled-back'}), [
		'critical',
		'Deployment of 2222222 to production failed and was rolled back',
	]);
	assert.deepEqual(said({outcome: 'interrupted', next: 'Look at it'}), [
		'critical',
		'Deployment of 2222222 to production needs somebody to look',
	]);
	assert.match(
		announcementOf(operationOf({next: 'Look at it', from: null}), null)!.text,
		/an unknown release → r2, .*\. Next: Look at it\.$/,
	);
	assert.equal(
		announcementOf(
			operationOf({after: [{instance: 'a', version: 'r2', health: true, because: '200', latencyMs: 3}]}),
			null,
		)!.health,
		true,
	);
	const promotion = {
		strategy: 'fast-forward' as const,
		hotfix: null,
		breakGlass: {reason: 'users cannot log in', conditions: ['e2e-green' as const]},
	};
	assert.deepEqual(said({...running, kind: 'promote', promotion}), [
		'critical',
		'mira-okafor promotes 2222222 to production with break-glass',
	]);
	assert.match(
		announcementOf(operationOf({kind: 'promote', promotion}), null)!.text,
		/Break-glass: users cannot log in; bypassed e2e-green\./,
	);
	const broken = breakAnnouncement({
		environment: 'production',
		holder: 'kim',
		by: 'mira',
		reason: 'gone home',
		at: 5,
	});
	assert.deepEqual(
		[broken.severity, broken.title, broken.text],
		['warning', 'The lock of kim on production was broken by mira', 'Reason: gone home.'],
	);
});
