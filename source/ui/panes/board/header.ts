/** Two lines: whose pipeline, how fresh; and what is wrong, when something is. */
import {age, asOf, dateTime, duration} from '../../../core/text/duration.ts';
import {holderOf} from '../../../core/locks/lock.ts';
import type {Snapshot} from '../../../core/pipeline/pipeline.ts';
import {askedAgain, passes} from '../../../core/polling/read-kinds.ts';
import {sentence} from '../../../core/text/sanitise.ts';
import {behindItsBranch, lockOn, runningOn} from '../../../state/questions/operation-select.ts';
import {freshnessOf, wayOut, wayOutKeys} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {blank, joined, type Line, lineWidth, span, spread, wrapAtMost} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';

const distance = ({
	branches: {
		staging: {aheadBy, behindBy},
	},
}: Snapshot): Line => [
	...(aheadBy === null
		? []
		: [span(aheadBy === 0 ? 'up to date' : `${aheadBy} ahead`, aheadBy === 0 ? 'quiet' : 'accent')]),
	...(behindBy !== null && behindBy > 0 ? [span(` ${behindBy} behind`, 'bad')] : []),
];

/** Of the branches; and what production itself runs, where that is another. */
const branchLine = (state: State, snapshot: Snapshot, look: Look): Line => {
	const {staging, production} = snapshot.branches;
	const behind = behindItsBranch(state);
	return [
		span(`${staging.name} ${look.glyphs.arrow} ${production.name} `),
		...distance(snapshot),
		...(behind === null ? [] : [span(`, production ${behind} behind`, 'wait', {bold: true})]),
	];
};

/** How old the data is, and whether GitHub answers; `more` is the first to go where it is narrow. */
const connection = (state: State, look: Look): {main: Line; more: Line} => {
	const {poll, wallNow, snapshot, now} = state;
	const old = poll.answeredAtWall === null ? 0 : wallNow - poll.answeredAtWall;
	const retry = `, retry in ${age(Math.max(0, poll.nextAtWall - wallNow))}`;
	const dataOf = snapshot ? `as of ${asOf(snapshot.fetchedAt, now)}` : '';
	switch (freshnessOf(state)) {
		case 'failing':
			return {
				main: [span(`${look.glyphs.warn} ${snapshot ? dataOf : 'no answer'}`, 'bad', {bold: true})],
				more: [span(retry, 'bad')],
			};
		case 'nothing':
			return {main: [span('asking GitHub', 'wait')], more: []};
		case 'cached':
			return {main: [span(dataOf, 'wait')], more: [span(', asking GitHub', 'wait')]};
		case 'paused':
			return {
				main: [
					span(`${look.glyphs.warn} paused until ${asOf(poll.nextAtWall, wallNow)}`, 'wait', {bold: true}),
				],
				more: [span(`, data ${age(old)} old`, 'wait')],
			};
		case 'late':
			return {
				main: [span(`${look.glyphs.warn} data ${age(old)} old`, 'wait', {bold: true})],
				more: [span(poll.phase === 'asking' ? ', asking GitHub' : '', 'wait')],
			};
		case 'slowed':
			return {main: [span(`${look.glyphs.live} synced`, 'wait')], more: [span(` ${age(old)} ago`, 'wait')]};
		case 'live':
			return {
				main: [span(`${look.glyphs.live} synced`, old < greenForMs ? 'good' : 'quiet')],
				more: [span(old < 2000 ? '' : ` ${age(old)} ago`, 'quiet')],
			};
	}
};

const budgetLine = ({snapshot, poll}: State): Line => {
	const limit = snapshot?.rateLimit;
	if (!limit) return poll.path === 'rest' ? [span('REST', 'quiet')] : blank;
	const share = limit.remaining / Math.max(1, limit.limit);
	return [
		span(
			`API ${limit.remaining.toLocaleString('en-US')}${share < 0.9 ? `/${limit.limit.toLocaleString('en-US')}` : ''}`,
			share < 0.1 ? 'bad' : share < 0.25 ? 'wait' : 'quiet',
		),
	];
};

/** Locks of people and of operations elsewhere; one that runs here has a line of its own. */
const lockNotes = (state: State): readonly Line[] =>
	state.settings.environments.flatMap(({name}): readonly Line[] => {
		const lock = lockOn(state, name);
		if (lock?.state === 'ambiguous') return [[span(`${name} locked, unreadable`, 'bad', {bold: true})]];
		return lock?.state === 'held' && runningOn(state, name) === null
			? [
					[
						span(`${name} locked by ${holderOf(lock.lock)}${lock.isStale ? ', silent' : ''}`, 'wait', {
							bold: true,
						}),
					],
				]
			: [];
	});

