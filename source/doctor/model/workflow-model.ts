/** A workflow file as the checks see it: YAML that may be anything, read into the few shapes that matter. What is not there is null or empty. */

export type Step = {
	name: string;
	uses: string | null;
	run: string;
	condition: string | null;
	/** `with.ref` of a checkout. */ ref: string | null;
	continueOnError: boolean;
	/** Its own, as text. */ env: string;
};
export type Permissions = Readonly<Record<string, string>> | 'read-all' | 'write-all';
export type Concurrency = {
	group: string;
	cancelInProgress: boolean | string;
	/** `max`: all that wait keep their places; otherwise the newest alone. */ queue: string | null;
};
export type Job = {
	id: string;
	name: string;
	needs: readonly string[];
	condition: string | null;
	uses: string | null;
	steps: readonly Step[];
	permissions: Permissions | null;
	concurrency: Concurrency | null;
	environment: string | null;
	hasMatrix: boolean;
	/** GitHub's default is true. */ failFast: boolean;
	runsOn: readonly string[];
	continueOnError: boolean;
	/** As text; a step's own is with the step. */
	env: string;
	/** All that it says, without comments: for looking for words. */
	text: string;
};
export type Workflow = {
	file: string;
	name: string;
	runName: string | null;
	/** Names of events with what is said of each. */
	triggers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	workflowRun: {workflows: readonly string[]; branches: readonly string[]; types: readonly string[]} | null;
	permissions: Permissions | null;
	concurrency: Concurrency | null;
	/** As text. */
	env: string;
	jobs: readonly Job[];
	text: string;
};

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const word = (value: unknown): string | null =>
	typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
const words = (value: unknown): string[] =>
	(Array.isArray(value) ? value : value == null ? [] : [value]).flatMap(item => word(item) ?? []);

const triggersOf = (on: unknown): Workflow['triggers'] =>
	typeof on === 'string' || Array.isArray(on)
		? Object.fromEntries(words(on).map(name => [name, {}]))
		: Object.fromEntries(
				Object.entries(fields(on)).map(([name, value]) => [
					name,
					Array.isArray(value) ? {items: value} : fields(value),
				]),
			);

const permissionsOf = (value: unknown): Permissions | null =>
	value === 'read-all' || value === 'write-all'
		? value
		: value === undefined || value === null
			? null
			: Object.fromEntries(Object.entries(fields(value)).map(([name, level]) => [name, word(level) ?? '']));

const concurrencyOf = (value: unknown): Concurrency | null => {
	if (value === undefined || value === null) return null;
	const cancel = fields(value)['cancel-in-progress'];
	return {
		group: word(value) ?? word(fields(value)['group']) ?? '',
		cancelInProgress: typeof cancel === 'boolean' ? cancel : (word(cancel) ?? false),
		queue: word(fields(value)['queue']),
	};
};

const stepOf = (value: unknown): Step => {
	const step = fields(value);
	return {
		name: word(step['name']) ?? '',
		uses: word(step['uses']),
		run: word(step['run']) ?? '',
		condition: word(step['if']),
		ref: word(fields(step['with'])['ref']),
		continueOnError: step['continue-on-error'] === true,
		env: JSON.stringify(fields(step['env'])),
	};
};

const jobOf = (id: string, value: unknown): Job => {
	const job = fields(value);
	const strategy = fields(job['strategy']);
	const runner = job['runs-on'];
	return {
		id,
		name: word(job['name']) ?? id,
		needs: words(job['needs']),
		condition: word(job['if']),
		uses: word(job['uses']),
		steps: (Array.isArray(job['steps']) ? job['steps'] : []).map(stepOf),
		permissions: permissionsOf(job['permissions']),
		concurrency: concurrencyOf(job['concurrency']),
		environment: word(job['environment']) ?? word(fields(job['environment'])['name']),
		hasMatrix: strategy['matrix'] !== undefined,
		failFast: strategy['fail-fast'] !== false,
		runsOn: Array.isArray(runner) || word(runner) !== null ? words(runner) : words(fields(runner)['labels']),
		continueOnError: job['continue-on-error'] === true,
		env: JSON.stringify(fields(job['env'])),
		text: JSON.stringify(job),
	};
};

/** From parsed YAML. `problem`: why it is no workflow. */
export const workflowFrom = (file: string, parsed: unknown): {workflow: Workflow} | {problem: string} => {
	const root = fields(parsed);
	if (root['on'] === undefined || Object.keys(fields(root['jobs'])).length === 0)
		return {problem: root['on'] === undefined ? 'it says nowhere what starts it (on:)' : 'it has no jobs'};
	const triggers = triggersOf(root['on']);
	const run = triggers['workflow_run'];
	return {
		workflow: {
			file,
			name: word(root['name']) ?? `.github/workflows/${file}`,
			runName: word(root['run-name']),
			triggers,
			workflowRun:
				run === undefined
					? null
					: {
							workflows: words(run['workflows']),
							branches: words(run['branches']),
							types: words(run['types']),
						},
			permissions: permissionsOf(root['permissions']),
			concurrency: concurrencyOf(root['concurrency']),
			env: JSON.stringify(fields(root['env'])),
			jobs: Object.entries(fields(root['jobs'])).map(([id, job]) => jobOf(id, job)),
			text: JSON.stringify(root),
		},
	};
};

/** A larger file is no workflow of people. UTF-16 units. */
const longest = 512 * 1024;

export const parseWorkflow = async (file: string, text: string): Promise<{workflow: Workflow} | {problem: string}> => {
	if (text.length > longest) return {problem: `it is larger than ${longest / 1024} kB`};
	const {default: yaml} = await import('yaml');
	try {
		return workflowFrom(file, yaml.parse(text, {schema: 'core', logLevel: 'silent', maxAliasCount: 50}));
	} catch (error) {
		return {problem: `it is not valid YAML: ${(error as Error).message.split('\n', 1)[0]}`};
	}
};
