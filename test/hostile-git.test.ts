/** What only looks runs nothing that the checkout's git configuration names. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {scriptsHere, scriptsThen} from '../source/operations/readings/local-history.ts';
import {run, simulated} from './helpers/program.ts';
import {startInPty} from './helpers/pty.ts';
import {launcher} from './helpers/program.ts';

const hooks = [
	'post-index-change',
	'fsmonitor-watchman',
	'pre-commit',
	'post-checkout',
	'reference-transaction',
	'pre-auto-gc',
	'post-rewrite',
	'query-watchman',
];

/** Every way of git's configuration to name a program that a read might start. */
const configuration = (planted: string, folder: string) => `[core]
	fsmonitor = ${planted} fsmonitor
	hooksPath = ${folder}/hooks
	sshCommand = ${planted} ssh
	pager = ${planted} pager
	editor = ${planted} editor
	askPass = ${planted} askpass
	gitProxy = ${planted} proxy
	alternateRefsCommand = ${planted} refs
	attributesFile = ${folder}/attributes
[diff]
	external = ${planted} external
[diff "planted"]
	command = ${planted} diff
	textconv = ${planted} textconv
[filter "planted"]
	clean = ${planted} clean
	smudge = ${planted} smudge
	process = ${planted} process
	required = true
[merge "planted"]
	driver = ${planted} merge
[alias]
	lfs = "!${planted} alias"
	ls-files = "!${planted} alias"
	log = "!${planted} alias"
[credential]
	helper = "!${planted} credential"
[gpg]
	program = ${planted} gpg
[log]
	showSignature = true
[pager]
	log = ${planted} pager
	config = ${planted} pager
[extensions]
	partialClone = origin
[remote "origin"]
	url = https://github.com/acme/auto-author.git
	promisor = true
	partialclonefilter = blob:none
	uploadpack = ${planted} uploadpack
	fetch = +refs/heads/*:refs/remotes/origin/*
[url "ext::${planted} url "]
	insteadOf = nowhere://
[includeIf "gitdir:**"]
	path = ${folder}/more
`;

const place = async (t: TestContext) => {
	const {home, env, simulator} = await simulated('quiet', t);
	const cwd = join(home, 'checkout');
	const [planted, log, folder] = [join(home, 'planted'), join(home, 'planted.log'), join(home, 'folder')];
	mkdirSync(join(cwd, 'scripts'), {recursive: true});
	mkdirSync(join(folder, 'hooks'), {recursive: true});
	writeFileSync(planted, `#!/bin/sh\necho "$*" >> ${log}\n`, {mode: 0o755});
	for (const hook of hooks)
		writeFileSync(join(folder, 'hooks', hook), `#!/bin/sh\necho hook >> ${log}\n`, {mode: 0o755});
	writeFileSync(join(folder, 'attributes'), '* filter=planted diff=planted merge=planted\n');
	writeFileSync(join(folder, 'more'), `[core]\n\tfsmonitor = ${planted} included\n`);
	for (const name of ['deploy.sh', 'rollback.sh'])
		writeFileSync(join(cwd, 'scripts', name), `#!/bin/sh\n# Contract: deployctl/1\necho script >> ${log}\n`, {
			mode: 0o755,
		});
	writeFileSync(join(cwd, 'scripts/deploy.staging.conf'), 'MIGRATE_CMD=scripts/migrate.sh\n');
	writeFileSync(join(cwd, 'scripts/migrate.sh'), `#!/bin/sh\necho migrate >> ${log}\n`, {mode: 0o755});
	writeFileSync(join(cwd, '.gitattributes'), '* filter=planted diff=planted merge=planted\n*.bin filter=lfs\n');
	writeFileSync(join(cwd, '.gitmodules'), '[submodule "x"]\n\tpath = sub\n\turl = nowhere://x\n');
	writeFileSync(join(cwd, 'deployctl.yml'), 'environments:\n  staging: {version: "http://127.0.0.1:9/version"}\n');
	const git = (...parameters: string[]) =>
		execFileSync('git', ['-c', 'user.name=kim', '-c', 'user.email=kim@example.org', ...parameters], {
			cwd,
			env,
			stdio: 'pipe',
		});
	git('init', '-q', '-b', 'develop');
	git('add', '-A');
	git('commit', '-qm', 'first');
	const sha = execFileSync('git', ['rev-parse', 'HEAD'], {cwd, env, encoding: 'utf8'}).trim();
	writeFileSync(
		join(cwd, 'scripts/rollback.sh'),
		`#!/bin/sh\n# Contract: deployctl/1\n# changed\necho script >> ${log}\n`,
	);
	writeFileSync(join(cwd, '.git/config'), `[core]\n\trepositoryformatversion = 1\n${configuration(planted, folder)}`);
	return {
		cwd,
		env,
		log,
		sha,
		planted,
		simulator,
		ran: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
		forget: () => rmSync(log, {force: true}),
	};
};

/** Everything that only looks, and what asks before it acts. */
const looking = (sha: string): ReadonlyArray<readonly string[]> => [
	['status'],
	['status', '--json', '--sha', sha],
	['gate'],
	['gate', '--sha', sha],
	['operations'],
	['audit'],
	['timeline'],
	['doctor'],
	['doctor', '--offline', '--json'],
	['init', '--dry-run'],
	['logs', '--failed'],
	['deploy', 'staging', '--dry-run'],
	['deploy', 'staging', '--sha', sha, '--dry-run'],
	['deploy', 'staging', '--sha', sha.slice(0, 8), '--dry-run', '--json'],
	['deploy', 'production', '--sha', sha, '--dry-run'],
	['rollback', 'staging', '--dry-run'],
	['rollback', 'production', '--dry-run', '--yes'],
	['rollback', 'staging', '--dry-run', '--json'],
	['promote', '--dry-run'],
	['stop', 'staging', '--then-roll-back', '--dry-run'],
	['sign-off', 'qa', '--dry-run'],
	['dispatch', 'e2e', '--dry-run'],
];

