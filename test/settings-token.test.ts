import assert from 'node:assert/strict';
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import fc from 'fast-check';
import {Failure} from '../source/errors.ts';
import {endpointsFor} from '../source/settings/hosts/endpoints.ts';
import type {Environment} from '../source/settings/hosts/endpoints.ts';
import {realRun} from '../source/settings/checkout/run.ts';
import type {Run} from '../source/settings/checkout/run.ts';
import {findAccess} from '../source/settings/access/token.ts';
import {runs} from './helpers/fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'deployctl-token-'));
after(() => rmSync(folder, {recursive: true, force: true}));

const noPrograms: Run = async command => assert.fail(`${command} was run`);
const noGh: Run = async () => null;
const access = async (host: string, env: Environment, run: Run = noPrograms, isExplicit = false) =>
	findAccess({host, isExplicit, env, directory: folder, run});

const failureOf = async (action: () => unknown): Promise<Failure> => {
	try {
		await action();
	} catch (error) {
		assert.ok(error instanceof Failure, String(error));
		return error;
	}

	return assert.fail('no failure');
};

test('the addresses of a host', () => {
	for (const [host, apiUrl, graphqlUrl] of [
		['github.com', 'https://api.github.com', 'https://api.github.com/graphql'],
		['acme.ghe.com', 'https://api.acme.ghe.com', 'https://api.acme.ghe.com/graphql'],
		['git.example.org', 'https://git.example.org/api/v3', 'https://git.example.org/api/graphql'],
		['git.example.org:8443', 'https://git.example.org:8443/api/v3', 'https://git.example.org:8443/api/graphql'],
	] as const) {
		assert.deepEqual(endpointsFor(host, {}), {apiUrl, graphqlUrl, isLoopback: false});
	}
});

test('given addresses of the same host', () => {
	const endpoints = (host: string, api?: string, graphql?: string) => {
		const {apiUrl, graphqlUrl, isLoopback} = endpointsFor(host, {GITHUB_API_URL: api, GITHUB_GRAPHQL_URL: graphql});
		return [apiUrl, graphqlUrl, isLoopback];
	};

	assert.deepEqual(endpoints('github.com', 'https://api.github.com/', 'https://api.github.com/graphql'), [
		'https://api.github.com',
		'https://api.github.com/graphql',
		false,
	]);
	assert.deepEqual(endpoints('git.example.org', 'https://git.example.org:8443/api/v3'), [
		'https://git.example.org:8443/api/v3',
		'https://git.example.org:8443/api/graphql',
		false,
	]);
	assert.deepEqual(endpoints('git.example.org', 'https://api.git.example.org'), [
		'https://api.git.example.org',
		'https://api.git.example.org/graphql',
		false,
	]);
	assert.deepEqual(endpoints('github.com', 'http://127.0.0.1:4000'), [
		'http://127.0.0.1:4000',
		'http://127.0.0.1:4000/graphql',
		true,
	]);
	assert.deepEqual(endpoints('github.com', 'http://[::1]:4000', 'http://[::1]:4000/graphql'), [
		'http://[::1]:4000',
		'http://[::1]:4000/graphql',
		true,
	]);
	assert.deepEqual(endpoints('github.com', '', ''), [
		'https://api.github.com',
		'https://api.github.com/graphql',
		false,
	]);
});

for (const [host, api, graphql] of [
	['github.com', 'https://evil.example', undefined],
	['github.com', 'https://api.github.com.evil.example', undefined],
	['github.com', 'https://github.com@evil.example', undefined],
	['github.com', 'https://evil.example\\@api.github.com', undefined],
	['github.com', 'https://xapi.github.com', undefined],
	['github.com', 'http://api.github.com', undefined],
	['github.com', 'http://127.0.0.1.evil.example', undefined],
	['github.com', 'https://127.0.0.1', undefined],
	['github.com', 'ftp://api.github.com', undefined],
	['github.com', 'api.github.com', undefined],
	['github.com', 'https://api.github.com?x=', undefined],
	['github.com', 'https://me:secret@api.github.com', undefined],
	['github.com', undefined, 'https://evil.example/graphql'],
	['github.com', 'http://localhost:1', 'https://api.github.com/graphql'],
	['github.com', undefined, 'http://localhost:1/graphql'],
	['git.example.org', 'https://api.github.com', undefined],
	['acme.ghe.com', 'https://api.other.ghe.com', undefined],
] as const) {
	test(`refuses the addresses ${api} and ${graphql} for ${host}`, async () => {
		const env = {
			GITHUB_API_URL: api,
			GITHUB_GRAPHQL_URL: graphql,
			GH_TOKEN: 'ghp_secret',
			GH_ENTERPRISE_TOKEN: 'ghp_secret',
		};
		const failure = await failureOf(async () => access(host, env));
		assert.equal(failure.exitCode, 2);
		assert.match(failure.message, /^GITHUB_(?:API|GRAPHQL)_URL is refused$/);
		assert.doesNotMatch(`${failure.message} ${failure.because} ${failure.next}`, /secret/);
	});
}

test('whatever the variables say, an accepted address belongs to the host or to this machine', () => {
	const address = fc.oneof(
		fc.webUrl(),
		fc.string(),
		fc.constantFrom('https://', 'http://').chain(start =>
			fc
				.string({
					unit: fc.constantFrom(
						'api',
						'github',
						'com',
						'.',
						'@',
						'/',
						'\\',
						':',
						'127',
						'0',
						'1',
						'evil',
						'#',
						'?',
						'%2e',
						'。',
					),
				})
				.map(rest => start + rest),
		),
	);
	fc.assert(
		fc.property(address, text => {
			try {
				const {hostname, protocol} = new URL(endpointsFor('github.com', {GITHUB_API_URL: text}).apiUrl);
				assert.ok(
					(protocol === 'https:' && ['github.com', 'api.github.com'].includes(hostname)) ||
						/^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname),
					hostname,
				);
			} catch (error) {
				assert.ok(error instanceof Failure, String(error));
			}
		}),
		runs(3000),
	);
});

