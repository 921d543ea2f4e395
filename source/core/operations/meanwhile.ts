/** What ended while nobody here was looking. */
import type {Operation} from './operation.ts';

/**
Operations that ended since the screen was last open here, newest first as in `operations`; what was interrupted too, although only
whoever reads the journal next says that it is. `leftAt`: wall time, milliseconds; null: it was never open, so nothing was missed.
*/
export const endedMeanwhile = (operations: readonly Operation[], leftAt: number | null): readonly Operation[] =>
	leftAt === null
		? []
		: operations.filter(
				({outcome, finishedAt}) => outcome !== 'running' && finishedAt !== null && finishedAt > leftAt,
			);
