/**
Generated histories of a pipeline in which something true is red, missing or about another release, and beside them what somebody with write
access (or a fork) can make GitHub say. Facts only: who posted what, from where, called what and when. The core comes as a parameter, so
that a broken copy of it can be held to the same.
*/
import fc from 'fast-check';
import type {CommitFact, DeploymentFact, Facts, JobFact, RunFact, StatusFact} from '../../source/core/github/facts.ts';
import type {Settings} from '../../source/core/settings/settings.ts';
import {commit, deployment, facts, job, minutes, run, runUrl, start, status} from './facts.ts';
import {comparison, healthy, now, reportJob, shards, withPromotion} from './gate-evidence.ts';
import type {Core} from './work-property.ts';

type Tier = 'fast' | 'deploy' | 'e2e' | 'smoke';
const tiers: readonly Tier[] = ['fast', 'deploy', 'e2e', 'smoke'];
const files: Readonly<Record<Tier, string>> = {
	fast: 'test-suite',
	deploy: 'deploy-staging',
	e2e: 'e2e-staging',
	smoke: 'smoke-tests',
};

/** A commit's full SHA of its name; each has other first digits. */
const oid = (digits: string) => `${digits}${'0123456789abcdef'.repeat(3)}`.slice(0, 40);
const [mine, neighbour, below, feature, evil] = ['a1', 'b2', 'c3', 'd4', 'e5'].map(oid) as [
	string,
	string,
	string,
	string,
	string,
];
/** Where production is, and what the staging branch was at before that. */
const [promoted, ancient] = ['f6', '99'].map(oid) as [string, string];
const newer = ['11', '22', '33'].map(oid);
const mainOnly = ['44', '55'].map(oid);
const automation = {ours: oid('77'), theirs: oid('88')};

/**
`generated`: three workflows, the later ones by `workflow_run` and dispatch, named by `run-name`, with statuses. `documented`: the same by
dispatch alone. `named`: by hand, names the commit in a job, no statuses, no report. `on push`: everything sits on the commit. `on
deployment`: E2E begins when the deployment is filed.
*/
export type Pipeline = 'generated' | 'documented' | 'named' | 'on push' | 'on deployment';
type Merge = 'merge' | 'squash' | 'rebase' | 'queue' | 'fast-forward';
export type History = {
	pipeline: Pipeline;
	merge: Merge;
	defaultBranch: 'develop' | 'main';
	isHotfix: boolean;
	/** Commits of the staging branch that came after it, and whether one of them was released to staging later. */
	above: number;
	hasNeighbour: boolean;
	isPromoted: boolean;
};
/**
What is not so. `staging`: it ran another release while E2E looked, or came to it then (`running`); `silently`: nobody filed a deployment.
`words`: E2E does not say what staging ran. `workflows`: a hotfix brings its own.
*/
type Flaw = {
	of: Tier | 'staging' | 'words' | 'workflows';
	how: 'red' | 'missing' | 'running' | 'green, then red' | 'cancelled';
	silently: boolean;
};

const words = (pipeline: Pipeline) => pipeline === 'generated' || pipeline === 'documented';
const between: Readonly<Record<Tier, readonly [number, number]>> = {
	fast: [0, 3],
	deploy: [4, 6],
	e2e: [8, 15],
	smoke: [8, 9],
};

/** Newest first; a commit that somebody merged lies on it only where the merge puts it there. */
const trunkOf = ({above, merge, isHotfix}: History): readonly string[] => [
	...newer.slice(3 - above),
	neighbour,
	...(isHotfix ? [] : [mine]),
	...(!isHotfix && (merge === 'rebase' || merge === 'fast-forward') ? [feature] : []),
	below,
	promoted,
	ancient,
];
/** Fast-forwarded to a commit of the staging branch, or with merges of its own. */
const mainOf = ({isPromoted, isHotfix}: History): readonly string[] => (isPromoted || isHotfix ? [promoted] : mainOnly);

