/** The address that GitHub names with a refusal reaches the operator whole, on every way; `o` and `y` take it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {ReadFailure} from '../source/core/github/facts.ts';
import {ssoAddress} from '../source/github/failures/refusal-said.ts';
import {addressInView} from '../source/state/questions/select.ts';
import type {State} from '../source/state/model/state.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {picture} from '../source/ui/picture.ts';
import {wrap} from '../source/ui/lines/text.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {openApp} from './helpers/app.ts';
import {fronted} from './helpers/fronted-github.ts';
import {run} from './helpers/program.ts';

/** As long as GitHub's are. */
const sso = `https://github.com/orgs/acme/sso?authorization_request=${'AZSCKL4K'.repeat(18)}`;
const saml =
	'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.';
const addresses =
	'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.';

const refusing =
	(message: string, headers: Record<string, string>, extensions: object = {}) =>
	(
		asked: {url?: string | undefined},
		answer: {writeHead(status: number, headers: Record<string, string>): {end(text: string): void}},
	): boolean => {
		const isGraphql = asked.url?.endsWith('/graphql') === true;
		answer.writeHead(isGraphql ? 200 : 403, {'content-type': 'application/json', ...headers}).end(
			JSON.stringify(
				isGraphql
					? {
							data: {repository: null},
							errors: [{type: 'FORBIDDEN', path: ['repository'], message, extensions}],
						}
					: {message},
			),
		);
		return true;
	};

const commands = [
	['status'],
	['status', '--json'],
	['gate', '--sha', 'a'.repeat(40)],
	['logs', '--failed'],
	['watch', '--until', 'fast'],
	['doctor', '--only', 'token,repository'],
	['doctor', '--json', '--only', 'token'],
];

test('single sign-on: every command names the address whole, and no other token', async t => {
	const {env, home} = await fronted(
		t,
		refusing(saml, {'x-github-sso': `required; url=${sso}`}, {saml_failure: true}),
	);
	for (const args of commands) {
		const {exitCode, stdout, stderr} = await run(args, {env, cwd: home});
		const said = stdout + stderr;
		assert.ok(said.includes(sso), `${args.join(' ')}: ${said}`);
		assert.doesNotMatch(said, /Use a token with/, args.join(' '));
		if (args[0] !== 'doctor') assert.equal(exitCode, 4, args.join(' '));
	}
});

test('an IP allow list: no command asks for another token', async t => {
	const {env, home} = await fronted(t, refusing(addresses, {}));
	for (const args of commands) {
		const {stdout, stderr} = await run(args, {env, cwd: home});
		const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
		assert.match(said, /organisation acme does not allow the network address that you ask from/, args.join(' '));
		assert.match(said, /Another token does not help/, args.join(' '));
	}
});

const failure: ReadFailure = {
	kind: 'forbidden',
	because: 'The organisation wants this token to be authorised by single sign-on.',
	next: `Authorise it at ${sso}`,
	status: 403,
	retryAt: null,
	readAt: 0,
	latencyMs: 1,
};
const refused = (state: State): State => ({...state, poll: {...state.poll, failures: 1, failure}});
const shown = (state: State) => screenText(picture(state, lookOf(state.preferences, 'dark', state.frame)));

test('the screen wraps it at any width, and o and y take it', async t => {
	const app = await openApp({scenario: 'quiet'}, t);
	await app.settled();
	for (const columns of [60, 80, 120, 200]) {
		const state = refused({...app.state(), columns, rows: 24});
		const screen = shown(state);
		assert.ok(screen.replaceAll(/\s+/g, '').includes(sso), `${columns}:\n${screen}`);
		assert.match(screen.replaceAll(/\s+/g, ' '), /o opens it, y copies it\./);
		assert.ok(screen.split('\n').every(line => line.length <= columns));
		assert.deepEqual(addressInView(state), {url: sso, what: 'the page that GitHub names'});
		assert.ok(linearLines(state).join(' ').includes(sso));
	}
	const passing: State = {
		...app.state(),
		poll: {...app.state().poll, failures: 1, failure: {...failure, kind: 'timeout'}},
	};
	assert.notEqual(addressInView(passing)?.url, sso, 'what passes by itself needs no page');
});

test('addresses go on in the next line, other long words are cut', () => {
	assert.deepEqual(wrap('Look at https://a.example/0123456789 now', 16), [
		'Look at',
		'https://a.exampl',
		'e/0123456789 now',
	]);
	assert.deepEqual(wrap('0123456789', 5), ['0123…']);
});

test('nothing but an address is taken from the header', () => {
	const said = (text: string) =>
		ssoAddress({headers: {'x-github-sso': text}} as unknown as Parameters<typeof ssoAddress>[0]);
	assert.equal(said(`required; url=${sso}`), sso);
	assert.equal(said('required; url=https://x.example/a\u009B31m'), 'https://x.example/a');
	assert.equal(said('partial-results; organizations=1,2'), undefined);
});
