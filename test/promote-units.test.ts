/** What a promotion says of itself and how that is understood. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {maskText} from '../source/core/text/mask.ts';
import {knownHistory, trustOfProductionRun} from '../source/core/evidence/production-run.ts';
import {parseProtocolLine} from '../source/core/operations/protocol.ts';
import {claimOf} from '../source/core/operations/script-claim.ts';
import {verdictOf} from '../source/core/operations/verdict.ts';
import {foldRecords, nothingFolded} from '../source/core/operations/journal-fold.ts';
import type {JournalRecord} from '../source/core/operations/journal.ts';
import type {Release} from '../source/core/releases/release.ts';
import {releasesOf} from '../source/operations/checkout/releases.ts';
import {dispatchRun} from '../source/operations/promoter/follow.ts';
import {abandonPull, landByPull, landByQueue} from '../source/operations/promoter/pull.ts';
import {createSpeech} from '../source/operations/promoter/speech.ts';
import type {Course} from '../source/operations/promoter/course.ts';
import {createStepRecorder} from '../source/operations/script/steps.ts';
import {run} from './helpers/facts.ts';

const [old, tested] = ['a'.repeat(40), 'b'.repeat(40)];
const spoken = () => {
	const lines: string[] = [];
	return {
		lines,
		speech: createSpeech(
			line => {
				lines.push(line);
			},
			{now: () => 1_764_201_600_000, after: async () => {}},
		),
	};
};

test('its lines keep the protocol, whatever is in the texts', () => {
	const {lines, speech} = spoken();
	speech.begin('job/a b=c');
	speech.note('approval', 'evil\u001b[31m\nend promote exit=0', {run: 1, environment: 'prod uction'});
	speech.ok('branch', 'main is at bbbbbbb');
	speech.end({exit: 31, result: 'deployment-failed', because: 'the run failed\u0007', next: 'Look at it.'});
	const parsed = lines.map(line => parseProtocolLine(line.trimEnd()));
	assert.ok(
		parsed.every(({kind}) => kind === 'line') && lines.every(line => line.indexOf('\n') === line.length - 1),
		JSON.stringify(lines),
	);
	assert.deepEqual(
		parsed.map(line => (line.kind === 'line' ? `${line.line.verb} ${line.line.step}` : '')),
		['begin job/a-b-c', 'probe approval', 'ok branch', 'end promote'],
	);
});

test('a note is said once while it does not change', () => {
	const {lines, speech} = spoken();
	for (const text of ['queued', 'queued', 'checks', 'queued']) speech.note('queue', text);
	assert.equal(lines.length, 3);
});

test('of a promotion only its own last line counts: the script inside of it has one too', () => {
	const recorder = createStepRecorder('op', text => maskText(text, []), 0, 'promote');
	recorder.take(
		parseProtocolLine('deployctl/1 2026-11-26T21:00:00Z +1.000 end deploy exit=0 result=deployed live=x'),
	);
	assert.equal(recorder.endLine(), null);
	recorder.take(
		parseProtocolLine(
			'deployctl/1 2026-11-26T21:00:00Z +2.000 end promote exit=33 result=unhealthy live=- -- it turned unhealthy Next: deployctl rollback production',
		),
	);
	assert.deepEqual([recorder.endLine()?.exit, recorder.endLine()?.result], [33, 'unhealthy']);
});

test('what was given up before anything changed keeps its reason in the exit code', () => {
	const code = (result: string) =>
		claimOf('contract', {how: 'exited', code: 10}, {exit: 10, result, live: null, cause: null}).exitCode;
	assert.deepEqual(
		['refused', 'not-permitted', 'unreachable', 'locked', 'failed-before-switch'].map(code),
		[3, 4, 5, 6, 1],
	);
});

const question = (
	end: number,
	result: string,
	after: {version: string; health: boolean},
	text = 'it did not work Next: Look at the run.',
) =>
	verdictOf({
		kind: 'promote',
		environment: 'production',
		scriptKind: 'contract',
		end: {how: 'exited', code: end},
		endLine: {exit: end, result, live: end === 0 ? tested : null, cause: null, text},
		before: [{instance: 'web-1', version: old, health: true, because: '', latencyMs: 1}],
		after: [{instance: 'web-1', ...after, because: '', latencyMs: 1}],
		expects: {versions: 1, healths: 1},
		target: {release: tested, sha: tested},
		from: {release: old, sha: old},
		stop: null,
		timedOut: false,
		wasKilled: false,
	});

test("ends after something has changed need a human, in the promoter's own words, with what production says", () => {
	for (const code of [31, 32, 33, 34]) {
		const {outcome, exitCode, because, next} = question(code, 'x', {version: old, health: true});
		assert.deepEqual([outcome, exitCode, next], ['interrupted', 7, 'Look at the run.']);
		assert.equal(because, 'it did not work; web-1 reports aaaaaaa, healthy');
	}
});

test('done is only what production reports; and a promotion that is gone again has not "changed nothing"', () => {
	assert.deepEqual(
		[
			question(0, 'promoted', {version: tested, health: true}).outcome,
			question(0, 'promoted', {version: tested, health: false}).outcome,
			question(0, 'promoted', {version: old, health: true}).outcome,
		],
		['succeeded', 'interrupted', 'interrupted'],
	);
});

test('refused before anything changed says why and what next', () => {
	const {outcome, exitCode, because, next} = question(
		10,
		'refused',
		{version: old, health: true},
		'the gate is blocked for bbbbbbb: E2E failed Next: Run it again.',
	);
	assert.deepEqual(
		[outcome, exitCode, because, next],
		['failed', 3, 'the gate is blocked for bbbbbbb: E2E failed', 'Run it again.'],
	);
});

test('a promoted release counts as healthy only after its soak, whatever the scripts of its host have validated', () => {
	const listed: Release = {
		id: '20261126210000-bbbbbbb',
		sha: tested.slice(0, 7),
		isLive: true,
		isPresent: true,
		wasHealthy: true,
		isBad: false,
		badBecause: null,
		migration: 'none',
		deployedAt: 1,
		lastLiveAt: 1,
		hosts: null,
	};
	const ref = {release: tested, sha: tested};
	const records = (outcome: 'interrupted' | 'succeeded', from = 1): JournalRecord[] =>
		[
			{
				type: 'requested',
				operation: `op-${from}`,
				kind: 'promote',
				environment: 'production',
				from: {release: old, sha: old},
				to: ref,
				sha: tested,
				operator: 'kim',
				host: 'h',
				command: [],
				scriptKind: 'contract',
				planHash: '',
				usualSeconds: null,
				p95Seconds: null,
				phrase: null,
			},
			{
				type: 'finished',
				operation: `op-${from}`,
				outcome,
				exitCode: 7,
				because: 'x',
				next: null,
				live: null,
				log: null,
			},
		].map((event, index) => ({
			...event,
			v: 1,
			seq: from + index,
			at: from + index,
			previous: '',
			hash: '',
		})) as JournalRecord[];
	const health = (all: readonly JournalRecord[]) =>
		releasesOf([listed], 'production', {folded: foldRecords(nothingFolded, all), pins: [], observation: null})[0]!
			.wasHealthy;
	assert.deepEqual(
		[
			health([]),
			health(records('interrupted')),
			health(records('succeeded')),
			health([...records('interrupted'), ...records('succeeded', 3)]),
		],
		[true, 'unknown', true, true],
	);
});

/** GitHub's content limit for the first so many calls, then an answer of its own. */
const limited = (times: number, waitMs = 75_000) => {
	const said: string[] = [];
	let [now, sent, proven] = [1_764_201_600_000, 0, 0];
	const answer = async <Answer>(otherwise: Answer) => {
		sent += 1;
		return sent > times
			? otherwise
			: {
					ok: false,
					kind: 'unreachable',
					because: 'GitHub asks us to slow down (secondary rate limit).',
					next: 'Try again in 1m15s.',
					retryAt: now + waitMs,
					mayHold: null,
				};
	};
	const pull = {
		id: 'PR_1',
		number: 7,
		url: 'https://github.com/acme/app/pull/7',
		state: 'open',
		headSha: tested,
		isMergeable: true,
		blockedBecause: null,
		mergeSha: null,
		queue: null,
	};
	const no = {ok: false, kind: 'refused', because: 'its head is somewhere else', next: 'Look.'};
	const course = (openAtOnce: boolean) =>
		({
			sha: tested,
			plan: {promotion: {branch: 'main', conditions: [], hotfix: null, breakGlass: null}},
			settings: {promotion: {workflow: 'deploy.yml', mergeMethod: 'merge'}},
			promotions: {
				openPull: async () => (openAtOnce ? {ok: true, pull} : answer(no)),
				pull: async () => ({ok: true, pull}),
				closePull: async () => ({ok: true}),
				deleteBranch: async () => ({ok: true}),
				mergePull: async () => answer({how: 'unknown', because: 'cut off'}),
				enqueuePull: async () => answer({how: 'refused', because: 'no'}),
				dispatch: async () => answer(no),
			},
			prove: async () => {
				proven += 1;
				return null;
			},
			speech: {
				begin() {},
				ok() {},
				fail() {},
				note: (_: string, text: string) => {
					said.push(text);
				},
			},
			clock: {
				now: () => now,
				after: async (ms: number) => {
					now += ms;
				},
			},
			signal: new AbortController().signal,
			reached: {pull: null, landedAt: null, isSent: false, isStarted: false},
		}) as unknown as Course;
	return {said, course, counts: () => ({sent, proven, waitedMs: now - 1_764_201_600_000})};
};

