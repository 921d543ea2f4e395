/**
Jobs that a runner outside of the simulator does (`external` in their definition): it takes them when they are queued, and says step by
step how they go. What GitHub shows of them then, and what follows from their end, is the simulator's business as always.
*/
import {annotate, finishJob, touch} from '../actions/jobs.ts';
import type {Conclusion, Engine, Job, State, Step} from '../model/model.ts';
import {latestAttempt} from '../model/model.ts';
import {begin, endJob} from '../actions/run-jobs.ts';
import {goingOf} from '../actions/runs.ts';
import type {Simulation} from './simulation.ts';

const jobNamed = (state: State, id: number): Job => {
	const job = state.jobs.get(id);
	if (!job?.definition.external) {
		throw new TypeError(`Job ${id} is not for an outside runner`);
	}
	return job;
};

export type Runner = {
	/** What waits for a runner. */
	queued(): readonly Job[];
	/** Takes a job; its steps are shown as to come, under the name that GitHub makes of it. False: it is not queued any more (cancelled). */
	take(job: number, steps: readonly string[], shown?: string): boolean;
	/** Steps are counted from 0. */
	startStep(job: number, step: number): void;
	endStep(job: number, step: number, conclusion: Conclusion): void;
	/** `output`: the whole log, as GitHub keeps it. */
	end(job: number, conclusion: Conclusion, output: string): void;
	/** Its `if` says no. */
	skip(job: number): void;
	/** What `run-name` says, which GitHub works out when it makes the run. */
	title(run: number, text: string): void;
	/** True when somebody has cancelled it: a runner stops then. */
	isOver(job: number): boolean;
};

export const runnerOf = (simulation: Simulation): Runner => {
	const change = <Result>(id: number, action: (engine: Engine, job: Job) => Result): Result =>
		simulation.act(engine => {
			const job = jobNamed(engine.state, id);
			const run = engine.state.runs.get(job.runId)!;
			touch(engine.state, run, latestAttempt(run));
			return action(engine, job);
		});
	const step = (id: number, index: number, with_: (step: Step, now: number) => Partial<Step>) =>
		change(id, ({state}, job) => {
			if (job.status === 'completed') return;
			job.steps = job.steps.map((one, at) => (at === index ? {...one, ...with_(one, state.now)} : one));
		});
	return {
		queued: () =>
			[...simulation.state.jobs.values()].filter(job => job.definition.external && job.status === 'queued'),
		take: (id, steps, shown) =>
			change(id, (engine, job) => {
				if (job.status !== 'queued') return false;
				if (shown !== undefined) job.shown = shown;
				job.steps = steps.map((name, index) => ({
					number: index + 1,
					name,
					startsAt: Infinity,
					endsAt: Infinity,
					conclusion: 'success',
				}));
				begin(goingOf(engine, job), job);
				return true;
			}),
		startStep: (id, index) => step(id, index, (_, now) => ({startsAt: now})),
		endStep: (id, index, conclusion) =>
			step(id, index, ({startsAt}, now) => ({startsAt: Math.min(startsAt, now), endsAt: now, conclusion})),
		end: (id, conclusion, output) =>
			change(id, (engine, job) => {
				job.output = output;
				endJob(goingOf(engine, job), job, conclusion);
			}),
		skip: id =>
			change(id, (engine, job) => {
				finishJob(engine.state, job, 'skipped');
				annotate(engine.state, engine.state.runs.get(job.runId)!, job);
				goingOf(engine, job).ended();
			}),
		title: (id, text) =>
			simulation.act(engine => {
				engine.state.runs.get(id)!.title = text;
			}),
		isOver: id => jobNamed(simulation.state, id).status === 'completed',
	};
};
