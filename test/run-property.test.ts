/** Whatever is pressed, whatever GitHub says meanwhile: nothing is sent for another run or attempt than the one that the screen showed when the key was pressed. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {JobFact, RunFact} from '../source/core/github/facts.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import type {RunWish} from '../source/core/runs/runs.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import type {Message} from '../source/state/model/messages.ts';
import {initialState, type State} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {picture} from '../source/ui/picture.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {commit, facts, job, repository, run, sha, start} from './helpers/facts.ts';
import {fakeOperations} from './helpers/fake-operations.ts';
import {virtualClock} from './helpers/virtual-clock.ts';
import {runs} from './helpers/fuzz.ts';

const reading = await fakeOperations(virtualClock(start)).world.read();

/** E2E of two commits; how often each was re-run, and whether it runs now. */
type Pipeline = {
	attempts: readonly [number, number];
	isRunning: readonly [boolean, boolean];
	knowsAttempts: boolean;
	/** How often it has changed. */ changes: number;
};
const runIds = [501, 502] as const;
const jobsOf = (index: number, attempt: number, isRunning: boolean): readonly JobFact[] =>
	[1, 2].map(shard =>
		job(index * 1000 + attempt * 10 + shard, {
			name: `e2e (${shard}, 2)`,
			...(isRunning
				? {status: 'IN_PROGRESS', conclusion: null, finishedAt: null}
				: {conclusion: shard === 1 ? 'FAILURE' : 'SUCCESS'}),
		}),
	);
const runOf = (index: 0 | 1, {attempts, isRunning, knowsAttempts, changes}: Pipeline): RunFact =>
	run(runIds[index], 'e2e', {
		title: `E2E ${sha(index + 1)}`,
		attempt: knowsAttempts ? attempts[index] : null,
		jobs: jobsOf(index + 1, attempts[index], isRunning[index]),
		jobsTotal: 2,
		updatedAt: start + changes * 1000,
		jobsAsOf: start + changes * 1000,
		...(isRunning[index]
			? {status: 'IN_PROGRESS', conclusion: null}
			: {status: 'COMPLETED', conclusion: 'FAILURE'}),
	});
const factsOf = (pipeline: Pipeline) =>
	facts({commits: [commit(sha(1)), commit(sha(2))], runs: [runOf(0, pipeline), runOf(1, pipeline)]});

type Act =
	| {key: string; afterMs: number}
	| {chunk: readonly string[]}
	| {paste: string}
	| {tickMs: number}
	| {rerun: 0 | 1}
	| {ends: 0 | 1}
	| {poll: true};
type Sent = {wish: RunWish; screen: string; key: string; pipeline: Pipeline};

const machine = (knowsAttempts: boolean) => {
	let now = start;
	let serial = 0;
	let pipeline: Pipeline = {attempts: [1, 1], isRunning: [false, true], knowsAttempts, changes: 0};
	/** What the screen knows; GitHub may be further. */
	let shown = pipeline;
	let state: State = initialState({
		repository,
		settings: defaultSettings,
		preferences: {...defaultPreferences, motion: 'reduced'},
		demo: null,
		readOnly: false,
		columns: 120,
		rows: 40,
		now,
		wallNow: now,
	});
	const sent: Sent[] = [];
	const times = () => ({now, wallNow: now});
	const screen = () => screenText(picture(state, lookOf(state.preferences, 'dark', 0)));
	const send = (message: Message) => {
		const before =
			message.type === 'key-pressed' || message.type === 'pasted' ? {...state, now, wallNow: now} : state;
		state = before;
		const text = message.type === 'key-pressed' ? screen() : '';
		const [next, effects] = update(before, message);
		state = next;
		for (const effect of effects) {
			if (effect.type === 'act-on-run')
				sent.push({
					wish: effect.wish,
					screen: text,
					key: message.type === 'key-pressed' ? message.key : message.type,
					pipeline: shown,
				});
		}
	};
	const poll = () => {
		if (state.poll.phase !== 'asking') send({type: 'refresh'});
		shown = pipeline;
		send({
			type: 'answered',
			generation: state.poll.generation,
			random: 0.5,
			answer: {
				ok: true,
				reading: {
					kind: 'overview',
					readAt: now,
					clockSkewMs: 0,
					latencyMs: 5,
					cost: 1,
					rateLimit: null,
					path: 'graphql',
					partial: [],
					facts: factsOf(pipeline),
				},
			},
			...times(),
		});
	};
	send({type: 'started', cached: null});
	send({type: 'operations-read', generation: state.operations.generation, reading, ...times()});
	poll();
	send({type: 'choose-tier', tier: 'e2e'});
	return {
		sent,
		screen,
		act(act: Act) {
			if ('tickMs' in act) {
				now += act.tickMs;
				send({type: 'ticked', ...times()});
				return;
			}
			if ('poll' in act) {
				poll();
				return;
			}
			if ('paste' in act) {
				send({type: 'pasted', text: act.paste});
				return;
			}
			const changed = <Value>(pair: readonly [Value, Value], index: 0 | 1, value: Value) =>
				pair.with(index, value) as unknown as [Value, Value];
			if ('rerun' in act) {
				pipeline = {
					...pipeline,
					changes: pipeline.changes + 1,
					attempts: changed(pipeline.attempts, act.rerun, pipeline.attempts[act.rerun] + 1),
					isRunning: changed(pipeline.isRunning, act.rerun, true),
				};
				return;
			}
			if ('ends' in act) {
				pipeline = {
					...pipeline,
					changes: pipeline.changes + 1,
					isRunning: changed(pipeline.isRunning, act.ends, false),
				};
				return;
			}
			serial++;
			const keys = 'chunk' in act ? act.chunk : [act.key];
			if ('key' in act) now += act.afterMs;
			for (const key of keys) send({type: 'key-pressed', key, chunk: {serial, size: keys.length}});
		},
	};
};

