/** Finds and reads `deployctl.yml`. */
import {dirname, join, relative, resolve} from 'node:path';
import {sanitise} from '../core/text/sanitise.ts';
import {defaultSettings} from '../core/settings/settings.ts';
import type {Settings} from '../core/settings/settings.ts';
import {Failure, exitCodes, usageFailure} from '../errors.ts';
import {refuseForeign, searchedFolders} from './checkout/checkout.ts';
import type {Files} from './checkout/files.ts';
import {parseSettings} from './parse/parse.ts';
import {settingsFailure} from './parse/problem.ts';

export const settingsFileName = 'deployctl.yml';

export type LoadedSettings = {settings: Settings; path: string | null};

const readText = async (path: string, shownPath: string, files: Files): Promise<string> => {
	let bytes: Uint8Array | null;
	try {
		bytes = await files.read(path);
	} catch (error) {
		throw new Failure(`${shownPath} cannot be read`, {
			because: sanitise((error as Error).message),
			exitCode: exitCodes.usage,
			cause: error,
		});
	}

	if (bytes === null) {
		throw usageFailure(`${shownPath} does not exist`, 'give --config the path of a deployctl.yml');
	}

	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch (error) {
		throw new Failure(`${shownPath} is not text in UTF-8`, {
			next: 'save the file as UTF-8',
			exitCode: exitCodes.usage,
			cause: error,
		});
	}
};

/**
Reads one named file (`--config`). Throws a `Failure` (usage) that names every problem, and an `Untrusted` for a file of another user;
`root`: the folder that git may have been told to trust, by default the file's own.
*/
export const loadSettingsFile = async (
	path: string,
	startDirectory: string,
	files: Files,
	root?: string,
): Promise<LoadedSettings> => {
	const absolute = resolve(startDirectory, path);
	await refuseForeign([absolute], root ?? dirname(absolute), files);
	const shownPath = sanitise(relative(startDirectory, absolute) || path);
	const parsed = await parseSettings(await readText(absolute, shownPath, files), shownPath);
	if (!parsed.ok) {
		throw settingsFailure(shownPath, parsed.problems);
	}

	return {settings: parsed.settings, path: absolute};
};

/**
The settings of the repository around `startDirectory`; the nearest `deployctl.yml` up to the root of the repository, or the defaults
with path null. Throws a `Failure` (usage) that names every problem, an `Untrusted` for a repository or a file of another user.
*/
export const loadSettings = async (startDirectory: string, files: Files): Promise<LoadedSettings> => {
	const folders = await searchedFolders(startDirectory, files);
	for (const folder of folders) {
		const path = join(folder, settingsFileName);
		if ((await files.kind(path)) !== null) {
			return loadSettingsFile(path, resolve(startDirectory), files, folders.at(-1));
		}

		// Silently using the defaults for production would be worse than a question of spelling.
		const misnamed = join(folder, 'deployctl.yaml');
		if ((await files.kind(misnamed)) !== null) {
			throw usageFailure(
				`${sanitise(relative(resolve(startDirectory), misnamed))} is not read`,
				`rename it to ${settingsFileName}`,
			);
		}
	}

	return {settings: defaultSettings, path: null};
};
