/** What kind a script is and how it is called. Decided by reading the file: an unknown script is never run to find out. */
import {accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync} from 'node:fs';
import {isAbsolute, join, relative} from 'node:path';
import type {ScriptKind} from '../core/operation.ts';
import {sanitise} from '../core/sanitise.ts';
import type {ScriptSettings} from '../core/settings.ts';

/** The line by which a script says that it keeps the contract; among its first twenty. */
export const contractLine = '# Contract: deployctl/1';
const linesRead = 20;
const bytesRead = 16 * 1024;

export type ScriptFound = {ok: true; kind: ScriptKind; path: string} | {ok: false; because: string; next: string};

const headOf = (path: string): string => {
	const file = openSync(path, 'r');
	try {
		const bytes = Buffer.alloc(bytesRead);
		return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytesRead, 0));
	} finally {
		closeSync(file);
	}
};

export const kindOfText = (text: string): ScriptKind => (text.split('\n', linesRead).some(line => line.replace(/\r$/, '') === contractLine) ? 'contract' : 'plain');

const wrong = (because: string, next: string): ScriptFound => ({ok: false, because, next});
const isInside = (root: string, path: string) => { const way = relative(root, path); return way !== '' && !way.startsWith('..') && !isAbsolute(way); };

/** `root`: the folder of the checkout in which `path` of the settings begins. A link that leads out of it is refused: it would run what nobody reviewed. */
export const findScript = (root: string, {path}: ScriptSettings): ScriptFound => {
	const shown = sanitise(path, 120);
	const full = join(root, path);
	const configure = 'Set environments.NAME.deploy and .rollback in deployctl.yml to the scripts of this repository.';
	try {
		if (isAbsolute(path) || !isInside(root, full)) return wrong(`${shown} does not lie in the repository`, configure);
		if (!statSync(full).isFile()) return wrong(`${shown} is not a file`, configure);
		if (!isInside(realpathSync(root), realpathSync(full))) return wrong(`${shown} is a link that leads out of the repository`, 'Put the script itself into the repository.');
		accessSync(full, constants.X_OK);
		return {ok: true, kind: kindOfText(headOf(full)), path: full};
	} catch (error) {
		switch ((error as NodeJS.ErrnoException).code) {
			case 'ENOENT': case 'ENOTDIR': return wrong(`there is no ${shown} in ${sanitise(root, 120)}`, configure);
			case 'EACCES': return wrong(`${shown} may not be executed`, `chmod +x ${shown}`);
			default: return wrong(`${shown} cannot be read: ${sanitise((error as Error).message, 120)}`, 'Look at its permissions.');
		}
	}
};

export type Call = {environment: string; sha: string | null; release: string | null; operation: string; /** A release that is marked bad, confirmed by its own phrase. */ insists: boolean};

const fill = (template: string, {environment, sha, release}: Call) => template.replaceAll(/\{(env|sha|release)\}/g, (_, name: string) => (name === 'env' ? environment : name === 'sha' ? sha ?? '' : release ?? ''));

/** The exact argument list, script first. Never a shell: what stands in an argument stays an argument. */
export const commandOf = (kind: 'deploy' | 'rollback', script: {kind: ScriptKind; path: string}, settings: ScriptSettings, call: Call): readonly string[] => {
	if (settings.arguments !== null) return [script.path, ...settings.arguments.map(argument => fill(argument, call))];
	const {environment, sha, release, operation, insists} = call;
	if (script.kind === 'plain') return [script.path, environment, sha ?? release ?? ''];
	return kind === 'deploy'
		? [script.path, '--env', environment, '--sha', sha ?? '', '--run', operation]
		: [script.path, '--env', environment, ...(release === null ? [] : ['--to', release]), ...(insists ? ['--force'] : []), '--run', operation];
};

