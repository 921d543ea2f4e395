/** What re-running, cancelling or starting a run does to staging, production and the production gate: for whoever confirms it. Pure. */
import {short} from '../pipeline/verdicts.ts';
import {type Candidate, type TierName, tierTitles} from '../pipeline/pipeline.ts';
import type {RunWish} from './runs.ts';
import {isMoving} from '../pipeline/words.ts';

/** `production`: the workflow that deploys there. */
export type RunSubject = TierName | 'production';
/** `staging`: what it runs now, as it is shown, and whether that is the commit; null: not known. `candidate` null: the commit is not among those shown. */
export type Surroundings = {
	subject: RunSubject;
	sha: string;
	candidate: Candidate | null;
	staging: {text: string; isSame: boolean | 'unknown'} | null;
};
export type Effects = {effects: readonly string[]; warnings: readonly string[]};

export const subjectTitle = (subject: RunSubject): string =>
	subject === 'production' ? 'Deployment to production' : tierTitles[subject];

const isTest = (subject: RunSubject): boolean => subject === 'e2e' || subject === 'smoke';

/** Staging does not run the commit: what a test would say of it, and what a deployment would replace. */
const stagingWarnings = ({subject, sha, staging}: Surroundings): readonly string[] => {
	if (subject === 'production' || staging?.isSame === true) return [];
	if (staging === null) return isTest(subject) ? ['what staging runs is not known: it may test something else'] : [];
	if (isTest(subject) && staging.isSame === 'unknown')
		return [`whether staging runs ${short(sha)} cannot be told from ${staging.text}: it may test something else`];
	if (isTest(subject))
		return [
			`staging runs ${staging.text} now, not ${short(sha)}: it would test what is there, and prove nothing of ${short(sha)}`,
		];
	return [`staging runs ${staging.text} now: ${short(sha)} would take its place`];
};

const blockedUntil = (subject: RunSubject, sha: string): string =>
	`the production gate of ${short(sha)} is blocked until ${subject === 'fast' ? 'the fast tests are' : `${subjectTitle(subject)} is`} green`;

const starting = (around: Surroundings): Effects => {
	const {subject, sha} = around;
	const warnings = stagingWarnings(around);
	switch (subject) {
		case 'fast':
			return {
				effects: [
					blockedUntil(subject, sha),
					'once they are green, staging is deployed again with this commit',
				],
				warnings,
			};
		case 'deploy':
			return {
				effects: [
					`${short(sha)} is deployed to staging again, and E2E begins again after it`,
					blockedUntil('e2e', sha),
				],
				warnings,
			};
		case 'production':
			return {
				effects: [],
				warnings: [`it deploys ${short(sha)} to production, if the gate in the workflow lets it`],
			};
		default:
			return {effects: [blockedUntil(subject, sha)], warnings};
	}
};

const cancelling = ({subject, sha}: Surroundings, isForced: boolean): Effects => {
	const force = isForced
		? ['force also ends what runs whatever happens: cleaning up, and telling the result, may be lost']
		: [];
	switch (subject) {
		case 'fast':
			return {
				effects: [`the production gate of ${short(sha)} stays blocked, and staging is not deployed`],
				warnings: force,
			};
		case 'deploy':
			return {
				effects: [`the production gate of ${short(sha)} stays blocked`],
				warnings: [
					'a deployment that is cancelled while it switches leaves staging half switched: look at it afterwards',
					...force,
				],
			};
		case 'production':
			return {
				effects: [],
				warnings: [
					'a deployment that is cancelled while it switches leaves PRODUCTION half switched: old and new side by side, or neither',
					'look at production at once afterwards, and be ready to roll back',
					...force,
				],
			};
		default:
			return {
				effects: [`the production gate of ${short(sha)} stays blocked until ${subjectTitle(subject)} is green`],
				warnings: force,
			};
	}
};

/** `whose`: as it was shown. */
const approving = ({subject, sha}: Surroundings, whose: string): Effects => ({
	effects: subject === 'production' ? [] : ['the run goes on with all of its jobs', blockedUntil(subject, sha)],
	warnings: [
		`it runs ${whose}, on the repository's runners: read what it changes, workflows too, before you approve`,
		...(subject === 'production'
			? [`it deploys ${short(sha)} to production, if the gate in the workflow lets it`]
			: []),
	],
});

/** What has been started already, or has been proved. */
const again = ({subject, candidate}: Surroundings): readonly string[] => {
	const tier = subject === 'production' ? undefined : candidate?.tiers[subject];
	if (tier === undefined || subject === 'production') return [];
	if (isMoving(tier.status))
		return [
			`${tierTitles[subject]} of this commit runs already${tier.runId === null ? '' : ` (run ${tier.runId})`}`,
		];
	return tier.status === 'passed'
		? [
				`${tierTitles[subject]} of this commit is green already: the newest run counts, so the gate is blocked until it is green again`,
			]
		: [];
};

export const effectsOf = (wish: RunWish, around: Surroundings): Effects => {
	if (wish.kind === 'cancel') return cancelling(around, wish.force);
	if (wish.kind === 'approve') return approving(around, wish.whose);
	const {effects, warnings} = starting(around);
	return {effects, warnings: wish.kind === 'start' ? [...again(around), ...warnings] : warnings};
};

/** What has to be typed: what is done to production's deployment wants more than a key. null: a key is enough. */
export const runPhrase = (wish: RunWish, subject: RunSubject): string | null =>
	subject !== 'production'
		? null
		: wish.kind === 'cancel'
			? 'cancel production'
			: wish.kind === 'rerun'
				? 're-run production'
				: wish.kind === 'approve'
					? 'approve production'
					: 'start production';
