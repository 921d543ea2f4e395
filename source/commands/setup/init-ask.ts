/** The questions of `deployctl init`: one for each group, and one for each file that is somebody's. Nothing is written before the last answer. */
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, Failure} from '../../errors.ts';
import {needsNaming, type Change} from '../../init/write/changes.ts';
import {countText, groups} from './init-text.ts';

export type Asking = {
	/** null: nobody can be asked. */
	ask: ((question: string) => Promise<string | null>) | null;
	say(text: string): void;
	/** Paths that were named on the command line: they are written like ours. */
	named: ReadonlySet<string>;
	show(change: Change): string;
};

export const notWritten = (because: string): Failure =>
	new Failure(`Not confirmed: ${because}, and nothing was written`, {
		next: 'deployctl init again; --yes writes without asking, --dry-run only shows',
		exitCode: exitCodes.refused,
	});

/** Asks until the answer is one. */
const wants = async (
	ask: NonNullable<Asking['ask']>,
	{say, show}: Asking,
	question: string,
	changes: readonly Change[],
): Promise<boolean> => {
	for (;;) {
		const answer = await ask(`${question} [y/n/d/q, d shows the difference] `);
		switch (answer?.trim().toLowerCase() ?? 'q') {
			case 'y':
			case 'yes':
				return true;
			case 'n':
			case 'no':
				return false;
			case 'd':
			case 'diff': {
				for (const change of changes) say(`\n${show(change)}`);
				say('\n');
				break;
			}
			case 'q':
			case 'quit':
				throw notWritten('you left');
			default:
				say('y writes, n leaves it, d shows the difference, q leaves without writing anything.\n');
		}
	}
};

const questions: Readonly<Partial<Record<Change['kind'], string>>> = {
	edited: 'was edited since deployctl wrote it. Overwrite it?',
	held: 'is started by its digest, which the workflow that stays does not name. Overwrite it?',
	deleted: 'was removed since deployctl wrote it. Write it again?',
	foreign: 'was there before. Overwrite it?',
};

/** Throws a `Failure` (refused) when nobody can be asked, or who is asked leaves. */
export const chooseChanges = async (asking: Asking, writable: readonly Change[]): Promise<Change[]> => {
	const {ask, named} = asking;
	if (ask === null)
		throw new Failure('Not confirmed: there is no terminal to ask on, and nothing was written', {
			next: 'add --yes to write what is new or ours, or --dry-run to look',
			exitCode: exitCodes.refused,
		});
	const chosen: Change[] = [];
	for (const group of groups) {
		const own = writable.filter(change => change.group === group);
		const ours = own.filter(change => !needsNaming(change) || named.has(change.path));
		const words = countText(ours) || `${ours.length} named`;
		if (
			ours.length > 0 &&
			(await wants(ask, asking, `${group}: ${words}. Write ${ours.length === 1 ? 'it' : 'them'}?`, ours))
		)
			chosen.push(...ours);
		for (const change of own)
			if (
				!ours.includes(change) &&
				(await wants(ask, asking, `${sanitise(change.path)} ${questions[change.kind] ?? 'Overwrite it?'}`, [
					change,
				]))
			)
				chosen.push(change);
	}
	return chosen;
};
