/** `deployctl lock`, `unlock` and `unpin`: what holds an environment, put there and taken away by people. */
import type {LockState} from '../../core/locks/lock.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, usageFailure} from '../../errors.ts';
import type {Done, OperationsReading, Refusal} from '../../world.ts';
import {confirmed} from '../desk/confirm.ts';
import {
	type ActingFlags,
	type Desk,
	environmentNamed,
	printJson,
	refusalFailure,
	unlessInterrupted,
} from '../desk/desk.ts';
import {lockText} from './plan-text.ts';

const isProtected = ({settings}: Desk, environment: string): boolean =>
	settings.environments.some(({name, ...rest}) => name === environment && rest.isProtected);

const reasonFrom = (text: string): string => {
	const reason = sanitise(text);
	if (reason === '') throw usageFailure('-m needs a reason: everybody who meets it will ask.');
	return reason;
};

type Step = {
	action: 'lock' | 'unlock' | 'unpin';
	environment: string;
	/** `Lock production` */
	title: string;
	/** What stands in its way, as far as that is known beforehand. */
	obstacle(reading: OperationsReading): Omit<Refusal, 'ok'> | null;
	act(): Promise<Done | Refusal>;
	/** What is so afterwards. */
	done: string;
};

const carryOutStep = async (
	desk: Desk,
	{action, environment, title, obstacle, act, done}: Step,
	flags: ActingFlags,
): Promise<number> => {
	const {operations, output, signal} = desk;
	const say = (sentence: string) =>
		flags.json
			? printJson(output, {action, environment, dryRun: flags.dryRun, because: sentence})
			: output.write(`${sentence}\n`);
	if (flags.dryRun) {
		// What GitHub says of the lock counts; where it says nothing, the reading does.
		await unlessInterrupted(signal, operations.refresh([environment], signal));
		const refusal = obstacle(await operations.read());
		if (refusal !== null) throw refusalFailure(refusal);
		say(`${title}: this would be done.`);
		return exitCodes.done;
	}
	await confirmed(
		desk,
		{phrase: isProtected(desk, environment) ? `${action} ${environment}` : null, question: `${title}?`},
		flags,
	);
	const result = await act();
	if (!result.ok) throw refusalFailure(result);
	say(result.note === undefined ? done : `${done} (${result.note})`);
	return exitCodes.done;
};

const lockOf = ({locks}: OperationsReading, environment: string): LockState =>
	locks[environment] ?? {state: 'unknown', because: 'it was not asked for'};

export const runLock = async (desk: Desk, name: string, flags: ActingFlags & {reason: string}): Promise<number> => {
	const environment = environmentNamed(name, desk.settings);
	const reason = reasonFrom(flags.reason);
	return carryOutStep(
		desk,
		{
			action: 'lock',
			environment,
			title: `Lock ${environment} (${reason})`,
			obstacle: reading => {
				const lock = lockOf(reading, environment);
				if (lock.state === 'free') return null;
				const because = `${environment}: ${lockText(lock, desk.wall.now())}`;
				return lock.state === 'unknown'
					? {because, next: 'try again when GitHub answers', exitCode: exitCodes.unreachable}
					: {
							because,
							next: `deployctl unlock ${environment} says how it is released`,
							exitCode: exitCodes.locked,
						};
			},
			act: () => desk.operations.lock(environment, reason),
			done: `${environment} is locked: ${reason}. deployctl unlock ${environment} releases it.`,
		},
		flags,
	);
};

export const runUnlock = async (
	desk: Desk,
	name: string,
	flags: ActingFlags & {break: string | null; reason: string | null},
): Promise<number> => {
	const environment = environmentNamed(name, desk.settings);
	const {break: id} = flags;
	if (id !== null && flags.reason === null)
		throw usageFailure('--break needs a reason.', `deployctl unlock ${environment} --break ${id} -m REASON`);
	if (id === null && flags.reason !== null)
		throw usageFailure(
			'-m is the reason of a break, and nothing is broken.',
			'--break ID names the lock of somebody else',
		);
	const breaking = id === null ? null : {id, reason: reasonFrom(flags.reason!)};
	return carryOutStep(
		desk,
		{
			action: 'unlock',
			environment,
			title:
				breaking === null
					? `Unlock ${environment}`
					: `Break the lock ${sanitise(breaking.id, 60)} of ${environment} (${breaking.reason})`,
			obstacle: reading => {
				const lock = lockOf(reading, environment);
				const isOther =
					lock.state === 'held' &&
					(breaking === null
						? lock.lock.kind !== 'human' || (reading.operator ?? lock.lock.operator) !== lock.lock.operator
						: lock.lock.id !== breaking.id);
				if (!isOther) return null;
				const ids = `deployctl unlock ${environment} --break ${lock.lock.id} -m REASON breaks it`;
				return {
					because: `${environment}: ${lockText(lock, desk.wall.now())}`,
					next: ids,
					exitCode: exitCodes.locked,
				};
			},
			act: () => desk.operations.unlock(environment, breaking),
			done:
				breaking === null
					? `${environment} is unlocked.`
					: `The lock ${sanitise(breaking.id, 60)} of ${environment} is broken; that is recorded.`,
		},
		flags,
	);
};

export const runUnpin = async (desk: Desk, name: string, flags: ActingFlags & {reason: string}): Promise<number> => {
	const environment = environmentNamed(name, desk.settings);
	const reason = reasonFrom(flags.reason);
	return carryOutStep(
		desk,
		{
			action: 'unpin',
			environment,
			title: `Unpin ${environment} (${reason})`,
			obstacle: () => null,
			act: () => desk.operations.unpin(environment, reason),
			done: `Nothing is pinned in ${environment} any more.`,
		},
		flags,
	);
};
