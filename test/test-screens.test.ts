/** Golden screens of the tests of E2E: whole pictures of what is known, at the sizes that matter. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {outcomeOf} from '../source/core/tests/tests.ts';
import type {State} from '../source/state/model/state.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {minutes, start, status} from './helpers/facts.ts';
import {isAsApproved} from './helpers/screens.ts';
import {
	answered,
	pastRuns,
	pays,
	previews,
	progress,
	published,
	reading,
	red,
	result,
	running,
	screenAt,
	seconds,
	shardJob,
	stateWith,
	tested,
	theRun,
} from './helpers/shards.ts';

const sizes = [
	[80, 24],
	[120, 40],
	[200, 60],
] as const;
const history = pastRuns(20, [2, 5, 11]);
const done = (index: number) => ({finishedAt: start + minutes(6) + seconds(165 + 6 * index)});

const liveFailures = [
	{shard: 2, at: start + minutes(7), ...previews},
	{shard: 3, at: start + minutes(7.5), ...pays},
];

const runningStatuses = [
	published(1, progress(21, {skipped: 1, current: 'e2e/book.spec.ts:31 › book › exports to EPUB'})),
	published(
		2,
		progress(18, {failed: 1, flaky: 1, current: 'e2e/preview.spec.ts:40 › preview › scrolls with the editor'}),
	),
	published(3, progress(14, {failed: 1}), {failure: pays}),
	published(4, progress(30), {state: 'SUCCESS'}),
];
const runningJobs = [
	shardJob(1, running),
	shardJob(2, running),
	shardJob(3, running),
	shardJob(4, {finishedAt: start + minutes(8)}),
];

const runningState = (): State =>
	answered(
		stateWith({statuses: runningStatuses, run: theRun({jobs: runningJobs, jobsTotal: 4})}),
		reading({live: liveFailures, results: [outcomeOf(result(4, {tests: [tested('passed', pays)]}))], history}),
	);

const redState = (): State =>
	answered(
		stateWith({
			statuses: [
				published(1, progress(30, {skipped: 1}), {state: 'SUCCESS'}),
				published(2, progress(30, {failed: 1, flaky: 1}), {state: 'FAILURE'}),
				published(3, progress(30, {failed: 1}), {state: 'FAILURE'}),
				published(4, progress(30), {state: 'SUCCESS'}),
			],
			run: theRun({
				status: 'COMPLETED',
				conclusion: 'FAILURE',
				updatedAt: start + minutes(10),
				jobs: [
					shardJob(1, done(1)),
					shardJob(2, {...red, ...done(2)}),
					shardJob(3, {...red, ...done(3)}),
					shardJob(4, done(4)),
				],
				jobsTotal: 4,
			}),
			nowMinutes: 11,
		}),
		reading({
			results: [
				outcomeOf(result(1)),
				outcomeOf(result(4)),
				outcomeOf(
					result(2, {
						verdict: 'failed',
						tests: [
							tested('failed', previews),
							tested('flaky', {
								location: 'e2e/login.spec.ts:8',
								title: 'login › keeps the session',
								message: 'locator.click: Timeout 5000ms exceeded',
							}),
						],
					}),
				),
				outcomeOf(
					result(3, {
						verdict: 'failed',
						tests: [
							tested('failed', {
								...pays,
								message: `${pays.message}. Call log: waiting for getByRole('button', {name: 'Pay'}); locator resolved to <button disabled>; the server answered POST /api/payments with 500 after 1204 ms`,
							}),
						],
					}),
				),
			],
			history,
		}),
	);

const greenState = (): State =>
	answered(
		stateWith({
			statuses: [1, 2, 3, 4].map(index =>
				published(index, progress(30, index === 2 ? {flaky: 1} : {}), {state: 'SUCCESS'}),
			),
			run: theRun({
				status: 'COMPLETED',
				conclusion: 'SUCCESS',
				updatedAt: start + minutes(10),
				jobs: [1, 2, 3, 4].map(index => shardJob(index, done(index))),
				jobsTotal: 4,
			}),
			nowMinutes: 11,
		}),
		reading({
			results: [1, 2, 3, 4].map(index =>
				outcomeOf(result(index, {tests: index === 2 ? [tested('flaky', previews)] : []})),
			),
			history,
		}),
	);

const step = (number: number, name: string, word: 'done' | 'now' | 'open') => ({
	number,
	name,
	status: word === 'done' ? 'COMPLETED' : word === 'now' ? 'IN_PROGRESS' : 'QUEUED',
	conclusion: word === 'done' ? 'SUCCESS' : null,
	startedAt: word === 'open' ? null : start + minutes(6),
	finishedAt: word === 'done' ? start + minutes(6.2) : null,
});
const steps = [
	step(1, 'Set up job', 'done'),
	step(2, 'Install', 'done'),
	step(3, 'Run Playwright', 'now'),
	step(4, 'Complete job', 'open'),
];

const withoutReporter = (): State =>
	stateWith({
		statuses: [status('e2e-staging', {state: 'PENDING', targetUrl: null})],
		run: theRun({
			jobs: [
				shardJob(1, {...running, steps}),
				shardJob(2, {
					...red,
					...done(2),
					annotations: [
						{
							level: 'failure',
							path: 'e2e/preview.spec.ts',
							line: 22,
							title: 'preview › shows the newest text',
							message: previews.message,
						},
						{
							level: 'failure',
							path: '.github',
							line: 1,
							title: null,
							message: 'Process completed with exit code 1.',
						},
					],
				}),
				shardJob(3, {...running, steps}),
				shardJob(4, {status: 'QUEUED', conclusion: null, startedAt: null, finishedAt: null}),
			],
			jobsTotal: 4,
		}),
	});

/** Shards whose jobs GitHub does not show, one that contradicts itself, and no history. */
const unknown = (): State =>
	answered(
		stateWith({
			statuses: [
				published(1, progress(12, {failed: 2})),
				published(2, progress(3, {failed: 4})),
				published(3, progress(30), {state: 'SUCCESS'}),
			],
			run: theRun({jobs: [], jobsTotal: 4}),
		}),
		reading({live: [{shard: 1, at: start, ...pays}], problems: ['github.com did not answer within 12 s.']}),
	);

