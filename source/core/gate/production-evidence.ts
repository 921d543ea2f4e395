/** What a commit has to show before it may reach production by whatever way: invariant 4 of the safety promises. */
import {short} from './gate.ts';
import type {Condition, ConditionId, Gate} from '../pipeline/pipeline.ts';

/** The conditions that speak about the commit itself, not about the moment. */
export const evidenceIds: readonly ConditionId[] = ['fast-green', 'staged', 'e2e-green', 'smoke-green'];
/** What a deployment of it by hand has to show as well: nobody gets past a freeze or a missing signature by another command. Locks and pins have their own place in its plan. */
export const deployIds: readonly ConditionId[] = [...evidenceIds, 'not-frozen', 'sign-offs'];

export type Evidence =
	| {proven: true; conditions: readonly Condition[]}
	| {proven: false; because: string; next: string};

/** Missing evidence is never green: an unknown condition proves as little as a red one. `gate` null: GitHub shows no such commit. */
export const evidenceFor = (sha: string, gate: Gate | null): Evidence => {
	if (gate === null)
		return {
			proven: false,
			because: `${short(sha)} has no evidence: GitHub shows no tests of it`,
			next: 'Push it to the staging branch and wait for its tiers.',
		};
	const conditions = gate.conditions.filter(({id}) => deployIds.includes(id));
	const missing = conditions.find(({met}) => met === false) ?? conditions.find(({met}) => met === 'unknown');
	if (missing === undefined && conditions.length === deployIds.length) return {proven: true, conditions};
	return {
		proven: false,
		because: `${short(sha)} is not proven: ${missing?.because ?? 'conditions are missing'}`,
		next: missing?.next ?? 'deployctl status shows every condition.',
	};
};
