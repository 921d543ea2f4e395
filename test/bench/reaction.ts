/** From a change on GitHub (simulated) to the changed frame: poll interval, request, state, frame and terminal together. */
import {milliseconds, pause, percentile, quit, simulatedGitHub, type Bench} from './measure.ts';

const changes = 25;

/** What a finished job changes on the screen; spinners, bars and ages do not count. */
const verdicts = (screen: string) => [...screen.matchAll(/[✔✖]|\d+\/\d+/g)].join(' ');

export const reaction = async (): Promise<Bench> => {
	const github = await simulatedGitHub('release');
	const {simulation} = github.simulator;
	const finished = () => [...simulation.state.jobs.values()].filter(job => job.completedAt !== null).length;
	const screen = github.open(200, 60);
	await screen.waitFor(/live/);
	await pause(2000);
	const latencies: number[] = [];
	let missed = 0;
	for (let change = 0; change < changes; change++) {
		await pause(1200 + ((change * 137) % 1000));
		const before = verdicts(screen.text());
		const jobs = finished();
		for (let step = 0; step < 600 && finished() === jobs; step++) {
			github.jump(2000);
			simulation.advanceTo(github.now());
		}
		if (finished() === jobs) {
			break;
		}
		const started = performance.now();
		try {
			await screen.waitFor(text => verdicts(text) !== before, 15_000);
			latencies.push(performance.now() - started);
		} catch {
			missed++;
		}
	}
	await quit(screen);
	await github.close();
	return {
		title: 'A job ends on GitHub → the frame that says so',
		columns: ['changes', 'p50 ms', 'p95 ms', 'max ms', 'not seen on this screen within 15 s'],
		rows: [[latencies.length, ...[0.5, 0.95, 1].map(share => milliseconds(percentile(latencies, share))), missed]],
		note: 'While something runs the program asks once a second: half of that is waiting. A job outside the first rows of its panel changes nothing that can be seen.',
	};
};