type Sits = Pick<RunFact, 'event' | 'headSha' | 'branch' | 'title' | 'startedBy'>;
/** How the pipeline's own run of a tier looks: what starts it, where it sits, what it is called. */
const sits = (history: History, tier: Tier, of: string): Sits & {nameInJob: boolean} => {
	const {pipeline, merge, defaultBranch} = history;
	const own = {headSha: of, branch: 'develop', title: 'Some headline', startedBy: 'ada', nameInJob: false};
	if (history.isHotfix && of === mine) return {...own, event: 'push', branch: 'hotfix/fix'};
	if (tier === 'fast' && merge === 'queue')
		return {...own, event: 'merge_group', branch: 'gh-readonly-queue/develop/pr-1'};
	if (tier === 'fast' || pipeline === 'on push') return {...own, event: 'push'};
	if (pipeline === 'on deployment')
		return tier === 'deploy'
			? {...own, event: 'push'}
			: {...own, event: 'deployment_status', startedBy: 'github-actions[bot]'};
	const title = pipeline === 'named' ? 'Nightly' : `${tier} of ${of}`;
	const nameInJob = pipeline === 'named';
	if (pipeline === 'generated' && tier === 'deploy') {
		const headSha = defaultBranch === 'main' ? mainOf(history)[0]! : trunkOf(history)[0]!;
		return {...own, event: 'workflow_run', headSha, branch: defaultBranch, title, nameInJob};
	}
	return {...own, event: 'workflow_dispatch', headSha: trunkOf(history)[0]!, title, nameInJob};
};

type RunWish = {
	id: number;
	tier: Tier;
	at: readonly [from: number, until: number];
	conclusion: string | null;
	jobs: readonly string[];
};
const runBy = ({id, tier, at: [from, until], conclusion, jobs}: RunWish, more: Partial<RunFact>): RunFact => {
	const [createdAt, updatedAt] = [start + minutes(from), start + minutes(until)];
	const state = conclusion === null ? {status: 'IN_PROGRESS', conclusion: null} : {status: 'COMPLETED', conclusion};
	const listed = jobs.map((name, index): JobFact =>
		job(id * 100 + index, {
			name,
			...state,
			startedAt: createdAt,
			finishedAt: conclusion === null ? null : updatedAt,
		}),
	);
	return run(id, tier, {
		...state,
		createdAt,
		startedAt: createdAt,
		updatedAt,
		jobsAsOf: updatedAt,
		jobs: listed,
		jobsTotal: listed.length,
		...more,
	});
};

const ids: Readonly<Record<Tier, number>> = {fast: 100, deploy: 101, e2e: 102, smoke: 103};
const jobsOf = (tier: Tier): readonly string[] => (tier === 'e2e' ? shards : [`${tier} job`]);

type TrueRun = {tier: Tier; of: string; id: number; shift: number; conclusion: string | null; ran?: string | null};
/** A run of the pipeline itself. `ran`: what staging said, where the pipeline asks; null: it does not. */
const trueRun = (history: History, {tier, of, id, shift, conclusion, ran = of}: TrueRun): RunFact => {
	const {nameInJob, ...place} = sits(history, tier, of);
	const [from, until] = between[tier];
	const said = tier === 'e2e' && ran !== null && words(history.pipeline) ? [reportJob(ran, ran)] : [];
	const jobs = [...jobsOf(tier), ...said, ...(nameInJob ? [`about ${of}`] : [])];
	return runBy({id, tier, at: [from + shift, until + shift], conclusion, jobs}, place);
};

type World = {commits: Record<string, StatusFact[]>; runs: RunFact[]; deployments: DeploymentFact[]};

const postTrue = (world: World, history: History, runs: readonly RunFact[], of: string) => {
	for (const each of runs) {
		const tier = tiers.find(one => each.workflowPath?.includes(files[one]))!;
		if (!words(history.pipeline) || tier === 'fast') continue;
		(world.commits[of] ??= []).push(
			status(files[tier], {
				targetUrl: runUrl(each.id),
				state: each.conclusion === 'SUCCESS' ? 'SUCCESS' : each.conclusion === null ? 'PENDING' : 'FAILURE',
				createdAt: each.updatedAt,
			}),
		);
	}
};

