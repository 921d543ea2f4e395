/** The machine form of `deployctl status --json`. Stable: fields are added, never renamed; see docs/status-json.md. */
import {elapsedSeconds} from '../text/duration.ts';
import type {FlakyMark} from '../tests/flaky.ts';
import {conditionReport} from '../gate/report.ts';
import {holderOf, type LockState} from '../locks/lock.ts';
import {overall} from '../releases/observation.ts';
import type {Operation} from '../operations/operation.ts';
import type {Candidate, Environment, Job, Snapshot, Tier, Shard} from '../pipeline/pipeline.ts';
import {secondsLeft} from '../evidence/shards.ts';
import {type EnvironmentNow, healthReason, healthState, type Situation} from '../operations/situation.ts';

/** ISO 8601 in UTC; null stays null. */
const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const jobForm = (job: Job) => ({
	id: job.id,
	name: job.name,
	status: job.status,
	startedAt: time(job.startedAt),
	finishedAt: time(job.finishedAt),
	url: job.url,
});

/** A test that fails, or passed only when it was tried again. */
export type ReportedFailure = {
	kind: 'failed' | 'flaky';
	shard: number | null;
	jobId: number | null;
	location: string;
	title: string;
	message: string;
	history: FlakyMark;
};
type FailuresOf = (tier: Tier) => readonly ReportedFailure[];

const shardForm = (shard: Shard, now: number) => {
	const {index, total, jobId, status, progress, startedAt, finishedAt, medianSeconds} = shard;
	const [elapsed, left] = [elapsedSeconds(shard, now), secondsLeft(shard, now)];
	return {
		index,
		total,
		jobId,
		status,
		tests: progress && {
			done: progress.done,
			total: progress.total,
			passed: progress.done - progress.failed - progress.flaky - progress.skipped,
			failed: progress.failed,
			flaky: progress.flaky,
			skipped: progress.skipped,
		},
		current: progress?.current ?? null,
		startedAt: time(startedAt),
		finishedAt: time(finishedAt),
		durationSeconds: elapsed === null ? null : Math.round(elapsed),
		usualSeconds: medianSeconds === null ? null : Math.round(medianSeconds),
		secondsLeft: left === null ? null : Math.round(left),
	};
};

const tierForm = (tier: Tier, now: number, failuresOf: FailuresOf) => {
	const elapsed = elapsedSeconds(tier, now);
	const durationSeconds = elapsed === null ? null : Math.round(elapsed);
	return {
		status: tier.status,
		...(tier.rawStatus !== undefined && {rawStatus: tier.rawStatus}),
		policy: tier.policy,
		provenance: tier.provenance,
		runId: tier.runId,
		attempt: tier.attempt,
		url: tier.url,
		startedAt: time(tier.startedAt),
		finishedAt: time(tier.finishedAt),
		durationSeconds,
		budgetSeconds: tier.budgetSeconds,
		overBudget: durationSeconds !== null && durationSeconds > tier.budgetSeconds,
		jobs: tier.jobs.map(jobForm),
		shards: tier.shards.map(shard => shardForm(shard, now)),
		failures: failuresOf(tier),
	};
};

const candidateForm = (candidate: Candidate, now: number, failuresOf: FailuresOf) => ({
	sha: candidate.sha,
	message: candidate.message,
	author: candidate.author,
	committedAt: time(candidate.committedAt),
	tiers: {
		fast: tierForm(candidate.tiers.fast, now, failuresOf),
		deploy: tierForm(candidate.tiers.deploy, now, failuresOf),
		e2e: tierForm(candidate.tiers.e2e, now, failuresOf),
		...(candidate.tiers.smoke && {smoke: tierForm(candidate.tiers.smoke, now, failuresOf)}),
	},
	answer: candidate.answer,
	gate: {
		open: candidate.gate.open,
		conditions: candidate.gate.conditions.map(condition => conditionReport(condition)),
	},
});

const lockForm = (lock: LockState) => {
	if (lock.state === 'free') return {state: lock.state};
	if (lock.state !== 'held') return {state: lock.state, because: lock.because};
	const {id, kind, host, reason, createdAt, operation} = lock.lock;
	return {
		state: lock.state,
		id,
		kind,
		by: holderOf(lock.lock),
		host,
		reason,
		since: time(createdAt),
		silent: lock.isStale,
		operation,
	};
};

const operationForm = (operation: Operation | null) =>
	operation && {
		id: operation.id,
		kind: operation.kind,
		by: operation.operator,
		host: operation.host,
		sha: operation.sha,
		startedAt: time(operation.startedAt),
		outcome: operation.outcome,
		because: operation.because,
	};

/** What the environment says of itself and who holds it; no fields where this start could not look. */
const nowForm = ({observation, lock, pins, running, unsettled}: EnvironmentNow) => ({
	health: {
		state: healthState(observation),
		because: healthReason(observation),
		readAt: time(observation.readAt),
		version: overall(observation).version,
		instances: observation.instances.map(({instance, health, version, because, latencyMs}) => ({
			instance,
			health,
			version,
			because,
			latencyMs,
		})),
	},
	lock: lockForm(lock),
	pins: pins.map(({release, sha, by, at, because}) => ({release, sha, by, at: time(at), because})),
	running: operationForm(running),
	needsHuman: operationForm(unsettled),
});

const environmentForm = (environment: Environment, situation: Situation | null) => {
	const now = situation?.environments.find(({name}) => name === environment.name);
	return [
		environment.name,
		{
			sha: environment.sha,
			state: environment.status,
			deployedAt: time(environment.deployedAt),
			...(now && nowForm(now)),
		},
	] as const;
};

/** `only`: the candidates to report; all by default. Durations of what still runs are counted until `snapshot.fetchedAt`. `failuresOf`: what is known of single tests. `partial`: what GitHub left out, in words. `situation` null: nothing was asked of the environments. */
export const statusReport = (
	snapshot: Snapshot,
	only: readonly Candidate[] = snapshot.candidates,
	failuresOf: FailuresOf = () => [],
	partial: readonly string[] = [],
	situation: Situation | null = null,
) => ({
	schemaVersion: 1,
	repository: snapshot.repository,
	fetchedAt: time(snapshot.fetchedAt),
	rateLimit: snapshot.rateLimit && {
		limit: snapshot.rateLimit.limit,
		remaining: snapshot.rateLimit.remaining,
		resetAt: time(snapshot.rateLimit.resetAt),
	},
	branches: snapshot.branches,
	environments: Object.fromEntries(snapshot.environments.map(environment => environmentForm(environment, situation))),
	production: snapshot.production,
	partial,
	candidates: only.map(candidate => candidateForm(candidate, snapshot.fetchedAt, failuresOf)),
});
