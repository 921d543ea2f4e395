/** The machine form of `deployctl gate --json`: each condition with its reason and its proof. Stable: fields are added, never renamed. */
import type {Candidate, Condition, Proof} from '../pipeline/pipeline.ts';

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** What can be looked up: of a run its id, attempt, address and end; of anything else who, what and when. */
const proofReport = ({runId, attempt, url, at, by, sha, text}: Proof) =>
	runId === undefined
		? {
				...(by !== undefined && {by}),
				...(sha !== undefined && {sha}),
				...(url !== undefined && {url}),
				...(at !== undefined && {at: time(at)}),
				...(text !== undefined && {text}),
			}
		: {runId, attempt: attempt ?? null, url: url ?? null, finishedAt: time(at ?? null)};

export const conditionReport = ({id, met, because, next, proofs = []}: Condition) => ({
	id,
	met,
	because,
	...(next !== undefined && {next}),
	...(proofs.length > 0 && {proof: proofReport(proofs[0]!)}),
	...(proofs.length > 1 && {proofs: proofs.map(proof => proofReport(proof))}),
});

export type BrokenGlass = {reason: string; by: string};

/** `breakGlass`: the promotion that holds the lock goes past what is not met. */
export const gateReport = (
	candidate: Pick<Candidate, 'sha' | 'gate'>,
	environment: string,
	{hotfix = null, breakGlass = null}: {hotfix?: string | null; breakGlass?: BrokenGlass | null} = {},
) => ({
	schemaVersion: 1,
	sha: candidate.sha,
	environment,
	open: candidate.gate.open || breakGlass !== null,
	...(hotfix !== null && {hotfix}),
	...(breakGlass !== null && {breakGlass}),
	conditions: candidate.gate.conditions.map(condition => conditionReport(condition)),
});
