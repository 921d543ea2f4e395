/** Commit statuses: whoever may write may post one, about anything. */
import type {CommitStatus, State} from './model.ts';
import {nextId} from './model.ts';

export function postStatus(state: State, status: Omit<CommitStatus, 'id' | 'createdAt'>): CommitStatus {
	const posted: CommitStatus = {...status, id: nextId(state, 'status'), createdAt: state.now};
	const list = state.statuses.get(status.sha) ?? [];
	list.push(posted);
	state.statuses.set(status.sha, list);
	return posted;
}
