/** The tiers of the selected commit as one to three lines each, for terminals in which boxes would be too narrow. */
import {doubtOf} from '../../../core/pipeline/doubt.ts';
import {firstError} from '../../../core/pipeline/first-error.ts';
import {type Tier, tierTitles} from '../../../core/pipeline/pipeline.ts';
import {shardTotals} from '../../../core/evidence/shards.ts';
import {tierInView} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {blank, cut, type Line, lineWidth, span, spread} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {jobChips} from './jobs.ts';
import {
	barLine,
	doubtSpans,
	expectation,
	firstFailing,
	progressLine,
	progressText,
	statusSpans,
	tierClock,
	tierTitle,
	timeSpans,
	usualLabel,
	usualSeconds,
} from './tiers.ts';

/** Columns at which the time and the bar begin. */
const timeAt = 27;
const timeCells = 16;

/** What stands behind the time: why it is stuck, else the bar; progress takes the place of what is usual. */
const tailOf = (state: State, tier: Tier, look: Look, room: number, hasProgressLine: boolean): Line => {
	const usual = usualSeconds(state, tier);
	const failing = tier.status === 'failed' ? firstFailing(state, tier) : null;
	if (failing) {
		const totals = shardTotals(tier.shards);
		const outcome: Line = totals
			? [
					span(`${totals.failed} failed`, 'bad'),
					...(totals.flaky > 0 ? [span(`, ${totals.flaky} flaky`, 'wait' as const)] : []),
				]
			: [];
		const lead: Line = lineWidth(outcome) > 0 ? [...outcome, span('  ')] : [];
		return [...lead, span(cut(failing.title, Math.max(0, room - lineWidth(lead)), look.glyphs.ellipsis), 'bad')];
	}
	if (tier.because !== null && tier.status !== 'running' && tier.status !== 'passed') {
		return [span(cut(tier.because, room, look.glyphs.ellipsis), tier.status === 'failed' ? 'bad' : 'quiet')];
	}
	if (tier.startedAt === null) return expectation(tier, usual);
	const progress = hasProgressLine ? [] : progressText(tier);
	if (lineWidth(progress) > 0 && room < lineWidth(progress) + 9) return progress;
	return room < 10
		? []
		: barLine(
				tier,
				usual,
				tierClock(state, tier),
				Math.min(room, 50),
				lineWidth(progress) > 0 ? progress : usualLabel(usual),
				look,
			);
};

const firstLine = (state: State, tier: Tier, look: Look, width: number, hasProgressLine: boolean): Line => {
	const chosen = tierInView(state)?.name === tier.name;
	const [digit] = tierTitle(tier, chosen);
	const lead: Line = [
		span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
		digit!,
		span(`${tierTitles[tier.name].padEnd(11)} `, chosen ? 'accent' : undefined, {bold: true}),
		...statusSpans(tier, look),
	];
	const {time, of} = timeSpans(tier, tierClock(state, tier));
	const doubt = doubtOf(tier) !== null || (tier.attempt ?? 1) > 1 ? doubtSpans(tier) : [];
	// A reason begins where the time would: a tier that has not started has none.
	const timed: Line =
		tier.startedAt === null
			? []
			: [...time, ...of, span(' '.repeat(Math.max(1, timeCells - lineWidth(time) - lineWidth(of))))];
	const before: Line = [...lead, span(' '.repeat(Math.max(2, timeAt - lineWidth(lead)))), ...timed];
	const room = width - lineWidth(before) - (lineWidth(doubt) > 0 ? lineWidth(doubt) + 2 : 0);
	return spread([...before, ...tailOf(state, tier, look, room, hasProgressLine)], doubt, width, look.glyphs.ellipsis);
};

export const tierLines = (state: State, tier: Tier, look: Look, width: number, height: number): readonly Line[] => {
	const indent = span('    ');
	const [progress] = height > 2 ? progressLine(tier, Math.min(60, width - 6), look) : [];
	const error = firstError(tier);
	// A line for the reason; where there is one line more, its jobs follow.
	const reason: Line =
		error === null
			? blank
			: [
					span(`${look.glyphs.arrow} `, 'bad'),
					span(
						cut(
							`${error.reason}${error.where === '' ? '' : ` (${error.where})`}`,
							width - 6,
							look.glyphs.ellipsis,
						),
						'bad',
					),
				];
	const chips = tier.jobs.length > 0 ? jobChips(tier, tierClock(state, tier), width - 6, look) : blank;
	return [
		firstLine(state, tier, look, width, progress !== undefined),
		...(progress ? [[indent, ...progress]] : []),
		...(error === null ? [] : [[indent, ...reason]]),
		...(lineWidth(chips) > 0 ? [[indent, ...chips]] : []),
	].slice(0, Math.max(1, height));
};
