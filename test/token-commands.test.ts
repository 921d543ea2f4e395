/**
Commands as they are typed, with exactly what the table of tokens says of them, and without one of the permissions that they cannot do without.
*/
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import type {Context} from '../source/commands/desk/context.ts';
import {runCommand} from '../source/commands/run.ts';
import {type Level, type Permission, type Permissions} from '../source/core/github/needs.ts';
import {exitCodes, Failure} from '../source/errors.ts';
import {commandNeeds, needsOfUses} from '../source/github/token-needs.ts';
import {simulated} from './helpers/program.ts';

type Ran = {code: number; said: string};

/** In this process: what `cli.tsx` does around a command, without a terminal. */
const ran = async (argv: readonly string[], env: Readonly<Record<string, string>>, home: string): Promise<Ran> => {
	let said = '';
	const write = (text: string) => {
		said += text;
	};
	const line = parseCommandLine(argv);
	assert.ok('command' in line, argv.join(' '));
	const context = {
		env,
		directory: home,
		platform: process.platform,
		home,
		argv,
		stdin: process.stdin,
		stdout: {
			write(text: string) {
				write(text);
				return true;
			},
			isTTY: false,
		},
		output: {write, error: write},
		program: process,
		isInteractive: false,
		isAskable: false,
		signal: new AbortController().signal,
		started: {},
		entry: import.meta.url,
	} as unknown as Context;
	try {
		return {code: await runCommand(context, line), said};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return {code: error.exitCode, said: `${said}${error.message} ${error.because ?? ''} ${error.next ?? ''}`};
	}
};

const tokenOf = (sort: string, permissions: Permissions) =>
	`sim_${sort}:${Object.entries(permissions)
		.map(([name, level]) => `${name}=${level}`)
		.join(',')}`;
const lessThan = (all: Permissions): Array<[Permission, Level, Permissions]> =>
	(Object.entries(all) as Array<[Permission, Level]>).map(([name, level]) => [
		name,
		level,
		Object.fromEntries(
			Object.entries(all).flatMap(([other, has]) =>
				other !== name ? [[other, has]] : level === 'write' ? [[other, 'read']] : [],
			),
		),
	]);

/** The simulator's names of tokens say what they may; no real token has such characters. They are put in on the way out. */
const disguised = (token: string) => `sim_${Buffer.from(token).toString('hex')}`;
const honest = globalThis.fetch;
globalThis.fetch = async (input, init) => {
	const headers = new Headers(init?.headers);
	const [, hex = ''] = /^bearer sim_([0-9a-f]+)$/i.exec(headers.get('authorization') ?? '') ?? [];
	if (hex !== '') headers.set('authorization', `bearer ${Buffer.from(hex, 'hex').toString()}`);
	return honest(input, {...init, headers});
};

/** What is run, with its exit code. Other commands are sums of the same uses, which test/tokens.test.ts acts out one by one. */
const lines: ReadonlyArray<[name: string, argv: readonly string[], code: number]> = [
	['status', ['status'], 0],
	['gate', ['gate'], 3],
];

const prepared = async (t: TestContext) => {
	const bench = await simulated('red-e2e', t);
	mkdirSync(join(bench.home, 'config'), {recursive: true});
	writeFileSync(join(bench.home, 'deployctl.yml'), 'promotion: {signOffs: [qa]}\n');

	bench.simulator.simulation.advanceTo(bench.clock.now() + 30 * 60_000);
	return bench;
};

