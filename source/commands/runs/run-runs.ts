/** The commands that steer GitHub's runs: connects each to the real World. */
import {realClock} from '../../edges/clock.ts';
import {askOn} from '../desk/confirm.ts';
import {connect, noTerminal} from '../worlds/connect.ts';
import type {Context} from '../desk/context.ts';
import {tellingPrograms} from '../desk/desk.ts';
import {readPipeline} from '../look/read.ts';
import type {RunDesk} from './runs.ts';
import type {CommandLine} from '../table/table.ts';

export type RunCommand = Extract<CommandLine, {command: 'rerun' | 'cancel' | 'approve' | 'dispatch'}>;

const runOne = async (context: Context, line: RunCommand): Promise<number> => {
	const connection = await connect(context, line.flags);
	await connection.access();
	const world = connection.world(noTerminal);
	if (world.operations === null || world.runs == null) throw new Error('the real World has operations and runs');
	const desk: RunDesk = {
		operations: world.operations,
		runs: world.runs,
		read: sha => readPipeline(world, connection, sha),
		repository: connection.repository,
		settings: connection.settings,
		output: context.output,
		ask: askOn(context),
		signal: context.signal,
		wall: realClock,
	};
	const {runRerun, runCancel, runApprove, runDispatch} = await import('./runs.ts');
	switch (line.command) {
		case 'rerun':
			return runRerun(desk, line.flags);
		case 'cancel':
			return runCancel(desk, line.flags);
		case 'approve':
			return runApprove(desk, line.flags);
		case 'dispatch':
			return runDispatch(desk, (line.positionals[0] ?? 'e2e') as 'e2e' | 'smoke' | 'deploy', line.flags);
	}
};

/** Resolves with the exit code. Throws a `Failure`; with `--json` it was printed as a document, too. */
export const runRunCommand = (context: Context, line: RunCommand): Promise<number> =>
	tellingPrograms(line.flags.json, context.output, () => runOne(context, line));
