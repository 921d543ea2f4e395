/** A plan runs nothing of the checkout that differs from the protected branches without the operator's word. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {createOperations} from '../source/operations/operations.ts';
import {openCheckout} from './helpers/checkout.ts';

const listing = (text = '') =>
	`#!/bin/sh\n# Contract: deployctl/1\n${text}echo x >> "$(dirname "$0")/../../ran"\necho 'deployctl/1 2026-11-23T03:20:32Z +0.057 note release id=20261123084500-aaaaaaa sha=aaaaaaa live=no complete=yes healthy=yes bad=no candidate=yes migration=none default=yes'\necho 'deployctl/1 2026-11-23T03:20:32Z +0.060 end list exit=0'\n`;

/** A checkout whose scripts are committed, and where origin's branches stand on that commit. */
const place = async (t: TestContext, branches: readonly string[] = ['develop']) => {
	const it = await openCheckout(t);
	const env = {PATH: process.env['PATH'], HOME: it.root};
	const git = (...parameters: string[]) =>
		execFileSync('git', ['-c', 'user.name=kim', '-c', 'user.email=kim@example.org', ...parameters], {
			cwd: it.directory,
			env,
			stdio: 'pipe',
		});
	it.script('rollback.sh', listing());
	writeFileSync(join(it.directory, 'scripts/deploy.staging.conf'), 'ROOT=/srv/app\n');
	git('init', '-q', '-b', 'develop');
	git('add', '-A');
	git('commit', '-qm', 'first');
	for (const branch of branches) git('update-ref', `refs/remotes/origin/${branch}`, 'HEAD');
	const options = {...it.options};
	delete options.scriptTrust;
	const fresh = () => createOperations(options);
	const ran = () => existsSync(join(it.root, 'ran'));
	const plan = async (more: {agreed?: string; kind?: 'deploy'} = {}) =>
		fresh().plan(
			more.kind === 'deploy'
				? {kind: 'deploy', environment: 'staging', sha: 'b'.repeat(40)}
				: {
						kind: 'rollback',
						environment: 'staging',
						release: null,
						...(more.agreed !== undefined && {agreed: more.agreed}),
					},
			[],
		);
	return {...it, git, ran, plan, fresh, forget: () => rmSync(join(it.root, 'ran'), {force: true})};
};

test('scripts of the protected branches are run for a plan, and nobody is asked', async t => {
	for (const branch of ['develop', 'main']) {
		const it = await place(t, [branch]);
		const plan = await it.plan();
		assert.deepEqual([plan.asks, it.ran(), plan.offers.length], [undefined, true, 1], branch);
	}
});

test('scripts that differ, in any way, are not run before the operator has agreed to exactly these', async t => {
	const it = await place(t);
	const path = (name: string) => join(it.directory, 'scripts', name);
	const changes: ReadonlyArray<readonly [string, () => void]> = [
		['another content', () => it.script('rollback.sh', listing('# more\n'))],
		['a part of it', () => writeFileSync(path('deploy.staging.conf'), 'ROOT=/srv/app\nSSH_CONFIG=evil\n')],
		['a new file', () => writeFileSync(path('more.sh'), '')],
		['a file less', () => rmSync(path('deploy.staging.conf'))],
		[
			'a link',
			() => {
				rmSync(path('deploy.staging.conf'));
				symlinkSync('../other.conf', path('deploy.staging.conf'));
			},
		],
		[
			"committed on a branch of one's own",
			() => {
				it.script('rollback.sh', listing('# more\n'));
				it.git('commit', '-qam', 'mine');
			},
		],
		[
			'told to git as unchanged',
			() => {
				it.git('update-index', '--assume-unchanged', 'scripts/rollback.sh');
				it.script('rollback.sh', listing('# hidden\n'));
			},
		],
		['without the branch', () => it.git('update-ref', '-d', 'refs/remotes/origin/develop')],
	];
	for (const [name, change] of changes) {
		change();
		const plan = await it.plan({agreed: 'f'.repeat(64)});
		assert.equal(plan.asks?.digest?.length, 64, name);
		assert.equal(it.ran(), false, name);
		assert.match(
			plan.warnings.join('\n'),
			/scripts is not that of origin\/develop: scripts\/|whether scripts is that of a protected branch is not known/,
			name,
		);
		assert.equal(plan.blocked, null, 'a rollback goes on: the script itself chooses');
		it.git('update-ref', 'refs/remotes/origin/develop', 'HEAD~0');
		it.git('update-index', '--no-assume-unchanged', 'scripts/rollback.sh');
		it.git('reset', '-q', '--hard', 'HEAD');
		it.git('clean', '-qfd');
		it.git('update-ref', 'refs/remotes/origin/develop', 'HEAD');
	}
	it.script('rollback.sh', listing('# other\n'));
	assert.notEqual((await it.plan({kind: 'deploy'})).asks, undefined);
	await it.fresh().refresh(['staging', 'production']);
	assert.equal(it.ran(), false, 'nor for a deployment, nor for a screen');
	it.git('checkout', '-q', '--', '.');
	assert.deepEqual([(await it.plan()).asks, it.ran()], [undefined, true], 'the control: as before');
	it.forget();

	it.script('rollback.sh', listing('# mine\n'));
	rmSync(join(it.paths.releases, 'staging.json'), {force: true});
	const digest = (await it.plan()).asks!.digest!;
	rmSync(join(it.paths.releases, 'staging.json'), {force: true});
	assert.deepEqual([(await it.plan({agreed: digest})).asks, it.ran()], [undefined, true]);
	it.forget();
	rmSync(join(it.paths.releases, 'staging.json'), {force: true});
	assert.deepEqual([(await it.plan()).asks, it.ran()], [undefined, true], 'and remembered');
	it.forget();
	rmSync(join(it.paths.releases, 'staging.json'), {force: true});
	chmodSync(join(it.directory, 'scripts/deploy.staging.conf'), 0o755);
	assert.notEqual((await it.plan()).asks, undefined, 'for exactly these');
	assert.equal(it.ran(), false);
	assert.match(readFileSync(join(it.paths.directory, 'agreed-scripts.json'), 'utf8'), new RegExp(digest));
});

test('what git leaves out does not count', async t => {
	const it = await place(t);
	writeFileSync(join(it.directory, '.git/info/exclude'), 'scripts/*.log\nnode_modules\n');
	writeFileSync(join(it.directory, 'scripts/x.log'), '');
	assert.deepEqual([(await it.plan()).asks, it.ran()], [undefined, true]);
});
