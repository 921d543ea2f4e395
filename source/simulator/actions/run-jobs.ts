/** How a run's jobs are let in, started and ended. */
import {announce, conclude, createDeployment, postDeploymentStatus} from './contract.ts';
import {jitter} from '../model/identity.ts';
import {annotate, finishJob, planSteps, touch} from './jobs.ts';
import {decideJob} from './production-gate.ts';
import type {Attempt, Conclusion, Engine, Job, Run} from '../model/model.ts';
import {startShard} from './shard-words.ts';
import {actionsBot, runUrl} from '../model/model.ts';

/** An attempt under way, and whom to tell when one of its jobs has ended. */
export type Going = {engine: Engine; run: Run; attempt: Attempt; ended: () => void};

export function setStatus(
	engine: Engine,
	run: Run,
	attempt: Attempt,
	status: Run['status'],
	conclusion: Conclusion | null,
): void {
	attempt.status = status;
	attempt.conclusion = conclusion;
	run.status = status;
	run.conclusion = conclusion;
	run.suite.status = status;
	run.suite.conclusion = conclusion;
	touch(engine.state, run, attempt);
}

const protects = (engine: Engine, name: string | undefined) => {
	const environment = name === undefined ? undefined : engine.state.environments.get(name);
	return environment && (environment.reviewers.length > 0 || environment.waitMinutes > 0) ? environment : null;
};

export function admit(going: Going, job: Job): void {
	const {engine, run} = going;
	const {state} = engine;
	const {environment} = job.definition;
	if (environment !== undefined) {
		// The automatic deployment is filed on whatever the run sits on: under workflow_run that is the wrong commit.
		const deployment = createDeployment(state, {
			sha: run.sha,
			ref: run.branch,
			environment,
			payload: {},
			creator: run.actor,
		});
		job.deploymentId = deployment.id;
		const protectedBy = protects(engine, environment);
		if (protectedBy && !run.approvals.has(environment)) {
			job.status = 'waiting';
			postDeploymentStatus(state, deployment, {
				state: 'waiting',
				creator: actionsBot,
				logUrl: runUrl(state, run),
			});
			const planned = state.plans.get(run.about)?.approveAfterSeconds;
			const afterMs =
				protectedBy.reviewers.length === 0
					? protectedBy.waitMinutes * 60_000
					: planned === undefined
						? null
						: planned * 1000;
			if (afterMs !== null) {
				engine.at(state.now + afterMs, () => letIn(going, environment));
			}
			return;
		}
	}
	queue(going, job);
}

function queue(going: Going, job: Job): void {
	const {engine} = going;
	job.status = 'queued';
	if (job.definition.external) {
		return;
	}
	engine.at(engine.state.now + jitter(4, `${job.id} runner`) * 1000, () => startJob(going, job));
}

function startJob(going: Going, job: Job): void {
	const {state} = going.engine;
	if (job.status === 'completed') {
		return;
	}
	job.steps = planSteps(state, going.run, job, state.now);
	begin(going, job);
	startShard(going.engine, going.run, going.attempt, job);
	const culprit = job.steps.find(step => step.conclusion !== 'success' && step.conclusion !== 'skipped');
	going.engine.at(job.steps.at(-1)!.endsAt, () =>
		endJob(going, job, culprit?.conclusion ?? decideJob(going.engine, going.run, job)),
	);
}

/** A runner has taken it. */
export function begin(going: Going, job: Job): void {
	const {engine, run, attempt} = going;
	const {state} = engine;
	job.status = 'in_progress';
	job.startedAt = state.now;
	job.runner = `GitHub Actions ${1 + (job.id % 900)}`;
	setStatus(engine, run, attempt, 'in_progress', null);
	attempt.watched ??= {from: state.liveLog.length, until: null};
	announce(engine, run, attempt, job.name);
	const deployment = job.deploymentId === null ? undefined : state.deployments.get(job.deploymentId);
	if (deployment) {
		postDeploymentStatus(state, deployment, {
			state: 'in_progress',
			creator: actionsBot,
			logUrl: runUrl(state, run),
		});
	}
}

export function endJob(going: Going, job: Job, conclusion: Conclusion): void {
	const {engine, run, attempt} = going;
	const {state} = engine;
	if (job.status === 'completed') {
		return;
	}
	finishJob(state, job, conclusion);
	annotate(state, run, job);
	touch(state, run, attempt);
	const deployment = job.deploymentId === null ? undefined : state.deployments.get(job.deploymentId);
	if (deployment) {
		postDeploymentStatus(state, deployment, {
			state: conclusion === 'success' ? 'success' : 'failure',
			creator: actionsBot,
			logUrl: runUrl(state, run),
		});
	}
	if (run.workflow.definition.contract?.verdict === job.name) {
		conclude(engine, run, attempt);
	}
	going.ended();
}

/** Approves what waits for an environment. */
export function letIn(going: Going, environment: string): void {
	going.run.approvals.add(environment);
	for (const job of going.attempt.jobs.filter(
		one => one.status === 'waiting' && one.definition.environment === environment,
	)) {
		queue(going, job);
	}
	going.ended();
}

export function turnAway(going: Going, environment: string): void {
	for (const job of going.attempt.jobs.filter(
		one => one.status === 'waiting' && one.definition.environment === environment,
	)) {
		endJob(going, job, 'failure');
	}
}
