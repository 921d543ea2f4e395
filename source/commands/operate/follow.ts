/** Follows an operation from the journal: its steps as dated lines, and one sentence at its end. Leaving it changes nothing. */
import {clockTime, duration} from '../../core/text/duration.ts';
import type {Operation, OperationStep} from '../../core/operations/operation.ts';
import {sanitise, sentence} from '../../core/text/sanitise.ts';
import {exitCodes} from '../../errors.ts';
import type {Desk} from '../desk/desk.ts';
import {plural} from '../../core/text/plural.ts';

/** How long nothing may change before it is looked at again, milliseconds. */
const patienceMs = 1000;

type Tell = (text: string) => void;

const stepLine = ({name, host, status, startedAt, finishedAt, note}: OperationStep): string => {
	const took = finishedAt === null ? '' : `  ${duration((finishedAt - startedAt) / 1000)}`;
	const title = sanitise(host === null ? name : `${name} on ${host}`, 80).padEnd(16);
	return `${clockTime(finishedAt ?? startedAt)}  ${title}  ${status.padEnd(7)}${took}${note === null ? '' : `  ${sanitise(note)}`}`.trimEnd();
};

/** Lines for what is new since the last call. */
export const createStepLines = (): ((operation: Operation) => readonly string[]) => {
	const told = new Map<number, string>();
	return ({steps}) =>
		steps.flatMap((step, index) => {
			if (told.get(index) === step.status) return [];
			told.set(index, step.status);
			return [stepLine(step)];
		});
};

/** The outcome, what to do, and what still waits: at most three lines. */
export const outcomeText = ({finishedAt, outcome, because, next, unpublished, startedAt}: Operation): string =>
	[
		`${clockTime(finishedAt ?? startedAt)}  ${outcome}: ${sentence(sanitise(because, 2000))}`,
		...(next === null
			? []
			: [`  ${sentence(sanitise(next, 2000)).replace(/^[a-z](?!eployctl )/, letter => letter.toUpperCase())}`]),
		...(unpublished === 0
			? []
			: [
					`  ${plural(unpublished, 'announcement waits', 'announcements wait')} to be delivered, and will be sent as soon as that is possible.`,
				]),
		'',
	].join('\n');

const slowText = ({usualSeconds, p95Seconds}: Operation): string =>
	`slower than the median${usualSeconds === null ? '' : ` (${duration(usualSeconds)})`}: 19 of 20 ended within ${duration(p95Seconds!)}`;

const isSlow = ({p95Seconds, startedAt, finishedAt}: Operation, now: number) =>
	p95Seconds !== null && finishedAt === null && now - startedAt > p95Seconds * 1000;

/** `each` is called with every reading of it. Resolves with the operation when it has ended; null: the signal aborted before. */
export const untilEnded = async (
	{operations, signal}: Desk,
	id: string,
	each: (operation: Operation) => void | Promise<void>,
): Promise<Operation | null> => {
	for (;;) {
		const operation = (await operations.read()).operations.find(candidate => candidate.id === id);
		if (operation) await each(operation);
		if (operation && operation.finishedAt !== null) return operation;
		if (signal.aborted) return null;
		await operations.changed(patienceMs, signal).catch((error: unknown) => {
			if (!signal.aborted) throw error;
		});
	}
};

/** Says that it goes on by itself, and how to come back. */
export const leave = ({output}: Desk, id: string): typeof exitCodes.interrupted => {
	output.error(`\nThe operation goes on. deployctl attach ${id} shows it; deployctl stop ${id} stops it.\n`);
	return exitCodes.interrupted;
};

/** Tells the steps, after what `first` tells. Resolves with the operation when it has ended; null: the signal aborted before. */
export const followSteps = async (
	desk: Desk,
	id: string,
	tell: Tell,
	first?: (operation: Operation) => Promise<void>,
): Promise<Operation | null> => {
	const lines = createStepLines();
	let isSaid = false;
	return untilEnded(desk, id, async operation => {
		await first?.(operation);
		for (const line of lines(operation)) tell(`${line}\n`);
		if (!isSaid && isSlow(operation, desk.wall.now())) {
			isSaid = true;
			tell(`${clockTime(desk.wall.now())}  ${slowText(operation)}\n`);
		}
	});
};
