/** What child processes are given: nobody GitHub's tokens, and everybody only what they need. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {
	askedEnvironment,
	configurationKeys,
	listEnvironment,
	mentioned,
	scriptEnvironment,
	scriptNeeds,
	withheldFrom,
} from '../source/core/settings/child-environment.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';

const token = `ghp_${'A1b2'.repeat(9)}`;
const plain = {
	PATH: '/bin',
	HOME: '/home/kim',
	LC_ALL: 'C',
	SSH_AUTH_SOCK: '/run/agent',
	DATABASE_URL: 'postgres://app:hunter22hunter22@db/app',
	AWS_PROFILE: 'prod',
	HOSTS: 'web1,web2',
	DEPLOYCTL_SHA: 'a'.repeat(40),
};
const tokens = {
	GH_TOKEN: token,
	GITHUB_TOKEN: token,
	GH_ENTERPRISE_TOKEN: 'f'.repeat(40),
	GITHUB_ENTERPRISE_TOKEN: 'f'.repeat(40),
	GITHUB_PAT: 'short',
	ACTIONS_RUNTIME_TOKEN: 'eyJhbGciOi',
	ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'eyJhbGciOi',
	HOMEBREW_GITHUB_API_TOKEN: 'x',
};
/** GitHub's tokens under other names. */
const disguised = {
	MY_PAT: `github_pat_${'A1b2'.repeat(9)}`,
	RELEASE_URL: `https://x-access-token:${token}@github.com/acme/shop`,
	GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
	COPY: `bearer ${'f'.repeat(40)}`,
};
const ours = {
	HOOK: 'https://hooks.example.org/services/T0/B0/abcdefghijkl',
	DEPLOYCTL_WEBHOOK: 'https://hooks.example.org/other',
	ALSO: 'see https://hooks.example.org/services/T0/B0/abcdefghijkl',
};
const env = {...plain, ...tokens, ...disguised, ...ours};
const needs = {named: [], ours: ['HOOK']};

test("scripts get everything but GitHub's tokens, whatever they are called, and what deployctl alone uses", () => {
	assert.deepEqual(scriptEnvironment(env, needs), plain);
	assert.deepEqual(withheldFrom(plain, needs), []);
	assert.deepEqual(
		Object.keys(scriptEnvironment(env, {named: ['GH_TOKEN', 'HOOK'], ours: ['HOOK']})).sort(),
		[...Object.keys(plain), 'ALSO', 'GH_TOKEN', 'HOOK'].sort(),
		'what is named is given, and nothing that is not',
	);
});

test('a list gets what is on its list, and the configuration that would win over the file', () => {
	const rest = Object.fromEntries(
		Object.entries(plain).filter(([name]) => name !== 'DATABASE_URL' && name !== 'AWS_PROFILE'),
	);
	assert.deepEqual(listEnvironment(env, needs), rest);
	assert.deepEqual(
		Object.keys(listEnvironment(env, {named: ['AWS_PROFILE'], ours: []})).sort(),
		[...Object.keys(rest), 'AWS_PROFILE'].sort(),
	);
	const parts = readFileSync(new URL('../source/templates/scripts/deployctl/conf.sh', import.meta.url), 'utf8');
	assert.deepEqual(
		[...configurationKeys].sort(),
		/CONF_KEYS='([^']*)'/.exec(parts)![1]!.split(/\s+/).sort(),
		'the keys of the templates',
	);
});

test('programs that are asked something get no secret of any kind', () => {
	for (const program of ['git', 'gh', 'ssh', 'bash', 'tmux', 'rsync', 'curl']) {
		const given = askedEnvironment(program, {
			...env,
			GIT_SSH_COMMAND: 'x',
			GIT_ASKPASS: 'x',
			BASH_ENV: 'x',
			NODE_OPTIONS: 'x',
			GIT_DIR: '/x',
		});
		assert.deepEqual(
			Object.keys(given).filter(
				name =>
					name in tokens ||
					name in ours ||
					['DATABASE_URL', 'MY_PAT', 'GIT_SSH_COMMAND', 'GIT_ASKPASS', 'BASH_ENV', 'NODE_OPTIONS'].includes(
						name,
					),
			),
			[],
			program,
		);
		assert.equal(given['PATH'], '/bin');
		assert.equal(given['GIT_DIR'], program === 'git' ? '/x' : undefined);
	}
});

test('the settings name what a script gets all the same; a way back needs what the way there needs', async () => {
	const settingsOf = async (text: string) => {
		const parsed = await parseSettings(text, 'deployctl.yml');
		assert.ok(parsed.ok, JSON.stringify(parsed));
		return parsed.settings;
	};
	const settings = await settingsOf(
		'notifications: {webhook: {urlFrom: HOOK}}\nenvironments:\n  staging: {deploy: {env: [GH_TOKEN]}}\n  production: {deploy: {env: [GH_TOKEN]}, rollback: {env: []}}\n',
	);
	assert.deepEqual(scriptNeeds(settings, 'staging', 'deploy'), {named: ['GH_TOKEN'], ours: ['HOOK']});
	assert.deepEqual(scriptNeeds(settings, 'staging', 'rollback').named, ['GH_TOKEN']);
	assert.deepEqual(scriptNeeds(settings, 'production', 'rollback').named, []);
	const wrong = await parseSettings('environments: {staging: {deploy: {env: ["$GH_TOKEN"]}}}\n', 'deployctl.yml');
	assert.match(JSON.stringify(wrong), /Expected the name of an environment variable such as GH_TOKEN/);
});

test('a script that speaks of what it does not get is found', () => {
	assert.deepEqual(
		mentioned('curl -H "Authorization: $GH_TOKEN"; echo ${MY_GITHUB_TOKEN}', ['GH_TOKEN', 'GITHUB_TOKEN']),
		['GH_TOKEN'],
	);
});

test('programs are started in few places, and git in those that go through the one table', () => {
	const source = fileURLToPath(new URL('../source', import.meta.url));
	const starters = readdirSync(source, {recursive: true, encoding: 'utf8'})
		.filter(name => /\.tsx?$/.test(name) && !/^(?:simulator|sandbox|templates)\//.test(name))
		.filter(name =>
			/node:child_process|from 'execa'|import\('execa'\)/.test(readFileSync(join(source, name), 'utf8')),
		)
		.sort();
	const tabled = starters.filter(name =>
		/callOf|scriptEnvironment|listEnvironment/.test(readFileSync(join(source, name), 'utf8')),
	);
	assert.deepEqual(tabled, [
		'doctor/readings/execute.ts',
		'edges/desktop.ts',
		'operations/promoter/promoter.ts',
		'operations/readings/local-history.ts',
		'settings/checkout/run.ts',
	]);
	// They are given an environment from the table (runner, list, simulator), start our own program (reconcile), or ask with a fixed one (process-tree).
	assert.deepEqual(
		starters.filter(name => !tabled.includes(name)),
		[
			'commands/worlds/demo-simulator.ts',
			'operations/checkout/list-releases.ts',
			'operations/locks/reconcile.ts',
			'operations/script/process-tree.ts',
			'operations/script/runner.ts',
		],
	);
});
