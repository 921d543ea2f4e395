/** Where a replay stands. Times are of the recording, milliseconds. */
import type {ReplayFrame} from '../../core/history/replay.ts';
import type {Times} from './times.ts';

export type ReplayPart = {
	from: number;
	until: number;
	/** Times as fast as it was recorded. */
	speed: number;
	isPaused: boolean;
	isEnded: boolean;
	/** Exactly one wait or read is under way, and it carries this generation. */
	generation: number;
	/** What the picture shows; null: nothing yet. */
	frame: Omit<ReplayFrame, 'seen' | 'changes'> | null;
};

export const speeds: readonly number[] = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];

export type ReplayMessage =
	| ({type: 'replayed'; generation: number; frame: ReplayFrame} & Times)
	| {type: 'replay-pause'}
	| {type: 'replay-event'; direction: -1 | 1}
	| {type: 'replay-speed'; direction: -1 | 1}
	| {type: 'replay-seek'; byMs: number};

export type ReplayEffect =
	/** The clocks go on from there. */
	| {type: 'steer-replay'; at: number; speed: number}
	/** `now`: where the clocks are after the wait. */
	| {type: 'read-replay'; generation: number; at: number | 'now'; afterMs: number};
