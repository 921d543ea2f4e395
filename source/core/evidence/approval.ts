/** Runs that GitHub holds back as a whole until somebody with write access approves them: code of a fork, or of a bot. Pure. */
import type {RunFact, Origin} from '../github/facts.ts';
import type {Seen} from '../runs/runs.ts';

/** Listed as completed, with no job; older servers have a status of its own for it. What waits for an environment is `waiting`. */
export const awaitsApproval = ({status, conclusion}: {status: string; conclusion: string | null}): boolean =>
	status.toUpperCase() === 'ACTION_REQUIRED' ||
	(status.toUpperCase() === 'COMPLETED' && conclusion?.toUpperCase() === 'ACTION_REQUIRED');

export const awaitsWords = 'waits until somebody approves the run: V, or deployctl approve';

/** `ours`: `owner/name`. Names are as GitHub tells them: for a screen they are sanitised. */
export const whoseText = (actor: string | null, origin: Origin | null, ours: string): string => {
	const commit = origin?.author == null ? 'whose commit it is, is not known' : `the commit of ${origin.author}`;
	const by = actor === null ? '' : `, started by ${actor}`;
	const {repository = null} = origin ?? {};
	if (repository === null) return `${commit}${by}, from a repository that is not known`;
	return `${commit}${by}, from ${repository.toLowerCase() === ours.toLowerCase() ? 'this repository' : `the fork ${repository}`}`;
};

/** Why the run that was seen needs no approval any more; null: it does, as far as is known. */
export const approvalGone = (
	{attempt}: Seen,
	run: Pick<RunFact, 'attempt' | 'status' | 'conclusion'>,
): string | null => {
	if (attempt !== null && run.attempt !== null && run.attempt !== attempt)
		return `attempt ${run.attempt} has started`;
	return awaitsApproval(run) ? null : 'it waits for no approval any more';
};