test('variables in their order, each for its kind of host', async () => {
	const env = {
		GH_TOKEN: 'one',
		GITHUB_TOKEN: 'two',
		GH_ENTERPRISE_TOKEN: 'three',
		GITHUB_ENTERPRISE_TOKEN: 'four',
		GH_HOST: 'git.example.org',
	};
	const of = async (host: string, changed: Environment) => {
		const {token, source} = await access(host, {...env, ...changed});
		return `${token} ${source}`;
	};

	assert.equal(await of('github.com', {}), 'one GH_TOKEN');
	assert.equal(await of('github.com', {GH_TOKEN: ''}), 'two GITHUB_TOKEN');
	assert.equal(await of('acme.ghe.com', {}), 'one GH_TOKEN');
	assert.equal(await of('git.example.org', {}), 'three GH_ENTERPRISE_TOKEN');
	assert.equal(await of('git.example.org', {GH_ENTERPRISE_TOKEN: undefined}), 'four GITHUB_ENTERPRISE_TOKEN');
	assert.deepEqual(await access('git.example.org', env), {
		token: 'three',
		host: 'git.example.org',
		source: 'GH_ENTERPRISE_TOKEN',
		apiUrl: 'https://git.example.org/api/v3',
		graphqlUrl: 'https://git.example.org/api/graphql',
	});
});

test('the token of github.com goes to no other host', async () => {
	const failure = await failureOf(async () =>
		access('git.example.org', {GH_TOKEN: 'one', GITHUB_TOKEN: 'two'}, noGh, true),
	);
	assert.equal(failure.exitCode, 4);
});

test('an enterprise token goes only to a host that the person named', async () => {
	const env = {GH_ENTERPRISE_TOKEN: 'three'};
	const failure = await failureOf(async () => access('git.evil.example', env, noGh));
	assert.equal(failure.exitCode, 4);
	assert.match(
		failure.because ?? '',
		/GH_ENTERPRISE_TOKEN is set, but nothing says that it belongs to git\.evil\.example/,
	);
	assert.equal((await access('git.example.org', env, noPrograms, true)).token, 'three');
	assert.equal(
		(await access('git.example.org', {...env, GITHUB_SERVER_URL: 'https://git.example.org'})).token,
		'three',
	);
});

const withGh = (script: string): Environment => {
	writeFileSync(join(folder, 'gh'), `#!/bin/sh\n${script}\n`);
	chmodSync(join(folder, 'gh'), 0o755);
	return {PATH: `${folder}:${process.env['PATH']}`};
};

test('gh is asked for this host, without the variables', async () => {
	const env = withGh(
		'[ "$*" = "auth token --hostname git.example.org" ] && echo "gho_kept${GH_TOKEN}${GITHUB_TOKEN}${GH_ENTERPRISE_TOKEN}${GITHUB_ENTERPRISE_TOKEN}"',
	);
	const found = await access(
		'git.example.org',
		{...env, GH_TOKEN: 'one', GITHUB_TOKEN: 'two', GH_ENTERPRISE_TOKEN: 'three', GITHUB_ENTERPRISE_TOKEN: 'four'},
		realRun,
	);
	assert.equal(found.token, 'gho_kept');
	assert.equal(found.source, 'gh');
});

test('without a token, the failure says how to get one', async () => {
	for (const run of [noGh, realRun]) {
		const failure = await failureOf(async () => access('github.com', withGh('exit 1'), run));
		assert.equal(failure.exitCode, 4);
		assert.equal(failure.next, 'sign in with: gh auth login --hostname github.com; or set GH_TOKEN');
	}

	assert.match(
		(await failureOf(async () => access('git.example.org', {}, noGh))).next ?? '',
		/GH_ENTERPRISE_TOKEN, with GH_HOST=git\.example\.org/,
	);
});

test('this machine never gets a token that gh keeps', async () => {
	const env = {GITHUB_API_URL: 'http://127.0.0.1:4000'};
	assert.equal((await failureOf(async () => access('github.com', env))).exitCode, 4);
	assert.equal((await access('github.com', {...env, GH_TOKEN: 'simulated'})).apiUrl, 'http://127.0.0.1:4000');
});

for (const [token, because] of [
	['ghp_secret\n', 'it begins or ends with white space or a line break'],
	[' ghp_secret', 'it begins or ends with white space or a line break'],
	['ghp_secret\r\nX-Evil: 1', 'it has white space in it'],
	['"ghp_secret"', 'it has quotes around it'],
	['ghp_secret\u001B', 'it has characters that no token has'],
	['ghp_secrét', 'it has characters that no token has'],
	['a'.repeat(5000), 'it has characters that no token has'],
] as const) {
	test(`refuses the token ${JSON.stringify(token.slice(0, 30))}, without showing it`, async () => {
		const failure = await failureOf(async () => access('github.com', {GH_TOKEN: token}));
		assert.equal(failure.exitCode, 4);
		assert.equal(failure.message, 'The token from GH_TOKEN has the wrong shape');
		assert.equal(failure.because, because);
		assert.doesNotMatch(`${failure.message} ${failure.because} ${failure.next}`, /secr|aaaa/);
	});
}
