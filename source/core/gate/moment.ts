/** The production gate's conditions about the moment: lock, freeze, pin, health, sign-offs, approvals. What was not read is unknown. */
import {duration} from '../text/duration.ts';
import type {EnvironmentRules, StatusFact, Unread} from '../github/facts.ts';
import {activeFreeze, freezeText} from './freeze.ts';
import {holderOf, type LockState} from '../locks/lock.ts';
import type {Overall} from '../releases/observation.ts';
import {met, notMet, notReadYet, unknown, type Verdict} from '../pipeline/verdicts.ts';
import {plural} from '../text/plural.ts';
import type {Settings} from '../settings/settings.ts';
import {signOffVerdict} from './sign-offs.ts';

/** What is known about production now. null: not read. Wall time, milliseconds. */
export type Moment = {
	now: number;
	/** GitHub's clock minus ours, milliseconds: a machine whose clock is wrong must not end a freeze. */
	skewMs?: number;
	/** The operation that asks: the lock that it holds itself stands in nobody's way. */
	holder?: string;
	lock: LockState | null;
	/** A rollback's mark: this release is not to be shipped again. */
	pins: ReadonlyArray<{environment: string; release: string; sha: string | null; by: string; because: string}> | null;
	/** Versions that production's instances report, each once; empty or missing: nobody says. */
	reported?: readonly string[];
	/** `healthyInARow`: consecutive observations in which every instance was healthy. */
	production: {overall: Overall; instances: number; readAt: number; healthyInARow: number} | null;
};

/** Promotion holds until production was healthy so many times in a row (scenario 9). */
export const healthyNeeded = 5;
/** Older knowledge about health is none. */
export const observedWithinMs = 30_000;

const undecided = notReadYet;

/** `deployed`: the commit whose own promotion may hold the lock, because its workflow asks. */
export const unlocked = (moment: Moment | null, deployed: string | null = null): Verdict => {
	const lock = moment?.lock ?? null;
	if (moment === null || lock === null) return undecided('lock');
	switch (lock.state) {
		case 'free':
			return met('production is not locked');
		case 'unknown':
			return unknown(`lock: ${lock.because}`);
		case 'ambiguous':
			return unknown(`lock: ${lock.because}`, 'deployctl unlock production --break ID -m REASON removes it.');
		case 'held': {
			const {reason, createdAt, id, operation, promotion, kind} = lock.lock;
			const operator = holderOf(lock.lock);
			const proof = {by: operator, at: createdAt, text: `lock ${id}`};
			if (kind === 'operation' && moment.holder !== undefined && operation === moment.holder)
				return met("the lock is this operation's own", proof);
			if (kind === 'operation' && deployed !== null && promotion?.sha === deployed && !lock.isStale)
				return met(`locked by ${operator} for this very promotion`, proof);
			const since = duration(Math.max(0, (moment.now - createdAt) / 1000));
			return lock.isStale
				? notMet(
						`locked by ${operator} for ${since} (${reason}), silent since`,
						`See what became of it; deployctl unlock production --break ${id} -m REASON removes the lock.`,
						proof,
					)
				: notMet(
						`locked by ${operator} for ${since}: ${reason}`,
						kind === 'human' ? `Ask ${operator}.` : 'Wait until that operation has ended.',
						proof,
					);
		}
	}
};

export const notFrozen = (moment: Moment | null, {promotion: {freeze}}: Settings): Verdict => {
	if (moment === null) return undecided('freeze windows');
	if (freeze.length === 0) return met('no freeze window is configured');
	const active = activeFreeze(freeze, moment.now + (moment.skewMs ?? 0));
	return active
		? notMet(freezeText(active), 'Wait until it is over.', {
				text: `${active.from} to ${active.until} (${active.timezone})`,
			})
		: met('no freeze window now');
};

type Pin = {environment: string; sha: string | null};
const isOf = (pin: Pin, sha: string): boolean =>
	pin.environment === 'production' && pin.sha !== null && (pin.sha.startsWith(sha) || sha.startsWith(pin.sha));

/** A rollback of production has marked it: it is not to be shipped again. */
export const isPinned = (pins: readonly Pin[], sha: string): boolean => pins.some(pin => isOf(pin, sha));

export const notPinned = (moment: Moment | null, sha: string): Verdict => {
	if (moment === null || moment.pins === null) return undecided('rollback pin');
	const pin = moment.pins.find(each => isOf(each, sha));
	return pin
		? notMet(
				`pinned by ${pin.by}: ${pin.because}`,
				'deployctl unpin production -m REASON lets it be shipped again.',
				{by: pin.by, text: pin.release},
			)
		: met('no rollback has pinned it');
};

export const productionHealthy = (moment: Moment | null): Verdict => {
	const production = moment?.production ?? null;
	if (moment === null || production === null) return undecided('health of production');
	if (production.instances === 0)
		return unknown(
			'health of production: no address to ask',
			'Set environments.production.health in deployctl.yml.',
		);
	if (moment.now - production.readAt > observedWithinMs)
		return unknown(`health of production: last asked ${duration((moment.now - production.readAt) / 1000)} ago`);
	const proof = {at: production.readAt, text: `${production.healthyInARow} healthy answers in a row`};
	if (production.overall.health === false)
		return notMet('production is not healthy', 'Roll it back, or ship a hotfix.', {at: production.readAt});
	if (production.overall.health === 'unknown') return unknown('health of production: could not be asked');
	if (production.overall.isMixed)
		return notMet('production runs different releases at once', 'Roll back, or finish what was begun.');
	return production.healthyInARow >= healthyNeeded
		? met(`production is healthy (${plural(production.instances, 'instance')})`, proof)
		: unknown(
				`health of production: ${production.healthyInARow} of ${healthyNeeded} healthy answers in a row`,
				'Wait some seconds.',
			);
};

export const signedOff = (
	moment: Moment | null,
	statuses: readonly StatusFact[] | null,
	{promotion: {signOffs, differentPeople, hotfix}}: Settings,
	isHotfix = false,
	unread: Unread | null = null,
): Verdict =>
	moment === null
		? undecided('sign-offs')
		: signOffVerdict(statuses, isHotfix ? hotfix.signOffs : signOffs, differentPeople, unread);

/** GitHub itself holds a workflow's deployment back until somebody has approved; a script would not wait for that. */
export const approved = (
	moment: Moment | null,
	rules: EnvironmentRules | null,
	{promotion: {strategy}}: Settings,
): Verdict => {
	if (moment === null || rules === null) return undecided('environment approvals');
	if (rules.reviewers.length === 0) return met('GitHub asks for no approval');
	const who = rules.reviewers.slice(0, 3).join(', ');
	return strategy === 'script'
		? notMet(
				`GitHub asks ${who} to approve production, which a script does not wait for`,
				'Promote by a workflow, or remove the rule of the environment.',
			)
		: met(`GitHub holds the deployment until one of ${who} has approved`);
};
