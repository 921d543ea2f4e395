/** What the shards of the simulated E2E say while they run: live, in words that the other side understands, within GitHub's limits. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cancelRunWithId} from '../source/simulator/simulation/acts.ts';
import {scenario} from '../source/simulator/model/scenario.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {shard} from '../source/simulator/scenarios/baseline.ts';
import {parseShardContext, parseShardWord} from '../source/core/tests/progress.ts';
import {artifactName} from '../source/core/tests/results.ts';
import {type Simulated, simulated} from './helpers/simulated.ts';

const at = (outcomes: object) =>
	scenario({
		name: 'shards',
		description: 'One push',
		events: [
			{at: '-10m', push: 'develop', by: 'mira-okafor', commits: [['one', 'First']], plan: {outcomes}} as never,
		],
	});
const contexts = [1, 2, 3, 4].map(index => `deployctl/e2e-staging/${index}-of-4`);
const statusesOf = (simulator: Simulated) =>
	simulator.simulation.state.statuses.get(simulator.simulation.sha('one')) ?? [];
const wordsOf = (simulator: Simulated, index: number) =>
	statusesOf(simulator)
		.filter(({context}) => context === contexts[index - 1])
		.map(status => ({...status, word: parseShardWord(status.description)!}));
const e2e = (simulator: Simulated) =>
	[...simulator.simulation.state.runs.values()].find(run => run.workflow.definition.tier === 'e2e')!;

/** Until the shards' tests have begun. */
const untilTests = (simulator: Simulated) => {
	for (
		let seconds = 0;
		seconds < 3000 && contexts.some((_, index) => wordsOf(simulator, index + 1).length === 0);
		seconds += 5
	)
		simulator.move(5000);
};

test('each shard says every five seconds how far it is and what runs now, and its counts only grow', () => {
	const simulator = simulated(at({}));
	untilTests(simulator);
	const run = e2e(simulator);
	simulator.move(60_000);
	for (const index of [1, 2, 3, 4]) {
		const words = wordsOf(simulator, index);
		assert.ok(words.length >= 12);
		assert.match(words.at(-1)!.word.progress.current ?? '', /^e2e\/[a-z]+\.spec\.ts:\d+ › /);
		assert.ok(
			words.every(
				({state, creator, targetUrl}) =>
					state === 'pending' &&
					creator.login === 'github-actions[bot]' &&
					targetUrl!.endsWith(`/actions/runs/${run.id}/attempts/1`),
			),
		);
		assert.ok(words.every(({createdAt}, at) => at === 0 || createdAt - words[at - 1]!.createdAt >= 1000));
	}
	simulator.move(20 * 60_000);
	for (const index of [1, 2, 3, 4]) {
		const words = wordsOf(simulator, index);
		assert.ok(words.every(({word}, at) => at === 0 || word.progress.done >= words[at - 1]!.word.progress.done));
		assert.deepEqual(
			[words.at(-1)!.state, words.at(-1)!.word.progress.done, words.at(-1)!.word.progress.failed],
			['success', 30, 0],
		);
	}
	assert.equal(run.conclusion, 'success');
});

test("failures are told at once, with place and message, and stand in the shard's result while others run", () => {
	const annotation = {
		path: 'e2e/checkout.spec.ts',
		line: 84,
		title: 'checkout › pays with a saved card',
		message: 'Timed out 5000ms waiting for expect(locator).toBeVisible()\n\nLocator: x',
	};
	const simulator = simulated(at({[shard(3)]: {conclusion: 'failure', failedTests: 2, annotation}}));
	untilTests(simulator);
	const run = e2e(simulator);
	const name = artifactName('e2e-staging.yml', {index: 3, total: 4}, 1);
	const artifact = () =>
		[...simulator.simulation.state.artifacts.values()].find(one => one.runId === run.id && one.name === name);
	for (let seconds = 0; seconds < 3000 && !artifact(); seconds += 5) simulator.move(5000);
	assert.equal(run.status, 'in_progress');
	const words = wordsOf(simulator, 3);
	const failures = words.filter(({word}) => word.failure);
	assert.deepEqual(
		failures.map(({word}) => [word.failure!.location, word.progress.failed]),
		[
			['e2e/checkout.spec.ts:84', 1],
			['e2e/search.spec.ts:48', 2],
		],
	);
	assert.deepEqual(
		[failures[0]!.word.failure!.title, failures[0]!.word.failure!.message.slice(0, 16)],
		['checkout › pays with a saved card', 'Timed out 5000ms'],
	);
	const last = words.at(-1)!;
	assert.deepEqual([last.state, last.word.progress.failed, last.word.progress.current], ['failure', 2, null]);
	assert.ok(wordsOf(simulator, 1).every(({word}) => word.failure === null));
});

test('re-run: the same context with the other attempt, and an artifact more', () => {
	const simulator = simulated(at({[shard(2)]: [{conclusion: 'failure', failedTests: 1}, 'success']}));
	untilTests(simulator);
	simulator.move(20 * 60_000);
	const run = e2e(simulator);
	assert.equal(simulator.rest('POST', `/actions/runs/${run.id}/rerun-failed-jobs`).status, 201);
	simulator.move(20 * 60_000);
	const words = wordsOf(simulator, 2);
	assert.deepEqual([words.at(-1)!.state, words.at(-1)!.targetUrl!.split('/').at(-1)], ['success', '2']);
	assert.equal(wordsOf(simulator, 1).at(-1)!.targetUrl!.split('/').at(-1), '1');
	const names = [...simulator.simulation.state.artifacts.values()]
		.filter(({runId}) => runId === run.id)
		.map(({name}) => name);
	assert.deepEqual(
		names.toSorted(),
		['1-of-4-attempt-1', '2-of-4-attempt-1', '2-of-4-attempt-2', '3-of-4-attempt-1', '4-of-4-attempt-1'].map(
			name => `deployctl-e2e-staging-${name}`,
		),
	);
});

test('a run that is cancelled, and a job that runs out of time, fall silent', () => {
	const cancelled = simulated(at({}));
	untilTests(cancelled);
	cancelled.move(30_000);
	cancelled.simulation.act(engine => cancelRunWithId(engine, e2e(cancelled).id));
	const before = statusesOf(cancelled).filter(({context}) => contexts.includes(context)).length;
	cancelled.move(20 * 60_000);
	assert.equal(statusesOf(cancelled).filter(({context}) => contexts.includes(context)).length, before);
	const late = simulated(at({[shard(4)]: 'timed_out'}));
	untilTests(late);
	late.move(60 * 60_000);
	assert.deepEqual(
		[wordsOf(late, 4).at(-1)!.state, wordsOf(late, 4).at(-1)!.word.progress.done < 30],
		['pending', true],
	);
	assert.ok([...late.simulation.state.artifacts.values()].every(({name}) => !name.includes('4-of-4')));
});

test('in every scenario: at most 140 characters, no thousand of one context, only words that can be read', () => {
	for (const {name} of scenarios) {
		const simulator = simulated(name);
		simulator.move(15 * 60_000);
		for (const list of simulator.simulation.state.statuses.values()) {
			const counts = new Map<string, number>();
			for (const {context, description} of list) {
				counts.set(context, (counts.get(context) ?? 0) + 1);
				if (parseShardContext('e2e-staging.yml', context)) {
					assert.ok(description!.length <= 140 && parseShardWord(description), `${name}: ${description}`);
				}
			}
			assert.ok(
				[...counts.values()].every(count => count < 500),
				name,
			);
		}
	}
});
