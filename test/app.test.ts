/** Press and look: what the keys do, in virtual time against the simulator. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {keyTable} from '../source/state/keys/keys.ts';
import type {Effect, Message} from '../source/state/model/messages.ts';
import {selectedCandidate} from '../source/state/questions/select.ts';
import {initialState} from '../source/state/model/state.ts';
import {update} from '../source/state/update.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {commit, facts, repository, run, sha, start} from './helpers/facts.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {runs} from './helpers/fuzz.ts';

const open = async (options: AppOptions, t: TestContext) => {
	const app = await openApp({startMinutes: 9, ...options}, t);
	await app.settled();
	await app.advance(3000);
	return app;
};

test('the selection stays on the same commit when new ones arrive', async t => {
	const app = await open({scenario: 'second-push', startMinutes: 0}, t);
	await app.press('j');
	const chosen = selectedCandidate(app.state())!.sha;
	const before = app.state().snapshot!.candidates.length;
	for (
		let minute = 0;
		minute < 30 &&
		app.state().snapshot!.candidates[0]!.sha ===
			app.state().snapshot!.candidates.find(({sha}) => sha === chosen)!.sha;
		minute++
	)
		await app.advance(60_000);
	await app.advance(12 * 60_000);
	assert.ok(app.state().snapshot!.candidates.length >= before);
	assert.equal(selectedCandidate(app.state())!.sha, chosen);
	assert.ok(
		app.state().events.some(event => event.kind === 'commit'),
		'a new commit has arrived',
	);
});

test('without a choice the active release is shown, and followed again with a', async t => {
	const app = await open({}, t);
	assert.match(selectedCandidate(app.state())!.message, /Autosave/);
	await app.press('j', 'j');
	assert.doesNotMatch(selectedCandidate(app.state())!.message, /Autosave/);
	await app.press('a');
	assert.match(app.screen(), /Following the active release, [0-9a-f]{7}/);
	assert.equal(app.state().view.selectedSha, null);
});

test('enter goes in, esc goes back, tiers and jobs are stepped through', async t => {
	const app = await open({}, t);
	await app.press('3', 'enter');
	assert.match(app.screen(), /matched {4}named by the workflow's commit status/);
	await app.press('j', 'enter');
	await app.advance(1500);
	assert.match(app.screen(), /e2e \(2, 4\)/);
	assert.match(app.screen(), /Run Playwright tests/);
	assert.match(app.screen(), /no API for the log of a running job/);
	await app.press('l');
	assert.match(app.screen(), /e2e \(3, 4\)/);
	await app.press('esc');
	assert.match(app.screen(), /workflow {3}e2e-staging.yml/);
	await app.press('h');
	assert.match(app.screen(), /workflow {3}deploy-staging.yml/);
	await app.press('esc');
	assert.match(app.screen(), /Candidates/);
});

test('opening a finished job reads its steps at once, not at the next slow poll', async t => {
	const app = await open({scenario: 'quiet', startMinutes: 0}, t);
	await app.advance(60_000);
	const asked = app.questions.length;
	await app.press('1', 'enter', 'enter');
	assert.equal(app.questions.length, asked + 1);
	assert.match(app.screen(), /1 . Set up job/);
});

test('a blocked key says why', async t => {
	const app = await open({scenario: 'empty', startMinutes: 0}, t);
	await app.press('enter', 'enter');
	assert.match(app.screen(), /open job: this tier has not started\./);
	await app.press('esc', 'n');
	assert.match(app.screen(), /next hit: nothing has been searched for\. \/ searches\./);
	await app.press('4');
	assert.match(app.screen(), /smoke: this project has no smoke tier\./);
});

test('search finds by message, author and SHA; n goes on; nothing found is said', async t => {
	const app = await open({}, t);
	await app.press('/', ...'toolbar', 'enter');
	const first = selectedCandidate(app.state())!;
	assert.match(first.message, /Toolbar/i);
	await app.press('n');
	assert.notEqual(selectedCandidate(app.state())!.sha, first.sha);
	assert.match(selectedCandidate(app.state())!.message, /toolbar/i);
	const other = app.state().snapshot!.candidates.at(-1)!.sha;
	await app.press('/', ...other.slice(0, 9), 'enter');
	assert.equal(selectedCandidate(app.state())!.sha, other);
	await app.press('/', ...'[nothing', 'enter');
	assert.match(app.screen(), /No commit has "\[nothing" in its message, author or SHA\./);
});

test('the palette runs commands through the same gate', async t => {
	const app = await open({}, t);
	await app.press(':', ...'ascii', 'enter');
	assert.equal(app.state().preferences.symbols, 'ascii');
	assert.match(app.screen(), /develop -> main/);
	await app.press(':', ...'open staging in', 'enter');
	assert.match((app.asked.at(-1) as {url: string}).url, /^https:/);
	await app.press(':', ...'zzzz', 'enter');
	assert.match(app.screen(), /No command matches "zzzz"/);
	const bare = await open({scenario: 'empty', startMinutes: 0}, t);
	await bare.press(':', ...'open staging in');
	assert.match(
		bare.screen(),
		/Open staging in the browser {2}the address of staging is not known/,
		'greyed with the reason',
	);
	await bare.press('enter');
	assert.match(
		bare.screen(),
		/open staging: the address of staging is not known\. Set environments\.staging\.url in deployctl\.yml\./,
	);
});

test('o and y act on what is in view: job, run, else commit', async t => {
	const app = await open({}, t);
	await app.press('3', 'o');
	assert.match((app.asked.at(-1) as {url: string}).url, /\/actions\/runs\/\d+$/);
	await app.press('enter', 'enter', 'y');
	assert.match((app.asked.at(-1) as {text: string}).text, /\/job\/\d+|\/runs\/\d+/);
	await app.press('Y');
	assert.equal((app.asked.at(-1) as {text: string}).text, selectedCandidate(app.state())!.sha);
	await app.press('esc', 'esc', '4', 'k');
});

test('a paste is text where text is asked for, and nothing elsewhere', async t => {
	const app = await open({}, t);
	app.store.dispatch({type: 'pasted', text: 'q\u0003jjj'});
	assert.equal(app.asked.length, 0);
	await app.press('/');
	app.store.dispatch({type: 'pasted', text: 'Tool\u001B[31mbar\n'});
	assert.match(app.screen().split('\n').at(-1)!, / \/Tool\[31mbar/);
});

test('quit, suspend and Ctrl-C reach the terminal', async t => {
	const app = await open({}, t);
	await app.press('ctrl-z', 'q', 'ctrl-c');
	assert.deepEqual(
		app.asked.filter(({type}) => type === 'quit' || type === 'suspend'),
		[{type: 'suspend'}, {type: 'quit', exitCode: 0}, {type: 'quit', exitCode: 130}],
	);
});

test('no key is bound twice in one mode', () => {
	const seen = new Set<string>();
	for (const {modes, keys, label} of keyTable) {
		for (const mode of modes) {
			for (const key of keys) {
				assert.ok(!seen.has(`${mode} ${key}`), `${key} is bound twice in ${mode} (${label})`);
				seen.add(`${mode} ${key}`);
			}
		}
	}
});

test('one poll and one tick wait at any time, whatever is pressed', async t => {
	const app = await open({}, t);
	for (const key of ['R', 'R', 'j', 'enter', 'R', 'enter', 'esc', 'R', ':', 'R', 'esc', '/', 'esc', 'R']) {
		await app.press(key);
		await app.advance(700);
		assert.equal(app.clock.waiting(), 2, `after ${key}`);
	}
});

const times = fc.record({
	now: fc.constant(start),
	wallNow: fc.integer({min: 0, max: 3_600_000}).map(offset => start + offset),
});
const reading = {
	kind: 'overview' as const,
	readAt: start,
	clockSkewMs: 0,
	latencyMs: 5,
	cost: 1,
	rateLimit: null,
	path: 'graphql' as const,
	partial: [],
	facts: facts({commits: []}),
};
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
	fc
		.constantFrom(...keyTable.flatMap(({keys}) => keys), 'x', '€')
		.map((key): Message => ({type: 'key-pressed', key})),
	times.chain(at =>
		fc.integer({min: 0, max: 40}).map((generation): Message => ({type: 'poll-came-due', generation, ...at})),
	),
	times.chain(at =>
		fc.record({generation: fc.integer({min: 0, max: 40}), ok: fc.boolean()}).map(({generation, ok}): Message => ({
			type: 'answered',
			generation,
			random: 0.5,
			...at,
			answer: ok
				? {ok: true, reading}
				: {
						ok: false,
						failure: {
							kind: 'server-error',
							because: 'x',
							status: 502,
							retryAt: null,
							readAt: start,
							latencyMs: 5,
						},
					},
		})),
	),
	times.map((at): Message => ({type: 'ticked', ...at})),
	fc
		.record({columns: fc.integer({min: 1, max: 300}), rows: fc.integer({min: 1, max: 100})})
		.map((size): Message => ({type: 'resized', ...size})),
	fc.string().map((text): Message => ({type: 'pasted', text})),
);

test('property: after any messages exactly one wait or question is under way, and only the newest generation counts', () => {
	fc.assert(
		fc.property(fc.array(anyMessage, {maxLength: 60}), messages => {
			let state = initialState({
				repository,
				settings: defaultSettings,
				preferences: defaultPreferences,
				demo: null,
				readOnly: false,
				columns: 80,
				rows: 24,
				now: start,
				wallNow: start,
			});
			let slot: Extract<Effect, {type: 'ask' | 'wait-for-poll'}> | null = null;
			for (const message of [{type: 'started', cached: null} as Message, ...messages]) {
				const [next, effects] = update(state, message);
				state = next;
				const polling = effects.filter(effect => effect.type === 'ask' || effect.type === 'wait-for-poll');
				assert.ok(polling.length <= 1, 'two at once');
				slot = polling[0] ?? slot;
				assert.equal(slot!.generation, state.poll.generation);
				assert.equal(slot!.type, state.poll.phase === 'asking' ? 'ask' : 'wait-for-poll');
			}
		}),
		runs(1000),
	);
});

test('what an overview owes is read before the next one, however long a poll takes', () => {
	const unread = run(1, 'fast', {headSha: sha(1), jobs: null, jobsTotal: null, jobsAsOf: null});
	const owing = {...reading, facts: facts({commits: [commit(sha(1))], runs: [unread]})};
	let state = initialState({
		repository,
		settings: defaultSettings,
		preferences: defaultPreferences,
		demo: null,
		readOnly: false,
		columns: 80,
		rows: 24,
		now: start,
		wallNow: start,
	});
	const asked: string[] = [];
	let wallNow = start;
	const send = (message: Message) => {
		const [next, effects] = update(state, message);
		state = next;
		for (const effect of effects) if (effect.type === 'ask') asked.push(effect.question.kind);
	};
	send({type: 'started', cached: null});
	for (let polls = 0; polls < 3; polls++) {
		// Longer than an overview may get old.
		wallNow += 60_000;
		const answer = asked.at(-1) === 'overview' ? owing : {...owing, kind: 'active' as const, facts: {runs: []}};
		send({
			type: 'answered',
			generation: state.poll.generation,
			random: 0.5,
			answer: {ok: true, reading: answer},
			now: start,
			wallNow,
		});
		wallNow += 60_000;
		send({type: 'poll-came-due', generation: state.poll.generation, now: start, wallNow});
	}
	assert.deepEqual(asked, ['overview', 'active', 'overview', 'active']);
});
