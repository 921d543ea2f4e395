/** The part of the table of keys that is about promotions: promote, sign off, approve, hotfix, and breaking the glass. */
import {both, confirmable, type Gate, hasCommit, isPresent, mayOperate, open, shut} from '../questions/key-gate.ts';
import {conditionOf} from '../questions/operation-select.ts';
import {age} from '../../core/text/duration.ts';
import {askedOf, heldBack, isForeign, isLate} from '../questions/run-select.ts';
import {heldMeant, reviewersText, signOffsMeant} from '../promotions/release-select.ts';
import {isStale, type Mode, selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './binding.ts';

const pipelinePlaces: readonly Mode[] = ['board', 'tier', 'job', 'tests', 'gate', 'events'];

/** The gate is in view, or open: elsewhere the footer has better use of its room. */
const isNear = (state: State): boolean =>
	isPresent(state) &&
	(state.view.place.name === 'gate' || (selectedCandidate(state)?.gate.open === true && !isStale(state)));

const hasSignOffs = (state: State): Gate =>
	(signOffsMeant(state)?.rows.length ?? 0) > 0
		? open
		: shut('none is asked for', 'promotion.signOffs in deployctl.yml names them.');
const isUnsigned = (state: State): boolean => signOffsMeant(state)?.rows.some(({given}) => given === null) ?? false;

const mayReview = (state: State): Gate => {
	const run = heldBack(state);
	if (run !== null) {
		if (isForeign(state, run)) return shut('this run belongs to another repository');
		const asked = askedOf(state, run.seen.runId);
		if (asked?.kind === 'approve' && !isLate(state, asked))
			return shut(
				`it was approved ${age(state.wallNow - asked.atWall)} ago`,
				'GitHub has not shown that it goes on yet.',
			);
		return run.seen.attempt === null ? shut('which attempt it is has not been read yet') : open;
	}
	const held = heldMeant(state);
	if (held === null) return shut('nothing here waits for an approval');
	return held.canApprove === false ? shut(reviewersText(state, held.environment)) : open;
};

const isIll = (state: State): boolean => ['unhealthy', 'mixed'].includes(conditionOf(state, 'production'));

/** At the places. */
export const releaseKeys: readonly Binding[] = [
	{
		modes: pipelinePlaces,
		keys: ['P'],
		label: 'promote',
		help: 'Promote the selected commit to production; shows the plan first',
		group: 'Operate',
		footer: 1.1,
		footerWhen: isNear,
		inPalette: true,
		gate: both(mayOperate, hasCommit),
		message: {type: 'intend-release', what: 'promote'},
	},
	{
		modes: ['board', 'gate'],
		keys: ['I'],
		label: 'sign off',
		help: 'Sign off the selected commit, or take it back',
		group: 'Operate',
		footer: 1.15,
		footerWhen: state => state.view.place.name === 'gate' && isPresent(state) && hasSignOffs(state).open,
		inPalette: true,
		gate: both(mayOperate, hasCommit, hasSignOffs),
		message: {type: 'intend-release', what: 'sign-off'},
	},
	{
		modes: ['board', 'tier', 'gate', 'operation'],
		keys: ['V'],
		label: 'approve or refuse',
		help: 'Approve or refuse what a run waits for',
		group: 'Operate',
		footer: 0.5,
		footerWhen: state => isPresent(state) && (heldBack(state) ?? heldMeant(state)) !== null,
		inPalette: true,
		gate: both(mayOperate, mayReview),
		message: {type: 'intend-release', what: 'review'},
	},
	{
		modes: ['board'],
		keys: ['H'],
		label: 'hotfix',
		help: 'Hotfix: choose a hotfix branch for production; shows the plan first',
		group: 'Operate',
		footer: 1.5,
		footerWhen: state => isPresent(state) && isIll(state),
		inPalette: true,
		gate: mayOperate,
		message: {type: 'intend-release', what: 'hotfix'},
	},
];

/** Whether a broken glass would let this promotion go. */
const hasGlass = (state: State): Gate => {
	const {dialog} = state;
	const shown = dialog?.name === 'plan' ? dialog.plan : null;
	if (!shown?.promotion) return shut('only a promotion has a break-glass override');
	if (shown.promotion.breakGlass !== null)
		return shut(
			'break-glass is on already',
			shown.blocked === null ? undefined : 'What blocks it now can never be passed.',
		);
	if (shown.blocked === null) return shut('nothing blocks it');
	if (shown.promotion.canBreakGlass) return open;
	return shown.lock.state === 'free'
		? shut(`this can never be passed: ${shown.blocked.because.replace(/\.$/, '')}`)
		: shut('the lock can never be passed', shown.blocked.next);
};

/** Whether a rollback is blocked by what it may go past. */
const hasLockToPass = ({dialog}: State): Gate => {
	const shown = dialog?.name === 'plan' ? dialog.plan : null;
	if (shown?.canPassLock !== true) return shut('no lock blocks it that a rollback may pass');
	return shown.passedLock == null ? open : shut('it goes past the lock already');
};

const isReview = ({dialog}: State): Gate =>
	dialog?.name === 'review' ? open : shut('there is nothing to refuse here');
const isPromotion = ({dialog}: State): Gate =>
	dialog?.name === 'plan' && dialog.plan?.promotion ? open : shut('only a promotion is signed for');

/** In the dialogs. */
export const releaseDialogKeys: readonly Binding[] = [
	{
		modes: ['plan'],
		keys: ['X'],
		label: 'break-glass',
		help: 'Go past what is not met, with a reason that everybody sees',
		group: 'Program',
		footer: 2,
		footerWhen: state => hasGlass(state).open,
		gate: both(mayOperate, hasGlass),
		message: {type: 'break-glass'},
	},
	{
		modes: ['plan'],
		keys: ['L'],
		label: 'past the lock',
		help: 'Roll back past a lock on GitHub; it has a phrase of its own, and the lock stays',
		group: 'Program',
		footer: 2,
		footerWhen: state => hasLockToPass(state).open,
		gate: both(mayOperate, hasLockToPass),
		message: {type: 'pass-lock'},
	},
	{
		modes: ['plan'],
		keys: ['I'],
		label: 'sign off',
		help: 'Sign off the commit of the plan',
		group: 'Program',
		footer: 2.5,
		footerWhen: state => isPromotion(state).open && isUnsigned(state),
		gate: both(mayOperate, isPromotion, hasSignOffs),
		message: {type: 'intend-release', what: 'sign-off'},
	},
	{
		modes: ['ask'],
		keys: ['n'],
		label: 'refuse',
		help: 'Refuse: the run ends without it',
		group: 'Program',
		footer: 2,
		footerWhen: state => isReview(state).open,
		gate: both(isReview, confirmable),
		message: {type: 'decline'},
	},
];
