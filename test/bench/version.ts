/** `deployctl --version`, against a bare Node.js. */
import {spawn} from 'node:child_process';
import {interleaved, launcher, median, milliseconds, ratio, type Bench} from './measure.ts';

const timeToExit = (args: readonly string[]) => () =>
	new Promise<number>(resolve => {
		const started = performance.now();
		spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'ignore']}).on('close', () =>
			resolve(performance.now() - started),
		);
	});

export const version = async (): Promise<Bench> => {
	const results = await interleaved(
		{'node -e 0': timeToExit(['-e', '0']), 'deployctl --version': timeToExit([launcher, '--version'])},
		31,
	);
	const base = median(results['node -e 0'] ?? []);
	return {
		title: 'Version, start to exit',
		columns: ['what', 'median ms', 'ratio'],
		rows: Object.entries(results).map(([name, values]) => [
			name,
			milliseconds(median(values)),
			ratio(median(values), base),
		]),
	};
};
