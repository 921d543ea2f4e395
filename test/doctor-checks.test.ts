/** The doctor's checks of everything but the workflows: each with something wrong, in order, and not to be known. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {diagnose, exitCodeOf} from '../source/doctor/diagnose.ts';
import {
	type Area,
	areas,
	type FolderReading,
	type MachineReading,
	type MigrationReading,
	notAsked,
	type Readings,
	type RepositoryReading,
} from '../source/doctor/model/model.ts';
import {readMigrations} from '../source/doctor/readings/migrations.ts';
import {
	absent,
	away,
	contract,
	findings,
	healthy,
	now,
	ofId,
	refused,
	repository,
	script,
	told,
	withGitHub,
	yes,
} from './helpers/doctor.ts';

const base = await healthy();
const withRepository = (change: Partial<RepositoryReading>) =>
	withGitHub(base, {repository: yes({...repository, ...change})});
const withMachine = (change: Partial<MachineReading>): Readings => ({...base, machine: {...base.machine, ...change}});
const severityOf = (readings: Readings, area: Area, id: string) =>
	ofId(findings(readings, area), `${area}.${id}`)?.severity;

test('nothing is wrong with what is healthy', () => {
	assert.deepEqual(told(diagnose(base, null, contract)), ['note runs.none']);
	assert.equal(exitCodeOf({readings: base, findings: diagnose(base, null, contract)}, null), 0);
});

/** Everything that GitHub tells, refused or out of reach. */
const without = (why: typeof refused): Readings => {
	const names = {repository: why, organization: why, environments: {}};
	return {
		...withGitHub(base, {
			checks: why,
			branches: {develop: why, main: why},
			workflows: why,
			files: {develop: why, main: why},
			rules: {develop: why, main: why},
			environments: why,
			secrets: names,
			variables: names,
			hooks: why,
			actionsEnabled: why,
		}),
		pipeline: why,
	};
};

test('what could not be read is unknown in every area that needs it, and never in order', () => {
	for (const why of [refused, away]) {
		const readings = without(why);
		for (const area of ['repository', 'workflows', 'runs', 'rules', 'environments', 'secrets'] as const) {
			assert.ok(
				findings(readings, area).some(({severity}) => severity === 'unknown'),
				area,
			);
		}
		for (const finding of diagnose(readings, null, contract).filter(({severity}) => severity === 'unknown'))
			assert.ok(finding.why, finding.id);
		assert.deepEqual(
			findings(readings, 'secrets').filter(({severity}) => severity === 'ok'),
			[],
		);
		assert.deepEqual(
			findings(readings, 'rules').filter(({severity}) => severity === 'ok'),
			[],
		);
	}
});

test('exit codes: 4 and 5 only where it was impossible and wanted', () => {
	const code = (readings: Readings, only: ReadonlySet<Area> | null = null) =>
		exitCodeOf({readings, findings: diagnose(readings, only, contract)}, only);
	const noToken: Readings = {...base, token: refused, github: null};
	assert.deepEqual(
		[code(noToken), code(noToken, new Set<Area>(['machine'])), code({...noToken, isOffline: true})],
		[4, 0, 1],
	);
	assert.equal(code(withGitHub(base, {repository: away})), 5);
	assert.equal(code(withGitHub(base, {repository: absent})), 4);
	assert.equal(code(withMachine({nodeVersion: 'v20.0.0'})), 1);
	assert.equal(code({...base, addresses: []}), 0, 'unknown and warnings are no errors');
});

test('token: present, of which kind, and for how long', () => {
	assert.equal(severityOf({...base, token: refused, github: null}, 'token', 'present'), 'error');
	assert.equal(
		severityOf({...base, token: notAsked('--offline was given'), github: null}, 'token', 'present'),
		'unknown',
	);
	assert.equal(severityOf(base, 'token', 'present'), 'ok');
	assert.equal(severityOf(withRepository({tokenExpiresAt: now + 86_400_000}), 'token', 'expiry'), 'warning');
	assert.equal(severityOf(withRepository({tokenExpiresAt: now + 60 * 86_400_000}), 'token', 'expiry'), 'ok');
});

