/** Proxies and certificates of the operator's environment: real tunnels, a real authority that nobody knows, on loopback. */
import assert from 'node:assert/strict';
import {request as ask} from 'node:http';
import {test, type TestContext} from 'node:test';
import {proxyFor} from '../source/edges/proxy.ts';
import {fetchThrough, tunnelTo} from '../source/edges/network.ts';
import {createWebhook} from '../source/notify/webhook.ts';
import {observe} from '../source/operations/readings/observe.ts';
import {realClock} from '../source/edges/clock.ts';
import {readAddresses, realKnock} from '../source/doctor/readings/addresses.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {run, simulated} from './helpers/program.ts';
import {ownAuthority, plainServer, secureServer, startProxy} from './helpers/tunnel.ts';

const proxied = {HTTPS_PROXY: 'http://proxy.corp:3128'};
/** `null`: asked directly. */
const choices: ReadonlyArray<[about: string, url: string, env: Record<string, string>, shown: string | null]> = [
	['HTTPS_PROXY', 'https://github.com/x', proxied, 'http://proxy.corp:3128'],
	['lower case first', 'https://github.com', {...proxied, https_proxy: 'http://lower:1'}, 'http://lower:1'],
	['https does not go by HTTP_PROXY', 'https://github.com', {HTTP_PROXY: 'http://plain:1'}, null],
	['http does not go by HTTPS_PROXY', 'http://app.corp/health', proxied, null],
	['http goes by HTTP_PROXY', 'http://app.corp/health', {HTTP_PROXY: 'http://plain:1'}, 'http://plain:1'],
	['ALL_PROXY is for both', 'http://app.corp', {ALL_PROXY: 'http://all:1'}, 'http://all:1'],
	['the narrower one first', 'https://app.corp', {...proxied, ALL_PROXY: 'http://all:1'}, 'http://proxy.corp:3128'],
	['empty is not set', 'https://app.corp', {HTTPS_PROXY: '', ALL_PROXY: 'http://all:1'}, 'http://all:1'],
	['without a scheme', 'https://github.com', {HTTPS_PROXY: 'proxy.corp:3128'}, 'http://proxy.corp:3128'],
	[
		'name and password are hidden',
		'https://github.com',
		{HTTPS_PROXY: 'http://joe:s3cret@proxy.corp:3128/'},
		'http://***@proxy.corp:3128',
	],
	['a host of NO_PROXY', 'https://github.corp', {...proxied, NO_PROXY: 'a, github.corp'}, null],
	['a subdomain of one', 'https://api.github.corp', {...proxied, NO_PROXY: 'github.corp'}, null],
	['with a dot', 'https://api.github.corp', {...proxied, NO_PROXY: '.github.corp'}, null],
	['with an asterisk', 'https://api.github.corp', {...proxied, NO_PROXY: '*.github.corp'}, null],
	[
		'not the end of another name',
		'https://notgithub.corp',
		{...proxied, NO_PROXY: 'github.corp'},
		'http://proxy.corp:3128',
	],
	['everything', 'https://github.com', {...proxied, NO_PROXY: '*'}, null],
	['of one port', 'https://app.corp:8443', {...proxied, NO_PROXY: 'app.corp:8443'}, null],
	['of another port', 'https://app.corp', {...proxied, NO_PROXY: 'app.corp:8443'}, 'http://proxy.corp:3128'],
	['a network', 'https://10.1.2.3', {...proxied, NO_PROXY: '10.0.0.0/8'}, null],
	['outside of it', 'https://11.1.2.3', {...proxied, NO_PROXY: '10.0.0.0/8'}, 'http://proxy.corp:3128'],
	['a network of IPv6', 'https://[fd00:1::5]', {...proxied, NO_PROXY: 'fd00::/8'}, null],
	['no network', 'https://10.1.2.3', {...proxied, NO_PROXY: '10.0.0.0/99,x/8,/'}, 'http://proxy.corp:3128'],
	[
		'no_proxy first',
		'https://a.corp',
		{...proxied, no_proxy: 'b.corp', NO_PROXY: 'a.corp'},
		'http://proxy.corp:3128',
	],
	['this machine', 'https://localhost:8080', proxied, null],
	['this machine by address', 'http://127.0.0.1:8080', {HTTP_PROXY: 'http://plain:1'}, null],
	['this machine by address of IPv6', 'http://[::1]:8080', {HTTP_PROXY: 'http://plain:1'}, null],
];

for (const [about, url, env, shown] of choices) {
	test(`which proxy: ${about}`, () => assert.equal(proxyFor(url, env)?.shown ?? null, shown));
}

