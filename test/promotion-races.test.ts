/** What moves while somebody promotes: between the dialog and its execution, and between the last look and the change. Nothing wrong lands. */
import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Simulation} from '../source/simulator/simulation/simulation.ts';
import {moveRef, push} from '../source/simulator/branches/pushes.ts';
import {rerun} from '../source/simulator/actions/runs.ts';
import {openPromotable} from './helpers/promotable.ts';

const mira = 'mira-okafor';
/** Somebody restarts E2E of a commit. */
const restartE2e = (simulation: Simulation, sha: string) =>
	simulation.act(engine => {
		const run = [...engine.state.runs.values()].findLast(
			each => each.about === sha && each.workflow.definition.tier === 'e2e',
		)!;
		assert.ok(rerun(engine, run, engine.state.people.get(mira)!, 'all'));
	});
const pushTo = (simulation: Simulation, branch: string, message = "Somebody else's") =>
	simulation.act(engine =>
		push(engine, branch, [{message, by: engine.state.people.get(mira)!}], engine.state.people.get(mira)!),
	);
const isLanding = ({operation, body}: {operation: string | null; body: string}) =>
	operation === 'UpdateRefs' && body.includes('refs/heads/main');

suite('between the dialog and its execution', {concurrency: 3}, () => {
	for (const [what, change, expected, code] of [
		[
			"production's branch moves",
			(simulation: Simulation) => {
				pushTo(simulation, 'main');
			},
			/main has moved to [0-9a-f]{7} since the plan was made/,
			3,
		],
		[
			'E2E is started again',
			(simulation: Simulation, sha: string) => {
				restartE2e(simulation, sha);
			},
			/the gate is blocked for [0-9a-f]{7}: (?:E2E: (?:still running|queued)|Deployment:)/,
			3,
		],
		[
			'somebody brings another commit to staging and says so',
			(simulation: Simulation, sha: string) => {
				simulation.act(({state}) => {
					for (const job of state.jobs.values())
						if (job.shown?.includes(`before ${sha}`))
							job.shown = `report before ${sha} after ${'b'.repeat(40)}`;
				});
			},
			/staging reported bbbbbbb when E2E ended/,
			3,
		],
	] as ReadonlyArray<
		[what: string, change: (simulation: Simulation, sha: string) => unknown, expected: RegExp, code: number]
	>) {
		test(what, async t => {
			const place = await openPromotable(t);
			// What was started again is not green again, however long our processes take.
			place.clock.hold();
			const [green, live] = [place.head('develop'), place.now().live.get('production')];
			const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: green}, []);
			assert.deepEqual(plan.blocked, null);
			place.now();
			change(place.simulation, green);
			const main = place.head('main');
			await place.operations.start(plan, {phrase: plan.phrase});
			const ended = await place.ended(plan.id);
			assert.deepEqual(
				[ended.outcome, ended.exitCode, place.head('main'), place.now().live.get('production')],
				['failed', code, main, live],
				ended.because,
			);
			assert.match(ended.because, expected);
			assert.ok((ended.next ?? '').length > 5);
		});
	}

	test('somebody takes the lock: refused with who and why, and nothing is begun', async t => {
		const place = await openPromotable(t);
		const plan = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		const other = place.operator('lena', 'sim_classic');
		assert.equal((await other.operations.lock('production', 'frozen for the audit')).ok, true);
		const started = await place.operations.start(plan, {phrase: plan.phrase});
		const ended = started.ok ? await place.ended(plan.id) : null;
		assert.match(started.ok ? ended!.because : started.because, /frozen for the audit/);
		assert.equal(started.ok ? ended!.exitCode : started.exitCode, 6);
		const again = await place.operations.plan({kind: 'promote', environment: 'production', sha: null}, []);
		assert.deepEqual([again.blocked?.exitCode, again.promotion?.canBreakGlass], [6, false]);
		const glass = await place.operations.plan(
			{kind: 'promote', environment: 'production', sha: null, breakGlass: 'the site is down'},
			[],
		);
		assert.equal(glass.blocked?.exitCode, 6, 'a broken glass never lifts the lock');
	});
});

