/** No timers: one jump must end where a thousand small steps end, and the past can be had again. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {State} from '../source/simulator/model/model.ts';
import {offsetMs} from '../source/simulator/model/scenario.ts';
import {scenarioNamed, scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {createSimulation} from '../source/simulator/simulation/simulation.ts';
import {bringLive, cancelRun, moveRef, openPull, pushAs, rerun} from '../source/simulator/simulation/acts.ts';
import {enqueuePull} from '../source/simulator/branches/merge-queue.ts';
import {refusePull} from '../source/simulator/branches/pulls.ts';
import {actionsBot} from '../source/simulator/model/model.ts';
import {runs} from './helpers/fuzz.ts';

/** All of the state as text; runs and suites point at each other, so each is written once. */
function picture(state: State): string {
	const seen = new Map<object, number>();
	return JSON.stringify(state, (_, value: unknown) => {
		if (typeof value !== 'object' || value === null) {
			return value;
		}
		const known = seen.get(value);
		if (known !== undefined) {
			return `#${known}`;
		}
		seen.set(value, seen.size);
		return value instanceof Map ? [...value] : value instanceof Set ? [...value] : value;
	});
}

const names = fc.constantFrom(...scenarios.filter(({name}) => name !== 'many-jobs').map(({name}) => name));
const steps = fc.array(fc.integer({min: 1, max: 400_000}), {minLength: 1, maxLength: 25});

test('one jump equals many small steps', () => {
	fc.assert(
		fc.property(names, steps, (name, moves) => {
			const walked = createSimulation(scenarioNamed(name));
			let now = walked.startsAt;
			for (const move of moves) {
				now += move;
				walked.advanceTo(now);
			}
			const jumped = createSimulation(scenarioNamed(name));
			jumped.advanceTo(now);
			assert.equal(picture(jumped.state), picture(walked.state));
			assert.deepEqual(jumped.truth(now), walked.truth(now));
		}),
		runs(40),
	);
});

const queued = {...scenarioNamed('release'), rules: [{branch: 'main', mergeQueue: {seconds: 100}}]};

test('the same, with somebody who cancels, repeats and promotes; and the past is what it was', () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.tuple(
					fc.integer({min: 1, max: 300_000}),
					fc.constantFrom('cancel', 'rerun', 'promote', 'queue', 'push', 'live', 'nothing'),
					fc.nat(),
				),
				{minLength: 1, maxLength: 15},
			),
			wishes => {
				const simulation = createSimulation(queued);
				const pictures: Array<[number, string]> = [];
				let now = simulation.startsAt;
				for (const [move, wish, pick] of wishes) {
					now += move;
					simulation.advanceTo(now);
					pictures.push([now, picture(simulation.state)]);
					const ids = [...simulation.state.runs.keys()];
					const id = ids[pick % ids.length]!;
					now += 1;
					simulation.advanceTo(now);
					simulation.act(engine => {
						const run = engine.state.runs.get(id)!;
						if (wish === 'cancel') {
							cancelRun(engine, run);
						} else if (wish === 'rerun') {
							rerun(engine, run, actionsBot, 'all');
						} else if (wish === 'promote') {
							moveRef(
								engine,
								'refs/heads/main',
								engine.state.refs.get('refs/heads/develop')!,
								actionsBot,
							);
						} else if (
							wish === 'queue' &&
							refusePull(engine.state, {head: 'develop', base: 'main'}) === null
						) {
							enqueuePull(
								engine,
								openPull(engine, {title: 'Release', head: 'develop', base: 'main'}, actionsBot),
								actionsBot,
							);
						} else if (wish === 'push') {
							pushAs(engine, 'develop', [{message: `Pushed at ${engine.state.now}`}], 'lena-fischer');
						} else if (wish === 'live') {
							bringLive(engine.state, 'staging', run.about);
						}
					});
				}
				for (const [time, then] of [...pictures, pictures[0]!]) {
					assert.equal(picture(simulation.past(time).state), then);
				}
			},
		),
		runs(15),
	);
});

