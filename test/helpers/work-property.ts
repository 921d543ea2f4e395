/**
What runs prove, over generated readings: an oracle written from the rule alone, and the checks that hold the core to it. The core comes as
a parameter, so that a broken copy of it can be held to the same.
*/
import fc from 'fast-check';
import type {correlate} from '../../source/core/snapshot/correlate.ts';
import type {JobFact, RunFact} from '../../source/core/github/facts.ts';
import type {decideGate} from '../../source/core/gate/gate.ts';
import {
	type ConditionId,
	type Status,
	type Tier,
	type TierName,
	tierNames,
} from '../../source/core/pipeline/pipeline.ts';
import type {Settings} from '../../source/core/settings/settings.ts';
import {
	comparison,
	type Evidence,
	evidence,
	known,
	mine,
	moment,
	now,
	runOf,
	settings,
	withPromotion,
} from './gate-evidence.ts';

/** The part of the core that is held to the rule. */
export type Core = {correlate: typeof correlate; decideGate: typeof decideGate};
export const conditionOf: Readonly<Record<TierName, ConditionId>> = {
	fast: 'fast-green',
	deploy: 'staged',
	e2e: 'e2e-green',
	smoke: 'smoke-green',
};

type JobWish = {name: string; status: string; conclusion: string | null};
/** What GitHub tells of one run. `listing`: how its jobs are told. */
export type RunWish = {
	jobs: readonly JobWish[];
	conclusion: string | null;
	listing: 'whole' | 'none' | 'empty' | 'no total' | 'one is missing' | 'older than the run' | 'of no time';
	pattern: string | null;
	maySkip: readonly string[];
	notWork: readonly string[];
};

const bookkeeping = new Set(['changes', 'Guard', 'ci / all-green', 'notify on failure']);
const names = ['lint', 'unit one', 'unit two', 'deploy', 'docs', 'unit', 'prelint', ...bookkeeping];
const green: JobWish['conclusion'] = 'SUCCESS';
const conclusion = fc.oneof(
	{weight: 14, arbitrary: fc.constant(green)},
	{weight: 4, arbitrary: fc.constant('SKIPPED')},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			'NEUTRAL',
			'CANCELLED',
			'FAILURE',
			'TIMED_OUT',
			'STALE',
			'ACTION_REQUIRED',
			'STARTUP_FAILURE',
			'SOMETHING_NEW',
			null,
		),
	},
);
const job: fc.Arbitrary<JobWish> = fc.oneof(
	{weight: 12, arbitrary: fc.record({name: fc.constantFrom(...names), status: fc.constant('COMPLETED'), conclusion})},
	{
		weight: 1,
		arbitrary: fc.record({
			name: fc.constantFrom(...names),
			status: fc.constantFrom('IN_PROGRESS', 'QUEUED', 'WAITING', 'PENDING', 'NEW_WORD'),
			conclusion: fc.constant(null),
		}),
	},
);
const listing = fc.oneof(
	{weight: 12, arbitrary: fc.constant<RunWish['listing']>('whole')},
	{
		weight: 3,
		arbitrary: fc.constantFrom<RunWish['listing'][]>(
			'none',
			'empty',
			'no total',
			'one is missing',
			'older than the run',
			'of no time',
		),
	},
);
const skips = fc.oneof(
	{weight: 1, arbitrary: fc.constant<readonly string[]>([])},
	{
		weight: 3,
		arbitrary: fc.subarray(['notify*', 'docs', 'unit*', 'lint', 'u?it', 'changes', '*all-green'], {maxLength: 4}),
	},
);
const run: fc.Arbitrary<RunWish> = fc.record({
	jobs: fc.array(job, {maxLength: 5}),
	conclusion: fc.oneof(
		{weight: 12, arbitrary: fc.constant(green)},
		{weight: 1, arbitrary: fc.constantFrom('SKIPPED', 'NEUTRAL', 'FAILURE', 'CANCELLED', 'STALE', null)},
	),
	listing,
	pattern: fc.oneof(
		{weight: 5, arbitrary: fc.constant(null)},
		{weight: 1, arbitrary: fc.constantFrom('unit*', 'lint', 'changes', '*')},
	),
	maySkip: skips,
	notWork: fc.oneof(
		{weight: 4, arbitrary: fc.constant<readonly string[]>([])},
		{weight: 1, arbitrary: fc.subarray(['docs', 'notify*', 'unit*'], {maxLength: 2})},
	),
});
const plain: RunWish = {
	jobs: [{name: 'lint', status: 'COMPLETED', conclusion: green}],
	conclusion: green,
	listing: 'whole',
	pattern: null,
	maySkip: [],
	notWork: [],
};
/** One or two runs are odd, the others plainly green: else nothing would ever be open. */
export const pipeline: fc.Arbitrary<Readonly<Record<TierName, RunWish>>> = fc
	.tuple(fc.subarray([...tierNames], {minLength: 1, maxLength: 2}), run, run)
	.map(
		([odd, first, second]) =>
			Object.fromEntries(
				tierNames.map(name => [name, odd[0] === name ? first : odd[1] === name ? second : plain]),
			) as Record<TierName, RunWish>,
	);

