/** A promotion in words and in rules: what it will do, what stands in its way, what a broken glass passes. Pure. */
import {breakableIds, short} from '../gate/gate.ts';
import type {Condition, ConditionId} from '../pipeline/pipeline.ts';
import type {PromotionSettings, Strategy} from '../settings/settings.ts';
import {duration} from '../text/duration.ts';

/** What nothing but another commit or another person can mend first; then what is not met, then what is not known. `passed`: what the broken glass goes past. */
export const obstacleIn = (conditions: readonly Condition[], passed: readonly ConditionId[] = []): Condition | null => {
	const left = conditions.filter(({id}) => !passed.includes(id));
	return (
		left.find(({id, met}) => met === false && !breakableIds.includes(id)) ??
		left.find(({met}) => met === false) ??
		left.find(({met}) => met !== true) ??
		null
	);
};

/** What would be passed: every condition that is not met and may be. */
export const passedBy = (conditions: readonly Condition[]): readonly ConditionId[] =>
	conditions.filter(({id, met}) => met !== true && breakableIds.includes(id)).map(({id}) => id);

export const canBreakGlass = (conditions: readonly Condition[]): boolean =>
	conditions.length > 0 && passedBy(conditions).length > 0 && obstacleIn(conditions, breakableIds) === null;

export const strategyWords: Readonly<Record<Strategy, string>> = {
	'fast-forward': 'fast-forward',
	'pull-request': 'pull request',
	'merge-queue': 'merge queue',
	workflow: 'workflow',
	script: 'script',
};

export type Course = {
	sha: string;
	branch: string;
	branchAt: string | null;
	settings: PromotionSettings;
	script: string;
};

/** How production's branch gets there, in words. */
const moves = ({sha, branch, branchAt, settings}: Course): string => {
	const from = branchAt === null ? branch : `${branch} ${short(branchAt)}`;
	return settings.strategy === 'pull-request' || settings.strategy === 'merge-queue'
		? `merge ${short(sha)} into ${from}`
		: `move ${from} to ${short(sha)}`;
};

/** What will be done, in order. */
export const stepsOf = (course: Course): readonly string[] => {
	const {
		sha,
		settings: {strategy, workflow, soakSeconds, mergeMethod},
		script,
	} = course;
	const verify = 'wait until every instance of production reports it and is healthy';
	const soak =
		soakSeconds === 0 ? [] : [`watch production for ${duration(soakSeconds)}: after that it counts as good`];
	switch (strategy) {
		case 'fast-forward':
			return [`${moves(course)} and tag it, in one step`, `follow ${workflow}`, verify, ...soak];
		case 'pull-request':
			return [
				'open a pull request of exactly this commit',
				`${moves(course)} (${mergeMethod}) once its rules are met, and compare the files`,
				`follow ${workflow}`,
				verify,
				...soak,
			];
		case 'merge-queue':
			return [
				'open a pull request of exactly this commit',
				'put it into the merge queue, wait, and compare the files',
				`follow ${workflow}`,
				verify,
				...soak,
			];
		case 'workflow':
			return [
				`start ${workflow} for ${short(sha)} and follow it`,
				verify,
				`${moves(course)} and tag it`,
				...soak,
			];
		case 'script':
			return [`run ${script}`, verify, `${moves(course)} and tag it`, ...soak];
	}
};
