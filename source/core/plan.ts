/** The plan that a dialog shows and that the operator confirms. Plain data, bound to a hash: the supervisor refuses to act on anything else. */
import type {LockState} from './lock.ts';
import type {Observation} from './observation.ts';
import type {OperationKind, ReleaseRef, ScriptKind} from './operation.ts';
import type {Migration, Offer} from './release.ts';

/** What somebody wants. `release` of a rollback: null takes the default target. `insist`: a target that is marked bad, confirmed by its own phrase. */
export type Wish =
	| {kind: 'deploy'; environment: string; sha: string | null}
	| {kind: 'rollback'; environment: string; release: string | null; insist?: boolean; /** Stop this one first (scenario 5). */ stopping?: string};

export type PlanCommit = {sha: string; message: string; isRevert: boolean};

export type Plan = {
	/** Becomes the id of the operation. */
	id: string;
	kind: OperationKind;
	environment: string;
	from: ReleaseRef | null;
	to: ReleaseRef | null;
	sha: string | null;
	scriptKind: ScriptKind;
	/** The exact argument list; the first is the script. */
	command: readonly string[];
	directory: string;
	/** Commits that come to the environment and that leave it, newest first; null: could not be told. */
	coming: readonly PlanCommit[] | null;
	going: readonly PlanCommit[] | null;
	migration: Migration;
	usualSeconds: number | null;
	p95Seconds: number | null;
	timeoutSeconds: number;
	graceSeconds: number;
	lock: LockState;
	observation: Observation;
	/** What the operator must know: scripts that differ from the commit's, GitHub out of reach, an outage gap of restart mode. */
	warnings: readonly string[];
	/** Why it cannot be done now, and the way out; null: it can. `exitCode` as of errors.ts. */
	blocked: {because: string; next: string; exitCode: number} | null;
	/** What has to be typed: `production 3f2a9c1`; null: one key confirms. */
	phrase: string | null;
	/** Of a rollback: every release, offered or not. */
	offers: readonly Offer[];
	stopping: string | null;
	insists: boolean;
	/** Over everything above but id and hash; changes when anything changes that the operator has seen. */
	hash: string;
};
