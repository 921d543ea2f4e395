/** What each look at GitHub costs, in virtual time, by the simulator's own counters; and which of its requests only the rules of evidence need. */
import assert from 'node:assert/strict';
import {isBehind, nextQuestion} from '../../source/core/polling/attention.ts';
import {correlate} from '../../source/core/snapshot/correlate.ts';
import type {Facts} from '../../source/core/github/facts.ts';
import {mergeReading} from '../../source/core/github/merge.ts';
import type {Snapshot} from '../../source/core/pipeline/pipeline.ts';
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {createGitHub} from '../../source/github/client.ts';
import {readPipeline} from '../../source/github/read-pipeline.ts';
import {createApi} from '../../source/simulator/answer.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import type {Clock} from '../../source/world.ts';

const origin = 'http://127.0.0.1:1';

/** `rest`: all requests; `counted`: without those that were answered "not modified", which are free. `evidence`: of those, what only the rules of evidence ask. */
export type Cost = {
	queries: number;
	points: number;
	rest: number;
	counted: number;
	evidence: {rest: number; counted: number};
};
const nothing = (): Cost => ({queries: 0, points: 0, rest: 0, counted: 0, evidence: {rest: 0, counted: 0}});

/** Histories of branches by name but for staging's or by commit, files of `.github`, runs since. What shows the pipeline asks none of them. */
const isForEvidence = (path: string, staging: string): boolean => {
	const {pathname, searchParams} = new URL(path, origin);
	if (/\/git\/(trees|ref\/tags)\//.test(pathname) || searchParams.has('created')) return true;
	// One commit alone is what the screen shows of it.
	return pathname.endsWith('/commits') && searchParams.get('sha') !== staging && searchParams.get('per_page') !== '1';
};

/** A reader of GitHub, and what it has cost since it was asked last. */
export const meteredReader = (named: string | Scenario, token = 'sim_classic') => {
	const data = typeof named === 'string' ? scenarioNamed(named) : named;
	let now = Date.parse(data.startsAt);
	const api = createApi(data, {now: () => now});
	const {counters, simulation} = api;
	const settings = {...defaultSettings, branches: data.branches};
	const repository = `${data.repository.owner}/${data.repository.name}`;
	let cost = nothing();
	const fetch = async (
		url: string | URL | Request,
		{method = 'GET', headers, body}: RequestInit = {},
	): Promise<Response> => {
		const {pathname, search} = new URL(String(url));
		const {graphql, points, rest, core} = counters;
		const reply = api.answer(
			{
				method,
				url: pathname + search,
				headers: headers as Record<string, string>,
				body: typeof body === 'string' ? body : '',
			},
			origin,
		);
		const taken = {
			queries: counters.graphql - graphql,
			points: counters.points - points,
			rest: counters.rest - rest,
			counted: counters.core - core,
		};
		const own = isForEvidence(pathname + search, settings.branches.staging) ? 1 : 0;
		cost = {
			queries: cost.queries + taken.queries,
			points: cost.points + taken.points,
			rest: cost.rest + taken.rest,
			counted: cost.counted + taken.counted,
			evidence: {
				rest: cost.evidence.rest + own * taken.rest,
				counted: cost.evidence.counted + own * taken.counted,
			},
		};
		return new Response(reply.body === '' ? null : reply.body, {status: reply.status, headers: reply.headers});
	};
	const clock: Clock = {
		now: () => now,
		after: (_, signal) =>
			new Promise((_resolve, reject) => {
				signal?.addEventListener('abort', () => reject(signal.reason as Error));
			}),
	};
	const wall: Clock = {
		now: () => now,
		after: async milliseconds => {
			now += milliseconds;
		},
	};
	const github = createGitHub({
		endpoint: {host: '127.0.0.1', apiUrl: origin, graphqlUrl: `${origin}/graphql`, token},
		settings,
		repository,
		clock,
		fetch,
	});
	let [facts, snapshot]: [Facts | null, Snapshot | null] = [null, null];
	const metered = async (work: () => Promise<void>): Promise<Cost> => {
		cost = nothing();
		await work();
		return cost;
	};
	return {
		simulation,
		settings,
		snapshot: () => snapshot!,
		move(milliseconds: number) {
			simulation.advanceTo((now += milliseconds));
		},
		/** An overview, and what the screen asks next until it lacks nothing. */
		look: () =>
			metered(async () => {
				let hasOverview = false;
				for (let asked = 0; !hasOverview || isBehind(facts, snapshot); asked++) {
					assert.ok(asked < 20, 'it never ends');
					const question = nextQuestion(facts, snapshot, {sha: null, jobId: null}, 0, hasOverview ? 0 : null);
					hasOverview = true;
					const answer = await github.ask(question);
					assert.ok(answer.ok, JSON.stringify(answer));
					facts = mergeReading(facts, answer.reading, repository);
					snapshot = correlate(facts, settings, now, null);
				}
			}),
		/** The gate's own reading of one commit. */
		gate: (sha: string) =>
			metered(async () => {
				const answer = await readPipeline({github, clock, wall}, {repository, settings}, sha);
				assert.ok(answer.ok, JSON.stringify(answer));
			}),
	};
};

/** One look every so often; `move` begins after the first, which is told apart. */
export const looksAt = async (
	named: string | Scenario,
	{token, minutes, everySeconds = 10}: {token?: string; minutes: number; everySeconds?: number},
): Promise<{first: Cost; later: readonly Cost[]}> => {
	const reader = meteredReader(named, token);
	const first = await reader.look();
	const later: Cost[] = [];
	for (let second = 0; second < minutes * 60; second += everySeconds) {
		reader.move(everySeconds * 1000);
		later.push(await reader.look());
	}
	return {first, later};
};
