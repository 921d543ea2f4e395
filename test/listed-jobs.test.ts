/** Which jobs of a list count: by examples, and over generated runs, attempts and ways in which GitHub tells them. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {JobFact, RunFact} from '../source/core/github/facts.ts';
import {e2eGreen} from '../source/core/gate/tiers.ts';
import {lacksJobs, withJobList} from '../source/core/github/listed-jobs.ts';
import {mergeReading} from '../source/core/github/merge.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {buildTier} from '../source/core/evidence/tier.ts';
import {facts as factsOf, job, minutes, repository, run, start} from './helpers/facts.ts';
import {runs} from './helpers/fuzz.ts';

const second = run(1, 'e2e', {attempt: 2, startedAt: start + minutes(10), jobs: null, jobsTotal: null, jobsAsOf: null});
const leg = (id: number, attempt: number | null, more: Partial<JobFact> = {}): JobFact =>
	job(id, {name: 'e2e', attempt, finishedAt: start + minutes((attempt ?? 1) * 10 + 1), ...more});
const red = {conclusion: 'FAILURE'};
const listed = (of: RunFact, jobs: readonly JobFact[], total = jobs.length) => {
	const {jobs: shown, jobsTotal, attempt, status} = withJobList(of, {jobs, total});
	return {ids: shown!.map(({id}) => id), jobsTotal, attempt, status};
};

test('jobs of one name are different jobs, at every attempt', () => {
	const jobs = [leg(3, 2), leg(1, 2), leg(2, 2)];
	assert.deepEqual(listed(second, jobs), {ids: [1, 2, 3], jobsTotal: 3, attempt: 2, status: 'COMPLETED'});
	assert.deepEqual(
		listed(
			{...second, attempt: 1},
			jobs.map(one => ({...one, attempt: 1})),
		).ids,
		[1, 2, 3],
	);
	// GraphQL does not tell whose they are, but when they ended.
	assert.deepEqual(
		listed(
			second,
			jobs.map(one => ({...one, attempt: null})),
		),
		{ids: [1, 2, 3], jobsTotal: 3, attempt: 2, status: 'COMPLETED'},
	);
});

test('a job that two pages list is one, and its worse word counts', () => {
	const jobs = [leg(1, 2), leg(2, 2), leg(1, 2, red), leg(1, 1)];
	const {jobs: shown, jobsTotal} = withJobList(second, {jobs, total: 4});
	assert.deepEqual([shown!.map(({conclusion}) => conclusion), jobsTotal], [['FAILURE', 'SUCCESS'], 4]);
	assert.equal(lacksJobs({jobs: shown, jobsTotal}), true);
});

test('what a re-run has left alone counts, red or green: a name does not say that another one has taken its place', () => {
	assert.deepEqual(listed(second, [leg(1, 1), leg(2, 2)]), {
		ids: [1, 2],
		jobsTotal: 2,
		attempt: 2,
		status: 'COMPLETED',
	});
	assert.deepEqual(listed(second, [leg(1, 1, red), leg(2, 2)]), {
		ids: [1, 2],
		jobsTotal: 2,
		attempt: 2,
		status: 'COMPLETED',
	});
});

test('a list of the attempt before tells nothing of this one', () => {
	assert.deepEqual(listed(second, [leg(1, 1), leg(2, 1)]), {ids: [], jobsTotal: 2, attempt: 2, status: 'COMPLETED'});
	assert.deepEqual(
		listed(second, [leg(1, null, {finishedAt: start + minutes(9)}), leg(2, null, {finishedAt: start})]).ids,
		[],
	);
	assert.deepEqual(
		listed({...second, startedAt: null}, [leg(1, null, {finishedAt: start + minutes(99)})]).ids,
		[],
		'nobody knows when this one began',
	);
});

test("jobs of a later attempt than the run's: it goes on, whatever it says of its end", () => {
	assert.deepEqual(listed({...second, attempt: 1}, [leg(1, 2), leg(2, 1)]), {
		ids: [1, 2],
		jobsTotal: 2,
		attempt: 2,
		status: 'IN_PROGRESS',
	});
	const known = factsOf({runs: [{...second, attempt: 1}]});
	const merged = mergeReading(
		known,
		{
			kind: 'active',
			readAt: start,
			clockSkewMs: 0,
			latencyMs: 1,
			cost: 1,
			rateLimit: null,
			path: 'rest',
			partial: [],
			facts: {runs: [withJobList({...second, attempt: 1}, {jobs: [leg(1, 2)], total: 1})]},
		},
		repository,
	);
	assert.deepEqual([merged.runs[0]!.attempt, merged.runs[0]!.status], [2, 'IN_PROGRESS']);
});

test('a run that failed has a job that did; one that ended has jobs; one without a known attempt proves little', () => {
	assert.equal(listed({...second, ...red}, [leg(1, 2), leg(2, 2, {conclusion: 'SKIPPED'})]).jobsTotal, 3);
	assert.equal(listed(second, []).jobsTotal, 1);
	assert.equal(listed({...second, status: 'QUEUED', conclusion: null}, []).jobsTotal, 0);
	assert.equal(listed({...second, attempt: null}, [leg(1, null), leg(2, null)]).jobsTotal, 3);
	assert.equal(listed({...second, attempt: null}, [leg(1, null), job(2)]).jobsTotal, 2);
	assert.equal(
		listed({...second, attempt: null, status: 'IN_PROGRESS', conclusion: null}, [
			leg(1, null),
			job(2, {status: 'IN_PROGRESS', conclusion: null}),
		]).jobsTotal,
		3,
	);
	assert.equal(withJobList(second, {jobs: [leg(1, 2)], total: 1}, 3).jobsTotal, 3, 'it had three at first');
});

const settings = {
	...defaultSettings,
	tiers: {...defaultSettings.tiers, e2e: {...defaultSettings.tiers.e2e, jobs: 'e2e*'}},
};
const isMet = (of: RunFact): boolean => {
	const subject = {
		provenance: 'commit',
		run: of,
		runId: of.id,
		attempt: of.attempt,
		status: null,
		trust: {trusted: true},
	} as const;
	const tiers = {e2e: buildTier('e2e', subject, settings.tiers.e2e)} as unknown as Parameters<
		typeof e2eGreen
	>[0]['tiers'];
	const {met} = e2eGreen({sha: 'a'.repeat(40), tiers}, {at: start + minutes(60), settings} as Parameters<
		typeof e2eGreen
	>[1]);
	return met === true && tiers.e2e.status === 'passed';
};

type Leg = JobFact & {isLenient: boolean};
type Chance = {/** A whole number from 0, below `limit`. */ below(limit: number): number};

