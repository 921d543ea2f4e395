/** The viewer of jobs' logs: what is seen at the sizes that matter, and what its keys do. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {linearLines} from '../source/ui/linear/linear.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {isAsApproved} from './helpers/screens.ts';

const open = async (t: TestContext, options: AppOptions = {}) => {
	const app = await openApp({scenario: 'red-e2e', startMinutes: 20, ...options}, t);
	await app.settled();
	await app.advance(5000);
	return app;
};
type App = Awaited<ReturnType<typeof open>>;

/** The second E2E shard, which has failed. */
const atFailure = async (t: TestContext, options: AppOptions = {}) => {
	const app = await open(t, options);
	await app.press('3', 'enter', 'j', 'v');
	await app.logsSettled();
	return app;
};
const pane = (app: App, index = 0) => app.state().jobLogs!.panes[index]!;
const lineAtCursor = (app: App) =>
	app
		.screen()
		.split('\n')
		.find(line => line.startsWith('│ ▸')) ?? '';
const jobNamed = (app: App, name: string) =>
	[...app.simulator.simulation.state.jobs.values()].findLast(job => job.name === name)!;

test('screen: a failed job opens where its failure is told', async t => {
	const app = await atFailure(t);
	for (const [columns, rows] of [
		[80, 24],
		[120, 40],
	] as const) {
		app.resize(columns, rows);
		await app.logsSettled();
		isAsApproved('job-log', app.screen(), columns, rows);
	}
	assert.match(lineAtCursor(app), /✖ e2e\/preview\.spec\.ts:22/);
	assert.match(app.screen(), /e2e \(2, 4\) ✖ failed .* ▸ ✖ \d+ Run Playwright tests/, 'the step of the line in view');
});

test('screen: two logs side by side, the search counted, with times', async t => {
	const app = await atFailure(t, {columns: 200, rows: 60});
	await app.press('|');
	await app.logsSettled();
	await app.press('t', '/', ...'Error:', 'enter');
	await app.logsSettled();
	isAsApproved('job-log', app.screen(), 200, 60);
	assert.match(app.screen(), /\/Error: 1 of 1/);
	await app.press('tab');
	assert.equal(app.state().jobLogs!.focus, 0);
	app.resize(120, 40);
	await app.logsSettled();
	assert.match(app.screen(), /e2e \(2, 4\)/);
	assert.doesNotMatch(app.screen(), /─ e2e \(3, 4\)/, 'narrow: the one that has the keys');
	await app.press('|');
	assert.match(app.screen(), /side by side from 160 columns on/);
	app.resize(240, 60);
	await app.press('|');
	await app.logsSettled();
	assert.equal(app.state().jobLogs!.panes.length, 3);
	await app.press('x', 'x', 'x');
	assert.match(app.screen(), /only one; esc goes back/);
	await app.press('esc');
	assert.deepEqual([app.state().view.place.name, app.state().jobLogs], ['tier', null]);
});

test('a running job has no log: its steps are shown, and the log comes by itself when it ends, at the failure', async t => {
	const app = await open(t, {startMinutes: 0});
	await app.press('3', 'enter', 'j', 'v');
	await app.advance(3000);
	assert.equal(jobNamed(app, 'e2e (2, 4)').status, 'in_progress');
	isAsApproved('job-log-running', app.screen(), 120, 40);
	assert.match(app.screen(), /GitHub gives no log of a running job/);
	assert.equal(
		Object.keys(app.simulator.counters.byKind).filter(kind => kind.endsWith('/logs')).length,
		0,
		'and it is not asked for one',
	);
	await app.press('e');
	assert.match(app.screen(), /next error: The job still runs/);
	for (let minute = 0; minute < 12 && jobNamed(app, 'e2e (2, 4)').status !== 'completed'; minute++)
		await app.advance(60_000);
	await app.advance(5000);
	await app.logsSettled();
	assert.match(app.screen(), /e2e \(2, 4\) ✖ failed/);
	assert.match(lineAtCursor(app), /✖ e2e\/preview\.spec\.ts:22/);
});

