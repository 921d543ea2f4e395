/**
The production gate: pure, per commit, from what was read. Each condition is met, not met or unknown, with the reason and what it rests on;
unknown keeps it blocked.
*/
import type {EnvironmentRules} from '../github/facts.ts';
import {type AboutBranches, fastForward} from './branches.ts';
import {approved, type Moment, notFrozen, notPinned, productionHealthy, signedOff, unlocked} from './moment.ts';
import {type AboutCommit, e2eGreen, smokeGreen, staged, tierGreen} from './tiers.ts';
import type {Verdict} from '../pipeline/verdicts.ts';
import {
	type AskedConditionId,
	type Candidate,
	type ConditionId,
	conditionIds,
	type Gate,
} from '../pipeline/pipeline.ts';

export {short} from '../pipeline/verdicts.ts';

type Known = Pick<Candidate, 'sha' | 'tiers'>;

/** Everything that is known about one commit and about now: the evidence. */
export type Surroundings = AboutCommit &
	Omit<AboutBranches, 'live'> & {
		/** Asked by the workflow that deploys it: the lock of its own promotion stands in nobody's way. */
		isDeploying: boolean;
		/** What GitHub asks for before production; null: not read. */
		rules: EnvironmentRules | null;
		/** What is known about production now; null: nothing was asked. */
		moment: Moment | null;
	};

const rules: Readonly<Record<AskedConditionId, (candidate: Known, around: Surroundings) => Verdict>> = {
	'fast-green': ({tiers}, {settings}) => tierGreen(tiers, tiers.fast, settings),
	staged,
	'e2e-green': e2eGreen,
	'smoke-green': smokeGreen,
	'fast-forward': ({sha}, around) =>
		fastForward(sha, {...around, live: around.moment?.production?.overall.version ?? null}),
	unlocked: ({sha}, {moment, isDeploying}) => unlocked(moment, isDeploying ? sha : null),
	'not-frozen': (_, {moment, settings}) => notFrozen(moment, settings),
	'not-pinned': ({sha}, {moment}) => notPinned(moment, sha),
	'production-healthy': (_, {moment}) => productionHealthy(moment),
	'sign-offs': (_, {moment, statuses, statusesUnread, settings, hotfix}) =>
		signedOff(moment, statuses, settings, hotfix !== null, statusesUnread ?? null),
	approvals: (_, {moment, rules: asked, settings}) => approved(moment, asked, settings),
};

/** A hotfix goes past staging, and to a production that may be unhealthy: that is what it is for. */
export const hotfixConditionIds: readonly AskedConditionId[] = [
	'fast-green',
	'fast-forward',
	'unlocked',
	'not-frozen',
	'not-pinned',
	'sign-offs',
	'approvals',
];

/** What break-glass bypasses. Never the lock; nor a pin, which is cleared with a reason of its own; nor what git itself cannot do. */
export const breakableIds: readonly ConditionId[] = [
	'fast-green',
	'staged',
	'e2e-green',
	'smoke-green',
	'not-frozen',
	'production-healthy',
	'sign-offs',
	'approvals',
];

/** Open only when every condition is met; missing information never opens it. */
export const decideGate = (candidate: Known, around: Surroundings): Gate => {
	const ids = around.hotfix === null ? conditionIds : hotfixConditionIds;
	const conditions = ids.map(id => ({id, ...rules[id](candidate, around)}));
	return {open: conditions.every(condition => condition.met === true), conditions};
};
