/** The nouns of the simulated GitHub. Status words are REST's, GraphQL's the same in upper case; times are milliseconds since the epoch, durations seconds. */
import type {Counter} from './identity.ts';
import type {BranchRule, PullRequest} from './pull-model.ts';
import type {LiveChange} from './live-change.ts';
import type {Person} from './person.ts';

export type RunStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'pending' | 'requested';
export type Conclusion =
	| 'success'
	| 'failure'
	| 'neutral'
	| 'cancelled'
	| 'skipped'
	| 'timed_out'
	| 'action_required'
	| 'stale'
	| 'startup_failure';

export type CommitFile = {path: string; status: 'added' | 'modified' | 'removed'; additions: number; deletions: number};
export type Commit = {
	sha: string;
	tree: string;
	parents: readonly string[];
	message: string;
	author: Person;
	committedAt: number;
	/** Against its first parent. */ files?: readonly CommitFile[];
	/** Object id of its `.github`, where it has another one than its first parent. */ automation?: string;
};

export type StepDefinition = {name: string; seconds: number};
export type JobDefinition = {
	/** Of its own in the workflow; plans and `needs` name it. */
	name: string;
	/** What GitHub calls it: jobs of a matrix may all have one name. Default: the name. */
	shown?: string;
	/** Red or not, the run goes on and passes. */
	continueOnError?: boolean;
	needs?: readonly string[];
	/** `always()`: runs although something it needs failed. */
	always?: boolean;
	/** `environment:` of the job: files an automatic deployment on the run's (!) commit and asks its reviewers. */
	environment?: string;
	labels?: readonly string[];
	steps: readonly StepDefinition[];
	/** Tests in this job, for the progress that the workflow publishes. */
	tests?: number;
	/** The step that goes red when the outcome does not name another; by default the longest. */
	risky?: string;
	/** Its end is decided by what is true then, unless a plan says otherwise: `promotion` asks whether the commit may go to production. */
	decides?: 'promotion';
	/** A runner outside does it and says how it goes (`runner.ts`); by default it goes by itself, as the scenario has planned. */
	external?: boolean;
};

/** What the workflow publishes by itself ("correlation contract v1"): a commit status, and a deployment where it has an environment. */
export type Contract = {
	context: string;
	environment?: string;
	/** Job whose start is announced; default: the first one. */
	announcedBy?: string;
	/** Job whose end is the verdict; default: the end of the run. */
	verdict?: string;
	everySeconds?: number;
	/** Asks staging before and after what it runs, and says so: in the name of the verdict's job, and in a status. `status`: in that alone, as workflows of an earlier version do. */
	reportsStaging?: boolean | 'status';
	/** Its test jobs `NAME (2, 4)` publish how far they are, each in a context of its own, and keep their results as an artifact. */
	reportsShards?: boolean;
};

export type WorkflowDefinition = {
	file: string;
	name: string;
	tier: 'fast' | 'deploy' | 'e2e' | 'smoke' | 'production' | null;
	on: {
		push?: readonly string[];
		workflowRun?: {file: string; onlySuccess: boolean; branches?: readonly string[]};
		dispatch?: boolean;
		schedule?: boolean;
	};
	/** `run-name` with `{sha}`; default: the commit's headline (push) or the workflow's name. */
	title?: string;
	concurrency?: {group: string; cancelInProgress: boolean; /** All that wait keep their places. */ queue?: 'max'};
	jobs: readonly JobDefinition[];
	/** Of `workflow_dispatch`; absent: it takes what it is given. */
	inputs?: Readonly<
		Record<
			string,
			{
				description?: string;
				type?: 'string' | 'boolean' | 'choice';
				options?: readonly string[];
				default?: string;
				required?: boolean;
			}
		>
	>;
	/** Its steps run on whatever happens (`always()`): only force ends it. */
	ignoresCancel?: boolean;
	contract?: Contract;
	/** Workflows dispatched by the last job's last step, after success, for the same commit. */
	dispatches?: readonly string[];
};

export type Outcome =
	| Conclusion
	| {
			conclusion: Conclusion;
			step?: string;
			failedTests?: number;
			annotation?: {path: string; line: number; title: string; message: string};
	  };

