/**
THE table of what GitHub says no with: how each is known, what it means, and what mends it. Rows are tried from the top; the first that
fits is it. Whether asking again may help, and a command's exit code, follow from the kind (`core/polling/read-kinds.ts`). Pure.
Limits are told in seven ways: docs.github.com, "Rate limits and query limits for the GraphQL API", "Troubleshooting the REST API".
*/
import type {ReadFailureKind} from '../../core/github/facts.ts';
import {addressesIn} from '../../core/github/said.ts';
import {scopesIn} from '../../core/github/oauth-scopes.ts';
import {type Said, scopesOf, ssoAddress, whoRefuses} from './refusal-said.ts';
import {clean} from './values.ts';

/** `wait`: the seconds after which GitHub may be asked again where it does not say; absent: it is no limit. */
export type Refusal = {
	name: string;
	kind: ReadFailureKind;
	is(said: Said): boolean;
	because(said: Said): string;
	next?(said: Said): string | undefined;
	limit?: 'primary' | 'secondary';
};

const minutesAgain = 'Check it, then try again in some minutes.';
const isRefused = ({status, types}: Said): boolean => status === 403 || types.includes('FORBIDDEN');
const says =
	(pattern: RegExp) =>
	(said: Said): boolean =>
		pattern.test(said.text);
const refusedFor =
	(pattern: RegExp) =>
	(said: Said): boolean =>
		isRefused(said) && pattern.test(said.text);
const hasType =
	(pattern: RegExp) =>
	({types}: Said): boolean =>
		types.some(type => pattern.test(type));
const page = ({at: {host}}: Said, path: string): string => `https://${host}/${path}`;
const quoted = ({text}: Said, maximum = 200): string => clean(text, maximum);
const addressOr = (said: Said, path: string): string => addressesIn(said.text)[0] ?? page(said, path);

const inWords = (scopes: readonly string[], joiner: string): string => scopes.join(joiner);

function scopesBecause(said: Said): string {
	const {needed, given} = scopesOf(said)!;
	const has = given === null ? '' : given.length === 0 ? '; it has none' : `; it has ${inWords(given, ', ')}`;
	return needed.length === 0
		? `The token lacks a scope: ${quoted(said)}.`
		: `The token lacks the scope ${inWords(needed, ' or ')}${has}.`;
}

const scopesNext = (said: Said): string => {
	const {needed} = scopesOf(said)!;
	return `${needed.length === 0 ? 'Add it' : `Run gh auth refresh --scopes ${needed[0]}, or add the scope`} at ${addressOr(said, 'settings/tokens')}`;
};

/** What a token lacks that GitHub lets see nothing of a repository. */
function notFoundNext(said: Said): string {
	const {
		at: {repository},
		headers,
	} = said;
	const given = scopesIn(headers['x-oauth-scopes']);
	if (headers['x-github-sso'] !== undefined) {
		return `Check the name, and authorise the token for single sign-on at ${page(said, 'settings/tokens')}`;
	}

	const scopes =
		given !== null && !given.includes('repo')
			? ` A private repository needs the scope repo; the token has ${given.length === 0 ? 'none' : inWords(given, ', ')}.`
			: '';
	return `Check the name and that the token may read ${repository}.${scopes}`;
}

function permissionNext({
	headers,
	text,
	at: {needs = 'read access to Actions, Contents, Commit statuses and Deployments'},
}: Said): string {
	const permissions = headers['x-accepted-github-permissions'];
	const whose = /by integration/i.test(text) ? 'the App, or the job under "permissions:",' : 'the token';
	return permissions === undefined || permissions === ''
		? `Use a token with ${needs}.`
		: `Give ${whose} these permissions: ${permissions}`;
}

const statusSaid = (said: Said): string =>
	`GitHub answered ${said.status}${said.text === '' ? '' : `: ${quoted(said)}`}.`;
const remainsNothing = ({headers, status}: Said): boolean =>
	(status === 403 || status === 429) && headers['x-ratelimit-remaining'] === '0';
/** Somewhere on the way somebody ran out of patience: it is no answer to the question. */
const impatient: ReadonlySet<number> = new Set([408, 425, 499]);

const limits: readonly Refusal[] = [
	{
		// The content limit of mutations comes as a refusal of its own, of type UNPROCESSABLE.
		name: 'secondary-limit',
		kind: 'secondary-limit',
		limit: 'secondary',
		is: said =>
			[200, 403, 422, 429].includes(said.status) &&
			/secondary rate limit|abuse detection|submitted too quickly|blocked from content creation/i.test(said.text),
		because: () => 'GitHub asks us to slow down (secondary rate limit).',
	},
	{
		name: 'primary-limit',
		kind: 'rate-limited',
		limit: 'primary',
		is: said =>
			hasType(/^RATE_LIMIT(ED)?$/i)(said) ||
			remainsNothing(said) ||
			(said.status === 200 ? /API rate limit/i : /rate limit/i).test(
				[200, 403, 429].includes(said.status) ? said.text : '',
			),
		because: () => 'The hourly allowance of this GitHub account is used up.',
		next: () => 'It is shared with gh, editors and every other token of the account.',
	},
	{
		name: 'slow-down',
		kind: 'secondary-limit',
		limit: 'secondary',
		is: ({status, headers}) => status === 429 || (status === 403 && headers['retry-after'] !== undefined),
		because: () => 'GitHub asks us to slow down (secondary rate limit).',
	},
];

