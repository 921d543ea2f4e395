/** How a small program is called. The one place: what it finds in its environment, and what keeps git from running what a repository names. */
import {askedEnvironment, type Environment} from '../../core/settings/child-environment.ts';

/**
A repository's own configuration may name programs: for these options there are none. No locks taken, nothing fetched, nobody asked for a
password. Filters (`filter.NAME.clean`) have names that nobody knows: what compares files of the work tree with commits does so in
`tree.ts`, without git. A repository that lies bare within the files of another (an embedded one) is none.
*/
const quietly: readonly string[] = [
	'--no-pager',
	'--no-optional-locks',
	'-c',
	'core.fsmonitor=false',
	'-c',
	'core.hooksPath=/dev/null',
	'-c',
	'core.sshCommand=false',
	'-c',
	'core.gitProxy=',
	'-c',
	'core.askPass=',
	'-c',
	'credential.helper=',
	'-c',
	'log.showSignature=false',
	'-c',
	'diff.external=',
	'-c',
	'safe.bareRepository=explicit',
	'-c',
	'protocol.allow=never',
];

/** A missing object is not fetched: a promisor's address may be a command. */
const variables: Environment = {
	GIT_TERMINAL_PROMPT: '0',
	GIT_NO_LAZY_FETCH: '1',
	GIT_NO_REPLACE_OBJECTS: '1',
	GIT_ALLOW_PROTOCOL: 'none',
	GIT_OPTIONAL_LOCKS: '0',
	GIT_EXTERNAL_DIFF: undefined,
	GIT_PAGER: undefined,
	LC_ALL: 'C',
};

export type Called = {parameters: readonly string[]; env: Environment};

export const callOf = (program: string, parameters: readonly string[], env: Environment): Called => {
	const given = askedEnvironment(program, env);
	return program === 'git'
		? {parameters: [...quietly, ...parameters], env: {...given, ...variables}}
		: {parameters, env: given};
};
