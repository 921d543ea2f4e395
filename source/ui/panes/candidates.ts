/** Candidate commits with their tiers at a glance. */
import {age} from '../../core/duration.ts';
import {short} from '../../core/gate.ts';
import {type Candidate, type Tier, tierNames} from '../../core/pipeline.ts';
import {selectedIndex} from '../../state/select.ts';
import type {State} from '../../state/state.ts';
import {windowAround} from '../layout.ts';
import {blank, cut, fit, fitRight, type Line, lineWidth, type Span, span, spread} from '../text.ts';
import type {Look} from '../theme.ts';

const tierMark = (tier: Tier | undefined, look: Look): readonly Span[] => {
	if (!tier) return [span('  ')];
	const mark = look.markOf(tier.status);
	// Matched by time only: shown, but marked as doubtful.
	return [span(mark.text, mark.tone), span(tier.provenance === 'inferred' ? '~' : ' ', 'wait')];
};

const gateMark = ({gate}: Candidate, look: Look): Span => {
	const met = gate.conditions.filter(condition => condition.met === true).length;
	const failing = gate.conditions.some(condition => condition.met === false);
	return gate.open ? span(`${look.markOf('passed').text} open `, 'good') : span(`${String(met).padStart(2)}/${gate.conditions.length} `, failing ? 'quiet' : 'wait');
};

const environmentTags = ({liveOn}: Candidate): Line => liveOn.flatMap(name => [span(` ${name}`, name === 'production' ? 'danger' : 'accent', {bold: true})]);

const row = (candidate: Candidate, chosen: boolean, state: State, width: number, look: Look, hasSmoke: boolean): Line => {
	const authorWidth = width >= 90 ? 12 : width >= 72 ? 9 : 0;
	const marks = tierNames.filter(name => name !== 'smoke' || hasSmoke).flatMap(name => tierMark(candidate.tiers[name], look));
	const right: Line = [
		...(authorWidth > 0 ? [span(` ${fit(candidate.author, authorWidth)}`, 'quiet')] : []),
		span(`${fitRight(age(state.now - candidate.committedAt), 4)}  `, 'quiet'),
		...marks,
		gateMark(candidate, look),
	];
	const tags = environmentTags(candidate);
	const lead: Line = [span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}), span(`${short(candidate.sha)} `, chosen ? 'accent' : 'quiet', {bold: chosen})];
	const room = width - lineWidth(lead) - lineWidth(tags) - lineWidth(right) - 1;
	return spread([...lead, span(cut(candidate.message, Math.max(4, room), look.glyphs.ellipsis), undefined, {bold: chosen}), ...tags], right, width, look.glyphs.ellipsis);
};

/** Names of the columns, to stand in the title of the list. */
export const candidateColumns = (state: State): Line =>
	[span(`age  ${state.snapshot?.candidates.some(candidate => candidate.tiers.smoke) ? '1 2 3 4' : '1 2 3'} gate`, 'quiet')];

export const candidateRows = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const candidates = state.snapshot?.candidates ?? [];
	if (candidates.length === 0) return [[span(state.origin === 'github' ? `No commits on ${state.settings.branches.staging} yet.` : 'Waiting for the first answer.', 'quiet')]].slice(0, height);
	const chosen = selectedIndex(state);
	const {start, end} = windowAround(candidates.length, chosen, height);
	const hasSmoke = candidates.some(candidate => candidate.tiers.smoke);
	return candidates.slice(start, end).map((candidate, index) => row(candidate, start + index === chosen, state, width, look, hasSmoke));
};

/** Who wrote what is selected, when, and where it runs. */
export const commitLine = (state: State, candidate: Candidate | null, look: Look, width: number): Line => {
	if (!candidate) return blank;
	const right: Line = [span(`${candidate.author}, ${age(state.now - candidate.committedAt)} ago`, 'quiet'), ...environmentTags(candidate), span(' ')];
	return spread([span(` ${short(candidate.sha)} `, 'accent', {bold: true}), span(candidate.message, undefined, {bold: true})], right, width, look.glyphs.ellipsis);
};
