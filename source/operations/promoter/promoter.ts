/**
The promoter: `promoter.js OPERATION-FOLDER`. What a script is to a deployment, it is to a promotion: a process of its own under the
supervisor, which follows its protocol lines, stops it with TERM, and settles what it left.
*/
import {spawn} from 'node:child_process';
import {writeSync} from 'node:fs';
import type {ScriptKind} from '../../core/operations/operation.ts';
import {realClock} from '../../edges/clock.ts';
import {scriptEnvironment, scriptNeeds} from '../../core/settings/child-environment.ts';
import {adoptNetworkOf} from '../../edges/network.ts';
import {Failure} from '../../errors.ts';
import {readMachineLock} from '../locks/machine-lock.ts';
import {withoutSqliteWarning} from '../files/mutex.ts';
import {observe} from '../readings/observe.ts';
import {statePaths} from '../files/paths.ts';
import {promote} from './promote.ts';
import {createSpeech, type Ending} from './speech.ts';
import type {Course} from './course.ts';
import {judgeFor, proveLanded, provePromotion} from '../judge/prove-promotion.ts';
import {gitHubFor} from '../supervisor/remote.ts';
import {type OperationRequest, readRequest} from '../request/request.ts';
import {commandOf, findScript} from '../checkout/script-kind.ts';

withoutSqliteWarning(process);
adoptNetworkOf(process.env);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
	process.on(signal, () => stop.abort(new DOMException(signal, 'AbortError')));
process.on('SIGHUP', () => {});

/** Whole lines, written at once: a full disk must not end a promotion. */
const write = (line: string): void => {
	try {
		writeSync(1, line);
	} catch {
		// The journal and GitHub still know what was done.
	}
};

const speech = createSpeech(write, realClock);

/** Its output goes where ours goes; a stop reaches it by the process group, and it is waited for. */
const runScript = ({plan, settings}: OperationRequest): Promise<{code: number | null; kind: ScriptKind}> => {
	const deploy = settings.environments.find(({name}) => name === plan.environment)!.deploy;
	const found = findScript(plan.directory, deploy);
	if (!found.ok) throw new Failure(found.because, {next: found.next, exitCode: 2});
	const command = commandOf('deploy', found, deploy, {
		environment: plan.environment,
		sha: plan.sha,
		release: plan.sha,
		operation: plan.id,
		insists: false,
	});
	if (!command.ok) throw new Failure(command.because, {next: command.next, exitCode: 2});
	const [program = '', ...parameters] = command.command;
	return new Promise((resolve, reject) => {
		spawn(program, parameters, {
			cwd: plan.directory,
			stdio: ['ignore', 1, 2],
			env: scriptEnvironment(process.env, scriptNeeds(settings, plan.environment, 'deploy')),
		})
			.once('error', reject)
			.once('exit', code => resolve({code, kind: found.kind}));
	});
};

const courseOf = async (request: OperationRequest): Promise<Course> => {
	const {plan, settings, repository, gitHubHost, state} = request;
	const environment = settings.environments.find(({name}) => name === plan.environment);
	if (plan.promotion === null || plan.sha === null || environment === undefined)
		throw new Failure('This is not a promotion', {because: plan.id, exitCode: 2});
	const gitHub = gitHubFor(request, process.env);
	const judge = judgeFor(request, process.env, gitHub);
	const paths = statePaths(state, gitHubHost, repository);
	return {
		plan: {...plan, promotion: plan.promotion},
		sha: plan.sha,
		settings,
		environment,
		promotions: (await gitHub()).promotions,
		prove: () => provePromotion(request, judge),
		proveLanded: landedAt => proveLanded(request, judgeFor(request, process.env, gitHub, false), landedAt),
		lockId: () => {
			const lock = readMachineLock(paths, plan.environment);
			return lock.state === 'held' && lock.record.operation === plan.id ? lock.record.id : null;
		},
		observe: signal => observe(environment, {clock: realClock}, signal),
		runScript: () => runScript(request),
		speech,
		clock: realClock,
		signal: stop.signal,
		reached: {landedAt: null, isSent: false, isStarted: false, runId: null, isLive: false, pull: null},
	};
};

const ended = async (): Promise<Ending> => {
	let course: Course | undefined;
	try {
		course = await courseOf(readRequest(process.argv[2] ?? ''));
		return await promote(course);
	} catch (error) {
		const because =
			error instanceof Failure
				? `${error.message}${error.because === undefined ? '' : `: ${error.because}`}`
				: String((error as Error).stack ?? error);
		const isUntouched =
			course === undefined ||
			(course.reached.landedAt === null && !course.reached.isStarted && !course.reached.isSent);
		return {
			exit: isUntouched ? 10 : 31,
			result: 'died',
			because,
			next:
				error instanceof Failure
					? (error.next ?? 'Promote again.')
					: 'This is a bug of deployctl; look at the log, and at what production runs.',
		};
	}
};

const ending = await ended();
speech.end(ending);
process.exit(ending.exit);
