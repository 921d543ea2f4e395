/** The machine form of `deployctl gate --json`: each condition with its reason and its proof. Stable: fields are added, never renamed. */
import type {Candidate, ConditionId, Tier} from './pipeline.ts';

/** What can be looked up: the run that a condition rests on. */
export type Proof = {runId: number; attempt: number | null; url: string | null; finishedAt: string | null};

const proofOf = (tier: Tier | undefined): Proof | undefined =>
	(tier?.runId == null ? undefined : {runId: tier.runId, attempt: tier.attempt, url: tier.url, finishedAt: tier.finishedAt === null ? null : new Date(tier.finishedAt).toISOString()});

const proofs: Partial<Record<ConditionId, (candidate: Candidate) => Proof | undefined>> = {
	'fast-green': ({tiers}) => proofOf(tiers.fast),
	staged: ({tiers}) => proofOf(tiers.deploy),
	'e2e-green': ({tiers}) => proofOf(tiers.e2e),
	'smoke-green': ({tiers}) => proofOf(tiers.smoke),
};

export const gateReport = (candidate: Candidate, environment: string) => ({
	schemaVersion: 1,
	sha: candidate.sha,
	environment,
	open: candidate.gate.open,
	conditions: candidate.gate.conditions.map(condition => {
		const proof = proofs[condition.id]?.(candidate);
		return {...condition, ...(proof && {proof})};
	}),
});
