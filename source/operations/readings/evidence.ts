/** Proves a commit again, from GitHub and never from memory, just before something is done to production with it. */
import {evidenceFor} from '../../core/gate/production-evidence.ts';
import {readKinds} from '../../core/polling/read-kinds.ts';
import {exitCodes} from '../../errors.ts';
import {deploymentsLeftOut, type Pipeline, readPipeline} from '../../github/read-pipeline.ts';
import type {Clock, GitHub, Refusal} from '../../world.ts';

/** null: it is proven now. 3 when it is not, 4 or 5 when GitHub could not be asked: that proves nothing either. */
export type ProveAgain = (sha: string) => Promise<Refusal | null>;

export const createEvidence =
	(world: {github: GitHub; clock: Clock; wall: Clock}, pipeline: Pipeline): ProveAgain =>
	async sha => {
		// Of the moment only the time is asked here.
		const moment = {now: world.wall.now(), lock: null, pins: null, production: null};
		const answer = await readPipeline(world, pipeline, sha, moment);
		if (!answer.ok) {
			return {
				ok: false,
				because: `the evidence could not be read again: ${answer.failure.because}`,
				next: answer.failure.next ?? 'Try again when GitHub answers. A rollback does not need it.',
				exitCode: readKinds[answer.failure.kind].exitCode,
			};
		}
		if (!answer.hasDeployments) {
			const {because, next, exitCode} = deploymentsLeftOut(answer.unread);
			return {
				ok: false,
				because: `the evidence could not be read again: ${because}`,
				next: next ?? 'Try again in a moment.',
				exitCode,
			};
		}
		const evidence = evidenceFor(
			sha,
			answer.snapshot.candidates.find(candidate => candidate.sha === sha)?.gate ?? null,
		);
		return evidence.proven
			? null
			: {ok: false, because: evidence.because, next: evidence.next, exitCode: exitCodes.refused};
	};
