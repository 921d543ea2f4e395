/** The rules of a branch as GraphQL shows them: to everybody who may read, since clients have to know what they may do. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import type {Context} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import type {BranchRule} from '../model/pull-model.ts';
import {isPushable, ruleOf} from '../branches/rules.ts';

function rulesOf(rule: BranchRule): object[] {
	const shown: Array<{type: string; parameters: object}> = [];
	if (rule.pullRequest) {
		shown.push({
			type: 'PULL_REQUEST',
			parameters: {
				__typename: 'PullRequestParameters',
				allowedMergeMethods: ['merge', 'squash', 'rebase'],
				dismissStaleReviewsOnPush: true,
				requireCodeOwnerReview: false,
				requireLastPushApproval: false,
				requiredApprovingReviewCount: rule.pullRequest.approvals,
				requiredReviewThreadResolution: false,
			},
		});
	}
	if (rule.mergeQueue) {
		shown.push({
			type: 'MERGE_QUEUE',
			parameters: {
				__typename: 'MergeQueueParameters',
				checkResponseTimeoutMinutes: 60,
				groupingStrategy: 'ALLGREEN',
				maxEntriesToBuild: 5,
				maxEntriesToMerge: 5,
				mergeMethod: (rule.mergeQueue.method ?? 'merge').toUpperCase(),
				minEntriesToMerge: 1,
				minEntriesToMergeWaitMinutes: 5,
			},
		});
	}
	if (rule.statusChecks) {
		shown.push({
			type: 'REQUIRED_STATUS_CHECKS',
			parameters: {
				__typename: 'RequiredStatusChecksParameters',
				doNotEnforceOnCreate: false,
				strictRequiredStatusChecksPolicy: false,
				requiredStatusChecks: rule.statusChecks.map(name => ({context: name, integrationId: null})),
			},
		});
	}
	return shown.map(({type, parameters}) => ({
		__typename: 'RepositoryRule',
		id: nodeId('RU', `${rule.branch} ${type}`),
		type,
		parameters,
	}));
}

/** Fields of a ref that tell its rules. */
export const ruleFields = (context: Context, branch: string | null): object => {
	const rule = branch === null ? null : ruleOf(context.state, branch);
	return {
		branchProtectionRule: null,
		rules: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(rule ? rulesOf(rule) : [], args, info, one => one),
		refUpdateRule: rule && {
			pattern: rule.branch,
			allowsDeletions: false,
			allowsForcePushes: false,
			blocksCreations: false,
			requiredApprovingReviewCount: rule.pullRequest?.approvals ?? null,
			requiredStatusCheckContexts: rule.statusChecks ?? [],
			requiresCodeOwnerReviews: false,
			requiresConversationResolution: false,
			requiresLinearHistory: false,
			requiresSignatures: false,
			viewerAllowedToDismissReviews: true,
			viewerCanPush: context.token !== 'read-only' && isPushable(rule),
		},
	};
};