/** Filed by the run with our payload, or by GitHub itself for a job with `environment:`. Each that goes live makes those before it inactive. */
const recordOf = ({pipeline}: History, of: string, by: RunFact, id: number, isGreen: boolean): DeploymentFact =>
	deployment(id, {
		...(words(pipeline) ? {payload: {sha: of, run_id: by.id}} : {creator: 'ada', reporter: 'github-actions[bot]'}),
		commitSha: by.headSha,
		logUrl: runUrl(by.id),
		state: isGreen ? 'ACTIVE' : 'FAILURE',
		createdAt: by.createdAt + 1000,
		updatedAt: by.updatedAt,
	});

const replace = (deployments: readonly DeploymentFact[], id: number, at: number): DeploymentFact[] =>
	deployments.map(each =>
		each.id !== id && each.state === 'ACTIVE' && each.createdAt < at
			? {...each, state: 'INACTIVE', updatedAt: at}
			: each,
	);

const release = (
	world: World,
	history: History,
	about: {of: string; first: number; shift: number; flaw: Flaw | null; tiers: readonly Tier[]; ran?: string | null},
) => {
	const {of, first, shift, flaw, ran = of} = about;
	for (const tier of about.tiers) {
		const how = flaw?.of === tier ? flaw.how : 'green';
		if (how === 'missing') continue;
		const word = {
			green: 'SUCCESS',
			'green, then red': 'SUCCESS',
			red: 'FAILURE',
			cancelled: 'CANCELLED',
			running: null,
		}[how];
		const made = [trueRun(history, {tier, of, id: ids[tier] - 100 + first, shift, conclusion: word, ran})];
		// So soon after that nothing else has happened on staging.
		if (how === 'green, then red')
			made.push(
				trueRun(history, {
					tier,
					of,
					id: ids[tier] - 100 + first + 10,
					shift: shift + 0.4,
					conclusion: 'FAILURE',
					ran,
				}),
			);
		world.runs.push(...made);
		postTrue(world, history, made, of);
		const record = tier === 'deploy' ? recordOf(history, of, made[0]!, first, word === 'SUCCESS') : null;
		if (record) world.deployments = [record, ...replace(world.deployments, record.id, record.updatedAt)];
	}
};

/** The true history: everything green, but for the flaw. */
const truth = (history: History, flaw: Flaw | null): World => {
	const world: World = {commits: {}, runs: [], deployments: []};
	const isElsewhere = flaw?.of === 'staging';
	release(world, history, {
		of: mine,
		first: 100,
		shift: 0,
		flaw,
		tiers: history.isHotfix ? ['fast'] : tiers,
		...(isElsewhere && {ran: neighbour}),
		...(flaw?.of === 'words' && {ran: null}),
	});
	if (isElsewhere && !(flaw.silently && words(history.pipeline))) {
		// The neighbour came to staging between the deployment and E2E.
		const by = trueRun(history, {tier: 'deploy', of: neighbour, id: 201, shift: 2.2, conclusion: 'SUCCESS'});
		const [from, until] = flaw.how === 'running' ? [10, 11] : [6.2, 7];
		const late = {
			...by,
			createdAt: start + minutes(from),
			updatedAt: start + minutes(until),
			jobs: by.jobs!.map(each => ({...each, finishedAt: start + minutes(until)})),
		};
		world.runs.push(late);
		world.deployments = [
			recordOf(history, neighbour, late, 200, true),
			...replace(world.deployments, 200, late.updatedAt),
		];
	} else if (history.hasNeighbour) release(world, history, {of: neighbour, first: 200, shift: 20, flaw: null, tiers});
	return world;
};

