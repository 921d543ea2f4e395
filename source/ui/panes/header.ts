/** Two lines: whose pipeline, how fresh; and what is wrong, when something is. */
import {age, asOf, duration} from '../../core/duration.ts';
import type {Snapshot} from '../../core/pipeline.ts';
import {sentence} from '../../core/sanitise.ts';
import type {State} from '../../state/state.ts';
import {blank, cut, joined, type Line, span, spread, wrap} from '../text.ts';
import type {Look, Tone} from '../theme.ts';

const branchLine = ({branches: {staging, production}}: Snapshot, look: Look): Line => {
	const {aheadBy, behindBy} = staging;
	return [
		span(`${staging.name} ${look.glyphs.arrow} ${production.name}`),
		...(aheadBy === null ? [] : [span(aheadBy === 0 ? ' level' : ` ${aheadBy} ahead`, aheadBy === 0 ? 'quiet' : 'accent')]),
		...(behindBy !== null && behindBy > 0 ? [span(` ${behindBy} behind`, 'bad')] : []),
	];
};

/** How old the data is, and whether GitHub answers. */
export const connectionLine = (state: State, look: Look): Line => {
	const {poll, wallNow, origin, snapshot, now} = state;
	if (poll.failures > 0 && snapshot) return [span(`${look.glyphs.warn} as of ${asOf(snapshot.fetchedAt, now)}`, 'bad', {bold: true}), span(`, retry in ${age(Math.max(0, poll.nextAtWall - wallNow))}`, 'bad')];
	if (poll.failures > 0) return [span(`${look.glyphs.warn} no answer, retry in ${age(Math.max(0, poll.nextAtWall - wallNow))}`, 'bad')];
	if (origin === 'cache' && snapshot) return [span(`as of ${asOf(snapshot.fetchedAt, now)}, asking GitHub`, 'wait')];
	if (origin === 'nothing') return [span('asking GitHub', 'wait')];
	const old = poll.answeredAtWall === null ? 0 : wallNow - poll.answeredAtWall;
	return [span(`${look.glyphs.live} live`, 'good'), span(old < 2000 ? '' : ` ${age(old)} ago`, old > 45_000 ? 'wait' : 'quiet')];
};

const budgetLine = ({snapshot, poll}: State): Line => {
	const limit = snapshot?.rateLimit;
	if (!limit) return poll.path === 'rest' ? [span('REST', 'quiet')] : blank;
	const share = limit.remaining / Math.max(1, limit.limit);
	return [span(`API ${limit.remaining.toLocaleString('en-US')}${share < 0.9 ? `/${limit.limit.toLocaleString('en-US')}` : ''}`, share < 0.1 ? 'bad' : share < 0.25 ? 'wait' : 'quiet')];
};

export const header = (state: State, look: Look, width: number): Line => {
	const dot = span(` ${look.glyphs.separator} `, 'quiet');
	const left = joined([
		[span(state.repository, undefined, {bold: true})],
		state.snapshot ? branchLine(state.snapshot, look) : blank,
		...(state.demo ? [[span(`demo ×${state.demo.speed}`, 'accent')]] : []),
		...(state.readOnly ? [[span('read-only', 'wait')]] : []),
	], dot);
	const right = joined([connectionLine(state, look), width >= 76 && state.poll.failures === 0 ? budgetLine(state) : blank], dot);
	return spread([span(' '), ...left], [...right, span(' ')], width, look.glyphs.ellipsis);
};

/** What the operator must know about the connection, in a sentence with its way out; null when all is well. */
export const trouble = (state: State): {tone: Tone; text: string} | null => {
	const {poll, snapshot, wallNow} = state;
	if (poll.failure && poll.failures > 0) {
		const data = snapshot && poll.answeredAtWall !== null ? ` Last good data is ${age(wallNow - poll.answeredAtWall)} old; gates stay shut.` : '';
		return {tone: 'bad', text: `${sentence(poll.failure.because)}${data} ${poll.failure.next ? sentence(poll.failure.next) : 'R asks again now.'}`};
	}
	if (poll.partial.length > 0) return {tone: 'wait', text: `GitHub left something out: ${sentence(poll.partial[0]!)}`};
	if (poll.because !== null) return {tone: 'wait', text: `Asking less often: ${sentence(poll.because)}`};
	const skew = poll.clockSkewMs ?? 0;
	if (Math.abs(skew) > 90_000 && state.demo === null) return {tone: 'wait', text: `This machine's clock is ${duration(Math.abs(skew) / 1000)} ${skew < 0 ? 'ahead of' : 'behind'} GitHub's; ages are off by that.`};
	return null;
};

/** At most two lines of it. */
export const troubleLines = (state: State, look: Look, width: number): readonly Line[] => {
	const found = trouble(state);
	if (!found) return [];
	const [first = '', ...more] = wrap(found.text, width - 4);
	return [[span(` ${look.glyphs.warn} `, found.tone, {bold: true}), span(first, found.tone)], ...(more.length > 0 ? [[span('   '), span(cut(more.join(' '), width - 4, look.glyphs.ellipsis), found.tone)]] : [])];
};
