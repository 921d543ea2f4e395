/**
One request in, one answer out, without sockets: who asks, what is due, what it costs, which fault hits, and only then what was asked for.
*/
import type {Clock} from '../world.ts';
import {type Bucket, type Budget, type Resource, createBudget, workflowLimits} from './limits/budget.ts';
import type {Context} from './calls/context.ts';
import type {Hooks, Incoming, Outgoing, RequestSeen} from './calls/exchange.ts';
import {type Fault, type Faults, type RequestFacts, createFaults} from './limits/faults.ts';
import {refuseAgentless, storageBeside, versionFor} from './front.ts';
import {type GraphqlAnswer, type GraphqlBody, answerGraphql, readRequest} from './graphql/graphql.ts';
import {grantsOf, refuseDocument} from './calls/grants.ts';
import {sha1} from './model/identity.ts';
import {actionsBot} from './model/model.ts';
import {answerRest} from './rest/rest.ts';
import {operationOf, parseBody} from './rest/request-body.ts';
import {message, type Reply} from './calls/rest-reply.ts';
import {loadSchema} from './graphql/schema.ts';
import {offsetMs, type Scenario, type TokenKind} from './model/scenario.ts';
import {createSimulation, type Simulation} from './simulation/simulation.ts';
import {disturb, replace} from './disturb.ts';
import {answerStorage} from './storage/storage.ts';
import {views} from './graphql/views.ts';
import type {Person} from './model/person.ts';

export type Counters = {
	requests: number;
	graphql: number;
	rest: number;
	/** By GraphQL operation name and by REST method and path. */
	byKind: Record<string, number>;
	points: number;
	core: number;
	notModified: number;
	faults: number;
};

export type Api = {
	simulation: Simulation;
	faults: Faults;
	counters: Counters;
	/** Points and requests of the token, and what others with the same account spend. */
	budgetOf(token: string): Budget;
	/**
	@param origin like `http://127.0.0.1:4000`, for the addresses in answers
	@param storage origin of logs and artifacts, and of their addresses; a request to it has its whole address
	*/
	answer(request: Incoming, origin: string, storage?: string): Outgoing;
};

const prefixes = {
	'github.com': {rest: '', graphql: '/graphql'},
	ghes: {rest: '/api/v3', graphql: '/api/graphql'},
} as const;
export const pathsOf = (scenario: Scenario): {rest: string; graphql: string} => prefixes[scenario.server.kind];

/** null: no such token. */
function kindOf(token: string, scenario: Scenario): TokenKind | null {
	const named = /^sim_(workflow|classic|fine-grained-no-suites|fine-grained|read-only|no-access)$/.exec(token);
	const isGranted = /^sim_(?:fine-grained|app):/.test(token);
	return (
		scenario.tokens.find(known => known.token === token)?.kind ??
		(named ? (named[1] as TokenKind) : token.startsWith('sim_classic:') ? 'classic' : isGranted ? 'granted' : null)
	);
}