/** `X`: the commit that is to be promoted, `Y`: another one. */
const bad = [
	'e2e X#evil',
	'feature/X',
	'X-retry',
	'refs/heads/X',
	'X..Y',
	'X of Y',
	'X (Y)',
	'0X',
	'Revert "X"',
	'E2E Xa',
	null,
] as const;
const good = ['e2e X', '(X)', '[X] e2e', 'X', 'Deploy X to staging'] as const;
const actionsBot = 'github-actions[bot]';
const people = ['mallory', 'ada', null, 'evil-app[bot]'] as const;
const namingEvents = ['workflow_dispatch', 'workflow_run', 'schedule'] as const;
const placeEvents = ['push', 'merge_group', 'release'] as const;
const otherEvents = [
	'repository_dispatch',
	'issue_comment',
	'issues',
	'pull_request',
	'pull_request_target',
	'pull_request_review',
	'create',
	'discussion',
	'deployment',
	'deployment_status',
	'check_run',
	'something_new',
] as const;

/**
Where its workflow file comes from. `tag`, `branch`, `detached`, `fork`: a commit of the attacker's; `fork at it`: a fork's branch at the
very commit; `merged`: a commit of theirs that a merge brought in; `below`: the staging branch before the commit; `ours`: the staging
branch itself, where only what it is called and what started it are theirs.
*/
type Ground =
	| 'tag'
	| 'branch'
	| 'detached'
	| 'fork'
	| 'fork at it'
	| 'merged'
	| 'below'
	| 'ours'
	| 'ours at it'
	| 'not told';
export type ForgedRun = {
	tier: Tier;
	ground: Ground;
	event: string;
	title: string | null;
	jobName: string | null;
	by: string | null;
	saysWords: boolean;
	at: number;
	branch: string;
	status: 'bot' | 'person' | 'none';
	deployment: 'bot' | 'person' | 'none';
};
/** `run`: any of all, or the newest of the pipeline's own of that tier. */
type Target = number | Tier | 'neighbour';
type Loose = {on: 'X' | 'Y'; tier: Tier | 'report'; run: Target; state: string; by: string | null; at: number};
type LooseDeployment = {
	of: 'X' | 'Y';
	run: Target;
	by: string | null;
	state: string;
	at: number;
	took: number;
	says: 'payload' | 'commit';
};
export type Forgeries = {
	runs: readonly ForgedRun[];
	statuses: readonly Loose[];
	deployments: readonly LooseDeployment[];
};

const named = (text: string | null, about: string): string | null =>
	text?.replaceAll('X', about).replaceAll('Y', about === mine ? neighbour : mine) ?? null;

/** What makes a run of the pipeline's own branch true evidence is left to the truth. */
const harmless = (forged: ForgedRun, about: string, history: History): ForgedRun => {
	const isOurs = forged.ground === 'ours' || forged.ground === 'ours at it';
	if (!isOurs) return forged;
	const isAtIt = forged.ground === 'ours at it' || (forged.ground === 'ours' && trunkOf(history)[0] === about);
	const event = isAtIt && (placeEvents as readonly string[]).includes(forged.event) ? 'issue_comment' : forged.event;
	// Nobody but the pipeline files deployments as an app here.
	const by = forged.by?.endsWith('[bot]') && event.startsWith('deployment') ? 'mallory' : forged.by;
	const isNaming = (namingEvents as readonly string[]).includes(event);
	const isBad = (bad as readonly unknown[]).includes(forged.title);
	return {
		...forged,
		event,
		by,
		title: isNaming && !isBad ? 'feature/X' : forged.title,
		jobName:
			[null, '0X', 'E2E Xa'].includes(forged.title) || event === 'repository_dispatch' ? null : forged.jobName,
	};
};

const placeOf = ({ground, branch}: ForgedRun, about: string, history: History): Partial<RunFact> => {
	switch (ground) {
		case 'tag':
			return {headSha: evil, branch};
		case 'branch':
			return {headSha: evil, branch: 'feature/x'};
		case 'detached':
			return {headSha: evil, branch: null};
		case 'fork':
			return {headSha: evil, branch, isFromFork: true};
		case 'fork at it':
			return {headSha: about, branch, isFromFork: true};
		case 'not told':
			return {headSha: about, branch, isFromFork: null};
		case 'merged':
			return {headSha: about === mine ? feature : evil, branch};
		case 'below':
			return {headSha: history.isHotfix ? ancient : below, branch: 'develop'};
		case 'ours':
			return {headSha: trunkOf(history)[0]!, branch: 'develop'};
		case 'ours at it':
			return {headSha: about, branch: 'develop'};
	}
};

