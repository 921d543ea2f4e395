/** Secrets and variables by their names: what the workflows use against what there is. Values are in no API, and never asked for. */
import {expressionsIn} from '../../core/text/expressions.ts';
import {listed, sayingIn} from '../model/findings.ts';
import type {Finding, NamesReading, Readings} from '../model/model.ts';
import {workflowsFor, type Workflows} from '../model/tiers.ts';

const say = sayingIn('secrets');

type Use = {name: string; file: string; environment: string | null};

/** Given by GitHub, or used only where somebody wants more than that. */
const given = new Set(['GITHUB_TOKEN', 'ACTIONS_STEP_DEBUG', 'ACTIONS_RUNNER_DEBUG']);

const usesOf = (word: 'secrets' | 'vars', {all, tiers}: Workflows): readonly Use[] => {
	const files = new Set([...tiers.values()].map(({file}) => file));
	const uses = new Map<string, Use>();
	for (const workflow of all.filter(({file}) => files.has(file))) {
		const outside = workflow.text.replace(/"jobs":.*$/s, '');
		for (const [text, environment] of [
			[outside, null] as const,
			...workflow.jobs.map(job => [job.text, job.environment] as const),
		]) {
			// Only in expressions, and not those that say what to do without it.
			for (const {inner: expression} of expressionsIn(text)) {
				if (expression.includes('||')) continue;
				for (const [, name] of expression.matchAll(new RegExp(String.raw`\b${word}\.([A-Za-z_]\w*)`, 'g'))) {
					if (!given.has(name!.toUpperCase()))
						uses.set(`${name} ${workflow.file} ${environment}`, {
							name: name!.toUpperCase(),
							file: workflow.file,
							environment,
						});
				}
			}
		}
	}
	return [...uses.values()];
};

const verdict = (
	kind: 'secret' | 'variable',
	{name, file, environment}: Use,
	{repository, organization, environments}: NamesReading,
): Finding => {
	const own = environment === null ? undefined : environments[environment];
	const sources = [repository, organization, ...(own === undefined ? [] : [own])];
	const has = sources.some(source => source.ok && source.value.some(known => known.toUpperCase() === name));
	if (has) return say('ok', kind, `${name} is set`, {where: `${name} ${file}`});
	const refused = sources.find(source => !source.ok && source.kind !== 'absent');
	if (refused && !refused.ok)
		return say('unknown', kind, `Whether the ${kind} ${name} is set is not known (${file})`, {
			why: refused.because,
			how: refused.next,
			where: `${name} ${file}`,
		});
	return say(kind === 'secret' ? 'error' : 'warning', kind, `The ${kind} ${name} is not set (${file})`, {
		why: `A ${kind} that there is not is an empty text to the workflow: it fails where it is used, not where it is missing.`,
		how: `gh ${kind} set ${name}${environment === null ? '' : `; or gh ${kind} set ${name} --env ${environment}`}`,
		where: `${name} ${file}`,
	});
};

/** Names that could not be looked up are one finding, not one each. */
const together = (kind: 'secret' | 'variable', findings: readonly Finding[]): readonly Finding[] => {
	const unknown = findings.filter(({severity}) => severity === 'unknown');
	if (unknown.length < 2) return findings;
	const names = [...new Set(unknown.map(({where}) => where!.split(' ', 1)[0]!))];
	return [
		...findings.filter(({severity}) => severity !== 'unknown'),
		say('unknown', kind, `Whether the ${kind}s ${listed(names, 8)} are set is not known`, {
			why: unknown[0]!.why,
			how: unknown[0]!.how,
		}),
	];
};

export const checkSecrets = (readings: Readings): readonly Finding[] => {
	const workflows = workflowsFor(readings);
	const {github} = readings;
	if (workflows.source === null)
		return [
			say('unknown', 'read', 'Which secrets the workflows use is not known', {
				why: 'No workflows could be looked at.',
			}),
		];
	const [secrets, variables] = [usesOf('secrets', workflows), usesOf('vars', workflows)];
	if (secrets.length + variables.length === 0)
		return [say('ok', 'none', 'The workflows use no secrets and no variables')];
	if (github === null)
		return [
			say(
				'unknown',
				'read',
				`Whether ${listed([...new Set([...secrets, ...variables].map(({name}) => name))], 8)} are set is not known`,
				{why: 'GitHub was not asked.'},
			),
		];
	return [
		...together(
			'secret',
			secrets.map(use => verdict('secret', use, github.secrets)),
		),
		...together(
			'variable',
			variables.map(use => verdict('variable', use, github.variables)),
		),
	];
};
