/** The fold: what the journal's records mean, in pieces or at once. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {JournalEvent, JournalRecord} from '../source/core/operations/journal.ts';
import {
	foldRecords,
	knownReleases,
	nothingFolded,
	operationsIn,
	unsettled,
	usualDurations,
} from '../source/core/operations/journal-fold.ts';

const ref = (release: string) => ({release, sha: null});
const requested = (
	operation: string,
	over: Partial<Extract<JournalEvent, {type: 'requested'}>> = {},
): JournalEvent => ({
	type: 'requested',
	operation,
	kind: 'deploy',
	environment: 'staging',
	from: ref('r1'),
	to: ref('r2'),
	sha: null,
	operator: 'kim',
	host: 'desk',
	command: ['x'],
	scriptKind: 'contract',
	planHash: 'h',
	usualSeconds: null,
	p95Seconds: null,
	phrase: null,
	...over,
});
const finished = (
	operation: string,
	outcome: 'succeeded' | 'failed' | 'rolled-back' | 'interrupted' = 'succeeded',
): JournalEvent => ({
	type: 'finished',
	operation,
	outcome,
	exitCode: outcome === 'succeeded' ? 0 : 7,
	because: `it ${outcome}`,
	next: null,
	live: null,
	log: null,
});
const step = (
	operation: string,
	type: 'step-began' | 'step-passed' | 'step-failed',
	name: string,
	note: string | null = null,
): JournalEvent => ({type, operation, step: name, host: null, note});
/** A second apart. */
const recordsOf = (events: readonly JournalEvent[]): JournalRecord[] =>
	events.map((event, index) => ({...event, v: 1, seq: index + 1, at: (index + 1) * 1000, previous: '', hash: ''}));
const fold = (...events: JournalEvent[]) => foldRecords(nothingFolded, recordsOf(events));

test('an operation is told while it runs and when it is over', () => {
	const events: JournalEvent[] = [
		requested('one'),
		{type: 'locked', operation: 'one', lock: 'nonce', remote: 'taken', because: null},
		{type: 'starting', operation: 'one', command: ['x'], directory: '/'},
		{type: 'spawned', operation: 'one', pid: 1, processStartedAt: '1'},
		step('one', 'step-began', 'upload'),
		step('one', 'step-began', 'upload', 'half'),
		step('one', 'step-passed', 'upload'),
		step('one', 'step-began', 'verify'),
	];
	const [running] = operationsIn(fold(...events));
	assert.deepEqual(
		[running!.outcome, running!.because, running!.isLockedRemotely, running!.finishedAt],
		['running', 'Deploying r2 to staging: verify', true, null],
	);
	assert.deepEqual(
		running!.steps.map(({name, status, note, startedAt, finishedAt}) => [
			name,
			status,
			note,
			startedAt,
			finishedAt,
		]),
		[
			['upload', 'passed', 'half', 5000, 7000],
			['verify', 'running', null, 8000, null],
		],
	);
	const [over] = operationsIn(
		fold(
			...events,
			{type: 'script-ended', operation: 'one', exitCode: 30, result: null, live: null, cause: null},
			finished('one', 'interrupted'),
		),
	);
	assert.deepEqual(
		[over!.outcome, over!.because, over!.scriptExitCode, over!.exitCode, over!.finishedAt, over!.steps[1]!.status],
		['interrupted', 'it interrupted', 30, 7, 10_000, 'failed'],
	);
});

test('newest first, and only so many', () => {
	assert.deepEqual(
		operationsIn(fold(requested('one'), requested('two'), requested('three')), 2).map(({id}) => id),
		['three', 'two'],
	);
	assert.deepEqual(operationsIn(nothingFolded), []);
});

test('what is not settled: no outcome, or a lock that was not given back', () => {
	const locked: JournalEvent = {type: 'locked', operation: 'one', lock: 'n', remote: 'taken', because: null};
	const unlocked = (because: string | null): JournalEvent => ({
		type: 'unlocked',
		operation: 'one',
		lock: 'n',
		because,
	});
	const left = (...events: JournalEvent[]) => unsettled(fold(...events)).length;
	assert.equal(left(requested('one')), 1);
	assert.equal(left(requested('one'), finished('one', 'failed')), 0);
	assert.equal(left(requested('one'), locked, finished('one')), 1);
	assert.equal(left(requested('one'), locked, finished('one'), unlocked('GitHub is away')), 1);
	assert.equal(left(requested('one'), locked, finished('one'), unlocked('GitHub is away'), unlocked(null)), 0);
});

