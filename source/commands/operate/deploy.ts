/** `deployctl deploy`, `deployctl rollback` and `deployctl stop`: operations on an environment. */
import type {PlanCommit, ScriptsQuestion, Wish} from '../../core/plan/plan.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, usageFailure} from '../../errors.ts';
import {carryOut} from './carry-out.ts';
import type {ChosenCommit} from '../look/commit.ts';
import {
	type ActingFlags,
	type Desk,
	environmentNamed,
	nothingDone,
	operationNamed,
	printJson,
	refusalFailure,
	unlessInterrupted,
} from '../desk/desk.ts';
import {leave, outcomeText, followSteps} from './follow.ts';
import {operationReport} from './operation-report.ts';

type PlanFlags = ActingFlags & {trustScripts?: boolean};

/** One key in words. Who does not ask (--yes) has agreed to what will be run; who only looks, or cannot be asked, has not. */
const agrees = async (
	{ask, signal}: Desk,
	{because}: ScriptsQuestion,
	{trustScripts = false, yes, json, dryRun}: PlanFlags,
): Promise<boolean> => {
	if (trustScripts || (yes && !dryRun)) return true;
	if (ask === null || yes || json) return false;
	const answer = await ask(
		`${sanitise(because, 400)}.\nRun the scripts of this checkout to list the releases? The answer is kept for exactly these. [y/N] `,
	);
	if (signal.aborted) throw nothingDone();
	return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
};

const planned = async (
	desk: Desk,
	wish: Wish,
	history: readonly PlanCommit[],
	flags: PlanFlags,
	chosen: string | null = null,
): Promise<number> => {
	const plan = await unlessInterrupted(desk.signal, desk.operations.plan(wish, history));
	const {asks} = plan;
	if (wish.kind !== 'rollback' || asks === undefined || asks.digest === null || !(await agrees(desk, asks, flags)))
		return carryOut(desk, plan, flags, chosen);
	return carryOut(
		desk,
		await unlessInterrupted(desk.signal, desk.operations.plan({...wish, agreed: asks.digest}, history)),
		flags,
		chosen,
	);
};

/** `choose` finds the commit: on GitHub, or in the local repository. */
export const runDeploy = async (
	desk: Desk,
	name: string,
	flags: ActingFlags & {sha: string | null},
	choose: (environment: string, sha: string | null) => Promise<ChosenCommit>,
): Promise<number> => {
	const environment = environmentNamed(name, desk.settings);
	const {sha, chosen, history} = await unlessInterrupted(desk.signal, choose(environment, flags.sha));
	return planned(desk, {kind: 'deploy', environment, sha}, history, flags, chosen);
};

/** Digits of a commit are written in lower case; which release is meant by them, the plan says. */
const releaseMeant = (text: string): string => (/^[\da-f]{7,40}$/i.test(text) ? text.toLowerCase() : text);

/** `history`: commits as they are known without asking anybody; a rollback waits for no network. */
export const runRollback = async (
	desk: Desk,
	name: string,
	flags: PlanFlags & {to: string | null; force: boolean; pastLock: boolean},
	history: () => Promise<readonly PlanCommit[]>,
): Promise<number> => {
	const environment = environmentNamed(name, desk.settings);
	if (flags.force && flags.to === null) throw usageFailure('--force needs the release.', '--to RELEASE names it');
	const release = flags.to === null ? null : releaseMeant(flags.to);
	return planned(
		desk,
		{
			kind: 'rollback',
			environment,
			release,
			...(flags.force && {insist: true}),
			...(flags.pastLock && {pastLock: true}),
		},
		await history(),
		flags,
	);
};

/** The operation with that id, or the one that runs in that environment. */
const meant = async ({operations, settings}: Desk, text: string) => {
	const reading = await operations.read();
	if (!settings.environments.some(({name}) => name === text)) return operationNamed(text, reading.operations);
	const running = reading.operations.find(({environment, outcome}) => environment === text && outcome === 'running');
	if (!running) throw usageFailure(`Nothing runs in ${text}.`, 'deployctl operations lists what ran');
	return running;
};

/** Exits with 0 when it is over, also when it was before; 7 when a human has to look. */
export const runStop = async (
	desk: Desk,
	text: string,
	flags: PlanFlags & {thenRollBack: boolean},
	history: () => Promise<readonly PlanCommit[]>,
): Promise<number> => {
	const {operations, output} = desk;
	const {id, outcome, environment} = await meant(desk, text);
	if (flags.thenRollBack)
		return planned(
			desk,
			{kind: 'rollback', environment, release: null, ...(outcome === 'running' && {stopping: id})},
			await history(),
			flags,
		);
	if (outcome === 'running' && !flags.dryRun) {
		const stopped = await operations.stop(id, false);
		if (!stopped.ok) throw refusalFailure(stopped);
	}
	const tell = flags.json ? output.error : output.write;
	if (outcome !== 'running') tell(`${id} has ended before.\n`);
	else tell(flags.dryRun ? `Would stop ${id}.\n` : `${id} is being stopped.\n`);
	const isOver = outcome !== 'running' || flags.dryRun || flags.detach;
	const ended = isOver ? null : await followSteps(desk, id, tell);
	const now = ended ?? (await operations.read()).operations.find(operation => operation.id === id) ?? null;
	if (flags.json) printJson(output, {operation: now && operationReport(now)});
	if (isOver) return outcome === 'interrupted' ? exitCodes.needsHuman : exitCodes.done;
	if (ended === null) return leave(desk, id);
	tell(outcomeText(ended));
	return ended.outcome === 'interrupted' ? exitCodes.needsHuman : exitCodes.done;
};
