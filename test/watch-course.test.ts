/** The course of a watch: when it acts by itself, when it does not, and that it never does so twice or on what is unknown. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {HealthVerdict} from '../source/core/health/verdict.ts';
import type {Offer, Release} from '../source/core/releases/release.ts';
import {courseDefaults, nextStep, type Phase, type Step, type Tick} from '../source/core/watch/course.ts';
import {type GuardRailId, guardRails, notHeld, railsOf, type WatchFacts} from '../source/core/watch/guard-rails.ts';
import {runs} from './helpers/fuzz.ts';

const release = (id: string, more: Partial<Release> = {}): Release => ({
	id,
	sha: id,
	isLive: false,
	isPresent: true,
	wasHealthy: true,
	isBad: false,
	badBecause: null,
	migration: 'none',
	deployedAt: null,
	lastLiveAt: null,
	hosts: null,
	...more,
});
const offer = (of: Release, isDefault: boolean, because = ''): Offer => ({
	release: of,
	offered: isDefault,
	isDefault,
	because,
	canInsist: false,
});
const verdict = (state: HealthVerdict['state'], more: Partial<HealthVerdict> = {}): HealthVerdict => ({
	state,
	because: `it is ${state}`,
	down: [],
	tooMany: null,
	unreachable: false,
	arms: state === 'unhealthy' ? true : null,
	warmUntil: null,
	...more,
});
const live = release('bbbbbbb', {isLive: true});
const before = release('aaaaaaa');
const facts = (more: Partial<WatchFacts> = {}): WatchFacts => ({
	autoRollback: 'on',
	environment: 'staging',
	verdict: verdict('unhealthy'),
	release: {release: 'bbbbbbb', sha: 'bbbbbbb'},
	before: {release: 'aaaaaaa', sha: 'aaaaaaa'},
	reported: 'watched',
	remainingMs: 200_000,
	slept: false,
	used: false,
	offers: [offer(live, false, 'it is live'), offer(before, true)],
	targetWasLeftUnhealthy: false,
	otherOperation: null,
	lock: {state: 'free'},
	frozen: null,
	github: 'up',
	deployedHere: true,
	recent: 0,
	...more,
});
const open = (more: Partial<WatchFacts>) => notHeld(railsOf(facts(more))).map(({id, met}) => `${id} ${met}`);
const withTarget = (...offers: readonly Offer[]) => ({offers: [offer(live, false, 'it is live'), ...offers]});

test('with everything in order every rail holds; each one alone stops it, and unknown stops it too', () => {
	assert.deepEqual(open({}), []);
	const ways: readonly (readonly [GuardRailId, boolean | 'unknown', Partial<WatchFacts>])[] = [
		['enabled', false, {autoRollback: 'off'}],
		['evidence', false, {verdict: verdict('unhealthy', {arms: 'as-before'})}],
		['evidence', false, {verdict: verdict('degraded', {arms: 'partial'})}],
		['evidence', 'unknown', {verdict: verdict('unknown')}],
		['changed', 'unknown', {before: null}],
		['changed', false, {before: {release: 'bbbbbbb', sha: null}}],
		['reported', false, {reported: 'other'}],
		['reported', 'unknown', {reported: 'unknown'}],
		['watched', false, {remainingMs: 0}],
		['awake', 'unknown', {slept: true}],
		['first-time', false, {used: true}],
		['first-time', 'unknown', {used: 'unknown'}],
		['target', 'unknown', withTarget(offer(release('aaaaaaa', {wasHealthy: 'unproven'}), true))],
		['target', 'unknown', withTarget(offer(release('aaaaaaa', {isPresent: 'unknown'}), true))],
		['database', 'unknown', {offers: [offer({...live, migration: 'unknown'}, false), offer(before, true)]}],
		['database', false, {offers: [offer({...live, migration: 'incompatible'}, false), offer(before, true)]}],
		['not-both-bad', false, {targetWasLeftUnhealthy: true}],
		['not-both-bad', 'unknown', {targetWasLeftUnhealthy: 'unknown'}],
		['alone', false, {otherOperation: 'a deployment by ada'}],
		['unfrozen', false, {frozen: {because: 'release day'}}],
		['unfrozen', 'unknown', {frozen: 'unknown'}],
		['lock', false, {lock: {state: 'foreign', because: 'ada holds it'}}],
		['lock', 'unknown', {lock: {state: 'unknown', because: 'GitHub answered 502'}}],
		['lock', 'unknown', {github: 'down', deployedHere: false}],
		['brake', false, {recent: 2}],
		['brake', 'unknown', {recent: 'unknown'}],
	];
	for (const [id, met, more] of ways) assert.deepEqual(open(more), [`${id} ${met}`], JSON.stringify(more));
	assert.deepEqual(
		Object.keys(guardRails).filter(id => !ways.some(([one]) => one === id)),
		[],
		'every rail has a way to be open',
	);
	assert.deepEqual(open({offers: [offer(live, false, 'it is live')]}), ['target false', 'database unknown']);
	assert.deepEqual(
		open({github: 'down', lock: {state: 'unknown', because: 'GitHub answered 502'}}),
		[],
		'without GitHub, on the machine that deployed it',
	);
	const between = release('abababa', {isBad: true, migration: 'unknown'});
	assert.deepEqual(open(withTarget(offer(between, false, 'marked bad'), offer(before, true))), ['database unknown']);
});

type Change = Partial<Omit<Tick, 'now' | 'facts'>> & {readonly facts?: Partial<WatchFacts>; readonly for?: number};

/** Ticks every two seconds, each with everything in order but for what is given. */
function course(...changes: readonly Change[]) {
	let phase: Phase = {at: 'watching'};
	let now = 0;
	const told: string[] = [];
	const acts: string[] = [];
	for (const {facts: known = {}, for: times = 1, ...more} of changes)
		for (let count = 0; count < times; count++) {
			const tick: Tick = {
				now,
				facts: facts(known),
				veto: null,
				superseded: false,
				samplesSinceLock: 0,
				operation: null,
				...more,
			};
			const step: Step = nextStep(phase, tick, courseDefaults);
			({phase} = step);
			if (step.tell !== null) told.push(`${step.tell.severity}: ${step.tell.text}`);
			if (step.act !== null) acts.push(step.act);
			now += 2000;
		}
	return {at: phase.at === 'over' ? phase.how : phase.at, told, acts};
}
const ours = {facts: {lock: {state: 'ours'}}} as const;
const healthy = {facts: {verdict: verdict('healthy')}} as const;

