/** The logs of jobs in view: which part of each is in memory, where the operator is, and the search in it. */
import {absenceOf, isMoving} from '../../core/runs/job-log.ts';
import {at} from '../questions/at.ts';
import type {JobLogEffect, JobLogMessage} from '../model/job-log-messages.ts';
import {addLog, dropLog, goalOf, openLog, stepLog} from './job-log-panes.ts';
import {openTierLog} from './tier-log.ts';
import {focused, inPane, read, topFor, withPane, withPart} from './job-log-read.ts';
import {copyLine, copyView, stepAddress} from './job-log-select.ts';
import {type JobLogPane, loggedJob} from '../model/job-log-state.ts';
import type {Message, Next} from '../model/messages.ts';
import {shownTiers} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {toast} from '../view/toast.ts';
import {jobLogRows} from '../view/window.ts';

type Moving = JobLogMessage | Extract<Message, {type: 'move' | 'jump' | 'page' | 'search-next'}>;

/** How often a log that comes is read again: as often as the screen can show it calmly. */
const comesEveryMs = 100;
/** While it is waited for. */
const waitsEveryMs = 500;

const wasRead = (
	state: State,
	{job, generation, wanted, reading}: Extract<JobLogMessage, {type: 'job-log-read'}>,
): Next => {
	const pane = inPane(state, job);
	if (!pane || pane.generation !== generation) return [state, []];
	const {standing, first, rows, folds} = reading;
	const isThere = standing.kind === 'there' || standing.kind === 'coming';
	const isMissing = first === null && wanted.error !== 0;
	const cursor = isMissing ? pane.cursor : (first ?? rows[0]?.number ?? 0);
	// Following goes on; whatever else was aimed at is reached once the log is whole.
	const isReached = isThere && !isMoving(standing);
	const goal =
		pane.goal === 'end' || (pane.goal === 'first-error' && isReached && first === null && rows.length > 0)
			? ('end' as const)
			: isReached || (pane.goal === 'start' && rows.length > 0)
				? null
				: pane.goal;
	const height = jobLogRows(state);
	// Far away is seen from its third row on, not from the edge.
	const isFar = pane.goal === 'first-error' || wanted.error !== 0 || wanted.isRevealed;
	const shown = isMissing ? pane.rows : rows;
	const next = withPane(state, job, {
		standing,
		folds,
		rows: shown,
		cursor,
		top: topFor(shown, cursor, isFar ? Infinity : pane.top, height),
		ahead: 0,
		goal,
	});
	const after = isMissing
		? toast(next, `No error is known ${wanted.error === 1 ? 'below' : 'above'} this line.`, 'warn')
		: next;
	const again = inPane(after, job)!;
	// A failure that nothing in the log tells of is told at its end.
	if (pane.goal === 'first-error' && again.goal === 'end') return read(after, {...again, goal: 'end'}, {});
	return isMoving(standing) ? read(after, again, {}, isThere ? comesEveryMs : waitsEveryMs) : [after, []];
};

/** So many shown lines on. What is in memory is shown at once. */
const goBy = (state: State, pane: JobLogPane, by: number): Next => {
	const {rows, cursor, ahead, goal} = pane;
	const at = rows.findIndex(({number}) => number === cursor);
	const isFirstMove = goal !== null;
	const target = rows[at + by];
	const height = jobLogRows(state);
	if (at === -1 || ahead !== 0)
		return read(
			withPane(state, pane.job.id, {goal: null, ahead: ahead + by}),
			{...pane, goal: null, ahead: ahead + by},
			{},
		);
	const landing = target ?? (by > 0 ? rows.at(-1)! : rows[0]!);
	const next = withPane(state, pane.job.id, {
		cursor: landing.number,
		top: topFor(rows, landing.number, pane.top, height),
		goal: null,
		left: state.jobLogs!.isWrapped ? 0 : pane.left,
	});
	const lines = pane.standing && 'lines' in pane.standing ? pane.standing.lines : 0;
	const isNearEdge =
		(at + by < height && rows[0]!.number > 0) ||
		(at + by >= rows.length - height && rows.at(-1)!.number < lines - 1);
	if (!isNearEdge && !isFirstMove) return [next, []];
	const moved = inPane(next, pane.job.id)!;
	// What could not be taken from memory is gone on with from its edge.
	const left = target ? 0 : at + by - (by > 0 ? rows.length - 1 : 0);
	return read(withPane(next, pane.job.id, {ahead: left}), {...moved, ahead: left}, {});
};

