import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {ReadFailure} from '../source/core/github/facts.ts';
import {passes} from '../source/core/polling/read-kinds.ts';
import {classify, mask, needsRest} from '../source/github/failures/failures.ts';
import type {Evidence, GraphqlError} from '../source/github/failures/trouble.ts';

const now = Date.parse('2026-03-02T10:00:00Z');
const token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
const at = {now, skewMs: 0, host: 'github.com', repository: 'o/n', token};
const seconds = (count: number) => now + count * 1000;
const epoch = (milliseconds: number) => String(milliseconds / 1000);

const http = (status: number, body: string, headers: Record<string, string> = {}): Evidence => ({
	kind: 'http',
	status,
	body,
	headers,
});
const errors = (error: Partial<GraphqlError>, headers: Record<string, string> = {}): Evidence => ({
	kind: 'errors',
	headers,
	errors: [{message: 'no', ...error}],
});
const network = (code: string, message = code): Evidence => ({
	kind: 'network',
	error: new TypeError('fetch failed', {cause: Object.assign(new Error(message), {code})}),
});
const secondaryMessage = JSON.stringify({
	message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
});

type Row = [
	name: string,
	evidence: Evidence,
	kind: ReadFailure['kind'],
	expected?: {status?: number | null; retryAt?: number | null; because?: RegExp; next?: RegExp},
];
const table: Row[] = [
	[
		'502 with a web page',
		http(502, '<html>502 Bad Gateway</html>'),
		'server-error',
		{status: 502, retryAt: null, because: /502/},
	],
	[
		'504 as JSON',
		http(504, '{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}'),
		'server-error',
		{status: 504},
	],
	['500 with a message', http(500, '{"message":"Server Error"}'), 'server-error', {because: /Server Error/}],
	['503 with retry-after', http(503, '', {'retry-after': '30'}), 'server-error', {retryAt: seconds(30)}],
	[
		'200 timed out inside',
		errors({message: 'Something went wrong while executing your query. This may be the result of a timeout'}),
		'server-error',
		{status: 200},
	],
	[
		'RATE_LIMITED',
		errors({type: 'RATE_LIMITED'}, {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(seconds(900))}),
		'rate-limited',
		{status: 200, retryAt: seconds(900)},
	],
	[
		'RATE_LIMIT, the newer spelling, without headers',
		errors({type: 'RATE_LIMIT'}),
		'rate-limited',
		{retryAt: seconds(60)},
	],
	[
		'403 and nothing remains',
		http(403, '{"message":"API rate limit exceeded for user ID 1."}', {
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': epoch(seconds(120)),
		}),
		'rate-limited',
		{status: 403, retryAt: seconds(120)},
	],
	[
		'secondary limit, 403, without retry-after',
		http(403, secondaryMessage),
		'secondary-limit',
		{retryAt: seconds(60)},
	],
	[
		'secondary limit, 403, with retry-after',
		http(403, secondaryMessage, {'retry-after': '17'}),
		'secondary-limit',
		{retryAt: seconds(17)},
	],
	[
		'secondary limit, 429',
		http(429, '{}', {'retry-after': '5'}),
		'secondary-limit',
		{status: 429, retryAt: seconds(5)},
	],
	[
		'secondary limit, retry-after as a date',
		http(429, '{}', {'retry-after': 'Mon, 02 Mar 2026 10:02:00 GMT'}),
		'secondary-limit',
		{retryAt: seconds(120)},
	],
	[
		'secondary limit inside a 200',
		errors({message: 'You have exceeded a secondary rate limit.'}),
		'secondary-limit',
		{status: 200, retryAt: seconds(60)},
	],
	['401', http(401, '{"message":"Bad credentials"}'), 'unauthorised', {status: 401, next: /gh auth login/}],
	[
		'403, single sign-on',
		http(403, '{"message":"Resource protected by organization SAML enforcement."}', {
			'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?authorization_request=AZ',
		}),
		'forbidden',
		{next: /https:\/\/github\.com\/orgs\/acme\/sso\?authorization_request=AZ/},
	],
	[
		'403, a permission is missing',
		http(403, '{"message":"Resource not accessible by personal access token"}', {
			'x-accepted-github-permissions': 'actions=read',
		}),
		'forbidden',
		{next: /actions=read/},
	],
	['FORBIDDEN', errors({type: 'FORBIDDEN', message: 'Resource not accessible'}), 'forbidden', {status: 200}],
	['404', http(404, '{"message":"Not Found"}'), 'not-found', {because: /o\/n/}],
	[
		'NOT_FOUND',
		errors({type: 'NOT_FOUND', message: 'Could not resolve to a Repository'}),
		'not-found',
		{status: 200},
	],
	[
		'RESOURCE_LIMITS_EXCEEDED without data',
		errors({type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Resource limits for this query exceeded.'}),
		'server-error',
		{because: /too large/},
	],
	['ENOTFOUND', network('ENOTFOUND'), 'unreachable', {status: null, because: /name cannot be resolved/}],
	['ECONNREFUSED', network('ECONNREFUSED'), 'unreachable', {because: /refuses/}],
	[
		'ECONNREFUSED of several addresses',
		{
			kind: 'network',
			error: new TypeError('fetch failed', {
				cause: new AggregateError([Object.assign(new Error('connect'), {code: 'ECONNREFUSED'})]),
			}),
		},
		'unreachable',
		{because: /refuses/},
	],
	['ECONNRESET', network('ECONNRESET'), 'unreachable', {because: /broke off/}],
	['self-signed certificate', network('DEPTH_ZERO_SELF_SIGNED_CERT'), 'unreachable', {next: /NODE_EXTRA_CA_CERTS/}],
	[
		'unknown network error',
		network('EWHATEVER', 'cable\u001b[31m gone'),
		'unreachable',
		{because: /cable \[31m gone/},
	],
	['timeout', {kind: 'timeout', afterMs: 12_000}, 'timeout', {because: /12 s/}],
	[
		'redirect',
		{kind: 'redirect', status: 302, to: 'https://login.example/?x'},
		'unreachable',
		{because: /login\.example.*token is not sent/},
	],
	[
		'truncated JSON',
		{kind: 'malformed', status: 200, headers: {}, body: '{"data":{"rep'},
		'malformed',
		{status: 200},
	],
	[
		'a web page',
		{kind: 'malformed', status: 200, headers: {}, body: '<!doctype html>'},
		'malformed',
		{because: /web page/},
	],
	[
		'another shape',
		{kind: 'incomprehensible', error: new TypeError('x.map is not a function')},
		'malformed',
		{because: /x\.map/},
	],
];

for (const [name, evidence, kind, expected = {}] of table) {
	test(`failure: ${name}`, () => {
		const failure = classify(evidence, at);
		assert.equal(failure.kind, kind);
		for (const key of ['status', 'retryAt'] as const) {
			if (expected[key] !== undefined) {
				assert.equal(failure[key], expected[key], key);
			}
		}

		assert.match(failure.because, expected.because ?? /\.$/);
		assert.match(failure.next ?? '', expected.next ?? (passes(kind) ? /^/ : /./));
	});
}

test('times are by our clock: GitHub five minutes ahead', () => {
	const headers = {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(seconds(900))};
	assert.equal(classify(errors({type: 'RATE_LIMITED'}, headers), {...at, skewMs: 300_000}).retryAt, seconds(600));
	// The Date header has whole seconds only, which is no skew.
	assert.equal(classify(errors({type: 'RATE_LIMITED'}, headers), {...at, skewMs: -900}).retryAt, seconds(900));
});

test('no token, ours or another, ever appears in a message', () => {
	const body = JSON.stringify({
		message: `token ${token} and github_pat_11AAAAAAA0123456789_abcdef and Bearer abc.def`,
	});
	const text = JSON.stringify(classify(http(403, body), at));
	assert.doesNotMatch(text, /ghp_|github_pat_|abc\.def/);
	assert.equal(mask('secret-token-of-a-server', 'secret-token-of-a-server'), '[token]');
});

test('text of GitHub is cut and cleaned', () => {
	const failure = classify(http(403, JSON.stringify({message: `a\u0007\nb${'x'.repeat(1000)}`})), at);
	assert.ok(failure.because.length < 260);
	// eslint-disable-next-line no-control-regex
	assert.doesNotMatch(failure.because, /[\u0000-\u001F]/);
});

test('which errors send us to REST', () => {
	const cases: Array<[GraphqlError, boolean]> = [
		[
			{
				message: 'Resource not accessible by personal access token',
				type: 'FORBIDDEN',
				path: ['repository', 'staging', 'target', 'history', 'nodes', 0, 'checkSuites'],
			},
			true,
		],
		[{message: 'Resource not accessible by integration', type: 'FORBIDDEN', path: ['suites', 0]}, true],
		[{message: "Field 'file' doesn't exist on type 'WorkflowRun'", extensions: {code: 'undefinedField'}}, true],
		[{message: 'Could not resolve to a node', type: 'NOT_FOUND', path: ['workflows', 0]}, false],
		[
			{
				message: 'Resource limits for this query exceeded.',
				type: 'RESOURCE_LIMITS_EXCEEDED',
				path: ['repository'],
			},
			false,
		],
		[
			{message: 'Resource protected by organization SAML enforcement', type: 'FORBIDDEN', path: ['repository']},
			false,
		],
	];
	for (const [error, expected] of cases) {
		assert.equal(needsRest([error]), expected, error.message);
	}
});