test('token: scopes, permission, checks', () => {
	assert.equal(severityOf(withRepository({scopes: ['read:org']}), 'token', 'scopes'), 'error');
	assert.equal(severityOf(withRepository({scopes: ['repo']}), 'token', 'scopes'), 'warning');
	assert.equal(severityOf(withRepository({scopes: null}), 'token', 'scopes'), 'ok');
	assert.equal(
		severityOf(withRepository({permissions: {admin: false, push: false}}), 'token', 'permission'),
		'warning',
	);
	assert.equal(severityOf(withRepository({permissions: null}), 'token', 'permission'), 'unknown');
	assert.equal(severityOf(withRepository({isArchived: true}), 'token', 'permission'), 'error');
	assert.equal(severityOf(withGitHub(base, {checks: refused}), 'token', 'checks'), 'note');
	assert.match(
		ofId(
			findings(
				{...withGitHub(base, {checks: refused}), token: yes({source: 'GH_TOKEN', kind: 'fine-grained'})},
				'token',
			),
			'token.checks',
		)!.why!,
		/Fine-grained tokens have no such permission/,
	);
	assert.equal(severityOf(withGitHub(base, {checks: away}), 'token', 'checks'), 'unknown');
});

test('token: reachable, allowance, server, clock', () => {
	assert.equal(severityOf(withGitHub(base, {repository: away}), 'token', 'reachable'), 'error');
	assert.match(
		ofId(
			findings(
				withGitHub(base, {
					repository: {
						...refused,
						because: 'The organisation wants this token to be authorised by single sign-on.',
						next: 'Authorise it at https://github.com/orgs/acme/sso',
					},
				}),
				'token',
			),
			'token.reachable',
		)!.how!,
		/Authorise it at/,
	);
	const rate = (remaining: number) =>
		severityOf(withRepository({rate: {limit: 5000, remaining, resetAt: now + 600_000}}), 'token', 'rate');
	assert.deepEqual([rate(10), rate(400), rate(4000)], ['error', 'warning', 'ok']);
	assert.equal(severityOf(withRepository({rate: null}), 'token', 'rate'), 'ok');
	const server = (serverVersion: string | null) => severityOf(withRepository({serverVersion}), 'token', 'server');
	assert.deepEqual(
		[server(null), server('3.18.2'), server('3.16.0'), server('3.9.4')],
		['ok', 'ok', 'ok', 'warning'],
	);
	const clock = (skewMs: number | null) => severityOf(withRepository({skewMs}), 'token', 'clock');
	assert.deepEqual([clock(900), clock(-40_000), clock(900_000), clock(null)], ['ok', 'warning', 'error', 'unknown']);
	assert.match(
		ofId(findings(withRepository({skewMs: -40_000}), 'token'), 'token.clock')!.what,
		/40s ahead of GitHub/,
	);
});

test('repository: settings, remote, branches', () => {
	assert.equal(
		severityOf(
			{...base, settingsProblem: 'deployctl.yml has a problem: deployctl.yml:3:1: x'},
			'repository',
			'settings',
		),
		'error',
	);
	assert.equal(severityOf({...base, settingsPath: null}, 'repository', 'settings'), 'note');
	const remote = (change: Partial<Readings>) => severityOf({...base, ...change}, 'repository', 'remote');
	assert.deepEqual(
		[
			remote({}),
			remote({origin: 'acme/other'}),
			remote({origin: null}),
			remote({disk: {...base.disk, isCheckout: false}}),
			remote({repositoryProblem: 'There is no repository'}),
		],
		['ok', 'error', 'warning', 'note', 'error'],
	);
	const branch = (read: typeof absent) =>
		severityOf(withGitHub(base, {branches: {...base.github!.branches, develop: read}}), 'repository', 'branch');
	assert.deepEqual(
		[severityOf(base, 'repository', 'branch'), branch(absent), branch(away)],
		['ok', 'error', 'unknown'],
	);
	assert.equal(
		severityOf(
			{...base, settings: {...base.settings, branches: {staging: 'main', production: 'main'}}},
			'repository',
			'one-branch',
		),
		'error',
	);
	assert.equal(severityOf(withRepository({defaultBranch: 'main'}), 'repository', 'default-branch'), 'note');
});

