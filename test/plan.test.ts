/** Plans over a real repository: what comes and goes, what stands in the way, what has to be typed. Nothing is started. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {JournalEvent, JournalRecord} from '../source/core/operations/journal.ts';
import {foldRecords, nothingFolded} from '../source/core/operations/journal-fold.ts';
import type {LockRecord, LockState} from '../source/core/locks/lock.ts';
import type {Wish} from '../source/core/plan/plan.ts';
import type {Release} from '../source/core/releases/release.ts';
import {defaultSettings, environmentDefaults, type Settings} from '../source/core/settings/settings.ts';
import {makePlan, newOperationId, type PlanSources} from '../source/operations/plan/plan.ts';
import {isOperationId} from '../source/operations/files/paths.ts';
import {contractLine} from '../source/operations/checkout/script-kind.ts';

const env = {
	PATH: process.env['PATH'],
	HOME: tmpdir(),
	GIT_CONFIG_NOSYSTEM: '1',
	GIT_AUTHOR_NAME: 'a',
	GIT_AUTHOR_EMAIL: 'a@b',
	GIT_COMMITTER_NAME: 'a',
	GIT_COMMITTER_EMAIL: 'a@b',
};
const full = (digit: string) => digit.repeat(40);

const checkout = (t: TestContext, {isRepository = true} = {}) => {
	const directory = realpathSync(mkdtempSync(join(tmpdir(), 'plan-')));
	t.after(() => rmSync(directory, {recursive: true, force: true}));
	const git = (...parameters: string[]) =>
		execFileSync('git', ['-C', directory, ...parameters], {
			env,
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
		}).trim();
	const write = (name: string, text: string) => {
		mkdirSync(dirname(join(directory, name)), {recursive: true});
		writeFileSync(join(directory, name), text);
		if (name.endsWith('.sh')) chmodSync(join(directory, name), 0o755);
	};
	if (isRepository) git('init', '-q');
	write('scripts/deploy.sh', '#!/bin/sh\ntouch ran\n');
	write('scripts/rollback.sh', '#!/bin/sh\ntouch ran\n');
	let count = 0;
	const commit = (message: string, files: Readonly<Record<string, string>> = {[`file-${count++}`]: message}) => {
		for (const [name, text] of Object.entries(files)) write(name, text);
		git('add', '-A');
		git('commit', '-q', '--allow-empty', '--cleanup=verbatim', '-m', message);
		return git('rev-parse', 'HEAD');
	};
	return {directory, git, write, commit};
};

const release = (id: string, over: Partial<Release> = {}): Release => ({
	id,
	sha: id.length === 40 ? id : null,
	isLive: false,
	isPresent: true,
	wasHealthy: true,
	isBad: false,
	badBecause: null,
	migration: 'none',
	deployedAt: null,
	lastLiveAt: null,
	hosts: null,
	...over,
});

type Scene = Partial<Omit<PlanSources, 'settings'>> & {
	directory: string;
	live?: string | null;
	health?: boolean;
	events?: readonly JournalEvent[];
	settings?: (settings: Settings) => Settings;
};

const sources = ({live = null, health = true, events = [], settings = same => same, ...over}: Scene): PlanSources => {
	const records = events.map((event, index): JournalRecord => ({
		...event,
		v: 1,
		seq: index + 1,
		at: 1000 * (index + 1),
		previous: '',
		hash: '',
	}));
	const folded = foldRecords(nothingFolded, records);
	return {
		settings: settings({
			...defaultSettings,
			environments: ['staging', 'production'].map(name => ({
				...environmentDefaults(name),
				health: ['http://x/health'],
				version: ['http://x/version'],
			})),
		}),
		isReadOnly: false,
		clock: {now: () => 1_000_000, after: async () => {}},
		env,
		proveAgain: async () => null,
		journalProblem: () => null,
		pins: {all: () => [...folded.pins.values()], unreadable: () => null},
		folded: async () => folded,
		lock: async () => ({state: 'free'}),
		list: async () => ({releases: null, readAt: null, trouble: null}),
		observe: async ({name}) => ({
			environment: name,
			readAt: 1_000_000,
			instances: live === null ? [] : [{instance: 'web-1', version: live, health, because: '', latencyMs: 1}],
		}),
		...over,
	};
};

const deploy = (sha: string | null, environment = 'staging'): Exclude<Wish, {kind: 'promote'}> => ({
	kind: 'deploy',
	environment,
	sha,
});
const rollback = (
	over: {release?: string; insist?: boolean; stopping?: string; environment?: string} = {},
): Exclude<Wish, {kind: 'promote'}> => ({kind: 'rollback', environment: 'staging', release: null, ...over});

/** A deployment as the journal tells it. */
const deployed = (
	operation: string,
	from: string | null,
	to: string,
	outcome: 'succeeded' | 'interrupted' | 'running' = 'succeeded',
	kind: 'deploy' | 'rollback' = 'deploy',
): JournalEvent[] => {
	const ref = (sha: string) => ({release: sha, sha});
	return [
		{
			type: 'requested',
			operation,
			kind,
			environment: 'staging',
			from: from === null ? null : ref(from),
			to: ref(to),
			sha: to,
			operator: 'kim',
			host: 'desk',
			command: [],
			scriptKind: 'plain',
			planHash: '',
			usualSeconds: null,
			p95Seconds: null,
			phrase: null,
		},
		...(outcome === 'running'
			? []
			: [
					{
						type: 'finished' as const,
						operation,
						outcome,
						exitCode: 0,
						because: 'x',
						next: null,
						live: null,
						log: null,
					},
				]),
	];
};

