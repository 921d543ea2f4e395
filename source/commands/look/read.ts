/** Reads the pipeline for commands: what GitHub did not say becomes an error for the shell. */
import type {ReadFailure, Unread} from '../../core/github/facts.ts';
import type {Moment} from '../../core/gate/moment.ts';
import {passes, readKinds, tryAgain} from '../../core/polling/read-kinds.ts';
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import {Failure} from '../../errors.ts';
import {type Pipeline, readPipeline as readWhole} from '../../github/read-pipeline.ts';
import type {World} from '../../world.ts';

export type {Pipeline} from '../../github/read-pipeline.ts';

/** A command ends: it never says that it asks again, but when somebody may. */
const nextOf = ({kind, next, retryAt, readAt}: ReadFailure): string | undefined =>
	passes(kind) ? [next, tryAgain(retryAt, readAt)].filter(text => text !== undefined).join(' ') : next;

/** The failure of a reading as an error for the shell: exit 4 when not permitted or refused, 5 when GitHub did not answer. */
export const readFailure = (failure: ReadFailure, repository: string): Failure =>
	new Failure(`The pipeline of ${repository} could not be read`, {
		because: failure.because,
		next: nextOf(failure),
		exitCode: readKinds[failure.kind].exitCode,
	});

type Reader = Pick<World, 'github' | 'clock' | 'wall'>;

/** With what GitHub left out. Throws a `Failure` when GitHub cannot be read. */
export const readParts = async (
	world: Reader,
	pipeline: Pipeline,
	sha: string | null = null,
	moment: Moment | null = null,
): Promise<{snapshot: Snapshot; unread: readonly Unread[]}> => {
	const answer = await readWhole(world, pipeline, sha, moment);
	if (!answer.ok) throw readFailure(answer.failure, pipeline.repository);
	return answer;
};

/** Throws a `Failure` when GitHub cannot be read. */
export const readPipeline = async (world: Reader, pipeline: Pipeline, sha: string | null = null): Promise<Snapshot> =>
	(await readParts(world, pipeline, sha)).snapshot;
