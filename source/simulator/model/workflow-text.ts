/** The YAML of a workflow that a scenario gives as data: what the contents API answers where the scenario has no text of its own. */
import type {JobDefinition, StepDefinition, WorkflowDefinition} from './model.ts';

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (items: readonly string[]): string => `[${items.map(quote).join(', ')}]`;
const checkout = 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2';
const setUpNode = 'actions/setup-node@6044e13b5dc448c55e2357c09f80417699197238 # v6.2.0';

/** How this workflow knows its commit: from what started it. */
const commitOf = ({on}: WorkflowDefinition): string =>
	on.workflowRun
		? 'inputs.sha || github.event.workflow_run.head_sha'
		: on.push
			? on.dispatch
				? 'inputs.sha || github.sha'
				: 'github.sha'
			: 'inputs.sha';

/** As it declares them, so that whoever reads the file sends nothing that is refused. */
const inputLines = ({inputs}: WorkflowDefinition): string[] =>
	Object.entries(inputs ?? {sha: {description: 'The commit', required: true}}).flatMap(
		([name, {description, required, type, options, default: usual}]) => [
			`      ${name}:`,
			...(description === undefined ? [] : [`        description: ${quote(description)}`]),
			...(required ? ['        required: true'] : []),
			...(type === undefined ? [] : [`        type: ${type}`]),
			...(options === undefined ? [] : [`        options: ${list(options)}`]),
			...(usual === undefined ? [] : [`        default: ${type === 'boolean' ? usual : quote(usual)}`]),
		],
	);

function triggers(definition: WorkflowDefinition, all: readonly WorkflowDefinition[]): string[] {
	const {on} = definition;
	const parent = all.find(({file}) => file === on.workflowRun?.file);
	return [
		'on:',
		...(on.push ? ['  push:', `    branches: ${list(on.push)}`] : []),
		...(on.workflowRun
			? [
					'  workflow_run:',
					`    workflows: ${list([parent?.name ?? on.workflowRun.file])}`,
					'    types: [completed]',
					...(on.workflowRun.branches ? [`    branches: ${list(on.workflowRun.branches)}`] : []),
				]
			: []),
		...(on.dispatch ? ['  workflow_dispatch:', '    inputs:', ...inputLines(definition)] : []),
		...(on.schedule ? ['  schedule:', "    - cron: '17 2 * * *'"] : []),
	];
}

const status = (context: string, state: string): string =>
	`gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=${context} -f state=${state} -f target_url="$RUN" --silent`;

function stepLines({name}: StepDefinition, definition: WorkflowDefinition, isSharded: boolean): string[] {
	const head = `      - name: ${quote(name)}`;
	if (name === 'Checkout') {
		return [
			head,
			`        uses: ${checkout}`,
			...(definition.contract ? ['        with:', '          ref: ${{ env.SHA }}'] : []),
		];
	}
	if (name === 'Set up Node') {
		return [head, `        uses: ${setUpNode}`];
	}
	const environment = definition.contract?.environment ?? 'staging';
	const commands: Readonly<Record<string, string>> = {
		'Run scripts/deploy.sh': `scripts/deploy.sh --env ${environment} --sha "$SHA" --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"`,
		'Run Playwright tests': `npx playwright test${isSharded ? ' --shard=${{ matrix.shard }}/4' : ''}`,
		'Run critical journeys': 'npx playwright test --grep @smoke',
		'deployctl gate': 'npx --no-install deployctl gate --landed --sha "$SHA" --json',
	};
	const secret =
		name === 'Run scripts/deploy.sh' ? ['        env:', '          DEPLOY_KEY: ${{ secrets.DEPLOY_KEY }}'] : [];
	return [head, ...secret, `        run: ${commands[name] ?? `echo ${quote(name)}`}`];
}

/** What the contract wants beside the steps of the scenario. */
function published(
	definition: WorkflowDefinition,
	isFirst: boolean,
	isLast: boolean,
): {before: string[]; after: string[]} {
	const {contract, dispatches = []} = definition;
	if (!contract) {
		return {before: [], after: []};
	}
	const report = contract.reportsStaging
		? 'gh api "repos/$GITHUB_REPOSITORY/statuses/$SHA" -f context=deployctl/staging-report -f state=success -f description="before $BEFORE after $AFTER" -f target_url="$RUN" --silent'
		: null;
	return {
		before: isFirst ? ["      - name: 'Announce'", `        run: ${status(contract.context, 'pending')}`] : [],
		after: isLast
			? [
					...(report === null ? [] : ["      - name: 'What staging runs'", `        run: ${report}`]),
					"      - name: 'Report'",
					'        if: always()',
					`        run: ${status(contract.context, '"$STATE"')}`,
					...dispatches.flatMap(file => [`      - run: gh workflow run ${file} --ref develop -f sha="$SHA"`]),
				]
			: [],
	};
}

