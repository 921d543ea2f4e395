/** Token and server: who we are to GitHub, what we may, how long, and whether its clock is ours. */
import {duration} from '../../core/text/duration.ts';
import {type Permission, permissionTitles} from '../../core/github/needs.ts';
import {commandsBeyond, commandsWithout} from '../../github/token-needs.ts';
import {sayingIn, listed} from '../model/findings.ts';
import type {Finding, GitHubReading, Read, Readings, RepositoryReading} from '../model/model.ts';

const say = sayingIn('token');
const day = 86_400_000;

const kinds = {
	classic: 'a classic token',
	'fine-grained': 'a fine-grained token',
	oauth: "a token of an OAuth app, like gh's",
	app: 'a token of a GitHub App',
	actions: 'the token of a workflow',
	other: 'a token of a form that we do not know',
} as const;

const present = ({token, host}: Readings): Finding =>
	token.ok
		? say('ok', 'present', `The token for ${host} comes from ${token.value.source}: ${kinds[token.value.kind]}`)
		: token.kind === 'not-asked'
			? say('unknown', 'present', 'The token was not looked for', {why: token.because})
			: say('error', 'present', token.because, {
					why: 'Without a token nothing of GitHub can be seen or steered.',
					how: token.next,
				});

const reachable = ({github, host}: Readings): Finding | null => {
	if (github === null || github.repository.ok)
		return github === null ? null : say('ok', 'reachable', `${host} answers`);
	const {kind, because, next} = github.repository;
	if (kind === 'not-asked') return say('unknown', 'reachable', 'GitHub was not asked', {why: because});
	return kind === 'unreachable'
		? say('error', 'reachable', 'GitHub cannot be read', {why: because, how: next})
		: say('error', 'reachable', 'The repository is not shown to this token', {
				why: because,
				how:
					next ??
					'Check the name of the repository, and give the token access to it. Where the organisation uses single sign-on, authorise the token for it.',
			});
};

/** Every answer of GitHub within, however deep. */
const failuresIn = (value: unknown): ReadonlyArray<Extract<Read<unknown>, {ok: false}>> => {
	if (typeof value !== 'object' || value === null) return [];
	return 'ok' in value && value.ok === false
		? [value as Extract<Read<unknown>, {ok: false}>]
		: Object.values(value).flatMap(failuresIn);
};

const isPermission = (name: string): name is Permission => Object.hasOwn(permissionTitles, name);

/** What GitHub itself named when it refused a reading (x-accepted-github-permissions), and what cannot be done without it; worst first. */
const lacking = (github: GitHubReading) => {
	const said = failuresIn(github)
		.filter(({kind}) => kind === 'not-permitted')
		.flatMap(({next}) => [...(next ?? '').matchAll(/\b([a-z_]+)=(read|write)\b/g)]);
	const names = [...new Set(said.map(([, name = '']) => name))].filter(isPermission);
	return names
		.map(name => ({name, commands: commandsWithout(name)}))
		.filter(({commands}) => commands.length > 0)
		.toSorted((a, b) => b.commands.length - a.commands.length);
};

/** Of tokens with permissions: writing is known only when it is tried. */
const ownPermissions = (github: GitHubReading): Finding => {
	const found = lacking(github);
	if (found.length === 0) return say('ok', 'scopes', 'The token has permissions of its own instead of scopes');
	return say(
		'error',
		'scopes',
		`The token lacks ${found.map(({name}) => `${permissionTitles[name]}: read`).join(', ')}`,
		{
			why: found
				.map(
					({name, commands}) =>
						`Without ${permissionTitles[name]} these do not work: ${listed(commands, 20)}.`,
				)
				.join(' '),
			how: 'Give the token these permissions; docs/tokens.md lists what each command needs, and doctor --probe tries out the lock.',
		},
	);
};

/** Classic scopes and what they are for. */
const scopes = ({scopes: given, permissions}: RepositoryReading, github: GitHubReading): Finding => {
	if (given === null) return ownPermissions(github);
	const missing = [...(given.includes('repo') ? [] : ['repo']), ...(given.includes('workflow') ? [] : ['workflow'])];
	if (missing.length === 0) return say('ok', 'scopes', `The token has the scopes ${listed(given, 8)}`);
	const isNeeded = missing.includes('repo') && permissions?.push !== false;
	return say(isNeeded ? 'error' : 'warning', 'scopes', `The token lacks the scope ${missing.join(' and ')}`, {
		why: isNeeded
			? `Without repo, these do not work with a private repository: ${listed(commandsBeyond(given), 20)}.`
			: 'Without workflow, a promotion whose commits change a workflow is refused by GitHub.',
		how: `gh auth refresh --scopes ${missing.join(',')}; or give the token the scope.`,
	});
};

