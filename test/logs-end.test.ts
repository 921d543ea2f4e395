/** Commands that print and end do end, however GitHub and its log store behave, and say why and what next; only --follow goes on. */
import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {describe, test} from 'node:test';
import {arrived, type Waiting} from '../source/commands/runs/arrival.ts';
import {type JobLogFlags, printJobLogs} from '../source/commands/runs/print-job-logs.ts';
import {absent, type JobLog, type LogFetch, type LoggedJob, type LogStanding} from '../source/core/runs/job-log.ts';
import type {Snapshot} from '../source/core/pipeline/pipeline.ts';
import {exitCodes, Failure} from '../source/errors.ts';
import {createJobLogs} from '../source/logs/job-logs.ts';
import type {World} from '../source/world.ts';
import {fronted} from './helpers/fronted-github.ts';
import {run} from './helpers/program.ts';
import {virtualClock} from './helpers/virtual-clock.ts';

const job: LoggedJob = {id: 41, attempt: 1, name: 'lint', status: 'failed', startedAt: 1, finishedAt: 2, steps: null};
const longMs = 600_000;

/** How it ends, and after how many seconds; null: not within ten minutes. */
const ending = async (log: (clock: ReturnType<typeof virtualClock>) => JobLog, over: Partial<Waiting> = {}) => {
	const clock = virtualClock(0);
	let told = '';
	const waiting: Waiting = {
		wall: clock,
		signal: new AbortController().signal,
		output: {
			write: () => {},
			error: words => {
				told += words;
			},
		},
		follows: false,
		isUsedUp: false,
		...over,
	};
	const stop = new AbortController();
	const found: {end: {why: string; because: string; next: string | null; seconds: number} | null} = {end: null};
	const opened = log(clock);
	const waited = arrived(opened, 'lint', {...waiting, signal: stop.signal}).then(
		none => {
			found.end = none && {
				why: none.why,
				because: none.because,
				next: none.next,
				seconds: Math.round(clock.now() / 1000),
			};
		},
		() => {},
	);
	for (let second = 0; second < longMs / 1000 && found.end === null; second++) await clock.advanceWithout(1000);
	stop.abort(new Error('the test is over'));
	await clock.advanceWithout(1000);
	await waited;
	await opened.close();
	return {...found, told};
};

const fetched =
	(fetch: (now: () => number) => LogFetch) =>
	(clock: ReturnType<typeof virtualClock>): JobLog =>
		createJobLogs({fetch: fetch(clock.now), secrets: [], clock}).open(job);
const standing =
	(at: (now: number) => LogStanding) =>
	(clock: ReturnType<typeof virtualClock>): JobLog =>
		({
			read: async ({folds}) => ({standing: at(clock.now()), first: null, rows: [], folds}),
			close: async () => {},
		}) as Partial<JobLog> as JobLog;

const broken = fetched(now => async () => absent('unreachable', 'GitHub answered 500.', null, now()));

describe('a log that does not come', () => {
	test('an error for ever: after some tries', async () => {
		const {end, told} = await ending(broken);
		assert.deepEqual(end, {
			why: 'unreachable',
			because: 'GitHub answered 500.',
			next: 'Try again in 5s.',
			seconds: 6,
		});
		assert.equal(told, '');
	});

	test('a limit that lasts longer than anybody waits: at once, with the time', async () => {
		const {end} = await ending(
			fetched(
				now => async () =>
					absent('unreachable', 'The hourly allowance is used up.', 'It is shared.', now() + 600_000),
			),
		);
		assert.deepEqual(end, {
			why: 'unreachable',
			because: 'The hourly allowance is used up.',
			next: 'It is shared. Try again in 10m00s.',
			seconds: 0,
		});
	});

	test('not filed for long: half a minute', async () => {
		const {end} = await ending(
			fetched(now => async () => absent('soon', 'GitHub has not filed its log yet.', null, now())),
		);
		assert.equal(end?.why, 'soon');
		assert.match(end.next ?? '', /^Try again in /);
		assert.ok(end.seconds <= 30, String(end.seconds));
	});

	test('silence for ever, and a drip for ever', async () => {
		const silent = await ending(fetched(() => () => new Promise(() => {})));
		assert.deepEqual(silent.end, {
			why: 'unreachable',
			because: "GitHub's log store did not give the log within 45 s.",
			next: 'Try again in a moment.',
			seconds: 45,
		});
		const drip = await ending(
			standing(now => ({kind: 'coming', bytes: Math.floor(now / 100), total: null, indexed: 0, lines: 0})),
		);
		assert.deepEqual(drip.end, {
			why: 'unreachable',
			because: "GitHub's log store gave less than 16 kB of the log in 45 s.",
			next: 'Try again in a moment.',
			seconds: 45,
		});
	});

	test('a slow line that goes on is waited for', async () => {
		const large = standing(now =>
			now < longMs
				? {kind: 'coming', bytes: now, total: null, indexed: 0, lines: 0}
				: {kind: 'there', bytes: 1, indexed: 1, lines: 1},
		);
		assert.equal((await ending(large)).end, null);
	});

	test('the next log of a command is asked for once', async () => {
		assert.equal((await ending(broken, {isUsedUp: true})).end?.seconds, 0);
	});

	test('--follow says once why it waits, and waits', async () => {
		const {end, told} = await ending(
			fetched(now => async () => absent('unreachable', 'GitHub answered 500.', null, now())),
			{follows: true},
		);
		assert.equal(told, 'lint: GitHub answered 500. Waiting for it.\n');
		assert.ok(end!.seconds > 120, 'as long as a screen would');
		const silent = await ending(
			fetched(() => () => new Promise(() => {})),
			{follows: true},
		);
		assert.deepEqual(
			[silent.end, silent.told],
			[null, "lint: GitHub's log store has been silent for 15 s. Waiting for it.\n"],
		);
	});
});

