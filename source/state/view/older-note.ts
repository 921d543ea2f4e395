/** What comes after the last commit of the list, in words. */
import {commitsRead} from '../../core/polling/attention.ts';
import {readsOlder} from '../questions/select.ts';
import type {State} from '../model/state.ts';

/** How to get at what is older, or that there is nothing, or nothing that is read; null: nobody knows. */
export const olderNote = (state: State): string | null => {
	const {facts, snapshot, poll, replay, settings} = state;
	const count = snapshot?.candidates.length ?? 0;
	if (facts?.hasOlder === undefined || count === 0) return null;
	if (!facts.hasOlder)
		return `${count === 1 ? 'the only commit' : `all ${count} commits`} of ${settings.branches.staging}`;
	if (replay !== null) return `the newest ${count} were read`;
	if (!readsOlder(state)) return 'j at the end of the list reads older commits';
	return poll.lastOverviewAtWall === null || poll.commitsAsked < commitsRead.most
		? 'reading older commits'
		: `only the newest ${count} are read; older: deployctl status --sha`;
};
