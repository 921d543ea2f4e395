import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {Facts, RunFact} from '../source/core/github/facts.ts';
import {conditionIds, type TierName} from '../source/core/pipeline/pipeline.ts';
import {parseRunUrl} from '../source/core/github/run-url.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {findSubjects} from '../source/core/evidence/subjects.ts';
import {commit, deployment, facts, job, minutes, repository, run, runUrl, sha, start, status} from './helpers/facts.ts';
import {runs} from './helpers/fuzz.ts';

const [a, b, c] = [sha('a'), sha('b'), sha('c')];
const snapshotOf = (known: Facts) => correlate(known, defaultSettings, start, null);
const subject = (known: Facts, of: string, tier: TierName) => findSubjects(known, defaultSettings).get(of)?.[tier];

test('a push run sits on its commit', () => {
	const found = subject(facts({commits: [commit(a)], runs: [run(1, 'fast', {headSha: a})]}), a, 'fast');
	assert.deepEqual([found?.provenance, found?.runId], ['commit', 1]);
});

test('a dispatched run that sits on a later commit is found through the status of the commit that it is about', () => {
	const known = facts({
		commits: [commit(b), commit(a, {statuses: [status('e2e-staging', {targetUrl: runUrl(7, 2)})]})],
		runs: [run(7, 'e2e', {headSha: b, attempt: 2})],
	});
	assert.deepEqual([subject(known, a, 'e2e')?.provenance, subject(known, a, 'e2e')?.runId], ['status', 7]);
	assert.equal(subject(known, b, 'e2e'), undefined, 'the commit that it sits on must not claim it');
});

test('a status that a person posted is no pointer', () => {
	const known = facts({
		commits: [commit(a, {statuses: [status('e2e-staging', {targetUrl: runUrl(7), creator: 'mallory'})]})],
		runs: [run(7, 'e2e', {headSha: b})],
	});
	assert.equal(subject(known, a, 'e2e'), undefined);
});

test('a status that points at a run of another workflow, or at a run that names another commit, is not followed', () => {
	const pointing = commit(a, {statuses: [status('e2e-staging', {targetUrl: runUrl(7)})]});
	assert.equal(subject(facts({commits: [pointing], runs: [run(7, 'fast', {headSha: b})]}), a, 'e2e'), undefined);
	assert.equal(
		subject(facts({commits: [pointing], runs: [run(7, 'e2e', {headSha: b, title: `E2E of ${b}`})]}), a, 'e2e'),
		undefined,
	);
});

test('a deployment names the run in its payload, whatever commit GitHub filed it against', () => {
	const known = facts({
		commits: [commit(b), commit(a)],
		runs: [run(5, 'deploy', {event: 'workflow_run', headSha: b})],
		deployments: [deployment(1, {commitSha: b, payload: {deployctl: 1, sha: a, run_id: 5}})],
	});
	assert.deepEqual([subject(known, a, 'deploy')?.provenance, subject(known, a, 'deploy')?.runId], ['deployment', 5]);
	assert.equal(snapshotOf(known).environments[0]!.sha, a);
});

test('a name with the SHA is found, in the title or in a job', () => {
	const byTitle = facts({commits: [commit(a)], runs: [run(5, 'e2e', {headSha: b, title: `E2E ${a}`})]});
	const byJob = facts({
		commits: [commit(a)],
		runs: [run(5, 'e2e', {headSha: b, jobs: [job(1, {name: `e2e ${a}`})]})],
	});
	assert.equal(subject(byTitle, a, 'e2e')?.provenance, 'name');
	assert.equal(subject(byJob, a, 'e2e')?.provenance, 'name');
});

test('without any carrier the time is used, marked, and opens nothing', () => {
	const known = facts({
		commits: [commit(b), commit(a)],
		runs: [
			run(1, 'fast', {headSha: a, updatedAt: start + minutes(3)}),
			run(2, 'fast', {headSha: b, createdAt: start + minutes(10), updatedAt: start + minutes(13)}),
			run(3, 'deploy', {
				event: 'workflow_run',
				headSha: c,
				createdAt: start + minutes(3) + 5000,
				updatedAt: start + minutes(5),
			}),
		],
	});
	assert.deepEqual([subject(known, a, 'deploy')?.provenance, subject(known, a, 'deploy')?.runId], ['inferred', 3]);
	assert.equal(subject(known, b, 'deploy'), undefined);
	const staged = snapshotOf(known).candidates[1]!.gate.conditions.find(({id}) => id === 'staged');
	assert.equal(staged?.met, 'unknown');
});

