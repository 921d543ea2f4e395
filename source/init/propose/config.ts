/** `deployctl.yml` of this repository, for people to read on. */
import {defaultSettings} from '../../core/settings/settings.ts';
import {tierNames, type TierName} from '../../core/pipeline/pipeline.ts';
import type {Answers, Inspection} from '../model.ts';
import type {Names} from './names.ts';
import type {Scripts} from './scripts.ts';
import {suiteSkips} from './suite.ts';
import {yamlText} from '../files/text.ts';

const minutes = (seconds: number) => `${seconds / 60}m`;

const about: Readonly<Record<TierName, string>> = {
	fast: 'has to be green before anything goes to staging',
	deploy: 'by itself, after them',
	e2e: 'non-blocking; production waits for it',
	smoke: 'right after each deployment; non-blocking',
};

/** Tiers that share a workflow need patterns that tell their jobs apart; without them the later one cannot be told from the earlier. */
export const isTold = (name: TierName, names: Names): boolean => {
	const jobs = names.mapped(name)?.jobs ?? null;
	return tierNames
		.slice(0, tierNames.indexOf(name))
		.every(
			other =>
				names.file(other) !== names.file(name) ||
				(jobs !== null && (names.mapped(other)?.jobs ?? null) !== null && names.mapped(other)?.jobs !== jobs),
		);
};

const patternLine = (key: string, patterns: readonly string[], about: string): readonly string[] =>
	patterns.length === 0
		? []
		: [`    ${key}: [${patterns.map(pattern => JSON.stringify(pattern)).join(', ')}] # ${about}`];
const skipLines = (maySkip: readonly string[], notWork: readonly string[]): readonly string[] => [
	...patternLine('maySkip', maySkip, 'left out of green runs; all others have to pass'),
	...patternLine('notWork', notWork, 'that they pass proves nothing'),
];

/** @param ownSkips of the workflows that are written, where somebody else's does not serve */
const tierLines = (
	name: TierName,
	names: Names,
	ownSkips: Readonly<Partial<Record<TierName, readonly string[]>>>,
): readonly string[] => {
	const {budgetSeconds, alertAfterSeconds} = defaultSettings.tiers[name];
	const jobs = names.mapped(name)?.jobs ?? null;
	return [
		`  ${name}: # ${about[name]}`,
		`    workflow: ${yamlText(names.file(name))}`,
		...(jobs === null ? [] : [`    jobs: ${JSON.stringify(jobs)}`]),
		...skipLines(
			names.mapped(name) === null ? (ownSkips[name] ?? []) : (names.mapped(name)?.maySkip ?? []),
			names.mapped(name)?.notWork ?? [],
		),
		`    budget: ${minutes(budgetSeconds)}`,
		`    alertAfter: ${minutes(alertAfterSeconds)}`,
	];
};

const environmentLines = (
	name: 'staging' | 'production',
	{urls}: Answers,
	{deploy, rollback}: Scripts,
): readonly string[] => {
	const [url, health, version] = [urls[name], urls[`${name}.health`], urls[`${name}.version`]];
	return [
		`  ${name}:`,
		url === undefined ? '    # url: https://…  where people open it' : `    url: ${yamlText(url)}`,
		health === undefined
			? `    # health: [https://…/health]  2xx is healthy${name === 'production' ? '; the production gate stays blocked until it is known' : ''}`
			: `    health: [${JSON.stringify(health)}] # 2xx is healthy`,
		version === undefined
			? '    # version: https://…/version  answers the commit that it runs'
			: `    version: ${JSON.stringify(version)} # answers the commit that it runs`,
		`    deploy: ${yamlText(deploy)}`,
		...(rollback === null
			? ['    # rollback: scripts/rollback.sh  nothing here goes back yet']
			: [`    rollback: ${yamlText(rollback)}`]),
	];
};

export const configText = (
	inspection: Inspection,
	answers: Answers,
	names: Names,
	scripts: Scripts,
	hasSmoke: boolean,
): string => {
	const {remote} = inspection;
	const tiers = tierNames.filter(name => (name !== 'smoke' || hasSmoke) && isTold(name, names));
	return [
		'# yaml-language-server: $schema=https://unpkg.com/deployctl/docs/deployctl.schema.json',
		'# What deployctl knows about this repository. Every key: https://unpkg.com/deployctl/docs/configuration.md',
		'# Written by deployctl init; yours to change.',
		'',
		...(remote === null
			? ['# repository: OWNER/NAME  without it, that of the origin remote']
			: [
					`${remote.host === 'github.com' ? '' : '# '}repository: ${remote.owner}/${remote.name}${remote.host === 'github.com' ? '' : ` on ${remote.host}: the origin remote says so`}`,
				]),
		'',
		'# A commit is tested on the staging branch, then promoted to the production branch.',
		'branches:',
		`  staging: ${yamlText(answers.staging)}`,
		`  production: ${yamlText(answers.production)}`,
		'',
		'tiers:',
		...tiers.flatMap(name => tierLines(name, names, {fast: suiteSkips(inspection.parts)})),
		'',
		'environments:',
		...environmentLines('staging', answers, scripts),
		...environmentLines('production', answers, scripts),
		'',
		'# How a tested commit gets to production, and what its gate asks for besides green tests.',
		'promotion:',
		'  strategy: fast-forward # or pull-request, merge-queue, workflow, script',
		`  workflow: ${yamlText(names.file('production'))}`,
		'  # signOffs: [qa]  words that people have to give: deployctl sign-off qa --sha …',
		'  # freeze:  windows in which nothing is promoted',
		'',
		'# Where deployments and rollbacks are announced. The address is a secret: this names the variable that holds it.',
		'# notifications:',
		'#   webhook:',
		'#     urlFrom: DEPLOYCTL_WEBHOOK',
		'',
	].join('\n');
};