test('a proxy that cannot be used is told as that, and not gone through', () => {
	assert.deepEqual(proxyFor('https://github.com', {ALL_PROXY: 'socks5h://joe:pw@s.corp:1080'}), {
		variable: 'ALL_PROXY',
		shown: 'socks5h://***@s.corp:1080',
		problem: 'proxies of the kind socks5h are not supported',
		address: null,
	});
	assert.equal(proxyFor('https://github.com', {HTTPS_PROXY: 'http://'})?.problem, 'it is not an address');
});

/** GitHub Enterprise Server's addresses, before a simulator. */
const enterprise = async (t: TestContext) => {
	const {simulator, env, home} = await simulated('quiet', t);
	const own = ownAuthority(t, ['github.corp.invalid']);
	const [rest, graphql] = [new URL(simulator.restUrl), new URL(simulator.graphqlUrl)];
	const port = await secureServer(t, own, (asked, answer) => {
		const path = asked.url!.startsWith('/api/graphql')
			? graphql.pathname
			: asked.url!.replace(/^\/api\/v3/, rest.pathname.replace(/\/$/, ''));
		asked.pipe(
			ask(
				{host: rest.hostname, port: rest.port, method: asked.method, path, headers: asked.headers},
				response => {
					answer.writeHead(response.statusCode!, response.headers);
					response.pipe(answer);
				},
			),
		);
	});
	const {GH_TOKEN, GH_REPO, ...others} = env;
	const named = Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith('GITHUB_')));
	return {
		port,
		home,
		authority: own.authority,
		env: {
			...named,
			GH_HOST: 'github.corp.invalid',
			GH_REPO: `github.corp.invalid/${GH_REPO}`,
			GH_ENTERPRISE_TOKEN: GH_TOKEN,
		},
	};
};

test('a command asks through HTTPS_PROXY, with the certificates of SSL_CERT_FILE', async t => {
	const {port, home, authority, env} = await enterprise(t);
	const proxy = await startProxy(t, {port});
	const through = {...env, HTTPS_PROXY: `http://joe:p%40ss@127.0.0.1:${proxy.port}`};
	const told = await run(['status'], {env: {...through, SSL_CERT_FILE: authority}, cwd: home});
	assert.equal(told.exitCode, 0, told.stderr);
	assert.match(told.stdout, /auto-author/);
	assert.deepEqual(proxy.passed[0], {
		target: 'github.corp.invalid:443',
		authorization: `Basic ${Buffer.from('joe:p@ss').toString('base64')}`,
	});
	const extra = await run(['status'], {env: {...through, NODE_EXTRA_CA_CERTS: authority}, cwd: home});
	assert.equal(extra.exitCode, 0, extra.stderr);
	const untrusted = await run(['status'], {env: through, cwd: home});
	assert.equal(untrusted.exitCode, 5);
	assert.match(
		untrusted.stderr,
		/through the proxy http:\/\/\*\*\*@127\.0\.0\.1:\d+ \(HTTPS_PROXY\): its certificate is not trusted here\.\s+Set NODE_EXTRA_CA_CERTS or SSL_CERT_FILE/,
	);
	assert.doesNotMatch(untrusted.stderr, /joe|p%40ss|p@ss/);
});

test('a proxy that refuses, wants a password or is not there is named, and not GitHub blamed', async t => {
	const {port, home, env} = await enterprise(t);
	const saying = async (refuse: number) =>
		(
			await run(['status'], {
				env: {...env, HTTPS_PROXY: `http://127.0.0.1:${(await startProxy(t, {port, refuse})).port}`},
				cwd: home,
			})
		).stderr;
	assert.match(
		await saying(407),
		/unreachable through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\): the proxy wants a name and a password\.\s+Put them before its host/,
	);
	assert.match(
		await saying(403),
		/the proxy refuses to connect to it \(403\)\.\s+Have whoever runs the proxy allow this host/,
	);
	const closed = await run(['status'], {env: {...env, ALL_PROXY: 'http://127.0.0.1:1'}, cwd: home});
	assert.equal(closed.exitCode, 5);
	assert.match(
		closed.stderr,
		/through the proxy http:\/\/127\.0\.0\.1:1 \(ALL_PROXY\): the proxy refuses the connection\.\s+Check that proxy\./,
	);
	const excepted = await run(['status'], {
		env: {...env, ALL_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'corp.invalid'},
		cwd: home,
	});
	assert.match(excepted.stderr, /github\.corp\.invalid is unreachable: its name cannot be resolved/);
});

