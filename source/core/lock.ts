/** Who may change an environment now. One record, on GitHub as a commit message and on this machine as a file. Wall time, milliseconds. */
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
};

/** `ambiguous`: something is there that we cannot read; it blocks. `unknown`: could not be asked; it does not count as free. */
export type LockState =
	| {state: 'free'}
	| {state: 'held'; lock: LockRecord; where: 'github' | 'machine' | 'both'; /** The lease ran out: the holder is silent. */ isStale: boolean; silentSeconds: number | null}
	| {state: 'ambiguous'; because: string}
	| {state: 'unknown'; because: string};
