import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {Failure} from '../source/errors.ts';
import {realFiles} from '../source/settings/checkout/files.ts';
import {locateRepository} from '../source/settings/access/locate.ts';
import type {RepositoryQuestion} from '../source/settings/access/locate.ts';
import {originIn} from '../source/settings/checkout/origin.ts';
import {parseRemoteUrl, parseRepositoryName, repositoryText} from '../source/settings/hosts/repository-name.ts';
import {realRun} from '../source/settings/checkout/run.ts';
import type {Run} from '../source/settings/checkout/run.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'deployctl-locate-')));
after(() => rmSync(root, {recursive: true, force: true}));

const nothing = join(root, 'nothing');
writeFileSync(nothing, '');
/** Real git, without the configuration of whoever runs the tests. */
const env = {PATH: process.env['PATH'], HOME: root, GIT_CONFIG_GLOBAL: nothing, GIT_CONFIG_SYSTEM: nothing};

let count = 0;
const checkout = (origin: string | null) => {
	const folder = join(root, String(count++));
	execFileSync('git', ['init', '-q', folder], {env});
	if (origin !== null) {
		execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', origin], {env});
	}

	return folder;
};

const noPrograms: Run = async command => assert.fail(`${command} was run`);
const question = (directory: string, more: Partial<RepositoryQuestion> = {}): RepositoryQuestion => ({
	flag: null,
	configured: null,
	directory,
	env,
	files: realFiles,
	run: realRun,
	...more,
});

const failureOf = async (promise: Promise<unknown>): Promise<Failure> => {
	const error = await promise.then(
		() => null,
		(error: unknown) => error,
	);
	assert.ok(error instanceof Failure, String(error));
	return error;
};

for (const [address, expected] of [
	['https://github.com/acme/app.git', 'acme/app'],
	['https://github.com/acme/app', 'acme/app'],
	['https://github.com/acme/app/', 'acme/app'],
	['https://github.com:443/acme/app.git/', 'acme/app'],
	['https://me:p@ss@github.com/acme/app.git', 'acme/app'],
	['https://x-access-token:ghs_abc@GitHub.com/acme/app', 'acme/app'],
	['https://www.github.com/acme/app', 'acme/app'],
	['http://git.example.org/acme/app', 'git.example.org/acme/app'],
	['https://git.example.org:8443/acme/app.git', 'git.example.org:8443/acme/app'],
	['ssh://git@github.com/acme/app.git', 'acme/app'],
	['ssh://git@ssh.github.com:443/acme/app.git', 'acme/app'],
	['ssh://git@git.example.org:2222/acme/app', 'git.example.org/acme/app'],
	['git+ssh://git@github.com/acme/app', 'acme/app'],
	['git://github.com/acme/app.git', 'acme/app'],
	['git@github.com:acme/app.git', 'acme/app'],
	['git@github.com:/acme/app.git', 'acme/app'],
	['org-1234@github.com:acme/app.git', 'acme/app'],
	['github.com:acme/app', 'acme/app'],
	['git@github.com-work:acme/app.git', 'acme/app'],
	['acme@acme.ghe.com:acme/app.git', 'acme.ghe.com/acme/app'],
	['git@work:acme/app.name_x.git', 'work/acme/app.name_x'],
	['https://github.com/acme', null],
	['https://github.com/acme/app/tree/main', null],
	['https://github.com/acme/..', null],
	['https://-evil/acme/app', null],
	['git@-oProxyCommand=x:acme/app', null],
	['/srv/git/app.git', null],
	['../app.git', null],
	['C:/work/app', null],
	['C:\\work\\app', null],
	['file:///srv/git/app', null],
	['', null],
] as const) {
	test(`reads the remote ${address}`, () => {
		const repository = parseRemoteUrl(address);
		assert.equal(repository === null ? null : repositoryText(repository), expected);
	});
}

test('reads [HOST/]OWNER/NAME', () => {
	assert.deepEqual(parseRepositoryName('acme/app'), {host: null, owner: 'acme', name: 'app'});
	assert.deepEqual(parseRepositoryName('Git.Example.org:8443/acme/app.git'), {
		host: 'git.example.org:8443',
		owner: 'acme',
		name: 'app',
	});
	assert.deepEqual(parseRepositoryName(' https://github.com/acme/app '), {
		host: 'github.com',
		owner: 'acme',
		name: 'app',
	});
	for (const text of [
		'',
		'app',
		'a/b/c/d',
		'acme/',
		'/app',
		'acme/..',
		'ac me/app',
		'-x/app',
		'acme/a\u001Bb',
		'bad_host!/acme/app',
	]) {
		assert.equal(parseRepositoryName(text), null, text);
	}
});

