/**
The record: what was seen and done, as it came. A file is append-only JSON lines, one entry each; `record/` writes and reads it. `at` is
GitHub's time, `wall` this machine's, milliseconds since the epoch: in a demo the two run at different speeds.
*/
import type {Change} from '../snapshot/changes.ts';
import type {Facts, ReadFailure, RateLimit} from '../github/facts.ts';
import type {Patch} from './record-patch.ts';
import type {Settings} from '../settings/settings.ts';

export const recordVersion = 1;

/** What the screen knows of its own asking. */
export type SeenPoll = {
	answeredAtWall: number | null;
	nextAtWall: number;
	phase: 'waiting' | 'asking';
	because: string | null;
	failures: number;
	failure: ReadFailure | null;
	path: 'graphql' | 'rest';
	partial: readonly string[];
	clockSkewMs: number | null;
};

/** Everything that a screen is drawn from, but for where the operator is. */
export type Seen = {
	facts: Facts | null;
	/** GitHub's time of the newest answer. */
	readAt: number | null;
	rate: RateLimit | null;
	poll: SeenPoll;
	/** `OperationsReading` and `Observed` by environment, as the state has them. */
	operations: Readonly<Record<string, unknown>> | null;
	observed: Readonly<Record<string, unknown>>;
	/** Single tests, as the state has them: what was read about runs, and the history. Absent: nothing was read of them. */
	tests?: {known: readonly unknown[]; history: unknown};
};

/** Who recorded, and what is needed to show it again. */
export type RecordHead = {
	program: string;
	repository: string;
	host: string;
	settings: Settings;
	readOnly: boolean;
	/** How many times faster than the wall GitHub lived; null: this was the real thing. */
	demo: {scenario: string; speed: number} | null;
	/** Like a name of the process: tells files of the same program together. */
	session: string;
};

export type Told =
	| {kind: 'change'; change: Change}
	/** Reading GitHub: what failed, since when, or that it works again. */
	| {kind: 'github'; state: 'down' | 'up' | 'partial'; since: number | null; because: string | null}
	/** `health` and `version` as all instances together say; `because` where something is wrong. */
	| {
			kind: 'health';
			environment: string;
			health: boolean | 'unknown';
			version: string | null;
			isMixed: boolean;
			because: string | null;
	  }
	| {kind: 'lock'; environment: string; lock: string | null; by: string | null; reason: string | null}
	/** By hand, on a screen: what was asked for, and later what came of it. `serial` connects the two. */
	| {
			kind: 'asked';
			serial: number;
			what: string;
			environment: string | null;
			sha: string | null;
			by: string | null;
			text: string;
	  }
	| {kind: 'answered'; serial: number; ok: boolean; because: string | null};

type At = {at: number; wall: number};

/** What a screen gives to be recorded. */
export type RecordInput = At & ({kind: 'seen'; seen: Seen} | Told);

/** What lies in the file. `n` counts from 0 within it: a hole means that a line is lost. */
export type RecordEntry = {v: 1; n: number} & At &
	(
		| {kind: 'head'; head: RecordHead}
		/** Everything anew: reading begins here. */
		| {kind: 'key'; seen: Seen}
		| {kind: 'seen'; patch: Patch}
		| Told
		| {kind: 'end'}
	);

/** `because`: why nothing is recorded any more; null: it is again. */
export type RecorderNews = {because: string | null};

export type Recorder = {
	/** Never rejects: what could not be written is news, told once. */
	write(entries: readonly RecordInput[]): Promise<RecorderNews | null>;
	/** What was recorded before this program began, oldest first; for the list of events. */
	past(atMost: number): Promise<readonly Change[]>;
	/** Writes what waits. */
	close(): Promise<void>;
};
