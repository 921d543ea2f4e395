/** What a first contact only reads: the repository with what its headers tell, and what is said of an environment. */
import type {Connection} from '../../github/http/connection.ts';
import {classify} from '../../github/failures/failures.ts';
import {fateOf, reasonOf} from '../../github/http/mutation.ts';
import type {Tally} from '../../github/http/tally.ts';
import {type Headers, Trouble} from '../../github/failures/trouble.ts';
import type {EnvironmentContact} from './model.ts';

type Asking = {connection: Connection; tally: Tally};
export type Answered<Value> =
	| {ok: true; value: Value}
	| {ok: false; isCertain: boolean; because: string; /** What to do about it. */ next: string | null};

/** What GitHub or the network did is an answer here, too. @throws what is none: an abort, a bug */
export async function answered<Value>(
	{connection}: {connection: Connection},
	act: () => Promise<Value>,
): Promise<Answered<Value>> {
	try {
		return {ok: true, value: await act()};
	} catch (error) {
		if (!(error instanceof Trouble)) {
			throw error;
		}

		const at = connection.circumstances();
		return {
			ok: false,
			isCertain: fateOf(error, at) !== 'unknown',
			because: reasonOf(error, at),
			next: classify(error.evidence, at).next ?? null,
		};
	}
}

/** @throws {Trouble} when it is not JSON: a page of a proxy, most often */
const jsonOf = (status: number, headers: Headers, text: string): unknown => {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		throw new Trouble({kind: 'malformed', status, headers, body: text.slice(0, 500)});
	}
};

type Head = {nodeId: string; defaultBranch: string; permissions: {admin: boolean; push: boolean} | null};

/** The repository, with the headers that tell of server and token. @throws {Trouble} */
export async function repositoryHead({connection: {endpoint, transport, repository}, tally}: Asking) {
	const {status, headers, text} = await transport.send(
		{method: 'GET', url: `${endpoint.apiUrl}/repos/${repository}`},
		tally.signal,
	);
	tally.sawRest(status, null);
	if (status !== 200) {
		throw new Trouble({kind: 'http', status, headers, body: text.slice(0, 2000)});
	}

	const {
		node_id: nodeId,
		default_branch: defaultBranch,
		permissions,
	} = jsonOf(status, headers, text) as {
		node_id: string;
		default_branch: string;
		permissions?: {admin?: boolean; push?: boolean};
	};
	const value: Head = {
		nodeId,
		defaultBranch,
		permissions:
			permissions === undefined ? null : {admin: permissions.admin === true, push: permissions.push === true},
	};
	return {value, headers};
}

const environmentQuestion = `query FirstContact($owner: String!, $name: String!, $environment: String!) {
	repository(owner: $owner, name: $name) {
		environment(name: $environment) {
			name
			protectionRules(first: 10) {
				totalCount
			}
		}
	}
}`;

type EnvironmentAnswer = {
	data?: {repository?: {environment?: {protectionRules: {totalCount: number}} | null} | null} | null;
	errors?: ReadonlyArray<{type?: string; message: string}>;
};

/** What both ways say of an environment of that name. Never throws but when aborted. */
export async function environmentSaid({connection, tally}: Asking, name: string): Promise<EnvironmentContact> {
	const {endpoint, transport, repository} = connection;
	const [owner, repo] = repository.split('/');
	const graphql = await answered({connection}, async () => {
		const body = JSON.stringify({query: environmentQuestion, variables: {owner, name: repo, environment: name}});
		const {status, text, headers} = await transport.send(
			{method: 'POST', url: endpoint.graphqlUrl, headers: {'content-type': 'application/json'}, body},
			tally.signal,
		);
		tally.requests += 1;
		if (status !== 200) {
			throw new Trouble({kind: 'http', status, headers, body: text.slice(0, 2000)});
		}

		const answer = jsonOf(status, headers, text) as EnvironmentAnswer;
		const found = answer.data?.repository?.environment;
		const errors = (answer.errors ?? []).map(({type = 'no type', message}) => `${type}: ${message}`);
		return `${found == null ? String(found) : `${found.protectionRules.totalCount} protection rules`}${errors.length > 0 ? ` with ${errors.join('; ')}` : ', no error'}`;
	});
	const rest = await answered({connection}, async () => {
		const {status} = await transport.send(
			{method: 'GET', url: `${endpoint.apiUrl}/repos/${repository}/environments/${encodeURIComponent(name)}`},
			tally.signal,
		);
		tally.sawRest(status, null);
		return status;
	});
	return {
		name,
		graphql: graphql.ok ? graphql.value : graphql.because,
		rest: rest.ok ? String(rest.value) : rest.because,
	};
}
