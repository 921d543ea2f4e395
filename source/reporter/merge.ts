/** The results of all shards as one page, and whether they are a success together: every shard there, every one passed. Pure. */
import {readShardResult, unreadableTests} from '../core/tests/read-results.ts';
import {sanitise} from '../core/text/sanitise.ts';
import type {ShardResult, TestOutcome, TestResult} from '../core/tests/results.ts';
import {plural} from '../core/text/plural.ts';

export type Merged = {
	markdown: string;
	/** One sentence each: why it is no success. */
	problems: readonly string[];
};

const shown = {failed: 50, flaky: 50, message: 2000} as const;

/** Whose results these have to be; null: not known. */
export type Expected = {sha: string | null; runId: number | null};
type Named = {name: string; result: ShardResult; unreadable: number};

const nobody: Expected = {sha: null, runId: null};
const missingShown = 20;

/** Of a shard that was repeated, the last attempt. */
const newest = (all: readonly Named[]): Named[] => {
	const byShard = new Map<number, Named>();
	for (const one of all) {
		const known = byShard.get(one.result.shard.index);
		if (!known || known.result.attempt < one.result.attempt) byShard.set(one.result.shard.index, one);
	}
	return [...byShard.values()].sort((a, b) => a.result.shard.index - b.result.shard.index);
};

/** All files are asked, not only those that count: an old one of another run may be what is in the place of the right one. */
const strangers = (all: readonly Named[], total: number, {sha, runId}: Expected): string[] => {
	const [first] = all;
	const isMixed = all.some(
		({result}) =>
			result.sha !== first!.result.sha ||
			result.runId !== first!.result.runId ||
			result.workflow !== first!.result.workflow ||
			result.shard.total !== total,
	);
	const other = all.find(({result}) => runId !== null && result.runId !== runId) ?? null;
	const elsewhere = all.find(({result}) => sha !== null && result.sha !== sha) ?? null;
	return [
		...(isMixed ? ['The results are not of one commit, one workflow, one run and one number of shards.'] : []),
		...(other
			? [`${sanitise(other.name, 200)} is of run ${other.result.runId}, and not of this run, ${runId}.`]
			: []),
		...(elsewhere
			? [
					`${sanitise(elsewhere.name, 200)} is about commit ${elsewhere.result.sha.slice(0, 7)}, and ${sha!.slice(0, 7)} is under test.`,
				]
			: []),
	];
};

/** Two that say different things in one attempt: which is right, nobody can tell. */
const doubles = (all: readonly Named[]): string[] =>
	all.flatMap(({name, result}, at) => {
		const same = all
			.slice(0, at)
			.find(
				before =>
					before.result.shard.index === result.shard.index &&
					before.result.attempt === result.attempt &&
					before.result.runId === result.runId,
			);
		if (!same || JSON.stringify(same.result) === JSON.stringify(result)) return [];
		return [
			`Shard ${result.shard.index} has two results of attempt ${result.attempt}: ${sanitise(same.name, 200)} and ${sanitise(name, 200)}.`,
		];
	});

const absent = (results: readonly ShardResult[], total: number): string[] => {
	const there = new Set(results.map(({shard}) => shard.index));
	const count = total - results.filter(({shard}) => shard.index <= total).length;
	const told: string[] = [];
	for (let index = 1; index <= total && told.length < Math.min(count, missingShown); index += 1)
		if (!there.has(index)) told.push(`Shard ${index} of ${total} is missing.`);
	return [
		...told,
		...(count > told.length
			? [`${plural(count - told.length, `more shard of ${total} is`, `more shards of ${total} are`)} missing.`]
			: []),
	];
};

const ofShard = ({result: {shard, verdict, tests}, unreadable}: Named, total: number): string[] => {
	const name = `Shard ${shard.index} of ${total}`;
	return [
		...(verdict === 'passed' ? [] : [`${name} ${verdict === 'failed' ? 'failed' : 'was interrupted'}.`]),
		...(verdict === 'passed' && tests.some(({outcome}) => outcome === 'failed')
			? [`${name} says that it passed, and has tests that failed.`]
			: []),
		...(unreadable > 0 ? [`${name} has ${plural(unreadable, 'test')} whose outcome cannot be read.`] : []),
	];
};

