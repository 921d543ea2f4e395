/** Candidate commits with their tiers at a glance. */
import {doubtOf} from '../../../core/pipeline/doubt.ts';
import {age} from '../../../core/text/duration.ts';
import {short} from '../../../core/gate/gate.ts';
import {type Candidate, type Tier, tierNames} from '../../../core/pipeline/pipeline.ts';
import {olderNote} from '../../../state/view/older-note.ts';
import {namesRunning} from '../../../state/questions/operation-select.ts';
import {goneSha, readsOlder, selectedCandidate, selectedIndex} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {windowAround} from '../../../state/view/window.ts';
import {rule} from '../../lines/layout.ts';
import {blank, cut, fit, fitRight, type Line, lineWidth, type Span, span, spread} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {gateWord, productionIndex} from './gate.ts';

/** What all rows have in common. */
type Columns = {smoke: boolean; gate: number};

const columnsOf = (state: State, look: Look): Columns => {
	const candidates = state.snapshot?.candidates ?? [];
	return {
		smoke: candidates.some(({tiers}) => tiers.smoke),
		gate: Math.max(4, ...candidates.map(candidate => gateWord(state, candidate, look).whole.length)),
	};
};

const tierMark = (tier: Tier | undefined, look: Look): readonly Span[] => {
	if (!tier) return [span('  ')];
	const mark = look.markOf(tier.status);
	// Matched by time only, or no evidence: shown, but marked as doubtful.
	return [span(mark.text, mark.tone), span(doubtOf(tier)?.mark ?? ' ', 'wait')];
};

const environmentTags = (state: State, candidate: Candidate): Line =>
	namesRunning(state, candidate).flatMap(name => [span(` ${name}`, 'accent', {bold: true})]);

const authorWidths = [
	{from: 120, cells: 18},
	{from: 90, cells: 12},
	{from: 72, cells: 9},
] as const;

const row = (
	candidate: Candidate,
	chosen: boolean,
	state: State,
	width: number,
	look: Look,
	columns: Columns,
): Line => {
	const authorWidth = authorWidths.find(({from}) => width >= from)?.cells ?? 0;
	const gate = gateWord(state, candidate, look);
	const right: Line = [
		...(authorWidth > 0 ? [span(` ${fit(candidate.author, authorWidth, look.glyphs.ellipsis)}`, 'quiet')] : []),
		span(`${fitRight(age(state.now - candidate.committedAt), 4)}  `, 'quiet'),
		...tierNames
			.filter(name => name !== 'smoke' || columns.smoke)
			.flatMap(name => tierMark(candidate.tiers[name], look)),
		span(fit(gate.whole, columns.gate), gate.tone, {bold: gate.isStrong === true}),
	];
	const tags = environmentTags(state, candidate);
	const lead: Line = [
		span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
		span(`${short(candidate.sha)} `, chosen ? 'accent' : 'quiet', {bold: chosen}),
	];
	const room = width - lineWidth(lead) - lineWidth(tags) - lineWidth(right) - 1;
	return spread(
		[
			...lead,
			span(cut(candidate.message, Math.max(4, room), look.glyphs.ellipsis), undefined, {bold: chosen}),
			...tags,
		],
		right,
		width,
		look.glyphs.ellipsis,
	);
};

/** Names of the columns, to stand in the title of the list, which goes on behind them. */
export const candidateColumns = (state: State, look: Look): Line => {
	const {smoke, gate} = columnsOf(state, look);
	return [span(`age  ${smoke ? '1 2 3 4' : '1 2 3'} ${'gate'.padEnd(gate)}`, 'quiet')];
};

/** Whose list it is, whether the choice follows the active release, and what was searched for. The name of the branch gives way. */
export const candidatesTitle = (state: State, look: Look, width: number): Line => {
	const {selectedSha, query} = state.view;
	const dot = ` ${look.glyphs.separator} `;
	const isFollowing = selectedSha === null;
	const mode = isFollowing ? 'following' : `${short(selectedSha)} chosen`;
	const searched: Line = query === '' ? [] : [span(`${dot}/${query}`, 'accent')];
	const title = (on: string): Line => [
		span('Candidates', undefined, {bold: true}),
		span(on, 'quiet'),
		span(dot, 'quiet'),
		span(mode, isFollowing ? 'quiet' : 'accent'),
		...searched,
	];
	const whole = title(` on ${state.settings.branches.staging}`);
	return lineWidth(whole) + lineWidth(candidateColumns(state, look)) + 10 <= width ? whole : title('');
};

const productionRule = (width: number, look: Look): Line => rule([span('production', 'quiet')], [], width, look);

/** Rows that the whole list takes: with the line that production draws, and once older ones are read with what is said at the end. */
export const candidateRowsWanted = (state: State): number =>
	(state.snapshot?.candidates.length ?? 0) + 1 + (readsOlder(state) && olderNote(state) !== null ? 1 : 0);

/** Rows down to the release to go back to: those below say nothing that is needed at once. */
export const candidateRowsNeeded = (state: State): number => {
	const at = productionIndex(state);
	return at === -1 ? candidateRowsWanted(state) : Math.min(candidateRowsWanted(state), at + 2);
};

/** In a lower list every row is a commit. */
const noteFrom = 5;

export const candidateRows = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const candidates = state.snapshot?.candidates ?? [];
	if (candidates.length === 0)
		return [
			[
				span(
					state.origin === 'github'
						? `No commits on ${state.settings.branches.staging} yet.`
						: 'Waiting for the first answer.',
					'quiet',
				),
			],
		].slice(0, height);
	const chosen = selectedIndex(state);
	const note = height < noteFrom ? null : olderNote(state);
	const {start, end} = windowAround(candidates.length + (note === null ? 0 : 1), chosen, height, state.view.top);
	const columns = columnsOf(state, look);
	// What production has and what it lacks, where a row can be spared for the line between.
	const production = candidates.length < height ? productionIndex(state) : -1;
	const rows = candidates
		.slice(start, end)
		.flatMap((candidate, index): readonly Line[] => [
			...(production > 0 && start + index === production ? [productionRule(width, look)] : []),
			row(candidate, start + index === chosen, state, width, look, columns),
		]);
	return note === null || end <= candidates.length ? rows : [...rows, [span(`  ${note}`, 'quiet')]].slice(0, height);
};

/** Who wrote what is selected, when, and where it runs. */
export const commitLine = (state: State, look: Look, width: number): Line => {
	const candidate = selectedCandidate(state);
	if (!candidate) return blank;
	const right: Line = [
		span(
			`${candidate.author === '' ? '' : `${candidate.author}, `}${age(state.now - candidate.committedAt)} ago`,
			'quiet',
		),
		...environmentTags(state, candidate),
		span(' '),
	];
	return spread(
		[span(` ${short(candidate.sha)} `, 'accent', {bold: true}), span(candidate.message, undefined, {bold: true})],
		right,
		width,
		look.glyphs.ellipsis,
	);
};

/** A commit that newer ones have pushed out of the list is not replaced in silence. */
export const goneLines = (state: State, look: Look): readonly Line[] => {
	const sha = goneSha(state);
	const wayOut = state.view.place.name === 'board' ? 'a follows the active release' : 'esc goes back';
	return sha === null
		? []
		: [
				[
					span(` ${look.glyphs.warn} `, 'wait', {bold: true}),
					span(`${short(sha)} is no longer among the newest commits; ${wayOut}`, 'wait'),
				],
			];
};
