/** Reads the pipeline for commands: what GitHub did not say becomes an error for the shell. */
import type {ReadFailure} from '../core/facts.ts';
import type {Moment} from '../core/gate-moment.ts';
import type {Snapshot} from '../core/pipeline.ts';
import {type ExitCode, exitCodes, Failure} from '../errors.ts';
import {type Pipeline, readPipeline as readWhole} from '../github/read-pipeline.ts';
import type {World} from '../world.ts';

export type {Pipeline} from '../github/read-pipeline.ts';

const exitCodeOf = (failure: ReadFailure): ExitCode => {
	switch (failure.kind) {
		case 'unauthorised': case 'forbidden': case 'not-found': return exitCodes.notPermitted;
		default: return exitCodes.unreachable;
	}
};

/** The failure of a reading as an error for the shell: exit 4 when not permitted, 5 when GitHub did not answer. */
export const readFailure = (failure: ReadFailure, repository: string): Failure =>
	new Failure(`The pipeline of ${repository} could not be read`, {because: failure.because, ...(failure.next && {next: failure.next}), exitCode: exitCodeOf(failure)});

/** Throws a `Failure` when GitHub cannot be read. */
export const readPipeline = async (world: Pick<World, 'github' | 'clock' | 'wall'>, pipeline: Pipeline, sha: string | null = null, moment: Moment | null = null): Promise<Snapshot> => {
	const answer = await readWhole(world, pipeline, sha, moment);
	if (!answer.ok) throw readFailure(answer.failure, pipeline.repository);
	return answer.snapshot;
};