type Group = {id: string; job: JobDefinition; shards: number};

/** Shards are one job with a matrix. */
function grouped(jobs: readonly JobDefinition[]): Group[] {
	const groups = new Map<string, Group>();
	for (const job of jobs) {
		const id = job.name.replace(/ \(.*$/, '').replaceAll(/[^\w-]/g, '-');
		const known = groups.get(id);
		groups.set(id, known ? {...known, shards: known.shards + 1} : {id, job, shards: 1});
	}
	return [...groups.values()];
}

/** Only steps that post get the token: tests have none. */
function posting(lines: readonly string[]): string[] {
	return lines.flatMap(line =>
		/^ {6}(?:- |  )run: /.test(line) ? [line, '        env: {GH_TOKEN: "${{ github.token }}"}'] : [line],
	);
}

function jobLines({id, job, shards}: Group, definition: WorkflowDefinition, groups: readonly Group[]): string[] {
	const needs = [
		...new Set(
			(job.needs ?? []).map(
				name => groups.find(group => group.job.name === name || name.startsWith(`${group.id} (`))?.id ?? name,
			),
		),
	];
	const ships =
		definition.contract?.environment !== undefined && job.steps.some(({name}) => name === 'Run scripts/deploy.sh');
	// Its own deployment is filed by the contract, so that GitHub is told to file none.
	const environment =
		job.environment ?? (ships ? `{name: ${definition.contract!.environment}, deployment: false}` : null);
	const isFirst = groups[0]!.id === id || definition.contract?.announcedBy === job.name;
	const {before, after} = published(definition, isFirst, groups.at(-1)!.id === id);
	return [
		`  ${id}:`,
		...(shards > 1 ? [`    name: ${id} (\${{ matrix.shard }}, ${shards})`] : []),
		...(definition.contract?.reportsStaging === true && definition.contract.verdict === job.name
			? [`    name: ${id} before \${{ needs.before.outputs.sha }} after \${{ needs.after.outputs.sha }}`]
			: []),
		...(needs.length > 0 ? [`    needs: ${list(needs)}`] : []),
		...(job.always ? ['    if: always()'] : []),
		...(definition.on.workflowRun?.onlySuccess
			? ["    if: github.event_name == 'workflow_dispatch' || github.event.workflow_run.conclusion == 'success'"]
			: []),
		'    runs-on: ubuntu-latest',
		...(environment === null ? [] : [`    environment: ${environment}`]),
		...(shards > 1
			? [
					'    strategy:',
					'      fail-fast: false',
					'      matrix:',
					`        shard: [${Array.from({length: shards}, (_, index) => index + 1).join(', ')}]`,
				]
			: []),
		'    steps:',
		...posting(before),
		...job.steps.flatMap(step => stepLines(step, definition, shards > 1)),
		...posting(after),
	];
}

export function workflowText(definition: WorkflowDefinition, all: readonly WorkflowDefinition[]): string {
	const commit = commitOf(definition);
	const groups = grouped(definition.jobs);
	return [
		`name: ${definition.name}`,
		...(definition.title ? [`run-name: ${definition.title.replaceAll('{sha}', `\${{ ${commit} }}`)}`] : []),
		...triggers(definition, all),
		'permissions:',
		'  contents: read',
		...(definition.contract ? ['  statuses: write', '  deployments: write'] : []),
		...(definition.dispatches ? ['  actions: write'] : []),
		...(definition.concurrency
			? [
					'concurrency:',
					`  group: ${definition.concurrency.group}`,
					`  cancel-in-progress: ${definition.concurrency.cancelInProgress}`,
					...(definition.concurrency.queue ? [`  queue: ${definition.concurrency.queue}`] : []),
				]
			: []),
		...(definition.contract
			? [
					'env:',
					`  SHA: \${{ ${commit} }}`,
					'  RUN: ${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}/attempts/${{ github.run_attempt }}',
				]
			: []),
		'jobs:',
		...groups.flatMap(group => jobLines(group, definition, groups)),
		'',
	].join('\n');
}
