/** What the scripts of a checkout find in their environment when they are really run, and what the plan says about it. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import type {Settings} from '../source/core/settings/settings.ts';
import {full, openCheckout} from './helpers/checkout.ts';

const namesIn = (path: string): readonly string[] =>
	readFileSync(path, 'utf8')
		.split('\0')
		.map(line => line.split('=')[0]!);
const telling = '#!/bin/sh\nprintf %s "$2" > "live-$1"\n: "${GITHUB_TOKEN:-}" "$HOOK"\ncat /proc/self/environ > ran\n';
const naming = (settings: Settings, env?: readonly string[]): Settings => ({
	...settings,
	notifications: {webhook: {urlFrom: 'HOOK'}},
	environments: settings.environments.map(each => ({...each, deploy: {...each.deploy, ...(env && {env})}})),
});

test('scripts that deploy and roll back get no token of GitHub and no address of ours, unless the settings name it', async t => {
	for (const named of [undefined, ['GITHUB_TOKEN', 'HOOK']] as const) {
		const it = await openCheckout(t, {settings: settings => naming(settings, named)});
		it.script('deploy.sh', telling);
		it.script('rollback.sh', telling);
		const {supervisor} = it.options;
		const env = {
			...supervisor.env,
			GITHUB_TOKEN: supervisor.env['GH_TOKEN'],
			MY_PAT: `ghp_${'Zz9'.repeat(12)}`,
			HOOK: 'https://127.0.0.1:9/hook/abcdefgh',
			DATABASE_URL: 'postgres://app@db',
		};
		const operations = it.reopen({supervisor: {...supervisor, env}});
		for (const wish of [
			{kind: 'deploy', environment: 'staging', sha: full('a')},
			{kind: 'deploy', environment: 'staging', sha: full('b')},
			{kind: 'rollback', environment: 'staging', release: null},
		] as const) {
			const plan = await operations.plan(wish, []);
			assert.equal(plan.blocked, null);
			const warning = plan.warnings.filter(text => text.includes('are not given'));
			assert.deepEqual(
				warning,
				named
					? []
					: [
							`the script speaks of GITHUB_TOKEN, HOOK, which scripts are not given: if it needs them, name them in environments.staging.${wish.kind}.env of deployctl.yml`,
						],
			);
			const started = await operations.start(plan, {phrase: plan.phrase});
			assert.ok(started.ok, JSON.stringify(started));
			assert.equal((await it.ended(started.id)).outcome, 'succeeded');
			const names = namesIn(join(it.directory, 'ran'));
			assert.deepEqual(
				['GH_TOKEN', 'GITHUB_TOKEN', 'MY_PAT', 'HOOK', 'DATABASE_URL', 'DEPLOYCTL_OPERATION'].filter(name =>
					names.includes(name),
				),
				[...(named ? ['GITHUB_TOKEN', 'HOOK'] : []), 'DATABASE_URL', 'DEPLOYCTL_OPERATION'],
			);
		}
	}
});

test('a list is asked for with an allow-list of variables', async t => {
	const it = await openCheckout(t, {settings: settings => naming(settings)});
	it.script('rollback.sh', '#!/bin/sh\n# Contract: deployctl/1\ncat /proc/self/environ > listed\nexit 1\n');
	const {supervisor} = it.options;
	const operations = it.reopen({
		supervisor: {
			...supervisor,
			env: {
				...supervisor.env,
				SECRET: 'x',
				DATABASE_URL: 'x',
				HOSTS: 'web1',
				HOOK: 'y',
				SSH_AUTH_SOCK: '/run/agent',
			},
		},
	});
	await operations.plan({kind: 'rollback', environment: 'staging', release: null}, []);
	assert.deepEqual(
		namesIn(join(it.directory, 'listed'))
			.filter(name => /^[A-Z]/.test(name) && name !== 'PWD' && name !== 'OLDPWD')
			.sort(),
		['HOME', 'HOSTS', 'PATH', 'SSH_AUTH_SOCK'],
	);
});
