/** The results of all shards as one page, and whether they are a success together: every shard there, every one passed. Pure. */
import {readShardResult} from '../core/read-results.ts';
import {sanitise} from '../core/sanitise.ts';
import type {ShardResult, TestOutcome, TestResult} from '../core/test-results.ts';

export type Merged = {
	markdown: string;
	/** One sentence each: why it is no success. */
	problems: readonly string[];
};

const shown = {failed: 50, flaky: 50, message: 2000} as const;

/** Of a shard that was repeated, the last attempt. */
const newest = (results: readonly ShardResult[]): ShardResult[] => {
	const byShard = new Map<number, ShardResult>();
	for (const result of results) {
		const known = byShard.get(result.shard.index);
		if (!known || known.attempt < result.attempt) byShard.set(result.shard.index, result);
	}
	return [...byShard.values()].sort((a, b) => a.shard.index - b.shard.index);
};

// Markdown and HTML are made harmless by their own means: the text stays what it was.
const cell = (text: string) => sanitise(text, 300).replaceAll(/[\\`*_{}[\]<>#|~@]/g, sign => `\\${sign}`);
const block = (text: string) => {
	const lines = text.slice(0, shown.message).split('\n').map(line => sanitise(line, 500));
	const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([found]) => found.length + 1)));
	return [fence, ...lines, fence];
};
const minutes = (milliseconds: number) => `${Math.floor(milliseconds / 60_000)}m${String(Math.floor((milliseconds % 60_000) / 1000)).padStart(2, '0')}s`;

const section = (title: string, tests: readonly TestResult[], most: number): string[] => (tests.length === 0 ? [] : [
	'', `### ${title}`, '',
	...tests.slice(0, most).flatMap(test => [`- **${cell(test.title)}** (${cell(test.location)})`, ...(test.error === null ? [] : ['', ...block(test.error.message).map(line => `  ${line}`), ''])]),
	...(tests.length > most ? ['', `… and ${tests.length - most} more.`] : []),
]);

/** @param files what the files hold, by their names; null: not JSON @param expected how many shards there should be; null: as the results say */
export const mergeShards = (files: ReadonlyMap<string, unknown>, expected: number | null): Merged => {
	const problems: string[] = [];
	const read = [...files].flatMap(([name, value]) => {
		const result = readShardResult(value);
		if (result === null) problems.push(`${sanitise(name, 200)} is not a result of a shard.`);
		return result ?? [];
	});
	const results = newest(read);
	const [first] = results;
	const total = expected ?? Math.max(0, ...results.map(({shard}) => shard.total));
	if (results.some(({sha, runId, shard}) => sha !== first!.sha || runId !== first!.runId || shard.total !== total)) problems.push('The results are not of one commit, one run and one number of shards.');
	if (results.length === 0) problems.push('There is no result of any shard.');
	for (let index = 1; index <= Math.min(total, 1000); index += 1) {
		const result = results.find(({shard}) => shard.index === index);
		if (!result) problems.push(`Shard ${index} of ${total} is missing.`);
		else if (result.verdict !== 'passed') problems.push(`Shard ${index} of ${total} ${result.verdict === 'failed' ? 'failed' : 'was interrupted'}.`);
		else if (result.tests.some(({outcome}) => outcome === 'failed')) problems.push(`Shard ${index} of ${total} says that it passed, and has tests that failed.`);
	}
	const all = results.flatMap(({tests}) => tests);
	const of = (outcome: TestOutcome) => all.filter(test => test.outcome === outcome);
	const count = (tests: readonly TestResult[], outcome: TestOutcome) => tests.filter(test => test.outcome === outcome).length;
	const markdown = [
		`## E2E ${problems.length === 0 ? 'passed' : 'did not pass'}: ${all.length} tests, ${of('failed').length} failed, ${of('flaky').length} flaky, ${of('skipped').length} skipped`,
		...(problems.length === 0 ? [] : ['', ...problems.map(text => `- ${cell(text)}`)]),
		...(results.length === 0 ? [] : [
			'', '| shard | verdict | passed | failed | flaky | skipped | time | attempt |', '| --- | --- | --- | --- | --- | --- | --- | --- |',
			...results.map(({shard, verdict, tests, startedAt, finishedAt, attempt}) => `| ${shard.index} of ${shard.total} | ${verdict} | ${(['passed', 'failed', 'flaky', 'skipped'] as const).map(outcome => count(tests, outcome)).join(' | ')} | ${minutes(Math.max(0, finishedAt - startedAt))} | ${attempt} |`),
		]),
		...section('Failed', of('failed'), shown.failed),
		...section('Flaky: passed when tried again', of('flaky'), shown.flaky),
		...(results.some(({omitted}) => omitted > 0) ? ['', 'Some tests were left out of the result files, because there are too many for one.'] : []),
		'',
	].join('\n');
	return {markdown, problems};
};
