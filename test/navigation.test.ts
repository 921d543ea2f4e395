/** Press and look: where the operator is, what belongs to it, and how true what the screen says still is. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import type {Candidate} from '../source/core/pipeline/pipeline.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {activeCandidate, isStale, safeUrl, selectedCandidate, selectedIndex} from '../source/state/questions/select.ts';
import type {State} from '../source/state/model/state.ts';
import {windowAround} from '../source/state/view/window.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {picture} from '../source/ui/picture.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {type AppOptions, openApp} from './helpers/app.ts';

const open = async (options: AppOptions, t: TestContext) => {
	const app = await openApp({startMinutes: 9, ...options}, t);
	await app.settled();
	await app.advance(3000);
	return app;
};

type App = Awaited<ReturnType<typeof open>>;
const shown = (state: State): string => screenText(picture(state, lookOf(state.preferences, 'dark', state.frame)));
const footerOf = (app: App): string => app.screen().split('\n').at(-1)!;
const lineWith = (app: App, text: RegExp): string =>
	app
		.screen()
		.split('\n')
		.find(line => text.test(line)) ?? '';

test('looking chooses nothing: a detail stays with its commit, and behind it the active release is followed', async t => {
	const app = await open({}, t);
	assert.match(app.screen(), /Candidates on develop · following/);
	const before = selectedCandidate(app.state())!.sha;
	await app.press('p', 'e', 'esc', '3', 'enter', 'enter');
	await app.advance(12 * 60_000);
	assert.equal(selectedCandidate(app.state())!.sha, before, 'the detail is about the same commit');
	assert.match(app.screen().split('\n')[1]!, /Autosave/);
	await app.press('esc', 'esc');
	assert.match(app.screen(), /Candidates on develop · following/);
	assert.match(selectedCandidate(app.state())!.message, /table of contents/);
	await app.press('j');
	assert.match(
		app.screen(),
		new RegExp(`Candidates (?:on develop )?· ${selectedCandidate(app.state())!.sha.slice(0, 7)} chosen`),
	);
	await app.press('p', 'esc');
	assert.match(app.screen(), / chosen/, 'a choice stays one');
});

test('a commit that leaves the newest ones is not replaced in silence', async t => {
	const app = await open({columns: 80, rows: 24}, t);
	await app.press('G');
	const chosen = selectedCandidate(app.state())!.sha;
	await app.press('p');
	await app.advance(12 * 60_000);
	const gone = new RegExp(`▲ ${chosen.slice(0, 7)} is no longer among the newest commits`);
	assert.match(app.screen(), gone);
	assert.match(app.screen(), /esc goes back/);
	assert.equal(app.state().view.place.name, 'gate', 'the place is kept');
	assert.equal(selectedCandidate(app.state()), null, 'no other commit takes its place');
	await app.press('Y');
	assert.match(footerOf(app), /copy SHA: this commit is no longer among the newest\. esc goes back\./);
	await app.press('esc');
	assert.match(app.screen(), gone);
	assert.match(app.screen(), /a follows the active release/);
	await app.press('a');
	assert.doesNotMatch(app.screen(), /no longer among/);
});

test('esc clears the search and never quits; an empty search clears it, too', async t => {
	const app = await open({}, t);
	await app.press('/', ...'toolbar', 'enter');
	assert.match(app.screen(), /chosen · \/toolbar/);
	assert.match(footerOf(app), /esc clear search/);
	await app.press('esc', 'esc', 'esc');
	assert.doesNotMatch(app.screen(), /\/toolbar|clear search/);
	assert.deepEqual(app.asked, []);
	await app.press('/', ...'toolbar', 'enter', '/', 'enter');
	assert.equal(app.state().view.query, '');
});

test('help scrolls with the first press, and as far as its last row', async t => {
	const app = await open({columns: 80, rows: 24}, t);
	await app.press('?');
	const first = app.screen();
	assert.match(first, /│ Move /);
	await app.press('j');
	assert.doesNotMatch(app.screen(), /│ Move /);
	await app.press('G');
	assert.match(app.screen(), /Quit at once/);
	const last = app.screen();
	await app.press('k');
	assert.notEqual(app.screen(), last);
	await app.press('g');
	assert.equal(app.screen(), first);
});

test('lists move only when the cursor comes near an edge', async t => {
	assert.deepEqual(windowAround(100, 5, 10, 0), {start: 0, end: 10});
	assert.deepEqual(windowAround(100, 7, 10, 0), {start: 0, end: 10});
	assert.deepEqual(windowAround(100, 8, 10, 0), {start: 1, end: 11});
	assert.deepEqual(windowAround(100, 8, 10, 5), {start: 5, end: 15});
	assert.deepEqual(windowAround(100, 99, 10, 0), {start: 90, end: 100});
	assert.deepEqual(windowAround(3, 2, 10, 50), {start: 0, end: 3});
	const app = await open({scenario: 'many-jobs', startMinutes: 3, columns: 80, rows: 24}, t);
	await app.press('1', 'enter', ...Array.from({length: 20}, () => 'j'));
	const rows = () =>
		app
			.screen()
			.split('\n')
			.filter(line => /unit \(\d+, 129\)/.test(line))
			.map(line => /unit \(\d+/.exec(line)![0]);
	const there = rows();
	await app.press('k', 'k', 'k');
	assert.deepEqual(rows(), there, 'going back moves the cursor, not the list');
});

test('a page is half of the rows that the list has', async t => {
	const app = await open({columns: 60, rows: 20}, t);
	const rows = app
		.screen()
		.split('\n')
		.filter(line => /^[ ▸][0-9a-f]{7} .* {2,}\d+[mhd] /.test(line)).length;
	assert.equal(rows, 6);
	await app.press('ctrl-d');
	assert.equal(selectedIndex(app.state()), 3);
	const jobs = await open({scenario: 'many-jobs', startMinutes: 3, columns: 80, rows: 24}, t);
	await jobs.press('1', 'enter');
	const visible = jobs
		.screen()
		.split('\n')
		.filter(line => /(?:unit|lint).* \d*m?\d+s │/.test(line)).length;
	await jobs.press('pagedown');
	assert.equal(
		jobs
			.state()
			.snapshot!.candidates[0]!.tiers.fast.jobs.findIndex(({id}) => id === jobs.state().view.selectedJobId),
		Math.floor(visible / 2),
	);
});

test('what was said about a key goes with the next one, unless that is refused as well', async t => {
	const app = await open({}, t);
	await app.press('n');
	assert.match(footerOf(app), /nothing has been searched for/);
	await app.press('N');
	assert.match(footerOf(app), /previous hit: nothing/);
	await app.press('z');
	assert.match(footerOf(app), /previous hit: nothing/, 'a key that means nothing is no answer');
	await app.press('p');
	assert.match(footerOf(app), /esc back/);
});

test('a copy promises no more than it knows', async t => {
	const app = await open({}, t);
	await app.press('Y');
	app.store.dispatch({type: 'copied', text: 'abc', ok: true});
	assert.match(footerOf(app), /Copied, if your terminal lets programs copy: abc/);
	app.store.dispatch({type: 'resized', columns: 80, rows: 24});
	const address = 'https://github.com/acme/auto-author/actions/runs/14541960911';
	app.store.dispatch({type: 'copied', text: address, ok: true});
	assert.match(
		footerOf(app),
		/Copied, if your terminal lets programs copy: https:\/\/github\.com/,
		'a long one gives way',
	);
});

test('the active release: what runs, else is queued, else has waited for less than a day; then the newest', async t => {
	const app = await open({scenario: 'quiet', startMinutes: 0}, t);
	const all = app.state().snapshot!.candidates;
	const {now} = app.state();
	const withDeploy =
		(index: number, status: 'running' | 'queued' | 'waiting', hoursAgo: number) =>
		(candidate: Candidate, at: number): Candidate =>
			at === index
				? {
						...candidate,
						tiers: {
							...candidate.tiers,
							deploy: {...candidate.tiers.deploy, status, createdAt: now - hoursAgo * 3_600_000},
						},
					}
				: candidate;
	const active = (candidates: readonly Candidate[]) => candidates.indexOf(activeCandidate(candidates, now)!);
	const waits = all.map(withDeploy(2, 'waiting', 2));
	assert.equal(active(all), 0);
	assert.equal(active(waits), 2);
	assert.equal(active(all.map(withDeploy(2, 'waiting', 60))), 0, 'a forgotten approval');
	assert.equal(active(waits.map(withDeploy(4, 'queued', 3))), 4);
	assert.equal(active(waits.map(withDeploy(4, 'queued', 3)).map(withDeploy(6, 'running', 30))), 6);
});

test('R does not ask while GitHub wants to be left alone, and says for how long', async t => {
	const app = await open({}, t);
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 10_000, {
		kind: 'secondary-limit',
		status: 403,
		retryAfterSeconds: 75,
	});
	await app.advance(3000);
	const asked = app.questions.length;
	await app.press('R');
	assert.match(
		footerOf(app),
		/refresh: GitHub asked us to wait for another 1m\d\ds\. It is asked again by itself then\./,
	);
	assert.equal(app.questions.length, asked);
	await app.press('j');
	assert.match(footerOf(app), /\(R refresh\)/, 'marked otherwise than by colour alone');
	await app.advance(100_000);
	const later = app.questions.length;
	await app.press('R');
	assert.equal(app.questions.length, later + 1);
});

const poor = {...scenarioNamed('release'), server: {...scenarioNamed('release').server, pointsPerHour: 2}};

test('without budget the screen is not live: it says until when, how old, and makes nothing ready', async t => {
	const app = await open({scenario: poor, columns: 80, rows: 24}, t);
	assert.match(app.screen(), /▲ paused until \d\d:\d\d, data \ds old/);
	await app.advance(25 * 60_000);
	assert.match(app.screen(), /▲ paused until \d\d:\d\d, data 25m old/);
	assert.doesNotMatch(app.screen(), /synced \d|● synced/);
	assert.ok(isStale(app.state()));
	const {snapshot} = app.state();
	const opened = {
		...snapshot!,
		candidates: snapshot!.candidates.map(candidate => ({
			...candidate,
			answer: 'ready' as const,
			gate: {
				open: true,
				conditions: candidate.gate.conditions.map(condition => ({...condition, met: true as const})),
			},
		})),
	};
	const stale: State = {...app.state(), snapshot: opened};
	assert.match(shown(stale), /^ \? old data {2}/m);
	assert.match(shown(stale), /old data/);
	assert.match(
		shown({
			...stale,
			poll: {...stale.poll, because: null, answeredAtWall: stale.wallNow, nextAtWall: stale.wallNow + 1000},
		}),
		/✔ ready[\s\S]* ready/,
	);
});

test('an answer that is overdue is said, whatever the reason', async t => {
	const app = await open({columns: 80, rows: 24}, t);
	const late: State = {...app.state(), wallNow: app.state().poll.answeredAtWall! + 61_000};
	assert.match(shown(late), /▲ data 1m old/);
	assert.ok(isStale(late));
});

test('while the data is old nothing turns and no clock runs', async t => {
	const app = await open({columns: 80, rows: 24}, t);
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 120_000, {kind: 'bad-gateway-html'});
	await app.advance(3000);
	const before = lineWith(app, /3 E2E/);
	assert.match(before, /● running {3}\d+m\d\ds/);
	for (let second = 0; second < 20; second++) {
		await app.advance(1000);
		assert.equal(lineWith(app, /3 E2E/), before);
	}
});

test('for ears nothing ticks: the sentences change only with the pipeline', async t => {
	const app = await open({scenario: poor}, t);
	const before = linearLines(app.state());
	await app.advance(55_000);
	assert.deepEqual(linearLines(app.state()), before);
	assert.match(before[0]!, /paused until \d\d:\d\d, data as of \d\d:\d\d\.$/);
	assert.match(before.join('\n'), /70% of 120 tests done|E2E: running/);
	await app.press('?');
	assert.match(linearLines(app.state()).join('\n'), /Move:\nj or down: Next commit, job or line\./);
});

test('what is not possible in a tier without jobs is not offered', async t => {
	const app = await open({scenario: 'empty', startMinutes: 0}, t);
	await app.press('enter');
	assert.doesNotMatch(footerOf(app), /open job/);
	assert.match(footerOf(app), /1-3 tier/);
});

test('only pages are opened, by their canonical address', () => {
	assert.equal(safeUrl('javascript:alert(1)'), null);
	assert.equal(safeUrl('file:///etc/passwd'), null);
	assert.equal(safeUrl('not an address'), null);
	assert.equal(safeUrl(''), null);
	assert.equal(safeUrl('https://example.com/\u202Eevil path'), 'https://example.com/%E2%80%AEevil%20path');
});