const keys = ['r', 'x', 'E', 'y', 'y', 'enter', 'enter', 'j', 'k', 'esc', 'tab', 'down', 'g', 'G', 'n', ' '] as const;
const anyAct: fc.Arbitrary<Act> = fc.oneof(
	{weight: 8, arbitrary: fc.record({key: fc.constantFrom(...keys), afterMs: fc.constantFrom(0, 20, 150, 800, 1200)})},
	{weight: 1, arbitrary: fc.record({chunk: fc.array(fc.constantFrom(...keys), {minLength: 2, maxLength: 4})})},
	{weight: 1, arbitrary: fc.record({paste: fc.constantFrom('y', '\r')})},
	{weight: 1, arbitrary: fc.record({tickMs: fc.constantFrom(100, 900, 5000, 61_000)})},
	{weight: 1, arbitrary: fc.record({rerun: fc.constantFrom(0 as const, 1 as const)})},
	{weight: 1, arbitrary: fc.record({ends: fc.constantFrom(0 as const, 1 as const)})},
	{weight: 2, arbitrary: fc.constant({poll: true} as const)},
);
const hand = (key: string): Act => ({key, afterMs: 1200});

test('the machine does send: so the property below is about something', () => {
	for (const [presses, kind] of [
		[['g', 'r', 'enter', 'y'], 'rerun'],
		[['G', 'x', 'y'], 'cancel'],
	] as const) {
		const {act, sent} = machine(true);
		for (const key of presses) act(hand(key));
		assert.deepEqual(
			sent.map(({wish}) => wish.kind),
			[kind],
		);
	}
});

test('an act is for the run, the attempt and the jobs on the screen, confirmed by a key that came alone', () => {
	let count = 0;
	fc.assert(
		fc.property(
			fc.boolean(),
			fc.array(
				fc.oneof(
					{weight: 3, arbitrary: anyAct.map(act => [act])},
					{
						weight: 1,
						arbitrary: fc
							.constantFrom(
								['g', 'r', 'enter'],
								['G', 'x'],
								['r', 'j', 'enter'],
								['y'],
								['g', 'r', 'enter', 'y'],
							)
							.map(presses => presses.map(hand)),
					},
				),
				{minLength: 1, maxLength: 25},
			),
			(knowsAttempts, groups) => {
				const {act, sent} = machine(knowsAttempts);
				for (const each of groups.flat()) act(each);
				for (const {wish, screen, key, pipeline} of sent) {
					if (wish.kind === 'start') continue;
					count++;
					const index = runIds.indexOf(wish.seen.runId as 501);
					assert.equal(key, 'y');
					assert.match(
						screen,
						new RegExp(
							`run\\s+#${wish.seen.runId} \\(${wish.seen.runId}\\), attempt ${wish.seen.attempt ?? 'unknown'}\\b`,
						),
						'what is sent was on the screen',
					);
					assert.match(screen, new RegExp(`commit\\s+${sha(index + 1).slice(0, 7)} `));
					const now = runOf(index as 0 | 1, pipeline);
					assert.deepEqual(
						[wish.seen.attempt, wish.seen.jobIds],
						[now.attempt, now.jobs!.map(({id}) => id)],
						'and it is what the screen knew last',
					);
					assert.equal(now.status === 'COMPLETED', wish.kind === 'rerun');
					if (wish.kind === 'rerun' && typeof wish.which === 'object')
						assert.ok(now.jobs!.some(({id}) => id === (wish.which as {jobId: number}).jobId));
				}
			},
		),
		runs(400),
	);
	assert.ok(count > 20, `only ${count} acts were sent`);
});
