/** From the request to the moment before the script: locks, intent, observation, and a last look at whether it may be done. */
import type {InstanceReading} from '../../core/releases/observation.ts';
import {clauses} from '../../core/text/sanitise.ts';
import {needsEvidence} from '../../core/plan/plan-of.ts';
import {exitCodes} from '../../errors.ts';
import {whyNotAtAll, whyNotNow} from '../request/checks.ts';
import type {No} from '../request/checks.ts';
import {finish} from './conclude.ts';
import {holdLocks} from './held-locks.ts';
import type {HeldLocks} from './held-locks.ts';
import {observeOnce} from './look.ts';
import type {Taken} from '../locks/machine-lock.ts';
import {operationPaths} from '../files/paths.ts';
import {readStop, writeRefusal} from '../request/request.ts';
import {stopOther} from './stop-other.ts';
import {settleStale} from './stale.ts';
import type {Supervision} from './supervision.ts';
import type {RemoteAnswer} from './surroundings.ts';

/** Ready: everything is held, and the script may start. */
export type Ready = {locks: HeldLocks; before: readonly InstanceReading[]};

const requested = ({id, plan, request}: Supervision) => ({
	type: 'requested' as const,
	operation: id,
	kind: plan.kind,
	environment: plan.environment,
	from: plan.from,
	to: plan.to,
	sha: plan.sha,
	operator: request.operator,
	host: request.host,
	command: plan.command,
	scriptKind: plan.scriptKind,
	planHash: plan.hash,
	...(plan.promotion !== null && {
		promotion: {
			strategy: plan.promotion.strategy,
			hotfix: plan.promotion.hotfix,
			breakGlass: plan.promotion.breakGlass,
		},
	}),
	...(plan.passedLock != null && {passedLock: plan.passedLock}),
	usualSeconds: plan.usualSeconds,
	p95Seconds: plan.p95Seconds,
	phrase: request.confirmation.phrase,
});

const heldSentence = (taken: Extract<Taken, {ok: false}>): No => {
	if (taken.kind === 'ambiguous')
		return {
			because: `the lock of this machine is ambiguous: ${taken.because}`,
			next: 'look at that file; remove it when nobody operates',
			exitCode: exitCodes.locked,
		};
	const {record} = taken;
	return record.kind === 'human'
		? {
				because: `${record.environment} is locked by ${record.operator}: ${record.reason}`,
				next: `wait until it is unlocked, or: deployctl unlock ${record.environment} --break ${record.id} -m REASON`,
				exitCode: exitCodes.locked,
			}
		: {
				because: `${record.environment} is in use by ${record.operator} on ${record.host}: ${record.reason}${record.phase === null ? '' : ` (${record.phase})`}`,
				next: `deployctl attach ${record.operation ?? ''}`.trimEnd(),
				exitCode: exitCodes.locked,
			};
};

/** An operation that is over gives its locks back in an instant, or as soon as GitHub answers. */
const givingBackMs = 20_000;

/** Whether the journal of this machine says that the operation is over. */
const isOver = async (supervision: Supervision, operation: string | null): Promise<boolean> =>
	operation !== null && (await supervision.folded()).operations.get(operation)?.operation.finishedAt != null;

/** This machine's lock. A dead operation that still has it is settled first, which frees it; one that is over is waited for. */
const takeMachine = async (supervision: Supervision, locks: HeldLocks): Promise<No | null> => {
	const {clock} = supervision.around;
	for (let until = clock.now() + givingBackMs, attempts = 0; ;) {
		const taken = await locks.takeMachine();
		if (taken.ok) return null;
		// Nobody has to press a key twice for that instant.
		if (taken.kind === 'held' && clock.now() < until && (await isOver(supervision, taken.record.operation)))
			await clock.after(50);
		else if (taken.kind !== 'stale' || ++attempts > 3 || !(await settleStale(supervision, taken)))
			return heldSentence(taken);
	}
};

/** The one on GitHub. One that an operation of this machine still owes is given back first. */
const takeRemote = async (supervision: Supervision, locks: HeldLocks): Promise<RemoteAnswer | null> => {
	const answer = await locks.takeRemote();
	const holder = answer?.ok === false && answer.kind === 'held' ? (answer.lock?.operation ?? null) : null;
	if (holder === null || !(await isOver(supervision, holder))) return answer;
	await supervision.takeOver(operationPaths(supervision.paths, holder).directory);
	return locks.takeRemote();
};

/** The very lock that the operator has seen and confirmed to go past. It stays where it is. */
const isPassed = ({kind, passedLock: past}: Supervision['plan'], answer: RemoteAnswer): boolean =>
	kind === 'rollback' &&
	past != null &&
	!answer.ok &&
	answer.kind === 'held' &&
	(answer.lock == null ? 'unreadable' : answer.lock.id) === past.lock;

