/** Promotions: durations and branches that contradict each other, sign-offs that nobody could give. */
import {settingText} from '../schema/durations.ts';
import {at, isZero} from './finding.ts';
import type {Finding, Rule} from './finding.ts';
import {pathText, shown} from './problem.ts';
import {freezeFindings} from './rules-freeze.ts';
import type {Raw, RawSignOff} from './settings-from.ts';
import {tooFewPeople} from './too-few-people.ts';

const durations: Rule = (raw, {promotion: {evidenceMaxAgeSeconds, soakSeconds, timeoutSeconds}}, rejected) => {
	const pointer = '/promotion';
	const zero = [
		...(evidenceMaxAgeSeconds === 0 ? [isZero(`${pointer}/evidenceMaxAge`, '7d, 36h or 1d12h')] : []),
		...(timeoutSeconds === 0 ? [isZero(`${pointer}/timeout`)] : []),
	];
	const complete = !rejected.has(`${pointer}/soak`) && !rejected.has(`${pointer}/timeout`);
	if (timeoutSeconds === 0 || !complete || soakSeconds < timeoutSeconds) {
		return zero;
	}

	const [soak, timeout] = [settingText(soakSeconds), settingText(timeoutSeconds)];
	return [
		...zero,
		raw.promotion?.soak === undefined
			? at(
					`${pointer}/timeout`,
					`is ${timeout}, not longer than the soak (by default ${soak}), which is a part of it. Expected more than ${soak}, or a shorter soak with it.`,
				)
			: at(
					`${pointer}/soak`,
					`is ${soak}, not shorter than the timeout (${raw.promotion.timeout === undefined ? 'by default ' : ''}${timeout}), of which it is a part. Expected less than ${timeout}.`,
				),
	];
};

/** What is pushed to the staging branch must not be taken for something urgent, which goes past staging. */
const hotfixBranches: Rule = (
	raw,
	{
		branches,
		promotion: {
			hotfix: {prefix},
		},
	},
	rejected,
) => {
	const given = raw.promotion?.hotfix?.branches;
	const fitting = (['staging', 'production'] as const).find(name => branches[name].startsWith(prefix));
	if (fitting === undefined || rejected.has('/promotion/hotfix/branches') || rejected.has(`/branches/${fitting}`)) {
		return [];
	}

	return [
		given === undefined
			? at(
					`/branches/${fitting}`,
					`is ${shown(branches[fitting])}, like a hotfix (promotion.hotfix.branches is by default "${prefix}*"). Expected another branch, or another promotion.hotfix.branches.`,
				)
			: at(
					'/promotion/hotfix/branches',
					`is ${shown(given)}, which fits branches.${fitting} (${shown(branches[fitting])}) too. Expected names that only hotfixes have.`,
				),
	];
};

type Placed = {name: string; by: readonly string[]; pointer: string};

const placed = (given: ReadonlyArray<RawSignOff | undefined>, list: string): Placed[] =>
	given.flatMap((each, index) => {
		const {name, by = []} = typeof each === 'string' ? {name: each} : (each ?? {});
		return name === undefined
			? []
			: [{name, by: by.filter(login => login !== undefined), pointer: `${list}/${index}`}];
	});

const repeated = (signOffs: readonly Placed[], list: string): Finding[] =>
	signOffs.flatMap(({name, pointer}, index) =>
		signOffs.findIndex(each => each.name === name) < index
			? [{pointer, message: `${pathText(list)} names ${shown(name)} twice.`, part: 'value'}]
			: [],
	);

const words = (items: readonly string[]): string =>
	items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

const unsignable = (signOffs: readonly Placed[]): Finding[] => {
	const lack = tooFewPeople(signOffs);
	return lack === null
		? []
		: [
				at(
					`${signOffs[lack.at]!.pointer}/by`,
					`names too few people: only ${words(lack.people)} may sign for ${words(lack.names)}, and promotion.differentPeople asks for ${lack.names.length} different ones. Expected one more login, or differentPeople: false.`,
				),
			];
};

const signOffs: Rule = ({promotion}: Raw, {promotion: {differentPeople}}, rejected) =>
	(
		[
			['/promotion/signOffs', promotion?.signOffs],
			['/promotion/hotfix/signOffs', promotion?.hotfix?.signOffs],
		] as const
	).flatMap(([list, given = []]) => {
		const all = placed(given, list);
		const twice = repeated(all, list);
		// With a login or a name missing from what we look at, every count would be wrong.
		const complete = twice.length === 0 && ![...rejected].some(pointer => pointer.startsWith(`${list}/`));
		return [...twice, ...(differentPeople && complete ? unsignable(all) : [])];
	});

export const promotionFindings: Rule = (...given) =>
	[durations, hotfixBranches, signOffs, freezeFindings].flatMap(rule => rule(...given));
