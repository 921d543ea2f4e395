/** What steps and jobs are for, told by their words: no workflow says "I am the deployment". Pure. */
import {withoutExpressions} from '../../core/text/expressions.ts';
import {globMatches} from '../../core/text/glob.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {Job, Permissions, Step, Workflow} from './workflow-model.ts';

const e2eWords =
	/\bplaywright(?:@\S+)?\s+test\b|\bcypress(?:@\S+)?\s+run\b|cypress-io\/github-action|\bwdio\s+run\b|\btestcafe\b|\bnightwatch\b|(?:npm|pnpm|yarn|bun|make|task|just)\s+(?:run\s+|-s\s+)*(?:test[:-])?e2e\b|\bpytest\b[^\n]{0,300}\be2e\b|\bbehave\b/i;
const deployWords =
	/scripts\/deploy|\bdeploy\.sh\b|\brsync\s+-|\bkubectl\s+(?:apply|rollout|set)|\bhelm\s+upgrade|\bdeployctl(?:@\S+)?\s+deploy\b|\bflyctl\s+deploy|\bvercel\b[^\n]{0,300}--prod|\bnetlify\s+deploy|\bcap\s+\S+\s+deploy|\bansible-playbook\b|\bserverless\s+deploy|\bgcloud\s+\S+\s+deploy|\bterraform\s+apply|(?:npm|pnpm|yarn|make)\s+(?:run\s+)?deploy\b/i;
const deployActions =
	/^(?:appleboy\/(?:ssh|scp)-action|burnett01\/rsync-deployments|akhileshns\/heroku-deploy|aws-actions\/amazon-ecs-deploy|azure\/(?:webapps|k8s)-deploy|google-github-actions\/deploy)/i;

/** What a run of tests leaves out is no part of it: `pytest --ignore=tests/e2e`, `-m "not e2e"`. */
const leftOut = /--(?:ignore(?:-glob)?|deselect)(?:=|\s+)\S+|\s-[mk](?:=|\s+)?(?:"not [\w ]+"|'not [\w ]+')/g;

export const isE2eStep = ({run, uses}: Step): boolean =>
	e2eWords.test(run.replaceAll(leftOut, '')) || (uses !== null && e2eWords.test(uses));
export const isDeployStep = ({run, uses}: Step): boolean =>
	deployWords.test(run) || (uses !== null && deployActions.test(uses));
/** A workflow of this repository that a job or step calls, by its file. */
export const calledFile = (uses: string | null): string | null =>
	/^\.\/\.github\/workflows\/([^@]+)/.exec(uses ?? '')?.[1] ?? null;

export const isE2eJob = (job: Job, e2eFile: string): boolean =>
	job.steps.some(isE2eStep) || calledFile(job.uses) === e2eFile;
export const isDeployJob = (job: Job): boolean => job.steps.some(isDeployStep);
export const isCheckout = ({uses}: Step): boolean => /^actions\/checkout@/i.test(uses ?? '');

/** Jobs of a tier: all of its file, or those that its pattern names. */
export const jobsOfTier = (workflow: Workflow, {jobs: pattern}: Settings['tiers'][TierName]): readonly Job[] =>
	pattern === null
		? workflow.jobs
		: workflow.jobs.filter(
				job => globMatches(pattern, job.id) || globMatches(pattern, withoutExpressions(job.name, 'x')),
			);

/** Everything that a job waits for, however far. */
export const ancestorsOf = (job: Job, {jobs}: Workflow): ReadonlySet<string> => {
	const found = new Set<string>();
	const visit = (names: readonly string[]) => {
		for (const name of names) {
			if (!found.has(name)) {
				found.add(name);
				visit(jobs.find(({id}) => id === name)?.needs ?? []);
			}
		}
	};
	visit(job.needs);
	return found;
};

/** Whether a job's token has that permission; null: neither file nor job says, the repository's setting decides. */
export const mayWrite = (permission: string, job: Job, workflow: Workflow): boolean | null => {
	const said: Permissions | null = job.permissions ?? workflow.permissions;
	return said === null ? null : said === 'write-all' || (said !== 'read-all' && said[permission] === 'write');
};

/** An expression that holds a commit. */
export const commitWords =
	/inputs\.\w*(?:sha(?!rd)|commit|ref)\w*|workflow_run\.head_sha|github\.sha|client_payload\.\w*(?:sha(?!rd)|commit)|env\.SHA\b|deployment\.sha|matrix\.sha\b/i;

/** Events whose runs sit on the commit that they are about. */
const ownCommit = new Set(['push', 'pull_request', 'merge_group', 'deployment', 'deployment_status', 'release']);
/** Whether some of its runs sit somewhere else, so that the run has to say what it is about. */
export const needsCarrier = ({triggers}: Workflow): boolean => Object.keys(triggers).some(name => !ownCommit.has(name));

/** `github.sha` as the commit itself, not as the last resort after another. */
export const usesOwnSha = ({text}: {text: string}): boolean =>
	/(?<!\|\|\s{0,4})\bgithub\.sha\b|\$\{?GITHUB_SHA\b/.test(text);

/** The file's name without its ending: that of its commit status. */
export const contextOf = (file: string): string => `deployctl/${file.replace(/\.ya?ml$/, '')}`;
