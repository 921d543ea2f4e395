/** Operations, environments and dialogs for ears: sentences that say the same as the screen, and nothing that ticks. */
import {nameOf} from '../../core/releases/instances.ts';
import {holderOf} from '../../core/locks/lock.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Plan} from '../../core/plan/plan.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {type Dialog, shortLockId} from '../../state/model/dialog.ts';
import {noticesOf} from '../../state/view/notices.ts';
import {
	type Condition,
	chosenOperation,
	conditionOf,
	lockOn,
	operationInView,
	operationsOf,
	operationWith,
	pinsOn,
	readinessOf,
	reportedVersions,
	runningOn,
	versionText,
} from '../../state/questions/operation-select.ts';
import {awaitedText, noteOf, titleOf} from '../../state/view/operation-words.ts';
import {lockText} from '../../state/dialogs/plan-differences.ts';
import type {State} from '../../state/model/state.ts';
import {runSentences} from './runs.ts';
import {
	hotfixSentences,
	promotionSentences,
	reasonSentence,
	reviewSentences,
	signOffSentences,
	takeBackSentence,
} from './promotions.ts';

const conditionWords: Readonly<Record<Condition, string>> = {
	silent: '',
	asking: 'checking',
	blind: 'blind, nothing answers',
	mixed: 'mixed, its instances report different versions',
	flapping: 'flapping between healthy and unhealthy',
	unhealthy: 'unhealthy',
	healthy: 'healthy',
	unknown: 'health unknown',
};

/** Without what counts seconds. */
export const noticeSentences = (state: State): readonly string[] =>
	noticesOf(state).map(
		({tone, text}) =>
			`${tone === 'bad' ? 'Attention: ' : ''}${sentence(text.replace(/ (?:for|since) \d+[smhd]\b/, ''))}`,
	);

/** What the environment says of itself, and what holds there. */
export const environmentSentences = (state: State, name: string): readonly string[] => {
	const condition = conditionOf(state, name);
	const lock = lockOn(state, name);
	const ready = readinessOf(state, name);
	const running = runningOn(state, name);
	const versions = reportedVersions(state, name).map(versionText);
	return [
		...(condition === 'silent'
			? []
			: [
					`${name} is ${conditionWords[condition]}${versions.length === 0 ? '' : `, reports ${versions.join(' and ')}`}.`,
				]),
		...(running
			? [`${titleOf(running)} is running.`]
			: lock && lock.state !== 'free' && lock.state !== 'unknown'
				? [`${name} is ${lockText(lock)}.`]
				: []),
		...pinsOn(state, name).map(
			pin => `${versionText(pin.sha ?? pin.release)} is pinned on ${name}: ${sentence(pin.because)}`,
		),
		...(ready === null
			? []
			: [
					ready.ready === true
						? `Rollback of ${name} is ${ready.to.wasHealthy === 'unproven' ? 'possible' : 'ready'}, to ${versionText(ready.to.sha ?? ready.to.id)}${ready.to.wasHealthy === 'unproven' ? ', which is unproven' : ''}.`
						: `No rollback of ${name}: ${sentence(ready.because)}`,
				]),
	];
};

const outcomeSentence = (operation: Operation): string =>
	`${titleOf(operation)}, by ${operation.operator}: ${operation.outcome === 'running' && operation.stop ? 'stopping' : operation.outcome}${operation.exitCode === null ? '' : `, exit code ${operation.exitCode}`}. ${sentence(operation.because)}`;

export const operationSentences = (state: State): readonly string[] => {
	const operation = operationInView(state);
	if (!operation) return ['This operation is no longer among the newest.'];
	const {log} = state;
	const shown = log?.isFollowing
		? log.lines.slice(-5)
		: (log?.lines.slice(log.top - log.from, log.top - log.from + 5) ?? []);
	const search = log?.search;
	return [
		outcomeSentence(operation),
		...(operation.next === null ? [] : [`Next: ${sentence(operation.next)}`]),
		...operation.steps.map(
			step =>
				`Step ${step.name}${step.host === null ? '' : ` on ${step.host}`}: ${step.status}${noteOf(step) === null ? '' : `, ${noteOf(step)}`}.`,
		),
		...(search
			? [
					search.line === null
						? `No line has ${search.text}.`
						: `Hit ${search.ordinal ?? ''} of ${search.count ?? 0} for ${search.text}, line ${search.line + 1}.`,
				]
			: []),
		log?.size
			? `Log, ${log.size.lines} lines${log.isFollowing ? ', at its end' : `, at line ${log.top + 1}`}:`
			: 'Reading the log.',
		...shown,
	];
};

export const operationListSentences = (state: State): readonly string[] => {
	const chosen = chosenOperation(state);
	const operations = operationsOf(state);
	const at = Math.max(
		0,
		operations.findIndex(({id}) => id === chosen?.id),
	);
	return operations.length === 0
		? ['No operation yet.']
		: [
				`Operation ${at + 1} of ${operations.length}.`,
				...operations
					.slice(at, at + 5)
					.map((operation, index) => `${index === 0 ? 'Chosen: ' : ''}${outcomeSentence(operation)}`),
			];
};