test("commits that come and go, with reverts named, from the local repository where GitHub's history does not reach", async t => {
	const {directory, commit, git} = checkout(t);
	const first = commit('First');
	const second = commit('Second \u001B[31mred\u001B[0m');
	const third = commit('Revert "Second"\n\nThis reverts commit '.concat(second, '.'));
	const fourth = commit(`Back to what it was\n\nThis reverts commit ${third}.\n\u0001\u0002`);
	const plan = await makePlan(sources({directory, live: first}), deploy(fourth), []);
	assert.deepEqual(
		plan.coming?.map(({sha, message, isRevert}) => [sha, message, isRevert]),
		[
			[fourth, 'Back to what it was', true],
			[third, 'Revert "Second"', true],
			[second, 'Second red', false],
		],
	);
	assert.deepEqual(
		[plan.going, plan.from?.sha, plan.to, plan.blocked],
		[[], first, {release: fourth, sha: fourth}, null],
	);
	const back = await makePlan(sources({directory, live: fourth}), deploy(second.slice(0, 8)), []);
	assert.deepEqual([back.to?.sha, back.coming, back.going?.length], [second, [], 2]);
	assert.ok(back.warnings.includes('goes back by 2 commits'));
	git('checkout', '-q', '-b', 'side', first);
	const side = commit('Side');
	const across = await makePlan(sources({directory, live: second.slice(0, 7)}), deploy(side), []);
	assert.deepEqual([across.coming?.map(({sha}) => sha), across.going?.map(({sha}) => sha)], [[side], [second]]);
	const history = [
		{sha: fourth, message: 'By GitHub', isRevert: false},
		{sha: third, message: 'x', isRevert: true},
	];
	assert.deepEqual((await makePlan(sources({directory, live: third}), deploy(null), history)).coming, [history[0]]);
});

test('what nobody knows is null: no repository, no commit, names that are no names', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const plan = await makePlan(sources({directory, live: full('a')}), deploy(full('b')), []);
	assert.deepEqual([plan.coming, plan.going, plan.migration, plan.blocked], [null, null, 'unknown', null]);
	assert.ok(plan.warnings.includes('whether the scripts here are those of that commit is not known'));
	for (const name of ['--help', '-x', 'HEAD; rm', 'abc', 'master', ''])
		assert.equal((await makePlan(sources({directory}), deploy(name), [])).blocked?.exitCode, 2, name);
	assert.equal(existsSync(join(directory, 'ran')), false);
});