/** A shard may have nothing to do; all of them together may not. What was left out of a file has run. */
const idle = (results: readonly ShardResult[]): string[] => {
	const all = results.flatMap(({tests}) => tests);
	if (
		results.length === 0 ||
		all.some(({outcome}) => outcome !== 'skipped') ||
		results.some(({omitted}) => omitted > 0)
	)
		return [];
	return [all.length === 0 ? 'No test was run in any shard.' : `No test was run: all ${all.length} were skipped.`];
};

// Markdown and HTML are made harmless by their own means: the text stays what it was.
const cell = (text: string) => sanitise(text, 300).replaceAll(/[\\`*_{}[\]<>#|~@]/g, sign => `\\${sign}`);
const block = (text: string) => {
	const lines = text
		.slice(0, shown.message)
		.split('\n')
		.map(line => sanitise(line, 500));
	const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([found]) => found.length + 1)));
	return [fence, ...lines, fence];
};
const minutes = (milliseconds: number) =>
	`${Math.floor(milliseconds / 60_000)}m${String(Math.floor((milliseconds % 60_000) / 1000)).padStart(2, '0')}s`;

const section = (title: string, tests: readonly TestResult[], most: number): string[] =>
	tests.length === 0
		? []
		: [
				'',
				`### ${title}`,
				'',
				...tests
					.slice(0, most)
					.flatMap(test => [
						`- **${cell(test.title)}** (${cell(test.location)})`,
						...(test.error === null ? [] : ['', ...block(test.error.message).map(line => `  ${line}`), '']),
					]),
				...(tests.length > most ? ['', `… and ${tests.length - most} more.`] : []),
			];

/**
@param files what the files hold, by their names; null: not JSON
@param expected how many shards there should be; null: as the results say
@param whose commit and run that the results have to be of
*/
export const mergeShards = (
	files: ReadonlyMap<string, unknown>,
	expected: number | null,
	whose: Expected = nobody,
): Merged => {
	const unread: string[] = [];
	const read = [...files].flatMap(([name, value]): Named[] => {
		const result = readShardResult(value);
		if (result === null) unread.push(`${sanitise(name, 200)} is not a result of a shard.`);
		return result === null ? [] : [{name, result, unreadable: unreadableTests(value)}];
	});
	const named = newest(read);
	const results = named.map(({result}) => result);
	const total = expected ?? Math.max(0, ...read.map(({result}) => result.shard.total));
	const problems = [
		...unread,
		...strangers(read, total, whose),
		...doubles(read),
		...(results.length === 0 ? ['There is no result of any shard.'] : []),
		...absent(results, total),
		...named.flatMap(one => ofShard(one, total)),
		...idle(results),
	];
	const all = results.flatMap(({tests}) => tests);
	const of = (outcome: TestOutcome) => all.filter(test => test.outcome === outcome);
	const count = (tests: readonly TestResult[], outcome: TestOutcome) =>
		tests.filter(test => test.outcome === outcome).length;
	const markdown = [
		`## E2E ${problems.length === 0 ? 'passed' : 'did not pass'}: ${all.length} tests, ${of('failed').length} failed, ${of('flaky').length} flaky, ${of('skipped').length} skipped`,
		...(problems.length === 0 ? [] : ['', ...problems.map(text => `- ${cell(text)}`)]),
		...(results.length === 0
			? []
			: [
					'',
					'| shard | verdict | passed | failed | flaky | skipped | time | attempt |',
					'| --- | --- | --- | --- | --- | --- | --- | --- |',
					...results.map(
						({shard, verdict, tests, startedAt, finishedAt, attempt}) =>
							`| ${shard.index} of ${shard.total} | ${verdict} | ${(['passed', 'failed', 'flaky', 'skipped'] as const).map(outcome => count(tests, outcome)).join(' | ')} | ${minutes(Math.max(0, finishedAt - startedAt))} | ${attempt} |`,
					),
				]),
		...section('Failed', of('failed'), shown.failed),
		...section('Flaky: passed when tried again', of('flaky'), shown.flaky),
		...(results.some(({omitted}) => omitted > 0)
			? ['', 'Some tests were left out of the result files, because there are too many for one.']
			: []),
		'',
	].join('\n');
	return {markdown, problems};
};
