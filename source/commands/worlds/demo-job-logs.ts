/** The demo's logs of jobs: from its own GitHub, kept for as long as it runs. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JobLogs} from '../../core/runs/job-log.ts';
import {realClock} from '../../edges/clock.ts';
import type {WorkerAnswer} from '../../simulator/worker.ts';
import type {Clock} from '../../world.ts';
import {lazyJobLogs} from './lazy-job-logs.ts';

type Options = {repository: string; token: string; clock: Clock; ready: Promise<WorkerAnswer>};

export const demoJobLogs = ({repository, token, clock, ready}: Options): {world: JobLogs; close(): Promise<void>} => {
	let folder: Promise<string> | undefined;
	const make = async (): Promise<JobLogs> => {
		const [{graphqlUrl, restUrl}, {createJobLogs}, {createLogFetch}, {logCache}] = await Promise.all([
			ready,
			import('../../logs/job-logs.ts'),
			import('../../github/artifacts/job-logs.ts'),
			import('../../github/artifacts/log-cache.ts'),
		]);
		const directory = await (folder ??= mkdtemp(join(tmpdir(), 'deployctl-demo-logs-')));
		// Jobs end in the pipeline's time; the network lives in the wall's.
		const mixed: Clock = {
			now: () => clock.now(),
			after: (milliseconds, signal) => realClock.after(milliseconds, signal),
		};
		const fetch = createLogFetch({
			endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token},
			repository,
			clock: mixed,
			cache: logCache(directory, 'demo', repository),
		});
		return createJobLogs({fetch, secrets: [], clock: realClock});
	};
	return {
		world: lazyJobLogs(make),
		async close() {
			if (folder) await rm(await folder, {recursive: true, force: true});
		},
	};
};