test("the production branch's push on the same commit is another pipeline", () => {
	const known = facts({
		commits: [commit(a)],
		runs: [
			run(1, 'fast', {headSha: a, createdAt: start}),
			run(2, 'fast', {headSha: a, branch: 'main', createdAt: start + minutes(60), conclusion: 'FAILURE'}),
		],
	});
	assert.equal(subject(known, a, 'fast')?.runId, 1);
});

test('skipped workflow_run runs of a red parent are hidden', () => {
	const known = facts({
		commits: [commit(a)],
		runs: [
			run(1, 'fast', {headSha: a}),
			run(2, 'deploy', {event: 'workflow_run', headSha: a, conclusion: 'SKIPPED', createdAt: start + minutes(4)}),
		],
	});
	assert.equal(snapshotOf(known).candidates[0]!.tiers.deploy.status, 'none');
});

test('tiers that share one workflow are told apart by the names of their jobs', () => {
	const settings = {
		...defaultSettings,
		tiers: {
			...defaultSettings.tiers,
			e2e: {...defaultSettings.tiers.e2e, workflow: 'test-suite.yml', jobs: 'e2e*'},
			fast: {...defaultSettings.tiers.fast, jobs: 'unit*'},
		},
	};
	const jobs = [
		job(1, {name: 'unit (1, 2)'}),
		job(2, {name: 'e2e (1, 4)', status: 'IN_PROGRESS', conclusion: null, finishedAt: null}),
	];
	const {tiers} = correlate(
		facts({
			commits: [commit(a)],
			runs: [run(1, 'fast', {headSha: a, status: 'IN_PROGRESS', conclusion: null, jobs})],
		}),
		settings,
		start,
		null,
	).candidates[0]!;
	assert.deepEqual([tiers.fast.status, tiers.e2e.status, tiers.e2e.jobs.length], ['passed', 'running', 1]);
});

test('addresses of runs', () => {
	const base = `https://github.com/${repository}`;
	const home = {repository, url: base};
	assert.deepEqual(parseRunUrl(`${base}/actions/runs/14541957942`, home), {
		runId: 14_541_957_942,
		attempt: null,
		jobId: null,
	});
	assert.deepEqual(parseRunUrl(`${base}/actions/runs/5/attempts/3`, home), {runId: 5, attempt: 3, jobId: null});
	assert.deepEqual(parseRunUrl(`${base}/actions/runs/5/job/8`, home), {runId: 5, attempt: null, jobId: 8});
	for (const url of [
		`${base}/runs/5?check_suite_focus=true`,
		'https://github.com/other/repo/actions/runs/5',
		'https://evil.example/acme/auto-author/actions/runs/5',
		'javascript:alert(1)',
		'',
		'x',
	])
		assert.equal(parseRunUrl(url, home), null, url);
});

const verdictOf = (known: Facts, id: string, of = a, settings = defaultSettings) =>
	correlate(known, settings, start, null)
		.candidates.find(candidate => candidate.sha === of)!
		.gate.conditions.find(condition => condition.id === id)!;
const greenE2e = (from: number, until: number) =>
	run(7, 'e2e', {
		headSha: b,
		title: `E2E ${a}`,
		createdAt: start + minutes(from),
		startedAt: start + minutes(from),
		updatedAt: start + minutes(until),
		jobs: [job(70, {startedAt: start + minutes(from), finishedAt: start + minutes(until)})],
	});
const deployed = (of: string, at: number, more = {}) =>
	deployment(at, {
		payload: {sha: of, run_id: 5},
		createdAt: start + minutes(at),
		updatedAt: start + minutes(at + 1),
		...more,
	});
const deployRun = run(5, 'deploy', {
	headSha: a,
	title: `Deploy ${a}`,
	createdAt: start + minutes(2),
	startedAt: start + minutes(2),
	updatedAt: start + minutes(4),
	jobs: [job(50, {startedAt: start + minutes(2), finishedAt: start + minutes(3)})],
});

