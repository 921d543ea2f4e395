/**
A supervisor for tests: it reads what the environment says from `live.json`, and dies by SIGKILL around the journal event that
`TEST_DIE` names (`before:finished`, `after:spawned`, `after:observed-before`). Arguments as of the real one.
*/
import {existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {LockRecord} from '../../source/core/locks/lock.ts';
import type {InstanceReading} from '../../source/core/releases/observation.ts';
import {maskText, secretsFrom} from '../../source/core/text/mask.ts';
import {realClock} from '../../source/edges/clock.ts';
import {createJournal} from '../../source/operations/journal/journal.ts';
import type {Journal} from '../../source/operations/journal/journal.ts';
import {readRequest} from '../../source/operations/request/request.ts';
import {supervise} from '../../source/operations/supervisor/supervise.ts';
import type {RemoteLocks, Surroundings} from '../../source/operations/supervisor/surroundings.ts';

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => {});

const [directory = '', flag] = process.argv.slice(2);
const [moment, type] = (process.env['TEST_DIE'] ?? '').split(':');
const die = () => process.kill(process.pid, 'SIGKILL');

const mortal = (journal: Journal): Journal => ({
	async append(events, options) {
		const isIt = events.some(event => (event.type === 'observed' ? `observed-${event.when}` : event.type) === type);
		if (isIt && moment === 'before') die();
		const records = await journal.append(events, options);
		if (isIt && moment === 'after') die();
		return records;
	},
});

/** GitHub's part, played by a folder: a lock is a file, created exclusively. `unreachable` in it is an outage. */
const fileLocks = (folder: string): RemoteLocks => {
	const path = (environment: string) => join(folder, `${environment}.lock`);
	const away = () =>
		existsSync(join(folder, 'unreachable'))
			? {ok: false as const, kind: 'unreachable' as const, because: 'no network'}
			: null;
	const read = (environment: string) =>
		existsSync(path(environment)) ? (JSON.parse(readFileSync(path(environment), 'utf8')) as LockRecord) : null;
	return {
		take: async record => {
			if (away() !== null) return away()!;
			try {
				writeFileSync(path(record.environment), JSON.stringify(record), {flag: 'wx'});
				return {ok: true, oid: record.id};
			} catch {
				const lock = read(record.environment);
				return {ok: false, kind: 'held', because: `held by ${lock?.operator}`, lock};
			}
		},
		renew: async (_record, oid) => away() ?? {ok: true, oid},
		release: async (environment, oid) => {
			if (away() !== null) return away()!;
			if (read(environment)?.id !== oid) return {ok: false, kind: 'lost', because: 'another one stands there'};
			rmSync(path(environment));
			return {ok: true};
		},
		find: async (environment, id) => away() ?? {ok: true, oid: read(environment)?.id === id ? id : null},
	};
};

const {plan} = readRequest(directory);
const secrets = secretsFrom(process.env);
const around: Surroundings = {
	openJournal: (paths, now) => mortal(createJournal(paths, now)),
	clock: realClock,
	env: process.env,
	observe: async environment => {
		const file = join(plan.directory, 'live.json');
		return {
			environment: environment.name,
			readAt: Date.now(),
			instances: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as InstanceReading[]) : [],
		};
	},
	proveAgain: async () =>
		process.env['TEST_UNPROVEN'] === undefined ? null : {because: 'E2E turned red', next: 'x', exitCode: 3},
	remoteLocks: process.env['TEST_REMOTE'] === undefined ? null : fileLocks(process.env['TEST_REMOTE']),
	mask: text => maskText(text, secrets),
	seal: async (raw, sealed) => {
		renameSync(raw, sealed);
		return {bytes: statSync(sealed).size, sha256: ''};
	},
	// `TEST_SLOW`: milliseconds between the end of the operation and the locks.
	announce: async () => {
		await realClock.after(Number(process.env['TEST_SLOW'] ?? 0));
	},
	deliver: async () => {},
	say: text => process.stderr.write(`${text}\n`),
};

await supervise(directory, {isResume: flag === '--resume'}, around);
process.exit(0);
