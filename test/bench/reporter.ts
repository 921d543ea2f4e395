/** From the end of a failing test in a real Playwright to the moment when everybody can read it on the commit; and what that costs. */
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseShardWord} from '../../source/core/tests/progress.ts';
import {createProject, createStaging} from '../helpers/playwright.ts';
import {milliseconds, pause, percentile, type Bench} from './measure.ts';

const tests = 240;

export const reporter = async (): Promise<Bench> => {
	const cleanUps: Array<() => unknown> = [];
	const t = {after: (call: () => unknown) => cleanUps.push(call)} as unknown as Parameters<typeof createProject>[0];
	const project = createProject(t);
	const staging = await createStaging(t);
	const times = (index: number) => join(project.folder, `times-${index}`);
	const began = Date.now();
	const over = {count: 0};
	const runs = [1, 2, 3, 4].map(async index => {
		await project.run([`--shard=${index}/4`, '--retries=0'], {
			...staging.env,
			E2E_FOLDER: 'load',
			E2E_TESTS: String(tests),
			E2E_TIMES: times(index),
			E2E_OUTPUT: join(project.folder, `output-${index}`),
		});
		over.count += 1;
	});
	/** By title: when it could first be read. */
	const readable = new Map<string, number>();
	while (over.count < 4) {
		for (const {description} of await staging.statuses()) {
			const title = parseShardWord(description)?.failure?.title;
			if (title !== undefined && !readable.has(title)) readable.set(title, Date.now());
		}
		await pause(100);
	}
	await Promise.all(runs);
	const tookMs = Date.now() - began;
	const ended = [1, 2, 3, 4]
		.map(times)
		.filter(path => existsSync(path))
		.flatMap(path =>
			readFileSync(path, 'utf8')
				.trim()
				.split('\n')
				.map(line => JSON.parse(line) as {title: string; outcome: string; at: number}),
		)
		.filter(({outcome}) => outcome === 'unexpected');
	const latencies = ended.flatMap(({title, at}) => (readable.has(title) ? [readable.get(title)! - at] : []));
	const posts = staging.requests.filter(({method}) => method === 'POST').length;
	const failures = staging.requests.filter(({method, body}) => method === 'POST' && body.includes('✗')).length;
	for (const cleanUp of cleanUps.toReversed()) await cleanUp();
	return {
		title: 'A test fails in one of four shards → its status can be read',
		columns: [
			'failures',
			'seen',
			'p50 ms',
			'p95 ms',
			'max ms',
			'run s',
			'requests',
			'of them failures',
			'requests a shard',
		],
		rows: [
			[
				ended.length,
				latencies.length,
				...[0.5, 0.95, 1].map(share => milliseconds(percentile(latencies, share))),
				Math.round(tookMs / 1000),
				posts,
				failures,
				(posts / 4).toFixed(1),
			],
		],
		note: 'The poll of this measurement adds up to 100 ms and a request, because it has limits, too. Two failures of a shard within a second are told a second apart. A run that takes an hour slows its progress down: four shards stay at 220 requests and what their failures need (test/reporter-publisher.test.ts holds that).',
	};
};
