/** The report of `status --json` against docs/status.schema.json, in every scenario at several times; and the page about it. */
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {describe, test} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {runStatus} from '../source/commands/look/status.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {conditionIds, policies, type Provenance} from '../source/core/pipeline/pipeline.ts';
import {statusReport} from '../source/core/snapshot/report.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed, scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {marks} from '../source/ui/lines/theme.ts';
import {simulatedWorld} from './helpers/app.ts';
import {commit, facts, job, run, sha} from './helpers/facts.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

type Json = null | boolean | number | string | Json[] | {[name: string]: Json};
type Report = ReturnType<typeof statusReport>;

const schemaFile = new URL('../docs/status.schema.json', import.meta.url);
const pageFile = new URL('../docs/status-json.md', import.meta.url);
const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as {[name: string]: Json};

/** The published schema lets fields be added; here a field that it does not describe is a mistake. */
const closed = (part: Json): Json => {
	if (Array.isArray(part)) return part.map(closed);
	if (part === null || typeof part !== 'object') return part;
	const inside = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
	return part['type'] === 'object' && part['properties'] !== undefined
		? {additionalProperties: false, ...inside}
		: inside;
};

const compile = (document: Json) => {
	const ajv = new Ajv2020({allErrors: true});
	addFormats.default(ajv);
	return ajv.compile(document as object);
};
const validate = compile(closed(schema));
const isAsPublished = compile(schema);

const holds = (report: unknown, where: string) => {
	assert.ok(validate(report), `${where}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
};

/** Reports of one scenario, so many minutes after its beginning; null where GitHub did not answer. */
const reportsOf = async (
	scenario: Scenario,
	minutes: readonly number[],
	sha: string | null = null,
): Promise<ReadonlyArray<Report | null>> => {
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const begin = Date.parse(scenario.startsAt);
	const {world, settled, repository} = simulatedWorld(
		simulator,
		scenario,
		{},
		settledBy => (clock = virtualClock(begin, settledBy)),
	);
	const reports: Array<Report | null> = [];
	try {
		for (const minute of minutes) {
			await clock.advance(Math.max(0, begin + minute * 60_000 - clock.now()));
			let text = '';
			const reading = runStatus(
				world,
				{repository, settings: {...defaultSettings, branches: scenario.branches}},
				{json: true, sha},
				{
					write: written => {
						text += written;
					},
					error: () => {},
				},
			);
			const finished = reading.then(
				() => true,
				() => false,
			);
			// An outage makes it wait between two tries: time has to go on for it.
			for (let second = 0; second < 30 && clock.waiting() > 0; second++) await clock.advance(1000);
			await settled();
			reports.push((await finished) ? (JSON.parse(text) as Report) : null);
		}
		return reports;
	} finally {
		await simulator.close();
	}
};

describe('every report keeps to the schema', () => {
	for (const scenario of scenarios) {
		test(scenario.name, async () => {
			const reports = await reportsOf(scenario, [0, 4, 9, 30]);
			assert.ok(scenario.name === 'outage' || reports.every(report => report !== null), 'a report is missing');
			assert.ok(
				reports.some(report => report !== null && report.candidates.length > 0),
				'there was nothing to hold',
			);
			for (const [index, report] of reports.entries()) {
				if (report) holds(report, `${scenario.name}, reading ${index + 1}`);
			}
		});
	}
});

test('candidates come newest first, and --sha leaves one', async () => {
	const [report] = await reportsOf(scenarioNamed('release'), [9]);
	const times = report!.candidates.map(({committedAt}) => committedAt!);
	assert.deepEqual(times, times.toSorted().toReversed());
	const wanted = report!.candidates[2]!.sha;
	const [one] = await reportsOf(scenarioNamed('release'), [9], wanted.slice(0, 10));
	assert.deepEqual(
		one!.candidates.map(candidate => candidate.sha),
		[wanted],
	);
	holds(one, 'one commit');
});

test('what GitHub did not say is null, and its unknown words are kept', () => {
	const settings = {
		...defaultSettings,
		environments: [...defaultSettings.environments, {...defaultSettings.environments[0]!, name: 'preview'}],
	};
	const odd = run(1, 'fast', {
		headSha: sha('a'),
		attempt: null,
		startedAt: null,
		status: 'HIBERNATING',
		conclusion: null,
		jobs: [job(2, {status: 'COMPLETED', conclusion: 'BAFFLED', startedAt: null, finishedAt: null})],
	});
	const known = facts({
		commits: [commit(sha('a'))],
		runs: [odd],
		refs: {
			staging: {name: 'develop', sha: null},
			production: {name: 'main', sha: null},
			aheadBy: null,
			behindBy: null,
		},
	});
	const report = statusReport(correlate(known, settings, 0, null));
	holds(JSON.parse(JSON.stringify(report)), 'unknowns');
	assert.equal(report.rateLimit, null);
	assert.deepEqual(
		[report.candidates[0]?.tiers.fast.status, report.candidates[0]?.tiers.fast.rawStatus],
		['unknown', 'hibernating'],
	);
	assert.ok('preview' in report.environments);
});

test('the schema has the words of the code', () => {
	const provenances: Readonly<Record<Provenance, true>> = {
		commit: true,
		status: true,
		deployment: true,
		name: true,
		inferred: true,
	};
	const {status, tier, condition} = schema['$defs'] as Record<
		string,
		{enum: Json[]; properties: Record<string, {enum: Json[]}>}
	>;
	assert.deepEqual(new Set(status?.enum), new Set(Object.keys(marks)));
	assert.deepEqual(condition?.properties['id']?.enum, [...conditionIds]);
	assert.deepEqual(new Set(tier?.properties['policy']?.enum), new Set(Object.values(policies)));
	assert.deepEqual(new Set(tier?.properties['provenance']?.enum), new Set([...Object.keys(provenances), null]));
	const page = readFileSync(pageFile, 'utf8');
	for (const word of [
		...Object.keys(marks),
		...conditionIds,
		...Object.values(policies),
		...Object.keys(provenances),
	])
		assert.ok(page.includes(`\`${word}\``), `docs/status-json.md does not explain ${word}`);
});

