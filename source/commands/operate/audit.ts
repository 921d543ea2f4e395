/** `deployctl audit`: the journal for people, and whether it is as it was written. */
import {createReadStream} from 'node:fs';
import {createInterface} from 'node:readline';
import type {JournalRecord} from '../../core/operations/journal.ts';
import {exitCodes} from '../../errors.ts';
import {parseLine} from '../../operations/journal/journal-line.ts';
import {verifyJournal} from '../../operations/journal/journal-verify.ts';
import type {StatePaths} from '../../operations/files/paths.ts';
import {auditLine} from './audit-text.ts';
import {printJson} from '../desk/desk.ts';
import type {Output} from '../desk/context.ts';
import {plural} from '../../core/text/plural.ts';

export type AuditOptions = {verify: boolean; json: boolean};

const verified = async (paths: StatePaths, json: boolean, output: Output): Promise<number> => {
	const verification = await verifyJournal(paths);
	if (json) printJson(output, {journal: paths.journal, ...verification});
	else if (verification.ok)
		output.write(
			`The journal is whole: ${plural(verification.records, 'record')}, each as it was written${verification.torn === 0 ? '' : `; ${verification.torn} torn by a crash and recorded as such`}.\n  ${paths.journal}\n  ends with ${verification.head}\n`,
		);
	else
		output.write(
			`The journal is broken in line ${verification.line}: ${verification.because}.\n  ${paths.journal}\n`,
		);
	return verification.ok ? exitCodes.done : exitCodes.failed;
};

/** Line by line: a journal of years is not held in memory. null: a line that is not a record. */
async function* recordsOf(path: string): AsyncGenerator<JournalRecord | null> {
	const stream = createReadStream(path);
	try {
		for await (const line of createInterface({input: stream, crlfDelay: Infinity})) yield parseLine(line);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	} finally {
		stream.destroy();
	}
}

/** 0; with `verify` 1 when the chain is broken. */
export const runAudit = async (paths: StatePaths, {verify, json}: AuditOptions, output: Output): Promise<number> => {
	if (verify) return verified(paths, json, output);
	let count = 0;
	if (json) output.write('{\n  "schemaVersion": 1,\n  "records": [');
	for await (const record of recordsOf(paths.journal)) {
		if (json && record !== null) output.write(`${count === 0 ? '' : ','}\n    ${JSON.stringify(record)}`);
		if (!json)
			output.write(
				`${record === null ? 'a line that is not a record; deployctl audit --verify says more' : auditLine(record)}\n`,
			);
		count++;
	}
	if (json) output.write(`${count === 0 ? '' : '\n  '}]\n}\n`);
	else if (count === 0) output.write('Nothing has happened yet.\n');
	return exitCodes.done;
};
