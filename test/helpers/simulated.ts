/** The simulator without sockets: ask, look, move the clock. */
import {createApi, pathsOf, type Api} from '../../source/simulator/answer.ts';
import type {Outgoing} from '../../source/simulator/calls/exchange.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';

export type GraphqlAnswer = {
	// oxlint-disable-next-line typescript/no-explicit-any
	data: any;
	errors?: Array<{
		type?: string;
		message: string;
		path?: Array<string | number>;
		extensions?: Record<string, unknown>;
	}>;
};

export type Simulated = Api & {
	now(): number;
	move(milliseconds: number): void;
	/** `path` is below the repository, unless it begins with two slashes. */
	// oxlint-disable-next-line typescript/no-explicit-any
	rest(method: string, path: string, body?: unknown, headers?: Record<string, string>): Outgoing & {json: any};
	graphql(query: string, variables?: object, operationName?: string): GraphqlAnswer & {raw: Outgoing};
	as(token: string): Simulated;
};

export const origin = 'http://127.0.0.1:1';
const agent = {'user-agent': 'test'};

export function simulated(scenario: string | Scenario = 'release'): Simulated {
	const data = typeof scenario === 'string' ? scenarioNamed(scenario) : scenario;
	let now = Date.parse(data.startsAt);
	const api = createApi(data, {now: () => now});
	const paths = pathsOf(data);
	const {owner, name} = data.repository;
	const withToken = (token: string): Simulated => {
		const authorization = `bearer ${token}`;
		return {
			...api,
			now: () => now,
			move(milliseconds) {
				now += milliseconds;
				api.simulation.advanceTo(now);
			},
			rest(method, path, body, headers = {}) {
				const url = `${paths.rest}${path.startsWith('//') ? path.slice(1) : `/repos/${owner}/${name}${path}`}`;
				const outgoing = api.answer(
					{
						method,
						url,
						headers: {authorization, ...agent, ...headers},
						body: body === undefined ? '' : JSON.stringify(body),
					},
					origin,
				);
				return {
					...outgoing,
					json:
						outgoing.headers['content-type']?.startsWith('application/json') && outgoing.body !== ''
							? JSON.parse(outgoing.body)
							: null,
				};
			},
			graphql(query, variables = {}, operationName) {
				const raw = api.answer(
					{
						method: 'POST',
						url: paths.graphql,
						headers: {authorization, ...agent},
						body: JSON.stringify({query, variables, operationName}),
					},
					origin,
				);
				let parsed: object = {};
				try {
					parsed = JSON.parse(raw.body) as object;
				} catch {}
				return {...parsed, raw} as GraphqlAnswer & {raw: Outgoing};
			},
			as: withToken,
		};
	};
	return withToken(data.tokens[0]!.token);
}

export const repository = (selection: string, {owner = 'acme', name = 'auto-author'} = {}): string =>
	`{ repository(owner: "${owner}", name: "${name}") { ${selection} } }`;

export type PostedStatus = {
	id: number;
	context: string;
	state: string;
	description: string;
	target_url: string;
	created_at: string;
	creator: {login: string};
};

/** Every status of a commit, from all pages, newest first. */
export const allStatuses = (simulator: Simulated, sha: string): PostedStatus[] => {
	const all: PostedStatus[] = [];
	for (let page = 1; ; page += 1) {
		const more = simulator.rest('GET', `/commits/${sha}/statuses?per_page=100&page=${page}`).json as PostedStatus[];
		all.push(...more);
		if (more.length < 100) return all;
	}
};
