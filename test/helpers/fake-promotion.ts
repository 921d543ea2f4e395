/** What a plan says of a promotion, made up: everything is met until a test says otherwise. */
import {type Condition, type ConditionId, conditionIds} from '../../source/core/pipeline/pipeline.ts';
import type {PlanCommit, PlanPromotion, Wish} from '../../source/core/plan/plan.ts';

type PromoteWish = Extract<Wish, {kind: 'promote'}>;

const becauses: Readonly<Record<ConditionId, string>> = {
	'fast-green': 'Fast tests passed (run 14541961385)',
	staged: 'Deployment passed (run 14541961437)',
	'e2e-green': 'E2E passed (run 14541961479, attempt 2)',
	'smoke-green': 'Smoke passed (run 14541961506)',
	'fast-forward': 'main can be fast-forwarded',
	unlocked: 'production is not locked',
	'not-frozen': 'no freeze window now',
	'not-pinned': 'no rollback has pinned it',
	'production-healthy': 'production is healthy (2 instances)',
	'sign-offs': 'signed off: qa by lena-fischer',
	approvals: 'GitHub asks for no approval',
	promoter: 'kim promotes it',
};

/** Minutes ago, of those that something happened for. */
const ages: Readonly<Partial<Record<ConditionId, number>>> = {
	'fast-green': 58,
	staged: 52,
	'e2e-green': 31,
	'smoke-green': 49,
	'sign-offs': 12,
};
const runs: Readonly<Partial<Record<ConditionId, number>>> = {
	'fast-green': 14541961385,
	staged: 14541961437,
	'e2e-green': 14541961479,
	'smoke-green': 14541961506,
};

/** All that can be broken: neither the lock, nor a pin, nor what git itself cannot do. */
const unbreakable: readonly ConditionId[] = ['unlocked', 'not-pinned', 'fast-forward'];
const ofHotfix: readonly ConditionId[] = [
	'fast-green',
	'fast-forward',
	'unlocked',
	'not-frozen',
	'not-pinned',
	'sign-offs',
	'approvals',
];

/** `now` is GitHub's; `other` says what is not as it should be. */
export const fakeConditions = (
	now: number,
	other: Partial<Record<ConditionId, Partial<Condition>>> = {},
	ids: readonly ConditionId[] = conditionIds,
): readonly Condition[] =>
	ids.map(id => ({
		id,
		met: true,
		because: becauses[id],
		...(ages[id] !== undefined && {
			proofs: [
				{
					...(runs[id] !== undefined
						? {runId: runs[id], attempt: id === 'e2e-green' ? 2 : 1}
						: {by: 'lena-fischer', text: 'qa'}),
					at: now - ages[id] * 60_000,
				},
			],
		}),
		...other[id],
	}));

export type Promoting = {
	/** What is not met, or unknown. */
	other: Partial<Record<ConditionId, Partial<Condition>>>;
	/** Instead of what is made up. */
	change: Partial<PlanPromotion>;
	/** GitHub's time to which the evidence is dated. */
	evidenceFrom: number;
};

export const fakePromotion = (
	wish: PromoteWish,
	{other, change, evidenceFrom}: Promoting,
	{history, live, isLocked}: {history: readonly PlanCommit[]; live: string; isLocked: boolean},
): PlanPromotion => {
	const conditions = fakeConditions(evidenceFrom, other, wish.hotfix === undefined ? conditionIds : ofHotfix);
	const unmet = conditions.filter(({met}) => met !== true).map(({id}) => id);
	const to = history.findIndex(({sha}) => sha === wish.sha);
	return {
		strategy: 'fast-forward',
		branch: 'main',
		branchAt: live,
		hotfix: wish.hotfix ?? null,
		breakGlass: wish.breakGlass === undefined ? null : {reason: wish.breakGlass, conditions: unmet},
		canBreakGlass: !isLocked && unmet.length > 0 && !unmet.some(id => unbreakable.includes(id)),
		conditions,
		staying: wish.hotfix !== undefined ? [] : to === -1 ? null : history.slice(0, to),
		configuration: [],
		migrations: [],
		rollbackTo: {release: live, sha: live},
		rollbackBecause: 'it was healthy',
		steps: [
			'lock production, and read every condition again',
			`move main to ${wish.sha?.slice(0, 7) ?? ''}, from ${live.slice(0, 7)} or not at all`,
			'follow the run of deploy-production.yml',
			'ask production for version and health',
			'watch it for 5m',
		],
		soakSeconds: 300,
		evidenceAt: wish.hotfix === undefined ? evidenceFrom - 31 * 60_000 : null,
		...change,
	};
};
