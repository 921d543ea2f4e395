/** The mutations of pull requests and of the merge queue, which REST does not have. */
import {type Context, requireWrite} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import {githubError} from '../limits/limits.ts';
import {dequeuePull, enqueuePull} from '../branches/merge-queue.ts';
import {personOf} from '../model/model.ts';
import {type Input, keyOf, noNode} from './mutation-input.ts';
import type {MergeMethod, PullRequest} from '../model/pull-model.ts';
import {
	type PullRefusal,
	closePullNumbered,
	mergePullNumbered,
	openPull,
	pullNumbered,
	refuseEnqueue,
	refuseMerge,
	refusePull,
} from '../branches/pulls.ts';
import {ruleOf} from '../branches/rules.ts';
import {entryView, pullView} from './view-pulls.ts';

type Merging = {
	pullRequestId: string;
	expectedHeadOid?: string | null;
	mergeMethod?: 'MERGE' | 'SQUASH' | 'REBASE' | null;
	commitHeadline?: string | null;
	commitBody?: string | null;
};

const refuseBy = (refusal: PullRefusal | null): void => {
	if (refusal) {
		throw githubError('UNPROCESSABLE', refusal.because);
	}
};

export function pullMutations(context: Context): object {
	const {simulation, viewer} = context;
	const state = simulation.state;
	const present: Context = {...context, state};
	const login = viewer.login ?? '';
	const pullOf = (id: string): PullRequest => {
		requireWrite(context);
		const pull = pullNumbered(state, Number(keyOf(id, 'PullRequest')));
		if (!pull) {
			throw noNode(id);
		}
		return pull;
	};
	return {
		createPullRequest: ({
			input,
		}: Input<{
			repositoryId: string;
			baseRefName: string;
			headRefName: string;
			title: string;
			body?: string | null;
			draft?: boolean | null;
		}>) => {
			requireWrite(context);
			if (input.repositoryId !== nodeId('R', state.repository.id)) {
				throw noNode(input.repositoryId);
			}
			const wanted = {
				title: input.title,
				body: input.body ?? '',
				head: input.headRefName,
				base: input.baseRefName,
				isDraft: input.draft ?? false,
			};
			const because = refusePull(state, wanted);
			if (because !== null) {
				throw githubError('UNPROCESSABLE', because);
			}
			const {number} = simulation.act(engine => openPull(engine, wanted, personOf(engine.state, login)));
			return {
				clientMutationId: input.clientMutationId ?? null,
				pullRequest: () => pullView(present, pullNumbered(state, number)!),
			};
		},
		mergePullRequest: ({input}: Input<Merging>) => {
			const pull = pullOf(input.pullRequestId);
			refuseBy(refuseMerge(state, pull, input.expectedHeadOid ?? null));
			const method = (input.mergeMethod ?? 'MERGE').toLowerCase() as MergeMethod;
			simulation.act(engine =>
				mergePullNumbered(engine, pull.number, login, {
					method,
					headline: input.commitHeadline,
					body: input.commitBody,
				}),
			);
			return {
				clientMutationId: input.clientMutationId ?? null,
				actor: () => present.views.actor(present, viewer),
				pullRequest: () => pullView(present, pull),
			};
		},
		enqueuePullRequest: ({input}: Input<{pullRequestId: string; expectedHeadOid?: string | null}>) => {
			const pull = pullOf(input.pullRequestId);
			refuseBy(refuseEnqueue(state, pull, input.expectedHeadOid ?? null));
			simulation.act(engine =>
				enqueuePull(engine, pullNumbered(engine.state, pull.number)!, personOf(engine.state, login)),
			);
			return {
				clientMutationId: input.clientMutationId ?? null,
				mergeQueueEntry: () => pull.entry && entryView(present, pull, pull.entry),
			};
		},
		// Where the base has a queue, this is how a pull request gets into it; elsewhere the repository would have to allow it, and does not.
		enablePullRequestAutoMerge: ({input}: Input<{pullRequestId: string; expectedHeadOid?: string | null}>) => {
			const pull = pullOf(input.pullRequestId);
			if (!ruleOf(state, pull.base)?.mergeQueue) {
				throw githubError('UNPROCESSABLE', 'Auto merge is not allowed for this repository');
			}
			refuseBy(refuseEnqueue(state, pull, input.expectedHeadOid ?? null));
			simulation.act(engine =>
				enqueuePull(engine, pullNumbered(engine.state, pull.number)!, personOf(engine.state, login)),
			);
			return {
				clientMutationId: input.clientMutationId ?? null,
				actor: () => present.views.actor(present, viewer),
				pullRequest: () => pullView(present, pull),
			};
		},
		dequeuePullRequest: ({input}: Input<{id: string}>) => {
			const pull = pullOf(input.id);
			if (!pull.entry) {
				throw githubError('UNPROCESSABLE', 'The pull request is not in the queue');
			}
			const entry = simulation.act(engine => dequeuePull(pullNumbered(engine.state, pull.number)!));
			return {
				clientMutationId: input.clientMutationId ?? null,
				mergeQueueEntry: () => entry && entryView(present, pull, entry),
			};
		},
		closePullRequest: ({input}: Input<{pullRequestId: string}>) => {
			const pull = pullOf(input.pullRequestId);
			if (pull.state === 'MERGED') {
				throw githubError('UNPROCESSABLE', 'Could not close the pull request: it is merged');
			}
			if (pull.state === 'OPEN') {
				simulation.act(engine => closePullNumbered(engine, pull.number));
			}
			return {clientMutationId: input.clientMutationId ?? null, pullRequest: () => pullView(present, pull)};
		},
	};
}