export function createApi(scenario: Scenario, clock: Pick<Clock, 'now'>, from?: number, hooks: Hooks = {}): Api {
	const simulation = createSimulation(scenario, from);
	const faults = createFaults();
	for (const {from, until, fault, match} of scenario.faults) {
		faults.during(simulation.startsAt + offsetMs(from), simulation.startsAt + offsetMs(until), fault, match);
	}
	const counters: Counters = {
		requests: 0,
		graphql: 0,
		rest: 0,
		byKind: {},
		points: 0,
		core: 0,
		notModified: 0,
		faults: 0,
	};
	const budgets = new Map<string, Budget>();
	const paths = pathsOf(scenario);
	const {server} = scenario;
	const budgetOf = (token: string): Budget => {
		const isWorkflow = kindOf(token, scenario) === 'workflow';
		// All runs of a repository share one allowance, whatever their tokens are.
		const key = isWorkflow ? 'workflow' : token;
		const known =
			budgets.get(key) ??
			createBudget(
				isWorkflow ? workflowLimits(server) : {graphql: server.pointsPerHour, core: server.corePerHour},
			);
		budgets.set(key, known);
		return known;
	};

	const tell = hookCaller(hooks, simulation);
	const answer = (request: Incoming, origin: string, storage = storageBeside): Outgoing => {
		simulation.advanceTo(clock.now());
		counters.requests += 1;
		const url = new URL(request.url, origin);
		const isStored = url.origin === storage;
		const isGraphql = url.pathname === paths.graphql && !isStored;
		const graphqlBody = isGraphql ? (parseBody(request.body) as GraphqlBody) : {};
		const seen: RequestSeen = {
			method: request.method,
			path: url.pathname,
			operation: operationOf(graphqlBody),
			body: request.body,
		};
		tell('onRequest', seen);
		// A hook may have let time pass.
		const now = clock.now();
		simulation.advanceTo(now);
		const facts: RequestFacts = {
			api: isGraphql ? 'graphql' : 'rest',
			operation: seen.operation,
			path: url.pathname,
			method: request.method,
		};
		const kind = isGraphql ? (facts.operation ?? 'anonymous') : `${request.method} ${url.pathname}`;
		counters.byKind[kind] = (counters.byKind[kind] ?? 0) + 1;
		counters[facts.api] += 1;
		const taken = faults.take(facts, now);
		counters.faults += taken.length;
		const of = <Kind extends Fault['kind']>(name: Kind) =>
			taken.find((fault): fault is Extract<Fault, {kind: Kind}> => fault.kind === name);
		const skew = (of('clock-skew')?.seconds ?? 0) * 1000;
		const headers: Record<string, string> = {
			date: new Date(now + skew).toUTCString(),
			'content-type': 'application/json; charset=utf-8',
			server: 'github.com',
			'x-github-request-id':
				`${sha1(`request ${counters.requests}`).slice(0, 4)}:${sha1(`request ${counters.requests}`).slice(4, 24)}`.toUpperCase(),
			'x-github-media-type': 'github.v3; format=json',
			...(server.kind === 'ghes' ? {'x-github-enterprise-version': '3.18.2'} : {}),
		};

		if (isStored) {
			return (
				replace(taken, headers, 'rest', null, now) ??
				disturb(answerStorage({simulation, request, url, headers, now}), taken)
			);
		}

		const token = /^(?:bearer|token) +([^ ].*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
		const tokenKind = kindOf(token, scenario);
		const budget = budgetOf(token);
		const resource: Resource = isGraphql ? 'graphql' : 'core';
		const rate = () => {
			const bucket = budget.look(resource, now);
			if (bucket) {
				Object.assign(headers, {
					'x-ratelimit-limit': String(bucket.limit),
					'x-ratelimit-remaining': String(bucket.remaining),
					'x-ratelimit-used': String(bucket.used),
					'x-ratelimit-reset': String(Math.floor((bucket.resetAt + skew) / 1000)),
					'x-ratelimit-resource': resource,
				});
			}
			return bucket;
		};
		const send = (reply: Reply): Outgoing => ({
			status: reply.status,
			headers: {...headers, ...reply.headers},
			body: reply.body === undefined ? '' : JSON.stringify(reply.body),
		});

		const replaced = replace(taken, headers, facts.api, budget.look(resource, now), now);
		if (replaced) {
			return replaced;
		}
		const done = (outgoing: Outgoing): Outgoing => {
			tell('afterRequest', seen);
			return outgoing;
		};
		const agentless = refuseAgentless(request, headers);
		if (agentless) {
			return done(agentless);
		}
		if (tokenKind === null || of('unauthorised')) {
			return done(send(message(401, token === '' ? 'Requires authentication' : 'Bad credentials')));
		}

		const grants = grantsOf(token, tokenKind);
		if (grants.scopes !== null) {
			headers['x-oauth-scopes'] = grants.scopes.join(', ');
		}
		const lag = of('stale');
		const state = lag ? simulation.past(now - lag.seconds * 1000).state : simulation.state;
		const viewer: Person = (tokenKind === 'workflow' ? undefined : state.people.get(scenario.viewer)) ?? actionsBot;
		const look = (name: Resource) => budget.look(name, now);
		const core = look('core');
		const graphql = look('graphql');
		const lags = new Set(taken.flatMap(fault => (fault.kind === 'rerun-lag' ? [fault.shows] : [])));
		const context: Context = {
			scenario,
			state,
			simulation,
			lags,
			token: tokenKind,
			grants,
			viewer,
			cost: {requests: 0, points: 1, nodes: 0},
			bucket: null,
			rates: core && graphql ? {core, graphql} : null,
			apiUrl: `${origin}${paths.rest}`,
			storageUrl: storage,
			views,
		};

		if (isGraphql) {
			const outgoing = send({status: 200, body: serveGraphql(graphqlBody, context, budget, now, rate, counters)});
			const slow = budgetExceeded(budget, resource, 1, now, headers);
			return done(slow ?? disturb({...outgoing, headers: {...headers, ...outgoing.headers}}, taken));
		}
		if (!url.pathname.startsWith(paths.rest)) {
			return done(send(message(404, 'Not Found')));
		}
		const version = versionFor(request, server.kind);
		if ('refused' in version) {
			return done(send(message(400, version.refused)));
		}
		headers['x-github-api-version-selected'] = version.selected;
		// Asked for without its body, an answer is the same.
		const method = request.method === 'HEAD' ? 'GET' : request.method;
		const writes = method !== 'GET';
		const slow =
			budgetExceeded(budget, resource, writes ? 5 : 1, now, headers) ??
			(tokenKind === 'workflow' && request.method === 'POST' ? tooMuchContent(budget, now, headers) : null);
		if (slow) {
			return done(slow);
		}
		const path = url.pathname.slice(paths.rest.length);
		const left = budget.look('core', now);
		if (left && left.remaining === 0 && path !== '/rate_limit') {
			rate();
			return done(
				send(
					message(
						403,
						`API rate limit exceeded for ${tokenKind === 'workflow' ? 'installation' : 'user'} ID ${viewer.id}.`,
					),
				),
			);
		}
		const reply = answerRest(method, path, {
			context,
			query: url.searchParams,
			body: parseBody(request.body),
			url: `${origin}${url.pathname}`,
		});
		const outgoing = send(reply);
		if (!writes && reply.status === 200) {
			// Another token never gets a 304 for it.
			outgoing.headers.etag = `W/"${sha1(`${token} ${outgoing.body}`)}"`;
			outgoing.headers.vary = 'Accept, Authorization, Cookie, X-GitHub-OTP';
			if (request.headers['if-none-match'] === outgoing.headers.etag) {
				// An unchanged answer is free of the primary limit.
				counters.notModified += 1;
				rate();
				return done({status: 304, headers: {...headers, etag: outgoing.headers.etag}, body: ''});
			}
		}
		if (path !== '/rate_limit') {
			budget.spend('core', 1, now);
			counters.core += 1;
		}
		rate();
		const whole = {...outgoing, headers: {...headers, ...outgoing.headers}};
		return done(
			disturb(
				request.method === 'HEAD'
					? {
							...whole,
							headers: {...whole.headers, 'content-length': String(Buffer.byteLength(whole.body))},
							body: '',
						}
					: whole,
				taken,
			),
		);
	};
	return {simulation, faults, counters, budgetOf, answer};
}

/** What a hook itself asks of the API is not told to hooks. */
function hookCaller(hooks: Hooks, simulation: Simulation): (name: keyof Hooks, seen: RequestSeen) => void {
	let isInside = false;
	return (name, seen) => {
		const hook = hooks[name];
		if (!hook || isInside) {
			return;
		}
		isInside = true;
		try {
			hook(seen, simulation);
		} finally {
			isInside = false;
		}
	};
}

function serveGraphql(
	body: GraphqlBody,
	context: Context,
	budget: Budget,
	now: number,
	rate: () => Bucket | null,
	counters: Counters,
): GraphqlAnswer {
	const schema = loadSchema(context.scenario.server.lacks);
	const ready = readRequest(schema, body);
	if ('errors' in ready) {
		rate();
		return {errors: [...ready.errors]};
	}
	const refusal = refuseDocument(schema, ready.document, context.grants);
	if (refusal) {
		rate();
		return {errors: [refusal]};
	}
	if (!budget.spend('graphql', ready.cost.points, now)) {
		rate();
		return {errors: [{type: 'RATE_LIMITED', message: `API rate limit exceeded for user ID ${context.viewer.id}.`}]};
	}
	counters.points += ready.cost.points;
	return answerGraphql(schema, ready, {...context, cost: ready.cost, bucket: rate()});
}

function budgetExceeded(
	budget: Budget,
	resource: Resource,
	points: number,
	now: number,
	headers: Record<string, string>,
): Outgoing | null {
	return slowDown(budget.secondary(resource, points, now), headers);
}

const tooMuchContent = (budget: Budget, now: number, headers: Record<string, string>): Outgoing | null =>
	slowDown(budget.content(now), headers);

function slowDown(wait: number | null, headers: Record<string, string>): Outgoing | null {
	return wait === null
		? null
		: {
				status: 403,
				headers: {...headers, 'retry-after': String(wait)},
				body: JSON.stringify(
					message(
						403,
						'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
					).body,
				),
			};
}
