/** The rules that hold for a branch, one by one, as REST lists them. */
import type {Context} from '../calls/context.ts';
import {ruleOf} from '../branches/rules.ts';

export function ruleShapes(context: Context, branch: string): object[] {
	const rule = ruleOf(context.state, branch);
	const {owner, name, id} = context.state.repository;
	const source = {ruleset_source_type: 'Repository', ruleset_source: `${owner}/${name}`, ruleset_id: id % 1_000_000};
	return [
		...(rule?.pullRequest
			? [
					{
						type: 'pull_request',
						...source,
						parameters: {
							allowed_merge_methods: ['merge', 'squash', 'rebase'],
							dismiss_stale_reviews_on_push: true,
							require_code_owner_review: false,
							require_last_push_approval: false,
							required_approving_review_count: rule.pullRequest.approvals,
							required_review_thread_resolution: false,
						},
					},
				]
			: []),
		...(rule?.mergeQueue
			? [
					{
						type: 'merge_queue',
						...source,
						parameters: {
							check_response_timeout_minutes: 60,
							grouping_strategy: 'ALLGREEN',
							max_entries_to_build: 5,
							max_entries_to_merge: 5,
							merge_method: (rule.mergeQueue.method ?? 'merge').toUpperCase(),
							min_entries_to_merge: 1,
							min_entries_to_merge_wait_minutes: 5,
						},
					},
				]
			: []),
		...(rule?.statusChecks
			? [
					{
						type: 'required_status_checks',
						...source,
						parameters: {
							do_not_enforce_on_create: false,
							strict_required_status_checks_policy: false,
							required_status_checks: rule.statusChecks.map(context => ({context})),
						},
					},
				]
			: []),
	];
}
