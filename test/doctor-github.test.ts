/** The doctor against the simulator: what tokens of each kind let it see, what the classic mistakes look like, and what --fix does to them. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import {doctorText} from '../source/commands/setup/doctor-text.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {diagnose, exitCodeOf} from '../source/doctor/diagnose.ts';
import {areasIn} from '../source/doctor/examine.ts';
import {realExecute} from '../source/doctor/readings/execute.ts';
import {type Hands, mend} from '../source/doctor/mend.ts';
import {readGitHub} from '../source/doctor/readings/github.ts';
import {realKnock, readAddresses} from '../source/doctor/readings/addresses.ts';
import {readDisk} from '../source/doctor/readings/disk.ts';
import {readMachine} from '../source/doctor/readings/machine.ts';
import {doctorReport} from '../source/doctor/report.ts';
import {createProbe} from '../source/github/probe.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {contract, endpointOf, examined, fetchOf, healthy, ofId, probeOf, script, told, yes} from './helpers/doctor.ts';
import {matchesGolden} from './helpers/golden.ts';
import {type Simulated, simulated} from './helpers/simulated.ts';

const diagnosed = async (simulator: Simulated, options: Parameters<typeof examined>[1] = {}) => {
	const readings = await examined(simulator, options);
	return {readings, findings: diagnose(readings, options.only ?? null, contract)};
};

test('a repository in order has nothing wrong but what its administrator left open', async () => {
	const {readings, findings} = await diagnosed(simulated('quiet'));
	assert.deepEqual(told(findings), [
		'warning rules.guarded main',
		'warning rules.tags',
		'warning rules.workflow-files',
		'warning environments.reviewers production',
	]);
	assert.equal(exitCodeOf({readings, findings}, null), 0);
	assert.deepEqual(
		told((await diagnosed(simulated('production-approval'))).findings).filter(line =>
			line.includes('environments'),
		),
		['warning environments.self-review production'],
	);
});

test('what a token may not see is unknown, never in order', async () => {
	for (const token of ['sim_read-only', 'sim_fine-grained', 'sim_fine-grained-no-suites']) {
		const {findings} = await diagnosed(simulated('quiet'), {token});
		assert.equal(ofId(findings, 'secrets.secret')?.severity, 'unknown', token);
		assert.match(ofId(findings, 'secrets.secret')!.how!, /secrets=read/, 'GitHub says which permission is missing');
		assert.equal(ofId(findings, 'token.checks')?.severity, token === 'sim_read-only' ? 'ok' : 'note');
	}
	assert.equal(
		ofId((await diagnosed(simulated('quiet'), {token: 'sim_read-only'})).findings, 'token.permission')?.severity,
		'warning',
	);
});

test('no access, a wrong token, and a GitHub that is down: one sentence, and the exit code', async () => {
	const none = await diagnosed(simulated('quiet'), {token: 'sim_no-access'});
	assert.deepEqual([ofId(none.findings, 'token.reachable')?.severity, exitCodeOf(none, null)], ['error', 4]);
	const wrong = await diagnosed(simulated('quiet'), {token: 'nonsense'});
	assert.deepEqual([ofId(wrong.findings, 'token.reachable')?.severity, exitCodeOf(wrong, null)], ['error', 4]);
	const simulator = simulated('quiet');
	simulator.faults.during(simulator.now() - 1000, simulator.now() + 60_000, {kind: 'bad-gateway-html'});
	const down = await diagnosed(simulator);
	assert.deepEqual([ofId(down.findings, 'token.reachable')?.severity, exitCodeOf(down, null)], ['error', 5]);
	assert.ok(simulator.counters.requests < 10, 'a GitHub that is down is not asked for everything');
});

test('one answer that does not come makes that unknown, and nothing else', async () => {
	for (const [path, unknown] of [
		['/rules/branches/main', 'unknown rules.rules main'],
		['/actions/workflows', 'unknown workflows.disabled e2e-staging.yml'],
		['/contents/.github/workflows/e2e-staging.yml', 'unknown workflows.unreadable e2e-staging.yml'],
		['/environments', 'unknown environments.read'],
		['/branches/develop', 'unknown repository.branch develop'],
	] as const) {
		const simulator = simulated('quiet');
		simulator.faults.during(
			simulator.now() - 1000,
			simulator.now() + 60_000,
			{kind: 'bad-gateway-html'},
			{path, api: 'rest'},
		);
		const {findings, readings} = await diagnosed(simulator, {change: {disk: {...classic.disk, scripts: []}}});
		assert.ok(told(findings).includes(unknown), `${path}: ${told(findings).join('; ')}`);
		assert.equal(exitCodeOf({readings, findings}, null), 0);
	}
});

test('a clock that is off is measured', async () => {
	const simulator = simulated('quiet');
	simulator.faults.during(simulator.now() - 1000, simulator.now() + 60_000, {kind: 'clock-skew', seconds: 600});
	const finding = ofId((await diagnosed(simulator, {only: new Set(['token'])})).findings, 'token.clock')!;
	assert.deepEqual([finding.severity, finding.what], ['error', "This clock is 10m00s behind GitHub's"]);
});

test('an Enterprise Server is known by its version', async () => {
	const {findings} = await diagnosed(simulated('ghes'), {prefix: '/api/v3'});
	assert.deepEqual(
		[ofId(findings, 'token.server')?.what, ofId(findings, 'token.rate')?.severity],
		['GitHub Enterprise Server 3.18.2', 'ok'],
	);
});

const classic = {
	disk: {
		root: '/repo',
		isCheckout: true,
		files: [],
		scripts: [
			script('scripts/deploy.sh', {isExecutable: false, indexMode: '100644', contract: null, isTemplate: false}),
			script('scripts/rollback.sh'),
		],
	},
	settings: defaultSettings,
	settingsPath: null,
	addresses: [],
};

test('the classic mistakes are found, all of them', async () => {
	const {readings, findings} = await diagnosed(simulated('classic-mistakes'), {change: classic});
	const list = told(findings);
	for (const expected of [
		'error workflows.lost-commit e2e-staging.yml',
		'error workflows.lost-commit smoke-tests.yml',
		'error workflows.blocking-needs deploy-staging.yml',
		'error workflows.run-name e2e-staging.yml',
		'warning workflows.run-name deploy-staging.yml',
		'error workflows.disabled smoke-tests.yml',
		'error workflows.own-sha deploy-staging.yml',
		'error workflows.checkout deploy-staging.yml',
		'error workflows.branches deploy-staging.yml',
		'error workflows.e2e-swallowed e2e-staging.yml',
		'warning workflows.fail-fast e2e-staging.yml',
		'error workflows.gate deploy-production.yml',
		'warning workflows.environment deploy-production.yml',
		'error workflows.concurrency-cancel deploy-production.yml',
		'warning workflows.concurrency deploy-staging.yml',
		'warning workflows.status e2e-staging.yml',
		'warning workflows.permissions deploy-staging.yml',
		'warning workflows.unpinned deploy-staging.yml',
		'warning workflows.secret-in-script deploy-staging.yml',
		'error secrets.secret STAGING_SSH_KEY deploy-staging.yml',
		'error rules.impossible-check e2e',
		'warning runs.correlated-e2e e2e',
		'warning runs.correlated-deploy deploy',
		'warning environments.missing production',
		'error scripts.executable scripts/deploy.sh',
		'warning addresses.hooks ci.acme.example',
	]) {
		assert.ok(list.includes(expected), `${expected} is not among ${list.join('; ')}`);
	}
	assert.equal(exitCodeOf({readings, findings}, null), 1);
	for (const {severity, id, why, how} of findings.filter(
		finding => finding.severity === 'error' || finding.severity === 'warning',
	)) {
		assert.ok(why !== null && how !== null, `${severity} ${id} says why it matters and how to fix it`);
	}
	assert.equal(
		new Set(findings.filter(({severity}) => severity !== 'ok').map(({id, where}) => `${id} ${where}`)).size,
		list.length,
		'a finding is named by its id and place alone',
	);
});

for (const columns of [80, 120]) {
	test(`the report at ${columns} columns`, async () => {
		const {readings, findings} = await diagnosed(simulated('classic-mistakes'), {change: classic});
		const text = doctorText(readings, findings, {columns, isVerbose: false, fixes: []});
		for (const line of text.split('\n')) assert.ok(line.length <= columns, line);
		matchesGolden(`doctor-${columns}`, text.trimEnd());
	});
}

test('the report as JSON keeps to its description', async () => {
	const schema = JSON.parse(readFileSync(new URL('../docs/doctor.schema.json', import.meta.url), 'utf8')) as object;
	const check = new Ajv2020({allErrors: true, strict: false, validateFormats: false}).compile(schema);
	const {readings, findings} = await diagnosed(simulated('classic-mistakes'), {change: classic});
	const [finding] = findings.filter(({fix}) => fix !== null);
	const report = {
		schemaVersion: 1,
		...doctorReport(readings, findings, {
			only: new Set(['workflows']),
			exitCode: 1,
			fixes: [
				{finding: finding!, mended: {ok: true, did: 'x'}, still: false},
				{finding: finding!, mended: {ok: false, because: 'not wanted', next: null}, still: null},
			],
		}),
	};
	assert.ok(check(report), JSON.stringify(check.errors));
	assert.ok(!check({...report, worst: 'green'}), 'and the description refuses what is none');
	assert.doesNotMatch(JSON.stringify(report), /sim_classic/, 'no token in it');
});

test('areas are named as they are called', () => {
	assert.deepEqual(areasIn('token, workflows'), {ok: true, areas: new Set(['token', 'workflows'])});
	assert.deepEqual(
		[areasIn('workflow'), areasIn('')],
		[
			{ok: false, wrong: 'workflow'},
			{ok: false, wrong: ''},
		],
	);
});

test('what no wanted area needs is not asked for', async () => {
	const simulator = simulated('quiet');
	await diagnosed(simulator, {only: new Set(['machine', 'scripts'])});
	assert.equal(simulator.counters.requests, 0);
	await diagnosed(simulator);
	assert.ok(simulator.counters.requests < 60, `${simulator.counters.requests} requests`);
	assert.ok(
		Object.keys(simulator.counters.byKind).every(kind => !/^(POST|PUT|PATCH|DELETE) (?!.*graphql)/.test(kind)),
		'looking changes nothing',
	);
});

const folderOf = (t: TestContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-doctor-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return folder;
};
const env = {PATH: process.env['PATH'], HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1'};
const git = (root: string, ...args: string[]) => execFileSync('git', args, {cwd: root, env, encoding: 'utf8'});

/** A checkout with a script that nobody may run. */
const checkoutOf = (t: TestContext): string => {
	const root = folderOf(t);
	mkdirSync(join(root, 'scripts'));
	mkdirSync(join(root, '.github', 'workflows'), {recursive: true});
	writeFileSync(join(root, '.github', 'workflows', 'a.yml'), 'on: push\njobs: {a: {runs-on: x, steps: []}}\n');
	writeFileSync(join(root, 'scripts', 'deploy.sh'), '#!/usr/bin/env bash\n# Contract: deployctl/1\necho\n', {
		mode: 0o644,
	});
	writeFileSync(join(root, 'scripts', 'rollback.sh'), '#!/usr/bin/env bash\nif true; then\n', {mode: 0o755});
	git(root, 'init', '-q', '-b', 'develop');
	git(root, 'add', '-A');
	return root;
};
const handsAt = (root: string, simulator: Simulated | null = null, token?: string): Hands => ({
	root,
	env,
	execute: realExecute,
	probe: simulator === null ? null : probeOf(simulator, token),
});
const disk = (root: string) =>
	readDisk({
		root,
		settings: defaultSettings,
		env,
		execute: realExecute,
		contractLine: '# Contract: deployctl/1',
		template: async () => null,
	});

