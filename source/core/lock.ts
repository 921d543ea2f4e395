/** Who may change an environment now. One record, on GitHub as a commit message and on this machine as a file. Wall time, milliseconds. */
/** What a promotion does, for whoever meets its lock: `deployctl gate` in the workflow that deploys the commit. */
export type LockedPromotion = {sha: string; /** Its branch, when it goes the hotfix way. */ hotfix: string | null; /** The reason of a broken glass, and the conditions that it goes past; more than these it does not. */ breakGlass: string | null; passed: readonly string[]};

export type LockRecord = {
	/** A nonce: only who knows it releases the lock, or a break that names it. */
	id: string;
	environment: string;
	/** `operation` has a lease that its supervisor renews; `human` ("frozen for the audit") has none and is not waited for. */
	kind: 'operation' | 'human';
	operation: string | null;
	operator: string;
	host: string;
	reason: string;
	createdAt: number;
	leaseUntil: number | null;
	/** What the holder last said that it does. */
	phase: string | null;
	/** Of the lock of a promotion. Absent or null: it is none. */
	promotion?: LockedPromotion | null;
};

/** `ambiguous`: something is there that we cannot read; it blocks. `unknown`: could not be asked; it does not count as free. */
export type LockState =
	| {state: 'free'}
	| {state: 'held'; lock: LockRecord; where: 'github' | 'machine' | 'both'; /** The lease ran out: the holder is silent. */ isStale: boolean; silentSeconds: number | null}
	| {state: 'ambiguous'; because: string}
	| {state: 'unknown'; because: string};
