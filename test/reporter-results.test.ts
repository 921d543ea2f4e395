/** What is collected of a shard's tests: safe, bounded, written whole; and all shards on one page. */
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {readShardResult} from '../source/core/tests/read-results.ts';
import type {ShardResult} from '../source/core/tests/results.ts';
import {createCollector, type RawTest} from '../source/reporter/collector.ts';
import {mergeShards} from '../source/reporter/merge.ts';
import {createResultsFile} from '../source/reporter/results-file.ts';
import {judge} from '../source/reporter/session.ts';
import {runs} from './helpers/fuzz.ts';

const identity = {sha: 'a'.repeat(40), workflow: 'e2e-staging.yml', runId: 7, attempt: 1, shard: {index: 1, total: 2}};
const raw = (id: string, more: Partial<RawTest> = {}): RawTest => ({
	id,
	location: 'e2e/a.spec.ts:1',
	title: id,
	outcome: 'passed',
	durationMs: 5,
	tries: 1,
	error: null,
	...more,
});
const collect = (bytes?: number) =>
	createCollector({
		identity,
		secrets: ['correct-horse-battery'],
		startedAt: 1000,
		...(bytes !== undefined && {bytes}),
	});

test('each test counts once, however often it is tried; only news are published', () => {
	const collector = collect();
	collector.expect(3);
	const broken = raw('a', {outcome: 'failed', error: {message: 'no', location: null}});
	assert.deepEqual(collector.ended(broken), {location: 'e2e/a.spec.ts:1', title: 'a', message: 'no'});
	assert.equal(collector.ended(broken), null);
	collector.ended(raw('a', {outcome: 'flaky'}));
	collector.ended(raw('b', {outcome: 'skipped'}));
	assert.deepEqual(collector.progress(), {done: 2, total: 3, failed: 0, flaky: 1, skipped: 1, current: null});
	collector.outside('playwright.config.ts', 'no server');
	assert.deepEqual([collector.hasFailed(), collector.progress().total, collector.progress().done], [true, 4, 3]);
});

test('no secret, no escape sequence, no control character gets through, and texts are cut', () => {
	const collector = collect();
	collector.now('\u001B[31mtests\u001B[0m correct-horse-battery');
	assert.equal(collector.progress().current, 'tests ***');
	const failure = collector.ended(
		raw('x', {
			outcome: 'failed',
			title: 'a\u0007b\u009B2J',
			error: {
				message: `\u001B]0;t\u0007line\nsecret: cor\u001B[1mrect-horse-battery\n${'x'.repeat(50_000)}`,
				location: 'a\u001B[2J.ts:1',
			},
		}),
	)!;
	assert.equal(failure.title, 'ab');
	const {error} = collector.result('failed', 2000).tests[0]!;
	assert.match(error!.message, /^line\nsecret: \*\*\*\nx+…$/);
	assert.deepEqual([error!.message.length, error!.location], [4000, 'a.ts:1']);
});

test('a result fits its bytes: failures are kept, what is left out is counted, and it can be read', () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.tuple(
					fc.constantFrom('passed' as const, 'failed' as const, 'flaky' as const, 'skipped' as const),
					fc.string({unit: 'binary', maxLength: 200}),
				),
				{maxLength: 80},
			),
			fc.integer({min: 600, max: 20_000}),
			(tests, bytes) => {
				const collector = collect(bytes);
				for (const [index, [outcome, title]] of tests.entries())
					collector.ended(
						raw(String(index), {
							outcome,
							title,
							error: outcome === 'failed' ? {message: title, location: null} : null,
						}),
					);
				const result = collector.result('passed', 2000);
				const text = JSON.stringify(result);
				assert.ok(Buffer.byteLength(text) <= bytes);
				assert.equal(result.tests.length + result.omitted, tests.length);
				if (result.tests.some(({outcome}) => outcome === 'passed'))
					assert.equal(
						result.tests.filter(({outcome}) => outcome === 'failed').length,
						tests.filter(([outcome]) => outcome === 'failed').length,
					);
				assert.equal(readShardResult(JSON.parse(text))?.tests.length, result.tests.length);
			},
		),
		runs(200),
	);
});

