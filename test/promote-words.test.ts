/** Press and look: sign-offs, approvals, hotfixes, and what is told to GitHub for them. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {State} from '../source/state/model/state.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {type App, footerOf} from './helpers/operator.ts';
import {openBare, openReleaser, planDialog, signedSettings} from './helpers/releaser.ts';

const wordsIn = (app: App) => app.operations.calls.filter(call => /^(?:sign|take back|approve|reject) /.test(call));
const selected = (app: App): string => app.state().snapshot!.candidates[1]!.sha.slice(0, 7);

/** As GitHub would show it. */
const given = (state: State, name: string, by: string) => {
	const {sha} = state.snapshot!.candidates[1]!;
	state.facts = {
		...state.facts!,
		commits: state.facts!.commits.map(commit =>
			commit.sha === sha
				? {
						...commit,
						statuses: [
							...commit.statuses,
							{
								context: `deployctl/sign-off/${name}`,
								state: 'SUCCESS',
								targetUrl: null,
								description: null,
								createdAt: state.now - 7_200_000,
								creator: by,
							},
						],
					}
				: commit,
		),
	};
	state.snapshot = {
		...state.snapshot!,
		candidates: state.snapshot!.candidates.map(candidate =>
			candidate.sha === sha
				? {
						...candidate,
						gate: {
							...candidate.gate,
							conditions: candidate.gate.conditions.map(condition =>
								condition.id === 'sign-offs'
									? {...condition, proofs: [{text: `${name}: fine`, by, at: state.now - 7_200_000}]}
									: condition,
							),
						},
					}
				: candidate,
		),
	};
};

test('no sign-off asked for: the key says so', async t => {
	const app = await openReleaser(t);
	await app.press('I');
	assert.match(footerOf(app), /sign off: none is asked for\. promotion\.signOffs in deployctl\.yml names them\./);
});

test('a sign-off is given with an optional note, for the commit that was seen; then GitHub is asked again', async t => {
	const app = await openReleaser(t, {settings: signedSettings('qa')});
	await app.press('I', 'enter');
	assert.match(app.screen(), /too soon to have been read/);
	await app.advance(1000);
	const asked = app.questions.length;
	await app.press('enter');
	assert.deepEqual(wordsIn(app), [`sign qa ${selected(app)}`]);
	assert.match(footerOf(app), new RegExp(`qa is signed off for ${selected(app)}\\.`));
	assert.ok(
		app.questions.slice(asked).some(({kind}) => kind === 'overview'),
		'GitHub is asked for everything',
	);
	await app.press('I');
	await app.type('on two phones');
	await app.advance(1000);
	await app.press('enter');
	assert.deepEqual(wordsIn(app).at(-1), `sign qa ${selected(app)}: on two phones`);
});

test('of several one is chosen; who has given what is seen; what is given can be taken back with y', async t => {
	const app = await openReleaser(t, {settings: signedSettings('qa', 'stakeholder')});
	given(app.state(), 'qa', 'lena-fischer');
	await app.press('I');
	assert.match(app.screen(), /✔ qa +given by lena-fischer, 2h ago/);
	assert.match(app.screen(), /▸ ◷ stakeholder +not given, mira-okafor can give it/);
	assert.match(
		linearLines(app.state()).join('\n'),
		/which\? 2 sign-offs, 1 given\.\nChosen: stakeholder, not given\./,
	);
	await app.type(['k', 'enter']);
	assert.match(app.screen(), /Take back qa for/);
	assert.match(app.screen(), /qa was given by lena-fischer, 2h ago/);
	await app.advance(1000);
	await app.press('enter');
	assert.match(footerOf(app), /Enter confirms nothing here/);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(wordsIn(app), [`take back qa ${selected(app)}`]);
	assert.match(footerOf(app), /The sign-off qa for \w{7} is taken back\./);
});

test('a sign-off that is refused says why and stays open', async t => {
	const app = await openReleaser(t, {settings: signedSettings('qa')});
	app.operations.refuses({ok: false, because: 'ada may not sign for qa', next: 'Ask lena', exitCode: 4});
	await app.press('I');
	await app.advance(1000);
	await app.press('enter');
	assert.match(app.screen(), /Refused: ada may not sign for qa\. \(exit 4\)/);
	assert.equal(app.state().dialog?.name, 'reason');
});

