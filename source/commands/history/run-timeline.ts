/** The commands about what was recorded: finds the record of the repository that is meant. */
import {secretsFrom} from '../../core/text/mask.ts';
import {realClock} from '../../edges/clock.ts';
import {withoutSqliteWarning} from '../../operations/files/mutex.ts';
import {statePaths} from '../../operations/files/paths.ts';
import {recordDirectory} from '../../record/files.ts';
import {connect, preferencesFor} from '../worlds/connect.ts';
import type {Context} from '../desk/context.ts';
import {tellingPrograms} from '../desk/desk.ts';
import type {CommandLine} from '../table/table.ts';
import {listRecorded, runReplay} from './replay.ts';
import {runTimeline} from './timeline.ts';

export const runTimelineCommand = async (
	context: Context,
	line: Extract<CommandLine, {command: 'timeline'}>,
): Promise<number> =>
	tellingPrograms(line.flags.json, context.output, async () => {
		withoutSqliteWarning(context.program);
		const {state, host, repository} = await connect(context, line.flags, {asksGitHub: false});
		return runTimeline(
			{
				paths: statePaths(state, host, repository),
				repository,
				host,
				now: realClock.now(),
				columns: context.stdout.columns ?? 100,
				directory: context.directory,
				secrets: secretsFrom(context.env),
			},
			line.flags,
			context.output,
		);
	});

/** Times as fast as it was. */
const usualSpeed = 10;

/** A file can be played anywhere: only to find one by its name, or to list them, a repository is needed. */
export const runReplayCommand = async (
	context: Context,
	{flags, positionals: [file]}: Extract<CommandLine, {command: 'replay'}>,
): Promise<number> => {
	const connection = await connect(context, flags, {asksGitHub: false, opensLast: true}).catch((error: unknown) => {
		if (file === undefined) throw error;
		return null;
	});
	const record =
		connection === null
			? null
			: recordDirectory(statePaths(connection.state, connection.host, connection.repository).directory);
	if (file === undefined) return listRecorded(record!, connection!.repository, context.output);
	return runReplay(context, file, record, {
		speed: flags.speed ?? usualSpeed,
		plain: flags.plain,
		isForScreenReader: flags.screenReader,
		preferences: await preferencesFor(context, flags),
	});
};
