/** Whether sign-offs that have to come from different people can do so at all. */
import type {SignOffRule} from '../../core/settings/settings.ts';

/** `at`: place of the sign-off that finds nobody any more; `names`: the sign-offs that share too few `people`, in the file's order. */
export type TooFewPeople = {at: number; names: readonly string[]; people: readonly string[]};

/**
The first group of sign-offs with fewer people than sign-offs; null when each can have a person of its own. People are assigned one after
the other, and change places where that makes room (a matching by augmenting paths): to count them would not do, because `a` by x, `b` by
x, `c` by y or z are three people for three sign-offs. A sign-off that names nobody can be given by anybody, and never lacks one.
*/
export const tooFewPeople = (signOffs: readonly SignOffRule[]): TooFewPeople | null => {
	const people = signOffs.map(({by}) => [...new Set(by.map(login => login.toLowerCase()))]);
	/** Sign-off by login. */
	const assigned = new Map<string, number>();
	const assign = (index: number, tried: Set<string>): boolean =>
		people[index]!.some(login => {
			if (tried.has(login)) {
				return false;
			}

			tried.add(login);
			const holder = assigned.get(login);
			if (holder !== undefined && !assign(holder, tried)) {
				return false;
			}

			assigned.set(login, index);
			return true;
		});
	for (const [index, {by}] of signOffs.entries()) {
		const tried = new Set<string>();
		if (by.length > 0 && !assign(index, tried)) {
			const group = signOffs.filter(
				(_, each) => each === index || [...tried].some(login => assigned.get(login) === each),
			);
			return {at: index, names: group.map(({name}) => name), people: [...tried]};
		}
	}

	return null;
};
