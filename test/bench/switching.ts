/** Deployments and rollbacks by the real scripts under constant load: requests that fail, and how long a rollback takes. */
import {spawnSync} from 'node:child_process';
import {nginx, openFronted} from '../helpers/fronted.ts';
import {type Bench, median, percentile, ratio, type Row} from './measure.ts';

const rounds = Number(process.env['DEPLOYCTL_SWITCHES'] ?? 20);
const sha = (number: number) => number.toString(16).padStart(2, '0').repeat(20);

const bareNode = (): number => {
	const began = performance.now();
	spawnSync(process.execPath, ['-e', '0']);
	return performance.now() - began;
};

/** Seconds that a step of the script took, from its own words. */
const stepMs = (output: string, step: string): number =>
	Number(new RegExp(` ok ${step} .*?took=([\\d.]+)`).exec(output)?.[1] ?? Number.NaN) * 1000;

const measured = async (front: 'nginx' | 'proxy'): Promise<Row> => {
	const place = await openFronted(front);
	try {
		await place.ready();
		await place.deploy(sha(1));
		const stop = place.load();
		const [rollbacks, validated, overheads, bases]: number[][] = [[], [], [], []];
		let wrong = 0;
		for (let round = 0; round < rounds; round++) {
			const deployed = await place.deploy(sha(round + 2));
			const back = await place.rollback();
			if (deployed.exit !== 0 || back.exit !== 0) wrong++;
			rollbacks!.push(back.tookMs);
			validated!.push(back.validatedMs ?? Number.NaN);
			overheads!.push(
				(deployed.validatedMs ?? Number.NaN) -
					stepMs(deployed.output, 'start') -
					stepMs(deployed.output, 'smoke'),
			);
			bases!.push(bareNode());
		}
		const {sent, failures} = await stop();
		return [
			front,
			rounds * 2,
			wrong,
			sent,
			failures.length,
			median(validated!).toFixed(0),
			percentile(validated!, 0.95).toFixed(0),
			ratio(median(validated!), median(bases!)),
			median(rollbacks!).toFixed(0),
			median(overheads!).toFixed(0),
		];
	} finally {
		place.close();
	}
};

export const switching = async (): Promise<Bench> => {
	const rows: Row[] = [];
	for (const front of ['proxy', 'nginx'] as const)
		rows.push(
			front === 'nginx' && nginx === null
				? ['nginx: not installed', ...Array.from({length: 9}, () => '')]
				: await measured(front),
		);
	return {
		title: 'Switches under load: 16 clients with keep-alive (8 GET, 4 GET of 300 ms, 4 POST)',
		rows,
		columns: [
			'front',
			'switches',
			'that went wrong',
			'requests',
			'failed',
			'rollback validated p50 ms',
			'p95 ms',
			'of `node -e 0`',
			'rollback.sh ended p50 ms',
			'deployment without start and smoke p50 ms',
		],
		note: "A rollback in blue-green mode goes to a release that still runs: nothing of it is the application's own start. After it is validated the script waits for GRACE (0.5 s) before it stops what was left. All under load, on the same cores.",
	};
};