test('files of database changes are named; without any there is no migration', async t => {
	const {directory, commit} = checkout(t);
	const first = commit('First');
	const second = commit('Second');
	const third = commit('Third', {'prisma/migrations/0001_users/migration.sql': 'x', 'docs/migrations.md': 'x'});
	const none = await makePlan(sources({directory, live: first}), deploy(second), []);
	assert.equal(none.migration, 'none');
	const some = await makePlan(sources({directory, live: first}), deploy(third), []);
	assert.equal(some.migration, 'unknown');
	assert.ok(
		some.warnings.includes('database changes lie in between: prisma/migrations/0001_users/migration.sql'),
		some.warnings.join('\n'),
	);
});

test("scripts that are not the commit's own: said on staging, refused for production unless that is allowed", async t => {
	const {directory, commit, write} = checkout(t);
	const first = commit('First');
	const second = commit('Second', {'scripts/deploy.sh': '#!/bin/sh\n# better\n'});
	const differs = (plan: {warnings: readonly string[]}) =>
		plan.warnings.filter(warning => warning.startsWith('the scripts here are not'));
	assert.deepEqual(differs(await makePlan(sources({directory}), deploy(second), [])), []);
	assert.equal((await makePlan(sources({directory}), deploy(second, 'production'), [])).blocked, null);
	assert.deepEqual(differs(await makePlan(sources({directory}), deploy(first), [])), [
		'the scripts here are not those of that commit: scripts/deploy.sh',
	]);
	const refused = await makePlan(sources({directory}), deploy(first, 'production'), []);
	assert.deepEqual(
		[refused.blocked?.exitCode, /scripts\/deploy\.sh/.test(refused.blocked?.because ?? '')],
		[3, true],
	);
	const allowed = await makePlan(
		sources({directory, settings: settings => ({...settings, allowChangedScripts: true})}),
		deploy(first, 'production'),
		[],
	);
	assert.deepEqual([allowed.blocked, differs(allowed).length], [null, 1]);
	// Dirty, or a part that nobody committed.
	write('scripts/lib/part.sh', 'echo');
	assert.match(
		(await makePlan(sources({directory}), deploy(second, 'production'), [])).blocked?.because ?? '',
		/scripts\/lib\/part\.sh/,
	);
	// A rollback must work with whatever scripts there are.
	assert.equal(
		(
			await makePlan(
				sources({
					directory,
					live: second,
					events: [...deployed('1', null, first), ...deployed('2', first, second)],
				}),
				rollback(),
				[],
			)
		).blocked,
		null,
	);
});

test('a script at the top of the repository is compared alone', async t => {
	const {directory, commit, write} = checkout(t);
	write('deploy.sh', '#!/bin/sh\n');
	const first = commit('First');
	commit('Second');
	const top = (settings: Settings) => ({
		...settings,
		environments: settings.environments.map(each => ({...each, deploy: {...each.deploy, path: 'deploy.sh'}})),
	});
	assert.equal((await makePlan(sources({directory, settings: top}), deploy(first, 'production'), [])).blocked, null);
});

test('plain scripts: the release before, by our journal; what it never saw only by name and by insisting', async t => {
	const {directory, commit} = checkout(t);
	const [a, b, c] = [commit('A'), commit('B'), commit('C')];
	const scene = {directory, live: c, events: [...deployed('1', a, b), ...deployed('2', b, c)]};
	const plan = await makePlan(sources(scene), rollback(), []);
	assert.deepEqual(
		[plan.to?.sha, plan.command, plan.blocked, plan.phrase, plan.migration],
		[b, [join(directory, 'scripts/rollback.sh'), 'staging', b], null, null, 'unknown'],
	);
	assert.deepEqual(
		plan.going?.map(({sha}) => sha),
		[c],
	);
	const named = await makePlan(sources(scene), rollback({release: a.slice(0, 9)}), []);
	assert.match(named.blocked?.because ?? '', /not offered: nobody knows whether it was healthy/);
	const insisted = await makePlan(sources(scene), rollback({release: a.slice(0, 9), insist: true}), []);
	assert.deepEqual(
		[insisted.blocked, insisted.phrase, insisted.to?.sha, insisted.insists],
		[null, `staging ${a.slice(0, 7)} anyway`, a, true],
	);
	assert.equal((await makePlan(sources(scene), rollback({release: 'nonsense'}), [])).blocked?.exitCode, 2);
	assert.equal(
		(await makePlan(sources(scene), rollback({release: c}), [])).blocked?.because,
		`${c.slice(0, 7)} is not offered: it is live`,
	);
	const none = await makePlan(sources({directory, live: c}), rollback(), []);
	assert.deepEqual([none.blocked?.exitCode, none.to, none.command], [3, null, []]);
});

