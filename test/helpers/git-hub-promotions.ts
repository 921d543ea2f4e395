/** A simulated GitHub to promote on, without sockets. Pauses pass at once; requests time out when the test says so. */
import assert from 'node:assert/strict';
import {lockMessage} from '../../source/core/locks/lock-text.ts';
import type {LockRecord} from '../../source/core/locks/lock.ts';
import {gitHubEdge, type GitHubEdge} from '../../source/github/edge.ts';
import {type Api, createApi} from '../../source/simulator/answer.ts';
import type {RequestSeen} from '../../source/simulator/calls/exchange.ts';
import {addCommit} from '../../source/simulator/model/git.ts';
import {personOf} from '../../source/simulator/model/model.ts';
import {moveRef} from '../../source/simulator/branches/pushes.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {impatientClock, type ImpatientClock, lockOf, timeoutMs} from './git-hub-writes.ts';
import type {Person} from '../../source/simulator/model/person.ts';

const origin = 'http://127.0.0.1:1';

/** Node's fetch, with the simulator in place of the network. */
type GraphqlRefusal = {type: string; message: string};
type Instead = {pretended: ReadonlyMap<string, unknown>; refused: ReadonlyMap<string, GraphqlRefusal>};

const fetchOf =
	(api: Api, {pretended, refused}: Instead, updates: Array<() => void>): typeof globalThis.fetch =>
	async (input, {method = 'GET', headers, body, signal} = {}) => {
		assert.ok(typeof input === 'string');
		const instead = [...pretended].find(([end]) => input.endsWith(end));
		if (instead) return new Response(JSON.stringify(instead[1]));
		const [operation, refusal] =
			[...refused].find(([name]) => typeof body === 'string' && body.includes(`mutation ${name}(`)) ?? [];
		if (operation !== undefined) {
			const field = `${operation[0]!.toLowerCase()}${operation.slice(1)}`;
			return new Response(JSON.stringify({data: {[field]: null}, errors: [{...refusal, path: [field]}]}));
		}
		const request = {
			method,
			url: input,
			headers: Object.fromEntries(new Headers(headers)),
			body: typeof body === 'string' ? body : '',
		};
		if (request.body.includes('mutation UpdateRefs('))
			updates.push(() => {
				api.answer(request, origin);
			});
		const outgoing = api.answer(request, origin);
		await new Promise<void>(resolve => {
			setImmediate(resolve);
		});
		signal?.throwIfAborted();
		if (outgoing.hang)
			await new Promise((_, reject) => {
				signal?.addEventListener('abort', () => reject(signal.reason as Error));
			});
		if (outgoing.reset)
			throw new TypeError('fetch failed', {
				cause: Object.assign(new Error('read ECONNRESET'), {code: 'ECONNRESET'}),
			});
		const text = outgoing.cut === undefined ? outgoing.body : outgoing.body.slice(0, outgoing.cut);
		return new Response([204, 304].includes(outgoing.status) ? null : text, {
			status: outgoing.status,
			headers: outgoing.headers,
		});
	};

export type Bench = {
	api: Api;
	clock: ImpatientClock;
	/** Requests for addresses that end so get this, and the simulator does not hear of them. */
	pretend(end: string, body: unknown): void;
	/** The mutation of that name gets this error, and is not carried out. */
	refuse(operation: string, refusal: GraphqlRefusal): void;
	/** Hears every request before anything of it is done. */
	onRequest(hook: (seen: RequestSeen) => void): void;
	/** Hears every request after it was done, before its answer. */
	afterRequest(hook: (seen: RequestSeen) => void): void;
	edge(token?: string): GitHubEdge;
	at(ref: string): string | undefined;
	move(ref: string, sha: string | null): void;
	/** A commit on top of another one, or without a past, on no branch. */
	commit(message: string, parent: string | null, tree?: string): string;
	/** How often that was asked: a GraphQL operation, or method and end of the path. */
	count(kind: string): number;
	/** Each `updateRefs` that was sent: calling one has it carried out once more, as a request that was held up somewhere. */
	updates: ReadonlyArray<() => void>;
	person(login: string): Person;
};

