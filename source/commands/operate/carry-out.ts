/** From a plan to its end: shows it, asks, starts the operation and follows it. */
import type {Operation} from '../../core/operations/operation.ts';
import type {Plan} from '../../core/plan/plan.ts';
import {exitCodes} from '../../errors.ts';
import {confirmed} from '../desk/confirm.ts';
import {failureText} from '../desk/failure-text.ts';
import {type ActingFlags, type Desk, printJson, refusalFailure} from '../desk/desk.ts';
import {followSteps, leave, outcomeText} from './follow.ts';
import {createPrinter} from './logs.ts';
import {operationReport, planReport} from './operation-report.ts';
import {planText, planTitle} from './plan-text.ts';

const operationWithId = async ({operations}: Desk, id: string): Promise<Operation | null> =>
	(await operations.read()).operations.find(operation => operation.id === id) ?? null;

const begun = async (desk: Desk, plan: Plan, flags: ActingFlags): Promise<string> => {
	const phrase = await confirmed(desk, {phrase: plan.phrase, question: `${planTitle(plan)}?`}, flags);
	// Not given up by Ctrl-C: it may have begun, and then its id must be said.
	const started = await desk.operations.start(plan, {phrase});
	if (!started.ok) throw refusalFailure(started);
	return started.id;
};

/** Its steps; of a script that names none, what it prints. */
const follow = async (
	desk: Desk,
	id: string,
	{scriptKind}: Plan,
	tell: (text: string) => void,
): Promise<Operation | null> => {
	if (scriptKind === 'contract') return followSteps(desk, id, tell);
	const log = desk.operations.log(id);
	try {
		const print = createPrinter(log, tell);
		return await followSteps(desk, id, tell, async ({finishedAt}) => {
			await print(finishedAt !== null, desk.signal);
		});
	} finally {
		await log.close();
	}
};

/** A plan that cannot be carried out is an answer to a dry run, and ends like the refusal that it foretells. */
const tried = ({output}: Desk, plan: Plan, {json}: ActingFlags): number => {
	if (json) printJson(output, {plan: planReport(plan)});
	if (plan.blocked === null) return exitCodes.done;
	const refusal = refusalFailure(plan.blocked);
	output.error(failureText(refusal));
	return refusal.exitCode;
};

/** `chosen` says how the commit was found, where nobody named it. Resolves with the exit code: that of the operation. Throws a `Failure` when it is refused. */
export const carryOut = async (
	desk: Desk,
	plan: Plan,
	flags: ActingFlags,
	chosen: string | null = null,
): Promise<number> => {
	const {output, wall} = desk;
	if (!flags.json) output.write(planText(plan, wall.now(), chosen));
	if (flags.dryRun) return tried(desk, plan, flags);
	if (plan.blocked !== null) throw refusalFailure(plan.blocked);
	// For programs the output is one document, at the end: what happens meanwhile is told beside it.
	const tell = flags.json ? output.error : output.write;
	const id = await begun(desk, plan, flags);
	tell(
		`Operation ${id} has begun.${flags.detach ? ` deployctl attach ${id} shows it.` : ' Ctrl-C ends only the watching.'}\n`,
	);
	const ended = flags.detach ? await operationWithId(desk, id) : await follow(desk, id, plan, tell);
	const operation = ended ?? (await operationWithId(desk, id));
	if (flags.json) printJson(output, {operation: operation && operationReport(operation), plan: planReport(plan)});
	if (flags.detach) return exitCodes.done;
	if (ended === null) return leave(desk, id);
	tell(outcomeText(ended));
	return ended.exitCode ?? exitCodes.needsHuman;
};
