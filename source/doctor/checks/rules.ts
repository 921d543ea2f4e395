/** Rules of the two branches: what they ask for that can never come, and what they do not ask for. */
import {aroundExpressions} from '../../core/text/expressions.ts';
import {listed, quoted, sayingIn, unread} from '../model/findings.ts';
import type {Finding, GitHubReading, Readings} from '../model/model.ts';
import {workflowsFor, type Workflows} from '../model/tiers.ts';
import type {Job} from '../model/workflow-model.ts';
import {contextOf} from '../model/workflow-words.ts';

const say = sayingIn('rules');

/** Names of the checks that a job makes, as a pattern: what `${{ … }}` will be is not known here. */
const patternOf = (job: Job): RegExp => {
	const name = aroundExpressions(job.name)
		.map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
		.join('.*');
	return new RegExp(
		`^(?:.* / )?${name}${job.hasMatrix && !job.name.includes('${{') ? String.raw`(?: \(.*\))?` : ''}${job.uses === null ? '' : '(?: / .*)?'}$`,
	);
};

/** Which file makes a check of that name; null: none of these. */
const makerOf = (check: string, {all}: Workflows): string | null =>
	all.find(workflow => contextOf(workflow.file) === check || workflow.jobs.some(job => patternOf(job).test(check)))
		?.file ?? null;

/** What comes after a push to staging cannot be asked for before it. */
const afterwards = (readings: Readings): ReadonlySet<string> =>
	new Set(
		[readings.settings.tiers.e2e, readings.settings.tiers.deploy, readings.settings.tiers.smoke]
			.map(({workflow}) => workflow)
			.filter(file => file !== readings.settings.tiers.fast.workflow),
	);

const required = (readings: Readings, branch: string, checks: readonly string[]): readonly Finding[] => {
	const workflows = workflowsFor(readings);
	if (checks.length === 0 || workflows.source === null) return [];
	const late = afterwards(readings);
	const isStaging = branch === readings.settings.branches.staging;
	const findings = checks.flatMap(check => {
		const maker = makerOf(check, workflows);
		if (maker === null)
			return [
				say(
					'warning',
					'unknown-check',
					`${branch} asks for the check ${quoted(check)}, which no workflow here makes`,
					{
						why: 'Where no App reports it either, no commit gets onto the branch.',
						how: 'Correct its name in the rules of the branch, or take it out.',
						where: check,
					},
				),
			];
		if (!isStaging || !late.has(maker)) return [];
		return [
			say(
				'error',
				'impossible-check',
				`${branch} asks for ${quoted(check)}, which comes only after a commit is on ${branch}`,
				{
					why: `${maker} starts when a commit is on ${branch} already: the check never comes in time, and nothing gets onto the branch.`,
					how: `Take it out of the rules of ${branch}; the production gate asks for it.`,
					where: check,
				},
			),
		];
	});
	return findings.length > 0
		? findings
		: [say('ok', 'checks', `What ${branch} asks for can come: ${listed(checks)}`, {where: branch})];
};

const strategyFor = (readings: Readings, types: ReadonlySet<string>): readonly Finding[] => {
	const {
		settings: {
			promotion: {strategy},
			branches: {production},
		},
	} = readings;
	const needed = types.has('merge_queue') ? 'merge-queue' : types.has('pull_request') ? 'pull-request' : null;
	if (needed === null || strategy === needed || strategy === 'workflow' || strategy === 'script') return [];
	return [
		say(
			'error',
			'strategy',
			`${production} takes commits only through a ${needed === 'merge-queue' ? 'merge queue' : 'pull request'}, but promotion.strategy is ${strategy}`,
			{
				why: 'GitHub would refuse every promotion.',
				how: `promotion: {strategy: ${needed}} in deployctl.yml.`,
				where: production,
			},
		),
	];
};

const ofBranch = (readings: Readings, {rules, branches}: GitHubReading, branch: string): readonly Finding[] => {
	const [rule, classic] = [rules[branch], branches[branch]];
	if (rule === undefined || (classic !== undefined && !classic.ok && classic.kind === 'absent')) return [];
	if (!rule.ok) return [unread(say, 'rules', `The rules of ${branch} could not be read`, rule, {where: branch})];
	const checks = [
		...new Set([
			...rule.value.flatMap(({checks: names}) => names),
			...(classic?.ok ? classic.value.requiredChecks : []),
		]),
	];
	const types = new Set(rule.value.map(({type}) => type));
	const isProduction = branch === readings.settings.branches.production;
	const isPartial = classic !== undefined && !classic.ok;
	const isGuarded = types.size > 0 || (classic?.ok === true && classic.value.isProtected);
	return [
		...required(readings, branch, checks),
		...(isProduction ? strategyFor(readings, types) : []),
		...(isPartial
			? [
					unread(say, 'protection', `Whether ${branch} has a classic protection is not known`, classic, {
						where: branch,
					}),
				]
			: []),
		...(isPartial && !isGuarded
			? []
			: isGuarded || !isProduction
				? [
						say('ok', 'guarded', isGuarded ? `${branch} is protected` : `${branch} takes every push`, {
							where: branch,
						}),
					]
				: [
						say('warning', 'guarded', `${branch} is not protected`, {
							why: 'Anybody who may push can move it past the gate; deploy-production asks the gate again, but a force push also rewrites what production ran.',
							how: `Add a ruleset for ${branch}: no force pushes, no deletion; restrict who may push.`,
							where: branch,
						}),
					]),
	];
};

export const checkRules = (readings: Readings): readonly Finding[] => {
	const {
		github,
		settings: {
			branches: {staging, production},
		},
	} = readings;
	if (github === null || !github.repository.ok)
		return [
			say('unknown', 'rules', 'The rules of the branches were not read', {
				why:
					github === null ? 'GitHub was not asked.' : github.repository.ok ? null : github.repository.because,
			}),
		];
	return [...new Set([staging, production])].flatMap(branch => ofBranch(readings, github, branch));
};
