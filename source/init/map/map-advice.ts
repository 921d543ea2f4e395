/** What has to change in a mapped workflow before its result can be trusted, in sentences. */
import type {Branches, JobKind} from './job-kind.ts';
import {pushesTo} from './read-workflow.ts';
import type {ReadJob, ReadWorkflow} from './read-workflow.ts';
import type {TierMapping} from '../model.ts';

export type Judged = {workflow: ReadWorkflow; jobs: ReadonlyArray<{job: ReadJob; kind: JobKind}>};

/** How many workflows stand before it in a `workflow_run` chain; 0: it follows none. */
const depthIn = (workflow: ReadWorkflow, all: readonly ReadWorkflow[], seen: readonly string[] = []): number => {
	// GitHub itself follows no longer chain.
	if (workflow.follows.length === 0 || seen.includes(workflow.file) || seen.length > 3) return 0;
	const parents = all.filter(({name}) => workflow.follows.includes(name));
	return 1 + Math.max(0, ...parents.map(parent => depthIn(parent, all, [...seen, workflow.file])));
};

const aboutChain = (workflow: ReadWorkflow, all: readonly ReadWorkflow[]): string[] => {
	const depth = depthIn(workflow, all);
	if (depth === 0) return [];
	const lost =
		depth > 1
			? [
					`It is number ${depth + 1} in a chain of workflow_run: there github.event.workflow_run.head_sha is the default branch's head, not the tested commit. Let the workflow before it start it with workflow_dispatch and the commit as an input.`,
				]
			: [];
	const headless =
		depth === 1 && !workflow.text.includes('workflow_run.head_sha')
			? [
					"It is started by workflow_run and never names github.event.workflow_run.head_sha: it works on the default branch's head, not on the commit that was tested. Check out with ref: ${{ github.event.workflow_run.head_sha }}.",
				]
			: [];
	const unfiltered = !workflow.text.includes('conclusion')
		? ["workflow_run starts it after a failure, too: add if: github.event.workflow_run.conclusion == 'success'."]
		: [];
	return [...lost, ...headless, ...unfiltered];
};

const awayFromCommit = ['workflow_run', 'workflow_dispatch', 'repository_dispatch'] as const;
const namesCommit = /github\.sha|head_sha|inputs\.\w*(?:sha|commit|ref)\w*|client_payload\.\w*sha/i;

const aboutCorrelation = (tier: TierMapping['tier'], workflow: ReadWorkflow): string[] => {
	const away = awayFromCommit.filter(event => workflow.events.includes(event));
	if (tier === 'fast' || away.length === 0) return [];
	return [
		...(namesCommit.test(workflow.runName)
			? []
			: [
					`Runs by ${away.join(' and ')} do not sit on the commit, and its run-name does not name it: add run-name with the full SHA.`,
				]),
		...(tier === 'production' || workflow.text.includes('deployctl/')
			? []
			: [
					'It posts no deployctl status on the commit: such a run can then be related to a commit by its name or by time only.',
				]),
	];
};

/** Whether the job waits for one of the given ones, directly or through others. */
const waitsFor = (job: ReadJob, targets: ReadonlySet<string>, jobs: readonly ReadJob[]): boolean => {
	const needs = new Map(jobs.map(one => [one.id, one.needs]));
	const seen = new Set(job.needs);
	for (const id of seen) for (const next of needs.get(id) ?? []) seen.add(next);
	return [...seen].some(id => targets.has(id));
};

const idsOf = ({jobs}: Judged, wanted: string): ReadonlySet<string> =>
	new Set(jobs.filter(({kind}) => kind?.kind === wanted).map(({job}) => job.id));

/** E2E that the deployment waits for: the classic mistake. */
const aboutBlocking = (judged: Judged, all: readonly Judged[]): string[] => {
	const jobs = judged.jobs.map(({job}) => job);
	const [e2e, deploy] = [idsOf(judged, 'e2e'), idsOf(judged, 'deploy')];
	const inside = judged.jobs
		.filter(({job, kind}) => kind?.kind === 'deploy' && waitsFor(job, e2e, jobs))
		.map(({job}) => job.title);
	const before = all
		.filter(({workflow}) => deploy.size > 0 && judged.workflow.follows.includes(workflow.name))
		.filter(one => idsOf(one, 'e2e').size > 0);
	return [
		...(inside.length > 0
			? [
					`E2E blocks the deployment: ${inside.join(', ')} waits for it by needs. Start E2E after the deployment, against staging.`,
				]
			: []),
		...before.map(
			({workflow}) =>
				`E2E blocks the deployment: it follows ${workflow.file}, which runs E2E. Let it follow the fast tests.`,
		),
	];
};

