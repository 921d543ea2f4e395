/** The workflows of this repository, from the templates. */
import type {Answers, GeneratedFile, Inspection} from '../model.ts';
import {hashOf} from '../files/disk.ts';
import {mergeSteps, shardSteps, smokeSteps, type Around} from './e2e-steps.ts';
import {type Names, ownWorkflow, type Role} from './names.ts';
import {deployCommand, filled, rollbackCommand, type Scripts} from './scripts.ts';
import {checkout, runStep, setupSteps} from './steps.ts';
import {busyParts, suiteJobs} from './suite.ts';
import {gatePath, noDigest} from './gate-file.ts';
import {branchPattern, gateFile, template, yamlText} from '../files/text.ts';

const part = (name: string): string => template(`workflows/parts/${name}.sh`).trimEnd();
const together = (steps: readonly string[]): string => steps.join('\n');

/** A value that a template must have exactly once: a silent miss would leave somebody else's word in the file. */
const swap = (text: string, from: string, to: string): string => {
	if (text.split(from).length !== 2) throw new Error(`The template has not exactly one "${from}"`);
	return text.replace(from, () => to);
};

/** Enterprise Servers may be too old for the key, and refuse the whole file: there the newest of those that wait is kept. */
const withoutQueue = (text: string): string =>
	text
		.replace(/^ {2}queue: max\n/m, '')
		.replace(
			/Those that wait, for an approval too, keep their places: .*$/m,
			'Of several that wait, GitHub keeps the newest: the others are cancelled.',
		);

/** Words for other servers than github.com. */
const forHost = (text: string, host: string): string => {
	if (host === 'github.com') return text;
	const known = host.endsWith('.ghe.com') ? text : withoutQueue(text);
	const withHost =
		known.includes('GH_TOKEN:') || known.includes('gh api')
			? known.replace(
					/^( *)RUN: (.*)$/m,
					(line, indentation: string) => `${line}\n${indentation}GH_HOST: ${yamlText(host)}`,
				)
			: known;
	// Servers of one's own have names of their own for the token, so that none is sent to the wrong place.
	return host.endsWith('.ghe.com')
		? withHost
		: withHost
				.replaceAll(/\bGH_TOKEN: (\$\{\{ github\.token \}\}).*$/gm, 'GH_ENTERPRISE_TOKEN: $1')
				.replaceAll(
					/\bGITHUB_TOKEN: (\$\{\{ github\.token \}\}) # on GitHub Enterprise Server.*$/gm,
					'GITHUB_ENTERPRISE_TOKEN: $1',
				);
};

