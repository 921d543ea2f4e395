/** A promotion over a GitHub and a production that do anything: nothing lands unproven, nothing is called done that production does not report, and no end is called harmless after something has changed. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {InstanceReading} from '../source/core/releases/observation.ts';
import {type Strategy, strategies, defaultSettings, environmentDefaults} from '../source/core/settings/settings.ts';
import type {Promotions} from '../source/github/promotions.ts';
import {promote} from '../source/operations/promoter/promote.ts';
import type {Course} from '../source/operations/promoter/course.ts';
import {plan as samplePlan} from './helpers/desk.ts';
import {runs} from './helpers/fuzz.ts';

const [old, tested, merge, other] = ['a', 'b', 'c', 'd'].map(digit => digit.repeat(40)) as [
	string,
	string,
	string,
	string,
];

/** What the outside does, drawn by chance and used up in order; then it is kind. */
type Fate = {
	strategy: Strategy;
	proofs: readonly boolean[];
	landedProof: boolean;
	land: 'landed' | 'refused' | 'unknown' | 'unwritten';
	merge: 'landed' | 'refused' | 'unknown';
	isSameTree: boolean;
	head: 'ours' | 'pushed' | 'closed';
	dispatch: 'run' | 'unknown' | 'refused';
	run: 'passed' | 'failed' | 'absent';
	scriptCode: number | null;
	live: 'tested' | 'old' | 'silent';
	health: ReadonlyArray<boolean | 'unknown'>;
	stopAt: number | null;
	soakSeconds: number;
};
/** Mostly what is hoped for: many things have to go well for a good end. */
const mostly = <Value>(hoped: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
	fc.oneof({weight: 5, arbitrary: fc.constant(hoped)}, {weight: 1, arbitrary: fc.constantFrom(...others)});
const fates: fc.Arbitrary<Fate> = fc.record({
	strategy: fc.constantFrom(...strategies),
	proofs: fc.array(mostly(true, false), {maxLength: 3}),
	landedProof: mostly(true, false),
	land: mostly<Fate['land']>('landed', 'refused', 'unknown', 'unwritten'),
	merge: mostly<Fate['merge']>('landed', 'refused', 'unknown'),
	isSameTree: mostly(true, false),
	head: mostly<Fate['head']>('ours', 'pushed', 'closed'),
	dispatch: mostly<Fate['dispatch']>('run', 'unknown', 'refused'),
	run: mostly<Fate['run']>('passed', 'failed', 'absent'),
	scriptCode: mostly<number | null>(0, 1, 10, 20, 30, 40, null),
	live: mostly<Fate['live']>('tested', 'old', 'silent'),
	health: fc.array(mostly<boolean | 'unknown'>(true, false, 'unknown'), {maxLength: 12}),
	stopAt: fc.option(fc.integer({min: 0, max: 40}), {nil: null, freq: 2}),
	soakSeconds: fc.constantFrom(0, 20),
});

const stagedCourse = (fate: Fate) => {
	const {strategy} = fate;
	let [now, steps] = [0, 0];
	const stop = new AbortController();
	/** Everything that changes something, and whether the gate had said yes just before. */
	const changes: Array<{what: string; isProven: boolean; isStopped: boolean}> = [];
	let isProven = false;
	const proofs = [...fate.proofs];
	const health = [...fate.health];
	let hasDeployed = false;
	const tick = () => {
		if (fate.stopAt !== null && steps++ === fate.stopAt) stop.abort(new DOMException('stopped', 'AbortError'));
	};
	const change = (what: string) => {
		changes.push({what, isProven, isStopped: stop.signal.aborted});
		isProven = false;
	};
	const landedAt = strategy === 'pull-request' || strategy === 'merge-queue' ? merge : tested;
	const deployed = () => {
		hasDeployed = true;
	};
	let isMerged = false;
	const pull = () => ({
		id: 'P',
		number: 7,
		url: 'https://github.com/acme/app/pull/7',
		state: isMerged ? ('merged' as const) : fate.head === 'closed' ? ('closed' as const) : ('open' as const),
		headSha: fate.head === 'pushed' ? other : tested,
		isMergeable: true,
		blockedBecause: null,
		mergeSha: isMerged ? merge : null,
		queue: isMerged ? null : {position: 1, state: 'queued'},
	});
	const promotions = {
		head: async () => ({ok: true, sha: old}),
		land: async ({before, after}: {before: string; after: string}) => {
			if (before !== after) change('land');
			return fate.land === 'landed'
				? {how: 'landed', tag: 'deployctl/prod-1'}
				: fate.land === 'unknown'
					? {how: 'unknown', because: 'no answer'}
					: fate.land === 'refused'
						? {how: 'refused', because: 'stale', head: other, lockIs: 'ours', isRule: false}
						: {
								ok: false,
								kind: 'unreachable',
								because: 'GitHub is down',
								next: 'Try again later.',
								retryAt: null,
								mayHold: null,
							};
		},
		openPull: async () => ({ok: true, pull: pull()}),
		pull: async () => ({ok: true, pull: pull()}),
		closePull: async () => ({ok: true}),
		deleteBranch: async () => ({ok: true}),
		mergePull: async () => {
			change('merge');
			isMerged = fate.merge === 'landed';
			return fate.merge === 'landed' ? {how: 'landed', sha: merge} : {how: fate.merge, because: 'so'};
		},
		enqueuePull: async () => {
			change('enqueue');
			isMerged = fate.merge === 'landed';
			return fate.merge === 'landed'
				? {how: 'queued'}
				: {how: fate.merge === 'unknown' ? 'queued' : 'refused', because: 'so'};
		},
		treeEquals: async (one: string) => ({ok: true, isEqual: one !== old && fate.isSameTree}),
		gitHubNow: () => 0,
		breakGlass: async () => ({ok: true}),
		claimHotfix: async () => ({ok: true}),
		dispatch: async () => {
			change('dispatch');
			return fate.dispatch === 'run'
				? {ok: true, runId: 11, url: null, at: 0}
				: {ok: false, kind: fate.dispatch, because: 'so', next: 'Look at it.', at: 0};
		},
		findDispatched: async () => ({ok: true, runId: null}),
		cancelRun: async () => ({ok: true}),
		productionRun: async () =>
			fate.run === 'absent' ? {ok: true, runId: null, isAbsent: true} : {ok: true, runId: 11},
		run: async () => {
			if (fate.run === 'passed') deployed();
			return {
				ok: true,
				run: {
					id: 11,
					attempt: 1,
					status: fate.run === 'passed' ? 'passed' : 'failed',
					conclusion: fate.run === 'passed' ? 'success' : 'failure',
					url: 'https://x',
					title: null,
					headSha: landedAt,
					path: null,
					event: 'push',
					jobs: [],
					waits: [],
				},
			};
		},
	} as unknown as Promotions;
	const environment = {
		...environmentDefaults('production'),
		version: ['http://x/version'],
		health: ['http://x/health'],
	};
	const settings = {
		...defaultSettings,
		environments: [environmentDefaults('staging'), environment],
		promotion: {...defaultSettings.promotion, strategy, soakSeconds: fate.soakSeconds},
	};
	let said: InstanceReading | null = null;
	const course: Course = {
		plan: {
			...samplePlan(),
			kind: 'promote',
			environment: 'production',
			sha: tested,
			to: {release: tested, sha: tested},
			promotion: {
				strategy,
				branch: 'main',
				branchAt: old,
				hotfix: null,
				breakGlass: null,
				canBreakGlass: false,
				conditions: [],
				staying: [],
				configuration: [],
				migrations: [],
				rollbackTo: null,
				rollbackBecause: '',
				steps: [],
				soakSeconds: fate.soakSeconds,
				evidenceAt: null,
			},
		},
		sha: tested,
		settings,
		environment,
		promotions,
		prove: async () => {
			tick();
			isProven = proofs.shift() ?? true;
			return isProven ? null : {because: 'E2E turned red', next: 'Wait until it has passed.', exitCode: 3};
		},
		proveLanded: async () => (fate.landedProof ? null : 'E2E: still running'),
		lockId: () => 'lock',
		observe: async () => {
			const version = fate.live === 'silent' ? null : fate.live === 'old' || !hasDeployed ? old : landedAt;
			said = {instance: 'web-1', version, health: health.shift() ?? true, because: '', latencyMs: 1};
			return {environment: 'production', readAt: now, instances: [said]};
		},
		runScript: async () => {
			change('script');
			if (fate.scriptCode === 0) deployed();
			return {code: fate.scriptCode, kind: 'contract'};
		},
		speech: {begin: () => {}, ok: () => {}, fail: () => {}, note: () => {}, end: () => {}},
		clock: {
			now: () => now,
			/** The supervisor's time limit ends what never ends. */ after: async (milliseconds, signal) => {
				tick();
				if (now > 3_600_000) stop.abort(new DOMException('timed out', 'AbortError'));
				signal?.throwIfAborted();
				now += milliseconds;
			},
		},
		signal: stop.signal,
		reached: {landedAt: null, isSent: false, isStarted: false, runId: null, isLive: false, pull: null},
	};
	return {course, changes, said: () => said, landedAt, now: () => now};
};

const parameters = runs(3000, 4);

test('property: whatever the outside does', async () => {
	const ends = new Map<string, number>();
	await fc.assert(
		fc.asyncProperty(fates, async fate => {
			const {course, changes, said, landedAt, now} = stagedCourse(fate);
			const ending = await promote(course);
			const key = `${fate.strategy} ${ending.exit}`;
			ends.set(key, (ends.get(key) ?? 0) + 1);
			assert.ok(
				changes.every(({isStopped}) => !isStopped),
				`after the stop: ${JSON.stringify(changes)}`,
			);
			const first = changes[0];
			// The branch that follows a verified deployment is a record of it; everything before that needs the gate's word in that very moment.
			if (first !== undefined)
				assert.ok(first.isProven, `${first.what} without a proof just before: ${JSON.stringify(changes)}`);
			for (const {what, isProven} of changes.slice(1))
				assert.ok(
					isProven || (what === 'land' && ['workflow', 'script'].includes(fate.strategy)),
					`${what} without a proof: ${JSON.stringify(changes)}`,
				);
			assert.equal(
				changes.filter(
					({what}) => what === 'land' || what === 'dispatch' || what === 'script' || what === 'enqueue',
				).length <= 2,
				true,
			);
			if (ending.exit === 0) {
				assert.equal(ending.live, landedAt);
				assert.deepEqual([said()!.version, course.reached.isLive], [landedAt, true], 'production reports it');
				assert.ok(landedAt === tested || fate.isSameTree, 'and its files are those that were tested');
				if (fate.soakSeconds > 0)
					assert.ok(now() >= fate.soakSeconds * 1000, 'and it was watched for its soak');
			}
			// "Nothing was changed" is said only when nothing was.
			if ([10, 11, 12].includes(ending.exit))
				assert.ok(
					course.reached.landedAt === null && (!course.reached.isStarted || fate.strategy === 'script'),
					JSON.stringify([ending, changes]),
				);
			assert.ok(ending.because.length > 10 && !ending.because.includes('\n'));
			if (ending.exit !== 0 && ![30, 40].includes(ending.exit))
				assert.ok((ending.next ?? '').length > 5, JSON.stringify(ending));
		}),
		parameters,
	);
	// Each strategy gets to its good end, to refusals and to ends that need a human.
	for (const strategy of strategies)
		for (const exit of [0, 10, 31])
			assert.ok((ends.get(`${strategy} ${exit}`) ?? 0) > 5, `${strategy} ${exit}: ${JSON.stringify([...ends])}`);
});
