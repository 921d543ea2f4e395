/** What is not written, and why: the advice is that of the refusal's kind, and what is only a limit is waited out or asked again. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {createConnection} from '../source/github/http/connection.ts';
import {remoteLocks} from '../source/github/branches/locks.ts';
import {remotePins} from '../source/github/branches/pins.ts';
import {productionRuns} from '../source/github/runs/promotion-runs.ts';
import {operationRecords} from '../source/github/people/records.ts';
import {remoteSignOffs} from '../source/github/people/sign-offs.ts';
import {postWord} from '../source/reporter/post.ts';
import type {Word} from '../source/reporter/schedule.ts';
import {lockOf, writing} from './helpers/git-hub-writes.ts';
import {operationOf} from './helpers/operation.ts';

type Said = {status?: number; body: object; headers?: Record<string, string>};
const graphql = (message: string, type = 'FORBIDDEN', code?: string): Said => ({
	body: {
		data: {updateRefs: null},
		errors: [{type, message, path: ['updateRefs'], ...(code !== undefined && {extensions: {code}})}],
	},
});
const scopes =
	"Your token has not been granted the required scopes to execute this query. The 'updateRefs' field requires one of the following scopes: ['repo'], but your token has only been granted the: ['gist'] scopes.";
const sso = {'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?authorization_request=A1'};

/** Writes get this answer, reads are the simulator's. */
const refusing = async (
	t: TestContext,
	{status = 200, body, headers = {}}: Said,
	isWrite: (body: string, method: string) => boolean,
) => {
	const bench = await writing(t);
	const fetch: typeof globalThis.fetch = async (input, init) => {
		const isMeant = isWrite(typeof init?.body === 'string' ? init.body : '', init?.method ?? 'GET');
		return isMeant ? new Response(JSON.stringify(body), {status, headers}) : globalThis.fetch(input, init);
	};
	return {bench, connection: createConnection({...bench.options(), fetch})};
};
const updatesRefs = (body: string) => body.includes('mutation UpdateRefs(');
const posts = (_: string, method: string) => method === 'POST';

const refs: ReadonlyArray<[name: string, said: Said, next: RegExp]> = [
	['a missing scope', graphql(scopes, 'INSUFFICIENT_SCOPES'), /gh auth refresh --scopes repo/],
	[
		'a missing permission',
		{
			...graphql('Resource not accessible by personal access token'),
			headers: {'x-accepted-github-permissions': 'contents=write'},
		},
		/these permissions: contents=write/,
	],
	[
		'workflows',
		graphql(
			'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/a.yml` without `workflow` scope',
		),
		/--scopes workflow/,
	],
	[
		'an archived repository',
		graphql('Repository was archived so is read-only.'),
		/Unarchive it at https:\/\/github\.com\/acme\/auto-author\/settings/,
	],
	[
		'single sign-on',
		{...graphql('Resource protected by organization SAML enforcement.'), headers: sso},
		/Authorise it at https:\/\/github\.com\/orgs\/acme\/sso/,
	],
	[
		'rules',
		graphql(
			'Repository rule violations found\n\nCannot create ref due to creations being restricted.',
			'UNPROCESSABLE',
		),
		/rules for branches, tags and refs at https:\/\/github\.com\/acme\/auto-author\/rules/,
	],
	[
		'an older server',
		{
			body: {
				errors: [
					{
						message: "Field 'updateRefs' doesn't exist on type 'Mutation'",
						extensions: {code: 'undefinedField'},
					},
				],
			},
		},
		/3\.16 or newer/,
	],
	['something else', graphql('Reference name is odd', 'UNPROCESSABLE'), /Look at what GitHub says/],
];

