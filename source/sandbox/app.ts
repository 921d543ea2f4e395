/**
A process of the sandbox: one release of its application, or the proxy before an environment's two of them.

	node sandbox-app.js HEARTBEAT service RELEASE-DIRECTORY PORT ENVIRONMENT
	node sandbox-app.js HEARTBEAT module FILE [ARGUMENT...]
*/
import {readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {behaviourFrom} from './behaviours.ts';
import {onSilence} from './heartbeat.ts';
import {startService} from './service.ts';

/** The scripts have written into their history that this release went well. */
const isInHistory = (directory: string): boolean => {
	try {
		const history = readFileSync(join(directory, '..', '..', '.deployctl', 'history'), 'utf8');
		return history
			.split('\n')
			.map(line => line.split(' '))
			.some(([, verdict, , release]) => verdict === 'ok' && release === basename(directory));
	} catch {
		return false;
	}
};

const serve = async (directory: string, port: number, environment: string): Promise<void> => {
	const {
		sha,
		message,
		behaviour: said,
	} = JSON.parse(readFileSync(join(directory, 'release.json'), 'utf8')) as {
		sha: string;
		message: string;
		behaviour: unknown;
	};
	const behaviour = behaviourFrom(said);
	if (behaviour.kind === 'slow-start') await new Promise(resolve => setTimeout(resolve, behaviour.seconds * 1000));
	const service = await startService({
		release: basename(directory),
		sha,
		message,
		environment,
		behaviour,
		port,
		isDeployed: () => behaviour.kind !== 'turns-red' || isInHistory(directory),
	});
	process.once('SIGTERM', () => {
		void service.drain().then(() => process.exit(0));
	});
};

const [heartbeat = '', what, file = '', ...rest] = process.argv.slice(2);
onSilence({file: heartbeat}, () => process.exit(0));
if (what === 'service') {
	await serve(file, Number(rest[0]), rest[1] ?? '');
} else {
	// The module finds the arguments where it would have them as the program itself.
	process.argv.splice(1, process.argv.length - 1, file, ...rest);
	await import(pathToFileURL(file).href);
}
