/** What the workflows have to publish so that nothing is guessed (docs/correlation.md), what they may, and that one deployment goes at a time. */
import {listed, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {type TierFile, workflowsFor} from '../model/tiers.ts';
import type {Job, Workflow} from '../model/workflow-model.ts';
import {
	ancestorsOf,
	commitWords,
	contextOf,
	isDeployJob,
	isE2eStep,
	jobsOfTier,
	mayWrite,
	needsCarrier,
} from '../model/workflow-words.ts';

const say = sayingIn('workflows');
type Known = TierFile & {workflow: Workflow};

/** How a workflow of these triggers gets at its commit. */
const expressionFor = (role: Known['role'], {workflowRun, triggers}: Workflow): string =>
	role === 'e2e' || role === 'smoke'
		? 'inputs.sha'
		: workflowRun
			? 'inputs.sha || github.event.workflow_run.head_sha'
			: triggers['push'] === undefined
				? 'inputs.sha'
				: 'inputs.sha || github.sha';

const named = ({role, title, file, workflow}: Known): readonly Finding[] => {
	if (role === 'fast' || !needsCarrier(workflow)) return [];
	const texts = [workflow.runName ?? '', ...workflow.jobs.map(({name}) => name)];
	if (texts.some(text => commitWords.test(text)))
		return [say('ok', 'run-name', `${title}: the run names its commit`, {where: file})];
	return [
		say(
			role === 'e2e' || role === 'production' ? 'error' : 'warning',
			'run-name',
			`${title}: no run of ${file} names its commit`,
			{
				why: `Its runs sit on the head of a branch, so that GitHub itself does not know which commit they are about${role === 'e2e' ? ', and the production gate believes none of them' : ''}.`,
				how: `run-name: ${title} \${{ ${expressionFor(role, workflow)} }}`,
				where: file,
			},
		),
	];
};

const reported = ({role, title, file, workflow}: Known): readonly Finding[] => {
	if (role === 'fast' || role === 'production') return [];
	const context = contextOf(file);
	if (workflow.text.includes(context)) return [say('ok', 'status', `${title}: posts ${context}`, {where: file})];
	const other = /deployctl\/[\w.-]+/.exec(workflow.text.replaceAll('deployctl/staging-report', ''))?.[0];
	return [
		say('warning', 'status', `${title}: ${file} posts no commit status ${context}`, {
			why: `${other ? `It posts ${other}, which nobody looks for. ` : ''}Without it the run is found late or by its time only, and shows no progress.`,
			how: 'Post it as the first step and, with if: always(), as the last: docs/correlation.md has the lines.',
			where: file,
		}),
	];
};

/** A job's name that is made of both answers. */
const saysStaging = /\bbefore \$\{\{[^}]{1,200}\}\} after \$\{\{[^}]{1,200}\}\}$/;

const stagingReport = ({role, file, workflow}: Known, {settings}: Readings): readonly Finding[] => {
	const asks =
		settings.environments.find(({name}) => name === 'staging')?.version.length !== 0 &&
		settings.promotion.stagingReport === 'required';
	if (role !== 'e2e' || !asks) return [];
	if (workflow.jobs.some(({name}) => saysStaging.test(name)))
		return [say('ok', 'staging-report', 'E2E reports what staging ran', {where: file})];
	const isByStatus = workflow.text.includes('deployctl/staging-report');
	return [
		say(
			'error',
			'staging-report',
			isByStatus
				? `${file} reports what staging ran in a commit status only, which any workflow can post`
				: `${file} does not report what staging ran`,
			{
				why: 'deployctl.yml requires it: without the report of this very run the production gate stays unknown.',
				how: `${isByStatus ? 'deployctl init writes the newer workflow. Or say it in the name of a job' : 'Say it in the name of a job'}, as docs/correlation.md, “The staging report”, has it; or set promotion.stagingReport: optional.`,
				where: file,
			},
		),
	];
};

/** A token of somebody's own has permissions of its own. */
const hasOwnToken = ({text}: Job): boolean => /secrets\.(?!GITHUB_TOKEN\b)\w*(?:TOKEN|PAT)\b/.test(text);
/** `address`: asked with something to write; `words`: says by itself that it writes. */
const wants: ReadonlyArray<{permission: string; address: RegExp; words: RegExp; what: string}> = [
	{permission: 'statuses', address: /\/statuses\/\$/, words: /createCommitStatus/, what: 'posts commit statuses'},
	{permission: 'deployments', address: /\/deployments\b/, words: /createDeployment/, what: 'files deployments'},
	{
		permission: 'actions',
		address: /\/dispatches\b/,
		words: /gh workflow run|createWorkflowDispatch/,
		what: 'starts another workflow',
	},
];
const sending = /\s(?:-[fFd]|--(?:raw-)?field|--input|--data\S*|-X\s*POST|--method[ =]POST)\b/;
const reading = /\s(?:-X\s*GET|--method[ =]GET)\b/;