test('announced, counted down, locked, looked at again, rolled back, watched until it is healthy', () => {
	const {at, told, acts} = course(
		{for: 7},
		ours,
		{...ours, samplesSinceLock: 2},
		{},
		{operation: 'succeeded'},
		{...healthy, for: 16},
	);
	assert.deepEqual(
		[at, acts, told],
		[
			'rolled-back',
			['take-lock', 'roll-back'],
			[
				'page: staging: bbbbbbb is rolled back in 10 s: it is unhealthy',
				'warning: staging: bbbbbbb was left; what is live again is watched',
				'information: staging is healthy again',
			],
		],
	);
});

test('what stops it, and who is told', () => {
	const until = (...changes: readonly Change[]) => {
		const {at, told, acts} = course(...changes);
		return [at, acts.includes('roll-back'), told.at(-1)];
	};
	assert.deepEqual(until({for: 3}, {veto: 'ada'}), [
		'vetoed',
		false,
		'warning: staging: bbbbbbb stays: ada has said no',
	]);
	assert.deepEqual(until({for: 3}, healthy), [
		'recovered',
		false,
		'warning: staging: bbbbbbb recovered by itself: it is healthy',
	]);
	assert.deepEqual(until({for: 3}, {superseded: true})[0], 'superseded');
	assert.deepEqual(until({for: 3}, {facts: {slept: true}})[0], 'handed-over');
	assert.deepEqual(until({facts: {autoRollback: 'shadow'}}), [
		'shadow',
		false,
		'warning: staging: bbbbbbb is unhealthy: it is unhealthy. It would have been rolled back',
	]);
	assert.deepEqual(until({facts: {used: true}}), [
		'handed-over',
		false,
		'page: staging: bbbbbbb is unhealthy: it is unhealthy. Not rolled back: bbbbbbb was rolled back automatically before',
	]);
	assert.deepEqual(until({facts: {verdict: verdict('unknown', {unreachable: true})}})[0], 'handed-over');
	assert.deepEqual(until({facts: {verdict: verdict('unknown')}, for: 20})[0], 'watching', 'unknown waits');
	assert.deepEqual(until({facts: {verdict: verdict('healthy'), remainingMs: 0}}), [
		'healthy',
		false,
		'information: staging: bbbbbbb is healthy',
	]);
	assert.deepEqual(until({facts: {verdict: verdict('unknown'), remainingMs: 0}})[0], 'handed-over');
	assert.deepEqual(
		until({for: 7}, {facts: {lock: {state: 'foreign', because: 'ada holds it'}}, for: 30})[2],
		'page: staging: bbbbbbb waits for the lock: locked: ada holds it',
	);
	assert.deepEqual(until({for: 7}, ours, {...ours, samplesSinceLock: 1, for: 9})[0], 'looking-again');
	assert.deepEqual(
		until({for: 7}, ours, {facts: {lock: {state: 'ours'}, verdict: verdict('unknown')}, samplesSinceLock: 2}),
		['handed-over', false, 'page: staging: bbbbbbb is not rolled back: it is unknown'],
	);
	const acted = [{for: 7}, ours, {...ours, samplesSinceLock: 2}] as const;
	assert.deepEqual(until(...acted, {operation: 'failed'})[0], 'handed-over');
	assert.deepEqual(until(...acted, {operation: 'succeeded'}, {}).slice(0, 2), ['both-bad', true]);
	assert.deepEqual(
		until(...acted, {operation: 'succeeded'}, {facts: {verdict: verdict('unknown'), remainingMs: 0}})[2],
		'page: staging was rolled back, and is unknown at the end of its watch: it is unknown',
	);
	assert.deepEqual(course({for: 7}, {...ours, veto: 'ada'}).acts, ['take-lock', 'release-lock']);
	assert.deepEqual(
		until(...acted, {superseded: true, veto: 'ada', facts: {slept: true}})[0],
		'acting',
		'what has begun goes to its end',
	);
});

