/** Ends a script: TERM to its group, grace, KILL; then what is left of it. A daemon that it properly started lives on. */
import type {ScriptEnd} from '../../core/operations/script-claim.ts';
import type {Clock} from '../../world.ts';
import {descendantsOf, holdersOf, isAlive, signalGroup, signalProcess} from './process-tree.ts';
import type {ProcessIdentity} from './process-tree.ts';
import type {RunningScript} from './runner.ts';

export type StopOptions = {
	graceMs: number;
	clock: Clock;
	/** Called before the signal is sent, with how many processes it is for besides the script itself. */
	announce(signal: 'SIGTERM' | 'SIGKILL', leftovers: number): Promise<void>;
};

/** Everybody who was seen below the wrapper. Added to while the grace lasts, for who forks in between is to be found as well. */
type Seen = Map<number, ProcessIdentity>;
const note = (seen: Seen, leader: ProcessIdentity): void => {
	for (const identity of descendantsOf(leader)) seen.set(identity.pid, identity);
};

const writers = ({operation, files, leader}: RunningScript) => holdersOf(operation, files.raw, leader.pid);

/** KILL until nobody is left, for a while: a process in the middle of a disk operation dies when that is over. */
const killAll = async (find: () => ProcessIdentity[], clock: Clock): Promise<void> => {
	for (let round = 0; round < 50; round++) {
		const living = find().filter(isAlive);
		if (living.length === 0) return;
		for (const identity of living) signalProcess(identity, 'SIGKILL');
		await clock.after(20);
	}
};

const isOver = async (script: RunningScript, waitMs: number, clock: Clock): Promise<ScriptEnd | null> => {
	const waiting = new AbortController();
	try {
		return await Promise.race([
			script.ended,
			clock.after(waitMs, waiting.signal).then(
				() => null,
				() => null,
			),
		]);
	} finally {
		waiting.abort();
	}
};

/** Which of the processes below the script have to go, once it is over. It cleaned up itself if it ended itself; who still writes to the log was forgotten. */
const leftoversOf = (script: RunningScript, end: ScriptEnd, seen: Seen): ProcessIdentity[] => {
	const endedItself = end.how === 'exited' && end.code <= 128;
	return [...(endedItself ? [] : [...seen.values()].filter(isAlive)), ...writers(script)];
};

/** Resolves when the script and what belongs to it are gone, or a KILL did not help for a second. */
export const stopScript = async (script: RunningScript, {graceMs, clock, announce}: StopOptions): Promise<void> => {
	const seen: Seen = new Map();
	note(seen, script.leader);
	await announce('SIGTERM', seen.size);
	if (isAlive(script.leader)) signalGroup(script.leader.pid, 'SIGTERM');
	else for (const identity of writers(script)) signalProcess(identity, 'SIGTERM');
	const until = clock.now() + graceMs;
	let end: ScriptEnd | null = null;
	while (end === null && clock.now() < until) {
		end = await isOver(script, Math.min(100, until - clock.now()), clock);
		if (end === null) note(seen, script.leader);
	}
	if (end === null) {
		note(seen, script.leader);
		await announce('SIGKILL', [...seen.values()].filter(isAlive).length);
		if (isAlive(script.leader)) signalGroup(script.leader.pid, 'SIGKILL');
		await killAll(() => [script.leader, ...seen.values(), ...writers(script)], clock);
		return;
	}
	const left = leftoversOf(script, end, seen);
	if (left.length === 0) return;
	await announce('SIGKILL', left.length);
	await killAll(() => leftoversOf(script, end, seen), clock);
};
