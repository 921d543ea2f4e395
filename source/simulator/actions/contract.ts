/**
What well-made workflows publish about themselves, because the runs alone do not say which commit they are about:
a commit status on the real commit, with the run and its attempt in the address, and a deployment with the same in its payload.
*/
import type {Attempt, CommitStatus, Deployment, Engine, Run, State} from '../model/model.ts';
import {actionsBot, latestAttempt, nextId, personOf, runUrl} from '../model/model.ts';
import {outcomeOf} from './jobs.ts';
import {bringLive} from '../model/live.ts';
import {reportStaging} from '../model/staging-report.ts';
import {postStatus} from '../model/statuses.ts';
import type {Person} from '../model/person.ts';

export {postStatus};

export function createDeployment(
	state: State,
	deployment: Pick<Deployment, 'sha' | 'ref' | 'environment' | 'payload' | 'creator'> & Partial<Deployment>,
): Deployment {
	const made: Deployment = {
		task: 'deploy',
		description: null,
		transient: false,
		production: deployment.environment === 'production',
		...deployment,
		id: nextId(state, 'deployment'),
		createdAt: state.now,
		updatedAt: state.now,
		statuses: [],
	};
	state.deployments.set(made.id, made);
	return made;
}

export function postDeploymentStatus(
	state: State,
	deployment: Deployment,
	status: {
		state: string;
		creator: Person;
		description?: string;
		logUrl?: string;
		environmentUrl?: string;
		autoInactive?: boolean;
	},
): void {
	const post = (
		to: Deployment,
		word: string,
		more: {description?: string; logUrl?: string; environmentUrl?: string},
	) => {
		to.statuses.push({
			id: nextId(state, 'status'),
			state: word,
			description: more.description ?? '',
			logUrl: more.logUrl ?? '',
			environmentUrl: more.environmentUrl ?? '',
			creator: status.creator,
			createdAt: state.now,
			environment: to.environment,
		});
		to.updatedAt = state.now;
	};
	post(deployment, status.state, status);
	// Only a success retires its predecessors, and never those that are transient or of a production environment.
	if (status.state === 'success' && status.autoInactive !== false) {
		for (const other of state.deployments.values()) {
			if (
				other !== deployment &&
				other.environment === deployment.environment &&
				!other.transient &&
				!other.production &&
				other.statuses.at(-1)?.state === 'success'
			) {
				post(other, 'inactive', {});
			}
		}
	}
}

const attemptUrl = (state: State, run: Run, attempt: Attempt) => `${runUrl(state, run)}/attempts/${attempt.number}`;

function publish(state: State, run: Run, attempt: Attempt, word: CommitStatus['state'], description: string): void {
	const {contract} = run.workflow.definition;
	if (contract) {
		postStatus(state, {
			sha: run.about,
			context: contract.context,
			state: word,
			description,
			targetUrl: attemptUrl(state, run, attempt),
			creator: actionsBot,
		});
	}
}

const deploymentOf = (state: State, run: Run, attempt: Attempt) =>
	[...state.deployments.values()].findLast(({payload}) => {
		const marks = payload as {run_id?: number; run_attempt?: number} | null;
		return marks?.run_id === run.id && marks.run_attempt === attempt.number;
	});

/** When the first job of an attempt starts, or the one that the workflow says. */
export function announce(engine: Engine, run: Run, attempt: Attempt, job: string): void {
	const {state} = engine;
	const {contract} = run.workflow.definition;
	if (!contract || attempt.announced || (contract.announcedBy ?? job) !== job) {
		return;
	}
	attempt.announced = true;
	publish(state, run, attempt, 'pending', contract.environment ? `deploying to ${contract.environment}` : 'starting');
	if (contract.reportsStaging) {
		reportStaging(state, run, attempt, 'before');
	}
	if (contract.environment) {
		const payload = {deployctl: 1, sha: run.about, run_id: run.id, run_attempt: attempt.number};
		const deployment = createDeployment(state, {
			sha: run.about,
			ref: run.about,
			environment: contract.environment,
			payload,
			creator: actionsBot,
			description: `Run ${run.id}, attempt ${attempt.number}`,
		});
		postDeploymentStatus(state, deployment, {
			state: 'in_progress',
			creator: actionsBot,
			logUrl: attemptUrl(state, run, attempt),
		});
	}
	if (contract.everySeconds) {
		const everyMs = contract.everySeconds * 1000;
		const tick = () => {
			const progress = progressOf(state, run, attempt);
			if (
				attempt !== latestAttempt(run) ||
				attempt.status === 'completed' ||
				!progress ||
				progress.done === progress.total
			) {
				return;
			}
			publish(state, run, attempt, 'pending', progressText(progress));
			engine.at(state.now + everyMs, tick);
		};
		engine.at(state.now + everyMs, tick);
	}
}

