/** Whether the tiers' files are there, enabled, readable, and the same wherever GitHub takes them from. */
import {quoted, sayingIn, unread} from '../model/findings.ts';
import type {Finding, GitHubReading, Readings} from '../model/model.ts';
import {type TierFile, whereText, workflowsFor, type Workflows} from '../model/tiers.ts';
import {needsCarrier} from '../model/workflow-words.ts';

const say = sayingIn('workflows');
const init = 'deployctl init --only workflows writes it; or name yours in deployctl.yml';

const present = ({role, title, file, reading}: TierFile, {source}: Workflows): Finding => {
	if (reading === null) {
		return role === 'smoke'
			? say('note', 'missing', `There are no smoke tests (${file})`, {
					why: 'They are optional: three to five critical journeys after each deployment.',
					how: `Where there are some, ${init}: tiers.smoke.workflow.`,
					where: file,
				})
			: say('error', 'missing', `${title}: there is no ${file} ${whereText(source)}`, {
					why: 'Without it this tier has no runs, and the production gate stays blocked.',
					how: `${init}: ${role === 'production' ? 'promotion.workflow' : `tiers.${role}.workflow`}.`,
					where: file,
				});
	}
	if (reading.isUnread)
		return say('unknown', 'unreadable', `${title}: ${file} could not be looked at`, {
			why: reading.because,
			where: file,
		});
	return reading.workflow === null
		? say('error', 'unreadable', `GitHub cannot read ${file}: ${reading.because}`, {
				why: 'A workflow that is not valid starts no jobs.',
				how: 'Correct the file; actionlint names the line.',
				where: file,
			})
		: say('ok', 'present', `${title}: ${file}`, {where: file});
};

const disabledWords: Readonly<Record<string, string>> = {
	disabled_manually: 'somebody has disabled it',
	disabled_inactivity: 'GitHub has disabled it, because nothing happened in the repository for 60 days',
	disabled_fork: 'it is disabled, because this repository is a fork',
	deleted: 'its file has been deleted',
};

const enabled = ({title, file, reading}: TierFile, {workflows}: GitHubReading): Finding | null => {
	if (!workflows.ok)
		return reading === null
			? null
			: unread(say, 'disabled', `${title}: whether ${file} is enabled is not known`, workflows, {where: file});
	const state = workflows.value.find(workflow => workflow.file === file)?.state;
	if (state === undefined || state === 'active')
		return state === undefined ? null : say('ok', 'enabled', `${title}: ${file} is enabled`, {where: file});
	if (!(state in disabledWords))
		return say('unknown', 'disabled', `${title}: ${file} is in a state that we do not know, ${quoted(state)}`, {
			where: file,
		});
	return say('error', 'disabled', `${title}: ${file} is disabled`, {
		why: `${disabledWords[state]!.replace(/^./, letter => letter.toUpperCase())}: nothing starts it.`,
		how: `gh workflow enable ${file}`,
		where: file,
		fix: state === 'deleted' ? null : {kind: 'enable-workflow', file},
	});
};

/** What is started by anything but a push has to be on the default branch. */
const onDefault = (
	{title, file, workflow, reading}: TierFile,
	{repository, files}: GitHubReading,
	staging: string,
): Finding | null => {
	if (
		!repository.ok ||
		workflow === null ||
		reading === null ||
		repository.value.defaultBranch === staging ||
		!needsCarrier(workflow)
	)
		return null;
	const {defaultBranch} = repository.value;
	const there = files[defaultBranch];
	if (there === undefined || !there.ok)
		return there === undefined
			? null
			: unread(say, 'default-branch', `${title}: whether ${file} is on ${defaultBranch} is not known`, there, {
					where: file,
				});
	const other = there.value.find(one => one.file === file);
	if (other === undefined)
		return say('error', 'default-branch', `${title}: ${file} is not on the default branch ${defaultBranch}`, {
			why: 'GitHub starts workflow_run, schedule and dispatch only from files of the default branch: this one never runs.',
			how: `Bring it to ${defaultBranch} too.`,
			where: file,
		});
	return other.sha === reading.sha
		? say('ok', 'default-branch', `${title}: ${file} is the same on ${defaultBranch}`, {where: file})
		: say('warning', 'default-branch', `${title}: ${file} on ${defaultBranch} differs from that on ${staging}`, {
				why: `What workflow_run and schedule start is the one on ${defaultBranch}; a dispatch of ${staging} takes the other.`,
				how: `Bring the change to ${defaultBranch} too.`,
				where: file,
			});
};

const onDisk = (readings: Readings, {source, files}: Workflows): readonly Finding[] => {
	const {
		disk,
		settings: {
			branches: {staging},
		},
	} = readings;
	if (source !== staging || disk.files.length === 0) return [];
	return files.flatMap(file => {
		const here = disk.files.find(one => one.file === file.file);
		return here !== undefined && here.sha !== file.sha && here.sha !== ''
			? [
					say('note', 'differs', `${file.file} here differs from that on ${staging}`, {
						why: 'What is said here is about the one on GitHub.',
						where: file.file,
					}),
				]
			: [];
	});
};

export const checkWorkflows = (readings: Readings): readonly Finding[] => {
	const {
		github,
		settings: {
			branches: {staging},
		},
	} = readings;
	const workflows = workflowsFor(readings);
	const read = github?.files[staging];
	const refused =
		read !== undefined && !read.ok
			? [unread(say, 'files', `The workflows on ${staging} could not be read`, read)]
			: [];
	if (workflows.source === null)
		return refused.length > 0
			? refused
			: [
					say('unknown', 'files', 'No workflows could be looked at', {
						why: 'GitHub was not asked or did not answer, and this folder is not a checkout.',
					}),
				];
	return [
		...refused,
		...(github?.actionsEnabled.ok && !github.actionsEnabled.value
			? [
					say('error', 'actions', 'Actions are switched off for this repository', {
						why: 'No workflow runs.',
						how: 'Settings, Actions, General: allow them.',
					}),
				]
			: []),
		...[...workflows.tiers.values()]
			.flatMap(tier => [
				present(tier, workflows),
				github === null ? null : enabled(tier, github),
				github === null ? null : onDefault(tier, github, staging),
			])
			.filter(finding => finding !== null),
		...onDisk(readings, workflows),
	];
};
