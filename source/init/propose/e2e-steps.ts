/** The steps that run end-to-end tests: whole or by shards, with progress and results where deployctl finds them. */
import {artifactName, resultFile} from '../../core/tests/results.ts';
import type {E2eSuite, Part} from '../model.ts';
import {actions, checkout, runStep, setupSteps} from './steps.ts';
import {indented, template} from '../files/text.ts';
import {isWithin} from '../files/tree.ts';

export type Around = {
	parts: readonly Part[];
	/** Of staging; null: not known. */ url: string | null;
	version: string | null;
	workflow: string;
};

const notice =
	"'::notice title=Live progress::Add deployctl to the development dependencies, and every test is seen as it ends.'";

/** The part whose packages the suite needs: the nearest one above it. */
const ownerOf = (suite: E2eSuite, parts: readonly Part[]): Part | null => {
	const language = suite.kind === 'pytest' ? 'python' : 'node';
	return (
		parts
			.filter(part => part.language === language && isWithin(part.directory, suite.directory))
			.toSorted((a, b) => b.directory.length - a.directory.length)[0] ?? null
	);
};

/** Where no manifest says anything: the runner of the tests itself. */
const bare = ({kind, directory}: E2eSuite): Part => ({
	name: 'e2e',
	directory,
	lockFile: null,
	version: null,
	tasks: {},
	...(kind === 'pytest'
		? {language: 'python', packageManager: 'pip', install: 'python -m pip install pytest'}
		: {language: 'node', packageManager: 'npm', install: null}),
});

/** Where the address is not known, the suite's own default is better than an empty one. */
const environmentOf = (suite: E2eSuite, {url}: Around): string =>
	`${suite.addressVariable ?? 'BASE_URL'}: ${url ?? 'https://…'}`.replace(/^(?=.*…$)/, '# ');

const here = (suite: E2eSuite): readonly string[] =>
	suite.directory === '.' ? [] : [`  working-directory: ${suite.directory}`];

const progressFile = '${{ runner.temp }}/deployctl-progress';
const token = '    GITHUB_TOKEN: ${{ github.token }} # for progress, as statuses of the commit';

/** What the reporter and `deployctl report` read. The token is for what posts, and never for what runs tests. */
const reporting = (workflow: string): readonly string[] => [
	'    SHA: ${{ needs.announce.outputs.sha }}',
	'    DEPLOYCTL_SHARD: ${{ matrix.shard }}/${{ needs.announce.outputs.total }}',
	`    DEPLOYCTL_WORKFLOW: ${workflow}`,
	`    DEPLOYCTL_RESULTS: \${{ github.workspace }}/${resultFile}`,
];

const step = (head: readonly string[], env: readonly string[], run: string): string =>
	[
		...head,
		...(env.some(line => !line.trimStart().startsWith('#')) ? ['  env:', ...env] : env.map(line => line.slice(2))),
		'  run: |',
		indented(run, 4),
	].join('\n');

/** Beside the tests, in a process of its own: it has the token, and they have not. */
const progressSteps = (suite: E2eSuite, around: Around) => ({
	before: step(
		[
			'- name: Publish the progress',
			'  # What cannot be published changes no verdict.',
			'  continue-on-error: true',
			'  shell: bash',
			...here(suite),
		],
		[token, `    DEPLOYCTL_PROGRESS: ${progressFile}`, ...reporting(around.workflow)],
		template('workflows/parts/progress-begin.sh').trimEnd(),
	),
	after: step(
		['- name: Publish the last word', '  if: always()', '  continue-on-error: true', '  shell: bash'],
		[`    DEPLOYCTL_PROGRESS: ${progressFile}`],
		template('workflows/parts/progress-end.sh').trimEnd(),
	),
});

const playwrightRun = (suite: E2eSuite, around: Around): readonly string[] => [
	progressSteps(suite, around).before,
	step(
		['- name: E2E', '  shell: bash', ...here(suite)],
		[
			`    ${environmentOf(suite, around)}`,
			`    DEPLOYCTL_PROGRESS: ${progressFile}`,
			...reporting(around.workflow),
			'    TRACE: ${{ inputs.trace }}',
		],
		`reporters=list,blob
# As Playwright itself would find it.
if node -e 'require.resolve("deployctl/playwright-reporter")' 2> /dev/null; then
  reporters=deployctl/playwright-reporter,$reporters
else
  echo ${notice}
fi
more=()
if [[ $TRACE == true ]]; then
  more+=(--trace on)
fi
${suite.command} --shard="$DEPLOYCTL_SHARD" --reporter="$reporters" "\${more[@]}"`,
	),
	progressSteps(suite, around).after,
];

