/**
The person's preferences, kept with `conf`. Reading does without it: `conf` costs as much as the whole start of the interpreter, and
preferences are needed before the first frame. Both see the same plain JSON file; a test holds that.
*/
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {defaultPreferences as defaultTaste} from '../core/settings/preferences.ts';
import type {Preferences as Taste} from '../core/settings/preferences.ts';
import {sanitise} from '../core/text/sanitise.ts';

const choices: {readonly [Name in keyof Taste]: ReadonlyArray<Taste[Name]>} = {
	theme: ['auto', 'dark', 'light', 'mono'],
	density: ['comfortable', 'compact'],
	symbols: ['unicode', 'ascii'],
	motion: ['full', 'reduced'],
	terminal: ['full', 'quiet'],
};

export type Preferences = Taste & {
	/** [HOST/]OWNER/NAME; null: none was opened yet. */
	lastRepository: string | null;
};

export const defaultPreferences: Preferences = {...defaultTaste, lastRepository: null};

/** `warning` is one sentence for the screen when not everything could be used; null when all is well. */
export type LoadedPreferences = {preferences: Preferences; warning: string | null};

const configName = 'preferences';
export const preferencesPath = (configDirectory: string): string => join(configDirectory, `${configName}.json`);

const choice = <Name extends keyof Taste>(stored: Readonly<Record<string, unknown>>, name: Name): Taste[Name] =>
	choices[name].find(value => value === stored[name]) ?? defaultTaste[name];

const preferencesFrom = (stored: Readonly<Record<string, unknown>>): Preferences => ({
	theme: choice(stored, 'theme'),
	density: choice(stored, 'density'),
	symbols: choice(stored, 'symbols'),
	motion: choice(stored, 'motion'),
	terminal: choice(stored, 'terminal'),
	lastRepository: typeof stored['lastRepository'] === 'string' ? stored['lastRepository'] : null,
});

const unusable = (stored: Readonly<Record<string, unknown>>, used: Preferences): string[] =>
	(Object.keys(used) as Array<keyof Preferences>).filter(
		name => stored[name] !== undefined && stored[name] !== used[name],
	);

/** Never rejects: preferences are no reason not to start. */
export const loadPreferences = async (configDirectory: string): Promise<LoadedPreferences> => {
	const path = preferencesPath(configDirectory);
	const defaultsBecause = (because: string) => ({
		preferences: defaultPreferences,
		warning: `Default preferences are used: ${sanitise(path)} ${because}.`,
	});
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'ENOENT'
			? {preferences: defaultPreferences, warning: null}
			: defaultsBecause(`cannot be read (${code})`);
	}

	let stored: unknown;
	try {
		stored = JSON.parse(text);
	} catch {
		return defaultsBecause('is not JSON');
	}

	if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
		return defaultsBecause('is not an object');
	}

	const record = stored as Readonly<Record<string, unknown>>;
	const preferences = preferencesFrom(record);
	const ignored = unusable(record, preferences);
	return {
		preferences,
		warning: ignored.length === 0 ? null : `Not used in ${sanitise(path)}: ${ignored.join(', ')}.`,
	};
};

/**
Writes some preferences and keeps the others. Never rejects. A damaged file is left as it is, because it may hold what its owner can
still repair; then nothing is saved.
*/
export const savePreferences = async (
	configDirectory: string,
	change: Partial<Preferences>,
): Promise<{ok: true} | {ok: false; because: string}> => {
	try {
		const {default: Conf} = await import('conf');
		const store = new Conf<Record<string, unknown>>({
			cwd: configDirectory,
			configName,
			clearInvalidConfig: false,
			configFileMode: 0o600,
		});
		store.set({...change});
		return {ok: true};
	} catch (error) {
		return {
			ok: false,
			because: `${sanitise(preferencesPath(configDirectory))}: ${sanitise((error as Error).message)}`,
		};
	}
};
