/**
Single tests of E2E: failures that shards publish as commit statuses while they run, and the results files of shards that have ended.
Read beside the polling and only when there is something new, so that neither waits for the other; stops well before the hour's
allowance is used up, which is shared with everything else.
*/
import type {components} from '@octokit/openapi-types';
import {withJobs, withResult} from '../../core/tests/flaky.ts';
import {readShardResult, shown} from '../../core/tests/read-results.ts';
import {
	type HistoryStore,
	type LiveFailure,
	outcomeOf,
	type ShardOutcome,
	type Tests,
	type TestsQuestion,
} from '../../core/tests/tests.ts';
import {parseRunUrl} from '../../core/github/run-url.ts';
import {isByWorkflow} from '../../core/evidence/subjects.ts';
import {parseShardContext, parseShardWord, type ShardName} from '../../core/tests/progress.ts';
import {artifactName, resultFile, type ShardResult} from '../../core/tests/results.ts';
import type {Clock} from '../../world.ts';
import {remember} from '../http/bounded.ts';
import {createDownloader} from '../http/download.ts';
import {classify} from '../failures/failures.ts';
import {createRest, mapLimited} from '../http/rest.ts';
import {createTally, type Tally} from '../http/tally.ts';
import {createTransport, type Endpoint} from '../http/transport.ts';
import {Trouble} from '../failures/trouble.ts';
import {time} from '../failures/values.ts';
import {unzipped} from './zip.ts';
import type {Circumstances} from '../failures/circumstances.ts';

type Schemas = components['schemas'];
export type TestsOptions = {
	endpoint: Endpoint;
	/** OWNER/NAME */ repository: string;
	clock: Clock;
	history: HistoryStore;
	fetch?: typeof globalThis.fetch;
	timeoutMs?: number;
};

const perPage = 100;
/** GitHub keeps 1,000 statuses of a context at most. */
const pagesAtMost = 10;
const artifactPages = 3;
/** Bytes, packed and unpacked. */
const zipAtMost = 16 * 2 ** 20;
const fileAtMost = 64 * 2 ** 20;
/** Requests of this hour that are left to others: to polling where GraphQL is refused, to logs, to people. */
const reserve = 500;
const attemptsBack = 3;
const keptAtMost = 200;
/** Tests in all files that are kept. */
const testsKept = 100_000;
const needs = 'read access to Actions and Commit statuses';

type Page = {
	count: number;
	oldestId: number;
	newestId: number;
	ours: ReadonlyArray<{
		context: string;
		targetUrl: string | null;
		description: string | null;
		at: number;
		creator: string | null;
	}>;
};

const parsePage = (body: ReadonlyArray<Schemas['status'] | null>): Page => {
	const statuses = body.filter(one => one !== null);
	const ids = statuses.map(({id}) => id);
	return {
		count: body.length,
		oldestId: Math.min(...ids),
		newestId: Math.max(0, ...ids),
		ours: statuses
			.filter(({context}) => context.startsWith('deployctl/'))
			.map(status => ({
				context: status.context,
				targetUrl: status.target_url ?? null,
				description: status.description ?? null,
				at: time(status.created_at) ?? 0,
				creator: status.creator?.login ?? null,
			})),
	};
};

type Artifact = {id: number; name: string; bytes: number; isExpired: boolean};
const parseArtifacts = (body: {
	total_count?: number;
	artifacts: ReadonlyArray<Schemas['artifact'] | null>;
}): {total: number; artifacts: readonly Artifact[]} => ({
	total: body.total_count ?? 0,
	artifacts: body.artifacts
		.filter(one => one !== null)
		.map(one => ({id: one.id, name: one.name, bytes: one.size_in_bytes, isExpired: one.expired})),
});

/** What one commit's statuses said of one workflow until now. */
type Memory = {
	newestId: number;
	failures: ReadonlyMap<string, LiveFailure & {runId: number; attempt: number; workflow: string}>;
	isCut: boolean;
};

const failuresIn = (
	{ours}: Page,
	question: TestsQuestion,
	home: {repository: string; url: null},
): ReadonlyArray<LiveFailure & {runId: number; attempt: number; workflow: string}> =>
	ours.flatMap(status => {
		const name = parseShardContext(question.workflow, status.context);
		const address = name && isByWorkflow(status) ? parseRunUrl(status.targetUrl, home) : null;
		const failure = address?.attempt != null ? parseShardWord(status.description)?.failure : null;
		return name && address?.attempt != null && failure
			? [
					{
						workflow: question.workflow,
						runId: address.runId,
						attempt: address.attempt,
						shard: name.index,
						at: status.at,
						location: shown(failure.location, 200),
						title: shown(failure.title, 300),
						message: shown(failure.message, 300),
					},
				]
			: [];
	});