/** Line by line, since a step may read one thing and write another. */
const writes = ({steps, text}: Job, {address, words}: (typeof wants)[number]): boolean =>
	words.test(text) ||
	steps.some(({run}) =>
		run
			.replaceAll(/\\\r?\n\s*/g, ' ')
			.split('\n')
			.some(line => address.test(line) && sending.test(line) && !reading.test(line)),
	);

const permitted = ({file, workflow}: Known): readonly Finding[] => {
	const missing = workflow.jobs
		.filter(job => !hasOwnToken(job))
		.flatMap(job =>
			wants
				.filter(want => writes(job, want) && mayWrite(want.permission, job, workflow) === false)
				.map(want => ({job, ...want})),
		);
	const isSilent =
		workflow.permissions === null && workflow.jobs.some(job => job.permissions === null && job.uses === null);
	const isAll = workflow.permissions === 'write-all' || workflow.jobs.some(job => job.permissions === 'write-all');
	return [
		...wants.flatMap(({permission, what}) => {
			const jobs = missing.filter(one => one.permission === permission).map(({job}) => job.id);
			return jobs.length === 0
				? []
				: [
						say(
							'error',
							`permission-${permission}`,
							`${file}: ${listed(jobs)} ${what} without ${permission}: write`,
							{
								why: 'GitHub refuses it with 403 when the job runs.',
								how: `permissions: {${permission}: write} for the job.`,
								where: file,
							},
						),
					];
		}),
		...(isSilent
			? [
					say('warning', 'permissions', `${file} does not say what its token may`, {
						why: "Then the repository's setting decides: everything, or not even statuses.",
						how: 'permissions: {contents: read}, and per job what it needs.',
						where: file,
					}),
				]
			: []),
		...(isAll
			? [
					say('warning', 'permissions-all', `${file} gives its token everything`, {
						why: 'Any action in it may then push, release and deploy.',
						how: 'Name what it needs instead of write-all.',
						where: file,
					}),
				]
			: []),
	];
};

/** Enterprise Servers may not know the key `queue`; where GitHub was not asked, the file is judged as on github.com. */
const knowsQueue = ({github}: Readings): boolean =>
	!(github?.repository.ok === true && github.repository.value.serverVersion !== null);

const oneAtATime = ({role, title, file, workflow}: Known, readings: Readings): readonly Finding[] => {
	const {settings} = readings;
	if (role !== 'deploy' && role !== 'production') return [];
	const jobs = (role === 'deploy' ? jobsOfTier(workflow, settings.tiers.deploy) : workflow.jobs).filter(isDeployJob);
	const groups = [workflow.concurrency, ...jobs.map(({concurrency}) => concurrency)].filter(group => group !== null);
	if (groups.length === 0)
		return [
			say('warning', 'concurrency', `${title}: two runs of ${file} may deploy at once`, {
				why: 'The older of two pushes may win.',
				how: `concurrency: {group: ${file.replace(/\.ya?ml$/, '')}, cancel-in-progress: false}`,
				where: file,
			}),
		];
	if (
		groups.every(({cancelInProgress}) => cancelInProgress === false) &&
		role === 'production' &&
		knowsQueue(readings) &&
		groups.some(({queue}) => queue !== 'max')
	) {
		return [
			say(
				'note',
				'concurrency-queue',
				`${title}: of several runs of ${file} that wait, GitHub keeps the newest and cancels the others`,
				{
					why: 'A deployment that waits for its approval is cancelled by the next one.',
					how: `queue: max next to cancel-in-progress: false in the concurrency of ${file}.`,
					where: file,
				},
			),
		];
	}
	return groups.some(({cancelInProgress}) => cancelInProgress !== false)
		? [
				say('error', 'concurrency-cancel', `${title}: a newer run of ${file} cancels one that is deploying`, {
					why: 'A deployment that is cut off in the middle may leave the environment in no known state.',
					how: 'cancel-in-progress: false',
					where: file,
				}),
			]
		: [say('ok', 'concurrency', `${title}: one run of ${file} at a time`, {where: file})];
};

