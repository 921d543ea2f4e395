/** The gate in the workflow (`--landed`) against somebody who may write: locks, words, runs and sign-offs of whoever is not asked. */
import assert from 'node:assert/strict';
import {suite, test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {
	type AboutPromoter,
	type AskingRun,
	type AttestedWord,
	glassIn,
	glassText,
	promoterObstacle,
	promoterOf,
	promoterVerdict,
} from '../source/core/snapshot/attribution.ts';
import {breakableIds} from '../source/core/gate/gate.ts';
import type {LockRecord} from '../source/core/locks/lock.ts';
import {obstacleIn} from '../source/core/plan/promotion-words.ts';
import {defaultSettings, type PromotionSettings} from '../source/core/settings/settings.ts';
import {runningWorkflow} from '../source/commands/look/gate.ts';
import {realClock} from '../source/edges/clock.ts';
import {gitHubEdge} from '../source/github/edge.ts';
import {dispatchRun, moveRef, postStatus, rerunRun} from '../source/simulator/simulation/acts.ts';
import {personOf} from '../source/simulator/model/model.ts';
import {newestRun} from '../source/simulator/model/promotable.ts';
import {openPromotable} from './helpers/promotable.ts';
import {runs} from './helpers/fuzz.ts';

const [boss, reviewer, mallory] = ['mira-okafor', 'lena-fischer', 'yuki-tanaka'];
const branch = 'hotfix/login';

/** A hotfix whose fast tests are green, or a commit of the staging branch whose E2E is red; nothing has been promoted. */
const stage = async (t: TestContext, kind: 'hotfix' | 'red', promotion: Partial<PromotionSettings> = {}) => {
	const place = await openPromotable(t, {
		scenario: kind === 'hotfix' ? 'urgent' : 'red-e2e',
		speed: 240,
		promotion: {strategy: 'workflow', timeoutSeconds: 24 * 3600, ...promotion},
	});
	const sha = place.head(kind === 'hotfix' ? branch : 'develop');
	place.later(state => newestRun(state, sha, kind === 'hotfix' ? 'fast' : 'e2e')?.status === 'completed');
	const edge = gitHubEdge({
		access: {
			host: 'github.com',
			apiUrl: place.simulator.restUrl,
			graphqlUrl: place.simulator.graphqlUrl,
			token: 'sim_classic',
		},
		repository: place.repository,
		clock: realClock,
	});
	const lock: LockRecord = {
		id: 'n1',
		environment: 'production',
		kind: 'operation',
		operation: 'x-promote',
		operator: 'release-manager',
		host: 'h',
		reason: 'promotion',
		createdAt: Date.now(),
		leaseUntil: Date.now() + 90_000,
		phase: null,
	};
	return {
		...place,
		sha,
		edge,
		/** A word or a sign-off on the commit, filed by GitHub under that login. */
		says: (login: string, context: string, text: string, state: 'success' | 'failure' = 'success') =>
			place.simulation.act(engine => {
				postStatus(engine.state, {
					sha,
					context: `deployctl/${context}`,
					state,
					description: text,
					targetUrl: null,
					creator: login.endsWith('[bot]') ? engine.state.people.get(login)! : personOf(engine.state, login),
				});
			}),
		/** The production workflow, started by that login. @returns what its runner tells about itself */
		starts: (login: string) => ({
			runId: place.simulation.act(engine =>
				dispatchRun(engine, 'deploy-production.yml', {sha, ref: 'main', by: login}),
			),
			attempt: 1,
			actor: login,
		}),
		/** While somebody holds the lock of production, for what they say that they promote. */
		async judged(
			promotion: Partial<NonNullable<LockRecord['promotion']>> | null,
			run: {runId: number; attempt: number; actor: string} | null,
			flag: string | null = null,
		) {
			const taken =
				promotion === null
					? null
					: await edge.locks.take({
							...lock,
							promotion: {sha, hotfix: null, breakGlass: null, passed: [], ...promotion},
						});
			assert.ok(taken?.ok !== false);
			const judged = await place.operations.judge({sha, hotfix: flag, isLanded: true, run});
			if (taken?.ok) assert.ok((await edge.locks.release('production', taken.oid)).ok);
			if (!judged.ok) return assert.fail(judged.because);
			const {conditions, open} = judged.candidate.gate;
			const isOpen =
				open ||
				(judged.glass !== null &&
					obstacleIn(
						conditions,
						breakableIds.filter(id => judged.glass!.passed.includes(id)),
					) === null);
			const because = conditions
				.filter(({met}) => met !== true)
				.map(({id, because: why}) => `${id}: ${why}`)
				.join('; ');
			return {isOpen, promoter: conditions.find(({id}) => id === 'promoter'), glass: judged.glass, because};
		},
	};
};
type Stage = Awaited<ReturnType<typeof stage>>;

suite('in the workflow', {concurrency: 3}, () => {
	test('a hotfix counts by what GitHub says of who promotes it: the forged lock opens nothing, the true one does', async t => {
		const it = await stage(t, 'hotfix');
		const claim = {hotfix: branch};
		const forged = await it.judged(claim, it.starts(mallory));
		assert.deepEqual(
			[forged.isOpen, forged.promoter?.met],
			[false, false],
			'the lock says release-manager; the run says who it is',
		);
		assert.match(
			forged.promoter!.because,
			/yuki-tanaka has not said on [0-9a-f]{7} that it is a hotfix from hotfix\/login/,
		);
		assert.equal(
			(await it.judged(null, it.starts(mallory))).isOpen,
			false,
			'without a lock it is a foreign commit',
		);
		assert.equal(
			(await it.judged(null, it.starts(mallory), branch)).isOpen,
			false,
			'named by the workflow, it has to be attributed too',
		);

		it.says(mallory, 'hotfix', branch);
		const unsigned = await it.judged(claim, it.starts(mallory));
		assert.equal(unsigned.isOpen, false);
		assert.match(unsigned.because, /sign-off missing: review/, 'by default somebody has to have looked at it');
		it.says(mallory, 'sign-off/review', 'looks fine to me');
		const own = await it.judged(claim, it.starts(mallory));
		assert.equal(own.isOpen, false);
		assert.match(own.because, /review was signed by yuki-tanaka, who promotes the hotfix/);

		it.says(reviewer, 'sign-off/review', 'read it');
		assert.equal(
			(await it.judged(claim, {...it.starts(mallory), actor: boss})).promoter?.met,
			'unknown',
			'a borrowed name',
		);
		assert.equal((await it.judged(claim, null)).promoter?.met, 'unknown', 'no run asks');
		assert.equal(
			(await it.judged(claim, {runId: 1, attempt: 1, actor: boss})).promoter?.met,
			'unknown',
			'no such run',
		);
		assert.equal(
			(await it.judged({hotfix: 'hotfix/other'}, it.starts(mallory))).isOpen,
			false,
			'the word is about another branch',
		);

		it.says(boss, 'hotfix', branch);
		const controlled = await it.judged(claim, it.starts(boss));
		assert.deepEqual([controlled.isOpen, controlled.promoter?.proofs?.[0]?.by], [true, boss], controlled.because);
	});

	test('promotion.by: nobody else promotes, as a hotfix or as usual; a word of somebody who may does not help who started the run', async t => {
		const it = await stage(t, 'hotfix', {by: [boss]});
		it.says(boss, 'hotfix', branch);
		it.says(reviewer, 'sign-off/review', 'read it');
		const lent = await it.judged({hotfix: branch}, it.starts(mallory));
		assert.equal(lent.isOpen, false);
		assert.match(lent.because, /yuki-tanaka may not promote/);
		it.says(mallory, 'hotfix', branch);
		assert.equal(
			(await it.judged({hotfix: branch}, it.starts(boss))).isOpen,
			true,
			'what others say later hides no word',
		);
		const usual = await it.judged(null, it.starts(mallory));
		assert.match(usual.because, /promoter: yuki-tanaka may not promote/);
		assert.equal((await it.judged(null, it.starts(boss))).promoter?.met, true);
		it.says(boss, 'hotfix', 'changed my mind', 'failure');
		assert.match((await it.judged({hotfix: branch}, it.starts(boss))).because, /but taken it back/);
	});

	test('a re-run is its own attempt: who repeats the run of somebody who may is asked for themself', async t => {
		const it = await stage(t, 'hotfix', {by: [boss]});
		it.says(boss, 'hotfix', branch);
		it.says(reviewer, 'sign-off/review', 'read it');
		const first = it.starts(boss);
		it.later(state => state.runs.get(first.runId)?.status === 'completed');
		it.simulation.act(engine => {
			assert.ok(rerunRun(engine, first.runId, mallory));
		});
		assert.equal((await it.judged({hotfix: branch}, {...first, attempt: 2, actor: mallory})).isOpen, false);
		assert.equal((await it.judged({hotfix: branch}, {...first, attempt: 2, actor: boss})).promoter?.met, 'unknown');
	});

	test('a bot answers for nothing, whoever let it start the run', async t => {
		const it = await stage(t, 'hotfix');
		it.says('renovate[bot]', 'hotfix', branch);
		it.says(reviewer, 'sign-off/review', 'read it');
		const run = {
			runId: it.simulation.act(engine =>
				dispatchRun(engine, 'deploy-production.yml', {sha: it.sha, ref: 'main'}),
			),
			attempt: 1,
			actor: 'github-actions[bot]',
		};
		const judged = await it.judged({hotfix: branch}, run);
		assert.deepEqual([judged.isOpen, judged.promoter?.met], [false, false]);
	});

	test('a direct push to the production branch with a forged lock is judged by who pushed', async t => {
		const it = await stage(t, 'hotfix', {strategy: 'fast-forward', by: [boss]});
		it.says(mallory, 'hotfix', branch);
		it.says(reviewer, 'sign-off/review', 'read it');
		it.simulation.act(engine => {
			moveRef(engine, 'refs/heads/main', it.sha, personOf(engine.state, mallory));
		});
		const {runs} = it.now();
		const pushed = [...runs.values()].findLast(
			run => run.event === 'push' && run.branch === 'main' && run.sha === it.sha,
		)!;
		assert.equal((await it.judged({hotfix: branch}, {runId: pushed.id, attempt: 1, actor: mallory})).isOpen, false);
	});

	test('a broken glass is broken by somebody who may, and passes what they confirmed, no more', async t => {
		const broken = async (it: Stage, who: string, passed: readonly string[] = ['e2e-green']) =>
			it.judged({breakGlass: 'down', passed}, it.starts(who));
		const nobody = await stage(t, 'red');
		nobody.says(mallory, 'break-glass', glassText(['e2e-green'], 'users cannot log in'));
		const unnamed = await broken(nobody, mallory);
		assert.deepEqual([unnamed.isOpen, unnamed.glass], [false, null]);
		assert.match(unnamed.because, /nobody is named who may use break-glass/);

		const it = await stage(t, 'red', {breakGlass: {by: [boss]}});
		it.says(mallory, 'break-glass', glassText(['e2e-green'], 'users cannot log in'));
		assert.match((await broken(it, mallory)).because, /yuki-tanaka may not use break-glass/);
		assert.match(
			(await broken(it, boss)).because,
			/mira-okafor has not said on [0-9a-f]{7} that break-glass is used/,
		);
		it.says(boss, 'break-glass', glassText(['not-frozen'], 'users cannot log in'));
		const wider = await broken(it, boss);
		assert.deepEqual(
			[wider.isOpen, wider.glass?.passed],
			[false, ['not-frozen']],
			'the lock says e2e-green, the person did not',
		);
		it.says(boss, 'break-glass', 'users cannot log in');
		assert.deepEqual((await broken(it, boss)).glass?.passed, [], 'a word that names no condition passes none');
		it.says(boss, 'break-glass', glassText(['e2e-green'], 'users cannot log in'));
		const control = await broken(it, boss);
		assert.deepEqual(
			[control.isOpen, control.glass],
			[true, {by: boss, reason: 'users cannot log in', passed: ['e2e-green']}],
			control.because,
		);
		assert.equal(
			(await it.judged(null, it.starts(boss))).isOpen,
			false,
			'and only while its promotion holds the lock',
		);
		assert.equal(
			(await it.judged({sha: 'b'.repeat(40), breakGlass: 'down', passed: ['e2e-green']}, it.starts(boss))).isOpen,
			false,
			"another promotion's",
		);
	});
});

const logins = ['ann', 'Ben', 'eve', 'sam', 'github-actions[bot]', 'merge-queue[bot]'] as const;
const now = Date.UTC(2026, 10, 30);
/** Mostly what a true promotion would have: else nothing but nonsense is looked at. */
const mostly = <Value>(right: Value, any: fc.Arbitrary<Value>) =>
	fc.oneof({weight: 3, arbitrary: fc.constant(right)}, {weight: 1, arbitrary: any});
const login = mostly<string>('ann', fc.constantFrom(...logins));
const listOf = mostly(['ann'], fc.subarray(['ann', 'ben', 'sam']));
const word = (text: fc.Arbitrary<string>): fc.Arbitrary<AttestedWord | null> =>
	fc.option(
		fc.record({
			by: login,
			text,
			at: mostly(now - 1000, fc.integer({min: now - 3 * 3_600_000, max: now + 600_000})),
			isGiven: mostly(true, fc.boolean()),
		}),
	);
const generated: fc.Arbitrary<AboutPromoter> = fc
	.record({
		by: listOf,
		breakers: listOf,
		required: fc.subarray(['review', 'qa']),
		strategy: fc.constantFrom('workflow', 'fast-forward', 'merge-queue' as const),
		claims: fc.record({hotfix: fc.option(fc.constantFrom('hotfix/a', 'hotfix/b')), isGlassBroken: fc.boolean()}),
		run: fc.option(
			fc.record({
				event: mostly(
					'workflow_dispatch',
					fc.constantFrom(
						'push',
						'workflow_dispatch',
						'schedule',
						'workflow_run',
						'issue_comment',
						'pull_request',
						'repository_dispatch',
					),
				),
				actor: fc.option(login),
				lies: mostly(false, fc.boolean()),
			}),
		),
		hotfix: word(mostly('hotfix/a', fc.constantFrom('hotfix/a', 'hotfix/b', 'hotfix/a '))),
		glass: word(fc.constantFrom('e2e-green: down', 'sign-offs,staged: down', 'unlocked: down', 'down')),
		signers: fc.array(
			fc.record({
				name: fc.constantFrom('review', 'qa', 'stakeholder'),
				by: fc.constantFrom('ann', 'Ben', 'eve', 'sam'),
			}),
			{maxLength: 3},
		),
	})
	.map(({by, breakers, required, strategy, claims, run, hotfix, glass, signers}): AboutPromoter => ({
		sha: 'a'.repeat(40),
		claims,
		words: {hotfix, glass},
		signers,
		now,
		settings: {
			...defaultSettings.promotion,
			strategy,
			by,
			breakGlass: {by: breakers},
			hotfix: {prefix: 'hotfix/', signOffs: required.map(name => ({name, by: []}))},
		},
		run:
			run === null
				? 'nobody asks'
				: {
						runId: 7,
						event: run.event,
						actor: run.actor,
						isPerson: run.lies || run.actor?.endsWith('[bot]') === false,
						url: '',
					},
	}));
const same = (one: string | undefined | null, other: string) => one?.toLowerCase() === other.toLowerCase();

test('whatever is forged, nothing opens that GitHub does not attribute to somebody who may; what is attributed opens', () => {
	let [opened, attributed] = [0, 0];
	fc.assert(
		fc.property(generated, around => {
			const {
				claims: {hotfix, isGlassBroken},
				settings: {
					by,
					breakGlass,
					hotfix: {signOffs},
					timeoutSeconds,
				},
				words,
				signers,
				run,
			} = around;
			if (promoterVerdict(around).met !== true) return;
			opened++;
			assert.ok(typeof run !== 'string' && run.actor !== null, 'somebody started it');
			assert.ok(['push', 'workflow_dispatch', 'repository_dispatch', 'deployment'].includes(run.event));
			const isBot = run.actor.endsWith('[bot]');
			if (hotfix === null && !isGlassBroken) {
				assert.ok(isBot ? run.event === 'push' : by.length === 0 || by.some(each => same(each, run.actor!)));
				return;
			}
			attributed++;
			const claimed = [...(hotfix === null ? [] : [words.hotfix]), ...(isGlassBroken ? [words.glass] : [])];
			const who = claimed[0]!.by;
			assert.ok(
				!who.endsWith('[bot]') && (isBot ? run.event === 'push' : same(who, run.actor)),
				'by the one who said so',
			);
			for (const each of claimed)
				assert.ok(
					same(each?.by, who) &&
						each!.isGiven &&
						each!.at >= now - timeoutSeconds * 1000 - 60_000 &&
						each!.at <= now + 60_000,
					'lately, and not taken back',
				);
			if (hotfix !== null)
				assert.ok(words.hotfix!.text === hotfix && (by.length === 0 || by.some(each => same(each, who))));
			if (isGlassBroken) assert.ok((breakGlass.by.length > 0 ? breakGlass.by : by).some(each => same(each, who)));
			const isReviewPassed = isGlassBroken && glassIn(words.glass!.text).passed.includes('sign-offs');
			if (hotfix !== null && !isReviewPassed) {
				assert.ok(by.length > 0 || signOffs.length > 0);
				assert.ok(
					!signers.some(
						({name, by: signer}) => signOffs.some(rule => rule.name === name) && same(signer, who),
					),
					'nobody reviews themself',
				);
			}
		}),
		runs(30_000, 12),
	);
	assert.ok(
		opened > 2000 && attributed > 1000,
		`${opened} opened, ${attributed} of them by a word: the property looks at something`,
	);
});

test('what is true opens: a person who may, with a word of theirs and the review of another', () => {
	const run: AskingRun = {
		runId: 7,
		event: 'workflow_dispatch',
		actor: 'ann',
		isPerson: true,
		url: 'https://github.com/acme/shop/actions/runs/7',
	};
	const words = {
		hotfix: {by: 'Ann', text: 'hotfix/a', at: now - 1000, isGiven: true},
		glass: {
			by: 'ann',
			text: glassText(['e2e-green', 'sign-offs'], 'down: see chat'),
			at: now - 1000,
			isGiven: true,
		},
	};
	const settings = {...defaultSettings.promotion, breakGlass: {by: ['ann']}};
	const around = {sha: 'a'.repeat(40), settings, run, words, signers: [{name: 'review', by: 'ben'}], now};
	for (const claims of [
		{hotfix: 'hotfix/a', isGlassBroken: false},
		{hotfix: null, isGlassBroken: true},
		{hotfix: 'hotfix/a', isGlassBroken: true},
	]) {
		assert.equal(promoterVerdict({...around, claims}).met, true, JSON.stringify(claims));
		// A merge queue moves the branch: then the word alone says who.
		assert.equal(
			promoterVerdict({
				...around,
				claims,
				run: {...run, event: 'push', actor: 'github-merge-queue[bot]', isPerson: false},
			}).met,
			true,
		);
		assert.equal(
			promoterVerdict({...around, claims, run: {...run, actor: 'github-merge-queue[bot]', isPerson: false}}).met,
			false,
			'dispatched by an app',
		);
		assert.equal(promoterVerdict({...around, claims, run: {...run, actor: 'ben'}}).met, false);
	}
	assert.equal(promoterOf({...run, isPerson: false}), undefined, "GitHub says that the account is no person's");
	assert.deepEqual(glassIn(glassText(['e2e-green', 'sign-offs'], 'down: see chat')), {
		passed: ['e2e-green', 'sign-offs'],
		reason: 'down: see chat',
	});
	assert.deepEqual(glassIn('unlocked,fast-forward: no').passed, [], 'what nothing may pass');
});

test('who would be refused later is told before anything is begun', () => {
	const settings = {...defaultSettings.promotion, by: ['ann'], breakGlass: {by: ['ben']}};
	const told = (
		who: string | null,
		hotfix: string | null,
		glass: boolean,
		more: Partial<PromotionSettings> = {},
		signers = [{name: 'review', by: 'ann'}],
	) => promoterObstacle(who, hotfix, glass, {...settings, ...more}, signers)?.because ?? null;
	assert.equal(told(null, 'hotfix/a', true), null, 'GitHub has not said who it is: its own gate will');
	assert.equal(told('ann', null, false), null);
	assert.match(told('eve', null, false)!, /eve may not promote/);
	assert.match(told('ann', null, true)!, /ann may not use break-glass/);
	assert.equal(told('ben', null, true), null);
	assert.match(told('ben', 'hotfix/a', true)!, /ben may not promote/);
	assert.match(told('ann', 'hotfix/a', false)!, /review was signed by ann/);
	assert.equal(told('ann', 'hotfix/a', false, {}, [{name: 'review', by: 'ben'}]), null);
	assert.match(told('eve', null, true, {by: [], breakGlass: {by: []}})!, /nobody is named/);
	assert.equal(told('eve', null, true, {by: [], breakGlass: {by: []}, strategy: 'script'}), null, 'no workflow asks');
	assert.match(
		told('eve', 'hotfix/a', false, {by: [], hotfix: {prefix: 'hotfix/', signOffs: []}})!,
		/nobody else has to sign off/,
	);
});

test('the run that asks is known only inside of GitHub Actions', () => {
	const inside = {
		GITHUB_ACTIONS: 'true',
		GITHUB_RUN_ID: '14541957942',
		GITHUB_RUN_ATTEMPT: '2',
		GITHUB_TRIGGERING_ACTOR: 'ann',
	};
	assert.deepEqual(runningWorkflow(inside), {runId: 14_541_957_942, attempt: 2, actor: 'ann'});
	for (const lacking of [
		{GITHUB_ACTIONS: undefined},
		{GITHUB_RUN_ID: ''},
		{GITHUB_RUN_ID: '1/../2'},
		{GITHUB_RUN_ATTEMPT: '0'},
		{GITHUB_TRIGGERING_ACTOR: ''},
	])
		assert.equal(runningWorkflow({...inside, ...lacking}), null, JSON.stringify(lacking));
});