/** What is to happen to the runs that are about one commit: by job name, a single outcome or one per attempt (the last one repeats). */
export type Plan = {
	outcomes?: Readonly<Record<string, Outcome | readonly Outcome[]>>;
	/** Factor on the duration, by job name. */
	slow?: Readonly<Record<string, number>>;
	/** Length of the log in bytes, by job name; such a log is one block over and over. `isOneLine`: without a line end. */
	logs?: Readonly<Record<string, {bytes: number; isOneLine?: boolean} | 'expired'>>;
	rerun?: ReadonlyArray<{workflow: string; afterSeconds: number; by: string; all?: boolean}>;
	cancel?: ReadonlyArray<{workflow: string; afterSeconds: number; by: string}>;
	/** Workflow files that GitHub cannot read at this commit: the run ends before it has a job. */
	startupFailure?: readonly string[];
	/** Workflow files whose runs of this commit wait, without a job, until somebody approves the run itself. */
	needsApproval?: readonly string[];
	/** `owner/name` of the fork that its runs come from. Default: this repository. */
	fork?: string;
	/** Somebody approves what waits for reviewers; otherwise it waits. */
	approveAfterSeconds?: number;
};

export type Step = {number: number; name: string; startsAt: number; endsAt: number; conclusion: Conclusion};
export type Annotation = {
	id: number;
	level: 'failure' | 'warning' | 'notice';
	path: string;
	line: number;
	title: string | null;
	message: string;
};

export type Job = {
	id: number;
	runId: number;
	attempt: number;
	definition: JobDefinition;
	name: string;
	/** What GitHub makes of an expression in its name, once it knows; by default the name. */
	shown?: string;
	status: RunStatus;
	conclusion: Conclusion | null;
	createdAt: number;
	startedAt: number | null;
	completedAt: number | null;
	/** Planned when the job starts; what has happened of it is a function of now. */
	steps: Step[];
	annotations: Annotation[];
	deploymentId: number | null;
	runner: string | null;
	/** What an outside runner printed; by default a plausible log is made up. */
	output?: string;
};

export type Attempt = {
	number: number;
	startedAt: number;
	completedAt: number | null;
	actor: Person;
	jobs: Job[];
	/** Names that are (to be) run in this attempt; the others are carried over. */ names: readonly string[];
	status: RunStatus;
	conclusion: Conclusion | null;
	announced: boolean;
	updatedAt: number;
	/** Changes of the live log before its first job started, and before it ended. */ watched: {
		from: number;
		until: number | null;
	} | null;
	/** What staging said after the tests, once it was asked; null: nothing. */ stagingAfter?: string | null;
};

export type Run = {
	id: number;
	number: number;
	workflow: Workflow;
	suite: Suite;
	event: string;
	sha: string;
	branch: string;
	actor: Person;
	title: string;
	inputs: Readonly<Record<string, string>>;
	/** The truth that no API tells: the commit that this run tests or ships. */
	about: string;
	/** Where the branch was before the push that started it; null for other events. */
	before: string | null;
	/** `owner/name` of the repository that its code comes from, where that is a fork. */
	fork?: string;
	createdAt: number;
	updatedAt: number;
	status: RunStatus;
	conclusion: Conclusion | null;
	attempts: Attempt[];
	approvals: Set<string>;
	/** A re-run was accepted, and its attempt does not show yet. */
	isRepeating?: boolean;
	/** Somebody has approved that it is run. */
	isApproved?: boolean;
	reviews: Array<{id: number; state: 'approved' | 'rejected'; comment: string; environments: string[]; by: Person}>;
};

export type App = {id: number; slug: string; name: string};
export type Suite = {
	id: number;
	app: App;
	sha: string;
	branch: string | null;
	/** Its name is that of a tag, or of a branch of a fork: no branch here. */ isElsewhere?: boolean;
	status: RunStatus;
	conclusion: Conclusion | null;
	createdAt: number;
	updatedAt: number;
	run: Run | null;
};
export type WorkflowState = 'active' | 'disabled_manually' | 'disabled_inactivity' | 'disabled_fork';
/** Without `state` it is active. What is disabled is started by nothing. */
export type Workflow = {
	id: number;
	definition: WorkflowDefinition;
	createdAt: number;
	runs: Run[];
	state?: WorkflowState;
};
export const isActive = ({state = 'active'}: Workflow): boolean => state === 'active';

