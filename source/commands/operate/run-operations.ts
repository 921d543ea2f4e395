/** The commands about operations: connects each to the real World. */
import {correlate} from '../../core/snapshot/correlate.ts';
import type {PlanCommit} from '../../core/plan/plan.ts';
import {realClock} from '../../edges/clock.ts';
import {usageFailure} from '../../errors.ts';
import {withoutSqliteWarning} from '../../operations/files/mutex.ts';
import {statePaths} from '../../operations/files/paths.ts';
import {filesFor} from '../../settings/checkout/files.ts';
import {findOrigin} from '../../settings/checkout/origin.ts';
import {realRun} from '../../settings/checkout/run.ts';
import type {Place} from '../../state/model/state.ts';
import {chooseCommit, historyOf} from '../look/commit.ts';
import {askOn} from '../desk/confirm.ts';
import {type Connection, connect, noTerminal} from '../worlds/connect.ts';
import type {Context} from '../desk/context.ts';
import {type Desk, tellingPrograms} from '../desk/desk.ts';
import type {CommandLine} from '../table/table.ts';

export type OperationCommand = Extract<
	CommandLine,
	{
		command:
			| 'deploy'
			| 'promote'
			| 'sign-off'
			| 'rollback'
			| 'stop'
			| 'lock'
			| 'unlock'
			| 'unpin'
			| 'operations'
			| 'attach'
			| 'logs'
			| 'audit';
	}
>;

const deskOf = (context: Context, connection: Connection): Desk => {
	const {operations} = connection.world(noTerminal);
	if (operations === null) throw new Error('the real World has operations');
	return {
		operations,
		repository: connection.repository,
		settings: connection.settings,
		output: context.output,
		ask: askOn(context),
		signal: context.signal,
		wall: realClock,
	};
};

/** Commits as of the last answer of GitHub, from the disk: a rollback waits for nobody. */
const knownHistory = async ({cache, settings}: Connection): Promise<readonly PlanCommit[]> => {
	const known = await cache.load();
	return known === null ? [] : historyOf(correlate(known.facts, settings, known.savedAt, null));
};

/** Operations run the scripts of the checkout: those of another repository must not meet the environments of this one. */
const checkCheckout = async ({env, directory}: Context, {repository, host}: Connection): Promise<void> => {
	const origin = await findOrigin({directory, env, files: filesFor(env), run: realRun});
	const isOther = origin !== null && `${origin.owner}/${origin.name}`.toLowerCase() !== repository.toLowerCase();
	if (isOther)
		throw usageFailure(
			`This checkout is ${origin.owner}/${origin.name}, not ${repository} (${host}): its scripts are not meant for it.`,
			`go into a checkout of ${repository}`,
		);
};

const findCommit =
	({env, directory}: Context) =>
	async (text: string): Promise<string | null> => {
		const found =
			(
				await realRun('git', ['rev-parse', '--verify', '--quiet', `${text}^{commit}`], {directory, env})
			)?.trim() ?? '';
		return /^[0-9a-f]{40}$/.test(found) ? found : null;
	};

const runPromotion = async (
	context: Context,
	connection: Connection,
	desk: Desk,
	line: Extract<OperationCommand, {command: 'promote' | 'sign-off'}>,
): Promise<number> => {
	const {runPromote, runSignOff} = await import('./promote.ts');
	if (line.command === 'sign-off')
		return runSignOff(desk, line.positionals[0]!, line.flags, sha =>
			chooseCommit(connection.world(noTerminal), connection, {
				environment: 'staging',
				sha,
				find: findCommit(context),
			}),
		);
	// The strategy `script` runs what lies here.
	if (connection.settings.promotion.strategy === 'script') await checkCheckout(context, connection);
	return runPromote(desk, line.flags);
};

const runDeployment = async (
	context: Context,
	connection: Connection,
	desk: Desk,
	line: Extract<OperationCommand, {command: 'deploy' | 'rollback' | 'stop'}>,
): Promise<number> => {
	const {runDeploy, runRollback, runStop} = await import('./deploy.ts');
	const history = () => knownHistory(connection);
	const [name = ''] = line.positionals;
	if (line.command === 'stop') {
		if (line.flags.thenRollBack) await checkCheckout(context, connection);
		return runStop(desk, name, line.flags, history);
	}
	await checkCheckout(context, connection);
	if (line.command === 'rollback') return runRollback(desk, name, line.flags, history);
	return runDeploy(desk, name, line.flags, (environment, sha) =>
		chooseCommit(connection.world(noTerminal), connection, {environment, sha, find: findCommit(context)}),
	);
};

const runOne = async (context: Context, connection: Connection, line: OperationCommand): Promise<number> => {
	if (line.command === 'audit') {
		withoutSqliteWarning(context.program);
		return (await import('./audit.ts')).runAudit(
			statePaths(connection.state, connection.host, connection.repository),
			line.flags,
			context.output,
		);
	}
	const desk = deskOf(context, connection);
	const [first] = line.positionals;
	switch (line.command) {
		case 'promote':
		case 'sign-off':
			return runPromotion(context, connection, desk, line);
		case 'deploy':
		case 'rollback':
		case 'stop':
			return runDeployment(context, connection, desk, line);
		case 'lock':
			return (await import('./lock.ts')).runLock(desk, first!, line.flags);
		case 'unlock':
			return (await import('./lock.ts')).runUnlock(desk, first!, line.flags);
		case 'unpin':
			return (await import('./lock.ts')).runUnpin(desk, first!, line.flags);
		case 'operations':
			return (await import('./operations.ts')).runOperations(desk, line.flags);
		case 'attach':
			return (await import('./logs.ts')).runAttach(desk, first ?? null, context.stdout);
		case 'logs':
			return (await import('./logs.ts')).runLogs(desk, first!, line.flags, context.stdout);
	}
};

/** The screen's place for the operation that is meant. Throws a `Failure` (usage), as in the shell. */
export const placeOf = async (connection: Connection, text: string | null): Promise<Place> => {
	const {meantToAttach} = await import('./logs.ts');
	const {operations} = connection.world(noTerminal);
	return {name: 'operation', id: meantToAttach(text, (await operations!.read()).operations).id, from: 'board'};
};

/** From the disk alone: fast, and also without network and token. */
const looksBack: ReadonlySet<OperationCommand['command']> = new Set(['operations', 'attach', 'logs', 'audit']);

/** Resolves with the exit code. Throws a `Failure`; with `--json` it was printed as a document, too. */
export const runOperationCommand = async (context: Context, line: OperationCommand): Promise<number> => {
	const isJson = 'json' in line.flags && line.flags.json;
	return tellingPrograms(isJson, context.output, async () =>
		runOne(context, await connect(context, line.flags, {asksGitHub: !looksBack.has(line.command)}), line),
	);
};