for (const [name, said, next] of refs) {
	test(`a lock and a pin that are refused for ${name} say what mends that, and nothing else`, async t => {
		const {bench, connection} = await refusing(t, said, updatesRefs);
		const pin = {environment: 'production', release: 'v1', sha: null, by: 'kim', because: 'x', at: 1};
		for (const answer of [
			await remoteLocks(connection).take(lockOf(bench.clock.now())),
			await remotePins(connection).put(pin),
		]) {
			assert.ok(!answer.ok && answer.kind === 'not-permitted', JSON.stringify(answer));
			assert.match(answer.next, next);
			if (name !== 'rules') assert.doesNotMatch(answer.next, /rules/);
		}
	});
}

const quick = {message: 'Validation Failed', errors: [{message: 'was submitted too quickly', code: 'custom'}]};
const notes: ReadonlyArray<[name: string, said: Said, kind: string, next: RegExp]> = [
	['the content limit', {status: 422, body: quick}, 'unreachable', /Try again in 1m/],
	[
		'a missing scope',
		{
			status: 404,
			body: {message: 'Not Found'},
			headers: {'x-oauth-scopes': 'gist', 'x-accepted-oauth-scopes': 'repo'},
		},
		'not-permitted',
		/--scopes repo/,
	],
	[
		'an archived repository',
		{status: 403, body: {message: 'Repository was archived so is read-only.'}},
		'not-permitted',
		/Unarchive it/,
	],
	[
		'a full commit',
		{
			status: 422,
			body: {
				message: 'Validation Failed',
				errors: ['This SHA and context has reached the maximum number of statuses.'],
			},
		},
		'refused',
		/newer commit/,
	],
	[
		'a commit that GitHub does not have',
		{status: 422, body: {message: 'No ref found for: x'}},
		'refused',
		/is on GitHub/,
	],
];

for (const [name, said, kind, next] of notes) {
	test(`a record and a sign-off that are refused for ${name}`, async t => {
		const {bench, connection} = await refusing(t, said, posts);
		const sha = bench.simulator.simulation.sha('comments');
		const record = await operationRecords(connection).publish({
			operation: operationOf({sha}),
			journalHead: 'a'.repeat(64),
			environmentUrl: null,
		});
		for (const answer of [
			record,
			await remoteSignOffs(connection).sign({sha, name: 'qa', given: true, note: null}),
		]) {
			assert.ok(!answer.ok && answer.kind === kind, JSON.stringify(answer));
			assert.match(answer.next, next);
		}
		assert.equal(!record.ok && 'retryAt' in record && record.retryAt !== null, name === 'the content limit');
	});
}

test('a run that may not be cancelled for want of a scope is not "no run"', async t => {
	const {connection} = await refusing(
		t,
		{
			status: 404,
			body: {message: 'Not Found'},
			headers: {'x-oauth-scopes': 'gist', 'x-accepted-oauth-scopes': 'repo'},
		},
		posts,
	);
	const answer = await productionRuns(connection).cancelRun(1);
	assert.ok(
		!answer.ok && answer.kind === 'not-permitted' && /lacks the scope repo/.test(answer.because),
		JSON.stringify(answer),
	);
});

const target = {statusesUrl: 'http://127.0.0.1:1/statuses/x', runUrl: 'http://127.0.0.1:1/run', token: 'sim_workflow'};
const post = async (status: number, body: unknown) =>
	postWord(
		async () => new Response(JSON.stringify(body), {status}),
		target,
		'',
		{kind: 'progress', state: 'success', description: '1/1', failed: 0} as unknown as Word,
		() => 0,
	);

test("the reporter tells GitHub's reason in every form that it comes in", async () => {
	for (const errors of [
		["Context can't be blank"],
		"Validation failed: Context can't be blank",
		[{resource: 'Status', code: 'custom', message: "Context can't be blank"}],
	]) {
		const {outcome, because} = await post(422, {message: 'Validation Failed', errors});
		assert.equal(because, "GitHub answered 422: Validation Failed: Context can't be blank", JSON.stringify(errors));
		assert.equal(outcome.kind, 'never');
	}
	assert.equal((await post(422, quick)).outcome.kind, 'later');
});
