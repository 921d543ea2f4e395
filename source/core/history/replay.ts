/** A recording that is played: what was known at a moment of it. `at` is the pipeline's time then, `wall` that of the machine which recorded. */
import type {Change} from '../snapshot/changes.ts';
import type {RecordHead, Seen} from './record.ts';

export type ReplayFrame = {
	at: number;
	wall: number;
	/** null: nothing was known yet, or the lines that tell it are damaged. */
	seen: Seen | null;
	/** What the list of events showed: up to here, at most 300. */
	changes: readonly Change[];
	/** When the picture changes next; null: never more. */
	nextAt: number | null;
	/** The events around, for stepping. */
	eventBefore: number | null;
	eventAfter: number | null;
	/** Lines that are lost around here: the picture waits for the next whole one. */
	isDamaged: boolean;
};

export type Replay = {
	head: RecordHead;
	/** First and last moment. */
	from: number;
	until: number;
	/** Lines that could not be read. */
	damaged: number;
	/** From now on the clocks go from there, so many times as fast as they were recorded; 0: they stand. */
	steer(at: number, speed: number): void;
	frame(at: number): Promise<ReplayFrame>;
};
