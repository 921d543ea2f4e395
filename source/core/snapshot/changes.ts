/** What changed between two snapshots, as sentences: the lines of `watch --plain` and the event list of the screen. */
import {doubtOf} from '../pipeline/doubt.ts';
import {duration, limit} from '../text/duration.ts';
import {short} from '../gate/gate.ts';
import {
	type Candidate,
	type Environment,
	type Job,
	type Snapshot,
	type Status,
	type Tier,
	tierNames,
	tierTitles,
} from '../pipeline/pipeline.ts';
import {isUnread} from '../evidence/tier.ts';
import {isFinal} from '../pipeline/words.ts';

export type Change = {
	/** When it happened, by GitHub's own times where it tells; else when we saw it. Milliseconds since the epoch. */
	at: number;
	sha: string | null;
	kind:
		| 'commit'
		| 'tier'
		| 'job'
		| 'environment'
		| 'branch'
		| 'gate'
		| 'test'
		| /** What deployctl did. */ 'operation';
	/** Tier's, environment's or branch's name, for `grep`. */
	subject: string;
	status: Status;
	text: string;
};

const lasted = ({startedAt, finishedAt}: {startedAt: number | null; finishedAt: number | null}) =>
	startedAt !== null && finishedAt !== null ? ` in ${duration((finishedAt - startedAt) / 1000)}` : '';
const wording: Readonly<Record<Status, string>> = {
	none: 'not started',
	queued: 'queued',
	waiting: 'waiting',
	running: 'started',
	passed: 'passed',
	failed: 'failed',
	cancelled: 'cancelled',
	skipped: 'skipped',
	unknown: 'unknown',
};

/** GitHub keeps a run's time of creation when it is re-run: a later attempt was queued when we saw it. */
const timeOf = (
	thing: {
		status: Status;
		attempt?: number | null;
		createdAt?: number | null;
		startedAt: number | null;
		finishedAt: number | null;
	},
	seenAt: number,
) =>
	(isFinal(thing.status)
		? thing.finishedAt
		: thing.status === 'running'
			? thing.startedAt
			: thing.status === 'queued' && (thing.attempt ?? 1) === 1
				? (thing.createdAt ?? null)
				: null) ?? seenAt;

const overBudget = (tier: Tier) =>
	tier.startedAt !== null &&
	tier.finishedAt !== null &&
	(tier.finishedAt - tier.startedAt) / 1000 > tier.budgetSeconds
		? `, over its budget of ${limit(tier.budgetSeconds)}`
		: '';

/** `seenAt`: now; `since`: what ended earlier is history that is being read. */
type Seen = {seenAt: number; since: number};

const tierChange = (
	candidate: Candidate,
	tier: Tier,
	before: Tier | undefined,
	{seenAt, since}: Seen,
): readonly Change[] => {
	// What its jobs did is told when it is known.
	if (isUnread(tier)) return [];
	const isHistory =
		isUnread(before) && before?.runId === tier.runId && tier.finishedAt !== null && tier.finishedAt < since;
	if (
		isHistory ||
		tier.status === 'none' ||
		(before?.status === tier.status &&
			before.runId === tier.runId &&
			(before.attempt === tier.attempt || tier.attempt === null || before.attempt === null))
	)
		return [];
	const attempt = tier.attempt !== null && tier.attempt > 1 ? ` (attempt ${tier.attempt})` : '';
	const because =
		tier.because !== null && tier.status !== 'passed' && tier.status !== 'running' ? `: ${tier.because}` : '';
	const doubt = doubtOf(tier) === null ? '' : ` (${doubtOf(tier)!.word})`;
	return [
		{
			at: timeOf(tier, seenAt),
			sha: candidate.sha,
			kind: 'tier',
			subject: tier.name,
			status: tier.status,
			text: `${tierTitles[tier.name]} ${wording[tier.status]}${lasted(tier)}${overBudget(tier)}${attempt}${doubt}${because}`,
		},
	];
};

const jobChanges = (
	candidate: Candidate,
	tier: Tier,
	before: Tier | undefined,
	{seenAt, since}: Seen,
): readonly Change[] => {
	const known = new Map((before?.jobs ?? []).map(job => [job.id, job]));
	// A re-run lists the jobs that it keeps again, under other ids, also after readings in which it had none: they ended before it began.
	const isKept = (job: Job) =>
		(tier.attempt ?? 1) > 1 &&
		isFinal(job.status) &&
		((tier.startedAt !== null && job.finishedAt !== null && job.finishedAt < tier.startedAt) ||
			(before?.jobs ?? []).some(
				({name, status, finishedAt}) =>
					name === job.name && status === job.status && finishedAt === job.finishedAt,
			));
	const isNews = (job: Job) =>
		known.get(job.id)?.status !== job.status &&
		!isKept(job) &&
		(job.status === 'failed' || (tier.name === 'e2e' && job.status === 'passed'));
	// Jobs of a run that was over before are history being read, not news.
	const isHistory =
		isFinal(tier.status) &&
		(before?.runId !== tier.runId ||
			isFinal(before?.status ?? 'none') ||
			(isUnread(before) && (tier.finishedAt ?? 0) < since));
	return isHistory
		? []
		: tier.jobs.filter(isNews).map(job => ({
				at: timeOf(job, seenAt),
				sha: candidate.sha,
				kind: 'job',
				subject: tier.name,
				status: job.status,
				text: `${tierTitles[tier.name]}: ${job.name} ${wording[job.status]}${lasted(job)}`,
			}));
};

