/** The sandbox as a whole: made, found again, followed by the simulated workflows, ended. */
import {join} from 'node:path';
import {exitCodes, Failure} from '../errors.ts';
import type {SignOffRule, Strategy} from '../core/settings/settings.ts';
import type {Clock} from '../world.ts';
import type {Behaviour} from './behaviours.ts';
import {type Commit, type Program, writeCheckout} from './checkout.ts';
import {beat, beatMs, endHeartbeat} from './heartbeat.ts';
import {rememberPlace, sandboxEnvironments, type SandboxEnvironment, type SandboxPlace} from './place.ts';
import {missingTools} from './requirements.ts';
import {startFront} from './front.ts';
import {answers, liveRelease} from './revive.ts';
import {runScript} from './scripts.ts';
import {type Deployed, followWorkflows} from './workflows.ts';

export type SandboxOptions = {
	place: SandboxPlace;
	program: Program;
	/** OWNER/NAME */
	repository: string;
	/** What the scripts inherit. */
	env: Readonly<Record<string, string | undefined>>;
	wall: Clock;
	/** Every commit that there is or will be. */
	commits: readonly Commit[];
	/** By environment: commits whose releases it begins with, oldest first, the live one last. */
	releases: Readonly<Record<string, readonly string[]>>;
	/** How commits are promoted here, for commands that are typed in the checkout. */
	strategy?: Strategy;
	/** Sign-offs that a promotion needs. */
	signOffs?: readonly SignOffRule[];
	/** Name of a file in the folder that whoever calls holds a lock on. */
	keep: string;
	/** Gives the making up; what has been made is ended. */
	signal: AbortSignal;
	behaviourOf?: (commit: Commit) => Behaviour;
};

export type Sandbox = {
	/** Follows what the workflows deploy from now on. */
	follow(deployed: () => Promise<readonly Deployed[]>, known: readonly Deployed[]): void;
	/** "I go, and it stays": for as long as nobody comes back for a quarter of an hour. A script of the workflows runs to its end. */
	leave(): void;
	/** Ends everything that belongs to it. */
	end(): Promise<void>;
};

const logOf = ({folder}: SandboxPlace, name: string): string => join(folder, `ci-${name}.log`);

const goBackMs = 5000;

/** In a hurry: nobody uses them yet. */
const hurry = {HEALTH_NEED: '1', GRACE: '0'};

const call = (
	{place, env, signal}: SandboxOptions,
	name: SandboxEnvironment,
	script: string,
	args: readonly string[],
): Promise<number> =>
	runScript({
		checkout: place.checkout,
		script,
		args: ['--env', name, ...args],
		log: logOf(place, name),
		env: {...env, ...hurry},
		signal,
	});

/** The first releases come by the real script. */
const seed = async (options: SandboxOptions, name: SandboxEnvironment): Promise<void> => {
	for (const [index, sha] of (options.releases[name] ?? []).entries()) {
		const code = await call(options, name, 'deploy.sh', ['--sha', sha, '--run', `first-${index + 1}`]);
		if (code !== 0)
			throw new Failure(`The first release of ${name} could not be deployed`, {
				because: `scripts/deploy.sh ended with ${code}`,
				next: `look into ${logOf(options.place, name)}`,
				exitCode: exitCodes.failed,
			});
	}
};

/** A rollback to what is live starts it again where it does not answer. What it cannot heal the screen will show. */
const revive = async (options: SandboxOptions, name: SandboxEnvironment): Promise<void> => {
	const live = liveRelease(options.place, name);
	if (live === null || (await answers(options.place, name))) return;
	await call(options, name, 'rollback.sh', ['--to', live]);
};

const prepare = async (options: SandboxOptions, name: SandboxEnvironment): Promise<void> => {
	await startFront(options.place, options.program, name, options.env);
	await (options.place.isFresh ? seed : revive)(options, name);
};

/** Makes the sandbox, or takes up the one that is there. Throws a `Failure` that says what is missing. */
export const openSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
	const {place, env, wall} = options;
	const missing = await missingTools(env);
	if (missing !== null)
		throw new Failure('The demo has no environments here', {...missing, exitCode: exitCodes.failed});
	if (place.isFresh) writeCheckout(options);
	beat(place.heartbeat);
	const abort = new AbortController();
	const beating = setInterval(() => beat(place.heartbeat), beatMs);
	beating.unref();
	const stop = () => {
		clearInterval(beating);
		abort.abort();
	};
	try {
		await Promise.all(sandboxEnvironments.map(name => prepare(options, name)));
		rememberPlace(place);
	} catch (error) {
		stop();
		endHeartbeat(place.heartbeat);
		throw error;
	}
	let following = Promise.resolve();
	// The simulator counts its runs from the same number at each start, and a run of the scripts happens once.
	const deploy = ({environment, sha, run}: Deployed, signal: AbortSignal) =>
		runScript({
			checkout: place.checkout,
			script: 'deploy.sh',
			args: ['--env', environment, '--sha', sha, '--run', `ci-${run}-${wall.now().toString(36)}`],
			log: logOf(place, environment),
			env,
			signal,
		});
	return {
		follow(deployed, known) {
			following = followWorkflows({deployed, known, wall, deploy}, abort.signal);
		},
		leave() {
			clearInterval(beating);
		},
		async end() {
			stop();
			// A script that goes back needs a moment, and is then at its end.
			await Promise.race([following, wall.after(goBackMs)]);
			endHeartbeat(place.heartbeat);
		},
	};
};
