/** What the GraphQL path remembers from one question to the next. */
import type {RunFact} from '../core/facts.ts';
import {limits} from './documents.ts';
import {isWaiting} from './graphql-pages.ts';

/** What one answer teaches about the next question. */
export function createMemory(commitsShown: number) {
	const homes = new Map<number, {suiteId: string; runId: number}>();
	const suiteOfRun = new Map<number, string>();
	return {
		commits: commitsShown,
		suites: 20,
		waiting: [] as string[],
		homes,
		suiteOfRun,
		/** Bounded, oldest first out. */
		learn(runs: readonly RunFact[]) {
			this.waiting = runs.filter((run) => isWaiting(run)).flatMap(({suiteId}) => suiteId ?? []).slice(0, limits.waiting);
			for (const run of runs) {
				if (run.suiteId !== null) {
					suiteOfRun.set(run.id, run.suiteId);
					for (const job of run.jobs ?? []) {
						homes.set(job.id, {suiteId: run.suiteId, runId: run.id});
					}
				}
			}

			for (const map of [homes, suiteOfRun]) {
				for (const id of map.keys()) {
					if (map.size <= 5000) {
						break;
					}

					map.delete(id);
				}
			}
		},
	};
}
