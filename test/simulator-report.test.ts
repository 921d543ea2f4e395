/** What staging reports of itself while E2E looks at it, and that only two moments are told. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bringLive, cancelRunWithId, dispatchRun, rerunRun} from '../source/simulator/simulation/acts.ts';
import {latestAttempt} from '../source/simulator/model/model.ts';
import {allStatuses, type PostedStatus, type Simulated, simulated} from './helpers/simulated.ts';

const context = 'deployctl/staging-report';
/** Oldest first. */
const reports = (simulator: Simulated, sha: string): PostedStatus[] =>
	allStatuses(simulator, sha)
		.filter(status => status.context === context)
		.toReversed();
const e2eOf = (simulator: Simulated, sha: string) =>
	[...simulator.simulation.state.runs.values()].findLast(
		run => run.about === sha && run.workflow.definition.tier === 'e2e',
	)!;

test('before and after, with the attempt in the address, by the workflow itself', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	const run = e2eOf(simulator, sha);
	const url = `https://github.com/acme/auto-author/actions/runs/${run.id}/attempts/1`;
	assert.deepEqual(
		reports(simulator, sha).map(({state, description, target_url, creator}) => [
			state,
			description,
			target_url,
			creator.login,
		]),
		[
			['pending', `before ${sha}`, url, 'github-actions[bot]'],
			['success', `before ${sha} after ${sha}`, url, 'github-actions[bot]'],
		],
	);
});

test('another attempt reports anew, and says what is true then', () => {
	const simulator = simulated('quiet');
	const {simulation} = simulator;
	const [sha, other] = [simulation.sha('comments'), simulation.sha('a11y')];
	const run = e2eOf(simulator, sha);
	const before = reports(simulator, sha).length;
	simulation.act(engine => rerunRun(engine, run.id, 'lena-fischer', {job: 'e2e (1, 4)'}));
	simulator.move(20_000);
	simulation.act(engine => bringLive(engine.state, 'staging', other));
	simulator.move(20 * 60_000);
	assert.equal(latestAttempt(run).conclusion, 'success');
	assert.deepEqual(
		reports(simulator, sha)
			.slice(before)
			.map(({state, description, target_url}) => [state, description, target_url.split('/').at(-1)]),
		[
			['pending', `before ${sha}`, '2'],
			['success', `before ${sha} after ${other}`, '2'],
		],
	);
});

test('a run that is cancelled never says what was there in the end; one where nothing is live says so', () => {
	const simulator = simulated('quiet');
	const {simulation} = simulator;
	const sha = simulation.sha('toolbar');
	const id = simulation.act(engine => dispatchRun(engine, 'e2e-staging.yml', {sha}));
	simulator.move(60_000);
	simulation.act(engine => cancelRunWithId(engine, id));
	simulator.move(60_000);
	assert.deepEqual(
		reports(simulator, sha).map(({state, description}) => [state, description]),
		[['pending', `before ${simulation.sha('comments')}`]],
	);
	simulation.state.live.delete('staging');
	simulation.state.liveLog.length = 0;
	simulation.act(engine => dispatchRun(engine, 'e2e-staging.yml', {sha}));
	simulator.move(20 * 60_000);
	assert.deepEqual(reports(simulator, sha).at(-1)!.description, 'before unknown after unknown');
});

test('only E2E reports, and its verdict is told in the same moment', () => {
	const {state} = simulated('release').simulation;
	for (const list of state.statuses.values()) {
		for (const report of list.filter(status => status.context === context)) {
			assert.ok(
				list.some(
					status =>
						status.context === 'deployctl/e2e-staging' &&
						status.targetUrl === report.targetUrl &&
						status.createdAt === report.createdAt,
				),
			);
		}
	}
	assert.ok(
		[...simulated('chained').simulation.state.statuses.values()].flat().every(status => status.context !== context),
	);
});
