/**
Which run is about which commit, and how we know. GitHub does not say: a run started by `workflow_run`, a dispatch or a
schedule sits on the head of a branch at that moment, not on the commit that it deploys or tests.
Order, first hit wins: commit status, deployment, the commit itself, a name with the SHA in it, and last the time.
*/
import type {CommitFact, DeploymentFact, Facts, RunFact, StatusFact} from '../github/facts.ts';
import {type Provenance, type TierName, tierNames} from '../pipeline/pipeline.ts';
import {type Home, parseRunUrl, workflowFile} from '../github/run-url.ts';
import type {Settings} from '../settings/settings.ts';
import {mentionedShas, namedSha, type Trust, trustOf} from './trust.ts';
import {commitStatusWord, isFinal, runWord} from '../pipeline/words.ts';

/** A tier's run for one commit; `run` is null when only a status speaks of it. */
export type Subject = {
	provenance: Provenance;
	run: RunFact | null;
	runId: number | null;
	attempt: number | null;
	status: StatusFact | null;
	/** Whether the run is evidence about this commit; null: there is no run, or nothing but the time speaks for it. */
	trust: Trust | null;
};
export type Subjects = ReadonlyMap<string, Readonly<Partial<Record<TierName, Subject>>>>;

/** Events whose runs sit on the commit that they are about. A pull request's run tests a merge, not the commit. */
const eventsOnTheCommit = new Set([
	'push',
	'workflow_dispatch',
	'deployment',
	'deployment_status',
	'merge_group',
	'release',
]);
/** Written by a workflow's own token; anybody with push may post a status, so others' are no pointer to follow. */
const workflowTokens = new Set(['github-actions', 'github-actions[bot]']);
/** Time correlation looks no further than this after the tier before it ended. */
const inferenceWindowMs = 30 * 60_000;
const before: Readonly<Partial<Record<TierName, TierName>>> = {deploy: 'fast', e2e: 'deploy', smoke: 'deploy'};

/** A `workflow_run` run that skipped itself, because the run that started it was red. */
const isEcho = (run: RunFact) => run.event === 'workflow_run' && run.conclusion === 'SKIPPED';

/** GitHub tells whole seconds; ids count up within them. */
const newestFirst = (a: RunFact, b: RunFact) => b.createdAt - a.createdAt || b.id - a.id;

const runWordOf = (run: RunFact) => runWord(run.status, run.conclusion).status;

/** The commit that a deployment says it is of, where it says so beyond doubt; its own `commitSha` may be the default branch's. */
export const statedSha = (deployment: DeploymentFact): string | null => {
	const sha = deployment.payload?.['sha'];
	return typeof sha === 'string' && /^[0-9a-f]{40}$/i.test(sha) ? sha.toLowerCase() : null;
};

export const deploymentRunId = (deployment: DeploymentFact, home: Home): number | null => {
	const id = Number(deployment.payload?.['run_id'] ?? Number.NaN);
	return Number.isSafeInteger(id) && id > 0 ? id : (parseRunUrl(deployment.logUrl, home)?.runId ?? null);
};

type Context = {
	facts: Facts;
	settings: Settings;
	runs: ReadonlyMap<number, RunFact>;
	/** Per tier, the runs of its workflow, newest first, without echoes. */
	tierRuns: Readonly<Record<TierName, readonly RunFact[]>>;
	/** Runs to which a workflow's own status or deployment points, and the commits that it points from: more than one is a contradiction. */
	claims: ReadonlyMap<number, ReadonlySet<string>>;
	mentioned: ReadonlyMap<number, ReadonlySet<string>>;
	/** A run that another commit claims is not about this one. */
	isClaimBelieved: boolean;
};

const isOfWorkflow = (run: RunFact, context: Pick<Context, 'settings'>, tier: TierName) =>
	workflowFile(run.workflowPath) === context.settings.tiers[tier].workflow;
export const isByWorkflow = (status: Pick<StatusFact, 'creator'>) =>
	status.creator !== null && workflowTokens.has(status.creator);
export const statusContext = (workflow: string): string => `deployctl/${workflow.replace(/\.ya?ml$/, '')}`;

const tierStatus = (commit: CommitFact, context: Pick<Context, 'settings'>, tier: TierName): StatusFact | null =>
	commit.statuses
		.filter(
			status => status.context === statusContext(context.settings.tiers[tier].workflow) && isByWorkflow(status),
		)
		.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;

/** A run that a push started is about the pushed commit; one that names other commits, and not this one, is not about this one: whoever points at it. */
const contradicts = (run: RunFact, sha: string, {mentioned}: Pick<Context, 'mentioned'>) => {
	const names = mentioned.get(run.id);
	return run.event === 'push' ? run.headSha !== sha : names !== undefined && names.size > 0 && !names.has(sha);
};

