/**
Human sign-offs for one commit. Each is a commit status that GitHub files under the login of whoever posted it: statuses are only ever
added, never edited or deleted, so who signed what and when can be forged by nobody who is not signed in as that person.
*/
import type {StatusFact} from './facts.ts';
import type {Condition} from './pipeline.ts';
import {sanitise} from './sanitise.ts';

const prefix = 'deployctl/sign-off/';
export const signOffContext = (name: string): string => `${prefix}${name}`;

export type SignOff = {name: string; by: string; at: number; note: string | null};

const isPerson = (login: string) => !login.endsWith('[bot]') && login !== 'github-actions';

/** The sign-offs that stand: the newest word for each name, given by a person and not withdrawn (`FAILURE`, `ERROR`, `PENDING`). */
export const signOffsIn = (statuses: readonly StatusFact[]): readonly SignOff[] => {
	const newest = new Map<string, StatusFact>();
	for (const status of statuses) {
		if (status.context.startsWith(prefix) && (newest.get(status.context)?.createdAt ?? -1) <= status.createdAt) newest.set(status.context, status);
	}
	return [...newest.values()].flatMap(({context, state, creator, createdAt, description}) =>
		(state === 'SUCCESS' && creator !== null && isPerson(creator) ? [{name: context.slice(prefix.length), by: creator, at: createdAt, note: description === null ? null : sanitise(description, 140)}] : []));
};

/** `statuses` null: not read. With `differentPeople` nobody signs alone for two. */
export const signOffVerdict = (statuses: readonly StatusFact[] | null, wanted: readonly string[], differentPeople: boolean): Omit<Condition, 'id'> => {
	if (wanted.length === 0) return {met: true, because: 'no sign-off is asked for'};
	if (statuses === null) return {met: 'unknown', because: 'sign-offs: not read'};
	const given = signOffsIn(statuses).filter(({name}) => wanted.includes(name));
	const missing = wanted.filter(name => !given.some(each => each.name === name));
	if (missing.length > 0) return {met: false, because: `sign-off missing: ${missing.join(', ')}`, next: `deployctl sign-off ${missing[0]} gives it.`};
	const told = given.map(({name, by}) => `${name} by ${by}`).join(', ');
	return differentPeople && new Set(given.map(({by}) => by)).size < wanted.length
		? {met: false, because: `different people have to sign, but there is ${told}`, next: 'Let somebody else sign for one of them.'}
		: {met: true, because: `signed off: ${told}`};
};
