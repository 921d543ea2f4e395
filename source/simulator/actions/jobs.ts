/** The life of one job: queued, perhaps waiting for an approval, running step by step, done. */
import {fraction, jitter} from '../model/identity.ts';
import {stagingWords} from '../model/staging-report.ts';
import type {Attempt, Conclusion, Job, JobDefinition, Outcome, Run, State, Step} from '../model/model.ts';
import {nextId} from '../model/model.ts';

const defaultLabels = ['ubuntu-latest'];
export const labelsOf = (job: Job): readonly string[] => job.definition.labels ?? defaultLabels;

/** What the scenario has decided for this job in this attempt. */
export function outcomeOf(state: State, run: Run, name: string, attempt: number): Exclude<Outcome, Conclusion> {
	const planned = state.plans.get(run.about)?.outcomes?.[name];
	const outcome: Outcome = Array.isArray(planned)
		? (planned[Math.min(attempt, planned.length) - 1] as Outcome)
		: ((planned as Outcome | undefined) ?? 'success');
	return typeof outcome === 'string' ? {conclusion: outcome} : outcome;
}

export const hasPlannedOutcome = (state: State, run: Run, name: string): boolean =>
	state.plans.get(run.about)?.outcomes?.[name] !== undefined;

/** The steps of a job that starts now, as they will go: GitHub adds the first and the last by itself. */
export function planSteps(state: State, run: Run, job: Job, startedAt: number): Step[] {
	const {definition} = job;
	const outcome = outcomeOf(state, run, job.name, job.attempt);
	const slow = state.plans.get(run.about)?.slow?.[job.name] ?? 1;
	const longest = [...definition.steps].sort((a, b) => b.seconds - a.seconds)[0]?.name;
	const culprit =
		outcome.conclusion === 'success' || outcome.conclusion === 'skipped'
			? null
			: (outcome.step ?? definition.risky ?? longest ?? null);
	// A step that decides ends with its job, so that nobody reads its answer before there is one.
	const all = [
		{name: 'Set up job', seconds: 2},
		...definition.steps,
		...(definition.decides ? [] : [{name: 'Complete job', seconds: 1}]),
	];
	const steps: Step[] = [];
	let at = startedAt;
	let broken = false;
	for (const [index, {name, seconds}] of all.entries()) {
		const always =
			index === 0 || index === all.length - 1 || name.startsWith('Upload') || name.startsWith('Report');
		const runs: boolean = !broken || always;
		const red: boolean = runs && name === culprit;
		// A failing step stops somewhere in its middle; one that timed out takes its time.
		const share = red
			? outcome.conclusion === 'timed_out'
				? 3
				: 0.55 + fraction(`${run.about} ${job.name} ${name}`) * 0.4
			: 1;
		const endsAt = runs
			? at +
				Math.max(
					1,
					Math.round(jitter(seconds, `${run.id} ${job.attempt} ${job.name} ${index}`) * share * slow),
				) *
					1000
			: at;
		steps.push({
			number: index + 1,
			name,
			startsAt: at,
			endsAt,
			conclusion: red ? outcome.conclusion : runs ? 'success' : 'skipped',
		});
		broken ||= red;
		at = endsAt;
	}
	return steps;
}

/** GitHub makes the name of a job when those that it needs are over, and knows by then what they put out. */
function nameReport(state: State, run: Run, attempt: Attempt, job: Job): void {
	const {contract} = run.workflow.definition;
	if (contract?.reportsStaging !== undefined && contract.reportsStaging !== false && contract.verdict === job.name) {
		attempt.stagingAfter = state.live.get('staging') ?? null;
		if (attempt.watched) {
			attempt.watched.until = state.liveLog.length;
		}
		if (contract.reportsStaging === true) {
			job.shown = `${job.name} ${stagingWords(state, attempt)}`;
		}
	}
}

export function createJob(state: State, run: Run, attempt: Attempt, definition: JobDefinition): Job {
	const job: Job = {
		id: nextId(state, 'job'),
		runId: run.id,
		attempt: attempt.number,
		definition,
		name: definition.name,
		status: 'queued',
		conclusion: null,
		createdAt: state.now,
		startedAt: null,
		completedAt: null,
		steps: [],
		annotations: [],
		deploymentId: null,
		runner: null,
		...(definition.shown !== undefined && {shown: definition.shown}),
	};
	nameReport(state, run, attempt, job);
	attempt.jobs.push(job);
	state.jobs.set(job.id, job);
	touch(state, run, attempt);
	return job;
}

export function touch(state: State, run: Run, attempt: Attempt): void {
	run.updatedAt = state.now;
	run.suite.updatedAt = state.now;
	attempt.updatedAt = state.now;
}

/** Ends a job; what had not happened by now never will. */
export function finishJob(state: State, job: Job, conclusion: Conclusion): void {
	const now = state.now;
	job.status = 'completed';
	job.conclusion = conclusion;
	job.startedAt ??= now;
	job.completedAt = now;
	job.steps = job.steps.map(step =>
		step.endsAt <= now
			? step
			: step.startsAt < now
				? {...step, endsAt: now, conclusion}
				: {...step, startsAt: now, endsAt: now, conclusion: 'skipped'},
	);
}

/** A red job explains itself, as the runner's own annotation does. */
export function annotate(state: State, run: Run, job: Job): void {
	const outcome = outcomeOf(state, run, job.name, job.attempt);
	const add = (
		path: string,
		line: number,
		title: string | null,
		message: string,
		level: 'failure' | 'warning' = 'failure',
	) => job.annotations.push({id: nextId(state, 'annotation'), level, path, line, title, message});
	if (outcome.annotation && job.conclusion !== 'success') {
		add(outcome.annotation.path, outcome.annotation.line, outcome.annotation.title, outcome.annotation.message);
	}
	if (job.conclusion === 'failure') {
		add(
			'.github',
			job.steps.find(step => step.conclusion === 'failure')?.number ?? 1,
			null,
			'Process completed with exit code 1.',
		);
	}
	if (job.conclusion === 'timed_out') {
		add('.github', 1, null, 'The job running on runner has exceeded the maximum execution time of 30 minutes.');
	}
	if (job.conclusion === 'cancelled') {
		add('.github', 1, null, 'The operation was canceled.');
	}
}
