/** Dialogs as boxes over the screen. */
import {age} from '../../../core/text/duration.ts';
import {holderOf, type LockRecord} from '../../../core/locks/lock.ts';
import type {Offer} from '../../../core/releases/release.ts';
import {
	type AskDialog,
	type BreakDialog,
	type ChooseDialog,
	type Dialog,
	expiresAfterMs,
	type PickDialog,
	type ReasonDialog,
	shortLockId,
} from '../../../state/model/dialog.ts';
import {lockOn, operationWith, pinsOn, runningOn, versionText} from '../../../state/questions/operation-select.ts';
import {awaitedText, titleOf} from '../../../state/view/operation-words.ts';
import {lockText} from '../../../state/dialogs/plan-differences.ts';
import {isRunDialog} from '../../../state/model/run-dialog.ts';
import type {State} from '../../../state/model/state.ts';
import {windowAround} from '../../../state/view/window.ts';
import {pane, type Size} from '../../lines/layout.ts';
import {blank, cut, fit, type Line, span, wrap} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {busyOr, cursor, pressLine, refusalLines, textLine, typedLine} from './dialog-parts.ts';
import {healthSpans, versionSpans} from '../board/health.ts';
import {planBody, planTitle} from './plan.ts';
import {isGraveRun, runDialogLines, runDialogTitle} from './run-dialogs.ts';
import {
	breakGlassLines,
	hotfixLines,
	reviewLines,
	signLines,
	signOffLines,
	takeBackLines,
} from './promotion-dialogs.ts';

const environmentSpan = (name: string) => span(name, name === 'production' ? 'danger' : 'accent', {bold: true});
const noteLines = ({note}: Dialog): readonly Line[] => (note === null ? [] : [blank, [span(note, 'wait')]]);

const purposes: Readonly<Record<ChooseDialog['purpose'], string>> = {
	deploy: 'Deploy to which environment?',
	'roll-back': 'Roll back which environment?',
	lock: 'Lock or unlock which environment?',
	unpin: 'Unpin on which environment?',
};

const chooseLines = (dialog: ChooseDialog, state: State, look: Look, width: number): readonly Line[] => {
	const commit = state.snapshot?.candidates.find(({sha}) => sha === dialog.sha);
	return [
		...(dialog.sha === null
			? []
			: [
					[
						span(`${dialog.sha.slice(0, 7)} `, 'accent', {bold: true}),
						span(cut(commit?.message ?? '', width - 9, look.glyphs.ellipsis)),
					] as Line,
					blank,
				]),
		...dialog.choices.map((name): Line => {
			const lock = lockOn(state, name);
			const running = runningOn(state, name);
			const recorded = state.snapshot?.environments
				.find(environment => environment.name === name)
				?.sha?.slice(0, 7);
			const version = versionSpans(state, name, look);
			return [
				cursor(name === dialog.chosen, look),
				span(fit(name, 12), name === 'production' ? 'danger' : 'accent', {bold: true}),
				...(version.length > 0 ? version : [span(recorded ?? 'release unknown', 'quiet')]),
				span(' '),
				...healthSpans(state, name),
				...(running
					? [span(`  ${titleOf(running)} runs`, 'busy')]
					: lock?.state === 'held' || lock?.state === 'ambiguous'
						? [span(`  ${lockText(lock)}`, 'wait')]
						: []),
			];
		}),
	];
};

const offerRow = (offer: Offer, dialog: PickDialog, state: State, look: Look, width: number): Line => {
	const {release, offered, isDefault, canInsist, because} = offer;
	const mark = offered
		? look.markOf('passed')
		: release.isLive === true
			? look.markOf('running')
			: canInsist
				? {text: look.glyphs.warn, tone: 'bad' as const}
				: look.markOf('cancelled');
	const age_ = release.deployedAt === null ? '' : `${age(state.wallNow - release.deployedAt)} `;
	const lead = versionText(release.sha ?? release.id);
	const word = isDefault ? 'default: ' : offered ? '' : release.isBad ? 'BAD: ' : '';
	return [
		cursor(release.id === dialog.chosen, look),
		span(`${mark.text} `, mark.tone),
		span(fit(lead, 9), offered ? undefined : 'quiet', {bold: offered}),
		span(age_.padStart(5), 'quiet'),
		span(word, isDefault ? 'good' : 'bad', {bold: true}),
		span(cut(because, Math.max(8, width - 18 - word.length), look.glyphs.ellipsis), offered ? undefined : 'quiet'),
	];
};

