/** Who may change an environment now. One record, on GitHub as a commit message and on this machine as a file. Wall time, milliseconds. */
/** What a promotion does, for whoever meets its lock: `deployctl gate` in the workflow that deploys the commit. */
export type LockedPromotion = {
	sha: string;
	/** Its branch, when it goes the hotfix way. */ hotfix: string | null;
	/** The reason of a broken glass, and the conditions that it goes past; more than these it does not. */ breakGlass:
		| string
		| null;
	passed: readonly string[];
};

/**
Whom GitHub names as the author of the commit that a lock is. `login` null: no account that it knows. `isVerified`: GitHub vouches for the
signature; without that, the author is what the writer wrote, too.
*/
export type LockAuthor = {login: string | null; isVerified: boolean};

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
	/** As read from GitHub, never from the record itself; absent: of this machine, or not read. */
	author?: LockAuthor | null;
};

/** The name that a lock claims, and beside it whom GitHub names, wherever the two differ. */
export const holderOf = ({operator, author}: Pick<LockRecord, 'operator' | 'author'>): string => {
	if (author == null || author.login?.toLowerCase() === operator.toLowerCase()) return operator;
	return `${operator} (GitHub: ${author.login ?? 'nobody it knows'})`;
};

/** `ambiguous`: something is there that we cannot read; it blocks. `unknown`: could not be asked; it does not count as free. */
export type LockState =
	| {state: 'free'}
	| {
			state: 'held';
			lock: LockRecord;
			where: 'github' | 'machine' | 'both';
			/** The lease ran out: the holder is silent. */ isStale: boolean;
			silentSeconds: number | null;
	  }
	/** `author`: of what stands on GitHub and cannot be read. */
	| {state: 'ambiguous'; because: string; where?: 'github' | 'machine'; author?: LockAuthor | null}
	| {state: 'unknown'; because: string};

/** Of somebody else on GitHub, or unreadable there: a rollback may go past it. This machine's own lock nobody passes. */
export const passable = (lock: LockState): {lock: string; holder: string} | null => {
	if (lock.state === 'held')
		return lock.where === 'github' ? {lock: lock.lock.id, holder: holderOf(lock.lock)} : null;
	return lock.state === 'ambiguous' && lock.where === 'github'
		? {
				lock: 'unreadable',
				holder:
					lock.author?.login == null ? 'nobody that GitHub names' : `${lock.author.login}, as GitHub has it`,
			}
		: null;
};
