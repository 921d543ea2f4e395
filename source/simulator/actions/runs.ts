/** Workflow runs: how they come to be, queue, go through their jobs, are repeated and cancelled. Where they sit is GitHub's rule, not ours. */
import {conclude} from './contract.ts';
import {jitter} from '../model/identity.ts';
import {annotate, createJob, finishJob, outcomeOf} from './jobs.ts';
import type {Attempt, Conclusion, Engine, Job, Run, Workflow} from '../model/model.ts';
import {admit, type Going, letIn, setStatus, turnAway} from './run-jobs.ts';
import {actionsApp, actionsBot, headline, isActive, jobsOfAttempt, latestAttempt, nextId} from '../model/model.ts';
import {createSuite} from './suites.ts';
import type {Person} from '../model/person.ts';

export type RunRequest = {
	event: string;
	sha: string;
	branch: string;
	actor: Person;
	about: string;
	inputs?: Readonly<Record<string, string>>;
	before?: string | null;
	skipped?: boolean;
	/** The run's own title, where not its workflow says it. */ title?: string;
	/** `branch` is the name of a tag. */ isTag?: boolean;
	/** `owner/name`; `branch` is one of that fork. */ fork?: string;
};

export function createRun(engine: Engine, workflow: Workflow, request: RunRequest): Run {
	const {state} = engine;
	const suite = createSuite(engine, {
		app: actionsApp,
		sha: request.sha,
		branch: request.branch,
		status: 'queued',
		conclusion: null,
		run: null,
		...((request.isTag === true || request.fork !== undefined) && {isElsewhere: true}),
	});
	const {definition} = workflow;
	const message = headline(state.commits.get(request.event === 'push' ? request.sha : request.about)?.message ?? '');
	const run: Run = {
		id: nextId(state, 'run'),
		number: workflow.runs.length + 1,
		workflow,
		suite,
		event: request.event,
		sha: request.sha,
		branch: request.branch,
		actor: request.actor,
		title:
			request.title ??
			(definition.title
				? definition.title.replace('{sha}', request.about).replace('{short}', request.about.slice(0, 7))
				: request.event === 'push'
					? message
					: definition.name),
		...(request.fork !== undefined && {fork: request.fork}),
		inputs: request.inputs ?? {},
		about: request.about,
		before: request.before ?? null,
		createdAt: state.now,
		updatedAt: state.now,
		status: 'queued',
		conclusion: null,
		attempts: [],
		approvals: new Set(),
		reviews: [],
	};
	suite.run = run;
	state.runs.set(run.id, run);
	workflow.runs.push(run);
	if (request.skipped) {
		startAttempt(engine, run, request.actor, []);
		const attempt = latestAttempt(run);
		for (const job of definition.jobs) {
			finishJob(state, createJob(state, run, attempt, job), 'skipped');
		}
		settle(engine, run, attempt, 'skipped');
		return run;
	}
	startAttempt(
		engine,
		run,
		request.actor,
		definition.jobs.map(job => job.name),
	);
	return run;
}

/** Somebody stands for a run that waits for it: the same attempt goes on. False: it does not wait for that. */
export function approveRun(engine: Engine, run: Run): boolean {
	if (run.conclusion !== 'action_required' || latestAttempt(run).jobs.length > 0) {
		return false;
	}
	const attempt = latestAttempt(run);
	run.isApproved = true;
	setStatus(engine, run, attempt, 'queued', null);
	enter(engine, run, attempt);
	return true;
}

/** Re-runs keep run id, number, commit and ref; attempt counts up and jobs get new ids. */
function startAttempt(engine: Engine, run: Run, actor: Person, names: readonly string[]): void {
	const {state} = engine;
	const attempt: Attempt = {
		number: run.attempts.length + 1,
		startedAt: state.now,
		completedAt: null,
		actor,
		jobs: [],
		names,
		status: 'queued',
		conclusion: null,
		announced: false,
		updatedAt: state.now,
		watched: null,
	};
	run.attempts.push(attempt);
	run.approvals.clear();
	setStatus(engine, run, attempt, 'queued', null);
	if (names.length > 0) {
		enter(engine, run, attempt);
	}
}

