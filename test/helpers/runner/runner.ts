/**
GitHub's runner, for tests: it takes the jobs of generated workflows from the simulator and does them for real, in bash, with `gh` talking
to the simulator. So a pipeline goes from a push to its last status by its own files and nothing else.
*/
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Conclusion, Job as SimulatedJob, Run} from '../../../source/simulator/model/model.ts';
import {runnerOf} from '../../../source/simulator/simulation/runner.ts';
import type {Simulator} from '../../../source/simulator/server.ts';
import {patienceMs, until} from '../patience.ts';
import {
	type Assumed,
	type Instance,
	instancesOf,
	needsOf,
	readWorkflow,
	type Step,
	type Workflow,
} from './definitions.ts';
import {type Contexts, fill, holds, type Progress} from './expressions.ts';
import type {SampleRepository} from './repository.ts';
import {provideGh, runStep, stepHolds} from './steps.ts';

export type RunnerOptions = {
	simulator: Simulator;
	repository: SampleRepository;
	/** Workflow files by their names. */
	files: Readonly<Record<string, string>>;
	/** As the simulator's definitions were made. */
	assumed?: Readonly<Record<string, Assumed>>;
	/** Empty, and ours. */
	folder: string;
	/** Of the workflows, as `github.token`. */
	token: string;
	secrets?: Readonly<Record<string, string>>;
	vars?: Readonly<Record<string, string>>;
	/** What every step has in its environment. */
	env?: Readonly<Record<string, string>>;
	uploaded?: (run: Run, name: string, folder: string) => Promise<void>;
};

export type WorkflowRunner = {
	/** Lets time pass until this is true, or fails with every job's end and the log of the last red one. */
	until(isTrue: () => boolean, what: string): Promise<void>;
	/** `workflow/job: conclusion`, in the order of their ends. */
	ends: readonly string[];
	/** What each job printed, by `workflow/job`. */
	logs: Readonly<Record<string, string>>;
	stop(): Promise<void>;
};

const worst = (conclusions: readonly Conclusion[]): string =>
	(['failure', 'cancelled', 'skipped'] as const).find(word => conclusions.includes(word)) ?? 'success';
const stamp = () => new Date().toISOString().replace('Z', '0000Z');

