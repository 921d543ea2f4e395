/** Press and look: re-run, cancel and start GitHub's runs, and every way in which nothing is sent, or something else than was shown. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {DispatchInput} from '../source/core/runs/dispatch-inputs.ts';
import {expiresAfterMs} from '../source/state/model/dialog.ts';
import {runInView} from '../source/state/questions/run-select.ts';
import {selectedCandidate} from '../source/state/questions/select.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {createRun, dispatchRun, rerunRun} from '../source/simulator/simulation/acts.ts';
import {personOf} from '../source/simulator/model/model.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type AppOptions, openApp} from './helpers/app.ts';
import {type App, footerOf, openOperator} from './helpers/operator.ts';

type After = {after(act: () => unknown): void};
/** Its E2E is red, and the tier is in view. */
const openRed = async (t: After, options: AppOptions = {}): Promise<App> => {
	const app = await openApp(
		{
			scenario: 'red-e2e',
			startMinutes: 20,
			operations: {},
			...options,
			preferences: {motion: 'reduced', ...options.preferences},
		},
		t,
	);
	await app.settled();
	await app.advance(3000);
	app.operations.site('staging').version = app.state().snapshot!.candidates[0]!.sha;
	await app.advance(10_000);
	await app.press('3', 'enter');
	await app.advance(3000);
	return app;
};
/** E2E of the release runs. */
const openRunning = async (t: After, options: AppOptions = {}): Promise<App> => {
	const app = await openOperator(t, {scenario: 'release', startMinutes: 9, ...options});
	for (let minutes = 0; minutes < 15 && selectedCandidate(app.state())?.tiers.e2e.status !== 'running'; minutes++)
		await app.advance(60_000);
	await app.press('3', 'enter');
	await app.advance(3000);
	assert.equal(runInView(app.state())?.status, 'running');
	return app;
};
const flat = (app: App) => app.screen().replaceAll(/[│\s]+/g, ' ');
const runOf = (app: App) => app.simulator.simulation.state.runs.get(runInView(app.state())!.seen.runId)!;

test('on the board r means what is red, whichever tier is chosen; the dialog says which', async t => {
	const app = await openRed(t);
	await app.press('esc', '1');
	assert.equal(app.state().view.place.name, 'board');
	assert.match(footerOf(app), /r re-run/);
	await app.press('r');
	assert.match(flat(app), /Re-run E2E of \w{7}: which jobs\?/);
	assert.match(flat(app), /the failed jobs: 2 jobs/);
});

test('r, Enter, y: the failed jobs run again, and the gap until GitHub shows it is named', async t => {
	const app = await openRed(t);
	const run = runInView(app.state())!;
	assert.match(footerOf(app), /r re-run/);
	await app.press('r');
	assert.match(flat(app), /Re-run E2E of \w{7}: which jobs\?/);
	assert.match(flat(app), new RegExp(`run #${run.about.number} \\(${run.seen.runId}\\), attempt 1`));
	assert.match(flat(app), /the failed jobs: 2 jobs, ~\d+ runner-min \(last run\)/);
	await app.type(['enter']);
	assert.match(flat(app), /runs e2e \(2, 4\), e2e \(3, 4\), and what depends on them/);
	assert.match(flat(app), /The production gate of \w{7} is blocked until E2E is green/);
	await app.press('enter');
	assert.equal(app.runs.wishes.length, 0);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(app.runs.wishes, [
		{
			kind: 'rerun',
			title: run.about.title,
			number: run.about.number,
			seen: run.seen,
			which: 'failed',
			debug: false,
		},
	]);
	assert.equal(app.state().dialog, null);
	assert.match(app.screen(), /re-run asked, waiting for attempt 2/);
	await app.press('r');
	assert.match(footerOf(app), /its re-run was asked for/);
	await app.advance(8000);
	assert.doesNotMatch(app.screen(), /waiting for attempt/);
	assert.equal(runOf(app).attempts.length, 2);
	assert.equal(runInView(app.state())!.seen.attempt, 2);
});

test('all jobs, one job, with debug logging: what is chosen is what is sent', async t => {
	for (const [downs, which, debug] of [
		[0, 'failed', false],
		[1, 'all', false],
		[2, 'job', false],
		[3, 'failed', true],
		[4, 'all', true],
		[5, 'job', true],
	] as const) {
		const app = await openRed(t);
		const {job} = runInView(app.state())!;
		await app.press('r');
		await app.type([...Array.from({length: downs}, () => 'j'), 'enter']);
		await app.advance(1000);
		await app.press('y');
		const [wish] = app.runs.wishes;
		assert.ok(wish?.kind === 'rerun');
		assert.deepEqual(
			[wish.which, wish.debug],
			[which === 'job' ? {jobId: job!.id, name: job!.name} : which, debug],
		);
	}
});

