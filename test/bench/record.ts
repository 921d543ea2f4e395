/** What a recording costs on the disk: a release of the simulator, polled as often as the program does while something runs. */
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {recordedApp} from '../helpers/recorded.ts';
import type {Bench, Row} from './measure.ts';

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(2);

const measured = async (scenario: string, minutes: number): Promise<Row> => {
	const directory = mkdtempSync(join(tmpdir(), 'deployctl-bench-'));
	const ends: Array<() => unknown> = [];
	const app = await recordedApp(
		{
			after: (step: unknown) => {
				ends.push(step as () => unknown);
			},
		},
		{scenario, directory},
	);
	await app.advance(minutes * 60_000);
	await app.close();
	const files = readdirSync(directory).map(name => readFileSync(join(directory, name)));
	const plain = files.reduce((sum, bytes) => sum + bytes.length, 0);
	const packed = files.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0);
	for (const end of ends) await end();
	rmSync(directory, {recursive: true, force: true});
	return [
		`${scenario}, ${minutes} min`,
		app.seen.length,
		Math.round(plain / Math.max(1, app.seen.length)),
		megabytes((plain * 60) / minutes),
		megabytes((packed * 60) / minutes),
		megabytes((packed / app.seen.length) * 3600),
	];
};

export const record = async (): Promise<Bench> => {
	const rows: Row[] = [];
	for (const [scenario, minutes] of [
		['release', 20],
		['many-jobs', 10],
		['quiet', 20],
	] as const)
		rows.push(await measured(scenario, minutes));
	return {
		title: 'Recording',
		columns: ['what', 'pictures', 'bytes a picture', 'MB an hour', 'packed', 'packed, at one a second'],
		rows,
		note: 'Environments are asked every five seconds and are in it, too.',
	};
};