/** @param names of jobs, one at least */
export const aboutHollow = (names: readonly string[]): string =>
	`Each of its jobs only decides, sums up or notifies by its name (${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}), so that a green run proves nothing: name the one that tests in jobs.`;

const checksOutForeign = /pull_request\.head\.(?:sha|ref)|github\.head_ref|refs\/pull\//;
export const aboutForks = ({events, text}: ReadWorkflow): string[] =>
	!events.includes('pull_request_target')
		? []
		: [
				checksOutForeign.test(text)
					? "DANGER: pull_request_target checks out the pull request's own code and runs it with the secrets of this repository. Use pull_request."
					: 'pull_request_target gives pull requests of strangers the secrets of this repository: never check out or run their code in it.',
			];

const forTier = (tier: TierMapping['tier'], judged: Judged, all: readonly Judged[], branches: Branches): string[] => {
	const {workflow} = judged;
	switch (tier) {
		case 'fast': {
			const others = all
				.filter(
					one =>
						one !== judged &&
						pushesTo(one.workflow.push, branches.staging) &&
						one.jobs.some(
							({kind}) => kind?.kind === 'check' || kind?.kind === 'tests' || kind?.kind === 'unit',
						),
				)
				.map(one => one.workflow.file);
			return [
				...(others.length > 0
					? [
							`${others.join(', ')} ${others.length === 1 ? 'checks' : 'check'} the same commits and ${others.length === 1 ? 'is' : 'are'} not part of this tier: red there stops nothing. Call ${others.length === 1 ? 'it' : 'them'} from this workflow, if it should.`,
						]
					: []),
				...(workflow.push?.hasPaths === true
					? [
							'It has path filters on its push: a commit without such files gets no run, and its gate stays blocked. Filter within the jobs.',
						]
					: []),
			];
		}
		case 'deploy':
			return [
				...aboutBlocking(judged, all),
				...(workflow.cancels || judged.jobs.some(({job, kind}) => kind?.kind === 'deploy' && job.cancels)
					? ['cancel-in-progress ends a deployment in its middle: set it to false.']
					: []),
				...(workflow.push !== null &&
				pushesTo(workflow.push, branches.staging) &&
				!judged.jobs.some(({kind}) => kind?.kind === 'unit')
					? ['It starts with the push itself and waits for no tests: let it follow the fast tests.']
					: []),
			];
		case 'e2e':
			return [
				...aboutBlocking(judged, all),
				...(pushesTo(workflow.push, branches.staging)
					? [
							'It starts with the push itself, not after the deployment: what it tests is not what staging runs. Let the deployment start it.',
						]
					: []),
				...(/\bbefore \$\{\{[^}\n]{1,200}\}\} after \$\{\{/.test(workflow.text)
					? []
					: [
							'It does not say in the name of a job what staging ran before and after the tests (a status deployctl/staging-report alone proves nothing): the production gate cannot rest on it.',
						]),
			];
		case 'smoke':
			return [];
		case 'production':
			return [
				...(workflow.text.includes('deployctl gate')
					? []
					: ['Nothing stops an untested commit: make deployctl gate its first step.']),
				...(judged.jobs.some(({job}) => job.environment !== null)
					? []
					: [
							'Its jobs have no environment, so nobody has to approve: add environment: production with reviewers.',
						]),
			];
	}
};

export const adviceFor = (
	tier: TierMapping['tier'],
	judged: Judged,
	all: readonly Judged[],
	branches: Branches,
): string[] => [
	...forTier(tier, judged, all, branches),
	...aboutChain(
		judged.workflow,
		all.map(({workflow}) => workflow),
	),
	...aboutCorrelation(tier, judged.workflow),
	...aboutForks(judged.workflow),
];
