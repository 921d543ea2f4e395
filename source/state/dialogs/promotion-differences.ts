/** What has changed of a promotion's plan while the operator looked at it, in words. */
import {nameOf} from '../../core/releases/instances.ts';
import type {Condition} from '../../core/pipeline/pipeline.ts';
import type {PlanCommit, PlanPromotion} from '../../core/plan/plan.ts';
import {conditionTitles, reasonOf, withoutAges} from '../view/condition-words.ts';

const fromTo = (what: string, one: string, other: string): readonly string[] =>
	one === other ? [] : [`${what}: was ${one}, is ${other}`];
const short = (sha: string | null): string => sha?.slice(0, 7) ?? 'unknown';
const metWord = ({met}: Condition): string => (met === true ? 'met' : met === false ? 'not met' : 'unknown');
const listed = (names: readonly string[] | null): string =>
	names === null ? 'not known' : names.length === 0 ? 'none' : names.join(', ');

const ofConditions = (before: readonly Condition[], after: readonly Condition[]): readonly string[] =>
	after.flatMap(condition => {
		const known = before.find(({id}) => id === condition.id);
		const title = conditionTitles[condition.id];
		if (known === undefined) return [`${title}: asked for now, ${metWord(condition)}: ${reasonOf(condition)}`];
		if (known.met !== condition.met)
			return [`${title}: was ${metWord(known)}, is ${metWord(condition)}: ${reasonOf(condition)}`];
		return withoutAges(known.because) === withoutAges(condition.because)
			? []
			: [`${title}: was "${reasonOf(known)}", is "${reasonOf(condition)}"`];
	});

const added = (before: readonly PlanCommit[] | null, after: readonly PlanCommit[] | null): readonly PlanCommit[] =>
	before === null || after === null ? [] : after.filter(({sha}) => !before.some(known => known.sha === sha));

/** More than these are counted. */
const namedOneByOne = 2;

/** What came to the staging branch meanwhile stays behind: the plan keeps to its commit. */
const ofStaying = (before: PlanPromotion, after: PlanPromotion, sha: string | null): readonly string[] => {
	const came = added(before.staying, after.staying);
	const named = came
		.slice(0, namedOneByOne)
		.map(
			commit =>
				`new ${commit.isRevert ? 'REVERT' : 'commit'} ${short(commit.sha)} ${commit.message}: this plan stays on ${short(sha)}`,
		);
	const left = added(after.staying, before.staying);
	return [
		...named,
		...(came.length > namedOneByOne ? [`${came.length - namedOneByOne} more new commits stay behind`] : []),
		...(left.length > 0
			? [`no longer on the staging branch: ${left.map(commit => short(commit.sha)).join(', ')}`]
			: []),
		...((before.staying === null) === (after.staying === null)
			? []
			: [`commits that stay behind: ${after.staying === null ? 'not known any more' : 'known now'}`]),
	];
};

export const promotionDifferences = (
	before: PlanPromotion,
	after: PlanPromotion,
	sha: string | null,
): readonly string[] => {
	const conditions = ofConditions(before.conditions, after.conditions);
	const rollback = ({rollbackTo, rollbackBecause}: PlanPromotion) =>
		rollbackTo === null ? `not ready (${rollbackBecause})` : nameOf(rollbackTo);
	return [
		...fromTo(`branch ${after.branch}`, short(before.branchAt), short(after.branchAt)),
		...fromTo('strategy', before.strategy, after.strategy),
		...conditions,
		...(conditions.length === 0 && before.evidenceAt !== after.evidenceAt
			? ['the E2E run that it rests on is another one']
			: []),
		...ofStaying(before, after, sha),
		...fromTo(
			'bypassed by break-glass',
			listed(before.breakGlass?.conditions.map(id => conditionTitles[id]) ?? []),
			listed(after.breakGlass?.conditions.map(id => conditionTitles[id]) ?? []),
		),
		...fromTo('configuration', listed(before.configuration), listed(after.configuration)),
		...fromTo('way back', rollback(before), rollback(after)),
		...(JSON.stringify(before.steps) === JSON.stringify(after.steps) ? [] : ['the steps have changed']),
		...fromTo('has to stay healthy for', `${before.soakSeconds}s`, `${after.soakSeconds}s`),
	];
};
