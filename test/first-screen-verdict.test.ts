/** "What can go to production?" is answered on the first screen, before anything else is read. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isUndecided} from '../source/core/polling/attention.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {openApp} from './helpers/app.ts';

/** Milliseconds of the virtual clock until nothing that decides is "not read yet", and the questions until then. */
const untilAnswered = async (
	app: Awaited<ReturnType<typeof openApp>>,
): Promise<{afterMs: number; questions: number}> => {
	await app.settled();
	for (let afterMs = 0; afterMs <= 5000; afterMs += 100) {
		const {facts, snapshot} = app.state();
		const head = snapshot?.candidates[0];
		const isRead =
			head !== undefined &&
			!isUndecided(facts, snapshot) &&
			head.gate.conditions.every(
				({id, because, isUnread}) =>
					isUnread !== true && !(id === 'production-healthy' && / of \d+ healthy answers/.test(because)),
			);
		if (isRead) return {afterMs, questions: app.questions.length};
		await app.advance(100);
	}
	assert.fail(
		`no answer: ${JSON.stringify(app.state().snapshot?.candidates[0]?.gate.conditions.filter(({met}) => met === 'unknown'))}`,
	);
};

test('the answer is there within two seconds and three questions, and the jobs that decide are asked for first', async t => {
	for (const scenario of ['release', 'quiet', 'production-approval']) {
		const app = await openApp({scenario, operations: {}}, t);
		const {afterMs, questions} = await untilAnswered(app);
		assert.ok(afterMs <= 2000 && questions <= 3, `${scenario}: ${afterMs} ms, ${questions} questions`);
		const [first, second] = app.questions;
		assert.equal(first?.kind, 'overview');
		assert.ok(second?.kind === 'active' && second.suites.length <= 12, 'not all jobs at once');
		const wanted = new Set(
			app
				.state()
				.snapshot!.candidates.filter((candidate, index) => index === 0 || candidate.liveOn.includes('staging'))
				.flatMap(({tiers}) => Object.values(tiers).flatMap(({runId}) => runId ?? [])),
		);
		for (const id of wanted)
			assert.ok(
				second.suites.some(({runId}) => runId === id),
				`${scenario}: run ${id}`,
			);
	}
});

test('what has been read once hurries nobody: the questions of the first minute are those of the usual pace', async t => {
	const app = await openApp({scenario: 'quiet', operations: {}}, t);
	await app.settled();
	await app.advance(60_000);
	// An overview every ten seconds, and the two questions for jobs at the start.
	assert.ok(app.questions.length <= 10, app.questions.map(({kind}) => kind).join(' '));
});

test('not read yet and could not be read are two words, in the list and above the conditions', async t => {
	const app = await openApp({scenario: 'quiet', operations: {}, columns: 120, rows: 40}, t);
	await app.settled();
	assert.match(app.screen(), /\? checking/);
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 60_000, {kind: 'bad-gateway-html'});
	await app.advance(3000);
	assert.match(app.screen(), /\? unread/);
	assert.match(app.screen(), /\? could not be read/);
	await app.press('3', 'enter');
	assert.match(
		app.screen().replaceAll(/[│\s]+/g, ' '),
		/The jobs could not be read \(GitHub answered 502: .*, next try in \d+s\)\./,
	);
	assert.doesNotMatch(app.screen(), /No job has been created|GitHub lists no jobs/);
});

test('production without an address to ask is said to be that, and nothing is read for ever', async t => {
	const app = await openApp(
		{
			scenario: 'quiet',
			operations: {prepare: operations => operations.unlocked('production')},
			settings: defaultSettings,
			columns: 120,
			rows: 40,
		},
		t,
	);
	await untilAnswered(app);
	const condition = app.state().snapshot!.candidates[0]!.gate.conditions.find(({id}) => id === 'production-healthy');
	assert.equal(condition?.because, 'health of production: no address to ask');
	await app.advance(5000);
	assert.doesNotMatch(app.screen(), /checking|not read yet/);
});
