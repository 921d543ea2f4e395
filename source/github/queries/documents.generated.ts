// Written by `npm run generate` from the .graphql files beside it. Do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type CheckAnnotationLevel =
  | 'FAILURE'
  | 'NOTICE'
  | 'WARNING';

export type CheckConclusionState =
  | 'ACTION_REQUIRED'
  | 'CANCELLED'
  | 'FAILURE'
  | 'NEUTRAL'
  | 'SKIPPED'
  | 'STALE'
  | 'STARTUP_FAILURE'
  | 'SUCCESS'
  | 'TIMED_OUT';

export type CheckStatusState =
  | 'COMPLETED'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'QUEUED'
  | 'REQUESTED'
  | 'WAITING';

export type DeploymentProtectionRuleType =
  | 'BRANCH_POLICY'
  | 'REQUIRED_REVIEWERS'
  | 'WAIT_TIMER';

export type DeploymentState =
  | 'ABANDONED'
  | 'ACTIVE'
  | 'DESTROYED'
  | 'ERROR'
  | 'FAILURE'
  | 'INACTIVE'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'QUEUED'
  | 'SUCCESS'
  | 'WAITING';

export type DeploymentStatusState =
  | 'ERROR'
  | 'FAILURE'
  | 'INACTIVE'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'QUEUED'
  | 'SUCCESS'
  | 'WAITING';

export type MergeQueueEntryState =
  | 'AWAITING_CHECKS'
  | 'LOCKED'
  | 'MERGEABLE'
  | 'QUEUED'
  | 'UNMERGEABLE';

export type MergeStateStatus =
  | 'BEHIND'
  | 'BLOCKED'
  | 'CLEAN'
  | 'DIRTY'
  | 'DRAFT'
  | 'HAS_HOOKS'
  | 'UNKNOWN'
  | 'UNSTABLE';

export type MergeableState =
  | 'CONFLICTING'
  | 'MERGEABLE'
  | 'UNKNOWN';

export type PullRequestMergeMethod =
  | 'MERGE'
  | 'REBASE'
  | 'SQUASH';

export type PullRequestReviewDecision =
  | 'APPROVED'
  | 'CHANGES_REQUESTED'
  | 'REVIEW_REQUIRED';

export type PullRequestState =
  | 'CLOSED'
  | 'MERGED'
  | 'OPEN';

export type RefUpdate = {
  readonly afterOid: string;
  readonly beforeOid?: string | null | undefined;
  readonly force?: boolean | null | undefined;
  readonly name: unknown;
};

export type RepositoryPermission =
  | 'ADMIN'
  | 'MAINTAIN'
  | 'READ'
  | 'TRIAGE'
  | 'WRITE';

export type StatusState =
  | 'ERROR'
  | 'EXPECTED'
  | 'FAILURE'
  | 'PENDING'
  | 'SUCCESS';

export type ActiveQueryVariables = Exact<{
  owner: string;
  name: string;
  stagingRef: string;
  stagingBranch: string;
  productionRef: string;
  commit0: string;
  commit1: string;
  commit2: string;
  hasCommit0: boolean;
  hasCommit1: boolean;
  hasCommit2: boolean;
  commitSuites: number;
  suites: ReadonlyArray<string | number>;
  hasSuites: boolean;
  workflows: ReadonlyArray<string | number>;
  waiting: ReadonlyArray<string | number>;
  hasWaiting: boolean;
  hot: ReadonlyArray<string | number>;
  hasHot: boolean;
}>;


