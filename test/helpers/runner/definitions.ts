/** Workflow files as the simulator's definitions: their triggers, and their jobs for a runner outside. */
import {parse} from 'yaml';
import type {JobDefinition, WorkflowDefinition} from '../../../source/simulator/model/model.ts';
import {type Contexts, fill} from './expressions.ts';

export type Step = {
	id?: string;
	name?: string;
	if?: unknown;
	uses?: string;
	run?: string;
	shell?: string;
	env?: Record<string, unknown>;
	with?: Record<string, unknown>;
	'working-directory'?: string;
	'continue-on-error'?: unknown;
	'timeout-minutes'?: unknown;
};
export type Job = {
	name?: string;
	needs?: string | readonly string[];
	if?: unknown;
	env?: Record<string, unknown>;
	environment?: unknown;
	outputs?: Record<string, string>;
	permissions?: unknown;
	steps?: readonly Step[];
	strategy?: {matrix?: Record<string, unknown>; 'fail-fast'?: unknown};
	defaults?: {run?: {'working-directory'?: string; shell?: string}};
	uses?: string;
	'continue-on-error'?: unknown;
};
export type Workflow = {
	name?: string;
	'run-name'?: string;
	on: unknown;
	env?: Record<string, unknown>;
	jobs: Record<string, Job>;
	defaults?: Job['defaults'];
};

/** What the jobs before will say, where a matrix or a name asks for it: the simulator has to know the jobs beforehand. The runner checks that it was so. */
export type Assumed = Readonly<Record<string, {outputs: Readonly<Record<string, string>>}>>;

/** One of the jobs that a matrix makes of one, under the name that GitHub shows. */
export type Instance = {
	id: string;
	name: string;
	job: Job;
	matrix: Readonly<Record<string, unknown>> | null;
	index: number;
	total: number;
};

export const readWorkflow = (text: string): Workflow => {
	const document = parse(text) as Workflow & {true?: unknown};
	return {...document, on: document.on ?? document.true};
};

const combinations = (matrix: Readonly<Record<string, unknown>>): ReadonlyArray<Record<string, unknown>> => {
	const {
		include = [],
		exclude,
		...axes
	} = matrix as {include?: ReadonlyArray<Record<string, unknown>>; exclude?: unknown};
	if (exclude !== undefined || [include, ...Object.values(axes)].some(each => !Array.isArray(each)))
		throw new TypeError('This runner knows no such matrix');
	const crossed = Object.entries(axes).reduce<ReadonlyArray<Record<string, unknown>>>(
		(all, [name, values]) =>
			all.flatMap(one => (values as readonly unknown[]).map(value => ({...one, [name]: value}))),
		[{}],
	);
	const plain = Object.keys(axes).length === 0 ? [] : crossed;
	const fits = (one: Record<string, unknown>, more: Record<string, unknown>) =>
		Object.keys(axes).every(name => !(name in more) || one[name] === more[name]);
	const added = include.filter(more => !plain.some(one => fits(one, more)) || Object.keys(axes).length === 0);
	return [...plain.map(one => Object.assign({...one}, ...include.filter(more => fits(one, more)))), ...added];
};

const literal = (value: unknown, contexts: Contexts): unknown => {
	const expression =
		typeof value === 'string' ? /^\s*\$\{\{\s*fromJSON\((.*)\)\s*\}\}\s*$/i.exec(value)?.[1] : undefined;
	return expression === undefined ? value : JSON.parse(fill(`\${{ ${expression} }}`, contexts));
};

export const instancesOf = (workflow: Workflow, assumed: Assumed = {}): readonly Instance[] =>
	Object.entries(workflow.jobs).flatMap(([id, job]): readonly Instance[] => {
		const around = {inputs: {}, github: {}, env: {}, needs: assumed};
		if (job.uses) throw new TypeError(`${id}: this runner calls no other workflows`);
		const given = job.strategy?.matrix;
		const matrix =
			given && Object.fromEntries(Object.entries(given).map(([name, value]) => [name, literal(value, around)]));
		if (!matrix)
			return [{id, name: fill(job.name ?? id, {...around, matrix: null}), job, matrix: null, index: 0, total: 1}];
		const all = combinations(matrix);
		return all.map((values, index) => ({
			id,
			job,
			matrix: values,
			index,
			total: all.length,
			name: job.name
				? fill(job.name, {...around, matrix: values, strategy: {'job-index': index, 'job-total': all.length}})
				: `${id} (${Object.values(values).join(', ')})`,
		}));
	});

export const needsOf = (job: Job): readonly string[] =>
	job.needs === undefined ? [] : typeof job.needs === 'string' ? [job.needs] : job.needs;

type On = {
	push?: {branches?: readonly string[]} | null;
	workflow_run?: {workflows: readonly string[]; branches?: readonly string[]};
	workflow_dispatch?: unknown;
	schedule?: unknown;
};

const triggersOf = (workflow: Workflow): On => {
	if (typeof workflow.on === 'string') return {[workflow.on]: null};
	return Array.isArray(workflow.on)
		? (Object.fromEntries(workflow.on.map((name: string) => [name, null])) as On)
		: (workflow.on as On);
};

const environmentOf = ({environment}: Job): string | undefined => {
	if (typeof environment === 'string') return environment;
	const {name, deployment} = (environment ?? {}) as {name?: string; deployment?: boolean};
	return deployment === false ? undefined : name;
};

/** @param tiers which file is which tier, for the simulator's own record of the truth */
export const definitionsOf = (
	files: Readonly<Record<string, string>>,
	tiers: Readonly<Record<string, WorkflowDefinition['tier']>>,
	assumed: Readonly<Record<string, Assumed>> = {},
): readonly WorkflowDefinition[] => {
	const workflows = Object.entries(files).map(([file, text]) => ({file, workflow: readWorkflow(text)}));
	const fileNamed = (name: string) =>
		workflows.find(({file, workflow}) => (workflow.name ?? `.github/workflows/${file}`) === name)?.file;
	return workflows.map(({file, workflow}) => {
		const on = triggersOf(workflow);
		const instances = instancesOf(workflow, assumed[file]);
		const parent = on.workflow_run ? fileNamed(on.workflow_run.workflows[0]!) : undefined;
		const concurrency = (workflow as {concurrency?: string | {group: string; 'cancel-in-progress'?: unknown}})
			.concurrency;
		const group = typeof concurrency === 'string' ? concurrency : concurrency?.group;
		return {
			file,
			name: workflow.name ?? `.github/workflows/${file}`,
			tier: tiers[file] ?? null,
			on: {
				...('push' in on && {push: on.push?.branches ?? ['**']}),
				...('workflow_dispatch' in on && {dispatch: true}),
				...('schedule' in on && {schedule: true}),
				...(parent && {
					workflowRun: {
						file: parent,
						onlySuccess: false,
						...(on.workflow_run!.branches && {branches: on.workflow_run!.branches}),
					},
				}),
			},
			...(group &&
				!group.includes('${{') && {
					concurrency: {
						group,
						cancelInProgress: typeof concurrency === 'object' && concurrency['cancel-in-progress'] === true,
					},
				}),
			jobs: instances.map(({job, name}): JobDefinition => ({
				name,
				external: true,
				steps: [],
				needs: needsOf(job).flatMap(id => instances.filter(each => each.id === id).map(each => each.name)),
				// Its condition is asked by the runner, not by the simulator.
				always: /\b(?:always|failure|cancelled)\s*\(/.test(String(job.if ?? '')),
				...(environmentOf(job) && {environment: environmentOf(job)!}),
			})),
		};
	});
};
