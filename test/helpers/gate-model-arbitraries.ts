/** Histories for the gate to be judged in: mostly good days, with everything in between that goes wrong or is made to. */
import fc from 'fast-check';
import type {Conclusion, Outcome, Plan} from '../../source/simulator/model/model.ts';
import {shardNames} from '../../source/simulator/model/workflows.ts';
import type {Happening, Place, Step, TierWord, Way} from './gate-model-happenings.ts';

/** `partial`: null at that path of the data, with an error for it. */
export type ReadFault =
	| {kind: 'stale'; seconds: number; api: 'graphql' | 'rest' | null}
	| {kind: 'partial'; path: ReadonlyArray<string | number>};
/** One question to the judge. */
export type Look = {
	/** A commit by its place, the newest that could be promoted at some time, the head of the hotfix branch, or what the operator leaves to the gate. */
	what: Place | 'was-promotable' | 'branch' | 'head' | 'newest-open';
	/** Asked for as a hotfix. */
	hotfix: boolean;
	afterSeconds: number;
	/** Every request takes so long, and things go on meanwhile. */
	paceMs: number;
	fault: ReadFault | null;
};
/** The looks are taken along the way, the last one at the end. `offSeconds` and `skewSeconds`: clocks of the operator and of GitHub's answers against the true one. */
export type History = {
	steps: readonly Step[];
	looks: readonly Look[];
	way: Way;
	offSeconds: number;
	skewSeconds: number;
	token: string;
};

const place = fc.oneof(
	{weight: 4, arbitrary: fc.integer({min: 0, max: 2})},
	{weight: 2, arbitrary: fc.integer({min: 0, max: 7})},
	{weight: 4, arbitrary: fc.constant<Place>('promotable')},
);
const tier = fc.constantFrom<TierWord>('fast', 'deploy', 'e2e', 'smoke');
const run = fc.record({tier, commit: fc.oneof(place, fc.constant<Place>('promotable'))});

const job = fc.constantFrom('lint', 'unit (1, 2)', 'build', 'deploy', 'smoke', 'report', ...shardNames);
const bad = fc.constantFrom<Conclusion>('failure', 'cancelled', 'timed_out', 'skipped', 'neutral');
/** Always, or in the first attempt alone, or only when it is run again. */
const outcome: fc.Arbitrary<Outcome | readonly Outcome[]> = fc.oneof(
	bad,
	bad.map(word => [word, 'success'] as const),
	bad.map(word => ['success', word] as const),
);
const wrong: fc.Arbitrary<Plan> = fc.oneof(
	{weight: 6, arbitrary: fc.tuple(job, outcome).map(([name, how]) => ({outcomes: {[name]: how}}))},
	{weight: 2, arbitrary: fc.tuple(job, fc.constantFrom(0.2, 3)).map(([name, factor]) => ({slow: {[name]: factor}}))},
	{
		weight: 1,
		arbitrary: bad.map(word => ({
			outcomes: Object.fromEntries([...shardNames, 'report', 'deploy', 'smoke'].map(name => [name, word])),
		})),
	},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom('test-suite.yml', 'deploy-staging.yml', 'e2e-staging.yml')
			.map(file => ({startupFailure: [file]})),
	},
);
const plan: fc.Arbitrary<Plan> = fc.oneof({weight: 3, arbitrary: fc.constant({})}, {weight: 2, arbitrary: wrong});

type Does = Happening['does'];
type Details<Kind extends Does> = Omit<Extract<Happening, {does: Kind}>, 'does'>;
/** All happenings of one kind, from what may be said about it. */
const does = <Kind extends Does>(
	kind: Kind,
	details: {[Key in keyof Details<Kind>]: fc.Arbitrary<Details<Kind>[Key]>},
): fc.Arbitrary<Happening> =>
	fc
		.record(details as Record<string, fc.Arbitrary<unknown>>)
		.map(said => ({...said, does: kind}) as unknown as Happening);
const some = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const perhaps = <Value>(value: fc.Arbitrary<Value>, freq = 2) => fc.option(value, {freq});

const kinds: Readonly<Record<Does, fc.Arbitrary<Happening>>> = {
	push: does('push', {commits: some(1, 1, 1, 2, 3), plan, names: perhaps(place, 6)}),
	rerun: does('rerun', {run, which: some('all', 'failed', 'first job')}),
	cancel: does('cancel', {run}),
	dispatch: does('dispatch', {
		run: fc.record({tier: some<TierWord>('deploy', 'e2e', 'e2e', 'smoke'), commit: place}),
		plan: perhaps(wrong),
	}),
	live: does('live', {commit: place, forSeconds: perhaps(fc.integer({min: 1, max: 400}))}),
	'forged status': does('forged status', {
		on: place,
		tier,
		target: run,
		state: some('success', 'success', 'failure', 'pending'),
		by: some('person', 'workflow'),
	}),
	'forged report': does('forged report', {on: place, before: place, after: place}),
	'forged deployment': does('forged deployment', {
		filedOn: place,
		says: place,
		target: run,
		state: some('success', 'failure', 'in_progress'),
	}),
	promote: does('promote', {commit: place}),
	hotfix: does('hotfix', {}),
	branch: does('branch', {from: some('develop', 'main'), commits: some(1, 2), plan}),
	merge: does('merge', {what: some('main', 'branch')}),
	reset: does('reset', {branch: some('develop', 'main'), commit: place}),
};
type Weights = Readonly<Partial<Record<Does, number>>>;
export const ordinary: Weights = {
	push: 10,
	rerun: 7,
	cancel: 2,
	dispatch: 5,
	live: 6,
	'forged status': 3,
	'forged report': 1,
	'forged deployment': 2,
	promote: 3,
	hotfix: 1,
	branch: 2,
	merge: 2,
	reset: 1,
};
/** Where nobody asks staging, whoever deploys past GitHub, or files deployments that never were, is not found out. */
export const onRecordOnly: Weights = {...ordinary, live: 0, 'forged deployment': 0};
export const urgent: Weights = {
	branch: 8,
	rerun: 5,
	cancel: 2,
	promote: 2,
	hotfix: 2,
	merge: 1,
	reset: 2,
	push: 2,
	'forged status': 2,
};

