/**
Commands as they are typed, with exactly what the table of tokens says of them, and without one of the permissions that they cannot do without.
*/
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {parseCommandLine} from '../source/commands/parse.ts';
import type {Context} from '../source/commands/context.ts';
import {runCommand} from '../source/commands/run.ts';
import {type Level, type Permission, type Permissions} from '../source/core/github-needs.ts';
import {exitCodes, Failure} from '../source/errors.ts';
import {commandNeeds, needsOfUses} from '../source/github/token-needs.ts';
import {simulated} from './helpers/program.ts';

type Ran = {code: number; said: string};

/** In this process: what `cli.tsx` does around a command, without a terminal. */
const ran = async (argv: readonly string[], env: Readonly<Record<string, string>>, home: string): Promise<Ran> => {
	let said = '';
	const write = (text: string) => { said += text; };
	const line = parseCommandLine(argv);
	assert.ok('command' in line, argv.join(' '));
	const context = {
		env, directory: home, platform: process.platform, home, argv, stdin: process.stdin, stdout: {write(text: string) { write(text); return true; }, isTTY: false}, output: {write, error: write},
		program: process, isInteractive: false, isAskable: false, signal: new AbortController().signal, started: {}, entry: import.meta.url,
	} as unknown as Context;
	try {
		return {code: await runCommand(context, line), said};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return {code: error.exitCode, said: `${said}${error.message} ${error.because ?? ''} ${error.next ?? ''}`};
	}
};

const tokenOf = (sort: string, permissions: Permissions) => `sim_${sort}:${Object.entries(permissions).map(([name, level]) => `${name}=${level}`).join(',')}`;
const lessThan = (all: Permissions): Array<[Permission, Level, Permissions]> => (Object.entries(all) as Array<[Permission, Level]>)
	.map(([name, level]) => [name, level, Object.fromEntries(Object.entries(all).flatMap(([other, has]) => other !== name ? [[other, has]] : level === 'write' ? [[other, 'read']] : []))]);

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
	['status', ['status'], 0], ['gate', ['gate'], 3],
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
		for (const [permission, level, less] of lessThan(needed).filter(([one]) => one === 'actions' || one === 'contents')) {
			const {home, env} = await prepared(t);
			const {code, said} = await ran(argv, {...env, GH_TOKEN: disguised(tokenOf('fine-grained', less))}, home);
			assert.equal(code, exitCodes.notPermitted, said);
			assert.match(said, new RegExp(`${permission}=${level}`));
		}
	});
}