test('staged: staging ran this commit, and nothing else, from the start to the end of E2E', () => {
	const known = (...deployments: readonly ReturnType<typeof deployed>[]) =>
		facts({commits: [commit(a)], runs: [deployRun, greenE2e(10, 20)], deployments: deployments.toReversed()});
	assert.equal(verdictOf(known(deployed(a, 2)), 'staged').met, true);
	assert.equal(
		verdictOf(known(deployed(a, 2, {state: 'INACTIVE'}), deployed(b, 30)), 'staged').met,
		true,
		'superseded after E2E',
	);
	assert.equal(
		verdictOf(known(deployed(a, 2, {state: 'INACTIVE'}), deployed(b, 6)), 'staged').met,
		false,
		'superseded before E2E',
	);
	assert.equal(
		verdictOf(known(deployed(a, 2, {state: 'INACTIVE'}), deployed(b, 15)), 'staged').met,
		false,
		'superseded during E2E',
	);
	assert.equal(
		verdictOf(
			known(deployed(a, 2, {state: 'INACTIVE'}), deployed(b, 8, {updatedAt: start + minutes(15)})),
			'staged',
		).met,
		false,
		'begun before, live during E2E',
	);
	assert.equal(verdictOf(known(deployed(a, 25)), 'staged').met, 'unknown', 'deployed only after E2E');
	assert.equal(verdictOf(known(), 'staged').met, 'unknown', 'nothing on record');
	assert.equal(
		verdictOf(known(deployed(a, 2), deployed(b, 12, {state: 'FAILURE'})), 'staged').met,
		'unknown',
		'a failed one in between may have been live',
	);
	assert.equal(
		verdictOf(known(deployed(a, 2), deployed(b, 30, {state: 'FAILURE'})), 'staged').met,
		true,
		'a failed one afterwards does not matter',
	);
});

test('a status whose run was never read proves nothing', () => {
	const known = facts({
		commits: [
			commit(a, {
				statuses: [
					status('test-suite', {targetUrl: runUrl(91)}),
					status('deploy-staging', {targetUrl: runUrl(92)}),
					status('smoke-tests', {targetUrl: runUrl(93)}),
				],
			}),
		],
	});
	for (const id of ['fast-green', 'staged', 'smoke-green']) assert.equal(verdictOf(known, id).met, 'unknown', id);
});

test('jobs that were not read are not green, also where tiers share a workflow', () => {
	const settings = {
		...defaultSettings,
		tiers: {...defaultSettings.tiers, e2e: {...defaultSettings.tiers.e2e, jobs: 'e2e*'}},
	};
	const partly = run(7, 'e2e', {headSha: a, title: `E2E ${a}`, jobs: [job(1, {name: 'e2e (1, 4)'})], jobsTotal: 140});
	assert.equal(verdictOf(facts({commits: [commit(a)], runs: [partly]}), 'e2e-green', a, settings).met, 'unknown');
	const going = run(7, 'e2e', {
		headSha: a,
		title: `E2E ${a}`,
		jobs: [job(1, {name: 'e2e (1, 4)'})],
		status: 'IN_PROGRESS',
		conclusion: null,
	});
	assert.equal(verdictOf(facts({commits: [commit(a)], runs: [going]}), 'e2e-green', a, settings).met, false);
});

test('fast-forward: only what lies above production in the same history', () => {
	const history = [commit(c), commit(b), commit(a)];
	const at = (production: string | null, more = {}) =>
		facts({
			commits: history,
			refs: {
				staging: {name: 'develop', sha: c},
				production: {name: 'main', sha: production},
				aheadBy: 2,
				behindBy: 0,
				...more,
			},
		});
	assert.deepEqual(
		[c, b, a].map(of => verdictOf(at(a), 'fast-forward', of).met),
		[true, true, false],
	);
	assert.deepEqual(
		[c, b, a].map(of => verdictOf(at(b, {aheadBy: 1}), 'fast-forward', of).met),
		[true, false, false],
	);
	assert.deepEqual(
		[c, b, a].map(of => verdictOf(at(sha('d'), {aheadBy: 9}), 'fast-forward', of).met),
		[true, 'unknown', 'unknown'],
	);
	assert.deepEqual(
		[c, b, a].map(of => verdictOf(at(a, {behindBy: 1}), 'fast-forward', of).met),
		[false, false, false],
	);
});

test('smoke: a project without such tests is known by its missing workflow, not by missing runs', () => {
	assert.equal(verdictOf(facts({commits: [commit(a)]}), 'smoke-green').met, 'unknown');
	assert.equal(
		verdictOf(facts({commits: [commit(a)], absentWorkflows: ['smoke-tests.yml']}), 'smoke-green').met,
		true,
	);
});

const conclusion = fc.constantFrom(
	'SUCCESS',
	'FAILURE',
	'CANCELLED',
	'SKIPPED',
	'TIMED_OUT',
	'NEUTRAL',
	'STALE',
	'SOMETHING_NEW',
	null,
);
const shas = [a, b, c];
const anyRun = fc
	.record({
		id: fc.integer({min: 1, max: 12}),
		tier: fc.constantFrom<TierName>('fast', 'deploy', 'e2e', 'smoke'),
		event: fc.constantFrom(
			'push',
			'workflow_run',
			'workflow_dispatch',
			'schedule',
			'pull_request',
			'repository_dispatch',
		),
		headSha: fc.constantFrom(...shas),
		branch: fc.constantFrom('develop', 'main', 'feature/x', null),
		title: fc.constantFrom(null, 'nothing', `E2E ${a}`, `Deploy ${b}`),
		createdAt: fc.integer({min: 0, max: 60}).map(minute => start + minutes(minute)),
		status: fc.constantFrom('COMPLETED', 'IN_PROGRESS', 'QUEUED', 'WAITING', 'NEW_WORD'),
		conclusion,
	})
	.map(({id, tier, ...more}): RunFact => run(id, tier, {...more, updatedAt: more.createdAt + minutes(2)}));
