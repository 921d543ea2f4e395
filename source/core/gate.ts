/**
The production gate: pure, per commit, from what was read. Each condition is met, not met or unknown, with the reason;
unknown keeps the gate shut.
*/
import type {EnvironmentRules, StatusFact} from './facts.ts';
import {approved, type Moment, notFrozen, notPinned, productionHealthy, signedOff, unlocked} from './gate-moment.ts';
import type {Settings} from './settings.ts';
import {type StagingDeployment, stagingDuring} from './staging.ts';
import {type Candidate, type Condition, type ConditionId, conditionIds, type Gate, type Snapshot, type Tier, tierTitles} from './pipeline.ts';

type Known = Pick<Candidate, 'sha' | 'tiers'>;
type Surroundings = Pick<Snapshot, 'branches'> & {
	/** Every deployment to staging that we know of, to see whether E2E ran against one release. */
	stagingDeployments: readonly StagingDeployment[];
	/** Whether the project has smoke tests at all; null: not known. */
	hasSmoke: boolean | null;
	/** The staging branch's first-parent history as far as it was read, newest first. */
	history: readonly string[];
	settings: Settings;
	/** Commit statuses, for sign-offs; null: not read. */
	statuses: readonly StatusFact[] | null;
	/** What GitHub asks for before production; null: not read. */
	rules: EnvironmentRules | null;
	/** What is known about production now; null: nothing was asked. */
	moment: Moment | null;
};
type Verdict = Omit<Condition, 'id'>;

const met = (because: string): Verdict => ({met: true, because});
const notMet = (because: string, next?: string): Verdict => ({met: false, because, ...(next && {next})});
const unknown = (because: string, next?: string): Verdict => ({met: 'unknown', because, ...(next && {next})});

export const short = (sha: string): string => sha.slice(0, 7);
const runName = (tier: Tier) => `run ${tier.runId}${tier.attempt !== null && tier.attempt > 1 ? `, attempt ${tier.attempt}` : ''}`;

/** A tier is green when its newest run passed and something other than the time says that it is about this commit. */
const tierGreen = (tier: Tier): Verdict => {
	const title = tierTitles[tier.name];
	if (tier.provenance === 'inferred') return unknown(`${title}: matched by time only, which proves nothing`, 'Name the commit in the run: see docs/correlation.md.');
	if (tier.provenance !== null && (tier.runId === null || tier.event === null)) return unknown(`${title}: a commit status alone proves nothing`, tier.runId === null ? 'Let the workflow post its run as the status\'s target URL.' : 'The run that it points to has not been read.');
	switch (tier.status) {
		case 'passed': return met(`${title} passed (${runName(tier)})`);
		case 'unknown': return unknown(`${title}: state unknown${tier.rawStatus ? ` (GitHub says "${tier.rawStatus}")` : ''}`);
		case 'none': return notMet(`${title}: no run for this commit`);
		case 'running': case 'queued': case 'waiting': return notMet(`${title}: ${tier.status === 'running' ? 'still running' : tier.status} (${runName(tier)})`, 'Wait until it has passed.');
		default: return notMet(`${title} ${tier.status} (${runName(tier)})`, tier.status === 'failed' ? 'Fix it, or run the failed jobs again.' : 'Run it again.');
	}
};

const allShards = (tier: Tier): Verdict | null => {
	if (!tier.runIsOver) return notMet(`E2E: its run is not over (${runName(tier)})`, 'Wait until it is.');
	if (tier.jobsTotal === 0) return unknown('E2E: its jobs have not been read');
	if (tier.jobs.length < tier.jobsTotal) return unknown(`E2E: only ${tier.jobs.length} of ${tier.jobsTotal} jobs have been read`);
	const not = tier.jobs.filter(job => job.status !== 'passed');
	return not.length > 0 ? notMet(`E2E: ${not.map(job => `${job.name} ${job.status}`).join(', ')}`, 'Every shard has to pass, none skipped.') : null;
};

