/** From the wish to the plan with all its evidence, and from the phrase to production's branch: built supervisor and promoter against the simulated GitHub. */
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {createJournalReader} from '../../source/operations/journal/journal-reader.ts';
import {openPromotable} from '../helpers/promotable.ts';
import {type Bench, median, milliseconds, percentile, ratio} from './measure.ts';

const rounds = 8;
const dist = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

const timed = async <Value>(act: () => Promise<Value>): Promise<readonly [number, Value]> => {
	const began = performance.now();
	const value = await act();
	return [performance.now() - began, value];
};

const bareNode = () =>
	new Promise<void>((resolve, reject) => {
		spawn(process.execPath, ['-e', '0'], {stdio: 'ignore'})
			.once('error', reject)
			.once('exit', () => resolve());
	});

export const promotion = async (): Promise<Bench> => {
	if (!existsSync(dist('promoter.js'))) throw new Error('This bench measures the built program: npm run build');
	const times: Record<'node' | 'plan' | 'gate' | 'branch' | 'done', number[]> = {
		node: [],
		plan: [],
		gate: [],
		branch: [],
		done: [],
	};
	const requests: Record<'plan' | 'promotion', number[]> = {plan: [], promotion: []};
	for (let round = 0; round < rounds; round++) {
		const ends: Array<() => unknown> = [];
		const place = await openPromotable(
			{
				after: (end: () => unknown) => {
					ends.push(end);
				},
			},
			{speed: 240},
		);
		const built = place.operator('bench', undefined, {
			supervisor: {command: [process.execPath, dist('supervisor.js')], env: place.env},
			promoter: [process.execPath, dist('promoter.js')],
		});
		try {
			times.node.push((await timed(bareNode))[0]);
			const before = place.simulator.counters.requests;
			const [planned, plan] = await timed(() =>
				built.operations.plan({kind: 'promote', environment: 'production', sha: null}, []),
			);
			times.plan.push(planned);
			const between = place.simulator.counters.requests;
			requests.plan.push(between - before);
			const pressed = Date.now();
			const started = await built.operations.start(plan, {phrase: plan.phrase});
			if (!started.ok) throw new Error(started.because);
			const ended = await place.endedOf(built.operations, plan.id);
			if (ended.outcome !== 'succeeded') throw new Error(ended.because);
			requests.promotion.push(place.simulator.counters.requests - between);
			const {records} = await createJournalReader(built.paths.journal).read();
			const at = (step: string) =>
				records.find(record => record.type === 'step-passed' && record.step === step)!.at - pressed;
			times.gate.push(at('gate'));
			times.branch.push(at('branch'));
			times.done.push(ended.finishedAt! - pressed);
		} finally {
			for (const end of ends) await end();
		}
	}
	const node = median(times.node);
	const row = (name: string, values: readonly number[]) => [
		name,
		milliseconds(median(values)),
		milliseconds(percentile(values, 0.95)),
		ratio(median(values), node),
	];
	return {
		title: 'Promotion',
		columns: ['what', 'median', 'p95', '× `node -e 0`'],
		rows: [
			row('`node -e 0`', times.node),
			row('plan with the whole gate (production asked five times, 0.8 s of it)', times.plan),
			row('phrase → gate read again twice, lock held', times.gate),
			row('phrase → branch moved with lock and tag', times.branch),
			row('phrase → production reports it (workflow at 240 times its speed)', times.done),
		],
		note: `Requests to GitHub, median: ${median(requests.plan)} for the plan, ${median(requests.promotion)} from the phrase to the end.`,
	};
};