/** What went to production, or is older, is no longer a question. */
const isSettled = new Set<Candidate['answer']>(['in-production', 'mixed', 'older', 'merged']);

const gateChange = (candidate: Candidate, before: Candidate | undefined, seenAt: number): readonly Change[] => {
	const isReady = candidate.answer === 'ready' && !candidate.liveOn.includes('production');
	const wasReady = before?.answer === 'ready' && !before.liveOn.includes('production');
	if (!before || wasReady === isReady || (!isReady && isSettled.has(candidate.answer))) return [];
	return [
		{
			at: seenAt,
			sha: candidate.sha,
			kind: 'gate',
			subject: 'gate',
			status: isReady ? 'passed' : 'failed',
			text: isReady ? 'ready for production' : 'no longer ready for production',
		},
	];
};

const candidateChanges = (candidate: Candidate, before: Candidate | undefined, seen: Seen): readonly Change[] => [
	...(before
		? []
		: [
				{
					at: candidate.tiers.fast.createdAt ?? seen.seenAt,
					sha: candidate.sha,
					kind: 'commit' as const,
					subject: 'commit',
					status: 'none' as const,
					text: `new commit by ${candidate.author}: ${candidate.message}`,
				},
			]),
	...tierNames.flatMap(name => {
		const tier = candidate.tiers[name];
		return tier
			? [
					...tierChange(candidate, tier, before?.tiers[name], seen),
					...jobChanges(candidate, tier, before?.tiers[name], seen),
				]
			: [];
	}),
	...gateChange(candidate, before, seen.seenAt),
];

const environmentChange = (
	environment: Environment,
	before: Environment | undefined,
	seenAt: number,
): readonly Change[] => {
	if (
		!before ||
		(before.sha === environment.sha &&
			before.status === environment.status &&
			before.newestSha === environment.newestSha)
	)
		return [];
	const release = environment.sha === null ? 'an unknown release' : short(environment.sha);
	const text =
		environment.sha !== before.sha && environment.status === 'passed'
			? `${environment.name} runs ${release}`
			: `deployment to ${environment.name} ${wording[environment.status]}`;
	return [
		{
			at: environment.status === 'passed' ? (environment.deployedAt ?? seenAt) : seenAt,
			sha: environment.status === 'passed' ? environment.sha : environment.newestSha,
			kind: 'environment',
			subject: environment.name,
			status: environment.status,
			text,
		},
	];
};

const branchChange = (before: Snapshot, after: Snapshot): readonly Change[] => {
	const {name, sha} = after.branches.production;
	return sha === before.branches.production.sha || sha === null
		? []
		: [
				{
					at: after.fetchedAt,
					sha,
					kind: 'branch',
					subject: name,
					status: 'passed',
					text: `${name} moved to ${short(sha)}`,
				},
			];
};

/**
Oldest first. Candidates that scrolled out of the window are not news. `since`: when somebody began to look (milliseconds, GitHub's clock): what
had ended before that, and of which only the jobs were read now, is no news either.
*/
export const changesBetween = (
	before: Snapshot,
	after: Snapshot,
	since = Number.NEGATIVE_INFINITY,
): readonly Change[] => {
	const known = new Map(before.candidates.map(candidate => [candidate.sha, candidate]));
	const oldest = Math.min(...before.candidates.map(candidate => candidate.committedAt));
	// What stands below all that was known was only read now.
	const lowest = after.candidates.findLastIndex(({sha}) => known.has(sha));
	const isNew = ({committedAt}: Candidate, index: number) =>
		before.candidates.length === 0 || (committedAt >= oldest && (lowest === -1 || index < lowest));
	return [
		...after.candidates
			.filter((candidate, index) => known.has(candidate.sha) || isNew(candidate, index))
			.flatMap(candidate =>
				candidateChanges(candidate, known.get(candidate.sha), {seenAt: after.fetchedAt, since}),
			),
		...after.environments.flatMap(environment =>
			environmentChange(
				environment,
				before.environments.find(({name}) => name === environment.name),
				after.fetchedAt,
			),
		),
		...branchChange(before, after),
	].sort((a, b) => a.at - b.at);
};
