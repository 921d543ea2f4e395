/** The front end's half of a start: the request on the disk, a supervisor of its own, and its first word. */
import type {Folded} from '../../core/operations/journal-fold.ts';
import type {Plan} from '../../core/plan/plan.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, Failure, failureSentence} from '../../errors.ts';
import type {Clock, Confirmation, Refusal} from '../../world.ts';
import {readWhole} from '../files/durable-file.ts';
import {isSupervised} from '../locks/machine-lock.ts';
import {operationPaths, type OperationPaths, type StatePaths} from '../files/paths.ts';
import {spawnSupervisor, type SupervisorCommand} from '../locks/reconcile.ts';
import {type OperationRequest, readRefusal, writeRequest, writeStop} from './request.ts';

export type Starting = {
	paths: StatePaths;
	supervisor: SupervisorCommand;
	clock: Clock;
	folded(): Promise<Folded>;
	/** Waits until something on the disk may have changed. */
	changed(atMostMs: number): Promise<void>;
};

/** Locks on GitHub take their time; a supervisor that says nothing for so long is stuck. */
const firstWordMs = 60_000;
/** A process needs a moment until it holds its mutex: much of it on a busy machine; but not after it has said why it cannot. */
const bootMs = {silent: 15_000, complaining: 1000};
const pollMs = 100;

const refusal = (because: string, next: string, exitCode: number): Refusal => ({ok: false, because, next, exitCode});

/** What the operator must have done, checked here as well as by the supervisor: no interface can forget it. */
export const whyNotConfirmed = (plan: Plan, {phrase}: Confirmation): Refusal | null => {
	if (plan.blocked !== null) return {ok: false, ...plan.blocked};
	if (plan.phrase !== null && phrase !== plan.phrase)
		return refusal(
			`${plan.environment} is protected: the phrase was not given`,
			`Type exactly: ${plan.phrase}`,
			exitCodes.refused,
		);
	return null;
};

const lastWords = (files: OperationPaths): string =>
	sanitise(
		readWhole(files.supervisorLog)
			?.trim()
			.split('\n')
			.findLast(line => /^\d{4}-|Error/.test(line)) ?? '',
		200,
	);

/** Until it has begun (locks taken, intent written), or was refused, or died. */
const firstWord = async (
	{clock, folded, changed}: Starting,
	files: OperationPaths,
	{plan, operator}: OperationRequest,
): Promise<{ok: true; id: string} | Refusal> => {
	const since = clock.now();
	for (;;) {
		const refused = readRefusal(files);
		if (refused !== null) return refused;
		const known = (await folded()).operations.get(plan.id);
		if (known !== undefined && (known.trail.stage !== 'requested' || plan.stopping !== null))
			return {ok: true, id: plan.id};
		const waited = clock.now() - since;
		const complaint = lastWords(files);
		if (
			waited > (complaint === '' ? bootMs.silent : bootMs.complaining) &&
			!isSupervised(files.directory) &&
			readRefusal(files) === null
		) {
			// Should it only have been slow, it must not begin what was said not to have begun.
			writeStop(files, {by: operator, thenRollBack: false});
			return refusal(
				`the supervisor ended without a word${complaint === '' ? '' : `: ${complaint}`}`,
				`Look at ${files.supervisorLog}.`,
				known === undefined ? exitCodes.failed : exitCodes.needsHuman,
			);
		}
		if (waited > firstWordMs)
			return refusal(
				'the supervisor has not begun within a minute',
				`deployctl attach ${plan.id} shows when it does; deployctl stop ${plan.id} stops it.`,
				exitCodes.needsHuman,
			);
		await changed(pollMs);
	}
};

/** Starts what was confirmed. Nothing happens to the environment before the supervisor has checked everything again. */
export const beginOperation = async (
	starting: Starting,
	request: OperationRequest,
): Promise<{ok: true; id: string} | Refusal> => {
	const {plan, confirmation} = request;
	const no = whyNotConfirmed(plan, confirmation);
	if (no !== null) return no;
	try {
		const files = operationPaths(starting.paths, plan.id);
		writeRequest(files, request);
		spawnSupervisor(starting.supervisor, files);
		return await firstWord(starting, files, request);
	} catch (error) {
		if (error instanceof Failure)
			return refusal(failureSentence(error), error.next ?? 'Try again.', error.exitCode);
		return refusal(
			`no journal, no action: ${(error as Error).message}`,
			'Make room on the disk, or look at the permissions of the state folder.',
			exitCodes.failed,
		);
	}
};
