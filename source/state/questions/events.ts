/** The list of events: in the order in which things happened, also what is learned of late. */
import type {Change} from '../../core/snapshot/changes.ts';
import type {State} from '../model/state.ts';

/** Older ones are forgotten. */
const eventsKept = 300;

/** As they happened, the newest last; of the same moment what was learned first stands first. */
export const inOrder = (changes: readonly Change[]): readonly Change[] =>
	changes.toSorted((one, other) => one.at - other.at).slice(-eventsKept);

/** With what is new; whoever reads the list keeps their row. */
export const withEvents = <Known extends Pick<State, 'events' | 'view'>>(
	state: Known,
	news: readonly Change[],
): Known => {
	if (news.length === 0) return state;
	const events = inOrder([...state.events, ...news]);
	const row = state.view.place.name === 'events' ? state.events[state.view.cursor] : undefined;
	const cursor = row === undefined ? -1 : events.indexOf(row);
	return {...state, events, ...(cursor !== -1 && {view: {...state.view, cursor}})};
};

/** What is in the list that was not: what is learned late stands further up, so places tell nothing. */
export const newsSince = (before: readonly Change[], after: readonly Change[]): readonly Change[] => {
	if (before === after) return [];
	const known = new Set(before);
	return after.filter(change => !known.has(change));
};