/** Into its concurrency group, and to its jobs. */
function enter(engine: Engine, run: Run, attempt: Attempt): void {
	const {state} = engine;
	const {concurrency} = run.workflow.definition;
	const rivals = concurrency
		? [...state.runs.values()].filter(
				other =>
					other !== run &&
					other.status !== 'completed' &&
					other.workflow.definition.concurrency?.group === concurrency.group,
			)
		: [];
	if (rivals.length > 0) {
		for (const rival of rivals) {
			// A newer pending run replaces an older pending one; a running one goes on unless the group says otherwise.
			if ((rival.status === 'pending' && concurrency!.queue !== 'max') || concurrency!.cancelInProgress) {
				cancelRun(engine, rival);
			}
		}
		if (!concurrency!.cancelInProgress) {
			setStatus(engine, run, attempt, 'pending', null);
			return;
		}
	}
	engine.at(state.now + jitter(3, `${run.id} ${attempt.number} queue`) * 1000, () => release(engine, run, attempt));
}

/** Creates every job whose needs are met: GitHub does not show a job before that. */
function release(engine: Engine, run: Run, attempt: Attempt): void {
	if (attempt.status === 'completed') {
		return;
	}
	const {state} = engine;
	const cancel =
		attempt.number === 1 && attempt.jobs.length === 0
			? state.plans.get(run.about)?.cancel?.find(({workflow}) => workflow === run.workflow.definition.file)
			: undefined;
	if (cancel) {
		engine.at(state.now + cancel.afterSeconds * 1000, () => cancelRun(engine, run));
	}
	if (
		attempt.jobs.length === 0 &&
		state.plans.get(run.about)?.startupFailure?.includes(run.workflow.definition.file)
	) {
		settle(engine, run, attempt, 'startup_failure');
		return;
	}
	if (!run.isApproved && state.plans.get(run.about)?.needsApproval?.includes(run.workflow.definition.file)) {
		setStatus(engine, run, attempt, 'completed', 'action_required');
		return;
	}
	let moved = true;
	while (moved) {
		moved = false;
		const known = new Map(jobsOfAttempt(run, attempt.number).map(job => [job.name, job]));
		for (const definition of run.workflow.definition.jobs) {
			if (!attempt.names.includes(definition.name) || attempt.jobs.some(job => job.name === definition.name)) {
				continue;
			}
			const needs = (definition.needs ?? []).map(name => known.get(name));
			if (!needs.every(job => job?.status === 'completed')) {
				continue;
			}
			moved = true;
			const job = createJob(state, run, attempt, definition);
			const isWanted = outcomeOf(state, run, definition.name, attempt.number).conclusion !== 'skipped';
			if (!isWanted || (!definition.always && needs.some(job => counted(job!) !== 'success'))) {
				finishJob(state, job, 'skipped');
			} else {
				admit({engine, run, attempt, ended: () => release(engine, run, attempt)}, job);
			}
		}
	}
	review(engine, run, attempt);
}

/** What a job's end counts as for its run and for those that need it. */
const counted = ({conclusion, definition}: Job): Conclusion | null =>
	definition.continueOnError && conclusion === 'failure' ? 'success' : conclusion;

/** Works out the run's state from its jobs, and ends it when all are done. */
function review(engine: Engine, run: Run, attempt: Attempt): void {
	const jobs = attempt.jobs;
	if (attempt.status === 'completed') {
		return;
	}
	if (jobs.length === attempt.names.length && jobs.every(job => job.status === 'completed')) {
		const all = jobsOfAttempt(run, attempt.number).map(job => counted(job));
		const worst = (['failure', 'timed_out', 'cancelled', 'action_required'] as const).find(word =>
			all.includes(word),
		);
		settle(
			engine,
			run,
			attempt,
			worst === 'timed_out'
				? 'failure'
				: (worst ?? (all.every(word => word === 'skipped') ? 'skipped' : 'success')),
		);
		return;
	}
	const has = (status: Job['status']) => jobs.some(job => job.status === status);
	const status = has('in_progress')
		? 'in_progress'
		: has('waiting')
			? 'waiting'
			: has('completed')
				? 'in_progress'
				: 'queued';
	if (status !== attempt.status) {
		setStatus(engine, run, attempt, status, null);
	}
}

function settle(engine: Engine, run: Run, attempt: Attempt, conclusion: Conclusion): void {
	const {state} = engine;
	attempt.completedAt = state.now;
	if (attempt.watched && attempt.stagingAfter === undefined) {
		attempt.watched.until = state.liveLog.length;
	}
	setStatus(engine, run, attempt, 'completed', conclusion);
	const {definition} = run.workflow;
	const verdictGiven =
		definition.contract?.verdict !== undefined &&
		attempt.jobs.some(job => job.name === definition.contract!.verdict && job.conclusion === 'success');
	if (!verdictGiven && conclusion !== 'skipped') {
		conclude(engine, run, attempt, conclusion === 'cancelled');
	}
	if (definition.concurrency) {
		const group = [...state.runs.values()].filter(
			other =>
				other.status !== 'completed' &&
				other.workflow.definition.concurrency?.group === definition.concurrency!.group,
		);
		const next = group.find(other => other.status === 'pending');
		if (next && group.every(other => other.status === 'pending')) {
			const waiting = latestAttempt(next);
			setStatus(engine, next, waiting, 'queued', null);
			engine.at(state.now + 2000, () => release(engine, next, waiting));
		}
	}
	follow(engine, run, conclusion);
	const plan = state.plans.get(run.about);
	const again =
		conclusion === 'failure'
			? plan?.rerun?.filter(({workflow}) => workflow === definition.file)[attempt.number - 1]
			: undefined;
	if (again) {
		engine.at(state.now + again.afterSeconds * 1000, () =>
			rerun(engine, run, state.people.get(again.by) ?? run.actor, again.all ? 'all' : 'failed'),
		);
	}
}

