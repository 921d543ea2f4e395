/** From what GitHub said to what we show: every candidate with its tiers and gate, every environment with its release. */
import {answerOf, productionOf} from './answer.ts';
import type {CommitFact, DeploymentFact, Facts, RateLimit} from '../github/facts.ts';
import type {Moment} from '../gate/moment.ts';
import type {CommitComparison} from '../gate/branches.ts';
import {decideGate, type Surroundings} from '../gate/gate.ts';
import {explainIdle} from '../pipeline/idle.ts';
import {isNewestKnown} from '../evidence/newest.ts';
import {
	type Candidate,
	type Environment,
	type Snapshot,
	type Tier,
	type TierName,
	type Tiers,
} from '../pipeline/pipeline.ts';
import {sanitise} from '../text/sanitise.ts';
import {workflowFile} from '../github/run-url.ts';
import type {Settings} from '../settings/settings.ts';
import {isRecordOf} from '../evidence/recorded.ts';
import {jobSeconds, withShards} from '../evidence/shards.ts';
import {deploymentRunId, findSubjects, statedSha, type Subjects} from '../evidence/subjects.ts';
import {buildTier, greenSeconds} from '../evidence/tier.ts';
import {deploymentWord, runWord} from '../pipeline/words.ts';

/** Runs counted for "usual": enough to be steady, few enough to follow a pipeline that changes. */
const medianOf = 10;

