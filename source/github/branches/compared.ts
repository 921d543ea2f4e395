/** What GitHub says of two commits that it has compared. */

export type Compared = {
	ok: true;
	/** Of the head, as seen from the base. */
	status: 'ahead' | 'behind' | 'diverged' | 'identical';
	aheadBy: number;
	behindBy: number;
	/** What the head has and the base lacks, newest first. */
	commits: readonly ComparedCommit[];
	/** Changed files, a renamed one under both names; null: more than GitHub tells (300). */
	files: readonly string[] | null;
	/** false: there are more commits than were read; the oldest are missing. */
	isWhole: boolean;
};

export type ComparedCommit = {
	sha: string;
	/** First line, safe to show. */ message: string;
	isRevert: boolean;
	author: string;
};
