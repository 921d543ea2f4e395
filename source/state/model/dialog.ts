/** Dialogs: everything between a key and an action. Bound to ids, never to rows; a dialog that nobody touches becomes void. */
import type {LockRecord} from '../../core/locks/lock.ts';
import type {ConditionId} from '../../core/pipeline/pipeline.ts';
import type {Plan, Wish} from '../../core/plan/plan.ts';
import type {Hotfix} from '../../world.ts';
import type {RunDialog} from './run-dialog.ts';
import type {Typing} from './typing.ts';

/** Without a key for so long a dialog is void. */
export const expiresAfterMs = 60_000;
/** Nothing is confirmed so soon after something new is on the screen. */
export const tooSoonMs = 500;

export type Refused = {because: string; next: string; exitCode: number};

export type PromoteWish = Extract<Wish, {kind: 'promote'}>;

/** What an environment is chosen for. */
export type Purpose = 'deploy' | 'roll-back' | 'lock' | 'unpin';

type Acting = {phase: 'ready' | 'starting'; refusal: Refused | null};

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
	typing: Typing;
	/** Lines of the plan that are scrolled away, where it is longer than the terminal. */
	scroll: number;
	/** What has changed while the operator looked, in words. */
	differences: readonly string[];
	refusal: Refused | null;
};

export type PickDialog = {
	name: 'pick';
	environment: string;
	stopping: string | null;
	plan: Plan | null;
	basis: string;
	/** Release id. */ chosen: string | null;
};
export type ChooseDialog = {
	name: 'choose';
	purpose: Purpose;
	sha: string | null;
	chosen: string;
	choices: readonly string[];
};

/** Who has given a sign-off, and when by GitHub's clock. */
export type Given = {by: string | null; at: number | null};
/** Which sign-off; `given` as it was when the dialog opened: what one takes back is what one has seen. */
export type SignOffDialog = {
	name: 'sign-off';
	sha: string;
	chosen: string;
	choices: ReadonlyArray<{name: string; by: readonly string[]; given: Given | null}>;
};
/** `branches` null: being read. */
export type HotfixDialog = {
	name: 'hotfix';
	branches: readonly Hotfix[] | null;
	chosen: string | null;
	refusal: Refused | null;
};

/** A reason is typed, then confirmed. That of `break-glass` begins nothing: it makes another plan. That of `sign-off` may be left out. */
export type ReasonDialog = {name: 'reason'; environment: string; reason: string} & Acting &
	(
		| {what: 'lock' | 'unpin'}
		| {what: 'break-glass'; wish: PromoteWish; /** What would be passed. */ passed: readonly ConditionId[]}
		| {what: 'sign-off'; sha: string; signOff: string}
	);
/** Another's lock: its short id is typed key by key, then a reason. */
export type BreakDialog = {
	name: 'break';
	environment: string;
	lock: LockRecord;
	field: 'id' | 'reason';
	typed: string;
	typing: Typing;
	reason: string;
} & Acting;
/** One key is enough. */
export type AskDialog = {name: 'ask'; environment: string} & Acting &
	(
		| {what: 'unlock'; lock: LockRecord}
		| {what: 'stop'; operation: string}
		| {what: 'take-back'; sha: string; signOff: string; given: Given}
	);
/** A run that GitHub holds back for an environment. Protected ones want a typed phrase instead of a key. */
export type ReviewDialog = {
	name: 'review';
	environment: string;
	runId: number;
	waitingSince: number | null;
	isTyped: boolean;
	typed: string;
	typing: Typing;
	/** What has been answered. */ decision: 'approve' | 'reject' | null;
} & Acting;

/** Stands for the dialog of a key while what that needs is still being read. `sha`: the commit that was selected then. */
export type AwaitedDialog = {name: 'awaited'; key: string; title: string; sha: string | null};

export type DialogContent =
	| AwaitedDialog
	| PlanDialog
	| PickDialog
	| ChooseDialog
	| SignOffDialog
	| HotfixDialog
	| ReasonDialog
	| BreakDialog
	| AskDialog
	| ReviewDialog
	| RunDialog;

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
	/** Why it is void, where that is not for want of a key. */
	voidBecause?: string;
	/** A word about the last key. */
	note: string | null;
};

/** The part of a lock's id that is typed to break it. */
export const shortLockId = ({id}: LockRecord): string => id.slice(0, 8);

/** The phrase that is being typed: that of a refusal begins with another letter. */
export const reviewPhrase = ({typed, environment}: Pick<ReviewDialog, 'typed' | 'environment'>): string =>
	`${typed.startsWith('r') ? 'refuse' : 'approve'} ${environment}`;

/** What has to be typed in a dialog, key by key; null: nothing. */
export const phraseOf = (dialog: DialogContent): string | null => {
	switch (dialog.name) {
		case 'plan':
			return dialog.plan?.phrase ?? null;
		case 'break':
			return shortLockId(dialog.lock);
		case 'review':
			return dialog.isTyped ? reviewPhrase(dialog) : null;
		case 'run-act':
			return dialog.phrase;
		default:
			return null;
	}
};
