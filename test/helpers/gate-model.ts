/** The real judge with the real client over a simulated GitHub, without sockets, and beside every answer what was true then. */
import {observableSettings} from './app.ts';
import type {Settings} from '../../source/core/settings.ts';
import {createGitHub} from '../../source/github/client.ts';
import {createConnection} from '../../source/github/connection.ts';
import {remotePromotions} from '../../source/github/promotions.ts';
import {createJudge, type Judged} from '../../source/operations/judge.ts';
import {createApi} from '../../source/simulator/answer.ts';
import {scenario} from '../../source/simulator/scenario.ts';
import type {Clock, Refusal} from '../../source/world.ts';
import {happen, newestPromotable, type Step} from './gate-model-happenings.ts';
import type {History, Look} from './gate-model-arbitraries.ts';
import {type Recorded, recordOf} from './gate-model-record.ts';

const origin = 'http://127.0.0.1:1';
const evidenceMaxAgeSeconds = 75 * 60;
const strategies = {'fast-forward': 'fast-forward', merge: 'pull-request', squash: 'pull-request'} as const;

/** An hour ago everything was green, and went to production. */
const calm = scenario({
	name: 'model', description: 'A pipeline that anything may happen to', silentApps: [],
	events: [
		{at: '-50m', push: 'develop', by: 'lena-fischer', commits: [['first', 'First'], ['second', 'Second']]}, {at: '-30m', promote: 'second', by: 'lena-fischer'},
		{at: '-20m', push: 'develop', by: 'lena-fischer', commits: [['third', 'Third']]},
	],
});

export type Looked = {judged: Judged | Refusal; /** By commit, in each instant that the judge was shown. */ shown: ReadonlyArray<(sha: string) => Recorded>; asked: string};

export function gateModel({way, offSeconds, skewSeconds, token}: Pick<History, 'way' | 'offSeconds' | 'skewSeconds' | 'token'>, base: Settings = observableSettings) {
	let now = Date.parse(calm.startsAt);
	const clock: Pick<Clock, 'now'> = {now: () => now};
	const api = createApi(calm, clock);
	const {simulation, faults} = api;
	const byHand = new Set<string>();
	const settings: Settings = {...base, promotion: {...base.promotion, strategy: strategies[way], evidenceMaxAgeSeconds}};
	const move = (milliseconds: number) => { simulation.advanceTo(now += milliseconds); };
	if (skewSeconds !== 0) faults.during(0, Infinity, {kind: 'clock-skew', seconds: skewSeconds});
	let paceMs = 0;
	let lag: {seconds: number; api: 'graphql' | 'rest' | null} | null = null;
	let shown: Map<string, (sha: string) => Recorded> = new Map();

	/** Of the state that an answer is made from. Kept as values: the present goes on. */
	const show = (isGraphql: boolean) => {
		const seconds = lag !== null && (lag.api === null || isGraphql === (lag.api === 'graphql')) ? lag.seconds : 0;
		const key = `${now} ${seconds}`;
		if (shown.has(key)) return;
		const {state} = seconds === 0 ? simulation : simulation.past(now - seconds * 1000);
		const told = {now: now + skewSeconds * 1000, evidenceMaxAgeMs: evidenceMaxAgeSeconds * 1000, byHand};
		const known = new Map([...simulation.state.commits.keys()].flatMap(sha => (state.commits.has(sha) ? [[sha, recordOf(state, sha, told)] as const] : [])));
		shown.set(key, sha => known.get(sha) ?? {isTrue: false, isTold: false, isOnRecord: false, missing: ['on-staging']});
	};
	const fetch = async (url: string | URL | Request, {method = 'GET', headers, body}: RequestInit = {}): Promise<Response> => {
		const {pathname, search} = new URL(String(url));
		move(paceMs);
		show(pathname === '/graphql');
		const reply = api.answer({method, url: pathname + search, headers: headers as Record<string, string>, body: typeof body === 'string' ? body : ''}, origin);
		return new Response(reply.body === '' ? null : reply.body, {status: reply.status, headers: reply.headers});
	};
	// The operator's machine: requests end at once by its own patience, and pauses pass.
	const operators = () => now + offSeconds * 1000;
	const endless: Clock = {now: operators, after: (_, signal) => new Promise((_, reject) => { signal?.addEventListener('abort', () => reject(signal.reason as Error)); })};
	const wall: Clock = {now: operators, after: async milliseconds => move(milliseconds)};
	const repository = `${calm.repository.owner}/${calm.repository.name}`;
	const endpoint = {host: '127.0.0.1', apiUrl: origin, graphqlUrl: `${origin}/graphql`, token};
	const promotions = remotePromotions(createConnection({endpoint, repository, clock: endless, fetch}));
	const judge = createJudge({
		github: createGitHub({endpoint, settings, repository, clock: endless, fetch}), clock: endless, wall, pipeline: {repository, settings}, promotions: async () => promotions,
		moment: async () => ({
			moment: {now: operators(), lock: {state: 'free'}, pins: [], production: {overall: {version: null, isMixed: false, health: true}, instances: 1, readAt: operators(), healthyInARow: 9}},
			observation: {environment: 'production', readAt: operators(), instances: []},
		}),
	});

	return {
		simulation,
		step({afterSeconds, happening}: Step) {
			move(afterSeconds * 1000);
			const before = simulation.state.liveLog.length;
			simulation.act(engine => happen(engine, happening, way));
			if (happening.does === 'live') for (const {at, sha} of simulation.state.liveLog.slice(before)) byHand.add(`${at} ${sha}`);
		},
		async look({what, afterSeconds, paceMs: pace, fault}: Look): Promise<Looked> {
			move(afterSeconds * 1000);
			const {state} = simulation;
			const newestFirst = [...state.commits.keys()].toReversed();
			const asked = typeof what === 'number' ? newestFirst[what % newestFirst.length]! : what === 'promotable' ? newestPromotable(state) ?? newestFirst[0]! : what;
			[paceMs, lag, shown] = [pace, fault?.kind === 'stale' ? fault : null, new Map()];
			if (fault?.kind === 'stale') faults.during(now, now + 3_600_000, {kind: 'stale', seconds: fault.seconds}, fault.api === null ? {} : {api: fault.api});
			if (fault?.kind === 'partial') faults.during(now, now + 3_600_000, {kind: 'partial', path: fault.path}, {api: 'graphql'});
			const judged = await judge({sha: asked, hotfix: null, isLanded: false});
			paceMs = 0;
			if (fault !== null) {
				faults.clear();
				if (skewSeconds !== 0) faults.during(0, Infinity, {kind: 'clock-skew', seconds: skewSeconds});
			}
			return {judged, shown: [...shown.values()], asked};
		},
	};
}
