/**
Human sign-offs for one commit. Each is a commit status that GitHub files under the login of whoever posted it: statuses are only ever
added, never edited or deleted, so who signed what and when can be forged by nobody who is not signed in as that person.
*/
import type {StatusFact, Unread} from '../github/facts.ts';
import {met, notMet, unknown, unread, type Verdict} from '../pipeline/verdicts.ts';
import {sanitise} from '../text/sanitise.ts';
import type {SignOffRule} from '../settings/settings.ts';

const prefix = 'deployctl/sign-off/';
export const signOffContext = (name: string): string => `${prefix}${name}`;

export type SignOff = {name: string; by: string; at: number; note: string | null};

/** Workflows and Apps sign nothing. */
export const isPerson = (login: string) => !login.endsWith('[bot]') && login !== 'github-actions';

/** The newest word for a name, if a person said it; taken back as `FAILURE`, `ERROR` or `PENDING`. */
export type SignOffWord = SignOff & {isGiven: boolean};

const wordsIn = (statuses: readonly StatusFact[]): readonly SignOffWord[] => {
	const newest = new Map<string, StatusFact>();
	for (const status of statuses) {
		if (status.context.startsWith(prefix) && (newest.get(status.context)?.createdAt ?? -1) <= status.createdAt)
			newest.set(status.context, status);
	}
	return [...newest.values()].flatMap(({context, state, creator, createdAt, description}) =>
		creator !== null && isPerson(creator)
			? [
					{
						name: context.slice(prefix.length),
						by: creator,
						at: createdAt,
						note: description ? sanitise(description, 140) : null,
						isGiven: state === 'SUCCESS',
					},
				]
			: [],
	);
};

/** The sign-offs that stand: the newest word for each name, given by a person and not taken back. */
export const signOffsIn = (statuses: readonly StatusFact[]): readonly SignOff[] =>
	wordsIn(statuses)
		.filter(({isGiven}) => isGiven)
		.map(({name, by, at, note}) => ({name, by, at, note}));

const isAllowed = ({by}: SignOffRule, login: string) =>
	by.length === 0 || by.some(each => each.toLowerCase() === login.toLowerCase());

const missingText = (rule: SignOffRule, words: readonly SignOffWord[]): string => {
	const word = words.find(({name}) => name === rule.name);
	if (word === undefined) return rule.name;
	return word.isGiven
		? `${rule.name} (${word.by} may not give it)`
		: `${rule.name} (taken back by ${word.by}${word.note === null ? '' : `: ${word.note}`})`;
};

/** `statuses` null: not read, for the reason in `lack`. With `differentPeople` nobody signs alone for two. */
export const signOffVerdict = (
	statuses: readonly StatusFact[] | null,
	wanted: readonly SignOffRule[],
	differentPeople: boolean,
	lack: Unread | null = null,
): Verdict => {
	if (wanted.length === 0) return met('no sign-off is asked for');
	if (statuses === null) return lack === null ? unknown('sign-offs: not read') : unread('sign-offs', lack);
	const words = wordsIn(statuses);
	const given = words.filter(
		({name, by, isGiven}) => isGiven && wanted.some(rule => rule.name === name && isAllowed(rule, by)),
	);
	const proofs = given.map(({name, by, at, note}) => ({by, at, text: note === null ? name : `${name}: ${note}`}));
	const missing = wanted.filter(rule => !given.some(({name}) => name === rule.name));
	if (missing.length > 0) {
		const [{name, by}] = missing as [SignOffRule];
		return notMet(
			`sign-off missing: ${missing.map(rule => missingText(rule, words)).join(', ')}`,
			by.length === 0
				? `deployctl sign-off ${name} gives it.`
				: `${by.join(' or ')} can give it: deployctl sign-off ${name}.`,
			...proofs,
		);
	}
	const told = given.map(({name, by}) => `${name} by ${by}`).join(', ');
	return differentPeople && new Set(given.map(({by}) => by.toLowerCase())).size < given.length
		? notMet(
				`different people have to sign, but there is ${told}`,
				'Let somebody else sign for one of them.',
				...proofs,
			)
		: met(`signed off: ${told}`, ...proofs);
};
