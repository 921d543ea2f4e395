/** The list of events: in the order in which things happened, also what is learned of late. */
import type {Change} from '../core/changes.ts';
import type {State} from './state.ts';

/** Older ones are forgotten. */
const eventsKept = 300;

/** As they happened, the newest last; of the same moment what was learned first stands first. */
export const inOrder = (changes: readonly Change[]): readonly Change[] => changes.toSorted((one, other) => one.at - other.at).slice(-eventsKept);

/** With what is new; of the same moment what was learned first stands first. */
export const withEvents = <Known extends Pick<State, 'events' | 'eventCount'>>(state: Known, news: readonly Change[]): Known => (news.length === 0 ? state : {
	...state, events: inOrder([...state.events, ...news]), eventCount: state.eventCount + news.length,
});

/** What is in the list that was not: what is learned late stands further up, so places tell nothing. */
export const newsSince = (before: readonly Change[], after: readonly Change[]): readonly Change[] => {
	if (before === after) return [];
	const known = new Set(before);
	return after.filter(change => !known.has(change));
};
