/** The mutations that we use. Reads see the state as it was asked for; writes always happen to the present. */
import {type Context, requireWrite} from '../calls/context.ts';
import {createDeployment, recordDeploymentStatus} from '../actions/contract.ts';
import {type RefChange, isAncestor, isRefName, refuse, refuseNamespace, resolve} from '../model/git.ts';
import {refuseWorkflows} from '../calls/grants.ts';
import {nodeId, zeros} from '../model/identity.ts';
import {githubError} from '../limits/limits.ts';
import {type Input, keyOf, noNode} from './mutation-input.ts';
import {pullMutations} from './mutations-pulls.ts';
import {mergeInto, moveRef} from '../branches/pushes.ts';
import {refuseByRules, refuseMergeInto} from '../branches/rules.ts';
import {decide} from '../actions/runs.ts';
import {commitView, refView} from './view-repository.ts';
import {deploymentView, statusView} from './view-deployments.ts';
import {nextId, personOf} from '../model/model.ts';
import {pendingEnvironments} from '../model/readings.ts';

export function mutations(context: Context): object {
	const {simulation, viewer} = context;
	const state = simulation.state;
	const present: Context = {...context, state};
	const login = viewer.login ?? '';
	const checkRepository = (id: string) => {
		requireWrite(context);
		if (id !== nodeId('R', state.repository.id)) {
			throw noNode(id);
		}
	};
	const change = (changes: readonly RefChange[]) => {
		const refusal =
			refuseNamespace(context.scenario.server, changes) ??
			refuse(state, changes) ??
			refuseByRules(state, changes) ??
			refuseWorkflows(state, context.grants, changes);
		if (refusal) {
			throw githubError(refusal.type, refusal.because);
		}
		simulation.act(engine => {
			for (const {name, after} of changes) {
				moveRef(engine, name, after, personOf(engine.state, login));
			}
		});
	};
	const refName = (id: string) => {
		const name = keyOf(id, 'Ref');
		if (!state.refs.has(name)) {
			throw noNode(id);
		}
		return name;
	};
	const reviewDeployments = (
		input: {workflowRunId: string; environmentIds: string[]; comment?: string | null},
		word: 'approved' | 'rejected',
	) => {
		requireWrite(context);
		const id = Number(keyOf(input.workflowRunId, 'WorkflowRun'));
		const run = state.runs.get(id);
		const names = input.environmentIds.map(environment => keyOf(environment, 'Environment'));
		if (!run || names.some(name => !pendingEnvironments(run).includes(name))) {
			throw githubError('UNPROCESSABLE', 'There is no pending deployment request for these environments');
		}
		if (names.some(name => !state.environments.get(name)!.reviewers.includes(login))) {
			throw githubError('FORBIDDEN', `${login} is not a required reviewer of this environment`);
		}
		const deployments = [...state.deployments.values()].filter(deployment =>
			run.attempts.at(-1)!.jobs.some(job => job.deploymentId === deployment.id && job.status === 'waiting'),
		);
		simulation.act(engine => {
			const again = engine.state.runs.get(id)!;
			again.reviews.push({
				id: nextId(engine.state, 'annotation'),
				state: word,
				comment: input.comment ?? '',
				environments: names,
				by: personOf(engine.state, login),
			});
			for (const name of names) {
				decide(engine, again, name, word);
			}
		});
		return {
			clientMutationId: null,
			deployments: () => deployments.map(deployment => deploymentView(present, deployment)),
		};
	};
	return {
		...pullMutations(context),
		updateRefs: ({
			input,
		}: Input<{
			repositoryId: string;
			refUpdates: Array<{name: string; beforeOid?: string | null; afterOid: string; force?: boolean}>;
		}>) => {
			checkRepository(input.repositoryId);
			const {comparesBefore = 'always'} = context.scenario.server;
			const looked = input.refUpdates.filter(
				({beforeOid, afterOid}) => comparesBefore === 'always' || beforeOid !== afterOid,
			);
			change(
				looked.map(({name, beforeOid, afterOid, force}) => ({
					name,
					before: comparesBefore === 'never' ? null : (beforeOid ?? null),
					after: afterOid,
					force: force ?? false,
				})),
			);
			return {clientMutationId: input.clientMutationId ?? null};
		},
		createRef: ({input}: Input<{repositoryId: string; name: string; oid: string}>) => {
			checkRepository(input.repositoryId);
			if (!isRefName(input.name)) {
				throw githubError('UNPROCESSABLE', `A ref named ${input.name} is not valid`);
			}
			if (state.refs.has(input.name)) {
				throw githubError('UNPROCESSABLE', `A ref named "${input.name}" already exists in the repository.`);
			}
			change([{name: input.name, before: zeros, after: input.oid, force: false}]);
			return {clientMutationId: input.clientMutationId ?? null, ref: () => refView(present, input.name)};
		},
		updateRef: ({input}: Input<{refId: string; oid: string; force?: boolean}>) => {
			requireWrite(context);
			const name = refName(input.refId);
			change([{name, before: null, after: input.oid, force: input.force ?? false}]);
			return {clientMutationId: input.clientMutationId ?? null, ref: () => refView(present, name)};
		},
		// Not conditional: it deletes whatever the ref points at by now, which is why locks must not be released with it.
		deleteRef: ({input}: Input<{refId: string}>) => {
			requireWrite(context);
			change([{name: refName(input.refId), before: null, after: zeros, force: true}]);
			return {clientMutationId: input.clientMutationId ?? null};
		},
		mergeBranch: ({
			input,
		}: Input<{repositoryId: string; base: string; head: string; commitMessage?: string | null}>) => {
			checkRepository(input.repositoryId);
			const base = state.refs.get(`refs/heads/${input.base}`);
			const head = resolve(state, input.head);
			if (!base || !head) {
				throw githubError('NOT_FOUND', `${base ? 'Head' : 'Base'} does not exist`);
			}
			if (isAncestor(state, head, base)) {
				throw githubError('UNPROCESSABLE', 'Failed to merge: "Already merged"');
			}
			const refusal = refuseMergeInto(state, input.base);
			if (refusal) {
				throw githubError(refusal.type, refusal.because);
			}
			const sha = simulation.act(engine =>
				mergeInto(
					engine,
					input.base,
					{
						baseSha: base,
						headSha: head,
						message: input.commitMessage ?? `Merge ${input.head} into ${input.base}`,
					},
					personOf(engine.state, login),
				),
			);
			return {
				clientMutationId: input.clientMutationId ?? null,
				mergeCommit: () => commitView(present, state.commits.get(sha)!),
			};
		},
		createDeployment: ({
			input,
		}: Input<{
			repositoryId: string;
			refId: string;
			environment?: string | null;
			payload?: string | null;
			description?: string | null;
			task?: string | null;
		}>) => {
			checkRepository(input.repositoryId);
			const name = refName(input.refId);
			const id = simulation.act(
				engine =>
					createDeployment(engine.state, {
						sha: engine.state.refs.get(name)!,
						ref: name.replace(/^refs\/[^/]+\//, ''),
						environment: input.environment ?? 'production',
						payload: parsed(input.payload),
						description: input.description || null,
						task: input.task ?? 'deploy',
						creator: personOf(engine.state, login),
					}).id,
			);
			return {
				clientMutationId: input.clientMutationId ?? null,
				autoMerged: false,
				deployment: () => deploymentView(present, state.deployments.get(id)!),
			};
		},
		createDeploymentStatus: ({
			input,
		}: Input<{
			deploymentId: string;
			state: string;
			description?: string | null;
			logUrl?: string | null;
			environmentUrl?: string | null;
			autoInactive?: boolean | null;
		}>) => {
			requireWrite(context);
			const id = Number(keyOf(input.deploymentId, 'Deployment'));
			if (!state.deployments.has(id)) {
				throw noNode(input.deploymentId);
			}
			simulation.act(engine =>
				recordDeploymentStatus(engine, id, login, {...input, state: input.state.toLowerCase()}),
			);
			const deployment = state.deployments.get(id)!;
			return {
				clientMutationId: input.clientMutationId ?? null,
				deploymentStatus: () =>
					statusView(
						present,
						deployment,
						deployment.statuses.findLast(one => one.state === input.state.toLowerCase())!,
					),
			};
		},
		approveDeployments: ({
			input,
		}: Input<{workflowRunId: string; environmentIds: string[]; comment?: string | null}>) =>
			reviewDeployments(input, 'approved'),
		rejectDeployments: ({
			input,
		}: Input<{workflowRunId: string; environmentIds: string[]; comment?: string | null}>) =>
			reviewDeployments(input, 'rejected'),
	};
}

function parsed(payload: string | null | undefined): unknown {
	try {
		return JSON.parse(payload ?? '{}') as unknown;
	} catch {
		return payload;
	}
}