test('the file is written whole or not at all, the newest last; where it cannot be, that is one line', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'results-'));
	t.after(() => rmSync(folder, {recursive: true}));
	const warnings: string[] = [];
	const path = join(folder, 'deep/results.json');
	const file = createResultsFile(path, line => warnings.push(line));
	const collector = collect();
	await Promise.all([1, 2, 3, 4].map(at => file.write(() => collector.result('interrupted', at))));
	assert.equal((JSON.parse(readFileSync(path, 'utf8')) as ShardResult).finishedAt, 4);
	assert.deepEqual(readdirSync(join(folder, 'deep')), ['results.json']);
	const wrong = createResultsFile(join(path, 'below/a/file'), line => warnings.push(line));
	await wrong.write(() => collector.result('passed', 5));
	await wrong.write(() => collector.result('passed', 6));
	assert.equal(warnings.length, 1);
	assert.match(warnings[0]!, /could not be written .*\((?:ENOTDIR|EEXIST)\)/);
});

const shard = (index: number, more: Partial<ShardResult> = {}): ShardResult => ({
	schemaVersion: 1,
	...identity,
	shard: {index, total: 2},
	startedAt: 0,
	finishedAt: 61_000,
	verdict: 'passed',
	tests: [{location: 'a.ts:1', title: `t${index}`, outcome: 'passed', durationMs: 1, tries: 1, error: null}],
	omitted: 0,
	...more,
});
const merged = (results: readonly unknown[], expected: number | null = null) =>
	mergeShards(new Map(results.map((result, index) => [`${index}.json`, result])), expected);

test('all shards there and passed: a success, on one page', () => {
	const {problems, markdown} = merged([shard(2), shard(1)]);
	assert.deepEqual(problems, []);
	assert.match(
		markdown,
		/^## E2E passed: 2 tests, 0 failed[^]*\| 1 of 2 \| passed \| 1 \| 0 \| 0 \| 0 \| 1m01s \| 1 \|\n\| 2 of 2/,
	);
});

test('missing, failed, interrupted, unreadable, of another commit: no success', () => {
	assert.deepEqual(merged([shard(1)]).problems, ['Shard 2 of 2 is missing.']);
	assert.deepEqual(merged([shard(1), shard(2)], 3).problems, [
		'The results are not of one commit, one workflow, one run and one number of shards.',
		'Shard 3 of 3 is missing.',
	]);
	assert.deepEqual(merged([shard(1), shard(2, {verdict: 'interrupted'})]).problems, [
		'Shard 2 of 2 was interrupted.',
	]);
	assert.deepEqual(merged([shard(1), shard(2, {verdict: 'failed'})]).problems, ['Shard 2 of 2 failed.']);
	assert.deepEqual(merged([]).problems, ['There is no result of any shard.']);
	assert.match(merged([shard(1), shard(2), {nonsense: true}]).problems[0]!, /2\.json is not a result/);
	assert.match(merged([shard(1), shard(2, {sha: 'b'.repeat(40)})]).problems[0]!, /not of one commit/);
	const lying = {...shard(2), tests: [{...shard(2).tests[0]!, outcome: 'failed' as const}]};
	assert.match(merged([shard(1), lying]).problems[0]!, /says that it passed/);
});

test('of a shard that was repeated the last attempt counts; no text becomes markup', () => {
	const failure = {
		location: 'a.ts:1',
		title: '<img src=x> | **bold** `x` @team',
		outcome: 'failed' as const,
		durationMs: 1,
		tries: 2,
		error: {message: '```\n</details><script>', location: null},
	};
	const again = shard(2, {attempt: 2});
	assert.deepEqual(merged([shard(1), shard(2, {verdict: 'failed', tests: [failure]}), again]).problems, []);
	const {markdown} = merged([shard(1), shard(2, {verdict: 'failed', tests: [failure]})]);
	assert.ok(
		markdown.includes('\\<img src=x\\> \\| \\*\\*bold\\*\\* \\`x\\` \\@team') && markdown.includes('````'),
		markdown,
	);
});