/** By hand, letter by letter: `*` any text, `?` one character. */
const fits = (glob: string, name: string): boolean => {
	if (glob === '') return name === '';
	if (glob[0] === '*') return fits(glob.slice(1), name) || (name !== '' && fits(glob, name.slice(1)));
	return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && fits(glob.slice(1), name.slice(1));
};

/** The rule: a job that does the work has passed, and every job has passed or may be skipped. */
export const didWork = ({
	jobs,
	pattern,
	maySkip,
	notWork,
}: Pick<RunWish, 'jobs' | 'pattern' | 'maySkip' | 'notWork'>): boolean => {
	const own = jobs.filter(({name}) => pattern === null || fits(pattern, name));
	const isAside = (name: string) => notWork.some(glob => fits(glob, name));
	const mayBe = (name: string) => isAside(name) || maySkip.some(glob => fits(glob, name));
	const isGreen = (each: JobWish) => each.status === 'COMPLETED' && each.conclusion === 'SUCCESS';
	return (
		own.every(
			each => isGreen(each) || (each.status === 'COMPLETED' && each.conclusion === 'SKIPPED' && mayBe(each.name)),
		) &&
		own.some(each => isGreen(each) && !isAside(each.name) && (!bookkeeping.has(each.name) || each.name === pattern))
	);
};
/** And GitHub says success, of a run all of whose jobs are known as they were at its end. */
export const proves = (wish: RunWish): boolean =>
	wish.listing === 'whole' && (wish.conclusion === 'SUCCESS' || wish.pattern !== null) && didWork(wish);

const factsOf = (tier: TierName, {jobs, conclusion: word, listing: told}: RunWish): RunFact => {
	const {startedAt, updatedAt, id} = runOf(tier);
	const all = jobs.map(({name, ...state}, index): JobFact => ({
		id: id * 1000 + index,
		attempt: null,
		nodeId: null,
		name,
		...state,
		startedAt,
		finishedAt: updatedAt,
		url: null,
		steps: null,
		annotations: null,
	}));
	const listed = told === 'none' ? null : told === 'empty' ? [] : told === 'one is missing' ? all.slice(1) : all;
	return runOf(tier, {
		conclusion: word,
		jobs: listed,
		jobsTotal:
			told === 'none' || told === 'no total'
				? null
				: told === 'empty'
					? 0
					: told === 'one is missing'
						? Math.max(1, all.length)
						: all.length,
		jobsAsOf:
			told === 'none' || told === 'of no time'
				? null
				: told === 'older than the run'
					? updatedAt - 1000
					: updatedAt,
	});
};

