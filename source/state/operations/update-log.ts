/** The log of the operation in view: which part of it is in memory, where the operator is, and the search in it. */
import {at} from '../questions/at.ts';
import type {Effect, Message, Next} from '../model/messages.ts';
import {operationInView} from '../questions/operation-select.ts';
import type {LogView} from '../model/operations-state.ts';
import type {State} from '../model/state.ts';
import {toast} from '../view/toast.ts';
import {logRows} from '../view/window.ts';

type LogMessage = Extract<
	Message,
	{
		type:
			| 'log-read'
			| 'log-searched'
			| 'follow-log'
			| 'wrap-log'
			| 'shift-log'
			| 'move'
			| 'jump'
			| 'page'
			| 'search-next';
	}
>;

/** How often a log that grows is read again; as often as the screen can show it calmly. */
const growsEveryMs = 100;
const settlesEveryMs = 500;

const withLog = (state: State, change: Partial<LogView>): State =>
	state.log ? {...state, log: {...state.log, ...change}} : state;

const isOver = (state: State): boolean =>
	state.log?.size?.isWhole === true && operationInView(state)?.outcome !== 'running';
const lastTop = (state: State): number => Math.max(0, (state.log?.size?.lines ?? 0) - logRows(state));
const isLoaded = ({log}: State, top: number, rows: number): boolean =>
	log !== null && top >= log.from && Math.min(top + rows, log.size?.lines ?? 0) <= log.from + log.lines.length;

/** Three screens of it, so that most scrolling finds its lines in memory. */
const readAfter = (state: State, afterMs: number): Next => {
	const {log} = state;
	if (!log) return [state, []];
	const rows = logRows(state);
	const generation = log.generation + 1;
	const from = log.isFollowing ? ('end' as const) : Math.max(0, (log.wantedTop ?? log.top) - rows);
	return [
		withLog(state, {generation}),
		[{type: 'read-log', generation, operation: log.operation, afterMs, from, count: rows * 3}],
	];
};

const nothingRead = (operation: string): LogView => ({
	operation,
	generation: 0,
	size: null,
	from: 0,
	lines: [],
	top: 0,
	wantedTop: null,
	isFollowing: true,
	isWrapped: false,
	left: 0,
	search: null,
});

/** The log belongs to the place: it is opened with it and closed with it. */
export const logOfPlace = (state: State): Next => {
	const {place} = state.view;
	const wanted = place.name === 'operation' ? place.id : null;
	if (wanted === (state.log?.operation ?? null)) return [state, []];
	return wanted === null
		? [{...state, log: null}, [{type: 'close-log'}]]
		: readAfter({...state, log: nothingRead(wanted)}, 0);
};

/** Another size of the terminal shows other lines. */
export const readLogNow = (state: State): Next => (state.log ? readAfter(state, 0) : [state, []]);

const read = (state: State, message: Extract<LogMessage, {type: 'log-read'}>): Next => {
	const {log} = state;
	if (!log || message.generation !== log.generation || message.operation !== log.operation) return [state, []];
	const isSame =
		log.size !== null &&
		log.size.bytes === message.size.bytes &&
		log.size.isWhole === message.size.isWhole &&
		log.from === message.from &&
		log.lines.length === message.lines.length &&
		log.wantedTop === null;
	const next = isSame
		? state
		: withLog(state, {
				size: message.size,
				from: message.from,
				lines: message.lines,
				top: log.isFollowing ? Math.max(0, message.size.lines - logRows(state)) : (log.wantedTop ?? log.top),
				wantedTop: null,
			});
	return isOver(next)
		? [next, []]
		: readAfter(next, operationInView(next)?.outcome === 'running' ? growsEveryMs : settlesEveryMs);
};

/** Going to the end is following it; leaving the end is not. */
const goTo = (state: State, top: number): Next => {
	const end = lastTop(state);
	if (top >= end) return readAfter(withLog(state, {isFollowing: true, wantedTop: null, top: end}), 0);
	const wanted = Math.max(0, top);
	const rows = logRows(state);
	const isHere = isLoaded(state, wanted, rows);
	const next = withLog(state, {
		isFollowing: false,
		...(isHere ? {top: wanted, wantedTop: null} : {wantedTop: wanted}),
	});
	// Read on before the edge is in view.
	const isNearEdge = !isLoaded(next, Math.max(0, wanted - Math.floor(rows / 2)), rows * 2);
	return !isHere || isNearEdge || !isOver(state) ? readAfter(next, 0) : [next, []];
};

const position = (state: State): number =>
	state.log?.isFollowing ? lastTop(state) : (state.log?.wantedTop ?? state.log?.top ?? 0);

const searchEffect = (state: State, text: string, from: number, direction: -1 | 1): Next => {
	const generation = (state.log?.search?.generation ?? 0) + 1;
	const effect: Effect = {type: 'search-log', generation, operation: state.log!.operation, text, from, direction};
	const {line = null, ordinal = null, count = null} = state.log?.search?.text === text ? state.log.search : {};
	return [withLog(state, {search: {text, generation, isSearching: true, line, ordinal, count}}), [effect]];
};

/** At the end of the log the newest hit is wanted, elsewhere the next one from here. */
export const searchLog = (state: State, text: string): Next => {
	if (!state.log || text === '') return [withLog(state, {search: null}), []];
	const {isFollowing, size} = state.log;
	return isFollowing
		? searchEffect(state, text, Math.max(0, (size?.lines ?? 1) - 1), -1)
		: searchEffect(state, text, position(state), 1);
};

const searchNext = (state: State, direction: -1 | 1): Next => {
	const search = state.log?.search;
	return search
		? searchEffect(state, search.text, (search.line ?? position(state)) + direction, direction)
		: [state, []];
};

const searched = (state: State, message: Extract<LogMessage, {type: 'log-searched'}>): Next => {
	const search = state.log?.search;
	if (!search || search.generation !== message.generation) return [state, []];
	const {line, ordinal, count} = message;
	const next = withLog(state, {search: {...search, isSearching: false, line, ordinal, count}});
	if (line === null) return [toast(next, `No line has "${search.text}".`, 'warn'), []];
	const [gone, effects] = goTo(next, Math.max(0, line - Math.floor(logRows(state) / 3)));
	return [gone, effects];
};

export const updateLog = (state: State, message: LogMessage): Next => {
	switch (message.type) {
		case 'log-read':
			return read(at(state, message), message);
		case 'log-searched':
			return searched(at(state, message), message);
		case 'move':
			return goTo(state, position(state) + message.by);
		case 'jump':
			return goTo(state, message.to === 'first' ? 0 : lastTop(state));
		case 'page':
			return goTo(
				state,
				position(state) + message.direction * Math.max(1, Math.floor(logRows(state) * message.share * 2) - 1),
			);
		case 'follow-log':
			return goTo(state, lastTop(state));
		case 'wrap-log':
			return [withLog(state, {isWrapped: !state.log?.isWrapped, left: 0}), []];
		case 'shift-log':
			return [
				withLog(state, {left: state.log?.isWrapped ? 0 : Math.max(0, (state.log?.left ?? 0) + message.by)}),
				[],
			];
		case 'search-next':
			return searchNext(state, message.direction);
	}
};
