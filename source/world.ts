/** Everything that we ask of the outside. Three worlds exist: real, demo and test; nothing else may touch the outside. */
import type {Answer, Facts, Question} from './core/facts.ts';
import type {Preferences} from './core/preferences.ts';

export type Clock = {
	/** Milliseconds since the epoch. In the demo this runs faster than the wall clock. */
	now(): number;
	/** Resolves after so many milliseconds of *this* clock, or rejects when the signal aborts. */
	after(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

export type GitHub = {
	/** Never throws for what GitHub or the network did: that is a failure value. Rejects only when aborted. */
	ask(question: Question, signal?: AbortSignal): Promise<Answer>;
};

/** The last known facts of one repository, on disk. Loading never fails: a corrupt or foreign file is no cache. */
export type Cache = {
	load(): Promise<{savedAt: number; facts: Facts} | null>;
	/** A failing save (full disk) is reported, not thrown: the screen must go on. */
	save(facts: Facts, savedAt: number): Promise<{ok: true} | {ok: false; because: string}>;
};

export type Desktop = {
	/** Opens a web page; false when this machine has no way to. */
	open(url: string): Promise<boolean>;
	/** Copies text (OSC 52 and the platform's tool); false when neither is there. */
	copy(text: string): Promise<boolean>;
};

export type Terminal = {
	/** Ends the program; the screen is given back first. */
	quit(exitCode: number): void;
	/** Gives the terminal back to the shell until `fg`. */
	suspend(): void;
	/** Draws everything anew, over whatever else has written to the terminal. */
	repaint(): void;
};

export type World = {
	/** The pipeline's time. */
	clock: Clock;
	/** The watcher's time, for pauses between polls and for drawing. The same as `clock`, but for the demo, where the pipeline lives faster. */
	wall: Clock;
	/** Uniform in [0, 1): for jitter. */
	random(): number;
	github: GitHub;
	cache: Cache;
	desktop: Desktop;
	terminal: Terminal;
	savePreferences(change: Partial<Preferences>): Promise<void>;
};
