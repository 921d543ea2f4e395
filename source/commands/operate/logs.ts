/** `deployctl logs` and `deployctl attach`: what the script of an operation printed, from its first line. */
import {once} from 'node:events';
import type {Writable} from 'node:stream';
import {dateTime} from '../../core/text/duration.ts';
import {nameOf} from '../../core/releases/instances.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, usageFailure} from '../../errors.ts';
import type {OperationLog} from '../../world.ts';
import {type Desk, operationNamed} from '../desk/desk.ts';
import {leave, outcomeText, untilEnded} from './follow.ts';

const linesAtOnce = 2000;

/** A slow reader must not make us hold a whole log: the next lines are read when the last ones are gone. */
const writerTo =
	(stream: Writable) =>
	async (text: string): Promise<void> => {
		if (!stream.write(text)) await once(stream, 'drain');
	};

/** Prints what is there and was not printed yet; at first the last `tail` lines of it, null: all. `isEnd`: nothing comes any more, so that a line without its end is one, too. */
export const createPrinter = (
	log: OperationLog,
	write: (text: string) => Promise<void> | void,
	tail: number | null = null,
) => {
	let printed: number | null = null;
	return async (isEnd: boolean, signal: AbortSignal): Promise<number> => {
		const {lines, isWhole, completeLines = lines - 1} = await log.grow();
		const until = isEnd || isWhole ? lines : completeLines;
		printed ??= tail === null ? 0 : Math.max(0, until - tail);
		while (printed < until && !signal.aborted) {
			const some = await log.lines(printed, Math.min(linesAtOnce, until - printed));
			if (some.length === 0) break;
			printed += some.length;
			await write(`${some.join('\n')}\n`);
		}
		return printed;
	};
};

/** 0 when it was printed, 1 when there is none (any more). */
export const runLogs = async (
	desk: Desk,
	text: string,
	{follow, tail = null}: {follow: boolean; tail?: number | null},
	stream: Writable,
): Promise<number> => {
	const {id} = operationNamed(text, (await desk.operations.read()).operations);
	const log = desk.operations.log(id);
	try {
		const print = createPrinter(log, writerTo(stream), tail);
		if (
			follow &&
			(await untilEnded(desk, id, async operation => {
				await print(operation.finishedAt !== null, desk.signal);
			})) === null
		)
			return leave(desk, id);
		if ((await print(true, desk.signal)) > 0) return exitCodes.done;
		desk.output.error(`There is no log of ${id}: its script printed nothing, or the log was removed.\n`);
		return exitCodes.failed;
	} finally {
		await log.close();
	}
};

/** What runs, when there is exactly one. */
const running = (operations: readonly Operation[]): Operation => {
	const found = operations.filter(({outcome}) => outcome === 'running');
	if (found.length === 1) return found[0]!;
	throw found.length === 0
		? usageFailure(
				'Nothing runs.',
				operations[0]
					? `deployctl attach ${operations[0].id} shows the last one`
					: 'deployctl deploy begins something',
			)
		: usageFailure(`Several operations run: ${found.map(({id}) => id).join(', ')}.`, 'name one of them');
};

/** Throws a `Failure` (usage) when that is not one operation. */
export const meantToAttach = (text: string | null, operations: readonly Operation[]): Operation =>
	text === null ? running(operations) : operationNamed(text, operations);

const headline = ({id, kind, environment, to, operator, host, startedAt}: Operation): string =>
	`${id}\n${kind} of ${environment}${to === null ? '' : ` to ${sanitise(nameOf(to), 60)}`} by ${sanitise(operator, 60)} on ${sanitise(host, 60)}, begun ${dateTime(startedAt)}\n`;

/** Exits with the outcome of the operation. */
export const runAttach = async (desk: Desk, text: string | null, stream: Writable): Promise<number> => {
	const {operations} = await desk.operations.read();
	const operation = meantToAttach(text, operations);
	const log = desk.operations.log(operation.id);
	try {
		desk.output.write(headline(operation));
		const print = createPrinter(log, writerTo(stream));
		const ended = await untilEnded(desk, operation.id, async ({finishedAt}) => {
			await print(finishedAt !== null, desk.signal);
		});
		if (ended === null) return leave(desk, operation.id);
		desk.output.write(outcomeText(ended));
		return ended.exitCode ?? exitCodes.needsHuman;
	} finally {
		await log.close();
	}
};
