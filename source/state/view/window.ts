/** Which part of a list is in view. The picture draws by it, and moves and pages go by it. */
import {noticesOf} from './notices.ts';
import {operationInView} from '../questions/operation-select.ts';
import {goneSha, modeOf, shownTiers, tierInView, wayOut, wayOutKeys} from '../questions/select.ts';
import type {State} from '../model/state.ts';

/** So many rows are seen beyond the cursor, so that the operator sees where it goes. */
const marginRows = 2;

/** The part that fits: `start` up to, not including, `end`. From `top` on, and moved only when the cursor comes near an edge. */
export const windowAround = (length: number, cursor: number, height: number, top = 0): {start: number; end: number} => {
	const margin = Math.min(marginRows, Math.max(0, Math.floor((height - 1) / 2)));
	const wanted = Math.max(Math.min(top, cursor - margin), cursor - (height - 1 - margin));
	const start = Math.max(0, Math.min(wanted, length - height));
	return {start, end: Math.min(length, start + height)};
};

/** An address in what comes next is shown whole: rather a row too many than a part of it. */
export const addressRows = 6;

const troubleRows = (state: State): number => {
	const {failure} = state.poll;
	if (wayOut(state) === null || failure === null) return 2;
	return Math.max(
		2,
		1 +
			Math.ceil(
				(failure.because.length + (failure.next?.length ?? 0) + wayOutKeys.length + 50) /
					Math.max(20, state.columns - 4),
			),
	);
};

/** Header, footer, and the row that stays free; more where something is wrong. */
const framedRows = (state: State): number => {
	const {failures, because, partial} = state.poll;
	return (
		3 +
		noticesOf(state).length +
		(failures > 0 || because !== null || partial.length > 0 ? troubleRows(state) : 0) +
		(goneSha(state) === null ? 0 : 1)
	);
};

/** Columns of the help, where it is wide: less of it has to be scrolled to. */
export const helpColumns = ({columns}: State): number => (columns >= 164 ? 2 : 1);

/** Rows of the box with the help, of those between header and footer: where these are few, all of them. */
export const helpHeight = (body: number): number => (body < 16 ? body : body - 2);

/** Rows below the list of operations, for the chosen one. */
export const operationListFoot = 4;

/** How the view of an operation shares out its rows. The picture keeps to it, so that a page and the end of the log are what they are here. */
export const operationRows = (state: State): {outcome: number; steps: number; log: number} => {
	const operation = operationInView(state);
	const room = Math.max(20, state.columns - 4);
	const lines = (text: string, atMost: number) => Math.min(atMost, Math.ceil((text.length + 12) / room));
	const outcome =
		operation === null || operation.outcome === 'running'
			? 1
			: lines(operation.because, 3) +
				(operation.next === null ? 0 : lines(operation.next, /https?:/.test(operation.next) ? addressRows : 2));
	const rest = Math.max(2, state.rows - framedRows(state) - outcome - 4);
	const steps = Math.max(1, Math.min(operation?.steps.length ?? 0, Math.max(3, Math.floor(rest * 0.4))));
	return {outcome, steps, log: Math.max(1, rest - steps)};
};

/** Rows of a job's log: below the commit's line, within the frame of its pane. */
export const jobLogRows = (state: State): number => Math.max(1, state.rows - framedRows(state) - 3);

export const logRows = (state: State): number => operationRows(state).log;

/** Rows of the candidates on the board, which the tiers above leave; at least what the picture gives them. */
const boardRows = (state: State, body: number): number => {
	const tiers = shownTiers(state);
	const beside = Math.max(0, ...tiers.map(tier => tier.jobs.length)) + 5;
	const below =
		tiers.reduce((rows, tier) => rows + (body < 18 || tier.jobs.length === 0 ? 1 : 2), 0) +
		(state.snapshot?.environments.length ?? 0) +
		5;
	return state.columns >= 115 && body >= 22 ? body - 3 - Math.min(beside, Math.floor(body * 0.42)) : body - below;
};

/**
How many rows the list in view has, nearly: how tall the boxes above it are is for the picture to say. A row more or less
makes a page a little longer or shorter; the picture itself never loses the cursor.
*/
export const listRows = (state: State): number => {
	const body = state.rows - framedRows(state);
	const inside = body - 3;
	const rows = (): number => {
		switch (modeOf(state)) {
			case 'board':
				return Math.min(boardRows(state, body), state.snapshot?.candidates.length ?? 0);
			case 'tier':
				return inside - (tierInView(state)?.because ? 6 : 5);
			case 'job':
				return inside - 4;
			case 'gate':
				return inside - 2;
			case 'operations':
				return inside + 1 - operationListFoot;
			case 'help':
				return (helpHeight(body) - 2) * helpColumns(state);
			case 'palette':
				return Math.min(20, body - 2) - 4;
			default:
				return inside;
		}
	};
	return Math.max(2, rows());
};