test('a held key, a chunk and a paste send nothing; too soon neither', async t => {
	const app = await openRed(t);
	await app.chunk('r', 'enter', 'y');
	assert.equal(app.state().dialog?.name, 'rerun');
	await app.type(['enter']);
	await app.press('y');
	assert.match(app.screen(), /too soon to have been read/);
	await app.type(
		Array.from({length: 40}, () => 'y'),
		33,
	);
	assert.match(app.screen(), /held down/);
	await app.paste('y');
	assert.match(app.screen(), /A paste confirms nothing/);
	await app.chunk('y', 'y');
	assert.equal(app.runs.wishes.length, 0);
	await app.advance(expiresAfterMs + 1000);
	assert.match(app.screen(), /is void/);
	await app.press('y');
	assert.equal(app.runs.wishes.length, 0);
});

test('somebody else re-runs it while the dialog is open: void, like a plan that has changed', async t => {
	for (const steps of [['r'], ['r', 'enter']]) {
		const app = await openRed(t);
		await app.press('r');
		if (steps.length > 1) await app.type(['enter']);
		const run = runOf(app);
		app.simulator.simulation.act(engine => rerunRun(engine, run.id, 'lena-fischer', 'all'));
		await app.advance(15_000);
		assert.match(flat(app), /What stood here is void: (?:attempt 2 has started|it runs again)/);
		await app.press('y', 'enter');
		assert.equal(app.runs.wishes.length, 0);
		assert.match(flat(app), /Nothing was done/);
	}
});

test('the run has ended meanwhile: nothing is cancelled', async t => {
	const app = await openRunning(t);
	await app.press('x');
	assert.match(flat(app), /Cancel E2E of/);
	for (let step = 0; step < 30 && !app.state().dialog?.isVoid; step++) {
		await app.advance(30_000);
		await app.press('down');
	}
	assert.match(flat(app), /void: it has ended/);
	await app.press('y');
	assert.equal(app.runs.wishes.length, 0);
	await app.press('r');
	assert.match(app.screen(), /it has ended\. Nothing was done/);
});

test('x, y: cancelled; a run that does not listen can be forced after a minute, and says what that costs', async t => {
	const release = scenarioNamed('release');
	const app = await openRunning(t, {
		scenario: {...release, workflows: release.workflows.map(workflow => ({...workflow, ignoresCancel: true}))},
	});
	await app.press('x');
	await app.advance(1000);
	await app.press('y');
	assert.match(app.screen(), /cancel asked, waiting for it to end/);
	await app.advance(10_000);
	await app.press('x');
	assert.match(footerOf(app), /it was asked to end \d+s ago\. In \d+s it can be forced/);
	await app.advance(55_000);
	assert.match(flat(app), /cancel taken, but it still runs for 1m: x can force it/);
	await app.press('x');
	assert.match(flat(app), /Force the end of E2E/);
	assert.match(flat(app), /force also ends what runs whatever happens/i);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(
		app.runs.wishes.map(wish => wish.kind === 'cancel' && wish.force),
		[false, true],
	);
	await app.advance(10_000);
	assert.equal(runOf(app).conclusion, 'cancelled');
	assert.doesNotMatch(app.screen(), /forced end/);
});

test('the new attempt does not show: after a minute that is said', async t => {
	const app = await openRed(t);
	app.runs.answers({ok: true, runId: runInView(app.state())!.seen.runId, attempt: 2});
	await app.press('r');
	await app.type(['enter']);
	await app.advance(1000);
	await app.press('y');
	await app.advance(61_000);
	assert.match(flat(app), /re-run taken, but no attempt 2 for 1m: look in the browser/);
	await app.advance(600_000);
	assert.doesNotMatch(flat(app), /re-run taken/);
});

test('a refusal is shown in the dialog with what next; the key can be pressed again', async t => {
	const app = await openRed(t);
	app.runs.answers({
		ok: false,
		because: 'run 7 is too old to be run again',
		next: 'Start the workflow again for the commit.',
		exitCode: 3,
	});
	await app.press('r');
	await app.type(['enter']);
	await app.advance(1000);
	await app.press('y');
	assert.match(flat(app), /Refused: run 7 is too old to be run again\. \(exit 3\).*Start the workflow again/);
	assert.equal(app.state().asked.length, 0);
});

test('closed while it is being sent: what came of it is said all the same', async t => {
	const app = await openRed(t);
	const {promise, resolve} = Promise.withResolvers<void>();
	app.runs.holds(promise);
	await app.press('r');
	await app.type(['enter']);
	await app.advance(1000);
	await app.press('y');
	await app.press('y');
	await app.press('esc');
	assert.match(app.screen(), /what was begun goes on/);
	resolve();
	await app.advance(500);
	assert.equal(app.runs.wishes.length, 1);
	assert.match(app.screen(), /re-run asked, waiting for attempt 2/);
});

