/**
Reads GitHub: one question, one answer. GraphQL with REST beside it; REST alone for ten minutes where GraphQL is refused.
Only ever reads. Nothing happens at import time, and the first question is the first use of the network.
*/
import {commitsRead} from '../core/polling/attention.ts';
import type {Answer, Facts, Question, Reading, ReadFailure, RunFact} from '../core/github/facts.ts';
import type {Settings} from '../core/settings/settings.ts';
import type {AncestryStore, Clock, GitHub} from '../world.ts';
import {limits} from './queries/documents.ts';
import {classify} from './failures/failures.ts';
import {createGraphql} from './http/graphql.ts';
import {createLineage} from './read/lineage.ts';
import {createNewestRuns} from './read/newest-runs.ts';
import {createGraphqlPath, type Path} from './read/graphql-path.ts';
import {firstParents} from './read/parse-graphql.ts';
import {parseCommits} from './read/parse-rest.ts';
import {createRest, mapLimited} from './http/rest.ts';
import {createRestPath} from './read/rest-path.ts';
import {createRestRuns} from './read/rest-runs.ts';
import {createRunDetails} from './read/run-details.ts';
import {createTally, type Tally} from './http/tally.ts';
import {createTransport, type Endpoint} from './http/transport.ts';
import {Trouble, type Evidence} from './failures/trouble.ts';
import {createWorkflowIds, workflowFiles} from './read/workflow-ids.ts';

export type {Endpoint} from './http/transport.ts';
export type GitHubOptions = {
	endpoint: Endpoint;
	settings: Settings;
	/** OWNER/NAME */
	repository: string;
	clock: Clock;
	/** Default: Node's, looked up when the first question is asked. */
	fetch?: typeof globalThis.fetch;
	/** What earlier starts have read that never changes; null: nothing is believed but what this one reads. */
	ancestry?: AncestryStore | null;
	/** Of one request, not of one question. GitHub itself gives up after 10 s. */
	timeoutMs?: number;
};
export type GitHubReader = GitHub & {
	/** Which path the next question goes: `rest` while the token or the server does not allow GraphQL. */
	path(): Reading['path'];
};

const singlesAtMost = 8;
const graphqlAgainAfterMs = 10 * 60_000;

