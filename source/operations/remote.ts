/** The lock on GitHub as a supervisor uses it: with the token of its own environment, which is never written down. */
import type {LockRecord} from '../core/lock.ts';
import {realClock} from '../edges/clock.ts';
import {Failure} from '../errors.ts';
import type {RemoteLocks as GitHubLocks} from '../github/locks.ts';
import {realRun} from '../settings/run.ts';
import {findAccess} from '../settings/token.ts';
import type {Access} from '../settings/token.ts';
import type {OperationRequest} from './request.ts';
import type {RemoteAnswer, RemoteLocks} from './surroundings.ts';

type Refused = Extract<RemoteAnswer, {ok: false}>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The token for the request's host. Throws a `Failure` when there is none. */
export const accessFor = ({gitHubHost, isExplicit, plan}: OperationRequest, env: Environment): Promise<Access> =>
	findAccess({host: gitHubHost, isExplicit, env, directory: plan.directory, run: realRun});

/** The client is loaded, and the token looked for, when GitHub is first asked; again after a failure. */
const lazily = (request: OperationRequest, env: Environment): (() => Promise<GitHubLocks>) => {
	let made: Promise<GitHubLocks> | undefined;
	return () => (made ??= (async () => {
		const {token, host, apiUrl, graphqlUrl} = await accessFor(request, env);
		const {createRemoteLocks} = await import('../github/locks.ts');
		return createRemoteLocks({endpoint: {host, apiUrl, graphqlUrl, token}, repository: request.repository, clock: realClock});
	})().catch((error: unknown) => {
		made = undefined;
		throw error;
	}));
};

/** What is thrown is said: no token, an answer that did not come in time. */
const asAnswer = (error: unknown): Refused => {
	if (error instanceof Failure) return {ok: false, kind: 'not-permitted', because: error.because === undefined ? error.message : `${error.message}: ${error.because}`};
	if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError') return {ok: false, kind: 'unreachable', because: 'GitHub did not answer in time'};
	throw error;
};

export const remoteLocksFor = (request: OperationRequest, env: Environment): RemoteLocks => {
	const locks = lazily(request, env);
	const ask = async <Answer extends {ok: boolean}>(act: (locks: GitHubLocks) => Promise<Answer>): Promise<Answer | Refused> => {
		try {
			return await act(await locks());
		} catch (error) {
			return asAnswer(error);
		}
	};
	return {
		take: (record: LockRecord, signal) => ask(gitHub => gitHub.take(record, signal)),
		renew: (record, oid, signal) => ask(gitHub => gitHub.renew(record, oid, signal)),
		release: (environment, oid, signal) => ask(gitHub => gitHub.release(environment, oid, signal)),
		find: async (environment, id, signal) => {
			const answer = await ask(gitHub => gitHub.read(signal));
			if (!answer.ok) return answer;
			const {oid, lock} = 'locks' in answer ? answer.locks[environment] ?? {oid: null, lock: null} : {oid: null, lock: null};
			return {ok: true, oid: lock?.id === id ? oid : null};
		},
	};
};
