/**
Each attack by name, and the lines that stop it: with the core as it is the attack opens nothing, with any one of its lines broken it does.
A rule that nothing here needs would be one that nothing holds. Attacks by the thousand are in `forgery-property.test.ts`, against the
simulated GitHub in `forgery.test.ts` and `landed.test.ts`.
*/
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {AboutPromoter, AttestedWord} from '../source/core/snapshot/attribution.ts';
import type {Facts, RunFact} from '../source/core/github/facts.ts';
import {brokenCores, type Mutation, type Rules} from './helpers/broken-core.ts';
import {allRead, commit, deployment, job, minutes, run, runUrl, sha, start, status} from './helpers/facts.ts';
import {comparison, known, main, mine, moment, now, other, report, runOf, settings} from './helpers/gate-evidence.ts';

const evil = sha('e');
const mineIsTested = known();

/** Whether the usual gate is open for the commit. */
const opens = (core: Rules, from: Facts, more: Partial<typeof comparison> & {hotfix?: string} = {}): boolean => {
	const {hotfix = null, ...compared} = more;
	const asked = {sha: mine, comparison: {...comparison, ...compared}, hotfix, landed: null, isDeploying: false};
	return core
		.correlate(from, settings, now, null, moment, asked)
		.candidates.find(candidate => candidate.sha === mine)!.gate.open;
};

const redE2e = runOf('e2e', {
	conclusion: 'FAILURE',
	jobs: runOf('e2e').jobs!.map((each, index) => (index === 1 ? {...each, conclusion: 'FAILURE'} : each)),
});
const redFast = runOf('fast', {conclusion: 'FAILURE', jobs: [job(1, {name: 'only', conclusion: 'FAILURE'})]});
/** A newer one that is green to the last job, and says what staging ran. */
const later = (each: RunFact, more: Partial<RunFact>): RunFact => ({
	...each,
	id: 900 + each.id,
	suiteId: null,
	url: runUrl(900 + each.id),
	createdAt: each.createdAt + minutes(20),
	startedAt: each.createdAt + minutes(20),
	updatedAt: each.updatedAt + minutes(20),
	jobsAsOf: now,
	jobs: each.jobs!.map(one => ({
		...one,
		id: one.id + 90_000,
		startedAt: one.startedAt! + minutes(20),
		finishedAt: one.finishedAt! + minutes(20),
	})),
	...more,
});
const e2e = (more: Partial<RunFact>): Facts => known({runs: [redE2e, later(runOf('e2e'), more)]});

const promoter = (more: Partial<AboutPromoter>): AboutPromoter => ({
	sha: mine,
	settings: {
		...settings.promotion,
		by: ['ann'],
		breakGlass: {by: ['ann']},
		hotfix: {prefix: 'hotfix/', signOffs: [{name: 'review', by: []}]},
	},
	claims: {hotfix: 'hotfix/a', isGlassBroken: false},
	run: {runId: 7, event: 'workflow_dispatch', actor: 'ann', isPerson: true, url: runUrl(7)},
	words: {hotfix: null, glass: null},
	signers: [{name: 'review', by: 'ben'}],
	now,
	...more,
});
const word = (by: string, text: string, more: Partial<AttestedWord> = {}): AttestedWord => ({
	by,
	text,
	at: now - 1000,
	isGiven: true,
	...more,
});
const isPromoted = (core: Rules, about: AboutPromoter): boolean => core.promoterVerdict(about).met === true;
const startedBy = (actor: string | null, event = 'workflow_dispatch', isPerson = true): AboutPromoter['run'] => ({
	runId: 7,
	event,
	actor,
	isPerson,
	url: runUrl(7),
});
const anybody = {...promoter({}).settings, by: []};

const production = '.github/workflows/deploy-production.yml';
const productionRun = (more: Partial<RunFact>) =>
	run(50, 'deploy', {workflowPath: production, branch: 'main', headSha: main, title: `Deploy ${mine}`, ...more});
