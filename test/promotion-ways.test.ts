/** The other ways of a promotion: hotfix, broken glass, sign-offs, approvals, a deployment that fails and is tried again, a stop, a kill, a soak that ends badly. */
import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {createJournalReader} from '../source/operations/journal/journal-reader.ts';
import {processesOf, signalProcess} from '../source/operations/script/process-tree.ts';
import type {LockRecord} from '../source/core/locks/lock.ts';
import {journalItems} from '../source/core/history/timeline-journal.ts';
import {realClock} from '../source/edges/clock.ts';
import {gitHubEdge} from '../source/github/edge.ts';
import {approvePull, postStatus} from '../source/simulator/simulation/acts.ts';
import {personOf} from '../source/simulator/model/model.ts';
import {newestRun} from '../source/simulator/model/promotable.ts';
import {moveRef} from '../source/simulator/branches/pushes.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import type {Simulation} from '../source/simulator/simulation/simulation.ts';
import {patient, until} from './helpers/patience.ts';
import {openPromotable} from './helpers/promotable.ts';

type Place = Awaited<ReturnType<typeof openPromotable>>;

/** Until the step runs or has run. */
const untilStep = async ({operations}: Place, id: string, name: string, status?: string) => {
	await until(`it comes to ${name}`, async () => {
		const operation = (await operations.read()).operations.find(each => each.id === id);
		const step = operation?.steps.find(
			each => each.name === name && (status === undefined || each.status === status),
		);
		assert.ok(
			step || operation === undefined || operation.outcome === 'running',
			`${operation?.because} before ${name}`,
		);
		return step !== undefined;
	});
};
/** The production deployment of that commit fails, as often as it is tried, until `mend`. */
const failProduction = (simulation: Simulation, sha: string) =>
	simulation.act(({state}) => {
		state.plans.set(sha, {
			...state.plans.get(sha),
			outcomes: {...state.plans.get(sha)?.outcomes, deploy: {conclusion: 'failure', step: 'Health check'}},
		});
	});
/** It is skipped, and GitHub calls the run a success all the same. */
const skipProduction = (simulation: Simulation, sha: string) =>
	simulation.act(({state}) => {
		state.plans.set(sha, {
			...state.plans.get(sha),
			outcomes: {...state.plans.get(sha)?.outcomes, deploy: 'skipped'},
		});
	});
const mendProduction = (simulation: Simulation, sha: string) =>
	simulation.act(({state}) => {
		const {outcomes, ...plan} = state.plans.get(sha)!;
		state.plans.set(sha, {
			...plan,
			outcomes: Object.fromEntries(Object.entries(outcomes ?? {}).filter(([name]) => name !== 'deploy')),
		});
	});

