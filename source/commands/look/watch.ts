/** `deployctl watch`: one dated line a change, through every network fault, until told to stop or a tier has ended. */
import {doubtOf} from '../../core/pipeline/doubt.ts';
import type {Change} from '../../core/snapshot/changes.ts';
import {dateTime} from '../../core/text/duration.ts';
import {short} from '../../core/gate/gate.ts';
import {type Candidate, type TierName, tierNames, tierTitles} from '../../core/pipeline/pipeline.ts';
import {isUnread, letsNextBegin} from '../../core/evidence/tier.ts';
import {isFinal} from '../../core/pipeline/words.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {activityOf} from '../../core/polling/pace.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {createEffects} from '../../state/effects.ts';
import {activeCandidate} from '../../state/questions/select.ts';
import {type Beginning, initialState, type State} from '../../state/model/state.ts';
import {newsSince} from '../../state/questions/events.ts';
import {createStore} from '../../state/store.ts';
import type {World} from '../../world.ts';
import {readFailure} from './read.ts';
import type {Output} from '../desk/context.ts';

export type WatchOptions = {
	/** End when this tier of the commit has ended. */
	until: TierName | null;
	/** Commit to watch; null: the active release at the start. A unique beginning is enough. */
	sha: string | null;
	/** Give up after so many seconds; null: never. */
	timeoutSeconds: number | null;
	/** End when every tier of the commit has ended, or nothing moves any more (the demo plays one release). */
	untilReleased?: boolean;
	/** Watch the next commit that comes, instead of the one that is active at the start. */
	fromNextCommit?: boolean;
};

export const changeLine = ({at, sha, subject, status, text}: Change): string =>
	`${dateTime(at)}  ${sha === null ? '-------' : short(sha)}  ${subject.padEnd(10)}  ${status.padEnd(9)}  ${text}`;

const note = (at: number, subject: string, text: string): string =>
	`${dateTime(at)}  -------  ${subject.padEnd(10)}  ${''.padEnd(9)}  ${text}`;

const stateLine = (candidate: Candidate, now: number): readonly string[] =>
	tierNames.flatMap(name => {
		const tier = candidate.tiers[name];
		return tier && tier.status !== 'none'
			? [
					changeLine({
						at: tier.finishedAt ?? tier.startedAt ?? now,
						sha: candidate.sha,
						kind: 'tier',
						subject: name,
						status: tier.status,
						text: `${tierTitles[name]}: ${tier.status}`,
					}),
				]
			: [];
	});

/** Throws a `Failure` for the beginning of several SHAs: watching any of them could be watching the wrong one. */
const target = (state: State, sha: string | null): Candidate | undefined => {
	const candidates = state.snapshot?.candidates ?? [];
	if (sha === null) return activeCandidate(candidates, state.now);
	const found = candidates.filter(candidate => candidate.sha.startsWith(sha.toLowerCase()));
	if (found.length > 1)
		throw usageFailure(
			`${sha} is the beginning of ${found.length} commits`,
			`give more of it: ${found.map(candidate => candidate.sha.slice(0, 12)).join(', ')}`,
		);
	return found[0];
};

/** A tier that cannot come any more because the one before it ended badly. */
const neverComes = ({tiers}: Candidate, until: TierName): boolean => {
	const chain: readonly TierName[] =
		until === 'fast' ? ['fast'] : until === 'deploy' ? ['fast', 'deploy'] : ['fast', 'deploy', until];
	return chain.some(name => {
		const tier = tiers[name];
		return (
			tier !== undefined &&
			['failed', 'cancelled', 'skipped'].includes(tier.status) &&
			(name === until || !letsNextBegin(tier))
		);
	});
};

const hasUnread = ({tiers}: Candidate) => tierNames.some(name => isUnread(tiers[name]));

/** What its jobs did is read a moment after what GitHub says of its runs; where that cannot be read, it is told without. */
const canBegin = (state: State, candidate: Candidate | undefined): boolean =>
	candidate === undefined || state.now - state.beganAt > jobsWithinMs || !hasUnread(candidate);

/** Nothing runs, nothing is being read, and nothing has changed for minutes: what waits, waits for somebody. */
const isAtRest = (state: State) =>
	activityOf(state.snapshot) !== 'running' &&
	state.now - Math.max(state.changedAt, state.beganAt) > restMs &&
	state.snapshot?.candidates.some(hasUnread) !== true;
/** A commit may be watched for before GitHub shows it, right after the push. Milliseconds. */
const patienceMs = 2 * 60_000;
const restMs = 4 * 60_000;
const jobsWithinMs = 20_000;

