/** One commit with everything that the gate asks for; tests take away what they are about. As facts, and as what the core makes of them. */
import {correlate} from '../../source/core/snapshot/correlate.ts';
import type {Facts, RunFact, StatusFact} from '../../source/core/github/facts.ts';
import type {CommitComparison} from '../../source/core/gate/branches.ts';
import type {Moment} from '../../source/core/gate/moment.ts';
import type {Surroundings} from '../../source/core/gate/gate.ts';
import {type Candidate, policies, type Tier, type TierName} from '../../source/core/pipeline/pipeline.ts';
import type {Settings} from '../../source/core/settings/settings.ts';
import {stagingReportContext} from '../../source/core/evidence/staging-report.ts';
import {observableSettings} from './app.ts';
import {commit, deployment, facts, job, minutes, repository, run, runUrl, sha, start, status} from './facts.ts';

export const mine = sha('a');
export const other = sha('b');
export const main = sha('d');
export const now = start + minutes(60);
export const shards = [1, 2, 3, 4].map(shard => `e2e (${shard}, 4)`);
const ids = {fast: 1, deploy: 2, e2e: 3, smoke: 4} as const;

/** A person has to sign, so that there is something to take away. */
export const settings: Settings = {
	...observableSettings,
	promotion: {
		...observableSettings.promotion,
		evidenceMaxAgeSeconds: 3600,
		signOffs: [{name: 'qa', by: []}],
		hotfix: {...observableSettings.promotion.hotfix, signOffs: [{name: 'qa', by: []}]},
	},
};
export const withPromotion = (more: Partial<Settings['promotion']>): Settings => ({
	...settings,
	promotion: {...settings.promotion, ...more},
});

export const report = (before: string, after: string | null, more: Partial<StatusFact> = {}): StatusFact => ({
	...status('', {
		targetUrl: runUrl(ids.e2e),
		description: `before ${before}${after === null ? '' : ` after ${after}`}`,
		state: after === null ? 'PENDING' : 'SUCCESS',
		...more,
	}),
	context: stagingReportContext,
});
export const signed = (name: string, creator: string | null, more: Partial<StatusFact> = {}): StatusFact => ({
	...status(`sign-off/${name}`, {creator, createdAt: start + minutes(30), ...more}),
});

export const healthy: NonNullable<Moment['production']> = {
	overall: {version: main, isMixed: false, health: true},
	instances: 2,
	readAt: now - 1000,
	healthyInARow: 9,
};
export const moment: Moment = {now, lock: {state: 'free'}, pins: [], production: healthy};
export const comparison: CommitComparison = {
	aheadBy: 1,
	behindBy: 0,
	isOnStaging: true,
	content: null,
	hotfixHead: null,
};

const between: Readonly<Record<TierName, readonly [number, number]>> = {
	fast: [0, 3],
	deploy: [4, 6],
	e2e: [7, 15],
	smoke: [7, 9],
};
const times = (name: TierName) => ({
	createdAt: start + minutes(between[name][0]),
	startedAt: start + minutes(between[name][0]),
	finishedAt: start + minutes(between[name][1]),
});

export const green = (name: TierName, more: Partial<Tier> = {}): Tier => {
	const {createdAt, startedAt, finishedAt} = times(name);
	const jobs = (name === 'e2e' ? shards : ['only']).map((title, index) => ({
		id: index + 1,
		nodeId: null,
		name: title,
		status: 'passed' as const,
		startedAt,
		finishedAt,
		url: null,
		steps: null,
		annotations: null,
	}));
	return {
		name,
		status: 'passed',
		policy: policies[name],
		provenance: name === 'fast' ? 'commit' : 'name',
		isOwnWord: true,
		runId: ids[name],
		attempt: 1,
		event: name === 'fast' ? 'push' : 'workflow_dispatch',
		workflow: settings.tiers[name].workflow,
		url: runUrl(ids[name]),
		runIsOver: true,
		createdAt,
		startedAt,
		finishedAt,
		budgetSeconds: 60,
		alertAfterSeconds: 60,
		jobs,
		jobsTotal: jobs.length,
		progress: null,
		shards: [],
		waits: [],
		because: null,
		stagingWords: name === 'e2e' ? {before: mine, after: mine} : null,
		...more,
	};
};

export type Evidence = {candidate: Pick<Candidate, 'sha' | 'tiers'>; around: Surroundings};
export const evidence = (): Evidence => ({
	candidate: {
		sha: mine,
		tiers: {fast: green('fast'), deploy: green('deploy'), e2e: green('e2e'), smoke: green('smoke')},
	},
	around: {
		settings,
		stagingDeployments: [
			{sha: mine, status: 'passed', createdAt: start + minutes(4), updatedAt: start + minutes(6), isRecord: true},
		],
		hasSmoke: true,
		statuses: [report(mine, mine), signed('qa', 'mira')],
		home: {repository, url: `https://github.com/${repository}`},
		at: now,
		branches: {
			staging: {name: 'develop', sha: mine, aheadBy: 1, behindBy: 0},
			production: {name: 'main', sha: main},
		},
		history: [mine, main],
		comparison,
		hotfix: null,
		landed: null,
		isDeploying: false,
		rules: {reviewers: [], waitMinutes: 0},
		moment,
	},
});

/** The name of the job by which E2E says what staging ran. */
export const reportJob = (before: string, after: string): string => `Report before ${before} after ${after}`;
const jobNames = (name: TierName): readonly string[] =>
	name === 'e2e' ? [...shards, reportJob(mine, mine)] : ['only'];

/** What GitHub says of the same commit: E2E and the rest were dispatched later, when the branch was elsewhere, and name it. */
export const runOf = (name: TierName, more: Partial<RunFact> = {}): RunFact => {
	const {createdAt, startedAt, finishedAt} = times(name);
	return run(ids[name], name, {
		headSha: name === 'fast' ? mine : other,
		title: name === 'fast' ? null : `${name} of ${mine}`,
		createdAt,
		startedAt,
		updatedAt: finishedAt,
		jobsAsOf: finishedAt,
		jobs: jobNames(name).map((title, index) => job(ids[name] * 100 + index, {name: title, startedAt, finishedAt})),
		jobsTotal: jobNames(name).length,
		...more,
	});
};
export const known = ({
	runs = [],
	statuses = [],
}: {runs?: readonly RunFact[]; statuses?: readonly StatusFact[]} = {}): Facts =>
	facts({
		commits: [commit(other), commit(mine, {statuses: [report(mine, mine), signed('qa', 'mira'), ...statuses]})],
		refs: {staging: {name: 'develop', sha: other}, production: {name: 'main', sha: main}, aheadBy: 2, behindBy: 0},
		runs: [runOf('fast'), runOf('deploy'), runOf('e2e'), runOf('smoke')]
			.map(each => runs.find(({id}) => id === each.id) ?? each)
			.concat(runs.filter(({id}) => id > ids.smoke)),
		deployments: [
			deployment(1, {
				payload: {sha: mine, run_id: ids.deploy},
				createdAt: start + minutes(4),
				updatedAt: start + minutes(6),
			}),
		],
		productionRules: {reviewers: [], waitMinutes: 0},
	});
export const gateOf = (from: Facts, of = mine): Candidate['gate'] =>
	correlate(from, settings, now, null, moment, {
		sha: of,
		comparison,
		hotfix: null,
		landed: null,
		isDeploying: false,
	}).candidates.find(candidate => candidate.sha === of)!.gate;
