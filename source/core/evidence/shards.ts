/**
The shards of one tier, from what they publish about themselves in commit statuses (`tests/progress.ts`) and from their jobs. Pure.
GitHub's word about a job wins over whatever a status says: a status can add what GitHub does not know, and never makes anything green.
Only what the tier's very run and attempt has published counts, and only when a workflow's own token wrote it.
*/
import type {CommitFact, RunFact, StatusFact} from '../github/facts.ts';
import type {Job, Status, Tier, Shard} from '../pipeline/pipeline.ts';
import {type Home, parseRunUrl, workflowFile} from '../github/run-url.ts';
import {safeText} from '../text/safe-text.ts';
import {isByWorkflow} from './subjects.ts';
import {parseShardContext, parseShardWord, type ShardName, type ShardProgress} from '../tests/progress.ts';
import {commitStatusWord, isFinal} from '../pipeline/words.ts';

export type ShardTotals = Omit<ShardProgress, 'current'> & {
	/** Shards that have published, and all there are. */ published: number;
	shards: number;
};

const safe = (text: string): string => safeText(text, 160);

/** `e2e (2, 4)`, `e2e / run (chromium, 2, 4)`, `shard 2 of 4`, `e2e 2/4`. */
export const shardOfJob = (name: string): ShardName | null => {
	const found = /(?:^|[^\d])(\d{1,4})(?:\s*,\s*|\s*\/\s*|[\s-]of[\s-])(\d{1,4})\)?$/.exec(name);
	const [index, total] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
	return index >= 1 && index <= total ? {index, total} : null;
};

/** Counts that contradict each other say nothing. */
const isPossible = ({done, failed, flaky, skipped}: ShardProgress): boolean => failed + flaky + skipped <= done;

type Published = {name: ShardName; state: Status; progress: ShardProgress | null; at: number};

/** Of this run and this attempt alone. Without a known attempt nobody can say whose it is. */
const publishedOf = (tier: Tier, statuses: readonly StatusFact[], home: Home): readonly Published[] =>
	statuses.flatMap(status => {
		const name = parseShardContext(tier.workflow, status.context);
		const address = name && isByWorkflow(status) ? parseRunUrl(status.targetUrl, home) : null;
		if (
			!name ||
			!address ||
			tier.runId === null ||
			tier.attempt === null ||
			address.runId !== tier.runId ||
			address.attempt !== tier.attempt
		)
			return [];
		const progress = parseShardWord(status.description)?.progress ?? null;
		const isKnown = progress !== null && isPossible(progress);
		return [
			{
				name,
				state: commitStatusWord(status.state).status,
				at: status.createdAt,
				progress: isKnown
					? {...progress, current: progress.current === null ? null : safe(progress.current)}
					: null,
			},
		];
	});

const urgency: Readonly<Partial<Record<Status, number>>> = {
	failed: 0,
	running: 1,
	waiting: 2,
	queued: 3,
	unknown: 4,
	cancelled: 5,
};

/** The job of a shard; of several (browsers) the one that needs attention first. */
const jobsByShard = (jobs: readonly Job[], total: number): ReadonlyMap<number, Job> => {
	const found = new Map<number, Job>();
	for (const job of jobs) {
		const name = shardOfJob(job.name);
		const before = name && found.get(name.index);
		if (name?.total === total && (!before || (urgency[job.status] ?? 9) < (urgency[before.status] ?? 9)))
			found.set(name.index, job);
	}
	return found;
};

/** How many there are: as the jobs say, else as most of what was published says. */
const totalOf = (published: readonly Published[], jobs: readonly Job[]): number => {
	const most = (totals: readonly number[]): number | undefined => {
		const counts = new Map<number, number>();
		for (const total of totals) counts.set(total, (counts.get(total) ?? 0) + 1);
		return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
	};
	const said = published.map(({name}) => name.total);
	return (
		most(
			jobs.flatMap(job => {
				const total = shardOfJob(job.name)?.total;
				return total !== undefined && said.includes(total) ? [total] : [];
			}),
		) ??
		most(said) ??
		0
	);
};

/** Without a job there is only the shard's own word; one that the rest contradicts is no word. */
const statusWithoutJob = (word: Published | undefined, tier: Tier): Status => {
	if (!word) return tier.runIsOver ? 'unknown' : 'none';
	if (word.state === 'running') return tier.runIsOver || isFinal(tier.status) ? 'unknown' : 'running';
	const isContradicted = word.state === 'passed' && ((word.progress?.failed ?? 0) > 0 || tier.status === 'failed');
	return isContradicted ? 'unknown' : word.state;
};

const elapsedOf = ({startedAt, finishedAt}: {startedAt: number | null; finishedAt: number | null}): number | null =>
	startedAt === null || finishedAt === null || finishedAt <= startedAt ? null : (finishedAt - startedAt) / 1000;

