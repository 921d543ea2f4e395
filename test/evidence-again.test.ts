/** Evidence is read again from GitHub just before production is touched: over every scenario, against the simulator's own record. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runWord} from '../source/core/pipeline/words.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {createEvidence} from '../source/operations/readings/evidence.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import type {TrueRun} from '../source/simulator/model/truth.ts';
import {simulatedWorld} from './helpers/app.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

const isGreen = (run: TrueRun | null | undefined) =>
	run != null && runWord(run.status, run.conclusion).status === 'passed';

for (const scenario of scenarios.filter(({name}) => name !== 'outage')) {
	test(`${scenario.name}: nothing is proven that is not true`, async () => {
		let clock!: VirtualClock;
		const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
		const {world, settled, repository} = simulatedWorld(
			simulator,
			scenario,
			{},
			by => (clock = virtualClock(Date.parse(scenario.startsAt), by)),
		);
		const proveAgain = createEvidence(world, {
			repository,
			settings: {...defaultSettings, branches: scenario.branches},
		});
		try {
			for (const minute of [0, 20, 45]) {
				await clock.advance(Math.max(0, Date.parse(scenario.startsAt) + minute * 60_000 - clock.now()));
				const truth = simulator.simulation.truth(clock.now());
				for (const commit of truth.commits.slice(0, 3)) {
					const proof = proveAgain(commit.sha);
					for (let second = 0; second < 30 && clock.waiting() > 0; second++) await clock.advance(1000);
					await settled();
					const refusal = await proof;
					if (refusal === null)
						assert.ok(
							isGreen(commit.fast) && isGreen(commit.deploy) && isGreen(commit.e2e),
							`${commit.sha.slice(0, 7)} at ${minute} min`,
						);
					else
						assert.ok(
							refusal.because.length > 10 &&
								refusal.next.length > 5 &&
								[3, 4, 5].includes(refusal.exitCode),
						);
				}
			}
		} finally {
			await simulator.close();
		}
	});
}

test('a commit that staging ran through the whole of E2E is proven; an unreachable GitHub proves nothing', async () => {
	const scenario = scenarios.find(({name}) => name === 'quiet')!;
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const {world, settled, repository} = simulatedWorld(
		simulator,
		scenario,
		{},
		by => (clock = virtualClock(Date.parse(scenario.startsAt), by)),
	);
	const proveAgain = createEvidence(world, {repository, settings: {...defaultSettings, branches: scenario.branches}});
	const staged = simulator.simulation.truth(clock.now()).environments['staging']!;
	const proof = proveAgain(staged);
	await settled();
	assert.equal(await proof, null);
	await simulator.close();
	const later = proveAgain(staged);
	const ended = later.then(() => true);
	while (!(await Promise.race([ended, clock.advanceWithout(1000).then(() => false)]))) {
		/* Its second and third try come later. */
	}
	assert.equal((await later)?.exitCode, 5);
});
