/** deployctl.yml, branches, remote. */
import {listed, quoted, sayingIn, unread} from '../model/findings.ts';
import type {Finding, GitHubReading, Readings} from '../model/model.ts';
import {needsCarrier} from '../model/workflow-words.ts';
import {workflowsFor} from '../model/tiers.ts';

const say = sayingIn('repository');

const settings = ({settingsProblem, settingsPath}: Readings): Finding => {
	if (settingsProblem !== null)
		return say('error', 'settings', settingsProblem, {
			why: 'With a file that cannot be read, nothing else starts; here the defaults were used.',
			how: 'Correct the file; docs/configuration.md describes every key.',
			where: 'deployctl.yml',
		});
	return settingsPath === null
		? say('note', 'settings', 'There is no deployctl.yml in this folder: the conventional names hold', {
				how: 'deployctl init --only config writes one.',
				where: 'deployctl.yml',
			})
		: say('ok', 'settings', 'deployctl.yml is in order', {where: 'deployctl.yml'});
};

const remote = ({origin, repository, repositoryProblem, disk}: Readings): Finding => {
	if (repositoryProblem !== null)
		return say('error', 'remote', repositoryProblem, {
			why: 'Without a repository there is nothing to ask GitHub about.',
			how: 'Go into a checkout of it, or name it with --repo OWNER/NAME.',
		});
	if (!disk.isCheckout)
		return say('note', 'remote', 'This folder is not a checkout of the repository', {
			why: 'Files here cannot be compared with those on GitHub.',
			how: 'Run it again in a checkout.',
		});
	if (origin === null)
		return say('warning', 'remote', 'The checkout has no origin remote that is a repository on a server', {
			how: 'git remote add origin ADDRESS',
		});
	return origin.toLowerCase() === repository?.toLowerCase()
		? say('ok', 'remote', `The origin remote is ${origin}`)
		: say('error', 'remote', `The origin remote is ${origin}, but ${repository ?? 'nothing'} is meant`, {
				why: 'Scripts of another repository must not meet these environments: deploying is refused here.',
				how: 'Correct repository in deployctl.yml, or the remote.',
			});
};

const branches = (readings: Readings, {branches: read}: GitHubReading): readonly Finding[] => {
	const {staging, production} = readings.settings.branches;
	return (
		[
			['staging', staging],
			['production', production],
		] as const
	).flatMap(([use, name]): readonly Finding[] => {
		const found = read[name];
		if (found === undefined || found.ok)
			return found === undefined ? [] : [say('ok', 'branch', `The ${use} branch ${name} exists`, {where: name})];
		return found.kind === 'absent'
			? [
					say('error', 'branch', `There is no branch ${quoted(name)}`, {
						why: `It is to be the ${use} branch.`,
						how: `git push origin HEAD:${name}; or name another in branches.${use} of deployctl.yml.`,
						where: name,
					}),
				]
			: [unread(say, 'branch', `Whether the branch ${name} exists is not known`, found, {where: name})];
	});
};

const defaultBranch = (readings: Readings, {repository}: GitHubReading): readonly Finding[] => {
	if (!repository.ok) return [];
	const {defaultBranch: name} = repository.value;
	const {staging} = readings.settings.branches;
	if (name === staging) return [say('ok', 'default-branch', `The default branch is the staging branch ${name}`)];
	const files = [...workflowsFor(readings).tiers].flatMap(([, {workflow}]) =>
		workflow && needsCarrier(workflow) ? [workflow.file] : [],
	);
	if (files.length === 0) return [say('ok', 'default-branch', `The default branch is ${name}`)];
	return [
		say('note', 'default-branch', `The default branch is ${name}, the staging branch ${staging}`, {
			why: `GitHub takes ${listed([...new Set(files)])} from ${name} when workflow_run, schedule or dispatch starts them, and their runs sit on ${name}: a change of them on ${staging} does nothing until it is on ${name}.`,
			how: `Bring changes of workflows to both branches, or make ${staging} the default branch in the repository's settings.`,
			where: name,
		}),
	];
};

export const checkRepository = (readings: Readings): readonly Finding[] => {
	const {
		github,
		settings: {
			branches: {staging, production},
		},
	} = readings;
	return [
		settings(readings),
		remote(readings),
		...(staging === production
			? [
					say('error', 'one-branch', `Staging and production are the same branch ${staging}`, {
						why: 'There is nothing to promote from and to.',
						how: 'Name two in branches of deployctl.yml.',
					}),
				]
			: []),
		...(github === null ? [] : [...branches(readings, github), ...defaultBranch(readings, github)]),
	];
};
