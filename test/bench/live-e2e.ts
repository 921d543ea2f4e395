/** From the end of a test in a real Playwright to the frame of the built program that shows it; and what reporters and screen ask for. */
import {doneIn, names, watchLiveE2e} from '../helpers/live-e2e.ts';
import {milliseconds, percentile, type Bench, type Row} from './measure.ts';

const tests = 160;

export const liveE2e = async (): Promise<Bench> => {
	const cleanUps: Array<() => unknown> = [];
	const live = await watchLiveE2e(
		{after: (call: () => unknown) => cleanUps.push(call)},
		{columns: 200, rows: 60, more: () => ({E2E_FOLDER: 'load', E2E_TESTS: String(tests)}), args: ['--retries=0']},
	);
	await live.screen.waitFor(new RegExp(`E2E tests ✖ failed +${tests}/${tests}`), 20_000);
	await live.stop();
	const {frames, ends, shards, staging, tookMs, began} = live;
	const seenAt = (isThere: (text: string) => boolean): number | null =>
		frames.find(({text}) => isThere(text))?.at ?? null;
	const after = (at: number, seen: number | null) => (seen === null ? [] : [seen - at]);
	const failures = ends.flat().filter(({outcome}) => outcome === 'unexpected');
	const failed = failures.flatMap(({title, at}) =>
		after(
			at,
			seenAt(text => names(text, title)),
		),
	);
	const counted = ends.flatMap((list, shard) =>
		list.flatMap(({at}, index) =>
			after(
				at,
				seenAt(text => doneIn(text, shard + 1) > index),
			),
		),
	);
	const finished = shards.flatMap(({index, endedAt}) =>
		after(
			endedAt,
			seenAt(text => new RegExp(`[✔✖] ${index}/4`).test(text)),
		),
	);
	const latency = (what: string, of: number, values: readonly number[]): Row => [
		what,
		of,
		values.length,
		...[0.5, 0.95, 1].map(share => milliseconds(percentile(values, share))),
	];
	const during = staging.requests.filter(({at}) => at >= began && at <= began + tookMs);
	const perHour = (count: number) => Math.round((count / tookMs) * 3_600_000);
	const posts = during.filter(({method, path}) => method === 'POST' && path.includes('/statuses/'));
	const asked = during.filter(({operation}) => operation !== null).length;
	const rest = during.filter(
		({method, operation, path}) => operation === null && method === 'GET' && !path.startsWith('/_'),
	).length;
	const points = staging.simulator.budgetOf('sim_classic').look('graphql', staging.clock.now())?.used ?? 0;
	const pointsPerHour = Math.round((points / (Date.now() - began)) * 3_600_000);
	for (const cleanUp of cleanUps.toReversed()) await cleanUp();
	return {
		title: `A test ends in one of four shards → the frame that shows it (${tests} tests in ${Math.round(tookMs / 1000)} s)`,
		columns: ['what', 'happened', 'seen', 'p50 ms', 'p95 ms', 'max ms'],
		rows: [
			latency('a test fails → it is in the list of failures', failures.length, failed),
			latency("a test ends → its shard's count has it", ends.flat().length, counted),
			latency('a shard ends → its mark says so', shards.length, finished),
		],
		note: `Requests, and an hour of this pace: reporters ${posts.length} posts (${perHour(posts.length)} an hour; progress is held to 220 an hour for all shards of a run, so a longer run is told more slowly), screen ${asked} GraphQL (${perHour(asked)} an hour, about ${pointsPerHour} points of 5,000) and ${rest} REST (${perHour(rest)} an hour). Reporters say progress every five seconds at most: that is what counts wait for.`,
	};
};
