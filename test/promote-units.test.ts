/** What a promotion says of itself and how that is understood. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {maskText} from '../source/core/mask.ts';
import {parseProtocolLine} from '../source/core/protocol.ts';
import {claimOf} from '../source/core/script-claim.ts';
import {verdictOf} from '../source/core/verdict.ts';
import {foldRecords, nothingFolded} from '../source/core/journal-fold.ts';
import type {JournalRecord} from '../source/core/journal.ts';
import type {Release} from '../source/core/release.ts';
import {releasesOf} from '../source/operations/releases.ts';
import {createSpeech} from '../source/operations/promote-speech.ts';
import {createStepRecorder} from '../source/operations/steps.ts';

const [old, tested] = ['a'.repeat(40), 'b'.repeat(40)];
const spoken = () => {
	const lines: string[] = [];
	return {lines, speech: createSpeech(line => { lines.push(line); }, {now: () => 1_764_201_600_000, after: async () => {}})};
};

test('its lines keep the protocol, whatever is in the texts', () => {
	const {lines, speech} = spoken();
	speech.begin('job/a b=c');
	speech.note('approval', 'evil\u001b[31m\nend promote exit=0', {run: 1, environment: 'prod uction'});
	speech.ok('branch', 'main is at bbbbbbb');
	speech.end({exit: 31, result: 'deployment-failed', because: 'the run failed\u0007', next: 'Look at it.'});
	const parsed = lines.map(line => parseProtocolLine(line.trimEnd()));
	assert.ok(parsed.every(({kind}) => kind === 'line') && lines.every(line => line.indexOf('\n') === line.length - 1), JSON.stringify(lines));
	assert.deepEqual(parsed.map(line => (line.kind === 'line' ? `${line.line.verb} ${line.line.step}` : '')), ['begin job/a-b-c', 'probe approval', 'ok branch', 'end promote']);
});

test('a note is said once while it does not change', () => {
	const {lines, speech} = spoken();
	for (const text of ['queued', 'queued', 'checks', 'queued']) speech.note('queue', text);
	assert.equal(lines.length, 3);
});

test('of a promotion only its own last line counts: the script inside of it has one too', () => {
	const recorder = createStepRecorder('op', text => maskText(text, []), 0, 'promote');
	recorder.take(parseProtocolLine('deployctl/1 2026-11-26T21:00:00Z +1.000 end deploy exit=0 result=deployed live=x'));
	assert.equal(recorder.endLine(), null);
	recorder.take(parseProtocolLine('deployctl/1 2026-11-26T21:00:00Z +2.000 end promote exit=33 result=unhealthy live=- -- it turned unhealthy Next: deployctl rollback production'));
	assert.deepEqual([recorder.endLine()?.exit, recorder.endLine()?.result], [33, 'unhealthy']);
});

test('what was given up before anything changed keeps its reason in the exit code', () => {
	const code = (result: string) => claimOf('contract', {how: 'exited', code: 10}, {exit: 10, result, live: null, cause: null}).exitCode;
	assert.deepEqual(['refused', 'not-permitted', 'unreachable', 'locked', 'failed-before-switch'].map(code), [3, 4, 5, 6, 1]);
});

const question = (end: number, result: string, after: {version: string; health: boolean}, text = 'it did not work Next: Look at the run.') => verdictOf({
	kind: 'promote', environment: 'production', scriptKind: 'contract', end: {how: 'exited', code: end}, endLine: {exit: end, result, live: end === 0 ? tested : null, cause: null, text},
	before: [{instance: 'web-1', version: old, health: true, because: '', latencyMs: 1}], after: [{instance: 'web-1', ...after, because: '', latencyMs: 1}], expects: {versions: 1, healths: 1},
	target: {release: tested, sha: tested}, from: {release: old, sha: old}, stop: null, timedOut: false, wasKilled: false,
});

test('ends after something has changed need a human, in the promoter\'s own words, with what production says', () => {
	for (const code of [31, 32, 33, 34]) {
		const {outcome, exitCode, because, next} = question(code, 'x', {version: old, health: true});
		assert.deepEqual([outcome, exitCode, next], ['interrupted', 7, 'Look at the run.']);
		assert.equal(because, 'it did not work; web-1 reports aaaaaaa, healthy');
	}
});

test('done is only what production reports; and a promotion that is gone again has not "changed nothing"', () => {
	assert.deepEqual([question(0, 'promoted', {version: tested, health: true}).outcome, question(0, 'promoted', {version: tested, health: false}).outcome, question(0, 'promoted', {version: old, health: true}).outcome], ['succeeded', 'interrupted', 'interrupted']);
});

test('refused before anything changed says why and what next', () => {
	const {outcome, exitCode, because, next} = question(10, 'refused', {version: old, health: true}, 'the gate is shut for bbbbbbb: E2E failed Next: Run it again.');
	assert.deepEqual([outcome, exitCode, because, next], ['failed', 3, 'the gate is shut for bbbbbbb: E2E failed', 'Run it again.']);
});

test('a promoted release counts as healthy only after its soak, whatever the scripts of its host have validated', () => {
	const listed: Release = {id: '20261126210000-bbbbbbb', sha: tested.slice(0, 7), isLive: true, isPresent: true, wasHealthy: true, isBad: false, badBecause: null, migration: 'none', deployedAt: 1, lastLiveAt: 1, hosts: null};
	const ref = {release: tested, sha: tested};
	const records = (outcome: 'interrupted' | 'succeeded', from = 1): JournalRecord[] => [
		{type: 'requested', operation: `op-${from}`, kind: 'promote', environment: 'production', from: {release: old, sha: old}, to: ref, sha: tested, operator: 'kim', host: 'h', command: [], scriptKind: 'contract', planHash: '', usualSeconds: null, p95Seconds: null, phrase: null},
		{type: 'finished', operation: `op-${from}`, outcome, exitCode: 7, because: 'x', next: null, live: null, log: null},
	].map((event, index) => ({...event, v: 1, seq: from + index, at: from + index, previous: '', hash: ''})) as JournalRecord[];
	const health = (all: readonly JournalRecord[]) => releasesOf([listed], 'production', {folded: foldRecords(nothingFolded, all), pins: [], observation: null})[0]!.wasHealthy;
	assert.deepEqual([health([]), health(records('interrupted')), health(records('succeeded')), health([...records('interrupted'), ...records('succeeded', 3)])], [true, 'unknown', true, true]);
});
