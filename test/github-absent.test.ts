/** What is not there is read as not there, and what was taken away as not read; and no polled document asks for more than the token has. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parse, TypeInfo, visit, visitWithTypeInfo} from 'graphql';
import {officialSchema} from '../.ci/generate-types.ts';
import {documents, mutations} from '../source/github/queries/documents.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {bench, read, tokens} from './helpers/reader.ts';

for (const token of [tokens.classic, tokens.noSuites]) {
	test(`no environment "production": GitHub asks for no approval, and nothing is said to be left out (${token})`, async t => {
		const {github, reader} = await bench(t, {...scenarioNamed('release'), environments: [{name: 'staging'}]});
		const {facts, partial} = await read(token === tokens.classic ? github : reader(token));
		assert.deepEqual(facts.productionRules, {reviewers: [], waitMinutes: 0});
		assert.deepEqual(partial, []);
	});

	test(`a team has one name, whichever way it is read (${token})`, async t => {
		const {github, reader} = await bench(t, {
			...scenarioNamed('release'),
			environments: [{name: 'staging'}, {name: 'production', reviewers: ['mira-okafor', 'acme/justice-league']}],
		});
		const reading = await read(token === tokens.classic ? github : reader(token));
		assert.deepEqual(
			[reading.path, reading.facts.productionRules?.reviewers],
			[token === tokens.classic ? 'graphql' : 'rest', ['mira-okafor', 'acme/justice-league']],
		);
	});
}

test('what an error took away stays unread: approvals, and in a narrow answer the branches', async t => {
	const {github, simulator} = await bench(t);
	simulator.faults.next(
		{kind: 'partial', path: ['repository', 'productionEnvironment']},
		{match: {operation: 'Overview'}},
	);
	const {facts, partial} = await read(github);
	assert.deepEqual([facts.productionRules, partial.length], [undefined, 1]);
	simulator.faults.next({kind: 'partial', path: ['repository', 'production']}, {match: {operation: 'Active'}});
	const narrow = await read(github, {kind: 'active', suites: [], hotJobs: [], commits: []});
	assert.equal(narrow.facts.refs, undefined, 'a branch that was not read is not a branch that is gone');
});

test('statuses that an error took away are not none: their commit is marked, and the others are not', async t => {
	const {github, simulator} = await bench(t);
	const {facts: whole} = await read(github);
	const [first, second] = whole.commits!;
	simulator.faults.next(
		{kind: 'partial', path: ['repository', 'staging', 'target', 'history', 'nodes', 0, 'status']},
		{match: {operation: 'Overview'}},
	);
	const {facts, unread} = await read(github);
	assert.deepEqual(
		facts.commits!.filter(({statusesUnread}) => statusesUnread !== undefined).map(({sha}) => sha),
		[first!.sha],
	);
	assert.deepEqual(
		unread!.map(({what, kind}) => [what, kind]),
		[['commit statuses', 'server-error']],
	);
	simulator.faults.next({kind: 'partial', path: ['repository', 'commit0', 'status']}, {match: {operation: 'Active'}});
	const narrow = await read(github, {kind: 'active', suites: [], hotJobs: [], commits: [second!.sha]});
	assert.equal(narrow.facts.commits![0]!.statusesUnread?.kind, 'server-error');
});

test('over REST too; and the next reading, which has them, says so', async t => {
	const {github: other, reader, simulator} = await bench(t);
	const github = reader(tokens.noSuites);
	const [newest] = (await read(other)).facts.commits!;
	simulator.faults.next({kind: 'bad-gateway-html'}, {match: {api: 'rest', path: `/commits/${newest!.sha}/statuses`}});
	const before = await read(github);
	assert.equal(before.facts.commits!.filter(({statusesUnread}) => statusesUnread !== undefined).length, 1);
	const after = await read(github);
	assert.deepEqual(
		[after.facts.commits!.filter(({statusesUnread}) => statusesUnread !== undefined), after.unread],
		[[], []],
	);
});

test('when the names of teams cannot be read, there is still somebody who has to approve', async t => {
	const {github, simulator} = await bench(t, {
		...scenarioNamed('release'),
		environments: [{name: 'staging'}, {name: 'production', reviewers: ['acme/justice-league']}],
	});
	simulator.faults.next({kind: 'bad-gateway-html'}, {match: {api: 'rest', path: '/environments/production'}});
	const {facts, partial} = await read(github);
	assert.deepEqual(facts.productionRules?.reviewers, ['a team']);
	assert.match(partial.join(), /approvals of production/);
});

/** Types whose fields ask for a scope that nobody gives to a tool that looks at one repository. */
const closed: ReadonlySet<string> = new Set(['Team', 'Organization', 'Enterprise', 'User.email', 'User.organizations']);

test('no document has a field that needs another scope than those of the README', () => {
	const types = new TypeInfo(officialSchema());
	for (const [name, text] of Object.entries({...documents, ...mutations})) {
		visit(
			parse(text),
			visitWithTypeInfo(types, {
				Field(node) {
					const parent = types.getParentType()?.name ?? '';
					assert.ok(
						node.name.value === '__typename' ||
							(!closed.has(parent) && !closed.has(`${parent}.${node.name.value}`)),
						`${name}: ${parent}.${node.name.value}`,
					);
				},
			}),
		);
	}
});

test('a rule that asks for reviewers who could not be read asks somebody', async t => {
	const {github, simulator} = await bench(t, {
		...scenarioNamed('release'),
		environments: [{name: 'staging'}, {name: 'production', reviewers: ['mira-okafor']}],
	});
	simulator.faults.next(
		{
			kind: 'partial',
			path: ['repository', 'productionEnvironment', 'protectionRules', 'nodes', 0, 'reviewers', 'nodes', 0],
		},
		{match: {operation: 'Overview'}},
	);
	assert.deepEqual((await read(github)).facts.productionRules?.reviewers, ['somebody']);
});
