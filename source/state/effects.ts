/** The one file that acts: carries effects out in the World and reports back as messages. */
import type {JobLog, JobLogs, LoggedJob} from '../core/runs/job-log.ts';
import type {OperationLog, Operations, World} from '../world.ts';
import type {JobLogEffect} from './model/job-log-messages.ts';
import type {Effect, Message} from './model/messages.ts';

type Dispatch = (message: Message) => void;
type OperationEffect = Extract<
	Effect,
	{
		type:
			| 'read-operations'
			| 'watch-operations'
			| 'refresh-operations'
			| 'observe'
			| 'plan'
			| 'start-operation'
			| 'stop-operation'
			| 'lock'
			| 'unlock'
			| 'unpin'
			| 'sign-off'
			| 'review'
			| 'read-hotfixes'
			| 'read-log'
			| 'search-log';
	}
>;

/** More hits than these are not counted one by one. */
const countedOneByOne = 2000;

/** Line of the next hit, going round at the end; and which of all hits it is. */
const searchIn = async (
	log: OperationLog,
	{text, from, direction}: Extract<Effect, {type: 'search-log'}>,
	signal: AbortSignal,
) => {
	const {lines} = await log.grow();
	const line =
		(from < lines && from >= 0 ? await log.find(text, from, direction, signal) : null) ??
		(await log.find(text, direction === 1 ? 0 : Math.max(0, lines - 1), direction, signal));
	const count = line === null ? 0 : await log.count(text, signal);
	if (line === null || count > countedOneByOne) return {line, ordinal: null, count};
	let ordinal = 1;
	for (
		let hit = await log.find(text, 0, 1, signal);
		hit !== null && hit < line;
		hit = await log.find(text, hit + 1, 1, signal)
	)
		ordinal++;
	return {line, ordinal, count};
};

