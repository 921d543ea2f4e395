/** What a plan stands on. When it changes under an open dialog, the plan is made again and shown with the difference. */
import type {Wish} from '../../core/plan/plan.ts';
import {withoutAges} from '../view/condition-words.ts';
import {conditionOf, lockOn, pinsOn, readinessOf, reportedVersions, runningOn} from '../questions/operation-select.ts';
import type {State} from '../model/state.ts';

/** Newest commit on the staging branch. */
export const headOf = ({snapshot}: State): string | null =>
	snapshot?.branches.staging.sha ?? snapshot?.candidates[0]?.sha ?? null;

const gateOfCommit = ({snapshot}: State, sha: string | null) =>
	snapshot?.candidates.find(candidate => candidate.sha === sha)?.gate.conditions.map(({met}) => met) ?? null;

/** With the reasons: another run, another sign-off is other evidence for the same verdict. Of a hotfix GitHub shows no candidate. */
const evidenceOf = ({snapshot}: State, sha: string | null) =>
	snapshot?.candidates
		.find(candidate => candidate.sha === sha)
		?.gate.conditions.map(({id, met, because}) => [id, met, withoutAges(because)]) ?? null;

const commitsOf = (state: State, wish: Wish): unknown => {
	switch (wish.kind) {
		case 'deploy':
			return [headOf(state), gateOfCommit(state, wish.sha)];
		case 'promote':
			return [headOf(state), state.snapshot?.branches.production.sha ?? null, evidenceOf(state, wish.sha)];
		case 'rollback':
			return null;
	}
};

/** Everything but ages: the same text, the same ground. */
export const basisOf = (state: State, wish: Wish): string => {
	const {environment} = wish;
	const lock = lockOn(state, environment);
	const readiness = readinessOf(state, environment);
	return JSON.stringify([
		lock?.state === 'held' ? [lock.lock.id, lock.isStale, lock.where] : lock,
		runningOn(state, environment)?.id ?? null,
		conditionOf(state, environment),
		reportedVersions(state, environment),
		readiness?.ready === true ? readiness.to.id : readiness,
		pinsOn(state, environment),
		state.operations.reading?.problem ?? null,
		commitsOf(state, wish),
	]);
};
