/** Operations, newest first: what, how it ended, how long, who. */
import {age, duration} from '../../../core/text/duration.ts';
import type {Operation} from '../../../core/operations/operation.ts';
import {sentence} from '../../../core/text/sanitise.ts';
import {chosenOperation, operationsOf} from '../../../state/questions/operation-select.ts';
import {titleOf} from '../../../state/view/operation-words.ts';
import type {State} from '../../../state/model/state.ts';
import {operationListFoot, windowAround} from '../../../state/view/window.ts';
import {pane, type Size, toHeight} from '../../lines/layout.ts';
import {cut, fit, fitLine, fitRight, type Line, lineWidth, span, wrap} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';

/** Where so much is free, an operation says what it brought. */
const subjectsFrom = 150;
/** When, how it ended, how long, who, and its title. */
const titledCells = 86;

const messageOf = ({to}: Operation, {snapshot}: State): string | undefined =>
	to === null ? undefined : snapshot?.candidates.find(({sha}) => sha === (to.sha ?? to.release))?.message;

export const operationRow = (operation: Operation, chosen: boolean, state: State, width: number, look: Look): Line => {
	const {text, tone} = look.outcomeMarkOf(operation.outcome);
	const seconds = ((operation.finishedAt ?? state.wallNow) - operation.startedAt) / 1000;
	const lead: Line = [
		span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
		span(`${fitRight(age(state.wallNow - operation.startedAt), 4)} `, 'quiet'),
		span(`${text} ${fit(operation.outcome, 11)} `, tone, {bold: operation.outcome !== 'succeeded'}),
		span(`${fitRight(duration(seconds), 6)} `, 'quiet'),
		...(width >= 100 ? [span(`${fit(operation.operator, 12, look.glyphs.ellipsis)} `, 'quiet')] : []),
		span(titleOf(operation), undefined, {bold: chosen}),
	];
	const message = width < subjectsFrom ? undefined : messageOf(operation, state);
	const titled: Line =
		message === undefined
			? lead
			: [
					...fitLine(lead, titledCells),
					span(
						fit(
							message,
							Math.floor((width - titledCells) * (operation.outcome === 'succeeded' ? 1 : 0.4)),
							look.glyphs.ellipsis,
						),
						'quiet',
					),
				];
	const room = width - lineWidth(titled) - 3;
	return [
		...titled,
		span(
			room > 30 && operation.outcome !== 'succeeded'
				? ` ${look.glyphs.separator} ${cut(operation.because, room, look.glyphs.ellipsis)}`
				: '',
			'quiet',
		),
	];
};

/** How the chosen one ended, whole, and what next: at the lower end. */
const chosenLines = (operation: Operation | null, width: number, look: Look): readonly Line[] => {
	if (operation === null) return [];
	const {tone} = look.outcomeMarkOf(operation.outcome);
	const because = wrap(sentence(operation.because), width);
	return [
		[span(look.glyphs.horizontal.repeat(width), 'quiet')],
		...because
			.slice(0, operation.next === null ? 3 : 2)
			.map((text): Line => [span(text, operation.outcome === 'succeeded' ? undefined : tone)]),
		...(operation.next === null
			? []
			: [[span(`${look.glyphs.arrow} ${sentence(operation.next)}`, 'accent')] as Line]),
	];
};

export const operationList = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const operations = operationsOf(state);
	const chosen = chosenOperation(state);
	const {waiting} = state.operations.reading?.outbox ?? {waiting: 0};
	const right: Line = [
		span(waiting > 0 ? `${waiting} to be announced` : `${operations.length}`, waiting > 0 ? 'wait' : 'quiet'),
	];
	const room = Math.max(1, height - 2 - operationListFoot);
	const {start, end} = windowAround(
		operations.length,
		Math.max(
			0,
			operations.findIndex(({id}) => id === chosen?.id),
		),
		room,
		state.view.top,
	);
	const rows = operations
		.slice(start, end)
		.map(operation => operationRow(operation, operation.id === chosen?.id, state, width - 4, look));
	const none =
		state.operations.reading?.problem ??
		'Nothing has been deployed from this machine yet. D deploys the selected commit.';
	return pane({
		width,
		height,
		look,
		tone: 'accent',
		title: [span('Operations', 'accent', {bold: true}), span(' newest first', 'quiet')],
		right,
		lines:
			rows.length > 0
				? [...toHeight(rows, room), ...chosenLines(chosen, width - 4, look)]
				: [[span(none, 'quiet')]],
	});
};