/** The same numbers for the same seed. */
const random = (seed: number): Chance => {
	let state = seed;
	return {
		below(limit) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			return Math.floor((state / 2 ** 32) * limit);
		},
	};
};
const endings = [
	'SUCCESS',
	'SUCCESS',
	'SUCCESS',
	'SUCCESS',
	'FAILURE',
	'SKIPPED',
	'CANCELLED',
	'NEUTRAL',
	'TIMED_OUT',
] as const;

/** Attempts of one run as they truly went: each has all of its legs, those that it has not repeated as they were. */
const lived = (chance: Chance): readonly (readonly Leg[])[] => {
	const names = [
		['e2e', 'e2e', 'e2e'],
		['e2e', 'e2e', 'unit'],
		['e2e (1)', 'e2e (2)', 'unit'],
		['e2e', 'e2e (2)', 'unit', 'unit'],
	][chance.below(4)]!;
	const lenient = names.map(() => chance.below(4) === 0);
	let id = 1;
	const legOf = (index: number, attempt: number): Leg => ({
		...job((id++ * 7) % 1000, {
			name: names[index]!,
			attempt,
			conclusion: endings[chance.below(endings.length)]!,
			startedAt: start + minutes(attempt * 10),
			finishedAt: start + minutes(attempt * 10 + 1 + index),
		}),
		isLenient: lenient[index]!,
	});
	const attempts: Array<readonly Leg[]> = [names.map((_, index) => legOf(index, 1))];
	for (let attempt = 2; attempt <= 1 + chance.below(3); attempt++) {
		const before = attempts.at(-1)!;
		const one = chance.below(names.length);
		const kind = chance.below(3);
		const again = before.map((old, index) =>
			kind === 0 || (kind === 1 ? old.conclusion !== 'SUCCESS' : index === one) ? legOf(index, attempt) : old,
		);
		if (again.some((now, index) => now !== before[index])) attempts.push(again);
		else break;
	}
	return attempts;
};

