/** `deployctl operations`: what was done to the environments, from the journal alone. */
import {age, dateTime, duration} from '../../core/text/duration.ts';
import {nameOf} from '../../core/releases/instances.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {sanitise, sentence} from '../../core/text/sanitise.ts';
import {exitCodes} from '../../errors.ts';
import type {OperationsReading} from '../../world.ts';
import {type Desk, environmentNamed, printJson} from '../desk/desk.ts';
import {operationReport} from './operation-report.ts';
import {lockText} from './plan-text.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

const shownAsText = 20;

const name = (ref: ReleaseRef | null): string => (ref === null ? 'unknown' : sanitise(nameOf(ref), 40));

/** Two lines: what it was, and how it ended. */
const operationText = (
	{id, kind, environment, from, to, operator, startedAt, finishedAt, outcome, because}: Operation,
	now: number,
): string => {
	const took = duration(((finishedAt ?? now) - startedAt) / 1000);
	return `${dateTime(startedAt)}  ${kind.padEnd(8)}  ${environment}  ${name(from)} -> ${name(to)}  ${outcome}${finishedAt === null ? ` for ${took}` : ` after ${took}`}  by ${sanitise(operator, 40)}\n    ${id}\n    ${sentence(sanitise(because, 500))}\n`;
};

/** What holds environments now, and what still has to be told. */
const standingText = (
	{locks, pins, outbox}: OperationsReading,
	now: number,
	isShown: (environment: string) => boolean,
): string =>
	[
		...Object.entries(locks)
			.filter(([environment, lock]) => isShown(environment) && lock.state !== 'free' && lock.state !== 'unknown')
			.map(([environment, lock]) => `lock of ${environment}: ${lockText(lock, now)}`),
		...pins
			.filter(({environment}) => isShown(environment))
			.map(
				({environment, release, by, because}) =>
					`pin of ${environment}: ${sanitise(release, 60)}, by ${sanitise(by, 40)}: ${sanitise(because)}`,
			),
		...(outbox.waiting === 0
			? []
			: [
					`outbox: ${outbox.waiting} waiting${outbox.oldestAt === null ? '' : ` for ${age(now - outbox.oldestAt)}`}${outbox.because === null ? '' : `: ${sanitise(outbox.because)}`}`,
				]),
	]
		.map(line => `${line}\n`)
		.join('');

/** 0 when the journal could be read, 1 when not. */
export const runOperations = async (
	{operations, settings, output, wall}: Desk,
	{json, environment, limit}: {json: boolean; environment: string | null; limit: number | null},
): Promise<number> => {
	const only = environment === null ? null : environmentNamed(environment, settings);
	const isShown = (candidate: string) => only === null || candidate === only;
	const reading = await operations.read();
	const list = reading.operations
		.filter(operation => isShown(operation.environment))
		.slice(0, limit ?? (json ? Infinity : shownAsText));
	if (reading.problem !== null) output.error(`deployctl: ${sentence(sanitise(reading.problem))}\n`);
	if (json) printJson(output, {operations: list.map(operation => operationReport(operation))});
	else
		output.write(
			`${list.length === 0 ? 'No operations yet.\n' : list.map(operation => operationText(operation, wall.now())).join('')}${standingText(reading, wall.now(), isShown)}`,
		);
	// What could not be read is no empty list.
	return reading.problem === null ? exitCodes.done : exitCodes.failed;
};