test('deployed again counts as newer; rolled back to does not', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const [a, b, c] = [full('a'), full('b'), full('c')];
	const again = await makePlan(
		sources({
			directory,
			live: a,
			events: [...deployed('1', null, a), ...deployed('2', a, b), ...deployed('3', b, a)],
		}),
		rollback(),
		[],
	);
	assert.equal(again.to?.sha, b);
	const events = [
		...deployed('1', null, a),
		...deployed('2', a, b),
		...deployed('3', b, c),
		...deployed('4', c, a, 'succeeded', 'rollback'),
	];
	const further = await makePlan(sources({directory, live: a, events}), rollback(), []);
	assert.deepEqual([further.to, further.blocked?.exitCode], [null, 3], 'neither C nor B: both came after');
	assert.ok(
		further.offers.every(({because, release: {id}}) => id === a || because === 'it came after the live release'),
	);
});

const contract = (place: ReturnType<typeof checkout>) => {
	for (const name of ['deploy', 'rollback'])
		place.write(`scripts/${name}.sh`, `#!/bin/sh\n${contractLine}\ntouch ran\n`);
	return place;
};

test('contract scripts: the target by its id, bad ones by their own phrase and with force', async t => {
	const {directory} = contract(checkout(t, {isRepository: false}));
	const releases = [
		release('20261124000003-ccccccc', {sha: full('c')}),
		release('20261124000002-bbbbbbb', {sha: full('b'), isBad: true, badBecause: 'slow'}),
		release('20261124000001-aaaaaaa', {sha: full('a')}),
	];
	const scene = {directory, live: full('c'), list: async () => ({releases, readAt: 1, trouble: null})};
	const plan = await makePlan(sources(scene), rollback({environment: 'production'}), []);
	assert.deepEqual(plan.command.slice(1), [
		'--env',
		'production',
		'--to',
		'20261124000001-aaaaaaa',
		'--run',
		plan.id,
	]);
	assert.deepEqual(
		[plan.from, plan.to, plan.phrase, plan.migration],
		[
			{release: '20261124000003-ccccccc', sha: full('c')},
			{release: '20261124000001-aaaaaaa', sha: full('a')},
			'production aaaaaaa',
			'none',
		],
	);
	const bad = await makePlan(sources(scene), rollback({release: 'bbbbbbb', insist: true}), []);
	assert.deepEqual(
		[bad.phrase, bad.command.includes('--force'), bad.blocked],
		['staging bbbbbbb is bad', true, null],
	);
	const pruned = await makePlan(sources(scene), rollback({release: '20251124000001-ddddddd'}), []);
	assert.deepEqual(
		[pruned.blocked?.exitCode, pruned.blocked?.next],
		[2, 'These can be used: 20261124000001-aaaaaaa.'],
	);
	// Pinned by somebody on another machine.
	const pins = {
		all: () => [
			{
				environment: 'staging',
				release: '20261124000001-aaaaaaa',
				sha: full('a'),
				by: 'lee',
				at: 1,
				because: 'leaks',
			},
		],
		unreadable: () => null,
	};
	assert.match(
		(await makePlan(sources({...scene, pins}), rollback(), [])).blocked?.because ?? '',
		/marked bad: leaks/,
	);
	assert.match(
		(await makePlan(sources({...scene, pins}), deploy(full('a')), [])).blocked?.because ?? '',
		/pinned out of staging: leaks \(lee\)/,
	);
	assert.match(
		(
			await makePlan(
				sources({...scene, pins: {all: () => [], unreadable: () => 'its pins cannot be read'}}),
				deploy(full('a')),
				[],
			)
		).blocked?.because ?? '',
		/pins cannot be read/,
	);
});

