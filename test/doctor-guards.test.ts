/** What only GitHub's own rules can stop: what is missing is said, worst first; what may not be read is unknown; what is there is in order. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {PromotionSettings} from '../source/core/settings/settings.ts';
import {diagnose} from '../source/doctor/diagnose.ts';
import {
	type GuardsReading,
	notAsked,
	type Readings,
	type RulesetReading,
	type Severity,
} from '../source/doctor/model/model.ts';
import {contract, examined, healthy, ofId, yes} from './helpers/doctor.ts';
import {simulated} from './helpers/simulated.ts';

const tagRuleset: RulesetReading = {
	name: 'tags',
	target: 'tag',
	types: ['creation'],
	include: ['~ALL'],
	exclude: [],
	paths: [],
	bypass: 0,
};
const guarded: GuardsReading = {
	tags: yes([]),
	rulesets: yes([tagRuleset]),
	owners: yes('* @acme/all\n/.github/ @acme/release # who ships\n'),
};
const rules = yes([{type: 'pull_request', checks: [], asksOwners: true}]);

type Change = {
	guards?: Partial<GuardsReading>;
	promotion?: Partial<PromotionSettings>;
	rules?: NonNullable<Readings['github']>['rules'];
	production?: {reviewers: number; preventsSelfReview?: boolean; letsAdminsPass?: boolean} | null;
};
const found = async ({
	guards = {},
	promotion = {},
	rules: other,
	production = {reviewers: 2, preventsSelfReview: true, letsAdminsPass: false},
}: Change = {}) => {
	const base = await healthy();
	const environments =
		production === null
			? yes([])
			: yes([{name: 'production', waitMinutes: 0, branches: yes(['main']), ...production}]);
	return diagnose(
		{
			...base,
			settings: {
				...base.settings,
				promotion: {...base.settings.promotion, breakGlass: {by: ['mira']}, ...promotion},
			},
			github: {
				...base.github!,
				rules: other ?? {develop: rules, main: rules},
				environments,
				guards: {...guarded, ...guards},
			},
		},
		new Set(['rules', 'environments'] as const),
		contract,
	);
};
const severity = async (id: string, change?: Change): Promise<Severity | undefined> =>
	ofId(await found(change), id)?.severity;

test('everything guarded: nothing is said against it', async () => {
	for (const id of [
		'rules.tag-shadow',
		'rules.tags',
		'rules.workflow-files',
		'rules.bypass',
		'environments.reviewers',
	])
		assert.equal(await severity(id), 'ok', id);
	for (const id of [
		'rules.glass',
		'rules.promoters',
		'rules.hotfix',
		'environments.self-review',
		'environments.admins',
	])
		assert.equal(await severity(id), undefined, id);
});

test('strategy workflow without reviewers is called what it is, as the worst there is', async () => {
	const without = await found({promotion: {strategy: 'workflow', by: ['mira']}, production: {reviewers: 0}});
	assert.deepEqual(
		without.filter(({severity: word}) => word === 'error').map(({id, what}) => [id, what]),
		[['environments.reviewers', 'Write access is enough to deploy to production']],
	);
	assert.equal(
		await severity('environments.reviewers', {promotion: {strategy: 'workflow'}, production: null}),
		'error',
		'no environment at all is no better',
	);
	assert.equal(await severity('environments.reviewers', {promotion: {strategy: 'workflow'}}), 'ok');
	assert.equal(
		await severity('environments.reviewers', {production: {reviewers: 0}}),
		'warning',
		'elsewhere a branch stands in between',
	);
	assert.equal(
		await severity('environments.self-review', {production: {reviewers: 1, preventsSelfReview: false}}),
		'warning',
	);
	assert.equal(await severity('environments.admins', {production: {reviewers: 1, letsAdminsPass: true}}), 'note');
});

test('tags: one with the name of a branch, and nobody kept from making one', async () => {
	const shadowed = ofId(await found({guards: {tags: yes(['develop'])}}), 'rules.tag-shadow');
	assert.deepEqual([shadowed?.severity, shadowed?.where], ['error', 'develop']);
	assert.match(shadowed!.how!, /git push origin :refs\/tags\/develop/);
	for (const [ruleset, expected] of [
		[{...tagRuleset, types: ['deletion']}, 'warning'],
		[{...tagRuleset, target: 'branch'}, 'warning'],
		[{...tagRuleset, include: ['refs/tags/v*']}, 'warning'],
		[{...tagRuleset, exclude: ['refs/tags/develop']}, 'warning'],
		[{...tagRuleset, include: ['refs/tags/develop', 'refs/tags/main']}, 'ok'],
	] as const)
		assert.equal(
			await severity('rules.tags', {guards: {rulesets: yes([ruleset])}}),
			expected,
			JSON.stringify(ruleset),
		);
});

test('workflows: by their owners, on both branches, or by a ruleset for pushes', async () => {
	const plain = yes([{type: 'pull_request', checks: [], asksOwners: false}]);
	const owners = async (text: string | null) => severity('rules.workflow-files', {guards: {owners: yes(text)}});
	assert.deepEqual(
		await Promise.all([
			owners(null),
			owners('/docs/ @acme/docs'),
			owners('# /.github/ @acme/release'),
			owners('/.github/ @acme/release\n/.github/'),
			owners('* @acme/all'),
			owners('.github/workflows/ @acme/release'),
		]),
		['warning', 'warning', 'warning', 'warning', 'ok', 'ok'],
	);
	assert.equal(await severity('rules.workflow-files', {rules: {develop: plain, main: rules}}), 'warning');
	assert.equal(
		await severity('rules.workflow-files', {
			rules: {develop: plain, main: plain},
			guards: {
				rulesets: yes([
					{...tagRuleset, target: 'push', types: ['file_path_restriction'], paths: ['.github/**']},
				]),
			},
		}),
		'ok',
	);
});

test('what may not be read is unknown, with the reason; who may go past the rules is said', async () => {
	const no = {...notAsked('the token may not read it'), next: 'rulesets=read'};
	for (const [id, guards] of [
		['rules.tag-shadow', {tags: no}],
		['rules.tags', {rulesets: no}],
		['rules.workflow-files', {owners: no}],
	] as const) {
		const finding = ofId(await found({guards}), id);
		assert.deepEqual([finding?.severity, finding?.why], ['unknown', 'the token may not read it'], id);
	}
	assert.equal(await severity('rules.workflow-files', {rules: {develop: no, main: rules}}), 'unknown');
	assert.equal(await severity('rules.bypass', {guards: {rulesets: yes([{...tagRuleset, bypass: null}])}}), 'unknown');
	assert.equal(await severity('rules.bypass', {guards: {rulesets: yes([{...tagRuleset, bypass: 2}])}}), 'note');
});

test('who may: what nobody is named for', async () => {
	assert.equal(await severity('rules.promoters', {promotion: {strategy: 'workflow'}}), 'warning');
	assert.equal(await severity('rules.glass', {promotion: {breakGlass: {by: []}}}), 'note');
	assert.equal(await severity('rules.glass', {promotion: {breakGlass: {by: []}, by: ['mira']}}), undefined);
	assert.equal(await severity('rules.glass', {promotion: {breakGlass: {by: []}, strategy: 'script'}}), undefined);
	assert.equal(await severity('rules.hotfix', {promotion: {hotfix: {prefix: 'hotfix/', signOffs: []}}}), 'error');
	assert.equal(
		await severity('rules.hotfix', {promotion: {by: ['mira'], hotfix: {prefix: 'hotfix/', signOffs: []}}}),
		undefined,
	);
});

test('as GitHub answers: a tag with exactly the name of a branch is seen, one that only begins so is not', async () => {
	const simulator = simulated('quiet');
	const {refs} = simulator.simulation.state;
	refs.set('refs/tags/develop-2026', refs.get('refs/heads/main')!);
	assert.deepEqual((await examined(simulator)).github?.guards, {tags: yes([]), rulesets: yes([]), owners: yes(null)});
	refs.set('refs/tags/develop', refs.get('refs/heads/main')!);
	assert.deepEqual((await examined(simulator)).github?.guards?.tags, yes(['develop']));
});
