import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {parse, validate} from 'graphql';
import {generateTypes, officialSchema} from '../.ci/generate-types.ts';
import {documents, limits, mutations} from '../source/github/queries/documents.ts';
import {queryCost} from './helpers/query-cost.ts';

const schema = officialSchema();
const ids = (count: number) => Array.from({length: count}, (_, index) => `id${index}`);

const largest = {
	overview: {
		commits: limits.commits,
		suites: limits.suites,
		others: ['qa'],
		hasOthers: true,
		workflows: ids(limits.workflows),
		waiting: ids(limits.waiting),
		hasWaiting: true,
	},
	active: {
		hasCommit0: true,
		hasCommit1: true,
		hasCommit2: true,
		commitSuites: limits.suites,
		suites: ids(limits.activeSuites),
		hasSuites: true,
		workflows: ids(limits.workflows),
		waiting: ids(limits.waiting),
		hasWaiting: true,
		hot: ids(limits.hotJobs),
		hasHot: true,
	},
	commitSuites: {commits: ids(4)},
	suiteJobs: {suite: 'id'},
	suiteWaits: {waiting: ids(limits.waiting)},
	pull: {number: 1},
	openPulls: {head: 'promotion', base: 'main'},
} as const satisfies Record<keyof typeof documents, Record<string, unknown>>;

for (const [name, text] of Object.entries(documents)) {
	test(`${name} is valid against GitHub's official schema`, () => {
		assert.deepEqual(
			validate(schema, parse(text)).map(({message}) => message),
			[],
		);
	});

	test(`${name} is one point at the largest variables that we use`, () => {
		const {requests, points, nodes} = queryCost(schema, text, largest[name as keyof typeof documents]);
		assert.ok(requests <= 100, `${requests} counted requests`);
		assert.equal(points, 1);
		assert.ok(nodes < 50_000, `${nodes} nodes`);
	});
}

for (const [name, text] of Object.entries(mutations)) {
	test(`${name} is valid against GitHub's official schema, and its field has its name`, () => {
		assert.deepEqual(
			validate(schema, parse(text)).map(({message}) => message),
			[],
		);
		assert.match(text, new RegExp(`^mutation \\w+\\([^)]*\\) \\{\\n\\t${name}\\(`));
	});
}

test('no variable has a name that octokit keeps for itself', () => {
	for (const text of [...Object.values(documents), ...Object.values(mutations)])
		assert.doesNotMatch(text, /\$(?:query|method|url|baseUrl|headers|request|mediaType|operationName)\b/);
});

test('the calculator reproduces both examples that GitHub publishes', () => {
	const comments = 'comments(first: 10) {nodes {body}}';
	const shallow = `{viewer {repositories(first: 50) {nodes {pullRequests(first: 20) {nodes {${comments}}} issues(first: 20) {nodes {${comments}}}}} followers(first: 10) {nodes {login}}}}`;
	assert.equal(queryCost(schema, shallow, {}).nodes, 22_060);
	const deep =
		'{viewer {repositories(first: 100) {nodes {issues(first: 50) {nodes {labels(first: 60) {nodes {name}}}}}}}}';
	assert.equal(queryCost(schema, deep, {}).requests, 5101);
});

test('the types are those of the documents: npm run generate', async () => {
	assert.equal(
		readFileSync(new URL('../source/github/queries/documents.generated.ts', import.meta.url), 'utf8'),
		await generateTypes(schema),
	);
});