const runOf = (legs: readonly Leg[], attempt: number): RunFact => {
	const failing = legs.filter(
		({isLenient, conclusion}) => !isLenient && (conclusion === 'FAILURE' || conclusion === 'TIMED_OUT'),
	);
	const conclusion =
		failing.length > 0 ? 'FAILURE' : legs.some(one => one.conclusion === 'CANCELLED') ? 'CANCELLED' : 'SUCCESS';
	return run(1, 'e2e', {
		attempt,
		conclusion,
		startedAt: start + minutes(attempt * 10),
		updatedAt: start + minutes(attempt * 10 + 9),
		jobs: null,
		jobsTotal: null,
		jobsAsOf: null,
	});
};

const shuffled = <Item>(items: readonly Item[], chance: Chance): Item[] =>
	items
		.map(item => ({item, at: chance.below(1e6)}))
		.sort((a, b) => a.at - b.at)
		.map(({item}) => item);
const overGraphql = (jobs: readonly JobFact[]): JobFact[] => jobs.map(one => ({...one, attempt: null}));

const count = runs(4000).numRuns;
test('no red, skipped or unlisted job is hidden, in no order, on no path', () => {
	let [opened, shut] = [0, 0];
	for (let seed = 1; seed <= count; seed++) {
		const chance = random(seed);
		const attempts = lived(chance);
		const legs = attempts.at(-1)!;
		const now = runOf(legs, attempts.length);
		const isGreen = legs
			.filter(({name}) => name.startsWith('e2e'))
			.every(({conclusion}) => conclusion === 'SUCCESS');
		const ways: ReadonlyArray<readonly [string, RunFact, readonly JobFact[], number, number | null]> = [
			['whole', now, legs, legs.length, legs.length],
			['twice', now, [...legs, ...legs.slice(0, chance.below(3))], legs.length, legs.length],
			['one page lost', now, legs.slice(chance.below(legs.length)), legs.length, null],
			['with those before', now, [...new Set(attempts.flat())], new Set(attempts.flat()).size, legs.length],
			['of the attempt before', now, attempts.at(-2) ?? [], attempts.at(-2)?.length ?? 0, legs.length],
			[
				'only what was repeated',
				now,
				legs.filter(({attempt}) => attempt === attempts.length),
				legs.filter(({attempt}) => attempt === attempts.length).length,
				legs.length,
			],
			['none', now, [], 0, legs.length],
			[
				'a run that lags',
				attempts.length > 1 ? runOf(attempts.at(-2)!, attempts.length - 1) : now,
				legs,
				legs.length,
				legs.length,
			],
			['attempt unknown', {...now, attempt: null, startedAt: null}, legs, legs.length, null],
		];
		for (const [way, of, jobs, total, first] of ways) {
			const [rest, graphql] = [
				withJobList(of, {jobs, total}, first),
				withJobList(of, {jobs: overGraphql(jobs), total}, first),
			];
			const where = `seed ${seed}, ${way}`;
			for (const [path, list] of [
				['rest', jobs],
				['graphql', overGraphql(jobs)],
			] as const) {
				const whole = path === 'rest' ? rest : graphql;
				assert.deepEqual(
					withJobList(of, {jobs: shuffled(list, chance), total}, first),
					whole,
					`${where}: another order over ${path}`,
				);
				assert.ok(
					!isMet(whole) || isGreen,
					`${where}: opened over ${path} by ${legs.map(({name, conclusion}) => `${name} ${conclusion}`).join(', ')}`,
				);
				// Nothing of the attempt in hand disappears from the screen.
				const current = list.filter(one => jobs.find(({id}) => id === one.id)!.attempt === attempts.length);
				assert.ok(
					current.every(one => whole.jobs!.some(({id}) => id === one.id)),
					`${where}: hidden over ${path}`,
				);
			}
			if (way === 'whole') {
				assert.deepEqual(
					rest.jobs!.map(({id, conclusion}) => [id, conclusion]),
					graphql.jobs!.map(({id, conclusion}) => [id, conclusion]),
					where,
				);
				assert.deepEqual([isMet(rest), isMet(graphql)], [isGreen, isGreen], where);
				if (isGreen) opened++;
				else shut++;
			}
		}
	}
	assert.ok(opened > count / 20 && shut > count / 20, `${opened} opened, ${shut} shut`);
});
