/** A foreign workflow as plain facts: what starts it, and what each of its jobs does. It reads any YAML; what has another shape counts as not there. */
import {globMatches} from '../core/glob.ts';
import type {ExistingWorkflow} from './model.ts';

export type PushTrigger = {branches: readonly string[] | null; ignored: readonly string[]; isTagsOnly: boolean; hasPaths: boolean};

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
export const mappingIn = (value: unknown): Mapping => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Mapping : {});
const textIn = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '');
const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const textsIn = (value: unknown): string[] => listIn(value).map(one => textIn(one)).filter(text => text !== '');

// YAML 1.1 reads `on` as a boolean.
const triggersOf = (parsed: Mapping): Mapping => {
	const on = parsed['on'] ?? parsed['true'];
	return typeof on === 'object' && !Array.isArray(on) ? mappingIn(on) : Object.fromEntries(textsIn(on).map(event => [event, null]));
};

const pushOf = (triggers: Mapping): PushTrigger | null => {
	if (!('push' in triggers)) return null;
	const push = mappingIn(triggers['push']);
	const branches = 'branches' in push ? textsIn(push['branches']) : null;
	const ignored = textsIn(push['branches-ignore']);
	return {branches, ignored, isTagsOnly: branches === null && ignored.length === 0 && ('tags' in push || 'tags-ignore' in push), hasPaths: 'paths' in push || 'paths-ignore' in push};
};

/** By GitHub's rules: the last pattern that fits decides. */
export const pushesTo = (push: PushTrigger | null, branch: string): boolean => {
	if (push === null || push.isTagsOnly) return false;
	if (push.branches === null) return !push.ignored.some(pattern => globMatches(pattern, branch));
	return push.branches.reduce((fits, pattern) => pattern.startsWith('!') ? fits && !globMatches(pattern.slice(1), branch) : fits || globMatches(pattern, branch), false);
};

const expression = /\$\{\{.*?\}\}/gs;

/** `${{ matrix.KEY }}` becomes all values that stand in the file. */
const withMatrix = (text: string, matrix: Mapping): string => text.replaceAll(/\$\{\{\s*matrix\.([\w-]+)\s*\}\}/g, (whole, key: string) => {
	const values = textsIn(matrix[key]);
	return values.length > 0 && Array.isArray(matrix[key]) ? values.join(' ') : whole;
});

// An action whose target is what a command's name is elsewhere.
const bakeTargets = (step: Mapping): string[] => (textIn(step['uses']).startsWith('docker/bake-action') ? [`docker buildx bake ${textIn(mappingIn(step['with'])['targets'])}`] : []);
const linesOf = (script: string): string[] => script.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('#'));

const environmentOf = (value: unknown): string | null => textIn(typeof value === 'object' && value !== null ? mappingIn(value)['name'] : value) || null;
const cancelsIn = (value: unknown): boolean => mappingIn(mappingIn(value)['concurrency'])['cancel-in-progress'] === true;

const localFile = (uses: string): string | null => /^\.\/\.github\/workflows\/([^/@]+)$/.exec(uses)?.[1] ?? null;
/** How deep GitHub lets workflows call each other. */
const deepest = 4;

const jobOf = (id: string, value: unknown, files: ReadonlyMap<string, Mapping>, depth: number): ReadJob => {
	const job = mappingIn(value);
	const matrix = mappingIn(mappingIn(job['strategy'])['matrix']);
	const steps = listIn(job['steps']).map(step => mappingIn(step));
	const uses = textIn(job['uses']);
	const called = depth < deepest ? files.get(localFile(uses) ?? '') : undefined;
	const inner = Object.entries(mappingIn(called?.['jobs'])).map(([name, one]) => jobOf(name, one, files, depth + 1));
	const title = textIn(job['name']) || id;
	// GitHub adds the values of a matrix to a name that has none of them.
	const base = title.replaceAll(expression, '*') + ('matrix' in mappingIn(job['strategy']) && !title.includes('${{') ? ' (*)' : '');
	return {
		id,
		pattern: uses === '' ? base : `${base} / *`,
		title,
		needs: textsIn(job['needs']),
		environment: environmentOf(job['environment']) ?? inner.find(one => one.environment !== null)?.environment ?? null,
		condition: textIn(job['if']),
		lines: [...steps.flatMap(step => [...linesOf(withMatrix(textIn(step['run']), matrix)), ...bakeTargets(step)]), ...inner.flatMap(one => one.lines)],
		uses: [...(uses === '' ? [] : [uses]), ...steps.map(step => textIn(step['uses'])).filter(text => text !== ''), ...inner.flatMap(one => one.uses)],
		stepNames: [...steps.map(step => textIn(step['name'])).filter(text => text !== ''), ...inner.flatMap(one => [one.title, ...one.stepNames])],
		cancels: cancelsIn(job) || inner.some(one => one.cancels),
	};
};

/** Those that could be parsed; a job that calls another workflow has that one's lines. */
export const readWorkflows = (workflows: readonly ExistingWorkflow[]): ReadWorkflow[] => {
	const files = new Map(workflows.flatMap(({file, parsed}) => (parsed === null ? [] : [[file, parsed] as const])));
	return workflows.flatMap(({file, text, parsed}) => {
		if (parsed === null) return [];
		const triggers = triggersOf(parsed);
		return [{
			file, text,
			name: textIn(parsed['name']) || `.github/workflows/${file}`,
			runName: textIn(parsed['run-name']),
			events: Object.keys(triggers),
			push: pushOf(triggers),
			follows: textsIn(mappingIn(triggers['workflow_run'])['workflows']),
			jobs: Object.entries(mappingIn(parsed['jobs'])).map(([id, job]) => jobOf(id, job, files, 0)),
			cancels: cancelsIn(parsed),
		}];
	});
};
