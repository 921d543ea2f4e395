/** What shuts the gate: for each of its conditions every way to take it away, and nothing else, from a record that is open. */
import {healthyNeeded, type Moment, observedWithinMs} from '../../source/core/gate/moment.ts';
import type {Surroundings} from '../../source/core/gate/gate.ts';
import type {LockRecord, LockState} from '../../source/core/locks/lock.ts';
import type {AskedConditionId, Status, Tier, TierName} from '../../source/core/pipeline/pipeline.ts';
import {minutes, runUrl, start} from './facts.ts';
import {
	comparison,
	type Evidence,
	green,
	healthy,
	mine,
	moment,
	now,
	other,
	report,
	shards,
	signed,
	withPromotion,
} from './gate-evidence.ts';

export type Change = (before: Evidence) => Evidence;
export const tier =
	(name: TierName, more: Partial<Tier>): Change =>
	({candidate, around: known}) => ({
		around: known,
		candidate: {...candidate, tiers: {...candidate.tiers, [name]: {...candidate.tiers[name], ...more}}},
	});
export const around =
	(more: Partial<Surroundings>): Change =>
	before => ({...before, around: {...before.around, ...more}});
export const inMoment =
	(more: Partial<Moment>): Change =>
	before => ({...before, around: {...before.around, moment: {...before.around.moment!, ...more}}});
const compared = (more: Partial<typeof comparison>): Change => around({comparison: {...comparison, ...more}});
const production = (more: Partial<typeof healthy>): Change => inMoment({production: {...healthy, ...more}});
const statuses = (...list: NonNullable<Surroundings['statuses']>): Change =>
	around({statuses: [signed('qa', 'mira'), ...list]});
export const deployments = (
	...list: readonly [of: string | null, status: Status, from: number, until: number][]
): Change =>
	around({
		stagingDeployments: list.map(([of, word, from, until]) => ({
			sha: of,
			status: word,
			isRecord: true,
			createdAt: start + minutes(from),
			updatedAt: start + minutes(until),
		})),
	});

const lock: LockRecord = {
	id: 'n1',
	environment: 'production',
	kind: 'operation',
	operation: 'op1',
	operator: 'ann',
	host: 'laptop',
	reason: 'promotes',
	createdAt: now - 90_000,
	leaseUntil: now,
	phase: null,
};
export const held = (more: Partial<LockRecord> = {}, isStale = false): LockState => ({
	state: 'held',
	lock: {...lock, ...more},
	where: 'github',
	isStale,
	silentSeconds: null,
});
export const promotionOf = (of: string) => ({promotion: {sha: of, hotfix: null, breakGlass: null, passed: []}});

const unfinished: readonly Status[] = [
	'none',
	'queued',
	'waiting',
	'running',
	'failed',
	'cancelled',
	'skipped',
	'unknown',
];
/** What makes any tier prove nothing: a run that is not green, or that is not about the commit by its own word, or was not read. */
const tierBreaks = (name: TierName): readonly Change[] => [
	...unfinished.flatMap(status => [tier(name, {status}), tier(name, {status, rawStatus: 'success'})]),
	tier(name, {provenance: 'inferred'}),
	tier(name, {isOwnWord: false}),
	tier(name, {event: null}),
	// Its jobs: not over, none, not all read, one that did not pass.
	tier(name, {runIsOver: false}),
	tier(name, {jobs: [], jobsTotal: 0}),
	tier(name, {jobsTotal: 9}),
	...unfinished.map(status =>
		tier(name, {jobs: green(name).jobs.map((job, index) => (index === 0 ? {...job, status} : job))}),
	),
	tier(name, {jobs: green(name).jobs.map(job => ({...job, name: 'all-green'}))}),
];
const withoutSmoke: Change = ({
	candidate: {
		sha: of,
		tiers: {fast, deploy, e2e},
	},
	around: before,
}) => ({candidate: {sha: of, tiers: {fast, deploy, e2e}}, around: before});
const frozen = (from: string, until: string) =>
	around({settings: withPromotion({freeze: [{from, until, timezone: 'UTC', reason: 'holidays'}]})});