/** Also when several commits claim it: then nobody can say whose it is. */
const isClaimedElsewhere = (run: RunFact, sha: string, context: Context) =>
	context.isClaimBelieved && [...(context.claims.get(run.id) ?? [])].some(other => other !== sha);

/** The address names the attempt that posted the status; a run that was restarted since is in a later one, which we then do not know. */
const attemptByStatus = (status: StatusFact, run: RunFact | null, attempt: number | null) =>
	run && isFinal(runWordOf(run)) !== isFinal(commitStatusWord(status.state).status) ? null : attempt;

const byStatus = (commit: CommitFact, tier: TierName, context: Context): Subject | null => {
	const status = tierStatus(commit, context, tier);
	const address = status && parseRunUrl(status.targetUrl, context.facts);
	if (!status || !address) return null;
	const run = context.runs.get(address.runId) ?? null;
	if (
		run &&
		(!isOfWorkflow(run, context, tier) ||
			contradicts(run, commit.sha, context) ||
			isClaimedElsewhere(run, commit.sha, context))
	)
		return null;
	return {
		provenance: 'status',
		run,
		runId: address.runId,
		attempt: run?.attempt ?? attemptByStatus(status, run, address.attempt),
		status,
		trust: run && trustOf(run, commit.sha, context),
	};
};

const subjectOf = (
	run: RunFact | undefined,
	provenance: Provenance,
	commit: CommitFact,
	tier: TierName,
	context: Context,
): Subject | null =>
	run
		? {
				provenance,
				run,
				runId: run.id,
				attempt: run.attempt,
				status: tierStatus(commit, context, tier),
				trust: trustOf(run, commit.sha, context),
			}
		: null;

const byDeployment = (commit: CommitFact, tier: TierName, context: Context): Subject | null => {
	const ids = new Set(
		context.facts.deployments
			.filter(deployment => statedSha(deployment) === commit.sha)
			.map(deployment => deploymentRunId(deployment, context.facts)),
	);
	return subjectOf(
		context.tierRuns[tier].find(
			run =>
				ids.has(run.id) &&
				!contradicts(run, commit.sha, context) &&
				!isClaimedElsewhere(run, commit.sha, context),
		),
		'deployment',
		commit,
		tier,
		context,
	);
};

const byCommit = (commit: CommitFact, tier: TierName, context: Context): Subject | null => {
	const {staging, production} = context.settings.branches;
	const run = context.tierRuns[tier].find(
		run =>
			run.headSha === commit.sha &&
			eventsOnTheCommit.has(run.event) &&
			// After a fast-forward the production branch's push sits on the same commit: that is another pipeline.
			(run.branch !== production || production === staging) &&
			!contradicts(run, commit.sha, context) &&
			!isClaimedElsewhere(run, commit.sha, context),
	);
	return subjectOf(run, 'commit', commit, tier, context);
};

const byName = (commit: CommitFact, tier: TierName, context: Context): Subject | null =>
	subjectOf(
		context.tierRuns[tier].find(run => namedSha(run) === commit.sha && run.isFromFork !== true),
		'name',
		commit,
		tier,
		context,
	);

/** A status without a run behind it: shown, but it proves nothing. */
const byBareStatus = (commit: CommitFact, tier: TierName, context: Context): Subject | null => {
	const status = tierStatus(commit, context, tier);
	return status && parseRunUrl(status.targetUrl, context.facts) === null
		? {provenance: 'status', run: null, runId: null, attempt: null, status, trust: null}
		: null;
};

/** A run that was begun later makes an earlier one void, although nothing but its name says yet what it is about. */
const newestOf = (found: readonly Subject[]): Subject | null => {
	const [first] = found;
	if (!first?.run) return first ?? null;
	return (
		found.filter(({run}) => run !== null && !isEcho(run)).sort((a, b) => newestFirst(a.run!, b.run!))[0] ?? first
	);
};

const nearby = (commit: CommitFact, tier: TierName, context: Context): readonly Subject[] =>
	[byStatus, byDeployment, byCommit, byName].flatMap(by => by(commit, tier, context) ?? []);

/** A newer run that would be about this commit, were there not a status or a deployment of another one that points at it, too: whoever may write can post one. */
const withoutClaimed = (subject: Subject, commit: CommitFact, tier: TierName, context: Context): Subject => {
	const newest = newestOf(nearby(commit, tier, {...context, isClaimBelieved: false}))?.run;
	if (subject.run === null || newest == null || newestFirst(newest, subject.run) >= 0) return subject;
	return {
		...subject,
		trust: {
			trusted: 'unknown',
			because: `run ${newest.id}, which is newer, may be about this commit or about another one that points at it`,
			next: 'Run it again, and name the commit in the run: see docs/correlation.md.',
		},
	};
};

const exactly = (commit: CommitFact, tier: TierName, context: Context): Subject | null => {
	const subject = newestOf(nearby(commit, tier, context)) ?? byBareStatus(commit, tier, context);
	return subject && withoutClaimed(subject, commit, tier, context);
};