export const startRunner = (options: RunnerOptions): WorkflowRunner => {
	const {
		simulator: {simulation, restUrl},
		files,
		folder,
		token,
	} = options;
	const runner = runnerOf(simulation);
	const workflows = new Map(Object.entries(files).map(([file, text]) => [file, readWorkflow(text)] as const));
	const bin = join(folder, 'bin');
	provideGh(bin);
	const controller = new AbortController();
	const ends: string[] = [];
	const logs: Record<string, string> = {};
	const outputs = new Map<string, Record<string, string>>();
	const titled = new Set<number>();
	const instances = new Map(
		[...workflows].map(([file, workflow]) => [file, instancesOf(workflow, options.assumed?.[file])] as const),
	);
	const atWork = new Map<number, Promise<void>>();
	const {
		repository: {owner, name},
	} = simulation.scenario;
	const {webUrl} = simulation.state;

	const parentOf = (run: Run): Run | undefined => {
		const parent = run.workflow.definition.on.workflowRun?.file;
		return [...simulation.state.runs.values()].findLast(
			each =>
				each.workflow.definition.file === parent &&
				each.about === run.about &&
				each.status === 'completed' &&
				each.id < run.id,
		);
	};
	const eventOf = (run: Run): unknown => {
		if (run.event !== 'workflow_run') return {inputs: run.inputs, ref: `refs/heads/${run.branch}`};
		const parent = parentOf(run)!;
		return {
			workflow_run: {
				id: parent.id,
				head_sha: parent.sha,
				head_branch: parent.branch,
				conclusion: parent.conclusion,
				event: parent.event,
				head_repository: {full_name: `${owner}/${name}`, fork: false},
				run_attempt: parent.attempts.length,
			},
		};
	};
	const contextsOf = (run: Run, attempt: number): Contexts => ({
		github: {
			sha: run.sha,
			ref: `refs/heads/${run.branch}`,
			ref_name: run.branch,
			repository: `${owner}/${name}`,
			repository_owner: owner,
			run_id: String(run.id),
			run_number: String(run.number),
			run_attempt: String(attempt),
			event_name: run.event,
			event: eventOf(run),
			token,
			server_url: webUrl,
			api_url: restUrl,
			graphql_url: options.simulator.graphqlUrl,
			workflow: run.workflow.definition.name,
			workflow_ref: `${owner}/${name}/.github/workflows/${run.workflow.definition.file}@refs/heads/${run.branch}`,
			actor: run.actor.login,
		},
		inputs: run.inputs,
		secrets: {GITHUB_TOKEN: token, ...options.secrets},
		vars: options.vars ?? {},
		runner: {os: 'Linux', arch: 'X64', temp: folder},
		env: {},
	});

	const needsContext = (run: Run, instance: Instance) => {
		const latest = new Map(run.attempts.flatMap(({jobs}) => jobs).map(job => [job.name, job]));
		return Object.fromEntries(
			needsOf(instance.job).map(id => {
				const names = instances
					.get(run.workflow.definition.file)!
					.filter(each => each.id === id)
					.map(each => each.name);
				return [
					id,
					{
						result: worst(names.map(each => latest.get(each)?.conclusion ?? 'skipped')),
						outputs: Object.assign(
							{},
							...names.map(each => outputs.get(`${run.id}/${each}`) ?? {}),
						) as Record<string, string>,
					},
				];
			}),
		);
	};

	/** Its real name, when everything is known; and its matrix has to be what was assumed. */
	const nameOf = (workflow: Workflow, instance: Instance, contexts: Contexts, needs: Assumed): string => {
		const same = instancesOf({...workflow, jobs: {[instance.id]: instance.job}}, needs);
		if (
			same.length !== instance.total ||
			JSON.stringify(same[instance.index]!.matrix) !== JSON.stringify(instance.matrix)
		)
			throw new Error(
				`${instance.id}: its matrix is ${JSON.stringify(same.map(each => each.matrix))}, not what was assumed`,
			);
		return instance.job.name === undefined ? instance.name : fill(instance.job.name, contexts);
	};

	const doSteps = async (
		job: SimulatedJob,
		steps: readonly Step[],
		place: Parameters<typeof runStep>[0]['place'],
		contexts: Contexts,
		workflow: Workflow,
		instance: Instance,
	) => {
		let progress: Progress = 'success';
		let env: Record<string, unknown> = Object.fromEntries(
			Object.entries({...workflow.env, ...instance.job.env}).map(([key, value]) => [key, fill(value, contexts)]),
		);
		const done: Record<string, {outputs: Record<string, string>; outcome: Conclusion; conclusion: Conclusion}> = {};
		const lines: string[] = [];
		for (const [index, step] of steps.entries()) {
			if (runner.isOver(job.id)) break;
			const now = {...contexts, env, steps: done, job: {status: progress}};
			const title = step.name ?? step.uses ?? step.run?.split('\n')[0] ?? '';
			if (!stepHolds(step, now, progress)) {
				runner.endStep(job.id, index, 'skipped');
				if (step.id) done[step.id] = {outputs: {}, outcome: 'skipped', conclusion: 'skipped'};
				continue;
			}
			runner.startStep(job.id, index);
			const {defaults} = instance.job;
			const end = await runStep({
				step,
				number: index,
				contexts: now,
				env,
				directory: defaults?.run?.['working-directory'] ?? workflow.defaults?.run?.['working-directory'],
				defaultShell: defaults?.run?.shell ?? workflow.defaults?.run?.shell,
				place,
			});
			const conclusion =
				end.conclusion === 'failure' && fill(step['continue-on-error'] ?? 'false', now) === 'true'
					? 'success'
					: end.conclusion;
			runner.endStep(job.id, index, conclusion);
			env = {...env, ...end.environment};
			if (step.id) done[step.id] = {outputs: end.outputs, outcome: end.conclusion, conclusion};
			lines.push(
				`${stamp()} ##[group]Run ${title}`,
				`${stamp()} ##[endgroup]`,
				...end.text.split('\n').map(line => `${stamp()} ${line}`),
				...(end.conclusion === 'failure' ? [`${stamp()} ##[error]${title} failed`] : []),
			);
			if (conclusion === 'failure') progress = 'failure';
			else if (conclusion === 'cancelled') progress = 'cancelled';
		}
		const given = Object.fromEntries(
			Object.entries(instance.job.outputs ?? {}).map(([key, value]) => [
				key,
				fill(value, {...contexts, env, steps: done}, progress),
			]),
		);
		return {progress, lines, given};
	};

	const work = async (job: SimulatedJob): Promise<void> => {
		const run = simulation.state.runs.get(job.runId)!;
		const {file} = run.workflow.definition;
		const workflow = workflows.get(file)!;
		const instance = instances.get(file)!.find(each => each.name === job.name)!;
		const needs = needsContext(run, instance);
		const strategy = {'job-index': instance.index, 'job-total': instance.total};
		const contexts = {...contextsOf(run, job.attempt), needs, matrix: instance.matrix, strategy};
		const before = worst(Object.values(needs).map(({result}) => result as Conclusion));
		if (
			!holds(
				instance.job.if,
				contexts,
				before === 'success' ? 'success' : before === 'cancelled' ? 'cancelled' : 'failure',
			)
		) {
			runner.skip(job.id);
			ends.push(`${file}/${job.name}: skipped`);
			return;
		}
		const steps = instance.job.steps ?? [];
		if (
			!runner.take(
				job.id,
				steps.map(step =>
					fill(step.name ?? step.uses ?? step.run?.split('\n')[0], {...contexts, steps: {}, job: {}}),
				),
				nameOf(workflow, instance, contexts, needs),
			)
		)
			return;
		const home = join(folder, 'jobs', String(job.id));
		mkdirSync(home, {recursive: true});
		const cancelled = new AbortController();
		const watch = setInterval(() => {
			if (runner.isOver(job.id)) cancelled.abort();
		}, 50);
		const github = (contexts as Contexts)['github'] as Record<string, string>;
		const place = {
			folder: home,
			repository: options.repository,
			artifacts: join(folder, 'artifacts', String(run.id)),
			bin,
			signal: AbortSignal.any([controller.signal, cancelled.signal]),
			...(options.uploaded && {
				uploaded: (artifact: string, path: string) => options.uploaded!(run, artifact, path),
			}),
			env: {
				CI: 'true',
				GITHUB_ACTIONS: 'true',
				GITHUB_SHA: run.sha,
				GITHUB_REF: github['ref']!,
				GITHUB_REF_NAME: run.branch,
				GITHUB_REPOSITORY: github['repository']!,
				GITHUB_RUN_ID: String(run.id),
				GITHUB_RUN_ATTEMPT: String(job.attempt),
				GITHUB_SERVER_URL: webUrl,
				GITHUB_API_URL: restUrl,
				GITHUB_GRAPHQL_URL: options.simulator.graphqlUrl,
				GITHUB_EVENT_NAME: run.event,
				GITHUB_WORKFLOW: run.workflow.definition.name,
				GITHUB_WORKFLOW_REF: github['workflow_ref']!,
				GITHUB_JOB: instance.id,
				...options.env,
			},
		};
		const {progress, lines, given} = await doSteps(job, steps, place, contexts, workflow, instance);
		clearInterval(watch);
		outputs.set(`${run.id}/${job.name}`, given);
		logs[`${file}/${job.name}`] = lines.join('\n');
		ends.push(`${file}/${job.name}: ${progress}`);
		runner.end(job.id, progress, `${lines.join('\n')}\n`);
	};

	const look = () => {
		simulation.advanceTo(Date.now());
		for (const run of simulation.state.runs.values()) {
			if (titled.has(run.id) || !workflows.has(run.workflow.definition.file)) continue;
			titled.add(run.id);
			const title = workflows.get(run.workflow.definition.file)!['run-name'];
			if (title !== undefined) runner.title(run.id, fill(title, contextsOf(run, 1)));
		}
		for (const job of runner.queued()) {
			if (atWork.has(job.id)) continue;
			atWork.set(
				job.id,
				work(job).catch((error: unknown) => {
					ends.push(`${job.name}: ${String((error as Error).stack)}`);
					if (!runner.isOver(job.id)) runner.end(job.id, 'failure', String(error));
				}),
			);
		}
	};
	const timer = setInterval(look, 25);
	return {
		ends,
		logs,
		// A whole pipeline takes longer than what else is waited for.
		until: (isTrue, what) =>
			until(
				() => `${what}. Jobs:\n${ends.join('\n')}\n${Object.entries(logs).at(-1)?.join('\n') ?? ''}`,
				isTrue,
				3 * patienceMs,
			),
		async stop() {
			clearInterval(timer);
			controller.abort();
			await Promise.allSettled(atWork.values());
		},
	};
};
