/**
What git itself makes unchangeable: a commit's id is made from its parents and its files. So whatever a branch is moved to, this stays true,
and is read once. Which commits a branch has been at is none of it: that is worked out from the branch's head of now, down by these parents.
*/
export type Ancestry = {
	/** Commit and its first parent; null: it has none. The newest knowledge last. */
	parents: ReadonlyArray<readonly [string, string | null]>;
	/** Commit and object id of its `.github`; null: it has no such folder. */
	automation: ReadonlyArray<readonly [string, string | null]>;
};

/** Entries of each kind that are kept. */
export const ancestryAtMost = 5000;
