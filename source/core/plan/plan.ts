/** The plan that a dialog shows and that the operator confirms. Plain data, bound to a hash: the supervisor refuses to act on anything else. */
import type {LockState} from '../locks/lock.ts';
import type {Observation} from '../releases/observation.ts';
import type {OperationKind, PassedLock, ScriptKind} from '../operations/operation.ts';
import type {Condition, ConditionId} from '../pipeline/pipeline.ts';
import type {Migration, Offer} from '../releases/release.ts';
import type {Strategy} from '../settings/settings.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

/** What somebody wants. `release` of a rollback: null takes the default target. `insist`: a target that is marked bad, confirmed by its own phrase. `agreed`: the digest of scripts that may be run for the plan although they are not those of a protected branch. */
export type Wish =
	| {kind: 'deploy'; environment: string; sha: string | null; agreed?: string}
	/** `sha` null: the newest commit that is ready. `hotfix`: the branch that `sha` is the head of, which goes past staging. `breakGlass`: the reason for going past shut conditions. */
	| {kind: 'promote'; environment: string; sha: string | null; hotfix?: string; breakGlass?: string; agreed?: string}
	| {
			kind: 'rollback';
			environment: string;
			release: string | null;
			insist?: boolean;
			/** Stop this one first (scenario 5). */ stopping?: string;
			/** Go past a lock of somebody else on GitHub, confirmed by its own phrase. */ pastLock?: boolean;
			agreed?: string;
	  };

/** What makes a plan one of a promotion. */
export type PlanPromotion = {
	strategy: Strategy;
	/** The production branch, and where it was when the plan was made: it is moved from there or not at all. null: not known. */
	branch: string;
	branchAt: string | null;
	/** Branch of a hotfix. */
	hotfix: string | null;
	/** `conditions`: ids of those that are not met and would be passed. */
	breakGlass: {reason: string; conditions: readonly ConditionId[]} | null;
	/** Whether breaking the glass would let it go: nothing but what may be broken stands in the way. */
	canBreakGlass: boolean;
	/** Every condition of the gate, as read for this plan; empty: it could not be read. */
	conditions: readonly Condition[];
	/** Commits on the staging branch that are newer and stay behind, newest first; null: not known. */
	staying: readonly PlanCommit[] | null;
	/** Changed files that the settings call configuration; null: not known. */
	configuration: readonly string[] | null;
	/** Changed files that are database changes; null: not known. */
	migrations: readonly string[] | null;
	/** What a rollback would go back to. null: nothing is ready; `rollbackBecause` says why. */
	rollbackTo: ReleaseRef | null;
	rollbackBecause: string;
	/** What will be done, in words and in order. */
	steps: readonly string[];
	soakSeconds: number;
	/** When E2E, on whose evidence it goes, ended; wall time of GitHub, milliseconds. */
	evidenceAt: number | null;
};

/** Scripts of the checkout that were not run for a plan, and why not. `digest`: what a wish has to agree to; null: they could not all be read. */
export type ScriptsQuestion = {because: string; digest: string | null};

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
	/** The list of releases was not asked for: nothing of the scripts is run without the operator's word. Absent: nothing was left out. */
	asks?: ScriptsQuestion;
	stopping: string | null;
	insists: boolean;
	/** Of a rollback that something on GitHub blocks: it may be gone past, with a phrase of its own. Absent: it may not. */
	canPassLock?: boolean;
	/** What it goes past, and never lifts. Absent or null: nothing. */
	passedLock?: PassedLock | null;
	/** null: it is no promotion. */
	promotion: PlanPromotion | null;
	/** Over everything above but id and hash; changes when anything changes that the operator has seen. */
	hash: string;
};