test('runs: matched by themselves, by their time only, or not read', () => {
	const tier = (provenance: string | null, status = 'passed') => ({status, provenance, finishedAt: now - 7_200_000});
	const pipeline = (deploy: object, e2e: object) => ({
		...base,
		pipeline: yes({candidates: [{sha: 'a'.repeat(40), tiers: {fast: tier('commit'), deploy, e2e}}]} as never),
	});
	assert.equal(severityOf(pipeline(tier('status'), tier('name')), 'runs', 'correlated-e2e'), 'ok');
	assert.equal(severityOf(pipeline(tier('inferred'), tier('inferred')), 'runs', 'correlated-deploy'), 'warning');
	assert.equal(severityOf(pipeline(tier(null, 'none'), tier(null, 'none')), 'runs', 'not-deployed'), 'warning');
	assert.equal(severityOf({...base, pipeline: away}, 'runs', 'pipeline'), 'unknown');
});

test('rules: checks that never come, a strategy that is refused, a branch that takes every push', () => {
	const rules = (branch: string, list: Array<{type: string; checks: string[]}>) =>
		findings(withGitHub(base, {rules: {...base.github!.rules, [branch]: yes(list)}}), 'rules');
	const checks = (...names: string[]) => [{type: 'required_status_checks', checks: names}];
	assert.deepEqual(told(rules('develop', checks('lint', 'unit (1, 2)', 'build'))), []);
	assert.deepEqual(told(rules('develop', checks('e2e (1, 4)', 'deployctl/e2e-staging', 'lint'))), [
		'error rules.impossible-check e2e (1, 4)',
		'error rules.impossible-check deployctl/e2e-staging',
	]);
	assert.deepEqual(told(rules('develop', checks('jenkins'))), ['warning rules.unknown-check jenkins']);
	assert.deepEqual(told(rules('main', checks('deployctl/e2e-staging'))), [], 'production may ask for E2E');
	assert.deepEqual(told(rules('main', [{type: 'pull_request', checks: []}])), ['error rules.strategy main']);
	const open = withGitHub(base, {
		rules: {...base.github!.rules, main: yes([])},
		branches: {...base.github!.branches, main: yes({isProtected: false, requiredChecks: []})},
	});
	assert.deepEqual(told(findings(open, 'rules')), ['warning rules.guarded main']);
	assert.deepEqual(
		told(
			findings(
				withGitHub(base, {
					branches: {...base.github!.branches, develop: yes({isProtected: true, requiredChecks: ['smoke']})},
				}),
				'rules',
			),
		),
		['error rules.impossible-check smoke'],
		'classic protection counts',
	);
	assert.deepEqual(
		told(
			findings(
				withGitHub(base, {
					rules: {...base.github!.rules, main: yes([])},
					branches: {...base.github!.branches, main: away},
				}),
				'rules',
			),
		),
		['unknown rules.protection main'],
		'unprotected is said only when it is known',
	);
	assert.deepEqual(
		told(
			findings(
				withGitHub(base, {rules: {develop: refused, main: yes([{type: 'deletion', checks: []}])}}),
				'rules',
			),
		),
		['unknown rules.rules develop'],
	);
});

test('environments: there, approved by people, deployed from main', () => {
	const production = (change: object) =>
		told(
			findings(
				withGitHub(base, {
					environments: yes([
						{name: 'staging', reviewers: 0, waitMinutes: 0, branches: yes(null)},
						{name: 'production', reviewers: 1, waitMinutes: 0, branches: yes(['main']), ...change},
					]),
				}),
				'environments',
			),
		);
	assert.deepEqual(production({}), []);
	assert.deepEqual(production({reviewers: 0}), ['warning environments.reviewers production']);
	assert.deepEqual(production({branches: yes(null)}), ['warning environments.branches production']);
	assert.deepEqual(production({branches: yes(['release'])}), ['error environments.branches production']);
	assert.deepEqual(production({branches: yes(['main', 'hotfix/*'])}), []);
	assert.deepEqual(production({branches: yes(['main', '*'])}), ['warning environments.branches production']);
	assert.deepEqual(production({branches: refused}), ['unknown environments.branches production']);
	const missing = findings(
		withGitHub(base, {environments: yes([{name: 'staging', reviewers: 0, waitMinutes: 0, branches: yes(null)}])}),
		'environments',
	);
	assert.deepEqual(ofId(missing, 'environments.missing')?.fix, {
		kind: 'create-environment',
		name: 'production',
		branches: ['main'],
	});
	assert.deepEqual(told(findings(withGitHub(base, {environments: refused}), 'environments')), [
		'unknown environments.read',
	]);
});