/** @returns a reader whose `ask` answers with a failure value for whatever GitHub or the network does, and rejects only when aborted */
export function createGitHub({
	endpoint,
	settings,
	repository,
	clock,
	fetch,
	timeoutMs = 12_000,
	ancestry = null,
}: GitHubOptions): GitHubReader {
	const transport = createTransport({endpoint, clock, timeoutMs, fetch});
	const circumstances = () => ({
		now: clock.now(),
		skewMs: transport.skewMs(),
		host: endpoint.host,
		repository,
		token: endpoint.token,
	});
	const rest = createRest({endpoint, transport, repository, circumstances});
	const workflowIds = createWorkflowIds({rest, settings, clock});
	const newest = createNewestRuns(rest, clock);
	const graphqlPath = createGraphqlPath({
		graphql: createGraphql({endpoint, transport}),
		rest,
		details: createRunDetails(rest, clock, newest.saw),
		workflowIds,
		settings,
		repository,
	});
	const restPath = createRestPath({rest, settings, repository, saw: newest.saw});
	const lineage = createLineage(rest, ancestry);
	const files = workflowFiles(settings);
	let restUntil = Number.NEGATIVE_INFINITY;

	const path = (): Reading['path'] => (clock.now() < restUntil ? 'rest' : 'graphql');
	const restRuns = createRestRuns(rest);

	/** Runs that no list reaches any more. One that cannot be read is missing. */
	async function singles(ids: readonly number[], tally: Tally): Promise<RunFact[]> {
		const runs = await mapLimited(ids.slice(0, singlesAtMost), 4, async id => {
			const run = await restRuns.single(id, tally);
			return run === null ? null : restRuns.withJobs(run, new Set(), tally);
		});
		return runs.filter(run => run !== null);
	}

	/** As the last overview told it: what is asked of it goes out beside the next one. */
	let knownDefault: string | null = null;

	/** Runs of `workflow_run` and `schedule` sit on the default branch; one request where that is another one than staging's, free while it stands still. */
	async function historyOfDefault(defaultBranch: string | null, tally: Tally): Promise<Pick<Facts, 'defaultTrunk'>> {
		if (defaultBranch === null || defaultBranch === settings.branches.staging) {
			return {};
		}

		const read = await tally.without(
			'history of the default branch',
			rest.find(`/commits?sha=${encodeURIComponent(defaultBranch)}&per_page=100`, parseCommits, tally),
		);
		return {defaultTrunk: firstParents(read?.value ?? [], 100).map(({sha}) => sha)};
	}

	const take = async (by: Path, question: Question, tally: Tally) => {
		if (question.kind === 'overview') {
			newest.forget();
			const asked = knownDefault;
			const [facts, history] = await Promise.all([
				by.overview(Math.min(question.commits ?? commitsRead.usual, limits.commits), tally),
				historyOfDefault(asked, tally),
			]);
			knownDefault = facts?.defaultBranch ?? asked;
			const more = facts && newest.covering(facts, files);
			return (
				facts && {
					...facts,
					...more,
					runs: [...facts.runs, ...(more?.runs ?? [])],
					...(knownDefault === asked ? history : await historyOfDefault(knownDefault, tally)),
				}
			);
		}

		if (question.since !== undefined) {
			return newest.read(question.since, tally);
		}

		const [facts, more, lies] = await Promise.all([
			by.active(question, tally),
			singles(question.runs ?? [], tally),
			question.lineage ? lineage.read(question.lineage, tally) : {},
		]);
		return facts === null
			? null
			: {
					...facts,
					...lies,
					runs: [...facts.runs, ...more.filter(({id}) => !facts.runs.some(run => run.id === id))],
				};
	};

	async function read(question: Question, tally: Tally) {
		const facts = path() === 'graphql' ? await take(graphqlPath, question, tally) : null;
		if (facts !== null) {
			return {facts, path: 'graphql' as const, cost: tally.points, rateLimit: tally.graphqlLimit};
		}

		if (path() === 'graphql') {
			restUntil = clock.now() + graphqlAgainAfterMs;
			// They said why GraphQL was refused; the answer is whole again.
			tally.partial.clear();
			tally.unread.clear();
		}

		// Over REST nobody needs the ids, but whether a workflow exists at all.
		const [overRest] = await Promise.all([take(restPath, question, tally), workflowIds.read(tally)]);
		return {facts: overRest ?? {runs: []}, path: 'rest' as const, cost: tally.counted, rateLimit: tally.restLimit};
	}

	async function ask(question: Question, signal?: AbortSignal): Promise<Answer> {
		const startedAt = clock.now();
		const tally = createTally(signal, clock, circumstances);
		try {
			const {facts, path: by, cost, rateLimit} = await read(question, tally);
			const readAt = clock.now();
			const reading: Reading = {
				kind: question.kind,
				readAt,
				clockSkewMs: transport.skewMs(),
				latencyMs: readAt - startedAt,
				cost,
				rateLimit,
				path: by,
				partial: [...tally.partial].slice(0, 20),
				unread: [...tally.unread.values()],
				facts: question.kind === 'overview' ? {...facts, absentWorkflows: workflowIds.absent()} : facts,
			};
			return {ok: true, reading};
		} catch (error) {
			signal?.throwIfAborted();
			// JSON of an unexpected shape makes a parser fail: for the user that is GitHub not being understood, too.
			const evidence: Evidence = error instanceof Trouble ? error.evidence : {kind: 'incomprehensible', error};
			const readAt = clock.now();
			const failure: ReadFailure = {
				...classify(evidence, circumstances()),
				readAt,
				latencyMs: readAt - startedAt,
			};
			return {ok: false, failure};
		}
	}

	return {ask, path};
}