/** Tiers take from a minute and a half to eight minutes: steps fall into the same tier, into the next one, or after them all. */
const pause = fc.oneof(
	{weight: 2, arbitrary: fc.integer({min: 0, max: 30})},
	{weight: 2, arbitrary: fc.integer({min: 31, max: 300})},
	{weight: 4, arbitrary: fc.integer({min: 480, max: 1100})},
);

/** E2E looks at a commit again, and staging is changed under it. */
const undermined: fc.Arbitrary<readonly Step[]> = fc
	.tuple(fc.integer({min: 0, max: 900}), fc.integer({min: 0, max: 480}), kinds.live, fc.integer({min: 0, max: 600}))
	.map(([first, second, live, last]) => [
		{afterSeconds: first, happening: {does: 'dispatch', run: {tier: 'e2e', commit: 'promotable'}, plan: null}},
		{afterSeconds: second, happening: live},
		{afterSeconds: last, happening: {does: 'push', commits: 1, plan: {outcomes: {lint: 'failure'}}, names: null}},
	]);

const newest = ['repository', 'staging', 'target', 'history', 'nodes', 0] as const;
const paths: ReadonlyArray<ReadonlyArray<string | number>> = [
	['repository', 'onStaging'],
	['repository', 'production'],
	newest.slice(0, 4),
	newest,
	[...newest, 'status'],
	[...newest, 'checkSuites'],
	['repository', 'commit0'],
	['repository', 'commit0', 'status'],
	['repository', 'commit0', 'deployments'],
	['workflows', 0],
	['workflows', 1],
	['workflows', 2],
	['workflows', 3],
	['suites', 0],
	['suites', 0, 'checkRuns'],
];
export const readFault: fc.Arbitrary<ReadFault> = fc.oneof(
	fc.record({
		kind: fc.constant('stale' as const),
		seconds: some(2, 8, 40, 300),
		api: some('graphql' as const, 'rest' as const, null),
	}),
	fc.record({kind: fc.constant('partial' as const), path: some(...paths)}),
);

const commits: fc.Arbitrary<Look['what']> = fc.oneof(
	{weight: 4, arbitrary: some<Look['what']>('promotable', 'was-promotable')},
	{weight: 2, arbitrary: fc.integer({min: 0, max: 6})},
	{weight: 1, arbitrary: some<Look['what']>('head', 'newest-open')},
);
const fixes: fc.Arbitrary<Look['what']> = fc.oneof(
	{weight: 3, arbitrary: some<Look['what']>('branch')},
	{weight: 1, arbitrary: fc.integer({min: 0, max: 3})},
);

type Wanted = {
	weights?: Weights;
	faults?: fc.Arbitrary<ReadFault | null>;
	tokens?: readonly string[];
	hotfix?: boolean;
};
export const history = ({
	weights = ordinary,
	faults = fc.constant(null),
	tokens = ['sim_classic'],
	hotfix = false,
}: Wanted = {}): fc.Arbitrary<History> => {
	const happening = fc.oneof(
		...Object.entries(weights).map(([kind, weight]) => ({weight, arbitrary: kinds[kind as Does]})),
	);
	const look = (longest: number): fc.Arbitrary<Look> =>
		fc.record({
			what: hotfix ? fixes : commits,
			hotfix: fc.constant(hotfix),
			afterSeconds: fc.oneof(fc.integer({min: 0, max: 60}), fc.integer({min: 0, max: longest})),
			paceMs: some(0, 0, 700),
			fault: faults,
		});
	const one = fc.record({afterSeconds: pause, happening}).map((step): readonly Step[] => [step]);
	const steps = fc.array(
		weights.live ? fc.oneof({weight: 14, arbitrary: one}, {weight: 1, arbitrary: undermined}) : one,
		{minLength: 2, maxLength: 9, size: 'max'},
	);
	return fc.record({
		steps: steps.map(groups => groups.flat()),
		looks: fc.tuple(look(60), look(1500)),
		way: some<Way>('fast-forward', 'fast-forward', 'merge', 'squash'),
		offSeconds: some(0, 0, 600, -600, 4),
		skewSeconds: some(0, 0, 0, 600, -600),
		token: some(...tokens),
	});
};