test('all shards passed and nothing ran, or everything was skipped: no success; one shard may have nothing to do', () => {
	const skipped = {location: 'a.ts:1', title: 't', outcome: 'skipped' as const, durationMs: 0, tries: 1, error: null};
	assert.deepEqual(merged([shard(1, {tests: []}), shard(2, {tests: []})]).problems, [
		'No test was run in any shard.',
	]);
	assert.match(merged([shard(1, {tests: []}), shard(2, {tests: []})]).markdown, /^## E2E did not pass: 0 tests/);
	assert.deepEqual(merged([shard(1, {tests: [skipped]}), shard(2, {tests: [skipped]})]).problems, [
		'No test was run: all 2 were skipped.',
	]);
	assert.deepEqual(merged([shard(1, {tests: []}), shard(2)]).problems, []);
	assert.deepEqual(
		merged([shard(1, {tests: [skipped], omitted: 5}), shard(2, {tests: []})]).problems,
		[],
		'passed ones were left out',
	);
});

test('a file of another run, commit or workflow is told, also where it would win by its attempt', () => {
	const mixed = 'The results are not of one commit, one workflow, one run and one number of shards.';
	const own = {sha: identity.sha, runId: 7};
	const one = {shard: {index: 1, total: 1}} as const;
	const both = mergeShards(
		new Map<string, unknown>([
			['new.json', shard(1, {...one, verdict: 'failed'})],
			['old.json', shard(1, {...one, runId: 6, attempt: 2})],
		]),
		null,
	);
	assert.deepEqual(both.problems, [mixed]);
	const whose = (result: ShardResult) => mergeShards(new Map([['a.json', result]]), null, own).problems;
	assert.deepEqual(whose(shard(1, one)), []);
	assert.deepEqual(whose(shard(1, {...one, runId: 6})), ['a.json is of run 6, and not of this run, 7.']);
	assert.deepEqual(whose(shard(1, {...one, sha: 'b'.repeat(40)})), [
		'a.json is about commit bbbbbbb, and aaaaaaa is under test.',
	]);
	assert.deepEqual(merged([shard(1), shard(2, {workflow: 'smoke.yml'})]).problems, [mixed]);
	assert.equal(merged([shard(1), {...shard(2), shard: {index: 2, total: 3}}]).problems[0], mixed);
});

test('two results of one shard and attempt are told unless they are the same; tests that cannot be read, too', () => {
	assert.deepEqual(merged([shard(1), shard(2), shard(2, {verdict: 'failed'})]).problems, [
		'Shard 2 has two results of attempt 1: 1.json and 2.json.',
	]);
	assert.deepEqual(merged([shard(1), shard(2), shard(2)]).problems, []);
	assert.deepEqual(
		merged([
			shard(1),
			{...shard(2), tests: [...shard(2).tests, {location: 'a.ts:1', title: 'x', outcome: 'timedOut'}]},
		]).problems,
		['Shard 2 of 2 has 1 test whose outcome cannot be read.'],
	);
});

test('however many shards there should be, none of the missing ones is passed over', () => {
	const many = merged([shard(1, {shard: {index: 1, total: 5000}})]).problems;
	assert.deepEqual(
		[many.length, many[0], many.at(-1)],
		[21, 'Shard 2 of 5000 is missing.', '4,979 more shards of 5000 are missing.'],
	);
	const results = Array.from({length: 1000}, (_, at) => shard(at + 1, {shard: {index: at + 1, total: 1001}}));
	assert.deepEqual(merged(results).problems, ['Shard 1001 of 1001 is missing.']);
});

test('what a shard said comes to passed only when something ran, and all of it', () => {
	const of = (done: number, more: {total?: number; failed?: number; skipped?: number} = {}, shards = 1) =>
		judge(
			'passed',
			{done, total: done, failed: 0, flaky: 0, skipped: 0, current: null, ...more},
			{index: 1, total: shards},
		);
	assert.deepEqual(of(3), {verdict: 'passed', because: null});
	assert.deepEqual(of(3, {skipped: 2}), {verdict: 'passed', because: null});
	assert.deepEqual(of(0), {verdict: 'failed', because: 'no test was run'});
	assert.deepEqual(of(3, {skipped: 3}), {verdict: 'failed', because: 'all 3 tests were skipped'});
	assert.deepEqual(of(0, {}, 4), {verdict: 'passed', because: 'no test was run in shard 1 of 4'});
	assert.deepEqual(of(2, {total: 3}), {verdict: 'interrupted', because: '2 of 3 announced tests ended'});
	assert.deepEqual(of(2, {failed: 1}), {verdict: 'failed', because: null});
	assert.equal(
		judge('interrupted', {done: 0, total: 0, failed: 0, flaky: 0, skipped: 0, current: null}, {index: 1, total: 1})
			.verdict,
		'interrupted',
	);
});
