/** The World's logs of jobs over a simulator, kept in a folder of their own. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createLogFetch, type JobLogOptions} from '../../source/github/artifacts/job-logs.ts';
import {logCache} from '../../source/github/artifacts/log-cache.ts';
import type {JobLogs} from '../../source/core/runs/job-log.ts';
import {createJobLogs} from '../../source/logs/job-logs.ts';
import type {Simulator} from '../../source/simulator/server.ts';
import type {Clock} from '../../source/world.ts';

type Options = {
	simulator: Simulator;
	repository: string;
	token: string;
	clock: Clock;
	secrets?: readonly string[];
	bytesAtMost?: number;
	fetch?: JobLogOptions['fetch'];
};

export const testJobLogs = ({simulator, repository, token, clock, secrets = [], bytesAtMost, fetch}: Options) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-logs-'));
	let underWay = 0;
	const cache = logCache(folder, '127.0.0.1', repository, bytesAtMost);
	const real = createLogFetch({
		endpoint: {host: '127.0.0.1', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token},
		repository,
		clock,
		cache,
		...(fetch && {fetch}),
	});
	const counted =
		<Args extends readonly unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
		async (...args: Args): Promise<Result> => {
			underWay++;
			try {
				return await act(...args);
			} finally {
				underWay--;
			}
		};
	const counting = counted(real);
	const logs = createJobLogs({fetch: counting, secrets, clock});
	// The disk takes real time: who waits for the screen waits for these.
	const world: JobLogs = {
		open(job) {
			const log = logs.open(job);
			return {...log, read: counted(log.read), find: counted(log.find), tally: counted(log.tally)};
		},
	};
	return {
		world,
		fetch: counting,
		cache,
		folder,
		isIdle: () => underWay === 0,
		close: () => rmSync(folder, {recursive: true, force: true}),
	};
};