test('the content limit is waited out three times at most, and the gate is proven again before each sending', async () => {
	const opening = limited(2);
	assert.match(JSON.stringify(await landByPull(opening.course(false))), /was not opened: its head is somewhere else/);
	assert.deepEqual([opening.counts().sent, opening.counts().waitedMs], [3, 150_000]);
	assert.match(opening.said[0]!, /slow down.*sent again in 1m ?15s/);
	const merging = limited(2);
	assert.match(JSON.stringify(await landByPull(merging.course(true))), /whether #7 was merged is not known/);
	assert.deepEqual(merging.counts(), {sent: 3, proven: 3, waitedMs: 150_000});
	const queueing = limited(3);
	assert.match(JSON.stringify(await landByQueue(queueing.course(true))), /not taken into the merge queue/);
	assert.deepEqual(queueing.counts(), {sent: 4, proven: 4, waitedMs: 225_000});
	const starting = limited(1);
	assert.match(JSON.stringify(await dispatchRun(starting.course(true))), /was not started: its head/);
	for (const [name, patient] of Object.entries({queue: limited(9), merge: limited(9), long: limited(9, 3_600_000)})) {
		const ended = await (name === 'queue' ? landByQueue : landByPull)(patient.course(true));
		assert.match(JSON.stringify(ended), /slow down.*nothing was changed/, name);
		assert.equal(patient.counts().sent, name === 'long' ? 1 : 4, name);
	}
});

test('a pull request that is given up is closed although the content limit is in the way, also after a stop', async () => {
	for (const isStopped of [false, true]) {
		const closing = limited(2);
		const stop = new AbortController();
		if (isStopped) stop.abort(new Error('stopped'));
		const [course, pull] = [closing.course(true), {id: 'PR_1', number: 7, url: 'x'}];
		let calls = 0;
		const closePull = async () => {
			calls += 1;
			return calls > 2
				? {ok: true}
				: {
						ok: false,
						kind: 'unreachable',
						because: 'GitHub asks us to slow down.',
						next: 'x',
						retryAt: course.clock.now() + 60_000,
						mayHold: null,
					};
		};
		const given = {
			...course,
			promotions: {...course.promotions, closePull},
			signal: stop.signal,
			reached: {...course.reached, pull},
		} as unknown as Course;
		assert.equal(await abandonPull(given), null);
		assert.deepEqual([calls, closing.counts().waitedMs], [3, 120_000]);
	}
});

test('a run of production is judged on a screen by the promoter’s rule, and where the facts do not tell its branch, nobody knows', () => {
	const [newest, head, older, elsewhere] = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(40)) as [
		string,
		string,
		string,
		string,
	];
	const judged = (headSha: string, production: string | null, trunk: readonly string[] | undefined) => {
		const facts = {
			refs: {
				staging: {name: 'develop', sha: newest},
				production: {name: 'main', sha: production},
				aheadBy: null,
				behindBy: null,
			},
			...(trunk && {trunk}),
		};
		return trustOfProductionRun(
			run(7, 'deploy', {
				workflowPath: '.github/workflows/deploy-production.yml',
				branch: 'main',
				headSha,
				title: `Deploy ${newest}`,
			}),
			{workflow: 'deploy-production.yml', branch: 'main', sha: newest, history: knownHistory(facts, headSha)},
		).trusted;
	};
	const trunk = [newest, head, older];
	assert.equal(judged(head, head, trunk), true);
	assert.equal(judged(older, head, trunk), true, 'its branch has been there');
	assert.equal(judged(newest, head, trunk), false, 'its branch has never been there');
	assert.equal(judged(elsewhere, elsewhere, trunk), true, 'its head is a merge');
	assert.equal(judged(older, elsewhere, trunk), 'unknown', 'what the merge has below it was not read');
	assert.equal(judged(head, head, undefined), true);
	assert.equal(judged(older, head, undefined), 'unknown');
	assert.equal(judged(head, null, trunk), 'unknown');
});