/** null: go on. A rollback needs this machine's lock only, for it must work while GitHub does not. */
const judgeRemote = ({plan}: Supervision, answer: RemoteAnswer | null): No | null => {
	if (answer === null || answer.ok || isPassed(plan, answer)) return null;
	if (answer.kind === 'held' || answer.kind === 'lost')
		return {
			because: `${plan.environment} is locked: ${answer.because}`,
			next: `wait for it; a lock whose holder is gone is broken with: deployctl unlock ${plan.environment} --break ID -m REASON`,
			exitCode: exitCodes.locked,
		};
	if (plan.kind === 'rollback') return null;
	return {
		because: `the lock on GitHub could not be taken: ${answer.because}`,
		next: 'try again when GitHub can be reached; a rollback works without it',
		exitCode: answer.kind === 'unreachable' ? exitCodes.unreachable : exitCodes.notPermitted,
	};
};

const remoteWord = (
	plan: Supervision['plan'],
	answer: RemoteAnswer | null,
): 'not-configured' | 'taken' | 'passed' | 'unreachable' =>
	answer === null ? 'not-configured' : answer.ok ? 'taken' : isPassed(plan, answer) ? 'passed' : 'unreachable';

const lockedEvent = ({id, plan}: Supervision, {record}: HeldLocks, answer: RemoteAnswer | null) => ({
	type: 'locked' as const,
	operation: id,
	lock: record.id,
	remote: remoteWord(plan, answer),
	because: answer === null || answer.ok ? null : answer.because,
});

/** Ends an operation that has its intent in the journal, before anything was done. */
const giveUp = async (supervision: Supervision, locks: HeldLocks, no: No): Promise<null> => {
	writeRefusal(supervision.files, no);
	await finish(supervision, locks, {
		outcome: 'failed',
		exitCode: no.exitCode,
		because: clauses(`Refused: ${no.because}`, 'nothing was changed'),
		next: no.next,
		live: supervision.plan.from?.release ?? null,
		marks: [],
	});
	return null;
};

/** Nothing reaches production without evidence for that commit, and the plan's may have been overtaken while it was looked at. */
const whyNotProven = async ({plan, environment, around}: Supervision): Promise<No | null> => {
	const sha = plan.sha ?? plan.to?.sha ?? null;
	if (plan.kind === 'rollback' || !needsEvidence(environment)) return null;
	return sha === null
		? {
				because: 'the plan names no commit, so nothing can be proven about it',
				next: 'name the commit',
				exitCode: exitCodes.refused,
			}
		: around.proveAgain(sha);
};

/** Locks in hand and intent written: whether it may be done now. */
const lookAgain = async (supervision: Supervision, locks: HeldLocks): Promise<Ready | null> => {
	const {id, request, journal, files} = supervision;
	const before = await observeOnce(supervision);
	await journal.append([{type: 'observed', operation: id, when: 'before', instances: before.instances}]);
	const stop = readStop(files);
	const no =
		stop === null
			? (whyNotNow(request, await supervision.folded(), before) ?? (await whyNotProven(supervision)))
			: {
					because: `stopped by ${stop.by} before it began`,
					next: 'start it again when you want it',
					exitCode: exitCodes.interrupted,
				};
	return no === null ? {locks, before: before.instances} : giveUp(supervision, locks, no);
};

/** null: it was refused, and everything that there is to say has been written. Throws when the journal cannot be written. */
export const begin = async (supervision: Supervision): Promise<Ready | null> => {
	const {request, plan, files, journal} = supervision;
	const no = whyNotAtAll(request);
	if (no !== null) {
		writeRefusal(files, no);
		return null;
	}
	const locks = holdLocks(supervision);
	// The intent comes first when another operation has to end for this one: everybody is to see what it waits for.
	if (plan.stopping !== null) {
		await journal.append([requested(supervision)]);
		const obstacle = await stopOther(supervision, plan.stopping);
		if (obstacle !== null) return giveUp(supervision, locks, obstacle);
	}
	const held = await takeMachine(supervision, locks);
	if (held !== null) {
		if (plan.stopping !== null) return giveUp(supervision, locks, held);
		writeRefusal(files, held);
		return null;
	}
	try {
		if (plan.stopping === null) await journal.append([requested(supervision)]);
	} catch (error) {
		await locks.release();
		throw error;
	}
	const answer = await takeRemote(supervision, locks);
	const obstacle = judgeRemote(supervision, answer);
	if (obstacle !== null) return giveUp(supervision, locks, obstacle);
	await journal.append([lockedEvent(supervision, locks, answer)]);
	return lookAgain(supervision, locks);
};