export type ActiveQuery = { readonly rateLimit: LimitBitsFragment | null, readonly repository: { readonly production: { readonly target:
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
       | null, readonly compare: { readonly aheadBy: number, readonly behindBy: number } | null } | null, readonly staging: { readonly target:
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
       | null } | null, readonly commit0?:
      | ActiveCommitFragment
      | Record<PropertyKey, never>
     | null, readonly commit1?:
      | ActiveCommitFragment
      | Record<PropertyKey, never>
     | null, readonly commit2?:
      | ActiveCommitFragment
      | Record<PropertyKey, never>
     | null } | null, readonly suites?: ReadonlyArray<
    | (
      { readonly checkRuns: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<JobBitsFragment | null> | null } | null }
      & SuiteBitsFragment
    )
    | Record<PropertyKey, never>
   | null>, readonly workflows: ReadonlyArray<
    | { readonly id: string, readonly runs: { readonly nodes: ReadonlyArray<{ readonly checkSuite: SuiteBitsFragment } | null> | null } }
    | Record<PropertyKey, never>
   | null>, readonly waiting?: ReadonlyArray<
    | WaitBitsFragment
    | Record<PropertyKey, never>
   | null>, readonly hot?: ReadonlyArray<
    | HotBitsFragment
    | Record<PropertyKey, never>
   | null> };

export type ActiveCommitFragment = (
  { readonly deployments: { readonly nodes: ReadonlyArray<DeploymentBitsFragment | null> | null } | null, readonly checkSuites: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean }, readonly nodes: ReadonlyArray<SuiteBitsFragment | null> | null } | null }
  & CommitBitsFragment
);

export type HotBitsFragment = { readonly id: string, readonly databaseId: number | null, readonly steps: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly number: number, readonly name: string, readonly status: CheckStatusState, readonly conclusion: CheckConclusionState | null, readonly startedAt: string | null, readonly completedAt: string | null } | null> | null } | null, readonly annotations: { readonly nodes: ReadonlyArray<{ readonly annotationLevel: CheckAnnotationLevel | null, readonly path: string, readonly title: string | null, readonly message: string, readonly location: { readonly start: { readonly line: number } } } | null> | null } | null };

export type ApproveDeploymentsMutationVariables = Exact<{
  run: string | number;
  environments: ReadonlyArray<string | number>;
  comment: string;
}>;


export type ApproveDeploymentsMutation = { readonly approveDeployments: { readonly clientMutationId: string | null } | null };

export type ClosePullRequestMutationVariables = Exact<{
  id: string | number;
}>;


export type ClosePullRequestMutation = { readonly closePullRequest: { readonly clientMutationId: string | null } | null };

export type CommitSuitesQueryVariables = Exact<{
  commits: ReadonlyArray<string | number>;
  after?: string | null | undefined;
}>;


export type CommitSuitesQuery = { readonly rateLimit: LimitBitsFragment | null, readonly nodes: ReadonlyArray<
    | { readonly id: string, readonly checkSuites: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<SuiteBitsFragment | null> | null } | null }
    | Record<PropertyKey, never>
   | null> };

export type StatusBitsFragment = { readonly context: string, readonly state: StatusState, readonly targetUrl: string | null, readonly description: string | null, readonly createdAt: string, readonly creator:
    | { readonly __typename: 'Bot', readonly login: string }
    | { readonly __typename: 'EnterpriseUserAccount', readonly login: string }
    | { readonly __typename: 'Mannequin', readonly login: string }
    | { readonly __typename: 'Organization', readonly login: string }
    | { readonly __typename: 'User', readonly login: string }
   | null };

export type CommitBitsFragment = { readonly id: string, readonly oid: string, readonly messageHeadline: string, readonly committedDate: string, readonly url: string, readonly author: { readonly name: string | null, readonly user: { readonly login: string } | null } | null, readonly status: { readonly contexts: ReadonlyArray<StatusBitsFragment> } | null };

