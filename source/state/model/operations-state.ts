/** What the screen knows of operations, locks and environments. Wall time everywhere, milliseconds. */
import type {Observation} from '../../core/releases/observation.ts';
import type {OperationsReading} from '../../world.ts';

/** What probes have said of one environment. */
export type Observed = {
	/** Exactly one wait or question per environment is under way, and it carries this generation. */
	generation: number;
	afterMs: number;
	/** null: not asked yet. */
	latest: Observation | null;
	/** The last one that said anything, to tell what was there before we went blind. */
	lastTold: Observation | null;
	/** Newest last, at most twenty: for flapping. */
	healths: ReadonlyArray<boolean | 'unknown'>;
	healthyInARow: number;
	/** When the first of the answers came that say so without a break; null: it is not unhealthy. Recordings of earlier versions have none. */
	unhealthySince?: number | null;
	/** So many times in a row the same version was reported: one answer is no drift yet. */
	sameVersion: {version: string | null; count: number};
};

export type OperationsPart = {
	/** `absent`: this World has no operations. */
	availability: 'unknown' | 'absent' | 'present';
	reading: OperationsReading | null;
	readAtWall: number | null;
	/** Exactly one wait or read is under way, and it carries this generation. */
	generation: number;
	phase: 'reading' | 'watching';
	/** What costs time: locks on GitHub, lists of releases on the hosts. */
	refresh: {generation: number; phase: 'waiting' | 'refreshing'};
	observed: Readonly<Record<string, Observed>>;
	/** Ids of operations that were looked at, or that were over before this program began to look. */
	seen: readonly string[];
	/** Ids of operations that ended while no screen was open here; empty once the operator has looked, or waved it away. */
	meanwhile: readonly string[];
	/** Counts what was asked for by hand, so that late answers are known as late. */
	serial: number;
};

export const initialOperations: OperationsPart = {
	availability: 'unknown',
	reading: null,
	readAtWall: null,
	generation: 0,
	phase: 'reading',
	refresh: {generation: 0, phase: 'waiting'},
	observed: {},
	seen: [],
	meanwhile: [],
	serial: 0,
};

/** The log of the operation in view: a part of it in memory, and where the operator is in it. */
export type LogView = {
	operation: string;
	generation: number;
	/** null: not read yet. */
	size: {lines: number; bytes: number; isWhole: boolean} | null;
	/** Lines in memory; the first has this number, counted from 0. */
	from: number;
	lines: readonly string[];
	/** First line in view. */
	top: number;
	/** Where to go as soon as it is in memory. */
	wantedTop: number | null;
	isFollowing: boolean;
	isWrapped: boolean;
	/** Cells that are scrolled away on the left. */
	left: number;
	search: LogSearch | null;
};

export type LogSearch = {
	text: string;
	generation: number;
	isSearching: boolean;
	/** Line of the hit, from 0; null: none. */
	line: number | null;
	/** Which of the hits it is, from 1; null where there are too many to count them one by one. */
	ordinal: number | null;
	count: number | null;
};