const pictures: ReadonlyArray<readonly [name: string, make: () => State]> = [
	['running', runningState],
	['red', redState],
	['green', greenState],
	['no-reporter', withoutReporter],
	['unknown', unknown],
];

for (const [name, make] of pictures) {
	test(`tests of E2E: ${name}`, () => {
		const state = make();
		for (const [columns, rows] of sizes)
			isAsApproved(`tests-${name}`, screenAt(state, columns, rows), columns, rows);
	});
}

test('the board says how many tests failed, and which is the first', () => {
	for (const [name, make] of [
		['running', runningState],
		['red', redState],
	] as const) {
		const state = make();
		const onBoard: State = {...state, view: {...state.view, place: {name: 'board'}, detailSha: null}};
		for (const [columns, rows] of [
			[80, 24],
			[120, 40],
		] as const)
			isAsApproved(`tests-board-${name}`, screenAt(onBoard, columns, rows), columns, rows);
		assert.match(screenAt(onBoard, 120, 40), /shows the newest text|shows the newes/);
	}
});

test('in ASCII nothing of it needs more', () => {
	const ascii = runningState();
	isAsApproved(
		'tests-ascii',
		screenAt({...ascii, preferences: {...ascii.preferences, symbols: 'ascii'}}, 80, 24),
		80,
		24,
		true,
	);
});

test('it fits at every size, with whatever there is', () => {
	for (const [name, make] of pictures) {
		const state = make();
		for (let columns = 60; columns <= 220; columns += 9) {
			for (let rows = 15; rows <= 60; rows += 5) {
				const lines = screenAt(state, columns, rows).split('\n');
				assert.ok(lines.length <= rows - 1, `${name} ${columns}x${rows}`);
				assert.match(lines.join('\n'), /E2E tests/, `${name} ${columns}x${rows}`);
			}
		}
	}
});

test('for ears it is sentences', () => {
	const lines = linearLines(redState());
	assert.ok(
		lines.some(line => line.includes('pays by saved card')),
		lines.join('\n'),
	);
});
