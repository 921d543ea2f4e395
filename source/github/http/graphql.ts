/** One GraphQL question, or one mutation. Partial data is used, never thrown away: GitHub sends errors along with what it could read. */
import {documents, mutations} from '../queries/documents.ts';
import type * as generated from '../queries/documents.generated.ts';
import {rateLimitOf} from './rest.ts';
import type {Tally} from './tally.ts';
import type {Endpoint, Exchange, Transport} from './transport.ts';
import {isAbsence, refusalKept, Trouble, type GraphqlError, type Headers} from '../failures/trouble.ts';
import {clean, time} from '../failures/values.ts';

type Operations = {
	overview: [generated.OverviewQueryVariables, generated.OverviewQuery];
	active: [generated.ActiveQueryVariables, generated.ActiveQuery];
	commitSuites: [generated.CommitSuitesQueryVariables, generated.CommitSuitesQuery];
	suiteJobs: [generated.SuiteJobsQueryVariables, generated.SuiteJobsQuery];
	suiteWaits: [generated.SuiteWaitsQueryVariables, generated.SuiteWaitsQuery];
	pull: [generated.PullQueryVariables, generated.PullQuery];
	openPulls: [generated.OpenPullsQueryVariables, generated.OpenPullsQuery];
	updateRefs: [generated.UpdateRefsMutationVariables, generated.UpdateRefsMutation];
	createPullRequest: [generated.CreatePullRequestMutationVariables, generated.CreatePullRequestMutation];
	mergePullRequest: [generated.MergePullRequestMutationVariables, generated.MergePullRequestMutation];
	enqueuePullRequest: [generated.EnqueuePullRequestMutationVariables, generated.EnqueuePullRequestMutation];
	closePullRequest: [generated.ClosePullRequestMutationVariables, generated.ClosePullRequestMutation];
	approveDeployments: [generated.ApproveDeploymentsMutationVariables, generated.ApproveDeploymentsMutation];
	rejectDeployments: [generated.RejectDeploymentsMutationVariables, generated.RejectDeploymentsMutation];
};

export type MutationName = keyof typeof mutations;
export type Variables<Name extends keyof Operations> = Operations[Name][0];
/** What a mutation answers with, in its own field. */
export type Payload<Name extends MutationName> = Operations[Name][1] extends {readonly [Field in Name]: infer Result}
	? NonNullable<Result>
	: never;

const texts = {...documents, ...mutations};

/** `headers`: what GitHub wants of us next stands there also when data came, like where to sign on. */
export type Replied<Data> = {data: Data; errors: readonly GraphqlError[]; headers: Headers};
export type Graphql = {
	/**
	Errors that came with data are noted in the tally's `partial`.
	@throws {Trouble} when there is no data at all
	*/
	query<Name extends keyof Operations>(
		name: Name,
		variables: Operations[Name][0],
		tally: Tally,
	): Promise<Replied<Operations[Name][1]>>;
};

/**
The JSON of an answer. Parsed here because octokit's own parser, made for 64-bit integers, takes ten times as long.
@throws {Trouble} for statuses and bodies that octokit would take for an answer, or make unrecognisable
*/
function bodyOf({status, headers, text}: Exchange, url: string): object {
	if (status === 404) {
		throw new Trouble({kind: 'no-api', status, url});
	}

	if (status >= 300 && status < 400) {
		throw new Trouble({kind: 'redirect', status, to: headers['location'] ?? ''});
	}

	if (status >= 400) {
		throw new Trouble({kind: 'http', status, headers, body: text.slice(0, refusalKept)});
	}

	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		/* Truncated, or a web page. */
	}

	if (typeof parsed !== 'object' || parsed === null || !('data' in parsed || 'errors' in parsed)) {
		throw new Trouble({kind: 'malformed', status, headers, body: text.slice(0, 500)});
	}

	return parsed;
}

function account(tally: Tally, limit: generated.LimitBitsFragment | null | undefined, headers: Headers) {
	const resetAt = time(limit?.resetAt);
	tally.points += limit?.cost ?? (headers['x-ratelimit-limit'] === undefined ? 0 : 1);
	tally.graphqlLimit =
		limit && resetAt !== null
			? {limit: limit.limit, remaining: limit.remaining, resetAt}
			: (rateLimitOf(headers) ?? tally.graphqlLimit);
}

export function createGraphql({endpoint, transport}: {endpoint: Endpoint; transport: Transport}): Graphql {
	async function send(text: string, variables: Record<string, unknown>, tally: Tally) {
		const {graphql, GraphqlResponseError} = await import('@octokit/graphql');
		let headers: Headers = {};
		// Octokit's own answer loses the headers on success, and its fetch follows redirects with the token.
		const exchange = async (_url: unknown, init: RequestInit = {}) => {
			const answer = await transport.send(
				{
					method: 'POST',
					url: endpoint.graphqlUrl,
					headers: {'content-type': 'application/json'},
					body: typeof init.body === 'string' ? init.body : undefined,
				},
				tally.signal,
			);
			tally.requests += 1;
			headers = answer.headers;
			return Object.defineProperty(new Response(null), 'body', {value: bodyOf(answer, endpoint.graphqlUrl)});
		};

		try {
			const data: unknown = await graphql(text, {
				...variables,
				baseUrl: endpoint.graphqlUrl.replace(/\/graphql$/, ''),
				request: {fetch: exchange, parseSuccessResponseBody: false},
			});
			return {data, errors: [], headers};
		} catch (error) {
			if (error instanceof GraphqlResponseError) {
				const errors: readonly GraphqlError[] = error.errors ?? [];
				return {data: error.data as unknown, errors, headers};
			}

			// Octokit wraps what its fetch throws, the reason of an abort included.
			tally.signal?.throwIfAborted();
			throw error instanceof Error && error.cause instanceof Trouble ? error.cause : error;
		}
	}

	async function query<Name extends keyof Operations>(
		name: Name,
		variables: Operations[Name][0],
		tally: Tally,
	): Promise<Replied<Operations[Name][1]>> {
		const {data, errors, headers} = await send(texts[name], variables, tally);
		// GitHub has sent `"data": "null"`, a string, after timeouts.
		const isData = typeof data === 'object' && data !== null;
		account(
			tally,
			isData && 'rateLimit' in data ? (data.rateLimit as generated.LimitBitsFragment | null) : null,
			headers,
		);
		if (!isData) {
			throw new Trouble({kind: 'errors', headers, errors});
		}

		for (const error of errors.filter(one => !isAbsence(one))) {
			tally.partial.add(clean(error.message));
		}

		// The documents are validated against the schema that the types are made from.
		return {data: data as Operations[Name][1], errors, headers};
	}

	return {query};
}