test('no program that a hostile .git/config names runs for anything that only looks', async t => {
	const it = await place(t);
	// The control: git itself does run them.
	spawnSync('git', ['status'], {cwd: it.cwd, env: it.env});
	spawnSync('git', ['-c', 'core.fsmonitor=false', 'diff'], {cwd: it.cwd, env: it.env});
	assert.match(it.ran(), /included|fsmonitor/);
	assert.match(it.ran(), /clean|process|external|diff/);
	it.forget();
	for (const args of looking(it.sha)) {
		const ended = await run(args, {cwd: it.cwd, env: it.env});
		assert.equal(it.ran(), '', args.join(' '));
		assert.notEqual(ended.exitCode, 70, `${args.join(' ')}: ${ended.stderr}`);
	}
	// Without the short way to the repository's name, and from within an embedded bare one.
	const unnamed = Object.fromEntries(Object.entries(it.env).filter(([name]) => name !== 'GH_REPO'));
	const bare = join(it.cwd, 'docs/evil');
	mkdirSync(join(bare, 'objects'), {recursive: true});
	mkdirSync(join(bare, 'refs'));
	writeFileSync(join(bare, 'HEAD'), 'ref: refs/heads/develop\n');
	writeFileSync(join(bare, 'config'), `[core]\n\tbare = true\n${configuration(it.planted, it.cwd)}`);
	for (const cwd of [it.cwd, bare]) {
		for (const args of [['status'], ['doctor', '--offline'], ['deploy', 'staging', '--sha', it.sha, '--dry-run']]) {
			await run(args, {cwd, env: unnamed});
			assert.equal(it.ran(), '', `${cwd} ${args.join(' ')}`);
		}
	}
	const screen = startInPty(process.execPath, [launcher], {cwd: it.cwd, env: it.env, columns: 100, rows: 30});
	t.after(() => screen.close());
	await screen.waitFor(/quit|acme/);
	screen.write('B');
	await screen.waitFor(/staging/);
	screen.write('\r');
	await screen.waitFor(/Roll back|releases|Reading/);
	screen.signal('SIGTERM');
	await screen.exited;
	assert.equal(it.ran(), '');
});

test('mending the index takes the mode alone, and runs nothing either', async t => {
	const it = await place(t);
	chmodSync(join(it.cwd, 'scripts/deploy.sh'), 0o644);
	// As young as the index, and as long as before: git tells by the content alone, and reads it through filters when it writes the index.
	const changed = join(it.cwd, 'scripts/migrate.sh');
	writeFileSync(changed, readFileSync(changed, 'utf8').replace('migrate', 'MIGRATE'));
	const {mtime} = statSync(join(it.cwd, '.git/index'));
	for (const name of readdirSync(join(it.cwd, 'scripts'))) utimesSync(join(it.cwd, 'scripts', name), mtime, mtime);
	utimesSync(join(it.cwd, '.git/index'), mtime, mtime);
	const {stdout} = await run(['doctor', '--fix', '--yes', '--json', '--offline', '--only', 'scripts'], {
		cwd: it.cwd,
		env: it.env,
	});
	assert.match(stdout, /"done": true/);
	assert.equal(it.ran(), '');
	writeFileSync(join(it.cwd, '.git/config'), '[core]\n\trepositoryformatversion = 0\n');
	const git = (...parameters: string[]) =>
		execFileSync('git', parameters, {cwd: it.cwd, env: it.env, encoding: 'utf8'});
	assert.match(git('ls-files', '--stage', 'scripts/deploy.sh'), /^100755 /);
	assert.deepEqual(
		git('diff', '--name-only').trim().split('\n').toSorted(),
		['scripts/migrate.sh', 'scripts/rollback.sh'],
		'what was changed is still seen as changed',
	);
});

test('scripts are compared with a commit without the filters that the repository names', async t => {
	const it = await place(t);
	const repository = {directory: it.cwd, env: it.env};
	assert.deepEqual(await scriptsThen(repository, it.sha, 'scripts'), {
		state: 'differs',
		files: ['scripts/rollback.sh'],
	});
	assert.deepEqual(
		(await scriptsHere(repository, ['develop'], 'scripts')).against,
		null,
		'origin has no such branch here',
	);
	writeFileSync(
		join(it.cwd, 'scripts/rollback.sh'),
		readFileSync(join(it.cwd, 'scripts/rollback.sh'), 'utf8').replace('# changed\n', ''),
	);
	assert.deepEqual(await scriptsThen(repository, it.sha, 'scripts'), {state: 'same'});
	writeFileSync(
		join(it.cwd, 'scripts/rollback.sh'),
		readFileSync(join(it.cwd, 'scripts/rollback.sh'), 'utf8').replaceAll('\n', '\r\n'),
	);
	assert.deepEqual(await scriptsThen(repository, it.sha, 'scripts'), {state: 'same'}, 'line ends of this system');
	assert.deepEqual(await scriptsThen(repository, 'f'.repeat(40), 'scripts'), {state: 'unknown'});
	assert.equal(it.ran(), '');
});
