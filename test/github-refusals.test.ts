/** What GitHub refuses with, in the forms that its documentation and its users quote, over REST and over GraphQL. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readFailure} from '../source/commands/look/read.ts';
import type {ReadFailureKind} from '../source/core/github/facts.ts';
import {clipped, saidIn} from '../source/core/github/said.ts';
import {passes} from '../source/core/polling/read-kinds.ts';
import {exitCodes} from '../source/errors.ts';
import {classify, needsRest, refusalNamed} from '../source/github/failures/failures.ts';
import {fateOf, reasonOf} from '../source/github/http/mutation.ts';
import {refusals} from '../source/github/failures/refusals.ts';
import {type Evidence, type GraphqlError, Trouble} from '../source/github/failures/trouble.ts';

const now = Date.parse('2026-11-30T05:00:00Z');
const at = {now, skewMs: 0, host: 'github.com', repository: 'acme/app', token: 'ghp_0123456789abcdefghij'};
const escaped = (text: string) => text.replaceAll(/[.?/]/g, '\\$&');
type Headers = Record<string, string>;
const http = (status: number, body: object | string, headers: Headers = {}): Evidence => ({
	kind: 'http',
	status,
	headers,
	body: typeof body === 'string' ? body : JSON.stringify(body),
});
const gql = (error: Partial<GraphqlError> & {message: string}, headers: Headers = {}): Evidence => ({
	kind: 'errors',
	headers,
	errors: [error],
});
const scopesText =
	"Your token has not been granted the required scopes to execute this query. The 'combinedSlug' field requires one of the following scopes: ['read:org', 'read:discussion'], but your token has only been granted the: ['repo'] scopes. Please modify your token's scopes at: https://github.com/settings/tokens.";
const saml =
	'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.';
const sso = 'https://github.com/orgs/acme/sso?authorization_request=AZSCKL4K';
const lifetimeAddress = 'https://github.com/settings/personal-access-tokens/1234567';
const lifetime = `The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: ${lifetimeAddress}`;
const classic =
	'`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.';
const addresses =
	'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.';
const secondary =
	'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on scraping GitHub and how it may affect your rights, please review our Terms of Service.';

type Row = [
	refusal: string,
	evidence: Evidence,
	kind: ReadFailureKind,
	words: {because?: RegExp; next?: RegExp; retryInSeconds?: number | null},
];
const rows: Row[] = [
	[
		'secondary-limit',
		http(403, {message: secondary}, {'retry-after': '90'}),
		'secondary-limit',
		{retryInSeconds: 90},
	],
	[
		'secondary-limit',
		http(403, {
			message:
				'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
		}),
		'secondary-limit',
		{retryInSeconds: 60},
	],
	['secondary-limit', http(403, `<html><body>${secondary}</body></html>`), 'secondary-limit', {retryInSeconds: 60}],
	[
		'secondary-limit',
		http(422, {
			message: 'Validation Failed',
			errors: [{message: 'was submitted too quickly', resource: 'PullRequest', code: 'custom'}],
		}),
		'secondary-limit',
		{retryInSeconds: 60},
	],
	['secondary-limit', gql({message: secondary}, {'retry-after': '30'}), 'secondary-limit', {retryInSeconds: 30}],
	[
		'secondary-limit',
		gql({type: 'UNPROCESSABLE', path: ['createPullRequest'], message: 'was submitted too quickly'}),
		'secondary-limit',
		{because: /slow down/, retryInSeconds: 60},
	],
	[
		'primary-limit',
		http(
			403,
			{message: 'API rate limit exceeded for installation ID 1.'},
			{'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 1800)},
		),
		'rate-limited',
		{retryInSeconds: 1800},
	],
	[
		'primary-limit',
		gql(
			{type: 'RATE_LIMITED', message: 'API rate limit exceeded for user ID 1.'},
			{'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 1800)},
		),
		'rate-limited',
		{retryInSeconds: 1800},
	],
	[
		'primary-limit',
		gql({
			type: 'RATE_LIMIT',
			extensions: {code: 'graphql_rate_limit'},
			message: 'API rate limit already exceeded for user ID 1.',
		}),
		'rate-limited',
		{retryInSeconds: 60},
	],
	['slow-down', http(429, '<html><body>Too many requests</body></html>'), 'secondary-limit', {retryInSeconds: 60}],
	[
		'two-factor',
		http(401, {message: 'Must specify two-factor authentication OTP code.'}, {'x-github-otp': 'required; app'}),
		'unauthorised',
		{because: /second factor/, next: /gh auth login/},
	],
	['bad-token', http(401, {message: 'Bad credentials'}), 'unauthorised', {next: /gh auth login/}],
	[
		'too-many-wrong-tokens',
		http(403, {message: 'Maximum number of login attempts exceeded. Please try again later.'}),
		'unauthorised',
		{because: /wrong tokens/, next: /minutes/},
	],
	[
		'single-sign-on',
		http(
			403,
			{
				message:
					'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
			},
			{'x-github-sso': `required; url=${sso}`},
		),
		'forbidden',
		{next: new RegExp(`${escaped(sso)}$`)},
	],
	[
		'single-sign-on',
		gql(
			{type: 'FORBIDDEN', path: ['repository'], extensions: {saml_failure: true}, message: saml},
			{'x-github-sso': `required; url=${sso}`},
		),
		'forbidden',
		{next: new RegExp(`${escaped(sso)}$`)},
	],
	[
		'single-sign-on',
		gql({type: 'FORBIDDEN', path: ['repository'], extensions: {saml_failure: true}, message: saml}),
		'forbidden',
		{because: /single sign-on/, next: /https:\/\/github\.com\/settings\/tokens$/},
	],
	[
		'token-lifetime',
		http(403, {message: lifetime}),
		'forbidden',
		{because: /organisation acme.*366 days/, next: new RegExp(`${escaped(lifetimeAddress)}$`)},
	],
	[
		'token-lifetime',
		gql({type: 'FORBIDDEN', path: ['repository'], message: lifetime}),
		'forbidden',
		{next: new RegExp(`${escaped(lifetimeAddress)}$`)},
	],
	[
		'classic-forbidden',
		http(403, {message: classic}),
		'forbidden',
		{because: /acme accepts no classic tokens/, next: /fine-grained token/},
	],
	[
		'classic-forbidden',
		gql({type: 'FORBIDDEN', path: ['repository'], message: classic}),
		'forbidden',
		{next: /fine-grained token/},
	],
	[
		'fine-grained-forbidden',
		http(403, {message: '`acme` forbids access via a fine-grained personal access token.'}),
		'forbidden',
		{next: /classic one/},
	],
	[
		'fine-grained-forbidden',
		gql({
			type: 'FORBIDDEN',
			path: ['repository'],
			message: '`acme` forbids access via a fine-grained personal access token.',
		}),
		'forbidden',
		{because: /acme accepts no fine-grained/},
	],
	[
		'ip-allow-list',
		http(403, {message: addresses}),
		'forbidden',
		{because: /network address/, next: /Another token does not help/},
	],
	[
		'ip-allow-list',
		gql({type: 'FORBIDDEN', path: ['repository'], message: addresses}),
		'forbidden',
		{because: /organisation acme/, next: /VPN/},
	],
	[
		'suspended',
		http(403, {message: 'Sorry. Your account was suspended.'}),
		'forbidden',
		{because: /account is suspended/, next: /support\.github\.com$/},
	],
	[
		'suspended',
		http(403, {message: 'This installation has been suspended'}),
		'forbidden',
		{because: /installation/, next: /owner/},
	],
	[
		'suspended',
		gql({type: 'FORBIDDEN', message: 'Sorry. Your account was suspended.'}),
		'forbidden',
		{because: /account is suspended/},
	],
	[
		'archived',
		http(403, {message: 'Repository was archived so is read-only.'}),
		'forbidden',
		{because: /acme\/app is archived/, next: /github\.com\/acme\/app\/settings$/},
	],
	[
		'archived',
		gql({type: 'FORBIDDEN', path: ['createPullRequest'], message: 'Repository was archived so is read-only.'}),
		'forbidden',
		{because: /archived/},
	],
	[
		'actions-disabled',
		http(403, {message: 'Actions has been disabled for this repository'}),
		'forbidden',
		{because: /switched off/, next: /settings\/actions$/},
	],
	[
		'blocked',
		http(451, {
			message: 'Repository access blocked',
			block: {
				reason: 'dmca',
				created_at: '2025-01-01T00:00:00Z',
				html_url: 'https://github.com/github/dmca/blob/master/x.md',
			},
		}),
		'forbidden',
		{because: /blocked/, next: /dmca\/blob\/master\/x\.md$/},
	],
	[
		'blocked',
		http(403, {
			message: 'Repository access blocked',
			block: {reason: 'tos', created_at: '2025-01-01T00:00:00Z', html_url: null},
		}),
		'forbidden',
		{because: /blocked/, next: /support/},
	],
	[
		'blocked',
		gql({type: 'FORBIDDEN', path: ['repository'], message: 'Repository access blocked'}),
		'forbidden',
		{because: /blocked/},
	],
	[
		'scopes',
		gql({type: 'INSUFFICIENT_SCOPES', message: scopesText}),
		'forbidden',
		{
			because: /lacks the scope read:org or read:discussion; it has repo\./,
			next: /--scopes read:org.*https:\/\/github\.com\/settings\/tokens$/,
		},
	],
	[
		'scopes',
		http(404, {message: 'Not Found'}, {'x-oauth-scopes': 'gist, read:org', 'x-accepted-oauth-scopes': 'repo'}),
		'forbidden',
		{because: /lacks the scope repo; it has gist, read:org\./, next: /--scopes repo/},
	],
	[
		'scopes',
		http(
			403,
			{message: 'Must have admin rights to Repository.'},
			{'x-oauth-scopes': '', 'x-accepted-oauth-scopes': 'repo, repo:status'},
		),
		'forbidden',
		{because: /lacks the scope repo or repo:status; it has none\./},
	],
	[
		'workflow-scope',
		gql({
			type: 'FORBIDDEN',
			path: ['updateRefs'],
			message:
				'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope',
		}),
		'forbidden',
		{because: /ci\.yml/, next: /--scopes workflow/},
	],
	[
		'workflow-scope',
		http(422, {
			message:
				'refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission',
		}),
		'forbidden',
		{next: /Workflows: write/},
	],
	[
		'permission',
		http(
			403,
			{message: 'Resource not accessible by personal access token'},
			{'x-accepted-github-permissions': 'actions=read'},
		),
		'forbidden',
		{next: /actions=read$/},
	],
	[
		'permission',
		http(
			403,
			{message: 'Resource not accessible by integration'},
			{'x-accepted-github-permissions': 'statuses=write'},
		),
		'forbidden',
		{next: /the job under "permissions:".*statuses=write$/},
	],
	[
		'permission',
		gql({type: 'FORBIDDEN', path: ['suites', 0], message: 'Resource not accessible by integration'}),
		'forbidden',
		{because: /not accessible by integration/},
	],
	[
		'permission',
		http(
			403,
			'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n',
		),
		'forbidden',
		{because: /administrative rules/},
	],
	[
		'not-found',
		http(404, {message: 'Not Found', status: '404'}, {'x-oauth-scopes': 'repo', 'x-accepted-oauth-scopes': 'repo'}),
		'not-found',
		{because: /acme\/app/},
	],
	[
		'not-found',
		http(404, {message: 'Not Found'}, {'x-github-sso': 'partial-results; organizations=21955855,20582480'}),
		'not-found',
		{next: /single sign-on/},
	],
	[
		'not-found',
		gql(
			{
				type: 'NOT_FOUND',
				path: ['repository'],
				message: "Could not resolve to a Repository with the name 'acme/app'.",
			},
			{'x-oauth-scopes': 'gist'},
		),
		'not-found',
		{next: /needs the scope repo; the token has gist/},
	],
	[
		'api-version',
		http(400, {message: '"2022-11-28" is not a supported version. Supported versions: 2026-03-10'}),
		'refused',
		{next: /Update deployctl/},
	],
	[
		'api-version',
		http(410, {message: 'This API version is no longer supported'}),
		'refused',
		{next: /Update deployctl/},
	],
	[
		'empty-repository',
		http(409, {message: 'Git Repository is empty.'}),
		'refused',
		{because: /is empty/, next: /first commit/},
	],
	[
		'gone',
		http(410, {message: 'Artifact has expired'}),
		'refused',
		{because: /Artifact has expired/, next: /does not come back/},
	],
	[
		'statuses-full',
		http(422, {
			message: 'Validation Failed',
			errors: [
				{
					resource: 'Status',
					code: 'custom',
					field: 'context',
					message: 'This SHA and context has reached the maximum number of statuses.',
				},
			],
		}),
		'refused',
		{because: /1,000/, next: /newer commit/},
	],
	[
		'question-too-large',
		gql({
			type: 'RESOURCE_LIMITS_EXCEEDED',
			path: ['repository'],
			message: 'Resource limits for this query exceeded.',
		}),
		'server-error',
		{because: /too large/},
	],
	[
		'question-impossible',
		gql({
			type: 'MAX_NODE_LIMIT_EXCEEDED',
			message: 'This query requests up to 600,000 possible nodes which exceeds the maximum limit of 500,000.',
		}),
		'refused',
		{because: /600,000/, next: /report/},
	],
	[
		'maintenance',
		http(503, '<html>GitHub Enterprise is currently down for maintenance</html>'),
		'server-error',
		{because: /maintenance/},
	],
	[
		'overloaded',
		http(502, '<html><head><title>502 Bad Gateway</title></head></html>'),
		'server-error',
		{because: /502/},
	],
	[
		'overloaded',
		http(503, '<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title>'),
		'server-error',
		{because: /503/},
	],
	[
		'gave-up',
		gql({
			message:
				'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `0CCA:1` when reporting this issue.',
		}),
		'server-error',
		{because: /gave up/},
	],
	[
		'gave-up',
		gql({
			message:
				"We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists.",
		}),
		'server-error',
		{because: /gave up/},
	],
	[
		'invalid',
		http(422, {message: 'Validation Failed', errors: "Validation failed: Context can't be blank", status: '422'}),
		'refused',
		{because: /422: Validation Failed: Context can't be blank\./},
	],
	[
		'invalid',
		http(422, {message: 'Validation Failed', errors: ["Invalid target patterns: '~MAGIC'"]}),
		'refused',
		{because: /~MAGIC/},
	],
	[
		'invalid',
		http(422, {message: 'Validation Failed', errors: [{code: 'invalid', field: 'base', resource: 'PullRequest'}]}),
		'refused',
		{because: /base is invalid/},
	],
	[
		'invalid',
		http(422, {message: 'No commit found for SHA: deadbeef'}),
		'refused',
		{because: /deadbeef/, next: /does not help/},
	],
	[
		'invalid',
		gql({type: 'UNPROCESSABLE', path: ['mergePullRequest'], message: 'Pull Request is not mergeable'}),
		'refused',
		{because: /not mergeable/},
	],
	['error', http(500, {message: 'Server Error'}), 'server-error', {because: /500: Server Error/}],
	[
		'error',
		gql({type: 'INTERNAL', message: 'An internal error occurred'}),
		'server-error',
		{because: /internal error/},
	],
	[
		'rules',
		gql({type: 'UNPROCESSABLE', message: 'Repository rule violations found'}),
		'refused',
		{because: /rule violations/, next: /acme\/app\/rules/},
	],
	[
		'older-server',
		gql({message: "Field 'updateRefs' doesn't exist on type 'Mutation'", extensions: {code: 'undefinedField'}}),
		'refused',
		{because: /does not know/, next: /3\.16/},
	],
	['error', gql({type: 'SERVICE_UNAVAILABLE', message: 'Something is broken'}), 'server-error', {because: /broken/}],
	['error', http(408, {message: 'Request Timeout'}), 'server-error', {because: /408/}],
];

for (const [index, [name, evidence, kind, {because = /./, next, retryInSeconds = null}]] of rows.entries()) {
	test(`refusal ${index}: ${evidence.kind === 'http' ? `${evidence.status}` : 'GraphQL'}, ${name}`, () => {
		const failure = classify(evidence, at);
		assert.equal(refusalNamed(evidence, at), name);
		assert.equal(failure.kind, kind);
		assert.match(failure.because, because);
		assert.match(failure.because, /\.$/);
		assert.equal(failure.retryAt, retryInSeconds === null ? null : now + retryInSeconds * 1000);
		if (next !== undefined) assert.match(failure.next ?? '', next);
		// Whoever has to do something is told what; a command never says that it asks again.
		if (!passes(kind)) assert.ok((failure.next ?? '').length > 5);
		const {message, next: advice, exitCode} = readFailure({...failure, readAt: now, latencyMs: 0}, 'acme/app');
		assert.equal(exitCode, passes(kind) ? exitCodes.unreachable : exitCodes.notPermitted);
		assert.doesNotMatch(`${message} ${failure.because} ${advice}`, /asking again by|by itself|goes on/);
		if (passes(kind)) assert.match(advice ?? '', /Try again in/);
	});
}

test('every row of the table has an example here', () => {
	const shown = new Set(rows.map(([name]) => name));
	assert.deepEqual(
		refusals.map(({name}) => name).filter(name => !shown.has(name)),
		[],
	);
	assert.equal(new Set(refusals.map(({name}) => name)).size, refusals.length, 'each name once');
});

test('the content limit of mutations is no refusal, and a missing scope leads to REST', () => {
	const quick = new Trouble(
		gql({type: 'UNPROCESSABLE', path: ['createPullRequest'], message: 'was submitted too quickly'}),
	);
	assert.equal(fateOf(quick, at), 'unheard');
	assert.equal(
		fateOf(
			new Trouble(
				gql({type: 'UNPROCESSABLE', path: ['mergePullRequest'], message: 'Pull Request is not mergeable'}),
			),
			at,
		),
		'refused',
	);
	assert.equal(fateOf(new Trouble(gql({message: "We couldn't respond to your request in time."})), at), 'unknown');
	assert.equal(needsRest([{type: 'INSUFFICIENT_SCOPES', message: scopesText}]), true);
	assert.match(
		reasonOf(
			new Trouble(
				http(422, {
					message: 'Validation Failed',
					errors: [{code: 'missing_field', resource: 'Deployment', field: 'ref'}],
				}),
			),
			at,
		),
		/ref is missing/,
	);
});

test('an address that mends it is whole, however long the sentence before it', () => {
	const address = 'https://github.com/organizations/acme/settings/personal-access-tokens/1234567?with=a&long=query';
	for (const before of [10, 150, 185, 199, 200, 400]) {
		const text = clipped(`${'x'.repeat(before)} see ${address} for more of it${'.'.repeat(80)}`, 200);
		assert.ok(text.includes(address), `${before}: ${text}`);
		assert.ok(text.length < 200 + address.length + 3, `${before}: ${text.length}`);
	}
	assert.equal(
		clipped(`${'y'.repeat(300)} https://x.example/${'z'.repeat(1000)}`, 100).length,
		100,
		'but not a flood',
	);
	assert.equal(saidIn('<html>no</html>'), '');
	assert.equal(saidIn('{"message": "cut'), '');
});
