/** No keys, pastes, ticks and times start anything on production, but the phrase, typed key by key, and Enter after a moment. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import type {Plan, PlanCommit, Wish} from '../source/core/plan/plan.ts';
import {keyTable} from '../source/state/keys/keys.ts';
import type {Effect, Message} from '../source/state/model/messages.ts';
import {initialState, type State} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {observableSettings} from './helpers/app.ts';
import {facts, commit, repository, sha, start} from './helpers/facts.ts';
import {fakeOperations, offer} from './helpers/fake-operations.ts';
import {virtualClock} from './helpers/virtual-clock.ts';
import {runs} from './helpers/fuzz.ts';

type Act =
	| {keys: readonly string[]; afterMs: number; isChunk: boolean}
	| {paste: string}
	| {tickMs: number}
	| {answer: true};

const settings = {
	...observableSettings,
	environments: observableSettings.environments.filter(({name}) => name === 'production'),
};
const fake = fakeOperations(virtualClock(start));
fake.site('production').version = sha(2);
fake.offers('production', [
	offer(sha(2), 'it is live', {release: {isLive: true}}),
	offer(sha(3), 'was healthy', {offered: true, isDefault: true}),
]);
const reading = await fake.world.read();
const history: readonly PlanCommit[] = [1, 2, 3].map(digit => ({
	sha: sha(digit),
	message: `Commit ${digit}`,
	isRevert: false,
}));
const plans = new Map<string, Plan>();
const planFor = async (wish: Wish) => plans.set(JSON.stringify(wish), await fake.world.plan(wish, history));
const deploying: Wish = {kind: 'deploy', environment: 'production', sha: sha(1)};
await planFor(deploying);
await planFor({kind: 'rollback', environment: 'production', release: null});
const ready: Wish = {kind: 'promote', environment: 'production', sha: sha(1)};
/** The second commit's gate is shut: it goes past a broken glass or not at all, whatever the reason. */
const shut: Wish = {kind: 'promote', environment: 'production', sha: sha(3)};
await planFor(ready);
fake.promoting.other = {'e2e-green': {met: false, because: 'E2E failed'}};
await planFor(shut);
await planFor({...shut, breakGlass: 'why'});
const deployPhrase = plans.get(JSON.stringify(deploying))!.phrase!;
const rollbackPhrase = [...plans.values()][1]!.phrase!;

const glassPhrase = plans.get(JSON.stringify({...shut, breakGlass: 'why'}))!.phrase!;
const planOf = (wish: Wish) =>
	plans.get(
		JSON.stringify(wish.kind === 'promote' && wish.breakGlass !== undefined ? {...wish, breakGlass: 'why'} : wish),
	);
assert.equal(plans.get(JSON.stringify(ready))!.phrase, deployPhrase);

/** Keys from the board to a plan with this phrase. */
const openings: ReadonlyArray<readonly [keys: readonly string[], phrase: string]> = [
	[['D'], deployPhrase],
	[['B', 'enter'], rollbackPhrase],
	[['P'], deployPhrase],
	[['G', 'P', 'X', 'w', 'h', 'y', 'enter'], glassPhrase],
];
const opened = (keys: readonly string[]): readonly Act[] =>
	keys.flatMap((key): readonly Act[] => [
		{keys: [key], afterMs: key === 'enter' ? 800 : 100, isChunk: false},
		{answer: true},
	]);

