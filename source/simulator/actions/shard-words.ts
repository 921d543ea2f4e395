/**
What the shards of E2E publish about themselves while they run, as the reporter in their workflow does: words in contexts of their own,
a failure the moment it is known, and the whole result as an artifact when the shard ends. All of it follows from the job's plan.
*/
import {
	type ShardName,
	type ShardProgress,
	describeFailure,
	describeProgress,
	shardContext,
} from '../../core/tests/progress.ts';
import {artifactName, resultFile, type ShardResult, type TestResult} from '../../core/tests/results.ts';
import {uploadArtifact} from './artifacts.ts';
import {fraction} from '../model/identity.ts';
import {outcomeOf} from './jobs.ts';
import type {Attempt, CommitStatus, Engine, Job, Run, State, Step} from '../model/model.ts';
import {actionsBot, runUrl} from '../model/model.ts';
import {messageOf, testsOfShard} from './shard-tests.ts';
import {postStatus} from '../model/statuses.ts';

const everyMs = 5000;
const hasTimedOut = (step: Step) => step.conclusion === 'timed_out';

/** `e2e (2, 4)` → 2 of 4. */
export function shardOf(name: string): ShardName | null {
	const found = /\((\d+), (\d+)\)$/.exec(name);
	return found ? {index: Number(found[1]), total: Number(found[2])} : null;
}

type Planned = TestResult & {endsAt: number};

/** The tests of a job as they will go. One that hangs never ends. */
function plan(state: State, run: Run, job: Job, shard: ShardName, step: Step): Planned[] {
	const tests = testsOfShard(shard, job.definition.tests!);
	const outcome = outcomeOf(state, run, job.name, job.attempt);
	const count = step.conclusion === 'failure' ? (outcome.failedTests ?? 1) : 0;
	const told = outcome.annotation;
	const known = tests.findIndex(test => told && test.location === `${told.path}:${told.line}`);
	// What an annotation tells is the first to fail; others follow in the second half.
	const failing = new Map<number, string>(
		told && count > 0 ? [[known === -1 ? Math.floor(tests.length / 2) : known, told.message]] : [],
	);
	for (let index = Math.floor(tests.length / 2) + 2; failing.size < count && index < tests.length; index += 3) {
		failing.set(index, messageOf(index));
	}
	const slot = (step.endsAt - step.startsAt) / tests.length;
	const shaky = 5 + shard.index * 4;
	const isShaky = fraction(`${run.id} ${job.attempt} ${job.name} flaky`) < 0.2;
	return tests.map(({location, title}, index) => {
		const other = told && known === -1 && failing.get(index) === told.message;
		const message = failing.get(index) ?? (isShaky && index === shaky ? messageOf(index) : null);
		const outcome = failing.has(index)
			? 'failed'
			: message === null
				? index === 11 && shard.index === 2
					? 'skipped'
					: 'passed'
				: 'flaky';
		const place = other ? `${told.path}:${told.line}` : location;
		return {
			location: place,
			title: other && told.title ? told.title : title,
			outcome,
			tries: outcome === 'failed' || outcome === 'flaky' ? 2 : 1,
			durationMs: Math.round(slot * (0.4 + fraction(`${job.id} ${index}`) * 0.5)),
			error: message === null ? null : {message, location: place},
			endsAt:
				hasTimedOut(step) && index >= tests.length * 0.6
					? Infinity
					: step.startsAt + Math.round(slot * (index + 1 - fraction(`${run.about} ${index} ends`) * 0.3)),
		};
	});
}

const progressAt = (tests: readonly Planned[], now: number): ShardProgress => {
	const done = tests.filter(({endsAt}) => endsAt <= now);
	const count = (word: TestResult['outcome']) => done.filter(({outcome}) => outcome === word).length;
	const next = tests[done.length];
	return {
		done: done.length,
		total: tests.length,
		failed: count('failed'),
		flaky: count('flaky'),
		skipped: count('skipped'),
		current: next ? `${next.location} › ${next.title}` : null,
	};
};

/** When a job of a workflow that reports has started and its steps are planned. */
export function startShard(engine: Engine, run: Run, attempt: Attempt, job: Job): void {
	const {state} = engine;
	const {contract, file} = run.workflow.definition;
	const shard = shardOf(job.name);
	const step = job.steps.toSorted((a, b) => b.endsAt - b.startsAt - (a.endsAt - a.startsAt))[0];
	if (!contract?.reportsShards || !job.definition.tests || !shard || !step || step.conclusion === 'skipped') {
		return;
	}
	const tests = plan(state, run, job, shard, step);
	const isOver = () => job.status === 'completed';
	const say = (word: CommitStatus['state'], description: string) => {
		postStatus(state, {
			sha: run.about,
			context: shardContext(file, shard),
			state: word,
			description,
			targetUrl: `${runUrl(state, run)}/attempts/${attempt.number}`,
			creator: actionsBot,
		});
	};
	const tick = () => {
		if (!isOver() && state.now < step.endsAt) {
			say('pending', describeProgress(progressAt(tests, state.now)));
			engine.at(state.now + everyMs, tick);
		}
	};
	engine.at(step.startsAt, tick);
	for (const test of tests.filter(({outcome, endsAt}) => outcome === 'failed' && endsAt < Infinity)) {
		engine.at(test.endsAt, () => {
			if (!isOver()) {
				say(
					'pending',
					describeFailure(progressAt(tests, state.now), {
						location: test.location,
						title: test.title,
						message: test.error!.message,
					}),
				);
			}
		});
	}
	// A job that runs out of time is killed, and its reporter with it.
	if (hasTimedOut(step)) {
		return;
	}
	engine.at(step.endsAt, () => {
		if (job.conclusion !== 'cancelled') {
			const progress = progressAt(tests, step.endsAt);
			say(progress.failed > 0 ? 'failure' : 'success', describeProgress({...progress, current: null}));
		}
	});
	engine.at(job.steps.find(({name}) => name.startsWith('Upload'))?.endsAt ?? step.endsAt, () => {
		if (job.conclusion !== 'cancelled') {
			const result: ShardResult = {
				schemaVersion: 1,
				sha: run.about,
				workflow: file,
				runId: run.id,
				attempt: attempt.number,
				shard,
				startedAt: step.startsAt,
				finishedAt: step.endsAt,
				verdict: step.conclusion === 'failure' ? 'failed' : 'passed',
				tests: tests.map(({endsAt: _, ...test}) => test),
				omitted: 0,
			};
			uploadArtifact(state, run, artifactName(file, shard, attempt.number), {
				[resultFile]: `${JSON.stringify(result)}\n`,
			});
		}
	});
}
