/** Which jobs a green run leaves out, what init proposes of them, and what doctor says where deployctl.yml does not fit the file. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultSettings} from '../source/core/settings.ts';
import {mapWorkflows} from '../source/init/map.ts';
import {workOf} from '../source/core/work.ts';
import {type ConditionalJob, namesJob, proposeSkips, requiredOf, type Skip, skipsOf} from '../source/init/skippable.ts';
import {findings, healthy, told, withFile} from './helpers/doctor.ts';
import {workflowFrom} from './helpers/foreign.ts';

const job = (id: string, condition = '', needs: readonly string[] = [], pattern = id): ConditionalJob => ({id, pattern, needs, condition});
const skipOf = (condition: string) => skipsOf([job('a', condition)], 'develop').of.get('a') ?? null;

const conditions: ReadonlyArray<readonly [condition: string, skip: Skip | null]> = [
	['', null], ['always()', null], ['success()', null], ['!cancelled()', null], ['${{ !failure() && !cancelled() }}', null], ['success() || failure()', null], ['needs.unit.result == \'success\'', null],
	['failure()', 'red'], ['${{ failure() }}', 'red'], ['cancelled()', 'red'], ['failure() || cancelled()', 'red'], ['always() && (needs.a.result == \'failure\' || needs.b.result == \'cancelled\')', 'red'],
	['always() && contains(needs.*.result, \'failure\')', 'red'], ['failure() && github.ref == \'refs/heads/develop\'', 'red'], ['always() && needs.e2e.result != \'success\'', 'red'],
	['github.event.workflow_run.conclusion == \'failure\'', 'red'],
	['needs.changes.outputs.web == \'true\'', 'filter'], ['fromJSON(needs.changes.outputs.parts)[0] != null', 'filter'], ['always() && needs.changes.outputs.web == \'true\'', 'filter'], ['needs.changes.outputs.files != \'\'', 'filter'],
	['always() && needs.announce.outputs.sha != \'\'', null],
	['github.event_name == \'pull_request\'', 'elsewhere'], ['github.ref == \'refs/heads/main\'', 'elsewhere'], ['github.ref_name == \'develop\'', null], ['github.ref == \'refs/heads/develop\' && vars.X', 'condition'],
	['github.event_name != \'push\'', 'elsewhere'], ['startsWith(github.ref, \'refs/tags/\')', 'elsewhere'], ['github.event_name == \'schedule\'', 'elsewhere'], ['github.head_ref != \'\' && vars.X', 'elsewhere'],
	['!startsWith(github.ref, \'refs/tags/\')', 'condition'], ['github.event_name != \'pull_request\'', 'condition'], ['github.event_name == \'schedule\' || inputs.x', 'condition'], ['github.actor != \'dependabot[bot]\'', 'condition'],
	['inputs.smoke', 'condition'], ['vars.DEPLOY == \'yes\'', 'condition'], ['github.event_name == \'push\' || github.event_name == \'workflow_dispatch\'', 'condition'], ['!contains(needs.*.result, \'failure\')', null],
];
for (const [condition, skip] of conditions) test(`if: ${condition || '(none)'}`, () => assert.equal(skipOf(condition), skip));

test('what needs a skipped job is skipped with it, unless it looks at it anyway', () => {
	const {of, deciding} = skipsOf([
		job('changes'), job('web', 'needs.changes.outputs.web == \'true\'', ['changes']), job('report', '', ['web']), job('passed', 'always()', ['web']), job('told', 'always() && needs.web.result == \'success\'', ['web']), job('x', '', ['y']), job('y', '', ['x']),
	], null);
	assert.deepEqual([Object.fromEntries(of), [...deciding]], [{web: 'filter', report: 'filter', told: 'filter'}, ['changes']]);
});

test('what is proposed: notifications and parts by name, and never so much that nothing has to pass', () => {
	assert.deepEqual(proposeSkips([job('e2e', '', [], 'e2e (*)'), job('report', 'always()', ['e2e']), job('notify', 'failure()', ['e2e'], 'notify on failure')], null), {maySkip: ['notify on failure'], unproven: []});
	const parts = [job('changes'), job('lint', 'needs.changes.outputs.a == \'true\'', ['changes'], 'lint (*)'), job('unit', 'needs.changes.outputs.a == \'true\'', ['changes'], 'unit / *')];
	assert.deepEqual(proposeSkips([...parts, job('passed', 'always()', ['lint', 'unit'])], null), {maySkip: ['changes', 'lint', 'lint (*)', 'unit', 'unit / *'], unproven: []});
	assert.deepEqual(proposeSkips([...parts, job('all-green', '', ['lint', 'unit']), job('notify', 'failure()')], null), {maySkip: ['notify'], unproven: ['lint (*)', 'unit / *', 'all-green']}, 'the last job is left out with the others');
	const summed = [...parts, job('all-green', 'always()', ['lint', 'unit'])];
	assert.deepEqual(proposeSkips(summed, null), {maySkip: [], unproven: ['lint (*)', 'unit / *']}, 'the gate takes no summary for work: with the parts in maySkip it would never open');
	assert.deepEqual(requiredOf(summed, ['changes', 'lint', 'unit / *'], skipsOf(summed, null), 'all-green').map(({id}) => id), ['all-green'], 'unless the tier names it');
	assert.ok(namesJob('web / *', job('a', '', [], 'web / lint')) && namesJob('unit / lint', job('a', '', [], 'unit / *')) && !namesJob('web', job('a', '', [], 'web-2')));
});

const conditionOf = fc.constantFrom('', 'always()', 'failure()', 'needs.j0.outputs.x == \'true\'', 'needs.j1.outputs.x == \'true\'', 'github.event_name == \'pull_request\'', 'inputs.x', '!cancelled()');
test('whatever the workflow: with what is proposed a job is left that has to pass, or parts are told as unproven', () => {
	fc.assert(fc.property(fc.array(fc.record({condition: conditionOf, needs: fc.array(fc.integer({min: 0, max: 5}), {maxLength: 3})}), {minLength: 1, maxLength: 6}), list => {
		const jobs = list.map(({condition, needs}, at) => job(`j${at}`, condition, needs.map(index => `j${index}`)));
		const skips = skipsOf(jobs, 'develop');
		const {maySkip, unproven} = proposeSkips(jobs, 'develop');
		const hasFilter = [...skips.of.values()].includes('filter');
		if (hasFilter && unproven.length === 0) assert.ok(requiredOf(jobs, maySkip, skips).length > 0);
		// A green run of all jobs that can run opens the gate by its own rule.
		const green = jobs.map(({id}) => ({name: id, status: ['red', 'elsewhere'].includes(skips.of.get(id) ?? '') ? 'skipped' as const : 'passed' as const}));
		if (green.some(({name, status}) => status === 'passed' && !skips.deciding.has(name))) assert.ok(workOf(green, {key: 'tiers.fast', jobs: null, maySkip}).did);
		for (const {id} of jobs.filter(one => !skips.of.has(one.id) && !skips.deciding.has(one.id))) assert.ok(!maySkip.includes(id), 'what always runs has to pass');
		for (const {id} of jobs.filter(one => skips.of.get(one.id) === 'red')) assert.ok(maySkip.includes(id), 'no green run has it');
	}), {numRuns: 3000});
});

const steps = (run: string) => `{runs-on: ubuntu-latest, steps: [{run: ${run}}]}`;
const e2eFile = (more: string, on = '{workflow_dispatch: {inputs: {sha: {type: string}}}}') => `name: E2E\nrun-name: E2E \${{ inputs.sha }}\non: ${on}\njobs:\n  e2e:\n    name: e2e (\${{ matrix.shard }}, 4)\n    strategy: {fail-fast: false, matrix: {shard: [1, 2, 3, 4]}}\n    ${steps('npx playwright test').slice(1, -1).replace(', steps', '\n    steps')}\n${more}`;
const notify = '  notify: {name: notify on failure, needs: e2e, if: failure(), runs-on: ubuntu-latest, steps: [{run: curl x}]}\n';

test('init names the notification of an existing E2E workflow, and tells where green would prove nothing', () => {
	const branches = {staging: 'develop', production: 'main'};
	const [tier] = mapWorkflows([workflowFrom('e2e.yml', e2eFile(notify))], branches).tiers;
	assert.deepEqual([tier?.tier, tier?.maySkip], ['e2e', ['notify on failure']]);
	const parts = (last: string) => `on: {push: {branches: [develop]}}\njobs:\n  changes: ${steps('git diff')}\n  unit: {needs: changes, if: needs.changes.outputs.a == 'true', runs-on: x, steps: [{run: npm test}]}\n  all-green: {needs: unit, ${last}runs-on: x, steps: [{run: 'true'}]}\n`;
	const proven = mapWorkflows([workflowFrom('ci.yml', parts('if: always(), ').replace('all-green', 'verify'))], branches).tiers[0]!;
	assert.deepEqual(proven.maySkip, ['changes', 'unit']);
	// The gate knows a job of that name for one that only sums up: a configuration with it would keep it shut for ever.
	for (const last of ['if: always(), ', '']) {
		const open = mapWorkflows([workflowFrom('ci.yml', parts(last))], branches).tiers[0]!;
		assert.deepEqual([open.maySkip, open.advice.filter(text => text.includes('proves nothing') && text.endsWith('name it in jobs.')).length], [undefined, 1]);
	}
});

test('what is proposed opens the gate by the job that looks at all others, never by one that only reports', () => {
	const jobs = [job('changes', '', []), job('unit', 'needs.changes.outputs.a == \'true\'', ['changes']), job('report', 'always()', ['unit']), job('verify', 'always()', ['unit'])];
	const {maySkip} = proposeSkips(jobs, null);
	const did = (...passed: readonly string[]) => workOf(jobs.map(({pattern}) => ({name: pattern, status: passed.includes(pattern) ? 'passed' as const : 'skipped' as const})), {key: 'tiers.fast', jobs: null, maySkip}).did;
	assert.deepEqual([did('changes', 'unit', 'report', 'verify'), did('changes', 'report', 'verify'), did('changes', 'unit', 'report')], [true, true, false]);
	assert.deepEqual(proposeSkips(jobs.slice(0, 3), null), {maySkip: [], unproven: ['unit']}, 'a report is no proof');
	assert.deepEqual(requiredOf(jobs, ['*'], skipsOf(jobs, null), null), []);
	assert.deepEqual(requiredOf([job('all-green', 'always()', ['unit'])], [], skipsOf(jobs, null)), []);
	assert.equal(requiredOf([job('all-green', 'always()', ['unit'])], [], skipsOf(jobs, null), 'all-green').length, 1);
});

const base = await healthy();
const settingsWith = (maySkip: readonly string[]) => ({...base.settings, tiers: {...defaultSettings.tiers, e2e: {...defaultSettings.tiers.e2e, maySkip}}});
const skipsTold = async (text: string, maySkip: readonly string[] = []) => {
	const readings = await withFile({...base, disk: {...base.disk, files: []}}, 'e2e-staging.yml', text);
	return findings({...readings, settings: settingsWith(maySkip)}, 'workflows').filter(({id}) => id.includes('may-skip'));
};

test('doctor asks for what a green run leaves out, with the line that mends it', async () => {
	const [missing, ...rest] = await skipsTold(e2eFile(notify));
	assert.deepEqual([told([missing!]), rest], [['error workflows.may-skip e2e'], []]);
	assert.match(missing!.how!, /tiers\.e2e\.maySkip: \["notify on failure"\]$/);
	assert.deepEqual((await skipsTold(e2eFile(notify), ['notify*'])).map(({severity, id}) => [severity, id]), [['ok', 'workflows.may-skip']]);
	const filtered = '  changes: {runs-on: x, steps: [{run: git diff}]}\n  docs: {needs: changes, if: needs.changes.outputs.docs == \'true\', runs-on: x, steps: [{run: make}]}\n';
	assert.deepEqual(told(await skipsTold(e2eFile(filtered))), ['warning workflows.may-skip-filter e2e']);
	assert.deepEqual(told(await skipsTold(e2eFile('  pull: {if: github.event_name == \'pull_request\', runs-on: x, steps: [{run: make}]}\n'))), ['error workflows.may-skip-elsewhere e2e']);
	assert.deepEqual(told(await skipsTold(e2eFile('  extra: {if: vars.EXTRA, runs-on: x, steps: [{run: make}]}\n'))), ['note workflows.may-skip-condition e2e']);
});

test('doctor finds patterns that fit nothing, and those that leave nothing to pass', async () => {
	assert.deepEqual(told(await skipsTold(e2eFile(notify), ['notify*', 'Report*'])), ['warning workflows.may-skip-nobody e2e']);
	assert.deepEqual(told(await skipsTold(e2eFile(notify), ['notify*', 'e2e (*'])), ['error workflows.may-skip-all e2e']);
	const changes = '  decide: {runs-on: x, steps: [{run: git diff}]}\n';
	const onlyDecider = e2eFile(changes).replace('  e2e:\n', '  e2e:\n    needs: decide\n    if: needs.decide.outputs.e2e == \'true\'\n');
	assert.deepEqual(told(await skipsTold(onlyDecider, ['e2e*'])), ['error workflows.may-skip-all e2e'], 'that the deciding job passes proves nothing');
});