/** Every so many-th file is this shard's; the order is the same on every runner. */
const mine = ({
	folder,
	name,
}: NonNullable<E2eSuite['files']>) => `# The runner cannot shard: each gets every so many-th file.
mapfile -t all < <(find ${folder} -type f -name '${name}' | LC_ALL=C sort)
if (( \${#all[@]} == 0 )); then
  echo '::error title=E2E::There are no tests: no ${name} in ${folder}.'
  exit 1
fi
mapfile -t files < <(printf '%s\\n' "\${all[@]}" | awk -v shard="\${DEPLOYCTL_SHARD%/*}" -v total="\${DEPLOYCTL_SHARD#*/}" 'NR % total == shard % total')
if (( \${#files[@]} == 0 )); then
  echo '::notice title=E2E::Fewer files than shards: nothing to do here.'
  # A result all the same: whether all shards together did something can only be said of what is there.
  mkdir -p "$RUNNER_TEMP/junit"
  echo '<testsuites tests="0"/>' > "$RUNNER_TEMP/junit/none.xml"
  exit 0
fi`;

const publish = (around: Around): string =>
	step(
		[
			'- name: Publish the results',
			'  if: always()',
			'  # What cannot be published changes no verdict.',
			'  continue-on-error: true',
			'  shell: bash',
		],
		[token, ...reporting(around.workflow)],
		`if [[ -d $RUNNER_TEMP/junit ]]; then
  # Only what the lock file has brought, or what is named: a name alone can be registered by anybody.
  if [[ -z \${DEPLOYCTL:-} && -f node_modules/deployctl/bin/deployctl.js ]]; then
    DEPLOYCTL='node node_modules/deployctl/bin/deployctl.js'
  fi
  if [[ -z \${DEPLOYCTL:-} ]]; then
    echo ${notice}
    exit 0
  fi
  read -r -a deployctl <<< "$DEPLOYCTL"
  "\${deployctl[@]}" report --junit "$RUNNER_TEMP/junit"
fi`,
	);

const byFiles = (suite: E2eSuite, around: Around, command: string): readonly string[] => [
	step(
		['- name: E2E', '  shell: bash', ...here(suite)],
		[
			`    ${environmentOf(suite, around)}`,
			'    DEPLOYCTL_SHARD: ${{ matrix.shard }}/${{ needs.announce.outputs.total }}',
		],
		`${suite.files == null ? '' : `${mine(suite.files)}\n`}${command}`,
	),
	publish(around),
];

const runOf = (suite: E2eSuite, around: Around): readonly string[] => {
	switch (suite.kind) {
		case 'playwright':
			return playwrightRun(suite, around);
		case 'cypress':
			return byFiles(
				suite,
				around,
				`specs=$(IFS=,; echo "\${files[*]}")\n${suite.command} --spec "$specs" --reporter junit --reporter-options "mochaFile=$RUNNER_TEMP/junit/[hash].xml"`,
			);
		// The folder is named by the files of this shard instead.
		case 'pytest':
			return byFiles(
				suite,
				around,
				`${suite.command.replace(/ \S+$/, '')} "\${files[@]}" --junitxml="$RUNNER_TEMP/junit/results.xml"`,
			);
		case 'other':
			return [
				step(
					['- name: E2E', '  shell: bash', ...here(suite)],
					[`    ${environmentOf(suite, around)}`],
					suite.command,
				),
			];
	}
};

const upload = (name: string, path: string, {always = true, overwrite = false} = {}): string =>
	[
		`- uses: ${actions.upload}`,
		...(always ? ['  if: always()'] : []),
		'  with:',
		`    name: ${name}`,
		`    path: ${path}`,
		...(overwrite ? ['    overwrite: true # of an attempt before'] : []),
		'    if-no-files-found: ignore',
		'    retention-days: 14',
	].join('\n');