const anyFacts = fc
	.record({
		runs: fc.uniqueArray(anyRun, {selector: ({id}) => id, maxLength: 12}),
		statuses: fc.array(
			fc.record({
				on: fc.constantFrom(...shas),
				context: fc.constantFrom('deploy-staging', 'e2e-staging', 'test-suite'),
				run: fc.integer({min: 1, max: 14}),
				creator: fc.constantFrom('github-actions', 'mallory', null),
				state: fc.constantFrom('SUCCESS', 'PENDING', 'FAILURE'),
			}),
			{maxLength: 6},
		),
		deployments: fc.array(
			fc.record({
				of: fc.constantFrom(...shas, null),
				filed: fc.constantFrom(...shas),
				run: fc.integer({min: 1, max: 14}),
				state: fc.constantFrom('ACTIVE', 'INACTIVE', 'FAILURE', 'IN_PROGRESS'),
			}),
			{maxLength: 4},
		),
	})
	.map(({runs, statuses, deployments}): Facts =>
		facts({
			commits: [c, b, a].map(of =>
				commit(of, {
					statuses: statuses
						.filter(({on}) => on === of)
						.map(({context, run: id, creator, state}, index) =>
							status(context, {targetUrl: runUrl(id), creator, state, createdAt: start + index}),
						),
				}),
			),
			runs,
			deployments: deployments.map(({of, filed, run: id, state}, index) =>
				deployment(index + 1, {
					commitSha: filed,
					state,
					payload: of === null ? null : {sha: of, run_id: id},
					logUrl: runUrl(id),
				}),
			),
		}),
	);

test('property: whatever GitHub says, a run is exactly matched to at most one commit per tier, and never against its own name', () => {
	fc.assert(
		fc.property(anyFacts, known => {
			const owners = new Map<string, string>();
			for (const [of, tiers] of findSubjects(known, defaultSettings)) {
				for (const [tier, found] of Object.entries(tiers)) {
					if (!found?.run) continue;
					// Titles of pushes are headlines of commits: "Revert b…" is no word of the run's.
					const isHeadline = found.run.event === 'push' || found.run.event === 'pull_request';
					const names = isHeadline ? [] : [a, b, c].filter(name => found.run!.title?.includes(name));
					assert.ok(names.length === 0 || names.includes(of), 'contradicts its name');
					const key = `${tier} ${found.runId}`;
					assert.ok(!owners.has(key) || owners.get(key) === of, `${key} is about two commits`);
					owners.set(key, of);
				}
			}
		}),
		runs(2000),
	);
});

test('property: the order in which runs were read does not matter', () => {
	fc.assert(
		fc.property(anyFacts, fc.infiniteStream(fc.nat()), (known, numbers) => {
			const shuffled = known.runs
				.map(each => ({each, key: numbers.next().value as number}))
				.sort((x, y) => x.key - y.key)
				.map(({each}) => each);
			const ids = (from: Facts) =>
				[...findSubjects(from, defaultSettings)].map(([of, tiers]) => [
					of,
					tiers.fast?.runId,
					tiers.deploy?.runId,
					tiers.e2e?.runId,
					tiers.smoke?.runId,
				]);
			assert.deepEqual(ids({...known, runs: shuffled}), ids(known));
		}),
		runs(500),
	);
});

test('property: the gate is total and stays shut while any condition is unknown', () => {
	fc.assert(
		fc.property(anyFacts, known => {
			for (const {gate, tiers} of snapshotOf(known).candidates) {
				assert.deepEqual(
					gate.conditions.map(({id}) => id),
					conditionIds,
				);
				assert.equal(
					gate.open,
					gate.conditions.every(({met}) => met === true),
				);
				for (const [id, tier] of [
					['fast-green', tiers.fast],
					['e2e-green', tiers.e2e],
				] as const) {
					const condition = gate.conditions.find(each => each.id === id)!;
					if (condition.met === true)
						assert.ok(tier.status === 'passed' && tier.provenance !== 'inferred' && tier.runId !== null);
				}
			}
		}),
		runs(1000),
	);
});