test('reads origin from the configuration, only where that is certain', () => {
	assert.equal(
		originIn(
			'[core]\n\tbare = false\n[remote "upstream"]\n\turl = x\n[remote "origin"]\n\tfetch = +a\n\tURL = git@github.com:acme/app.git \n\turl = second\n[branch "main"]\n\turl = y\n',
		),
		'git@github.com:acme/app.git',
	);
	for (const text of [
		'',
		'[core]\n',
		'[remote "origin"]\n\turl = "quoted"\n',
		'[remote "origin"]\n\turl = a # b\n',
		'[include]\n\tpath = x\n[remote "origin"]\n\turl = a\n',
		'[url "git@a:"]\n\tinsteadOf = b\n[remote "origin"]\n\turl = a\n',
		'[remote "origin"] url = a\n',
		'[extensions]\n\tworktreeConfig = true\n[remote "origin"]\n\turl = a\n',
		'[remote "Origin"]\n\turl = a\n',
	]) {
		assert.equal(originIn(text), null, text);
	}
});

test('a checkout of github.com is read without running anything, from any of its folders', async () => {
	const folder = checkout('git@github.com:acme/app.git');
	mkdirSync(join(folder, 'a/b'), {recursive: true});
	for (const directory of [folder, join(folder, 'a/b')]) {
		assert.deepEqual(await locateRepository(question(directory, {run: noPrograms})), {
			host: 'github.com',
			owner: 'acme',
			name: 'app',
			source: 'origin',
			isExplicit: false,
		});
	}
});

test('worktrees and submodules', async () => {
	const folder = checkout('https://github.com/acme/app.git');
	const git = (...parameters: string[]) =>
		execFileSync(
			'git',
			[
				'-C',
				folder,
				'-c',
				'user.name=a',
				'-c',
				'user.email=a@example.org',
				'-c',
				'protocol.file.allow=always',
				...parameters,
			],
			{env, stdio: 'pipe'},
		);
	git('commit', '-q', '--allow-empty', '-m', 'one');
	git('worktree', 'add', '-q', join(folder, 'tree'));
	assert.equal((await locateRepository(question(join(folder, 'tree'), {run: noPrograms}))).name, 'app');

	const library = checkout(null);
	execFileSync(
		'git',
		[
			'-C',
			library,
			'-c',
			'user.name=a',
			'-c',
			'user.email=a@example.org',
			'commit',
			'-q',
			'--allow-empty',
			'-m',
			'one',
		],
		{env},
	);
	git('submodule', '--quiet', 'add', library, 'library');
	execFileSync(
		'git',
		['-C', join(folder, 'library'), 'remote', 'set-url', 'origin', 'https://github.com/acme/library'],
		{env},
	);
	assert.equal((await locateRepository(question(join(folder, 'library'), {run: noPrograms}))).name, 'library');
});

test("insteadOf of the person's own configuration is honoured", async () => {
	const configuration = join(root, 'person');
	writeFileSync(configuration, '[url "git@github.com:"]\n\tinsteadOf = gh:\n');
	const directory = checkout('gh:acme/app');
	assert.equal(
		repositoryText(await locateRepository(question(directory, {env: {...env, GIT_CONFIG_GLOBAL: configuration}}))),
		'acme/app',
	);
});

test('an alias of the ssh configuration leads to its host', async () => {
	const programs = join(root, 'ssh-programs');
	mkdirSync(programs);
	writeFileSync(join(programs, 'ssh'), '#!/bin/sh\necho "user git"\necho "hostname github.com"\n');
	chmodSync(join(programs, 'ssh'), 0o755);
	const directory = checkout('git@work:acme/app.git');
	assert.equal(
		repositoryText(await locateRepository(question(directory, {env: {...env, PATH: `${programs}:${env.PATH}`}}))),
		'acme/app',
	);
});