test('a list in the order of ids: what counts is when it was deployed last, what our own operations saw, and what the marks say now', async t => {
	const {directory} = contract(checkout(t, {isRepository: false}));
	const [a, b, c, d] = [full('a'), full('b'), full('c'), full('d')];
	// D failed and was never validated; A was deployed again last.
	const releases = [
		release('20261124000004-ddddddd', {sha: d, wasHealthy: false}),
		release('20261124000003-ccccccc', {sha: c, deployedAt: Date.UTC(2026, 10, 24, 0, 0, 30)}),
		release('20261124000002-bbbbbbb', {
			sha: b,
			wasHealthy: 'unknown',
			deployedAt: Date.UTC(2026, 10, 24, 0, 0, 20),
		}),
		release('20261124000001-aaaaaaa', {sha: a, deployedAt: Date.UTC(2026, 10, 24, 0, 1)}),
	];
	const mark = (operation: string): JournalEvent => ({
		type: 'marked-bad',
		operation,
		environment: 'staging',
		release: '20261124000003-ccccccc',
		sha: c,
		by: 'kim',
		because: 'slow',
	});
	const planWith = (events: readonly JournalEvent[]) =>
		makePlan(
			sources({directory, live: a, events, list: async () => ({releases, readAt: 1, trouble: null})}),
			rollback(),
			[],
		);
	const order = (await planWith([])).offers.map(({release: {id}}) => id.at(-1));
	assert.deepEqual(order, ['a', 'c', 'b', 'd']);
	assert.equal((await planWith([])).to?.sha, c);
	assert.equal((await planWith([mark('0')])).to, null, 'B was never seen healthy');
	assert.equal((await planWith([...deployed('1', null, b), mark('0')])).to?.sha, b, 'but for our own operation');
	assert.equal(
		(await planWith([mark('0'), ...deployed('1', b, c)])).to?.sha,
		c,
		'shipped again, and healthy this time',
	);
});

test("releases that cannot be listed: the remembered ones with their time, or else the script's own choice, never a refusal", async t => {
	const {directory} = contract(checkout(t, {isRepository: false}));
	const choice = await makePlan(
		sources({
			directory,
			live: full('c'),
			list: async () => ({releases: null, readAt: null, trouble: 'no route to web-1'}),
		}),
		rollback({environment: 'production'}),
		[],
	);
	assert.deepEqual(
		[choice.blocked, choice.to, choice.phrase, choice.command.slice(1)],
		[null, null, 'production rollback', ['--env', 'production', '--run', choice.id]],
	);
	assert.match(choice.warnings.join('\n'), /could not be listed \(no route to web-1\): the script itself chooses/);
	const releases = [
		release('20261124000003-ccccccc', {sha: full('c')}),
		release('20261124000001-aaaaaaa', {sha: full('a')}),
	];
	const remembered = await makePlan(
		sources({
			directory,
			live: full('c'),
			list: async () => ({releases, readAt: Date.parse('2026-11-24T01:02:03Z'), trouble: 'no route to web-1'}),
		}),
		rollback(),
		[],
	);
	assert.equal(remembered.to?.sha, full('a'));
	assert.match(remembered.warnings.join('\n'), /as of 2026-11-24T01:02Z/);
});

test('while a deployment runs: another is refused, a rollback stops it and goes back to what it leaves', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const [a, b, c] = [full('a'), full('b'), full('c')];
	const events = [...deployed('1', null, a), ...deployed('2', a, b), ...deployed('three', b, c, 'running')];
	const refused = await makePlan(sources({directory, live: b, events}), deploy(a), []);
	assert.deepEqual([refused.blocked?.exitCode, refused.blocked?.next], [6, 'deployctl attach three shows it.']);
	for (const live of [b, c]) {
		const plan = await makePlan(sources({directory, live, events}), rollback(), []);
		assert.deepEqual([plan.to?.sha, plan.stopping, plan.blocked, plan.from?.sha], [b, 'three', null, live]);
		assert.match(plan.warnings.join('\n'), /deploy three runs: it is stopped first/);
	}
	// The key was pressed twice: the rollback that runs is not stopped for itself.
	const back = [...deployed('1', null, a), ...deployed('2', a, b), ...deployed('three', b, a, 'running', 'rollback')];
	assert.equal((await makePlan(sources({directory, live: b, events: back}), rollback(), [])).blocked?.exitCode, 6);
	assert.equal(
		(await makePlan(sources({directory, live: b, events: back}), rollback({stopping: 'three'}), [])).stopping,
		'three',
	);
	// Nobody is stopped who does not run there.
	const over = await makePlan(
		sources({directory, live: b, events: events.slice(0, 4)}),
		rollback({stopping: '20261124T000000Z-deploy-production-ffff'}),
		[],
	);
	assert.deepEqual([over.stopping, over.to?.sha], [null, a]);
	assert.match(over.warnings.join('\n'), /does not run any more/);
});

