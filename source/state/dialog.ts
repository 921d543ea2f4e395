/** Dialogs: everything between a key and an action. Bound to ids, never to rows; a dialog that nobody touches becomes void. */
import type {LockRecord} from '../core/lock.ts';
import type {Plan, Wish} from '../core/plan.ts';

/** Without a key for so long a dialog is void. */
export const expiresAfterMs = 60_000;
/** Nothing is confirmed so soon after something new is on the screen. */
export const tooSoonMs = 500;
/** No hand presses two keys so close to each other. */
export const handsMs = 10;
/** The same key again within this is the keyboard's repeat. */
export const repeatMs = 30;

export type Refused = {because: string; next: string; exitCode: number};

/** What an environment is chosen for. */
export type Purpose = 'deploy' | 'roll-back' | 'lock' | 'unpin';

export type PlanDialog = {
	name: 'plan';
	wish: Wish;
	plan: Plan | null;
	/** `checking`: something has changed since, the plan is being made again. */
	phase: 'planning' | 'checking' | 'ready' | 'starting' | 'refused';
	/** What the plan was made from: lock, head, version, running operation. When this changes it is made again. */
	basis: string;
	/** Newest commit on the staging branch, so that a newer one is noticed. */
	head: string | null;
	typed: string;
	/** When the phrase became complete; null: it is not. */
	completedAt: number | null;
	/** Lines of the plan that are scrolled away, where it is longer than the terminal. */
	scroll: number;
	/** What has changed while the operator looked, in words. */
	differences: readonly string[];
	refusal: Refused | null;
};

export type PickDialog = {name: 'pick'; environment: string; stopping: string | null; plan: Plan | null; basis: string; /** Release id. */ chosen: string | null};
export type ChooseDialog = {name: 'choose'; purpose: Purpose; sha: string | null; chosen: string; choices: readonly string[]};

/** A reason is typed, then confirmed. */
export type ReasonDialog = {name: 'reason'; what: 'lock' | 'unpin'; environment: string; reason: string; phase: 'ready' | 'starting'; refusal: Refused | null};
/** Another's lock: its short id is typed key by key, then a reason. */
export type BreakDialog = {name: 'break'; environment: string; lock: LockRecord; field: 'id' | 'reason'; typed: string; completedAt: number | null; reason: string; phase: 'ready' | 'starting'; refusal: Refused | null};
/** One key is enough. */
export type AskDialog =
	| {name: 'ask'; what: 'unlock'; environment: string; lock: LockRecord; phase: 'ready' | 'starting'; refusal: Refused | null}
	| {name: 'ask'; what: 'stop'; environment: string; operation: string; phase: 'ready' | 'starting'; refusal: Refused | null};

export type DialogContent = PlanDialog | PickDialog | ChooseDialog | ReasonDialog | BreakDialog | AskDialog;

export type Dialog = DialogContent & {
	/** When what it shows was last new. */
	shownAt: number;
	/** When a key was last pressed in it. */
	touchedAt: number;
	/** Serial of the chunk of keys that opened it: the rest of that chunk is not for it. */
	openedBy: number;
	/** Of the question or action under way; other answers are late. */
	generation: number;
	isVoid: boolean;
	/** A word about the last key. */
	note: string | null;
};

/** The part of a lock's id that is typed to break it. */
export const shortLockId = ({id}: LockRecord): string => id.slice(0, 8);