/** The program without its edges: messages in, effects answered as the fake would. */
const machine = () => {
	let now = start;
	let serial = 0;
	let state: State = initialState({
		repository,
		settings,
		preferences: defaultPreferences,
		demo: null,
		readOnly: false,
		columns: 100,
		rows: 30,
		now,
		wallNow: now,
	});
	const starts: Array<Extract<Effect, {type: 'start-operation'}>> = [];
	let unanswered: Effect[] = [];
	const times = () => ({now, wallNow: now});
	const send = (message: Message) => {
		const stamped =
			message.type === 'key-pressed' || message.type === 'pasted' ? {...state, now, wallNow: now} : state;
		const [next, effects] = update(stamped, message);
		state = next;
		unanswered.push(...effects.filter(({type}) => type === 'plan' || type === 'read-operations'));
		starts.push(...effects.filter(effect => effect.type === 'start-operation'));
	};
	const answer = () => {
		const effects = unanswered;
		unanswered = [];
		for (const effect of effects) {
			if (effect.type === 'read-operations')
				send({type: 'operations-read', generation: effect.generation, reading, ...times()});
			const plan = effect.type === 'plan' ? planOf(effect.wish) : undefined;
			if (effect.type === 'plan' && plan)
				send({type: 'planned', generation: effect.generation, plan, ...times()});
		}
	};
	send({type: 'started', cached: null});
	answer();
	const commits = [1, 2, 3].map(digit => commit(sha(digit)));
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
				facts: facts({commits}),
			},
		},
		...times(),
	});
	return {
		starts,
		state: () => state,
		act(act: Act) {
			if ('paste' in act) send({type: 'pasted', text: act.paste});
			else if ('answer' in act) answer();
			else if ('tickMs' in act) {
				now += act.tickMs;
				send({type: 'ticked', ...times()});
			} else {
				serial++;
				for (const key of act.keys) {
					if (!act.isChunk) {
						now += act.afterMs;
						serial++;
					}
					send({type: 'key-pressed', key, chunk: {serial, size: act.isChunk ? act.keys.length : 1}});
				}
			}
		},
	};
};

const text = (phrase: string) => [...phrase];
const tableKeys = [...new Set(keyTable.flatMap(({keys}) => keys))].filter(
	key => !key.startsWith('ctrl-') || key === 'ctrl-u',
);
const anyKeys = fc.array(fc.constantFrom(...tableKeys, 'enter', 'y', 'D', 'B', 'P', 'X', ...text('prodution 1203')), {
	minLength: 1,
	maxLength: 6,
});
/** Nearly right: what a phrase begins with, what it ends with, or all of it at once. */
const nearly = fc
	.constantFrom(
		deployPhrase,
		rollbackPhrase,
		glassPhrase,
		deployPhrase.slice(0, -1),
		deployPhrase.slice(1),
		`${deployPhrase}\n`,
	)
	.map(text);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({keys: anyKeys, afterMs: fc.constantFrom(0, 5, 20, 40, 150, 700), isChunk: fc.boolean()}),
	},
	{weight: 3, arbitrary: fc.record({keys: nearly, afterMs: fc.constantFrom(0, 1, 9, 29), isChunk: fc.boolean()})},
	{weight: 1, arbitrary: fc.record({keys: nearly, afterMs: fc.constant(0), isChunk: fc.constant(true)})},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(deployPhrase, rollbackPhrase, glassPhrase, 'y', '\n', `${deployPhrase}\r`)
			.map(paste => ({paste})),
	},
	{weight: 3, arbitrary: fc.constantFrom(10, 400, 1200, 61_000).map(tickMs => ({tickMs}))},
	{weight: 4, arbitrary: fc.constant({answer: true} as const)},
	{
		weight: 2,
		arbitrary: fc
			.constantFrom(['D'], ['B', 'enter'], ['P'], ['G', 'P'], ['enter'])
			.map(keys => ({keys, afterMs: 100, isChunk: false})),
	},
);

