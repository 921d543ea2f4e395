/** Takes over an operation whose supervisor died: watches on, or settles it from what was left behind. Safe to do again and again. */
import type {Followed} from '../../core/operations/journal-fold.ts';
import type {JournalRecord} from '../../core/operations/journal.ts';
import type {ScriptEnd} from '../../core/operations/script-claim.ts';
import {exitCodes} from '../../errors.ts';
import {conclude, finish, giveBack} from './conclude.ts';
import type {Ended} from './conclude.ts';
import {holdLocks} from './held-locks.ts';
import type {HeldLocks} from './held-locks.ts';
import {createJournalReader} from '../journal/journal-reader.ts';
import {readMachineLock, releaseMachineLock} from '../locks/machine-lock.ts';
import {processesOf} from '../script/process-tree.ts';
import {readRefusal, writeRefusal} from '../request/request.ts';
import {adoptScript, readExit, readLeader} from '../script/runner.ts';
import type {Supervision} from './supervision.ts';
import {watchScript} from './watch.ts';

/** A wrapper that was just being started writes who it is within this time. */
const birthMs = 1000;

/** Steps that the journal has: beginnings and ends, without the notes in between. */
const writtenSteps = async ({paths, id}: Supervision): Promise<number> => {
	const {records} = await createJournalReader(paths.journal).read();
	const isStep = (record: JournalRecord) =>
		'operation' in record &&
		record.operation === id &&
		(record.type === 'step-passed' ||
			record.type === 'step-failed' ||
			(record.type === 'step-began' && record.note === null));
	return records.filter(isStep).length;
};

const hasLeader = async ({id, files, around}: Supervision): Promise<boolean> => {
	for (const until = around.clock.now() + birthMs; ;) {
		if (readLeader(files) !== null || readExit(files) !== null) return true;
		if (around.clock.now() >= until) return processesOf(id).length > 0;
		await around.clock.after(20);
	}
};

const neverStarted = (supervision: Supervision, locks: HeldLocks): Promise<void> =>
	finish(supervision, locks, {
		outcome: 'failed',
		exitCode: exitCodes.failed,
		because: 'Its supervisor died before the script was started; nothing was changed',
		next: 'start it again',
		live: supervision.plan.from?.release ?? null,
		marks: [],
	});

/** What the journal already knows of the script's end. */
const knownEnd = ({files}: Supervision, {trail, operation}: Followed): Ended | null => {
	if (trail.scriptEnd === null) return null;
	const {exitCode, result, live, cause, text} = trail.scriptEnd;
	const code = exitCode ?? readExit(files);
	const end: ScriptEnd = code === null ? {how: 'died'} : {how: 'exited', code};
	return {
		end,
		endLine:
			result === null && live === null && cause === null
				? null
				: {exit: code, result, live, cause, ...(text != null && {text})},
		before: operation.before,
		timedOut: trail.timedOut,
		wasKilled: trail.wasKilled,
	};
};

const watchOn = async (supervision: Supervision, locks: HeldLocks, {operation, trail}: Followed): Promise<Ended> => {
	const {id, files, around} = supervision;
	const leader = readLeader(files) ?? {pid: 0, startedAt: 'unknown'};
	return watchScript({
		supervision,
		locks,
		script: adoptScript({operation: id, files, clock: around.clock}, leader),
		startedAt: trail.startedAt ?? around.clock.now(),
		before: operation.before,
		written: {
			steps: await writtenSteps(supervision),
			hasStop: operation.stop !== null,
			timedOut: trail.timedOut,
			wasKilled: trail.wasKilled,
		},
	});
};

/** Nothing of it is in the journal: nothing was done. Its lock, if it came to that, is given back. */
const forget = async ({id, plan, files, paths}: Supervision): Promise<void> => {
	const lock = readMachineLock(paths, plan.environment);
	if (lock.state === 'held' && lock.record.operation === id)
		await releaseMachineLock(paths, plan.environment, lock.record.id);
	if (readRefusal(files) === null)
		writeRefusal(files, {
			because: 'its supervisor died before it began; nothing was changed',
			next: 'start it again',
			exitCode: exitCodes.failed,
		});
};

/** The caller holds the supervisor's mutex. */
export const resume = async (supervision: Supervision): Promise<void> => {
	const {id, journal} = supervision;
	const known = (await supervision.folded()).operations.get(id);
	if (known === undefined) return forget(supervision);
	const {trail} = known;
	if (trail.stage === 'finished' && (trail.lock === null || (trail.isUnlocked && !trail.owesRelease))) return;
	// Before `locked` was written the one on GitHub may have been taken all the same.
	const locks = holdLocks(supervision, trail.lock, trail.lock === null || trail.owesRelease);
	if (trail.stage === 'finished') return giveBack(supervision, locks);
	await journal.append([{type: 'adopted', operation: id, because: 'its supervisor is gone'}]);
	const ended = knownEnd(supervision, known);
	if (ended !== null) return conclude(supervision, locks, ended);
	if (trail.stage === 'requested' || trail.stage === 'locked' || !(await hasLeader(supervision)))
		return neverStarted(supervision, locks);
	await conclude(supervision, locks, await watchOn(supervision, locks, known));
};
