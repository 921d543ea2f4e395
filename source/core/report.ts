/** The machine form of `deployctl status --json`. Stable: fields are added, never renamed; see docs/status-json.md. */
import {elapsedSeconds} from './duration.ts';
import {conditionReport} from './gate-report.ts';
import type {Candidate, Environment, Job, Snapshot, Tier} from './pipeline.ts';

/** ISO 8601 in UTC; null stays null. */
const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const jobForm = (job: Job) => ({id: job.id, name: job.name, status: job.status, startedAt: time(job.startedAt), finishedAt: time(job.finishedAt), url: job.url});

const tierForm = (tier: Tier, now: number) => {
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
	};
};

const candidateForm = (candidate: Candidate, now: number) => ({
	sha: candidate.sha,
	message: candidate.message,
	author: candidate.author,
	committedAt: time(candidate.committedAt),
	tiers: {
		fast: tierForm(candidate.tiers.fast, now),
		deploy: tierForm(candidate.tiers.deploy, now),
		e2e: tierForm(candidate.tiers.e2e, now),
		...(candidate.tiers.smoke && {smoke: tierForm(candidate.tiers.smoke, now)}),
	},
	gate: {open: candidate.gate.open, conditions: candidate.gate.conditions.map(condition => conditionReport(condition))},
});

const environmentForm = (environment: Environment) => [environment.name, {sha: environment.sha, state: environment.status, deployedAt: time(environment.deployedAt)}] as const;

/** `only`: the candidates to report; all by default. Durations of what still runs are counted until `snapshot.fetchedAt`. */
export const statusReport = (snapshot: Snapshot, only: readonly Candidate[] = snapshot.candidates) => ({
	schemaVersion: 1,
	repository: snapshot.repository,
	fetchedAt: time(snapshot.fetchedAt),
	rateLimit: snapshot.rateLimit && {limit: snapshot.rateLimit.limit, remaining: snapshot.rateLimit.remaining, resetAt: time(snapshot.rateLimit.resetAt)},
	branches: snapshot.branches,
	environments: Object.fromEntries(snapshot.environments.map(environmentForm)),
	candidates: only.map(candidate => candidateForm(candidate, snapshot.fetchedAt)),
});
