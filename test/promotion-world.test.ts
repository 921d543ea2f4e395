/** Promotions whole: from a wish to what production reports, with real supervisors and promoters against the simulated GitHub. Every strategy. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openPromotable} from './helpers/promotable.ts';

const short = (sha: string) => sha.slice(0, 7);

test('fast-forward: main goes from the seen value to the tested commit, tagged, deployed by its workflow, verified by production', async t => {
	const place = await openPromotable(t);
	const [green, main] = [place.head('develop'), place.head('main')];
	const {plan, started, operation} = await place.promoted(null);
	assert.deepEqual(
		[plan.blocked, plan.sha, plan.phrase, plan.promotion?.branchAt, plan.promotion?.strategy],
		[null, green, `production ${short(green)}`, main, 'fast-forward'],
	);
	assert.equal(started?.ok, true, JSON.stringify(started));
	assert.deepEqual(
		[operation?.outcome, operation?.exitCode],
		['succeeded', 0],
		`${operation?.because} ${place.logOf(plan.id)}`,
	);
	assert.deepEqual(
		[place.head('main'), place.now().live.get('production'), place.tags()],
		[green, green, ['refs/tags/deployctl/prod-1']],
	);
	assert.deepEqual(
		operation?.steps.map(({name, status}) => `${name} ${status}`),
		['gate passed', 'branch passed', 'deployment passed', 'job/gate passed', 'job/deploy passed', 'verify passed'],
	);
	const again = await place.operations.plan({kind: 'promote', environment: 'production', sha: green}, []);
	assert.match(again.blocked?.because ?? '', /already at/);
	assert.equal((await place.operations.read()).locks['production']?.state, 'free');
	await place.operations.refresh(['production']);
	const record = [...place.now().deployments.values()].find(
		({payload}) => (payload as {operation?: string} | null)?.operation === plan.id,
	);
	assert.deepEqual(
		[record?.environment, record?.sha, record?.statuses.at(-1)?.state],
		['production', green, 'success'],
		'on record for every operator',
	);
});

test('pull request: of exactly the tested commit, merged once its rules are met, its files compared, production at the merge', async t => {
	const place = await openPromotable(t, {scenario: 'protected', promotion: {strategy: 'pull-request'}});
	const green = place.head('develop');
	const {plan, operation} = await place.promoted(green);
	assert.deepEqual(plan.blocked, null);
	assert.equal(operation?.outcome, 'succeeded', `${operation?.because} ${place.logOf(plan.id)}`);
	const {commits, live, pulls} = place.now();
	const merge = commits.get(place.head('main'))!;
	assert.notEqual(merge.sha, green);
	assert.deepEqual(
		[merge.parents[1], merge.tree, live.get('production')],
		[green, commits.get(green)!.tree, merge.sha],
	);
	assert.deepEqual(
		[pulls.at(-1)?.state, [...place.now().refs.keys()].filter(name => name.includes('deployctl/promote'))],
		['MERGED', []],
	);
	assert.match(
		operation.because,
		new RegExp(
			`${short(green)} is live on production, as ${short(merge.sha)} on main|${short(merge.sha)} is live on production`,
		),
	);
});

test('a branch whose rules take pull requests only is not moved: said in the plan, with the way out', async t => {
	const place = await openPromotable(t, {scenario: 'protected'});
	const plan = await place.operations.plan(
		{kind: 'promote', environment: 'production', sha: place.head('develop')},
		[],
	);
	assert.deepEqual(
		[plan.blocked?.exitCode, plan.blocked?.next],
		[3, 'Set promotion.strategy to pull-request in deployctl.yml.'],
	);
});

test('merge queue: put in, waited for, compared, followed', async t => {
	const place = await openPromotable(t, {scenario: 'queue', promotion: {strategy: 'merge-queue'}});
	const green = place.head('develop');
	const {plan, operation} = await place.promoted(green);
	assert.deepEqual(plan.blocked, null);
	assert.equal(operation?.outcome, 'succeeded', `${operation?.because} ${place.logOf(plan.id)}`);
	const {commits, live} = place.now();
	assert.deepEqual(
		[commits.get(place.head('main'))!.tree, live.get('production')],
		[commits.get(green)!.tree, place.head('main')],
	);
});

test('workflow: dispatched for the commit, its run followed, and the branch follows', async t => {
	const place = await openPromotable(t, {promotion: {strategy: 'workflow'}});
	const green = place.head('develop');
	const {plan, operation} = await place.promoted(green);
	assert.equal(operation?.outcome, 'succeeded', `${operation?.because} ${place.logOf(plan.id)}`);
	assert.deepEqual([place.head('main'), place.now().live.get('production'), place.tags().length], [green, green, 1]);
	assert.match(place.logOf(plan.id), /ok dispatch -- run \d+/);
});

test('script: deploy.sh under the supervisor, production asked, and the branch follows', async t => {
	const place = await openPromotable(t, {
		promotion: {strategy: 'script'},
		settings: settings => ({...settings, allowChangedScripts: true}),
	});
	const green = place.head('develop');
	const {plan, operation} = await place.promoted(green);
	assert.deepEqual(plan.blocked, null);
	assert.equal(operation?.outcome, 'succeeded', `${operation?.because} ${place.logOf(plan.id)}`);
	assert.deepEqual([place.head('main'), place.now().live.get('production')], [green, green]);
	assert.match(place.logOf(plan.id), new RegExp(`shipping ${green} to production`));
});

test('the soak: watched until it has been healthy for its time; one that turns unhealthy meanwhile needs somebody to look, and says how to go back', async t => {
	const place = await openPromotable(t, {promotion: {soakSeconds: 2}});
	const {operation} = await place.promoted(null);
	assert.equal(operation?.outcome, 'succeeded', String(operation?.because));
	assert.match(operation.steps.find(({name}) => name === 'soak')?.note ?? '', /healthy for 2s/);
});
