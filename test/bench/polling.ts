/** What polling costs, counted by the simulator, in simulated time; and what ten thousand polls leave in memory. */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {activityOf} from '../../source/core/polling/pace.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {openApp} from '../helpers/app.ts';
import {type Cost, looksAt} from '../helpers/looks.ts';
import type {Bench, Row} from './measure.ts';

const minute = 60_000;

/** Stands in for the test that the helper would be closed with. */
const ending = () => {
	const steps: Array<() => unknown> = [];
	return {
		test: {
			after(step: unknown) {
				steps.push(step as () => unknown);
			},
		},
		async close() {
			for (const step of steps) await step();
		},
	};
};

/** Points by what the pipeline was doing, second by second. */
const costs = async (scenario: string, minutes: number) => {
	const {test, close} = ending();
	const app = await openApp({scenario}, test);
	const {counters} = app.simulator;
	const byActivity = new Map<string, {seconds: number; points: number; polls: number}>();
	await app.advance(10_000);
	let points = counters.points;
	let polls = app.questions.length;
	for (let second = 0; second < minutes * 60; second++) {
		const activity = activityOf(app.state().snapshot);
		await app.advance(1000);
		const sum = byActivity.get(activity) ?? {seconds: 0, points: 0, polls: 0};
		byActivity.set(activity, {
			seconds: sum.seconds + 1,
			points: sum.points + counters.points - points,
			polls: sum.polls + app.questions.length - polls,
		});
		({points} = counters);
		polls = app.questions.length;
	}
	await close();
	return byActivity;
};

const collectGarbage = () => {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	collect();
	collect();
};
const heapMegabytes = () => {
	collectGarbage();
	return process.memoryUsage().heapUsed / 1024 / 1024;
};

const memory = async (): Promise<Row[]> => {
	const {test, close} = ending();
	const app = await openApp({scenario: 'release'}, test);
	const rows: Row[] = [];
	for (const polls of [100, 1000, 5000, 10_000]) {
		while (app.questions.length < polls) {
			await app.advance(minute);
		}
		rows.push([`heap after ${polls} polls, simulator included`, '', '', `${heapMegabytes().toFixed(1)} MB`]);
	}
	await close();
	return rows;
};

const tableOf = (columns: readonly string[], rows: readonly Row[]): string =>
	[columns, columns.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');

const withDefault = (name: string, defaultBranch: string): Scenario => {
	const base = scenarioNamed(name);
	return {...base, repository: {...base.repository, defaultBranch}};
};

/** Each look as it is, and what of it is for evidence alone: without the rules it would cost the difference. */
const evidence = async (): Promise<Row[]> => {
	const rows: Row[] = [];
	for (const [token, kind] of [
		['sim_classic', 'GraphQL'],
		['sim_fine-grained', 'REST alone'],
	] as const) {
		for (const name of ['quiet', 'release']) {
			for (const branch of ['develop', 'main']) {
				const {first, later} = await looksAt(withDefault(name, branch), {token, minutes: 30});
				const mean = (of: (cost: Cost) => number) =>
					(later.reduce((sum, cost) => sum + of(cost), 0) / later.length).toFixed(2);
				const what = `${name}, default branch ${branch}, ${kind}`;
				rows.push([
					`${what}: the first`,
					first.queries,
					first.points,
					first.rest,
					first.counted,
					first.evidence.rest,
					first.evidence.counted,
				]);
				rows.push([
					`${what}: later, mean`,
					mean(({queries}) => queries),
					mean(({points}) => points),
					mean(({rest}) => rest),
					mean(({counted}) => counted),
					mean(cost => cost.evidence.rest),
					mean(cost => cost.evidence.counted),
				]);
			}
		}
	}
	return rows;
};

export const polling = async (): Promise<Bench> => {
	const rows: Row[] = [];
	for (const [scenario, minutes] of [
		['release', 30],
		['approval', 30],
		['quiet', 60],
	] as const) {
		for (const [activity, {seconds, points, polls}] of await costs(scenario, minutes)) {
			rows.push([
				`${scenario}, ${activity} (${Math.round(seconds / 6) / 10} min)`,
				(seconds / Math.max(1, polls)).toFixed(1),
				(points / Math.max(1, polls)).toFixed(2),
				Math.round((points / seconds) * 3600),
			]);
		}
	}
	return {
		title: 'Polling',
		columns: ['what', 'seconds between polls', 'points a poll', 'points an hour'],
		rows: [...rows, ...(await memory())],
		note: `GitHub allows 5,000 points an hour.\n\n${tableOf(['a look (overview, and what it lacks), every 10 s', 'queries', 'points', 'REST requests', 'of these not free', 'for evidence alone', 'of these not free'], await evidence())}`,
	};
};