test('keys: lines, pages, ends, groups, errors, hits, times, wrap, shift', async t => {
	const app = await atFailure(t, {columns: 100, rows: 30});
	await app.press('g');
	await app.logsSettled();
	assert.match(lineAtCursor(app), /Current runner version/);
	assert.match(app.screen(), /▸ Runner Image Provisioner {2}2 lines/, 'folded at first');
	await app.press('j', 'z');
	await app.logsSettled();
	assert.match(app.screen(), /↓ Runner Image Provisioner +│\n│ {2}│ Hosted Compute Agent/);
	await app.press('j', 'z');
	await app.logsSettled();
	assert.match(
		lineAtCursor(app),
		/▸▸ Runner Image Provisioner {2}2 lines/,
		"folded from within, and the line is the group's",
	);
	await app.press('Z');
	await app.logsSettled();
	assert.match(app.screen(), /All groups unfolded/);
	assert.doesNotMatch(app.screen().split('\n').slice(3).join('\n'), /▸ Run /);
	await app.press('Z', 'j', 'j');
	await app.logsSettled();
	const before = pane(app).cursor;
	await app.press('ctrl-d', 'ctrl-d', ' ', 'ctrl-u');
	await app.logsSettled();
	assert.ok(pane(app).cursor > before + 20);
	await app.press('G');
	await app.logsSettled();
	assert.match(lineAtCursor(app), /Cleaning up orphan processes/);
	await app.press('E');
	await app.logsSettled();
	assert.match(lineAtCursor(app), /✖ Process completed with exit code 1/);
	await app.press('E', 'E');
	await app.logsSettled();
	await app.press('e');
	await app.logsSettled();
	assert.match(lineAtCursor(app), /✖|!/);
	await app.press('g', '/', ...'hosted compute', 'enter');
	await app.logsSettled();
	assert.match(lineAtCursor(app), /│ Hosted Compute Agent/, 'a hit in a folded group unfolds it');
	assert.match(app.screen(), /\/hosted compute 1 of 1/);
	await app.press('/', ...'SHELL', 'enter');
	await app.logsSettled();
	assert.match(app.screen(), /No line has "SHELL"/, 'capitals matter once there are some');
	await app.press('/', ...'e2e/', 'enter');
	await app.logsSettled();
	const first = pane(app).search!;
	await app.press('n');
	await app.logsSettled();
	assert.deepEqual([pane(app).search!.ordinal, pane(app).search!.count], [first.ordinal! + 1, first.count]);
	await app.press('N');
	await app.logsSettled();
	await app.press('N');
	await app.logsSettled();
	assert.equal(pane(app).search!.ordinal, first.count, 'round at the beginning');
	await app.press('t');
	assert.match(lineAtCursor(app), /▸\d\d:\d\d:\d\d /);
	await app.press('w');
	assert.match(app.screen(), /wrapped/);
	await app.press('w', 'l');
	assert.match(app.screen(), /from column 21/);
	await app.press('h', 'h');
	assert.doesNotMatch(app.screen(), /from column/);
	await app.press('y', 'Y', 'o');
	const [line, view, page] = app.asked.slice(-3);
	assert.ok(line!.type === 'copy' && line.text.includes('e2e/'));
	assert.ok(
		view!.type === 'copy' && /^e2e \(2, 4\) \(job \d+, step \d+ Run Playwright tests\)\n/.test(view.text),
		JSON.stringify(view),
	);
	assert.ok(page!.type === 'open' && /\/job\/\d+#step:\d+:1$/.test(page.url), JSON.stringify(page));
});

test('next and previous job; back to where it was opened from; a message opens any job', async t => {
	const app = await atFailure(t);
	await app.press(']');
	await app.logsSettled();
	assert.match(app.screen(), /─ e2e \(3, 4\) ✖ failed/);
	await app.press('tab');
	await app.logsSettled();
	assert.match(app.screen(), /─ e2e \(4, 4\) ✔ passed/);
	assert.match(lineAtCursor(app), /Cleaning up/, 'a green one at its end');
	await app.press('shift-tab', '[');
	await app.logsSettled();
	assert.match(app.screen(), /─ e2e \(2, 4\)/);
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'tier');
	await app.press('enter', 'enter');
	await app.logsSettled();
	assert.equal(app.state().view.place.name, 'job-log');
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'job');
	app.store.dispatch({type: 'open-log', jobId: jobNamed(app, 'lint').id, at: 'start'});
	await app.logsSettled();
	assert.match(app.screen(), /─ lint ✔ passed/);
	assert.match(lineAtCursor(app), /Current runner version/);
	app.store.dispatch({type: 'open-log', jobId: 1, at: 'end'});
	assert.match(app.screen(), /not among those of the commit in view/);
});

test('a secret of this machine is masked; for ears the log is sentences', async t => {
	const app = await atFailure(t, {secrets: ['the preview is one edit behind']});
	assert.match(lineAtCursor(app), /✖ e2e\/preview\.spec\.ts:22: expect\(received\)\.toContain\(expected\): \*\*\*/);
	const spoken = linearLines(app.state());
	assert.ok(
		spoken.some(line => /^Log of e2e \(2, 4\), failed, step \d+, Run Playwright tests\.$/.test(line)),
		spoken.join('\n'),
	);
	assert.ok(spoken.some(line => /^\d+: error: e2e\/preview/.test(line)));
});

test('expired, refused: a sentence, and R asks again', async t => {
	const base = scenarioNamed('red-e2e');
	const scenario: Scenario = {
		...base,
		events: base.events.map(event =>
			'push' in event && event.plan
				? {...event, plan: {...event.plan, logs: {'e2e (2, 4)': 'expired' as const}}}
				: event,
		),
	};
	const app = await atFailure(t, {scenario});
	assert.match(app.screen(), /GitHub has removed the log/);
	app.simulator.faults.next({kind: 'unauthorised'}, {times: 5, match: {path: '/logs'}});
	await app.press('r');
	await app.logsSettled();
	assert.match(app.screen(), /does not accept the token/);
	app.resize(80, 24);
	assert.match(app.screen(), /r ask again/);
});