const permission = ({permissions, isArchived}: RepositoryReading): Finding => {
	if (isArchived)
		return say('error', 'permission', 'The repository is archived', {
			why: 'Nothing can be written to it, and no workflow runs.',
			how: 'Unarchive it in its settings.',
		});
	if (permissions === null)
		return say('unknown', 'permission', 'What you may do in the repository is not known', {
			why: 'GitHub did not say.',
		});
	if (!permissions.push)
		return say('warning', 'permission', 'You may only look at this repository', {
			why: 'Deploying, promoting, signing off and re-running need write access.',
			how: 'Ask an administrator for write access, or go on with --read-only.',
		});
	return say(
		'ok',
		'permission',
		permissions.admin ? 'You administer the repository' : 'You may write to the repository',
	);
};

const checks = ({token}: Readings, {checks: read}: GitHubReading): Finding => {
	if (read.ok) return say('ok', 'checks', 'Check runs can be read');
	if (read.kind === 'not-permitted') {
		return say('note', 'checks', 'This token may not read check runs, so that jobs are read over REST', {
			why: `${token.ok && token.value.kind === 'fine-grained' ? 'Fine-grained tokens have no such permission. ' : ''}It costs more requests, and annotations stay unknown.`,
			how: 'A classic token with the scope repo, or the one of gh auth login, can read them.',
		});
	}
	return say('unknown', 'checks', 'Whether check runs can be read is not known', {why: read.because});
};

const rate = ({rate: left, serverVersion}: RepositoryReading, now: number): Finding => {
	if (left === null)
		return say(
			'ok',
			'rate',
			serverVersion === null ? 'GitHub says nothing of a limit' : "This server limits nobody's requests",
		);
	const share = left.remaining / Math.max(1, left.limit);
	const words = `${left.remaining} of ${left.limit} requests are left for ${duration(Math.max(0, Math.round((left.resetAt - now) / 1000)))}`;
	return share >= 0.2
		? say('ok', 'rate', words)
		: say(share < 0.02 ? 'error' : 'warning', 'rate', words, {
				why: 'The allowance is shared with gh, editors and every other token of the account; below it the screen slows down, and at nothing it stops.',
				how: 'See what else asks GitHub as you, or wait for the reset.',
			});
};

const server = ({serverVersion}: RepositoryReading, host: string): Finding => {
	if (serverVersion === null) return say('ok', 'server', `${host} is run by GitHub`);
	const [major, minor] = serverVersion.split('.').map(Number);
	return (major ?? 0) > 3 || ((major ?? 0) === 3 && (minor ?? 0) >= 16)
		? say('ok', 'server', `GitHub Enterprise Server ${serverVersion}`)
		: say('warning', 'server', `GitHub Enterprise Server ${serverVersion} is older than 3.16`, {
				why: 'The lock and the promotion need the mutation updateRefs, which is known from 3.16 on.',
				how: 'Ask for an update of the server; until then promote with promotion.strategy: pull-request.',
			});
};

const clock = ({skewMs}: RepositoryReading): Finding => {
	if (skewMs === null)
		return say('unknown', 'clock', 'How far this clock is off is not known', {why: "GitHub's answer had no date."});
	const seconds = Math.round(Math.abs(skewMs) / 1000);
	const words = `This clock is ${duration(seconds)} ${skewMs > 0 ? 'behind' : 'ahead of'} GitHub's`;
	if (seconds <= 5) return say('ok', 'clock', "This clock agrees with GitHub's");
	return say(seconds > 300 ? 'error' : 'warning', 'clock', words, {
		why: "Ages and durations are corrected, but locks of this machine, evidence's age and certificates go by this clock.",
		how: 'Switch time synchronisation on: timedatectl set-ntp true.',
	});
};

const expiry = ({tokenExpiresAt}: RepositoryReading, now: number): Finding | null => {
	if (tokenExpiresAt === null) return null;
	const left = tokenExpiresAt - now;
	return left > 7 * day
		? say('ok', 'expiry', `The token holds for ${Math.floor(left / day)} days more`)
		: say(
				'warning',
				'expiry',
				left > 0 ? `The token ends in ${duration(Math.round(left / 1000))}` : 'The token has ended',
				{why: 'After that, nothing can be seen or steered with it.', how: 'Make a new one before.'},
			);
};

export const checkToken = (readings: Readings): readonly Finding[] => {
	const {github, now, host} = readings;
	const repository = github?.repository.ok ? github.repository.value : null;
	return [
		present(readings),
		reachable(readings),
		...(repository === null || github === null
			? []
			: [
					scopes(repository, github),
					permission(repository),
					checks(readings, github),
					rate(repository, now),
					server(repository, host),
					clock(repository),
					expiry(repository, now),
				]),
	].filter(finding => finding !== null);
};
