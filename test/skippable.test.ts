/** Which jobs a green run leaves out, what init proposes of them, and what doctor says where deployctl.yml does not fit the file. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {mapWorkflows} from '../source/init/map/map.ts';
import {workOf} from '../source/core/evidence/work.ts';
import {
	type ConditionalJob,
	countedAsWork,
	hollow,
	namesJob,
	proposeSkips,
	type Skip,
	skipsOf,
} from '../source/init/map/skippable.ts';
import {findings, healthy, told, withFile} from './helpers/doctor.ts';
import {workflowFrom} from './helpers/foreign.ts';
import {runs} from './helpers/fuzz.ts';

const job = (id: string, condition = '', needs: readonly string[] = [], pattern = id): ConditionalJob => ({
	id,
	pattern,
	needs,
	condition,
});
const skipOf = (condition: string) => skipsOf([job('a', condition)], 'develop').of.get('a') ?? null;

const conditions: ReadonlyArray<readonly [condition: string, skip: Skip | null]> = [
	['', null],
	['always()', null],
	['success()', null],
	['!cancelled()', null],
	['${{ !failure() && !cancelled() }}', null],
	['success() || failure()', null],
	["needs.unit.result == 'success'", null],
	['failure()', 'red'],
	['${{ failure() }}', 'red'],
	['cancelled()', 'red'],
	['failure() || cancelled()', 'red'],
	["always() && (needs.a.result == 'failure' || needs.b.result == 'cancelled')", 'red'],
	["always() && contains(needs.*.result, 'failure')", 'red'],
	["failure() && github.ref == 'refs/heads/develop'", 'red'],
	["always() && needs.e2e.result != 'success'", 'red'],
	["github.event.workflow_run.conclusion == 'failure'", 'red'],
	["needs.changes.outputs.web == 'true'", 'filter'],
	['fromJSON(needs.changes.outputs.parts)[0] != null', 'filter'],
	["always() && needs.changes.outputs.web == 'true'", 'filter'],
	["needs.changes.outputs.files != ''", 'filter'],
	["always() && needs.announce.outputs.sha != ''", null],
	["github.event_name == 'pull_request'", 'elsewhere'],
	["github.ref == 'refs/heads/main'", 'elsewhere'],
	["github.ref_name == 'develop'", null],
	["github.ref == 'refs/heads/develop' && vars.X", 'condition'],
	["github.event_name != 'push'", 'elsewhere'],
	["startsWith(github.ref, 'refs/tags/')", 'elsewhere'],
	["github.event_name == 'schedule'", 'elsewhere'],
	["github.head_ref != '' && vars.X", 'elsewhere'],
	["!startsWith(github.ref, 'refs/tags/')", 'condition'],
	["github.event_name != 'pull_request'", 'condition'],
	["github.event_name == 'schedule' || inputs.x", 'condition'],
	["github.actor != 'dependabot[bot]'", 'condition'],
	['inputs.smoke', 'condition'],
	["vars.DEPLOY == 'yes'", 'condition'],
	["github.event_name == 'push' || github.event_name == 'workflow_dispatch'", 'condition'],
	["!contains(needs.*.result, 'failure')", null],
];
for (const [condition, skip] of conditions)
	test(`if: ${condition || '(none)'}`, () => assert.equal(skipOf(condition), skip));

test('what needs a skipped job is skipped with it, unless it looks at it anyway', () => {
	const {of, deciding} = skipsOf(
		[
			job('changes'),
			job('web', "needs.changes.outputs.web == 'true'", ['changes']),
			job('report', '', ['web']),
			job('passed', 'always()', ['web']),
			job('told', "always() && needs.web.result == 'success'", ['web']),
			job('x', '', ['y']),
			job('y', '', ['x']),
		],
		null,
	);
	assert.deepEqual(
		[Object.fromEntries(of), [...deciding]],
		[{web: 'filter', report: 'filter', told: 'filter'}, ['changes']],
	);
});

test('what is proposed: notifications and parts by name, and what passes without them as no work', () => {
	assert.deepEqual(
		proposeSkips(
			[
				job('e2e', '', [], 'e2e (*)'),
				job('report', 'always()', ['e2e']),
				job('notify', 'failure()', ['e2e'], 'notify on failure'),
			],
			null,
		),
		{maySkip: ['notify on failure'], notWork: []},
	);
	const parts = [
		job('triage'),
		job('lint', "needs.triage.outputs.a == 'true'", ['triage'], 'lint (*)'),
		job('unit', "needs.triage.outputs.a == 'true'", ['triage'], 'unit / *'),
	];
	assert.deepEqual(proposeSkips([...parts, job('gatekeeper', 'always()', ['lint', 'unit'])], null), {
		maySkip: ['lint', 'lint (*)', 'unit', 'unit / *'],
		notWork: ['triage', 'gatekeeper'],
	});
	assert.deepEqual(
		proposeSkips([...parts, job('package', '', ['lint', 'unit']), job('notify', 'failure()')], null),
		{maySkip: ['lint', 'lint (*)', 'unit', 'unit / *', 'package', 'notify'], notWork: ['triage']},
		'the last job is left out with the others',
	);
	assert.deepEqual(
		proposeSkips(
			[
				job('changes'),
				job('unit', "needs.changes.outputs.a == 'true'", ['changes']),
				job('all-green', 'always()', ['unit']),
			],
			null,
		),
		{maySkip: ['unit'], notWork: []},
		'what the gate knows by name need not be named',
	);
	assert.deepEqual(
		proposeSkips([job('unit'), job('wrap-up', 'always()', ['unit'])], null),
		{maySkip: [], notWork: []},
		'without parts there is nothing to look past',
	);
	assert.ok(
		namesJob('web / *', job('a', '', [], 'web / lint')) &&
			namesJob('unit / lint', job('a', '', [], 'unit / *')) &&
			!namesJob('web', job('a', '', [], 'web-2')),
	);
});

const conditionOf = fc.constantFrom(
	'',
	'always()',
	'failure()',
	"needs.j0.outputs.x == 'true'",
	"needs.j1.outputs.x == 'true'",
	"github.event_name == 'pull_request'",
	'inputs.x',
	'!cancelled()',
);
test('whatever the workflow: with what is proposed a run with its parts is green, and never one without any', () => {
	let [green, empty] = [0, 0];
	fc.assert(
		fc.property(
			fc.array(
				fc.record({condition: conditionOf, needs: fc.array(fc.integer({min: 0, max: 5}), {maxLength: 3})}),
				{minLength: 1, maxLength: 6},
			),
			list => {
				const jobs = list.map(({condition, needs}, at) =>
					job(
						`j${at}`,
						condition,
						needs.map(index => `j${index}`),
					),
				);
				const skips = skipsOf(jobs, 'develop');
				const proposed = proposeSkips(jobs, 'develop');
				const rule = {key: 'tiers.fast', jobs: null, ...proposed};
				const didWith = (isSkipped: (id: string) => boolean) =>
					workOf(
						jobs.map(({id}) => ({
							name: id,
							status: isSkipped(id) ? ('skipped' as const) : ('passed' as const),
						})),
						rule,
					).did;
				const kind = (id: string) => skips.of.get(id) ?? '';
				// A green run of all jobs that can run opens the gate by its own rule.
				const counts = countedAsWork(jobs, proposed, skips);
				assert.equal(
					didWith(id => ['red', 'elsewhere'].includes(kind(id))),
					counts.length > 0,
				);
				if (counts.length > 0) green++;
				// And one in which each part was left out does not, unless a job that always runs tests something.
				if (skips.of.size > 0 && counts.every(({id}) => skips.of.has(id))) {
					empty++;
					assert.equal(
						didWith(id => skips.of.has(id)),
						false,
					);
				}
				assert.deepEqual(hollow(jobs, proposed, skips), []);
				for (const {id} of jobs.filter(one => !skips.of.has(one.id)))
					assert.ok(!proposed.maySkip.includes(id), 'what always runs has to pass');
				for (const {id} of jobs.filter(one => skips.of.get(one.id) === 'red'))
					assert.ok(proposed.maySkip.includes(id), 'no green run has it');
			},
		),
		runs(3000),
	);
	assert.ok(green > 300 && empty > 300);
});

const steps = (run: string) => `{runs-on: ubuntu-latest, steps: [{run: ${run}}]}`;
const e2eFile = (more: string, on = '{workflow_dispatch: {inputs: {sha: {type: string}}}}') =>
	`name: E2E\nrun-name: E2E \${{ inputs.sha }}\non: ${on}\njobs:\n  e2e:\n    name: e2e (\${{ matrix.shard }}, 4)\n    strategy: {fail-fast: false, matrix: {shard: [1, 2, 3, 4]}}\n    ${steps('npx playwright test').slice(1, -1).replace(', steps', '\n    steps')}\n${more}`;
const notify =
	'  notify: {name: notify on failure, needs: e2e, if: failure(), runs-on: ubuntu-latest, steps: [{run: curl x}]}\n';

test('init names the notification of an existing E2E workflow, and tells where green would prove nothing', () => {
	const branches = {staging: 'develop', production: 'main'};
	const [tier] = mapWorkflows([workflowFrom('e2e.yml', e2eFile(notify))], branches).tiers;
	assert.deepEqual([tier?.tier, tier?.maySkip], ['e2e', ['notify on failure']]);
	const parts = (last: string) =>
		`on: {push: {branches: [develop]}}\njobs:\n  changes: ${steps('git diff')}\n  unit: {needs: changes, if: needs.changes.outputs.a == 'true', runs-on: x, steps: [{run: npm test}]}\n  all-green: {needs: unit, ${last}runs-on: x, steps: [{run: 'true'}]}\n`;
	const proven = mapWorkflows(
		[workflowFrom('ci.yml', parts('if: always(), ').replace('all-green', 'verify'))],
		branches,
	).tiers[0]!;
	assert.deepEqual([proven.maySkip, proven.notWork], [['unit'], ['verify']]);
	for (const last of ['if: always(), ', '']) {
		const summed = mapWorkflows([workflowFrom('ci.yml', parts(last))], branches).tiers[0]!;
		assert.deepEqual(
			[summed.maySkip, summed.notWork],
			[last === '' ? ['unit', 'all-green'] : ['unit'], undefined],
			'a summary is known by its name',
		);
	}
	// The gate knows each job by its name for one that does no work: with that configuration it would stay shut for ever.
	const nothing = mapWorkflows(
		[workflowFrom('ci.yml', `on: {push: {branches: [develop]}}\njobs:\n  verdict: ${steps('npm test')}\n`)],
		branches,
	).tiers[0]!;
	assert.equal(
		nothing.advice.filter(
			text => text.includes('proves nothing') && text.endsWith('name the one that tests in jobs.'),
		).length,
		1,
	);
});

test('what is proposed opens the gate by the parts that ran, never by jobs that decide or look back', () => {
	const jobs = [
		job('triage', '', []),
		job('unit', "needs.triage.outputs.a == 'true'", ['triage']),
		job('web', "needs.triage.outputs.b == 'true'", ['triage']),
		job('verify', 'always()', ['unit']),
	];
	const named = proposeSkips(jobs, null);
	const did = (...passed: readonly string[]) =>
		workOf(
			jobs.map(({pattern}) => ({
				name: pattern,
				status: passed.includes(pattern) ? ('passed' as const) : ('skipped' as const),
			})),
			{key: 'tiers.fast', jobs: null, ...named},
		).did;
	assert.deepEqual(
		[
			did('triage', 'unit', 'web', 'verify'),
			did('triage', 'web', 'verify'),
			did('triage', 'verify'),
			did('triage'),
		],
		[true, true, false, false],
	);
	assert.deepEqual(countedAsWork([job('all-green', 'always()', ['unit'])], {notWork: []}, skipsOf(jobs, null)), []);
	assert.equal(
		countedAsWork([job('all-green', 'always()', ['unit'])], {jobs: 'all-green', notWork: []}, skipsOf(jobs, null))
			.length,
		1,
	);
});

const base = await healthy();
const settingsWith = (maySkip: readonly string[], notWork: readonly string[]) => ({
	...base.settings,
	tiers: {...defaultSettings.tiers, e2e: {...defaultSettings.tiers.e2e, maySkip, notWork}},
});
const skipsTold = async (text: string, maySkip: readonly string[] = [], notWork: readonly string[] = []) => {
	const readings = await withFile({...base, disk: {...base.disk, files: []}}, 'e2e-staging.yml', text);
	return findings({...readings, settings: settingsWith(maySkip, notWork)}, 'workflows').filter(({id}) =>
		/may-skip|not-work|no-work/.test(id),
	);
};

test('doctor asks for what a green run leaves out, with the line that mends it', async () => {
	const [missing, ...rest] = await skipsTold(e2eFile(notify));
	assert.deepEqual([told([missing!]), rest], [['error workflows.may-skip e2e'], []]);
	assert.match(missing!.how!, /tiers\.e2e\.maySkip: \["notify on failure"\]$/);
	assert.deepEqual(
		(await skipsTold(e2eFile(notify), ['notify*'])).map(({severity, id}) => [severity, id]),
		[['ok', 'workflows.may-skip']],
	);
	const filtered =
		"  changes: {runs-on: x, steps: [{run: git diff}]}\n  docs: {needs: changes, if: needs.changes.outputs.docs == 'true', runs-on: x, steps: [{run: make}]}\n";
	assert.deepEqual(told(await skipsTold(e2eFile(filtered))), ['warning workflows.may-skip-filter e2e']);
	assert.deepEqual(
		told(
			await skipsTold(
				e2eFile("  pull: {if: github.event_name == 'pull_request', runs-on: x, steps: [{run: make}]}\n"),
			),
		),
		['error workflows.may-skip-elsewhere e2e'],
	);
	assert.deepEqual(told(await skipsTold(e2eFile('  extra: {if: vars.EXTRA, runs-on: x, steps: [{run: make}]}\n'))), [
		'note workflows.may-skip-condition e2e',
	]);
});

test('doctor finds patterns that fit nothing, and those that leave nothing to pass', async () => {
	assert.deepEqual(told(await skipsTold(e2eFile(notify), ['notify*', 'Report*'])), [
		'warning workflows.may-skip-nobody e2e',
	]);
	assert.deepEqual(told(await skipsTold(e2eFile(notify), ['notify*'], ['e2e (*'])), ['error workflows.no-work e2e']);
	assert.deepEqual(told(await skipsTold(e2eFile(notify), ['notify*'], ['others'])), [
		'warning workflows.not-work-nobody e2e',
	]);
	const triage = '  triage: {runs-on: x, steps: [{run: git diff}]}\n';
	const decided = e2eFile(triage).replace(
		'  e2e:\n',
		"  e2e:\n    needs: triage\n    if: needs.triage.outputs.e2e == 'true'\n",
	);
	const [error, ...more] = await skipsTold(decided, ['e2e*']);
	assert.deepEqual(
		[told([error!]), more, error!.how],
		[['error workflows.not-work e2e'], [], 'deployctl.yml, tiers.e2e.notWork: ["triage"]'],
		'that the deciding job passes proves nothing',
	);
	assert.deepEqual(
		(await skipsTold(decided, ['e2e*'], ['triage'])).map(({severity, id}) => [severity, id]),
		[['ok', 'workflows.may-skip']],
	);
	assert.deepEqual(
		(await skipsTold(decided.replaceAll('triage', 'changes'), ['e2e*'])).map(({severity, id}) => [severity, id]),
		[['ok', 'workflows.may-skip']],
		'one that the gate knows by name',
	);
});
