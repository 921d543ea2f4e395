/**
What child processes find in their environment: each what it needs, and nobody GitHub's tokens. This is the one table of it. The operator's
own variables are not mistrusted; who reads them is. Pure.
*/
import {finderOf, formsOf, shortestSecret} from '../text/mask-forms.ts';
import type {Settings} from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where programs are, who we are, how we speak, where things are kept. None of it is a secret. */
const everybody =
	/^(?:PATH|PATHEXT|HOME|USER|LOGNAME|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TERM|TERMINFO|TMPDIR|TMP|TEMP|LD_LIBRARY_PATH|XDG_\w+|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC)$/i;

/** How a program is configured by its variables, beyond that. What is not named here gets nothing more. */
const more: Readonly<Record<string, RegExp>> = {
	// No command of anybody's: neither GIT_SSH_COMMAND nor GIT_ASKPASS, GIT_EXTERNAL_DIFF, GIT_PAGER.
	git: /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|CONFIG_\w+)$/,
	ssh: /^(?:SSH_AUTH_SOCK|KRB5CCNAME)$/,
	// Its keyring is asked over D-Bus.
	gh: /^(?:GH_CONFIG_DIR|DBUS_SESSION_BUS_ADDRESS|DISPLAY|GH_DEBUG|NO_COLOR)$/,
	tmux: /^TMUX(?:_TMPDIR|_PANE)?$/,
};

/** The environment of a program that is only asked something: git, ssh, gh, tmux, bash, … */
export const askedEnvironment = (program: string, env: Environment): Environment =>
	Object.fromEntries(
		Object.entries(env).filter(([name]) => everybody.test(name) || more[program]?.test(name) === true),
	);

/** Those of deployctl itself, of gh, and of a job of GitHub Actions. */
const gitHubTokens =
	/^(?:(?:GH|GITHUB)_(?:ENTERPRISE_)?(?:TOKEN|PAT)|(?:GITHUB|GH)_\w*TOKEN|HOMEBREW_GITHUB_API_TOKEN|ACTIONS_\w*TOKEN)$/i;
/** As GitHub makes them, whatever the variable is called. */
const tokenShape = /\b(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9_]{20})/;
/** Set for every script by us, and what the parts of the templates tell each other. */
const forScripts = /^DEPLOYCTL_(?:ENV|SHA|FROM_SHA|RELEASE|OPERATION|RUN|PATIENCE)$/;

export type ScriptNeeds = {
	/** What the settings name for this script: `environments.NAME.deploy.env`. */
	named: readonly string[];
	/** Variables of deployctl alone: the webhook's address. */
	ours: readonly string[];
};

/** The variables that a group of settings names: `urlFrom`, and whatever else is taken from one. */
const variablesIn = (value: unknown): readonly string[] =>
	typeof value !== 'object' || value === null
		? []
		: Object.entries(value).flatMap(([key, inner]) =>
				typeof inner === 'string' && key.endsWith('From') ? [inner] : variablesIn(inner),
			);

/** A way back that the settings say nothing about needs what the way there needs. */
export const scriptNeeds = (
	{environments, notifications}: Settings,
	environment: string,
	kind: 'deploy' | 'rollback',
): ScriptNeeds => {
	const found = environments.find(({name}) => name === environment);
	const named = kind === 'rollback' ? (found?.rollback.env ?? found?.deploy.env) : found?.deploy.env;
	return {named: named ?? [], ours: variablesIn(notifications)};
};

/**
Names of the variables that a script is not given: GitHub's tokens, what holds one of them (in any usual form), and what deployctl alone
uses. What the settings name is given.
*/
export const withheldFrom = (env: Environment, {named, ours}: ScriptNeeds): readonly string[] => {
	const set = Object.entries(env).flatMap(([name, value = '']) => (named.includes(name) ? [] : [{name, value}]));
	const secret = set.filter(
		({name, value}) => gitHubTokens.test(name) || ours.includes(name) || tokenShape.test(value),
	);
	const holds = finderOf(formsOf(secret.flatMap(({value}) => (value.length >= shortestSecret ? [value] : []))));
	const isHeld = (name: string, value: string) =>
		(name.startsWith('DEPLOYCTL_') && !forScripts.test(name)) || (!everybody.test(name) && holds(value).length > 0);
	return set.flatMap(each => (secret.includes(each) || isHeld(each.name, each.value) ? [each.name] : []));
};

/** Of which a script may speak although nobody has set them here. */
export const tokenNames: readonly string[] = [
	'GH_TOKEN',
	'GITHUB_TOKEN',
	'GH_ENTERPRISE_TOKEN',
	'GITHUB_ENTERPRISE_TOKEN',
];

/** The environment of a script that deploys or rolls back, and of the desktop's programs: everything but that. */
export const scriptEnvironment = (env: Environment, needs: ScriptNeeds): Environment => {
	const withheld = new Set(withheldFrom(env, needs));
	return Object.fromEntries(Object.entries(env).filter(([name]) => !withheld.has(name)));
};

/** What `deploy.ENV.conf` may hold, and the environment wins over: without them a list would be that of other hosts. The templates' CONF_KEYS. */
export const configurationKeys: readonly string[] = [
	'ROOT',
	'HOSTS',
	'SSH_PORT',
	'SSH_CONFIG',
	'SSH_IDENTITY',
	'SWITCH_AT_ONCE',
	'ROLLBACK_AT_ONCE',
	'KEEP',
	'MODE',
	'RESTART',
	'PM2_APP',
	'PM2_CONFIG',
	'SYSTEMD_UNIT',
	'SYSTEMCTL',
	'RESTART_CMD',
	'START_CMD',
	'STOP_CMD',
	'STOP_TIMEOUT',
	'PORTS',
	'TRAFFIC',
	'TRAFFIC_FILE',
	'TRAFFIC_CMD',
	'GRACE',
	'WARM',
	'HEALTH_URL',
	'HEALTH_NEED',
	'HEALTH_DEADLINE',
	'VERSION_URL',
	'FRONT_URL',
	'IDENTITY',
	'BUILD_CMD',
	'PREPARE_CMD',
	'MIGRATE_CMD',
	'MIGRATE_KIND',
	'MIGRATE_POSITION',
	'STEP_TIMEOUT',
	'SHARED',
];

/** The environment of `--list`: an allow-list, for it is called before anybody has confirmed anything. */
export const listEnvironment = (env: Environment, needs: ScriptNeeds): Environment => {
	const withheld = new Set(withheldFrom(env, needs));
	const isGiven = (name: string) =>
		everybody.test(name) ||
		more['ssh']!.test(name) ||
		configurationKeys.includes(name) ||
		forScripts.test(name) ||
		needs.named.includes(name);
	return Object.fromEntries(Object.entries(env).filter(([name]) => isGiven(name) && !withheld.has(name)));
};

/** Which of the withheld variables a script speaks of: it may want what it does not get. */
export const mentioned = (text: string, withheld: readonly string[]): readonly string[] => {
	const words = new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g));
	return withheld.filter(name => words.has(name));
};
