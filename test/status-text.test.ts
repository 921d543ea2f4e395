/** `deployctl status` at 3 a.m.: what is unhealthy and why, who holds what, what runs, what blocks and what to do; as text, as JSON and as an exit code. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test, type TestContext} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import {runStatus, type StatusFlags} from '../source/commands/look/status.ts';
import {plainLook, type TextLook} from '../source/commands/look/status-text.ts';
import type {statusReport} from '../source/core/snapshot/report.ts';
import {healthReason, healthState} from '../source/core/operations/situation.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {widthOf} from '../source/ui/lines/text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {observableSettings, simulatedWorld} from './helpers/app.ts';
import {type FakeOperations, fakeOperations, offer} from './helpers/fake-operations.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

type Report = ReturnType<typeof statusReport>;
type EnvironmentReport = Report['environments'][string] & {
	health: {state: string; because: string};
	lock: {state: string};
	pins: unknown[];
	running: {by: string} | null;
	needsHuman: unknown;
};

const schema = JSON.parse(readFileSync(new URL('../docs/status.schema.json', import.meta.url), 'utf8')) as object;
const dark = lookOf(
	{theme: 'dark', density: 'comfortable', symbols: 'unicode', motion: 'full', terminal: 'full'},
	'dark',
	0,
).colours;

/** The demo's pipeline nine minutes in, and environments as `prepare` makes them. */
const stage = async (
	t: TestContext,
	prepare: (operations: FakeOperations, now: number) => void = () => {},
	name = 'release',
) => {
	const scenario = scenarioNamed(name);
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	t.after(() => simulator.close());
	const begin = Date.parse(scenario.startsAt);
	const {world, repository, settled} = simulatedWorld(
		simulator,
		scenario,
		{},
		settledBy => (clock = virtualClock(begin, settledBy)),
	);
	await clock.advance(9 * 60_000);
	const operations = fakeOperations(clock);
	prepare(operations, clock.now());
	world.operations = operations.world;
	const look = async (
		flags: Partial<StatusFlags> = {},
		style: TextLook = plainLook,
	): Promise<{text: string; exitCode: number}> => {
		let text = '';
		const run = runStatus(
			world,
			{repository, settings: observableSettings},
			{json: false, sha: null, ...flags},
			{
				write: written => {
					text += written;
				},
				error: () => {},
			},
			style,
		);
		const ended = run.then(
			() => true,
			() => true,
		);
		// Production is asked several times, with pauses.
		for (let turn = 0; turn < 40 && !(await Promise.race([ended, settled().then(() => false)])); turn++)
			await clock.advance(200);
		return {text, exitCode: await run};
	};
	return {look, simulator, world};
};

const live = 'ba1e5d94a4cd2f2c90a9901217ab5b4f5563e892';
const older = 'cdc3fb456dfe386c4ea58022649b95d8e9b965f2';
const broken = (operations: FakeOperations, now: number): void => {
	Object.assign(operations.site('staging'), {
		instances: [
			{instance: 'web-1', version: live, health: true, because: 'HTTP 200', latencyMs: 9},
			{instance: 'web-2', version: live, health: false, because: 'HTTP 503', latencyMs: 7},
		],
	});
	operations.site('production').version = older;
	operations.locked('production', {
		id: 'n1',
		operator: 'mona',
		reason: 'frozen for the audit',
		createdAt: now - 240_000,
	});
	operations.pinned({
		environment: 'staging',
		release: '7a86ad4',
		sha: '7a86ad4',
		by: 'lena',
		at: now - 7_200_000,
		because: 'its toolbar was unhealthy',
	});
	operations.begins({
		id: '20261123T090800Z-rollback-staging-1f9c',
		kind: 'rollback',
		environment: 'staging',
		operator: 'kim',
		host: 'desk',
		startedAt: now - 12_000,
		because: 'switching to 1dfa83c',
	});
};

