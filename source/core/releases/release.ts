/** Releases of an environment, and which of them a rollback may go to. */
export type Migration = 'none' | 'compatible' | 'incompatible' | 'unknown';

export type Release = {
	/** Id of the release; for plain scripts, which know none, the commit. */
	id: string;
	sha: string | null;
	isLive: boolean | 'unknown';
	/** Still wholly present on the hosts. For plain scripts nobody can tell. */
	isPresent: boolean | 'unknown';
	/**
	Known to have been healthy: a deployment of it was validated. `unproven`: it was put live and what answered was healthy, but nobody has
	seen that it was this release that answered.
	*/
	wasHealthy: boolean | 'unproven' | 'unknown';
	isBad: boolean;
	/** Who marked it bad, when and why; null when it is not. */
	badBecause: string | null;
	/** Of the database, that came with this release. */
	migration: Migration;
	deployedAt: number | null;
	/** When it was last validated or live, to know what came before what. */
	lastLiveAt: number | null;
	hosts: {have: number; of: number} | null;
	/** Whether the environment's own script would go there, by itself or when told to; absent: it has no say. */
	scriptSays?: {isCandidate: boolean; isDefault: boolean; because: string | null};
};

/** One row of the picker: what can be chosen, and why the rest cannot. */
export type Offer = {
	release: Release;
	offered: boolean;
	isDefault: boolean;
	/** Why it is not offered, or why it is the default; one sentence without a full stop. */
	because: string;
	/** Not offered, but an extra typed confirmation allows it (marked bad). */
	canInsist: boolean;
};

/** Said before it is needed: "rollback ready to 3f2a9c1", or why not. */
export type Readiness =
	| {ready: true; to: Release}
	| {ready: false; because: string; next: string}
	| {ready: 'unknown'; because: string};
