/** Press and look: what runs and what ran, its log, and what environments tell of themselves. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {conditionOf, driftOf} from '../source/state/questions/operation-select.ts';
import type {Effect, Message} from '../source/state/model/messages.ts';
import {initialState, type State} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {observableSettings, openApp} from './helpers/app.ts';
import {repository, start} from './helpers/facts.ts';
import {fakeOperations, offer} from './helpers/fake-operations.ts';
import {type App, footerOf, newest, openOperator} from './helpers/operator.ts';
import {virtualClock} from './helpers/virtual-clock.ts';
import {runs} from './helpers/fuzz.ts';

const id = '20261123T090000Z-deploy-production-aaaa';
const begin = async (app: App, lines: number) => {
	app.operations.begins({
		id,
		kind: 'deploy',
		environment: 'production',
		to: {release: newest(app), sha: newest(app)},
	});
	app.operations.prints(
		id,
		...Array.from({length: lines}, (_, index) => `line ${index + 1}${index % 100 === 41 ? ' Needle' : ''}`),
	);
	await app.advance(1000);
};
const logOf = (app: App): readonly string[] =>
	app
		.screen()
		.split(/─ Log ─.*\n/)[1]!
		.split('\n')
		.slice(0, -1)
		.map(line => line.slice(1));

test('what runs from before is said at the start, and A shows it live from its first line', async t => {
	const app = await openOperator(t, {
		operations: {
			prepare(operations) {
				operations.begins({
					id,
					kind: 'deploy',
					environment: 'production',
					to: {release: 'a'.repeat(40), sha: 'a'.repeat(40)},
					operator: 'mira',
				});
				operations.prints(id, 'first line');
			},
		},
	});
	assert.match(app.screen(), /Deployment of aaaaaaa to production runs for \d+s \(A attaches\), by mira/);
	await app.press('A');
	assert.deepEqual(logOf(app).slice(0, 1), ['first line']);
	assert.doesNotMatch(app.screen(), /A attaches/, 'not where it is in view anyway');
	app.operations.prints(id, 'second line');
	await app.advance(300);
	assert.deepEqual(logOf(app).slice(0, 2), ['first line', 'second line']);
	app.operations.steps(
		id,
		[
			{
				name: 'verify',
				host: 'web-1',
				status: 'running',
				startedAt: app.clock.now() - 3000,
				finishedAt: null,
				note: 'try=3/100 code=503',
			},
		],
		'Deploying aaaaaaa to production: verify',
	);
	await app.advance(300);
	assert.match(app.screen(), /● verify +web-1 +3\.\ds {2}try=3\/100 code=503/);
	app.operations.ends(id, 'succeeded', 'aaaaaaa runs on production: every instance reports it and is healthy');
	await app.advance(300);
	assert.match(app.screen(), /✔ succeeded \(exit 0\)/);
	assert.match(app.screen(), /✔ aaaaaaa runs on production: every instance reports it and is healthy\./);
	await app.press('A');
	assert.match(footerOf(app), /watch: nothing runs now\. O lists what has run\./);
});

test('the end of an operation is said wherever the operator is', async t => {
	const app = await openOperator(t);
	await begin(app, 3);
	assert.match(footerOf(app), /Deployment of ba1e5d9 to production has begun, by ada\. A watches\./);
	app.operations.ends(id, 'rolled-back', 'ba1e5d9 failed (health); production is back on cdc3fb4');
	await app.advance(1000);
	assert.match(footerOf(app), /rolled-back: ba1e5d9 failed \(health\); production is back on cdc3fb4\./);
});

test('the log follows, stands still while one scrolls, and follows again', async t => {
	const app = await openOperator(t, {rows: 24});
	await begin(app, 1000);
	await app.press('A');
	const last = () => logOf(app).at(-1);
	assert.equal(last(), 'line 1000');
	app.operations.prints(id, 'line 1001');
	await app.advance(300);
	assert.equal(last(), 'line 1001');
	await app.press('k', 'k');
	assert.equal(last(), 'line 999');
	app.operations.prints(id, 'line 1002', 'line 1003');
	await app.advance(500);
	assert.equal(last(), 'line 999', 'it stands still');
	assert.match(app.screen(), /line 9\d\d · 1,003 lines/);
	await app.press('g');
	assert.equal(logOf(app)[0], 'line 1');
	await app.press('pagedown', 'j');
	assert.equal(logOf(app)[0], `line ${logOf(app).length + 1}`);
	for (let page = 0; page < 20; page++) await app.press('pagedown');
	const top = Number(logOf(app)[0]!.slice(5));
	assert.deepEqual(
		logOf(app),
		logOf(app).map((_, row) => `line ${top + row}`.replace(/^line (\d*42)$/, 'line $1 Needle')),
		'no line is lost or blank',
	);
	await app.press('f');
	assert.equal(last(), 'line 1003');
	await app.press('k', 'G');
	assert.equal(last(), 'line 1003');
	assert.match(app.screen(), /following · 1,003 lines/);
});

test('search in the log: the newest hit first, n and N go round, with the count', async t => {
	const app = await openOperator(t, {rows: 24});
	await begin(app, 1000);
	await app.press('A');
	await app.press('/', ...'needle');
	assert.match(footerOf(app), / \/needle/);
	await app.press('enter');
	assert.match(app.screen(), /\/needle 10\/10 · line 9/);
	assert.ok(logOf(app).some(line => line === 'line 942 Needle'));
	assert.match(app.screen(), /▸line 942 Needle/);
	await app.press('n');
	assert.match(app.screen(), /▸line 42 Needle/);
	assert.match(app.screen(), /\/needle 1\/10/);
	await app.press('n');
	assert.match(app.screen(), /▸line 142 Needle/);
	await app.press('N');
	await app.press('N');
	assert.match(app.screen(), /▸line 942 Needle/);
	await app.press('/', ...'nowhere', 'enter');
	assert.match(footerOf(app), /No line has "nowhere"/);
	assert.equal(app.state().view.place.name, 'operation');
	await app.press('/', 'enter');
	assert.equal(app.state().log!.search, null, 'an empty search is none');
});

test('long lines: cut, shifted, wrapped; nothing of them is lost', async t => {
	const app = await openOperator(t, {columns: 80, rows: 24});
	await begin(app, 0);
	const long = Array.from({length: 40}, (_, index) => `part${String(index).padStart(2, '0')}`).join(' ');
	app.operations.prints(id, 'short', `${long} end`);
	await app.press('A');
	await app.advance(300);
	assert.match(logOf(app)[1]!, /^part00 .*…$/);
	await app.press('l', 'l');
	assert.match(logOf(app)[1]!, /^5 part06 /);
	assert.match(app.screen(), /from column 41/);
	await app.press('w');
	assert.equal(
		logOf(app)
			.slice(1)
			.map(line => line.padEnd(78))
			.join('')
			.trimEnd(),
		`${long} end`,
	);
	await app.press('w', 'h');
	assert.match(logOf(app)[1]!, /^part00/);
});

test('an interrupted operation is said until it is looked at', async t => {
	const app = await openOperator(t);
	await begin(app, 3);
	app.operations.ends(id, 'interrupted', 'The script is gone, and nobody saw how it ended', {next: 'verify'});
	await app.advance(120_000);
	assert.match(
		app.screen(),
		/▲ Deployment of ba1e5d9 to production was interrupted \dm ago, O shows it: The script is gone, and nobody saw how it e/,
	);
	await app.press('O', 'enter');
	await app.press('esc', 'esc');
	assert.doesNotMatch(app.screen(), /was interrupted/);
	assert.equal(app.state().view.place.name, 'board');
});

test('environments: unhealthy, mixed, flapping, blind, deployed past us; unknown is never healthy', async t => {
	const app = await openOperator(t);
	const production = app.operations.site('production');
	const condition = () => conditionOf(app.state(), 'production');
	assert.equal(condition(), 'healthy');
	production.health = false;
	await app.advance(6000);
	assert.equal(condition(), 'unhealthy');
	assert.match(app.screen(), /✖ production cdc3fb4 unhealthy 0\/2/);
	assert.match(app.screen(), /▲ production is unhealthy for \d+s: 503 \(2 of 2\)\. B rolls back to 60630b3\./);
	for (const health of [true, false, true, false]) {
		production.health = health;
		await app.advance(2000);
	}
	assert.equal(condition(), 'flapping');
	production.health = true;
	await app.advance(60_000);
	assert.equal(condition(), 'healthy');
	production.instances = [
		{instance: 'web-1', version: null, health: 'unknown', because: 'ECONNREFUSED', latencyMs: null},
	];
	await app.advance(20_000);
	assert.equal(condition(), 'blind');
	assert.match(app.screen(), /\? production cdc3fb4 blind for \d+s/);
	production.instances = [
		{instance: 'web-1', version: null, health: 'unknown', because: 'timeout', latencyMs: null},
		{instance: 'web-2', version: production.version, health: true, because: '200', latencyMs: 5},
	];
	await app.advance(6000);
	assert.equal(condition(), 'unknown');
	production.instances = null;
	production.version = 'e'.repeat(40);
	await app.advance(12_000);
	assert.match(app.screen(), /▲ production runs eeeeeee, deployed past deployctl: cdc3fb4 was expected\./);
	app.operations.had({
		id: '20261123T080000Z-deploy-production-cccc',
		kind: 'deploy',
		environment: 'production',
		outcome: 'succeeded',
		to: {release: 'e'.repeat(40), sha: 'e'.repeat(40)},
	});
	await app.advance(1000);
	assert.doesNotMatch(app.screen(), /past deployctl/, 'the journal knows it');
});

test('an environment that still reports the release before is not yet there for five minutes, then behind, and never deployed past us', async t => {
	const app = await openOperator(t, {scenario: 'quiet'});
	const staging = app.operations.site('staging');
	const {sha, beforeSha, deployedAt} = app.state().snapshot!.environments.find(({name}) => name === 'staging')!;
	assert.ok(sha !== null && beforeSha !== null && sha !== beforeSha);
	const [runs, wanted] = [beforeSha.slice(0, 7), sha.slice(0, 7)];
	staging.version = beforeSha;
	await app.advance(12_000);
	// By GitHub's record, whose deployment ended longer ago.
	assert.ok(app.state().now - deployedAt! > 5 * 60_000);
	assert.match(app.screen(), new RegExp(`▲ staging runs ${runs}, the release before: ${wanted} was expected\\.`));
	const ref = (of: string) => ({release: of, sha: of});
	app.operations.had({
		id: '20261123T080000Z-deploy-staging-cccc',
		kind: 'deploy',
		environment: 'staging',
		outcome: 'succeeded',
		from: ref(beforeSha),
		to: ref(sha),
		finishedAt: app.clock.now(),
	});
	await app.advance(3000);
	const drift = () => driftOf(app.state(), 'staging');
	assert.equal(drift()?.kind, 'not-yet');
	assert.match(
		app.screen(),
		new RegExp(`staging still reports ${runs}, not yet ${wanted}, which was deployed \\ds ago\\.`),
	);
	assert.doesNotMatch(app.screen(), /past deployctl/);
	await app.advance(6 * 60_000);
	assert.equal(drift()?.kind, 'before');
	staging.version = 'e'.repeat(40);
	await app.advance(12_000);
	assert.equal(drift()?.kind, 'foreign');
	assert.match(app.screen(), new RegExp(`staging runs eeeeeee, deployed past deployctl: ${wanted} was expected`));
	staging.version = sha;
	await app.advance(12_000);
	assert.equal(drift(), null);
});

test('after production was rolled back, header, list and environments tell what it runs, not what its branch has', async t => {
	const app = await openOperator(t, {scenario: 'quiet'});
	const {candidates, branches} = app.state().snapshot!;
	const at = candidates.findIndex(({sha}) => sha === branches.production.sha);
	const older = candidates[at + 1]!.sha;
	const rowOf = (sha: string) =>
		app
			.screen()
			.split('\n')
			.find(line => /^│ [ ▸]/.test(line) && line.slice(3).startsWith(sha.slice(0, 7)))!
			.split('│')[1]!;
	assert.match(rowOf(candidates[at]!.sha), /production .*in prod/);
	assert.doesNotMatch(app.screen().split('\n')[0]!, /behind/);
	app.operations.site('production').version = older;
	app.operations.had({
		id: '20261123T080000Z-rollback-production-cccc',
		kind: 'rollback',
		environment: 'production',
		outcome: 'succeeded',
		to: {release: older, sha: older},
	});
	await app.advance(6000);
	assert.match(app.screen().split('\n')[0]!, new RegExp(`develop → main ${at} ahead, production ${at + 1} behind`));
	assert.match(
		app.screen(),
		new RegExp(
			`production ${older.slice(0, 7)} healthy.* ${at + 1} behind[\\s\\S]*main is at ${branches.production.sha!.slice(0, 7)}`,
		),
	);
	assert.match(rowOf(older), /production .*in prod/);
	assert.doesNotMatch(rowOf(candidates[at]!.sha), /production|in prod|older/);
	// It may go again, as its plan says too; a rollback of ours pins it.
	assert.match(rowOf(candidates[at]!.sha), / ready /);
	assert.match(rowOf(candidates[at + 2]!.sha), / older /);
	app.operations.pinned({
		environment: 'production',
		release: candidates[at]!.sha,
		sha: candidates[at]!.sha,
		by: 'mira',
		at: app.state().wallNow,
		because: 'rolled back',
	});
	await app.advance(1000);
	assert.match(rowOf(candidates[at]!.sha), / pinned /);
});

test('the gate knows lock, pins and health of production as soon as operations do', async t => {
	const app = await openOperator(t);
	await app.advance(20_000);
	await app.press('p');
	assert.match(app.screen(), /✔ unlocked +production is not locked/);
	assert.match(app.screen(), /✔ healthy +production is healthy \(2 instances\)/);
	app.operations.locked('production', {operator: 'mira', reason: 'audit'});
	await app.advance(1000);
	assert.match(app.screen(), /✖ unlocked +locked by mira for \ds: audit/);
});

test('GitHub says nothing: environments are told all the same, and a rollback is at hand', async t => {
	const app = await openApp(
		{
			columns: 80,
			rows: 24,
			token: 'nobody',
			operations: {
				prepare(operations) {
					operations.site('production').version = 'a'.repeat(40);
					operations.offers('production', [
						offer('a'.repeat(40), 'it is live', {release: {isLive: true}}),
						offer('b'.repeat(40), 'the newest before it that was healthy', {
							offered: true,
							isDefault: true,
						}),
					]);
				},
			},
		},
		t,
	);
	await app.settled();
	await app.advance(3000);
	assert.equal(app.state().snapshot, null);
	assert.match(app.screen(), /✔ production aaaaaaa healthy 2\/2 · rollback ready to bbbbbbb ✔/);
	await app.press('B');
	await app.type(['enter', 'enter']);
	assert.match(app.screen(), /aaaaaaa → bbbbbbb[\s\S]*Type production bbbbbbb and press Enter/);
});

test('closing the place closes the log; each loop has one wait under way, whatever is pressed', async t => {
	const app = await openOperator(t);
	await begin(app, 200);
	// Poll, tick, the journal's watch, refresh, two environments.
	const loops = 6;
	for (const key of [
		'A',
		'k',
		'g',
		'w',
		'l',
		'/',
		'esc',
		'f',
		'O',
		'enter',
		'esc',
		'esc',
		'B',
		'esc',
		'D',
		'j',
		'enter',
		'esc',
		'L',
		'esc',
		'R',
		'S',
		'esc',
		'p',
		'esc',
	]) {
		await app.press(key);
		await app.advance(730);
		const inLog = app.state().log === null ? 0 : 1;
		assert.ok(
			app.clock.waiting() <= loops + 1 + inLog && app.clock.waiting() >= loops + inLog,
			`${app.clock.waiting()} waits after ${key}`,
		);
	}
	assert.equal(app.state().log, null);
	assert.ok(app.operations.calls.includes(`close ${id}`));
});

test('for ears: environments, what runs, the plan and what is asked, in sentences', async t => {
	const app = await openOperator(t);
	const said = () => linearLines(app.state()).join('\n');
	assert.match(said(), /production is healthy, reports cdc3fb4\./);
	assert.match(said(), /Rollback of production is ready, to 60630b3\./);
	await app.press('D');
	assert.match(said(), /For which environment\? 2 choices\.\nChosen: staging\./);
	await app.type(['j', 'enter']);
	await app.advance(1000);
	assert.match(
		said(),
		/Deploy to production: from cdc3fb4 to ba1e5d9\.\nCommand: scripts\/deploy\.sh --env production/,
	);
	assert.match(
		said(),
		/Commits that come: 6\.\nCommits that go: 0\.\nMigration: none\. Now: cdc3fb4, healthy\. Lock: free\.\nType production ba1e5d9, then Enter\. Typed: nothing\./,
	);
	await app.press('esc');
	await begin(app, 3);
	assert.match(said(), /Deployment of ba1e5d9 to production runs \(A attaches\), by ada\./);
	await app.press('A');
	await app.advance(300);
	assert.match(
		said(),
		/Deployment of ba1e5d9 to production, by ada: running\. [\s\S]*Log, 3 lines, at its end:\nline 1/,
	);
	const before = said();
	await app.advance(5000);
	assert.equal(said(), before, 'nothing ticks');
	await app.press('O');
	assert.match(said(), /Operation 1 of 1\.\nChosen: Deployment of ba1e5d9 to production, by ada: running\./);
});

const fake = fakeOperations(virtualClock(start));
fake.begins({id, kind: 'deploy', environment: 'production'});
const reading = await fake.world.read();
const observations = await Promise.all(['staging', 'production'].map(async name => fake.world.observe(name)));
const at = fc.integer({min: 0, max: 3_600_000}).map(offset => ({now: start, wallNow: start + offset}));
/** Of the question under way, or of an earlier one. */
const generationOf = (isLate: boolean, newest: number | undefined) => (newest ?? 0) - (isLate ? 1 : 0);
type Happening = (state: State) => Message;
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
	fc
		.constantFrom('A', 'O', 'D', 'B', 'L', 'esc', 'enter', 'j', 'k', 'g', 'G', 'f', 'w', '/', 'n')
		.map((key): Happening => () => ({type: 'key-pressed', key})),
	fc.tuple(at, fc.boolean()).map(([times, isLate]): Happening => ({operations}) => ({
		type: 'operations-read',
		generation: generationOf(isLate, operations.generation),
		reading,
		...times,
	})),
	fc.tuple(at, fc.boolean()).map(([times, isLate]): Happening => ({operations}) => ({
		type: 'operations-changed',
		generation: generationOf(isLate, operations.generation),
		...times,
	})),
	fc.tuple(at, fc.boolean()).map(([times, isLate]): Happening => ({operations}) => ({
		type: 'operations-refreshed',
		generation: generationOf(isLate, operations.refresh.generation),
		...times,
	})),
	fc
		.tuple(at, fc.boolean(), fc.constantFrom(...observations))
		.map(([times, isLate, observation]): Happening => ({operations}) => ({
			type: 'observed',
			generation: generationOf(isLate, operations.observed[observation.environment]?.generation),
			observation,
			...times,
		})),
	fc.tuple(at, fc.boolean()).map(([times, isLate]): Happening => ({log}) => ({
		type: 'log-read',
		generation: generationOf(isLate, log?.generation),
		operation: id,
		size: {lines: 90, bytes: 900, isWhole: false},
		from: 0,
		lines: Array.from({length: 90}, String),
		...times,
	})),
);

