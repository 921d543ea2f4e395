/** A sandbox of its own in a temporary folder, run from the sources, with commits that behave as their names say. Clean up comes with the test. */
import {execFile} from 'node:child_process';
import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {realClock} from '../../source/edges/clock.ts';
import {type Behaviour, good} from '../../source/sandbox/behaviours.ts';
import type {Program} from '../../source/sandbox/checkout.ts';
import {findPlace, type SandboxEnvironment, type SandboxPlace} from '../../source/sandbox/place.ts';
import {openSandbox, type Sandbox} from '../../source/sandbox/sandbox.ts';
import {patient, until} from './patience.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../source/${path}`, import.meta.url));
export const sourceProgram: Program = {
	node: [process.execPath],
	app: file('sandbox/app.ts'),
	scripts: file('templates/scripts'),
};

/** Quicker than in the demo. */
export const testBehaviours: Readonly<Record<string, Behaviour>> = {
	red: {kind: 'turns-red', afterSeconds: 3, because: 'the cache is full'},
	failing: {kind: 'fails-at-once', because: 'no queue'},
};
export const shas = {
	old: 'a'.repeat(40),
	before: 'b'.repeat(40),
	live: 'c'.repeat(40),
	next: 'd'.repeat(40),
	red: 'e'.repeat(40),
	failing: 'f'.repeat(40),
};
export const commits = Object.entries(shas).map(([alias, sha]) => ({alias, sha, message: `The ${alias} one`}));

export {until as eventually};

/** Processes that belong to a sandbox in this folder, whoever started them. */
export const processesIn = (folder: string): Promise<string[]> =>
	new Promise((resolve, reject) => {
		execFile('ps', ['-eo', 'pid=,args='], (error, stdout) =>
			error ? reject(error) : resolve(stdout.split('\n').filter(line => line.includes(folder))),
		);
	});

/** What an environment says of itself; null: nothing answers there. */
export const said = async (
	{ports}: Pick<SandboxPlace, 'ports'>,
	name: SandboxEnvironment,
): Promise<{sha: string; health: number} | null> => {
	try {
		const url = `http://127.0.0.1:${ports[name].front}`;
		const [version, health] = await Promise.all([fetch(`${url}/version`), fetch(`${url}/health`)]);
		await health.arrayBuffer();
		return {sha: ((await version.json()) as {sha: string}).sha, health: health.status};
	} catch {
		return null;
	}
};

export type Stage = {
	folder: string;
	place: SandboxPlace;
	open(changes?: Partial<Parameters<typeof openSandbox>[0]>): Promise<Sandbox>;
	script(
		name: string,
		args: readonly string[],
		more?: Readonly<Record<string, string>>,
	): Promise<{code: number; output: string}>;
};

const env = {
	PATH: process.env['PATH'] ?? '',
	HOME: process.env['HOME'] ?? '/',
	LANG: 'C.UTF-8',
	HEALTH_DEADLINE: String(Math.ceil(patient(6000) / 1000)),
};

export const stageIn = async (folder: string): Promise<Stage> => {
	const place = await findPlace(folder);
	const releases = {staging: [shas.old, shas.before, shas.live], production: [shas.old, shas.before, shas.live]};
	return {
		folder,
		place,
		open: changes =>
			openSandbox({
				place,
				program: sourceProgram,
				repository: 'acme/app',
				env,
				wall: realClock,
				commits,
				releases,
				keep: 'demo.mutex',
				signal: new AbortController().signal,
				behaviourOf: ({alias}) => testBehaviours[alias] ?? good,
				...changes,
			}),
		script: (name, args, more = {}) =>
			new Promise(resolve => {
				execFile(
					'bash',
					[join(place.checkout, 'scripts', name), ...args],
					{cwd: place.checkout, env: {...env, ...more}},
					(error, stdout, stderr) =>
						resolve({code: error === null ? 0 : Number(error.code ?? 128), output: stdout + stderr}),
				);
			}),
	};
};

/** Everything in it is gone after the test, processes too. */
export const createStage = async (t: Pick<TestContext, 'after'>): Promise<Stage> => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')));
	t.after(async () => {
		// The heartbeat's file goes with the folder, and with it all that looks at it.
		rmSync(folder, {recursive: true, force: true, maxRetries: 5});
		await until('nothing of the sandbox runs', async () => (await processesIn(folder)).length === 0);
		rmSync(folder, {recursive: true, force: true, maxRetries: 5});
	});
	return stageIn(folder);
};
