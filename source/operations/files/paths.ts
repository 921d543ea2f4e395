/** Where an operation's traces lie on disk. One folder a repository, readable by its owner alone. */
import {join} from 'node:path';
import {exactSegment, segment} from '../../core/text/file-names.ts';
import {usageFailure} from '../../errors.ts';

export type StatePaths = {
	directory: string;
	journal: string;
	/** Sequence number and hash of the newest record: tells when lines were removed at the journal's end. */
	journalHead: string;
	journalMutex: string;
	locks: string;
	outbox: string;
	releases: string;
	operations: string;
};

export type OperationPaths = {
	directory: string;
	/** What the front end asks for. */
	request: string;
	/** Why the supervisor did not begin. */
	refused: string;
	/** Somebody wants it stopped. */
	stop: string;
	/** What the script prints, as it is. */
	raw: string;
	/** The same at rest, masked. */
	log: string;
	/** Written by the wrapper: its process, before the script starts; the script's exit code, after it ended. */
	pid: string;
	exit: string;
	/** Held by the supervisor for its whole life. */
	supervisorMutex: string;
	supervisorLog: string;
};

/** `state` is the platform's state folder of this program; `repository` is OWNER/NAME. */
export const statePaths = (state: string, host: string, repository: string): StatePaths => {
	const directory = join(state, 'repositories', segment(host), ...repository.split('/').map(segment));
	return {
		directory,
		journal: join(directory, 'journal.jsonl'),
		journalHead: join(directory, 'journal.head'),
		journalMutex: join(directory, 'journal.mutex'),
		locks: join(directory, 'locks'),
		outbox: join(directory, 'outbox'),
		releases: join(directory, 'releases'),
		operations: join(directory, 'operations'),
	};
};

export const lockPath = (paths: StatePaths, environment: string): string =>
	join(paths.locks, `${exactSegment(environment)}.json`);
export const lockMutexPath = (paths: StatePaths, environment: string): string =>
	join(paths.locks, `${exactSegment(environment)}.mutex`);
/** The last `--list` of the hosts' releases. */
export const releasesPath = (paths: StatePaths, environment: string): string =>
	join(paths.releases, `${exactSegment(environment)}.json`);

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const isOperationId = (id: string): boolean => idPattern.test(id);

/** The files of one operation. `directory` is its folder, as the supervisor gets it. */
export const pathsIn = (directory: string): OperationPaths => ({
	directory,
	request: join(directory, 'request.json'),
	refused: join(directory, 'refused.json'),
	stop: join(directory, 'stop.json'),
	raw: join(directory, 'output.raw'),
	log: join(directory, 'output.log'),
	pid: join(directory, 'pid'),
	exit: join(directory, 'exit'),
	supervisorMutex: join(directory, 'supervisor.mutex'),
	supervisorLog: join(directory, 'supervisor.log'),
});

/** Throws a `Failure` (usage) for what is no id. */
export const operationPaths = (paths: StatePaths, id: string): OperationPaths => {
	if (!isOperationId(id)) throw usageFailure(`${JSON.stringify(id)} is not the id of an operation`);
	return pathsIn(join(paths.operations, id));
};
