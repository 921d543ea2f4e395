/** What counts as evidence, from what GitHub says: which run, which attempt, whose word; and what staging ran meanwhile. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {Facts, RunFact, StatusFact} from '../source/core/github/facts.ts';
import {type ConditionId, type Status, type TierName, tierNames} from '../source/core/pipeline/pipeline.ts';
import {type StagingDeployment, stagingDuring} from '../source/core/pipeline/staging.ts';
import {staged} from '../source/core/gate/tiers.ts';
import {
	comparison,
	evidence,
	gateOf,
	green,
	known,
	main,
	mine,
	moment,
	now,
	other,
	report,
	reportJob,
	runOf,
	settings,
	signed,
	withPromotion,
} from './helpers/gate-evidence.ts';
import {commit, deployment, job, minutes, run, runUrl, start, status} from './helpers/facts.ts';
import {runs} from './helpers/fuzz.ts';

const unmet = (facts: Facts, of = mine): readonly ConditionId[] =>
	gateOf(facts, of)
		.conditions.filter(({met}) => met !== true)
		.map(({id}) => id);
const conditionOf: Readonly<Record<TierName, ConditionId>> = {
	fast: 'fast-green',
	deploy: 'staged',
	e2e: 'e2e-green',
	smoke: 'smoke-green',
};
const contexts: Readonly<Record<TierName, string>> = {
	fast: 'test-suite',
	deploy: 'deploy-staging',
	e2e: 'e2e-staging',
	smoke: 'smoke-tests',
};
const anyTier = fc.constantFrom(...tierNames);

test('the facts that all of this begins with are open', () => {
	assert.deepEqual(unmet(known()), []);
});

test("a pipeline of somebody's own, without our statuses, payloads and report, opens the gate when it is green, and only then", () => {
	const own = (e2e: Partial<RunFact> = {}): Facts => {
		const names = ['login', 'checkout'];
		const at = runOf('e2e');
		const jobs = names.map((name, index) =>
			job(700 + index, {name, startedAt: at.startedAt, finishedAt: at.updatedAt}),
		);
		const from = known({runs: [{...at, jobs, jobsTotal: jobs.length, ...e2e}]});
		return {
			...from,
			commits: from.commits.map(each => (each.sha === mine ? {...each, statuses: [signed('qa', 'mira')]} : each)),
			deployments: from.deployments.map(each => ({
				...each,
				payload: null,
				commitSha: mine,
				logUrl: runUrl(2),
			})),
		};
	};
	const optional = withPromotion({stagingReport: 'optional'});
	const unmetWith = (facts: Facts, of = optional) =>
		correlate(facts, of, now, null, moment, {sha: mine, comparison, hotfix: null, landed: null, isDeploying: false})
			.candidates.find(({sha}) => sha === mine)!
			.gate.conditions.filter(({met}) => met !== true)
			.map(({id}) => id);
	assert.deepEqual(unmetWith(own()), []);
	assert.deepEqual(unmetWith(own({conclusion: 'FAILURE'})), ['e2e-green']);
	assert.deepEqual(unmetWith(own({jobs: [], jobsTotal: 0})), ['e2e-green']);
	assert.deepEqual(unmetWith(own({title: null})), ['e2e-green']);
	assert.deepEqual(
		unmetWith(own(), settings),
		['staged'],
		'what staging ran is asked for unless that was taken back',
	);
});

const notGreen = fc.constantFrom<Pick<RunFact, 'status' | 'conclusion'>>(
	...[
		'FAILURE',
		'CANCELLED',
		'TIMED_OUT',
		'SKIPPED',
		'NEUTRAL',
		'STALE',
		'ACTION_REQUIRED',
		'STARTUP_FAILURE',
		'SOMETHING_NEW',
		null,
	].map(conclusion => ({status: 'COMPLETED', conclusion})),
	...['QUEUED', 'IN_PROGRESS', 'WAITING', 'PENDING', 'NEW_WORD'].map(word => ({status: word, conclusion: null})),
);

test('property: a newer run that is not green makes a green one void, however it is known to be about the commit', () => {
	const carrier = fc.constantFrom('title', 'job', 'status', 'deployment', 'place');
	fc.assert(
		fc.property(anyTier, notGreen, carrier, fc.integer({min: 0, max: 600}), (tier, word, by, afterSeconds) => {
			const createdAt = runOf(tier).createdAt + afterSeconds * 1000;
			const newer = run(90, tier, {
				...word,
				event: by === 'place' && tier === 'fast' ? 'push' : 'workflow_dispatch',
				headSha: by === 'place' ? mine : main,
				title: by === 'title' ? `Again ${mine}` : null,
				createdAt,
				startedAt: createdAt,
				updatedAt: createdAt + minutes(1),
				jobs: [
					job(900, {
						name: by === 'job' ? `again ${mine}` : 'only',
						status: word.status,
						conclusion: word.conclusion,
					}),
				],
			});
			const before = known({
				runs: [newer],
				statuses:
					by === 'status'
						? [status(contexts[tier], {targetUrl: runUrl(90), state: 'PENDING', createdAt})]
						: [],
			});
			const facts =
				by === 'deployment'
					? {
							...before,
							deployments: [
								deployment(9, {environment: 'elsewhere', payload: {sha: mine, run_id: 90}, createdAt}),
								...before.deployments,
							],
						}
					: before;
			assert.ok(unmet(facts).includes(conditionOf[tier]), `${tier} by ${by}`);
		}),
		runs(1000, 11),
	);
});

test('property: a run that was started again is in its new attempt, and proves nothing until that has passed', () => {
	fc.assert(
		fc.property(anyTier, notGreen, (tier, word) => {
			assert.ok(
				unmet(known({runs: [runOf(tier, {...word, attempt: 2, updatedAt: start + minutes(40)})]})).includes(
					conditionOf[tier],
				),
			);
		}),
		runs(200, 12),
	);
	assert.deepEqual(
		unmet(known({runs: [runOf('e2e', {attempt: 2})]})),
		[],
		'passed again, and the run says for all of its attempts what staging ran',
	);
});

test('property: statuses and deployments alone make no tier green, whoever posted them', () => {
	const posted = fc.record({
		tier: anyTier,
		target: fc.constantFrom(null, runUrl(1), runUrl(77), 'https://ci.example/7'),
		creator: fc.constantFrom('github-actions', 'github-actions[bot]', 'mallory', null),
	});
	fc.assert(
		fc.property(fc.array(posted, {minLength: 1, maxLength: 8}), fc.boolean(), (list, isDeployed) => {
			const statuses = list.map(({tier, target, creator}, index) =>
				status(contexts[tier], {targetUrl: target, creator, createdAt: start + index}),
			);
			const facts: Facts = {
				...known({statuses}),
				runs: [],
				deployments: isDeployed ? [deployment(1, {payload: {sha: mine, run_id: 1}, logUrl: runUrl(1)})] : [],
			};
			assert.deepEqual(
				unmet(facts).filter(id => Object.values(conditionOf).includes(id)),
				['fast-green', 'staged', 'e2e-green', 'smoke-green'],
			);
		}),
		runs(500, 13),
	);
});

test("property: a green run of another commit is nobody else's evidence, whoever points at it", () => {
	fc.assert(
		fc.property(anyTier, fc.constantFrom('github-actions', 'mallory'), fc.boolean(), (tier, creator, isFiled) => {
			const theirs = run(50, tier, {
				headSha: other,
				title: tier === 'fast' ? null : `${tier} of ${other}`,
				createdAt: start + minutes(1),
				updatedAt: start + minutes(2),
			});
			const red = runOf(tier, {conclusion: 'FAILURE'});
			const before = known({
				runs: [theirs, red],
				statuses: [status(contexts[tier], {targetUrl: runUrl(50), creator, createdAt: start + minutes(50)})],
			});
			const facts = isFiled
				? {
						...before,
						deployments: [
							...before.deployments,
							deployment(9, {environment: 'elsewhere', payload: {sha: mine, run_id: 50}}),
						],
					}
				: before;
			assert.ok(unmet(facts).includes(conditionOf[tier]));
			assert.ok(
				!unmet(facts, other).includes(conditionOf[tier]),
				'and it stays with the commit that it is about',
			);
		}),
		runs(100, 14),
	);
});

test('a run that does not name the commit proves nothing, although the workflow itself points at it', () => {
	for (const tier of ['deploy', 'e2e', 'smoke'] as const) {
		const facts = known({
			runs: [runOf(tier, {title: null})],
			statuses: [status(contexts[tier], {targetUrl: runUrl(runOf(tier).id)})],
		});
		assert.ok(unmet(facts).includes(conditionOf[tier]));
		assert.equal(gateOf(facts).conditions.find(({id}) => id === conditionOf[tier])!.met, 'unknown');
	}
});

test("a headline is nobody's word about another commit: neither of a push nor of a pull request", () => {
	for (const event of ['push', 'pull_request', 'pull_request_target', 'merge_group']) {
		const revert = run(60, 'fast', {
			event,
			headSha: other,
			title: `Revert ${mine}`,
			createdAt: start + minutes(20),
			updatedAt: start + minutes(23),
		});
		assert.ok(unmet(known({runs: [revert, runOf('fast', {conclusion: 'FAILURE'})]})).includes('fast-green'), event);
		assert.deepEqual(unmet(known({runs: [revert]})), [], event);
	}
});

test('a workflow of another branch may call its run whatever it likes', () => {
	for (const tier of ['deploy', 'e2e', 'smoke'] as const) {
		for (const branch of ['evil', null]) {
			const facts = known({runs: [runOf(tier, {branch})]});
			assert.deepEqual(unmet(facts), [conditionOf[tier]]);
			assert.match(
				gateOf(facts).conditions.find(({id}) => id === conditionOf[tier])!.because,
				/run \d passed, but it ran on (?:evil|a branch that GitHub does not name), which is none of the pipeline's branches$/,
			);
		}
	}
});

test('property: each shard of (i, n) has to be there', () => {
	fc.assert(
		fc.property(
			fc.integer({min: 2, max: 12}),
			fc.infiniteStream(fc.boolean()),
			fc.boolean(),
			(count, coins, isTight) => {
				const present = Array.from({length: count}, (_, index) => index + 1).filter(
					() => coins.next().value as boolean,
				);
				const jobs = [
					...present.map(number =>
						job(300 + number, {
							name: `e2e (${number},${isTight ? '' : ' '}${count})`,
							startedAt: start + minutes(7),
							finishedAt: start + minutes(15),
						}),
					),
					job(399, {
						name: reportJob(mine, mine),
						startedAt: start + minutes(7),
						finishedAt: start + minutes(15),
					}),
				];
				const facts = known({runs: [runOf('e2e', {jobs, jobsTotal: jobs.length})]});
				// Where none of them is there nobody knows of them, and the report alone is no work.
				assert.deepEqual(unmet(facts), present.length === count ? [] : ['e2e-green']);
			},
		),
		runs(300, 15),
	);
});

test("property: what the run's own job says decides; a status alone shuts the gate where it says something else, and never opens it", () => {
	const word = fc.constantFrom(mine, other, 'unknown', mine.slice(0, 12));
	const [url, creator] = [
		fc.constantFrom(runUrl(3), runUrl(3), runUrl(3, 2), runUrl(4), null),
		fc.constantFrom('github-actions', 'github-actions[bot]', 'mallory', null),
	];
	const said = fc.record({before: word, after: fc.option(word), url, creator});
	const words = fc.option(
		fc.record({before: fc.constantFrom(mine, other, null), after: fc.constantFrom(mine, other, null)}),
	);
	fc.assert(
		fc.property(
			fc.array(said, {maxLength: 3}),
			words,
			fc.constantFrom('required' as const, 'optional' as const),
			(reports, stagingWords, stagingReport) => {
				const statuses: StatusFact[] = reports.map(({before, after, url: targetUrl, creator: by}, index) =>
					report(before, after, {targetUrl, creator: by, createdAt: start + index}),
				);
				const {candidate, around} = evidence();
				const tiers = {...candidate.tiers, e2e: green('e2e', {stagingWords})};
				const verdict = staged(
					{...candidate, tiers},
					{...around, statuses, settings: withPromotion({stagingReport})},
				);
				const newest = reports.findLast(({creator: by}) => by?.startsWith('github-actions'));
				const isOfThis = newest?.url === runUrl(3);
				const isContradicted = isOfThis && !(newest.before === mine && newest.after === mine);
				const isRight =
					stagingWords === null
						? stagingReport === 'optional' && !isContradicted
						: stagingWords.before === mine && stagingWords.after === mine;
				assert.equal(verdict.met === true, isRight, verdict.because);
			},
		),
		runs(2000, 16),
	);
});

test("property: while E2E runs, staging's first answer alone opens nothing", () => {
	fc.assert(
		fc.property(fc.constantFrom(mine, other, 'unknown'), before => {
			const running = known({runs: [runOf('e2e', {status: 'IN_PROGRESS', conclusion: null})], statuses: []});
			const facts = {
				...running,
				commits: running.commits.map(each =>
					each.sha === mine
						? commit(mine, {
								statuses: [
									...each.statuses.filter(({context}) => !context.endsWith('staging-report')),
									report(before, null),
								],
							})
						: each,
				),
			};
			assert.ok(unmet(facts).includes('e2e-green'));
		}),
		runs(20, 17),
	);
});

/** A deployment as it went; one after the other came and went, or two at once. */
type Went = {of: string; from: number; took: number; end: 'success' | 'failure' | 'never'};
const went: fc.Arbitrary<Went> = fc.record({
	of: fc.constantFrom(mine, mine, other, main),
	from: fc.integer({min: 0, max: 30}),
	took: fc.integer({min: 1, max: 6}),
	end: fc.constantFrom('success', 'success', 'success', 'failure', 'never'),
});
/** Two minutes apart: what comes later is later by more than the gate forgives. */
const at = (tick: number) => start + minutes(2 * tick);

