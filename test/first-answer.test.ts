/** The first answer to somebody who has nothing yet: the same on a terminal and in a pipe, with the ways on. */
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {doctorText} from '../source/commands/setup/doctor-text.ts';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import {diagnose} from '../source/doctor/diagnose.ts';
import type {Readings} from '../source/doctor/model/model.ts';
import {waysOn} from '../source/settings/access/ways-on.ts';
import {contract, healthy, script} from './helpers/doctor.ts';
import {launcher, run, temporaryHome} from './helpers/program.ts';
import {startInPty} from './helpers/pty.ts';

type Answer = {text: string; exitCode: number};
type At = {env: Record<string, string>; cwd: string};

const inPipe = async (args: readonly string[], {env, cwd}: At): Promise<Answer> => {
	const {stdout, stderr, exitCode} = await run(args, {env, cwd});
	return {text: `${stdout}${stderr}`, exitCode: exitCode!};
};

/** On a terminal, as a shell would show it: the lines that are left on the ordinary screen. */
const onTerminal = async (t: TestContext, args: readonly string[], {env, cwd}: At): Promise<Answer> => {
	const pty = startInPty(process.execPath, [launcher, ...args], {
		columns: 250,
		rows: 40,
		cwd,
		env: {...env, TERM: 'xterm-256color'},
	});
	t.after(() => pty.close());
	const {exitCode} = await pty.exited;
	return {text: pty.text(), exitCode};
};

const lines = ({text}: Answer): string[] =>
	text
		.split('\n')
		.map(line => line.trimEnd())
		.filter(line => line !== '');

/** A home in which nothing is installed that could know a token. */
const nothing = (t: TestContext): At => {
	const {home, env} = temporaryHome(t);
	return {env: {...env, PATH: ''}, cwd: home};
};

const sameOnBoth = async (
	t: TestContext,
	args: readonly string[],
	at: At,
	expected: {exitCode: number; says: RegExp},
): Promise<void> => {
	const [piped, shown] = [await inPipe(args, at), await onTerminal(t, args, at)];
	assert.deepEqual([piped.exitCode, shown.exitCode], [expected.exitCode, expected.exitCode], shown.text);
	assert.match(piped.text, expected.says);
	assert.deepEqual(lines(shown), lines(piped));
	for (const [command] of waysOn)
		assert.ok(piped.text.includes(`\n  ${command}  `), `${command} is not among the ways on`);
};

test('no repository, no token, no configuration: one answer, 2, with three ways on', async t => {
	await sameOnBoth(t, [], nothing(t), {
		exitCode: 2,
		says: /^deployctl: There is no repository in this folder: .*\n {2}Go into a checkout; .*--repo OWNER\/NAME/,
	});
});

test('the same where another repository was open last, of which nothing is known here', async t => {
	const at = nothing(t);
	mkdirSync(join(at.cwd, 'config', 'deployctl'), {recursive: true});
	writeFileSync(
		join(at.cwd, 'config', 'deployctl', 'preferences.json'),
		JSON.stringify({lastRepository: 'github.com/acme/auto-author'}),
	);
	await sameOnBoth(t, [], at, {exitCode: 2, says: /There is no repository in this folder/});
});

test('a repository and no token: one answer, 4, with the same ways on', async t => {
	await sameOnBoth(t, ['--repo', 'acme/auto-author'], nothing(t), {
		exitCode: 4,
		says: /^deployctl: There is no token for github\.com\.\n {2}Sign in with: gh auth login/,
	});
});

test('ways on are commands that there are', () => {
	for (const [command] of waysOn.filter(([text]) => text.startsWith('deployctl ')))
		assert.doesNotThrow(() => parseCommandLine(command.split(' ').slice(1)), command);
});

const bare = async (): Promise<Readings> => {
	const readings = await healthy();
	const scripts = ['scripts/deploy.sh', 'scripts/rollback.sh'].map(path => script(path, {text: null}));
	return {
		...readings,
		github: null,
		token: {ok: false, kind: 'absent', because: 'There is no token', next: 'Sign in.'},
		settingsPath: null,
		disk: {...readings.disk, files: [], scripts},
	};
};

const report = (readings: Readings): string =>
	doctorText(readings, diagnose(readings, null, contract), {columns: 80, isVerbose: false, fixes: []});

test('doctor says where it looked, and ends with the one command that fixes what it can', async () => {
	const text = report(await bare());
	for (const name of ['test-suite.yml', 'deploy-staging.yml', 'deployctl.yml', 'scripts/deploy.sh']) {
		assert.match(
			text.replaceAll(/\s+/g, ' '),
			new RegExp(`here is no ${name.replace('.', '\\.')} in this folder`, 'i'),
		);
	}
	const fixable = text.split('\n').filter(line => /Fix: deployctl init (?:--only \w+ )?writes/.test(line)).length;
	assert.ok(fixable >= 6, text);
	assert.ok(text.endsWith(`\n\nFix all ${fixable}: deployctl init\n`), text.slice(-300));
	assert.doesNotThrow(() => parseCommandLine(['init']));
});

test('doctor names the group where all of it is in one, and says nothing of the kind about one thing alone', async () => {
	const readings = await healthy();
	const both = report({
		...readings,
		disk: {
			...readings.disk,
			scripts: [script('scripts/deploy.sh', {text: null}), script('scripts/rollback.sh', {text: null})],
		},
	});
	assert.ok(both.endsWith('\n\nFix all 2: deployctl init --only scripts\n'), both.slice(-300));
	const one = report({
		...readings,
		disk: {...readings.disk, scripts: [script('scripts/deploy.sh', {text: null}), script('scripts/rollback.sh')]},
	});
	assert.doesNotMatch(one, /Fix all/);
	assert.doesNotMatch(report(readings), /Fix all/);
});
