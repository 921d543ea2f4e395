/** What the rules of evidence cost: in the usual case at most one more REST request and one more point of GraphQL a look. In virtual time, by the simulator's counters. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type Cost, looksAt, meteredReader} from './helpers/looks.ts';

const withDefault = (name: string, defaultBranch: string): Scenario => {
	const base = scenarioNamed(name);
	return {...base, repository: {...base.repository, defaultBranch}};
};
const most = (looks: readonly Cost[], of: (cost: Cost) => number) => Math.max(...looks.map(of));

for (const token of ['sim_classic', 'sim_fine-grained']) {
	for (const defaultBranch of ['develop', 'main']) {
		for (const name of ['quiet', 'release', 'flaky']) {
			test(`a look at ${name} with ${defaultBranch} as its default branch (${token})`, async t => {
				const {first, later} = await looksAt(withDefault(name, defaultBranch), {token, minutes: 10});
				t.diagnostic(
					JSON.stringify({
						first,
						later: {
							queries: most(later, ({queries}) => queries),
							points: most(later, ({points}) => points),
							rest: most(later, ({rest}) => rest),
							evidence: most(later, ({evidence}) => evidence.rest),
						},
					}),
				);
				const allowed = defaultBranch === 'develop' ? 0 : 1;
				assert.equal(first.evidence.rest, allowed, 'first look');
				assert.equal(
					most(later, ({evidence}) => evidence.rest),
					allowed,
					'every other one',
				);
				assert.equal(
					most(later, ({evidence}) => evidence.counted),
					0,
					'and that one is free: the branch stands still',
				);
				// Queries are those that show the pipeline, and none has become dearer for evidence.
				assert.ok(
					[first, ...later].every(({points, queries}) => points === queries),
					'one point a query',
				);
			});
		}
	}
}

test('the gate of a commit that was pushed lately asks nothing for evidence but what one look may', async () => {
	for (const token of ['sim_classic', 'sim_fine-grained']) {
		for (const defaultBranch of ['develop', 'main']) {
			const reader = meteredReader(withDefault('release', defaultBranch), token);
			await reader.look();
			const {evidence} = await reader.gate(reader.snapshot().candidates[1]!.sha);
			assert.ok(evidence.rest <= 1, JSON.stringify({token, defaultBranch, evidence}));
		}
	}
});

test("the meter sees what evidence asks: an old commit's history and files, once", async () => {
	const reader = meteredReader('release');
	const {state} = reader.simulation;
	await reader.look();
	const shown = new Set(reader.snapshot().candidates.map(({sha}) => sha));
	let oldest = state.refs.get('refs/heads/develop')!;
	while (state.commits.get(oldest)!.parents[0] !== undefined) oldest = state.commits.get(oldest)!.parents[0]!;
	assert.ok(!shown.has(oldest), 'the scenario has a commit that is not shown');
	const [first, second] = [await reader.gate(oldest), await reader.gate(oldest)];
	assert.ok(first.evidence.rest >= 2, JSON.stringify(first));
	assert.equal(second.evidence.rest, 0, 'that never changes');
});
