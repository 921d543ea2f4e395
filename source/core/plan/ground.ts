/** What a plan is made from. */
import type {PlanCommit, Wish, ScriptsQuestion} from './plan.ts';
import type {ScriptKind, Operation} from '../operations/operation.ts';
import type {EnvironmentSettings, Settings} from '../settings/settings.ts';
import type {Observation} from '../releases/observation.ts';
import type {LockState} from '../locks/lock.ts';
import type {Offer, Migration} from '../releases/release.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

export type Ground = {
	id: string;
	wish: Exclude<Wish, {kind: 'promote'}>;
	/** null: the settings know no such environment. */
	environment: EnvironmentSettings | null;
	settings: Settings;
	isReadOnly: boolean;
	directory: string;
	script: {kind: ScriptKind; command: readonly string[]} | Obstacle;
	from: ReleaseRef | null;
	to: ReleaseRef | null;
	/** Why `to` could not be found. */
	withoutTarget: Obstacle | null;
	coming: readonly PlanCommit[] | null;
	going: readonly PlanCommit[] | null;
	migration: Migration;
	/** Files of database changes between the two; null: not known. */
	migrationFiles: readonly string[] | null;
	usualSeconds: number | null;
	p95Seconds: number | null;
	lock: LockState;
	observation: Observation;
	offers: readonly Offer[];
	/** How the releases were learnt. `trouble`: why they are not as of now; `readAt` null: by nobody's list. */
	listing: {readAt: number | null; trouble: string | null; question?: ScriptsQuestion};
	/** The list could not be had at all: a contract script is left to choose by itself, so that a rollback works all the same. */
	isScriptsChoice: boolean;
	/** The operation of ours that runs there now, and the last one that ended. */
	running: Operation | null;
	last: Operation | null;
	pin: {by: string; because: string} | null;
	/** `null`: none is asked for. */
	evidence: {proven: true} | ({proven: false} & Obstacle) | null;
	scripts: {state: 'same' | 'unknown'} | {state: 'differs'; files: readonly string[]};
	/** Variables that are set here and that the script speaks of, but is not given. Absent: none. */
	missed?: readonly string[];
	/** null: the journal can be written. */
	journalProblem: string | null;
};

/** Why something cannot be read, run or proven, and the way out. */
export type Obstacle = {because: string; next: string; exitCode?: number};