const settingsOf = (wishes: Readonly<Record<TierName, RunWish>>): Settings =>
	// What staging ran, no job of these says.
	({
		...withPromotion({stagingReport: 'optional'}),
		tiers: Object.fromEntries(
			tierNames.map(name => [
				name,
				{
					...settings.tiers[name],
					jobs: wishes[name].pattern,
					maySkip: wishes[name].maySkip,
					notWork: wishes[name].notWork,
				},
			]),
		) as Settings['tiers'],
	});

const insist = (isSo: boolean, what: string) => {
	if (!isSo) throw new Error(what);
};

/** Facts to the board and the gate: nothing else than the rule opens it or is shown as passed, and the rule does. Whether it was open. */
export const checkPipeline = (core: Core, wishes: Readonly<Record<TierName, RunWish>>): boolean => {
	const snapshot = core.correlate(
		known({runs: tierNames.map(name => factsOf(name, wishes[name]))}),
		settingsOf(wishes),
		now,
		null,
		moment,
		{sha: mine, comparison, hotfix: null, landed: null, isDeploying: false},
	);
	const {tiers, gate} = snapshot.candidates.find(({sha}) => sha === mine)!;
	for (const name of tierNames) {
		insist(
			(tiers[name]!.status === 'passed') === proves(wishes[name]),
			`${name} is shown as ${tiers[name]!.status}`,
		);
		if (!proves(wishes[name]))
			insist(gate.conditions.find(({id}) => id === conditionOf[name])!.met !== true, `${name} counts as met`);
	}
	insist(gate.open === tierNames.every(name => proves(wishes[name])), `the gate is ${gate.open ? 'open' : 'shut'}`);
	return gate.open;
};

const words: Readonly<Record<string, Status>> = {
	SUCCESS: 'passed',
	SKIPPED: 'skipped',
	NEUTRAL: 'skipped',
	CANCELLED: 'cancelled',
	FAILURE: 'failed',
	TIMED_OUT: 'failed',
	STARTUP_FAILURE: 'failed',
	ACTION_REQUIRED: 'waiting',
};
const tierOf = (tier: Tier, {jobs, pattern}: RunWish): Tier => {
	const own = jobs
		.filter(({name}) => pattern === null || fits(pattern, name))
		.map(({name, status, conclusion: word}, index) => ({
			id: index,
			nodeId: null,
			name,
			status: status === 'COMPLETED' ? (words[word ?? ''] ?? 'unknown') : ('running' as const),
			...(word === 'NEUTRAL' && {rawStatus: 'neutral'}),
			startedAt: null,
			finishedAt: null,
			url: null,
			steps: null,
			annotations: null,
		}));
	return {...tier, jobs: own, jobsTotal: own.length};
};

export type TierWish = {tier: TierName; run: RunWish; change: Partial<Tier>};
export const tierWish: fc.Arbitrary<TierWish> = fc.record({
	tier: fc.constantFrom(...tierNames),
	run,
	change: fc.oneof(
		{weight: 4, arbitrary: fc.constant({})},
		{
			weight: 2,
			arbitrary: fc.constantFrom<Partial<Tier>[]>(
				{runIsOver: false},
				{jobsTotal: 9},
				{isOwnWord: false},
				{status: 'skipped', rawStatus: 'success'},
				{status: 'unknown', rawStatus: 'success'},
				{status: 'failed', rawStatus: 'success'},
			),
		},
	),
});

/** A tier that somebody calls passed: the gate looks at its jobs itself. */
export const checkTier = (core: Core, {tier, run: wish, change}: TierWish): boolean => {
	const {candidate, around}: Evidence = evidence();
	const tiers = {...candidate.tiers, [tier]: {...tierOf(candidate.tiers[tier]!, wish), ...change}};
	const {open} = core.decideGate(
		{...candidate, tiers},
		{...around, settings: settingsOf({fast: plain, deploy: plain, e2e: plain, smoke: plain, [tier]: wish})},
	);
	insist(
		open === (didWork(wish) && Object.keys(change).length === 0),
		`${tier}: the gate is ${open ? 'open' : 'shut'}`,
	);
	return open;
};
