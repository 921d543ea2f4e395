/** From a key to a re-run, a cancellation, a start: which, what it does, and what came of it. Bound to what was in view when the dialog opened. */
import {jobTitle} from '../../core/pipeline/job-titles.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import {runPhrase, subjectTitle} from '../../core/runs/effects.ts';
import type {RunWish} from '../../core/runs/runs.ts';
import {short} from '../../core/gate/gate.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {at} from '../questions/at.ts';
import type {Dialog} from '../model/dialog.ts';
import {notConfirmed, pastedPatch, phraseNotConfirmed, typedPatch, untyped} from '../dialogs/dialog-hands.ts';
import {mayOperate} from '../questions/key-gate.ts';
import type {Message, Next} from '../model/messages.ts';
import {
	type StartDialog,
	isRunDialog,
	type RepeatRow,
	type RerunDialog,
	type RunAbout,
	type RunActDialog,
} from '../model/run-dialog.ts';
import {fillIn, goOnFromForm, openForm, readInputsAgain} from './run-form.ts';
import {
	approvedSince,
	askedOf,
	changedSince,
	hasFailed,
	heldBack,
	isForgotten,
	isNoticed,
	runInView,
	runOfTier,
	type RunView,
} from '../questions/run-select.ts';
import {selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {refused, toast} from '../view/toast.ts';
import {changeDialog, closeDialog, numbered, showDialog} from '../dialogs/update-dialog.ts';
import {askAgain} from '../polling/update-poll.ts';

export type RunMessage = Extract<Message, {type: 'intend-run' | 'inputs-read' | 'run-acted'}>;
/** What a key, a paste or a reload means while one of these dialogs is open. */
type RunDialogMessage = Extract<
	Message,
	{type: 'confirm' | 'move' | 'write' | 'erase' | 'pasted' | 'reload' | 'change-value'}
>;
const dialogMessages: ReadonlySet<Message['type']> = new Set([
	'confirm',
	'move',
	'write',
	'erase',
	'pasted',
	'reload',
	'change-value',
]);
const isForDialog = (message: Message): message is RunDialogMessage => dialogMessages.has(message.type);

const noted = (state: State, note: string): Next => [changeDialog(state, {note}), []];

/** The last question before it is done. */
export const openAct = (state: State, about: RunAbout, wish: RunWish): Next => {
	const dialog: RunActDialog = {
		name: 'run-act',
		about,
		wish,
		runBefore: runOfTier(state, about),
		phrase: runPhrase(wish, about.subject),
		typed: '',
		typing: untyped,
		phase: 'ready',
		refusal: null,
	};
	// A number of its own: what comes of something else, late, is not about this one.
	return [numbered(showDialog(state, dialog)), []];
};

const rowsFor = (
	hasRed: boolean,
	job: {id: number; name: string} | null,
	jobs: ReadonlyArray<{id: number; name: string}>,
): readonly RepeatRow[] => {
	const which = [
		...(hasRed ? ['failed' as const] : []),
		'all' as const,
		...(job ? [{jobId: job.id, name: jobTitle(job, jobs)}] : []),
	];
	return [...which.map(one => ({which: one, debug: false})), ...which.map(one => ({which: one, debug: true}))];
};

const openRerun = (state: State): Next => {
	const run = runInView(state);
	if (run === null) return [state, []];
	const dialog: RerunDialog = {
		name: 'rerun',
		about: run.about,
		seen: run.seen,
		rows: rowsFor(run.jobs.some(hasFailed), run.job, run.jobs),
		row: 0,
	};
	return [numbered(showDialog(state, dialog)), []];
};

const openCancel = (state: State): Next => {
	const run = runInView(state);
	if (run === null) return [state, []];
	const force = askedOf(state, run.seen.runId)?.kind === 'cancel';
	return openAct(state, run.about, {
		kind: 'cancel',
		title: run.about.title,
		number: run.about.number,
		seen: run.seen,
		force,
	});
};

export const openApprove = (state: State, {about, seen, whose}: RunView): Next =>
	openAct(state, about, {kind: 'approve', title: about.title, number: about.number, seen, whose: whose ?? ''});

const openStart = (state: State, tier: TierName, sha: string | undefined): Next => {
	if (sha === undefined) return [state, []];
	return openForm(state, {subject: tier, sha, title: `${subjectTitle(tier)} of ${short(sha)}`, number: null}, tier);
};

const intend = (state: State, what: Extract<Message, {type: 'intend-run'}>['what']): Next => {
	switch (what) {
		case 'rerun':
			return openRerun(state);
		case 'cancel':
			return openCancel(state);
		default:
			return openStart(state, what, selectedCandidate(state)?.sha);
	}
};

const takeRow = (state: State, {about, seen, rows, row}: RerunDialog): Next => {
	const chosen = rows[row]!;
	return openAct(state, about, {kind: 'rerun', title: about.title, number: about.number, seen, ...chosen});
};

const act = (state: State, dialog: RunActDialog & Dialog): Next => {
	const {phrase, wish, phase} = dialog;
	if (phase === 'starting') return [state, []];
	const why = phrase === null ? notConfirmed(state, dialog) : phraseNotConfirmed(state, dialog, phrase);
	if (why !== null) return noted(state, why);
	const gate = mayOperate(state);
	if (!gate.open) return [refused(state, 'confirm', gate), []];
	const next = changeDialog(numbered(state), {phase: 'starting', refusal: null});
	return [
		next,
		[
			{
				type: 'act-on-run',
				generation: next.operations.serial,
				wish,
				about: dialog.about,
				runBefore: dialog.runBefore,
			},
		],
	];
};

const typedAs = (state: State, dialog: RunActDialog, typed: string): Next => [
	changeDialog(state, typedPatch(state, dialog, typed, dialog.phrase ?? '')),
	[],
];

const write = (state: State, dialog: RunActDialog, text: string, isPasted: boolean): Next => {
	if (dialog.phase === 'starting') return [state, []];
	if (dialog.phrase === null) return isPasted ? noted(state, 'A paste confirms nothing.') : [state, []];
	if (isPasted) return [changeDialog(state, pastedPatch(dialog)), []];
	return typedAs(state, dialog, (dialog.typed + text).slice(0, dialog.phrase.length + 10));
};

/** What was void is opened anew, about what is there now. */
const reload = (state: State, dialog: RerunDialog | RunActDialog | StartDialog): Next => {
	const closed = closeDialog(state);
	if (dialog.name === 'start-run') return openStart(closed, dialog.tier, dialog.about.sha);
	if (dialog.name === 'run-act' && dialog.wish.kind === 'start' && dialog.about.subject !== 'production')
		return openStart(closed, dialog.about.subject, dialog.about.sha);
	if (dialog.name === 'run-act' && dialog.wish.kind === 'approve') {
		const held = heldBack(closed);
		return held === null
			? [toast(closed, `${dialog.about.title}: it waits for no approval. Nothing was done.`, 'warn'), []]
			: openApprove(closed, held);
	}
	const run = runInView(closed);
	const isRerun = dialog.name === 'rerun' || dialog.wish.kind === 'rerun';
	if (run === null || run.isOver !== isRerun)
		return [
			toast(
				closed,
				`${dialog.about.title}: ${run === null ? 'it is no longer in view' : run.isOver ? 'it has ended' : 'it runs now'}. Nothing was done.`,
				'warn',
			),
			[],
		];
	return isRerun ? openRerun(closed) : openCancel(closed);
};

/** null: the message is not for a dialog about runs. */
export const updateRunDialog = (state: State, message: Message): Next | null => {
	const {dialog} = state;
	if (!isRunDialog(dialog) || !isForDialog(message)) return null;
	if (message.type === 'reload') return reload(state, dialog);
	if (dialog.isVoid) return [state, []];
	if (dialog.name === 'start-run')
		return message.type === 'confirm' ? goOnFromForm(state, dialog, openAct) : fillIn(state, dialog, message);
	switch (message.type) {
		case 'confirm':
			return dialog.name === 'rerun' ? takeRow(state, dialog) : act(state, dialog);
		case 'move':
			return dialog.name === 'rerun'
				? [
						changeDialog(state, {
							row: Math.max(0, Math.min(dialog.rows.length - 1, dialog.row + Math.sign(message.by))),
							note: null,
						}),
						[],
					]
				: [state, []];
		case 'write':
		case 'pasted':
			return dialog.name === 'run-act'
				? write(state, dialog, message.text, message.type === 'pasted')
				: [state, []];
		case 'erase':
			return dialog.name === 'run-act'
				? typedAs(state, dialog, message.what === 'all' ? '' : dialog.typed.slice(0, -1))
				: [state, []];
		case 'change-value':
			return [state, []];
	}
};

const acted = (
	state: State,
	{generation, wish, about, runBefore, result}: Extract<Message, {type: 'run-acted'}>,
): Next => {
	const isOpen = state.dialog?.name === 'run-act' && state.dialog.generation === generation;
	if (!result.ok) {
		const {because, next, exitCode} = result;
		const told = isOpen
			? changeDialog(state, {
					phase: 'ready',
					refusal: {because, next, exitCode},
					shownAt: state.wallNow,
					touchedAt: state.wallNow,
				})
			: refused(state, about.title, {because: because.replace(/\.$/, ''), hint: next});
		return askAgain(told);
	}
	const seen = wish.kind === 'start' ? null : wish.seen;
	const asked = [
		...state.asked,
		{
			kind: wish.kind,
			about,
			runId: result.runId,
			seen,
			runBefore,
			attempt: wish.kind === 'rerun' ? result.attempt : null,
			force: wish.kind === 'cancel' && wish.force,
			atWall: state.wallNow,
		},
	];
	const word =
		wish.kind === 'cancel'
			? 'was asked to end'
			: wish.kind === 'rerun'
				? 'its re-run was asked for'
				: wish.kind === 'approve'
					? 'the run is approved'
					: 'was asked for';
	const closed = isOpen ? closeDialog(state) : state;
	return askAgain({
		...toast(
			closed,
			`${about.title}: ${word}.${result.note ? ` ${sentence(result.note)}` : ''}`,
			result.note ? 'warn' : 'good',
		),
		asked,
	});
};

export const updateRuns = (state: State, message: RunMessage): Next => {
	switch (message.type) {
		case 'intend-run':
			return intend(state, message.what);
		case 'inputs-read':
			return readInputsAgain(at(state, message), message);
		case 'run-acted':
			return acted(at(state, message), message);
	}
};

/** Why what the dialog shows does not hold any more; null: it does. */
const overtaken = (state: State): string | null => {
	const {dialog} = state;
	if (!isRunDialog(dialog) || dialog.isVoid || (dialog.name === 'run-act' && dialog.phase === 'starting'))
		return null;
	if (dialog.name === 'rerun') return changedSince(state, dialog.seen, true);
	if (dialog.name === 'run-act' && dialog.wish.kind === 'approve') return approvedSince(state, dialog.wish.seen);
	if (dialog.name === 'run-act' && dialog.wish.kind !== 'start')
		return changedSince(state, dialog.wish.seen, dialog.wish.kind === 'rerun');
	const now = runOfTier(state, dialog.about);
	return now === dialog.runBefore || now === null ? null : `run ${now} has started`;
};

/** After every message: a dialog about a run that has changed is void, and what GitHub shows is waited for no longer. */
export const recheckRuns = (state: State): State => {
	const because = overtaken(state);
	const checked =
		because === null
			? state
			: changeDialog(state, {
					isVoid: true,
					voidBecause: because,
					note: null,
					...(state.dialog?.name === 'run-act' && {typed: '', typing: untyped}),
				});
	if (checked.asked.length === 0) return checked;
	const asked = checked.asked.filter(one => !isForgotten(checked, one) && !isNoticed(checked, one));
	return asked.length === checked.asked.length ? checked : {...checked, asked};
};