/** What GitHub shows of them afterwards: each success makes those before it inactive. */
const shownOf = (all: readonly Went[], now: number): StagingDeployment[] =>
	all
		.filter(({from}) => from <= now)
		.map(({of, from, took, end}) => {
			const endedAt = end === 'never' || from + took > now ? null : from + took;
			const replacedAt = Math.min(
				...all
					.filter(
						next =>
							next.end === 'success' &&
							next.from + next.took > from + took &&
							next.from + next.took <= now,
					)
					.map(next => next.from + next.took),
			);
			const word: Status =
				endedAt === null
					? 'running'
					: end === 'failure'
						? 'failed'
						: replacedAt === Infinity
							? 'passed'
							: 'none';
			return {
				sha: of,
				status: word,
				isRecord: true,
				createdAt: at(from),
				updatedAt: at(endedAt === null ? from : word === 'none' ? replacedAt : endedAt),
			};
		});

test('property: by the deployments on record staging is only said to have run the commit when it did, all the time', () => {
	let said = 0;
	// No two begin or end in the same moment.
	const history = fc
		.uniqueArray(went, {selector: ({from, took}) => from + took, maxLength: 6})
		.map(all => [...new Map(all.map(each => [each.from, each])).values()]);
	fc.assert(
		fc.property(
			history,
			fc.integer({min: 1, max: 40}),
			fc.integer({min: 1, max: 8}),
			fc.integer({min: 0, max: 20}),
			(all, from, takes, later) => {
				const [until, now] = [from + takes, from + takes + later];
				const successes = all
					.filter(({end}) => end === 'success')
					.toSorted((a, b) => a.from + a.took - b.from - b.took);
				const liveAt = (tick: number) =>
					successes.findLast(({from: begun, took}) => begun + took <= tick)?.of ?? null;
				const own = successes.findLast(({of, from: begun, took}) => of === mine && begun + took <= now);
				const verdict = stagingDuring(
					mine,
					shownOf(all, now),
					at(from),
					at(until),
					own === undefined ? null : at(own.from + own.took),
				);
				// A deployment that overtook a newer one and was replaced later: nobody recorded when it was live.
				const overtakers = successes.filter(each =>
					successes.some(next => next.from > each.from && next.from + next.took < each.from + each.took),
				);
				const isTrue =
					liveAt(from) === mine &&
					successes.every(
						({of, from: begun, took}) => of === mine || begun + took <= from || begun + took > until,
					);
				if (verdict === 'this-commit' && overtakers.every(({of}) => of === mine)) assert.ok(isTrue);
				const isAlone = all.every(
					({of, from: begun, took, end}) =>
						of === mine || begun >= until || (end !== 'never' && begun + took <= from),
				);
				if (isTrue && isAlone && overtakers.length === 0 && own !== undefined && own.from + own.took <= from) {
					said++;
					assert.equal(verdict, 'this-commit');
				}
			},
		),
		runs(4000, 18),
	);
	assert.ok(said > 100, `${said} times it was so`);
});
