/** The recording's part of update: whether it goes on, and what was recorded before this program began. */
import type {Effect, Next} from '../model/messages.ts';
import type {RecordMessage} from '../model/record-state.ts';
import type {State} from '../model/state.ts';
import {toast} from '../view/toast.ts';

const pastKept = 100;
const eventsKept = 300;
/** Older ones would be told by a time of day that is another day's. */
const pastMs = 12 * 3_600_000;

/** Asked for once, beside the first question to GitHub. */
export const readPast = (state: State): readonly Effect[] =>
	state.record.isOn && state.record.showsPast ? [{type: 'read-past', atMost: pastKept}] : [];

export const updateRecord = (state: State, message: RecordMessage): Next => {
	switch (message.type) {
		case 'recording-changed': {
			const next = {...state, record: {...state.record, problem: message.because}};
			return [message.because === null ? toast(next, 'Recording goes on.', 'good') : next, []];
		}
		case 'past-read': {
			// In front, and not counted: they are no news. Whoever reads the list already keeps their row.
			const past = message.changes
				.filter(({at}) => at < state.beganAt && state.beganAt - at < pastMs)
				.slice(-Math.max(0, eventsKept - state.events.length));
			const cursor = state.view.place.name === 'events' ? state.view.cursor + past.length : state.view.cursor;
			return [{...state, events: [...past, ...state.events], view: {...state.view, cursor}}, []];
		}
	}
};