test('property: it acts once at most, with every rail in place at that moment, after a lock and a second look', () => {
	const trouble: fc.Arbitrary<Change> = fc.constantFrom<Change>(
		...(['healthy', 'degraded', 'unknown', 'flapping', 'warming'] as const).map(state => ({
			facts: {verdict: verdict(state)},
		})),
		{facts: {slept: true}},
		{facts: {used: true}},
		{facts: {used: 'unknown'}},
		{facts: {reported: 'other'}},
		{facts: {frozen: {because: 'release day'}}},
		{facts: {lock: {state: 'foreign', because: 'ada'}}},
		{facts: {otherOperation: 'ada'}},
		{facts: {recent: 2}},
		{facts: {autoRollback: 'shadow'}},
		{facts: {remainingMs: 0}},
		{facts: {verdict: verdict('unhealthy', {arms: 'as-before'})}},
		{facts: {verdict: verdict('unknown', {unreachable: true})}},
		{veto: 'ada'},
		{superseded: true},
		{samplesSinceLock: 1},
		{operation: 'failed'},
		{operation: 'succeeded'},
	);
	/** The course without trouble, with some of it at any tick. */
	const ticks = fc
		.array(fc.record({index: fc.nat(29), is: trouble, lasts: fc.integer({min: 1, max: 12})}), {maxLength: 3})
		.map(troubles =>
			Array.from({length: 30}, (_, index): Change => {
				const usual: Change = index < 7 ? {} : {facts: {lock: {state: 'ours'}}, samplesSinceLock: 2};
				const here = troubles.find(one => index >= one.index && index < one.index + one.lasts)?.is;
				return here === undefined ? usual : {...usual, ...here, facts: {...usual.facts, ...here.facts}};
			}),
		);
	let acted = 0;
	fc.assert(
		fc.property(ticks, changes => {
			let phase = {at: 'watching'} as Phase;
			const seen: string[] = [];
			for (const [index, {facts: known, ...rest}] of changes.entries()) {
				const now = index * 2000;
				const tick: Tick = {
					now,
					facts: facts(known),
					veto: null,
					superseded: false,
					samplesSinceLock: 0,
					operation: null,
					...rest,
				};
				const step = nextStep(phase, tick, courseDefaults);
				if (step.act === 'roll-back') {
					acted++;
					assert.deepEqual(notHeld(step.rails), []);
					assert.deepEqual([tick.veto, tick.superseded, tick.facts.slept], [null, false, false]);
					assert.ok(
						seen.includes('take-lock') && !seen.includes('roll-back') && phase.at === 'looking-again',
					);
					assert.ok(now - phase.since >= courseDefaults.lookAgain.ms && tick.samplesSinceLock >= 2);
				}
				if (phase.at === 'over') assert.deepEqual([step.phase, step.act, step.tell], [phase, null, null]);
				if (step.phase.at === 'over' && phase.at !== 'over' && seen.includes('take-lock'))
					assert.ok(seen.includes('roll-back') || step.act === 'release-lock', 'the lock is given back');
				if (step.act !== null) seen.push(step.act);
				({phase} = step);
			}
		}),
		runs(5000),
	);
	assert.ok(acted > 100, `only ${acted} acted`);
});