for (const [name, argv, expected] of lines) {
	test(`${name}: works with the table's minimum, and says what is missing without what nothing can be done without`, async t => {
		const needed = needsOfUses(commandNeeds.find(({commands}) => commands.includes(name))!.uses);
		for (const token of ['sim_classic:repo', tokenOf('fine-grained', needed), tokenOf('app', needed)]) {
			const {home, env} = await prepared(t);
			const {code, said} = await ran(argv, {...env, GH_TOKEN: disguised(token)}, home);
			assert.equal(code, expected, `${token}: ${said}`);
		}
		for (const [permission, level, less] of lessThan(needed).filter(
			([one]) => one === 'actions' || one === 'contents',
		)) {
			const {home, env} = await prepared(t);
			const {code, said} = await ran(argv, {...env, GH_TOKEN: disguised(tokenOf('fine-grained', less))}, home);
			assert.equal(code, exitCodes.notPermitted, said);
			assert.match(said, new RegExp(`${permission}=${level}`));
		}
	});
}

const reading = {actions: 'read', contents: 'read', statuses: 'read', deployments: 'read'} as const;
const without = (permission: keyof typeof reading): Permissions =>
	Object.fromEntries(Object.entries(reading).filter(([name]) => name !== permission)) as Permissions;

/** What is typed with a token that lacks one permission: the exit code, and what is said of that. */
const lacking: ReadonlyArray<
	[argv: readonly string[], missing: 'actions' | 'statuses' | 'deployments', code: number, said: readonly RegExp[]]
> = [
	[
		['gate'],
		'statuses',
		3,
		[
			/unknown sign-offs .*the commit's statuses have not been read \(GitHub refuses: Resource not accessible/,
			/statuses=read/,
		],
	],
	[['gate'], 'deployments', 4, [/GitHub left out the deployments \(GitHub refuses/, /deployments=read/]],
	[['status'], 'statuses', 0, [/^not read: commit statuses: GitHub refuses.*statuses=read$/m]],
	[['gate', '--json'], 'statuses', 3, [/"id": "sign-offs",\s+"met": "unknown"/, /"id": "staged",\s+"met": true/]],
	[['logs', '--tier', 'e2e'], 'actions', 4, [/could not be read.* GitHub refuses.*actions=read/]],
	[['status'], 'deployments', 0, [/^not read: deployments: GitHub refuses.*deployments=read$/m]],
];

for (const [argv, missing, expected, texts] of lacking) {
	test(`${argv.join(' ')} without ${missing}: what was not read is unknown, and the permission is named`, async t => {
		for (const sort of ['fine-grained', 'app']) {
			const {home, env} = await prepared(t);
			const {code, said} = await ran(argv, {...env, GH_TOKEN: disguised(tokenOf(sort, without(missing)))}, home);
			assert.equal(code, expected, said);
			for (const text of texts) assert.match(said, text);
			// With the statuses in hand it may be missing indeed.
			if (missing === 'statuses') assert.doesNotMatch(said, /sign-off missing/);
			if (argv[0] === 'status') assert.equal(said.split(`${missing}=read`).length, 2, `once: ${said}`);
		}
	});
}

test('status --json names in "partial" what the token may not read', async t => {
	const {home, env} = await prepared(t);
	const {code, said} = await ran(
		['status', '--json'],
		{...env, GH_TOKEN: disguised(tokenOf('fine-grained', without('statuses')))},
		home,
	);
	const {partial, candidates} = JSON.parse(said) as {
		partial: readonly string[];
		candidates: ReadonlyArray<{gate: {conditions: ReadonlyArray<{id: string; met: unknown}>}}>;
	};
	assert.equal(code, 0);
	assert.equal(partial.length, 1);
	assert.match(partial[0]!, /^commit statuses: .*statuses=read/);
	assert.deepEqual(
		new Set(candidates.map(({gate}) => gate.conditions.find(({id}) => id === 'sign-offs')?.met)),
		new Set(['unknown']),
	);
});

test('lock without Contents: write: only this machine knows, and the permission is named', async t => {
	const {home, env} = await prepared(t);
	const {code, said} = await ran(
		['lock', 'production', '-m', 'audit', '--yes', '--confirm', 'lock production'],
		{...env, GH_TOKEN: disguised(tokenOf('fine-grained', reading))},
		home,
	);
	assert.equal(code, 0, said);
	assert.match(said, /on this machine only: GitHub could not be told \(.*contents=write/);
});
