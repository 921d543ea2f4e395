/** What the GraphQL path remembers from one question to the next. */
import type {RunFact} from '../../core/github/facts.ts';
import {remember} from '../http/bounded.ts';
import {limits} from '../queries/documents.ts';
import {isWaiting} from './graphql-pages.ts';

/** What one answer teaches about the next question. */
export function createMemory(commits: number) {
	/** Suite of a job. */
	const homes = new Map<number, string>();
	const suiteOfRun = new Map<number, string>();
	return {
		commits,
		suites: 20,
		waiting: [] as string[],
		homes,
		suiteOfRun,
		learn(runs: readonly RunFact[], isWhole: boolean) {
			// A narrow answer does not have all runs that wait: those that it lacks still do.
			const settled = new Set(runs.map(({suiteId}) => suiteId));
			const waiting = runs.filter(run => isWaiting(run)).flatMap(({suiteId}) => suiteId ?? []);
			this.waiting = [...waiting, ...this.waiting.filter(id => !isWhole && !settled.has(id))].slice(
				0,
				limits.waiting,
			);
			for (const run of runs) {
				if (run.suiteId !== null) {
					remember(suiteOfRun, run.id, run.suiteId, 5000);
					for (const job of run.jobs ?? []) {
						remember(homes, job.id, run.suiteId, 5000);
					}
				}
			}
		},
	};
}