test('an interrupted deployment is said, and a rollback goes to what it left', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const [a, b, c] = [full('a'), full('b'), full('c')];
	const events = [...deployed('1', null, a), ...deployed('2', a, b), ...deployed('3', b, c, 'interrupted')];
	for (const live of [c, b, null]) {
		const plan = await makePlan(sources({directory, live, events}), rollback(), []);
		assert.deepEqual([plan.to?.sha, plan.blocked], [b, null]);
		assert.match(plan.warnings.join('\n'), /the last operation was interrupted: x/);
	}
});

const lockRecord: LockRecord = {
	id: 'l-1',
	environment: 'staging',
	kind: 'human',
	operation: null,
	operator: 'lee',
	host: 'desk',
	reason: 'audit',
	createdAt: 1,
	leaseUntil: null,
	phase: null,
};

test('locks: held and unreadable ones block; one that nobody could ask about blocks deployments, not rollbacks', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const scene = {
		directory,
		live: full('b'),
		events: [...deployed('1', null, full('a')), ...deployed('2', full('a'), full('b'))],
	};
	const codes = async (lock: PlanSources['lock']) =>
		Promise.all(
			[deploy(full('c')), rollback()].map(
				async wish => (await makePlan(sources({...scene, lock}), wish, [])).blocked?.exitCode ?? null,
			),
		);
	assert.deepEqual(await codes(async () => ({state: 'free'})), [null, null]);
	assert.deepEqual(await codes(async () => ({state: 'unknown', because: 'GitHub does not answer'})), [5, null]);
	assert.deepEqual(await codes(async () => ({state: 'ambiguous', because: 'two at once'})), [6, 6]);
	assert.deepEqual(
		await codes(async () => ({
			state: 'held',
			where: 'github',
			lock: lockRecord,
			isStale: false,
			silentSeconds: null,
		})),
		[6, 6],
	);
	assert.deepEqual(
		await codes(async () => ({
			state: 'held',
			where: 'github',
			lock: {...lockRecord, kind: 'operation', operation: 'x'},
			isStale: true,
			silentSeconds: 99,
		})),
		[6, 6],
	);
	// Dead on this machine: the supervisor settles it before it begins.
	assert.deepEqual(
		await codes(async () => ({
			state: 'held',
			where: 'machine',
			lock: {...lockRecord, kind: 'operation', operation: 'x'},
			isStale: true,
			silentSeconds: 99,
		})),
		[null, null],
	);
});

test('wrong environments, read-only starts and unwritable journals are refused before anything else', async t => {
	const {directory} = checkout(t, {isRepository: false});
	const blocked = async (over: Partial<Scene>, wish = deploy(full('b'))) =>
		(await makePlan(sources({directory, live: full('a'), ...over}), wish, [])).blocked?.exitCode;
	assert.equal(await blocked({}, deploy(full('b'), 'Production')), 2);
	assert.equal(await blocked({isReadOnly: true}), 3);
	assert.equal(await blocked({journalProblem: () => 'disk full'}), 1);
	assert.equal(await blocked({proveAgain: null}, deploy(full('b'), 'production')), 4);
});