const ended = (state: State, candidate: Candidate, {until, untilReleased}: WatchOptions): number | null => {
	if (until !== null) {
		// Matched by time only is a guess, and some runs anybody can make: nobody may ship on those.
		const tier = candidate.tiers[until];
		if (tier?.status === 'passed')
			return doubtOf(tier) === null
				? exitCodes.done
				: tier.doubt?.isCertain === false && !isAtRest(state)
					? null
					: exitCodes.needsHuman;
		return neverComes(candidate, until) ? exitCodes.failed : null;
	}
	if (!untilReleased) return null;
	if (isAtRest(state)) return exitCodes.done;
	return tierNames.every(name => {
		const tier = candidate.tiers[name];
		return !tier || isFinal(tier.status) || neverComes(candidate, name);
	})
		? exitCodes.done
		: null;
};

/**
Resolves with the exit code: 0 when the tier passed, 1 when it ended otherwise or time ran out, 7 when a run passed of which only the time says that it is
about the commit, 130 when interrupted. Rejects with a `Failure` only for what no waiting mends: a bad token, no access
(exit 4), a commit that does not exist (exit 2).
*/
export const runWatch = (
	world: World,
	beginning: Beginning,
	options: WatchOptions,
	output: Output,
	signal: AbortSignal,
): Promise<number> =>
	new Promise((resolve, reject) => {
		const effects = createEffects(world);
		let printed: readonly Change[] = [];
		let hasBegun = false;
		let wasFailing = false;
		let watched = options.sha;
		const finish = (settle: () => void) => {
			unsubscribe();
			// What is being recorded is written before the program ends.
			void effects.stop().finally(settle);
		};
		const begin = (state: State, candidate: Candidate | undefined) => {
			hasBegun = true;
			if (!options.fromNextCommit) watched ??= candidate?.sha ?? null;
			output.write(
				`${note(state.now, 'watch', `${state.repository}${watched === null ? '' : `, ${short(candidate?.sha ?? watched)} ${candidate?.message ?? '(not seen yet)'}`}`)}\n`,
			);
			if (candidate && watched !== null)
				output.write(
					stateLine(candidate, state.now)
						.map(text => `${text}\n`)
						.join(''),
				);
		};
		const connection = (state: State) => {
			const isFailing = state.poll.failures > 0;
			if (isFailing && !wasFailing)
				output.error(
					`${note(state.now, 'github', `${sentence(state.poll.failure!.because)} Trying again.`)}\n`,
				);
			if (!isFailing && wasFailing) output.error(`${note(state.now, 'github', 'GitHub answers again.')}\n`);
			wasFailing = isFailing;
		};
		const found = (state: State) => {
			try {
				return target(state, watched);
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				finish(() => reject(error));
				return undefined;
			}
		};
		const look = () => {
			const state = store.get();
			connection(state);
			const {failure, failures} = state.poll;
			if (
				failures > 0 &&
				(failure?.kind === 'unauthorised' ||
					((failure?.kind === 'not-found' || failure?.kind === 'forbidden') && state.origin !== 'github'))
			) {
				finish(() => reject(readFailure(failure, state.repository)));
				return;
			}
			if (state.origin !== 'github') return;
			const candidate = found(state);
			if (!candidate && options.sha !== null && state.now - state.beganAt > patienceMs) {
				finish(() =>
					reject(
						usageFailure(
							`No commit ${options.sha} among the newest of ${state.settings.branches.staging}`,
							'deployctl status --sha with the full SHA tells of older ones.',
						),
					),
				);
				return;
			}
			if (!hasBegun && !canBegin(state, candidate)) return;
			if (!hasBegun) begin(state, candidate);
			for (const event of newsSince(printed, state.events)) output.write(`${changeLine(event)}\n`);
			printed = state.events;
			watched ??= state.events.find(({kind}) => kind === 'commit')?.sha ?? null;
			const isWatched = candidate !== undefined && (watched !== null || isAtRest(state));
			const code = isWatched ? ended(state, candidate, options) : null;
			if (code !== null) finish(() => resolve(code));
		};
		const store = createStore(
			initialState(beginning),
			effects.perform(error => finish(() => reject(error))),
			() => ({now: world.clock.now(), wallNow: world.wall.now()}),
		);
		const unsubscribe = store.subscribe(look);
		signal.addEventListener('abort', () => finish(() => resolve(exitCodes.interrupted)), {once: true});
		if (options.timeoutSeconds !== null) {
			world.wall.after(options.timeoutSeconds * 1000, signal).then(
				() => {
					output.error(`${note(world.clock.now(), 'watch', `gave up after ${options.timeoutSeconds} s`)}\n`);
					finish(() => resolve(exitCodes.failed));
				},
				() => {},
			);
		}
		store.dispatch({type: 'started', cached: null});
	});