/** Everything for a start, but for how the phrase came. */
const attempt: fc.Arbitrary<readonly Act[]> = fc
	.record({
		kind: fc.constantFrom(...openings),
		typing: fc.oneof(
			fc
				.record({afterMs: fc.constantFrom(0, 1, 5, 9), isChunk: fc.boolean()})
				.map(how => (phrase: string): readonly Act[] => [{keys: text(phrase), ...how}]),
			fc.integer({min: 1, max: 17}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, at)), afterMs: 90, isChunk: false},
				{keys: text(phrase.slice(at)), afterMs: 0, isChunk: at < 17},
			]),
			fc.integer({min: 1, max: 5}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, at)), afterMs: 40, isChunk: false},
				{keys: text(phrase.slice(at)), afterMs: 0, isChunk: true},
				{tickMs: 1200},
			]),
			fc.integer({min: 1, max: 5}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, -at)), afterMs: 0, isChunk: true},
				{keys: text(phrase.slice(-at)), afterMs: 300, isChunk: false},
			]),
			fc.integer({min: 0, max: 17}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, at)), afterMs: 90, isChunk: false},
				{paste: phrase.slice(at)},
			]),
			fc.integer({min: 1, max: 17}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, at)), afterMs: 90, isChunk: false},
				{tickMs: 61_000},
				{keys: text(phrase.slice(at)), afterMs: 90, isChunk: false},
			]),
			fc.integer({min: 1, max: 16}).map(at => (phrase: string): readonly Act[] => [
				{keys: text(phrase.slice(0, at) + phrase.slice(at + 1)), afterMs: 90, isChunk: false},
			]),
		),
		enter: fc.constantFrom<Act>(
			{keys: ['enter'], afterMs: 1200, isChunk: false},
			{keys: ['enter', 'enter'], afterMs: 600, isChunk: true},
			{paste: '\r'},
		),
	})
	.map(({kind: [opening, phrase], typing, enter}): readonly Act[] => [
		{keys: ['esc'], afterMs: 100, isChunk: false},
		...opened(opening),
		{tickMs: 700},
		...typing(phrase),
		{tickMs: 700},
		enter,
	]);

test('the machine starts production when the phrase is typed: so the property below is about something', () => {
	for (const [opening, phrase] of openings) {
		const {act, starts} = machine();
		for (const each of opened(opening)) act(each);
		act({tickMs: 600});
		act({keys: text(phrase), afterMs: 90, isChunk: false});
		act({keys: ['enter'], afterMs: 600, isChunk: false});
		assert.deepEqual(
			starts.map(({confirmation}) => confirmation.phrase),
			[phrase],
		);
	}
});

/** Whether at an Enter of the last act the phrase had been pressed whole, no faster than hands are, and most of it never at once. */
const isTypedByHand = (acts: readonly Act[], phrase: string): boolean => {
	const typed: Array<{key: string; at: number; chunk: number}> = [];
	const isWhole = () => {
		const last = typed.slice(-phrase.length);
		const largest = Math.max(0, ...last.map(one => last.filter(other => other.chunk === one.chunk).length));
		return (
			last.map(({key}) => key).join('') === phrase &&
			last.at(-1)!.at - last[0]!.at >= 10 * (phrase.length - 1) &&
			largest <= (phrase.length * 2) / 3
		);
	};
	let [at, chunk, was] = [0, 0, false];
	for (const act of acts) {
		chunk++;
		was = false;
		if ('tickMs' in act) at += act.tickMs;
		if ('tickMs' in act && act.tickMs > 60_000) typed.length = 0;
		if (!('keys' in act)) continue;
		for (const key of act.keys) {
			if (!act.isChunk) {
				at += act.afterMs;
				chunk++;
			}
			if (key === 'ctrl-u' || key === 'esc') typed.length = 0;
			else if (key === 'backspace') typed.pop();
			else if (key === 'enter') was ||= isWhole();
			else if (key.length === 1) typed.push({key, at, chunk});
		}
	}
	return was;
};

test('property: without the exact phrase, typed by hand, nothing is started on production', () => {
	let open = 0;
	fc.assert(
		fc.property(
			fc
				.array(fc.oneof({weight: 3, arbitrary: anyAct.map(act => [act])}, {weight: 2, arbitrary: attempt}), {
					minLength: 2,
					maxLength: 24,
				})
				.map(lists => lists.flat()),
			acts => {
				const {act, starts, state} = machine();
				let seen = 0;
				for (const [index, each] of acts.entries()) {
					act(each);
					if (state().dialog?.name === 'plan') open++;
					const begun = starts.slice(seen);
					seen = starts.length;
					for (const {plan, confirmation} of begun) {
						assert.equal(confirmation.phrase, plan.phrase);
						assert.ok(
							isTypedByHand(acts.slice(0, index + 1), plan.phrase!),
							`started by ${JSON.stringify(acts.slice(0, index + 1))}`,
						);
					}
				}
			},
		),
		runs(1500),
	);
	assert.ok(open > 1000, `dialogs were open after ${open} acts only`);
});
