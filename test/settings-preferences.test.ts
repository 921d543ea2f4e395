import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {directoriesOf} from '../source/settings/directories.ts';
import {defaultPreferences, loadPreferences, preferencesPath, savePreferences} from '../source/settings/preferences.ts';

const root = mkdtempSync(join(tmpdir(), 'deployctl-preferences-'));
after(() => rmSync(root, {recursive: true, force: true}));

let count = 0;
const folderWith = (content: string | null) => {
	const folder = join(root, String(count++));
	mkdirSync(folder);
	if (content !== null) {
		writeFileSync(preferencesPath(folder), content);
	}

	return folder;
};

test('what was saved is loaded, and the rest keeps its value', async () => {
	const folder = join(root, 'not/yet/there');
	assert.deepEqual(await loadPreferences(folder), {preferences: defaultPreferences, warning: null});
	assert.deepEqual(await savePreferences(folder, {theme: 'mono', lastRepository: 'acme/app'}), {ok: true});
	assert.deepEqual(await savePreferences(folder, {density: 'compact'}), {ok: true});
	assert.deepEqual(await loadPreferences(folder), {
		preferences: {...defaultPreferences, theme: 'mono', density: 'compact', lastRepository: 'acme/app'},
		warning: null,
	});
	assert.deepEqual(JSON.parse(readFileSync(preferencesPath(folder), 'utf8')), {
		theme: 'mono',
		lastRepository: 'acme/app',
		density: 'compact',
	});
	assert.deepEqual(await savePreferences(folder, {lastRepository: null}), {ok: true});
	assert.equal((await loadPreferences(folder)).preferences.lastRepository, null);
});

for (const [content, because] of [
	['{"theme": "da', 'is not JSON'],
	['', 'is not JSON'],
	['[]', 'is not an object'],
	['null', 'is not an object'],
] as const) {
	test(`a damaged file (${JSON.stringify(content)}) gives defaults and a warning`, async () => {
		const folder = folderWith(content);
		const {preferences, warning} = await loadPreferences(folder);
		assert.deepEqual(preferences, defaultPreferences);
		assert.equal(warning, `Default preferences are used: ${preferencesPath(folder)} ${because}.`);
	});
}

test('a damaged file is not overwritten', async () => {
	const folder = folderWith('{"theme": "da');
	const saved = await savePreferences(folder, {theme: 'dark'});
	assert.ok(!saved.ok);
	assert.match(saved.because, /preferences\.json/);
	assert.equal(readFileSync(preferencesPath(folder), 'utf8'), '{"theme": "da');
});

test('a folder in place of the file is a warning', async () => {
	const folder = folderWith(null);
	mkdirSync(preferencesPath(folder));
	assert.match((await loadPreferences(folder)).warning ?? '', /cannot be read \(EISDIR\)/);
});

test('a value that is none of the choices falls back alone', async () => {
	const {preferences, warning} = await loadPreferences(
		folderWith('{"theme": "pink", "motion": "reduced", "lastRepository": 5, "__proto__": {"density": "compact"}}'),
	);
	assert.deepEqual(preferences, {...defaultPreferences, motion: 'reduced'});
	assert.match(warning ?? '', /theme, lastRepository\.$/);
});

test('folders per platform', () => {
	const linux = {platform: 'linux', home: '/home/a'} as const;
	assert.deepEqual(directoriesOf({...linux, env: {}}), {
		config: '/home/a/.config/deployctl',
		state: '/home/a/.local/state/deployctl',
		cache: '/home/a/.cache/deployctl',
	});
	assert.deepEqual(
		directoriesOf({...linux, env: {XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/k'}}),
		{config: '/c/deployctl', state: '/s/deployctl', cache: '/k/deployctl'},
	);
	assert.equal(
		directoriesOf({...linux, env: {XDG_STATE_HOME: 'relative', XDG_CACHE_HOME: ''}}).state,
		'/home/a/.local/state/deployctl',
	);
	assert.deepEqual(directoriesOf({platform: 'darwin', home: '/Users/a', env: {XDG_CACHE_HOME: '/k'}}), {
		config: '/Users/a/Library/Preferences/deployctl',
		state: '/Users/a/Library/Application Support/deployctl',
		cache: '/k/deployctl',
	});
	assert.deepEqual(directoriesOf({platform: 'win32', home: 'C:\\Users\\a', env: {APPDATA: 'D:\\Roaming'}}), {
		config: 'D:\\Roaming\\deployctl\\Config',
		state: 'C:\\Users\\a\\AppData\\Local\\deployctl\\State',
		cache: 'C:\\Users\\a\\AppData\\Local\\deployctl\\Cache',
	});
});