/** What a finished run starts: workflow_run always sits on the default branch's head *now*; so do dispatched runs on their branch. */
function follow(engine: Engine, run: Run, conclusion: Conclusion): void {
	const {state} = engine;
	const branch = state.repository.defaultBranch;
	const sha = state.refs.get(`refs/heads/${branch}`)!;
	for (const workflow of state.workflows) {
		const trigger = workflow.definition.on.workflowRun;
		const concerned =
			isActive(workflow) &&
			trigger?.file === run.workflow.definition.file &&
			(trigger.branches?.includes(run.branch) ?? true);
		if (concerned && conclusion !== 'skipped') {
			// The event fires for red parents too; well-made workflows skip themselves then, and leave a skipped run behind.
			createRun(engine, workflow, {
				event: 'workflow_run',
				sha,
				branch,
				actor: run.actor,
				about: run.about,
				skipped: trigger.onlySuccess && conclusion !== 'success',
			});
		}
	}
	if (conclusion === 'success') {
		for (const file of run.workflow.definition.dispatches ?? []) {
			const workflow = state.workflows.find(({definition}) => definition.file === file);
			if (workflow && isActive(workflow)) {
				createRun(engine, workflow, {
					event: 'workflow_dispatch',
					sha,
					branch,
					actor: actionsBot,
					about: run.about,
					inputs: {sha: run.about},
				});
			}
		}
	}
}

/** Names of the jobs that would be repeated: what is meant, and whatever needs one of these. */
function repeated(run: Run, which: 'all' | 'failed' | {job: string}): Set<string> {
	const jobs = run.workflow.definition.jobs;
	const now = new Map(jobsOfAttempt(run, latestAttempt(run).number).map(job => [job.name, job.conclusion]));
	const names = new Set(
		jobs
			.filter(({name}) =>
				typeof which === 'object'
					? which.job === name
					: which === 'all' || !['success', 'skipped'].includes(now.get(name) ?? 'failure'),
			)
			.map(job => job.name),
	);
	for (let size = -1; size !== names.size;) {
		size = names.size;
		for (const job of jobs.filter(job => job.needs?.some(need => names.has(need)))) {
			names.add(job.name);
		}
	}
	return names;
}

export const mayRerun = (run: Run, which: 'all' | 'failed' | {job: string}): boolean =>
	run.status === 'completed' && repeated(run, which).size > 0;

/** Re-runs everything, what failed, or one job by its name; always with what depends on it. False when there is nothing to repeat or the run is not done. */
export function rerun(engine: Engine, run: Run, actor: Person, which: 'all' | 'failed' | {job: string}): boolean {
	if (!mayRerun(run, which)) {
		return false;
	}
	startAttempt(engine, run, actor, [...repeated(run, which)]);
	return true;
}

export function cancelRun(engine: Engine, run: Run): boolean {
	if (run.status === 'completed') {
		return false;
	}
	const attempt = latestAttempt(run);
	for (const job of attempt.jobs.filter(job => job.status !== 'completed')) {
		finishJob(engine.state, job, 'cancelled');
		annotate(engine.state, run, job);
	}
	settle(engine, run, attempt, 'cancelled');
	return true;
}

/** The attempt that a job belongs to, as it goes on when one of its jobs has ended. */
export function goingOf(engine: Engine, job: Job): Going {
	const run = engine.state.runs.get(job.runId)!;
	const attempt = run.attempts[job.attempt - 1]!;
	return {engine, run, attempt, ended: () => release(engine, run, attempt)};
}

/** What a reviewer says about a run that waits for an environment. */
export function decide(engine: Engine, run: Run, environment: string, word: 'approved' | 'rejected'): void {
	const attempt = latestAttempt(run);
	(word === 'approved' ? letIn : turnAway)(
		{engine, run, attempt, ended: () => release(engine, run, attempt)},
		environment,
	);
}