/** For each condition what shuts it, and nothing else. */
export const breaks: Readonly<Record<AskedConditionId, readonly Change[]>> = {
	'fast-green': [...tierBreaks('fast'), tier('fast', {runId: null})],
	staged: [
		...tierBreaks('deploy'),
		deployments(),
		deployments([other, 'passed', 4, 6]),
		deployments([null, 'passed', 4, 6]),
		deployments([mine, 'failed', 4, 6]),
		deployments([mine, 'passed', 8, 9]),
		deployments([mine, 'passed', 4, 12]),
		...(['passed', 'none', 'failed', 'cancelled', 'running', 'queued', 'waiting', 'unknown'] as const).flatMap(
			word => [
				deployments([mine, 'passed', 4, 6], [other, word, 10, 12]),
				deployments([mine, 'passed', 4, 6], [other, word, 14, 20]),
			],
		),
		// Begun before E2E, and after what was there: it fails while E2E looks, or nobody knows how it ended.
		...(['failed', 'cancelled', 'running'] as const).map(word =>
			deployments([mine, 'passed', 4, 6], [other, word, 6.5, 9]),
		),
		deployments([other, 'passed', 3, 8], [mine, 'passed', 4, 6]),
		...[
			null,
			'contradictory' as const,
			{before: other, after: mine},
			{before: mine, after: other},
			{before: mine, after: null},
			{before: null, after: mine},
			{before: null, after: null},
		].flatMap(stagingWords =>
			[[report(mine, mine)], []].map(
				(list): Change =>
					before =>
						statuses(...list)(tier('e2e', {stagingWords})(before)),
			),
		),
		// A workflow of an earlier version says it in a status only: that shuts the gate, and never opens it.
		...[
			[report(other, mine)],
			[report(mine, other)],
			[report(mine, null)],
			[report('unknown', mine)],
			[report(mine, 'unknown')],
			[report(mine.slice(0, 7), mine)],
			[report(mine, mine, {creator: 'mallory'})],
			[report(mine, mine, {creator: null})],
			[report(mine, mine, {targetUrl: runUrl(3, 2)})],
			[report(mine, mine, {targetUrl: runUrl(8)})],
			[report(mine, mine, {targetUrl: null})],
			[report(mine, mine, {targetUrl: runUrl(3).replace('acme', 'evil')})],
			[report(mine, mine, {state: 'FAILURE'})],
			[report(mine, mine), report(mine, other, {createdAt: start + 1})],
		].map(
			(list): Change =>
				before =>
					statuses(...list)(tier('e2e', {stagingWords: null})(before)),
		),
	],
	'e2e-green': [
		...tierBreaks('e2e'),
		tier('e2e', {finishedAt: null}),
		around({at: now + minutes(16)}),
		...shards.map(name => tier('e2e', {jobs: green('e2e').jobs.filter(job => job.name !== name), jobsTotal: 3})),
		...unfinished.map(status =>
			tier('e2e', {jobs: green('e2e').jobs.map((job, index) => (index === 2 ? {...job, status} : job))}),
		),
	],
	'smoke-green': [...tierBreaks('smoke'), withoutSmoke, before => around({hasSmoke: null})(withoutSmoke(before))],
	'fast-forward': [
		compared({aheadBy: 0}),
		compared({behindBy: 1}),
		compared({isOnStaging: false}),
		compared({isOnStaging: null}),
		around({comparison: null, history: []}),
		around({
			branches: {
				staging: {name: 'develop', sha: mine, aheadBy: 0, behindBy: 0},
				production: {name: 'main', sha: mine},
			},
			moment: {...moment, production: {...healthy, overall: {version: mine, isMixed: false, health: true}}},
		}),
		...(['same', 'foreign', null] as const).map(
			content => (before: Evidence) =>
				around({
					settings: withPromotion({strategy: 'pull-request'}),
					comparison: {...comparison, behindBy: 1, content},
				})(before),
		),
	],
	unlocked: [
		null,
		{state: 'unknown' as const, because: 'GitHub did not answer'},
		{state: 'ambiguous' as const, because: 'its text cannot be read'},
		held(),
		held({kind: 'human', operation: null}),
		held({}, true),
		held(promotionOf(mine)),
	].map(state => inMoment({lock: state})),
	'not-frozen': [frozen('2026-11-23T00:00', '2026-11-24T00:00'), frozen('2026-11-23T10:00', '2026-11-23T10:01')],
	'not-pinned': [
		inMoment({pins: null}),
		...[mine, mine.slice(0, 7)].map(of =>
			inMoment({pins: [{environment: 'production', release: 'r', sha: of, by: 'bob', because: 'rolled back'}]}),
		),
	],
	'production-healthy': [
		inMoment({production: null}),
		production({instances: 0}),
		production({healthyInARow: healthyNeeded - 1}),
		production({readAt: now - observedWithinMs - 1}),
		...([false, 'unknown'] as const).map(health => production({overall: {...healthy.overall, health}})),
		production({overall: {version: null, isMixed: true, health: true}}),
	],
	'sign-offs': [
		[],
		[signed('qa', null)],
		[signed('qa', 'bot[bot]')],
		[signed('qa', 'github-actions')],
		[signed('QA', 'mira')],
		[signed('qa', 'mira', {state: 'FAILURE'})],
		[signed('qa', 'mira', {state: 'PENDING'})],
	].map(words => around({statuses: [report(mine, mine), ...words]})),
	approvals: [
		around({rules: null}),
		around({rules: {reviewers: ['lena'], waitMinutes: 0}, settings: withPromotion({strategy: 'script'})}),
	],
};