test("an alias in any writing that ssh allows: the operator's configuration says what it means", async () => {
	const programs = join(root, 'ssh-aliases');
	mkdirSync(programs);
	writeFileSync(
		join(programs, 'ssh'),
		'#!/bin/sh\ncase $2 in gh_work|Work) echo "hostname github.com" ;; *) echo "hostname $2" ;; esac\n',
	);
	chmodSync(join(programs, 'ssh'), 0o755);
	const of = (url: string) =>
		locateRepository(question(checkout(url), {env: {...env, PATH: `${programs}:${env.PATH}`}}));
	for (const url of [
		'git@gh_work:acme/app.git',
		'gh_work:acme/app',
		'ssh://gh_work/acme/app',
		'ssh://git@gh_work:22/acme/app.git',
		'git@Work:acme/app.git',
	]) {
		assert.equal(repositoryText(await of(url)), 'acme/app', url);
	}
	const failure = await failureOf(of('git@gh_home:acme/app.git'));
	assert.deepEqual(
		[failure.message, failure.because, failure.exitCode],
		[
			'The host of the repository is not known',
			'the origin remote calls it "gh_home", and ssh knows no host of that name here',
			2,
		],
	);
	assert.match(failure.next ?? '', /^name it: --repo acme\/app \(on github\.com\) or --repo HOST\/acme\/app/);
	assert.equal((await of('git@git:acme/app.git')).host, 'git', "one word may be a host of one's own network");
	for (const hostile of [
		'git@-oProxyCommand=touch:acme/app',
		'git@$(touch x):acme/app',
		'git@a`b`:acme/app',
		'git@-G:acme/app',
	]) {
		assert.equal((await failureOf(of(hostile))).message, 'There is no repository in this folder', hostile);
	}
});

test('an enterprise host stays one', async () => {
	const directory = checkout('https://git.example.org/acme/app.git');
	assert.equal(repositoryText(await locateRepository(question(directory))), 'git.example.org/acme/app');
});

test('the order: --repo, GH_REPO, deployctl.yml, origin', async () => {
	const directory = checkout('https://git.example.org/acme/origin.git');
	const located = async (more: Partial<RepositoryQuestion>) => {
		const repository = await locateRepository(question(directory, more));
		return `${repository.source} ${repository.host} ${repository.name} ${repository.isExplicit}`;
	};

	const variables = {...env, GH_REPO: 'a.example/acme/variable'};
	assert.equal(
		await located({flag: 'acme/flag', env: variables, configured: 'acme/file'}),
		'--repo github.com flag false',
	);
	assert.equal(await located({flag: 'b.example/acme/flag', env: variables}), '--repo b.example flag true');
	assert.equal(await located({env: variables, configured: 'acme/file'}), 'GH_REPO a.example variable true');
	assert.equal(await located({configured: 'acme/file'}), 'deployctl.yml git.example.org file false');
	assert.equal(
		await located({configured: 'acme/file', env: {...env, GH_HOST: 'c.example'}}),
		'deployctl.yml c.example file true',
	);
	assert.equal(await located({env: {...env, GH_REPO: ''}}), 'origin git.example.org origin false');
	assert.equal(await located({flag: 'acme/flag', env: {...env, GH_HOST: 'c.example'}}), '--repo c.example flag true');
});

test('deployctl.yml outside of any checkout means github.com', async () => {
	assert.equal(
		repositoryText(await locateRepository(question(root, {configured: 'acme/file', run: noPrograms}))),
		'acme/file',
	);
});

test('without a repository, the failure says the three ways', async () => {
	for (const directory of [root, checkout(null), checkout('/srv/git/app.git')]) {
		const failure = await failureOf(locateRepository(question(directory)));
		assert.equal(failure.exitCode, 2);
		for (const way of [/checkout/, /--repo OWNER\/NAME/, /deployctl\.yml/]) {
			assert.match(failure.next ?? '', way);
		}
	}
});

test('names that are none are refused, with where they stand', async () => {
	assert.equal(
		(await failureOf(locateRepository(question(root, {flag: 'nonsense'})))).message,
		'--repo names no repository: "nonsense"',
	);
	assert.equal(
		(await failureOf(locateRepository(question(root, {env: {...env, GH_REPO: 'a/b\u001B[31m'}})))).message,
		'GH_REPO names no repository: "a/b"',
	);
	assert.match(
		(await failureOf(locateRepository(question(root, {flag: 'a/b', env: {...env, GH_HOST: 'https://x'}})))).message,
		/^GH_HOST names no host/,
	);
});

test('GH_HOST against the origin remote is refused', async () => {
	const directory = checkout('https://github.com/acme/app');
	assert.equal(
		(await failureOf(locateRepository(question(directory, {env: {...env, GH_HOST: 'git.example.org'}})))).message,
		'GH_HOST is git.example.org, but the origin remote is on github.com',
	);
});

test('a program that is missing or fails is no answer', async () => {
	assert.equal(await realRun('no-such-program', [], {directory: root, env}), null);
	assert.equal(await realRun('git', ['no-such-command'], {directory: root, env}), null);
	assert.equal(await realRun('git', ['--version'], {directory: join(root, 'no-such-folder'), env}), null);
});