/** The middle value; null for fewer than two, which say nothing about what is usual. */
export const median = (values: readonly number[]): number | null => {
	if (values.length < 2) return null;
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Jobs of the same name in green runs, worked out once for each workflow when somebody wants to know. */
const jobMedians = (facts: Facts) => {
	const known = new Map<string, ReturnType<typeof jobSeconds>>();
	return ({workflow, runId}: Tier) =>
		(jobName: string): number | null => {
			const key = `${workflow} ${runId}`;
			const seconds = known.get(key) ?? jobSeconds(facts.runs, workflow, runId);
			known.set(key, seconds);
			return median((seconds.get(jobName) ?? []).slice(0, medianOf));
		};
};

type Whole = {facts: Facts; subjects: Subjects; settings: Settings; mediansOfJobs: ReturnType<typeof jobMedians>};

const tierOf = (name: TierName, commit: CommitFact, {facts, subjects, settings, mediansOfJobs}: Whole): Tier => {
	const subject = subjects.get(commit.sha)?.[name];
	const built = buildTier(name, subject, settings.tiers[name]);
	const tier = subject?.run && !isNewestKnown(subject.run, facts) ? {...built, mayBeOutrun: true} : built;
	return withShards(tier, commit, facts, mediansOfJobs(tier));
};

const superseded = (tiers: Tiers, newer: readonly Tiers[]): Tiers =>
	tiers.deploy.status === 'cancelled' && newer.some(other => other.deploy.status !== 'none')
		? {...tiers, deploy: {...tiers.deploy, because: tiers.deploy.because ?? 'superseded by a newer commit'}}
		: tiers;

const tiersOf = (commit: CommitFact, whole: Whole, hasSmoke: boolean): Tiers => {
	const fast = explainIdle(tierOf('fast', commit, whole), {});
	const deploy = explainIdle(tierOf('deploy', commit, whole), {fast});
	const e2e = explainIdle(tierOf('e2e', commit, whole), {deploy});
	return {fast, deploy, e2e, ...(hasSmoke && {smoke: explainIdle(tierOf('smoke', commit, whole), {deploy})})};
};

/** The commit that a deployment put there. Under `workflow_run` GitHub files it against the default branch's head, so the run decides. */
const deployedSha = (deployment: DeploymentFact, facts: Facts, subjects: Subjects): string | null => {
	const stated = statedSha(deployment);
	if (stated !== null) return stated;
	const runId = deploymentRunId(deployment, facts);
	if (runId === null) return deployment.commitSha;
	const subject = [...subjects].find(
		([, tiers]) => tiers.deploy?.runId === runId && tiers.deploy.provenance !== 'inferred',
	);
	if (subject) return subject[0];
	const run = facts.runs.find(candidate => candidate.id === runId);
	return run && run.event !== 'workflow_run' && run.event !== 'schedule' && run.event !== 'repository_dispatch'
		? deployment.commitSha
		: null;
};

const isLive = (deployment: DeploymentFact) => deploymentWord(deployment.state).status === 'passed';
/** Is live, or was until another one came. */
const wasLive = (deployment: DeploymentFact) => isLive(deployment) || deployment.state.toUpperCase() === 'INACTIVE';

const environmentOf = (name: string, url: string | null, facts: Facts, subjects: Subjects): Environment => {
	const own = facts.deployments.filter(deployment => deployment.environment.toLowerCase() === name.toLowerCase());
	const newest = own[0];
	const live = own.find(isLive);
	const sha = live ? deployedSha(live, facts, subjects) : null;
	const before =
		live && own.slice(own.indexOf(live)).find(one => wasLive(one) && deployedSha(one, facts, subjects) !== sha);
	return {
		name,
		sha,
		beforeSha: before ? deployedSha(before, facts, subjects) : null,
		newestSha: newest ? deployedSha(newest, facts, subjects) : null,
		status: newest ? deploymentWord(newest.state).status : 'none',
		// The deployment is created when it begins; its last change is when it went live.
		deployedAt: live?.updatedAt ?? null,
		url: url ?? live?.environmentUrl ?? null,
		logUrl: newest?.logUrl ?? null,
		creator: newest?.creator == null ? null : sanitise(newest.creator, 60),
	};
};

const mediansOf = (facts: Facts, settings: Settings): Snapshot['medians'] => {
	const of = (name: TierName) =>
		median(
			facts.runs
				.filter(
					run => workflowFile(run.workflowPath) === settings.tiers[name].workflow && (run.attempt ?? 1) === 1,
				)
				.flatMap(run => greenSeconds(name, run, settings.tiers[name]) ?? [])
				.slice(0, medianOf),
		);
	return {fast: of('fast'), deploy: of('deploy'), e2e: of('e2e'), smoke: of('smoke')};
};

/** What is asked about one commit beyond what the overview shows. `sha`: the commit. */
export type Asked = {
	sha: string;
	comparison: CommitComparison | null;
	hotfix: string | null;
	/** See `AboutBranches`. */ landed: string | null;
	isDeploying: boolean;
};

const evidenceOf = (
	sha: string,
	{
		facts,
		hasSmoke,
		settings,
		moment,
		at,
		asked,
		deployments,
	}: {
		facts: Facts;
		hasSmoke: boolean | null;
		settings: Settings;
		moment: Moment | null;
		at: number;
		asked: Asked | null;
		deployments: Surroundings['stagingDeployments'];
	},
): Surroundings => {
	const about = asked?.sha === sha ? asked : null;
	const commit = facts.commits.find(each => each.sha === sha);
	return {
		branches: branchesOf(facts),
		stagingDeployments: deployments,
		hasSmoke,
		history: facts.commits.map(commit => commit.sha),
		settings,
		moment,
		at,
		home: facts,
		statuses: commit === undefined || commit.statusesUnread ? null : commit.statuses,
		statusesUnread: commit?.statusesUnread ?? null,
		rules: facts.productionRules ?? null,
		comparison: about?.comparison ?? null,
		hotfix: about?.hotfix ?? null,
		landed: about?.landed ?? null,
		isDeploying: about?.isDeploying ?? false,
	};
};

const withGates = (
	candidates: ReadonlyArray<Omit<Candidate, 'gate' | 'answer'>>,
	facts: Facts,
	subjects: Subjects,
	about: {hasSmoke: boolean | null; settings: Settings; moment: Moment | null; at: number; asked: Asked | null},
): ReadonlyArray<Omit<Candidate, 'answer'>> => {
	const deployments = facts.deployments
		.filter(deployment => deployment.environment.toLowerCase() === 'staging')
		.map(deployment => ({
			sha: deployedSha(deployment, facts, subjects),
			status: deploymentWord(deployment.state).status,
			createdAt: deployment.createdAt,
			updatedAt: deployment.updatedAt,
			isRecord: isRecordOf(deployment, deployedSha(deployment, facts, subjects), {
				facts,
				settings: about.settings,
			}),
		}));
	return candidates.map(candidate => ({
		...candidate,
		gate: decideGate(candidate, evidenceOf(candidate.sha, {...about, facts, deployments})),
	}));
};

const branchesOf = ({refs}: Facts): Snapshot['branches'] => ({
	staging: {...refs.staging, aheadBy: refs.aheadBy, behindBy: refs.behindBy},
	production: refs.production,
});

/** Whether the project has smoke tests: seen, or known not to exist; else nobody knows. */
const smokeIn = (facts: Facts, subjects: Subjects, settings: Settings): boolean | null => {
	const file = settings.tiers.smoke.workflow;
	if (
		[...subjects.values()].some(tiers => tiers.smoke) ||
		facts.runs.some(run => workflowFile(run.workflowPath) === file)
	)
		return true;
	return facts.absentWorkflows.includes(file) ? false : null;
};

/** Pure: the same facts give the same snapshot. `fetchedAt` is when the newest of the facts was read; `moment` what is known about production now, `asked` what is known about one commit beyond that. */
export const correlate = (
	facts: Facts,
	settings: Settings,
	fetchedAt: number,
	rateLimit: RateLimit | null,
	moment: Moment | null = null,
	asked: Asked | null = null,
): Snapshot => {
	const subjects = findSubjects(facts, settings);
	const environments = settings.environments.map(({name, url}) => environmentOf(name, url, facts, subjects));
	const hasSmoke = smokeIn(facts, subjects, settings);
	const whole = {facts, subjects, settings, mediansOfJobs: jobMedians(facts)};
	const tiers = facts.commits.map(commit => tiersOf(commit, whole, hasSmoke === true));
	const candidates = facts.commits.map((commit, index) => ({
		sha: commit.sha,
		message: sanitise(commit.headline) || '(no message)',
		author: sanitise(commit.author, 60),
		committedAt: commit.committedAt,
		url: commit.url,
		tiers: superseded(tiers[index]!, tiers.slice(0, index)),
		liveOn: environments.filter(environment => environment.sha === commit.sha).map(environment => environment.name),
	}));
	const branches = branchesOf(facts);
	const production = productionOf({candidates, environments}, moment?.reported ?? []);
	const around = {branches, moment, production, history: candidates.map(({sha}) => sha)};
	return {
		repository: facts.repository,
		url: facts.url,
		fetchedAt,
		rateLimit,
		branches,
		environments,
		production,
		candidates: withGates(candidates, facts, subjects, {hasSmoke, settings, moment, at: fetchedAt, asked}).map(
			candidate => ({...candidate, answer: answerOf(candidate, around)}),
		),
		medians: mediansOf(facts, settings),
	};
};

/** Whether a run's newest attempt is still going on; used to decide what to read. */
export const runIsMoving = (run: {status: string; conclusion: string | null}): boolean =>
	run.status !== 'COMPLETED' || runWord(run.status, run.conclusion).status === 'waiting';
