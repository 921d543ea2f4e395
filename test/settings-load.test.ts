import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, test} from 'node:test';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {Failure} from '../source/errors.ts';
import {realFiles} from '../source/settings/checkout/files.ts';
import {loadSettings, loadSettingsFile} from '../source/settings/load.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'deployctl-settings-')));
after(() => rmSync(root, {recursive: true, force: true}));

let count = 0;
const folderWith = (entries: Readonly<Record<string, string | Uint8Array>>) => {
	const folder = join(root, String(count++));
	for (const [name, content] of Object.entries(entries)) {
		mkdirSync(dirname(join(folder, name)), {recursive: true});
		writeFileSync(join(folder, name), content);
	}

	return folder;
};

const failureOf = async (promise: Promise<unknown>): Promise<Failure> => {
	const error = await promise.then(
		() => null,
		(error: unknown) => error,
	);
	assert.ok(error instanceof Failure, String(error));
	assert.equal(error.exitCode, 2);
	return error;
};

test('the file in the root of the repository holds for its folders', async () => {
	const folder = folderWith({'.git/HEAD': '', 'deployctl.yml': 'repository: acme/app', 'a/b/file': ''});
	for (const start of [folder, join(folder, 'a/b')]) {
		const {settings, path} = await loadSettings(start, realFiles);
		assert.equal(settings.repository, 'acme/app');
		assert.equal(path, join(folder, 'deployctl.yml'));
	}
});

test('nothing is read above the root of the repository, nor outside of one', async () => {
	const folder = folderWith({
		'deployctl.yml': 'repository: evil/app',
		'inner/.git': 'gitdir: elsewhere',
		'plain/file': '',
	});
	for (const start of ['inner', 'plain']) {
		assert.deepEqual(await loadSettings(join(folder, start), realFiles), {settings: defaultSettings, path: null});
	}

	assert.equal((await loadSettings(folder, realFiles)).settings.repository, 'evil/app');
});

test('the nearest file wins', async () => {
	const folder = folderWith({
		'.git/HEAD': '',
		'deployctl.yml': 'repository: acme/outer',
		'service/deployctl.yml': 'repository: acme/inner',
	});
	assert.equal((await loadSettings(join(folder, 'service'), realFiles)).settings.repository, 'acme/inner');
});

test('all problems are in the failure, with the path as seen from here', async () => {
	const folder = folderWith({
		'.git/HEAD': '',
		'deployctl.yml': 'repositry: acme/app\nbranches: {stagin: x}\n',
		'a/file': '',
	});
	const failure = await failureOf(loadSettings(join(folder, 'a'), realFiles));
	assert.equal(failure.message, '../deployctl.yml has 2 problems');
	assert.equal(
		failure.because,
		'../deployctl.yml:1:1: repositry is not a key. Did you mean "repository"?\n../deployctl.yml:2:12: branches.stagin is not a key. Did you mean "staging"?',
	);
});

test('very many problems are cut', async () => {
	const folder = folderWith({'deployctl.yml': Array.from({length: 50}, (_, index) => `key${index}x: 1`).join('\n')});
	const failure = await failureOf(loadSettings(folder, realFiles));
	assert.equal(failure.message, 'deployctl.yml has 50 problems');
	assert.equal(failure.because?.split('\n').length, 21);
	assert.match(failure.because ?? '', /… and 30 more$/);
});

test('deployctl.yaml is not silently ignored', async () => {
	const failure = await failureOf(loadSettings(folderWith({'.git/HEAD': '', 'deployctl.yaml': ''}), realFiles));
	assert.equal(failure.message, 'deployctl.yaml is not read');
	assert.equal(failure.next, 'rename it to deployctl.yml');
});

test('a named file must be there, and be text', async () => {
	const folder = folderWith({
		'other.yml': 'repository: acme/other',
		'latin.yml': Uint8Array.of(0x61, 0x3a, 0x20, 0xe4),
		'sub/file': '',
	});
	assert.equal((await loadSettingsFile('other.yml', folder, realFiles)).settings.repository, 'acme/other');
	assert.equal((await failureOf(loadSettingsFile('none.yml', folder, realFiles))).message, 'none.yml does not exist');
	assert.equal(
		(await failureOf(loadSettingsFile('latin.yml', folder, realFiles))).message,
		'latin.yml is not text in UTF-8',
	);
	assert.equal((await failureOf(loadSettingsFile('sub', folder, realFiles))).message, 'sub cannot be read');
});

test("in a worktree, the worktree's file holds", async () => {
	const folder = folderWith({'deployctl.yml': 'repository: acme/app'});
	const git = (...parameters: string[]) =>
		execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...parameters], {
			stdio: 'pipe',
		});
	git('init', '-q');
	git('add', '.');
	git('commit', '-qm', 'one');
	git('worktree', 'add', '-q', join(folder, 'tree'));
	writeFileSync(join(folder, 'tree/deployctl.yml'), 'repository: acme/tree');
	assert.equal((await loadSettings(join(folder, 'tree'), realFiles)).settings.repository, 'acme/tree');
});

test('without a file, neither yaml nor ajv is loaded', () => {
	const script = `
		import {registerHooks} from 'node:module';
		registerHooks({resolve: (name, context, next) => { if (/^(yaml|ajv|conf|execa)/.test(name)) throw new Error(name); return next(name, context); }});
		const {loadSettings} = await import('./source/settings/load.ts');
		const {realFiles} = await import('./source/settings/checkout/files.ts');
		await loadSettings(${JSON.stringify(folderWith({file: ''}))}, realFiles);
	`;
	execFileSync(process.execPath, ['--input-type=module', '-e', script], {
		cwd: join(import.meta.dirname, '..'),
		stdio: 'pipe',
	});
});