const inputs: readonly DispatchInput[] = [
	{name: 'sha', description: 'Commit', type: 'string', options: [], default: null, isRequired: true},
	{name: 'suite', description: '', type: 'choice', options: ['all', 'smoke'], default: 'all', isRequired: false},
	{name: 'trace', description: '', type: 'boolean', options: [], default: null, isRequired: false},
	{name: 'grep', description: 'Only titles', type: 'string', options: [], default: null, isRequired: true},
];

test('E: a form with the inputs of the workflow, then the question, then the run of that commit', async t => {
	const app = await openRed(t);
	const {sha} = selectedCandidate(app.state())!;
	app.runs.declares({inputs, because: null});
	await app.press('E');
	assert.match(
		flat(app),
		/Start E2E of \w{7}.*workflow e2e-staging\.yml.*branch develop.*suite all.*trace false.*grep\*/,
	);
	await app.type(['enter']);
	assert.match(flat(app), /GitHub would refuse it: grep has to be given/);
	await app.type(['down', 'right', 'down', ' ', 'down', 'x', 'y', 'backspace', 'enter']);
	assert.match(flat(app), /workflow e2e-staging\.yml on develop inputs suite=smoke, trace=true, grep=x/);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(app.runs.wishes, [
		{
			kind: 'start',
			title: `E2E of ${sha.slice(0, 7)}`,
			workflow: 'e2e-staging.yml',
			ref: 'develop',
			sha,
			inputs: {sha, suite: 'smoke', trace: 'true', grep: 'x'},
		},
	]);
	await app.advance(10_000);
	const run = [...app.simulator.simulation.state.runs.values()].at(-1)!;
	assert.deepEqual([run.workflow.definition.file, run.about, run.inputs['suite']], ['e2e-staging.yml', sha, 'smoke']);
	assert.equal(selectedCandidate(app.state())!.tiers.e2e.runId, run.id);
	assert.doesNotMatch(app.screen(), /start asked/);
});

test('another branch may have other inputs: they are read again before it goes on', async t => {
	const app = await openRed(t);
	app.runs.declares({inputs: inputs.slice(0, 2), because: null});
	await app.press('E');
	await app.type(['ctrl-u', ...'main', 'enter']);
	assert.equal(app.state().dialog?.name, 'start-run');
	assert.match(flat(app), /continue then/);
	await app.type(['enter']);
	assert.match(flat(app), /e2e-staging\.yml on main/);
});

test('unknown inputs: the commit alone, and the form says why', async t => {
	const app = await openRed(t);
	app.runs.declares({inputs: null, because: 'e2e-staging.yml could not be read on develop'});
	await app.press('E');
	assert.match(
		flat(app),
		/Its inputs are not known \(e2e-staging\.yml could not be read on develop\): only the commit is given/,
	);
	await app.type(['enter']);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(
		app.runs.wishes.map(wish => wish.kind === 'start' && Object.keys(wish.inputs)),
		[['sha']],
	);
});

test('warned: staging runs another commit, E2E is green already, it runs already', async t => {
	const app = await openRed(t);
	app.operations.site('staging').version = 'd'.repeat(40);
	app.operations.touch();
	await app.advance(10_000);
	await app.press('E');
	assert.match(flat(app), /Staging runs ddddddd now, not \w{7}: it would test what is there, and prove nothing/i);
	await app.press('esc');
	await app.press('esc', 'j');
	await app.press('E');
	assert.match(flat(app), /E2E of this commit is green already: the newest run counts, so the gate is blocked/);
	const moving = await openRunning(t);
	await moving.press('E');
	assert.match(flat(moving), /E2E of this commit runs already \(run \d+\)/);
});

test('E2E of the commit is started by somebody else while the question is open: void', async t => {
	const app = await openRed(t);
	const {sha} = selectedCandidate(app.state())!;
	await app.press('E');
	await app.type(['enter']);
	app.simulator.simulation.act(engine =>
		dispatchRun(engine, 'e2e-staging.yml', {sha, ref: 'develop', by: 'lena-fischer'}),
	);
	await app.advance(15_000);
	assert.match(flat(app), /void: run \d+ has started/);
	await app.press('y');
	assert.equal(app.runs.wishes.length, 0);
});

test('keys that cannot act say why', async t => {
	const red = await openRed(t);
	await red.press('x');
	assert.match(footerOf(red), /it has ended\. r runs it again/);
	await red.advance(1000);
	await red.press('p', 'r');
	assert.match(footerOf(red), /no run deploys this commit to production/);
	const early = await openRed(t, {scenario: 'fast-fails', startMinutes: 5});
	await early.press('r');
	await early.advance(1000);
	await early.press('x');
	assert.match(footerOf(early), /this tier has not started/);
	const moving = await openRunning(t);
	await moving.press('r');
	assert.match(footerOf(moving), /it still runs\. x cancels it/);
	const reader = await openRed(t, {readOnly: true});
	for (const key of ['r', 'E']) {
		await reader.press(key);
		assert.match(footerOf(reader), /this screen only looks/);
	}
});