/** The names that deployctl looks for, with GitHub's own words in the places of the numbers. */
const resultsName = (workflow: string): string =>
	artifactName(workflow, {index: 1, total: 2}, 3).replace(
		'1-of-2-attempt-3',
		'${{ matrix.shard }}-of-${{ needs.announce.outputs.total }}-attempt-${{ github.run_attempt }}',
	);

const within = (suite: E2eSuite, path: string): string =>
	suite.directory === '.' ? path : `${suite.directory}/${path}`;

/** Packages, browsers. */
const ready = (suite: E2eSuite, parts: readonly Part[]): readonly string[] => [
	...setupSteps(ownerOf(suite, parts) ?? bare(suite)),
	...(suite.prepare == null ? [] : [runStep('Browsers', suite.prepare, {folder: suite.directory})]),
];

/** Where there are no tests yet: at least staging is asked. It proves little, and says so. */
const askStaging = ({url, version}: Around): readonly string[] => [
	step(
		['- name: Does staging answer?', '  shell: bash'],
		[
			`    BASE_URL: ${url ?? '""'}`,
			`    VERSION: ${version ?? '""'}`,
			'    SHA: ${{ needs.announce.outputs.sha }}',
		],
		template('workflows/parts/ask-staging.sh').trimEnd(),
	),
];

export const shardSteps = (suite: E2eSuite | null, around: Around): readonly string[] => {
	if (suite === null) return askStaging(around);
	return [
		checkout('${{ needs.announce.outputs.sha }}'),
		...ready(suite, around.parts),
		...runOf(suite, around),
		...(suite.kind === 'other' ? [] : [upload(resultsName(around.workflow), resultFile)]),
		...(suite.kind === 'playwright'
			? [upload('blob-report-${{ matrix.shard }}', within(suite, 'blob-report'), {overwrite: true})]
			: []),
		...(suite.kind === 'cypress' || suite.kind === 'pytest'
			? [upload('junit-${{ matrix.shard }}', '${{ runner.temp }}/junit', {overwrite: true})]
			: []),
	];
};

const download = (pattern: string, path: string, merge: boolean): string =>
	[
		`- uses: ${actions.download}`,
		'  continue-on-error: true # a report that is missing changes no verdict',
		'  with:',
		`    pattern: ${pattern}`,
		`    path: ${path}`,
		...(merge ? ['    merge-multiple: true'] : []),
	].join('\n');

/** One report of all shards: a summary on the run's page, and what the runner itself makes of it. */
export const mergeSteps = (suite: E2eSuite | null, around: Around): readonly string[] => {
	// Without results there is nothing to put together.
	if (suite === null || suite.kind === 'other') return [];
	const folder = resultsName(around.workflow).slice(0, resultsName(around.workflow).indexOf('${{'));
	const program = suite.command.replace(/ test$/, '');
	return [
		download(`${folder}*-attempt-*`, 'results', false),
		[
			'- name: One summary of all shards',
			'  continue-on-error: true',
			'  shell: bash',
			'  run: |',
			indented(template('workflows/parts/summary.sh').trimEnd(), 4),
		].join('\n'),
		...(suite.kind === 'playwright'
			? [
					checkout('${{ env.SHA }}'),
					...setupSteps(ownerOf(suite, around.parts) ?? bare(suite)),
					download('blob-report-*', within(suite, 'all-blob-reports'), true),
					[
						'- name: One report of all shards',
						'  continue-on-error: true',
						'  shell: bash',
						...here(suite),
						`  run: ${program} merge-reports --reporter=html ./all-blob-reports`,
					].join('\n'),
					upload('e2e-report-attempt-${{ github.run_attempt }}', within(suite, 'playwright-report')),
				]
			: []),
		...(suite.kind === 'cypress' || suite.kind === 'pytest'
			? [download('junit-*', 'junit', true), upload('e2e-report-attempt-${{ github.run_attempt }}', 'junit')]
			: []),
		step(
			['- name: Did any test run?', '  shell: bash'],
			['    TOTAL: ${{ needs.announce.outputs.total }}'],
			template('workflows/parts/ran.sh').trimEnd(),
		),
	];
};

export const smokeSteps = (suite: E2eSuite, around: Around): readonly string[] => [
	checkout('${{ env.SHA }}'),
	...ready(suite, around.parts),
	step(
		['- name: Critical journeys', '  shell: bash', ...here(suite)],
		[`    ${environmentOf(suite, around)}`],
		suite.smokeCommand ?? '',
	),
];