const e2eGreen = (candidate: Known): Verdict => {
	const verdict = tierGreen(candidate.tiers.e2e);
	return verdict.met === true ? (allShards(candidate.tiers.e2e) ?? verdict) : verdict;
};

/** Staging ran this commit, and nothing else came to staging while E2E looked at it. */
const staged = ({sha, tiers: {deploy, e2e}}: Known, {stagingDeployments}: Surroundings): Verdict => {
	const verdict = tierGreen(deploy);
	if (verdict.met !== true || e2e.startedAt === null) return verdict;
	const ran = stagingDuring(sha, stagingDeployments, e2e.startedAt, e2e.finishedAt ?? Number.POSITIVE_INFINITY, deploy.finishedAt);
	switch (ran) {
		case 'this-commit': return verdict;
		case 'not-recorded': return unknown('Deployment: what staging ran during E2E is not on record', 'Deploy this commit again and run E2E again.');
		case 'unknown-deployment': return unknown('Deployment: another one to staging was under way or failed while E2E ran', 'Run E2E again.');
		default: return notMet(`Deployment: staging ran ${ran.otherSha ? short(ran.otherSha) : 'something else'} while E2E ran`, 'Deploy this commit again and run E2E again.');
	}
};

const smokeGreen = ({tiers}: Known, {hasSmoke}: Surroundings): Verdict => {
	if (tiers.smoke) return tierGreen(tiers.smoke);
	if (hasSmoke === null) return unknown('Smoke: whether the project has such tests is not known');
	return hasSmoke ? notMet('Smoke: no run for this commit') : met('Smoke: the project has no such tests');
};

const fastForward = ({sha}: Known, {branches: {staging, production}, history}: Surroundings): Verdict => {
	if (production.sha === sha) return notMet(`${production.name} is already at ${short(sha)}`);
	const [place, productionPlace] = [history.indexOf(sha), production.sha === null ? -1 : history.indexOf(production.sha)];
	if ((productionPlace !== -1 && place > productionPlace) || (staging.aheadBy !== null && place >= staging.aheadBy)) return notMet(`${production.name} already contains ${short(sha)}`);
	if (staging.behindBy === null) return unknown(`${production.name} and ${staging.name} have not been compared`);
	if (staging.behindBy > 0) {
		return notMet(`${production.name} has ${staging.behindBy} commit${staging.behindBy === 1 ? '' : 's'} that ${staging.name} lacks`, `Merge ${production.name} into ${staging.name}.`);
	}
	// The comparison is with the newest commit. An older one is ahead of production for sure only when production's head lies
	// below it in the same history: a merge in between could have brought production in from the side.
	return place === 0 || productionPlace > place ? met(`${production.name} can be fast-forwarded`) : unknown(`${production.name} has not been compared with ${short(sha)}`);
};

const rules: Readonly<Record<ConditionId, (candidate: Known, around: Surroundings) => Verdict>> = {
	'fast-green': ({tiers}) => tierGreen(tiers.fast),
	staged,
	'e2e-green': e2eGreen,
	'smoke-green': smokeGreen,
	'fast-forward': fastForward,
	unlocked: (_, {moment}) => unlocked(moment),
	'not-frozen': (_, {moment, settings}) => notFrozen(moment, settings),
	'not-pinned': ({sha}, {moment}) => notPinned(moment, sha),
	'production-healthy': (_, {moment}) => productionHealthy(moment),
	'sign-offs': (_, {moment, statuses, settings}) => signedOff(moment, statuses, settings),
	approvals: (_, {moment, rules: asked, settings}) => approved(moment, asked, settings),
};

/** Open only when every condition is met; missing information never opens it. */
export const decideGate = (candidate: Known, around: Surroundings): Gate => {
	const conditions = conditionIds.map(id => ({id, ...rules[id](candidate, around)}));
	return {open: conditions.every(condition => condition.met === true), conditions};
};
