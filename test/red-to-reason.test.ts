/** From red to its reason: the first error on the board, one key to the log, and attempts that count for themselves. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changesBetween} from '../source/core/snapshot/changes.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {firstErrorOf} from '../source/core/pipeline/first-error.ts';
import type {RunFact} from '../source/core/github/facts.ts';
import {elapsedSeconds} from '../source/core/text/duration.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {newsSince, withEvents} from '../source/state/questions/events.ts';
import {initialState} from '../source/state/model/state.ts';
import {openApp} from './helpers/app.ts';
import {commit, facts, job, minutes, run, sha, start} from './helpers/facts.ts';

const opened = async (t: Parameters<typeof openApp>[1], columns = 80, rows = 24) => {
	const app = await openApp({scenario: 'deploy-fails', operations: {}, columns, rows}, t);
	await app.settled();
	await app.advance(60_000);
	for (let minute = 0; minute < 12 && app.state().snapshot?.candidates[0]?.tiers.deploy.status !== 'failed'; minute++)
		await app.advance(60_000);
	assert.equal(app.state().snapshot?.candidates[0]?.tiers.deploy.status, 'failed');
	return app;
};

test('the first error line stands under the red tier, its reason first, on narrow and on wide boards', async t => {
	const narrow = await opened(t);
	assert.match(
		narrow.screen(),
		/2 Deployment {2}✖ failed[^\n]*\n {4}→ https:\/\/staging\.auto-author\.example\/health answered 503/,
	);
	narrow.store.dispatch({type: 'resized', columns: 140, rows: 40});
	assert.match(
		narrow.screen().replaceAll(/[│\s]+/g, ' '),
		/→ https:\/\/staging\.auto-author.* answered 503 .*three times/,
	);
});

test('what says only that a step has failed is no reason, and what has not failed has none', () => {
	const note = (message: string, path = 'scripts/deploy.sh') => ({
		level: 'failure' as const,
		path,
		line: 7,
		title: null,
		message,
	});
	const failed = {
		name: 'deploy',
		status: 'failed' as const,
		annotations: [note('Process completed with exit code 1.', '.github'), note('no space left\nmore')],
	};
	assert.deepEqual(firstErrorOf([{...failed, name: 'lint', status: 'passed'}, failed]), {
		job: 'deploy',
		reason: 'no space left',
		where: 'scripts/deploy.sh:7',
	});
	assert.equal(
		firstErrorOf([
			{...failed, annotations: null},
			{...failed, annotations: [note('Process completed with exit code 2.')]},
		]),
		null,
	);
});

test('v on the board opens the log of what failed, at its first error, with nothing of it cut', async t => {
	const app = await opened(t);
	await app.press('v');
	await app.logsSettled();
	assert.equal(app.state().view.place.name, 'job-log');
	assert.match(app.screen().replaceAll(/[│\s]+/g, ''), /\/healthanswered503threetimes/);
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'board');
});

test('where the jobs are not read yet, v says so, waits for them, and opens; another key takes that back', async t => {
	for (const key of [null, 'j']) {
		const app = await opened(t);
		const {snapshot, facts: known} = app.state();
		const unread = (runId: number | null) => ({
			...known!,
			runs: known!.runs.map(each =>
				each.id === runId ? {...each, jobs: null, jobsTotal: null, jobsAsOf: null} : each,
			),
		});
		const lacking = unread(snapshot!.candidates[0]!.tiers.deploy.runId);
		const settings = app.state().settings;
		Object.assign(app.state(), {facts: lacking, snapshot: correlate(lacking, settings, snapshot!.fetchedAt, null)});
		await app.press('v');
		assert.equal(app.state().view.place.name, 'board');
		assert.match(app.screen(), /Deployment: reading the jobs; the log opens when they are there\./);
		if (key !== null) await app.press(key);
		await app.advance(15_000);
		assert.equal(app.state().view.place.name, key === null ? 'job-log' : 'board');
	}
});

const attempts = (attempt: number) => {
	const kept = job(101, {name: 'e2e (1, 2)', startedAt: start, finishedAt: start + minutes(8), attempt: 1});
	const again = job(attempt === 1 ? 102 : 202, {
		name: 'e2e (2, 2)',
		attempt,
		...(attempt === 1
			? {conclusion: 'FAILURE', startedAt: start, finishedAt: start + minutes(9)}
			: {status: 'IN_PROGRESS', conclusion: null, startedAt: start + minutes(24), finishedAt: null}),
	});
	// GitHub lists what a re-run keeps again, under other ids.
	const jobs = [attempt === 1 ? kept : {...kept, id: 201}, again];
	return facts({
		commits: [commit(sha('a'))],
		runs: [
			run(1, 'e2e', {
				title: `e2e ${sha('a')}`,
				attempt,
				jobs,
				jobsTotal: 2,
				startedAt: attempt === 1 ? start : start + minutes(23),
				updatedAt: start + minutes(attempt === 1 ? 9 : 24),
				jobsAsOf: start + minutes(24),
				...(attempt === 1 ? {conclusion: 'FAILURE'} : {status: 'IN_PROGRESS', conclusion: null}),
			}),
		],
	});
};

test('a re-run counts from its own attempt, and what it keeps is not told again', () => {
	const [first, second] = [1, 2].map(attempt =>
		correlate(attempts(attempt), defaultSettings, start + minutes(25), null),
	);
	const tier = second!.candidates[0]!.tiers.e2e;
	assert.deepEqual([tier.status, tier.attempt, elapsedSeconds(tier, start + minutes(25))], ['running', 2, 60]);
	const texts = changesBetween(first!, second!).map(({text}) => text);
	assert.ok(!texts.some(text => text.includes('e2e (1, 2) passed')), texts.join('; '));
	assert.ok(
		texts.some(text => text.startsWith('E2E started (attempt 2)')),
		texts.join('; '),
	);
});

test('what a re-run keeps is not told again after a reading in which it had no jobs, or some of them', () => {
	const second = attempts(2);
	const snapshot = (of: typeof second) => correlate(of, defaultSettings, start + minutes(25), null);
	const [ofSecond] = second.runs;
	const jobs = ofSecond!.jobs!;
	const more = (part: Partial<RunFact>) => ({...second, runs: [{...ofSecond!, ...part}]});
	for (const between of [
		more({jobs: [], jobsTotal: 0}),
		more({jobs: null, jobsTotal: null, jobsAsOf: null}),
		more({jobs: [jobs[1]!], jobsTotal: 1}),
		more({jobs: [jobs[1]!], jobsTotal: 2}),
	]) {
		const texts = changesBetween(snapshot(between), snapshot(second)).map(({text}) => text);
		assert.ok(!texts.some(text => text.includes('e2e (1, 2)')), texts.join('; '));
	}
	const ended = jobs.map((job, index) =>
		index === 0 ? job : {...job, status: 'COMPLETED', conclusion: 'SUCCESS', finishedAt: start + minutes(25)},
	);
	assert.ok(
		changesBetween(snapshot(second), snapshot(more({jobs: ended}))).some(({text}) =>
			text.startsWith('E2E: e2e (2, 2) passed'),
		),
		'what it repeats is told',
	);
	const failed = jobs.map((job, index) =>
		index === 1 ? {...job, status: 'COMPLETED', conclusion: 'FAILURE', finishedAt: start + minutes(25)} : job,
	);
	const early = (of: typeof jobs) => snapshot(more({startedAt: null, jobs: of}));
	assert.ok(
		changesBetween(early(jobs), early(failed)).some(({text}) => text.startsWith('E2E: e2e (2, 2) failed')),
		'nobody knows when the attempt began: told all the same',
	);
});

test('events stand in the order in which things happened, however late they are learned of', () => {
	const event = (at: number) => ({
		at,
		sha: null,
		kind: 'tier' as const,
		subject: 'e2e',
		status: 'passed' as const,
		text: `at ${at}`,
	});
	const {view} = initialState({
		repository: 'acme/app',
		settings: defaultSettings,
		preferences: defaultPreferences,
		demo: null,
		readOnly: true,
		columns: 80,
		rows: 24,
		now: 0,
		wallNow: 0,
	});
	const known = [event(1), event(5)];
	const news = [event(3), event(7)];
	const onBoard = withEvents({events: known, view}, news);
	assert.deepEqual(
		onBoard.events.map(({at}) => at),
		[1, 3, 5, 7],
	);
	assert.deepEqual(newsSince(known, onBoard.events), news, 'what is new is known by itself, not by its place');
	assert.equal(
		withEvents({events: Array.from({length: 300}, (_, at) => event(at)), view}, [event(1000)]).events.length,
		300,
	);
	const reading = withEvents({events: known, view: {...view, place: {name: 'events'}, cursor: 1}}, news);
	assert.equal(reading.events[reading.view.cursor], known[1], 'whoever reads keeps their row');
});
