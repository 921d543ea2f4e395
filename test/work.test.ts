/** What a run's jobs prove: the one rule for gate, screen, watch, re-runs and promotions, and what is told where it is not met. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {JobFact, RunFact} from '../source/core/github/facts.ts';
import {defaultSettings, type Settings} from '../source/core/settings/settings.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {workOfRun} from '../source/core/evidence/run-work.ts';
import {workOf} from '../source/core/evidence/work.ts';
import {comparison, known, mine, moment, now, runOf, shards, withPromotion} from './helpers/gate-evidence.ts';
import {job, minutes, start} from './helpers/facts.ts';

const passed = (...names: readonly string[]) => names.map(name => ({name, conclusion: 'SUCCESS'}));
const skipped = (...names: readonly string[]) => names.map(name => ({name, conclusion: 'SKIPPED'}));
type Told = ReadonlyArray<{name: string; conclusion: string | null; status?: string}>;

const jobsOf = (tier: number, list: Told): readonly JobFact[] =>
	list.map(({name, conclusion, status}, index) =>
		job(tier * 1000 + index, {
			name,
			conclusion,
			status: status ?? 'COMPLETED',
			startedAt: start + minutes(7),
			finishedAt: start + minutes(15),
		}),
	);
const withJobs = (list: Told): Partial<RunFact> => ({jobs: jobsOf(9, list), jobsTotal: list.length});
// What staging ran, no job of these says.
const settings = withPromotion({stagingReport: 'optional'});
const withTier = (name: 'fast' | 'deploy' | 'e2e' | 'smoke', more: Partial<Settings['tiers']['fast']>): Settings => ({
	...settings,
	tiers: {...settings.tiers, [name]: {...settings.tiers[name], ...more}},
});

const judged = (name: 'fast' | 'deploy' | 'e2e' | 'smoke', more: Partial<RunFact>, by: Settings = settings) => {
	const {candidates} = correlate(known({runs: [runOf(name, more)]}), by, now, null, moment, {
		sha: mine,
		comparison,
		hotfix: null,
		landed: null,
		isDeploying: false,
	});
	const candidate = candidates.find(({sha}) => sha === mine)!;
	const [first] = candidate.gate.conditions.filter(({met}) => met !== true);
	return {
		isOpen: candidate.gate.open,
		id: first?.id,
		met: first?.met,
		because: first?.because.replaceAll(/\d{8,}/g, 'N'),
		next: first?.next,
		tier: candidate.tiers[name]!,
	};
};

test('a success of which every real job was skipped opens nothing, and names the jobs and the key', () => {
	const {isOpen, id, met, because, next, tier} = judged(
		'fast',
		withJobs([...passed('changes'), ...skipped('lint', 'unit', 'build', 'all-green', 'docs', 'types')]),
	);
	assert.deepEqual({isOpen, id, met}, {isOpen: false, id: 'fast-green', met: false});
	assert.equal(because, 'Fast tests: lint skipped, unit skipped, build skipped, all-green skipped and 2 more');
	assert.match(next!, /tiers\.fast\.maySkip names jobs that a green run may leave out\.$/);
	assert.deepEqual(
		[tier.status, tier.rawStatus, tier.because],
		['skipped', 'success', 'lint skipped, unit skipped, build skipped, all-green skipped and 2 more'],
	);
});

test('maySkip lets what it names be skipped; parts that ran are work, and notWork names what never is', () => {
	const by = withTier('fast', {maySkip: ['part *'], notWork: ['docs']});
	const of = (list: Told) => judged('fast', withJobs(list), by);
	assert.equal(of([...passed('unit'), ...skipped('docs', 'part web')]).isOpen, true);
	assert.equal(of([...passed('unit', 'docs'), ...skipped('part web')]).isOpen, true);
	assert.deepEqual([of([...passed('unit'), ...skipped('lint', 'docs')]).because], ['Fast tests: lint skipped']);
	const nothing = of([...passed('docs'), ...skipped('part web')]);
	assert.deepEqual(
		[nothing.isOpen, nothing.tier.status, nothing.because],
		[false, 'skipped', 'Fast tests: nothing of it ran but docs, which does none of its work'],
	);
	assert.equal(of(skipped('docs', 'part web')).because, 'Fast tests: nothing of it ran: every job was skipped');
	assert.equal(
		of([...passed('part api', 'changes'), ...skipped('part web', 'docs')]).isOpen,
		true,
		'one of the parts is enough',
	);
	assert.equal(of([...passed('docs', 'changes'), ...skipped('part web', 'part api')]).isOpen, false);
	for (const conclusion of [
		'NEUTRAL',
		'CANCELLED',
		'STALE',
		'FAILURE',
		'TIMED_OUT',
		'ACTION_REQUIRED',
		'SOMETHING_NEW',
		null,
	])
		assert.equal(of([...passed('unit'), {name: 'docs', conclusion}]).isOpen, false, `docs ${conclusion}`);
});

test('jobs that only decide or sum up are no work; one that jobs names to the letter is', () => {
	const list = [...passed('changes', 'ci / all-green'), ...skipped('part web')];
	assert.equal(
		judged('fast', withJobs(list), withTier('fast', {maySkip: ['part *']})).because,
		'Fast tests: nothing of it ran but changes, ci / all-green, which do none of its work',
	);
	assert.equal(
		judged('smoke', withJobs(passed('guard'))).because,
		'Smoke: nothing of it ran but guard, which does none of its work',
	);
	assert.equal(judged('smoke', withJobs(passed('guard')), withTier('smoke', {jobs: 'guard'})).isOpen, true);
});

test('an E2E that is green but for a job of if: failure() says which key loosens it, and is green with it', () => {
	const list = [...passed(...shards, 'report'), ...skipped('notify on failure')];
	const shut = judged('e2e', withJobs(list));
	assert.deepEqual([shut.isOpen, shut.because], [false, 'E2E: notify on failure skipped']);
	assert.match(shut.next!, /tiers\.e2e\.maySkip/);
	assert.match(
		judged('e2e', withJobs(list), withTier('e2e', {jobs: '*e*'})).next!,
		/tiers\.e2e\.maySkip .*tiers\.e2e\.jobs/,
	);
	assert.equal(judged('e2e', withJobs(list), withTier('e2e', {maySkip: ['notify*']})).isOpen, true);
	assert.equal(judged('e2e', withJobs(list), withTier('e2e', {jobs: 'e2e (*'})).isOpen, true);
	const missing = judged(
		'e2e',
		withJobs([...passed(...shards.slice(1)), ...skipped('notify on failure')]),
		withTier('e2e', {maySkip: ['notify*']}),
	);
	assert.equal(missing.because, 'E2E: e2e (1, 4) did not run', 'every shard, on top of that');
});

test('a deployment whose deploying job was skipped has put nothing on staging', () => {
	const {id, because, tier} = judged('deploy', withJobs([...passed('build'), ...skipped('deploy')]));
	assert.deepEqual([id, because, tier.status], ['staged', 'Deployment: deploy skipped', 'skipped']);
});

test('a success whose jobs were not read, not all, or before it ended, is unknown and not green', () => {
	for (const more of [
		{jobs: null, jobsTotal: null, jobsAsOf: null},
		{jobs: [], jobsTotal: 0},
		{jobsTotal: null},
		{jobsTotal: 2},
		{jobsAsOf: null},
		{jobsAsOf: start},
		withJobs([...passed('unit'), {name: 'late', status: 'IN_PROGRESS', conclusion: null}]),
		withJobs([...passed('unit'), {name: 'odd', conclusion: 'SOMETHING_NEW'}]),
	] satisfies ReadonlyArray<Partial<RunFact>>) {
		const {isOpen, met, tier} = judged('fast', more);
		assert.deepEqual([isOpen, met, tier.status], [false, 'unknown', 'unknown'], JSON.stringify(more));
	}
});

test('a job that failed and was let through by continue-on-error is told as failed', () => {
	const {met, because, tier} = judged('fast', withJobs([...passed('unit'), {name: 'lint', conclusion: 'FAILURE'}]));
	assert.deepEqual([met, because, tier.status], [false, 'Fast tests: lint failed', 'failed']);
});

test('no jobs at all say nothing', () => {
	assert.deepEqual(workOf([], {key: 'tiers.fast', jobs: null, maySkip: [], notWork: []}), {
		did: false,
		status: 'unknown',
		because: 'no job of it is known',
		next: 'Look at the run on GitHub.',
	});
});

test('what usually passes is not held up: the defaults skip nothing', () => {
	assert.deepEqual(
		Object.values(defaultSettings.tiers).flatMap(({maySkip}) => maySkip),
		[],
	);
	assert.equal(judged('fast', {}).isOpen, true);
});

test('of a workflow that no tier names anything may be skipped, but not everything', () => {
	const of = (...statuses: ReadonlyArray<'passed' | 'skipped' | 'failed'>) =>
		workOfRun(
			'.github/workflows/other.yml',
			statuses.map((status, index) => ({name: `job ${index}`, status})),
			settings,
		);
	assert.equal(of('passed', 'skipped').did, true);
	assert.deepEqual(of('skipped', 'skipped'), {
		did: false,
		status: 'skipped',
		because: 'nothing of it ran: every job was skipped',
		next: 'Run it with its jobs.',
	});
	assert.equal(of('failed', 'skipped').did, false);
	assert.equal(of().did, false);
	const unseen = workOfRun(null, [{name: 'a', status: 'skipped'}], settings, 1);
	assert.deepEqual([unseen.did, !unseen.did && unseen.status], [false, 'unknown']);
});

test('a run that ended before it had a job is told by its own end, also where the tier counts some of its jobs only', () => {
	const by = withTier('e2e', {jobs: 'e2e*'});
	const of = (conclusion: string) => {
		const {isOpen, tier} = judged('e2e', {jobs: [], jobsTotal: 0, conclusion}, by);
		return [isOpen, tier.status];
	};
	assert.deepEqual(
		['STARTUP_FAILURE', 'CANCELLED', 'SKIPPED', 'ACTION_REQUIRED', 'SUCCESS'].map(conclusion => of(conclusion)),
		[
			[false, 'failed'],
			[false, 'cancelled'],
			[false, 'skipped'],
			[false, 'waiting'],
			[false, 'skipped'],
		],
	);
});

test('a job that only prepares or reports is no work where everything else may be skipped', () => {
	const by = withTier('fast', {maySkip: ['unit', 'web*']});
	for (const name of [
		'report',
		'Merge reports',
		'setup',
		'ci / prepare',
		'preflight',
		'passed',
		'Notify on failure',
		'announce-in-chat',
		'detect what changed',
		'report-status',
	])
		assert.equal(judged('fast', withJobs([...passed(name), ...skipped('unit', 'web')]), by).isOpen, false, name);
});