const forge = (world: World, history: History, {runs, statuses, deployments}: Forgeries, about: string) => {
	const other = about === mine ? neighbour : mine;
	const commitOf = (which: 'X' | 'Y') => (which === 'X' ? about : other);
	for (const [index, wish] of runs.entries()) {
		const forged = harmless(wish, about, history);
		const id = (wish.at > 5 ? 900 : 1) + index;
		const names = [
			...jobsOf(forged.tier),
			...(forged.saysWords ? [reportJob(about, about)] : []),
			...(forged.jobName === null ? [] : [named(forged.jobName, about)!]),
		];
		world.runs.push(
			runBy(
				{id, tier: forged.tier, at: [forged.at, forged.at + 2], conclusion: 'SUCCESS', jobs: names},
				{
					event: forged.event,
					title: named(forged.title, about),
					startedBy: forged.by,
					actor: forged.by,
					...placeOf(forged, about, history),
				},
			),
		);
		if (forged.status !== 'none')
			(world.commits[about] ??= []).push(
				status(files[forged.tier], {
					targetUrl: runUrl(id),
					creator: forged.status === 'bot' ? actionsBot : 'mallory',
					createdAt: start + minutes(forged.at + 3),
				}),
			);
		if (forged.deployment !== 'none')
			world.deployments.push(
				deployment(1000 + index, {
					payload: {sha: about, run_id: id},
					logUrl: runUrl(id),
					creator: forged.deployment === 'bot' ? actionsBot : 'mallory',
					createdAt: start + minutes(forged.at + 1),
					updatedAt: start + minutes(forged.at + 1.5),
				}),
			);
	}
	const pick = (target: Target): RunFact | undefined =>
		typeof target === 'number'
			? world.runs[target % (world.runs.length + 1)]
			: target === 'neighbour'
				? world.runs.find(({id}) => id === 201)
				: (world.runs.find(({id}) => id === ids[target] + 10) ?? world.runs.find(({id}) => id === ids[target]));
	for (const {on, tier, run: index, state, by, at} of statuses) {
		const url = pick(index) && runUrl(pick(index)!.id);
		const context = tier === 'report' ? 'staging-report' : files[tier];
		(world.commits[commitOf(on)] ??= []).push(
			status(context, {
				targetUrl: url ?? null,
				state,
				creator: by,
				createdAt: start + minutes(at),
				...(tier === 'report' && {description: `before ${about} after ${about}`}),
			}),
		);
	}
	for (const [index, {of, run: target, by, state, at, took, says}] of deployments.entries()) {
		const id = pick(target)?.id;
		const made = deployment(2000 + index, {
			payload: says === 'payload' ? {sha: commitOf(of), ...(id !== undefined && {run_id: id})} : null,
			commitSha: commitOf(of),
			logUrl: id === undefined ? null : runUrl(id),
			creator: by,
			reporter: by,
			state,
			createdAt: start + minutes(at),
			updatedAt: start + minutes(at + took),
		});
		world.deployments = [
			...(state === 'ACTIVE' ? replace(world.deployments, made.id, made.updatedAt) : world.deployments),
			made,
		];
	}
};

const factsOf = (history: History, world: World, flaw: Flaw | null): Facts => {
	const trunk = trunkOf(history);
	const production = mainOf(history)[0]!;
	const shown = history.isHotfix ? [...trunk, mine] : trunk;
	const own = flaw?.of === 'workflows' ? {[mine]: automation.theirs} : {[mine]: automation.ours};
	const commits: CommitFact[] = shown.map(sha => commit(sha, {statuses: world.commits[sha] ?? []}));
	return facts({
		commits,
		trunk,
		defaultBranch: history.defaultBranch,
		...(history.defaultBranch === 'main' && {defaultTrunk: mainOf(history)}),
		refs: {
			staging: {name: 'develop', sha: trunk[0]!},
			production: {name: 'main', sha: production},
			aheadBy: 2,
			behindBy: 0,
		},
		runs: [...world.runs].sort((a, b) => b.createdAt - a.createdAt || b.id - a.id),
		deployments: [...world.deployments].sort((a, b) => b.createdAt - a.createdAt || b.id - a.id),
		productionRules: {reviewers: [], waitMinutes: 0},
		automation: {[trunk[0]!]: automation.ours, [production]: automation.ours, ...own, [evil]: automation.theirs},
	});
};

