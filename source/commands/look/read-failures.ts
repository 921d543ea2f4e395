/** Single tests for commands that print and end: read once, for the commits that have failures to tell of. */
import {type Candidate, type Tier, tierNames} from '../../core/pipeline/pipeline.ts';
import type {ReportedFailure} from '../../core/snapshot/report.ts';
import {shardTotals} from '../../core/evidence/shards.ts';
import type {TestsQuestion} from '../../core/tests/tests.ts';
import {isFinal} from '../../core/pipeline/words.ts';
import {failingOf} from '../../state/tests/test-select.ts';
import {initialTests, type RunTests} from '../../state/model/tests-state.ts';
import type {World} from '../../world.ts';

/** Newest first: older failures are history, and each costs a few requests. */
const commitsAtMost = 3;

const hasFailures = ({shards}: Tier): boolean => {
	const totals = shardTotals(shards);
	return totals !== null && totals.failed + totals.flaky > 0;
};

const questionOf = (sha: string, {workflow, runId, attempt, shards}: Tier): TestsQuestion | null =>
	runId === null || attempt === null
		? null
		: {
				sha,
				workflow,
				runId,
				attempt,
				jobs: [],
				live: shards.some(({status, progress}) => !isFinal(status) && (progress?.failed ?? 0) > 0),
				ended: shards
					.filter(
						({status, progress}) => isFinal(status) && (progress?.failed ?? 0) + (progress?.flaky ?? 0) > 0,
					)
					.map(({index, total}) => ({index, total})),
			};

/** What cannot be read is missing: the counts of the shards say how many there are. */
export const readFailures = async (
	{tests}: World,
	candidates: readonly Candidate[],
): Promise<(tier: Tier) => readonly ReportedFailure[]> => {
	const questions = candidates
		.filter(({tiers}) => tierNames.some(name => tiers[name] && hasFailures(tiers[name])))
		.slice(0, commitsAtMost)
		.flatMap(({sha, tiers}) =>
			tierNames.flatMap(name =>
				tiers[name] && hasFailures(tiers[name]) ? (questionOf(sha, tiers[name]) ?? []) : [],
			),
		);
	let part = initialTests;
	for (const question of tests ? questions : []) {
		const reading = await tests!.read(question);
		const run: RunTests = {
			...question,
			isHistory: true,
			failedThen: {},
			tries: {},
			live: reading.live ?? [],
			isLiveCut: reading.isLiveCut,
			results: reading.results.filter(({attempt}) => attempt === question.attempt),
		};
		part = {...part, history: reading.history, known: [...part.known, run]};
	}
	return tier =>
		failingOf({tests: part}, tier).flatMap(
			({kind, shard, jobId, location, title, message, mark}): readonly ReportedFailure[] =>
				kind === 'job' || kind === 'before'
					? []
					: [
							{
								kind: kind === 'flaky' ? 'flaky' : 'failed',
								shard,
								jobId,
								location,
								title,
								message,
								history: mark,
							},
						],
		);
};
