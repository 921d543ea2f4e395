/** Everything that we ask of the outside. Three worlds exist: real, demo and test; nothing else may touch the outside. */
import type {Ancestry} from './core/github/ancestry.ts';
import type {Answer, Facts, Question} from './core/github/facts.ts';
import type {JobLogs} from './core/runs/job-log.ts';
import type {LockState} from './core/locks/lock.ts';
import type {Observation} from './core/releases/observation.ts';
import type {Operation} from './core/operations/operation.ts';
import type {Candidate, Snapshot} from './core/pipeline/pipeline.ts';
import type {Plan, PlanCommit, Wish} from './core/plan/plan.ts';
import type {Preferences} from './core/settings/preferences.ts';
import type {Recorder} from './core/history/record.ts';
import type {Replay} from './core/history/replay.ts';
import type {Readiness} from './core/releases/release.ts';
import type {Tests} from './core/tests/tests.ts';
import type {Runs} from './core/runs/runs.ts';

export type Clock = {
	/** Milliseconds since the epoch. In the demo this runs faster than the wall clock. */
	now(): number;
	/** Resolves after so many milliseconds of *this* clock, or rejects when the signal aborts. */
	after(milliseconds: number, signal?: AbortSignal): Promise<void>;
};

export type GitHub = {
	/** Never throws for what GitHub or the network did: that is a failure value. Rejects only when aborted. */
	ask(question: Question, signal?: AbortSignal): Promise<Answer>;
};

/** The last known facts of one repository, on disk. Loading never fails: a corrupt or foreign file is no cache. */
export type Cache = {
	load(): Promise<{savedAt: number; facts: Facts} | null>;
	/** A failing save (full disk) is reported, not thrown: the screen must go on. */
	save(facts: Facts, savedAt: number): Promise<{ok: true} | {ok: false; because: string}>;
};

/** What never changes of the repository's commits, on disk. Neither throws; null: there is none. */
export type AncestryStore = {
	load(): Promise<Ancestry | null>;
	/** Replaces what is there. */
	save(ancestry: Ancestry): Promise<void>;
};

export type Desktop = {
	/** Opens a web page; false when this machine has no way to. */
	open(url: string): Promise<boolean>;
	/** Copies text (OSC 52 and the platform's tool); false when neither is there. */
	copy(text: string): Promise<boolean>;
};

export type Terminal = {
	/** Ends the program; the screen is given back first. */
	quit(exitCode: number): void;
	/** Gives the terminal back to the shell until `fg`. */
	suspend(): void;
	/** Draws everything anew, over whatever else has written to the terminal. */
	repaint(): void;
};

/** What was asked for was not done: what, why, what next, and the exit code (errors.ts) that says the same. */
export type Refusal = {ok: false; because: string; next: string; exitCode: number};
/** Done; `note` says what was not: GitHub out of reach, nothing to do. */
export type Done = {ok: true; note?: string};
/** How the operator confirmed: what was typed, or null where a key was enough. The edge checks it again. */
export type Confirmation = {phrase: string | null};

export type OperationsReading = {
	/** Who we are: whose locks are ours. Absent or null: not known. */
	operator?: string | null;
	/** Newest first, at most 200. */
	operations: readonly Operation[];
	locks: Readonly<Record<string, LockState>>;
	readiness: Readonly<Record<string, Readiness>>;
	pins: readonly {
		environment: string;
		release: string;
		sha: string | null;
		by: string;
		at: number;
		because: string;
	}[];
	/** Announcements and records that wait, and since when. */
	outbox: {waiting: number; oldestAt: number | null; because: string | null};
	/** Why the journal could not be read or written (full disk): no journal, no action. */
	problem: string | null;
};

