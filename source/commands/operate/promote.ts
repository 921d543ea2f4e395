/** `deployctl promote` and `deployctl sign-off`. */
import type {Wish} from '../../core/plan/plan.ts';
import {short} from '../../core/gate/gate.ts';
import {usageFailure} from '../../errors.ts';
import type {ChosenCommit} from '../look/commit.ts';
import {carryOut} from './carry-out.ts';
import {confirmed} from '../desk/confirm.ts';
import {type ActingFlags, type Desk, printJson, refusalFailure, unlessInterrupted} from '../desk/desk.ts';
import {didYouMean, quoted} from '../table/values.ts';

export type PromoteFlags = ActingFlags & {
	sha: string | null;
	hotfix: string | null;
	breakGlass: string | null;
	wait: boolean;
};

/** The head of a hotfix branch, on GitHub. */
const headOfHotfix = async ({operations, settings}: Desk, name: string): Promise<{branch: string; sha: string}> => {
	const found = await operations.hotfixes();
	if (!found.ok) throw refusalFailure(found);
	const branch = found.branches.find(
		each => each.branch === name || each.branch === `${settings.promotion.hotfix.prefix}${name}`,
	);
	const names = found.branches.map(each => each.branch);
	if (branch === undefined)
		throw usageFailure(
			`no hotfix branch ${quoted(name)} on GitHub.${names.length === 0 ? ` None begins with ${settings.promotion.hotfix.prefix}.` : ` There is ${names.join(', ')}.`}${didYouMean(name, names)}`,
			'push it, then wait for its fast tests',
		);
	return branch;
};

export const runPromote = async (desk: Desk, {hotfix, breakGlass, wait, ...flags}: PromoteFlags): Promise<number> => {
	if (wait && flags.detach) throw usageFailure('--wait and --detach contradict each other.', 'leave one of them out');
	if (breakGlass !== null && breakGlass.trim() === '')
		throw usageFailure('--break-glass needs a reason.', 'say why: everybody will see it');
	const head = hotfix === null ? null : await unlessInterrupted(desk.signal, headOfHotfix(desk, hotfix));
	if (head !== null && flags.sha !== null && !head.sha.startsWith(flags.sha.toLowerCase()))
		throw usageFailure(
			`${flags.sha} is not the head of ${head.branch}: that is ${short(head.sha)}.`,
			'leave --sha out',
		);
	const wish: Wish = {
		kind: 'promote',
		environment: 'production',
		sha: head?.sha ?? flags.sha?.toLowerCase() ?? null,
		...(head !== null && {hotfix: head.branch}),
		...(breakGlass !== null && {breakGlass}),
	};
	const chosen =
		head !== null
			? `the head of ${head.branch}`
			: flags.sha === null
				? 'the newest that is ready, else the newest'
				: null;
	return carryOut(desk, await unlessInterrupted(desk.signal, desk.operations.plan(wish, [])), flags, chosen);
};

export type SignOffFlags = ActingFlags & {sha: string | null; withdraw: boolean; reason: string | null};

/** `choose` finds the commit: on GitHub, or in the local repository. */
export const runSignOff = async (
	desk: Desk,
	name: string,
	flags: SignOffFlags,
	choose: (sha: string | null) => Promise<ChosenCommit>,
): Promise<number> => {
	const {
		operations,
		settings: {
			promotion: {signOffs, hotfix},
		},
		output,
	} = desk;
	const names = [...new Set([...signOffs, ...hotfix.signOffs].map(rule => rule.name))];
	if (!names.includes(name))
		throw usageFailure(
			`no sign-off ${quoted(name)}. ${names.length === 0 ? 'deployctl.yml asks for none.' : `There is ${names.join(', ')}.`}${didYouMean(name, names)}`,
			'promotion.signOffs in deployctl.yml names them',
		);
	const {sha, chosen, history} = await unlessInterrupted(desk.signal, choose(flags.sha));
	const message = history.find(commit => commit.sha === sha)?.message;
	const what = `${flags.withdraw ? 'Take back' : 'Give'} the sign-off ${name} for ${short(sha)}${message === undefined ? '' : ` ${message}`}${chosen === null ? '' : ` (${chosen})`}`;
	if (flags.dryRun) {
		if (flags.json) printJson(output, {signOff: {name, sha, given: !flags.withdraw}, done: false});
		else output.write(`Would: ${what}.\n`);
		return 0;
	}
	await confirmed(desk, {phrase: null, question: `${what}?`}, flags);
	const done = await operations.signOff({sha, name, given: !flags.withdraw, note: flags.reason});
	if (!done.ok) throw refusalFailure(done);
	if (flags.json) printJson(output, {signOff: {name, sha, given: !flags.withdraw}, done: true});
	else output.write(`${flags.withdraw ? 'Taken back' : 'Signed'}: ${name} for ${short(sha)}.\n`);
	return 0;
};