test('an earlier time changes nothing', () => {
	const simulation = createSimulation(scenarioNamed('release'));
	simulation.advanceTo(simulation.startsAt + 600_000);
	const before = picture(simulation.state);
	simulation.advanceTo(simulation.startsAt);
	assert.equal(picture(simulation.state), before);
});

test('two simulations of one scenario are the same to the last id', () => {
	for (const scenario of scenarios) {
		assert.equal(picture(createSimulation(scenario).state), picture(createSimulation(scenario).state));
	}
});

test('each scenario says in one sentence what it shows, and has a name of its own', () => {
	assert.equal(new Set(scenarios.map(({name}) => name)).size, scenarios.length);
	for (const {name, description} of scenarios) {
		assert.match(name, /^[a-z][\da-z-]*$/);
		assert.match(description, /^[A-Z].{20,}[^.]\.$/);
	}
});

test('every run ends, but those that wait for a person', () => {
	for (const scenario of scenarios) {
		const simulation = createSimulation(scenario);
		simulation.advanceTo(simulation.startsAt + 5 * 3_600_000);
		const open = [...simulation.state.runs.values()].filter(run => run.status !== 'completed');
		assert.deepEqual(
			open.map(run => run.status),
			scenario.name === 'approval' ? ['waiting'] : [],
		);
		for (const run of simulation.state.runs.values()) {
			assert.equal(run.suite.status, run.status);
			assert.equal(run.conclusion === null, run.status !== 'completed');
			for (const job of run.attempts.flatMap(attempt => attempt.jobs)) {
				assert.ok(
					job.status !== 'completed' ||
						(job.startedAt! <= job.completedAt! && job.createdAt <= job.startedAt!),
				);
			}
		}
	}
});

test('the default demo stays alive for an hour and more', () => {
	const simulation = createSimulation(scenarioNamed('release'));
	let quietMs = 0;
	for (let minutes = 0; minutes < 110; minutes += 1) {
		simulation.advanceTo(simulation.startsAt + minutes * 60_000);
		const moves = [...simulation.state.runs.values()].some(run => run.status !== 'completed');
		quietMs = moves ? 0 : quietMs + 60_000;
		assert.ok(quietMs < 15 * 60_000, `nothing happens at +${minutes}m`);
	}
	const truth = simulation.truth(simulation.startsAt + 14 * 60_000);
	assert.ok(truth.commits.length > 15);
});

test('the default demo starts as promised', () => {
	const simulation = createSimulation(scenarioNamed('release'));
	const {aheadBy, behindBy, commits, environments} = simulation.truth(simulation.startsAt);
	assert.deepEqual([aheadBy, behindBy], [6, 0]);
	assert.equal(commits[0]?.fast?.status, 'in_progress');
	assert.equal(environments.production, simulation.sha('cache-fix'));
	const find = (alias: string) => commits.find(({sha}) => sha === simulation.sha(alias))!;
	assert.deepEqual([find('payments').e2e?.attempt, find('payments').e2e?.conclusion], [2, 'success']);
	assert.equal(find('quota').fast?.conclusion, 'failure');
	assert.equal(find('cache').e2e?.conclusion, 'failure');
	assert.equal(find('toolbar').deploy?.conclusion, 'cancelled');
	const later = simulation.truth(simulation.startsAt + 13 * 60_000).commits[0]!;
	assert.deepEqual(
		[later.fast, later.deploy, later.e2e, later.smoke].map(run => run?.conclusion),
		['success', 'success', 'success', 'success'],
	);
});

test('offsets', () => {
	assert.equal(offsetMs('-2h30m'), -9_000_000);
	assert.equal(offsetMs('+90s'), 90_000);
	assert.equal(offsetMs('-3d1h'), -73 * 3_600_000);
	for (const wrong of ['', '+', '90s', '-1x', '+1m2h']) {
		assert.throws(() => offsetMs(wrong), TypeError);
	}
});
