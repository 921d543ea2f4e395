/** Operations, newest first: what, how it ended, how long, who. */
import {age, duration} from '../../core/duration.ts';
import type {Operation} from '../../core/operation.ts';
import {chosenOperation, operationsOf} from '../../state/operation-select.ts';
import {titleOf} from '../../state/operation-words.ts';
import type {State} from '../../state/state.ts';
import {windowAround} from '../../state/window.ts';
import {pane, type Size} from '../layout.ts';
import {cut, fit, fitRight, type Line, lineWidth, span} from '../text.ts';
import type {Look} from '../theme.ts';

const row = (operation: Operation, chosen: boolean, state: State, width: number, look: Look): Line => {
	const {text, tone} = look.outcomeMarkOf(operation.outcome);
	const seconds = ((operation.finishedAt ?? state.wallNow) - operation.startedAt) / 1000;
	const lead: Line = [
		span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}), span(`${fitRight(age(state.wallNow - operation.startedAt), 4)} `, 'quiet'),
		span(`${text} ${fit(operation.outcome, 11)} `, tone, {bold: operation.outcome !== 'succeeded'}),
		span(`${fitRight(duration(seconds), 6)} `, 'quiet'), ...(width >= 100 ? [span(`${fit(operation.operator, 12, look.glyphs.ellipsis)} `, 'quiet')] : []),
		span(titleOf(operation), undefined, {bold: chosen}),
	];
	const room = width - lineWidth(lead) - 3;
	return [...lead, span(room > 12 && operation.outcome !== 'succeeded' ? ` ${look.glyphs.separator} ${cut(operation.because, room, look.glyphs.ellipsis)}` : '', 'quiet')];
};

export const operationList = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const operations = operationsOf(state);
	const chosen = chosenOperation(state);
	const {waiting} = state.operations.reading?.outbox ?? {waiting: 0};
	const right: Line = [span(waiting > 0 ? `${waiting} to be announced` : `${operations.length}`, waiting > 0 ? 'wait' : 'quiet')];
	const {start, end} = windowAround(operations.length, Math.max(0, operations.findIndex(({id}) => id === chosen?.id)), height - 2, state.view.top);
	const rows = operations.slice(start, end).map(operation => row(operation, operation.id === chosen?.id, state, width - 4, look));
	const none = state.operations.reading?.problem ?? 'Nothing has been deployed from this machine yet. D deploys the selected commit.';
	return pane({width, height, look, tone: 'accent', title: [span('Operations', 'accent', {bold: true}), span(' newest first', 'quiet')], right, lines: rows.length > 0 ? rows : [[span(none, 'quiet')]]});
};