test('the reason of bad health, whose lock, what runs and with whom, pins, why the gate is blocked and what next', async t => {
	const {look} = await stage(t, broken);
	const {text, exitCode} = await look();
	assert.equal(exitCode, 0);
	const expected = [
		/^staging {5}ba1e5d9 for \d+m, UNHEALTHY: web-2 HTTP 503 \(1 of 2 instances\)$/m,
		/^ {12}running: Rollback of staging.*, by kim on desk for 1[2-4]s: switching to 1dfa83c\. deployctl attach shows it\.$/m,
		/^ {12}pinned by lena 2h ago: 7a86ad4: its toolbar was unhealthy\. deployctl unpin staging -m REASON allows it again\.$/m,
		/^production {2}cdc3fb4 for \d+h, healthy \(2 instances\)$/m,
		/^ {12}locked by mona on laptop for 4m: frozen for the audit\.$/m,
		/^ba1e5d9 {2}Fast tests passed .*; waiting \(\d+ of \d+ met\) {2}Autosave/m,
		/^ {9}not met: E2E: still running \(run \d+\)\.$/m,
		/^ {9}not met: locked by mona .*: frozen for the audit\. Ask mona\.$/m,
		/^cdc3fb4 {2}.*; in production {2}Key/m,
	];
	for (const line of expected) assert.match(text, line);
	assert.doesNotMatch(text, /\u001B|undefined|gate shut/);
	assert.equal(text.match(/^ {9}not met: E2E/gm)!.length, 1, 'older commits have no reasons of their own');
});

test('bad health with nothing done about it names the way back; what production has had is not blocked', async t => {
	const sick = (operations: FakeOperations): void => {
		operations.site('production').version = older;
		operations.site('staging').health = false;
	};
	const unknown = (await (await stage(t, sick)).look()).text;
	assert.match(
		unknown,
		/^staging .*UNHEALTHY: web-1 503, web-2 503 \(2 of 2 instances\)\n {12}deployctl rollback staging --dry-run says where it can go back to\.$/m,
	);
	assert.match(unknown, /^cdc3fb4 .*; in production {2}/m);
	assert.match(unknown, /^3fc62f6 .*; older than production {2}/m);
	assert.match(unknown, /^733ae8f .*; blocked \(\d+ of \d+ met\) {2}/m);
	const known = (
		await (
			await stage(t, operations => {
				sick(operations);
				operations.offers('staging', [offer('1dfa83c', 'healthy', {offered: true, isDefault: true})]);
			})
		).look()
	).text;
	assert.match(known, /^ {12}deployctl rollback staging goes back to 1dfa83c\.$/m);
	const gone = (
		await (
			await stage(t, operations => {
				sick(operations);
				operations.locked(
					'staging',
					{id: 'n2', kind: 'operation', operator: 'kim', host: 'desk', reason: 'deploying', operation: 'x'},
					true,
				);
			})
		).look()
	).text;
	assert.match(
		gone,
		/left locked by kim on desk 0s ago, silent since: deploying\. Look at it, then: deployctl unlock staging --break n2 -m REASON$/m,
	);
});