const commits = (name: string, list: Plan['coming']): string => {
	if (list === null) return `${name}: not known.`;
	const reverts = list.filter(({isRevert}) => isRevert);
	return `${name}: ${list.length}${reverts.length > 0 ? `, with reverts: ${reverts.map(({message}) => message).join('; ')}` : ''}.`;
};

const planVerbs = {deploy: 'Deploy to', rollback: 'Roll back', promote: 'Promote to'} as const;

const planSentences = (plan: Plan): readonly string[] => {
	const {health, version, isMixed} = overall(plan.observation);
	return [
		`${planVerbs[plan.kind]} ${plan.environment}: from ${plan.from ? nameOf(plan.from) : 'unknown'} to ${plan.to ? nameOf(plan.to) : 'unknown'}${plan.insists ? ', which is marked bad' : ''}.`,
		...(plan.command.length === 0 ? [] : [`Command: ${plan.command.join(' ')}.`]),
		...(plan.blocked ? [`Blocked: ${sentence(plan.blocked.because)} ${sentence(plan.blocked.next)}`] : []),
		...(plan.promotion === null ? [] : promotionSentences(plan, plan.promotion)),
		...plan.warnings.map(warning => `Warning: ${sentence(warning)}`),
		commits('Commits that come', plan.coming),
		commits('Commits that go', plan.going),
		`Migration: ${plan.migration}. Now: ${isMixed ? 'mixed versions' : version === null ? 'version unknown' : versionText(version)}, ${health === true ? 'healthy' : health === false ? 'unhealthy' : 'health unknown'}. Lock: ${lockText(plan.lock)}.`,
	];
};

const refusalSentences = (dialog: Dialog): readonly string[] =>
	'refusal' in dialog && dialog.refusal
		? [`Refused: ${sentence(dialog.refusal.because)} ${sentence(dialog.refusal.next)}`]
		: [];

const dialogSentences = (dialog: Dialog, state: State): readonly string[] => {
	switch (dialog.name) {
		case 'choose':
			return [
				`For which environment? ${dialog.choices.length} choices.`,
				`Chosen: ${dialog.chosen}.`,
				...environmentSentences(state, dialog.chosen),
			];
		case 'pick': {
			const offer = dialog.plan?.offers.find(({release}) => release.id === dialog.chosen);
			return [
				`Roll back ${dialog.environment} to which release? ${dialog.plan ? `${dialog.plan.offers.length} releases` : 'Reading them'}.`,
				...(offer
					? [
							`Chosen: ${versionText(offer.release.sha ?? offer.release.id)}${offer.isDefault ? ', the default' : offer.offered ? '' : ', not offered'}: ${sentence(offer.because)}`,
						]
					: []),
			];
		}
		case 'plan':
			return [
				...(dialog.plan ? planSentences(dialog.plan) : ['The plan is being made.']),
				...dialog.differences.map(text => `Changed while you looked: ${sentence(text)}`),
				dialog.phase === 'starting'
					? 'Being started.'
					: dialog.plan && !dialog.plan.blocked && dialog.phase !== 'refused'
						? dialog.plan.phrase === null
							? 'y confirms.'
							: `Type ${dialog.plan.phrase}, then Enter. Typed: ${dialog.typed === '' ? 'nothing' : dialog.typed}.`
						: '',
			];
		case 'sign-off':
			return signOffSentences(dialog);
		case 'hotfix':
			return hotfixSentences(dialog);
		case 'review':
			return reviewSentences(dialog);
		case 'rerun':
		case 'run-act':
		case 'start-run':
			return runSentences(dialog, state);
		case 'awaited':
			return [`${dialog.title}: ${awaitedText}`];
		case 'reason':
			return [reasonSentence(dialog)];
		case 'break':
			return [
				`Break the lock of ${holderOf(dialog.lock)} on ${dialog.environment}: ${sentence(dialog.lock.reason)}`,
				dialog.field === 'id'
					? `Type its id ${shortLockId(dialog.lock)}. Typed: ${dialog.typed}`
					: `Why: ${dialog.reason}`,
			];
		case 'ask': {
			if (dialog.what === 'take-back') return [takeBackSentence(dialog)];
			const operation = dialog.what === 'stop' ? operationWith(state, dialog.operation) : null;
			return [
				dialog.what === 'stop'
					? `Stop ${operation ? titleOf(operation) : 'the operation'}? y stops it, B stops it and rolls back.`
					: `Unlock ${dialog.environment}? y does.`,
			];
		}
	}
};

export const dialogLines = (state: State, dialog: Dialog): readonly string[] =>
	[
		...(dialog.isVoid
			? [
					`This dialog is void: ${dialog.voidBecause ?? 'nobody pressed a key for too long'}. r loads it again. Nothing was done.`,
				]
			: dialogSentences(dialog, state)),
		...refusalSentences(dialog),
		...(dialog.note === null ? [] : [dialog.note]),
	].filter(text => text !== '');
