/** What becomes of room: subjects of commits have the width, older commits the height; and where there is little, what stays. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {commitsRead} from '../source/core/polling/attention.ts';
import {scenario} from '../source/simulator/model/scenario.ts';
import {selectedCandidate} from '../source/state/questions/select.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {type App, openIncident, openOperator, openProductionPlan, openRollbackPlan} from './helpers/operator.ts';
import {openPromotion, openReleaser} from './helpers/releaser.ts';
import {fitsOn} from './helpers/screens.ts';

const overviews = (app: App) => app.questions.filter(({kind}) => kind === 'overview');
const rowsOf = (app: App): readonly string[] =>
	app
		.screen()
		.split('\n')
		.filter(line => /^[│ ]*▸? ?[0-9a-f]{7} .* \d+[smhd] {2}/.test(line));
const open = async (t: Parameters<typeof openOperator>[0], options: AppOptions): Promise<App> => {
	const app = await openApp({startMinutes: 9, ...options}, t);
	await app.settled();
	await app.advance(5000);
	return app;
};

const subject = (index: number) =>
	`Write down in the changelog of the ${index}th chapter what every reviewer of the publisher has asked for`;
/** One push, whose commits below the tip have no runs. */
const many = (count: number) =>
	scenario({
		name: 'many',
		description: 'A long history.',
		events: [
			{
				at: '-1h',
				push: 'develop',
				by: 'mira-okafor',
				commits: Array.from({length: count}, (_, index) => [`c${index}`, subject(index)] as const),
			},
		],
	});

test('from 160 columns on subjects of the length that git advises are whole, and longer ones have what is free', async t => {
	const app = await open(t, {scenario: many(20), columns: 200, rows: 50});
	for (const columns of [160, 180, 200, 240]) {
		app.resize(columns, 50);
		const {candidates} = app.state().snapshot!;
		const row = rowsOf(app)[1]!;
		assert.ok(
			row.includes(candidates[1]!.message.slice(0, columns >= 200 ? 70 : columns >= 180 ? 60 : 50)),
			`${columns}: ${row}`,
		);
		fitsOn(app.screen(), columns, 50);
	}
	app.resize(240, 50);
	assert.ok(
		rowsOf(app)[1]!.includes(app.state().snapshot!.candidates[1]!.message),
		'nothing is cut where there is room',
	);
});

test('the usual look reads the usual number of commits; the end of the list says how to get at older ones, and going on reads them once', async t => {
	const app = await open(t, {columns: 80, rows: 24});
	assert.ok(
		overviews(app).length > 0 &&
			overviews(app).every(({kind, ...more}) => kind === 'overview' && Object.keys(more).length === 0),
	);
	assert.equal(app.state().snapshot!.candidates.length, commitsRead.usual);
	await app.press('G');
	const last = selectedCandidate(app.state())!.sha;
	assert.match(app.screen(), /j at the end of the list reads older commits/);
	assert.match(
		linearLines(app.state()).join('\n'),
		/Commit 12 of 12, chosen: .* Below it: j at the end of the list reads older commits\./,
	);
	const before = overviews(app).length;
	assert.ok(
		overviews(app).every(question => !('commits' in question)),
		'reaching the end asks for nothing',
	);
	app.store.dispatch({type: 'key-pressed', key: 'j'});
	assert.match(app.screen(), /reading older commits/);
	await app.settled();
	assert.deepEqual(overviews(app).slice(before), [{kind: 'overview', commits: commitsRead.most}]);
	assert.equal(app.state().snapshot!.candidates.length, 16);
	assert.equal(selectedCandidate(app.state())!.sha, last, 'the choice stays');
	assert.deepEqual(
		app.state().events.filter(({kind}) => kind === 'commit'),
		[],
		'what is old is no news',
	);
	await app.press('G');
	assert.match(app.screen(), /all 16 commits of develop/);
	const asked = app.questions.length;
	await app.press('j', 'pagedown', 'G');
	assert.equal(app.questions.length, asked, 'there is nothing more to ask for');
	await app.advance(60_000);
	assert.ok(
		overviews(app)
			.slice(before)
			.every(question => 'commits' in question && question.commits === commitsRead.most),
	);
	assert.equal(selectedCandidate(app.state())?.message, 'Initial import', 'no later overview takes it away');
});

for (const keys of [
	['pagedown', 'pagedown', 'pagedown', 'pagedown'],
	['G', 'G'],
]) {
	test(`older commits by ${keys.join(', ')}`, async t => {
		const app = await open(t, {columns: 80, rows: 24});
		await app.press(...keys);
		await app.press('G');
		assert.equal(selectedCandidate(app.state())!.message, 'Initial import');
	});
}

test('where the terminal is high, older commits are there from the beginning, and what is not read is said', async t => {
	const app = await open(t, {scenario: many(40), columns: 200, rows: 50});
	assert.deepEqual(overviews(app)[0], {kind: 'overview', commits: commitsRead.most});
	assert.equal(rowsOf(app).length, commitsRead.most);
	assert.match(app.screen(), /only the newest 25 are read; older: deployctl status --sha/);
	const asked = app.questions.length;
	await app.press('G', 'j', 'j');
	assert.equal(app.questions.length, asked);
	app.resize(60, 50);
	await app.press('G');
	assert.match(app.screen(), /older: deployctl status --sha/);
});