const goTo = (state: State, pane: JobLogPane, goal: 'end' | 'start'): Next =>
	read(withPane(state, pane.job.id, {goal, ahead: 0}), {...pane, goal, ahead: 0}, {});

/** Folds or unfolds the group that the line is in. */
const fold = (state: State, pane: JobLogPane): Next => {
	const at = pane.rows.findIndex(({number}) => number === pane.cursor);
	const start = pane.rows.slice(0, at + 1).findLast(({group}) => group !== null);
	const row = pane.rows[at];
	if (!row || !start || (row.group === null && !row.isInGroup))
		return [toast(state, 'This line is in no group.', 'warn'), []];
	const {all, except} = pane.folds;
	const folds = {
		all,
		except: except.includes(start.number)
			? except.filter(line => line !== start.number)
			: [...except, start.number],
	};
	return read(
		withPane(state, pane.job.id, {folds, goal: null}),
		{...pane, folds, goal: null, cursor: start.number},
		{},
	);
};

const foldAll = (state: State, pane: JobLogPane): Next => {
	const folds = {all: !pane.folds.all, except: []};
	return read(
		toast(
			withPane(state, pane.job.id, {folds, goal: null}),
			folds.all ? 'All groups folded' : 'All groups unfolded',
		),
		{...pane, folds, goal: null},
		{},
	);
};

const searchEffect = (state: State, pane: JobLogPane, text: string, from: number, direction: 1 | -1): Next => {
	const known = pane.search?.text === text ? pane.search : null;
	const generation = (pane.search?.generation ?? 0) + 1;
	const search = {
		text,
		generation,
		isSearching: true,
		line: known?.line ?? null,
		count: known?.count ?? null,
		ordinal: known?.ordinal ?? null,
		isCounted: known?.isCounted ?? false,
	};
	return [
		withPane(state, pane.job.id, {search}),
		[{type: 'find-in-job-log', generation, job: pane.job, text, from, direction}],
	];
};

/** From the line that the cursor is at; an empty text ends the search. */
export const searchJobLog = (state: State, text: string): Next => {
	const pane = focused(state);
	if (!pane) return [state, []];
	return text === ''
		? [withPane(state, pane.job.id, {search: null}), []]
		: searchEffect(withPane(state, pane.job.id, {search: null}), {...pane, search: null}, text, pane.cursor, 1);
};

const searchNext = (state: State, pane: JobLogPane, direction: 1 | -1): Next => {
	const {search} = pane;
	return search ? searchEffect(state, pane, search.text, pane.cursor + direction, direction) : [state, []];
};

const wasFound = (state: State, {job, generation, line}: Extract<JobLogMessage, {type: 'job-log-found'}>): Next => {
	const pane = inPane(state, job);
	const search = pane?.search;
	if (!pane || !search || search.generation !== generation) return [state, []];
	if (line === null)
		return [
			toast(
				withPane(state, job, {
					search: {...search, isSearching: false, line: null, count: 0, ordinal: null, isCounted: true},
				}),
				`No line has "${search.text}".`,
				'warn',
			),
			[],
		];
	const next = withPane(state, job, {
		search: {...search, isSearching: false, line, ordinal: null},
		goal: null,
		cursor: line,
	});
	const [gone, effects] = read(next, {...inPane(next, job)!, cursor: line}, {isRevealed: true});
	return [gone, [...effects, {type: 'count-in-job-log', generation, job: pane.job, text: search.text, line}]];
};

const wasTallied = (
	state: State,
	{job, generation, count, ordinal, isWhole}: Extract<JobLogMessage, {type: 'job-log-tallied'}>,
): Next => {
	const search = inPane(state, job)?.search;
	return search?.generation === generation
		? [
				withPane(state, job, {
					search: {
						...search,
						count: search.isCounted ? Math.max(search.count ?? 0, count) : count,
						ordinal,
						isCounted: isWhole || search.isCounted,
					},
				}),
				[],
			]
		: [state, []];
};

