/** Jobs that a green run leaves out, against `tiers.NAME.maySkip` and `promotion.maySkip`: what is missing there keeps the gate shut or proves no deployment, what is too much in it opens it for nothing. */
import {withoutExpressions} from '../../core/text/expressions.ts';
import {matchesGlob} from '../../core/evidence/tier.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {
	type ConditionalJob,
	countedAsWork,
	hollow,
	namesJob,
	namesOfSkipped,
	type Skip,
	skipsOf,
} from '../../init/map/skippable.ts';
import {listed, quoted, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {roles, type TierFile, workflowsFor} from '../model/tiers.ts';
import type {Job} from '../model/workflow-model.ts';
import {isDeployJob, isE2eJob} from '../model/workflow-words.ts';

const say = sayingIn('workflows');

/** What the configuration says about the jobs of a role. `key`: where. */
type Rule = {
	key: string;
	pattern: string | null;
	maySkip: readonly string[];
	notWork: readonly string[];
	branch: string;
	/** What comes of a job that is skipped unnamed. */ otherwise: string;
};

const ruleOf = (role: TierFile['role'], {tiers, promotion, branches}: Settings): Rule =>
	role === 'production'
		? {
				key: 'promotion',
				pattern: null,
				maySkip: promotion.maySkip,
				notWork: [],
				branch: branches.production,
				otherwise: 'no promotion is proved by it',
			}
		: {
				key: `tiers.${role}`,
				pattern: tiers[role].jobs,
				maySkip: tiers[role].maySkip,
				notWork: tiers[role].notWork,
				branch: branches.staging,
				otherwise: 'the production gate stays blocked',
			};

const conditional = ({id, name, needs, condition, uses, hasMatrix}: Job): ConditionalJob => {
	const base = withoutExpressions(name, '*') + (hasMatrix && !name.includes('${{') ? ' (*)' : '');
	return {id, pattern: uses === null ? base : `${base} / *`, needs, condition: condition ?? ''};
};

const whyShut = (kind: Skip, {otherwise, key}: Rule): string => {
	switch (kind) {
		case 'red':
			return `They run only after a failure: in every green run GitHub lists them as skipped, and ${otherwise}.`;
		case 'elsewhere':
			return `They never run for pushes to the ${key === 'promotion' ? 'production' : 'staging'} branch: each of its runs lists them as skipped, and ${otherwise}.`;
		case 'filter':
			return `They run only when a change concerns them: for every other commit ${otherwise}.`;
		case 'condition':
			return `Whether they run the file does not tell. Where they are skipped ${otherwise}.`;
	}
};
const severity = {red: 'error', elsewhere: 'error', filter: 'warning', condition: 'note'} as const;
const idOf = {
	red: 'may-skip',
	elsewhere: 'may-skip-elsewhere',
	filter: 'may-skip-filter',
	condition: 'may-skip-condition',
} as const;

const unnamed = (kind: Skip, jobs: readonly ConditionalJob[], {role, title, file}: TierFile, rule: Rule): Finding => {
	const patterns = [...new Set([...rule.maySkip, ...jobs.flatMap(({pattern}) => namesOfSkipped(pattern))])];
	return say(
		severity[kind],
		idOf[kind],
		`${title}: green runs of ${file} ${kind === 'condition' ? 'may leave out' : 'leave out'} ${listed(jobs.map(({pattern}) => pattern))}, and nothing allows it`,
		{
			why: whyShut(kind, rule),
			where: role,
			how: `${kind === 'condition' ? `Where they do no work of the ${role === 'production' ? 'deployment' : 'tier'}: ` : ''}deployctl.yml, ${rule.key}.maySkip: [${patterns.map(pattern => JSON.stringify(pattern)).join(', ')}]`,
		},
	);
};

const kinds: readonly Skip[] = ['red', 'elsewhere', 'filter', 'condition'];

/** Patterns that fit nothing were written for jobs that have another name now. */
const stray = (
	{role, title, file}: TierFile,
	jobs: readonly ConditionalJob[],
	{key, maySkip, notWork}: Rule,
): readonly Finding[] => {
	const lists = [
		{
			name: 'maySkip',
			globs: maySkip,
			why: 'It allows nothing; the job that was meant keeps the gate blocked when it is skipped.',
		},
		{name: 'notWork', globs: notWork, why: 'The job that was meant counts as work when it passes.'},
	];
	return lists.flatMap(({name, globs, why}) => {
		const wrong = globs.filter(glob => !jobs.some(job => namesJob(glob, job)));
		return wrong.length === 0
			? []
			: [
					say(
						'warning',
						name === 'maySkip' ? 'may-skip-nobody' : 'not-work-nobody',
						`${title}: ${name} names ${listed(wrong.map(quoted))}, and ${file} has no such job`,
						{
							why,
							how: `Its jobs are ${listed(
								jobs.map(({pattern}) => pattern),
								8,
							)}. Correct ${key}.${name} in deployctl.yml.`,
							where: role,
						},
					),
				];
	});
};

/** Jobs that pass also where everything that tests was left out: with them alone a run would be green. */
const hollowOnes = (
	jobs: readonly ConditionalJob[],
	{role, title, file}: TierFile,
	{key, pattern, notWork}: Rule,
	skips: ReturnType<typeof skipsOf>,
): readonly Finding[] => {
	const named = {jobs: pattern, notWork};
	const found = key === 'promotion' ? [] : hollow(jobs, named, skips);
	// Another one always runs, and has to pass.
	const isHeld = countedAsWork(jobs, named, skips).some(job => !found.includes(job) && !skips.of.has(job.id));
	const patterns = [...new Set([...notWork, ...found.flatMap(job => namesOfSkipped(job.pattern))])];
	return found.length === 0 || isHeld
		? []
		: [
				say(
					'error',
					'not-work',
					`${title}: a run of ${file} in which everything was left out but ${listed(found.map(job => job.pattern))} would count as tested`,
					{
						why: 'They decide about other jobs or look back at them: that they pass says nothing about what was skipped, and would pass the gate.',
						where: role,
						how: `deployctl.yml, ${key}.notWork: [${patterns.map(each => JSON.stringify(each)).join(', ')}]`,
					},
				),
			];
};

const checkTier = (tier: TierFile, settings: Settings): readonly Finding[] => {
	const {workflow, role, title, file} = tier;
	if (workflow === null) return [];
	const rule = ruleOf(role, settings);
	const {key, pattern, maySkip, notWork, branch} = rule;
	const all = workflow.jobs.map(job => conditional(job));
	const jobs = pattern === null ? all : all.filter(job => namesJob(pattern, job) || matchesGlob(pattern, job.id));
	// A run that something else starts may be about any branch.
	const skips = skipsOf(
		all,
		Object.keys(workflow.triggers).every(name => name === 'push' || name === 'pull_request') ? branch : null,
	);
	// What does the tier's work is not to be allowed away; whether it may be skipped at all is asked elsewhere.
	const working = new Set(workflow.jobs.filter(job => isDeployJob(job) || isE2eJob(job, '')).map(({id}) => id));
	const open = jobs.filter(
		job =>
			skips.of.has(job.id) &&
			![...maySkip, ...notWork].some(glob => namesJob(glob, job)) &&
			!(working.has(job.id) && skips.of.get(job.id) === 'condition'),
	);
	const isEmpty = jobs.length > 0 && countedAsWork(jobs, {jobs: pattern, notWork}, skips).length === 0;
	const deploying = jobs.filter(({id}) => workflow.jobs.some(job => job.id === id && isDeployJob(job)));
	const isDeployOptional =
		(role === 'deploy' || role === 'production') &&
		deploying.length > 0 &&
		deploying.every(job => maySkip.some(glob => namesJob(glob, job)));
	// Where all hangs on one condition, it decides whether the run does anything: none of its runs is green without.
	const isChoice = jobs.some(job => !skips.of.has(job.id) && !skips.deciding.has(job.id));
	const findings = [
		...(isEmpty
			? [
					say('error', 'no-work', `${title}: no job of ${file} counts as its work`, {
						why: `By name, or by ${key}.notWork, each of ${listed(jobs.map(job => job.pattern))} only decides, sums up or notifies: ${rule.otherwise}.`,
						where: role,
						how:
							key === 'promotion'
								? 'Give the job that deploys a name that says so.'
								: `deployctl.yml, ${key}.jobs: the name of the job that is the work, to the letter${notWork.length > 0 ? `; or take it out of ${key}.notWork` : ''}.`,
					}),
				]
			: hollowOnes(jobs, tier, rule, skips)),
		...(isDeployOptional
			? [
					say(
						'error',
						'may-skip-all',
						`${title}: maySkip lets a green run of ${file} leave out ${listed(deploying.map(job => job.pattern))}, which deploys`,
						{
							why: 'A run that built something and deployed nothing would count as a deployment.',
							how: `Take it out of ${key}.maySkip in deployctl.yml.`,
							where: role,
						},
					),
				]
			: []),
		...kinds.flatMap(kind => {
			const some = open.filter(({id}) => skips.of.get(id) === kind);
			return some.length === 0 || (kind === 'condition' && !isChoice) ? [] : [unnamed(kind, some, tier, rule)];
		}),
		...stray(tier, jobs, rule),
	];
	const isNamed = findings.length === 0 && maySkip.length + notWork.length > 0;
	return isNamed
		? [say('ok', 'may-skip', `${title}: what green runs of ${file} leave out is named in maySkip`, {where: role})]
		: findings;
};

export const checkSkips = (readings: Readings): readonly Finding[] => {
	const {tiers} = workflowsFor(readings);
	return roles.flatMap(role => {
		const tier = tiers.get(role);
		return tier === undefined ? [] : checkTier(tier, readings.settings);
	});
};