const pickLines = (dialog: PickDialog, state: State, look: Look, {width, height}: Size): readonly Line[] => {
	if (dialog.plan === null) return [[span('Reading the releases…', 'wait')]];
	const {offers} = dialog.plan;
	const at = offers.findIndex(({release}) => release.id === dialog.chosen);
	const chosen = offers[at];
	const message = state.snapshot?.candidates.find(({sha}) => sha === chosen?.release.sha)?.message;
	// The reason whole, where the row has no room for it.
	const reason = chosen && chosen.because.length > width - 27 ? wrap(`${chosen.because}.`, width).slice(0, 3) : [];
	const below: readonly Line[] = [
		...(message ? [[span(message, 'quiet')]] : []),
		...reason.map((text): Line => [span(text, chosen?.offered ? 'good' : 'wait')]),
	];
	const insist: readonly Line[] =
		chosen?.canInsist && !chosen.offered
			? [[span(`${look.glyphs.warn} It needs a phrase of its own.`, 'bad')]]
			: [];
	const {start, end} = windowAround(offers.length, at, Math.max(1, height - below.length - insist.length - 4));
	return [
		...(dialog.stopping === null
			? []
			: [[span(`${look.glyphs.warn} What runs there is stopped first.`, 'wait')] as Line]),
		...offers.slice(start, end).map(offer => offerRow(offer, dialog, state, look, width)),
		blank,
		...below,
		...insist,
	];
};

const lockLines = ({operator, host, reason, createdAt, phase}: LockRecord, state: State): readonly Line[] => [
	[span(fit('held by', 10), 'quiet'), span(`${operator} on ${host}`, undefined, {bold: true})],
	[span(fit('since', 10), 'quiet'), span(age(state.wallNow - createdAt))],
	[span(fit('because', 10), 'quiet'), span(reason)],
	...(phase === null ? [] : [[span(fit('last said', 10), 'quiet'), span(phase)] as Line]),
];

const breakLines = (dialog: BreakDialog, state: State, look: Look, width: number): readonly Line[] => [
	...lockLines(dialog.lock, state),
	blank,
	...wrap(`Breaking it is recorded, and ${holderOf(dialog.lock)} may be in the middle of something.`, width - 2).map(
		(text, index): Line => [span(`${index === 0 ? look.glyphs.warn : ' '} ${text}`, 'bad')],
	),
	blank,
	...busyOr(
		dialog.phase,
		[
			[span("The lock's id, "), span(shortLockId(dialog.lock), 'accent', {bold: true}), span(', key by key:')],
			dialog.field === 'id'
				? typedLine(dialog.typed, shortLockId(dialog.lock), look)
				: textLine(dialog.typed, false),
			[span('Why:')],
			textLine(dialog.reason, dialog.field === 'reason'),
		],
		look,
	),
];

const reasonLines = (dialog: ReasonDialog, state: State, look: Look, width: number): readonly Line[] => {
	if (dialog.what === 'break-glass') return breakGlassLines(dialog, look, width);
	if (dialog.what === 'sign-off') return signLines(dialog, state, look, width);
	const [pin] = pinsOn(state, dialog.environment);
	const about =
		dialog.what === 'lock'
			? 'Nobody can deploy or roll back there until it is unlocked; everybody sees why.'
			: `${pin ? `${versionText(pin.sha ?? pin.release)} was pinned by ${pin.by}: ${pin.because}. ` : ''}Without the pin it may be shipped again.`;
	return [
		...wrap(about, width).map((text): Line => [span(text, 'quiet')]),
		blank,
		...busyOr(dialog.phase, [[span('Why, in a few words:')], textLine(dialog.reason, true)], look),
	];
};

const askLines = (dialog: AskDialog, state: State, look: Look, width: number): readonly Line[] => {
	if (dialog.what === 'unlock')
		return [
			...lockLines(dialog.lock, state),
			blank,
			...busyOr(
				dialog.phase,
				[
					pressLine('y', `unlock ${dialog.environment}`),
					[span('b breaks it, should it not be yours.', 'quiet')],
				],
				look,
			),
		];
	if (dialog.what === 'take-back') return takeBackLines(dialog, state, look, width);
	const operation = operationWith(state, dialog.operation);
	const text =
		'The script is told to end (TERM) and put things in order; after its grace it is killed. What it had begun is then looked at, not guessed.';
	return [
		...(operation
			? [
					[
						span(titleOf(operation), undefined, {bold: true}),
						span(`, by ${operation.operator}, for ${age(state.wallNow - operation.startedAt)}`, 'quiet'),
					] as Line,
				]
			: []),
		...wrap(text, width).map((part): Line => [span(part, 'quiet')]),
		blank,
		...(operation && operation.outcome !== 'running'
			? [[span('It has ended. esc closes.', 'wait')] as Line]
			: busyOr(
					dialog.phase,
					[pressLine('y', 'stop it'), [span('B stops it and rolls back to the release before.', 'quiet')]],
					look,
				)),
	];
};

const strong = (text: string) => span(text, 'accent', {bold: true});
const signOffTitle = (what: string, {sha, signOff}: {sha: string; signOff: string}): Line => [
	strong(`${what} `),
	span(signOff, undefined, {bold: true}),
	strong(` for ${sha.slice(0, 7)}`),
];