test('shards and failing tests are in it, while they run and when they have ended', async () => {
	const reports = await reportsOf(scenarioNamed('red-e2e'), [1, 4, 12]);
	for (const [index, report] of reports.entries()) holds(report, `red-e2e, reading ${index + 1}`);
	const [first, during, after] = reports.map(
		report =>
			report!.candidates.find(({tiers: {e2e}}) => e2e.status === 'running' || e2e.status === 'failed')?.tiers.e2e,
	);
	assert.equal(first?.shards.length, 4);
	assert.ok(
		during!.failures.some(({kind, shard}) => kind === 'failed' && shard === 2),
		JSON.stringify(during?.failures),
	);
	assert.equal(after!.failures.filter(({kind}) => kind === 'failed').length, 5);
	assert.deepEqual(after!.failures[0], {
		kind: 'failed',
		shard: 2,
		jobId: after!.shards[1]!.jobId,
		location: 'e2e/preview.spec.ts:22',
		title: 'preview › shows the newest text',
		message: 'expect(received).toContain(expected): the preview is one edit behind',
		history: {kind: 'unknown'},
	});
	assert.deepEqual(
		after!.shards.map(({tests}) => tests?.done),
		[30, 30, 30, 30],
	);
});

test('the published schema lets fields be added, ours for tests does not', async () => {
	const [report] = await reportsOf(scenarioNamed('quiet'), [0]);
	const later = {...report, queue: []};
	assert.ok(isAsPublished(later));
	assert.ok(!validate(later));
	const renamed = {
		...report,
		candidates: report!.candidates.map(({gate, ...candidate}) => ({...candidate, door: gate})),
	};
	assert.ok(!isAsPublished(renamed));
	assert.ok(
		!isAsPublished({...report, environments: {staging: {sha: 'cafe', state: 'green', deployedAt: 'yesterday'}}}),
	);
});

/** JSON as people write it: what fits stands on one line. */
const readable = (value: Json, indent = ''): string => {
	const short = JSON.stringify(value, undefined, 1)
		.replaceAll(/\n\s*/g, ' ')
		.replaceAll(/([[{]) | ([\]}])/g, '$1$2');
	if (value === null || typeof value !== 'object' || indent.length + short.length <= 110) return short;
	const inner = `${indent}  `;
	return Array.isArray(value)
		? `[\n${value.map(item => inner + readable(item, inner)).join(',\n')}\n${indent}]`
		: `{\n${Object.entries(value)
				.map(([name, item]) => `${inner}${JSON.stringify(name)}: ${readable(item, inner)}`)
				.join(',\n')}\n${indent}}`;
};

test('the example of the page is what the program prints', async () => {
	const [report] = await reportsOf(scenarioNamed('release'), [9]);
	const [newest] = report!.candidates;
	const tiers = Object.fromEntries(
		Object.entries(newest!.tiers).map(([name, tier]) => [
			name,
			{...tier, jobs: tier.jobs.slice(0, 1), shards: tier.shards.slice(0, 1)},
		]),
	);
	const example = {...report, candidates: [{...newest, tiers}]};
	holds(example, 'the example');
	const text = readable(JSON.parse(JSON.stringify(example)) as Json);
	assert.deepEqual(JSON.parse(text), example);
	const page = readFileSync(pageFile, 'utf8');
	const expected = page.replace(
		/(<!-- example:start -->\n)[\s\S]*(<!-- example:end -->)/,
		(_, begin: string, end: string) => `${begin}\`\`\`json\n${text}\n\`\`\`\n${end}`,
	);
	if (process.env['UPDATE_DOCS'] === '1') writeFileSync(pageFile, expected);
	assert.equal(
		readFileSync(pageFile, 'utf8'),
		expected,
		'docs/status-json.md is old; UPDATE_DOCS=1 npm test writes it anew',
	);
});
