/** The verdict on health beside the usual rule, over simulated watches: false alarms, misses and how long it takes. */
import {type CaseName, cases, plainRule, seriesOf, watch} from '../helpers/health-series.ts';
import type {Bench} from './measure.ts';

const watches = 500;

const percent = (count: number): string => `${Math.round((count / watches) * 1000) / 10} %`;
/** Median and 95th percentile in seconds; nothing where nothing was found. */
const seconds = (times: readonly number[]): string => {
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) =>
		Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! / 1000);
	return sorted.length === 0 ? '' : `${at(0.5)} / ${at(0.95)}`;
};

export const verdict = async (): Promise<Bench> => {
	const rows: string[][] = [];
	for (const name of Object.keys(cases) as CaseName[])
		for (const instances of [1, 3, 5]) {
			const [ours, told, usual]: [number[], number[], number[]] = [[], [], []];
			for (let index = 0; index < watches; index++) {
				const series = seriesOf(name, instances, 20_000 + index * 104_729);
				const onset = series.onset ?? 0;
				const {rolledBackAt, toldAt} = watch(series);
				const plain = plainRule(series);
				if (rolledBackAt !== null) ours.push(rolledBackAt - onset);
				if (toldAt !== null) told.push(toldAt - onset);
				if (plain !== null) usual.push(plain - onset);
			}
			const isWanted = cases[name].onset !== null && !(name === 'one of several' && instances > 1);
			rows.push([
				name,
				String(instances),
				isWanted ? 'yes' : 'no',
				percent(ours.length),
				isWanted ? seconds(ours) : '',
				percent(told.length),
				percent(usual.length),
				isWanted ? seconds(usual) : '',
			]);
		}
	return {
		title: `Verdict on health: ${watches} simulated watches a row, a probe every 2 s and instance`,
		columns: [
			'case',
			'instances',
			'to be rolled back',
			'rolled back',
			's after the onset (median / p95)',
			'a person told',
			'3 in a row',
			's',
		],
		rows,
		note: 'The usual rule, “3 in a row”, counts every look at which any instance failed; what it finds before the onset is negative.',
	};
};
