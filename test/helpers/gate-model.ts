/** The real judge with the real client over a simulated GitHub, without sockets; and beside every answer what was true then. */
import assert from 'node:assert/strict';
import {isBehind, nextQuestion} from '../../source/core/polling/attention.ts';
import {correlate} from '../../source/core/snapshot/correlate.ts';
import type {Facts} from '../../source/core/github/facts.ts';
import type {Moment} from '../../source/core/gate/moment.ts';
import {mergeReading} from '../../source/core/github/merge.ts';
import type {Snapshot} from '../../source/core/pipeline/pipeline.ts';
import type {LockState} from '../../source/core/locks/lock.ts';
import {defaultSettings, type Settings} from '../../source/core/settings/settings.ts';
import {createGitHub} from '../../source/github/client.ts';
import {createConnection} from '../../source/github/http/connection.ts';
import {remotePromotions} from '../../source/github/promotions.ts';
import {createJudge, type Judged, type Question} from '../../source/operations/judge/judge.ts';
import {createApi} from '../../source/simulator/answer.ts';
import {scenario} from '../../source/simulator/model/scenario.ts';
import {standardWorkflows} from '../../source/simulator/model/workflows.ts';
import type {Clock, Refusal} from '../../source/world.ts';
import {observableSettings} from './app.ts';
import type {History, Look} from './gate-model-arbitraries.ts';
import {commitAt, happen, hotfixBranch, type Step} from './gate-model-happenings.ts';
import {hotfixRecordOf, type Recorded, recordOf} from './gate-model-record.ts';

const origin = 'http://127.0.0.1:1';
const evidenceMaxAgeSeconds = 75 * 60;
const strategies = {'fast-forward': 'fast-forward', merge: 'pull-request', squash: 'pull-request'} as const;

/** An hour ago everything was green, and went to production; a newer commit is green, too. */
const calm = scenario({
	name: 'model',
	description: 'A pipeline that anything may happen to',
	silentApps: [],
	events: [
		{
			at: '-50m',
			push: 'develop',
			by: 'lena-fischer',
			commits: [
				['first', 'First'],
				['second', 'Second'],
			],
		},
		{at: '-30m', promote: 'second', by: 'lena-fischer'},
		{at: '-20m', push: 'develop', by: 'lena-fischer', commits: [['third', 'Third']]},
	],
});
/** Where nobody asks staging, the deployments on record are all that there is. */
const silentWorkflows = standardWorkflows.map(workflow =>
	workflow.contract?.reportsStaging
		? {...workflow, contract: {...workflow.contract, reportsStaging: false}}
		: workflow,
);

const statusWorkflows = standardWorkflows.map(workflow =>
	workflow.contract?.reportsStaging
		? {...workflow, contract: {...workflow.contract, reportsStaging: 'status' as const}}
		: workflow,
);

export type Looked = {
	judged: Judged | Refusal;
	/** The record of a commit in each instant of which the judge was told something. */
	shown(sha: string): readonly Recorded[];
};
export type ModelOptions = Partial<Pick<History, 'way' | 'offSeconds' | 'skewSeconds' | 'token'>> & {
	isSilent?: boolean;
	/** How E2E says what staging ran. */ reports?: 'status';
	freeze?: Settings['promotion']['freeze'];
};