test('secrets: by name alone, wherever they may be set', () => {
	const secrets = (change: object) =>
		told(
			findings(
				withGitHub(base, {secrets: {repository: yes([]), organization: yes([]), environments: {}, ...change}}),
				'secrets',
			),
		);
	assert.deepEqual(secrets({}), [
		'error secrets.secret DEPLOY_KEY deploy-staging.yml',
		'error secrets.secret DEPLOY_KEY deploy-production.yml',
	]);
	assert.deepEqual(secrets({organization: yes(['DEPLOY_KEY'])}), []);
	assert.deepEqual(
		secrets({environments: {production: yes(['DEPLOY_KEY'])}}),
		['error secrets.secret DEPLOY_KEY deploy-staging.yml'],
		"those of production are not staging's",
	);
	assert.deepEqual(secrets({repository: refused}), ['unknown secrets.secret'], 'one finding for all of them');
	assert.deepEqual(
		secrets({repository: yes(['DEPLOY_KEY']), organization: refused}),
		[],
		'what is found needs no other place',
	);
	assert.deepEqual(told(findings({...base, github: null}, 'secrets')), ['unknown secrets.read']);
});

test('scripts: there, executable here and in git, of the contract, and readable', () => {
	const one = (change: Parameters<typeof script>[1]) =>
		findings({...base, disk: {...base.disk, scripts: [script('scripts/deploy.sh', change)]}}, 'scripts');
	assert.deepEqual(told(one({})), []);
	assert.deepEqual(told(one({text: null})), ['error scripts.missing scripts/deploy.sh']);
	assert.deepEqual(ofId(one({isExecutable: false}), 'scripts.executable')?.fix, {
		kind: 'make-executable',
		path: 'scripts/deploy.sh',
	});
	assert.match(ofId(one({indexMode: '100644'}), 'scripts.executable')!.what, /not where git brings it/);
	assert.deepEqual(told(one({indexMode: null})), ['note scripts.untracked scripts/deploy.sh']);
	assert.deepEqual(told(one({contract: null})), ['note scripts.contract scripts/deploy.sh']);
	assert.deepEqual(told(one({contract: 'deployctl/0'})), ['warning scripts.contract scripts/deploy.sh']);
	assert.deepEqual(told(one({syntax: yes('line 3: syntax error')})), ['error scripts.syntax scripts/deploy.sh']);
	assert.deepEqual(told(one({syntax: away})), ['unknown scripts.syntax scripts/deploy.sh']);
	assert.deepEqual(told(findings({...base, disk: {...base.disk, isCheckout: false, scripts: []}}, 'scripts')), [
		'unknown scripts.read',
	]);
	assert.deepEqual(
		told(
			findings(
				{
					...base,
					disk: {...base.disk, isCheckout: false, scripts: [script('scripts/deploy.sh', {indexMode: null})]},
				},
				'scripts',
			),
		),
		[],
		'outside of git nothing has to be in it',
	);
});

test('addresses: answer, name a commit, can be reached', () => {
	const one = (kind: 'version' | 'health' | 'webhook', answer: Readings['addresses'][number]['answer']) =>
		told(findings({...base, addresses: [{environment: 'staging', kind, shown: 'x.example', answer}]}, 'addresses'));
	assert.deepEqual(one('version', yes({status: 200, hasSha: true, ms: 1})), []);
	assert.deepEqual(one('version', yes({status: 200, hasSha: false, ms: 1})), [
		'error addresses.version staging x.example',
	]);
	assert.deepEqual(one('health', yes({status: 503, hasSha: false, ms: 1})), [
		'error addresses.health staging x.example',
	]);
	assert.deepEqual(one('health', away), ['error addresses.health staging x.example']);
	assert.deepEqual(one('webhook', yes({status: null, hasSha: false, ms: 1})), []);
	assert.deepEqual(one('webhook', away), ['error addresses.webhook staging x.example']);
	assert.deepEqual(one('version', notAsked('not now')), ['unknown addresses.version staging x.example']);
	const hook = (lastCode: number | null) =>
		told(
			findings(
				withGitHub(base, {
					hooks: yes([{host: 'ci.example', active: true, lastCode, lastMessage: 'Bad Gateway'}]),
				}),
				'addresses',
			),
		);
	assert.deepEqual([hook(200), hook(null), hook(502)], [[], [], ['warning addresses.hooks ci.example']]);
	const hidden = (read: typeof away) => told(findings(withGitHub(base, {hooks: read}), 'addresses'));
	assert.deepEqual([hidden(absent), hidden(away)], [['note addresses.hooks'], ['unknown addresses.hooks']]);
	const silent = {
		...base,
		settings: {
			...base.settings,
			environments: base.settings.environments.map(environment => ({...environment, health: [], version: []})),
		},
	};
	assert.deepEqual(told(findings(silent, 'addresses')), [
		'warning addresses.no-health production',
		'note addresses.no-version staging',
		'note addresses.no-health staging',
		'note addresses.no-version production',
	]);
});