test('on a terminal it is coloured and wrapped at words; what it says is the same', async t => {
	const {look} = await stage(t, broken);
	const plain = (await look()).text;
	const shown = (await look({}, {colours: dark, columns: 80})).text;
	const bare = shown.replaceAll(/\u001B\[[\d;]*m/g, '');
	for (const line of bare.split('\n')) assert.ok(widthOf(line) <= 80, line);
	assert.match(shown, /\u001B\[1;31mUNHEALTHY/);
	const words = (text: string): string[] =>
		text
			.replaceAll(/\d+:\d\d:\d\d|\d+m\d\ds|\b1\ds/g, 'TIME')
			.split(/\s+/)
			.filter(word => word !== '');
	assert.deepEqual(words(bare), words(plain), 'no word is cut, and none is missing');
	assert.ok(
		plain.split('\n').some(line => line.length > 100),
		'a pipe gets whole lines',
	);
});

test('--json has the same, and keeps to its schema', async t => {
	const ajv = new Ajv2020({allErrors: true});
	addFormats.default(ajv);
	const validate = ajv.compile(schema);
	const {look} = await stage(t, broken);
	const report = JSON.parse((await look({json: true})).text) as Report;
	assert.ok(validate(report), JSON.stringify(validate.errors));
	const {staging, production} = report.environments as unknown as {
		staging: EnvironmentReport;
		production: EnvironmentReport;
	};
	assert.deepEqual(
		[staging.health.state, staging.health.because, staging.running?.by, staging.pins.length, staging.needsHuman],
		['unhealthy', 'web-2 HTTP 503 (1 of 2 instances)', 'kim', 1, null],
	);
	assert.deepEqual(
		[production.health.state, production.lock, production.running],
		[
			'healthy',
			{
				state: 'held',
				id: 'n1',
				kind: 'human',
				by: 'mona',
				host: 'laptop',
				reason: 'frozen for the audit',
				since: '2026-11-23T09:05:00.000Z',
				silent: false,
				operation: null,
			},
			null,
		],
	);
	assert.ok(
		!validate({
			...report,
			environments: {...report.environments, staging: {...staging, health: {...staging.health, state: 'fine'}}},
		}),
		'another word is refused',
	);
});

test('--exit-status: 0 when all is well, 1 when something is bad, 7 when nobody can tell', async t => {
	const codeOf = async (prepare: (operations: FakeOperations, now: number) => void, name?: string): Promise<number> =>
		(await (await stage(t, prepare, name)).look({exitStatus: true})).exitCode;
	assert.equal(await codeOf(() => {}), 0);
	assert.equal(await codeOf(broken), 1);
	assert.equal(await codeOf(() => {}, 'fast-fails'), 1, 'a tier of the newest commit has failed');
	assert.equal(
		await codeOf(operations => {
			operations.site('production').health = 'unknown';
		}),
		7,
	);
	const interrupted = {
		id: '20261123T085900Z-deploy-production-2a2a',
		kind: 'deploy',
		environment: 'production',
		outcome: 'interrupted',
		because: 'nobody knows',
	} as const;
	assert.equal(
		await codeOf(operations => {
			operations.had(interrupted);
		}),
		7,
	);
	assert.equal(
		await codeOf((operations, now) => {
			operations.had(interrupted);
			broken(operations, now);
		}),
		1,
		'what is known to be bad comes first',
	);
});

test('looking at the environments adds no request to GitHub', async t => {
	const requests = async (isLooking: boolean): Promise<number> => {
		const {look, simulator, world} = await stage(t, broken);
		if (!isLooking) world.operations = null;
		const before = simulator.counters.requests;
		await look();
		return simulator.counters.requests - before;
	};
	assert.equal(await requests(true), await requests(false));
});

test('health in words: which instances, and never a guess', () => {
	const seen = (...healths: Array<[boolean | 'unknown', string, string]>) => ({
		environment: 'staging',
		readAt: 0,
		instances: healths.map(([health, because, version], index) => ({
			instance: `web-${index + 1}`,
			version,
			health,
			because,
			latencyMs: null,
		})),
	});
	assert.deepEqual([healthState(seen()), healthReason(seen())], ['unasked', '']);
	const silent = seen(['unknown', 'no answer within 5 s', 'a'.repeat(40)]);
	assert.deepEqual([healthState(silent), healthReason(silent)], ['unknown', 'web-1 no answer within 5 s']);
	const mixed = seen([true, 'HTTP 200', 'a1b2c3d'], [true, 'HTTP 200', 'b2c3d4e']);
	assert.deepEqual(
		[healthState(mixed), healthReason(mixed)],
		['mixed', 'web-1 reports a1b2c3d, web-2 reports b2c3d4e'],
	);
	const many = seen(...Array.from({length: 5}, (): [boolean, string, string] => [false, 'HTTP 500', 'aaaaaaa']));
	assert.equal(healthReason(many), 'web-1 HTTP 500, web-2 HTTP 500, web-3 HTTP 500 and 2 more (5 of 5 instances)');
});

test('the flag is one', () =>
	assert.deepEqual(
		(parseCommandLine(['status', '--exit-status']) as {flags: {exitStatus: boolean}}).flags.exitStatus,
		true,
	));