test('a run that is called like the one of production is not what the keys mean, alone and beside the true one', async t => {
	const app = await openOperator(t, {scenario: 'quiet', startMinutes: 1});
	const {sha} = selectedCandidate(app.state())!;
	// On the commit itself, where the screen sees them.
	const forge = (ground: {branch: string; fork?: string; event?: string; title?: string}) =>
		app.simulator.simulation.act(engine => {
			const {state} = engine;
			return createRun(
				engine,
				state.workflows.find(({definition}) => definition.file === 'deploy-production.yml')!,
				{
					event: 'workflow_dispatch',
					actor: personOf(state, 'jonas-lindqvist'),
					about: sha,
					sha,
					title: `Deploy ${sha} to production`,
					...ground,
				},
			);
		});
	const forgeAll = () =>
		[
			{branch: 'main', fork: 'mallory/auto-author'},
			{branch: 'feature/x'},
			{branch: 'develop'},
			{branch: 'feature/x', event: 'push'},
			{branch: 'main', event: 'issue_comment'},
			{branch: 'main', title: `Deploy ${sha}#evil to production`},
		].map(each => forge(each).id);
	await app.press('p');
	const forged = forgeAll();
	await app.advance(20_000);
	const known = app.state().facts!.runs.map(({id}) => id);
	assert.ok(
		forged.every(id => known.includes(id)),
		'they are known',
	);
	assert.equal(runInView(app.state()), null);
	await app.press('r');
	assert.match(footerOf(app), /run \d+ is called so, but it runs on/);
	await app.advance(1000);
	app.simulator.simulation.act(engine =>
		dispatchRun(engine, 'deploy-production.yml', {sha, ref: 'main', by: 'lena-fischer'}),
	);
	const {runs} = app.simulator.simulation.state;
	const real = [...runs.values()].at(-1)!;
	await app.advance(2000);
	forgeAll();
	await app.advance(20_000);
	assert.equal(runInView(app.state())?.seen.runId, real.id);
});

test('cancelling a deployment warns; that of production wants its phrase, key by key', async t => {
	const app = await openOperator(t, {scenario: 'quiet', startMinutes: 1});
	const {sha} = selectedCandidate(app.state())!;
	app.simulator.simulation.act(engine =>
		dispatchRun(engine, 'deploy-production.yml', {sha, ref: 'main', by: 'lena-fischer'}),
	);
	await app.press('p');
	await app.advance(20_000);
	assert.equal(runInView(app.state())?.about.subject, 'production');
	assert.equal(runInView(app.state())?.isOver, false);
	await app.press('x');
	assert.match(flat(app), /leaves PRODUCTION half switched/);
	await app.advance(1000);
	await app.press('y', 'enter');
	await app.press('ctrl-u');
	await app.paste('cancel production');
	assert.match(app.screen(), /A paste confirms nothing: type it/);
	assert.equal(app.runs.wishes.length, 0);
	await app.type('cancel production', 30);
	await app.press('enter');
	assert.deepEqual(
		app.runs.wishes.map(({kind}) => kind),
		['cancel'],
	);
});

test('for ears: the same, in sentences', async t => {
	const app = await openRed(t);
	const heard = () => linearLines(app.state()).join(' ');
	await app.press('r');
	assert.match(
		heard(),
		/Re-run E2E of \w{7}: which jobs\? 6 choices\. Chosen: the failed jobs\. 2 jobs, ~\d+ runner-min/,
	);
	await app.type(['enter']);
	assert.match(heard(), /Re-run the failed jobs of E2E of \w{7} \(run #\d+, attempt 1\)\..* y does it\./);
	await app.press('esc', 'E');
	assert.match(heard(), /Start E2E of \w{7}\..*Field: branch, develop\./);
});

test('what came of an act that was closed does not answer for the dialog that was opened after it', async t => {
	const app = await openRed(t);
	const {promise, resolve} = Promise.withResolvers<void>();
	app.runs.holds(promise);
	app.runs.answers({ok: false, because: 'run 7 is too old', next: 'Start it anew.', exitCode: 3});
	await app.press('r');
	await app.type(['enter']);
	await app.advance(1000);
	await app.press('y', 'esc');
	await app.type(['r', 'j', 'enter']);
	resolve();
	await app.advance(500);
	assert.equal(app.state().dialog?.name, 'run-act');
	assert.doesNotMatch(flat(app), /│ ✖ Refused/);
	assert.match(footerOf(app), /run 7 is too old/);
});