/** Runs effects until `stop`. Each loop has a slot of its own: the new takes the place of the old. */
export const createEffects = (world: World) => {
	const slots = new Map<string, AbortController>();
	let saving: Promise<unknown> = Promise.resolve();
	let openLog: {operation: string; log: OperationLog} | null = null;
	const openJobLogs = new Map<number, {status: LoggedJob['status']; log: JobLog}>();
	const times = () => ({now: world.clock.now(), wallNow: world.wall.now()});

	const signalIn = (slot: string): AbortSignal => {
		slots.get(slot)?.abort();
		const controller = new AbortController();
		slots.set(slot, controller);
		return controller.signal;
	};

	const inSlot = async (slot: string, act: (signal: AbortSignal) => Promise<void>) => {
		const signal = signalIn(slot);
		try {
			await act(signal);
		} catch (error) {
			if (!signal.aborted) throw error;
		}
	};

	/** Reports what came of it, unless it was taken back meanwhile. */
	const answerIn = (slot: string, dispatch: Dispatch, act: (signal: AbortSignal) => Promise<Message>) =>
		inSlot(slot, async signal => {
			const message = await act(signal);
			if (!signal.aborted) dispatch(message);
		});

	const logOf = (operations: Operations, operation: string): OperationLog => {
		if (openLog?.operation !== operation) {
			void openLog?.log.close();
			openLog = {operation, log: operations.log(operation)};
		}
		return openLog.log;
	};

	const closeLog = async () => {
		signalIn('log');
		signalIn('search');
		const closing = openLog?.log;
		openLog = null;
		await closing?.close();
	};

	/** A job that has ended since has another log than it had, which was none. */
	const jobLogOf = (logs: JobLogs, job: LoggedJob): JobLog => {
		const known = openJobLogs.get(job.id);
		if (known?.status === job.status) return known.log;
		void known?.log.close();
		const log = logs.open(job);
		openJobLogs.set(job.id, {status: job.status, log});
		return log;
	};

	const closeJobLog = async (id: number) => {
		for (const slot of ['read', 'search']) signalIn(`job ${id} ${slot}`);
		const closing = openJobLogs.get(id);
		openJobLogs.delete(id);
		await closing?.log.close();
	};

	const pauseThen = async (milliseconds: number, signal: AbortSignal) => {
		if (milliseconds > 0) await world.wall.after(milliseconds, signal);
	};

	/** What is asked of operations. Late and foreign answers are for update to drop; those of a slot that was taken never come. */
	const operate = async (effect: OperationEffect, operations: Operations, dispatch: Dispatch): Promise<void> => {
		const carriedOut = async (result: ReturnType<Operations['start'] | Operations['stop'] | Operations['lock']>) =>
			dispatch({type: 'carried-out', generation: effect.generation, result: await result, ...times()});
		switch (effect.type) {
			case 'read-operations':
				return answerIn('operations', dispatch, async () => ({
					type: 'operations-read',
					generation: effect.generation,
					reading: await operations.read(),
					...times(),
				}));
			case 'watch-operations':
				return answerIn('operations', dispatch, async signal => {
					await Promise.all([
						operations.changed(effect.atMostMs, signal),
						pauseThen(effect.atLeastMs, signal),
					]);
					return {type: 'operations-changed', generation: effect.generation, ...times()};
				});
			case 'refresh-operations':
				return answerIn('refresh', dispatch, async signal => {
					await pauseThen(effect.afterMs, signal);
					await operations.refresh(effect.environments, signal);
					return {type: 'operations-refreshed', generation: effect.generation, ...times()};
				});
			case 'observe':
				return answerIn(`observe ${effect.environment}`, dispatch, async signal => {
					await pauseThen(effect.afterMs, signal);
					return {
						type: 'observed',
						generation: effect.generation,
						observation: await operations.observe(effect.environment, signal),
						...times(),
					};
				});
			case 'plan':
				return answerIn('plan', dispatch, async () => ({
					type: 'planned',
					generation: effect.generation,
					plan: await operations.plan(effect.wish, effect.history),
					...times(),
				}));
			case 'start-operation':
				return carriedOut(operations.start(effect.plan, effect.confirmation));
			case 'stop-operation':
				return carriedOut(operations.stop(effect.operation, effect.thenRollBack));
			case 'lock':
				return carriedOut(operations.lock(effect.environment, effect.reason));
			case 'unlock':
				return carriedOut(operations.unlock(effect.environment, effect.breaking));
			case 'unpin':
				return carriedOut(operations.unpin(effect.environment, effect.reason));
			case 'sign-off': {
				const {sha, name, given, note} = effect;
				return carriedOut(operations.signOff({sha, name, given, note}));
			}
			case 'review': {
				const {runId, environment, decision, comment} = effect;
				return carriedOut(operations.review({runId, environment, decision, comment}));
			}
			case 'read-hotfixes':
				return answerIn('hotfixes', dispatch, async signal => ({
					type: 'hotfixes-read',
					generation: effect.generation,
					result: await operations.hotfixes(signal),
					...times(),
				}));
			case 'read-log':
				return answerIn('log', dispatch, async signal => {
					await pauseThen(effect.afterMs, signal);
					const log = logOf(operations, effect.operation);
					const size = await log.grow();
					const from = effect.from === 'end' ? Math.max(0, size.lines - effect.count) : effect.from;
					return {
						type: 'log-read',
						generation: effect.generation,
						operation: effect.operation,
						size,
						from,
						lines: await log.lines(from, effect.count),
						...times(),
					};
				});
			case 'search-log':
				return answerIn('search', dispatch, async signal => ({
					type: 'log-searched',
					generation: effect.generation,
					...(await searchIn(logOf(operations, effect.operation), effect, signal)),
					...times(),
				}));
		}
	};

	const readJobLog = async (effect: JobLogEffect, logs: JobLogs, dispatch: Dispatch): Promise<void> => {
		if (effect.type === 'close-job-log') return closeJobLog(effect.job);
		const {job} = effect;
		const log = jobLogOf(logs, job);
		switch (effect.type) {
			case 'read-job-log':
				return answerIn(`job ${job.id} read`, dispatch, async signal => {
					await pauseThen(effect.afterMs, signal);
					return {
						type: 'job-log-read',
						job: job.id,
						generation: effect.generation,
						wanted: effect.wanted,
						reading: await log.read(effect.wanted),
						...times(),
					};
				});
			case 'find-in-job-log':
				return answerIn(`job ${job.id} search`, dispatch, async signal => ({
					type: 'job-log-found',
					job: job.id,
					generation: effect.generation,
					line: await log.find(effect, signal),
					...times(),
				}));
			case 'count-in-job-log':
				return inSlot(`job ${job.id} search`, async signal =>
					log.tally(
						effect.text,
						effect.line,
						tally => {
							if (!signal.aborted)
								dispatch({
									type: 'job-log-tallied',
									job: job.id,
									generation: effect.generation,
									...tally,
									...times(),
								});
						},
						signal,
					),
				);
			case 'ask-job-log-again':
				return log.retry();
		}
	};

	/** Sent once; what came of it is told also when the dialog is gone. */
	const actOnRun = async (
		{generation, wish, about, runBefore}: Extract<Effect, {type: 'act-on-run'}>,
		dispatch: Dispatch,
	): Promise<void> => {
		const result = (await world.runs?.act(wish)) ?? {
			ok: false as const,
			because: 'this start cannot steer runs',
			next: 'Start deployctl in a checkout of the repository.',
			exitCode: 3,
		};
		dispatch({type: 'run-acted', generation, wish, about, runBefore, result, ...times()});
	};

	const perform = async (effect: Effect, dispatch: Dispatch): Promise<void> => {
		switch (effect.type) {
			case 'wait-for-poll':
				return answerIn('poll', dispatch, async signal => {
					await world.wall.after(effect.afterMs, signal);
					return {type: 'poll-came-due', generation: effect.generation, ...times()};
				});
			case 'ask':
				return answerIn('poll', dispatch, async signal => ({
					type: 'answered',
					generation: effect.generation,
					answer: await world.github.ask(effect.question, signal),
					random: world.random(),
					...times(),
				}));
			case 'tick':
				return answerIn('tick', dispatch, async signal => {
					await world.wall.after(effect.afterMs, signal);
					return {type: 'ticked', ...times()};
				});
			case 'save-cache': {
				const save = world.cache.save(effect.facts, effect.savedAt);
				saving = save;
				const saved = await save;
				if (!saved.ok) dispatch({type: 'cache-save-failed', because: saved.because});
				return;
			}
			case 'open':
				return dispatch({type: 'opened', url: effect.url, ok: await world.desktop.open(effect.url)});
			case 'copy':
				return dispatch({type: 'copied', text: effect.text, ok: await world.desktop.copy(effect.text)});
			case 'save-preferences':
				return world.savePreferences(effect.change);
			case 'read-tests':
				return world.tests
					? answerIn('tests', dispatch, async signal => ({
							type: 'tests-read',
							generation: effect.generation,
							reading: await world.tests!.read(effect.question, signal),
							...times(),
						}))
					: undefined;
			case 'act-on-run':
				return actOnRun(effect, dispatch);
			case 'read-inputs':
				return answerIn('inputs', dispatch, async () => ({
					type: 'inputs-read',
					generation: effect.generation,
					result: (await world.runs?.inputs(effect)) ?? {inputs: null, because: null},
					...times(),
				}));
			case 'close-log':
				return closeLog();
			case 'record': {
				const news = await world.record?.write(effect.entries);
				if (news) dispatch({type: 'recording-changed', because: news.because});
				return;
			}
			case 'steer-replay':
				return world.replay?.steer(effect.at, effect.speed);
			case 'read-replay':
				return answerIn('replay', dispatch, async signal => {
					await pauseThen(effect.afterMs, signal);
					return {
						type: 'replayed',
						generation: effect.generation,
						frame: await world.replay!.frame(effect.at === 'now' ? world.clock.now() : effect.at),
						...times(),
					};
				});
			case 'read-past': {
				const changes = (await world.record?.past(effect.atMost)) ?? [];
				if (changes.length > 0) dispatch({type: 'past-read', changes});
				return;
			}
			case 'suspend':
				return world.terminal.suspend();
			case 'repaint':
				return world.terminal.repaint();
			case 'read-job-log':
			case 'find-in-job-log':
			case 'count-in-job-log':
			case 'ask-job-log-again':
			case 'close-job-log':
				return world.jobLogs ? readJobLog(effect, world.jobLogs, dispatch) : undefined;
			case 'quit':
				return world.terminal.quit(effect.exitCode);
			default:
				if (world.operations !== null) return operate(effect, world.operations, dispatch);
				// Nobody to ask: the first question is the last.
				await Promise.resolve();
				if (effect.type === 'read-operations')
					dispatch({type: 'operations-read', generation: effect.generation, reading: null, ...times()});
		}
	};

	return {
		/** A rejection here is a bug of ours, never GitHub's or the network's fault: it goes to `onBug`. */
		perform: (onBug: (error: unknown) => void) => (effect: Effect, dispatch: Dispatch) => {
			perform(effect, dispatch).catch(onBug);
		},
		/** Resolves when what is being written is written, or after a second: a disk that hangs must not hold the end back. */
		async stop() {
			for (const slot of slots.values()) slot.abort();
			await Promise.race([
				Promise.all([
					saving,
					openLog?.log.close(),
					world.record?.close(),
					...[...openJobLogs.values()].map(({log}) => log.close()),
				]),
				world.wall.after(1000),
			]);
		},
	};
};
