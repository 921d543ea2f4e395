/** Reads the pipeline once and wholly, for commands that print and end. */
import {isBehind, nextQuestion} from '../core/attention.ts';
import {correlate} from '../core/correlate.ts';
import type {Facts, ReadFailure} from '../core/facts.ts';
import {mergeReading} from '../core/merge.ts';
import type {Snapshot} from '../core/pipeline.ts';
import type {Settings} from '../core/settings.ts';
import {correctionMs} from '../core/skew.ts';
import {type ExitCode, exitCodes, Failure} from '../errors.ts';
import type {World} from '../world.ts';

export type Pipeline = {repository: string; settings: Settings};

/** Jobs come with narrow questions of forty suites each; more rounds than this would mean that GitHub never stops changing. */
const roundsAtMost = 6;
const triesAtMost = 3;
const passing = new Set<ReadFailure['kind']>(['unreachable', 'timeout', 'server-error', 'malformed']);

const exitCodeOf = (failure: ReadFailure): ExitCode => {
	switch (failure.kind) {
		case 'unauthorised': case 'forbidden': case 'not-found': return exitCodes.notPermitted;
		default: return exitCodes.unreachable;
	}
};

/** The failure of a reading as an error for the shell: exit 4 when not permitted, 5 when GitHub did not answer. */
export const readFailure = (failure: ReadFailure, repository: string): Failure =>
	new Failure(`The pipeline of ${repository} could not be read`, {because: failure.because, ...(failure.next && {next: failure.next}), exitCode: exitCodeOf(failure)});

/** A full SHA that is not among the newest commits: GitHub finds it all the same. */
const isOlder = (facts: Facts, sha: string) => /^[0-9a-f]{40}$/i.test(sha) && !facts.commits.some(commit => commit.sha === sha.toLowerCase());

const withOlder = async (github: World['github'], facts: Facts, sha: string): Promise<Facts> => {
	const answer = await github.ask({kind: 'active', suites: [], hotJobs: [], commits: [sha.toLowerCase()]});
	if (!answer.ok) throw readFailure(answer.failure, facts.repository);
	const merged = mergeReading(facts, answer.reading, facts.repository);
	return {...merged, commits: [...merged.commits, ...(answer.reading.facts.commits ?? []).filter(commit => isOlder(facts, commit.sha))]};
};

/** Throws a `Failure` when GitHub cannot be read; faults that pass are tried again twice, after one and two seconds. */
export const readPipeline = async ({github, clock, wall}: Pick<World, 'github' | 'clock' | 'wall'>, {repository, settings}: Pipeline, sha: string | null = null): Promise<Snapshot> => {
	let facts: Facts | null = null;
	let snapshot: Snapshot | null = null;
	let tries = 0;
	for (let round = 0; round < roundsAtMost;) {
		const question = nextQuestion(facts, snapshot, {sha, jobId: null}, 0, facts ? 0 : null);
		const answer = await github.ask(question);
		if (!answer.ok) {
			tries++;
			if (tries >= triesAtMost || !passing.has(answer.failure.kind)) throw readFailure(answer.failure, repository);
			await wall.after(1000 * tries);
			continue;
		}
		facts = mergeReading(facts, answer.reading, repository);
		snapshot = correlate(facts, settings, clock.now() + correctionMs(answer.reading.clockSkewMs), answer.reading.rateLimit ?? snapshot?.rateLimit ?? null);
		round++;
		if (round === 1 && sha !== null && isOlder(facts, sha)) facts = await withOlder(github, facts, sha);
		else if (!isBehind(facts, snapshot)) return snapshot;
	}
	return snapshot!;
};
