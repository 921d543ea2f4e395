/** The real World's logs of jobs: token and network are needed only when the first one is opened. */
import {absent, type JobLogs, type LogFetch} from '../core/job-log.ts';
import {secretsFrom} from '../core/mask.ts';
import {realClock} from '../edges/clock.ts';
import {Failure} from '../errors.ts';
import {logCache} from '../github/log-cache.ts';
import {createJobLogs} from '../logs/job-logs.ts';
import type {Access} from '../settings/token.ts';
import type {Context} from './context.ts';

type Options = {access(): Promise<Access>; repository: string; directory: string; host: string; env: Context['env']};

export const lazyJobLogs = ({access, repository, directory, host, env}: Options): JobLogs => {
	let made: Promise<LogFetch> | undefined;
	const make = async () => {
		const {token, host: tokenHost, apiUrl, graphqlUrl} = await access();
		const {createLogFetch} = await import('../github/job-logs.ts');
		return createLogFetch({endpoint: {host: tokenHost, apiUrl, graphqlUrl, token}, repository, clock: realClock, cache: logCache(directory, host, repository)});
	};
	const fetch: LogFetch = async (job, signal, coming) => {
		try {
			// After `gh auth login` in another window the next question finds the token.
			made ??= make().catch((error: unknown) => {
				made = undefined;
				throw error;
			});
			return await (await made)(job, signal, coming);
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			return absent('not-permitted', error.because ? `${error.message}: ${error.because}` : error.message, error.next ? `${error.next}.` : null);
		}
	};
	return createJobLogs({fetch, secrets: secretsFrom(env), clock: realClock});
};
