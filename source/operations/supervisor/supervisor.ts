/**
The supervisor: `supervisor.js OPERATION-FOLDER [--resume]`. Nothing that happens to a terminal ends it, and a SIGTERM does not either:
whoever shuts a machine down ends the script too, and somebody has to write down how that went. It ends with its operation.
*/
import {adoptNetworkOf} from '../../edges/network.ts';
import {Failure} from '../../errors.ts';
import {withoutSqliteWarning} from '../files/mutex.ts';
import {readRequest} from '../request/request.ts';
import {supervise} from './supervise.ts';
import {surroundingsFor} from './wiring.ts';

withoutSqliteWarning(process);
adoptNetworkOf(process.env);
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => {});

/** Into `supervisor.log`, where the front end sends our streams. */
const say = (text: string): void => {
	process.stderr.write(`${new Date().toISOString()} ${text}\n`);
};
// A full disk must not end us by our own log.
process.stderr.on('error', () => {});

const [directory = '', flag] = process.argv.slice(2);
try {
	await supervise(
		directory,
		{isResume: flag === '--resume'},
		surroundingsFor(readRequest(directory), process.env, say),
	);
	process.exit(0);
} catch (error) {
	say(
		error instanceof Failure ? `${error.message}: ${error.because ?? ''}` : String((error as Error).stack ?? error),
	);
	process.exit(error instanceof Failure ? error.exitCode : 70);
}