export function promotionBench({
	scenario = 'quiet',
	server,
	...over
}: Partial<Omit<Scenario, 'server'>> & {scenario?: string; server?: Partial<Scenario['server']>} = {}): Bench {
	const base = scenarioNamed(scenario);
	const data: Scenario = {...base, ...over, server: {...base.server, ...server}};
	const clock = impatientClock(Date.parse(data.startsAt));
	let before: (seen: RequestSeen) => void = () => {};
	let after: (seen: RequestSeen) => void = () => {};
	const api = createApi(data, clock, undefined, {onRequest: seen => before(seen), afterRequest: seen => after(seen)});
	const {owner, name} = data.repository;
	const path =
		data.server.kind === 'ghes' ? {rest: '/api/v3', graphql: '/api/graphql'} : {rest: '', graphql: '/graphql'};
	const {simulation} = api;
	const updates: Array<() => void> = [];
	const [pretended, refused] = [new Map<string, unknown>(), new Map<string, GraphqlRefusal>()];
	return {
		api,
		clock,
		pretend(end, body) {
			pretended.set(end, body);
		},
		refuse(operation, refusal) {
			refused.set(operation, refusal);
		},
		onRequest(hook) {
			before = hook;
		},
		afterRequest(hook) {
			after = hook;
		},
		edge: (token = 'sim_classic') =>
			gitHubEdge({
				access: {
					host: 'github.com',
					apiUrl: `${origin}${path.rest}`,
					graphqlUrl: `${origin}${path.graphql}`,
					token,
				},
				repository: `${owner}/${name}`,
				clock,
				timeoutMs,
				fetch: fetchOf(api, {pretended, refused}, updates),
			}),
		at: ref => simulation.state.refs.get(ref),
		move(ref, sha) {
			simulation.act(engine =>
				moveRef(engine, ref, sha ?? '0'.repeat(40), personOf(engine.state, 'jonas-lindqvist')),
			);
		},
		commit: (message, parent, tree) =>
			simulation.act(
				({state}) =>
					addCommit(state, {
						message,
						author: personOf(state, 'jonas-lindqvist'),
						parents: parent === null ? [] : [parent],
						at: state.now,
						...(tree !== undefined && {tree}),
					}).sha,
			),
		count: kind =>
			Object.entries(api.counters.byKind)
				.filter(([one]) => one === kind || one.endsWith(kind))
				.reduce((sum, [, times]) => sum + times, 0),
		updates,
		person: login => personOf(simulation.state, login),
	};
}

export type Locked = Bench & {
	record: LockRecord;
	mine: GitHubEdge;
	/** What the production branch is at, and what it is to become. */
	before: string;
	after: string;
	lockRef: string;
	/** What the supervisor does every 20 s: the same lock as another object. */
	renew(): void;
	/** Another operator takes it over, on top of where it stands. */
	steal(): void;
	landing(makesTag?: boolean): Parameters<GitHubEdge['promotions']['land']>[0];
};

/** The lock on production is ours, and develop's head is to be promoted. */
export async function lockedBench(over: Parameters<typeof promotionBench>[0] = {}): Promise<Locked> {
	const bench = promotionBench(over);
	const mine = bench.edge();
	const record = lockOf(bench.clock.now());
	assert.ok((await mine.locks.take(record)).ok);
	const lockRef = ['refs/deployctl/locks/production', 'refs/heads/deployctl/lock/production'].find(
		ref => bench.at(ref) !== undefined,
	)!;
	const [before, after] = [bench.at('refs/heads/main')!, bench.at('refs/heads/develop')!];
	const onTop = (message?: string) => {
		const oid = bench.at(lockRef)!;
		bench.api.simulation.act(({state}) => {
			state.refs.set(
				lockRef,
				addCommit(state, {
					message: message ?? state.commits.get(oid)!.message,
					author: personOf(state, 'mira-okafor'),
					parents: [oid],
					at: state.now,
				}).sha,
			);
		});
	};
	return {
		...bench,
		record,
		mine,
		before,
		after,
		lockRef,
		renew: () => onTop(),
		steal: () => onTop(lockMessage(lockOf(bench.clock.now()))),
		landing: (makesTag = true) => ({
			branch: 'main',
			before,
			after,
			lock: {environment: 'production', id: record.id},
			tagPrefix: 'deployctl/prod-',
			makesTag,
		}),
	};
}

export const lostAnswers = [
	['the connection breaks', {kind: 'lost-answer'}],
	['a gateway gives up', {kind: 'lost-answer', how: 'bad-gateway'}],
	['the answer is cut off', {kind: 'truncated'}],
] as const;
export const neverExecuted = [
	['the connection breaks', {kind: 'connection-reset'}],
	['a gateway gives up', {kind: 'bad-gateway-html'}],
	['GitHub gives up', {kind: 'something-went-wrong', status: 200}],
	['a proxy answers', {kind: 'html-200'}],
] as const;
