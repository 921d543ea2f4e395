/** The commands about what was recorded: finds the record of the repository that is meant. */
import {secretsFrom} from '../core/mask.ts';
import {realClock} from '../edges/clock.ts';
import {withoutSqliteWarning} from '../operations/mutex.ts';
import {statePaths} from '../operations/paths.ts';
import {connect} from './connect.ts';
import type {Context} from './context.ts';
import {tellingPrograms} from './desk.ts';
import type {CommandLine} from './table.ts';
import {runTimeline} from './timeline.ts';

export const runTimelineCommand = async (context: Context, line: Extract<CommandLine, {command: 'timeline'}>): Promise<number> => tellingPrograms(line.flags.json, context.output, async () => {
	withoutSqliteWarning(context.program);
	const {state, host, repository} = await connect(context, line.flags, {asksGitHub: false});
	return runTimeline({paths: statePaths(state, host, repository), repository, host, now: realClock.now(), columns: context.stdout.columns ?? 100, secrets: secretsFrom(context.env)}, line.flags, context.output);
});
