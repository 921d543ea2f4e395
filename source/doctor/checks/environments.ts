/** Environments on GitHub: who approves, and from where they may be deployed to. */
import {globMatches} from '../../core/text/glob.ts';
import {listed, sayingIn, unread} from '../model/findings.ts';
import type {EnvironmentReading, Finding, Readings} from '../model/model.ts';
import {workflowsFor} from '../model/tiers.ts';

const say = sayingIn('environments');

const reviewersHow = 'Settings, Environments, production: required reviewers, with “Prevent self-review”.';

/** What strategy `workflow` is without them, by its name. */
const writeIsEnough = say('error', 'reviewers', 'Write access is enough to deploy to production', {
	why: 'With promotion.strategy workflow anybody who may write starts the deployment, and nobody has to approve it: the gate that the workflow asks is all that is left.',
	how: reviewersHow,
	where: 'production',
});

const approvals = (
	{reviewers, preventsSelfReview, letsAdminsPass}: EnvironmentReading,
	{settings: {promotion}}: Readings,
): readonly Finding[] => {
	if (reviewers === 0 && promotion.strategy === 'workflow') return [writeIsEnough];
	if (reviewers === 0)
		return [
			say(
				promotion.signOffs.length > 0 ? 'note' : 'warning',
				'reviewers',
				'Nobody has to approve a deployment to production',
				{
					why:
						promotion.signOffs.length > 0
							? 'The sign-offs of deployctl.yml are asked for instead.'
							: 'Neither GitHub nor deployctl.yml (promotion.signOffs) asks a person.',
					how: 'Settings, Environments, production: required reviewers; or promotion.signOffs in deployctl.yml.',
					where: 'production',
				},
			),
		];
	return [
		say(
			'ok',
			'reviewers',
			`production waits for ${reviewers === 1 ? 'a reviewer' : `one of ${reviewers} reviewers`}`,
		),
		...(preventsSelfReview === false
			? [
					say('warning', 'self-review', 'Whoever starts a deployment to production may approve it themself', {
						why: 'One reviewer alone brings anything there that passes the gate.',
						how: reviewersHow,
						where: 'production',
					}),
				]
			: []),
		...(letsAdminsPass === true
			? [
					say('note', 'admins', 'Administrators need no approval for production', {
						why: 'They start the waiting job by themselves.',
						how: 'Settings, Environments, production: switch “Allow administrators to bypass” off.',
						where: 'production',
					}),
				]
			: []),
	];
};

const policy = ({branches}: EnvironmentReading, {settings}: Readings): Finding => {
	const {production} = settings.branches;
	const {prefix} = settings.promotion.hotfix;
	if (!branches.ok)
		return unread(say, 'branches', 'From where production may be deployed to is not known', branches, {
			where: 'production',
		});
	const how = `Settings, Environments, production: deployment branches, selected, ${production} only.`;
	if (branches.value === null)
		return say('warning', 'branches', 'production may be deployed to from every branch', {
			why: "A workflow on another branch could leave the gate out, and would get production's secrets.",
			how,
			where: 'production',
		});
	if (branches.value === 'protected')
		return say('note', 'branches', 'production may be deployed to from every protected branch', {
			why: 'That may be more than one.',
			how,
			where: 'production',
		});
	const more = branches.value.filter(pattern => pattern !== production && !pattern.startsWith(prefix));
	if (!branches.value.some(pattern => pattern === production || globMatches(pattern, production)))
		return say('error', 'branches', `production may not be deployed to from ${production}`, {
			why: `It may from ${listed(branches.value)}: GitHub would refuse every deployment.`,
			how,
			where: 'production',
		});
	return more.length === 0
		? say('ok', 'branches', `production may be deployed to from ${listed(branches.value)} only`)
		: say('warning', 'branches', `production may also be deployed to from ${listed(more)}`, {
				why: 'A workflow there could leave the gate out.',
				how,
				where: 'production',
			});
};

export const checkEnvironments = (readings: Readings): readonly Finding[] => {
	const {github, settings} = readings;
	const found = github?.environments;
	if (found === undefined || !found.ok)
		return [
			found === undefined
				? say('unknown', 'read', 'The environments were not read', {why: 'GitHub was not asked.'})
				: unread(say, 'read', 'The environments could not be read', found),
		];
	const production = found.value.find(({name}) => name === 'production');
	const wanted = [
		...new Set(workflowsFor(readings).all.flatMap(({jobs}) => jobs.flatMap(({environment}) => environment ?? []))),
	].filter(name => !name.includes('${{') && name !== 'production' && !found.value.some(one => one.name === name));
	return [
		...(production === undefined
			? [
					say('warning', 'missing', 'There is no environment production', {
						why: "Without it nobody can be asked to approve, and its secrets are everybody's. GitHub makes one without any rule at the first deployment.",
						how: `Settings, Environments: a new one called production, deployed from ${settings.branches.production} only.`,
						where: 'production',
						fix: {kind: 'create-environment', name: 'production', branches: [settings.branches.production]},
					}),
					...(settings.promotion.strategy === 'workflow' ? [writeIsEnough] : []),
				]
			: [
					say('ok', 'present', 'There is an environment production'),
					...approvals(production, readings),
					policy(production, readings),
				]),
		...wanted.map(name =>
			say('note', 'named', `A job names the environment ${name}, which there is not yet`, {
				why: 'GitHub makes it at the first run, without secrets and without rules.',
				where: name,
			}),
		),
	];
};
