/** Runs single steps of workflows as GitHub does: bash, their environment evaluated, a small `gh` that talks to a simulator, everything else from the PATH. */
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import type {Step} from './workflow-linters.ts';

export type Ran = {
	exitCode: number | undefined;
	stdout: string;
	stderr: string;
	outputs: Record<string, string>;
	environment: Record<string, string>;
	summary: string;
	calls: ReadonlyArray<readonly string[]>;
};

const pairs = (text: string): Record<string, string> =>
	Object.fromEntries(
		text
			.split('\n')
			.filter(Boolean)
			.map(line => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
	);

export type Bench = {
	folder: string;
	/** A program on the PATH; `body` is bash. */
	program(name: string, body: string): void;
	/** `values`: the step's own variables, evaluated; those that a step names and nobody gives are a failure. */
	run(step: Step, values?: Readonly<Record<string, string>>): Promise<Ran>;
};

export const workbench = (
	t: TestContext,
	{
		simulator,
		repository,
		around = {},
	}: {simulator: string; repository: string; around?: Readonly<Record<string, string>>},
): Bench => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-steps-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	for (const name of ['bin', 'temp', 'work']) mkdirSync(join(folder, name));
	const program = (name: string, text: string): void => {
		writeFileSync(join(folder, 'bin', name), text);
		chmodSync(join(folder, 'bin', name), 0o755);
	};
	program(
		'gh',
		`#!/usr/bin/env bash\nexec '${process.execPath}' '${fileURLToPath(new URL('runner/gh.mjs', import.meta.url))}' "$@"\n`,
	);
	return {
		folder,
		program: (name, body) => program(name, `#!/usr/bin/env bash\n${body}\n`),
		async run({run: script = '', env = {}, name = ''}, values = {}) {
			const missing = Object.entries(env).filter(
				([variable, value]) =>
					value.includes('${{') && values[variable] === undefined && variable !== 'GH_TOKEN',
			);
			if (missing.length > 0)
				throw new Error(`${name} is not given ${missing.map(([variable]) => variable).join(', ')}`);
			const files = Object.fromEntries(
				['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_STEP_SUMMARY', 'CALLS'].map(file => [
					file,
					join(folder, 'temp', file),
				]),
			);
			for (const file of Object.values(files)) writeFileSync(file, '');
			const file = join(folder, 'temp/step.sh');
			writeFileSync(file, script);
			const plain = Object.fromEntries(Object.entries(env).filter(([, value]) => !value.includes('${{')));
			const {exitCode, stdout, stderr} = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
				cwd: join(folder, 'work'),
				reject: false,
				extendEnv: false,
				env: {
					PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
					HOME: folder,
					TMPDIR: folder,
					RUNNER_TEMP: join(folder, 'temp'),
					GITHUB_API_URL: simulator,
					GITHUB_REPOSITORY: repository,
					...files,
					...around,
					...plain,
					...('GH_TOKEN' in env && {GH_TOKEN: 'sim_classic'}),
					...values,
				},
			});
			const read = (which: string) => readFileSync(files[which]!, 'utf8');
			return {
				exitCode,
				stdout,
				stderr,
				outputs: pairs(read('GITHUB_OUTPUT')),
				environment: pairs(read('GITHUB_ENV')),
				summary: read('GITHUB_STEP_SUMMARY'),
				calls: read('CALLS')
					.split('\n')
					.filter(Boolean)
					.map(line => JSON.parse(line) as string[]),
			};
		},
	};
};
