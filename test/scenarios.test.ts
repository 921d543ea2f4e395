/** `status --json` against the simulator's own record, in every scenario and at several times. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runStatus} from '../source/commands/look/status.ts';
import type {statusReport} from '../source/core/snapshot/report.ts';
import {runWord} from '../source/core/pipeline/words.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import type {TrueRun} from '../source/simulator/model/truth.ts';
import {simulatedWorld} from './helpers/app.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

type Report = ReturnType<typeof statusReport>;
const tiers = ['fast', 'deploy', 'e2e', 'smoke'] as const;

const statusOf = (run: TrueRun) => runWord(run.status, run.conclusion).status;

/** Without carriers only the time is left, which is a guess by definition: those may say nothing, or be marked. */
const withoutCarriers = new Set(['chained', 'classic-mistakes']);

for (const scenario of scenarios) {
	test(`${scenario.name}: what status --json says is what is true`, async () => {
		let clock!: VirtualClock;
		let runsCompared = 0;
		const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
		const {world, settled, repository} = simulatedWorld(
			simulator,
			scenario,
			{},
			settledBy => (clock = virtualClock(Date.parse(scenario.startsAt), settledBy)),
		);
		try {
			for (const minute of [0, 3, 9, 20, 45]) {
				await clock.advance(Math.max(0, Date.parse(scenario.startsAt) + minute * 60_000 - clock.now()));
				let text = '';
				const reading = runStatus(
					world,
					{repository, settings: {...defaultSettings, branches: scenario.branches}},
					{json: true, sha: null},
					{
						write: written => {
							text += written;
						},
						error: () => {},
					},
				);
				// A scenario with faults makes status wait: time has to go on for it.
				const finished = reading.then(
					() => true,
					() => false,
				);
				for (let second = 0; second < 30 && clock.waiting() > 0; second++) await clock.advance(1000);
				await settled();
				if (!(await finished)) {
					assert.equal(scenario.name, 'outage', 'only an outage may make it fail');
					continue;
				}
				agree(JSON.parse(text) as Report, minute);
			}
			assert.ok(runsCompared > 0 || scenario.name === 'empty', 'nothing was compared');
		} finally {
			await simulator.close();
		}

		function agree(report: Report, minute: number) {
			const truth = simulator.simulation.truth(clock.now());
			assert.deepEqual(
				[report.branches.staging.sha, report.branches.production.sha],
				[truth.branches.staging, truth.branches.production],
			);
			assert.deepEqual(
				[report.branches.staging.aheadBy, report.branches.staging.behindBy],
				[truth.aheadBy, truth.behindBy],
			);
			if (!withoutCarriers.has(scenario.name)) {
				for (const [name, live] of Object.entries(truth.environments))
					assert.equal(
						(report.environments as Record<string, {sha: string | null}>)[name]?.sha,
						live,
						`${name} at ${minute} min`,
					);
			}
			assert.deepEqual(
				report.candidates.map(({sha}) => sha),
				truth.commits.slice(0, report.candidates.length).map(({sha}) => sha),
			);
			for (const candidate of report.candidates) {
				const actual = truth.commits.find(({sha}) => sha === candidate.sha)!;
				for (const tier of tiers) {
					const said = candidate.tiers[tier];
					const where = `${tier} of ${candidate.sha.slice(0, 7)} at ${minute} min`;
					const run = actual[tier];
					if (withoutCarriers.has(scenario.name) && tier !== 'fast') {
						assert.ok(said === undefined || said.runId === null || said.provenance === 'inferred', where);
						continue;
					}
					if (!run) {
						assert.equal(said?.runId ?? null, null, where);
						continue;
					}
					runsCompared++;
					assert.deepEqual(
						{runId: said?.runId, attempt: said?.attempt, status: said?.status},
						{runId: run.runId, attempt: run.attempt, status: statusOf(run)},
						where,
					);
					assert.notEqual(said?.provenance, 'inferred', where);
				}
			}
		}
	});
}