/** When that was, which is not now. */
const replayNote = ({replay, now}: State): Line => {
	if (replay === null) return blank;
	const how = replay.isEnded ? 'end of the recording' : replay.isPaused ? 'paused' : `×${replay.speed}`;
	return [
		span(`REPLAY ${dateTime(now)}`, 'wait', {bold: true, inverse: true}),
		span(` ${how}${replay.frame?.isDamaged ? ', damaged here' : ''}`, 'wait'),
	];
};

/** What is older than this is no longer green: not trouble, but not now either. Milliseconds. */
const greenForMs = 15_000;

/** The age behind "synced" grows and vanishes; nothing else may come and go with it. */
const connectionCells = 16;

/** What the header may say, from all of it to the least: whole parts go, never half a number. The owner's name goes first. */
const choices = (state: State, look: Look, width: number): ReadonlyArray<{left: Line; right: Line; cells: number}> => {
	const dot = span(` ${look.glyphs.separator} `, 'quiet');
	const full = [span(state.repository, undefined, {bold: true})];
	const name = [span(state.repository.split('/').at(-1)!, undefined, {bold: true})];
	const {main, more} = connection(state, look);
	const budget = width >= 76 && state.poll.failures === 0 ? budgetLine(state) : blank;
	const branches = state.snapshot ? branchLine(state, state.snapshot, look) : blank;
	const between = state.snapshot ? distance(state.snapshot) : blank;
	const notes: readonly Line[] = [
		replayNote(state),
		state.demo ? [span(`demo ×${state.demo.speed}`, 'accent')] : blank,
		state.readOnly ? [span('read-only', 'wait')] : blank,
		...lockNotes(state),
	];
	const made = (lefts: readonly Line[], rights: readonly Line[]) => {
		const left: Line = [span(' '), ...joined(lefts, dot)];
		const right: Line = [...joined(rights, dot), span(' ')];
		return {
			left,
			right,
			cells: lineWidth(left) + 2 + lineWidth(right) + Math.max(0, connectionCells - lineWidth(rights[0]!)),
		};
	};
	const whole: Line = [...main, ...more];
	return [
		made([full, branches, ...notes], [whole, budget]),
		made([name, branches, ...notes], [whole, budget]),
		made([name, branches, ...notes], [whole]),
		made([name, between, ...notes], [whole]),
		made([name, between, ...notes], [main]),
		made([name, ...notes], [main]),
		made([name, ...(state.replay === null ? lockNotes(state).slice(0, 1) : [replayNote(state)])], [main]),
		made([state.replay === null ? name : replayNote(state)], [main]),
	];
};

export const header = (state: State, look: Look, width: number): Line => {
	const all = choices(state, look, width);
	const {left, right} = all.find(({cells}) => cells <= width) ?? all.at(-1)!;
	return spread(left, right, width, look.glyphs.ellipsis);
};

/** What the operator must know about the connection, in a sentence with its way out; null when all is well. */
export const trouble = (state: State): {tone: Tone; text: string} | null => {
	const {poll, snapshot, wallNow} = state;
	if (poll.failure && poll.failures > 0) {
		const data =
			snapshot && poll.answeredAtWall !== null
				? ` Data is ${age(wallNow - poll.answeredAtWall)} old, gates stay blocked.`
				: '';
		return {
			tone: 'bad',
			text: `${sentence(poll.failure.because)}${data} ${sentence(poll.failure.next ?? (passes(poll.failure.kind) ? askedAgain : 'R asks again now.'))}${wayOut(state) === null ? '' : ` ${wayOutKeys}`}`,
		};
	}
	if (poll.partial.length > 0)
		return {tone: 'wait', text: `GitHub left something out: ${sentence(poll.partial[0]!)}`};
	if (poll.because !== null) {
		const because = sentence(poll.because);
		return {
			tone: 'wait',
			text:
				freshnessOf(state) === 'slowed'
					? `Asking less often: ${because}`
					: `Paused: ${because} Gates stay blocked.`,
		};
	}
	const skew = poll.clockSkewMs ?? 0;
	if (Math.abs(skew) <= 90_000 || state.demo !== null) return null;
	return {
		tone: 'wait',
		text: `This machine's clock is ${duration(Math.abs(skew) / 1000)} ${skew < 0 ? 'ahead of' : 'behind'} GitHub's; ages here go by GitHub's.`,
	};
};

/** At most two lines of it; more only for an address. */
export const troubleLines = (state: State, look: Look, width: number): readonly Line[] => {
	const found = trouble(state);
	if (!found) return [];
	return wrapAtMost(found.text, width - 4, 2, look.glyphs.ellipsis).map((text, index): Line => [
		index === 0 ? span(` ${look.glyphs.warn} `, found.tone, {bold: true}) : span('   '),
		span(text, found.tone),
	]);
};
