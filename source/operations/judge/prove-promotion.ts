/** The whole gate once more for a promotion that was confirmed, by whoever is about to carry it out. Holds its lock, so that it stands in nobody's way. */
import {foldRecords, nothingFolded} from '../../core/operations/journal-fold.ts';
import type {LockState} from '../../core/locks/lock.ts';
import {evidenceIds} from '../../core/gate/production-evidence.ts';
import {obstacleIn} from '../../core/plan/promotion-words.ts';
import {realClock} from '../../edges/clock.ts';
import {exitCodes} from '../../errors.ts';
import {createGitHub} from '../../github/client.ts';
import type {GitHubEdge} from '../../github/edge.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {findAccess} from '../../settings/access/token.ts';
import type {Condition, ConditionId} from '../../core/pipeline/pipeline.ts';
import type {GitHub, Refusal} from '../../world.ts';
import {createJournalReader} from '../journal/journal-reader.ts';
import {createJudge, type Judge, type Judged} from './judge.ts';
import {momentNow} from '../readings/moment-now.ts';
import {observe} from '../readings/observe.ts';
import {statePaths} from '../files/paths.ts';
import type {OperationRequest} from '../request/request.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type No = Omit<Refusal, 'ok'>;
const askMs = 10_000;

const refuseNo = (because: string, next: string, exitCode: number = exitCodes.refused): No => ({
	because,
	next,
	exitCode,
});

/** A client of its own: nothing that was read before is believed. */
const freshReader = async (
	{gitHubHost: host, isExplicit, plan, repository, settings}: OperationRequest,
	env: Environment,
): Promise<GitHub> =>
	createGitHub({
		endpoint: await findAccess({host, isExplicit, env, directory: plan.directory, run: realRun}),
		settings,
		repository,
		clock: realClock,
	});

/** After a read that does not show it yet: a replica may lag behind what was just taken. */
const looksAfterMs = [0, 500, 1500];

/** As GitHub has it: this machine may believe in a lock that somebody has broken there while it slept. */
const ownLock = async ({plan}: OperationRequest, gitHub: () => Promise<GitHubEdge>): Promise<LockState> => {
	let state: LockState = {state: 'unknown', because: 'it has not been asked'};
	for (const pauseMs of looksAfterMs) {
		await realClock.after(pauseMs);
		const answer = await (await gitHub()).locks.read(AbortSignal.timeout(askMs));
		const found = answer.ok ? answer.locks[plan.environment] : undefined;
		if (!answer.ok) state = {state: 'unknown', because: answer.because};
		else if (found === undefined)
			state = {state: 'unknown', because: 'it is not on GitHub any more: somebody has broken it'};
		else if (found.lock === null) state = {state: 'ambiguous', because: found.because ?? 'it cannot be read'};
		else return {state: 'held', lock: found.lock, where: 'github', isStale: false, silentSeconds: null};
	}
	return state;
};

/** Judges as this operation: from GitHub, the environment, both locks and all pins. `asksHealth` false: only the evidence is wanted, and at once. */
export const judgeFor = (
	request: OperationRequest,
	env: Environment,
	gitHub: () => Promise<GitHubEdge>,
	asksHealth = true,
): Judge => {
	const {plan, settings, repository, state, gitHubHost} = request;
	const paths = statePaths(state, gitHubHost, repository);
	const environment = settings.environments.find(({name}) => name === plan.environment)!;
	const lock = () => ownLock(request, gitHub);
	const pins = async () => {
		const [answer, {records}] = await Promise.all([
			gitHub().then(edge => edge.pins.read(AbortSignal.timeout(askMs))),
			createJournalReader(paths.journal).read(),
		]);
		if (!answer.ok || answer.unreadable.some(each => each.environment === plan.environment)) return null;
		return [...answer.pins, ...foldRecords(nothingFolded, records).pins.values()];
	};
	const probe = async () =>
		asksHealth
			? observe(environment, {clock: realClock}, AbortSignal.timeout(askMs))
			: {environment: environment.name, readAt: realClock.now(), instances: []};
	return async question =>
		createJudge({
			github: await freshReader(request, env),
			clock: realClock,
			wall: realClock,
			pipeline: {repository, settings},
			promotions: async () => (await gitHub()).promotions,
			moment: () => momentNow({observe: probe, lock, pins, clock: realClock}, plan.id),
		})(question);
};

/** A run that was repeated may be as green as the one that the operator saw; it is another proof all the same. */
const otherEvidence = (seen: readonly Condition[], now: readonly Condition[]): No | null => {
	const runs = (conditions: readonly Condition[], id: ConditionId) =>
		(conditions.find(condition => condition.id === id)?.proofs ?? [])
			.flatMap(({runId, attempt}) => (runId === undefined ? [] : [`run ${runId}, attempt ${attempt ?? 1}`]))
			.join(', ');
	const changed = evidenceIds.find(id => runs(seen, id) !== runs(now, id));
	return changed === undefined
		? null
		: refuseNo(
				`the evidence is another one than was shown (${changed}: ${runs(now, changed) || 'none'}, not ${runs(seen, changed) || 'none'})`,
				'look at the plan again',
			);
};

/** null: it may go. What has changed since the operator looked at the plan is said first. */
export const provePromotion = async ({plan}: OperationRequest, judge: Judge): Promise<No | null> => {
	const {promotion, sha} = plan;
	if (promotion === null || sha === null)
		return refuseNo(
			'the plan names no commit, so nothing can be proven about it',
			'name the commit',
			exitCodes.usage,
		);
	const judged = await judge({sha, hotfix: promotion.hotfix, isLanded: false});
	if (!judged.ok) return judged;
	if (judged.way.productionAt !== promotion.branchAt)
		return refuseNo(
			`${promotion.branch} has moved to ${judged.way.productionAt?.slice(0, 7) ?? 'nowhere'} since the plan was made`,
			'look at the plan again',
		);
	const obstacle = obstacleIn(judged.candidate.gate.conditions, promotion.breakGlass?.conditions ?? []);
	if (obstacle === null) return otherEvidence(promotion.conditions, judged.candidate.gate.conditions);
	return refuseNo(
		`the gate is blocked for ${sha.slice(0, 7)}: ${obstacle.because}`,
		obstacle.next ?? 'deployctl gate shows every condition.',
		obstacle.id === 'unlocked' ? exitCodes.locked : exitCodes.refused,
	);
};

/** What speaks against it only now is what is known to be against it; that GitHub cannot be asked is no reason to stop a deployment half way. */
export const proveLanded = async ({plan}: OperationRequest, judge: Judge, landedAt: string): Promise<string | null> => {
	const judged = await judge({sha: landedAt, hotfix: plan.promotion?.hotfix ?? null, isLanded: true});
	if (!judged.ok) return null;
	const passed = plan.promotion?.breakGlass?.conditions ?? [];
	return voided(judged, passed);
};

const voided = ({candidate: {gate}}: Judged, passed: readonly string[]): string | null =>
	gate.conditions.find(({id, met}) => evidenceIds.includes(id) && met === false && !passed.includes(id))?.because ??
	null;