/** Deployments, rollbacks, locks. Nothing here throws for what scripts, disks or networks do. */
export type Operations = {
	/** From the disk alone: fast, also while GitHub is out of reach. Operations whose supervisor died are settled on the way. */
	read(): Promise<OperationsReading>;
	/** Reads what costs time: locks on GitHub, the list of releases on the hosts. What it learns shows in the next `read`. */
	refresh(environments: readonly string[], signal?: AbortSignal): Promise<void>;
	/** Resolves when something may have changed on the disk, or after so many milliseconds. */
	changed(atMostMs: number, signal?: AbortSignal): Promise<void>;
	/** Asks the environment's version and health addresses. */
	observe(environment: string, signal?: AbortSignal): Promise<Observation>;
	/** `history`: commits as GitHub shows them, newest first; where they do not reach, the local repository is asked. */
	plan(wish: Wish, history: readonly PlanCommit[]): Promise<Plan>;
	/** Starts the supervisor and waits until it has taken the locks and written its intent, or refused. */
	start(plan: Plan, confirmation: Confirmation): Promise<{ok: true; id: string} | Refusal>;
	stop(operation: string, thenRollBack: boolean): Promise<{ok: true} | Refusal>;
	lock(environment: string, reason: string): Promise<Done | Refusal>;
	/** Releases one's own human lock; `breaking` names another's lock by its id, with a reason. */
	unlock(environment: string, breaking: {id: string; reason: string} | null): Promise<Done | Refusal>;
	/** Clears a rollback's pin: the release may be shipped again. */
	unpin(environment: string, reason: string): Promise<Done | Refusal>;
	/** Judges one commit by the production gate, from what GitHub, the hosts and the locks say now. `sha`: digits of the commit, `head` of the staging branch, or the `newest-open`. */
	judge(question: {
		sha: string;
		hotfix: string | null;
		isLanded: boolean;
		run?: RunningWorkflow | null;
	}): Promise<Judgement | Refusal>;
	/** Signs for a commit, where every operator sees it; `given` false takes the word back, whoever gave it. */
	signOff(wanted: {sha: string; name: string; given: boolean; note: string | null}): Promise<Done | Refusal>;
	/** Answers GitHub for an environment that a run waits for. */
	review(wanted: {
		runId: number;
		environment: string;
		decision: 'approve' | 'reject';
		comment: string;
	}): Promise<Done | Refusal>;
	/** Heads of the hotfix branches, newest first. */
	hotfixes(signal?: AbortSignal): Promise<{ok: true; branches: readonly Hotfix[]} | Refusal>;
	log(operation: string): OperationLog;
};

/** The run that a program is a part of, as GitHub Actions tells it: who started this attempt, and which it is. */
export type RunningWorkflow = {runId: number; attempt: number; actor: string};

/** `lock`: of production, as it was when this was judged. */
export type Judgement = {
	ok: true;
	candidate: Candidate;
	snapshot: Snapshot;
	lock: LockState | null;
	/** The branch by whose own gate it was judged; null: by the usual one. */
	hotfix: string | null;
	/** In the workflow that deploys it: its promotion goes past these conditions, and that person answers for it. */
	glass: {by: string; reason: string; passed: readonly string[]} | null;
};

/** `at`: when it was committed, milliseconds since the epoch. */
export type Hotfix = {branch: string; sha: string; message: string; author: string; at: number};

/** A log of any size as a window: lines are sanitised and masked when they leave here. */
export type OperationLog = {
	/** Takes in what has been appended since; how many lines and bytes there are now. */
	grow(): Promise<{
		lines: number;
		bytes: number;
		isWhole: boolean;
		/** Lines that have ended: without the one that is still being written. Absent: not known. */ completeLines?: number;
	}>;
	lines(from: number, count: number): Promise<readonly string[]>;
	/** Number of the next line from `from` that holds the text, in either direction; null: none. Case is ignored. */
	find(text: string, from: number, direction: 1 | -1, signal?: AbortSignal): Promise<number | null>;
	/** How many lines hold the text, and up to which line that has been counted. */
	count(text: string, signal?: AbortSignal): Promise<number>;
	close(): Promise<void>;
};

export type World = {
	/** The pipeline's time. */
	clock: Clock;
	/** The watcher's time, for pauses between polls and for drawing. The same as `clock`, but for the demo, where the pipeline lives faster. */
	wall: Clock;
	/** Uniform in [0, 1): for jitter. */
	random(): number;
	github: GitHub;
	cache: Cache;
	desktop: Desktop;
	// What follows a World may be without: then it is null, never left out.
	/** Deployments, rollbacks, locks. null: a pipe, a program that only looks. */
	operations: Operations | null;
	/** Single tests of E2E. */
	tests: Tests | null;
	/** What is seen and done, written down. */
	record: Recorder | null;
	/** A recording in the place of GitHub. null: this is now. */
	replay: Replay | null;
	/** Re-running, cancelling and starting GitHub's runs. */
	runs: Runs | null;
	/** Logs of GitHub's jobs. */
	jobLogs: JobLogs | null;
	terminal: Terminal;
	savePreferences(change: Partial<Preferences>): Promise<void>;
};
