/** After the script: what the environment says, the verdict, the log at rest, the announcements, the locks given back. In this order, each step safe to repeat. */
import {existsSync} from 'node:fs';
import {compareInstances} from '../../core/releases/instances.ts';
import type {JournalEvent} from '../../core/operations/journal.ts';
import type {Followed} from '../../core/operations/journal-fold.ts';
import type {InstanceReading} from '../../core/releases/observation.ts';
import type {EndLine} from '../../core/operations/protocol.ts';
import {claimOf} from '../../core/operations/script-claim.ts';
import type {ScriptEnd} from '../../core/operations/script-claim.ts';
import {verdictOf} from '../../core/operations/verdict.ts';
import type {Verdict} from '../../core/operations/verdict.ts';
import type {HeldLocks} from './held-locks.ts';
import {observeUntil} from './look.ts';
import {readStop} from '../request/request.ts';
import {insist} from './supervision.ts';
import type {Supervision} from './supervision.ts';

export type Ended = {
	end: ScriptEnd;
	endLine: EndLine | null;
	before: readonly InstanceReading[] | null;
	timedOut: boolean;
	wasKilled: boolean;
};

/** A contract script has validated already; after a plain one the service may only be starting, or answer once and fall again. */
const patience = {contract: {inARow: 1, atMostMs: 10_000}, plain: {inARow: 2, atMostMs: 30_000}} as const;
const patienceAfterFailure = {inARow: 1, atMostMs: 5000};
const deliverMs = 5000;

const expectsOf = ({environment}: Supervision) => ({
	versions: environment.version.length,
	healths: environment.health.length,
});

/** What a promotion has to show: the commit, or the merge of it that its strategy made and compared file by file. */
const targetOf = ({plan}: Supervision, endLine: EndLine | null) =>
	plan.kind === 'promote' && endLine?.exit === 0 && /^[0-9a-f]{40}$/.test(endLine.live ?? '')
		? {release: endLine.live!, sha: endLine.live!}
		: plan.to;

const observeAfter = async (
	supervision: Supervision,
	{end, endLine, before}: Ended,
): Promise<readonly InstanceReading[] | null> => {
	const {plan, environment} = supervision;
	if (environment.version.length + environment.health.length === 0) return null;
	const {says} = claimOf(plan.scriptKind, end, endLine);
	const compare = (after: readonly InstanceReading[]) =>
		compareInstances({
			before,
			after,
			target: targetOf(supervision, endLine),
			from: plan.from,
			expects: expectsOf(supervision),
		});
	const {instances} = await observeUntil(
		supervision,
		({instances}) => {
			const {isComplete, isSick, isOnTarget, reporting, isMixed} = compare(instances);
			return isComplete && !isSick && !isMixed && (says !== 'done' || isOnTarget || reporting === 0);
		},
		says === 'done' ? patience[plan.scriptKind] : patienceAfterFailure,
	);
	return instances;
};

const marksOf = ({id, plan, request}: Supervision, {marks}: Verdict): JournalEvent[] =>
	marks.map(({type, release, because}) => ({
		type,
		operation: id,
		environment: plan.environment,
		release: release.release,
		sha: release.sha,
		by: request.operator,
		because,
	}));

/** null: it stays as it is, readable by its owner alone; the next start tries again. */
const seal = async ({files, around}: Supervision) => {
	if (!existsSync(files.raw)) return null;
	try {
		return await around.seal(files.raw, files.log);
	} catch (error) {
		around.say(`the log was not masked: ${(error as Error).message}`);
		return null;
	}
};

/** What never began changed nothing, so nobody is told; what was given back once has been announced before that. */
const announce = async ({around, request}: Supervision, known: Followed | undefined): Promise<void> => {
	if (known === undefined || known.trail.startedAt === null || known.trail.isUnlocked) return;
	try {
		await around.announce('finished', known.operation, request);
	} catch (error) {
		around.say(`the announcement was not kept: ${(error as Error).message}`);
	}
};

/** Announcements into the outbox, then the locks; only then others may begin. */
export const giveBack = async (supervision: Supervision, locks: HeldLocks): Promise<void> => {
	const {id, around} = supervision;
	const known = (await supervision.folded()).operations.get(id);
	await announce(supervision, known);
	const left = await locks.release();
	// What GitHub still does not take back has been written down already.
	if (left === null || known?.trail.isUnlocked !== true)
		await insist(supervision, [{type: 'unlocked', operation: id, lock: locks.record.id, because: left}]);
	await around
		.deliver(AbortSignal.timeout(deliverMs))
		.catch((error: unknown) => around.say(`nothing was delivered: ${(error as Error).message}`));
};

/** Writes the verdict; the operation is over when this is on the disk. */
export const finish = async (supervision: Supervision, locks: HeldLocks, verdict: Verdict): Promise<void> => {
	const log = await seal(supervision);
	const {outcome, exitCode, because, next, live} = verdict;
	await insist(supervision, [
		...marksOf(supervision, verdict),
		{type: 'finished', operation: supervision.id, outcome, exitCode, because, next, live, log},
	]);
	await giveBack(supervision, locks);
};

/** From the end of the script to the end of the operation. */
export const conclude = async (supervision: Supervision, locks: HeldLocks, ended: Ended): Promise<void> => {
	const {id, plan, files} = supervision;
	await locks.renew('looking at what is live');
	const after = ended.end.how === 'never-started' ? null : await observeAfter(supervision, ended);
	if (after !== null) await insist(supervision, [{type: 'observed', operation: id, when: 'after', instances: after}]);
	await finish(
		supervision,
		locks,
		verdictOf({
			kind: plan.kind,
			environment: plan.environment,
			scriptKind: plan.scriptKind,
			...ended,
			after,
			expects: expectsOf(supervision),
			target: targetOf(supervision, ended.endLine),
			from: plan.from,
			stop: readStop(files),
		}),
	);
};
