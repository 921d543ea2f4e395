/** Workflows as `inspect` would hand them over: from files, or written in a test. */
import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {parse} from 'yaml';
import type {ExistingWorkflow} from '../../source/init/model.ts';

const folder = (name: string) => fileURLToPath(new URL(`../fixtures/foreign/${name}/`, import.meta.url));

export const workflowFrom = (file: string, text: string): ExistingWorkflow => ({
	file,
	text,
	parsed: parse(text) as Record<string, unknown>,
	problem: null,
});

export const foreignRepositories = (): string[] =>
	readdirSync(folder('.'), {withFileTypes: true})
		.filter(entry => entry.isDirectory())
		.map(({name}) => name)
		.sort();
export const foreignWorkflows = (name: string): ExistingWorkflow[] =>
	readdirSync(folder(name))
		.filter(file => /\.ya?ml$/.test(file))
		.sort()
		.map(file => workflowFrom(file, readFileSync(`${folder(name)}${file}`, 'utf8')));
