/** Commands that act, at a desk: what is shown, asked, started, and how they end. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {runDeploy, runRollback, runStop} from '../source/commands/operate/deploy.ts';
import {type ActingFlags, tellingPrograms} from '../source/commands/desk/desk.ts';
import {runLock, runUnlock, runUnpin} from '../source/commands/operate/lock.ts';
import type {Operation} from '../source/core/operations/operation.ts';
import type {LockRecord} from '../source/core/locks/lock.ts';
import type {OperationsReading} from '../source/world.ts';
import {
	begunAt,
	failureOf,
	logOf,
	newSha,
	offer,
	oldSha,
	operation,
	plan,
	type Played,
	playedDesk,
	succeeded,
} from './helpers/desk.ts';

const none: ActingFlags = {dryRun: false, json: false, yes: false, confirm: null, detach: false};
const yes = {...none, yes: true};
const noHistory = async () => [];
const head = async () => ({
	sha: newSha,
	chosen: 'the head of develop on GitHub',
	history: [{sha: newSha, message: 'Autosave drafts', isRevert: false}],
});

const deploying = (played: Played, flags: Partial<ActingFlags> = yes, environment = 'staging') => {
	const it = playedDesk({readings: [[succeeded()]], ...played});
	return {...it, running: runDeploy(it.desk, environment, {...none, sha: null, ...flags}, head)};
};

const guarded = {plan: async () => plan({environment: 'production', phrase: 'production 3f2a9c1'})};

describe('deploy', () => {
	test('shows the plan, starts it and ends with its outcome', async () => {
		const steps = [
			{
				name: 'verify',
				host: 'web-1',
				status: 'running' as const,
				startedAt: begunAt,
				finishedAt: null,
				note: null,
			},
		];
		const {running, printed, called} = deploying({
			readings: [
				[operation()],
				[operation({steps})],
				[operation({steps})],
				[succeeded({steps: [{...steps[0]!, status: 'passed', finishedAt: begunAt + 2000, note: 'code=200'}]})],
			],
		});
		assert.equal(await running, 0);
		assert.deepEqual(called('plan')[0]?.slice(1), [
			{kind: 'deploy', environment: 'staging', sha: newSha},
			[{sha: newSha, message: 'Autosave drafts', isRevert: false}],
		]);
		assert.deepEqual(called('start')[0]?.[2], {phrase: null});
		assert.match(
			printed.out,
			/^Deploy 3f2a9c1 to staging\n {2}from {6}1a2b3c4\n {2}to {8}3f2a9c1, the head of develop on GitHub\n {2}command {3}scripts\/deploy\.sh staging 3f2a9c1e/,
		);
		assert.match(
			printed.out,
			/coming {4}1 commit\n {14}3f2a9c1 Autosave drafts\n {2}going {5}no commits\n {2}migration none\n {2}time {6}median 40s, in 19 of 20 cases within 1m00s; stopped after 15m, killed 30s later\n {2}lock {6}free\n {2}now {7}web-1 reports 1a2b3c4, healthy\n/,
		);
		assert.equal(printed.out.match(/verify on web-1 {3}running/g)?.length, 1, 'a step is told once');
		assert.match(
			printed.out,
			/verify on web-1 {3}passed {3}2s {2}code=200\n[\d:]+ {2}succeeded: 3f2a9c1 is live on staging and healthy\.\n$/,
		);
		assert.equal(printed.error, '');
	});

	for (const [outcome, exitCode] of [
		['failed', 1],
		['rolled-back', 1],
		['interrupted', 7],
	] as const) {
		test(`that ended ${outcome} ends with ${exitCode}`, async () => {
			const {running, printed} = deploying({
				readings: [
					[
						succeeded({
							outcome,
							exitCode,
							because: 'the health check failed',
							next: 'look at the log',
							unpublished: 2,
						}),
					],
				],
			});
			assert.equal(await running, exitCode);
			assert.match(
				printed.out,
				new RegExp(
					`${outcome}: the health check failed\\.\\n {2}Look at the log\\.\\n {2}2 announcements wait to be delivered`,
				),
			);
		});
	}

	test('without a terminal nothing is done without --yes', async () => {
		const {running, called} = deploying({}, none);
		const {exitCode, next} = await failureOf(running);
		assert.deepEqual([exitCode, next, called('start').length], [3, 'add --yes to do it without asking', 0]);
	});

	test('on a terminal y does it, anything else and the end of the input do not', async () => {
		for (const answer of ['y', ' YES ']) {
			const {running, questions, called} = deploying({answers: [answer]}, none);
			assert.equal(await running, 0);
			assert.deepEqual(questions, ['Deploy 3f2a9c1 to staging? [y/N] ']);
			assert.equal(called('start').length, 1);
		}
		for (const answers of [[''], ['n'], ['yep'], []]) {
			const {running, called} = deploying({answers}, none);
			assert.equal((await failureOf(running)).exitCode, 3);
			assert.equal(called('start').length, 0);
		}
	});

	test('a protected environment needs its phrase, and the refusal names it', async () => {
		for (const [flags, answers] of [
			[none, null],
			[yes, null],
			[yes, ['production 3f2a9c1']],
			[{...yes, confirm: 'production'}, null],
			[{...yes, confirm: 'production 1a2b3c4'}, null],
			[none, ['production']],
			[none, ['y']],
			[none, ['']],
		] as const) {
			const {running, called} = deploying({operations: guarded, answers}, flags, 'production');
			const {exitCode, next} = await failureOf(running);
			assert.equal(exitCode, 3);
			assert.match(next ?? '', /--confirm "production 3f2a9c1"/);
			assert.equal(called('start').length, 0);
		}
		for (const [flags, answers] of [
			[{...yes, confirm: 'production 3f2a9c1'}, null],
			[{...none, confirm: ' production 3f2a9c1 '}, null],
			[none, ['production 3f2a9c1']],
		] as const) {
			const {running, called, questions} = deploying({operations: guarded, answers}, flags, 'production');
			assert.equal(await running, 0);
			assert.deepEqual(called('start')[0]?.[2], {phrase: 'production 3f2a9c1'});
			assert.deepEqual(questions, answers === null ? [] : ['Type "production 3f2a9c1" to confirm: ']);
		}
	});

	for (const exitCode of [2, 3, 4, 5, 6, 7]) {
		test(`a plan or a start that is refused with ${exitCode} ends with it`, async () => {
			const refusal = {because: 'staging is locked by lena', next: 'Ask lena.', exitCode};
			const blocked = deploying({operations: {plan: async () => plan({blocked: refusal})}});
			const failure = await failureOf(blocked.running);
			assert.deepEqual(
				[failure.message, failure.next, failure.exitCode, blocked.called('start').length],
				['staging is locked by lena', 'Ask lena.', exitCode, 0],
			);
			const refused = deploying({operations: {start: async () => ({ok: false, ...refusal})}});
			assert.equal((await failureOf(refused.running)).exitCode, exitCode);
		});
	}

	test('a dry run starts nothing, and foretells a refusal', async () => {
		const possible = deploying({}, {dryRun: true});
		assert.equal(await possible.running, 0);
		const blocked = deploying(
			{
				operations: {
					plan: async () => plan({blocked: {because: 'frozen for the audit', next: 'Wait.', exitCode: 3}}),
				},
			},
			{dryRun: true, json: true},
		);
		assert.equal(await blocked.running, 3);
		assert.equal(
			(JSON.parse(blocked.printed.out) as {plan: {blocked: {exitCode: number}}}).plan.blocked.exitCode,
			3,
		);
		assert.equal(blocked.printed.error, 'deployctl: frozen for the audit.\n  Wait.\n');
		for (const {called} of [possible, blocked]) assert.equal(called('start').length, 0);
	});

	test('a wrong environment is an error with a suggestion, before anything is asked', async () => {
		const {running, called} = deploying({}, yes, 'prodution');
		const {message, exitCode} = await failureOf(running);
		assert.deepEqual([exitCode, called('plan').length], [2, 0]);
		assert.match(
			message,
			/no environment "prodution"\. There is staging, production\. Did you mean "production"\?/,
		);
	});

	test('what comes from outside reaches the terminal without its escape sequences', async () => {
		const nasty = '\u001B[31mred\u001B[0m\u202E';
		const {running, printed} = deploying({
			operations: {
				plan: async () =>
					plan({
						coming: [{sha: newSha, message: nasty, isRevert: true}],
						warnings: [nasty],
						command: ['a.sh', nasty],
						lock: {state: 'ambiguous', because: nasty},
					}),
			},
			readings: [
				[
					succeeded({
						because: nasty,
						steps: [{name: nasty, host: nasty, status: 'passed', startedAt: 0, finishedAt: 1, note: nasty}],
					}),
				],
			],
		});
		await running;
		assert.doesNotMatch(printed.out, /[\u001B\u202E]/);
		assert.match(printed.out, /REVERT red/);
	});
});

describe('watching', () => {
	test('that is interrupted ends with 130, says how to come back, and stops nothing', async () => {
		for (const json of [false, true]) {
			const it: ReturnType<typeof playedDesk> = playedDesk({
				readings: [[operation()]],
				operations: {changed: async () => it.interrupt()},
			});
			assert.equal(await runDeploy(it.desk, 'staging', {...yes, json, sha: null}, head), 130);
			assert.match(
				it.printed.error,
				/The operation goes on\. deployctl attach 20261124T020304Z-deploy-staging-1f9c shows it; deployctl stop 20261124T020304Z-deploy-staging-1f9c stops it\./,
			);
			assert.equal(it.called('stop').length, 0);
			if (json)
				assert.equal(
					(JSON.parse(it.printed.out) as {operation: {outcome: string}}).operation.outcome,
					'running',
				);
		}
	});

	test('that is interrupted before the start does nothing', async () => {
		const it: ReturnType<typeof playedDesk> = playedDesk({
			answers: [],
			operations: {
				plan: async () => {
					it.interrupt();
					return plan();
				},
			},
		});
		const failure = await failureOf(runDeploy(it.desk, 'staging', {...none, sha: null}, head));
		assert.deepEqual([failure.exitCode, it.called('start').length], [130, 0]);
	});

	test('says once that it takes longer than 19 of 20', async () => {
		const slow = operation({startedAt: Date.now() - 100_000, usualSeconds: 40, p95Seconds: 60});
		const {running, printed} = deploying({readings: [[slow], [slow], [slow], [succeeded()]]});
		assert.equal(await running, 0);
		assert.equal(printed.out.match(/slower than the median \(40s\): 19 of 20 ended within 1m00s/g)?.length, 1);
	});

	test('shows what a script prints that names no steps; of one with steps, only those', async () => {
		const played = {
			readings: [[operation()], [operation()], [succeeded()]],
			operations: {log: () => logOf([['building'], ['copying']])},
		};
		const plain = deploying(played);
		assert.equal(await plain.running, 0);
		assert.match(plain.printed.out, /only the watching\.\nbuilding\ncopying\n[\d:]+ {2}succeeded/);
		const contract = deploying({
			...played,
			operations: {...played.operations, plan: async () => plan({scriptKind: 'contract'})},
		});
		assert.equal(await contract.running, 0);
		assert.doesNotMatch(contract.printed.out, /building/);
	});

	test('is left at once with --detach', async () => {
		const {running, printed} = deploying({readings: [[operation()]]}, {...yes, detach: true});
		assert.equal(await running, 0);
		assert.match(printed.out, /Operation 20261124T020304Z-deploy-staging-1f9c has begun\. deployctl attach/);
	});
});

describe('for programs', () => {
	test('a deployment is one document, its progress stands beside it', async () => {
		const {running, printed} = deploying({}, {...yes, json: true});
		assert.equal(await running, 0);
		const {
			schemaVersion,
			operation: told,
			plan: planned,
		} = JSON.parse(printed.out) as {
			schemaVersion: number;
			operation: Record<string, unknown>;
			plan: Record<string, unknown>;
		};
		assert.deepEqual(
			[schemaVersion, told['outcome'], told['from'], told['to'], planned['phrase'], planned['command']],
			[1, 'succeeded', oldSha, newSha, null, ['scripts/deploy.sh', 'staging', newSha]],
		);
		assert.match(printed.error, /has begun[\s\S]*succeeded/);
	});

	test('a refusal is a document, too', async () => {
		const {desk, printed} = playedDesk({
			operations: {
				plan: async () => plan({blocked: {because: 'locked by lena', next: 'Ask lena.', exitCode: 6}}),
			},
		});
		const failure = await failureOf(
			tellingPrograms(true, desk.output, () => runDeploy(desk, 'staging', {...yes, json: true, sha: null}, head)),
		);
		assert.equal(failure.exitCode, 6);
		assert.deepEqual(JSON.parse(printed.out), {
			schemaVersion: 1,
			refused: {because: 'locked by lena', next: 'Ask lena.', exitCode: 6},
		});
	});
});

describe('rollback', () => {
	const offers = [
		offer('20261123084500-1a2b3c4', oldSha, {isDefault: true, because: 'the newest that was healthy'}),
		offer('20261122084500-3f2a9c1', newSha, {offered: false, because: 'marked bad by mona', canInsist: true}),
	];
	const rolling = (to: string | null, {insist = false, played = {}}: {insist?: boolean; played?: Played} = {}) => {
		const it = playedDesk({
			readings: [[succeeded()]],
			operations: {plan: async () => plan({kind: 'rollback', offers})},
			...played,
		});
		return {
			...it,
			running: runRollback(it.desk, 'staging', {...yes, to, force: insist, pastLock: false}, noHistory),
		};
	};

	test('lists every release with its reason, and takes the default', async () => {
		const {running, printed, called} = rolling(null);
		assert.equal(await running, 0);
		assert.deepEqual(
			called('plan').map(call => call[1]),
			[{kind: 'rollback', environment: 'staging', release: null}],
		);
		assert.match(
			printed.out,
			/-> {3}20261123084500-1a2b3c4 \(1a2b3c4\), deployed [^:]+:\d\d: the newest that was healthy\n {14}no {3}20261122084500-3f2a9c1 \(3f2a9c1\).*: marked bad by mona/,
		);
	});

	test("scripts that are not the protected branch's are run for the list after one word; --yes has given it, a dry run has not", async () => {
		const asks = {because: 'scripts is not that of origin/develop: scripts/rollback.sh', digest: 'd'.repeat(64)};
		const played = (answers: readonly string[] | null): Played => ({
			answers,
			readings: [[succeeded()]],
			operations: {
				plan: async wish => plan({kind: 'rollback', offers, ...(wish.agreed === undefined && {asks})}),
			},
		});
		const agreed = async (
			flags: Partial<typeof yes> & {trustScripts?: boolean},
			answers: readonly string[] | null = null,
		) => {
			const it = playedDesk(played(answers));
			await runRollback(
				it.desk,
				'staging',
				{...yes, to: null, force: false, pastLock: false, ...flags},
				noHistory,
			).catch(() => {});
			return [
				it.called('plan').map(call => (call[1] as {agreed?: string}).agreed),
				it.questions.length > 0 && it.questions[0]!.includes(asks.because),
			];
		};
		const [no, both] = [[undefined], [undefined, asks.digest]];
		assert.deepEqual(await agreed({yes: false}, ['y', 'y']), [both, true]);
		assert.deepEqual(await agreed({yes: false, dryRun: true}, ['y']), [both, true]);
		assert.deepEqual(await agreed({yes: false, dryRun: true}, ['n']), [no, true]);
		assert.deepEqual(await agreed({yes: false, dryRun: true}, ['']), [no, true]);
		assert.deepEqual(await agreed({yes: true}), [both, false]);
		assert.deepEqual(await agreed({yes: true, dryRun: true}), [no, false]);
		assert.deepEqual(await agreed({yes: false, dryRun: true}), [no, false], 'nobody is there to ask');
		assert.deepEqual(await agreed({yes: false, dryRun: true, trustScripts: true}), [both, false]);
	});

	test('a release is named by its id or by its commit', async () => {
		const byId = rolling('20261122084500-3f2a9c1', {insist: true});
		await byId.running;
		assert.deepEqual(
			byId.called('plan').map(call => call[1]),
			[{kind: 'rollback', environment: 'staging', release: '20261122084500-3f2a9c1', insist: true}],
		);
		const byCommit = rolling('1A2B3C4D');
		await byCommit.running;
		assert.deepEqual(
			byCommit.called('plan').map(call => call[1]),
			[{kind: 'rollback', environment: 'staging', release: '1a2b3c4d'}],
		);
		assert.equal((await failureOf(rolling(null, {insist: true}).running)).exitCode, 2);
	});
});

describe('stop', () => {
	const stopped = (text: string, flags: Partial<ActingFlags> & {thenRollBack?: boolean}, played: Played) => {
		const it = playedDesk(played);
		return {...it, running: runStop(it.desk, text, {...none, thenRollBack: false, ...flags}, noHistory)};
	};
	const failed: Operation = succeeded({outcome: 'failed', exitCode: 1, because: 'stopped by mona; nothing changed'});

	test('by environment, by id or by its last part; waits for the end; 0 when it is over, 7 when a human has to look', async () => {
		for (const text of ['staging', '1f9c', '20261124T020304Z-deploy-staging-1f9c', '20261124T02']) {
			const {running, called} = stopped(text, {}, {readings: [[operation()], [operation()], [failed]]});
			assert.equal(await running, 0);
			assert.deepEqual(
				called('stop').map(call => call.slice(1)),
				[['20261124T020304Z-deploy-staging-1f9c', false]],
			);
		}
		const interrupted = stopped(
			'1f9c',
			{},
			{readings: [[operation()], [{...failed, outcome: 'interrupted', exitCode: 7}]]},
		);
		assert.equal(await interrupted.running, 7);
		const before = stopped('1f9c', {}, {readings: [[failed]]});
		assert.deepEqual([await before.running, before.called('stop').length], [0, 0]);
	});

	test('nothing runs, no such operation, several', async () => {
		for (const [text, readings] of [
			['staging', [[failed]]],
			['beef', [[operation()]]],
			['2026', [[operation(), operation({id: '20261124T020305Z-deploy-production-77aa'})]]],
		] as const) {
			const {running, called} = stopped(text, {}, {readings});
			assert.deepEqual([(await failureOf(running)).exitCode, called('stop').length], [2, 0]);
		}
	});

	test('a dry run stops nothing; a refusal keeps its code; --detach does not wait', async () => {
		const dry = stopped('1f9c', {dryRun: true}, {readings: [[operation()]]});
		assert.deepEqual([await dry.running, dry.called('stop').length], [0, 0]);
		const refused = stopped(
			'1f9c',
			{},
			{
				readings: [[operation()]],
				operations: {
					stop: async () => ({ok: false, because: 'read-only', next: 'Leave out --read-only.', exitCode: 3}),
				},
			},
		);
		assert.equal((await failureOf(refused.running)).exitCode, 3);
		assert.equal(await stopped('1f9c', {detach: true}, {readings: [[operation()]]}).running, 0);
	});

	test('--then-roll-back is one plan', async () => {
		const {running, called} = stopped(
			'staging',
			{thenRollBack: true, yes: true},
			{readings: [[operation()], [succeeded()]]},
		);
		assert.equal(await running, 0);
		assert.deepEqual(called('plan')[0]?.[1], {
			kind: 'rollback',
			environment: 'staging',
			release: null,
			stopping: '20261124T020304Z-deploy-staging-1f9c',
		});
		assert.equal(called('stop').length, 0);
	});
});

describe('lock, unlock, unpin', () => {
	const record: LockRecord = {
		id: '8c1f20aa',
		environment: 'production',
		kind: 'human',
		operation: null,
		operator: 'lena',
		host: 'desk',
		reason: 'audit',
		createdAt: begunAt,
		leaseUntil: null,
		phase: null,
	};
	const heldBy = (change: Partial<LockRecord> = {}): Partial<OperationsReading> => ({
		locks: {
			production: {
				state: 'held',
				lock: {...record, ...change},
				where: 'both',
				isStale: false,
				silentSeconds: null,
			},
			staging: {state: 'free'},
		},
	});

	test('lock', async () => {
		const {desk, called, printed} = playedDesk();
		assert.equal(await runLock(desk, 'staging', {...yes, reason: '  audit\u001B[31m '}), 0);
		assert.deepEqual(called('lock')[0]?.slice(1), ['staging', 'audit']);
		assert.equal(printed.out, 'staging is locked: audit. deployctl unlock staging releases it.\n');
		assert.equal((await failureOf(runLock(desk, 'staging', {...yes, reason: ' '}))).exitCode, 2);
		assert.equal((await failureOf(runLock(desk, 'staging', {...none, reason: 'audit'}))).exitCode, 3);
		const refused = playedDesk({
			operations: {lock: async () => ({ok: false, because: 'held by lena', next: 'Ask lena.', exitCode: 6})},
		});
		assert.equal((await failureOf(runLock(refused.desk, 'staging', {...yes, reason: 'audit'}))).exitCode, 6);
	});

	test('of a protected environment they need a phrase', async () => {
		const {desk, called} = playedDesk();
		assert.match(
			(await failureOf(runLock(desk, 'production', {...yes, reason: 'audit'}))).next ?? '',
			/--confirm "lock production"/,
		);
		assert.match(
			(await failureOf(runUnlock(desk, 'production', {...yes, break: null, reason: null}))).next ?? '',
			/--confirm "unlock production"/,
		);
		assert.match(
			(await failureOf(runUnpin(desk, 'production', {...yes, reason: 'fixed'}))).next ?? '',
			/--confirm "unpin production"/,
		);
		assert.deepEqual([called('lock').length, called('unlock').length, called('unpin').length], [0, 0, 0]);
		assert.equal(await runLock(desk, 'production', {...yes, confirm: 'lock production', reason: 'audit'}), 0);
	});

	test('unlock breaks by id and with a reason only', async () => {
		const {desk, called} = playedDesk();
		assert.equal(await runUnlock(desk, 'staging', {...yes, break: null, reason: null}), 0);
		assert.equal(await runUnlock(desk, 'staging', {...yes, break: '8c1f20aa', reason: 'the laptop is gone'}), 0);
		assert.deepEqual(
			called('unlock').map(call => call.slice(1)),
			[
				['staging', null],
				['staging', {id: '8c1f20aa', reason: 'the laptop is gone'}],
			],
		);
		for (const flags of [
			{break: '8c1f20aa', reason: null},
			{break: '8c1f20aa', reason: ' '},
			{break: null, reason: 'because'},
		])
			assert.equal((await failureOf(runUnlock(desk, 'staging', {...yes, ...flags}))).exitCode, 2);
		assert.equal(called('unlock').length, 2);
	});

	test('a dry run asks GitHub first, changes nothing and foretells the refusal', async () => {
		const {desk, called, printed} = playedDesk({reading: heldBy()});
		assert.equal(await runLock(desk, 'staging', {...none, dryRun: true, reason: 'audit'}), 0);
		assert.match(printed.out, /^Lock staging \(audit\): this would be done\.\n$/);
		assert.equal(
			(await failureOf(runLock(desk, 'production', {...none, dryRun: true, reason: 'audit'}))).exitCode,
			6,
		);
		const other = await failureOf(
			runUnlock(desk, 'production', {...none, dryRun: true, break: null, reason: null}),
		);
		assert.equal(other.exitCode, 6);
		assert.match(
			`${other.message} ${other.next}`,
			/held by lena on desk for .*: audit \(lock 8c1f20aa\).*--break 8c1f20aa -m REASON/,
		);
		assert.equal(
			(await failureOf(runUnlock(desk, 'production', {...none, dryRun: true, break: 'ffff', reason: 'gone'})))
				.exitCode,
			6,
		);
		assert.equal(
			await runUnlock(desk, 'production', {...none, dryRun: true, break: '8c1f20aa', reason: 'gone'}),
			0,
		);
		assert.equal(
			await runUnlock(playedDesk({reading: heldBy({operator: 'mona'})}).desk, 'production', {
				...none,
				dryRun: true,
				break: null,
				reason: null,
			}),
			0,
		);
		assert.equal(
			(
				await failureOf(
					runLock(
						playedDesk({reading: {locks: {staging: {state: 'unknown', because: 'GitHub did not answer'}}}})
							.desk,
						'staging',
						{...none, dryRun: true, reason: 'audit'},
					),
				)
			).exitCode,
			5,
		);
		assert.deepEqual([called('refresh').length > 0, called('lock').length, called('unlock').length], [true, 0, 0]);
	});

	test('as JSON', async () => {
		const {desk, printed} = playedDesk();
		assert.equal(await runUnpin(desk, 'staging', {...yes, json: true, reason: 'fixed'}), 0);
		assert.deepEqual(JSON.parse(printed.out), {
			schemaVersion: 1,
			action: 'unpin',
			environment: 'staging',
			dryRun: false,
			because: 'Nothing is pinned in staging any more.',
		});
	});
});
