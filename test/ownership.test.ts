/** Nothing of another user's is trusted: neither a repository above, nor its configuration, nor a script; git's safe.directory is the way to say yes. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
	chownSync,
	existsSync,
	lchownSync,
	mkdirSync,
	mkdtempSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {commands} from '../source/commands/table/table.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {refuseForeignScripts, rootOf} from '../source/settings/checkout/checkout.ts';
import {filesFor} from '../source/settings/checkout/files.ts';
import {loadSettings, loadSettingsFile} from '../source/settings/load.ts';
import {findOrigin} from '../source/settings/checkout/origin.ts';
import {foreignAmong, isSafeDirectory, trustedUsers, Untrusted} from '../source/settings/checkout/ownership.ts';
import {realRun} from '../source/settings/checkout/run.ts';
import {startInPty} from './helpers/pty.ts';
import {launcher, run, simulated} from './helpers/program.ts';

const folder = (t: TestContext): string => {
	const made = realpathSync(mkdtempSync(join(tmpdir(), 'owners-')));
	t.after(() => rmSync(made, {recursive: true, force: true}));
	return made;
};
const write = (root: string, files: Readonly<Record<string, string>>) => {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, name)), {recursive: true});
		writeFileSync(join(root, name), text, {mode: 0o755});
	}
};
const repository = {
	'.git/HEAD': 'ref: refs/heads/develop\n',
	'.git/config': '[remote "origin"]\n\turl = https://github.com/acme/shop\n',
	'deployctl.yml': 'repository: acme/shop\n',
	'scripts/deploy.sh': '#!/bin/sh\n',
	'scripts/rollback.sh': '#!/bin/sh\n',
};
const isRoot = process.geteuid?.() === 0;
/** nobody's, on every system. */
const nobody = 65_534;
const other = {skip: isRoot ? false : 'only root can give files to another user'};

test('who is trusted: oneself and root; by sudo, who called; nobody else for an ordinary user', () => {
	assert.deepEqual([...trustedUsers({}, 1000)!], [0, 1000]);
	assert.deepEqual([...trustedUsers({SUDO_UID: '1000'}, 0)!], [0, 1000]);
	assert.deepEqual([...trustedUsers({SUDO_UID: '1001'}, 1000)!], [0, 1000], 'the variable counts for root alone');
	assert.deepEqual([...trustedUsers({SUDO_UID: '1000 1001'}, 0)!], [0]);
	assert.equal(foreignAmong(['/nowhere'], new Set([0])), null);
	assert.equal(foreignAmong(['/'], null), null, 'where files have no owners');
});

test('a repository of another user is refused where it is found; with safe.directory it is read', async t => {
	const root = folder(t);
	write(root, repository);
	mkdirSync(join(root, 'a/b'), {recursive: true});
	// To a user who is nobody of this machine, the tester's own files are another's.
	if (isRoot) execFileSync('chown', ['-R', `${nobody}`, root]);
	const home = folder(t);
	const env = {HOME: home, PATH: process.env['PATH']};
	const files = filesFor(env, {uid: 4_000_000});
	for (const act of [
		() => rootOf(join(root, 'a/b'), files),
		() => loadSettings(root, files),
		() => findOrigin({directory: root, env, files, run: realRun}),
	]) {
		await assert.rejects(
			act,
			(error: unknown) =>
				error instanceof Untrusted &&
				error.exitCode === 2 &&
				error.message.includes(root) &&
				(error.next ?? '').includes(`safe.directory ${root}`) &&
				(error.because ?? '') !== '',
		);
	}
	await assert.rejects(loadSettingsFile(join(root, 'deployctl.yml'), home, files), Untrusted);
	for (const [config, isSafe] of [
		[`[safe]\n\tdirectory = ${root}\n`, true],
		['[safe]\n\tdirectory = *\n', true],
		[`[safe]\n\tdirectory = ${dirname(root)}/*\n`, true],
		[`[safe]\n\tdirectory = ${root}\n\tdirectory =\n`, false],
		[`[safe]\n\tdirectory = ${root}x\n`, false],
		['', false],
	] as const) {
		writeFileSync(join(home, '.gitconfig'), config);
		if (isSafe) assert.equal(await rootOf(join(root, 'a/b'), files), root, config);
		else await assert.rejects(rootOf(root, files), Untrusted, config);
	}
	// What the repository itself says about it counts for nothing.
	writeFileSync(join(root, '.git/config'), `[safe]\n\tdirectory = *\n`);
	assert.equal(await isSafeDirectory(root, {...env, GIT_DIR: join(root, '.git')}, realRun), false);
});