test('marks, pins, human locks and what waits come and go', () => {
	const mark = (type: 'marked-bad' | 'pinned' | 'unpinned', release: string): JournalEvent => ({
		type,
		operation: null,
		environment: 'staging',
		release,
		sha: null,
		by: 'kim',
		because: 'bad',
	});
	const folded = fold(
		mark('marked-bad', 'r2'),
		mark('pinned', 'r2'),
		mark('pinned', 'r3'),
		mark('unpinned', 'r3'),
		{type: 'human-lock-taken', environment: 'staging', lock: 'n', by: 'kim', reason: 'audit'},
		{type: 'human-lock-released', environment: 'staging', lock: 'other', by: 'lee'},
	);
	assert.deepEqual(
		[
			[...folded.bad.values()].map(({release}) => release),
			[...folded.pins.values()].map(({release}) => release),
			folded.humanLocks.get('staging')?.reason,
		],
		[['r2'], ['r2'], 'audit'],
	);
	assert.equal(
		fold(
			{type: 'human-lock-taken', environment: 'staging', lock: 'n', by: 'kim', reason: 'audit'},
			{type: 'lock-broken', environment: 'staging', lock: 'n', holder: 'kim', by: 'lee', reason: 'gone home'},
		).humanLocks.size,
		0,
	);
	const [operation] = operationsIn(
		fold(
			requested('one'),
			{type: 'queued', operation: 'one', item: 'i', what: 'w'},
			{type: 'queued', operation: 'one', item: 'j', what: 'w'},
			{type: 'published', operation: 'one', item: 'i', what: 'w'},
			{type: 'published', operation: 'one', item: 'i', what: 'w'},
		),
	);
	assert.equal(operation!.unpublished, 1);
});

test('known releases: what succeeded was healthy, what was returned to as well; shipped again it is good again', () => {
	const bad: JournalEvent = {
		type: 'marked-bad',
		operation: null,
		environment: 'staging',
		release: 'r2',
		sha: null,
		by: 'kim',
		because: 'bad',
	};
	const folded = fold(
		requested('one', {to: ref('r1')}),
		finished('one'),
		requested('two'),
		finished('two'),
		bad,
		requested('three', {kind: 'rollback', to: ref('r1'), from: ref('r2')}),
		finished('three'),
		requested('four', {to: ref('r3')}),
		finished('four', 'rolled-back'),
	);
	assert.deepEqual(
		knownReleases(folded, 'staging').map(({release}) => release),
		['r1', 'r2'],
	);
	assert.deepEqual(knownReleases(folded, 'production'), []);
	assert.equal(folded.bad.size, 1);
	assert.equal(foldRecords(folded, recordsOf([requested('five'), finished('five')])).bad.size, 0);
	assert.equal(foldRecords(folded, recordsOf([requested('five', {kind: 'rollback'}), finished('five')])).bad.size, 1);
});

test('usual durations: median and 95th percentile of what succeeded, of at least two', () => {
	const took = (id: string, seconds: number, outcome: 'succeeded' | 'failed' = 'succeeded'): JournalRecord[] => {
		const [begin, end] = recordsOf([requested(id), finished(id, outcome)]);
		return [
			{...begin!, at: 0},
			{...end!, at: seconds * 1000},
		];
	};
	const of = (...records: JournalRecord[][]) =>
		usualDurations(foldRecords(nothingFolded, records.flat()), 'deploy', 'staging');
	assert.deepEqual(of(took('a', 10), took('b', 99, 'failed')), {usualSeconds: null, p95Seconds: null});
	assert.deepEqual(of(took('a', 10), took('b', 20)), {usualSeconds: 15, p95Seconds: 20});
	assert.deepEqual(of(...Array.from({length: 40}, (_, index) => took(`o${index}`, index + 1))), {
		usualSeconds: 20.5,
		p95Seconds: 38,
	});
	assert.deepEqual(usualDurations(foldRecords(nothingFolded, took('a', 1)), 'rollback', 'staging'), {
		usualSeconds: null,
		p95Seconds: null,
	});
});

test('records of operations that are not known, and of later versions, are passed over', () => {
	const folded = fold(finished('ghost'), {type: 'invented', operation: 'one'} as never, requested('one'), {
		type: 'invented',
		operation: 'one',
	} as never);
	assert.deepEqual(
		operationsIn(folded).map(({id, outcome}) => [id, outcome]),
		[['one', 'running']],
	);
});

test('in pieces or at once, the same is known, and earlier knowledge stays as it was', () => {
	const event = fc.constantFrom<JournalEvent>(
		requested('one'),
		requested('two', {kind: 'rollback'}),
		finished('one'),
		finished('two', 'rolled-back'),
		step('one', 'step-began', 's'),
		step('one', 'step-failed', 's', 'x'),
		{type: 'queued', operation: 'one', item: 'i', what: 'w'},
		{type: 'published', operation: 'one', item: 'i', what: 'w'},
		{type: 'pinned', operation: null, environment: 'staging', release: 'r2', sha: null, by: 'kim', because: 'x'},
		{type: 'unlocked', operation: 'two', lock: 'n', because: null},
	);
	fc.assert(
		fc.property(fc.array(event, {maxLength: 30}), fc.nat(30), (events, cut) => {
			const records = recordsOf(events);
			const first = foldRecords(nothingFolded, records.slice(0, cut));
			const before = structuredClone(first);
			assert.deepEqual(foldRecords(first, records.slice(cut)), foldRecords(nothingFolded, records));
			assert.deepEqual(first, before);
			assert.equal(nothingFolded.operations.size, 0);
		}),
	);
});