const whoAsks: readonly Refusal[] = [
	{
		name: 'two-factor',
		kind: 'unauthorised',
		is: ({status, headers}) => status === 401 && headers['x-github-otp'] !== undefined,
		because: ({at}) => `${at.host} wants a second factor: what was sent is a password, not a token.`,
		next: () => 'Sign in with "gh auth login", or set GH_TOKEN to a token.',
	},
	{
		name: 'bad-token',
		kind: 'unauthorised',
		is: ({status}) => status === 401,
		because: ({at}) => `${at.host} does not accept the token.`,
		next: () => 'Sign in again with "gh auth login", or set GH_TOKEN to a valid token.',
	},
	{
		name: 'too-many-wrong-tokens',
		kind: 'unauthorised',
		is: refusedFor(/number of login attempts/i),
		because: ({at}) => `${at.host} refuses for a while, because too many wrong tokens came from here.`,
		next: () => minutesAgain,
	},
	{
		name: 'single-sign-on',
		kind: 'forbidden',
		is: said =>
			said.isSaml ||
			ssoAddress(said) !== undefined ||
			(isRefused(said) &&
				(said.headers['x-github-sso'] !== undefined || /\bSAML\b|single sign-on/i.test(said.text))),
		because: () => 'The organisation wants this token to be authorised by single sign-on.',
		next: said => `Authorise it at ${ssoAddress(said) ?? page(said, 'settings/tokens')}`,
	},
	{
		name: 'token-lifetime',
		kind: 'forbidden',
		is: refusedFor(/token.*lifetime/i),
		because: said =>
			`${whoRefuses(said)} does not accept this token: it may live for ${/(?<!\d)(\d+ days)/.exec(said.text)?.[1] ?? 'a shorter time'} at most.`,
		next: said => `Shorten its lifetime at ${addressOr(said, 'settings/personal-access-tokens')}`,
	},
	{
		name: 'classic-forbidden',
		kind: 'forbidden',
		is: refusedFor(/forbids access via a personal access token \(classic\)/i),
		because: said => `${whoRefuses(said)} accepts no classic tokens.`,
		next: () => 'Use a fine-grained token, or the one of "gh auth login".',
	},
	{
		name: 'fine-grained-forbidden',
		kind: 'forbidden',
		is: refusedFor(/forbids access via a fine-grained/i),
		because: said => `${whoRefuses(said)} accepts no fine-grained tokens.`,
		next: () => 'Use the token of "gh auth login", or a classic one with the scope repo.',
	},
	{
		name: 'ip-allow-list',
		kind: 'forbidden',
		is: refusedFor(/IP (?:address|allow list)/i),
		because: said => `${whoRefuses(said)} does not allow the network address that you ask from.`,
		next: () =>
			'Ask from an allowed network (VPN, office), or have an owner allow this address. Another token does not help.',
	},
	{
		name: 'suspended',
		kind: 'forbidden',
		is: refusedFor(/suspended/i),
		because: said =>
			/installation/i.test(said.text)
				? 'The installation of this GitHub App is suspended.'
				: 'This GitHub account is suspended.',
		next: said =>
			/installation/i.test(said.text)
				? 'Ask an owner of the organisation to unsuspend it.'
				: 'Ask GitHub at https://support.github.com',
	},
];

