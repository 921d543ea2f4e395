/** From a key press to the frame that answers it, through the pseudo-terminal: what a person feels. */
import type {Pty} from '../helpers/pty.ts';
import {launcher, milliseconds, pause, percentile, quit, simulatedGitHub, type Bench, type Row} from './measure.ts';
import {startInPty} from '../helpers/pty.ts';

const presses = 150;
const quietMs = 25;

const measure = async (screen: Pty) => {
	const latencies: number[] = [];
	const sizes: number[] = [];
	for (let press = 0; press < presses; press++) {
		const before = screen.raw().length;
		const started = performance.now();
		screen.write(press % 10 < 5 ? 'j' : 'k');
		await screen.waitFor(() => screen.raw().length > before, 2000);
		latencies.push(performance.now() - started);
		await pause(quietMs + ((press * 7) % 20));
		sizes.push(Buffer.byteLength(screen.raw().slice(before)));
	}
	return {latencies, sizes};
};

const row = (name: string, {latencies, sizes}: Awaited<ReturnType<typeof measure>>): Row => [
	name,
	...[0.5, 0.95, 0.99].map(share => milliseconds(percentile(latencies, share))),
	percentile(sizes, 0.5),
];

export const keys = async (): Promise<Bench> => {
	const rows: Row[] = [];
	for (const [columns, lines] of [
		[120, 40],
		[200, 60],
	] as const) {
		const github = await simulatedGitHub('quiet');
		const still = github.open(columns, lines);
		await still.waitFor(/live/);
		await pause(1000);
		rows.push(row(`quiet pipeline, ${columns}×${lines}`, await measure(still)));
		await quit(still);
		const busy = startInPty(process.execPath, [launcher, 'demo'], {columns, rows: lines, env: github.env});
		await busy.waitFor(/live/);
		await pause(1000);
		rows.push(row(`demo: spinner, clock, polls each second, ${columns}×${lines}`, await measure(busy)));
		await busy.close();
		await github.close();
	}
	return {
		title: 'Key press to frame',
		columns: ['what', 'p50 ms', 'p95 ms', 'p99 ms', 'bytes per frame (median)'],
		rows,
		note: `${presses} presses of j and k. With a spinner, some answers are the spinner's frame that happened to come first.`,
	};
};
