/** What people do to runs: again, stop, yes and no. */
import {annotate, finishJob} from './jobs.ts';
import type {Engine, Person, Run} from './model.ts';
import {jobsOfAttempt, latestAttempt} from './model.ts';
import {endJob, queue} from './run-jobs.ts';
import {review, settle, startAttempt} from './runs.ts';

/** Re-runs everything or what failed, with what depends on it. False when there is nothing to repeat or the run is not done. */
export function rerun(engine: Engine, run: Run, actor: Person, which: 'all' | 'failed'): boolean {
	if (run.status !== 'completed') {
		return false;
	}
	const jobs = run.workflow.definition.jobs;
	const now = new Map(jobsOfAttempt(run, latestAttempt(run).number).map(job => [job.name, job.conclusion]));
	const names = new Set(jobs.filter(({name}) => which === 'all' || !['success', 'skipped'].includes(now.get(name) ?? 'failure')).map(job => job.name));
	if (names.size === 0) {
		return false;
	}
	// Whatever needs a repeated job is repeated too.
	for (let size = -1; size !== names.size;) {
		size = names.size;
		for (const job of jobs.filter(job => job.needs?.some(need => names.has(need)))) {
			names.add(job.name);
		}
	}
	startAttempt(engine, run, actor, [...names]);
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

export function approve(engine: Engine, run: Run, environment: string): void {
	run.approvals.add(environment);
	const attempt = latestAttempt(run);
	for (const job of attempt.jobs.filter(job => job.status === 'waiting' && job.definition.environment === environment)) {
		queue(engine, run, attempt, job);
	}
	review(engine, run, attempt);
}

export function reject(engine: Engine, run: Run, environment: string): void {
	const attempt = latestAttempt(run);
	for (const job of attempt.jobs.filter(job => job.status === 'waiting' && job.definition.environment === environment)) {
		endJob(engine, run, attempt, job, 'failure');
	}
}