export const workflowFiles = (
	inspection: Inspection,
	answers: Answers,
	names: Names,
	scripts: Scripts,
): readonly GeneratedFile[] => {
	const {parts, e2e, remote} = inspection;
	const {staging, production, urls} = answers;
	// What no runner can divide is one shard.
	const shards = e2e === null || e2e.kind === 'other' ? 1 : answers.shards;
	const offered =
		shards === 1 && (e2e === null || e2e.kind === 'other')
			? [1]
			: [...new Set([1, 2, 4, 8, shards])].toSorted((a, b) => a - b);
	const version = urls['staging.version'] ?? null;
	const around: Around = {parts, url: urls['staging'] ?? null, version, workflow: names.file('e2e')};
	const hasSmoke = e2e?.smokeCommand != null;
	const [starts, smokes] = [
		names.takesSha('e2e'),
		(hasSmoke || names.mapped('smoke') !== null) && names.takesSha('smoke'),
	];
	const started = [...(starts ? ['E2E'] : []), ...(smokes ? ['smoke tests'] : [])].join(' and ');
	const ours = part('ours');

	const suite = () =>
		filled('workflows/test-suite.yml', {
			staging: branchPattern(staging),
			jobs: suiteJobs(parts, ownWorkflow('fast')),
		});
	const deploy = () =>
		filled('workflows/deploy-staging.yml', {
			staging: yamlText(staging),
			stagingPattern: branchPattern(staging),
			fastName: JSON.stringify(names.title('fast')),
			e2e: starts,
			smoke: smokes,
			starts: starts || smokes,
			started,
			startedText:
				started === ''
					? 'whatever follows has to be dispatched,'
					: `${started} ${smokes ? 'are' : 'is'} dispatched,`,
			ours,
			announce: part('announce-deployment'),
			checkout: checkout('${{ env.SHA }}'),
			key: part('key'),
			deploy: deployCommand(scripts, 'staging'),
			rollback: rollbackCommand(scripts, 'staging'),
			health: JSON.stringify(urls['staging.health'] ?? urls['staging'] ?? ''),
			version: JSON.stringify(version ?? ''),
			healthCheck: part('health'),
			report: part('report-deployment'),
			e2eWorkflow: names.file('e2e'),
			smokeWorkflow: names.file('smoke'),
		});
	const endToEnd = () =>
		filled('workflows/e2e-staging.yml', {
			staging: yamlText(staging),
			shards: String(shards),
			options: offered.map(count => JSON.stringify(String(count))).join(', '),
			trace: e2e?.kind === 'playwright',
			version: version ?? '',
			reportToo: version === null ? '' : ', deployctl/staging-report',
			whichCommit: part('which-commit'),
			ours,
			saying:
				version === null
					? ''
					: " before ${{ needs.announce.outputs.before || 'unknown' }} after ${{ needs.after.outputs.after || 'unknown' }}",
			afterToo: version === null ? '' : ', after',
			before: version === null ? '' : part('before'),
			after: version === null ? '' : part('after'),
			steps: together(shardSteps(e2e, around)),
			merge: together(mergeSteps(e2e, around)),
		});
	const smoke = () =>
		filled('workflows/smoke-tests.yml', {
			staging: yamlText(staging),
			ours,
			steps: together(e2e === null ? [] : smokeSteps(e2e, around)),
		});
	const promote = () => {
		const text = template('workflows/deploy-production.yml');
		return [
			[`GATE_SHA256: "${noDigest}"`, `GATE_SHA256: "${hashOf(gateFile())}"`],
			['    branches: [main]', `    branches: [${branchPattern(production)}]`],
			[
				'          HEALTH: ""',
				`          HEALTH: ${JSON.stringify(urls['production.health'] ?? urls['production'] ?? '')}`,
			],
			['          VERSION: ""', `          VERSION: ${JSON.stringify(urls['production.version'] ?? '')}`],
			[
				'run: scripts/deploy.sh --env production --sha "$SHA" --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"',
				`run: ${deployCommand(scripts, 'production')}`,
			],
			[
				'run: scripts/rollback.sh --env production --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-back"',
				`run: ${rollbackCommand(scripts, 'production')}`,
			],
			['which moves main (push)', `which moves ${production} (push)`],
			['be deployed from main only.', `be deployed from ${production} only.`],
			['and moves main when', `and moves ${production} when`],
			['--landed: main is already', `--landed: ${production} is already`],
		].reduce((all, [from, to]) => swap(all, from!, to!), text);
	};
	const gate = (): GeneratedFile => ({
		path: gatePath,
		content: gateFile(),
		mode: 0o644,
		group: 'workflows',
		why: 'The production gate itself, which the workflow starts by its digest: not to be edited',
		namedIn: `.github/workflows/${ownWorkflow('production')}`,
	});
	const experiment = () => {
		const first = busyParts(parts)[0];
		const command = first?.tasks.unit ?? first?.tasks.build ?? first?.tasks.lint;
		return filled('workflows/experimental-example.yml', {
			checkout: checkout(null),
			steps:
				first === undefined || command === undefined
					? runStep('The experiment', "echo 'What you want to try out stands here.'")
					: together([
							...setupSteps(first),
							runStep('The experiment', command.command, {folder: first.directory}),
						]),
		});
	};

	const written = (role: Role, why: string, text: () => string): readonly GeneratedFile[] =>
		names.mapped(role) === null
			? [
					{
						path: `.github/workflows/${ownWorkflow(role)}`,
						content: forHost(text(), remote?.host ?? 'github.com'),
						mode: 0o644,
						group: 'workflows',
						why,
					},
				]
			: [];
	return [
		...written('fast', 'Tier 1: what blocks the way to staging', suite),
		...written('deploy', 'Tier 2: every green push to staging, by itself', deploy),
		...written('e2e', 'Tier 3: end-to-end tests against live staging, which hold nothing up', endToEnd),
		...(hasSmoke ? written('smoke', 'The critical journeys, right after each deployment', smoke) : []),
		...written('production', 'Production: the gate, an approval, the deployment, the way back', promote),
		...(names.mapped('production') === null ? [gate()] : []),
		{
			path: '.github/workflows/experimental-example.yml',
			content: experiment(),
			mode: 0o644,
			group: 'workflows',
			why: 'A pattern for experiments, which can touch nothing',
		},
	];
};