const wanted = {workflow: 'deploy-production.yml', branch: 'main', sha: mine, history: [main]};
const isFollowed = (core: Rules, claims: 'claimsDispatch' | 'claimsPush', more: Partial<RunFact>): boolean => {
	const claiming = productionRun(more);
	return (
		core[claims](claiming, mine) &&
		core.trustOfProductionRun(claiming, {...wanted, history: claims === 'claimsPush' ? [mine] : [main]}).trusted ===
			true
	);
};

const onHistory: Mutation = [
	'evidence/trust.ts',
	'|| defaultTrunk.includes(run.headSha) || refs.production.sha === run.headSha) return trusted',
	'|| true) return trusted',
];
const oneWord: Mutation = ['evidence/trust.ts', '(?<![^\\s()[\\]{}])[0-9a-f]{40}(?![^\\s()[\\]{}])', '[0-9a-f]{40}'];
const fork: Mutation = [
	'evidence/trust.ts',
	'if (isFromFork === true) return no(',
	'if (isFromFork === true) return null; if (false) return no(',
];

type Attack = {name: string; succeeds(core: Rules): boolean; lines: readonly Mutation[]};
const attacks: readonly Attack[] = [
	{
		name: 'A1: a tag called like the staging branch, with workflows of its own',
		succeeds: core => opens(core, e2e({headSha: evil})),
		lines: [onHistory],
	},
	{
		name: "A1': the same for the fast tests",
		succeeds: core =>
			opens(
				core,
				known({
					runs: [
						redFast,
						later(runOf('fast'), {event: 'workflow_dispatch', title: `Tests ${mine}`, headSha: evil}),
					],
				}),
			),
		lines: [onHistory],
	},
	{
		name: 'A2: a staging report in a status, for a run that says nothing',
		succeeds: core =>
			opens(
				core,
				known({
					runs: [runOf('e2e', {jobs: runOf('e2e').jobs!.slice(0, 4), jobsTotal: 4})],
					statuses: [report(mine, mine)],
				}),
			),
		lines: [
			[
				'gate/tiers.ts',
				"return isAsked ? unknown('Deployment: only a commit status",
				"return false ? unknown('Deployment: only a commit status",
			],
		],
	},
	...(['before', 'after'] as const).map((when): Attack => ({
		name: `A2: a staging report in a status, against what the run itself says of ${when} the tests`,
		succeeds: core =>
			opens(
				core,
				known({
					runs: [
						runOf('e2e', {
							jobs: runOf('e2e').jobs!.map(each => ({
								...each,
								name: each.name.replace(`${when} ${mine}`, `${when} ${other}`),
							})),
						}),
					],
					statuses: [report(mine, mine)],
				}),
			),
		lines: [
			['gate/tiers.ts', `if (${when} !== null && ${when} !== sha) return notMet`, 'if (false) return notMet'],
		],
	})),
	{
		name: 'A3: a deployment that a person filed, while staging ran another commit',
		succeeds: core =>
			opens(core, {
				...mineIsTested,
				deployments: [
					deployment(9, {
						payload: {sha: mine, run_id: 2},
						createdAt: start + minutes(6.5),
						updatedAt: start + minutes(6.6),
						creator: 'mallory',
					}),
					deployment(8, {
						payload: {sha: other},
						createdAt: start + minutes(6.1),
						updatedAt: start + minutes(6.4),
					}),
					deployment(1, {
						state: 'INACTIVE',
						payload: {sha: mine, run_id: 2},
						createdAt: start + minutes(4),
						updatedAt: start + minutes(6.4),
					}),
				],
			}),
		lines: [['pipeline/staging.ts', '&& (deployment.sha !== sha || deployment.isRecord)', '']],
	},
	{
		name: 'A4: a branch of a fork called like the staging branch',
		succeeds: core =>
			opens(
				core,
				known({
					runs: [redE2e, later(runOf('e2e'), {isFromFork: true})],
					statuses: [status('e2e-staging', {targetUrl: runUrl(903)})],
				}),
			),
		lines: [fork],
	},
	{
		name: 'A4: where GitHub does not say whose code it is',
		succeeds: core => opens(core, e2e({isFromFork: null})),
		lines: [['evidence/trust.ts', 'isFromFork === false ? null :', 'isFromFork !== true ? null :']],
	},
	{
		name: 'A5: a comment as the title',
		succeeds: core => opens(core, e2e({event: 'issue_comment'})),
		lines: [
			[
				'evidence/trust.ts',
				"'schedule', 'repository_dispatch'])",
				"'schedule', 'repository_dispatch', 'issue_comment'])",
			],
		],
	},
	{
		name: "A5: the sender's own event type as the title",
		succeeds: core => opens(core, e2e({event: 'repository_dispatch'})),
		lines: [['evidence/trust.ts', "run.event === 'repository_dispatch' ? jobNames(run) : ", '']],
	},
	{
		name: 'A6: a title that goes on behind the commit',
		succeeds: core => opens(core, e2e({title: `E2E ${mine}#evil`})),
		lines: [oneWord],
	},
	{
		name: 'A6: a branch that is called like the commit',
		succeeds: core => opens(core, e2e({title: `E2E feature/${mine}`})),
		lines: [oneWord],
	},
	{
		name: 'A6: two commits in one title',
		succeeds: core => opens(core, e2e({title: `E2E ${mine} of ${evil}`})),
		lines: [['evidence/trust.ts', 'new Set(words).size === 1 ?', 'words.length > 0 ?']],
	},
	{
		name: "A7: a deployment with an address of one's own",
		succeeds: core =>
			opens(core, e2e({event: 'deployment_status', title: null, headSha: mine, startedBy: 'mallory'})),
		lines: [
			[
				'evidence/trust.ts',
				'return isByApp ? ofOwnWorkflow(sha, around)',
				'return true ? ofOwnWorkflow(sha, around)',
			],
		],
	},
	{
		name: 'A8: dispatched where the commit is, with another one as its input',
		succeeds: core => opens(core, e2e({title: null, headSha: mine})),
		lines: [
			[
				'evidence/trust.ts',
				"new Set(['push', 'merge_group', 'release'])",
				"new Set(['push', 'merge_group', 'release', 'workflow_dispatch'])",
			],
		],
	},
	{
		name: 'A9: a newer red run that others pushed out of the lists',
		succeeds: core =>
			opens(core, {
				...mineIsTested,
				runsSince: {...allRead.runsSince, 'e2e-staging.yml': runOf('e2e').createdAt + 1},
			}),
		lines: [
			['evidence/newest.ts', 'if (!isIn(runsSince, file, run.createdAt)) return false;', ''],
			['snapshot/correlate.ts', '!isNewestKnown(subject.run, facts)', 'false'],
			['gate/tiers.ts', 'if (work.did && tier.mayBeOutrun) return unknown', 'if (false) return unknown'],
		],
	},
	{
		name: 'A9: where nobody has asked for later runs',
		succeeds: core =>
			opens(
				core,
				Object.fromEntries(
					Object.entries(mineIsTested).filter(([name]) => !name.endsWith('Since')),
				) as unknown as Facts,
			),
		lines: [
			[
				'evidence/newest.ts',
				'since !== undefined && file !== null && (since[file] ?? Number.POSITIVE_INFINITY) <= at',
				'since === undefined || (file !== null && (since[file] ?? Number.POSITIVE_INFINITY) <= at)',
			],
		],
	},
	{
		name: 'A9: a workflow that is missing among those that were read',
		succeeds: core =>
			opens(core, {
				...mineIsTested,
				runsSince: {...allRead.runsSince, 'e2e-staging.yml': undefined as unknown as number},
			}),
		lines: [['evidence/newest.ts', '(since[file] ?? Number.POSITIVE_INFINITY)', '(since[file] ?? 0)']],
	},
	{
		name: 'A9: a list that ends within the second in which the green run began',
		succeeds(core) {
			const green = runOf('e2e');
			const list = core.coverageOf(
				{runs: [green], isWhole: false},
				[settings.tiers.e2e.workflow],
				[mine],
				[green],
			);
			return core.isNewestKnown(green, {...list, runs: [green]});
		},
		lines: [
			[
				'evidence/newest.ts',
				'Math.min(...runs.map(({createdAt}) => createdAt)) + 1',
				'Math.min(...runs.map(({createdAt}) => createdAt))',
			],
			['evidence/newest.ts', 'isWhole ? 0 :', 'true ? 0 :'],
		],
	},
	{
		name: 'A9: a later run that says in its jobs alone what it is about',
		succeeds(core) {
			const [green, unread] = [
				runOf('e2e', {title: 'E2E'}),
				later(runOf('e2e'), {title: 'E2E', jobs: null, jobsTotal: null, jobsAsOf: null}),
			];
			const list = core.coverageOf(
				{runs: [unread, green], isWhole: true},
				[settings.tiers.e2e.workflow],
				[mine],
				[green, unread],
			);
			const missing = core.coverageOf(
				{runs: [unread, green], isWhole: true},
				[settings.tiers.e2e.workflow],
				[mine],
				[green],
			);
			return (
				core.isNewestKnown(green, {...list, runs: [green, unread]}) ||
				core.isNewestKnown(green, {...missing, runs: [green]})
			);
		},
		lines: [
			['evidence/newest.ts', 'if (!saysNothing(run)) return true;', 'return true;'],
			['evidence/newest.ts', 'other.jobs !== null || ', 'true || '],
			['evidence/newest.ts', 'Math.max(from, ...unread(file))', 'from'],
		],
	},
	{
		name: 'A10: a status of another commit that claims the newer red run',
		succeeds(core) {
			const red = later(redE2e, {title: null, headSha: mine});
			const claimed = known({runs: [red]});
			return opens(core, {
				...claimed,
				commits: [
					commit(other, {statuses: [status('e2e-staging', {targetUrl: runUrl(red.id), state: 'FAILURE'})]}),
					...claimed.commits.slice(1),
				],
			});
		},
		lines: [
			[
				'evidence/subjects.ts',
				'return subject && withoutClaimed(subject, commit, tier, context);',
				'return subject;',
			],
		],
	},
	{
		name: 'a hotfix with workflows of its own',
		succeeds: core =>
			opens(
				core,
				{
					...mineIsTested,
					trunk: [other],
					automation: {[mine]: sha('7'), [other]: sha('8'), [main]: sha('8')},
					refs: {...mineIsTested.refs, production: {name: 'main', sha: main}},
				},
				{isOnStaging: false, hotfixHead: mine, hotfix: 'hotfix/a'},
			),
		lines: [['evidence/trust.ts', 'if (own !== null && heads.includes(own)) return trusted;', 'return trusted;']],
	},
	{
		name: "E1: a lock in anybody's name, and nobody's word",
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					settings: anybody,
					run: startedBy('mallory'),
					words: {hotfix: word('mallory', 'hotfix/other'), glass: null},
				}),
			),
		lines: [['snapshot/attribution.ts', '|| words.hotfix.text !== hotfix) return lackOf', ') return lackOf']],
	},
	{
		name: 'E1: a word of somebody who may, lent to another run',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					settings: anybody,
					run: startedBy('mallory'),
					words: {hotfix: word('ann', 'hotfix/a'), glass: null},
				}),
			),
		lines: [['snapshot/attribution.ts', 'if (!isUsual && foreign) return', 'if (false) return']],
	},
	{
		name: 'E1: who may not promote',
		succeeds: core =>
			isPromoted(
				core,
				promoter({run: startedBy('mallory'), words: {hotfix: word('mallory', 'hotfix/a'), glass: null}}),
			),
		lines: [['snapshot/attribution.ts', 'if (by.length > 0 && !isIn(by, who)', 'if (false && !isIn(by, who)']],
	},
	{
		name: 'E1: a word that was taken back',
		succeeds: core =>
			isPromoted(core, promoter({words: {hotfix: word('ann', 'hotfix/a', {isGiven: false}), glass: null}})),
		lines: [['snapshot/attribution.ts', 'word !== null && word.isGiven && ', 'word !== null && ']],
	},
	{
		name: 'E1: a word of another promotion, long ago',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					words: {
						hotfix: word('ann', 'hotfix/a', {
							at: now - settings.promotion.timeoutSeconds * 1000 - minutes(2),
						}),
						glass: null,
					},
				}),
			),
		lines: [['snapshot/attribution.ts', 'word.at >= now - timeoutSeconds * 1000 - toleranceMs && ', '']],
	},
	{
		name: 'E1: reviewed by oneself',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					words: {hotfix: word('ann', 'hotfix/a'), glass: null},
					signers: [{name: 'review', by: 'Ann'}],
				}),
			),
		lines: [
			['snapshot/attribution.ts', 'return own === undefined ? null : notMet(', 'return true ? null : notMet('],
		],
	},
	{
		name: 'E1: a hotfix that nobody has to sign, promoted by anybody',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					settings: {...anybody, hotfix: {prefix: 'hotfix/', signOffs: []}},
					words: {hotfix: word('ann', 'hotfix/a'), glass: null},
				}),
			),
		lines: [['snapshot/attribution.ts', 'return by.length > 0 ? null : notMet(', 'return true ? null : notMet(']],
	},
	{
		name: 'E1: a run that nobody started',
		succeeds: core =>
			isPromoted(
				core,
				promoter({run: startedBy('ann', 'schedule'), words: {hotfix: word('ann', 'hotfix/a'), glass: null}}),
			),
		lines: [
			['snapshot/attribution.ts', 'if (!startedBySomebody.has(event) || actor === null)', 'if (actor === null)'],
		],
	},
	{
		name: 'E1: a bot that answers for a person',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					settings: anybody,
					run: startedBy('helper[bot]', 'workflow_dispatch', false),
					words: {hotfix: word('helper[bot]', 'hotfix/a'), glass: null},
				}),
			),
		lines: [['snapshot/attribution.ts', 'if (isAccount && isPerson(actor)) return actor;', 'return actor;']],
	},
	{
		name: 'E2: a glass broken by somebody who may not',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					claims: {hotfix: null, isGlassBroken: true},
					run: startedBy('mallory'),
					words: {hotfix: null, glass: word('mallory', 'e2e-green: down')},
				}),
			),
		lines: [['snapshot/attribution.ts', 'if (!isIn(breakers, who)) return mayNot', 'if (false) return mayNot']],
	},
	{
		name: 'E2: a glass whose word was taken back',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					claims: {hotfix: null, isGlassBroken: true},
					words: {hotfix: null, glass: word('ann', 'e2e-green: down', {isGiven: false})},
				}),
			),
		lines: [['snapshot/attribution.ts', 'return stands(words.glass, around) ? null :', 'return true ? null :']],
	},
	{
		name: 'E2c: a glass over a hotfix that passes the review by not naming it',
		succeeds: core =>
			isPromoted(
				core,
				promoter({
					claims: {hotfix: 'hotfix/a', isGlassBroken: true},
					words: {hotfix: word('ann', 'hotfix/a'), glass: word('ann', 'e2e-green: down')},
					signers: [{name: 'review', by: 'ann'}],
				}),
			),
		lines: [
			[
				'snapshot/attribution.ts',
				"return passed.includes('sign-offs') ? null :",
				'return passed.length > 0 ? null :',
			],
		],
	},
	{
		name: 'E2c: a glass over what nothing may pass',
		succeeds: core => core.glassIn('unlocked,fast-forward: down').passed.length > 0,
		lines: [
			[
				'snapshot/attribution.ts',
				"breakableIds.filter(id => ids.split(',').includes(id))",
				"ids.split(',') as ConditionId[]",
			],
		],
	},
	{
		name: 'E3: the branch has not been moved there',
		succeeds: core =>
			core
				.correlate(mineIsTested, settings, now, null, moment, {
					sha: mine,
					comparison,
					hotfix: null,
					landed: mine,
					isDeploying: true,
				})
				.candidates.find(candidate => candidate.sha === mine)!.gate.open,
		lines: [['gate/branches.ts', 'if (production.sha !== landed) return notMet', 'if (false) return notMet']],
	},
	{
		name: 'E2b: a commit that is not on the staging branch',
		succeeds: core => opens(core, mineIsTested, {isOnStaging: false}),
		lines: [
			[
				'gate/branches.ts',
				'if (hotfix === null && !comparison.isOnStaging) return notMet',
				'if (false) return notMet',
			],
		],
	},
	{
		name: "a run called like the dispatched one, of a tag with the branch's name",
		succeeds: core => isFollowed(core, 'claimsDispatch', {headSha: evil}),
		lines: [onHistory],
	},
	{
		name: 'a run called like the dispatched one, of a fork',
		succeeds: core => isFollowed(core, 'claimsDispatch', {isFromFork: true}),
		lines: [fork],
	},
	{
		name: 'a run called like the dispatched one, that a clock started',
		succeeds: core => isFollowed(core, 'claimsDispatch', {event: 'schedule'}),
		lines: [['evidence/production-run.ts', "run.event === 'workflow_dispatch' && ", '']],
	},
	{
		name: 'a run called like the dispatched one, of another workflow',
		succeeds: core => isFollowed(core, 'claimsDispatch', {workflowPath: '.github/workflows/evil.yml'}),
		lines: [['evidence/production-run.ts', 'if (file !== workflow) return', 'if (false) return']],
	},
	{
		name: 'a push of another branch to the same commit',
		succeeds: core => isFollowed(core, 'claimsPush', {event: 'push', headSha: mine, branch: 'feature/x'}),
		lines: [['evidence/production-run.ts', 'if (run.branch !== branch) return', 'if (false) return']],
	},
	{
		name: 'a release of the same commit',
		succeeds: core => isFollowed(core, 'claimsPush', {event: 'release', headSha: mine}),
		lines: [['evidence/production-run.ts', "run.event === 'push' && ", '']],
	},
];

