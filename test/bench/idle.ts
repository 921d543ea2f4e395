/** What the program costs when nobody touches it (Linux only: /proc). */
import {cpuOf, memoryOf, pause, quit, simulatedGitHub, type Bench, type Row} from './measure.ts';

const windowMs = 10_000;

export const idle = async (): Promise<Bench> => {
	const rows: Row[] = [];
	for (const [scenario, name] of [
		['quiet', 'clock only (nothing runs, a poll each 10 s)'],
		['release', 'spinner and a poll each second'],
	] as const) {
		const github = await simulatedGitHub(scenario);
		const screen = github.open(200, 60);
		await screen.waitFor(/live/);
		await pause(3000);
		const cpu = cpuOf(screen.pid);
		const bytes = screen.raw().length;
		await pause(windowMs);
		rows.push([
			name,
			`${(((cpuOf(screen.pid) - cpu) / windowMs) * 100).toFixed(1)} %`,
			Math.round((screen.raw().length - bytes) / (windowMs / 1000)),
			memoryOf(screen.pid).toFixed(0),
		]);
		await quit(screen);
		await github.close();
	}
	return {title: 'Idle, 200×60', columns: ['what', 'CPU of one core', 'bytes a second', 'RSS MB'], rows};
};