export function createTests({endpoint, repository, clock, history, fetch, timeoutMs = 12_000}: TestsOptions): Tests {
	const transport = createTransport({endpoint, clock, timeoutMs, fetch});
	const circumstances = (): Circumstances => ({
		now: clock.now(),
		skewMs: transport.skewMs(),
		host: endpoint.host,
		repository,
		token: endpoint.token,
		needs,
	});
	const rest = createRest({endpoint, transport, repository, circumstances});
	const downloader = createDownloader({endpoint, clock, timeoutMs: 3 * timeoutMs, fetch});
	const memories = new Map<string, Memory>();
	const files = new Map<number, ShardResult | {because: string}>();

	/** From the newest back to what is known; the first time to the end, as far as that is allowed. */
	async function readLive(question: TestsQuestion, tally: Tally): Promise<Memory> {
		// Each workflow for itself: a page that was read for another one was read without this one's failures.
		const about = `${question.sha} ${question.workflow}`;
		const before = memories.get(about) ?? {newestId: 0, failures: new Map(), isCut: false};
		const pages: Page[] = [];
		let isCut = false;
		for (let number = 1; ; number++) {
			const {value: page} = await rest.get(
				`/commits/${question.sha}/statuses?per_page=${perPage}${number === 1 ? '' : `&page=${number}`}`,
				parsePage,
				tally,
			);
			pages.push(page);
			if (page.count < perPage || page.oldestId <= before.newestId) break;
			isCut = number === pagesAtMost;
			if (isCut) break;
		}

		const failures = new Map(before.failures);
		// Oldest first: a failure that is told again keeps the time at which it was first known.
		for (const failure of pages
			.toReversed()
			.flatMap(page => failuresIn(page, question, {repository, url: null}).toReversed())) {
			const key = `${failure.runId} ${failure.attempt} ${failure.shard} ${failure.location} ${failure.title}`;
			failures.set(key, {...failure, at: Math.min(failure.at, failures.get(key)?.at ?? failure.at)});
		}

		return remember(
			memories,
			about,
			{
				newestId: Math.max(before.newestId, ...pages.map(({newestId}) => newestId)),
				failures,
				isCut: before.isCut || isCut,
			},
			keptAtMost,
		);
	}

	async function listArtifacts(runId: number, tally: Tally): Promise<readonly Artifact[]> {
		const artifacts: Artifact[] = [];
		for (let page = 1; page <= artifactPages; page++) {
			const {value} = await rest.get(
				`/actions/runs/${runId}/artifacts?per_page=${perPage}${page === 1 ? '' : `&page=${page}`}`,
				parseArtifacts,
				tally,
			);
			artifacts.push(...value.artifacts);
			if (value.artifacts.length < perPage || artifacts.length >= value.total) break;
		}

		return artifacts;
	}

	const parsed = (bytes: Buffer): unknown => {
		try {
			return JSON.parse(bytes.toString('utf8')) as unknown;
		} catch {
			return null;
		}
	};

	async function readFile(
		{id, name, bytes: size, isExpired}: Artifact,
		tally: Tally,
	): Promise<ShardResult | {because: string}> {
		if (isExpired) return {because: `${name}: GitHub keeps it no longer`};
		if (size > zipAtMost) return {because: `${name}: it is larger than ${zipAtMost / 2 ** 20} MB`};
		const download = await downloader.fetch(
			`/repos/${repository}/actions/artifacts/${id}/zip`,
			zipAtMost,
			status => tally.sawRest(status, null),
			tally.signal,
		);
		if (!download.ok) return {because: `${name}: ${download.because}`};
		const file = await unzipped(download.bytes, resultFile, fileAtMost);
		if (!file.ok) return {because: `${name}: ${file.because}`};
		return (
			readShardResult(parsed(file.bytes)) ?? {
				because: `${name}: ${resultFile} is not what the reporter writes, or of a newer version`,
			}
		);
	}

	/** As many files as fit: what was put out is downloaded again when somebody asks. */
	const keep = (id: number, file: ShardResult | {because: string}) => {
		remember(files, id, file, keptAtMost);
		let left = testsKept;
		for (const [known, {tests}] of [...files]
			.toReversed()
			.map(([key, one]) => [key, 'because' in one ? {tests: []} : one] as const)) {
			left -= tests.length;
			if (left < 0 && known !== id) files.delete(known);
		}
		return file;
	};

	/** Whose it says to be, and whose name it has. */
	const isOf = (result: ShardResult, question: TestsQuestion, attempt: number, shard: ShardName): boolean =>
		result.runId === question.runId &&
		result.attempt === attempt &&
		result.sha === question.sha &&
		result.shard.index === shard.index &&
		result.shard.total === shard.total;

	async function readShard(shard: ShardName, question: TestsQuestion, artifacts: readonly Artifact[], tally: Tally) {
		const found: ShardResult[] = [];
		const problems: string[] = [];
		for (let attempt = question.attempt; attempt >= Math.max(1, question.attempt - attemptsBack); attempt--) {
			// A name is taken once in a run; of several the newest counts.
			const artifact = artifacts
				.filter(({name}) => name === artifactName(question.workflow, shard, attempt))
				.sort((a, b) => b.id - a.id)[0];
			if (!artifact) continue;
			const file = files.get(artifact.id) ?? keep(artifact.id, await readFile(artifact, tally));
			if ('because' in file) problems.push(shown(file.because, 200));
			else if (isOf(file, question, attempt, shard)) found.push(file);
			else problems.push(`${artifact.name}: what is in it is of another run`);
		}

		return {shard, found, problems};
	}

	async function readResults(question: TestsQuestion, tally: Tally) {
		const artifacts = await listArtifacts(question.runId, tally);
		return mapLimited(question.ended, 2, async shard => readShard(shard, question, artifacts, tally));
	}

	/** What GitHub or the network did is a sentence; whatever else is a bug. */
	async function attempt<Result>(
		act: () => Promise<Result>,
		problems: string[],
		retries: number[],
	): Promise<Result | null> {
		try {
			return await act();
		} catch (error) {
			if (!(error instanceof Trouble)) throw error;
			const {because, next, retryAt} = classify(error.evidence, circumstances());
			problems.push(next === undefined ? because : `${because} ${next}`);
			if (retryAt !== null) retries.push(retryAt);
			return null;
		}
	}

	let remaining: {count: number; resetAt: number} | null = null;
	const isSpent = () => remaining !== null && remaining.count < reserve && clock.now() < remaining.resetAt;

	async function read(question: TestsQuestion, signal?: AbortSignal) {
		const tally = createTally(signal, clock, circumstances);
		const problems: string[] = [];
		const retries: number[] = [];
		if (isSpent()) {
			problems.push(
				'Less than a tenth of the hourly allowance is left: failing tests are read again when GitHub resets it.',
			);
			retries.push(remaining!.resetAt);
		}

		const live =
			question.live && !isSpent()
				? await attempt(async () => readLive(question, tally), problems, retries)
				: null;
		const shards =
			question.ended.length > 0 && !isSpent()
				? await attempt(async () => readResults(question, tally), problems, retries)
				: null;
		signal?.throwIfAborted();
		remaining =
			tally.restLimit === null ? remaining : {count: tally.restLimit.remaining, resetAt: tally.restLimit.resetAt};
		const results = (shards ?? []).flatMap(({found}) => found);
		const kept = await history.change(before => question.jobs.reduce(withJobs, results.reduce(withResult, before)));
		const outcomes: ShardOutcome[] = results.map(outcomeOf);
		return {
			live:
				live === null
					? null
					: [...live.failures.values()]
							.filter(
								({runId, attempt: of, workflow}) =>
									runId === question.runId &&
									of === question.attempt &&
									workflow === question.workflow,
							)
							.map(({shard, location, title, message, at}) => ({shard, location, title, message, at}))
							.sort((a, b) => a.at - b.at),
			isLiveCut: live?.isCut ?? false,
			results: outcomes,
			missing: (shards ?? [])
				.filter(({found}) => !found.some(({attempt: of}) => of === question.attempt))
				.map(({shard}) => shard),
			history: kept.history,
			problems: [
				...problems,
				...(shards ?? []).flatMap(shard => shard.problems),
				...(kept.problem === null ? [] : [kept.problem]),
			].slice(0, 5),
			retryAt: retries.length > 0 ? Math.max(...retries) : null,
		};
	}

	return {read};
}
