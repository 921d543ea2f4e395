/** What each environment says of itself now, who holds it, what runs there and what is pinned: for commands that look once. Wall time, milliseconds. */
import type {LockState} from '../locks/lock.ts';
import {type Observation, overall} from '../releases/observation.ts';
import type {Operation} from './operation.ts';
import type {Pin} from '../locks/pin.ts';
import type {Candidate, Status} from '../pipeline/pipeline.ts';
import type {Readiness, Release} from '../releases/release.ts';

export type EnvironmentNow = {
	name: string;
	observation: Observation;
	lock: LockState;
	pins: readonly Pin[];
	/** Where a rollback would go, as far as that is known without asking a script; null: not known, or nowhere. */
	goesBackTo: Release | null;
	/** What runs here from this machine; what others do shows in the lock. */
	running: Operation | null;
	/** The newest operation that has ended here, when a human has to look at it. */
	unsettled: Operation | null;
};

/** `problem`: why the journal could not be read; then nothing is known of operations. */
export type Situation = {now: number; environments: readonly EnvironmentNow[]; problem: string | null};

/** `unasked`: no address is configured. `mixed`: instances report different versions. */
export type HealthState = 'unasked' | 'healthy' | 'unhealthy' | 'mixed' | 'unknown';

export const healthState = (observation: Observation): HealthState => {
	const {isMixed, health} = overall(observation);
	if (observation.instances.length === 0) return 'unasked';
	if (health === false) return 'unhealthy';
	return isMixed ? 'mixed' : health === true ? 'healthy' : 'unknown';
};

/** Instances that are named one by one; the rest is a number. */
const namedAtMost = 3;

/** Why it is in that state: which instances, and what each answered. Empty where there is nothing to explain. */
export const healthReason = (observation: Observation): string => {
	const {instances} = observation;
	const state = healthState(observation);
	if (state === 'healthy' || state === 'unasked') return '';
	const concerned = instances.filter(
		({health}) => state === 'mixed' || (state === 'unhealthy' ? health === false : health !== true),
	);
	const named = concerned
		.slice(0, namedAtMost)
		.map(({instance, because, version}) =>
			`${instance} ${state === 'mixed' ? `reports ${version ?? 'no version'}` : because}`.trimEnd(),
		);
	const rest = concerned.length > namedAtMost ? ` and ${concerned.length - namedAtMost} more` : '';
	const share =
		instances.length > 1 && state !== 'mixed' ? ` (${concerned.length} of ${instances.length} instances)` : '';
	return `${named.join(', ')}${rest}${share}`;
};

type Known = {
	now: number;
	observations: readonly Observation[];
	locks: Readonly<Record<string, LockState>>;
	pins: readonly Pin[];
	readiness: Readonly<Record<string, Readiness>>;
	/** Newest first. */
	operations: readonly Operation[];
	problem: string | null;
};

/** One entry for each environment that was asked, in that order. */
export const situationOf = ({now, observations, locks, pins, readiness, operations, problem}: Known): Situation => ({
	now,
	problem,
	environments: observations.map(observation => {
		const name = observation.environment;
		const here = operations.filter(({environment}) => environment === name);
		const ended = here.find(({outcome}) => outcome !== 'running');
		return {
			name,
			observation,
			lock: locks[name] ?? {state: 'unknown', because: 'it was not read'},
			pins: pins.filter(({environment}) => environment === name),
			goesBackTo: readiness[name]?.ready === true ? readiness[name].to : null,
			running: here.find(({outcome}) => outcome === 'running') ?? null,
			unsettled: ended?.outcome === 'interrupted' ? ended : null,
		};
	}),
});

const isRed = (status: Status | undefined): boolean => status === 'failed' || status === 'cancelled';

/**
What `--exit-status` makes of it. `bad`: an environment is unhealthy, or a tier of the commit has failed. `unclear`: instances run
different releases, an environment that has addresses could not be asked, or an operation needs a human.
*/
export const standing = (situation: Situation | null, candidate: Candidate | undefined): 'well' | 'bad' | 'unclear' => {
	const environments = situation?.environments ?? [];
	const states = environments.map(({observation}) => healthState(observation));
	if (states.includes('unhealthy') || Object.values(candidate?.tiers ?? {}).some(tier => isRed(tier?.status)))
		return 'bad';
	const isUnclear =
		situation === null ||
		situation.problem !== null ||
		states.includes('mixed') ||
		states.includes('unknown') ||
		environments.some(({unsettled}) => unsettled !== null);
	return isUnclear ? 'unclear' : 'well';
};
