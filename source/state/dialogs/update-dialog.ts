/** From a key to a plan: which environment, which release, and what comes of the questions in between. Always by id. */
import type {Plan, PlanCommit, Wish} from '../../core/plan/plan.ts';
import type {Offer} from '../../core/releases/release.ts';
import {at} from '../questions/at.ts';
import type {
	ChooseDialog,
	Dialog,
	DialogContent,
	HotfixDialog,
	PickDialog,
	PlanDialog,
	Purpose,
	SignOffDialog,
} from '../model/dialog.ts';
import {untyped} from './dialog-hands.ts';
import type {Message, Next} from '../model/messages.ts';
import {
	conditionOf,
	isOurs,
	lockOn,
	operationInView,
	operationMeant,
	operationWith,
	pinsOn,
	runningOn,
} from '../questions/operation-select.ts';
import {titleOf} from '../view/operation-words.ts';
import {basisOf, headOf} from './plan-basis.ts';
import {lockText, planDifferences} from './plan-differences.ts';
import {selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {refused, toast} from '../view/toast.ts';
import {refreshNow} from '../operations/update-operations.ts';

export const changeDialog = (state: State, change: Partial<Dialog>): State =>
	state.dialog ? {...state, dialog: {...state.dialog, ...change} as Dialog} : state;
export const closeDialog = (state: State): State => ({...state, dialog: null});

/** Something new is on the screen: the rest of the keys that led here are not meant for it. */
export const showDialog = (state: State, content: DialogContent): State => ({
	...state,
	view: {...state.view, overlay: null},
	dialog: {
		...content,
		shownAt: state.wallNow,
		touchedAt: state.wallNow,
		openedBy: state.hands.chunk,
		generation: state.operations.serial,
		isVoid: false,
		note: null,
	},
});

/** A new question; answers to earlier ones are late. */
export const numbered = (state: State): State =>
	changeDialog(
		{...state, operations: {...state.operations, serial: state.operations.serial + 1}},
		{generation: state.operations.serial + 1},
	);

/** An operation in view; one that has ended is looked at with that. */
export const attachTo = (state: State, id: string): State => {
	const {place} = state.view;
	const {seen} = state.operations;
	const isOver = operationWith(state, id)?.outcome !== 'running';
	return {
		...closeDialog(state),
		operations: {...state.operations, seen: isOver && !seen.includes(id) ? [...seen, id] : seen},
		view: {
			...state.view,
			overlay: null,
			place: {name: 'operation', id, from: place.name === 'operations' ? 'operations' : 'board'},
			operationId: id,
			cursor: 0,
			top: 0,
		},
	};
};

const historyOf = ({snapshot}: State): readonly PlanCommit[] =>
	(snapshot?.candidates ?? []).map(({sha, message}) => ({sha, message, isRevert: /^revert\b/i.test(message)}));

/** What has ended by itself needs no stopping. */
const wishOf = (state: State, dialog: PlanDialog | PickDialog): Wish => {
	const isOver = (id: string | null | undefined) => !id || operationWith(state, id)?.outcome !== 'running';
	if (dialog.name === 'pick')
		return {
			kind: 'rollback',
			environment: dialog.environment,
			release: null,
			...(!isOver(dialog.stopping) && {stopping: dialog.stopping!}),
		};
	if (dialog.wish.kind !== 'rollback' || !isOver(dialog.wish.stopping)) return dialog.wish;
	const {kind, environment, release, insist, pastLock, agreed} = dialog.wish;
	return {
		kind,
		environment,
		release,
		...(insist && {insist}),
		...(pastLock && {pastLock}),
		...(agreed !== undefined && {agreed}),
	};
};

/** Asks for the plan of the dialog that is open. `agreed`: to the scripts with that digest the operator has, just now; it is remembered where they are. */
const plan = (state: State, dialog: PlanDialog | PickDialog, agreed: string | null = null): Next => {
	const wish: Wish = {...wishOf(state, dialog), ...(agreed !== null && {agreed})};
	const next = changeDialog(numbered(state), {
		basis: basisOf(state, wish),
		...(dialog.name === 'plan' && {wish, phase: dialog.plan === null ? 'planning' : 'checking'}),
	});
	return [next, [{type: 'plan', generation: next.operations.serial, wish, history: historyOf(state)}]];
};

export const openPlan = (state: State, wish: Wish, known: Plan | null = null): Next => {
	const dialog: PlanDialog = {
		name: 'plan',
		wish,
		plan: known,
		phase: known ? 'ready' : 'planning',
		basis: basisOf(state, wish),
		head: headOf(state),
		typed: '',
		typing: untyped,
		scroll: 0,
		differences: [],
		refusal: null,
	};
	const shown = showDialog(state, dialog);
	return known ? [shown, []] : plan(shown, dialog);
};

const openPick = (state: State, environment: string): Next => {
	const dialog: PickDialog = {
		name: 'pick',
		environment,
		stopping: runningOn(state, environment)?.id ?? null,
		plan: null,
		basis: '',
		chosen: null,
	};
	return plan(showDialog(state, dialog), dialog);
};

const openLock = (state: State, environment: string): Next => {
	const lock = lockOn(state, environment);
	const more = {phase: 'ready' as const, refusal: null};
	if (lock?.state === 'ambiguous')
		return [
			refused(closeDialog(state), 'lock', {
				because: `${environment} is ${lockText(lock)}`,
				hint: `deployctl unlock ${environment} --break ID -m REASON removes it.`,
			}),
			[],
		];
	if (lock?.state !== 'held')
		return [showDialog(state, {name: 'reason', what: 'lock', environment, reason: '', ...more}), []];
	const isUnsaid = (state.operations.reading?.operator ?? null) === null && lock.lock.kind === 'human';
	if (isOurs(state, lock) || isUnsaid)
		return [showDialog(state, {name: 'ask', what: 'unlock', environment, lock: lock.lock, ...more}), []];
	const running = runningOn(state, environment);
	if (lock.lock.kind === 'operation' && running && !lock.isStale)
		return [
			refused(closeDialog(state), 'lock', {
				because: `${titleOf(running)} holds ${environment}`,
				hint: 'A watches it.',
			}),
			[],
		];
	return [
		showDialog(state, {
			name: 'break',
			environment,
			lock: lock.lock,
			field: 'id',
			typed: '',
			typing: untyped,
			reason: '',
			...more,
		}),
		[],
	];
};

/** The environment is known: on with it. What runs already is shown instead of being started again. */
const goOn = (state: State, purpose: Purpose, environment: string, sha: string | null): Next => {
	const running = runningOn(state, environment);
	const isSame =
		running !== null && (purpose === 'deploy' ? running.kind !== 'rollback' : running.kind === 'rollback');
	switch (purpose) {
		case 'deploy':
		case 'roll-back':
			if (isSame)
				return [
					toast(attachTo(state, running.id), `${titleOf(running)} is running already: this is it.`, 'warn'),
					[],
				];
			if (purpose === 'roll-back') return openPick(state, environment);
			if (running)
				return [
					refused(closeDialog(state), 'deploy', {
						because: `${titleOf(running)} is running`,
						hint: 'A watches it.',
					}),
					[],
				];
			return openPlan(state, {kind: 'deploy', environment, sha});
		case 'lock':
			return openLock(state, environment);
		case 'unpin':
			return [
				showDialog(state, {
					name: 'reason',
					what: 'unpin',
					environment,
					reason: '',
					phase: 'ready',
					refusal: null,
				}),
				[],
			];
	}
};

/** The row that stands chosen: for a rollback where something is wrong, or else runs. */
const likely = (state: State, purpose: Purpose, choices: readonly string[]): string => {
	const inView = operationInView(state)?.environment;
	const wrong =
		purpose === 'roll-back'
			? choices.find(name => ['unhealthy', 'mixed', 'flapping'].includes(conditionOf(state, name)))
			: undefined;
	const usual = purpose === 'deploy' ? choices[0] : choices.find(name => name === 'production');
	return [inView, wrong, usual].find(name => name !== undefined && choices.includes(name)) ?? choices[0]!;
};

const intend = (state: State, what: Extract<Message, {type: 'intend'}>['what']): Next => {
	if (what === 'stop') {
		const operation = operationMeant(state);
		return operation
			? [
					showDialog(state, {
						name: 'ask',
						what: 'stop',
						environment: operation.environment,
						operation: operation.id,
						phase: 'ready',
						refusal: null,
					}),
					[],
				]
			: [state, []];
	}
	const asked = state.dialog?.name === 'ask' ? state.dialog.environment : null;
	const inView = what === 'roll-back' ? (asked ?? operationInView(state)?.environment ?? null) : null;
	const choices = state.settings.environments
		.map(({name}) => name)
		.filter(name => what !== 'unpin' || pinsOn(state, name).length > 0);
	const sha = what === 'deploy' ? (selectedCandidate(state)?.sha ?? null) : null;
	const only = inView ?? (choices.length === 1 ? choices[0]! : null);
	if (only !== null) return goOn(state, what, only, sha);
	return [showDialog(state, {name: 'choose', purpose: what, sha, chosen: likely(state, what, choices), choices}), []];
};

/** What a dialog shows must be what holds now: locks and releases are read anew when it opens. */
export const refreshed = ([state, effects]: Next): Next => {
	if (state.dialog === null) return [state, effects];
	const [next, more] = refreshNow(state);
	return [next, [...effects, ...more]];
};

const offerOf = ({plan: known}: PickDialog, id: string | null): Offer | null =>
	known?.offers.find(({release}) => release.id === id) ?? null;
const firstChoice = (offers: readonly Offer[]): string | null =>
	(offers.find(({isDefault}) => isDefault) ?? offers.find(({offered}) => offered) ?? offers[0])?.release.id ?? null;

/** New commits that came while the dialog was open: it stays on its own. */
const arrivals = (state: State, {head, wish}: PlanDialog, after: Plan): readonly string[] => {
	const now = headOf(state);
	const candidates = state.snapshot?.candidates ?? [];
	// A promotion's plan names what stays behind, and with it what came.
	if (
		wish.kind === 'rollback' ||
		now === null ||
		now === head ||
		after.promotion?.staying?.some(({sha}) => sha === now)
	)
		return [];
	const message = candidates.find(({sha}) => sha === now)?.message;
	return [
		`new commit ${now.slice(0, 7)}${message ? ` ${message}` : ''}: this plan stays on ${wish.sha?.slice(0, 7) ?? 'its own'}`,
	];
};

const differencesKept = 5;

const planned = (state: State, message: Extract<Message, {type: 'planned'}>): Next => {
	const {dialog} = state;
	if (dialog?.generation !== message.generation) return [state, []];
	if (dialog.name === 'pick') {
		// Nothing to choose from, as with plain scripts: the plan itself says what it does.
		if (message.plan.offers.length === 0) return openPlan(state, wishOf(state, dialog), message.plan);
		return [
			changeDialog(state, {
				plan: message.plan,
				chosen: offerOf({...dialog, plan: message.plan}, dialog.chosen)
					? dialog.chosen
					: firstChoice(message.plan.offers),
			}),
			[],
		];
	}
	if (dialog.name !== 'plan') return [state, []];
	const before = dialog.plan;
	const differences =
		before === null
			? []
			: [
					...arrivals(state, dialog, message.plan),
					...(before.hash === message.plan.hash ? [] : planDifferences(before, message.plan)),
				];
	const next = changeDialog(state, {plan: message.plan, phase: 'ready', head: headOf(state)});
	if (before !== null && differences.length === 0) return [next, []];
	// What nobody has answered with a key is not replaced by what came after it.
	const unread =
		dialog.touchedAt <= dialog.shownAt ? dialog.differences.filter(text => !differences.includes(text)) : [];
	return [
		changeDialog(next, {
			differences: [...differences, ...unread].slice(0, differencesKept),
			typed: '',
			typing: untyped,
			scroll: 0,
			shownAt: state.wallNow,
		}),
		[],
	];
};

/** Takes the row that is chosen. */
export const choose = (state: State, dialog: ChooseDialog | PickDialog): Next => {
	if (dialog.name === 'choose') return refreshed(goOn(state, dialog.purpose, dialog.chosen, dialog.sha));
	const offer = offerOf(dialog, dialog.chosen);
	if (dialog.plan === null) return [changeDialog(state, {note: 'Reading the releases; try again then.'}), []];
	if (offer === null) return openPlan(state, wishOf(state, dialog));
	if (!offer.offered && !offer.canInsist)
		return [changeDialog(state, {note: `${offer.release.id} cannot be chosen: ${offer.because}.`}), []];
	const wish: Wish = {
		kind: 'rollback',
		environment: dialog.environment,
		release: offer.release.id,
		...(!offer.offered && {insist: true}),
		...(dialog.stopping && {stopping: dialog.stopping}),
	};
	return openPlan(state, wish, offer.isDefault && dialog.plan.to?.release === offer.release.id ? dialog.plan : null);
};

type ListDialog = ChooseDialog | PickDialog | SignOffDialog | HotfixDialog;

const rowsOf = (dialog: ListDialog): readonly string[] => {
	switch (dialog.name) {
		case 'choose':
			return dialog.choices;
		case 'sign-off':
			return dialog.choices.map(({name}) => name);
		case 'hotfix':
			return (dialog.branches ?? []).map(({branch}) => branch);
		case 'pick':
			return (dialog.plan?.offers ?? []).map(({release}) => release.id);
	}
};

const move = (state: State, dialog: ListDialog, by: number): Next => {
	const rows = rowsOf(dialog);
	const index = Math.max(0, Math.min(rows.length - 1, rows.indexOf(dialog.chosen ?? '') + by));
	return [changeDialog(state, {chosen: rows[index] ?? dialog.chosen, note: null}), []];
};

const reload = (state: State): Next => {
	const {dialog} = state;
	if (!dialog) return [state, []];
	const fresh = changeDialog(state, {
		isVoid: false,
		shownAt: state.wallNow,
		touchedAt: state.wallNow,
		note: null,
		openedBy: state.hands.chunk,
	});
	if (dialog.name === 'plan')
		return plan(
			changeDialog(fresh, {
				plan: null,
				typed: '',
				typing: untyped,
				differences: [],
				refusal: null,
				head: headOf(state),
			}),
			{...dialog, plan: null},
		);
	return dialog.name === 'pick' ? plan(fresh, dialog) : [fresh, []];
};

/** After every message: a plan that stands on something that has changed is made again. */
export const recheck = (state: State): Next => {
	const {dialog} = state;
	if (
		dialog === null ||
		dialog.isVoid ||
		(dialog.name !== 'plan' && dialog.name !== 'pick') ||
		dialog.plan === null ||
		(dialog.name === 'plan' && dialog.phase !== 'ready')
	)
		return [state, []];
	return basisOf(state, wishOf(state, dialog)) === dialog.basis ? [state, []] : plan(state, dialog);
};

/** Lines that a plan may have, so that scrolling ends somewhere. */
const longestPlan = ({plan: shown, differences}: PlanDialog): number => {
	const promotion = shown?.promotion;
	const ofPromotion = promotion
		? (promotion.staying?.length ?? 0) + 2 * (promotion.conditions.length + promotion.steps.length) + 12
		: 0;
	return (shown?.coming?.length ?? 0) + (shown?.going?.length ?? 0) + 2 * differences.length + ofPromotion + 12;
};

const agree = (state: State): Next => {
	const {dialog} = state;
	const digest = dialog?.name === 'plan' || dialog?.name === 'pick' ? (dialog.plan?.asks?.digest ?? null) : null;
	return digest === null
		? [state, []]
		: plan(changeDialog(state, {touchedAt: state.wallNow}), dialog as PlanDialog | PickDialog, digest);
};

type DialogMessage = Extract<
	Message,
	{type: 'intend' | 'attach' | 'agree-scripts' | 'planned' | 'cancel' | 'reload' | 'other-release' | 'move'}
>;

export const updateDialog = (state: State, message: DialogMessage): Next => {
	const {dialog} = state;
	switch (message.type) {
		case 'intend':
			return refreshed(intend(state, message.what));
		case 'attach': {
			const operation = operationMeant(state);
			return operation && operationWith(state, operation.id) ? [attachTo(state, operation.id), []] : [state, []];
		}
		case 'planned':
			return planned(at(state, message), message);
		case 'cancel':
			return [
				toast(
					closeDialog(state),
					dialog && 'phase' in dialog && dialog.phase === 'starting'
						? 'Closed; what was begun goes on.'
						: 'Nothing was done.',
				),
				[],
			];
		case 'reload':
			return refreshed(reload(state));
		case 'agree-scripts':
			return agree(state);
		case 'other-release':
			return dialog?.name === 'plan' ? openPick(state, dialog.wish.environment) : [state, []];
		case 'move':
			if (dialog?.name === 'plan')
				return [
					changeDialog(state, {
						scroll: Math.max(0, Math.min(dialog.scroll + message.by, longestPlan(dialog))),
					}),
					[],
				];
			return dialog !== null && 'chosen' in dialog ? move(state, dialog, message.by) : [state, []];
	}
};