export type CommitStatus = {
	id: number;
	sha: string;
	context: string;
	state: 'pending' | 'success' | 'failure' | 'error';
	description: string | null;
	targetUrl: string | null;
	creator: Person;
	createdAt: number;
};
export type DeploymentStatus = {
	id: number;
	state: string;
	description: string;
	logUrl: string;
	environmentUrl: string;
	creator: Person;
	createdAt: number;
	environment: string;
};
export type Deployment = {
	id: number;
	sha: string;
	ref: string;
	task: string;
	environment: string;
	description: string | null;
	payload: unknown;
	creator: Person;
	createdAt: number;
	updatedAt: number;
	transient: boolean;
	production: boolean;
	statuses: DeploymentStatus[];
};
export type Artifact = {id: number; runId: number; name: string; zip: Uint8Array; createdAt: number; expiresAt: number};
export type Environment = {
	id: number;
	name: string;
	url: string;
	reviewers: readonly string[];
	waitMinutes: number;
	createdAt: number;
	/** Names or patterns of the branches that may deploy to it. Absent: all. */ branches?: readonly string[];
};

export type Repository = {
	id: number;
	owner: string;
	ownerId: number;
	name: string;
	isPrivate: boolean;
	defaultBranch: string;
	description: string;
	createdAt: number;
	pushedAt: number;
};

export type State = {
	now: number;
	repository: Repository;
	people: Map<string, Person>;
	commits: Map<string, Commit>;
	/** Full names, custom namespaces included. */
	refs: Map<string, string>;
	workflows: Workflow[];
	suites: Map<number, Suite>;
	suitesBySha: Map<string, Suite[]>;
	runs: Map<number, Run>;
	jobs: Map<number, Job>;
	statuses: Map<string, CommitStatus[]>;
	deployments: Map<number, Deployment>;
	artifacts: Map<number, Artifact>;
	environments: Map<string, Environment>;
	pulls: PullRequest[];
	rules: BranchRule[];
	/** The scenario's own names for its commits. */
	aliases: Map<string, string>;
	plans: Map<string, Plan>;
	/** Where each environment truly is. */
	live: Map<string, string>;
	liveLog: LiveChange[];
	counters: Record<Counter, number>;
	/** Web address of the host, for links that people open (`https://github.com`). */
	webUrl: string;
};

/** The engine's hands: the state, and a way to have something done later. */
export type Engine = {
	state: State;
	/** Runs at that time of the simulated clock (or now, when it has passed), in order. */
	at(time: number, action: () => void): void;
	/** Apps that get a suite on every push and never report. */
	silentApps: readonly App[];
	branches: {staging: string; production: string};
};

export const actionsApp: App = {id: 15_368, slug: 'github-actions', name: 'GitHub Actions'};
export const actionsBot: Person = {
	login: 'github-actions[bot]',
	name: 'github-actions[bot]',
	email: '41898282+github-actions[bot]@users.noreply.github.com',
	id: 41_898_282,
	bot: true,
};

/** Steps like GitHub's counters: uneven, but the same each time. */
export function nextId(state: State, counter: Counter): number {
	const id = state.counters[counter];
	state.counters[counter] = id + 1 + ((id * 7919) % 97);
	return id;
}

export const latestAttempt = (run: Run): Attempt => run.attempts.at(-1)!;
export const workflowPath = (run: Run): string => `.github/workflows/${run.workflow.definition.file}`;
export const repositoryUrl = (state: State): string =>
	`${state.webUrl}/${state.repository.owner}/${state.repository.name}`;
export const runUrl = (state: State, run: Run): string => `${repositoryUrl(state)}/actions/runs/${run.id}`;
export const jobUrl = (state: State, job: Job): string =>
	`${repositoryUrl(state)}/actions/runs/${job.runId}/job/${job.id}`;
export const headline = (message: string): string => message.split('\n', 1)[0]!;

export function personOf(state: State, login: string): Person {
	const found = state.people.get(login);
	if (!found) {
		throw new TypeError(`No person called ${login} in this scenario`);
	}
	return found;
}

/** Newest job of each name up to that attempt: "re-run failed jobs" repeats only some of them. */
export function jobsOfAttempt(run: Run, attempt: number): Job[] {
	const byName = new Map<string, Job>();
	for (const {number, jobs} of run.attempts) {
		if (number > attempt) {
			break;
		}
		const repeated = new Set(run.attempts[number - 1]!.names);
		for (const name of byName.keys()) {
			if (repeated.has(name)) {
				byName.delete(name);
			}
		}
		for (const job of jobs) {
			byName.set(job.name, job);
		}
	}
	return [...byName.values()];
}
