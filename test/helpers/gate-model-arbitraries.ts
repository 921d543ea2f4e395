/** Histories for the gate to be judged in: mostly good days, with everything in between that goes wrong or is made to. */
import fc from 'fast-check';
import type {Conclusion, Outcome, Plan} from '../../source/simulator/model.ts';
import {shardNames} from '../../source/simulator/workflows.ts';
import type {Happening, Step, TierWord, Way} from './gate-model-happenings.ts';

/** What is judged: a commit by its place, the newest one that may be promoted, or what the operator leaves to the gate. */
export type Look = {
	what: 'promotable' | 'head' | 'newest-open' | number;
	afterSeconds: number;
	/** Whatever the judge asks takes so long: things go on meanwhile. */
	paceMs: number;
	fault: {kind: 'stale'; seconds: number; api: 'graphql' | 'rest' | null} | {kind: 'partial'; path: ReadonlyArray<string | number>} | null;
};
export type History = {steps: readonly Step[]; looks: readonly Look[]; way: Way; /** Clocks of the operator and of GitHub's answers against the true one. */ offSeconds: number; skewSeconds: number; token: string};

const nth = fc.oneof({weight: 5, arbitrary: fc.integer({min: 0, max: 2})}, {weight: 2, arbitrary: fc.integer({min: 0, max: 7})});
const tier = fc.constantFrom<TierWord>('fast', 'deploy', 'e2e', 'smoke');
const of = fc.record({tier, commit: nth});
const jobs = fc.constantFrom('lint', 'unit (1, 2)', 'build', 'deploy', 'smoke', 'report', ...shardNames);
const bad = fc.constantFrom<Conclusion>('failure', 'cancelled', 'timed_out', 'skipped', 'neutral');
const outcome: fc.Arbitrary<Outcome | readonly Outcome[]> = fc.oneof(bad, bad.map(word => [word, 'success'] as const), bad.map(word => ['success', word] as const));
const wrong: fc.Arbitrary<Plan> = fc.oneof(
	{weight: 6, arbitrary: fc.tuple(jobs, outcome).map(([job, how]) => ({outcomes: {[job]: how}}))},
	{weight: 2, arbitrary: fc.tuple(jobs, fc.constantFrom(0.2, 3)).map(([job, factor]) => ({slow: {[job]: factor}}))},
	{weight: 1, arbitrary: fc.constantFrom('test-suite.yml', 'deploy-staging.yml', 'e2e-staging.yml').map(file => ({startupFailure: [file]}))},
);
const plan: fc.Arbitrary<Plan> = fc.oneof({weight: 3, arbitrary: fc.constant({})}, {weight: 2, arbitrary: wrong});

const push = fc.record({does: fc.constant('push' as const), commits: fc.constantFrom(1, 1, 1, 2, 3), plan, names: fc.option(nth, {freq: 6})});
const happening: fc.Arbitrary<Happening> = fc.oneof(
	{weight: 10, arbitrary: push},
	{weight: 5, arbitrary: fc.record({does: fc.constant('rerun' as const), run: of, which: fc.constantFrom('all' as const, 'failed' as const, 'first job' as const)})},
	{weight: 2, arbitrary: fc.record({does: fc.constant('cancel' as const), run: of})},
	{weight: 5, arbitrary: fc.record({does: fc.constant('dispatch' as const), run: fc.record({tier: fc.constantFrom<TierWord>('deploy', 'e2e', 'e2e', 'smoke'), commit: nth})})},
	{weight: 4, arbitrary: fc.record({does: fc.constant('live' as const), commit: nth})},
	{weight: 3, arbitrary: fc.record({does: fc.constant('forged status' as const), on: nth, tier, target: of, state: fc.constantFrom('success' as const, 'success' as const, 'failure' as const, 'pending' as const), by: fc.constantFrom('person' as const, 'workflow' as const)})},
	{weight: 1, arbitrary: fc.record({does: fc.constant('forged report' as const), on: nth, before: nth, after: nth})},
	{weight: 2, arbitrary: fc.record({does: fc.constant('forged deployment' as const), filedOn: nth, says: nth, target: of, state: fc.constantFrom('success' as const, 'failure' as const, 'in_progress' as const)})},
	{weight: 3, arbitrary: fc.record({does: fc.constant('promote' as const), commit: fc.oneof(nth, fc.constant('promotable' as const))})},
	{weight: 1, arbitrary: fc.constant({does: 'hotfix' as const})},
	{weight: 1, arbitrary: fc.constant({does: 'merge main back' as const})},
	{weight: 1, arbitrary: fc.record({does: fc.constant('feature' as const), commits: fc.constantFrom(1, 2), plan})},
	{weight: 1, arbitrary: fc.constant({does: 'merge feature' as const})},
	{weight: 1, arbitrary: fc.record({does: fc.constant('reset' as const), branch: fc.constantFrom('develop' as const, 'main' as const), commit: nth})},
);
/** Tiers take from one minute and a half to eight: steps fall into the same tier, into the next one, or after them all. */
const pause = fc.oneof({weight: 2, arbitrary: fc.integer({min: 0, max: 30})}, {weight: 2, arbitrary: fc.integer({min: 31, max: 300})}, {weight: 4, arbitrary: fc.integer({min: 480, max: 1100})});

const paths = [
	['repository', 'onStaging'], ['repository', 'production'], ['repository', 'staging', 'target', 'history'], ['repository', 'staging', 'target', 'history', 'nodes', 0], ['repository', 'staging', 'target', 'history', 'nodes', 0, 'status'],
	['repository', 'staging', 'target', 'history', 'nodes', 0, 'checkSuites'], ['repository', 'commit0'], ['repository', 'commit0', 'status'], ['repository', 'commit0', 'deployments'], ['workflows', 0], ['workflows', 1], ['workflows', 2], ['workflows', 3], ['suites', 0], ['suites', 0, 'checkRuns'],
] as const;
export const fault: fc.Arbitrary<Look['fault']> = fc.oneof(
	fc.record({kind: fc.constant('stale' as const), seconds: fc.constantFrom(2, 8, 40, 300), api: fc.constantFrom('graphql' as const, 'rest' as const, null)}),
	fc.record({kind: fc.constant('partial' as const), path: fc.constantFrom(...paths)}),
);

const look = (faults: fc.Arbitrary<Look['fault']>, longest: number): fc.Arbitrary<Look> => fc.record({
	what: fc.oneof({weight: 4, arbitrary: fc.constant('promotable' as const)}, {weight: 3, arbitrary: fc.integer({min: 0, max: 6})}, {weight: 1, arbitrary: fc.constantFrom('head' as const, 'newest-open' as const)}),
	afterSeconds: fc.integer({min: 0, max: longest}), paceMs: fc.constantFrom(0, 0, 700), fault: faults,
});

export const history = ({faults, tokens}: {faults: fc.Arbitrary<Look['fault']>; tokens: readonly string[]}): fc.Arbitrary<History> => fc.record({
	steps: fc.array(fc.record({afterSeconds: pause, happening}), {minLength: 2, maxLength: 9, size: 'max'}),
	looks: fc.tuple(look(faults, 60), look(faults, 1500)),
	way: fc.constantFrom<Way>('fast-forward', 'fast-forward', 'merge', 'squash'),
	offSeconds: fc.constantFrom(0, 0, 600, -600, 4), skewSeconds: fc.constantFrom(0, 0, 0, 600, -600), token: fc.constantFrom(...tokens),
});