/** When the tier before it let this commit through; null when it did not. */
const releasedAt = (subject: Subject | undefined): number | null =>
	subject?.run && runWordOf(subject.run) === 'passed' ? subject.run.updatedAt : null;

/** Foreign workflows without any carrier: the run is about the commit whose earlier tier was the last to pass before it began. */
const inferred = (
	tier: TierName,
	found: ReadonlyMap<string, Partial<Record<TierName, Subject>>>,
	context: Context,
): ReadonlyMap<string, RunFact> => {
	const previous = before[tier];
	const result = new Map<string, RunFact>();
	if (!previous) return result;
	const taken = new Set([...found.values()].map(tiers => tiers[tier]?.runId));
	const free = context.tierRuns[tier].filter(
		run =>
			!taken.has(run.id) &&
			!context.claims.has(run.id) &&
			(context.mentioned.get(run.id)?.size ?? 0) === 0 &&
			!(run.event === 'push' || run.event === 'pull_request'),
	);
	const releases = [...found]
		.map(([sha, tiers]) => ({sha, at: releasedAt(tiers[previous])}))
		.filter((release): release is {sha: string; at: number} => release.at !== null);
	for (const run of free) {
		const latest = releases
			.filter(release => release.at <= run.createdAt + 2000 && run.createdAt - release.at <= inferenceWindowMs)
			.sort((a, b) => b.at - a.at)[0];
		// Runs come newest first: the first one to reach a commit is its newest.
		if (latest && !found.get(latest.sha)?.[tier] && !result.has(latest.sha)) result.set(latest.sha, run);
	}
	return result;
};

const contextOf = (facts: Facts, settings: Settings): Context => {
	const runs = new Map(facts.runs.map(run => [run.id, run]));
	const mentioned = new Map(facts.runs.map(run => [run.id, mentionedShas(run)]));
	const shown = facts.runs.filter(run => !isEcho(run));
	const of = (tier: TierName) => shown.filter(run => isOfWorkflow(run, {settings}, tier));
	const claims = new Map<number, Set<string>>();
	const claim = (run: RunFact, sha: string) => {
		if (!contradicts(run, sha, {mentioned})) claims.set(run.id, (claims.get(run.id) ?? new Set()).add(sha));
	};
	for (const deployment of facts.deployments) {
		const run = runs.get(deploymentRunId(deployment, facts) ?? 0);
		const sha = statedSha(deployment);
		if (run && sha !== null) claim(run, sha);
	}
	for (const commit of facts.commits) {
		for (const tier of tierNames) {
			const run = runs.get(
				parseRunUrl(tierStatus(commit, {settings}, tier)?.targetUrl ?? null, facts)?.runId ?? 0,
			);
			if (run && isOfWorkflow(run, {settings}, tier)) claim(run, commit.sha);
		}
	}
	return {
		facts,
		settings,
		runs,
		mentioned,
		claims,
		isClaimBelieved: true,
		tierRuns: {fast: of('fast'), deploy: of('deploy'), e2e: of('e2e'), smoke: of('smoke')},
	};
};

/** For every commit known, the run of each tier that is about it. Pure; independent of the order of `facts.runs`. */
export const findSubjects = (facts: Facts, settings: Settings): Subjects => {
	const ordered = {...facts, runs: [...facts.runs].sort(newestFirst)};
	const context = contextOf(ordered, settings);
	const found = new Map<string, Partial<Record<TierName, Subject>>>(facts.commits.map(commit => [commit.sha, {}]));
	for (const tier of tierNames) {
		for (const commit of facts.commits) {
			const subject = exactly(commit, tier, context);
			if (subject) found.get(commit.sha)![tier] = subject;
		}
		for (const [sha, run] of inferred(tier, found, context)) {
			found.get(sha)![tier] = {
				provenance: 'inferred',
				run,
				runId: run.id,
				attempt: run.attempt,
				status: null,
				trust: null,
			};
		}
	}
	return found;
};

/** Runs that a commit's own statuses and deployments point to and that have not been read: GitHub's lists of runs do not reach that far back. */
export const pointedRuns = (facts: Facts, settings: Settings, sha: string): readonly number[] => {
	const statuses = facts.commits.find(commit => commit.sha === sha)?.statuses ?? [];
	const contexts = new Set(tierNames.map(tier => statusContext(settings.tiers[tier].workflow)));
	const ofStatuses = statuses
		.filter(status => contexts.has(status.context) && isByWorkflow(status))
		.map(({targetUrl}) => parseRunUrl(targetUrl, facts)?.runId ?? null);
	const ofDeployments = facts.deployments
		.filter(deployment => statedSha(deployment) === sha)
		.map(deployment => deploymentRunId(deployment, facts));
	return [...new Set([...ofStatuses, ...ofDeployments])]
		.filter(id => id !== null)
		.filter(id => !facts.runs.some(run => run.id === id));
};