export type DeploymentBitsFragment = { readonly databaseId: number | null, readonly commitOid: string, readonly environment: string | null, readonly state: DeploymentState | null, readonly payload: string | null, readonly description: string | null, readonly createdAt: string, readonly updatedAt: string, readonly creator:
    | { readonly __typename: 'Bot', readonly login: string }
    | { readonly __typename: 'EnterpriseUserAccount', readonly login: string }
    | { readonly __typename: 'Mannequin', readonly login: string }
    | { readonly __typename: 'Organization', readonly login: string }
    | { readonly __typename: 'User', readonly login: string }
  , readonly latestStatus: { readonly state: DeploymentStatusState, readonly description: string | null, readonly logUrl: string | null, readonly environmentUrl: string | null, readonly createdAt: string, readonly creator:
      | { readonly __typename: 'Bot', readonly login: string }
      | { readonly __typename: 'EnterpriseUserAccount', readonly login: string }
      | { readonly __typename: 'Mannequin', readonly login: string }
      | { readonly __typename: 'Organization', readonly login: string }
      | { readonly __typename: 'User', readonly login: string }
     } | null };

export type CreatePullRequestMutationVariables = Exact<{
  repositoryId: string | number;
  base: string;
  head: string;
  title: string;
  body: string;
}>;


export type CreatePullRequestMutation = { readonly createPullRequest: { readonly pullRequest: PullBitsFragment | null } | null };

export type EnqueuePullRequestMutationVariables = Exact<{
  id: string | number;
  expectedHead: string;
}>;


export type EnqueuePullRequestMutation = { readonly enqueuePullRequest: { readonly mergeQueueEntry: { readonly id: string } | null } | null };

export type JobBitsFragment = { readonly id: string, readonly databaseId: number | null, readonly name: string, readonly status: CheckStatusState, readonly conclusion: CheckConclusionState | null, readonly startedAt: string | null, readonly completedAt: string | null, readonly detailsUrl: string | null, readonly permalink: string };

export type LimitBitsFragment = { readonly cost: number, readonly limit: number, readonly remaining: number, readonly resetAt: string };

export type MergePullRequestMutationVariables = Exact<{
  id: string | number;
  expectedHead: string;
  mergeMethod: PullRequestMergeMethod;
}>;


export type MergePullRequestMutation = { readonly mergePullRequest: { readonly pullRequest: PullBitsFragment | null } | null };

export type OpenPullsQueryVariables = Exact<{
  owner: string;
  name: string;
  head: string;
  base: string;
}>;


export type OpenPullsQuery = { readonly rateLimit: LimitBitsFragment | null, readonly repository: { readonly pullRequests: { readonly nodes: ReadonlyArray<PullBitsFragment | null> | null } } | null };

export type OverviewQueryVariables = Exact<{
  owner: string;
  name: string;
  stagingRef: string;
  stagingBranch: string;
  productionRef: string;
  commits: number;
  suites: number;
  others: ReadonlyArray<string>;
  hasOthers: boolean;
  staging: string;
  production: string;
  workflows: ReadonlyArray<string | number>;
  waiting: ReadonlyArray<string | number>;
  hasWaiting: boolean;
}>;


export type OverviewQuery = { readonly rateLimit: LimitBitsFragment | null, readonly repository: { readonly nameWithOwner: string, readonly url: string, readonly viewerPermission: RepositoryPermission | null, readonly defaultBranchRef: { readonly name: string } | null, readonly production: { readonly target:
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
        | { readonly oid: string }
       | null, readonly compare: { readonly aheadBy: number, readonly behindBy: number } | null } | null, readonly staging: { readonly target:
        | { readonly oid: string }
        | { readonly oid: string, readonly history: { readonly pageInfo: { readonly hasNextPage: boolean }, readonly nodes: ReadonlyArray<(
              { readonly parents: { readonly nodes: ReadonlyArray<{ readonly oid: string } | null> | null }, readonly checkSuites: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean }, readonly nodes: ReadonlyArray<SuiteBitsFragment | null> | null } | null }
              & CommitBitsFragment
            ) | null> | null } }
        | { readonly oid: string }
        | { readonly oid: string }
       | null } | null, readonly productionEnvironment: { readonly protectionRules: { readonly nodes: ReadonlyArray<{ readonly type: DeploymentProtectionRuleType, readonly timeout: number, readonly reviewers: { readonly nodes: ReadonlyArray<
              | { readonly __typename: 'Team' }
              | { readonly __typename: 'User', readonly login: string }
             | null> | null } } | null> | null } } | null, readonly onStaging: { readonly nodes: ReadonlyArray<DeploymentBitsFragment | null> | null }, readonly onProduction: { readonly nodes: ReadonlyArray<DeploymentBitsFragment | null> | null }, readonly onOthers?: { readonly nodes: ReadonlyArray<DeploymentBitsFragment | null> | null } } | null, readonly workflows: ReadonlyArray<
    | { readonly id: string, readonly runs: { readonly nodes: ReadonlyArray<{ readonly checkSuite: SuiteBitsFragment } | null> | null } }
    | Record<PropertyKey, never>
   | null>, readonly waiting?: ReadonlyArray<
    | WaitBitsFragment
    | Record<PropertyKey, never>
   | null> };

