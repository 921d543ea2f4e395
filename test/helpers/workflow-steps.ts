/** Runs single steps of workflows as GitHub does: bash, their environment evaluated, a small `gh` that talks to a simulator, everything else from the PATH. */
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import type {TestContext} from 'node:test';
import {execa} from 'execa';
import type {Step} from './workflow-linters.ts';

/** What of jq the workflows use, word for word: an expression that is not here is a failure, not a guess. */
const jq = {
	'.id': (value: {id: number}) => [value.id],
	'.status': (value: {status: string}) => [value.status],
	'.[0].state': (value: Array<{state: string}>) => [value[0]?.state ?? null],
	'.sha': (value: {sha: string}) => [value.sha],
	'.[].ref': (value: Array<{ref: string}>) => value.map(({ref}) => ref),
	'.[].id': (value: Array<{id: number}>) => value.map(({id}) => id),
	'.workflow_runs[].head_sha': (value: {workflow_runs: Array<{head_sha: string}>}) => value.workflow_runs.map(run => run.head_sha),
} as const;

const shim = (node: string): string => `#!${node}
const {appendFileSync, readFileSync} = require('node:fs');
const expressions = {${Object.entries(jq).map(([text, answer]) => `${JSON.stringify(text)}: ${answer.toString()}`).join(', ')}};
const args = process.argv.slice(2);
if (process.env.CALLS) appendFileSync(process.env.CALLS, JSON.stringify(args) + '\\n');
if (!process.env.GH_TOKEN) { console.error('gh: set the GH_TOKEN environment variable'); process.exit(4); }
const value = name => { const at = args.indexOf(name); return at < 0 ? undefined : args[at + 1]; };
const fields = Object.fromEntries(args.flatMap((word, at) => word === '-f' || word === '-F' ? [args[at + 1].split(/=(.*)/s).slice(0, 2)] : []));
const send = async (method, path, body) => {
  const response = await fetch(process.env.SIMULATOR + '/' + path, {method, headers: {authorization: 'bearer ' + process.env.GH_TOKEN}, ...(body !== undefined && {body: JSON.stringify(body)})});
  const text = await response.text();
  if (!response.ok) { console.error('gh: ' + text + ' (HTTP ' + response.status + ')'); process.exit(1); }
  return text === '' ? null : JSON.parse(text);
};
const main = async () => {
  if (args[0] === 'workflow' && args[1] === 'run') {
    await send('POST', 'repos/' + value('--repo') + '/actions/workflows/' + args[2] + '/dispatches', {ref: value('--ref'), inputs: fields});
    return;
  }
  if (args[0] !== 'api') throw new Error('gh ' + args.join(' '));
  const path = args.slice(1).find((word, at, all) => !word.startsWith('-') && !['-X', '-f', '-F', '--jq', '--input'].includes(all[at - 1]));
  const hasBody = value('--input') !== undefined || Object.keys(fields).length > 0;
  const method = value('-X') ?? (hasBody ? 'POST' : 'GET');
  const query = method === 'GET' && Object.keys(fields).length > 0 ? '?' + new URLSearchParams(fields) : '';
  const answer = await send(method, path + query, method === 'GET' ? undefined : value('--input') === '-' ? JSON.parse(readFileSync(0, 'utf8')) : fields);
  const expression = value('--jq');
  if (expression !== undefined) {
    if (!(expression in expressions)) throw new Error('no such expression: ' + expression);
    for (const each of expressions[expression](answer)) console.log(each === null ? '' : String(each));
  } else if (!args.includes('--silent')) console.log(JSON.stringify(answer));
};
main().catch(error => { console.error(String(error)); process.exit(1); });
`;

export type Ran = {exitCode: number | undefined; stdout: string; stderr: string; outputs: Record<string, string>; environment: Record<string, string>; summary: string; calls: ReadonlyArray<readonly string[]>};

const pairs = (text: string): Record<string, string> => Object.fromEntries(text.split('\n').filter(Boolean).map(line => line.split(/=(.*)/s).slice(0, 2) as [string, string]));

export type Bench = {
	folder: string;
	/** A program on the PATH; `body` is bash. */
	program(name: string, body: string): void;
	/** `values`: the step's own variables, evaluated; those that a step names and nobody gives are a failure. */
	run(step: Step, values?: Readonly<Record<string, string>>): Promise<Ran>;
};

export const workbench = (t: TestContext, {simulator, repository, around = {}}: {simulator: string; repository: string; around?: Readonly<Record<string, string>>}): Bench => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-steps-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	for (const name of ['bin', 'temp', 'work']) mkdirSync(join(folder, name));
	const program = (name: string, text: string): void => {
		writeFileSync(join(folder, 'bin', name), text);
		chmodSync(join(folder, 'bin', name), 0o755);
	};
	program('gh', shim(process.execPath));
	return {
		folder,
		program: (name, body) => program(name, `#!/usr/bin/env bash\n${body}\n`),
		async run({run: script = '', env = {}, name = ''}, values = {}) {
			const missing = Object.entries(env).filter(([variable, value]) => value.includes('${{') && values[variable] === undefined && variable !== 'GH_TOKEN');
			if (missing.length > 0) throw new Error(`${name} is not given ${missing.map(([variable]) => variable).join(', ')}`);
			const files = Object.fromEntries(['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STEP_SUMMARY', 'CALLS'].map(file => [file, join(folder, 'temp', file)]));
			for (const file of Object.values(files)) writeFileSync(file, '');
			const file = join(folder, 'temp/step.sh');
			writeFileSync(file, script);
			const plain = Object.fromEntries(Object.entries(env).filter(([, value]) => !value.includes('${{')));
			const {exitCode, stdout, stderr} = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
				cwd: join(folder, 'work'), reject: false, extendEnv: false,
				env: {
					PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), HOME: folder, TMPDIR: folder, RUNNER_TEMP: join(folder, 'temp'), SIMULATOR: simulator, GITHUB_REPOSITORY: repository,
					...files, ...around, ...plain, ...('GH_TOKEN' in env && {GH_TOKEN: 'sim_classic'}), ...values,
				},
			});
			const read = (which: string) => readFileSync(files[which]!, 'utf8');
			return {exitCode, stdout, stderr, outputs: pairs(read('GITHUB_OUTPUT')), environment: pairs(read('GITHUB_ENV')), summary: read('GITHUB_STEP_SUMMARY'), calls: read('CALLS').split('\n').filter(Boolean).map(line => JSON.parse(line) as string[])};
		},
	};
};
