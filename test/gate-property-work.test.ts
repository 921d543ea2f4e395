/**
No skipped, neutral, empty, same-named, lagging, unlisted or incomparable reading opens the gate, ends an operation as succeeded or is shown as
passed. And the check itself is checked: each way to break the rule in the code is found by it.
*/
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {decideGate} from '../source/core/gate/gate.ts';
import type {EndLine} from '../source/core/operations/protocol.ts';
import {verdictOf} from '../source/core/operations/verdict.ts';
import {findsEach, type Mutation} from './helpers/broken-core.ts';
import {checkPipeline, checkTier, type Core, pipeline, tierWish} from './helpers/work-property.ts';
import {runs} from './helpers/fuzz.ts';

const core: Core = {correlate, decideGate};

test('property: from what GitHub tells to board and gate, nothing but work that was done counts as passed', t => {
	let open = 0;
	fc.assert(
		fc.property(pipeline, wishes => {
			if (checkPipeline(core, wishes)) open++;
		}),
		runs(4000, 21),
	);
	t.diagnostic(`${open} were open`);
	assert.ok(open > 200, 'too few were open for that to mean something');
});

test('property: the gate looks at the jobs of a tier itself, whoever calls it passed', () => {
	let open = 0;
	fc.assert(
		fc.property(tierWish, wish => {
			if (checkTier(core, wish)) open++;
		}),
		runs(4000, 22),
	);
	assert.ok(open > 200, 'too few were open for that to mean something');
});

const target = 'b'.repeat(3) + '0123456789abcdef'.repeat(3).slice(0, 37);
const version = fc.oneof(
	fc.constantFrom(
		'v1.2.3',
		'latest',
		'unknown',
		'',
		'main',
		'20261123090000',
		'undefined',
		'null',
		'{}',
		'1',
		'b',
		target.slice(0, 6),
		'c'.repeat(7),
		'c'.repeat(40),
	),
	fc.string({maxLength: 20}),
);

test('property: an operation is no success by what an environment reports, when that does not hold its commit', () => {
	const endLine: EndLine = {exit: 0, result: 'promoted', live: target, cause: null};
	fc.assert(
		fc.property(
			fc.array(version, {minLength: 1, maxLength: 3}),
			fc.constantFrom('deploy' as const, 'promote' as const, 'rollback' as const),
			(reported, kind) => {
				if (reported.every(each => each.toLowerCase().includes(target.slice(0, 7)))) return;
				const instances = reported.map((each, index) => ({
					instance: `web-${index}`,
					version: each,
					health: true as const,
					because: '200',
					latencyMs: 1,
				}));
				const {outcome} = verdictOf({
					kind,
					environment: 'production',
					scriptKind: 'contract',
					end: {how: 'exited', code: 0},
					endLine,
					before: null,
					after: instances,
					expects: {versions: reported.length, healths: reported.length},
					target: {release: target, sha: target},
					from: {release: 'a'.repeat(40), sha: 'a'.repeat(40)},
					stop: null,
					timedOut: false,
					wasKilled: false,
				});
				assert.notEqual(outcome, 'succeeded', JSON.stringify(reported));
			},
		),
		runs(2000, 23),
	);
});