test('what waits for staging is approved with y, refused with n, and never too soon', async t => {
	for (const [key, word] of [
		['y', 'approve'],
		['n', 'reject'],
	] as const) {
		const app = await openBare(t, {scenario: 'approval', startMinutes: 6});
		assert.match(footerOf(app), /V approve or refuse/);
		const run = app.state().snapshot!.candidates.find(({tiers}) => tiers.deploy.status === 'waiting')!.tiers
			.deploy.runId!;
		await app.press('V', key);
		assert.match(app.screen(), /too soon to have been read/);
		await app.advance(1000);
		assert.match(app.screen(), new RegExp(`Deployment, ${run}`));
		await app.press(key);
		assert.deepEqual(wordsIn(app), [`${word} ${run} staging: via deployctl`]);
		assert.match(
			footerOf(app),
			new RegExp(`staging: run ${run} is ${word === 'approve' ? 'approved' : 'refused'}\\.`),
		);
	}
});

test('who may not approve reads who may; where nothing waits the key says so', async t => {
	const app = await openBare(t, {scenario: 'approval', startMinutes: 6});
	const {facts, snapshot} = app.state();
	app.state().snapshot = {
		...snapshot!,
		candidates: snapshot!.candidates.map(candidate => ({
			...candidate,
			tiers: {
				...candidate.tiers,
				deploy: {
					...candidate.tiers.deploy,
					waits: candidate.tiers.deploy.waits.map(wait => ({...wait, canApprove: false})),
				},
			},
		})),
	};
	app.state().facts = {...facts!, runs: []};
	await app.press('V');
	assert.match(footerOf(app), /approve or refuse: only the reviewers of staging on GitHub may approve it\./);
	const quiet = await openReleaser(t);
	await quiet.press('V');
	assert.match(footerOf(quiet), /approve or refuse: nothing here waits for an approval/);
});

const promoting = async (app: App, mayApprove = true) => {
	const id = app.operations.begins({
		id: '20261123T090921Z-promote-production-7a1c',
		kind: 'promote',
		environment: 'production',
		to: {release: 'a'.repeat(40), sha: 'a'.repeat(40)},
	});
	app.operations.steps(id, [
		{
			name: 'approval',
			host: null,
			status: 'running',
			startedAt: app.clock.now(),
			finishedAt: null,
			note: `run=77 environment=production approvable=${mayApprove ? 'yes' : 'no'}`,
		},
	]);
	await app.advance(1000);
	return id;
};

test('a promotion whose run waits: approved by its phrase, typed by hand', async t => {
	const app = await openReleaser(t);
	await promoting(app);
	await app.press('A', 'V');
	assert.match(app.screen(), /Type approve production and press Enter/);
	await app.paste('approve production');
	assert.match(app.screen(), /A paste confirms nothing: type it/);
	await app.chunk(...'approve production', 'enter');
	await app.press('y', 'enter');
	assert.deepEqual(wordsIn(app), []);
	await app.press('ctrl-u');
	await app.advance(1000);
	await app.type('approve production');
	await app.advance(1000);
	await app.press('enter');
	assert.deepEqual(wordsIn(app), ['approve 77 production: via deployctl']);
});

test('whose promotion waits for others reads so', async t => {
	const app = await openReleaser(t);
	await promoting(app, false);
	await app.press('A');
	assert.match(app.screen(), /run 77 waits for production: others have to approve/);
	await app.press('V');
	assert.match(footerOf(app), /approve or refuse: only the reviewers of production on GitHub may approve it/);
});

test('and refused by another; n is text there', async t => {
	const app = await openReleaser(t);
	await promoting(app);
	await app.press('V');
	await app.advance(1000);
	await app.type('n');
	assert.equal((app.state().dialog as {typed: string}).typed, 'n');
	await app.type(['backspace', ...'refuse production']);
	assert.match(app.screen(), /✔ press Enter/);
	await app.advance(1000);
	await app.press('enter');
	assert.deepEqual(wordsIn(app), ['reject 77 production: via deployctl']);
	assert.match(footerOf(app), /run 77 is refused/);
});