const settingsOf = ({pipeline}: History): Settings => {
	const before = withPromotion({stagingReport: words(pipeline) ? 'required' : 'optional', signOffs: []});
	return {...before, promotion: {...before.promotion, hotfix: {...before.promotion.hotfix, signOffs: []}}};
};

const ground = fc.constantFrom<Ground[]>(
	'tag',
	'tag',
	'branch',
	'detached',
	'fork',
	'fork at it',
	'merged',
	'below',
	'ours',
	'ours at it',
	'not told',
);
const tier = fc.constantFrom(...tiers);
/** Minutes: before, while and after the true runs ran. */
const when = fc.constantFrom(-20, 2, 4.5, 7, 7.7, 9, 16, 30);
const target: fc.Arbitrary<Target> = fc.oneof(
	fc.nat(40),
	fc.constantFrom<Target[]>(...tiers, 'e2e', 'neighbour', 'neighbour'),
);
const who = fc.oneof(fc.constant<string | null>(actionsBot), fc.constantFrom<(string | null)[]>(...people));
const forgedRun = (of: fc.Arbitrary<Tier>): fc.Arbitrary<ForgedRun> =>
	fc.record({
		tier: of,
		ground,
		event: fc.oneof(
			fc.constantFrom<string[]>(...namingEvents),
			fc.constantFrom<string[]>(...placeEvents),
			fc.constantFrom<string[]>(...otherEvents),
		),
		title: fc.oneof(
			{weight: 2, arbitrary: fc.constantFrom<(string | null)[]>(...good)},
			{weight: 2, arbitrary: fc.constantFrom<(string | null)[]>(null, null, ...bad)},
		),
		jobName: fc.oneof(
			{weight: 2, arbitrary: fc.constant(null)},
			{weight: 1, arbitrary: fc.constantFrom('about X', 'X#evil', 'about Y', 'Report before X after Y')},
		),
		by: fc.constantFrom(...people, actionsBot),
		saysWords: fc.boolean(),
		at: when,
		branch: fc.constantFrom('develop', 'develop', 'main'),
		status: fc.constantFrom('bot', 'bot', 'person', 'none'),
		deployment: fc.constantFrom('bot', 'person', 'none', 'none', 'none'),
	});
const loose: fc.Arbitrary<Loose> = fc.record({
	on: fc.constantFrom('X', 'X', 'Y'),
	tier: fc.constantFrom(...tiers, 'e2e', 'report', 'report'),
	run: target,
	state: fc.constantFrom('SUCCESS', 'SUCCESS', 'SUCCESS', 'PENDING', 'FAILURE'),
	by: who,
	at: when,
});
const looseDeployment: fc.Arbitrary<LooseDeployment> = fc.record({
	of: fc.constantFrom('X', 'X', 'X', 'Y'),
	run: target,
	by: who,
	state: fc.constantFrom('ACTIVE', 'ACTIVE', 'INACTIVE'),
	at: when,
	took: fc.constantFrom(0.1, 1, 20),
	says: fc.constantFrom('payload', 'payload', 'commit'),
});
/** Mostly of what is missing: the rest is there. */
const forgeriesOf = (of: fc.Arbitrary<Tier>): fc.Arbitrary<Forgeries> =>
	fc.record({
		runs: fc.array(forgedRun(of), {maxLength: 3}),
		statuses: fc.array(loose, {maxLength: 4}),
		deployments: fc.array(looseDeployment, {maxLength: 3}),
	});

