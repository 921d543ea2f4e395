/** The real World's operations: loaded, with SQLite and all, when they are first used. */
import {hostname, userInfo} from 'node:os';
import {fileURLToPath} from 'node:url';
import {realClock} from '../../edges/clock.ts';
import {gitHubEdge} from '../../github/edge.ts';
import {createEvidence} from '../../operations/readings/evidence.ts';
import {withoutSqliteWarning} from '../../operations/files/mutex.ts';
import {createOperations} from '../../operations/operations.ts';
import {createRuns} from '../../operations/run-acts.ts';
import type {Runs} from '../../core/runs/runs.ts';
import type {GitHub, Operations} from '../../world.ts';
import type {Connection} from './connect.ts';
import type {Context} from '../desk/context.ts';

/** The name on this machine, for as long as GitHub has not said another. */
const userName = (env: Context['env']): string => {
	try {
		return userInfo().username;
	} catch {
		// A container may run as a user that has no name.
		return env['USER'] ?? env['LOGNAME'] ?? 'unknown';
	}
};

/** GitHub's edge, made when it is first used; looked for again after a failure. */
const edgeOf = ({repository, access}: Connection) => {
	let edge: Promise<ReturnType<typeof gitHubEdge>> | undefined;
	return () =>
		(edge ??= access()
			.then(found => gitHubEdge({access: found, repository, clock: realClock}))
			.catch((error: unknown) => {
				// After `gh auth login` in another window the next question finds the token.
				edge = undefined;
				throw error;
			}));
};

export const realRuns = ({env, program}: Context, connection: Connection): Runs => {
	withoutSqliteWarning(program);
	const {state, host, repository, readOnly} = connection;
	return createRuns({
		state,
		gitHubHost: host,
		repository,
		readOnly,
		host: hostname(),
		user: userName(env),
		clock: realClock,
		gitHub: edgeOf(connection),
		env,
	});
};

/** `asksGitHub` false: for looking back, which needs neither network nor token. */
export const realOperations = (
	{env, program, entry}: Context,
	connection: Connection,
	github: GitHub,
	asksGitHub: boolean,
): Operations => {
	withoutSqliteWarning(program);
	const {state, host, isExplicit, repository, root, settings, readOnly} = connection;
	const gitHub = edgeOf(connection);
	return createOperations({
		state,
		gitHubHost: host,
		isExplicit,
		repository,
		directory: root,
		settings,
		readOnly,
		host: hostname(),
		user: userName(env),
		clock: realClock,
		supervisor: {command: [program.execPath, fileURLToPath(new URL('supervisor.js', entry))], env},
		gitHub: asksGitHub ? gitHub : null,
		reading: asksGitHub ? {github, clock: realClock} : null,
		promoter: [program.execPath, fileURLToPath(new URL('promoter.js', entry))],
		proveAgain: createEvidence({github, clock: realClock, wall: realClock}, {repository, settings}),
	});
};
