/** The demo's logs of jobs: from its own GitHub, kept for as long as it runs. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JobLogs, LogFetch} from '../core/job-log.ts';
import {realClock} from '../edges/clock.ts';
import {createLogFetch} from '../github/job-logs.ts';
import {logCache} from '../github/log-cache.ts';
import {createJobLogs} from '../logs/job-logs.ts';
import type {WorkerAnswer} from '../simulator/worker.ts';
import type {Clock} from '../world.ts';

type Options = {repository: string; token: string; clock: Clock; ready: Promise<WorkerAnswer>};

export const demoJobLogs = ({repository, token, clock, ready}: Options): {world: JobLogs; close(): Promise<void>} => {
	let folder: Promise<string> | undefined;
	let made: Promise<LogFetch> | undefined;
	const make = async (): Promise<LogFetch> => {
		const {graphqlUrl, restUrl} = await ready;
		const directory = await (folder ??= mkdtemp(join(tmpdir(), 'deployctl-demo-logs-')));
		// Jobs end in the pipeline's time; the network lives in the wall's.
		const mixed: Clock = {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)};
		return createLogFetch({endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token}, repository, clock: mixed, cache: logCache(directory, 'demo', repository)});
	};
	return {
		world: createJobLogs({fetch: async (job, signal, coming) => (await (made ??= make()))(job, signal, coming), secrets: [], clock: realClock}),
		async close() {
			if (folder) await rm(await folder, {recursive: true, force: true});
		},
	};
};