test('machine: node, programs, folders, terminal', () => {
	const folder = (change: Partial<FolderReading>) =>
		told(findings(withMachine({folders: [{...base.machine.folders[0]!, ...change}]}), 'machine'));
	assert.deepEqual(told(findings(withMachine({nodeVersion: 'v22.12.0'}), 'machine')), ['error machine.node']);
	assert.deepEqual(told(findings(withMachine({tools: {git: null, curl: null}}), 'machine')), [
		'error machine.tool git',
		'warning machine.tool curl',
	]);
	assert.deepEqual(folder({isWritable: false}), ['error machine.folder /home/mira/.state']);
	assert.deepEqual(
		[folder({isOpen: true}), folder({isOpen: null})],
		[['warning machine.folder-open /home/mira/.state'], []],
	);
	assert.deepEqual(folder({name: 'cache', isShared: true}), ['warning machine.folder-shared /home/mira/.state']);
	assert.deepEqual(
		[folder({freeBytes: 5_000_000}), folder({freeBytes: 100_000_000}), folder({freeBytes: null})],
		[['error machine.space /home/mira/.state'], ['warning machine.space /home/mira/.state'], []],
	);
	const terminal = (change: Partial<MachineReading['terminal']>) =>
		told(findings(withMachine({terminal: {...base.machine.terminal, ...change}}), 'machine'));
	assert.deepEqual(terminal({term: 'dumb'}), ['error machine.terminal']);
	assert.deepEqual(
		[terminal({columns: 50}), terminal({columns: 70}), terminal({rows: 20})],
		[['warning machine.size'], ['note machine.size'], ['note machine.size']],
	);
	assert.deepEqual(terminal({hasColours: false, hasUnicode: false, tmux: {passthrough: 'off', clipboard: 'off'}}), [
		'note machine.colours',
		'note machine.unicode',
		'note machine.clipboard',
	]);
	assert.deepEqual(terminal({isTerminal: false}), ['note machine.terminal']);
});

test('machine: proxies and certificates of the environment', () => {
	const whats = (change: Partial<MachineReading>) =>
		findings(withMachine(change), 'machine')
			.filter(({id}) => /proxy|certificates/.test(id))
			.map(({severity, what}) => `${severity} ${what}`);
	assert.deepEqual(whats({}), []);
	assert.deepEqual(whats({proxy: {variable: 'HTTPS_PROXY', shown: 'http://***@p:1', problem: null}}), [
		'ok GitHub is asked through the proxy http://***@p:1 (HTTPS_PROXY)',
	]);
	assert.deepEqual(
		whats({
			proxy: {
				variable: 'ALL_PROXY',
				shown: 'socks5://p:1',
				problem: 'proxies of the kind socks5 are not supported',
			},
		}),
		['warning The proxy of ALL_PROXY is not used: proxies of the kind socks5 are not supported'],
	);
	assert.deepEqual(
		whats({
			certificates: [
				{variable: 'SSL_CERT_FILE', path: '/a', isReadable: true},
				{variable: 'NODE_EXTRA_CA_CERTS', path: '/b', isReadable: false},
			],
		}),
		[
			'warning NODE_EXTRA_CA_CERTS names a file that cannot be read: /b',
			'ok The certificates of SSL_CERT_FILE are trusted',
		],
	);
});

test('only what is asked for is looked at, and each area has something to say', () => {
	for (const area of areas) {
		const list = findings(base, area);
		assert.ok(
			list.length > 0 && list.every(finding => finding.area === area && finding.id.startsWith(`${area}.`)),
			area,
		);
	}
});

