/** A foreign workflow as plain facts: what starts it, and what each of its jobs does. It reads any YAML; what has another shape counts as not there. */
import {withoutExpressions} from '../../core/text/expressions.ts';
import {globMatches} from '../../core/text/glob.ts';
import type {ExistingWorkflow} from '../model.ts';

export type PushTrigger = {
	branches: readonly string[] | null;
	ignored: readonly string[];
	isTagsOnly: boolean;
	hasPaths: boolean;
};

export type ReadJob = {
	id: string;
	/** As GitHub names it on the screen, `*` for what only a run knows. */
	pattern: string;
	title: string;
	needs: readonly string[];
	/** null: none. An expression stands as it is written. */
	environment: string | null;
	condition: string;
	/** Lines of its scripts, and of the workflows that it calls. */
	lines: readonly string[];
	uses: readonly string[];
	stepNames: readonly string[];
	cancels: boolean;
};

export type ReadWorkflow = {
	file: string;
	name: string;
	runName: string;
	text: string;
	events: readonly string[];
	push: PushTrigger | null;
	/** Names of the workflows that it follows. */
	follows: readonly string[];
	jobs: readonly ReadJob[];
	cancels: boolean;
};

type Mapping = Readonly<Record<string, unknown>>;
export const mappingIn = (value: unknown): Mapping =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
const textIn = (value: unknown): string =>
	typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
/** Characters of a line and of a name, lines of a job: what is longer is no text for people, and must not cost minutes. */
const longest = 500;
const mostLines = 500;
const nameIn = (value: unknown): string => textIn(value).slice(0, longest);
const listIn = (value: unknown): unknown[] =>
	Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
const textsIn = (value: unknown): string[] =>
	listIn(value)
		.map(one => textIn(one))
		.filter(text => text !== '');

// YAML 1.1 reads `on` as a boolean.
const triggersOf = (parsed: Mapping): Mapping => {
	const on = parsed['on'] ?? parsed['true'];
	return typeof on === 'object' && !Array.isArray(on)
		? mappingIn(on)
		: Object.fromEntries(textsIn(on).map(event => [event, null]));
};

const pushOf = (triggers: Mapping): PushTrigger | null => {
	if (!('push' in triggers)) return null;
	const push = mappingIn(triggers['push']);
	const branches = 'branches' in push ? textsIn(push['branches']) : null;
	const ignored = textsIn(push['branches-ignore']);
	return {
		branches,
		ignored,
		isTagsOnly: branches === null && ignored.length === 0 && ('tags' in push || 'tags-ignore' in push),
		hasPaths: 'paths' in push || 'paths-ignore' in push,
	};
};

/** By GitHub's rules: the last pattern that fits decides. */
export const pushesTo = (push: PushTrigger | null, branch: string): boolean => {
	if (push === null || push.isTagsOnly) return false;
	if (push.branches === null) return !push.ignored.some(pattern => globMatches(pattern, branch));
	return push.branches.reduce(
		(fits, pattern) =>
			pattern.startsWith('!')
				? fits && !globMatches(pattern.slice(1), branch)
				: fits || globMatches(pattern, branch),
		false,
	);
};

/** `${{ matrix.KEY }}` becomes all values that stand in the file. */
const withMatrix = (text: string, matrix: Mapping): string =>
	text.replaceAll(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, key: string) => {
		const values = textsIn(matrix[key]);
		return values.length > 0 && Array.isArray(matrix[key]) ? values.join(' ') : whole;
	});

// An action whose target is what a command's name is elsewhere.
const bakeTargets = (step: Mapping): string[] =>
	textIn(step['uses']).startsWith('docker/bake-action')
		? [`docker buildx bake ${textIn(mappingIn(step['with'])['targets'])}`]
		: [];
/** A command that goes on in the next line is one. */
const linesOf = (script: string): string[] =>
	script
		.replaceAll(/\\\n\s*/g, '')
		.split('\n')
		.map(line => line.slice(0, longest).trim())
		.filter(line => line !== '' && !line.startsWith('#'));

const environmentOf = (value: unknown): string | null =>
	nameIn(typeof value === 'object' && value !== null ? mappingIn(value)['name'] : value) || null;