const reasonTitle = (dialog: ReasonDialog): Line => {
	switch (dialog.what) {
		case 'lock':
			return [strong('Lock '), environmentSpan(dialog.environment)];
		case 'unpin':
			return [strong('Unpin on '), environmentSpan(dialog.environment)];
		case 'break-glass':
			return [
				span('Break-glass: ', 'bad', {bold: true}),
				strong(`promote ${dialog.wish.sha?.slice(0, 7) ?? ''} to `),
				environmentSpan(dialog.environment),
			];
		case 'sign-off':
			return signOffTitle('Sign off', dialog);
	}
};

const askTitle = (dialog: AskDialog): Line => {
	switch (dialog.what) {
		case 'stop':
			return [strong('Stop what runs on '), environmentSpan(dialog.environment)];
		case 'unlock':
			return [strong('Unlock '), environmentSpan(dialog.environment)];
		case 'take-back':
			return signOffTitle('Take back', dialog);
	}
};

const titleOfDialog = (dialog: Dialog): Line => {
	switch (dialog.name) {
		case 'choose':
			return [strong(purposes[dialog.purpose])];
		case 'pick':
			return [strong('Roll back '), environmentSpan(dialog.environment), strong(' to which release?')];
		case 'sign-off':
			return [strong(`Sign off ${dialog.sha.slice(0, 7)}: which?`)];
		case 'hotfix':
			return [strong('Hotfix to '), environmentSpan('production'), strong(': which branch?')];
		case 'plan':
			return planTitle(dialog);
		case 'reason':
			return reasonTitle(dialog);
		case 'break':
			return [span('Break the lock of ', 'bad', {bold: true}), environmentSpan(dialog.environment)];
		case 'review':
			return [strong('Approve or refuse '), environmentSpan(dialog.environment)];
		case 'ask':
			return askTitle(dialog);
		case 'rerun':
		case 'run-act':
		case 'start-run':
			return runDialogTitle(dialog);
		case 'awaited':
			return [strong(dialog.title)];
	}
};

const voidLines = ({voidBecause}: Dialog, width: number): readonly Line[] => [
	...wrap(
		voidBecause !== undefined
			? `What stood here is void: ${voidBecause}.`
			: `Nobody pressed a key for ${expiresAfterMs / 1000} s: what stood here may no longer be true, and is void.`,
		width,
	).map((text): Line => [span(text, 'wait')]),
	blank,
	[
		span('r', 'accent', {bold: true}),
		span(' loads it again, '),
		span('esc', 'accent', {bold: true}),
		span(' closes. Nothing was done.'),
	],
];

const bodyOf = (dialog: Dialog, state: State, look: Look, size: Size): readonly Line[] => {
	if (dialog.isVoid) return voidLines(dialog, size.width);
	const refusal =
		'refusal' in dialog && dialog.refusal !== null && dialog.name !== 'plan'
			? [blank, ...refusalLines(dialog.refusal, size.width, look)]
			: [];
	const more = [...refusal, ...noteLines(dialog)];
	switch (dialog.name) {
		case 'choose':
			return [...chooseLines(dialog, state, look, size.width), ...more];
		case 'pick':
			return [...pickLines(dialog, state, look, size), ...more];
		case 'sign-off':
			return [...signOffLines(dialog, state, look, size.width), ...more];
		case 'hotfix':
			return [...hotfixLines(dialog, state, look, size), ...more];
		case 'plan':
			return planBody(dialog, state, look, size);
		case 'reason':
			return [...reasonLines(dialog, state, look, size.width), ...more];
		case 'break':
			return [...breakLines(dialog, state, look, size.width), ...more];
		case 'review':
			return [...reviewLines(dialog, state, look, size.width), ...more];
		case 'ask':
			return [...askLines(dialog, state, look, size.width), ...more];
		case 'rerun':
		case 'run-act':
		case 'start-run':
			return [...runDialogLines(dialog, state, look, size), ...more];
		case 'awaited':
			return [...wrap(awaitedText, size.width).map((text): Line => [span(text, 'quiet')]), ...more];
	}
};

/** What goes past a safeguard has a frame of its own. */
const isGrave = (dialog: Dialog): boolean =>
	(isRunDialog(dialog) && isGraveRun(dialog)) ||
	dialog.name === 'break' ||
	(dialog.name === 'reason' && dialog.what === 'break-glass') ||
	(dialog.name === 'plan' && dialog.wish.kind === 'promote' && dialog.wish.breakGlass !== undefined);

/** From here on subjects of a plan's commits have more of the width. */
const widePlanFrom = 160;

/** As tall as what it says, and no taller than there is room. */
export const dialogPane = (state: State, dialog: Dialog, look: Look, {width, height}: Size): readonly Line[] => {
	const boxWidth = Math.min(width - 2, dialog.name !== 'plan' ? 92 : width >= widePlanFrom ? 140 : 110);
	const lines = bodyOf(dialog, state, look, {width: boxWidth - 4, height: height - 2});
	return pane({
		width: boxWidth,
		height: Math.min(height, lines.length + 2),
		look,
		tone: isGrave(dialog) ? 'bad' : 'accent',
		title: titleOfDialog(dialog),
		lines,
	});
};
