/** Who gets an environment that twenty processes want, 200 times over; and what the journal costs. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JournalEvent} from '../../source/core/operations/journal.ts';
import {foldRecords, nothingFolded} from '../../source/core/operations/journal-fold.ts';
import {createJournal} from '../../source/operations/journal/journal.ts';
import {createJournalReader} from '../../source/operations/journal/journal-reader.ts';
import {verifyJournal} from '../../source/operations/journal/journal-verify.ts';
import {statePaths} from '../../source/operations/files/paths.ts';
import {runRace} from '../helpers/race.ts';
import {median, milliseconds, percentile} from './measure.ts';
import type {Bench, Row} from './measure.ts';

const timed = async (act: () => Promise<unknown>): Promise<number> => {
	const startedAt = performance.now();
	await act();
	return performance.now() - startedAt;
};

const step = (index: number): JournalEvent => ({
	type: index % 2 === 0 ? 'step-began' : 'step-passed',
	operation: `20261124T${String(Math.floor(index / 20)).padStart(6, '0')}Z-deploy-staging-1f9c`,
	step: `step-${index % 10}`,
	host: 'web-1.example.com',
	note: 'as long as a note usually is',
});

const journalRows = async (): Promise<Row[]> => {
	const root = mkdtempSync(join(tmpdir(), 'bench-journal-'));
	try {
		const paths = statePaths(root, 'github.com', 'acme/app');
		const journal = createJournal(paths, () => Date.now());
		const appends: number[] = [];
		for (let index = 0; index < 300; index++) appends.push(await timed(() => journal.append([step(index)])));
		for (let from = 300; from < 100_000; from += 9970)
			await journal.append(
				Array.from({length: 9970}, (_, index) => step(from + index)),
				{isDurable: false},
			);
		const reader = createJournalReader(paths.journal);
		let records: Awaited<ReturnType<typeof reader.read>>['records'] = [];
		const read = await timed(async () => {
			({records} = await reader.read());
		});
		const fold = await timed(async () => foldRecords(nothingFolded, records));
		await journal.append([step(0)]);
		const again = await timed(() => reader.read());
		const verify = await timed(() => verifyJournal(paths));
		return [
			[
				'append one record, synced',
				`${milliseconds(median(appends))} ms median, ${milliseconds(percentile(appends, 0.95))} ms p95`,
			],
			[`read ${records.length} records`, `${milliseconds(read)} ms`],
			['fold them', `${milliseconds(fold)} ms`],
			['read on after one more', `${milliseconds(again)} ms`],
			['verify the chain', `${milliseconds(verify)} ms`],
		];
	} finally {
		rmSync(root, {recursive: true});
	}
};

export const race = async (): Promise<Bench> => {
	const result = await runRace({rounds: 200, racers: 20, deathEvery: 5});
	return {
		title: 'Race for one environment, and the journal',
		columns: ['what', 'result'],
		rows: [
			[
				`${result.racers} processes, ${result.rounds} rounds, ${result.deaths} winners killed with SIGKILL`,
				`${result.single} of ${result.rounds} rounds with exactly one winner`,
			],
			[
				'what the others were told',
				Object.entries(result.answers)
					.map(([answer, count]) => `${answer}: ${count}`)
					.join(', '),
			],
			['operations in the journal, outcomes in the journal', `${result.operations}, ${result.outcomes}`],
			['a round', `${milliseconds(result.milliseconds / result.rounds)} ms`],
			...(await journalRows()),
		],
	};
};