const cancelsIn = (value: unknown): boolean =>
	mappingIn(mappingIn(value)['concurrency'])['cancel-in-progress'] === true;

const localFile = (uses: string): string | null => /^\.\/\.github\/workflows\/([^/@]+)$/.exec(uses)?.[1] ?? null;
/** What a caller hands over stands for `${{ inputs.NAME }}` of the workflow that it calls. */
const withInputs = (text: string, given: Mapping): string =>
	text.replaceAll(/\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g, (whole, name: string) => textIn(given[name]) || whole);
/** Of a workflow that lies elsewhere only the inputs are seen. */
const environmentGiven = (given: Mapping): string | null =>
	textIn(given['environment'] ?? given['env'] ?? given['stage']) || null;

/** How deep GitHub lets workflows call each other. */
const deepest = 4;

/** The parsed files, and what was read of them at a depth: many may call the same. */
type Files = {parsed: ReadonlyMap<string, Mapping>; read: Map<string, ReadJob[]>};

const jobsOf = (file: string, files: Files, depth: number): ReadJob[] => {
	const key = `${depth} ${file}`;
	const known =
		files.read.get(key) ??
		Object.entries(mappingIn(files.parsed.get(file)?.['jobs'])).map(([name, one]) =>
			jobOf(name, one, files, depth),
		);
	files.read.set(key, known);
	return known;
};

const jobOf = (id: string, value: unknown, files: Files, depth: number): ReadJob => {
	const job = mappingIn(value);
	const matrix = mappingIn(mappingIn(job['strategy'])['matrix']);
	const steps = listIn(job['steps']).map(step => mappingIn(step));
	const uses = textIn(job['uses']);
	const called = depth < deepest ? localFile(uses) : null;
	const given = mappingIn(job['with']);
	const inner = called === null ? [] : jobsOf(called, files, depth + 1);
	const innerEnvironment =
		inner.find(one => one.environment !== null)?.environment ??
		(uses !== '' && called === null ? environmentGiven(given) : null);
	const title = (nameIn(job['name']) || id).slice(0, 200);
	// GitHub adds the values of a matrix to a name that has none of them.
	const base =
		withoutExpressions(title, '*') +
		('matrix' in mappingIn(job['strategy']) && !title.includes('${{') ? ' (*)' : '');
	return {
		id,
		pattern: uses === '' ? base : `${base} / *`,
		title,
		needs: textsIn(job['needs']),
		environment:
			environmentOf(job['environment']) ??
			(innerEnvironment === null ? null : withInputs(innerEnvironment, given)),
		condition: nameIn(job['if']),
		lines: [
			...steps.flatMap(step => [...linesOf(withMatrix(textIn(step['run']), matrix)), ...bakeTargets(step)]),
			...inner.flatMap(one => one.lines),
		].slice(0, mostLines),
		uses: [
			...(uses === '' ? [] : [uses]),
			...steps.map(step => textIn(step['uses'])).filter(text => text !== ''),
			...inner.flatMap(one => one.uses),
		].slice(0, mostLines),
		stepNames: [
			...steps.map(step => nameIn(step['name'])).filter(text => text !== ''),
			...inner.flatMap(one => [one.title, ...one.stepNames]),
		].slice(0, mostLines),
		cancels: cancelsIn(job) || inner.some(one => one.cancels),
	};
};

/** Those that could be parsed; a job that calls another workflow has that one's lines. */
export const readWorkflows = (workflows: readonly ExistingWorkflow[]): ReadWorkflow[] => {
	const files: Files = {
		parsed: new Map(workflows.flatMap(({file, parsed}) => (parsed === null ? [] : [[file, parsed] as const]))),
		read: new Map(),
	};
	return workflows.flatMap(({file, text, parsed}) => {
		if (parsed === null) return [];
		const triggers = triggersOf(parsed);
		return [
			{
				file,
				text,
				name: nameIn(parsed['name']) || `.github/workflows/${file}`,
				runName: textIn(parsed['run-name']),
				events: Object.keys(triggers),
				push: pushOf(triggers),
				follows: textsIn(mappingIn(triggers['workflow_run'])['workflows']),
				jobs: jobsOf(file, files, 0),
				cancels: cancelsIn(parsed),
			},
		];
	});
};
