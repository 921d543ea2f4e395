/** The jobs of the fast tests: one for each part and task, all at once; in a repository of several parts only those that a change concerns. */
import type {Part, Task} from '../model.ts';
import {checkout, runStep, setupSteps} from './steps.ts';
import {indented, template} from '../files/text.ts';

const tasks: readonly Task[] = ['lint', 'typecheck', 'unit', 'build'];
const deciderTitle = 'What changed';
const titles: Readonly<Record<Task, string>> = {lint: 'Lint', typecheck: 'Types', unit: 'Unit tests', build: 'Build'};

export const busyParts = (parts: readonly Part[]): readonly Part[] =>
	parts.filter(part => tasks.some(task => part.tasks[task] !== undefined));

/** Names of the jobs that a green run may leave out, and of the one that decides so: the verdict of all is always there. */
export const suiteSkips = (parts: readonly Part[]): readonly string[] => {
	const busy = busyParts(parts);
	return busy.length < 2 ? [] : [deciderTitle, ...busy.map(({name}) => `${name} / *`)];
};

const job = (id: string, lines: readonly string[], steps: readonly string[]): string =>
	[`${id}:`, ...lines.map(line => `  ${line}`), '  steps:', ...steps.map(step => indented(step, 4))].join('\n');

const taskJob = (part: Part, task: Task, isAlone: boolean): {id: string; part: string | null; text: string} => {
	const id = isAlone ? task : `${part.name}-${task}`;
	const {command} = part.tasks[task]!;
	return {
		id,
		part: isAlone ? null : part.name,
		text: job(
			id,
			[
				`name: ${isAlone ? titles[task] : `${part.name} / ${titles[task].toLowerCase()}`}`,
				...(isAlone ? [] : ['needs: changes', `if: needs.changes.outputs.${part.name} == 'true'`]),
				'runs-on: ubuntu-latest',
				'timeout-minutes: 15',
				'permissions:',
				'  contents: read',
			],
			[checkout(null), ...setupSteps(part), runStep(titles[task], command, {folder: part.directory})],
		),
	};
};

const escaped = (path: string) => path.replaceAll(/[.+]/g, String.raw`\$&`);
const under = (folders: readonly string[]): string =>
	folders.includes('.') ? '.' : `^(${folders.map(escaped).join('|')})/`;

/** A part's own folder, and those of the parts that it is made from, however far down. */
const foldersOf = (part: Part, parts: readonly Part[]): readonly string[] => {
	const found = new Set([part.directory]);
	for (const folder of found)
		for (const used of parts.find(({directory}) => directory === folder)?.uses ?? []) found.add(used);
	return [...found];
};

const changesJob = (busy: readonly Part[], parts: readonly Part[], workflow: string): string => {
	const own = [...new Set(parts.map(({directory}) => directory).filter(directory => directory !== '.'))];
	const step = [
		'- name: Which parts are concerned',
		'  id: changes',
		'  shell: bash',
		'  env:',
		'    GH_TOKEN: ${{ github.token }}',
		'    BASE: ${{ github.event.pull_request.base.sha }}',
		`    WORKFLOW: ${workflow}`,
		'    # A part, and the files that concern it. What lies in none of them concerns all, but for documents.',
		'    PARTS: |-',
		...busy.map(part => `      ${part.name} ${under(foldersOf(part, parts))}`),
		`    OWN: '${own.length === 0 ? '' : `${under(own)}|`}^docs/|\\.md$'`,
		'  run: |',
		indented(template('workflows/parts/changes.sh').trimEnd(), 4),
	].join('\n');
	return job(
		'changes',
		[
			`name: ${deciderTitle}`,
			'runs-on: ubuntu-latest',
			'timeout-minutes: 5',
			'permissions:',
			'  actions: read # which commits passed before',
			'  contents: read',
			'outputs:',
			...busy.map(({name}) => `  ${name}: \${{ steps.changes.outputs.${name} }}`),
		],
		[checkout(null, 0), step],
	);
};

/** @param decidedBy the part whose change each job runs for; null: it always runs */
const verdictJob = (ids: ReadonlyArray<{id: string; part: string | null}>): string =>
	job(
		'passed',
		[
			'name: Fast tests',
			`needs: [${ids.map(({id}) => id).join(', ')}]`,
			...(ids.some(({part}) => part !== null)
				? [
						'# Also when parts were left out: the commit gets a verdict in any case, and that is what the deployment waits for.',
					]
				: []),
			'if: always()',
			'runs-on: ubuntu-latest',
			'timeout-minutes: 5',
		],
		[
			[
				'- name: The verdict of all',
				'  shell: bash',
				'  env:',
				'    # A job, what became of it, and whether a change concerned it.',
				'    RESULTS: |-',
				...ids.map(
					({id, part}) =>
						`      ${id} \${{ needs.${id}.result }} ${part === null ? 'true' : `\${{ needs.changes.outputs.${part} }}`}`,
				),
				'  run: |',
				indented(template('workflows/parts/verdict.sh').trimEnd(), 4),
			].join('\n'),
		],
	);

/** Red: what is green has run. */
const emptyJob = (): string =>
	job(
		'nothing',
		['name: Fast tests', 'runs-on: ubuntu-latest', 'timeout-minutes: 5'],
		[
			runStep(
				'Nothing to test yet',
				"echo '::error title=Fast tests::This repository has no lint, types, unit tests or build: nothing was tested. Write a command that tests something here.'\nexit 1",
			),
		],
	);

export const suiteJobs = (parts: readonly Part[], workflow: string): string => {
	const busy = busyParts(parts);
	if (busy.length === 0) return emptyJob();
	const isAlone = busy.length === 1;
	const jobs = busy.flatMap(part =>
		tasks.filter(task => part.tasks[task] !== undefined).map(task => taskJob(part, task, isAlone)),
	);
	return [
		...(isAlone ? [] : [changesJob(busy, parts, workflow)]),
		...jobs.map(({text}) => text),
		verdictJob([...(isAlone ? [] : [{id: 'changes', part: null}]), ...jobs]),
	].join('\n\n');
};