type Progress = {done: number; total: number; failed: number};
const progressText = ({done, total, failed}: Progress) => `${done}/${total} tests, ${failed} failed`;

/** Tests done so far: each job works its share off while its longest step runs. */
export function progressOf(state: State, run: Run, attempt: Attempt): Progress | null {
	const progress: Progress = {done: 0, total: 0, failed: 0};
	for (const definition of run.workflow.definition.jobs) {
		if (definition.tests && attempt.names.includes(definition.name)) {
			const job = attempt.jobs.find(job => job.name === definition.name);
			const step = job?.steps.toSorted((a, b) => b.endsAt - b.startsAt - (a.endsAt - a.startsAt))[0];
			const part = step
				? Math.min(1, Math.max(0, (state.now - step.startsAt) / Math.max(1, step.endsAt - step.startsAt)))
				: 0;
			const outcome = outcomeOf(state, run, definition.name, attempt.number);
			progress.total += definition.tests;
			progress.done += Math.floor(definition.tests * part);
			progress.failed += outcome.conclusion === 'failure' && part > 0.5 ? (outcome.failedTests ?? 1) : 0;
		}
	}
	return progress.total > 0 ? progress : null;
}

/** When the verdict of an attempt is there: `if: always()`. */
export function conclude(engine: Engine, run: Run, attempt: Attempt, cancelled = false): void {
	const {state} = engine;
	const {contract, tier} = run.workflow.definition;
	const jobs = attempt.jobs.filter(job => job.name !== contract?.verdict);
	// A run cancelled between two jobs has none that failed, and yet is no success.
	const passed = !cancelled && jobs.length > 0 && jobs.every(job => job.conclusion === 'success');
	if (contract && attempt.announced) {
		const stopped = cancelled || jobs.some(job => job.conclusion === 'cancelled');
		const progress = progressOf(state, run, attempt);
		const words = progress
			? progressText(progress)
			: contract.environment
				? passed
					? `live on ${contract.environment}`
					: `not live on ${contract.environment}`
				: passed
					? 'passed'
					: 'failed';
		publish(state, run, attempt, passed ? 'success' : stopped ? 'error' : 'failure', stopped ? 'cancelled' : words);
		if (contract.reportsStaging && !cancelled) {
			reportStaging(state, run, attempt, 'after');
		}
		const deployment = deploymentOf(state, run, attempt);
		if (deployment) {
			postDeploymentStatus(state, deployment, {
				state: passed ? 'success' : 'failure',
				creator: actionsBot,
				logUrl: attemptUrl(state, run, attempt),
				environmentUrl: passed ? `https://${deployment.environment}.auto-author.example` : '',
			});
		}
	}
	if (passed && (tier === 'deploy' || tier === 'production')) {
		bringLive(state, tier === 'deploy' ? 'staging' : 'production', run.about);
	}
}

/** A success says that the environment is there now: the truth follows it. */
export function recordDeploymentStatus(
	engine: Engine,
	id: number,
	login: string,
	status: {
		state: string;
		description?: string | null;
		logUrl?: string | null;
		environmentUrl?: string | null;
		autoInactive?: boolean | null;
	},
): void {
	const deployment = engine.state.deployments.get(id)!;
	postDeploymentStatus(engine.state, deployment, {
		state: status.state,
		creator: personOf(engine.state, login),
		description: status.description ?? '',
		logUrl: status.logUrl ?? '',
		environmentUrl: status.environmentUrl ?? '',
		autoInactive: status.autoInactive ?? true,
	});
	if (status.state === 'success') {
		bringLive(engine.state, deployment.environment, deployment.sha);
	}
}
