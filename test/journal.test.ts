/** The journal: what is written stays, in order, and whatever is done to the file shows. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import fc from 'fast-check';
import type {JournalEvent} from '../source/core/operations/journal.ts';
import {createJournal, JournalFailure} from '../source/operations/journal/journal.ts';
import {createJournalReader} from '../source/operations/journal/journal-reader.ts';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import type {StatePaths} from '../source/operations/files/paths.ts';
import {runs} from './helpers/fuzz.ts';

const root = mkdtempSync(join(tmpdir(), 'journal-'));
after(() => rmSync(root, {recursive: true, force: true}));
let count = 0;
const fresh = (): StatePaths => statePaths(join(root, String(count++)), 'github.com', 'acme/app');

const bad = (release: string, because = 'health'): JournalEvent => ({
	type: 'marked-bad',
	operation: null,
	environment: 'staging',
	release,
	sha: null,
	by: 'kim',
	because,
});
const written = async (amount: number) => {
	const paths = fresh();
	const journal = createJournal(paths, () => 1_700_000_000_000);
	for (let index = 0; index < amount; index++) await journal.append([bad(`r${index}`)]);
	return {paths, journal};
};
const linesOf = (paths: StatePaths) => readFileSync(paths.journal, 'utf8').split('\n').slice(0, -1);
const releases = (records: readonly {type: string}[]) => records.map(record => (record as {release?: string}).release);

test('records come back in order, from any number of journals on one file, readable by the owner alone', async () => {
	const {paths, journal} = await written(2);
	const other = createJournal(paths, () => 5);
	await other.append([bad('r2')]);
	await journal.append([bad('r3'), bad('r4')]);
	const {records} = await createJournalReader(paths.journal).read();
	assert.deepEqual(
		records.map(({seq}) => seq),
		[1, 2, 3, 4, 5],
	);
	assert.deepEqual(releases(records), ['r0', 'r1', 'r2', 'r3', 'r4']);
	assert.equal(statSync(paths.journal).mode & 0o777, 0o600);
	assert.equal(statSync(paths.directory).mode & 0o777, 0o700);
	assert.deepEqual(await verifyJournal(paths), {ok: true, records: 5, head: records.at(-1)!.hash, torn: 0});
});

test('appends at the same time lose nothing', async () => {
	const paths = fresh();
	const journals = Array.from({length: 5}, () => createJournal(paths, () => 1));
	await Promise.all(
		journals.flatMap((journal, writer) =>
			Array.from({length: 8}, (_, index) => journal.append([bad(`${writer}.${index}`)])),
		),
	);
	const {records} = await createJournalReader(paths.journal).read();
	assert.equal(new Set(releases(records)).size, 40);
	assert.equal((await verifyJournal(paths)).ok, true);
});

test('reading again costs only what is new, and another file is read from its begin', async () => {
	const {paths, journal} = await written(3);
	const reader = createJournalReader(paths.journal);
	assert.deepEqual((({records, isFresh}) => [records.length, isFresh])(await reader.read()), [3, true]);
	assert.deepEqual(await reader.read(), {records: [], isFresh: false});
	await journal.append([bad('new')]);
	assert.deepEqual((({records, isFresh}) => [releases(records), isFresh])(await reader.read()), [['new'], false]);
	appendFileSync(paths.journal, '{"half');
	assert.deepEqual((await reader.read()).records, []);
	rmSync(paths.journal);
	assert.deepEqual(await reader.read(), {records: [], isFresh: true});
});

test('a torn last line is named by the next record, and the chain holds across it', async () => {
	const {paths, journal} = await written(3);
	const torn = linesOf(paths)[2]!.slice(0, 40);
	truncateSync(paths.journal, statSync(paths.journal).size - linesOf(paths)[2]!.length - 1 + 40);
	writeFileSync(paths.journalHead, `${'2'.padStart(16, '0')} ${JSON.parse(linesOf(paths)[1]!).hash}\n`);
	assert.deepEqual(await verifyJournal(paths).then(({ok}) => ok), false);
	await journal.append([bad('next')]);
	const {records} = await createJournalReader(paths.journal).read();
	assert.deepEqual(
		records.map(({type, seq}) => [type, seq]),
		[
			['marked-bad', 1],
			['marked-bad', 2],
			['torn-line', 3],
			['marked-bad', 4],
		],
	);
	assert.equal((records[2] as {bytes: number}).bytes, torn.length);
	const verified = await verifyJournal(paths);
	assert.ok(verified.ok && verified.torn === 1 && verified.records === 4);
	const changed = readFileSync(paths.journal, 'utf8').replace(torn, `${torn.slice(0, -1)}~`);
	writeFileSync(paths.journal, changed);
	assert.equal((await verifyJournal(paths)).ok, false);
});

test('a line that only lacks its end is completed', async () => {
	const {paths, journal} = await written(2);
	truncateSync(paths.journal, statSync(paths.journal).size - 1);
	await journal.append([bad('next')]);
	assert.deepEqual(await verifyJournal(paths).then(result => result.ok && [result.records, result.torn]), [3, 0]);
});

test('binary debris of several lines is survived', async () => {
	const {paths, journal} = await written(1);
	appendFileSync(paths.journal, Buffer.from([0, 255, 10, 10, 123, 200]));
	await journal.append([bad('next')]);
	assert.deepEqual(await verifyJournal(paths).then(result => result.ok && [result.records, result.torn]), [3, 1]);
});

test('removing lines at the end shows, also after more was written', async () => {
	const {paths} = await written(4);
	writeFileSync(paths.journal, `${linesOf(paths).slice(0, 2).join('\n')}\n`);
	assert.deepEqual(await verifyJournal(paths), {ok: false, line: 3, because: '2 record(s) at the end are missing'});
	await createJournal(paths, () => 1).append([bad('later')]);
	assert.equal((await verifyJournal(paths)).ok, false);
	rmSync(paths.journal);
	assert.equal((await verifyJournal(paths)).ok, false);
});

test('whatever is changed, removed, inserted or moved is found, with its line', async () => {
	const {paths} = await written(12);
	const lines = linesOf(paths);
	const line = fc.integer({min: 0, max: 11});
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom('change', 'remove', 'repeat', 'swap', 'space'),
			line,
			line,
			fc.nat(),
			async (how, one, other, place) => {
				fc.pre(how !== 'swap' || one !== other);
				const now = [...lines];
				if (how === 'change') {
					const text = now[one]!;
					const at = place % text.length;
					now[one] = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
				}
				if (how === 'space') now[one] = now[one]!.replace(',', ', ');
				if (how === 'remove') now.splice(one, 1);
				if (how === 'repeat') now.splice(other, 0, now[one]!);
				if (how === 'swap') [now[one], now[other]] = [now[other]!, now[one]!];
				writeFileSync(paths.journal, `${now.join('\n')}\n`);
				const result = await verifyJournal(paths);
				assert.equal(result.ok, false);
				assert.ok(
					!result.ok &&
						result.line >=
							Math.min(
								one,
								other,
								...(how === 'change' || how === 'space' || how === 'remove' ? [one] : []),
							) +
								1 &&
						result.because !== '',
				);
			},
		),
		runs(150),
	);
});

test('a rewritten last record is found, though its own hash is right', async () => {
	const {paths} = await written(2);
	const other = statePaths(join(root, 'other'), 'h', 'o/n');
	await createJournal(other, () => 1_700_000_000_000).append([bad('r0')]);
	await createJournal(other, () => 1_700_000_000_000).append([bad('another')]);
	writeFileSync(paths.journal, `${[linesOf(paths)[0], linesOf(other)[1]].join('\n')}\n`);
	assert.deepEqual(await verifyJournal(paths), {ok: false, line: 2, because: 'it was replaced after it was written'});
});

test('any text survives the journal and its check', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.string({unit: 'binary'}), fc.string({unit: 'grapheme'})), {
				minLength: 1,
				maxLength: 5,
			}),
			async pairs => {
				const paths = fresh();
				await createJournal(paths, () => 1).append(pairs.map(([release, because]) => bad(release, because)));
				const {records} = await createJournalReader(paths.journal).read();
				assert.deepEqual(
					releases(records),
					pairs.map(([release]) => release),
				);
				assert.equal((await verifyJournal(paths)).ok, true);
			},
		),
		runs(40),
	);
});

test('no journal, no action: what cannot be written throws, and says what to do', async () => {
	const paths = fresh();
	writeFileSync(join(root, String(count - 1)), 'a file where the folder should be');
	await assert.rejects(
		createJournal(paths, () => 1).append([bad('x')]),
		(error: unknown) => error instanceof JournalFailure && error.exitCode === 1 && error.next !== undefined,
	);
	assert.equal(existsSync(paths.journal), false);
});

test('an absent journal is an empty one', async () => {
	const paths = fresh();
	assert.deepEqual(await createJournalReader(paths.journal).read(), {records: [], isFresh: false});
	assert.equal((await verifyJournal(paths)).ok, true);
});