const history: fc.Arbitrary<History> = fc.record({
	pipeline: fc.constantFrom<Pipeline[]>('generated', 'documented', 'named', 'on push', 'on deployment'),
	merge: fc.constantFrom<Merge[]>('merge', 'squash', 'rebase', 'queue', 'fast-forward'),
	defaultBranch: fc.constantFrom('develop', 'main'),
	isHotfix: fc.oneof({weight: 5, arbitrary: fc.constant(false)}, {weight: 1, arbitrary: fc.constant(true)}),
	above: fc.nat(3),
	hasNeighbour: fc.boolean(),
	isPromoted: fc.boolean(),
});
const how = fc.constantFrom<Flaw['how'][]>(
	'red',
	'red',
	'missing',
	'missing',
	'running',
	'green, then red',
	'cancelled',
);
const flaw: fc.Arbitrary<Flaw> = fc.record({
	of: fc.constantFrom<Flaw['of'][]>(...tiers, 'e2e', 'e2e', 'staging', 'staging'),
	how,
	silently: fc.boolean(),
});
const ofHotfix: fc.Arbitrary<Flaw> = fc.record({
	of: fc.constantFrom<Flaw['of'][]>('fast', 'workflows'),
	how,
	silently: fc.constant(false),
});

export type Attack = {history: History; flaw: Flaw; forgeries: Forgeries};
/** Only where the pipeline says it at all, it can be missing. */
const possible = (of: Flaw, {pipeline}: History): Flaw =>
	of.of === 'staging' && of.how === 'missing' && words(pipeline) ? {...of, of: 'words'} : of;
const missingTier = ({of}: Flaw): fc.Arbitrary<Tier> => {
	const tierOf = tiers.find(each => each === of) ?? (of === 'workflows' ? 'fast' : 'deploy');
	return fc.oneof({weight: 3, arbitrary: fc.constant(tierOf)}, {weight: 1, arbitrary: tier});
};
export const attack: fc.Arbitrary<Attack> = history.chain(each =>
	(each.isHotfix ? ofHotfix : flaw).chain(wrong =>
		fc.record({
			history: fc.constant(each),
			flaw: fc.constant(possible(wrong, each)),
			forgeries: forgeriesOf(missingTier(wrong)),
		}),
	),
);
export type Honest = {history: History; forgeries: Forgeries};
export const honest: fc.Arbitrary<Honest> = fc.record({history, forgeries: forgeriesOf(tier)});

const gateOf = (core: Core, history: History, world: World, flaw: Flaw | null) =>
	core
		.correlate(
			factsOf(history, world, flaw),
			settingsOf(history),
			now,
			null,
			{
				now,
				lock: {state: 'free'},
				pins: [],
				production: {...healthy, overall: {...healthy.overall, version: mainOf(history)[0]!}},
			},
			{
				sha: mine,
				comparison: history.isHotfix ? {...comparison, isOnStaging: false, hotfixHead: mine} : comparison,
				hotfix: history.isHotfix ? 'hotfix/fix' : null,
				landed: null,
				isDeploying: false,
			},
		)
		.candidates.find(({sha}) => sha === mine)!.gate;

const unmetIn = ({conditions}: ReturnType<typeof gateOf>) =>
	conditions
		.filter(({met}) => met !== true)
		.map(({id, because}) => `${id}: ${because}`)
		.join('; ');

/** Something true is missing: whatever is forged beside it, it is shut. Returns what shut it. */
export const checkAttack = (core: Core, {history: of, flaw: missing, forgeries: forged}: Attack): string => {
	const world = truth(of, missing);
	forge(world, of, forged, mine);
	const gate = gateOf(core, of, world, missing);
	if (gate.open) throw new Error(`open: ${JSON.stringify({of, missing, forged})}`);
	return unmetIn(gate);
};

/** Everything is as it should be: it is open. With what is forged about another commit beside it, mostly. Returns whether it still was. */
export const checkHonest = (core: Core, {history: of, forgeries: forged}: Honest): boolean => {
	const alone = gateOf(core, of, truth(of, null), null);
	if (!alone.open) throw new Error(`shut by ${unmetIn(alone)}: ${JSON.stringify(of)}`);
	const world = truth(of, null);
	forge(world, of, forged, neighbour);
	return gateOf(core, of, world, null).open;
};
