/** E2E that still stands in the deployment's way. It informs about staging and is required for production: it must not block the first. */
import {globMatches} from '../../core/text/glob.ts';
import {listed, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {parentsOf} from './chain.ts';
import {workflowsFor} from '../model/tiers.ts';
import type {Job, Workflow} from '../model/workflow-model.ts';
import {
	ancestorsOf,
	calledFile,
	isDeployJob,
	isDeployStep,
	isE2eJob,
	isE2eStep,
	jobsOfTier,
} from '../model/workflow-words.ts';

const say = sayingIn('workflows');
const why =
	'Slow and flaky tests then decide whether staging is deployed at all: E2E tests what staging runs, so it comes after.';

/** Jobs that are E2E: by what they run, or because the settings say so. */
const e2eJobs = (workflow: Workflow, e2eFile: string, pattern: string | null): readonly Job[] =>
	workflow.file === e2eFile && pattern === null
		? workflow.jobs.filter(job => !isDeployJob(job))
		: workflow.jobs.filter(
				job =>
					isE2eJob(job, e2eFile) ||
					(workflow.file === e2eFile && pattern !== null && globMatches(pattern, job.id)),
			);

const withinFile = (deploy: Workflow, jobs: readonly Job[], e2e: readonly Job[]): readonly Finding[] => {
	const isE2e = new Set(e2e.map(({id}) => id));
	const deploying = jobs.filter(
		job => isDeployJob(job) || (job.uses !== null && /deploy/i.test(calledFile(job.uses) ?? '')),
	);
	const waiting = deploying.filter(job => [...ancestorsOf(job, deploy)].some(id => isE2e.has(id)));
	const inside = deploying.filter(({steps}) => {
		const [test, ship] = [steps.findIndex(isE2eStep), steps.findIndex(isDeployStep)];
		return test !== -1 && ship !== -1 && test < ship;
	});
	const blocking = new Set([...waiting, ...inside]);
	const beside = e2e.filter(
		job =>
			!blocking.has(job) &&
			!deploying.includes(job) &&
			!deploying.some(one => ancestorsOf(one, deploy).has(job.id)),
	);
	return [
		...waiting.map(job =>
			say(
				'error',
				'blocking-needs',
				`${deploy.file}: ${job.id} waits for E2E (needs: ${listed([...ancestorsOf(job, deploy)].filter(id => isE2e.has(id)))})`,
				{
					why,
					how: 'Take E2E out of needs, into a workflow of its own that the deployment dispatches.',
					where: deploy.file,
				},
			),
		),
		...inside.map(job =>
			say('error', 'blocking-step', `${deploy.file}: ${job.id} runs E2E before it deploys`, {
				why,
				how: 'Move the tests into a workflow of their own that the deployment dispatches.',
				where: deploy.file,
			}),
		),
		...(beside.length > 0 && deploying.length > 0
			? [
					say(
						'warning',
						'same-workflow',
						`${deploy.file} also runs E2E (${listed(beside.map(({id}) => id))})`,
						{
							why: 'A red E2E makes the run of the deployment red, and neither can be run again without the other.',
							how: 'Put E2E into a workflow of its own.',
							where: deploy.file,
						},
					),
				]
			: []),
	];
};

/** Workflows that this one waits for by workflow_run, however far. */
const waitsFor = (
	workflow: Workflow,
	all: readonly Workflow[],
	found: Set<Workflow> = new Set(),
): ReadonlySet<Workflow> => {
	for (const parent of parentsOf(workflow, all)) {
		if (!found.has(parent)) {
			found.add(parent);
			waitsFor(parent, all, found);
		}
	}
	return found;
};

export const checkBlocking = (readings: Readings): readonly Finding[] => {
	const {settings} = readings;
	const {all, tiers, isWhole} = workflowsFor(readings);
	const deploy = tiers.get('deploy')?.workflow;
	if (!deploy) return [];
	const {workflow: e2eFile, jobs: pattern} = settings.tiers.e2e;
	const before = [...waitsFor(deploy, all)]
		.map(workflow => ({workflow, jobs: e2eJobs(workflow, e2eFile, pattern)}))
		.filter(({jobs}) => jobs.length > 0);
	const findings = [
		...withinFile(deploy, jobsOfTier(deploy, settings.tiers.deploy), e2eJobs(deploy, e2eFile, pattern)),
		...before.map(({workflow, jobs}) =>
			say(
				'error',
				'blocking-run',
				`${deploy.file} waits for ${workflow.file}, which runs E2E (${listed(jobs.map(({id}) => id))})`,
				{why, how: `Let ${deploy.file} follow the fast tests, and start E2E from it.`, where: deploy.file},
			),
		),
	];
	return findings.length > 0 || !isWhole
		? findings
		: [say('ok', 'blocking', "E2E does not stand in the deployment's way")];
};