test('the hash: the same while nothing that was shown changes, another as soon as something does', async t => {
	const {directory} = checkout(t, {isRepository: false});
	let now = 1_000_000;
	const scene = {directory, live: full('a'), clock: {now: () => (now += 5000), after: async () => {}}};
	const hashOf = async (over: Partial<Scene> = {}, wish = deploy(full('b'))) =>
		(await makePlan(sources({...scene, ...over}), wish, [])).hash;
	const usual = await hashOf();
	assert.equal(await hashOf(), usual);
	const others = [
		await hashOf({live: full('c')}),
		await hashOf({health: false}),
		await hashOf({}, deploy(full('d'))),
		await hashOf({}, deploy(full('b'), 'production')),
		await hashOf({isReadOnly: true}),
		await hashOf({lock: async () => ({state: 'unknown', because: 'x'})}),
		await hashOf({events: deployed('1', null, full('c'), 'running')}),
	];
	assert.equal(new Set([usual, ...others]).size, others.length + 1);
});

test('ids of operations sort by time and are names of folders, whatever the environment is called', () => {
	for (const environment of ['staging', 'eu/west 1', '../../etc', 'ünïcode', 'x'.repeat(300)])
		assert.ok(isOperationId(newOperationId(1, 'deploy', environment)), environment);
	assert.ok(newOperationId(1000, 'rollback', 'a') < newOperationId(2000, 'deploy', 'a'));
});

test('a lock of somebody else on GitHub, and one that cannot be read, stops a deployment; a rollback goes past it with a phrase of its own', async t => {
	const {directory} = checkout(t);
	const to = release(full('a'), {deployedAt: 1, lastLiveAt: 1});
	const list = async () => ({
		releases: [release(full('b'), {isLive: true, deployedAt: 2}), to],
		readAt: 1,
		trouble: null,
	});
	const record: LockRecord = {
		id: 'forged-lock',
		environment: 'staging',
		kind: 'operation',
		operation: 'x',
		operator: 'cto',
		host: 'h',
		reason: 'promoting',
		createdAt: 1,
		leaseUntil: 2,
		phase: null,
		author: {login: 'mallory', isVerified: false},
	};
	const planned = (lock: LockState, wish: Exclude<Wish, {kind: 'promote'}>) =>
		makePlan(sources({directory, live: full('b'), lock: async () => lock, list}), wish, []);
	const held: LockState = {state: 'held', lock: record, where: 'github', isStale: false, silentSeconds: null};
	const nonsense: LockState = {
		state: 'ambiguous',
		because: 'something unreadable stands there',
		where: 'github',
		author: null,
	};
	for (const [lock, phrase, said] of [
		[held, 'staging aaaaaaa past lock forged-loc', /locked by cto \(GitHub: mallory\)/],
		[nonsense, 'staging aaaaaaa past lock unreadable', /cannot be read/],
	] as const) {
		const blocked = await planned(lock, rollback());
		assert.deepEqual([blocked.blocked?.exitCode, blocked.canPassLock, blocked.passedLock], [6, true, null]);
		assert.match(blocked.blocked!.because, said);
		assert.match(blocked.blocked!.next, /--past-lock/);
		const past = await planned(lock, {kind: 'rollback', environment: 'staging', release: null, pastLock: true});
		assert.deepEqual([past.blocked, past.phrase], [null, phrase]);
		assert.notEqual(past.hash, blocked.hash);
		assert.ok(
			past.warnings.some(warning =>
				/goes past the lock of (cto \(GitHub: mallory\)|nobody that GitHub names), which stays/.test(warning),
			),
		);
		assert.equal((await planned(lock, deploy(null))).canPassLock, undefined);
	}
	for (const lock of [
		{...held, where: 'machine'},
		{...held, where: 'both'},
		{...nonsense, where: 'machine'},
	] as const) {
		const refused = await planned(lock, {kind: 'rollback', environment: 'staging', release: null, pastLock: true});
		assert.deepEqual(
			[refused.blocked?.exitCode, refused.canPassLock],
			[6, undefined],
			'two operations on one machine are never at it at once',
		);
	}
	const free = await planned(
		{state: 'free'},
		{kind: 'rollback', environment: 'staging', release: null, pastLock: true},
	);
	assert.deepEqual([free.blocked, free.phrase], [null, null], 'nothing is there to go past');
});
