/** `deployctl init` with a proposer made by hand, whose proposals follow the answers as the real one's do. As a program: in the current folder, with the flags of the command line. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {askOn} from '../../source/commands/desk/confirm.ts';
import {failureText} from '../../source/commands/desk/failure-text.ts';
import {runInit} from '../../source/commands/setup/init.ts';
import {paintWith} from '../../source/commands/setup/init-text.ts';
import {parseCommandLine} from '../../source/commands/table/parse.ts';
import {Failure} from '../../source/errors.ts';
import {maskText} from '../../source/core/text/mask.ts';
import type {Inspection} from '../../source/init/model.ts';
import {workflowFrom} from './foreign.ts';
import {generated} from './init-repository.ts';
import type {InitDesk, InitFlags, Proposer} from '../../source/commands/setup/init-desk.ts';

const textOf = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8') : null);

export const inspectionOf = (root: string): Inspection => {
	let files: string[] = [];
	try {
		files = readdirSync(join(root, '.github/workflows'));
	} catch {
		// None.
	}
	return {
		root,
		remote: {host: 'github.com', owner: 'acme', name: 'shop'},
		defaultBranch: 'main',
		branches: ['main', 'develop'],
		parts: [
			{
				name: 'web',
				directory: '.',
				language: 'node',
				packageManager: 'npm',
				lockFile: 'package-lock.json',
				version: '22',
				install: 'npm ci',
				tasks: {unit: {command: 'npm test', because: 'package.json'}},
			},
		],
		e2e: null,
		config: textOf(join(root, 'deployctl.yml')),
		workflows: files.map(file => workflowFrom(file, readFileSync(join(root, '.github/workflows', file), 'utf8'))),
		scripts: [],
		hosts: [],
		problems: [],
	};
};

export const proposer: Proposer = {
	inspect: root => Promise.resolve(inspectionOf(root)),
	defaultAnswers: ({config}) => ({
		staging: /^staging: (.*)$/m.exec(config ?? '')?.[1] ?? 'develop',
		production: 'main',
		shards: 4,
		urls: {},
		existing: 'map',
	}),
	propose: (inspection, answers, mapping) => {
		const tiers = mapping.tiers.map(({tier, workflow}) => `${tier}: ${workflow}\n`).join('');
		return {
			inspection,
			answers,
			mapping,
			files: [
				generated('deployctl.yml', `staging: ${answers.staging}\n${tiers}`),
				...(mapping.tiers.some(({tier}) => tier === 'fast')
					? []
					: [
							generated(
								'.github/workflows/test-suite.yml',
								'name: Tests\non: {push: {branches: [develop]}}\njobs: {unit: {runs-on: ubuntu-latest, steps: [{run: npm test}]}}\n',
							),
						]),
				generated(
					'.github/workflows/e2e-staging.yml',
					`name: E2E\non: {workflow_dispatch: {}}\njobs: {e2e: {runs-on: ubuntu-latest, strategy: {matrix: {shard: [${Array.from({length: answers.shards}, (_, index) => index + 1).join(', ')}]}}, steps: [{run: npx playwright test}]}}\n`,
				),
				generated('scripts/deploy.sh', '#!/bin/sh\n', 0o755),
				generated('docs/runbook.md', '# Runbook\n'),
			],
			byHand: [
				{
					what: 'Create the environment production',
					why: 'nobody approves without it',
					how: 'gh api -X PUT repos/acme/shop/environments/production',
				},
			],
		};
	},
};

export const initFlags = (...words: string[]): InitFlags => {
	const line = parseCommandLine(['init', ...words]);
	if (!('command' in line) || line.command !== 'init') throw new Error('no command line of init');
	return line.flags;
};

export type Ran = {code: number; text: string; failure: Failure | null; questions: string[]};

/** Runs to its end; `answers` are given one after another, then the input ends. null: there is nobody to ask. */
export const runIn = async (
	root: string,
	words: readonly string[],
	answers: readonly string[] | null = null,
	more: Partial<InitDesk> = {},
): Promise<Ran> => {
	const ran: Ran = {code: -1, text: '', failure: null, questions: []};
	const left = [...(answers ?? [])];
	const desk: InitDesk = {
		root,
		proposer,
		paint: paintWith(false),
		mask: text => maskText(text, []),
		uncommitted: () => Promise.resolve([]),
		output: {
			write: text => {
				ran.text += text;
			},
			error: () => {},
		},
		ask:
			answers === null
				? null
				: question => {
						ran.questions.push(question);
						return Promise.resolve(left.shift() ?? null);
					},
		...more,
	};
	try {
		ran.code = await runInit(desk, initFlags(...words));
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		ran.failure = error;
		ran.code = error.exitCode;
	}
	return ran;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const output = {
		write: (text: string) => {
			process.stdout.write(text);
		},
		error: (text: string) => {
			process.stderr.write(text);
		},
	};
	const ask = askOn({
		stdin: process.stdin,
		output,
		signal: new AbortController().signal,
		isAskable: process.stdin.isTTY && process.stderr.isTTY,
	});
	try {
		process.exitCode = await runInit(
			{
				root: process.cwd(),
				proposer,
				paint: paintWith(process.stdout.isTTY),
				mask: text => text,
				uncommitted: () => Promise.resolve([]),
				output,
				ask,
			},
			initFlags(...process.argv.slice(2)),
		);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		output.error(failureText(error));
		process.exitCode = error.exitCode;
	}
}
