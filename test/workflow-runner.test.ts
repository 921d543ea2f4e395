/** The tests' own runner: what it does with a workflow is what GitHub's would do, as far as our workflows use it. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {scenario} from '../source/simulator/model/scenario.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {definitionsOf} from './helpers/runner/definitions.ts';
import {fill, holds} from './helpers/runner/expressions.ts';
import {sampleRepository} from './helpers/runner/repository.ts';
import {startRunner} from './helpers/runner/runner.ts';
import {readCommandFile} from './helpers/runner/steps.ts';

const suite = `name: Test suite
on:
  push:
    branches: [develop]
jobs:
  plan:
    runs-on: ubuntu-latest
    outputs: {parts: "\${{ steps.it.outputs.parts }}", total: "\${{ steps.it.outputs.total }}"}
    steps:
      - id: it
        run: echo 'parts=[1,2]' >> "$GITHUB_OUTPUT"; echo total=2 >> "$GITHUB_OUTPUT"
  unit:
    needs: plan
    name: unit (\${{ matrix.part }}, \${{ needs.plan.outputs.total }}) of \${{ github.event_name }}
    runs-on: ubuntu-latest
    strategy: {fail-fast: false, matrix: {part: "\${{ fromJSON(needs.plan.outputs.parts) }}"}}
    steps:
      - uses: actions/checkout@v4
      - run: test "$(cat hello.txt)" = hello && echo "part \${PART}"
        env: {PART: "\${{ matrix.part }}"}
  after:
    needs: unit
    runs-on: ubuntu-latest
    outputs: {word: "\${{ steps.say.outputs.word }}"}
    steps:
      - id: say
        run: echo word=done >> "$GITHUB_OUTPUT"
  last:
    needs: [after]
    if: always() && needs.after.outputs.word == 'done'
    runs-on: ubuntu-latest
    steps:
      - run: exit 3
        continue-on-error: true
      - run: exit 4
      - name: never
        run: touch never
      - if: always()
        run: echo "it is \${{ job.status }}"
`;
const deploy = `name: Deploy
run-name: Deploy \${{ inputs.sha || github.event.workflow_run.head_sha }}
on:
  workflow_run: {workflows: [Test suite], types: [completed]}
  workflow_dispatch: {inputs: {sha: {required: true}}}
jobs:
  red:
    if: github.event.workflow_run.conclusion == 'failure'
    runs-on: ubuntu-latest
    steps:
      - env: {GH_TOKEN: "\${{ github.token }}", SHA: "\${{ github.event.workflow_run.head_sha }}"}
        run: gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=seen -f state=failure --silent
  green:
    if: github.event.workflow_run.conclusion == 'success'
    runs-on: ubuntu-latest
    steps:
      - run: exit 1
`;

const assumed = {'test-suite.yml': {plan: {outputs: {parts: '[1,2]', total: '2'}}}};

const begin = async (t: TestContext, files: Record<string, string>) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-runner-'));
	const simulator = await startSimulator({
		scenario: scenario({
			name: 'sample',
			description: 'Workflows done for real',
			startsAt: new Date().toISOString(),
			silentApps: [],
			workflows: definitionsOf(files, {'test-suite.yml': 'fast', 'deploy.yml': 'deploy'}, assumed),
			events: [],
		}),
		clock: {now: () => Date.now()},
	});
	mkdirSync(join(folder, 'repository'));
	writeFileSync(join(folder, 'repository', 'hello.txt'), 'hello\n');
	const repository = sampleRepository(join(folder, 'repository'), simulator.simulation);
	const runner = startRunner({
		simulator,
		repository,
		files,
		assumed,
		folder: join(folder, 'runner'),
		token: 'sim_classic',
	});
	t.after(async () => {
		await runner.stop();
		await simulator.close();
		rmSync(folder, {recursive: true, force: true});
	});
	return {simulator, repository, runner};
};

test('a push goes through matrix, needs, conditions and outputs, with real commits; the next workflow sees how it went', async t => {
	const {
		simulator: {simulation},
		repository,
		runner,
	} = await begin(t, {'test-suite.yml': suite, 'deploy.yml': deploy});
	const sha = repository.publish('develop', 'Say hello', 'mira-okafor');
	const runs = () => [...simulation.state.runs.values()];
	await runner.until(
		() => runs().length === 2 && runs().every(({status}) => status === 'completed'),
		'both workflows end',
	);
	const deployment = runs()[1]!;
	assert.deepEqual(runner.ends.toSorted(), [
		'deploy.yml/green: skipped',
		'deploy.yml/red: success',
		'test-suite.yml/after: success',
		'test-suite.yml/last: failure',
		'test-suite.yml/plan: success',
		'test-suite.yml/unit (1, 2) of : success',
		'test-suite.yml/unit (2, 2) of : success',
	]);
	assert.match(runner.logs['test-suite.yml/unit (2, 2) of ']!, /part 2/);
	assert.match(runner.logs['test-suite.yml/last']!, /it is failure/);
	assert.equal(deployment.title, `Deploy ${sha}`);
	assert.deepEqual(
		simulation.state.statuses.get(sha)?.map(({context, state}) => [context, state]),
		[['seen', 'failure']],
	);
	assert.deepEqual(
		runs()[0]!.attempts[0]!.jobs.flatMap(({shown}) => (shown?.startsWith('unit') ? [shown] : [])),
		['unit (1, 2) of push', 'unit (2, 2) of push'],
	);
	const last = runs()[0]!.attempts[0]!.jobs.find(({name}) => name === 'last')!;
	assert.deepEqual(
		last.steps.map(({conclusion}) => conclusion),
		['success', 'failure', 'skipped', 'success'],
	);
});

test("expressions are GitHub's: without a status function, what came before has to have passed", () => {
	const contexts = {github: {event_name: 'push'}, inputs: {}};
	assert.equal(fill('a ${{ github.event_name }} b${{ inputs.none }}', contexts), 'a push b');
	assert.deepEqual(
		[
			holds(undefined, contexts, 'failure'),
			holds('always()', contexts, 'failure'),
			holds("${{ github.event_name == 'push' }}", contexts, 'success'),
			holds('github.event_name', contexts, 'failure'),
			holds('inputs.none', contexts, 'success'),
			holds('!cancelled()', contexts, 'cancelled'),
		],
		[false, true, true, false, false, false],
	);
});

test('command files have values of one line and of several', () => {
	assert.deepEqual(readCommandFile('a=1\nb<<END\nx=2\ny\nEND\nc=\n'), {a: '1', b: 'x=2\ny', c: ''});
});
