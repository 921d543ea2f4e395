/** Logs of jobs: what reads them is loaded when the first one is opened, and its token and network are needed only then. */
import {secretsFrom} from '../../core/text/mask.ts';
import {absent, type JobLog, type JobLogs, type LogFetch} from '../../core/runs/job-log.ts';
import {realClock} from '../../edges/clock.ts';
import {Failure, failureSentence} from '../../errors.ts';
import type {Access} from '../../settings/access/token.ts';
import type {Context} from '../desk/context.ts';
import {madeOnce} from './made-once.ts';

export const lazyJobLogs = (make: () => Promise<JobLogs>): JobLogs => {
	const real = madeOnce(make);
	return {
		open(job) {
			const opened = real().then((logs): JobLog => logs.open(job));
			// It is told to whoever reads.
			opened.catch(() => {});
			return {
				read: async wanted => (await opened).read(wanted),
				find: async (...search) => (await opened).find(...search),
				tally: async (...search) => (await opened).tally(...search),
				retry: () => {
					opened.then(
						log => log.retry(),
						() => {},
					);
				},
				close: () =>
					opened.then(
						log => log.close(),
						() => {},
					),
			};
		},
	};
};

type Options = {access(): Promise<Access>; repository: string; directory: string; host: string; env: Context['env']};

/** The real World's. */
export const realJobLogs = ({access, repository, directory, host, env}: Options): JobLogs =>
	lazyJobLogs(async () => {
		const [{createJobLogs}, {createLogFetch}, {logCache}] = await Promise.all([
			import('../../logs/job-logs.ts'),
			import('../../github/artifacts/job-logs.ts'),
			import('../../github/artifacts/log-cache.ts'),
		]);
		// After `gh auth login` in another window the next question finds the token.
		const fetching = madeOnce(async () => {
			const {token, host: tokenHost, apiUrl, graphqlUrl} = await access();
			return createLogFetch({
				endpoint: {host: tokenHost, apiUrl, graphqlUrl, token},
				repository,
				clock: realClock,
				cache: logCache(directory, host, repository),
			});
		});
		const fetch: LogFetch = async (job, signal, coming) => {
			try {
				return await (
					await fetching()
				)(job, signal, coming);
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				return absent('not-permitted', failureSentence(error), error.next ? `${error.next}.` : null);
			}
		};
		return createJobLogs({fetch, secrets: secretsFrom(env), clock: realClock});
	});