export function gateModel({
	way = 'fast-forward',
	offSeconds = 0,
	skewSeconds = 0,
	token = 'sim_classic',
	isSilent = false,
	reports,
	freeze = [],
}: ModelOptions = {}) {
	let now = Date.parse(calm.startsAt);
	const api = createApi(
		isSilent
			? {...calm, workflows: silentWorkflows}
			: reports === 'status'
				? {...calm, workflows: statusWorkflows}
				: calm,
		{now: () => now},
	);
	const {simulation, faults} = api;
	const base = isSilent ? defaultSettings : observableSettings;
	const settings: Settings = {
		...base,
		promotion: {
			...base.promotion,
			strategy: strategies[way],
			evidenceMaxAgeSeconds,
			freeze,
			hotfix: {...base.promotion.hotfix, signOffs: []},
		},
	};
	const byHand = new Set<string>();
	const move = (milliseconds: number) => {
		simulation.advanceTo((now += milliseconds));
	};
	const beCalm = () => {
		faults.clear();
		faults.during(0, Infinity, {kind: 'clock-skew', seconds: skewSeconds});
	};
	beCalm();
	let onRequest: (isGraphql: boolean) => void = () => {};

	const fetch = async (
		url: string | URL | Request,
		{method = 'GET', headers, body}: RequestInit = {},
	): Promise<Response> => {
		const {pathname, search} = new URL(String(url));
		onRequest(pathname === '/graphql');
		const reply = api.answer(
			{
				method,
				url: pathname + search,
				headers: headers as Record<string, string>,
				body: typeof body === 'string' ? body : '',
			},
			origin,
		);
		return new Response(reply.body === '' ? null : reply.body, {status: reply.status, headers: reply.headers});
	};
	/** The operator's. No request takes too long by it, and a pause is over at once. */
	const clock = {now: () => now + offSeconds * 1000};
	const patient: Clock = {
		...clock,
		after: (_, signal) =>
			new Promise((_, reject) => {
				signal?.addEventListener('abort', () => reject(signal.reason as Error));
			}),
	};
	const wall: Clock = {...clock, after: async milliseconds => move(milliseconds)};
	const repository = `${calm.repository.owner}/${calm.repository.name}`;
	const endpoint = {host: '127.0.0.1', apiUrl: origin, graphqlUrl: `${origin}/graphql`, token};
	const promotions = remotePromotions(createConnection({endpoint, repository, clock: patient, fetch}));
	let lock: LockState = {state: 'free'};
	const github = createGitHub({endpoint, settings, repository, clock: patient, fetch});
	const momentNow = (): Moment => ({
		now: clock.now(),
		lock,
		pins: [],
		production: {
			overall: {version: null, isMixed: false, health: true},
			instances: 1,
			readAt: clock.now(),
			healthyInARow: 9,
		},
	});
	const judge = createJudge({
		github,
		clock: patient,
		wall,
		pipeline: {repository, settings},
		promotions: async () => promotions,
		moment: async () => ({
			moment: momentNow(),
			observation: {environment: 'production', readAt: clock.now(), instances: []},
		}),
	});

	/** Calls back with what is true in the states that answers are made from: as values, because the present goes on. */
	const watch = ({paceMs, fault, hotfix}: Look, shas: readonly string[]): Looked['shown'] => {
		const shown = new Map<string, ReadonlyMap<string, Recorded>>();
		onRequest = isGraphql => {
			move(paceMs);
			const isLate = fault?.kind === 'stale' && (fault.api === null || isGraphql === (fault.api === 'graphql'));
			const at = isLate ? now - fault.seconds * 1000 : now;
			if (shown.has(`${at}`)) return;
			const {state} = isLate ? simulation.past(at) : simulation;
			const told = {
				now: now + skewSeconds * 1000,
				evidenceMaxAgeMs: evidenceMaxAgeSeconds * 1000,
				byHand,
				isAsked: !isSilent,
			};
			shown.set(
				`${at}`,
				new Map(
					shas
						.filter(sha => state.commits.has(sha))
						.map(sha => [
							sha,
							hotfix ? hotfixRecordOf(state, sha, hotfixBranch) : recordOf(state, sha, told),
						]),
				),
			);
		};
		return sha =>
			[...shown.values()].map(
				known =>
					known.get(sha) ?? {missing: ['on-staging'], isTold: false, isOnRecord: false, isBorderline: false},
			);
	};

	const everPromotable = new Set<string>();
	const nameOf = (what: Look['what']): string => {
		switch (what) {
			case 'head':
			case 'newest-open':
				return what;
			case 'was-promotable':
				return [...simulation.state.commits.keys()].findLast(sha => everPromotable.has(sha))!;
			case 'branch':
				return simulation.state.refs.get(`refs/heads/${hotfixBranch}`) ?? commitAt(simulation.state, 0);
			default:
				return commitAt(simulation.state, what);
		}
	};

	return {
		simulation,
		step({afterSeconds, happening}: Step) {
			move(afterSeconds * 1000);
			everPromotable.add(commitAt(simulation.state, 'promotable'));
			const before = simulation.state.live.get('staging')!;
			simulation.act(engine => happen(engine, happening, way));
			if (happening.does === 'live') {
				byHand.add(`${now} ${simulation.state.live.get('staging')!}`);
				if (happening.forSeconds !== null) byHand.add(`${now + happening.forSeconds * 1000} ${before}`);
			}
		},
		async look(look: Look): Promise<Looked> {
			move(look.afterSeconds * 1000);
			const {what, fault, hotfix} = look;
			const sha = nameOf(what);
			if (fault?.kind === 'stale')
				faults.during(
					0,
					Infinity,
					{kind: 'stale', seconds: fault.seconds},
					fault.api === null ? {} : {api: fault.api},
				);
			if (fault?.kind === 'partial')
				faults.during(0, Infinity, {kind: 'partial', path: fault.path}, {api: 'graphql'});
			const shown = watch(look, sha === what ? [...simulation.state.commits.keys()] : [sha]);
			const judged = await judge({sha, hotfix: hotfix ? hotfixBranch : null, isLanded: false});
			beCalm();
			return {judged, shown};
		},
		/** What a screen shows once it has asked for everything that it asks for. */
		async shown(): Promise<Snapshot> {
			onRequest = () => {};
			let [facts, snapshot]: [Facts | null, Snapshot | null] = [null, null];
			for (let asked = 0; asked === 0 || isBehind(facts, snapshot); asked++) {
				assert.ok(asked < 20, 'it never ends');
				const answer = await github.ask(
					nextQuestion(facts, snapshot, {sha: null, jobId: null}, 0, facts ? 0 : null),
				);
				assert.ok(answer.ok);
				facts = mergeReading(facts, answer.reading, repository);
				snapshot = correlate(facts, settings, clock.now(), null, momentNow());
			}
			return snapshot!;
		},
		/** Exactly this, with production locked so. */
		async ask(question: Question, locked: LockState = {state: 'free'}): Promise<Judged | Refusal> {
			lock = locked;
			onRequest = () => {};
			return judge(question);
		},
	};
}