/** Seconds that jobs of this name took in green runs of the workflow, newest first; the tier's own run does not count. */
export const jobSeconds = (
	runs: readonly RunFact[],
	workflow: string,
	except: number | null,
): ReadonlyMap<string, readonly number[]> => {
	const found = new Map<string, number[]>();
	for (const run of runs) {
		if (run.id === except || run.conclusion !== 'SUCCESS' || workflowFile(run.workflowPath) !== workflow) continue;
		for (const job of run.jobs ?? []) {
			const seconds = job.conclusion === 'SUCCESS' ? elapsedOf(job) : null;
			if (seconds !== null) found.set(job.name, [...(found.get(job.name) ?? []), seconds]);
		}
	}
	return found;
};

/** Empty when nothing was published by the tier's run and attempt. `medianOf`: seconds of the job with this name; null: not known. */
export const shardsOf = (
	tier: Tier,
	commit: CommitFact,
	home: Home,
	medianOf: (jobName: string) => number | null,
): readonly Shard[] => {
	const published = publishedOf(tier, commit.statuses, home);
	if (published.length === 0) return [];
	const total = totalOf(published, tier.jobs);
	const jobs = jobsByShard(tier.jobs, total);
	// The newest word of each: the same context comes once, but other spellings of the workflow's name may not.
	const words = new Map(
		[...published]
			.filter(({name}) => name.total === total)
			.sort((a, b) => a.at - b.at)
			.map(word => [word.name.index, word]),
	);
	return Array.from({length: total}, (_, position): Shard => {
		const index = position + 1;
		const [job, word] = [jobs.get(index), words.get(index)];
		return {
			index,
			total,
			jobId: job?.id ?? null,
			jobName: job?.name ?? null,
			status: job?.status ?? statusWithoutJob(word, tier),
			progress: word?.progress ?? null,
			publishedAt: word?.at ?? null,
			startedAt: job?.startedAt ?? null,
			finishedAt: job?.finishedAt ?? null,
			medianSeconds: job ? medianOf(job.name) : null,
		};
	});
};

/** What the shards say together; null: none of them says anything. */
export const shardTotals = (shards: readonly Shard[]): ShardTotals | null => {
	const known = shards.flatMap(({progress}) => progress ?? []);
	if (known.length === 0) return null;
	const sum = (of: (progress: ShardProgress) => number) => known.reduce((all, progress) => all + of(progress), 0);
	return {
		done: sum(({done}) => done),
		total: sum(({total}) => total),
		failed: sum(({failed}) => failed),
		flaky: sum(({flaky}) => flaky),
		skipped: sum(({skipped}) => skipped),
		published: known.length,
		shards: shards.length,
	};
};

/** Below this many seconds, or tests, a rate says nothing. */
const rateFrom = {seconds: 10, done: 2};

/**
Seconds that a running shard still needs: by its own rate, by what is usual, and the more it has done the more by its own rate.
null: it does not run, or neither is known. `now` in milliseconds.
*/
export const secondsLeft = (shard: Shard, now: number): number | null => {
	if (shard.status !== 'running' || shard.startedAt === null) return null;
	const elapsed = Math.max(0, (now - shard.startedAt) / 1000);
	const usual = shard.medianSeconds === null ? null : Math.max(0, shard.medianSeconds - elapsed);
	const {progress} = shard;
	if (!progress || progress.total === 0) return usual;
	if (progress.done === progress.total) return 0;
	const worked = Math.max(0, ((shard.publishedAt ?? now) - shard.startedAt) / 1000);
	if (progress.done < rateFrom.done || worked < rateFrom.seconds) return usual;
	// Since it published that, it has gone on.
	const byRate = Math.max(0, (worked / progress.done) * (progress.total - progress.done) - (elapsed - worked));
	const share = progress.done / progress.total;
	return usual === null ? byRate : share * byRate + (1 - share) * usual;
};

/** Of the whole: the shard that takes longest; null when one that runs or is to come cannot be estimated. */
export const tierSecondsLeft = (shards: readonly Shard[], now: number): number | null => {
	const open = shards.filter(({status}) => !isFinal(status));
	const left = open.map(shard => (shard.status === 'running' ? secondsLeft(shard, now) : null));
	return open.length === 0 || left.some(seconds => seconds === null)
		? null
		: Math.max(...left.map(seconds => seconds ?? 0));
};

/** The tier with its shards, and its progress as their sum while it goes on. */
export const withShards = (
	tier: Tier,
	commit: CommitFact,
	home: Home,
	medianOf: (jobName: string) => number | null,
): Tier => {
	const shards = shardsOf(tier, commit, home, medianOf);
	const totals = shardTotals(shards);
	if (shards.length === 0) return tier;
	return {
		...tier,
		shards,
		progress:
			totals === null || totals.total === 0 || isFinal(tier.status)
				? tier.progress
				: {done: totals.done, total: totals.total, failed: totals.failed},
	};
};
