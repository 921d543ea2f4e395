/** A repository with a script, its state folder and real supervisors, each a process of its own. Clean up with `close`. */
import {randomUUID} from 'node:crypto';
import {spawn} from 'node:child_process';
import type {ChildProcess} from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JournalRecord} from '../../source/core/operations/journal.ts';
import {foldRecords, nothingFolded} from '../../source/core/operations/journal-fold.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import type {Plan} from '../../source/core/plan/plan.ts';
import {defaultSettings, environmentDefaults} from '../../source/core/settings/settings.ts';
import type {Settings} from '../../source/core/settings/settings.ts';
import {createJournalReader} from '../../source/operations/journal/journal-reader.ts';
import {operationPaths, statePaths} from '../../source/operations/files/paths.ts';
import {planHash} from '../../source/operations/request/plan-hash.ts';
import {processesOf, signalProcess} from '../../source/operations/script/process-tree.ts';
import {writeRequest} from '../../source/operations/request/request.ts';
import type {OperationRequest} from '../../source/operations/request/request.ts';
import {patient, until} from './patience.ts';

export const sha = (digit: string): string => digit.repeat(40);
export const [shaA, shaB] = [sha('a'), sha('b')];
export const refA = {release: shaA, sha: shaA};
export const refB = {release: shaB, sha: shaB};

const loader = new URL('register.js', import.meta.url).pathname;
export const supervisorEntry = new URL('../../source/operations/supervisor/supervisor.ts', import.meta.url).pathname;
/** Observes by reading `live.json` of the checkout; dies where it is told. */
export const testSupervisorEntry = new URL('dying-supervisor.ts', import.meta.url).pathname;

export {until};

export type Stage = ReturnType<typeof createStage>;

/** `stateFolder`: where its state is to be, instead of beside the checkout. */
export const createStage = (stateFolder?: string) => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'supervised-')));
	const [state, checkout] = [stateFolder ?? join(root, 'state'), join(root, 'checkout')];
	mkdirSync(join(checkout, 'scripts'), {recursive: true});
	const paths = statePaths(state, 'github.com', 'acme/app');
	const children: ChildProcess[] = [];
	const ids: string[] = [];
	let count = 0;

	const script = (text: string, name = 'deploy.sh') => {
		writeFileSync(join(checkout, 'scripts', name), text);
		chmodSync(join(checkout, 'scripts', name), 0o755);
	};
	/** What the environment says of itself, to the test supervisor. */
	const live = (version: string | null, health: boolean | 'unknown' = true, instances = 1) =>
		writeFileSync(
			join(checkout, 'live.json'),
			JSON.stringify(
				Array.from({length: instances}, (_, index) => ({
					instance: `web-${index + 1}`,
					version,
					health,
					because: '',
					latencyMs: 1,
				})),
			),
		);

	const settings = (isObservable: boolean): Settings => ({
		...defaultSettings,
		environments: defaultSettings.environments.map(({name}) => ({
			...environmentDefaults(name),
			...(isObservable && {health: ['http://x/health'], version: ['http://x/version']}),
		})),
	});

	const plan = (over: Partial<Plan> = {}): Plan => {
		// Unique on this machine: processes are found by it.
		const id = `20261124T0000${String(count++).padStart(2, '0')}Z-${over.kind ?? 'deploy'}-staging-${randomUUID().slice(0, 8)}`;
		const shown = {
			id,
			kind: 'deploy' as const,
			environment: 'staging',
			from: refA,
			to: refB,
			sha: shaB,
			scriptKind: 'plain' as const,
			command: ['scripts/deploy.sh', 'staging', shaB],
			directory: checkout,
			coming: null,
			going: null,
			migration: 'unknown' as const,
			usualSeconds: null,
			p95Seconds: null,
			timeoutSeconds: patient(60),
			graceSeconds: patient(5),
			lock: {state: 'free' as const},
			observation: {environment: 'staging', readAt: 0, instances: []},
			warnings: [],
			blocked: null,
			phrase: null,
			offers: [],
			stopping: null,
			insists: false,
			promotion: null,
			...over,
		};
		return {...shown, hash: over.hash ?? planHash(shown)};
	};

	const ask = (
		wanted: Plan,
		{isObservable = false, ...over}: Partial<OperationRequest> & {isObservable?: boolean} = {},
	) => {
		const files = operationPaths(paths, wanted.id);
		ids.push(wanted.id);
		writeRequest(files, {
			plan: wanted,
			operator: 'kim',
			host: hostname(),
			repository: 'acme/app',
			gitHubHost: 'github.com',
			isExplicit: false,
			settings: settings(isObservable),
			confirmation: {phrase: null},
			state,
			...over,
		});
		return files;
	};

	const command = (entry: string) => [process.execPath, '--import', loader, entry];
	const supervise = (
		directory: string,
		{
			entry = testSupervisorEntry,
			flags = [],
			env = {},
		}: {entry?: string; flags?: readonly string[]; env?: Record<string, string>} = {},
	) => {
		const [program = '', ...parameters] = command(entry);
		const child = spawn(program, [...parameters, directory, ...flags], {
			detached: true,
			stdio: ['ignore', 'ignore', 'pipe'],
			env: {...process.env, ...env},
		});
		children.push(child);
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		const ended = new Promise<{code: number | null; signal: NodeJS.Signals | null; said: string}>(resolve =>
			child.once('close', (code, signal) => resolve({code, signal, said})),
		);
		return {child, ended};
	};

	/** Asks, supervises, waits for the end of the supervisor. */
	const run = async (wanted: Plan, options: Parameters<typeof ask>[1] & Parameters<typeof supervise>[1] = {}) => {
		const {entry, flags, env, ...over} = options;
		const files = ask(wanted, over);
		const result = await supervise(files.directory, {
			...(entry && {entry}),
			...(flags && {flags}),
			...(env && {env}),
		}).ended;
		return {...result, files, operation: await operation(wanted.id)};
	};

	const records = async (): Promise<readonly JournalRecord[]> =>
		(await createJournalReader(paths.journal).read()).records;
	const operation = async (id: string): Promise<Operation | undefined> =>
		foldRecords(nothingFolded, await records()).operations.get(id)?.operation;
	const types = async (id: string) =>
		(await records()).filter(record => 'operation' in record && record.operation === id).map(({type}) => type);

	const close = async () => {
		for (const child of children) child.kill('SIGKILL');
		for (const id of ids) {
			await until('nothing of it runs', () => {
				const left = processesOf(id);
				for (const identity of left) signalProcess(identity, 'SIGKILL');
				return left.length === 0;
			});
		}
		rmSync(root, {recursive: true, force: true});
	};

	return {
		root,
		state,
		checkout,
		paths,
		script,
		live,
		plan,
		ask,
		supervise,
		run,
		records,
		operation,
		types,
		command,
		close,
		settings,
		text: (name: string) => (existsSync(join(checkout, name)) ? readFileSync(join(checkout, name), 'utf8') : null),
	};
};