test('scripts on the disk are read: mode, mode in git, contract, syntax', async t => {
	const {
		scripts: [deploy, rollback],
		files,
		isCheckout,
	} = await disk(checkoutOf(t));
	assert.deepEqual(
		[deploy?.isExecutable, deploy?.indexMode, deploy?.contract, deploy?.syntax],
		[false, '100644', 'deployctl/1', yes(null)],
	);
	assert.deepEqual([rollback?.isExecutable, rollback?.indexMode, rollback?.contract], [true, '100755', null]);
	assert.ok(
		rollback?.syntax.ok && /syntax error/.test(rollback.syntax.value ?? ''),
		JSON.stringify(rollback?.syntax),
	);
	assert.deepEqual([isCheckout, files.map(({file}) => file)], [true, ['a.yml']]);
});

test('a content has the same name here and on GitHub', async t => {
	const root = checkoutOf(t);
	const [file] = (await disk(root)).files;
	assert.equal(file?.sha, git(root, 'hash-object', '.github/workflows/a.yml').trim());
});

test('--fix makes a script executable, on the disk and in git, and nothing but it', async t => {
	const root = checkoutOf(t);
	const before = (await disk(root)).scripts[0]!;
	const readings = {...(await healthy()), disk: await disk(root)};
	const finding = ofId(diagnose(readings, null, contract), 'scripts.executable')!;
	const mended = await mend(finding.fix!, handsAt(root));
	assert.ok(mended.ok, JSON.stringify(mended));
	const after = (await disk(root)).scripts[0]!;
	assert.deepEqual(
		[
			before.isExecutable,
			after.isExecutable,
			after.indexMode,
			statSync(join(root, 'scripts/deploy.sh')).mode & 0o777,
		],
		[false, true, '100755', 0o755],
	);
	assert.equal(
		ofId(diagnose({...readings, disk: await disk(root)}, null, contract), 'scripts.executable')?.severity,
		'ok',
	);
	symlinkSync('/bin/ls', join(root, 'scripts', 'away.sh'));
	assert.deepEqual(await mend({kind: 'make-executable', path: 'scripts/away.sh'}, handsAt(root)), {
		ok: false,
		because: 'scripts/away.sh leads out of the repository',
		next: null,
	});
	assert.equal((await mend({kind: 'make-executable', path: 'scripts/nothing.sh'}, handsAt(root))).ok, false);
});

