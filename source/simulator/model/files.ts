/** The files that commits change, as a comparison lists them: each once, with all that happened to it. */
import {sha1} from './identity.ts';
import type {Commit, CommitFile} from './model.ts';

/** GitHub lists no more, and does not say how many there were. */
export const fileLimit = 300;

export type ChangedFile = CommitFile & {
	/** Of its content after the change; made up, as there is no content. */ blob: string;
};

const statusOf = (before: CommitFile['status'], after: CommitFile['status']): CommitFile['status'] | null =>
	before === 'added'
		? after === 'removed'
			? null
			: 'added'
		: before === 'removed' && after === 'added'
			? 'modified'
			: after;

/** Oldest commit first; what was added and removed again is not among them. */
export function filesOf(commits: readonly Commit[]): ChangedFile[] {
	const found = new Map<string, ChangedFile>();
	for (const commit of commits) {
		for (const file of commit.files ?? []) {
			const before = found.get(file.path);
			const status = before ? statusOf(before.status, file.status) : file.status;
			if (status === null) {
				found.delete(file.path);
				continue;
			}
			found.set(file.path, {
				path: file.path,
				status,
				additions: file.additions + (before?.additions ?? 0),
				deletions: file.deletions + (before?.deletions ?? 0),
				blob: sha1(`blob ${commit.sha} ${file.path}`),
			});
		}
	}
	return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, fileLimit);
}