test('controls: what is true opens, and is followed', async t => {
	const core = await brokenCores(t)(null);
	assert.ok(opens(core, mineIsTested));
	assert.ok(opens(core, e2e({})), 'E2E was red, and is green since');
	assert.ok(
		opens(
			core,
			{...mineIsTested, trunk: [other], automation: {[mine]: sha('8'), [other]: sha('8'), [main]: sha('8')}},
			{isOnStaging: false, hotfixHead: mine, hotfix: 'hotfix/a'},
		),
		'a hotfix with the workflows that production has',
	);
	assert.ok(isPromoted(core, promoter({words: {hotfix: word('ann', 'hotfix/a'), glass: null}})));
	assert.ok(
		isPromoted(
			core,
			promoter({
				claims: {hotfix: null, isGlassBroken: true},
				words: {hotfix: null, glass: word('ann', 'e2e-green: down')},
			}),
		),
	);
	assert.ok(isFollowed(core, 'claimsDispatch', {}));
	assert.ok(isFollowed(core, 'claimsPush', {event: 'push', headSha: mine}));
});

for (const {name, succeeds, lines} of attacks) {
	test(`${name}: it opens nothing, and without the rule it would`, async t => {
		const coreWith = brokenCores(t);
		assert.equal(succeeds(await coreWith(null)), false, 'the attack succeeds');
		assert.ok(lines.length > 0);
		for (const line of lines)
			assert.equal(succeeds(await coreWith(line)), true, `nothing needs ${line[0]}: ${line[1]}`);
	});
}
