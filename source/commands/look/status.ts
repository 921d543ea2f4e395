/** `deployctl status`: the pipeline once, as a summary for people or as JSON for programs. */
import {short} from '../../core/gate/gate.ts';
import type {Candidate, Snapshot} from '../../core/pipeline/pipeline.ts';
import {statusReport} from '../../core/snapshot/report.ts';
import {standing} from '../../core/operations/situation.ts';
import {exitCodes, Failure} from '../../errors.ts';
import type {World} from '../../world.ts';
import type {Output} from '../desk/context.ts';
import {readNow} from './moment.ts';
import {readFailures} from './read-failures.ts';
import {type Pipeline, readParts} from './read.ts';
import {plainLook, statusText, type TextLook} from './status-text.ts';

export const matching = (snapshot: Snapshot, sha: string): Candidate => {
	const found = snapshot.candidates.filter(candidate => candidate.sha.startsWith(sha.toLowerCase()));
	if (found.length === 1) return found[0]!;
	throw new Failure(
		found.length === 0 ? `No commit ${sha} on ${snapshot.branches.staging.name}` : `${sha} is ambiguous`,
		{
			because:
				found.length === 0
					? "it is not in the branch's history, as far as GitHub tells"
					: `it begins ${found.map(candidate => short(candidate.sha)).join(' and ')}`,
			next: 'deployctl status lists the newest commits; give the full SHA of an older one.',
			exitCode: exitCodes.usage,
		},
	);
};

export type StatusFlags = {json: boolean; sha: string | null; exitStatus?: boolean};

/** By --exit-status; without it reading is all that counts. */
const exitCodeFor = {well: exitCodes.done, bad: exitCodes.failed, unclear: exitCodes.needsHuman} as const;

/** 0 when read, with --exit-status also 1 and 7. Throws a `Failure`: 2 for an unknown commit, 4 not permitted, 5 not reached. */
export const runStatus = async (
	world: World,
	pipeline: Pipeline,
	{json, sha, exitStatus = false}: StatusFlags,
	output: Output,
	look: TextLook = plainLook,
): Promise<number> => {
	const now = await readNow(
		world,
		pipeline.settings.environments.map(({name}) => name),
	);
	const {snapshot, unread} = await readParts(world, pipeline, sha, now?.moment ?? null);
	const only = sha === null ? snapshot.candidates : [matching(snapshot, sha)];
	const situation = now?.situation ?? null;
	const partial = unread.map(({what, because, next}) => `${what}: ${because}${next === null ? '' : ` ${next}`}`);
	const text = json
		? JSON.stringify(
				statusReport(snapshot, only, await readFailures(world, only), partial, situation),
				undefined,
				2,
			)
		: statusText(snapshot, only, situation, partial, look);
	output.write(`${text}\n`);
	return exitStatus ? exitCodeFor[standing(situation, only[0])] : exitCodes.done;
};
