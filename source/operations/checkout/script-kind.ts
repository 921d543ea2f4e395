/** What kind a script is and how it is called. Decided by reading the file: an unknown script is never run to find out. */
import {accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync} from 'node:fs';
import {dirname, isAbsolute, join, relative, sep} from 'node:path';
import type {ScriptKind} from '../../core/operations/operation.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {ScriptSettings} from '../../core/settings/settings.ts';

/** The line by which a script says that it keeps the contract; among its first twenty. */
export const contractLine = '# Contract: deployctl/1';
const linesRead = 20;
const bytesRead = 16 * 1024;

export type ScriptFound = {ok: true; kind: ScriptKind; path: string} | {ok: false; because: string; next: string};

/** The first bytes of a file as text. Throws as `openSync` and `readSync` do. */
export const headOf = (path: string, bytesAtMost: number): string => {
	const file = openSync(path, 'r');
	try {
		const bytes = Buffer.alloc(bytesAtMost);
		return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytesAtMost, 0));
	} finally {
		closeSync(file);
	}
};

/** `text` may be more than the beginning; what lies further on does not count. */
export const kindOfText = (text: string): ScriptKind =>
	text.slice(0, bytesRead).split('\n', linesRead).includes(contractLine) ? 'contract' : 'plain';

/** Of an ordinary file; only its beginning is read. */
export const kindOfFile = (path: string): ScriptKind => kindOfText(headOf(path, bytesRead));

const wrong = (because: string, next: string): ScriptFound => ({ok: false, because, next});
const isInside = (root: string, path: string): boolean => {
	const way = relative(root, path);
	return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const isExecutable = (path: string): boolean => {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

/** `root`: the folder of the checkout in which `path` of the settings begins. A link that leads out of it is refused: it would run what nobody reviewed. */
export const findScript = (root: string, {path}: Pick<ScriptSettings, 'path'>): ScriptFound => {
	const shown = sanitise(path, 120);
	const full = join(root, path);
	const configure = 'Set environments.NAME.deploy and .rollback in deployctl.yml to the scripts of this repository.';
	try {
		if (isAbsolute(path) || !isInside(root, full))
			return wrong(`${shown} does not lie in the repository`, configure);
		if (!isInside(realpathSync(root), realpathSync(full)))
			return wrong(
				`${shown} is a link that leads out of the repository`,
				'Put the script itself into the repository.',
			);
		const found = statSync(full);
		if (!found.isFile())
			return wrong(`${shown} is ${found.isDirectory() ? 'a folder' : 'not a regular file'}`, configure);
		if (!isExecutable(full)) return wrong(`${shown} may not be executed`, `chmod +x ${shown}`);
		return {ok: true, kind: kindOfFile(full), path: full};
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR'
			? wrong(`there is no ${shown} in ${sanitise(root, 120)}`, configure)
			: wrong(`${shown} cannot be read: ${sanitise((error as Error).message, 120)}`, 'Look at its permissions.');
	}
};

/** What both scripts belong to is compared: the folder with all parts; at the top of the repository the file alone. */
export const scriptPlace = (directory: string, path: string): string => {
	const folder = relative(directory, dirname(path));
	return folder === '' ? relative(directory, path) : folder;
};

export type Call = {
	environment: string;
	sha: string | null;
	release: string | null;
	operation: string;
	/** A release that is marked bad, confirmed by its own phrase. */ insists: boolean;
};

const fill = (template: string, {environment, sha, release}: Call) =>
	template.replaceAll(/\{(env|sha|release)\}/g, (_, name: string) =>
		name === 'env' ? environment : name === 'sha' ? (sha ?? '') : (release ?? ''),
	);

/** What an argument list asks for and nobody knows: an empty argument would mean something else to the script. */
const unfilled = (templates: readonly string[], {sha, release}: Call): string | undefined =>
	sha === null && templates.some(template => template.includes('{sha}'))
		? '{sha}'
		: release === null && templates.some(template => template.includes('{release}'))
			? '{release}'
			: undefined;

export type Command = {ok: true; command: readonly string[]} | {ok: false; because: string; next: string};

const parameters = (
	kind: 'deploy' | 'rollback',
	script: ScriptKind,
	{environment, sha, release, operation, insists}: Call,
): readonly string[] | null => {
	if (script === 'plain') return sha === null && release === null ? null : [environment, sha ?? release!];
	if (kind === 'deploy') return sha === null ? null : ['--env', environment, '--sha', sha, '--run', operation];
	// Without a target the script takes its own default.
	return [
		'--env',
		environment,
		...(release === null ? [] : ['--to', release]),
		...(insists ? ['--force'] : []),
		'--run',
		operation,
	];
};

/** The exact argument list, script first. Never a shell: what stands in an argument stays an argument. */
export const commandOf = (
	kind: 'deploy' | 'rollback',
	script: {kind: ScriptKind; path: string},
	settings: Pick<ScriptSettings, 'arguments'>,
	call: Call,
): Command => {
	const templates = settings.arguments;
	const missing = templates === null ? undefined : unfilled(templates, call);
	if (missing !== undefined)
		return {
			ok: false,
			because: `the script is to be called with ${missing}, which is not known of ${call.release ?? call.sha ?? 'the target'}`,
			next: 'Pick another release, or change the arguments in deployctl.yml.',
		};
	const given = templates?.map(template => fill(template, call)) ?? parameters(kind, script.kind, call);
	return given === null
		? {ok: false, because: 'there is nothing that the script could be called with', next: 'Name a release.'}
		: {ok: true, command: [script.path, ...given]};
};
