/** How workflows start each other, and whether the commit survives it. GitHub keeps it for one step of workflow_run and loses it at the second. */
import {listed, quoted, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {type TierFile, workflowsFor} from '../model/tiers.ts';
import type {Workflow} from '../model/workflow-model.ts';
import {isCheckout, isDeployJob, needsCarrier, usesOwnSha} from '../model/workflow-words.ts';

const say = sayingIn('workflows');
const dispatched =
	'Let the deployment start it by dispatch, with the commit as input: gh workflow run FILE -f sha="$SHA" (docs/correlation.md).';

/** Workflows whose end starts this one. A name that two share means both. */
export const parentsOf = ({workflowRun}: Workflow, all: readonly Workflow[]): readonly Workflow[] =>
	all.filter(({name, file}) =>
		workflowRun?.workflows.some(wanted => wanted === name || wanted === `.github/workflows/${file}`),
	);

const lostCommit = (workflow: Workflow, all: readonly Workflow[], isTier: boolean): readonly Finding[] =>
	parentsOf(workflow, all)
		.filter(parent => parent.workflowRun !== null)
		.map(parent => {
			const first = parentsOf(parent, all)[0];
			return say(
				isTier ? 'error' : 'warning',
				'lost-commit',
				`${workflow.file} has lost its commit: ${first?.file ?? 'a workflow'} → ${parent.file} → ${workflow.file} by workflow_run`,
				{
					why: 'What it sees as workflow_run.head_sha is the head of the default branch at that moment, not the commit that was tested and deployed. As soon as two pushes overlap, it speaks about the wrong one.',
					how: dispatched.replace('FILE', workflow.file),
					where: workflow.file,
				},
			);
		});

const startedByRun = ({file, workflow}: TierFile, all: readonly Workflow[]): readonly Finding[] => {
	if (workflow?.workflowRun == null) return [];
	const {workflowRun, text, jobs} = workflow;
	const unknown = workflowRun.workflows.filter(
		wanted => !all.some(({name, file: other}) => wanted === name || wanted === `.github/workflows/${other}`),
	);
	const deploys = jobs.some(isDeployJob);
	const pulled = parentsOf(workflow, all).some(
		({triggers}) => triggers['pull_request'] !== undefined || triggers['pull_request_target'] !== undefined,
	);
	const filters = workflowRun.branches.length > 0 || /workflow_run\.(?:head_branch|event)/.test(text);
	return [
		...(unknown.length > 0
			? [
					say(
						'error',
						'parent',
						`${file} waits for ${listed(unknown.map(quoted))}, which no workflow is called`,
						{
							why: "workflow_run goes by the workflow's name, not its file: this one is never started.",
							how: `Write the name that stands in the other file. There is ${listed(
								all.map(({name}) => quoted(name)),
								6,
							)}.`,
							where: file,
						},
					),
				]
			: []),
		...(workflowRun.types.length > 0 && !workflowRun.types.includes('completed')
			? [
					say('error', 'types', `${file} is started when the other begins, not when it has ended`, {
						why: `types is ${listed(workflowRun.types)}: nothing has been tested then.`,
						how: 'types: [completed]',
						where: file,
					}),
				]
			: []),
		...(/conclusion/.test(text)
			? []
			: [
					say('error', 'conclusion', `${file} also runs when what it waits for has failed`, {
						why: 'workflow_run fires for every end, red ones too.',
						how: "if: github.event.workflow_run.conclusion == 'success'",
						where: file,
					}),
				]),
		...(deploys && pulled && !/workflow_run\.event/.test(text)
			? [
					say('error', 'forks', `${file} may be started by a pull request from a fork`, {
						why: "The filter goes by the branch's name, and a fork may call its branch the same: what it wrote would be deployed, with the secrets.",
						how: "if: github.event.workflow_run.event == 'push' && github.event.workflow_run.conclusion == 'success'",
						where: file,
					}),
				]
			: []),
		...(filters
			? []
			: [
					say(deploys ? 'error' : 'warning', 'branches', `${file} is started by runs of every branch`, {
						why: deploys
							? 'A pull request whose tests pass would be deployed, one from a fork too.'
							: 'It also runs for pull requests and other branches.',
						how: 'Add branches to workflow_run, and check that workflow_run.event is push.',
						where: file,
					}),
				]),
	];
};

/** The commit that it is about is said by what started it; `github.sha` is where the run sits. */
const wrongCommit = ({file, workflow, role}: TierFile): readonly Finding[] => {
	if (workflow === null || role === 'fast' || role === 'production' || !needsCarrier(workflow)) return [];
	const bare = workflow.jobs
		.filter(job => job.steps.some(step => isCheckout(step) && step.ref === null))
		.map(({id}) => id);
	return [
		...(usesOwnSha(workflow)
			? [
					say('error', 'own-sha', `${file} takes github.sha for its commit`, {
						why: `It is started by ${Object.keys(workflow.triggers)
							.filter(name => name !== 'push')
							.join(
								', ',
							)}, where github.sha is the head of a branch and not the commit that it is about.`,
						how:
							role === 'deploy' && workflow.workflowRun
								? 'Use inputs.sha || github.event.workflow_run.head_sha everywhere.'
								: 'Take the commit as an input of workflow_dispatch, and use inputs.sha everywhere.',
						where: file,
					}),
				]
			: []),
		...(bare.length > 0
			? [
					say(
						'error',
						'checkout',
						`${file} checks out the head of a branch, not its commit (${listed(bare)})`,
						{
							why: 'actions/checkout without ref takes where the run sits, which another push may have moved.',
							how: 'with: {ref: ${{ env.SHA }}}, with SHA as in docs/correlation.md.',
							where: file,
						},
					),
				]
			: []),
	];
};

const started = ({file, workflow, role}: TierFile, staging: string): readonly Finding[] => {
	if (workflow === null || role !== 'fast') return [];
	const push = workflow.triggers['push'];
	const branches = push?.['branches'];
	const covers =
		push !== undefined &&
		(!Array.isArray(branches) ||
			branches.some(pattern => typeof pattern === 'string' && matches(pattern, staging)));
	return covers
		? []
		: [
				say('error', 'push', `${file} is not started by a push to ${staging}`, {
					why: 'Then no commit of staging has fast tests, and nothing follows.',
					how: `on: {push: {branches: [${staging}]}}`,
					where: file,
				}),
			];
};

const matches = (pattern: string, branch: string): boolean =>
	new RegExp(
		`^${pattern
			.replaceAll(/[.+^$()|[\]\\{}]/g, String.raw`\$&`)
			.replaceAll('**', '.+')
			.replaceAll(/(?<!\.)\*/g, '[^/]*')}$`,
	).test(branch);

const follows = (tiers: ReadonlyMap<string, TierFile>, all: readonly Workflow[]): readonly Finding[] => {
	const deploy = tiers.get('deploy')?.workflow;
	return (['e2e', 'smoke'] as const).flatMap(role => {
		const tier = tiers.get(role)!;
		if (!deploy || tier.workflow === null || tier.file === deploy.file) return [];
		const isStarted =
			parentsOf(tier.workflow, all).length > 0 ||
			all.some(({text}) => text.includes(tier.file)) ||
			tier.workflow.triggers['deployment_status'] !== undefined;
		return isStarted
			? []
			: [
					say(
						role === 'e2e' ? 'error' : 'warning',
						'not-started',
						`Nothing starts ${tier.file} after a deployment`,
						{
							why: 'A commit that nobody tested on staging can never go to production.',
							how: `As the last step of ${deploy.file}: gh workflow run ${tier.file} -f sha="$SHA".`,
							where: tier.file,
						},
					),
				];
	});
};

export const checkChain = (readings: Readings): readonly Finding[] => {
	const {all, tiers, isWhole} = workflowsFor(readings);
	const files = new Set([...tiers.values()].filter(({role}) => role !== 'production').map(({file}) => file));
	const seen = new Set<string>();
	const findings = [
		...all
			.filter(({workflowRun}) => workflowRun !== null)
			.flatMap(workflow => lostCommit(workflow, all, files.has(workflow.file))),
		...[...tiers.values()].flatMap(tier => [
			...started(tier, readings.settings.branches.staging),
			...startedByRun(tier, all),
			...wrongCommit(tier),
		]),
		...follows(tiers, all),
	].filter(({id, where}) => !seen.has(`${id} ${where}`) && Boolean(seen.add(`${id} ${where}`)));
	return findings.length > 0 || all.length === 0 || !isWhole
		? findings
		: [say('ok', 'chain', 'The commit survives the way from push to E2E')];
};
