/** Doctor judges a version address, and what a plain copy of the commit would lack, by what a deployment would find. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {compareVersion} from '../source/core/releases/version.ts';
import {realExecute} from '../source/doctor/readings/execute.ts';
import {readAddresses} from '../source/doctor/readings/addresses.ts';
import {readDisk} from '../source/doctor/readings/disk.ts';
import {realClock} from '../source/edges/clock.ts';
import {observe} from '../source/operations/readings/observe.ts';
import {byHand} from '../source/init/propose/by-hand.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {findings, healthy, ofId, script, told} from './helpers/doctor.ts';

const sha = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const json = (value: unknown) => JSON.stringify(value);
const answers: ReadonlyArray<readonly [body: string, init?: ResponseInit & {path?: string}]> = [
	[sha],
	[sha.slice(0, 7)],
	[`sha-${sha.slice(0, 7)}`],
	[json({git: {commit: {id: sha}}})],
	[json({version: '1.4.0', gitSha: sha})],
	['v1.4.0'],
	[`${sha}-dirty`],
	['20260101'],
	[`<html><!-- ${sha} --><p>Sign in</p></html>`],
	['', {status: 503}],
	['', {status: 302, headers: {location: 'https://elsewhere.example/'}}],
	['ok', {headers: {'x-release': `20261123084500-${sha.slice(0, 12)}`}}],
	['ok', {headers: {'x-version': 'v1.4.0'}}],
	[json({a: {b: sha}, sha: 'x'}), {path: 'a.b'}],
	[json({sha}), {path: 'a.b'}],
];

test('a version address that doctor finds in order is one by which deployments are proven, and no other is', async () => {
	let [proven, unproven] = [0, 0];
	for (const [body, {path, ...init} = {}] of answers) {
		const environment = {
			...defaultSettings.environments[0]!,
			version: ['https://dev.example/version'],
			...(path !== undefined && {versionPath: path}),
		};
		const fetch = async () => new Response(init.status === 302 ? null : body, init);
		const settings = {...defaultSettings, environments: [environment]};
		const addresses = await readAddresses({settings, env: {}, clock: realClock, knock: async () => {}, fetch});
		const {
			instances: [reading],
		} = await observe(environment, {clock: realClock, fetch});
		const isProven = reading!.version !== null && compareVersion(reading!.version, {release: sha, sha}) === 'same';
		const isInOrder = told(
			findings(
				{
					...(await healthy()),
					settings: {...settings, environments: [{...environment, health: ['x']}]},
					addresses,
				},
				'addresses',
			),
		).every(line => !line.includes('addresses.version'));
		assert.equal(isInOrder, isProven, body);
		if (isProven) proven++;
		else unproven++;
	}
	assert.ok(proven > 5 && unproven > 5);
});

test('what is read instead of a commit is said, and where else it may be looked for', async () => {
	const of = async (said: string | null, path: string | null) =>
		ofId(
			findings(
				{
					...(await healthy()),
					addresses: [
						{
							environment: 'staging',
							kind: 'version',
							shown: 'x.example',
							answer: {ok: true, value: {status: 200, hasSha: false, said, path, ms: 1}},
						},
					],
				},
				'addresses',
			),
			'addresses.version',
		)!;
	assert.match((await of('v1.4.0', null)).why!, /“v1\.4\.0” is read there, which is not a commit/);
	assert.match((await of(null, 'git.commit.id')).why!, /nothing at git\.commit\.id/);
	assert.match((await of(null, null)).how!, /environments\.staging\.versionPath/);
});

test('submodules that are not here, and LFS files without git-lfs, are said before a deployment is refused for them', async t => {
	const root = mkdtempSync(join(tmpdir(), 'beyond-'));
	t.after(() => rmSync(root, {recursive: true, force: true}));
	const git = (...parameters: string[]) =>
		execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...parameters], {
			stdio: 'pipe',
		});
	git('init', '-q');
	mkdirSync(join(root, 'vendor', 'there', '.git'), {recursive: true});
	writeFileSync(
		join(root, '.gitmodules'),
		'[submodule "gone"]\n\tpath = vendor/gone lib\n\turl = ../gone\n[submodule "there"]\n\tpath = vendor/there\n\turl = ../there\n',
	);
	writeFileSync(join(root, '.gitattributes'), '*.bin filter=lfs -text\n');
	writeFileSync(join(root, 'model.bin'), 'x');
	git(
		'-c',
		'filter.lfs.clean=cat',
		'-c',
		'filter.lfs.process=',
		'-c',
		'filter.lfs.required=false',
		'add',
		'.gitmodules',
		'.gitattributes',
		'model.bin',
	);
	const read = (hasLfs: boolean) =>
		readDisk({
			root,
			settings: defaultSettings,
			env: process.env,
			contractLine: '# Contract: deployctl/1',
			template: async () => null,
			execute: async (command, parameters, place) =>
				parameters[0] === 'lfs'
					? {code: hasLfs ? 0 : 1, stdout: '', stderr: ''}
					: realExecute(command, parameters, place),
		});
	const base = await healthy();
	const scripts = [script('scripts/deploy.sh')];
	const of = async (hasLfs: boolean) =>
		told(findings({...base, disk: {...base.disk, scripts, beyond: (await read(hasLfs)).beyond!}}, 'scripts'));
	assert.deepEqual(await of(false), ['warning scripts.submodules vendor/gone lib', 'warning scripts.lfs model.bin']);
	assert.deepEqual(await of(true), ['warning scripts.submodules vendor/gone lib']);
	// A script of one's own, or a build of one's own, brings them as it likes.
	assert.deepEqual(
		told(
			findings(
				{
					...base,
					disk: {
						...base.disk,
						scripts: [script('scripts/deploy.sh', {isTemplate: null})],
						beyond: (await read(false)).beyond!,
					},
				},
				'scripts',
			),
		),
		[],
	);
	mkdirSync(join(root, 'scripts'));
	for (const name of ['staging', 'production'])
		writeFileSync(join(root, 'scripts', `deploy.${name}.conf`), 'ROOT=/srv\nBUILD_CMD=make\n');
	assert.deepEqual(await of(false), []);
	const inspection = await inspect(root);
	assert.deepEqual(inspection.beyond, {submodules: ['vendor/gone lib', 'vendor/there'], hasLfs: true});
	const names = {mapped: () => null, file: () => 'x.yml', title: () => 'x', takesSha: () => true};
	const steps = byHand(
		inspection,
		{staging: 'develop', production: 'main', urls: {}, existing: 'keep'} as never,
		names,
		{deploy: 'scripts/deploy.sh', rollback: 'scripts/rollback.sh', isContract: true, isOurs: true},
	);
	assert.match(
		steps.find(({what}) => what.includes('submodules'))?.what ?? '',
		/^Bring submodules \(vendor\/gone lib, vendor\/there\) and the files of Git LFS/,
	);
});
