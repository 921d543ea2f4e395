/** What makes a workflow a way in: for whoever opens a pull request, and for whoever owns an action that it uses. */
import {expressionsIn} from '../../core/text/expressions.ts';
import {listed, sayingIn} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';
import {workflowsFor} from '../model/tiers.ts';
import type {Workflow} from '../model/workflow-model.ts';
import {isCheckout, isDeployJob} from '../model/workflow-words.ts';

const say = sayingIn('workflows');

const isPinned = (uses: string): boolean =>
	uses.startsWith('./') || /@[0-9a-f]{40}$/.test(uses) || /^docker:\/\/.*@sha256:[0-9a-f]{64}$/.test(uses);
/** GitHub's own are written by those who run the runner. */
const isGitHubs = (uses: string): boolean => /^(?:actions|github)\//i.test(uses);

/** In an expression: what a stranger can write, titles, bodies, names of branches. */
const foreignText =
	/\b(?:github\.head_ref|github\.event\.(?:pull_request\.(?:title|body|head\.(?:ref|label))|issue\.(?:title|body)|comment\.body|review\.body|head_commit\.(?:message|author\.\w+)|workflow_run\.(?:head_branch|display_title|head_commit\.message)))/;
const secretWords = /\bsecrets\./;

const pinned = ({file, jobs}: Workflow): readonly Finding[] => {
	const loose = [
		...new Set(
			jobs
				.flatMap(({uses, steps}) => [uses, ...steps.map(step => step.uses)])
				.filter(uses => uses !== null)
				.filter(uses => !isPinned(uses) && !isGitHubs(uses)),
		),
	];
	return loose.length === 0
		? []
		: [
				say('warning', 'unpinned', `${file} uses ${listed(loose)}, not pinned to a commit`, {
					why: 'Whoever can move that tag runs in this workflow, with its secrets.',
					how: 'uses: OWNER/NAME@ the 40 digits of the commit, with the version as a comment.',
					where: file,
				}),
			];
};

const texts = ({file, jobs}: Workflow): readonly Finding[] => {
	const named = (test: RegExp) =>
		jobs
			.filter(({steps}) => steps.some(({run}) => expressionsIn(run).some(({inner}) => test.test(inner))))
			.map(({id}) => id);
	const [secrets, foreign] = [named(secretWords), named(foreignText)];
	return [
		...(foreign.length > 0
			? [
					say('error', 'injection', `${file}: ${listed(foreign)} puts text of strangers into a script`, {
						why: 'A title or the name of a branch becomes part of the command, and may be one.',
						how: 'Hand it over in env, and write "$NAME" in the script.',
						where: file,
					}),
				]
			: []),
		...(secrets.length > 0
			? [
					say(
						'warning',
						'secret-in-script',
						`${file}: ${listed(secrets)} puts secrets into the text of a script`,
						{
							why: 'There they are seen in the list of processes, and a quote in the value breaks the command.',
							how: 'Hand them over in env of that step.',
							where: file,
						},
					),
				]
			: []),
	];
};

const isForeignRef = (ref: string | null): boolean =>
	ref !== null && /pull_request\.head|head_ref|pull_request\.number|refs\/pull|workflow_run\.head/.test(ref);

const strangers = ({file, triggers, jobs}: Workflow, isPrivate: boolean | null): readonly Finding[] => {
	const fromPulls = triggers['pull_request'] !== undefined || triggers['pull_request_target'] !== undefined;
	const heads =
		triggers['pull_request_target'] === undefined
			? []
			: jobs
					.filter(({steps}) => steps.some(step => isCheckout(step) && isForeignRef(step.ref)))
					.map(({id}) => id);
	const own = fromPulls ? jobs.filter(({runsOn}) => runsOn.includes('self-hosted')).map(({id}) => id) : [];
	const shipping = fromPulls
		? jobs
				.filter(
					job =>
						isDeployJob(job) &&
						!/event_name\s*(?:==\s*'push'|!=\s*'pull_request)|github\.ref\s*==/.test(job.condition ?? ''),
				)
				.map(({id}) => id)
		: [];
	return [
		...(heads.length > 0
			? [
					say(
						'error',
						'pull-request-target',
						`${file}: ${listed(heads)} runs the code of pull requests with this repository's secrets`,
						{
							why: 'pull_request_target has the secrets and a token that may write; with the head checked out, anybody who opens a pull request has them.',
							how: 'on: pull_request; or do not check the head out.',
							where: file,
						},
					),
				]
			: []),
		...(own.length > 0
			? [
					isPrivate === false
						? say(
								'error',
								'self-hosted',
								`${file}: ${listed(own)} runs pull requests on machines of your own`,
								{
									why: 'The repository is public: anybody can run what they like on that machine.',
									how: "Use GitHub's runners for pull requests.",
									where: file,
								},
							)
						: say(
								isPrivate === null ? 'unknown' : 'note',
								'self-hosted',
								`${file}: ${listed(own)} runs pull requests on machines of your own`,
								{
									why:
										isPrivate === null
											? 'Whether the repository is public is not known: if it is, anybody can run what they like there.'
											: 'Only members can open them, as long as the repository is private.',
									where: file,
								},
							),
				]
			: []),
		...(shipping.length > 0
			? [
					say('error', 'pull-request-deploys', `${file}: a pull request makes ${listed(shipping)} deploy`, {
						why: 'What nobody has reviewed reaches the environment.',
						how: 'Deploy after a push to the branch only.',
						where: file,
					}),
				]
			: []),
	];
};

export const checkSafety = (readings: Readings): readonly Finding[] => {
	const {all, isWhole} = workflowsFor(readings);
	const isPrivate = readings.github?.repository.ok ? readings.github.repository.value.isPrivate : null;
	const findings = all.flatMap(workflow => [
		...pinned(workflow),
		...texts(workflow),
		...strangers(workflow, isPrivate),
	]);
	return findings.length > 0 || all.length === 0 || !isWhole
		? findings
		: [say('ok', 'safety', 'No workflow is a way in for strangers')];
};
