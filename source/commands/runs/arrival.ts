/**
Waits for the log of a job. Who prints and ends does not wait for ever: neither for a log store that cannot be reached, nor for one that hangs or
drips, and what one log has cost is not paid for each. Only `--follow` goes on, and says what it waits for.
*/
import {
	absent,
	askedForAgain,
	isAllThere,
	isMoving,
	type JobLog,
	type LogAbsent,
	type LogStanding,
} from '../../core/runs/job-log.ts';
import {tryAgain} from '../../core/polling/read-kinds.ts';
import type {Clock} from '../../world.ts';
import type {Output} from '../desk/context.ts';

/** Of one command, over all of its logs. */
export type Waiting = {
	wall: Clock;
	signal: AbortSignal;
	output: Output;
	follows: boolean;
	/** A log was given up: the next ones are asked for once. */
	isUsedUp: boolean;
};

const looksEveryMs = 100;
/** Trying again goes on for so long: long enough for a connection that breaks off once. */
const triesForMs = 8000;
/** GitHub files the log of a job that has just ended within seconds. */
const filesWithinMs = 30_000;
/** Less than this much within this time is not worth waiting for. */
const leastBytes = 16_384;
const quietMs = 45_000;
const quietAgainMs = 10_000;
const toldAfterMs = 15_000;

const nothingFolded = {all: false, except: []};
const anything = {from: 0, error: 0, by: 0, before: 0, after: 0, folds: nothingFolded, isRevealed: false} as const;

const amountOf = (standing: LogStanding): number => ('indexed' in standing ? standing.bytes + standing.indexed : 0);

/** As it is told by somebody who ends now. */
const final = (found: LogAbsent, now: number): LogAbsent => {
	const own = found.next === askedForAgain || found.next === null || found.next.startsWith('r ') ? [] : [found.next];
	return found.why === 'soon' || found.why === 'unreachable'
		? {
				...found,
				next: [...own, tryAgain(found.retryAt === null ? null : Math.max(found.retryAt, now), now)].join(' '),
				retryAt: null,
			}
		: found;
};

const tooQuiet = (amount: number, limitMs: number): LogAbsent =>
	absent(
		'unreachable',
		amount === 0
			? `GitHub's log store did not give the log within ${limitMs / 1000} s.`
			: `GitHub's log store gave less than ${leastBytes / 1024} kB of the log in ${limitMs / 1000} s.`,
	);

/** null: it is worth waiting on. */
const givenUp = (
	standing: LogStanding,
	sinceMs: number,
	quietForMs: number,
	{wall, isUsedUp}: Waiting,
): LogAbsent | null => {
	const now = wall.now();
	if (standing.kind === 'absent') {
		const limitMs = standing.why === 'soon' ? filesWithinMs : isUsedUp ? 0 : triesForMs;
		return (standing.retryAt ?? now) - now + sinceMs > limitMs ? standing : null;
	}
	const limitMs = isUsedUp ? quietAgainMs : quietMs;
	return quietForMs > limitMs ? tooQuiet(amountOf(standing), limitMs) : null;
};

const reasonToWait = (standing: LogStanding, quietForMs: number): string | null => {
	if (standing.kind === 'absent') return standing.because;
	return quietForMs > toldAfterMs ? `GitHub's log store has been silent for ${toldAfterMs / 1000} s.` : null;
};

/** null: the log is all here. Rejects when aborted. */
export const arrived = async (log: JobLog, name: string, waiting: Waiting): Promise<LogAbsent | null> => {
	const {wall, signal, output, follows} = waiting;
	const beganAt = wall.now();
	let [seen, seenAt, isTold] = [0, beganAt, false];
	for (;;) {
		const {standing} = await log.read(anything);
		if (isAllThere(standing)) return null;
		if (standing.kind === 'absent' && !isMoving(standing)) return final(standing, wall.now());
		if (amountOf(standing) - seen >= leastBytes) [seen, seenAt] = [amountOf(standing), wall.now()];
		const quietForMs = wall.now() - seenAt;
		const because = follows && !isTold ? reasonToWait(standing, quietForMs) : null;
		if (because !== null) output.error(`${name}: ${because} Waiting for it.\n`);
		isTold ||= because !== null;
		const found = follows ? null : givenUp(standing, wall.now() - beganAt, quietForMs, waiting);
		if (found !== null) {
			waiting.isUsedUp ||= found.why === 'unreachable';
			return final(found, wall.now());
		}
		// What is being taken in goes on at once, what comes over the network in a moment.
		if (standing.kind !== 'there') await wall.after(looksEveryMs, signal);
	}
};