const environment = (name: string, health: string) => ({name, version: [], health: [health], versionPath: null});
const healthOf = async (health: string, env: Record<string, string>, timeoutMs = 60_000) =>
	(await observe(environment('staging', health), {clock: realClock, fetch: fetchThrough(env, fetch), timeoutMs}))
		.instances[0]!;

test('environments are asked through it, those of this machine never', async t => {
	const app = await plainServer(t, (asked, answer) => answer.writeHead(asked.url === '/bad' ? 503 : 200).end('{}'));
	const {port, passed} = await startProxy(t, {port: app});
	const env = {HTTP_PROXY: `http://127.0.0.1:${port}`};
	assert.equal((await healthOf('http://app.corp.invalid/health', env)).health, true);
	assert.equal((await healthOf('http://app.corp.invalid/bad', env)).health, false);
	assert.deepEqual(
		passed.map(({target}) => target),
		['http://app.corp.invalid/health', 'http://app.corp.invalid/bad'],
	);
	assert.equal((await healthOf(`http://127.0.0.1:${app}/health`, env)).health, true);
	assert.equal(passed.length, 2);
});

test('what a proxy cannot reach is unknown, and not unhealthy', async t => {
	const {port} = await startProxy(t, {port: 1});
	const refusing = await startProxy(t, {port: 1, refuse: 502});
	const silent = await startProxy(t, {port: 1, isSilent: true});
	const dead = await healthOf('http://app.corp.invalid/health', {HTTP_PROXY: 'http://127.0.0.1:1'});
	assert.deepEqual(
		[dead.health, dead.because],
		['unknown', 'connection refused through the proxy http://127.0.0.1:1 (HTTP_PROXY)'],
	);
	const passedOn = await healthOf('http://app.corp.invalid/health', {HTTP_PROXY: `http://127.0.0.1:${port}`});
	assert.deepEqual(
		[passedOn.health, passedOn.because],
		['unknown', `HTTP 502 through the proxy http://127.0.0.1:${port} (HTTP_PROXY)`],
	);
	const tunnelled = await healthOf('https://app.corp.invalid/health', {
		HTTPS_PROXY: `http://127.0.0.1:${refusing.port}`,
	});
	assert.deepEqual(
		[tunnelled.health, tunnelled.because],
		['unknown', `the proxy answered 502 through the proxy http://127.0.0.1:${refusing.port} (HTTPS_PROXY)`],
	);
	const late = await healthOf(
		'https://app.corp.invalid/health',
		{HTTPS_PROXY: `http://127.0.0.1:${silent.port}`},
		50,
	);
	assert.deepEqual(
		[late.health, late.because],
		[
			'unknown',
			`nothing came from there within 0.05 s through the proxy http://127.0.0.1:${silent.port} (HTTPS_PROXY)`,
		],
	);
});

test('webhooks go through it, and say so when they do not arrive', async t => {
	const {port} = await startProxy(t, {port: 1, refuse: 403});
	const send = createWebhook({
		url: 'https://hooks.corp.invalid/secret',
		repository: 'a/b',
		clock: realClock,
		mask: text => text,
		fetch: fetchThrough({HTTPS_PROXY: `http://127.0.0.1:${port}`}, fetch),
	});
	const sent = await send(
		{kind: 'x', startedAt: null, finishedAt: null} as unknown as Parameters<typeof send>[0],
		'id',
	);
	assert.deepEqual(sent, {
		ok: false,
		because: `the webhook at hooks.corp.invalid cannot be reached through the proxy http://127.0.0.1:${port} (HTTPS_PROXY) (the proxy answered 403)`,
		retryAt: null,
		isFinal: false,
	});
});

test('the doctor knocks at the webhook through it', async t => {
	const own = ownAuthority(t, ['hooks.corp.invalid']);
	const port = await secureServer(t, own, (_, answer) => answer.end());
	const proxy = await startProxy(t, {port});
	const env = {HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, HOOK: 'https://hooks.corp.invalid/secret'};
	const settings = {...defaultSettings, environments: [], notifications: {webhook: {urlFrom: 'HOOK'}}};
	const knock = async (url: URL, limitMs: number) => realKnock(url, limitMs, await tunnelTo(url, env, limitMs));
	const [first] = await readAddresses({settings, clock: realClock, fetch: fetchThrough(env, fetch), env, knock});
	assert.equal(proxy.passed[0]?.target, 'hooks.corp.invalid:443');
	assert.equal(
		first?.answer.ok === false && first.answer.because,
		`it cannot be reached through the proxy ${env.HTTPS_PROXY} (HTTPS_PROXY) (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
	);
});