export type PullBitsFragment = { readonly id: string, readonly number: number, readonly url: string, readonly state: PullRequestState, readonly isDraft: boolean, readonly headRefOid: string, readonly baseRefName: string, readonly isCrossRepository: boolean, readonly mergeable: MergeableState, readonly mergeStateStatus: MergeStateStatus, readonly reviewDecision: PullRequestReviewDecision | null, readonly mergeCommit: { readonly oid: string } | null, readonly mergeQueueEntry: { readonly position: number, readonly state: MergeQueueEntryState } | null };

export type PullQueryVariables = Exact<{
  owner: string;
  name: string;
  number: number;
}>;


export type PullQuery = { readonly rateLimit: LimitBitsFragment | null, readonly repository: { readonly pullRequest: PullBitsFragment | null } | null };

export type RejectDeploymentsMutationVariables = Exact<{
  run: string | number;
  environments: ReadonlyArray<string | number>;
  comment: string;
}>;


export type RejectDeploymentsMutation = { readonly rejectDeployments: { readonly clientMutationId: string | null } | null };

export type SuiteJobsQueryVariables = Exact<{
  suite: string | number;
  after?: string | null | undefined;
}>;


export type SuiteJobsQuery = { readonly rateLimit: LimitBitsFragment | null, readonly node:
    | { readonly id: string, readonly checkRuns: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<JobBitsFragment | null> | null } | null }
    | Record<PropertyKey, never>
   | null };

export type SuiteWaitsQueryVariables = Exact<{
  waiting: ReadonlyArray<string | number>;
}>;


export type SuiteWaitsQuery = { readonly rateLimit: LimitBitsFragment | null, readonly nodes: ReadonlyArray<
    | WaitBitsFragment
    | Record<PropertyKey, never>
   | null> };

export type SuiteBitsFragment = { readonly id: string, readonly status: CheckStatusState, readonly conclusion: CheckConclusionState | null, readonly createdAt: string, readonly updatedAt: string, readonly branch: { readonly name: string } | null, readonly commit: { readonly oid: string }, readonly workflowRun: { readonly databaseId: number | null, readonly event: string, readonly runNumber: number, readonly url: string, readonly createdAt: string, readonly updatedAt: string, readonly file: { readonly path: string } | null, readonly workflow: { readonly name: string, readonly resourcePath: string } } | null };

export type UpdateRefsMutationVariables = Exact<{
  repositoryId: string | number;
  refUpdates: ReadonlyArray<RefUpdate>;
}>;


export type UpdateRefsMutation = { readonly updateRefs: { readonly clientMutationId: string | null } | null };

export type WaitBitsFragment = { readonly id: string, readonly workflowRun: { readonly pendingDeploymentRequests: { readonly nodes: ReadonlyArray<{ readonly currentUserCanApprove: boolean, readonly waitTimer: number, readonly waitTimerStartedAt: string | null, readonly environment: { readonly name: string } } | null> | null } } | null };
