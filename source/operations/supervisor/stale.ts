/** A lock whose operation is dead: it is settled, which frees its lock, before anybody else takes the environment. */
import {releaseMachineLock} from '../locks/machine-lock.ts';
import type {MachineLock} from '../locks/machine-lock.ts';
import type {Supervision} from './supervision.ts';

/** Whether the lock may be asked for again. */
export const settleStale = async (supervision: Supervision, {record, directory}: MachineLock): Promise<boolean> => {
	const known = record.operation === null ? undefined : (await supervision.folded()).operations.get(record.operation);
	if (directory !== null && known?.operation.outcome === 'running') return supervision.takeOver(directory);
	// Nothing was written of it, so nothing was done; or everything was, but for giving the lock back.
	return releaseMachineLock(supervision.paths, record.environment, record.id);
};
