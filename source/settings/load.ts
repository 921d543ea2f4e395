/** Finds and reads `deployctl.yml`. */
import {dirname, join, relative, resolve} from 'node:path';
import {sanitise} from '../core/sanitise.ts';
import {defaultSettings} from '../core/settings.ts';
import type {Settings} from '../core/settings.ts';
import {Failure, exitCodes, usageFailure} from '../errors.ts';
import type {Files} from './files.ts';
import {parseSettings} from './parse.ts';
import {settingsFailure} from './problem.ts';

export const settingsFileName = 'deployctl.yml';

export type LoadedSettings = {settings: Settings; path: string | null};

/** The folders from `start` up to the one with `.git` (a folder, or a file in a worktree); only `start` outside of a repository. */
const searchedFolders = async (start: string, files: Files): Promise<string[]> => {
	const folders: string[] = [];
	for (let folder = resolve(start); ; folder = dirname(folder)) {
		folders.push(folder);
		if (await files.kind(join(folder, '.git')) !== null) {
			return folders;
		}

		// Without a repository, a file further up (in /tmp, in a shared home) could be anybody's.
		if (dirname(folder) === folder) {
			return folders.slice(0, 1);
		}
	}
};

/** The checkout's root; outside of one, the folder itself. */
export const rootOf = async (start: string, files: Files): Promise<string> => (await searchedFolders(start, files)).at(-1)!;

const readText = async (path: string, shownPath: string, files: Files): Promise<string> => {
	let bytes: Uint8Array | null;
	try {
		bytes = await files.read(path);
	} catch (error) {
		throw new Failure(`${shownPath} cannot be read`, {because: sanitise((error as Error).message), exitCode: exitCodes.usage, cause: error});
	}

	if (bytes === null) {
		throw usageFailure(`${shownPath} does not exist`, 'give --config the path of a deployctl.yml');
	}

	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch (error) {
		throw new Failure(`${shownPath} is not text in UTF-8`, {next: 'save the file as UTF-8', exitCode: exitCodes.usage, cause: error});
	}
};

/** Reads one named file (`--config`). Throws a `Failure` (usage) that names every problem. */
export const loadSettingsFile = async (path: string, startDirectory: string, files: Files): Promise<LoadedSettings> => {
	const absolute = resolve(startDirectory, path);
	const shownPath = sanitise(relative(startDirectory, absolute) || path);
	const parsed = await parseSettings(await readText(absolute, shownPath, files), shownPath);
	if (!parsed.ok) {
		throw settingsFailure(shownPath, parsed.problems);
	}

	return {settings: parsed.settings, path: absolute};
};

/**
The settings of the repository around `startDirectory`; the nearest `deployctl.yml` up to the root of the repository, or the defaults
with path null. Throws a `Failure` (usage) that names every problem.
*/
export const loadSettings = async (startDirectory: string, files: Files): Promise<LoadedSettings> => {
	for (const folder of await searchedFolders(startDirectory, files)) {
		const path = join(folder, settingsFileName);
		if (await files.kind(path) !== null) {
			return loadSettingsFile(path, resolve(startDirectory), files);
		}

		// Silently using the defaults for production would be worse than a question of spelling.
		const misnamed = join(folder, 'deployctl.yaml');
		if (await files.kind(misnamed) !== null) {
			throw usageFailure(`${sanitise(relative(resolve(startDirectory), misnamed))} is not read`, `rename it to ${settingsFileName}`);
		}
	}

	return {settings: defaultSettings, path: null};
};
