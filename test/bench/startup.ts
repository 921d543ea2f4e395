/** From the start of the process to the first bytes on the terminal. Everything in pseudo-terminals, also the bare Node.js. */
import {startInPty, type Pty} from '../helpers/pty.ts';
import {buildSample} from '../helpers/built-sample.ts';
import {interleaved, launcher, median, milliseconds, quit, ratio, simulatedGitHub, type Bench} from './measure.ts';

/** Synchronised update begins: the first that Ink writes of a frame. */
const frameBegins = '\u001B[?2026h';
const until = async (screen: Pty, isThere: (raw: string) => boolean, end: (screen: Pty) => Promise<void>) => {
	const ms = await screen.waitFor(() => isThere(screen.raw()));
	await end(screen);
	return ms;
};
const settledQuit = async (screen: Pty) => {
	// The first answer must be in, or there would be no state to keep for the next start.
	await screen.waitFor(/● live/, 5000).catch(() => 0);
	await quit(screen);
};
const hardEnd = (screen: Pty) => screen.close();

export const startup = async (): Promise<Bench> => {
	const sizes = [
		[120, 40],
		[200, 60],
	] as const;
	const github = await simulatedGitHub('release');
	const tuned = await buildSample();
	const plain = await buildSample({tuned: false});
	const cases: Record<string, () => Promise<number>> = {
		'node -e 0': async () => {
			const started = performance.now();
			const screen = startInPty(process.execPath, ['-e', '0']);
			await screen.exited;
			return performance.now() - started;
		},
	};
	for (const [columns, rows] of sizes) {
		const at = `${columns}×${rows}`;
		const open = () => github.open(columns, rows);
		const hello = (sample: typeof tuned) =>
			startInPty(process.execPath, [sample.launcher], {columns, rows, cwd: sample.folder, env: sample.env});
		cases[`skeleton, ${at}`] = () => until(open(), raw => raw.includes('acme/auto-author'), settledQuit);
		cases[`first frame, last known state, ${at}`] = () =>
			until(open(), raw => raw.includes(frameBegins), settledQuit);
		cases[`first frame of the demo, ${at}`] = () =>
			until(
				startInPty(process.execPath, [launcher, 'demo'], {columns, rows, env: github.env}),
				raw => raw.includes(frameBegins),
				hardEnd,
			);
		cases[`three empty panels, tuned, ${at}`] = () =>
			until(hello(tuned), raw => raw.includes(frameBegins), hardEnd);
		cases[`three empty panels, Ink as it comes, ${at}`] = () =>
			until(hello(plain), raw => raw.includes(frameBegins), hardEnd);
	}
	try {
		const results = await interleaved(cases, 11);
		const base = median(results['node -e 0'] ?? []);
		return {
			title: 'Start',
			columns: ['what', 'median ms', 'ratio'],
			rows: Object.entries(results).map(([name, values]) => [
				name,
				milliseconds(median(values)),
				ratio(median(values), base),
			]),
			note: 'First frame: its first byte on the terminal. The real program against a simulated GitHub, with a warm compile cache.',
		};
	} finally {
		await github.close();
		tuned.remove();
		plain.remove();
	}
};