const act = (state: State, pane: JobLogPane, what: Extract<JobLogMessage, {type: 'use-log'}>['what']): Next => {
	switch (what) {
		case 'follow':
			return pane.goal === 'end' ? [withPane(state, pane.job.id, {goal: null}), []] : goTo(state, pane, 'end');
		case 'wrap':
			return [withPane(withPart(state, {isWrapped: !state.jobLogs!.isWrapped}), pane.job.id, {left: 0}), []];
		case 'times':
			return [withPart(state, {hasTimes: !state.jobLogs!.hasTimes}), []];
		case 'fold':
			return fold(state, pane);
		case 'fold-all':
			return foldAll(state, pane);
		case 'copy-line':
			return [state, [{type: 'copy', text: copyLine(pane)}]];
		case 'copy-view':
			return [state, [{type: 'copy', text: copyView(state, pane)}]];
		case 'open-step': {
			const url = stepAddress(state, pane);
			return url === null ? [state, []] : [toast(state, `Opening job ${pane.job.name}`), [{type: 'open', url}]];
		}
		case 'add':
			return addLog(state, pane);
		case 'drop':
			return dropLog(state, pane);
		case 'ask-again': {
			const [next, effects] = read(state, pane, {});
			return [next, [{type: 'ask-job-log-again', job: pane.job}, ...effects]];
		}
	}
};

export const updateJobLog = (state: State, message: Moving): Next => {
	switch (message.type) {
		case 'open-log':
			return openLog(state, message);
		case 'open-tier-log':
			return openTierLog(state, message.tier);
		case 'job-log-read':
			return wasRead(at(state, message), message);
		case 'job-log-found':
			return wasFound(at(state, message), message);
		case 'job-log-tallied':
			return wasTallied(at(state, message), message);
		default:
			break;
	}
	const pane = focused(state);
	if (!pane) return [state, []];
	switch (message.type) {
		case 'move':
			return goBy(state, pane, message.by);
		case 'page':
			return goBy(state, pane, message.direction * Math.max(1, Math.floor(jobLogRows(state) * message.share)));
		case 'jump':
			return goTo(state, pane, message.to === 'first' ? 'start' : 'end');
		case 'search-next':
			return searchNext(state, pane, message.direction);
		case 'shift-job-log':
			return [withPane(state, pane.job.id, {left: Math.max(0, pane.left + message.by)}), []];
		case 'next-error':
			return read(
				withPane(state, pane.job.id, {goal: null}),
				{...pane, goal: null},
				{error: message.direction, by: 0, isRevealed: true},
			);
		case 'step-log':
			return stepLog(state, pane, message.by, message.isTab);
		case 'use-log':
			return act(state, pane, message.what);
	}
};

/** A job that has ended since, or begun: its log is another one. The moment it ends its log is read, at the failure if it failed. */
const follow = (state: State, pane: JobLogPane): Next => {
	const tier = shownTiers(state).find(({name}) => name === pane.tierName);
	const job = tier?.jobs.find(({id}) => id === pane.job.id);
	if (!tier || !job) return [state, []];
	if (job.status === pane.job.status)
		return [
			job.steps === pane.job.steps
				? state
				: withPane(state, job.id, {job: {...pane.job, steps: job.steps, finishedAt: job.finishedAt}}),
			[],
		];
	const logged = loggedJob(job, tier);
	const wasWaiting = absenceOf(pane.job) !== null;
	const next = {...pane, job: logged, ...(wasWaiting && {goal: goalOf(job), standing: null})};
	return read(withPane(state, job.id, next), next, {});
};

/** The logs belong to the place: they are closed with it. */
export const jobLogsOfPlace = (state: State): Next => {
	const {
		jobLogs,
		view: {place},
	} = state;
	if (jobLogs === null) return [state, []];
	if (place.name !== 'job-log')
		return [
			{...state, jobLogs: null},
			jobLogs.panes.map(({job}): JobLogEffect => ({type: 'close-job-log', job: job.id})),
		];
	return jobLogs.panes.reduce<Next>(
		([before, effects], pane) => {
			const [next, more] = follow(before, pane);
			return [next, more.length === 0 ? effects : [...effects, ...more]];
		},
		[state, []],
	);
};

/** Another size of the terminal shows other lines. */
export const readJobLogsNow = (state: State): Next =>
	(state.jobLogs?.panes ?? []).reduce<Next>(
		([before, effects], pane) => {
			const [next, more] = read(before, pane, {});
			return [next, [...effects, ...more]];
		},
		[state, []],
	);