suite('other ways', {concurrency: 2}, () => {
	test('hotfix: past staging by a gate of its own, only the head of its branch, and the reminder stays in the plan', async t => {
		const place = await openPromotable(t, {scenario: 'urgent', speed: 20});
		place.clock.hold();
		const red = await place.operations.hotfixes();
		assert.deepEqual(red.ok && red.branches.map(({branch}) => branch), ['hotfix/login']);
		const {sha, branch} = red.ok ? red.branches[0]! : assert.fail();
		const early = await place.operations.plan(
			{kind: 'promote', environment: 'production', sha, hotfix: branch},
			[],
		);
		assert.match(early.blocked?.because ?? '', /Fast tests: still running|Fast tests: queued/);
		assert.match(
			early.promotion?.conditions.find(({id}) => id === 'sign-offs')?.because ?? '',
			/sign-off missing: review/,
			'somebody else has to look at it',
		);
		place.simulation.act(({state}) => {
			postStatus(state, {
				sha,
				context: 'deployctl/sign-off/review',
				state: 'success',
				description: 'read it',
				targetUrl: null,
				creator: personOf(state, 'lena-fischer'),
			});
		});
		// Its fast tests take two minutes of GitHub's time.
		for (
			let plan = early;
			plan.blocked !== null;
			plan = await place.operations.plan({kind: 'promote', environment: 'production', sha, hotfix: branch}, [])
		) {
			assert.match(plan.blocked.because, /Fast tests/);
			place.clock.skip(20_000);
		}
		place.clock.go();
		const foreign = await place.operations.plan({kind: 'promote', environment: 'production', sha}, []);
		assert.match(
			foreign.blocked?.because ?? '',
			/is not on develop|no run for this commit/,
			'without --hotfix it is a foreign commit',
		);
		const {plan, operation} = await place.promoted(sha, {hotfix: branch});
		assert.deepEqual(
			plan.promotion?.conditions.map(({id}) => id),
			['fast-green', 'fast-forward', 'unlocked', 'not-frozen', 'not-pinned', 'sign-offs', 'approvals'],
		);
		assert.equal(operation?.outcome, 'succeeded', `${operation?.because} ${place.logOf(plan.id)}`);
		assert.deepEqual(
			[place.head('main'), place.now().live.get('production'), operation?.promotion?.hotfix],
			[sha, sha, branch],
		);
		const claim = place
			.now()
			.statuses.get(sha)!
			.find(({context}) => context === 'deployctl/hotfix');
		assert.deepEqual(
			[claim?.creator.login, claim?.description],
			['mira-okafor', branch],
			"said under the operator's own name, before anything was moved",
		);
		assert.ok(plan.warnings.some(warning => warning.includes('merge main back into develop')));
		const next = await place.operations.plan(
			{kind: 'promote', environment: 'production', sha: place.head('develop')},
			[],
		);
		assert.match(
			next.blocked?.because ?? '',
			/main has 1 commit that [0-9a-f]{7} lacks/,
			'until it is merged back nothing else can go',
		);
	});

	test('a deployment whose deploying job was skipped is no word for what production runs', async t => {
		const place = await openPromotable(t, {
			settings: settings => ({
				...settings,
				environments: settings.environments.map(each =>
					each.name === 'production' ? {...each, version: []} : each,
				),
			}),
		});
		const sha = place.head('develop');
		skipProduction(place.simulation, sha);
		const {plan, operation} = await place.promoted(sha);
		assert.deepEqual(
			[operation?.outcome, operation?.exitCode],
			['interrupted', 7],
			`${operation?.because} ${place.logOf(plan.id)}`,
		);
		assert.match(
			operation!.because,
			/nobody can tell whether production runs [0-9a-f]{7}: it has no version address to ask, and its deployment proves nothing: deploy skipped/,
		);
		assert.match(operation!.next ?? '', /promotion\.maySkip/);
		assert.deepEqual(
			operation!.steps.filter(({name}) => name === 'job/deploy').map(({status}) => status),
			['failed'],
		);
	});

	test("broken glass: its own phrase, recorded with its reason and what it passed, and the workflow's gate lets it through", async t => {
		const place = await openPromotable(t, {
			scenario: 'red-e2e',
			speed: 240,
			hooks: {},
			promotion: {breakGlass: {by: ['mira-okafor']}},
		});
		const sha = place.head('develop');
		place.later(state => newestRun(state, sha, 'e2e')?.status === 'completed');
		const refused = await place.operations.plan({kind: 'promote', environment: 'production', sha}, []);
		assert.deepEqual(
			[refused.blocked?.exitCode, refused.promotion?.canBreakGlass],
			[3, true],
			JSON.stringify(refused.blocked),
		);
		assert.equal(
			(await place.operations.plan({kind: 'promote', environment: 'production', sha, breakGlass: '  '}, []))
				.blocked?.exitCode,
			2,
		);
		const plan = await place.operations.plan(
			{kind: 'promote', environment: 'production', sha, breakGlass: 'checkout is down, E2E fails on fonts'},
			[],
		);
		assert.deepEqual(
			[plan.blocked, plan.phrase, plan.promotion?.breakGlass?.conditions],
			[null, `break glass production ${sha.slice(0, 7)}`, ['e2e-green']],
		);
		assert.equal(
			(await place.operations.start(plan, {phrase: `production ${sha.slice(0, 7)}`})).ok,
			false,
			'the usual phrase breaks nothing',
		);
		const again = await place.operations.plan(
			{kind: 'promote', environment: 'production', sha, breakGlass: 'checkout is down, E2E fails on fonts'},
			[],
		);
		await place.operations.start(again, {phrase: again.phrase});
		await untilStep(place, again.id, 'branch', 'passed');
		const inWorkflow = await place.operations.judge({sha, hotfix: null, isLanded: true});
		assert.ok(
			inWorkflow.ok &&
				inWorkflow.lock?.state === 'held' &&
				inWorkflow.lock.lock.promotion?.breakGlass === 'checkout is down, E2E fails on fonts',
		);
		const ended = await place.ended(again.id);
		assert.equal(ended.outcome, 'succeeded', `${ended.because} ${place.logOf(again.id)}`);
		const {records} = await createJournalReader(place.paths.journal).read();
		const requested = records.find(record => record.type === 'requested' && record.operation === again.id);
		assert.ok(
			requested?.type === 'requested' &&
				requested.promotion?.breakGlass?.reason === 'checkout is down, E2E fails on fonts' &&
				requested.promotion.breakGlass.conditions.includes('e2e-green'),
		);
	});

	test('sign-offs: closed until given, where every operator sees them; not alone for two; taken back', async t => {
		const place = await openPromotable(t, {
			promotion: {
				signOffs: [
					{name: 'qa', by: []},
					{name: 'stakeholder', by: ['lena-fischer']},
				],
				differentPeople: true,
			},
		});
		const sha = place.head('develop');
		const condition = async () =>
			(
				await place.operations.plan({kind: 'promote', environment: 'production', sha}, [])
			).promotion!.conditions.find(({id}) => id === 'sign-offs')!;
		assert.match((await condition()).because, /sign-off missing: qa, stakeholder/);
		assert.deepEqual(await place.operations.signOff({sha, name: 'qa', given: true, note: 'tried the toolbar'}), {
			ok: true,
		});
		assert.match((await condition()).because, /sign-off missing: stakeholder/);
		const foreign = await place.operations.signOff({sha, name: 'stakeholder', given: true, note: null});
		assert.ok(!foreign.ok && foreign.exitCode === 3 && foreign.because === 'mira-okafor may not give stakeholder');
		const unknown = await place.operations.signOff({sha, name: 'security', given: true, note: null});
		assert.ok(!unknown.ok && unknown.exitCode === 2);
		// Somebody else signs with a program of their own.
		place.simulation.act(({state}) => {
			state.statuses.get(sha)!.push({
				id: 9_000_001,
				sha,
				context: 'deployctl/sign-off/stakeholder',
				state: 'success',
				description: null,
				targetUrl: null,
				creator: state.people.get('lena-fischer')!,
				createdAt: state.now,
			});
		});
		assert.deepEqual(
			[(await condition()).met, (await condition()).proofs?.map(({by}) => by).toSorted()],
			[true, ['lena-fischer', 'mira-okafor']],
		);
		assert.deepEqual(await place.operations.signOff({sha, name: 'qa', given: false, note: 'the fonts are wrong'}), {
			ok: true,
		});
		assert.match((await condition()).because, /qa \(taken back by mira-okafor: the fonts are wrong\)/);
		// What was refused is not in the journal; what was said is, and so in the timeline, by whichever way it was said.
		const {records} = await createJournalReader(place.paths.journal).read();
		assert.deepEqual(
			journalItems(records, at => at)
				.filter(({subject}) => subject === 'sign-off')
				.map(({who, sha: about, text}) => [who, about, text]),
			[
				['mira-okafor', sha, `sign-off qa for ${sha.slice(0, 7)} given: tried the toolbar`],
				['mira-okafor', sha, `sign-off qa for ${sha.slice(0, 7)} taken back: the fonts are wrong`],
			],
		);
	});

	test('the scenario "sign-off": blocked by nothing but the sign-off, and free once it is given', async t => {
		const {signOffs} = scenarioNamed('sign-off');
		const place = await openPromotable(t, {scenario: 'sign-off', promotion: {signOffs}});
		const plan = () =>
			place.operations.plan({kind: 'promote', environment: 'production', sha: place.head('develop')}, []);
		const before = await plan();
		assert.deepEqual(
			before.promotion!.conditions.filter(({met}) => met !== true).map(({id}) => id),
			['sign-offs'],
		);
		assert.match(before.blocked!.because, /sign-off missing: qa/);
		assert.deepEqual(
			await place.operations.signOff({sha: place.head('develop'), name: 'qa', given: true, note: null}),
			{ok: true},
		);
		assert.equal((await plan()).blocked, null);
	});

	test('approval: the run waits, that is a step of its own, and an answer from here lets it go on', async t => {
		const place = await openPromotable(t, {scenario: 'production-approval', speed: 120});
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		assert.deepEqual(plan.blocked, null);
		await place.operations.start(plan, {phrase: plan.phrase});
		let note = '';
		await until('it waits for an approval', async () => {
			note =
				(await place.operations.read()).operations
					.find(({id}) => id === plan.id)
					?.steps.find(({name}) => name === 'approval')?.note ?? '';
			return note !== '';
		});
		const runId = Number(/run=(\d+)/.exec(note)?.[1]);
		assert.match(note, /environment=production approvable=yes/);
		assert.deepEqual(
			await place.operations.review({
				runId,
				environment: 'production',
				decision: 'approve',
				comment: 'looks good',
			}),
			{ok: true},
		);
		const ended = await place.ended(plan.id);
		assert.equal(ended.outcome, 'succeeded', ended.because);
		assert.deepEqual(
			journalItems((await createJournalReader(place.paths.journal).read()).records, at => at)
				.filter(({subject}) => subject === 'review')
				.map(({who, text, environment}) => [who, text, environment]),
			[['mira-okafor', `run ${runId} approved for production: looks good`, 'production']],
		);
		const late = await place.operations.review({
			runId,
			environment: 'production',
			decision: 'approve',
			comment: '',
		});
		assert.ok(!late.ok && late.because.length > 5);
	});

	test('the production deployment fails: production is as it was, it says so, and the same commit can be promoted again', async t => {
		const place = await openPromotable(t, {speed: 120});
		const [sha, live] = [place.head('develop'), place.now().live.get('production')];
		failProduction(place.simulation, sha);
		const first = await place.promoted(sha);
		assert.deepEqual(
			[
				first.operation?.outcome,
				first.operation?.exitCode,
				place.now().live.get('production'),
				place.head('main'),
			],
			['interrupted', 7, live, sha],
			String(first.operation?.because),
		);
		assert.match(first.operation!.because, /the production deployment of [0-9a-f]{7} failed in deploy/);
		mendProduction(place.simulation, sha);
		const second = await place.promoted(sha);
		assert.deepEqual(second.plan.blocked, null);
		assert.deepEqual(
			[second.operation?.outcome, place.now().live.get('production')],
			['succeeded', sha],
			`${second.operation?.because} ${place.logOf(second.plan.id)}`,
		);
	});

	test('stopped before anything was moved: cancelled, nothing changed, no pull request left behind', async t => {
		const place = await openPromotable(t, {scenario: 'protected', promotion: {strategy: 'pull-request'}, speed: 1});
		const main = place.head('main');
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		await place.operations.start(plan, {phrase: plan.phrase});
		await untilStep(place, plan.id, 'merge');
		assert.deepEqual(await place.operations.stop(plan.id, false), {ok: true});
		const ended = await place.ended(plan.id);
		assert.deepEqual(
			[ended.outcome, ended.exitCode, place.head('main'), place.now().pulls.at(-1)?.state],
			['failed', 130, main, 'CLOSED'],
			ended.because,
		);
		assert.deepEqual(
			[...place.now().refs.keys()].filter(name => name.includes('deployctl/promote')),
			[],
		);
	});

	test('stopped while its workflow deploys: the run is ended too, so that production does not change behind a lock that was given back', async t => {
		// Between the first look at the run and its cancellation no time passes on GitHub.
		let isCancelled = false;
		const place: Place = await openPromotable(t, {
			speed: 30,
			hooks: {
				onRequest: ({method, path}, {state}) => {
					if (method === 'POST' && path.endsWith('/cancel')) {
						isCancelled = true;
						place.clock.go();
					} else if (
						!isCancelled &&
						newestRun(state, state.refs.get('refs/heads/develop')!, 'production')?.status === 'in_progress'
					) {
						place.clock.hold();
					}
				},
			},
		});
		const live = place.now().live.get('production');
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		await place.operations.start(plan, {phrase: plan.phrase});
		await untilStep(place, plan.id, 'job/gate');
		assert.deepEqual(await place.operations.stop(plan.id, false), {ok: true});
		const ended = await place.ended(plan.id);
		assert.deepEqual([ended.outcome, ended.exitCode], ['interrupted', 7], ended.because);
		assert.match(ended.because, /main is at [0-9a-f]{7}; its deployment \(run \d+\) was cancelled/);
		place.clock.skip(10 * 60_000);
		assert.equal(place.now().live.get('production'), live);
	});

	test('the lock is lost while a review is waited for: whoever took it is not run over', async t => {
		const place = await openPromotable(t, {scenario: 'protected', promotion: {strategy: 'pull-request'}, speed: 1});
		const main = place.head('main');
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		await place.operations.start(plan, {phrase: plan.phrase});
		await untilStep(place, plan.id, 'merge');
		place.simulation.act(engine => {
			for (const name of engine.state.refs.keys())
				if (name.includes('deployctl/lock'))
					moveRef(engine, name, '0'.repeat(40), engine.state.people.get('mira-okafor')!);
		});
		assert.equal((await place.operator('lena').operations.lock('production', 'frozen for the audit')).ok, true);
		place.simulation.act(({state}) => {
			approvePull(state, state.pulls.at(-1)!.number, 'lena-fischer');
		});
		const ended = await place.ended(plan.id);
		assert.deepEqual([ended.outcome, ended.exitCode, place.head('main')], ['failed', 6, main], ended.because);
		assert.match(ended.because, /frozen for the audit/);
	});

	test('in the workflow: a lock speaks for its own promotion only, and a hotfix is one only at the head of its branch', async t => {
		const place = await openPromotable(t, {scenario: 'red-e2e', speed: 240});
		const sha = place.head('develop');
		place.later(state => newestRun(state, sha, 'e2e')?.status === 'completed');
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
		place.simulation.act(engine => {
			moveRef(engine, 'refs/heads/main', sha, engine.state.people.get('mira-okafor')!);
		});
		const lock: LockRecord = {
			id: 'forged',
			environment: 'production',
			kind: 'operation',
			operation: 'x-promote',
			operator: 'lena-fischer',
			host: 'h',
			reason: 'promotion',
			createdAt: Date.now(),
			leaseUntil: Date.now() + 600_000,
			phase: null,
		};
		const judge = async (promotion: LockRecord['promotion']) => {
			const taken = await edge.locks.take({...lock, promotion});
			assert.ok(taken.ok);
			const judged = await place.operations.judge({sha, hotfix: null, isLanded: true});
			assert.ok((await edge.locks.release('production', taken.oid)).ok);
			return judged.ok ? judged : assert.fail(judged.because);
		};
		const usual = await judge({sha, hotfix: null, breakGlass: null, passed: []});
		assert.deepEqual([usual.candidate.gate.open, usual.glass], [false, null]);
		const hotfix = await judge({sha, hotfix: 'hotfix/none', breakGlass: null, passed: []});
		assert.deepEqual([hotfix.candidate.gate.open, hotfix.hotfix], [false, 'hotfix/none']);
		assert.equal((await judge({sha, hotfix: 'no/such-branch', breakGlass: null, passed: []})).hotfix, null);
		assert.equal(
			(await judge({sha, hotfix: null, breakGlass: 'down', passed: ['e2e-green']})).glass,
			null,
			'no run of a workflow asks, so nobody answers for it',
		);
	});

	test('killed without a word in the middle: one outcome, that a human has to look, and the lock is given back', async t => {
		// Once the branch has moved no time passes on GitHub: its deployment does not end before the kill.
		const place: Place = await openPromotable(t, {
			speed: 20,
			hooks: {
				afterRequest: () => {
					if (
						place.simulation.state.refs.get('refs/heads/main') ===
						place.simulation.state.refs.get('refs/heads/develop')
					)
						place.clock.hold();
				},
			},
		});
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		await place.operations.start(plan, {phrase: plan.phrase});
		await untilStep(place, plan.id, 'branch', 'passed');
		for (const process of processesOf(plan.id)) signalProcess(process, 'SIGKILL');
		const ended = await place.ended(plan.id);
		assert.deepEqual([ended.outcome, ended.exitCode], ['interrupted', 7], ended.because);
		await until('the lock is given back', async () => {
			await place.operations.refresh(['production']);
			return (await place.operations.read()).locks['production']?.state === 'free';
		});
	});

	test('the soak ends badly: a human is told how to go back, and the release is nothing to go back to', async t => {
		const place = await openPromotable(t, {promotion: {soakSeconds: patient(12)}, speed: 120});
		const sha = place.head('develop');
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha}, []);
		await place.operations.start(plan, {phrase: plan.phrase});
		await untilStep(place, plan.id, 'soak');
		place.sick.add('production');
		const ended = await place.ended(plan.id);
		assert.deepEqual(
			[ended.outcome, ended.exitCode, ended.next],
			['interrupted', 7, 'deployctl rollback production'],
			ended.because,
		);
		assert.match(ended.because, /turned unhealthy while it was watched/);
		const {records} = await createJournalReader(place.paths.journal).read();
		assert.ok(!records.some(record => record.type === 'finished' && record.outcome === 'succeeded'));
	});
});