const whatIsAsked: readonly Refusal[] = [
	{
		name: 'archived',
		kind: 'forbidden',
		is: refusedFor(/archived/i),
		because: ({at}) => `${at.repository} is archived: nothing can be written to it, and no workflow runs.`,
		next: said => `Unarchive it at ${page(said, `${said.at.repository}/settings`)}`,
	},
	{
		name: 'actions-disabled',
		kind: 'forbidden',
		is: said =>
			[403, 409, 422].includes(said.status) && /Actions (?:has|have|is|are)[\w ]* disabled/i.test(said.text),
		because: ({at}) => `GitHub Actions is switched off for ${at.repository}.`,
		next: said => `Switch it on at ${page(said, `${said.at.repository}/settings/actions`)}`,
	},
	{
		name: 'blocked',
		kind: 'forbidden',
		is: said => said.status === 451 || refusedFor(/access blocked/i)(said),
		because: ({at}) => `GitHub has blocked ${at.repository}.`,
		next: ({block}) =>
			block === null
				? 'Its owner finds the reason in a message of GitHub, or asks at https://support.github.com'
				: `Why stands at ${block}`,
	},
	{
		// Git's own words, wherever a branch is to move to commits that change a workflow.
		name: 'workflow-scope',
		kind: 'forbidden',
		is: says(/refusing to allow .* workflow/i),
		because: said =>
			`GitHub refuses, because what is to go there changes a workflow, which this token may not: ${quoted(said)}.`,
		next: said =>
			/permission/i.test(said.text)
				? 'Give the token the permission Workflows: write.'
				: `Run gh auth refresh --scopes workflow, or add the scope workflow at ${page(said, 'settings/tokens')}`,
	},
	{name: 'scopes', kind: 'forbidden', is: said => scopesOf(said) !== null, because: scopesBecause, next: scopesNext},
	{
		name: 'rules',
		kind: 'refused',
		is: said => [200, 403, 409, 422].includes(said.status) && aboutRules.test(said.text),
		because: said => `GitHub refuses: ${quoted(said)}.`,
		next: said => `Look at the rules for branches, tags and refs at ${page(said, `${said.at.repository}/rules`)}`,
	},
	{
		name: 'older-server',
		kind: 'refused',
		is: said =>
			said.status === 200 &&
			(said.types.includes('undefinedField') || /^Field '\w+' doesn't exist on type 'Mutation'/.test(said.text)),
		because: ({at, text}) => `${at.host} does not know how to do that: ${clean(text, 200)}.`,
		next: () => 'GitHub Enterprise Server has to be 3.16 or newer.',
	},
	{
		name: 'permission',
		kind: 'forbidden',
		is: isRefused,
		because: said => `GitHub refuses: ${quoted(said) || 'access is forbidden'}.`,
		next: permissionNext,
	},
	{
		name: 'not-found',
		kind: 'not-found',
		is: said => said.status === 404 || said.types.includes('NOT_FOUND'),
		because: ({at}) => `${at.host} knows no repository ${at.repository}, or this token may not see it.`,
		next: notFoundNext,
	},
	{
		name: 'api-version',
		kind: 'refused',
		is: said => (said.status === 400 || said.status === 410) && /supported version|API version/i.test(said.text),
		because: ({at, text}) =>
			`${at.host} does not speak this version of GitHub's API any more${text === '' ? '' : `: ${clean(text)}`}.`,
		next: () => 'Update deployctl.',
	},
	{
		name: 'empty-repository',
		kind: 'refused',
		is: said => said.status === 409 && /is empty/i.test(said.text),
		because: ({at}) => `${at.repository} is empty.`,
		next: () => 'Push a first commit.',
	},
	{
		name: 'gone',
		kind: 'refused',
		is: ({status}) => status === 410,
		because: statusSaid,
		next: () => 'It does not come back: asking again does not help.',
	},
	{
		name: 'statuses-full',
		kind: 'refused',
		is: says(/maximum number of statuses/i),
		because: () => 'This commit has all the statuses of that name that GitHub keeps for one (1,000).',
		next: () => 'Go on with a newer commit.',
	},
];

const itself: readonly Refusal[] = [
	{
		name: 'question-too-large',
		kind: 'server-error',
		is: hasType(/^RESOURCE_LIMITS_EXCEEDED$/i),
		because: said => `GitHub found the question too large: ${quoted(said)}.`,
	},
	{
		name: 'question-impossible',
		kind: 'refused',
		is: hasType(/^MAX_NODE_LIMIT_EXCEEDED$/i),
		because: said => `GitHub found the question too large: ${quoted(said)}.`,
		next: () => 'That is a fault of deployctl: please report it.',
	},
	{
		name: 'maintenance',
		kind: 'server-error',
		is: said => said.status === 503 && /maintenance/i.test(said.text),
		because: ({at}) => `${at.host} is down for maintenance.`,
	},
	{
		name: 'overloaded',
		kind: 'server-error',
		is: ({status}) => [502, 503, 504].includes(status),
		because: ({status}) => `GitHub answered ${status}: it is overloaded or took longer than it allows itself.`,
	},
	{
		name: 'gave-up',
		kind: 'server-error',
		is: said => said.status === 200 && gaveUp.test(said.text),
		because: () => 'GitHub gave up while answering; such answers are usually short-lived.',
	},
	{
		name: 'invalid',
		kind: 'refused',
		is: said =>
			(said.status >= 400 && said.status < 500 && !impatient.has(said.status)) ||
			said.types.some(type => type === 'UNPROCESSABLE'),
		because: said => (said.status === 200 ? `GitHub refuses: ${quoted(said)}.` : statusSaid(said)),
		next: () => 'Look at what GitHub says: asking again does not help.',
	},
	{
		name: 'error',
		kind: 'server-error',
		is: () => true,
		because: said =>
			said.status === 200
				? `GitHub answered with an error: ${quoted(said) || 'no reason given'}.`
				: statusSaid(said),
	},
];

/** What rulesets and branch protection refuse with, in the words of several of GitHub's doors. */
export const aboutRules =
	/protected branch|rule violation|ruleset|through a pull request|merge queue|status check|approving review|GH006|GH013|not authorized to push|cannot update this protected/i;

/** GraphQL broke off while it answered: whether a mutation went through is not known. */
export const gaveUp = /something went wrong|timeout|couldn't respond/i;

export const refusals: readonly Refusal[] = [...limits, ...whoAsks, ...whatIsAsked, ...itself];

export const refusalFor = (said: Said): Refusal => refusals.find(({is}) => is(said))!;