test('what a link and a .git file lead to counts, and every piece of a checkout by itself', other, async t => {
	const env = {HOME: folder(t), PATH: process.env['PATH']};
	const files = filesFor(env);
	const refused = async (start: string) => {
		const found = await rootOf(start, files)
			.then(async checkout =>
				loadSettings(start, files).then(({settings}) =>
					refuseForeignScripts(checkout, settings, files, checkout),
				),
			)
			.then(
				() => null,
				(error: unknown) => error,
			);
		return found instanceof Untrusted;
	};
	for (const path of [
		'',
		'.git',
		'.git/config',
		'deployctl.yml',
		'scripts',
		'scripts/rollback.sh',
		'scripts/parts',
		'scripts/parts/deep.sh',
		'sub/deployctl.yml',
	]) {
		const root = folder(t);
		write(root, {...repository, 'scripts/parts/deep.sh': '', 'sub/deployctl.yml': 'repository: acme/shop\n'});
		const start = path.startsWith('sub') ? join(root, 'sub') : root;
		assert.equal(await refused(start), false, 'the control');
		chownSync(join(root, path), nobody, nobody);
		assert.equal(await refused(start), true, path);
	}
	const [mine, theirs] = [folder(t), folder(t)];
	write(theirs, {...repository, 'common/config': '', 'own/HEAD': '', 'own/commondir': '../common\n'});
	write(mine, {'.git': `gitdir: ${theirs}/own\n`});
	assert.equal(await refused(mine), false, 'the control');
	for (const path of ['own', 'own/commondir', 'common', 'common/config']) {
		chownSync(join(theirs, path), nobody, nobody);
		assert.equal(await refused(mine), true, path);
		chownSync(join(theirs, path), 0, 0);
	}
	const linked = folder(t);
	write(linked, {...repository, 'real.yml': 'repository: acme/shop\n'});
	rmSync(join(linked, 'deployctl.yml'));
	symlinkSync('real.yml', join(linked, 'deployctl.yml'));
	assert.equal(await refused(linked), false, 'the control');
	lchownSync(join(linked, 'deployctl.yml'), nobody, nobody);
	assert.equal(await refused(linked), true, "the link is another's");
	lchownSync(join(linked, 'deployctl.yml'), 0, 0);
	chownSync(join(linked, 'real.yml'), nobody, nobody);
	assert.equal(await refused(linked), true, 'what it leads to is');
	const bare = folder(t);
	write(bare, {'deployctl.yml': ''});
	chownSync(join(bare, 'deployctl.yml'), nobody, nobody);
	assert.equal(await refused(bare), true, 'outside of a repository, too');
	await refuseForeignScripts(folder(t), defaultSettings, files, '/');
});

/** What reads nothing of a checkout. */
const elsewhere = new Set(['demo', 'completion', 'help', 'report', 'replay']);
const words: Readonly<Record<string, readonly string[]>> = {
	deploy: ['staging', '--dry-run'],
	rollback: ['staging', '--dry-run'],
	promote: ['--dry-run'],
	'sign-off': ['qa', '--dry-run'],
	stop: ['staging'],
	lock: ['staging', '-m', 'why'],
	unlock: ['staging'],
	unpin: ['staging', '-m', 'why'],
	gate: ['--sha', 'a'.repeat(40)],
	logs: ['--failed'],
	rerun: ['--yes'],
	cancel: ['--yes'],
	approve: ['--yes'],
	dispatch: ['e2e', '--yes'],
	init: ['--dry-run'],
	watch: ['--plain'],
};

test('no command, and no screen, starts in a repository that another user has planted above', other, async t => {
	const {home, env, simulator} = await simulated('quiet', t);
	const shared = join(home, 'shared');
	const planted = join(home, 'planted.log');
	write(shared, {
		...repository,
		'scripts/rollback.sh': `#!/bin/sh\n# Contract: deployctl/1\necho "ran $GH_TOKEN" >> ${planted}\n`,
		'.git/config': `[core]\n\tfsmonitor = echo fsmonitor >> ${planted}; false\n[remote "origin"]\n\turl = https://github.com/acme/shop\n`,
	});
	execFileSync('chown', ['-R', `${nobody}`, shared]);
	const cwd = join(shared, 'victim');
	mkdirSync(cwd);
	for (const {name} of commands.filter(command => !elsewhere.has(command.name))) {
		const ended = await run([name, ...(words[name] ?? [])], {cwd, env});
		assert.equal(ended.exitCode, 2, `${name}: ${ended.stdout}${ended.stderr}`);
		assert.match(ended.stderr, /belongs to another user \(number 65534\)/, name);
	}
	for (const args of [
		['doctor', '--probe', '--yes'],
		['doctor', '--offline'],
		['status', '--repo', 'acme/auto-author'],
		[],
	])
		assert.equal((await run(args, {cwd, env})).exitCode, 2, args.join(' '));
	const screen = startInPty(process.execPath, [launcher], {cwd, env});
	t.after(() => screen.close());
	assert.equal((await screen.exited).exitCode, 2);
	assert.deepEqual([existsSync(planted), simulator.counters.requests], [false, 0]);

	// The control, and the documented way to say yes.
	execFileSync('git', ['config', '--global', '--add', 'safe.directory', shared], {env});
	const trusted = await run(['status'], {cwd, env});
	assert.equal(trusted.exitCode, 0, trusted.stderr);
	execFileSync('chown', ['-R', '0', shared]);
	rmSync(join(home, '.gitconfig'), {force: true});
	assert.equal((await run(['status'], {cwd, env})).exitCode, 0);
});
