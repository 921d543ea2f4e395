/** How init writes into somebody's repository, and how it takes that back: what is whose, links, modes, a full disk, damaged records. */
import assert from 'node:assert/strict';
import fs, {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {Failure} from '../source/errors.ts';
import {applyChanges} from '../source/init/write/apply.ts';
import {hashOf, lookAt} from '../source/init/files/disk.ts';
import {currentManifest, manifestPath, parseManifest} from '../source/init/write/manifest.ts';
import {changesIn, generated, initialise, temporaryFolder, treeOf, undo, write} from './helpers/init-repository.ts';

const workflow = generated('.github/workflows/test-suite.yml', 'name: ours\n');
const script = generated('scripts/deploy.sh', '#!/bin/sh\n', 0o755);
const config = generated('deployctl.yml', 'repository: acme/app\n');
const files = [workflow, script, config];
const kinds = (root: string, wanted = files) => changesIn(root, wanted).map(({kind, path}) => `${kind} ${path}`);

test('what was not there is made and can be undone to the last folder; a second init has nothing to do', t => {
	const root = temporaryFolder(t, {'README.md': 'hello\n'});
	const before = treeOf(root);
	assert.deepEqual(initialise(root, files), [
		'create .github/workflows/test-suite.yml',
		'create scripts/deploy.sh',
		'create deployctl.yml',
	]);
	const written = treeOf(root);
	assert.deepEqual(
		[written['scripts/deploy.sh'], written['deployctl.yml']],
		['755 #!/bin/sh\n', '644 repository: acme/app\n'],
	);
	assert.deepEqual(initialise(root, files), []);
	assert.deepEqual(treeOf(root), written, 'nothing at all is touched the second time');
	undo(root);
	assert.deepEqual(treeOf(root), before);
	assert.deepEqual(undo(root), [], 'there is nothing more to undo');
});

test('ours is updated, edited is not, removed stays away, foreign is not touched; each unless it is named', t => {
	const root = temporaryFolder(t, {'deployctl.yml': 'theirs\n'});
	initialise(root, files);
	write(root, '.github/workflows/test-suite.yml', 'name: edited\n');
	rmSync(join(root, 'scripts/deploy.sh'));
	const next = [
		generated('.github/workflows/test-suite.yml', 'name: newer\n'),
		script,
		generated('deployctl.yml', 'newer\n'),
		generated('docs/runbook.md', '# R\n'),
	];
	assert.deepEqual(kinds(root, next), [
		'edited .github/workflows/test-suite.yml',
		'deleted scripts/deploy.sh',
		'foreign deployctl.yml',
		'create docs/runbook.md',
	]);
	assert.deepEqual(initialise(root, next), ['create docs/runbook.md']);
	assert.deepEqual(initialise(root, [generated('docs/runbook.md', '# Newer\n')]), ['update docs/runbook.md']);
	initialise(
		root,
		next.slice(0, 3),
		next.map(({path}) => path),
	);
	assert.deepEqual(
		kinds(root, next.slice(0, 3)),
		next.slice(0, 3).map(({path}) => `same ${path}`),
	);
	undo(root);
	assert.deepEqual(
		treeOf(root),
		{
			'.github': 'folder',
			'.github/workflows': 'folder',
			'.github/workflows/test-suite.yml': '644 name: edited\n',
			'deployctl.yml': '644 theirs\n',
		},
		'what a person wrote last is there again',
	);
});

test('undo keeps what was edited since and says so; named, it goes', t => {
	const root = temporaryFolder(t);
	initialise(root, files);
	write(root, 'deployctl.yml', 'mine now\n');
	assert.deepEqual(
		undo(root)
			.filter(({kind}) => kind === 'kept')
			.map(({path}) => path),
		['deployctl.yml'],
	);
	assert.deepEqual(treeOf(root, {own: false}), {'deployctl.yml': '644 mine now\n'});
	assert.ok(existsSync(join(root, manifestPath)), 'it is still known as ours');
	undo(root, ['deployctl.yml']);
	assert.deepEqual(treeOf(root), {});
});

test('modes: those of a person stay, a script becomes executable for those who may read it, and undo brings the old one back', t => {
	const root = temporaryFolder(t);
	write(root, 'scripts/deploy.sh', 'theirs\n', 0o640);
	write(root, 'deployctl.yml', 'theirs\n', 0o600);
	initialise(root, [script, config], ['scripts/deploy.sh', 'deployctl.yml']);
	assert.deepEqual(treeOf(root, {own: false}), {
		scripts: 'folder',
		'scripts/deploy.sh': '750 #!/bin/sh\n',
		'deployctl.yml': '600 repository: acme/app\n',
	});
	chmodSync(join(root, 'scripts/deploy.sh'), 0o640);
	assert.deepEqual(
		kinds(root, [script]),
		['update scripts/deploy.sh'],
		'a script that cannot be run is not as we wrote it',
	);
	initialise(root, [script]);
	undo(root);
	assert.deepEqual(treeOf(root), {
		scripts: 'folder',
		'scripts/deploy.sh': '640 theirs\n',
		'deployctl.yml': '600 theirs\n',
	});
});

test('links are followed nowhere: not as file, not as folder, not as our own folder', t => {
	const [root, outside] = [
		temporaryFolder(t),
		temporaryFolder(t, {'victim.txt': 'precious\n', ['a'.repeat(64)]: 'precious\n'}),
	];
	symlinkSync(outside, join(root, 'scripts'));
	symlinkSync(join(outside, 'victim.txt'), join(root, 'deployctl.yml'));
	mkdirSync(join(root, '.github/workflows/test-suite.yml'), {recursive: true});
	const blocked = changesIn(root, files);
	assert.deepEqual(
		blocked.map(({kind}) => kind),
		['blocked', 'blocked', 'blocked'],
	);
	assert.match(
		blocked.map(({because}) => because).join('\n'),
		/a folder has that name\nscripts is a symbolic link.*\nit is a symbolic link/,
	);
	assert.throws(
		() => applyChanges(root, [{...blocked[1]!, kind: 'create'}], currentManifest(root, true), hashOf),
		Failure,
	);
	for (const link of ['.deployctl', '.deployctl/init']) {
		const other = temporaryFolder(t);
		if (link !== '.deployctl') mkdirSync(join(other, '.deployctl'));
		symlinkSync(outside, join(other, link));
		assert.throws(() => initialise(other, files), /cannot be used/);
		assert.throws(() => undo(other), /cannot be used/);
	}
	assert.deepEqual(treeOf(outside), {['a'.repeat(64)]: '644 precious\n', 'victim.txt': '644 precious\n'});
	for (const path of ['../x', '/etc/x', '.git/hooks/pre-commit', '.GIT/config', 'a//b', './x', 'a/../../x'])
		assert.throws(() => lookAt(root, path), /outside of the repository/, path);
});

test('what changed while it was shown is not written over, and then nothing is', t => {
	const root = temporaryFolder(t, {'deployctl.yml': 'theirs\n'});
	const changes = changesIn(root, files);
	write(root, 'deployctl.yml', 'in between\n');
	const before = treeOf(root);
	assert.throws(
		() => applyChanges(root, changes, currentManifest(root, true), hashOf),
		(error: Failure) =>
			error.exitCode === 3 && /deployctl\.yml changed while it was shown/.test(error.because ?? ''),
	);
	assert.deepEqual(treeOf(root), before);
});

/** The disk fails at the given writing call, and only there, as a disk that is just full does; or from there on. */
const failingDisk = (code: string, at: number, isForGood: boolean) => {
	const names = ['openSync', 'writeSync', 'renameSync', 'mkdirSync'] as const;
	const originals = Object.fromEntries(names.map(name => [name, fs[name]])) as Record<
		string,
		(...all: unknown[]) => unknown
	>;
	let count = 0;
	for (const name of names)
		Object.assign(fs, {
			[name](...all: unknown[]) {
				// Reading is no matter of room.
				if (name !== 'openSync' || all[1] !== 'r') count++;
				if (isForGood ? count >= at : count === at)
					throw Object.assign(new Error(code), {code, path: String(all[0])});
				return originals[name]!(...all);
			},
		});
	syncBuiltinESMExports();
	return () => {
		Object.assign(fs, originals);
		syncBuiltinESMExports();
		return count >= at;
	};
};

for (const [code, isForGood, words] of [
	['ENOSPC', false, /disk is full/],
	['EROFS', true, /disk is read-only/],
	['EACCES', true, /you may not write/],
] as const) {
	test(`${code} at any step of an init or an undo: a clear error; what is half the next run makes whole`, t => {
		const known = [generated('deployctl.yml', 'older\n'), workflow];
		const next = [generated('deployctl.yml', 'newer\n'), script, generated('docs/a.md', 'ours\n')];
		for (const act of ['init', 'undo'] as const) {
			let hasFailed = true;
			for (let step = 1; hasFailed; step++) {
				const root = temporaryFolder(t, {'docs/a.md': 'theirs\n'});
				const untouched = treeOf(root);
				initialise(root, known);
				const before = treeOf(root, {own: false});
				const repair = failingDisk(code, step, isForGood);
				let error: unknown = null;
				try {
					if (act === 'init') initialise(root, next, ['docs/a.md']);
					else undo(root);
				} catch (thrown) {
					error = thrown;
				} finally {
					hasFailed = repair();
				}
				if (error !== null) {
					assert.ok(error instanceof Failure && error.exitCode === 1, String(error));
					assert.match(error.message, words);
					if (error.because?.startsWith('nothing was changed') === true)
						assert.deepEqual(treeOf(root, {own: false}), before, `${act} ${step}`);
					else assert.match(error.because ?? '', /deployctl init --undo/);
				}
				undo(root);
				assert.deepEqual(treeOf(root), untouched, `${act} ${step}`);
			}
		}
	});
}

test('a record that is damaged, foreign or tries to lead elsewhere is refused in words', t => {
	const entry = {wrote: 'a'.repeat(64), before: null};
	for (const text of [
		'',
		'{',
		'[]',
		'{"version":2}',
		JSON.stringify({version: 1, files: {'../x': entry}, folders: [], intent: null}),
		JSON.stringify({version: 1, files: {'.git/config': entry}, folders: [], intent: null}),
		JSON.stringify({version: 1, files: {}, folders: ['/etc'], intent: null}),
		JSON.stringify({version: 1, files: {a: {wrote: 'x', before: null}}, folders: [], intent: null}),
		JSON.stringify({
			version: 1,
			files: {a: {...entry, before: {hash: '../../x', mode: 1}}},
			folders: [],
			intent: null,
		}),
	]) {
		assert.throws(
			() => parseManifest(text),
			(error: Failure) => error.exitCode === 2 && error.next !== undefined,
			text,
		);
	}
	const root = temporaryFolder(t);
	initialise(root, files);
	assert.deepEqual(parseManifest(readFileSync(join(root, manifestPath), 'utf8')).intent, null);
	writeFileSync(join(root, manifestPath), 'nonsense');
	assert.throws(() => initialise(root, files), Failure);
});

test('a lost backup keeps its file as it is, and says so', t => {
	const root = temporaryFolder(t, {'deployctl.yml': 'theirs\n'});
	initialise(root, [config], ['deployctl.yml']);
	rmSync(join(root, '.deployctl/init', hashOf('theirs\n')));
	const [kept] = undo(root);
	assert.ok(kept?.kind === 'kept' && /not in \.deployctl\/init any more/.test(kept.because));
	assert.equal(readFileSync(join(root, 'deployctl.yml'), 'utf8'), 'repository: acme/app\n');
});

test('it works through a folder that is reached by a link', t => {
	const root = temporaryFolder(t);
	const link = join(mkdtempSync(join(tmpdir(), 'deployctl-init-')), 'link');
	t.after(() => rmSync(join(link, '..'), {recursive: true, force: true}));
	symlinkSync(root, link);
	assert.equal(initialise(link, files).length, 3);
	undo(link);
	assert.deepEqual(treeOf(root), {});
});