test('in a terminal that becomes higher they come with the next overview', async t => {
	const app = await open(t, {scenario: many(40), columns: 200, rows: 30});
	app.resize(200, 50);
	assert.match(app.screen(), /reading older commits/);
	await app.advance(15_000);
	assert.equal(rowsOf(app).length, commitsRead.most);
});

test('the REST path reads older commits as well', async t => {
	const app = await open(t, {token: 'sim_fine-grained', columns: 80, rows: 24});
	assert.equal(app.state().poll.path, 'rest');
	assert.equal(app.state().snapshot!.candidates.length, commitsRead.usual);
	await app.press('G', 'j');
	assert.equal(app.state().snapshot!.candidates.length, 16);
	await app.press('G');
	assert.match(app.screen(), /all 16 commits of develop/);
});

test('a wide and low terminal shows events below the candidates, which keep all rows down to the release to go back to', async t => {
	const app = await openIncident(t, {columns: 200, rows: 50});
	for (const [columns, rows, hasEvents] of [
		[200, 30, true],
		[160, 30, true],
		[240, 32, true],
		[120, 30, false],
		[200, 24, false],
	] as const) {
		app.resize(columns, rows);
		const size = `${columns}x${rows}\n${app.screen()}`;
		assert.equal(/╭─ Events /.test(app.screen()), hasEvents, size);
		if (!hasEvents) continue;
		const shown = rowsOf(app);
		assert.ok(
			shown.some(row => row.includes('in prod')),
			size,
		);
		assert.ok(
			shown.some(row => row.includes('60630b3')),
			'what a rollback leads to',
		);
		assert.match(app.screen(), /no longer ready for production|Deployment of ba1e5d9 to production failed/, size);
	}
	app.resize(200, 30);
	await app.press('G');
	assert.match(app.screen(), /▸[0-9a-f]{7}/, 'the chosen one is in view');
});

test('at 60x15 at least three candidates are seen, whatever is wrong', async t => {
	for (const name of ['release', 'red-e2e', 'approval', 'hotfix', 'nasty', 'many-jobs']) {
		const app = await open(t, {scenario: name, startMinutes: 6, columns: 60, rows: 15});
		assert.ok(rowsOf(app).length >= 3, `${name}\n${app.screen()}`);
	}
	const app = await openIncident(t, {columns: 60, rows: 15});
	assert.match(app.screen(), /production is unhealthy/);
	assert.ok(rowsOf(app).length >= 3, app.screen());
	app.operations.begins({
		id: '20261123T091500Z-deploy-staging-0004',
		kind: 'deploy',
		environment: 'staging',
		startedAt: app.clock.now(),
	});
	await app.advance(3000);
	assert.ok(rowsOf(app).length >= 3, app.screen());
	for (let step = 0; step < 12; step++) {
		await app.press('j');
		assert.ok(rowsOf(app).length >= 3, app.screen());
		assert.match(app.screen(), /▸[0-9a-f]{7}/);
	}
});

test('in every plan commits and migrations stand above what is met, which is one line', async t => {
	const size = {columns: 120, rows: 70};
	const place = (app: App, text: RegExp) =>
		app
			.screen()
			.split('\n')
			.findIndex(line => text.test(line));
	const promoting = await openReleaser(t, size);
	await openPromotion(promoting);
	const [evidence, commits, database, added, met] = [
		/11 of 11 conditions met/,
		/commits +adds 5 commits/,
		/database +/,
		/Added to production/,
		/Conditions met/,
	].map(text => place(promoting, text));
	assert.ok(
		evidence! >= 0 &&
			commits! >= 0 &&
			evidence! < commits! &&
			commits! < database! &&
			database! < added! &&
			added! < met!,
		promoting.screen(),
	);
	for (const made of [openProductionPlan, openRollbackPlan]) {
		const app = await openOperator(t, size);
		await made(app);
		const rows = [/commits +(?:adds|removes)/, /database +/, /^ *│ [+-] [0-9a-f]{7} /].map(text =>
			place(app, text),
		);
		assert.ok(
			rows.every((row, index) => row > (rows[index - 1] ?? 0)),
			app.screen(),
		);
		assert.doesNotMatch(app.screen(), /Conditions met/);
	}
});

test('events and operations say which commit they are about, where the width is free', async t => {
	const app = await openIncident(t, {columns: 200, rows: 50});
	await app.press('O');
	assert.match(
		app.screen(),
		/✖ failed .* Deployment of ba1e5d9 to production +Autosave drafts every ten seconds \(#428\) +· the health check never said yes/,
	);
	assert.match(
		app.screen(),
		/✔ succeeded .* Deployment of cdc3fb4 to production +Key the render cache by revision \(#421\)/,
	);
	app.resize(120, 50);
	assert.doesNotMatch(app.screen(), /Key the render cache by revision/);
	app.resize(200, 50);
	await app.press('esc', 'e');
	const about = app
		.screen()
		.split('\n')
		.filter(line => /\d\d:\d\d:\d\d ff6823e .* ready for production/.test(line));
	assert.equal(about.length, 2);
	for (const line of about) assert.match(line, /ready for production +Offer ligatures in the type settings \(#422\)/);
});