test('nothing from outside reaches the report as it is', () => {
	const nasty = withGitHub(base, {
		hooks: yes([{host: 'a\u001B[31m.example\u202E', active: true, lastCode: 500, lastMessage: 'x\u0007\ny'}]),
	});
	for (const {what, why, where} of findings(nasty, 'addresses'))
		assert.doesNotMatch([what, why, where].join(''), /[\u001B\u0007\u202E\n]/);
});

test('scripts: a database that nobody asks, and an adapter that cannot answer', () => {
	const one = (change: Partial<MigrationReading>) =>
		findings(
			{
				...base,
				disk: {
					...base.disk,
					migrations: [{path: 'scripts/deploy.staging.conf', knowsPosition: true, adapter: null, ...change}],
				},
			},
			'scripts',
		).find(({id}) => id === 'scripts.migration-position')!;
	const adapter = (text: string) => ({adapter: {path: 'scripts/migrate.sh', text}});
	assert.equal(one({}).severity, 'ok');
	assert.equal(one(adapter('case $1 in position) ;; down) echo $MIGRATE_TO;; esac')).severity, 'ok');
	assert.equal(one({knowsPosition: false, ...adapter('position MIGRATE_TO')}).severity, 'warning');
	assert.match(one({knowsPosition: false}).how!, /MIGRATE_POSITION=yes/);
	assert.match(
		`${one(adapter('up) ;; down) ;;')).severity} ${one(adapter('up) ;; down) ;;')).what}`,
		/^error .*scripts\/migrate.sh does not have position and MIGRATE_TO$/,
	);
});

test('migrations are read as the scripts read them', async t => {
	const root = mkdtempSync(join(tmpdir(), 'deployctl-doctor-'));
	t.after(() => rmSync(root, {recursive: true}));
	mkdirSync(join(root, 'scripts'));
	const write = (name: string, text: string) => writeFileSync(join(root, 'scripts', name), text);
	write('migrate.sh', 'echo position');
	write(
		'deploy.production.conf',
		'ROOT=/srv/app\n  MIGRATE_CMD="sh scripts/migrate.sh"\nMIGRATE_POSITION=no\nMIGRATE_POSITION = x\nMIGRATE_POSITION=yes\n',
	);
	write(
		'deploy.staging.conf',
		'#MIGRATE_CMD=x\nMIGRATE_CMD=npx ../../etc/passwd /etc/passwd\n#MIGRATE_POSITION=yes\n',
	);
	write('deploy.other.conf', 'MIGRATE_CMD=\n');
	write('deploy.example.conf', 'MIGRATE_CMD=x\n');
	assert.deepEqual(await readMigrations(root, base.settings), [
		{
			path: 'scripts/deploy.production.conf',
			knowsPosition: true,
			adapter: {path: 'scripts/migrate.sh', text: 'echo position'},
		},
		{path: 'scripts/deploy.staging.conf', knowsPosition: false, adapter: null},
	]);
	assert.deepEqual(await readMigrations(join(root, 'nowhere'), base.settings), []);
});

test('a script that speaks of what scripts are not given is named, for each environment that does not name it', () => {
	const speaking = script('scripts/deploy.sh', {text: '#!/bin/sh\ngh auth status # GH_TOKEN\ncurl "$HOOK"\n'});
	const environments = base.settings.environments.map(each =>
		each.name === 'production' ? {...each, deploy: {...each.deploy, env: ['GH_TOKEN', 'HOOK']}} : each,
	);
	const settings = {...base.settings, environments, notifications: {webhook: {urlFrom: 'HOOK'}}};
	const found = findings(
		{...base, settings, disk: {...base.disk, scripts: [speaking, script('scripts/rollback.sh')]}},
		'scripts',
	).filter(({id}) => id === 'scripts.environment');
	assert.deepEqual(
		found.map(({what, how}) => [what, how]),
		[
			[
				'scripts/deploy.sh speaks of GH_TOKEN, HOOK, which scripts are not given',
				'If it needs them for staging: environments.staging.deploy.env: [GH_TOKEN, HOOK] in deployctl.yml.',
			],
		],
	);
	assert.deepEqual(
		findings(base, 'scripts').filter(({id}) => id === 'scripts.environment'),
		[],
		'the control',
	);
});