const thorough = ({role, file, workflow}: Known, {settings}: Readings): readonly Finding[] => {
	if (role !== 'e2e') return [];
	const jobs = jobsOfTier(workflow, settings.tiers.e2e);
	const where = {where: file};
	const never = /^(?:\$\{\{)?\s*false\s*(?:\}\})?$/;
	const swallowed = jobs
		.filter(
			job =>
				job.continueOnError ||
				job.steps.some(
					step => isE2eStep(step) && (step.continueOnError || /\|\|\s*(?:true|:|exit 0)\s*$/m.test(step.run)),
				),
		)
		.map(({id}) => id);
	const skipped = jobs
		.filter(
			job =>
				never.test(job.condition ?? '') ||
				job.steps.some(step => isE2eStep(step) && never.test(step.condition ?? '')),
		)
		.map(({id}) => id);
	const optional = jobs
		.filter(job =>
			/head_commit\.message|labels|\[skip/.test(
				[job.condition, ...job.steps.filter(isE2eStep).map(({condition}) => condition)].join(' '),
			),
		)
		.map(({id}) => id);
	const hasty = jobs.filter(job => job.hasMatrix && job.failFast).map(({id}) => id);
	return [
		...(skipped.length > 0
			? [
					say('error', 'e2e-skipped', `${file}: ${listed(skipped)} is switched off (if: false)`, {
						why: 'GitHub counts what is skipped as green; the production gate does not.',
						how: 'Take the condition out.',
						...where,
					}),
				]
			: []),
		...(swallowed.length > 0
			? [
					say('error', 'e2e-swallowed', `${file}: ${listed(swallowed)} is green whatever its tests say`, {
						why: 'continue-on-error and || true hide a red E2E from the production gate.',
						how: 'Take it out: a red E2E does not block staging anyway.',
						...where,
					}),
				]
			: []),
		...(optional.length > 0
			? [
					say(
						'warning',
						'e2e-optional',
						`${file}: ${listed(optional)} can be skipped by a message or a label`,
						{
							why: 'A commit without E2E never gets through the production gate.',
							how: 'Take the condition out.',
							...where,
						},
					),
				]
			: []),
		...(hasty.length > 0
			? [
					say('warning', 'fail-fast', `${file}: the first red shard of ${listed(hasty)} cancels the others`, {
						why: 'One failure then hides all the others, and the gate wants the verdict of every shard.',
						how: 'strategy: {fail-fast: false}',
						...where,
					}),
				]
			: []),
	];
};

/** The workflow's own token, by any of its names. */
const ownToken = /github\.token|secrets\.GITHUB_TOKEN/;

/** Tests and all that they load would be able to post what other workflows post. */
const tokenless = ({role, file, workflow}: Known): readonly Finding[] => {
	if (role !== 'e2e') return [];
	const holding = workflow.jobs
		.filter(
			job =>
				mayWrite('statuses', job, workflow) === true &&
				job.steps.some(step => isE2eStep(step) && ownToken.test(workflow.env + job.env + step.env)),
		)
		.map(({id}) => id);
	return holding.length === 0
		? []
		: [
				say(
					'warning',
					'test-token',
					`${file}: the tests of ${listed(holding)} get a token that can post commit statuses`,
					{
						why: 'A package that they load can then speak for any workflow, on any commit.',
						how: 'Give the token to the steps that post, not to the one that tests. deployctl report --follow posts progress next to the tests: docs/e2e-reporter.md.',
						where: file,
					},
				),
			];
};

const gateWords = /deployctl\S*\s+gate\b|\bgate\s+--(?:landed|sha|json)\b/;

const gated = ({role, file, workflow}: Known): readonly Finding[] => {
	if (role !== 'production') return [];
	const asking = workflow.jobs.filter(({steps}) => steps.some(({run}) => gateWords.test(run)));
	const free = workflow.jobs
		.filter(job => isDeployJob(job) && !asking.some(({id}) => id === job.id || ancestorsOf(job, workflow).has(id)))
		.map(({id}) => id);
	if (asking.length > 0 && free.length === 0)
		return [say('ok', 'gate', `${file} asks the production gate first`, {where: file})];
	return [
		say(
			'error',
			'gate',
			asking.length === 0
				? `${file} does not ask the production gate`
				: `${file}: ${listed(free)} does not wait for the gate`,
			{
				why: 'Whoever starts it in the browser, or pushes to the production branch, then deploys what nobody tested.',
				how: 'deployctl gate --landed --sha "$SHA" as its first job, which the others need; deployctl init --existing replace --dry-run shows a whole one.',
				where: file,
			},
		),
	];
};

const approved = ({role, file, workflow}: Known): readonly Finding[] => {
	const free =
		role === 'production'
			? workflow.jobs.filter(job => isDeployJob(job) && job.environment !== 'production').map(({id}) => id)
			: [];
	return free.length === 0
		? []
		: [
				say('warning', 'environment', `${file}: ${listed(free)} does not name the environment production`, {
					why: "Nobody is asked to approve, branches are not checked, and its secrets have to be everybody's.",
					how: 'environment: {name: production, deployment: false} for the job; on Enterprise Server environment: production.',
					where: file,
				}),
			];
};

/** Tiers that share a file are told of it once. */
export const checkContract = (readings: Readings): readonly Finding[] => {
	const known = [...workflowsFor(readings).tiers.values()].filter((tier): tier is Known => tier.workflow !== null);
	const files = new Set<string>();
	return known.flatMap(tier => {
		const isFirst = !files.has(tier.file);
		files.add(tier.file);
		return [
			...named(tier),
			...reported(tier),
			...stagingReport(tier, readings),
			...(isFirst ? permitted(tier) : []),
			...oneAtATime(tier, readings),
			...thorough(tier, readings),
			...tokenless(tier),
			...gated(tier),
			...approved(tier),
		];
	});
};
