/** A rollback while a deployment runs: the deployment is stopped first, and nothing begins before all of it is gone. */
import {exitCodes} from '../../errors.ts';
import type {No} from '../request/checks.ts';
import {isSupervised} from '../locks/machine-lock.ts';
import {operationPaths} from '../files/paths.ts';
import {writeStop} from '../request/request.ts';
import type {Supervision} from './supervision.ts';

const pollMs = 100;
/** On top of the grace: for what its supervisor still has to look at and to write. */
const marginMs = 90_000;

/** null: it is over. */
export const stopOther = async (supervision: Supervision, id: string): Promise<No | null> => {
	const {paths, plan, request, around} = supervision;
	const files = operationPaths(paths, id);
	const isOver = async () => {
		const known = (await supervision.folded()).operations.get(id);
		// The locks are given back after the outcome is written: wait for both.
		return (
			known === undefined ||
			(known.operation.outcome !== 'running' && (known.trail.lock === null || known.trail.isUnlocked))
		);
	};
	if (await isOver()) return null;
	writeStop(files, {by: request.operator, thenRollBack: true});
	for (const until = around.clock.now() + plan.graceSeconds * 1000 + marginMs; around.clock.now() < until;) {
		if (await isOver()) return null;
		// Nobody watches it: we do, until it is over.
		if (!isSupervised(files.directory)) await supervision.takeOver(files.directory);
		await around.clock.after(pollMs);
	}
	return {
		because: `${id} did not end when it was stopped`,
		next: `deployctl attach ${id}`,
		exitCode: exitCodes.needsHuman,
	};
};
