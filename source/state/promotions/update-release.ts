/** From a key to a promotion, a sign-off, an approval, a hotfix: what is asked before, always by id. Nothing here begins anything. */
import {at} from '../questions/at.ts';
import type {Dialog, HotfixDialog, SignOffDialog} from '../model/dialog.ts';
import {untyped} from '../dialogs/dialog-hands.ts';
import type {Message, Next} from '../model/messages.ts';
import {runningOn} from '../questions/operation-select.ts';
import {titleOf} from '../view/operation-words.ts';
import {heldMeant, type SignOffRow, signOffRows, signOffsMeant} from './release-select.ts';
import {heldBack} from '../questions/run-select.ts';
import {selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {refused, toast} from '../view/toast.ts';
import {
	attachTo,
	changeDialog,
	closeDialog,
	numbered,
	openPlan,
	refreshed,
	showDialog,
} from '../dialogs/update-dialog.ts';
import {openApprove} from '../runs/update-runs.ts';

const ready = {phase: 'ready' as const, refusal: null};

/** What runs already is shown instead of being started again. */
const promote = (state: State, sha: string, hotfix: string | null): Next => {
	const running = runningOn(state, 'production');
	if (running?.kind === 'promote')
		return [toast(attachTo(state, running.id), `${titleOf(running)} is running already: this is it.`, 'warn'), []];
	if (running)
		return [
			refused(closeDialog(state), 'promote', {because: `${titleOf(running)} is running`, hint: 'A watches it.'}),
			[],
		];
	return openPlan(state, {kind: 'promote', environment: 'production', sha, ...(hotfix !== null && {hotfix})});
};

/** Gives it, or takes back what is given. */
const sign = (state: State, sha: string, {name, given}: SignOffRow): Next => [
	given === null
		? showDialog(state, {
				name: 'reason',
				what: 'sign-off',
				environment: 'production',
				sha,
				signOff: name,
				reason: '',
				...ready,
			})
		: showDialog(state, {
				name: 'ask',
				what: 'take-back',
				environment: 'production',
				sha,
				signOff: name,
				given,
				...ready,
			}),
	[],
];

const openSignOff = (state: State): Next => {
	const meant = signOffsMeant(state);
	if (meant === null || meant.rows.length === 0) return [state, []];
	const {sha, rows} = meant;
	if (rows.length === 1) return sign(state, sha, rows[0]!);
	return [
		showDialog(state, {
			name: 'sign-off',
			sha,
			choices: rows,
			chosen: (rows.find(({given}) => given === null) ?? rows[0]!).name,
		}),
		[],
	];
};

const openReview = (state: State): Next => {
	const run = heldBack(state);
	if (run !== null) return openApprove(state, run);
	const held = heldMeant(state);
	if (held === null) return [state, []];
	const {environment, runId, waitingSince} = held;
	// One that the settings do not name may be anything: it is protected.
	const isTyped = state.settings.environments.find(({name}) => name === environment)?.isProtected ?? true;
	return [
		showDialog(state, {
			name: 'review',
			environment,
			runId,
			waitingSince,
			isTyped,
			typed: '',
			typing: untyped,
			decision: null,
			...ready,
		}),
		[],
	];
};

const readHotfixes = (state: State): Next => {
	const next = numbered(state);
	return [next, [{type: 'read-hotfixes', generation: next.operations.serial}]];
};

const hotfixesRead = (state: State, {generation, result}: Extract<Message, {type: 'hotfixes-read'}>): Next => {
	const {dialog} = state;
	if (dialog?.name !== 'hotfix' || dialog.generation !== generation) return [state, []];
	if (!result.ok)
		return [
			changeDialog(state, {
				branches: [],
				refusal: {because: result.because, next: result.next, exitCode: result.exitCode},
			}),
			[],
		];
	const {branches} = result;
	if (branches.length === 0)
		return [
			refused(closeDialog(state), 'hotfix', {
				because: `there is no branch ${state.settings.promotion.hotfix.prefix}…`,
				hint: 'Push one, then press H again.',
			}),
			[],
		];
	const chosen = branches.some(({branch}) => branch === dialog.chosen) ? dialog.chosen : branches[0]!.branch;
	return [changeDialog(state, {branches, chosen, refusal: null, shownAt: state.wallNow}), []];
};

const intend = (state: State, what: Extract<Message, {type: 'intend-release'}>['what']): Next => {
	switch (what) {
		case 'promote': {
			const sha = selectedCandidate(state)?.sha;
			return sha === undefined ? [state, []] : refreshed(promote(state, sha, null));
		}
		case 'sign-off':
			return openSignOff(state);
		case 'review':
			return openReview(state);
		case 'hotfix':
			return readHotfixes(showDialog(state, {name: 'hotfix', branches: null, chosen: null, refusal: null}));
	}
};

/** Takes the row that is chosen. */
export const takeRow = (state: State, dialog: SignOffDialog | HotfixDialog): Next => {
	if (dialog.name === 'sign-off') {
		const row = dialog.choices.find(({name}) => name === dialog.chosen);
		return row ? sign(state, dialog.sha, row) : [state, []];
	}
	if (dialog.branches === null) return [changeDialog(state, {note: 'Reading the branches; try again then.'}), []];
	const hotfix = dialog.branches.find(({branch}) => branch === dialog.chosen);
	return hotfix
		? refreshed(promote(state, hotfix.sha, hotfix.branch))
		: [changeDialog(state, {note: 'There is nothing to take.'}), []];
};

/** Another plan, with the reason in it; it wants a phrase of its own. */
const openBreakGlass = (state: State): Next => {
	const {dialog} = state;
	if (dialog?.name !== 'plan' || dialog.wish.kind !== 'promote') return [state, []];
	const passed = (dialog.plan?.promotion?.conditions ?? []).filter(({met}) => met !== true).map(({id}) => id);
	return [
		showDialog(state, {
			name: 'reason',
			what: 'break-glass',
			environment: dialog.wish.environment,
			wish: dialog.wish,
			passed,
			reason: '',
			...ready,
		}),
		[],
	];
};

/** Another plan of the same rollback, with a phrase of its own. */
const openPastLock = (state: State): Next => {
	const {dialog} = state;
	return dialog?.name === 'plan' && dialog.wish.kind === 'rollback'
		? openPlan(state, {...dialog.wish, pastLock: true})
		: [state, []];
};

/** A list that was void is read anew: others may have signed or pushed meanwhile. */
export const reloadList = (state: State, dialog: Dialog & (SignOffDialog | HotfixDialog)): Next => {
	const fresh = changeDialog(state, {
		isVoid: false,
		shownAt: state.wallNow,
		touchedAt: state.wallNow,
		note: null,
		openedBy: state.hands.chunk,
	});
	if (dialog.name === 'hotfix') return readHotfixes(changeDialog(fresh, {branches: null, refusal: null}));
	const conditions = state.snapshot?.candidates.find(({sha}) => sha === dialog.sha)?.gate.conditions;
	return [
		conditions === undefined ? fresh : changeDialog(fresh, {choices: signOffRows(dialog.choices, conditions)}),
		[],
	];
};

type ReleaseMessage = Extract<Message, {type: 'intend-release' | 'break-glass' | 'pass-lock' | 'hotfixes-read'}>;

export const updateRelease = (state: State, message: ReleaseMessage): Next => {
	switch (message.type) {
		case 'intend-release':
			return intend(state, message.what);
		case 'break-glass':
			return openBreakGlass(state);
		case 'pass-lock':
			return openPastLock(state);
		case 'hotfixes-read':
			return hotfixesRead(at(state, message), message);
	}
};
