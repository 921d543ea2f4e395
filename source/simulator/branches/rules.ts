/** What the rules of a branch refuse. They hold for everybody: no rule here has anyone who may pass it by. */
import type {RefChange, Refusal} from '../model/git.ts';
import {parseNodeId, zeros} from '../model/identity.ts';
import type {State} from '../model/model.ts';
import {jobsOfAttempt, latestAttempt} from '../model/model.ts';
import type {BranchRule} from '../model/pull-model.ts';
import {latestStatuses} from '../model/readings.ts';

export const ruleOf = (state: State, branch: string): BranchRule | null =>
	state.rules.find(rule => rule.branch === branch) ?? null;

export const violation = (words: readonly string[]): string =>
	`Repository rule violations found\n\n${words.join('\n\n')}`;

const passes = new Set<string | null>(['success', 'neutral', 'skipped']);

/** A required check is a commit status or a job of that name; the newest job counts, and a skipped one is green to GitHub. */
function isGreen(state: State, sha: string, name: string): boolean {
	const status = latestStatuses(state, sha).find(({context}) => context === name);
	const job = (state.suitesBySha.get(sha) ?? [])
		.flatMap(({run}) => (run ? jobsOfAttempt(run, latestAttempt(run).number) : []))
		.findLast(one => one.name === name);
	return status ? status.state === 'success' : job !== undefined && passes.has(job.conclusion);
}

export const missingChecks = (state: State, rule: BranchRule | null, sha: string): string[] =>
	(rule?.statusChecks ?? [])
		.filter(name => !isGreen(state, sha, name))
		.map(name => `Required status check "${name}" is expected.`);

/** Whether the branch into which a pull request goes requires a check of that name. `pull`: by one of both, as GraphQL asks. */
export function isRequiredFor(
	state: State,
	name: string,
	pull: {pullRequestId?: string | null; pullRequestNumber?: number | null},
): boolean {
	const key = pull.pullRequestId ? parseNodeId(pull.pullRequestId)?.key : String(pull.pullRequestNumber);
	const found = state.pulls.find(({number}) => String(number) === key);
	return found !== undefined && (ruleOf(state, found.base)?.statusChecks?.includes(name) ?? false);
}

/** Branches that take commits only in another way than by a push. */
export const isPushable = (rule: BranchRule | null): boolean =>
	rule?.pullRequest === undefined && rule?.mergeQueue === undefined;

/** Why refs may not be written directly, or null. One that stays where it is changes nothing, and is no violation. */
export function refuseByRules(state: State, changes: readonly Pick<RefChange, 'name' | 'after'>[]): Refusal | null {
	for (const {name, after} of changes) {
		const rule = name.startsWith('refs/heads/') ? ruleOf(state, name.slice('refs/heads/'.length)) : null;
		if (rule && state.refs.get(name) !== after) {
			const words = [
				...(rule.pullRequest ? ['Changes must be made through a pull request.'] : []),
				...(rule.mergeQueue ? ['Changes must be made through the merge queue.'] : []),
				...(after === zeros ? [] : missingChecks(state, rule, after)),
			];
			if (words.length > 0) {
				return {type: 'UNPROCESSABLE', because: violation(words)};
			}
		}
	}
	return null;
}

/** A merge that is about to be made directly on a branch; its checks can only be missing, since it does not exist yet. */
export function refuseMergeInto(state: State, branch: string): Refusal | null {
	return refuseByRules(state, [{name: `refs/heads/${branch}`, after: 'a merge'}]);
}
