/** What has changed between the plan that the operator looked at and the one that holds now, in words. */
import {nameOf} from '../../core/releases/instances.ts';
import {holderOf, type LockState} from '../../core/locks/lock.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Plan, PlanCommit} from '../../core/plan/plan.ts';
import {versionText} from '../questions/operation-select.ts';
import {promotionDifferences} from './promotion-differences.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

const named = (ref: ReleaseRef | null): string => (ref === null ? 'unknown' : nameOf(ref));

/** Who holds it, in a few words. */
export const lockText = (lock: LockState): string => {
	switch (lock.state) {
		case 'free':
			return 'free';
		case 'held':
			return `${lock.isStale ? 'left locked' : 'locked'} by ${holderOf(lock.lock)}: ${lock.lock.reason}`;
		case 'ambiguous':
			return `locked by something that cannot be read: ${lock.because}`;
		case 'unknown':
			return `not known: ${lock.because}`;
	}
};

const healthText = ({observation}: Plan): string => {
	const {version, isMixed, health} = overall(observation);
	const what = isMixed ? 'mixed versions' : version === null ? 'version unknown' : versionText(version);
	return `${what}, ${health === true ? 'healthy' : health === false ? 'unhealthy' : 'health unknown'}`;
};

const commitsText = (commits: readonly PlanCommit[] | null): string =>
	commits === null ? 'not known' : `${commits.length}`;
/** Each plan has an id of its own, which says nothing. */
const commandText = ({command, id}: Plan): string => command.join(' ').replaceAll(id, 'ID');
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export const planDifferences = (before: Plan, after: Plan): readonly string[] => {
	const fromTo = (what: string, one: string, other: string): readonly string[] =>
		one === other ? [] : [`${what}: was ${one}, is ${other}`];
	const found = [
		...fromTo('live', named(before.from), named(after.from)),
		...fromTo('target', named(before.to), named(after.to)),
		...fromTo('lock', lockText(before.lock), lockText(after.lock)),
		...fromTo('health', healthText(before), healthText(after)),
		...fromTo('commits that come', commitsText(before.coming), commitsText(after.coming)),
		...fromTo('commits that go', commitsText(before.going), commitsText(after.going)),
		...(before.promotion && after.promotion
			? promotionDifferences(before.promotion, after.promotion, after.sha)
			: []),
		...fromTo('command', commandText(before), commandText(after)),
		...fromTo('migration', before.migration, after.migration),
		...after.warnings
			.filter(warning => !before.warnings.includes(warning))
			.map(warning => `new warning: ${warning}`),
		...before.warnings.filter(warning => !after.warnings.includes(warning)).map(warning => `no longer: ${warning}`),
		...fromTo('to be typed', before.phrase ?? 'nothing', after.phrase ?? 'nothing'),
		...(isSame(before.offers, after.offers) ? [] : ['the releases to roll back to have changed']),
	];
	if (found.length > 0) return found;
	// What blocks is shown itself.
	if (after.blocked !== null)
		return [before.blocked === null ? 'it is blocked now' : 'it is blocked by something else'];
	return [
		before.blocked === null ? 'something that the plan stands on' : `no longer blocked (${before.blocked.because})`,
	];
};