test('what waits no longer is not answered', async t => {
	const app = await openBare(t, {scenario: 'approval', startMinutes: 6});
	await app.press('V');
	await app.advance(1000);
	const {facts} = app.state();
	app.state().facts = {...facts!, runs: facts!.runs.map(run => ({...run, waits: []}))};
	assert.match(app.screen(), /It waits no longer/);
	await app.press('y');
	assert.deepEqual(wordsIn(app), []);
});

test('a hotfix: its branch is chosen, its plan is that of a hotfix, with its own conditions', async t => {
	const app = await openReleaser(t);
	const branch = (name: string, digit: string) => ({
		branch: `hotfix/${name}`,
		sha: digit.repeat(40),
		message: `Fix ${name}`,
		author: 'priya-raman',
		at: app.clock.now() - 60_000,
	});
	app.operations.hotfixed([branch('login', '4'), branch('margins', '5')]);
	await app.press('H');
	assert.match(app.screen(), /▸ hotfix\/login +4444444 Fix login/);
	await app.type(['j', 'enter']);
	await app.advance(2000);
	assert.deepEqual(planDialog(app).wish, {
		kind: 'promote',
		environment: 'production',
		sha: '5'.repeat(40),
		hotfix: 'hotfix/margins',
	});
	assert.match(app.screen(), /Hotfix to production/);
	assert.match(app.screen(), /HOTFIX hotfix\/margins: bypasses staging and E2E/);
	assert.match(app.screen(), /7 of 7 conditions met/);
	const {phrase} = planDialog(app).plan!;
	await app.type(phrase!);
	await app.advance(1200);
	await app.press('enter');
	assert.equal(app.operations.started[0]!.plan.promotion!.hotfix, 'hotfix/margins');
});

test('no hotfix branch, and branches that cannot be read, are said', async t => {
	const app = await openReleaser(t);
	await app.press('H');
	assert.match(footerOf(app), /hotfix: there is no branch hotfix\/…\. Push one, then press H again\./);
	assert.equal(app.state().dialog, null);
	app.operations.refuses({ok: false, because: 'GitHub does not answer', next: 'Try again', exitCode: 5});
	await app.press('H');
	assert.match(app.screen(), /Refused: GitHub does not answer\. \(exit 5\)/);
});

test('production has what staging lacks: merge it back, says the board, until it is', async t => {
	const app = await openBare(t, {scenario: 'hotfix', startMinutes: 1});
	assert.match(
		app.screen(),
		/▲ main has 1 commit that develop lacks: merge main back into develop \(a hotfix is not in develop yet\)/,
	);
	assert.match(linearLines(app.state()).join('\n'), /main has 1 commit that develop lacks/);
	app.state().snapshot = {
		...app.state().snapshot!,
		branches: {
			...app.state().snapshot!.branches,
			staging: {...app.state().snapshot!.branches.staging, behindBy: 0},
		},
	};
	assert.doesNotMatch(app.screen(), /merge main back/);
});

test('the review of a hotfix is given from its plan, for its own commit', async t => {
	const settings = signedSettings('qa');
	const app = await openReleaser(t, {
		settings: {
			...settings,
			promotion: {...settings.promotion, hotfix: {prefix: 'hotfix/', signOffs: [{name: 'review', by: []}]}},
		},
	});
	app.operations.hotfixed([
		{branch: 'hotfix/login', sha: '4'.repeat(40), message: 'Fix login', author: 'priya-raman', at: app.clock.now()},
	]);
	app.operations.promoting.other = {
		'sign-offs': {
			met: false,
			because: 'sign-off missing: review',
			next: 'deployctl sign-off review gives it.',
			proofs: [],
		},
	};
	await app.type(['H', 'enter']);
	await app.advance(2000);
	assert.match(footerOf(app), /I sign off/);
	await app.press('I');
	assert.match(app.screen(), /Sign off review for 4444444/);
	await app.advance(1000);
	await app.press('enter');
	assert.deepEqual(wordsIn(app), ['sign review 4444444']);
});
