/**
Operations on environments: deployments, rollbacks, promotions. They happen in the wall's time on real machines, so all times
here are wall time, milliseconds since the epoch. What is not known is null.
*/
import type {InstanceReading} from '../releases/observation.ts';
import type {ConditionId} from '../pipeline/pipeline.ts';
import type {Strategy} from '../settings/settings.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

export const operationKinds = ['deploy', 'rollback', 'promote'] as const;
export type OperationKind = (typeof operationKinds)[number];

/** How an operation ended. `failed`: nothing changed. `interrupted`: needs somebody to look. */
export type Outcome = 'succeeded' | 'failed' | 'rolled-back' | 'interrupted';

/** `contract` scripts speak the line protocol and tell by their exit code; the outcome of `plain` ones is settled by observation. */
export type ScriptKind = 'contract' | 'plain';

/** What the operator sees it doing: a step that the script, or the supervisor itself, has named. */
export type OperationStep = {
	name: string;
	host: string | null;
	status: 'running' | 'passed' | 'failed';
	startedAt: number;
	finishedAt: number | null;
	/** The latest word about it: the last probe, or why it failed. Sanitised and masked. */
	note: string | null;
};

/** Which way a promotion goes. `breakGlass`: the conditions that it went past, and why. */
export type OperationPromotion = {
	strategy: Strategy;
	hotfix: string | null;
	breakGlass: {reason: string; conditions: readonly ConditionId[]} | null;
};

/** A lock on GitHub that a rollback went past: its id, or `unreadable`; and whose it claims to be and GitHub says that it is. */
export type PassedLock = {lock: string; holder: string};

/** What one operation is, from the journal alone. */
export type Operation = {
	/** Sortable by time of request: `20261124T020304Z-deploy-staging-1f9c`. */
	id: string;
	kind: OperationKind;
	environment: string;
	from: ReleaseRef | null;
	to: ReleaseRef | null;
	sha: string | null;
	/** Login on GitHub, or the name on this machine. */
	operator: string;
	host: string;
	startedAt: number;
	finishedAt: number | null;
	outcome: 'running' | Outcome;
	/** deployctl's exit code (errors.ts), not the script's; null while it runs. */
	exitCode: number | null;
	/** One clear sentence: how it ended, or what it does now. */
	because: string;
	next: string | null;
	command: readonly string[];
	scriptKind: ScriptKind;
	scriptExitCode: number | null;
	steps: readonly OperationStep[];
	/** How long this usually takes: median and 95th percentile of earlier ones, seconds; null with fewer than two. */
	usualSeconds: number | null;
	p95Seconds: number | null;
	stop: {by: string; at: number; thenRollBack: boolean} | null;
	before: readonly InstanceReading[] | null;
	after: readonly InstanceReading[] | null;
	/** Whether somebody watches over it: its supervisor's kernel lock is held. null when that could not be told. */
	isSupervised: boolean | null;
	/** The production lock on GitHub was taken; false: GitHub could not be reached, the machine's lock alone held. */
	isLockedRemotely: boolean | null;
	/** Announcements and records that still wait in the outbox. */
	unpublished: number;
	/** Absent or null: it is no promotion. */
	promotion?: OperationPromotion | null;
	/** Absent or null: it went past none. */
	passedLock?: PassedLock | null;
};