/** Each is one way to get the rule wrong. */
const mutations: readonly Mutation[] = [
	['evidence/work.ts', '&& rawStatus === undefined && (isNamed', '&& (isNamed'],
	[
		'evidence/work.ts',
		"(status === 'skipped' && rawStatus === undefined && (isNamed",
		"(status !== 'passed' && (isNamed",
	],
	[
		'evidence/work.ts',
		'rawStatus === undefined && (isNamed(name, maySkip) || isNamed(name, notWork)))',
		'rawStatus === undefined)',
	],
	['evidence/work.ts', '(isNamed(name, maySkip) || isNamed(name, notWork))', '(isNamed(name, maySkip))'],
	['evidence/work.ts', '(isNamed(name, maySkip) || isNamed(name, notWork))', '(isNamed(name, notWork))'],
	['evidence/work.ts', "status === 'passed' && !isNamed(name, notWork) && ", "status === 'passed' && "],
	['evidence/work.ts', 'bookkeeping.has(words) || bookkeepingVerbs.test(words)', 'bookkeeping.has(words)'],
	['evidence/work.ts', '(name === jobs || !isBookkeeping(name))', 'true'],
	['evidence/work.ts', '(name === jobs || !isBookkeeping(name))', '!isBookkeeping(name)'],
	[
		'evidence/work.ts',
		'if (jobs.some(job => isWork(job, rule))) return',
		"if (jobs.some(job => job.status === 'passed')) return",
	],
	['evidence/work.ts', 'if (jobs.some(job => isWork(job, rule))) return', 'if (bad.length === 0) return'],
	[
		'evidence/work.ts',
		'const bad = jobs.filter(job => !isAllowed(job, rule));',
		'const bad = jobs.filter(job => !isAllowed(job, rule)).slice(1);',
	],
	[
		'evidence/work.ts',
		'const bad = jobs.filter(job => !isAllowed(job, rule));',
		'const bad = [...new Map(jobs.map(job => [job.name, job])).values()].filter(job => !isAllowed(job, rule));',
	],
	['evidence/work.ts', 'new RegExp(`^${glob', 'new RegExp(`${glob'],
	['evidence/work.ts', "'.')}$`, 'su')", "'.')}`, 'su')"],
	['evidence/work.ts', "(name.split(' / ').at(-1) ?? name)", '(name)'],
	['evidence/tier.ts', 'run.jobs !== null && run.jobsTotal !== null &&', 'run.jobs !== null &&'],
	['evidence/tier.ts', 'run.jobsTotal !== null && unreadJobs(run) === 0 &&', 'run.jobsTotal !== null &&'],
	['evidence/tier.ts', 'run.jobsAsOf !== null && run.jobsAsOf >= run.updatedAt', 'run.jobsAsOf !== null'],
	[
		'evidence/tier.ts',
		'(run.jobsAsOf !== null && run.jobsAsOf >= run.updatedAt)',
		'(run.jobsAsOf === null || run.jobsAsOf >= run.updatedAt)',
	],
	['evidence/tier.ts', "if (!areRead(run)) return {status: 'unknown'", "if (false) return {status: 'unknown'"],
	['evidence/tier.ts', 'return work.did ? {...word, because: null}', 'return true ? {...word, because: null}'],
	[
		'evidence/tier.ts',
		'({key: `tiers.${name}`, jobs, maySkip, notWork})',
		"({key: `tiers.${name}`, jobs, maySkip: [...maySkip, 'notify*'], notWork})",
	],
	['gate/tiers.ts', 'if (work.did) return met(', "if (work.did || work.status === 'skipped') return met("],
	['gate/tiers.ts', 'if (!tier.runIsOver) return', 'if (false) return'],
	['gate/tiers.ts', 'if (missing !== null) return missing;', ''],
	[
		'gate/tiers.ts',
		'return verdict.met === true ? unknown(`${title}: state unknown`, undefined, ...proofs) : verdict;',
		'return verdict;',
	],
	['gate/tiers.ts', "case 'passed': return tier.isOwnWord ? worked(", "case 'passed': return true ? worked("],
];

test('the check finds each way to break the rule', async t => {
	const quick = {numRuns: 4000, seed: 24, endOnFailure: true};
	await findsEach(
		t,
		mutations,
		broken =>
			fc.check(
				fc.property(pipeline, wishes => {
					checkPipeline(broken, wishes);
				}),
				quick,
			).failed ||
			fc.check(
				fc.property(tierWish, wish => {
					checkTier(broken, wish);
				}),
				quick,
			).failed,
	);
});