test('property: each loop has exactly one wait or question under way, and only its newest generation counts', () => {
	let loops = 0;
	fc.assert(
		fc.property(fc.array(anyHappening, {maxLength: 60}), happenings => {
			let state = initialState({
				repository,
				settings: observableSettings,
				preferences: defaultPreferences,
				demo: null,
				readOnly: false,
				columns: 80,
				rows: 24,
				now: start,
				wallNow: start,
			});
			const slots = new Map<string, Effect & {generation: number}>();
			for (const happening of [(): Message => ({type: 'started', cached: null}), ...happenings]) {
				const [next, effects] = update(state, happening(state));
				state = next;
				for (const effect of effects) {
					if (effect.type === 'read-operations' || effect.type === 'watch-operations')
						slots.set('operations', effect);
					if (effect.type === 'refresh-operations') slots.set('refresh', effect);
					if (effect.type === 'observe') slots.set(effect.environment, effect);
					if (effect.type === 'read-log') slots.set('log', effect);
					if (effect.type === 'close-log') slots.delete('log');
				}
				const {operations, log} = state;
				assert.equal(slots.get('operations')!.generation, operations.generation);
				assert.equal(
					slots.get('operations')!.type,
					operations.phase === 'reading' ? 'read-operations' : 'watch-operations',
				);
				if (operations.availability === 'present') {
					assert.equal(slots.get('refresh')!.generation, operations.refresh.generation);
					for (const name of ['staging', 'production'])
						assert.equal(slots.get(name)!.generation, operations.observed[name]!.generation);
					loops++;
				}
				assert.equal(slots.get('log')?.generation ?? null, log?.generation ?? null);
			}
		}),
		runs(1500),
	);
	assert.ok(loops > 1000, `only ${loops} times there were operations`);
});
