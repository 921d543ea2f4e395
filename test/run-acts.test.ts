/** Steering runs is recorded: the intent before it is sent, what came of it after; and without a journal nothing is sent. */
import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {auditLine} from '../source/commands/operate/audit-text.ts';
import {foldRecords, nothingFolded} from '../source/core/operations/journal-fold.ts';
import type {JournalRecord} from '../source/core/operations/journal.ts';
import type {RunWish} from '../source/core/runs/runs.ts';
import {realClock} from '../source/edges/clock.ts';
import {exitCodes, Failure} from '../source/errors.ts';
import type {GitHubEdge} from '../source/github/edge.ts';
import type {RunActed} from '../source/github/runs/run-actions.ts';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {createRuns, type RunActsOptions} from '../source/operations/run-acts.ts';

const wish: RunWish = {
	kind: 'rerun',
	title: 'E2E of 1a2b3c4',
	number: 5,
	seen: {runId: 17, attempt: 1, jobIds: [1]},
	which: 'failed',
	debug: false,
};

const stage = (t: TestContext, acted: RunActed | (() => Promise<RunActed>), more: Partial<RunActsOptions> = {}) => {
	const state = mkdtempSync(join(tmpdir(), 'deployctl-runs-'));
	t.after(() => rmSync(state, {recursive: true, force: true}));
	const paths = statePaths(state, 'github.com', 'acme/app');
	const records = () =>
		readFileSync(paths.journal, 'utf8')
			.trim()
			.split('\n')
			.map(line => JSON.parse(line) as JournalRecord);
	const sent: Array<{wish: RunWish; recorded: number}> = [];
	const edge = {
		operatorName: async () => 'mona',
		runs: {
			act: async (one: RunWish) => {
				sent.push({wish: one, recorded: records().length});
				return typeof acted === 'function' ? acted() : acted;
			},
			inputs: async () => ({ok: true, inputs: null, because: 'no file'}),
		},
	} as unknown as GitHubEdge;
	const runs = createRuns({
		state,
		gitHubHost: 'github.com',
		repository: 'acme/app',
		readOnly: false,
		host: 'laptop',
		user: 'me',
		clock: realClock,
		gitHub: async () => edge,
		env: {MY_SECRET_TOKEN: 'correct-horse-battery'},
		...more,
	});
	return {runs, records, sent, paths};
};

test('the intent stands in the journal when it is sent, and the outcome after; both read as sentences', async t => {
	const {runs, records, sent, paths} = stage(t, {ok: true, runId: 17, attempt: 2});
	assert.deepEqual(await runs.act(wish), {ok: true, runId: 17, attempt: 2});
	assert.deepEqual(sent, [{wish, recorded: 1}]);
	const [asked, answered] = records().map(record =>
		auditLine(record)
			.replace(/^\S+ \S+ {2}/, '')
			.replaceAll(/act \w+/g, 'act A'),
	);
	assert.equal(
		asked,
		'#1  Re-run the failed jobs of E2E of 1a2b3c4 (run #5, attempt 1): asked for by mona on laptop (act A)',
	);
	assert.equal(answered, '#2  GitHub took it, run 17 (act A)');
	assert.equal((await verifyJournal(paths)).ok, true);
	assert.deepEqual(foldRecords(nothingFolded, records()), nothingFolded, 'it is no operation, lock or mark');
});

test('refused, lost, out of reach, no permission: recorded as what it is, with the exit code for it', async t => {
	const unwritten = {ok: false, because: 'x', next: 'y', retryAt: null, mayHold: null} as const;
	for (const [acted, outcome, exitCode] of [
		[{ok: false, kind: 'refused', because: 'it still runs', next: 'wait'}, 'refused', exitCodes.refused],
		[{ok: false, kind: 'unknown', because: 'lost', next: 'look'}, 'unknown', exitCodes.unreachable],
		[{...unwritten, kind: 'unreachable'}, 'refused', exitCodes.unreachable],
		[{...unwritten, kind: 'not-permitted'}, 'refused', exitCodes.notPermitted],
	] as const) {
		const {runs, records} = stage(t, acted);
		const result = await runs.act(wish);
		assert.equal(!result.ok && result.exitCode, exitCode);
		const last = records().at(-1)!;
		assert.deepEqual([last.type, last.type === 'run-answered' && last.outcome], ['run-answered', outcome]);
	}
});

test('no journal, no act', async t => {
	const {runs, sent, paths} = stage(t, {ok: true, runId: 17, attempt: 2});
	mkdirSync(dirname(dirname(paths.journal)), {recursive: true});
	writeFileSync(dirname(paths.journal), 'in the way');
	const result = await runs.act(wish);
	assert.equal(!result.ok && result.exitCode, exitCodes.failed);
	assert.match(!result.ok ? result.because : '', /No journal, no action/);
	assert.equal(sent.length, 0);
	chmodSync(dirname(paths.journal), 0o600);
});

test('a read-only start, and one without a token, send nothing; what is secret is not written down', async t => {
	const reader = stage(t, {ok: true, runId: 17, attempt: 2}, {readOnly: true});
	const refused = await reader.runs.act(wish);
	assert.equal(!refused.ok && refused.exitCode, exitCodes.refused);
	assert.equal(reader.sent.length, 0);
	const signedOut = stage(
		t,
		{ok: true, runId: 17, attempt: 2},
		{
			gitHub: async () => {
				throw new Failure('There is no token for github.com', {
					next: 'sign in',
					exitCode: exitCodes.notPermitted,
				});
			},
		},
	);
	const unsigned = await signedOut.runs.act(wish);
	assert.equal(!unsigned.ok && unsigned.exitCode, exitCodes.notPermitted);
	const masking = stage(t, {ok: false, kind: 'refused', because: 'said correct-horse-battery', next: 'x'});
	await masking.runs.act({
		kind: 'start',
		title: 'E2E of 1a2b3c4',
		workflow: 'e2e.yml',
		ref: 'develop',
		sha: 'a'.repeat(40),
		inputs: {sha: 'a'.repeat(40), password: 'correct-horse-battery'},
	});
	assert.doesNotMatch(JSON.stringify(masking.records()), /correct-horse/);
});