const flags: JobLogFlags = {
	job: null,
	sha: null,
	tier: null,
	failed: false,
	errors: false,
	timestamps: false,
	follow: true,
	tail: null,
};

test('--follow outlasts a GitHub that fails in between, and ends with 1 when a job failed', async () => {
	const clock = virtualClock(0);
	const tier = (status: string) => ({
		jobs: [
			{
				id: 41,
				name: 'lint',
				status,
				attempt: 1,
				startedAt: 1,
				finishedAt: status === 'running' ? null : 2,
				steps: [],
			},
		],
		runId: 1,
		attempt: 1,
	});
	const snapshot = (status: string) =>
		({candidates: [{sha: 'a'.repeat(40), tiers: {fast: tier(status)}}]}) as unknown as Snapshot;
	const broken = new Failure('The pipeline of a/b could not be read', {
		because: 'GitHub answered 502.',
		exitCode: exitCodes.unreachable,
	});
	const answers = [snapshot('running'), broken, snapshot('failed')];
	const jobLogs = {open: () => standing(() => absent('expired', 'GitHub has removed the log.'))(clock)};
	const stream = new PassThrough();
	let told = '';
	const ended: {code: number | null} = {code: null};
	const printing = printJobLogs({
		world: {jobLogs, wall: clock} as unknown as World,
		flags,
		stream,
		colours: null,
		signal: new AbortController().signal,
		output: {
			write: () => {},
			error: words => {
				told += words;
			},
		},
		read: async () => {
			const next = answers.shift()!;
			if (next instanceof Failure) throw next;
			return next;
		},
	}).then(code => {
		ended.code = code;
	});
	for (let turn = 0; turn < 100 && ended.code === null; turn++) await clock.advanceWithout(1000);
	await printing;
	assert.equal(ended.code, 1);
	assert.equal(
		told,
		'The pipeline of a/b could not be read: GitHub answered 502. Trying again.\nlint: GitHub has removed the log.\n',
	);
	stream.end();
	assert.equal(await text(stream), '');
});

test('a log store that answers 500 for ever ends the command with 5; --tail prints the last lines', async t => {
	let isBroken = true;
	const {env, home} = await fronted(t, ({url = ''}, answer) => {
		const isWrong = isBroken && url.endsWith('/logs');
		if (isWrong) answer.writeHead(500).end('{}');
		return isWrong;
	});
	const call = async (...args: string[]) => run(['logs', '--tier', 'fast', ...args], {env, cwd: home});
	const {exitCode, stdout, stderr} = await call();
	assert.equal(exitCode, 5);
	assert.equal(stdout, '');
	assert.match(stderr, /^lint: GitHub answered 500\. Try again in \d+s\.$/m);
	assert.match(stderr, /^unit.*: GitHub answered 500\. Try again in \d+s\.$/m);
	isBroken = false;
	const [whole, tail] = [await call('--job', 'lint'), await call('--job', 'lint', '--tail', '3')];
	assert.deepEqual([tail.exitCode, tail.stdout], [0, whole.stdout.split('\n').slice(-3).join('\n')]);
	const errors = await call('--job', 'lint', '--errors', '--tail', '1');
	assert.equal(errors.stdout, '');
});

test('no command that ends says that it asks again by itself, and each ends with 5', async t => {
	const {env, home} = await fronted(t, ({socket}) => {
		socket.destroy();
		return true;
	});
	for (const args of [['status'], ['gate', '--sha', 'a'.repeat(40)], ['logs', '--failed'], ['timeline']]) {
		const {exitCode, stdout, stderr} = await run(args, {env, cwd: home});
		assert.doesNotMatch(stdout + stderr, /by itself/, args.join(' '));
		if (args[0] !== 'timeline')
			assert.deepEqual([args[0], exitCode, /Try again in a moment\./.test(stderr)], [args[0], 5, true], stderr);
	}
});
