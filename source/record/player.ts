/** Plays a recording: two clocks that go as fast as somebody wants, and the picture of the moment. */
import type {Replay} from '../core/history/replay.ts';
import type {Clock} from '../world.ts';
import {openRecording, type Recording} from './recording.ts';

export type Player = Replay & {
	/** The pipeline's time of the recording, and the wall's then. Waits are in real time: the eye does not live faster. */
	clock: Clock;
	wall: Clock;
	recording: Recording;
};

/** `real`: the clock of whoever looks. */
export const playerOf = (recording: Recording, real: Clock): Player => {
	let anchor = {at: recording.from, speed: 0, real: real.now()};
	const now = () => Math.min(recording.until, Math.round(anchor.at + (real.now() - anchor.real) * anchor.speed));
	const after: Clock['after'] = (milliseconds, signal) => real.after(milliseconds, signal);
	return {
		head: recording.head,
		from: recording.from,
		until: recording.until,
		damaged: recording.damaged,
		recording,
		steer(at, speed) {
			anchor = {at: Math.min(recording.until, Math.max(recording.from, at)), speed, real: real.now()};
		},
		frame: async at => recording.frame(at),
		clock: {now, after},
		wall: {now: () => recording.wallAt(now()), after},
	};
};

/** Throws a `Failure` (usage) for what cannot be played. */
export const openPlayer = async (path: string, real: Clock): Promise<Player> =>
	playerOf(await openRecording(path), real);