suite('between the last look and the change', {concurrency: 3}, () => {
	/** `act` happens in the instant in which the update of the branch arrives. */
	const landing = async (
		t: Parameters<typeof openPromotable>[0],
		act: (simulation: Simulation, sha: string) => unknown,
	) => {
		let done = false;
		const place: Awaited<ReturnType<typeof openPromotable>> = await openPromotable(t, {
			speed: 200,
			hooks: {
				onRequest: (request, simulation) => {
					if (done || !isLanding(request)) return;
					done = true;
					act(simulation, place.simulation.state.refs.get('refs/heads/develop')!);
				},
			},
		});
		const live = place.now().live.get('production')!;
		const {plan, operation} = await place.promoted(null);
		assert.ok(done, 'the branch was about to be moved');
		return {place, plan, operation: operation!, live};
	};

	test("production's branch moves: the whole update is refused, no tag, nothing changed", async t => {
		const {place, operation, live} = await landing(t, simulation => {
			pushTo(simulation, 'main');
		});
		assert.deepEqual(
			[operation.outcome, operation.exitCode, place.tags(), place.now().live.get('production')],
			['failed', 3, [], live],
			operation.because,
		);
		assert.match(operation.because, /main has moved to [0-9a-f]{7} since/);
	});

	test('the lock is broken: refused', async t => {
		const {place, operation, live} = await landing(t, simulation =>
			simulation.act(engine => {
				for (const name of engine.state.refs.keys())
					if (name.includes('deployctl/lock'))
						moveRef(engine, name, '0'.repeat(40), engine.state.people.get(mira)!);
			}),
		);
		assert.deepEqual(
			[operation.outcome, place.tags(), place.now().live.get('production')],
			['failed', [], live],
			operation.because,
		);
		assert.match(operation.because, /the lock is not ours any more/);
	});

	test('E2E is started again: its deployment is stopped before it reaches production, and that is said', async t => {
		const {place, operation, live} = await landing(t, restartE2e);
		assert.deepEqual(
			[operation.outcome, operation.exitCode, place.now().live.get('production')],
			['interrupted', 7, live],
			operation.because,
		);
		assert.match(
			operation.because,
			/evidence turned void while main was moved|production deployment of [0-9a-f]{7} failed in gate/,
		);
		assert.ok((operation.next ?? '').length > 5);
	});

	for (const how of ['reset', 'bad-gateway'] as const) {
		test(`the answer gets lost after it was done (${how}): looked for, found, and gone on`, async t => {
			let lost = 0;
			const place: Awaited<ReturnType<typeof openPromotable>> = await openPromotable(t, {
				speed: 200,
				hooks: {
					onRequest: request => {
						if (isLanding(request) && lost++ === 0)
							place.simulator.faults.next({kind: 'lost-answer', how}, {match: {operation: 'UpdateRefs'}});
					},
				},
			});
			const green = place.head('develop');
			const {operation} = await place.promoted(green);
			assert.deepEqual(
				[lost, operation?.outcome, place.head('main'), place.tags().length],
				[1, 'succeeded', green, 1],
				String(operation?.because),
			);
		});
	}

	test('the request gets lost on its way: waited until it cannot happen any more, then said that nothing was changed', async t => {
		let lost = 0;
		const place: Awaited<ReturnType<typeof openPromotable>> = await openPromotable(t, {
			speed: 200,
			hooks: {
				onRequest: request => {
					if (isLanding(request) && lost++ === 0)
						place.simulator.faults.next({kind: 'connection-reset'}, {match: {operation: 'UpdateRefs'}});
				},
			},
		});
		const main = place.head('main');
		const {operation} = await place.promoted(null);
		assert.deepEqual(
			[operation?.outcome, place.head('main'), place.tags()],
			['failed', main, []],
			String(operation?.because),
		);
		assert.equal(lost, 1, 'it was not sent again');
	});
});

test('two operators promote at once, on two machines: one lands', async t => {
	const place = await openPromotable(t, {speed: 200});
	const other = place.operator('lena', 'sim_classic');
	const green = place.head('develop');
	const wish = {kind: 'promote' as const, environment: 'production', sha: green};
	const [one, two] = await Promise.all([place.operations.plan(wish, []), other.operations.plan(wish, [])]);
	assert.deepEqual([one.blocked, two.blocked], [null, null]);
	const started = await Promise.all([
		place.operations.start(one, {phrase: one.phrase}),
		other.operations.start(two, {phrase: two.phrase}),
	]);
	const ends = await Promise.all([
		started[0].ok ? place.endedOf(place.operations, one.id) : null,
		started[1].ok ? place.endedOf(other.operations, two.id) : null,
	]);
	const outcomes = ends.map((end, index) => end?.outcome ?? (started[index]!.ok ? '?' : 'refused'));
	assert.equal(
		outcomes.filter(outcome => outcome === 'succeeded').length,
		1,
		JSON.stringify([outcomes, started, ends.map(end => end?.because)]),
	);
	assert.ok(
		outcomes.every(outcome => ['succeeded', 'failed', 'refused'].includes(outcome)),
		JSON.stringify(outcomes),
	);
	assert.deepEqual([place.head('main'), place.tags().length], [green, 1]);
});
