/** What the benches share: statistics, tables, and starting the built program in a terminal. */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {startSimulator} from '../../source/simulator/server.ts';
import {startInPty, type Pty} from '../helpers/pty.ts';

export type Row = ReadonlyArray<string | number>;
export type Bench = {title: string; columns: readonly string[]; rows: readonly Row[]; note?: string};

export const launcher = fileURLToPath(new URL('../../bin/deployctl.js', import.meta.url));

export const percentile = (values: readonly number[], share: number) => {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
export const median = (values: readonly number[]) => percentile(values, 0.5);
export const milliseconds = (value: number) => value.toFixed(1);
export const ratio = (value: number, base: number) => `${(value / base).toFixed(2)}×`;

/** Runs each case once per round, in turn, so that a slow moment of the machine hits all alike. The first round warms up. */
export const interleaved = async (cases: Readonly<Record<string, () => Promise<number>>>, rounds: number) => {
	const results: Record<string, number[]> = {};
	for (let round = 0; round <= rounds; round++) {
		for (const [name, run] of Object.entries(cases)) {
			const value = await run();
			if (round > 0) {
				(results[name] ??= []).push(value);
			}
		}
	}
	return results;
};

export const pause = (ms: number) =>
	new Promise<void>(resolve => {
		setTimeout(resolve, ms);
	});

/** The real program against a simulated GitHub whose clock stands still unless moved: nothing happens but what the bench does. */
export const simulatedGitHub = async (scenario: string) => {
	let now = Date.now();
	let speed = 0;
	let setAt = performance.now();
	const clock = {now: () => now + (performance.now() - setAt) * speed};
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-bench-'));
	const {scenarioNamed} = await import('../../source/simulator/scenarios/scenarios.ts');
	// The program lives in our time; so must the repository.
	const simulator = await startSimulator({
		scenario: {...scenarioNamed(scenario), startsAt: new Date(now).toISOString()},
		clock,
	});
	const env = {
		HOME: folder,
		XDG_CACHE_HOME: join(folder, 'cache'),
		XDG_CONFIG_HOME: join(folder, 'config'),
		XDG_STATE_HOME: join(folder, 'state'),
		GH_TOKEN: 'sim_classic',
		GITHUB_API_URL: simulator.restUrl,
		GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
	};
	return {
		simulator,
		folder,
		env,
		now: clock.now,
		/** Moves the repository's clock forward, milliseconds. */
		jump(ms: number) {
			now += ms;
		},
		/** Seconds of the repository per second of ours; 0 stops it. */
		run(newSpeed: number) {
			now = clock.now();
			setAt = performance.now();
			speed = newSpeed;
		},
		open: (columns: number, rows: number) =>
			startInPty(process.execPath, [launcher, '--repo', 'acme/auto-author'], {columns, rows, cwd: folder, env}),
		async close() {
			await simulator.close();
			rmSync(folder, {recursive: true, force: true});
		},
	};
};

/** Ends the program as a person would, so that it saves what it saves. */
export const quit = async (screen: Pty) => {
	screen.write('q');
	await Promise.race([screen.exited, pause(2000)]);
	await screen.close();
};

/** CPU time of a process, milliseconds (Linux). */
export const cpuOf = (pid: number) => {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** Resident memory of a process, MB (Linux). */
export const memoryOf = (pid: number) =>
	Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
