/** The lock on GitHub as a supervisor uses it: with the token of its own environment, which is never written down. */
import {realClock} from '../../edges/clock.ts';
import {Failure, failureSentence} from '../../errors.ts';
import type {GitHubEdge} from '../../github/edge.ts';
import {realRun} from '../../settings/checkout/run.ts';
import {findAccess} from '../../settings/access/token.ts';
import type {OperationRequest} from '../request/request.ts';
import type {RemoteAnswer, RemoteLocks, Surroundings} from './surroundings.ts';

type Refused = Extract<RemoteAnswer, {ok: false}>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The client is loaded, and the token looked for, when GitHub is first asked; again after a failure. Rejects with a `Failure` when there is no token. */
export const gitHubFor = (
	{gitHubHost: host, isExplicit, plan, repository}: OperationRequest,
	env: Environment,
): (() => Promise<GitHubEdge>) => {
	let made: Promise<GitHubEdge> | undefined;
	return () =>
		(made ??= (async () => {
			const access = await findAccess({host, isExplicit, env, directory: plan.directory, run: realRun});
			const {gitHubEdge} = await import('../../github/edge.ts');
			return gitHubEdge({access, repository, clock: realClock});
		})().catch((error: unknown) => {
			made = undefined;
			throw error;
		}));
};

/** Reads the whole pipeline again, with a client of its own: only for what goes to production. A promotion has the whole gate to pass. */
export const proofFor = (request: OperationRequest, env: Environment): Surroundings['proveAgain'] =>
	request.plan.kind === 'promote'
		? async () =>
				(await import('../judge/prove-promotion.ts')).provePromotion(
					request,
					(await import('../judge/prove-promotion.ts')).judgeFor(request, env, gitHubFor(request, env)),
				)
		: evidenceFor(request, env);

const evidenceFor =
	(
		{gitHubHost: host, isExplicit, plan, repository, settings}: OperationRequest,
		env: Environment,
	): Surroundings['proveAgain'] =>
	async sha => {
		try {
			const endpoint = await findAccess({host, isExplicit, env, directory: plan.directory, run: realRun});
			const [{createGitHub}, {createEvidence}] = await Promise.all([
				import('../../github/client.ts'),
				import('../readings/evidence.ts'),
			]);
			return await createEvidence(
				{
					github: createGitHub({endpoint, settings, repository, clock: realClock}),
					clock: realClock,
					wall: realClock,
				},
				{repository, settings},
			)(sha);
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			return {
				because: `the evidence could not be read again: ${error.message}`,
				next: error.next ?? 'sign in to GitHub',
				exitCode: error.exitCode,
			};
		}
	};

/** What is thrown is said: no token, an answer that did not come in time. */
const asAnswer = (error: unknown): Refused => {
	if (error instanceof Failure) return {ok: false, kind: 'not-permitted', because: failureSentence(error)};
	if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError')
		return {ok: false, kind: 'unreachable', because: 'GitHub did not answer in time'};
	throw error;
};

export const remoteLocksOf = (gitHub: () => Promise<GitHubEdge>): RemoteLocks => {
	const ask = async <Answer extends {ok: boolean}>(
		act: (locks: GitHubEdge['locks']) => Promise<Answer>,
	): Promise<Answer | Refused> => {
		try {
			return await act((await gitHub()).locks);
		} catch (error) {
			return asAnswer(error);
		}
	};
	return {
		take: (record, signal) => ask(locks => locks.take(record, signal)),
		renew: (record, oid, signal) => ask(locks => locks.renew(record, oid, signal)),
		release: (environment, oid, signal) => ask(locks => locks.release(environment, oid, signal)),
		find: (environment, id, signal) => ask(locks => locks.find(environment, id, signal)),
	};
};
