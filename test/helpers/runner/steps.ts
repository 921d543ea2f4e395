/** One job's steps, as GitHub's runner does them: `run` in bash for real, and of the actions those few that matter. */
import {chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {delimiter, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import type {Conclusion} from '../../../source/simulator/model/model.ts';
import type {Step} from './definitions.ts';
import {type Contexts, fill, holds, type Progress} from './expressions.ts';
import type {SampleRepository} from './repository.ts';

export type Place = {
	/** Of this job alone: workspace, temp, command files. */
	folder: string;
	repository: SampleRepository;
	/** Where artifacts of the run lie, by name. */
	artifacts: string;
	/** Variables that every step has, besides those that the workflow gives. */
	env: Readonly<Record<string, string>>;
	/** Programs that come before those of the PATH. */
	bin: string;
	/** Told of an artifact that was uploaded: its name, and the folder with its files. */
	uploaded?: (name: string, folder: string) => Promise<void>;
	signal: AbortSignal;
};

export type StepEnd = {conclusion: Conclusion; outputs: Record<string, string>; text: string};

/** `name=value` and `name<<END … END`, as in GITHUB_OUTPUT and GITHUB_ENV. */
export const readCommandFile = (text: string): Record<string, string> => {
	const values: Record<string, string> = {};
	const lines = text.split('\n');
	for (let at = 0; at < lines.length; at++) {
		const long = /^([^=]+)<<(.+)$/.exec(lines[at]!);
		if (long) {
			const end = lines.indexOf(long[2]!, at + 1);
			values[long[1]!] = lines.slice(at + 1, end).join('\n');
			at = end;
		} else if (lines[at]!.includes('=')) {
			values[lines[at]!.slice(0, lines[at]!.indexOf('='))] = lines[at]!.slice(lines[at]!.indexOf('=') + 1);
		}
	}
	return values;
};

const shell = (name: string | undefined, file: string): readonly [string, readonly string[]] => {
	// Without a shell of its own a step runs without pipefail: as GitHub has it.
	if (name === undefined) return ['bash', ['-e', file]];
	if (name === 'bash') return ['bash', ['--noprofile', '--norc', '-eo', 'pipefail', file]];
	throw new TypeError(`This runner has no shell ${name}`);
};

const doAction = async (
	step: Step,
	contexts: Contexts,
	{folder, repository, artifacts, uploaded}: Place,
): Promise<string> => {
	const given = (name: string) => fill(step.with?.[name], contexts);
	const workspace = join(folder, 'workspace');
	const action = step.uses!.split('@')[0];
	switch (action) {
		case 'actions/checkout': {
			const sha = given('ref') || (contexts['github'] as {sha: string}).sha;
			if (!/^[0-9a-f]{40}$/.test(sha)) throw new Error(`checkout of "${sha}": this runner knows commits only`);
			repository.checkOut(sha, workspace);
			return `Checked out ${sha}`;
		}
		case 'actions/upload-artifact': {
			const target = join(artifacts, given('name'));
			const paths = given('path')
				.split('\n')
				.map(path => path.trim())
				.filter(path => path !== '' && existsSync(join(workspace, path)));
			if (existsSync(target)) throw new Error(`An artifact ${given('name')} exists already`);
			if (paths.length === 0) {
				if (given('if-no-files-found') === 'error') throw new Error('No files were found');
				return 'Nothing to upload';
			}
			mkdirSync(target, {recursive: true});
			for (const path of paths)
				cpSync(join(workspace, path), join(target, path.split('/').at(-1)!), {recursive: true});
			await uploaded?.(given('name'), target);
			return `Uploaded ${given('name')}`;
		}
		case 'actions/download-artifact': {
			const pattern = new RegExp(
				`^${(given('pattern') || given('name')).replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`,
			);
			const target = join(workspace, given('path') || '.');
			mkdirSync(target, {recursive: true});
			const {readdirSync} = await import('node:fs');
			const names = existsSync(artifacts) ? readdirSync(artifacts).filter(name => pattern.test(name)) : [];
			for (const name of names)
				cpSync(
					join(artifacts, name),
					given('merge-multiple') === 'true' || given('name') !== '' ? target : join(target, name),
					{recursive: true},
				);
			return `Downloaded ${names.join(', ') || 'nothing'}`;
		}
		case 'actions/setup-node':
		case 'actions/setup-python':
		case 'actions/setup-go':
		case 'actions/setup-java':
		case 'actions/cache':
		case 'actions/cache/restore':
		case 'actions/cache/save':
		case 'pnpm/action-setup':
			return `${action}: this machine has what it has`;
		default:
			throw new TypeError(`This runner has no action ${action}`);
	}
};

const ghShim = fileURLToPath(new URL('gh.mjs', import.meta.url));

/** `gh` as the first program on the PATH, run by this very Node.js. */
export const provideGh = (bin: string): void => {
	mkdirSync(bin, {recursive: true});
	writeFileSync(join(bin, 'gh'), `#!/bin/sh\nexec '${process.execPath}' '${ghShim}' "$@"\n`);
	chmodSync(join(bin, 'gh'), 0o755);
};

export type StepCall = {
	step: Step;
	number: number;
	contexts: Contexts;
	env: Readonly<Record<string, unknown>>;
	directory: string | undefined;
	defaultShell: string | undefined;
	place: Place;
};

export const runStep = async ({
	step,
	number,
	contexts,
	env,
	directory,
	defaultShell,
	place,
}: StepCall): Promise<StepEnd & {environment: Record<string, string>}> => {
	const workspace = join(place.folder, 'workspace');
	mkdirSync(workspace, {recursive: true});
	const file = (name: string) => join(place.folder, `${number}-${name}`);
	for (const name of ['output', 'env', 'summary', 'path']) writeFileSync(file(name), '');
	const own = Object.fromEntries(
		Object.entries({...env, ...step.env}).map(([name, value]) => [name, fill(value, contexts)]),
	);
	try {
		if (step.uses)
			return {
				conclusion: 'success',
				outputs: {},
				environment: {},
				text: await doAction(step, {...contexts, env: own}, place),
			};
		const script = file('script.sh');
		writeFileSync(script, fill(step.run, {...contexts, env: own}));
		const [program, args] = shell(step.shell ?? defaultShell, script);
		const cwd = join(workspace, fill(step['working-directory'] ?? directory ?? '.', contexts));
		const {exitCode, all} = await execa(program, args, {
			cwd,
			reject: false,
			all: true,
			extendEnv: false,
			cancelSignal: place.signal,
			killDescendants: true,
			env: {
				PATH: [place.bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
				HOME: place.folder,
				LANG: 'C.UTF-8',
				...place.env,
				GITHUB_WORKSPACE: workspace,
				RUNNER_TEMP: place.folder,
				GITHUB_OUTPUT: file('output'),
				GITHUB_ENV: file('env'),
				GITHUB_STEP_SUMMARY: file('summary'),
				GITHUB_PATH: file('path'),
				...own,
			},
		});
		return {
			conclusion: exitCode === 0 ? 'success' : place.signal.aborted ? 'cancelled' : 'failure',
			outputs: readCommandFile(readFileSync(file('output'), 'utf8')),
			environment: readCommandFile(readFileSync(file('env'), 'utf8')),
			text: all,
		};
	} catch (error) {
		return {conclusion: 'failure', outputs: {}, environment: {}, text: `##[error]${(error as Error).message}`};
	}
};

export const stepHolds = (step: Step, contexts: Contexts, progress: Progress): boolean =>
	holds(step.if, contexts, progress);