test('--fix closes a folder', async t => {
	const folder = folderOf(t);
	chmodSync(folder, 0o755);
	assert.ok((await mend({kind: 'restrict-folder', path: folder}, handsAt(folder))).ok);
	assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('--fix enables a workflow and makes an environment; the same check then finds nothing', async t => {
	const simulator = simulated('classic-mistakes');
	const {findings} = await diagnosed(simulator);
	const curable = findings.filter(({fix}) => fix !== null);
	assert.deepEqual(
		curable.map(({id}) => id),
		['workflows.disabled', 'environments.missing'],
	);
	for (const {fix} of curable) assert.ok((await mend(fix!, handsAt(folderOf(t), simulator))).ok);
	const after = (await diagnosed(simulator)).findings;
	assert.deepEqual(
		after.filter(({fix}) => fix !== null),
		[],
	);
	assert.deepEqual(
		[
			ofId(after, 'environments.branches')?.severity,
			simulator.simulation.state.environments.get('production')?.branches,
		],
		['ok', ['main']],
	);
	const again = await mend(
		{kind: 'create-environment', name: 'production', branches: ['develop']},
		handsAt(folderOf(t), simulator),
	);
	assert.deepEqual(
		[again.ok, simulator.simulation.state.environments.get('production')?.branches],
		[false, ['main']],
		'one that is there keeps its rules',
	);
});

test('a fix that GitHub refuses says so, with the permission that is missing', async t => {
	const simulator = simulated('classic-mistakes');
	const refused = await mend(
		{kind: 'enable-workflow', file: 'smoke-tests.yml'},
		handsAt(folderOf(t), simulator, 'sim_read-only'),
	);
	assert.ok(!refused.ok && /actions=write/.test(refused.next ?? ''), JSON.stringify(refused));
	assert.ok(
		!(
			await mend(
				{kind: 'create-environment', name: 'production', branches: ['main']},
				handsAt(folderOf(t), simulator, 'sim_fine-grained'),
			)
		).ok,
	);
	assert.ok(!(await mend({kind: 'enable-workflow', file: 'smoke-tests.yml'}, handsAt(folderOf(t)))).ok);
	assert.equal(simulator.simulation.state.environments.has('production'), false);
});

test('addresses are asked, the webhook is only knocked at', async () => {
	const settings = {
		...defaultSettings,
		environments: [
			{
				...defaultSettings.environments[0]!,
				version: ['https://dev.example/version'],
				health: ['https://dev.example/health?key=secret', 'https://down.example/'],
			},
		],
		notifications: {webhook: {url: 'https://hooks.example/T0/very-secret'}},
	};
	const asked: string[] = [];
	const knocked: string[] = [];
	const answers = await readAddresses({
		settings,
		env: {},
		clock: {now: () => 0, after: async () => {}},
		knock: async url => {
			knocked.push(url.host);
		},
		fetch: async input => {
			asked.push(String(input));
			if (String(input).includes('down'))
				throw Object.assign(new TypeError('fetch failed'), {
					cause: Object.assign(new Error('x'), {code: 'ECONNREFUSED'}),
				});
			return new Response(`{"sha":"${'a'.repeat(40)}"}`);
		},
	});
	assert.deepEqual(
		asked.filter(url => url.includes('hooks')),
		[],
	);
	assert.deepEqual(knocked, ['hooks.example']);
	assert.deepEqual(
		answers.map(({kind, shown, answer}) => [kind, shown, answer.ok]),
		[
			['version', 'https://dev.example/version', true],
			['health', 'https://dev.example/health', true],
			['health', 'https://down.example/', false],
			['webhook', 'hooks.example', true],
		],
	);
	assert.doesNotMatch(JSON.stringify(answers), /secret/);
	await assert.rejects(realKnock(new URL('http://127.0.0.1:1/'), 2000), /ECONNREFUSED/);
});

test('the machine is read: programs, folders that are or can be made, tmux', async t => {
	const folder = folderOf(t);
	const machine = await readMachine({
		env: {TERM: 'tmux-256color', LANG: 'de_DE.UTF-8', TMUX: '/tmp/x', SSH_CONNECTION: '1'},
		platform: 'linux',
		directory: folder,
		nodeVersion: 'v24.0.0',
		terminal: {columns: 80, rows: 24, colours: 256},
		directories: {state: join(folder, 'a', 'b'), cache: folder, config: join(folder, 'c')},
		execute: async (command, [first, , name]) =>
			command === 'rsync'
				? null
				: command === 'tmux'
					? {code: 0, stdout: name === 'set-clipboard' ? 'off\n' : 'on\n', stderr: ''}
					: {
							code: 0,
							stdout: first === '-V' ? '' : `${command} 1.2\nmore`,
							stderr: first === '-V' ? 'OpenSSH_9.9\n' : '',
						},
	});
	assert.deepEqual(machine.tools, {
		git: 'git 1.2',
		ssh: 'OpenSSH_9.9',
		rsync: null,
		curl: 'curl 1.2',
		bash: 'bash 1.2',
	});
	assert.deepEqual(
		machine.folders.map(({exists, isWritable}) => [exists, isWritable]),
		[
			[false, true],
			[true, true],
			[false, true],
		],
	);
	assert.deepEqual(machine.terminal, {
		isTerminal: true,
		term: 'tmux-256color',
		columns: 80,
		rows: 24,
		hasColours: true,
		hasUnicode: true,
		tmux: {passthrough: 'on', clipboard: 'off'},
		isRemote: true,
	});
});

test('lists are read to their end', async () => {
	const names = Array.from({length: 130}, (_, index) => `SECRET_${index}`);
	const simulator = simulated({...scenarioNamed('quiet'), administration: {secrets: {repository: names}}});
	const {github} = await examined(simulator);
	assert.deepEqual(github?.secrets.repository, yes(names));
	const renamed: typeof fetch = async (input, init) =>
		String(input).includes('/repos/acme/old-name')
			? new Response(null, {status: 301, headers: {location: String(input).replace('old-name', 'auto-author')}})
			: fetchOf(simulator)(input, init);
	const old = createProbe({
		endpoint: endpointOf(),
		repository: 'acme/old-name',
		clock: {now: () => simulator.now(), after: () => new Promise(() => {})},
		fetch: renamed,
	});
	assert.equal((await old.get('')).ok, true, 'a renamed repository is found');
	assert.equal((await old.put('/actions/workflows/x/enable')).ok, false, 'a write is not sent on');
	const odd: typeof fetch = async (input, init) =>
		String(input).includes('/actions/secrets')
			? new Response('{"message":"odd"}')
			: fetchOf(simulator)(input, init);
	const {secrets, hooks} = await readGitHub(probeOf(simulator, undefined, undefined, odd), defaultSettings);
	assert.deepEqual([secrets.repository.ok, hooks.ok], [false, true], 'what is no list is not an empty one');
});
