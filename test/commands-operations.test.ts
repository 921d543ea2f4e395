/** Looking back: the list of operations and its machine form, logs, attaching, the journal. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {text} from 'node:stream/consumers';
import {after, describe, test} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {runAudit} from '../source/commands/operate/audit.ts';
import {auditLine} from '../source/commands/operate/audit-text.ts';
import {runAttach, runLogs} from '../source/commands/operate/logs.ts';
import {operationReport} from '../source/commands/operate/operation-report.ts';
import {runOperations} from '../source/commands/operate/operations.ts';
import type {JournalEvent, JournalRecord} from '../source/core/operations/journal.ts';
import {operationKinds} from '../source/core/operations/operation.ts';
import {exitCodes} from '../source/errors.ts';
import {createJournal} from '../source/operations/journal/journal.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {
	begunAt,
	failureOf,
	logOf,
	newSha,
	oldSha,
	operation,
	type Played,
	playedDesk,
	succeeded,
} from './helpers/desk.ts';

type Json = null | boolean | number | string | Json[] | {[name: string]: Json};
const schema = JSON.parse(readFileSync(new URL('../docs/operations.schema.json', import.meta.url), 'utf8')) as {
	[name: string]: Json;
};

/** The published schema lets fields be added; here a field that it does not describe is a mistake. */
const closed = (part: Json): Json => {
	if (Array.isArray(part)) return part.map(closed);
	if (part === null || typeof part !== 'object') return part;
	const inside = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
	return part['type'] === 'object' && part['properties'] !== undefined
		? {additionalProperties: false, ...inside}
		: inside;
};
const compile = (document: Json) => {
	const ajv = new Ajv2020({allErrors: true});
	addFormats.default(ajv);
	return ajv.compile(document as object);
};
const validate = compile(closed(schema));

const rollback = succeeded({
	id: '20261123T220000Z-rollback-production-77aa',
	kind: 'rollback',
	environment: 'production',
	from: null,
	to: null,
	sha: null,
	outcome: 'interrupted',
	exitCode: 7,
	because: 'the script had to be killed',
	startedAt: begunAt - 14_400_000,
	finishedAt: begunAt - 14_000_000,
});
const list = [operation(), succeeded({id: '20261124T010000Z-deploy-staging-aaaa'}), rollback];

const listed = async (
	flags: Partial<{json: boolean; environment: string | null; limit: number | null}>,
	played: Played = {readings: [list]},
) => {
	const {desk, printed} = playedDesk(played);
	return {code: await runOperations(desk, {json: false, environment: null, limit: null, ...flags}), ...printed};
};

describe('operations', () => {
	test('--json keeps to the published form, field by field', async () => {
		const {code, out} = await listed({json: true});
		const report = JSON.parse(out) as {schemaVersion: number; operations: Array<Record<string, unknown>>};
		assert.equal(code, 0);
		assert.ok(validate(report), JSON.stringify(validate.errors));
		assert.deepEqual(
			report.operations.map(({id}) => id),
			list.map(({id}) => id),
			'newest first',
		);
		assert.deepEqual(Object.keys(report.operations[0]!), [
			'id',
			'kind',
			'environment',
			'from',
			'to',
			'sha',
			'operator',
			'host',
			'startedAt',
			'finishedAt',
			'outcome',
			'exitCode',
			'because',
		]);
		assert.deepEqual(report.operations[0], {
			id: '20261124T020304Z-deploy-staging-1f9c',
			kind: 'deploy',
			environment: 'staging',
			from: oldSha,
			to: newSha,
			sha: newSha,
			operator: 'mona',
			host: 'laptop',
			startedAt: '2026-11-24T02:03:04.000Z',
			finishedAt: null,
			outcome: 'running',
			exitCode: null,
			because: 'Deploying 3f2a9c1 to staging: the script runs',
		});
		assert.deepEqual(
			[report.operations[2]?.['from'], report.operations[2]?.['sha'], report.operations[2]?.['exitCode']],
			[null, null, 7],
		);
	});

	test('the schema has the words of the code, and refuses others', () => {
		const {properties} = (schema['$defs'] as {operation: {properties: Record<string, {enum?: Json[]}>}}).operation;
		assert.deepEqual(properties['kind']?.enum, [...operationKinds]);
		assert.deepEqual(properties['exitCode']?.enum, [...Object.values(exitCodes), null]);
		const report = operationReport(list[0]!);
		assert.ok(validate({schemaVersion: 1, operations: [report]}));
		for (const wrong of [
			{...report, outcome: 'done'},
			{...report, startedAt: begunAt},
			{...report, from: {release: 'a', sha: null}},
			{...report, more: 1},
			{...report, because: null},
		])
			assert.ok(!validate({schemaVersion: 1, operations: [wrong]}));
		assert.ok(compile(schema)({schemaVersion: 1, operations: [{...report, more: 1}]}), 'fields may be added');
	});

	test('only of an environment, at most so many', async () => {
		const ids = async (flags: Parameters<typeof listed>[0]) =>
			(
				JSON.parse((await listed({json: true, ...flags})).out) as {operations: Array<{id: string}>}
			).operations.map(({id}) => id.slice(-4));
		assert.deepEqual(await ids({environment: 'production'}), ['77aa']);
		assert.deepEqual(await ids({environment: 'staging', limit: 1}), ['1f9c']);
		assert.deepEqual(await ids({limit: 2}), ['1f9c', 'aaaa']);
		const {desk} = playedDesk();
		assert.equal(
			(await failureOf(runOperations(desk, {json: false, environment: 'stagin', limit: null}))).exitCode,
			2,
		);
	});

	test('as text, with what holds environments', async () => {
		const {out} = await listed(
			{},
			{
				readings: [list],
				reading: {
					locks: {
						production: {
							state: 'held',
							lock: {
								id: '8c1f20aa',
								environment: 'production',
								kind: 'human',
								operation: null,
								operator: 'lena',
								host: 'desk',
								reason: 'audit',
								createdAt: begunAt,
								leaseUntil: null,
								phase: null,
							},
							where: 'both',
							isStale: false,
							silentSeconds: null,
						},
						staging: {state: 'free'},
					},
					pins: [
						{
							environment: 'production',
							release: newSha,
							sha: newSha,
							by: 'mona',
							at: begunAt,
							because: 'rolled back',
						},
					],
					outbox: {waiting: 2, oldestAt: begunAt, because: 'GitHub did not answer'},
				},
			},
		);
		assert.match(
			out,
			/^[\d-]+ [\d:]+ {2}deploy {4}staging {2}1a2b3c4 -> 3f2a9c1 {2}running for \S+ {2}by mona\n {4}20261124T020304Z-deploy-staging-1f9c\n {4}Deploying 3f2a9c1 to staging: the script runs\.\n/,
		);
		assert.match(out, /rollback {2}production {2}unknown -> unknown {2}interrupted after 6m40s {2}by mona/);
		assert.match(
			out,
			/\nlock of production: held by lena on desk for \S+: audit \(lock 8c1f20aa\)\npin of production: 3f2a9c1\S+, by mona: rolled back\noutbox: 2 waiting for \S+: GitHub did not answer\n$/,
		);
		assert.equal((await listed({}, {})).out, 'No operations yet.\n');
	});

	test('a journal that cannot be read is no empty list', async () => {
		const {code, out, error} = await listed(
			{json: true},
			{reading: {problem: 'the journal cannot be read: EACCES'}},
		);
		assert.deepEqual([code, JSON.parse(out)], [1, {schemaVersion: 1, operations: []}]);
		assert.match(error, /EACCES/);
	});
});

const lines = Array.from({length: 4500}, (_, index) => `line ${index + 1}`);

describe('logs and attach', () => {
	const printed = async (
		run: (desk: ReturnType<typeof playedDesk>, stream: PassThrough) => Promise<number>,
		played: Played,
	) => {
		const it = playedDesk(played);
		const stream = new PassThrough();
		const read = text(stream);
		const code = await run(it, stream).finally(() => stream.end());
		return {code, log: await read, ...it.printed};
	};

	test('a log is printed whole', async () => {
		const {code, log} = await printed(({desk}, stream) => runLogs(desk, '1f9c', {follow: false}, stream), {
			readings: [[operation()]],
			operations: {log: () => logOf([lines])},
		});
		assert.deepEqual([code, log], [0, `${lines.join('\n')}\n`]);
	});

	test('--tail: the last lines of what is there, and what comes after', async () => {
		const {log} = await printed(({desk}, stream) => runLogs(desk, '1f9c', {follow: false, tail: 2}, stream), {
			readings: [[operation()]],
			operations: {log: () => logOf([lines])},
		});
		assert.equal(log, 'line 4499\nline 4500\n');
		const {log: followed} = await printed(
			({desk}, stream) => runLogs(desk, '1f9c', {follow: true, tail: 1}, stream),
			{
				readings: [[operation()], [operation()], [operation()], [succeeded()]],
				operations: {log: () => logOf([['a', 'b'], ['c'], ['d']])},
			},
		);
		assert.match(followed, /^b\nc\nd\n$/);
	});

	test('a slow reader is waited for', async () => {
		const it = playedDesk({readings: [[operation()]], operations: {log: () => logOf([lines])}});
		const stream = new PassThrough({highWaterMark: 1000});
		let isDone = false;
		const running = runLogs(it.desk, '1f9c', {follow: false}, stream).finally(() => {
			isDone = true;
		});
		await once(stream, 'readable');
		assert.equal(isDone, false);
		assert.ok(stream.readableLength < 40_000, 'at most one portion is held');
		const read = text(stream);
		assert.equal(await running, 0);
		stream.end();
		assert.equal(await read, `${lines.join('\n')}\n`);
	});

	test('--follow goes on to the end, without a line twice and without one that is still being written', async () => {
		const growing = logOf([['a'], ['b'], ['c']]);
		const half = {
			...growing,
			grow: async () => {
				const {lines: count, isWhole, bytes} = await growing.grow();
				return {lines: count, isWhole, bytes};
			},
		};
		for (const log of [growing, half]) {
			const {code, log: shown} = await printed(
				({desk}, stream) => runLogs(desk, '1f9c', {follow: true}, stream),
				{readings: [[operation()], [operation()], [operation()], [succeeded()]], operations: {log: () => log}},
			);
			assert.deepEqual([code, shown], [0, 'a\nb\nc\n']);
		}
	});

	test('no log is said and ends with 1; no such operation with 2', async () => {
		const {code, error, log} = await printed(({desk}, stream) => runLogs(desk, '1f9c', {follow: false}, stream), {
			readings: [[operation()]],
		});
		assert.deepEqual([code, log], [1, '']);
		assert.match(error, /There is no log of 20261124T020304Z-deploy-staging-1f9c/);
		const {desk} = playedDesk();
		assert.equal((await failureOf(runLogs(desk, '1f9c', {follow: false}, new PassThrough()))).exitCode, 2);
	});

	test('attach shows what runs from its first line, and ends with its outcome', async () => {
		const {code, log, out} = await printed(({desk}, stream) => runAttach(desk, null, stream), {
			readings: [
				[operation()],
				[operation()],
				[succeeded({outcome: 'interrupted', exitCode: 7, because: 'MIXED: web-1 reports 3f2a9c1'})],
			],
			operations: {log: () => logOf([['first'], ['second']])},
		});
		assert.deepEqual([code, log], [7, 'first\nsecond\n']);
		assert.match(
			out,
			/^20261124T020304Z-deploy-staging-1f9c\ndeploy of staging to 3f2a9c1 by mona on laptop, begun [\d-]+ [\d:]+\n[\d:]+ {2}interrupted: MIXED: web-1 reports 3f2a9c1\.\n$/,
		);
	});

	test('attach does not guess which one is meant', async () => {
		for (const readings of [
			[[]],
			[[succeeded()]],
			[[operation(), operation({id: '20261124T020305Z-deploy-production-77aa'})]],
		]) {
			assert.equal(
				(await failureOf(runAttach(playedDesk({readings}).desk, null, new PassThrough()))).exitCode,
				2,
			);
		}
	});

	test('Ctrl-C ends only the watching', async () => {
		for (const run of [
			runAttach,
			(desk: Parameters<typeof runAttach>[0], id: string | null, stream: PassThrough) =>
				runLogs(desk, id!, {follow: true}, stream),
		]) {
			const it: ReturnType<typeof playedDesk> = playedDesk({
				readings: [[operation()]],
				operations: {changed: async () => it.interrupt()},
			});
			assert.equal(await run(it.desk, '1f9c', new PassThrough()), 130);
			assert.match(it.printed.error, /The operation goes on/);
			assert.equal(it.called('stop').length, 0);
		}
	});
});

describe('audit', () => {
	const state = mkdtempSync(join(tmpdir(), 'deployctl-audit-'));
	after(() => rmSync(state, {recursive: true, force: true}));
	const events: readonly JournalEvent[] = [
		{
			type: 'requested',
			operation: '20261124T020304Z-deploy-production-1f9c',
			kind: 'deploy',
			environment: 'production',
			from: null,
			to: {release: newSha, sha: newSha},
			sha: newSha,
			operator: 'mona',
			host: 'laptop',
			command: ['a'],
			scriptKind: 'plain',
			planHash: 'x',
			usualSeconds: null,
			p95Seconds: null,
			phrase: 'production 3f2a9c1',
		},
		{
			type: 'finished',
			operation: '20261124T020304Z-deploy-production-1f9c',
			outcome: 'succeeded',
			exitCode: 0,
			because: 'it is \u001B[31mlive',
			next: null,
			live: newSha,
			log: null,
		},
		{type: 'human-lock-taken', environment: 'production', lock: '8c1f20aa', by: 'lena', reason: 'audit'},
	];
	const filled = async (name: string) => {
		const paths = statePaths(state, 'github.com', `acme/${name}`);
		const journal = createJournal(paths, () => begunAt);
		await journal.append(events);
		return paths;
	};
	const audited = async (paths: ReturnType<typeof statePaths>, flags: {verify?: boolean; json?: boolean} = {}) => {
		let out = '';
		const code = await runAudit(
			paths,
			{verify: false, json: false, ...flags},
			{
				write: written => {
					out += written;
				},
				error: () => {},
			},
		);
		return {code, out};
	};

	test('prints the journal for people and for programs', async () => {
		const paths = await filled('printed');
		const {code, out} = await audited(paths);
		assert.equal(code, 0);
		assert.match(
			out,
			/^[\d-]+ [\d:]+ {2}#1 {2}20261124T020304Z-deploy-production-1f9c {2}deploy of production from unknown to 3f2a9c1 asked for by mona on laptop, confirmed with "production 3f2a9c1"\n/,
		);
		assert.match(
			out,
			/#2 .*succeeded \(exit code 0\): it is live\n.*#3 {2}production locked by lena: audit \(lock 8c1f20aa\)\n$/,
		);
		const {records} = JSON.parse((await audited(paths, {json: true})).out) as {records: JournalRecord[]};
		assert.deepEqual(
			records.map(({seq, type}) => [seq, type]),
			[
				[1, 'requested'],
				[2, 'finished'],
				[3, 'human-lock-taken'],
			],
		);
		const nothing = statePaths(state, 'github.com', 'acme/nothing');
		assert.deepEqual(
			[await audited(nothing), JSON.parse((await audited(nothing, {json: true})).out)],
			[
				{code: 0, out: 'Nothing has happened yet.\n'},
				{schemaVersion: 1, records: []},
			],
		);
	});

	test('--verify: 0 as it was written, 1 with the line and the reason as soon as anything differs', async () => {
		const whole = await filled('whole');
		const {code, out} = await audited(whole, {verify: true});
		assert.equal(code, 0);
		assert.match(out, /^The journal is whole: 3 records, each as it was written\./);
		const change = async (
			name: string,
			edit: (journal: string) => string,
		): Promise<{code: number; out: string}> => {
			const paths = await filled(name);
			writeFileSync(paths.journal, edit(readFileSync(paths.journal, 'utf8')));
			return audited(paths, {verify: true});
		};
		const edited = await change('edited', journal => journal.replace('"by":"lena"', '"by":"mona"'));
		assert.equal(edited.code, 1);
		assert.match(edited.out, /^The journal is broken in line 3: it was changed after it was written\./);
		const removed = await change('removed', journal =>
			journal
				.split('\n')
				.filter((_, index) => index !== 1)
				.join('\n'),
		);
		assert.equal(removed.code, 1);
		assert.match(removed.out, /broken in line 2: /);
		assert.equal((await change('shortened', journal => journal.split('\n').slice(0, 2).join('\n') + '\n')).code, 1);
		const unfinished = await filled('unfinished');
		appendFileSync(unfinished.journal, '{"v":1');
		const told = JSON.parse((await audited(unfinished, {verify: true, json: true})).out) as {
			ok: boolean;
			line: number;
		};
		assert.deepEqual([told.ok, told.line], [false, 4]);
	});

	test('every kind of record has words of its own', () => {
		const base = {
			operation: 'op',
			environment: 'staging',
			release: 'r1',
			sha: null,
			by: 'mona',
			because: 'why',
			host: null,
			note: null,
			lock: 'l1',
			item: 'i',
			what: 'w',
			step: 's',
			reason: 'why',
			holder: 'lena',
			pid: 1,
			signal: 'SIGTERM',
			leftovers: 1,
			exitCode: 1,
			result: null,
			cause: null,
			live: null,
			instances: [],
			remote: 'taken',
			when: 'after',
			command: ['a'],
			directory: '/',
			thenRollBack: true,
			bytes: 3,
			sha256: 'x',
		};
		const types = [
			'locked',
			'observed',
			'starting',
			'spawned',
			'step-began',
			'step-passed',
			'step-failed',
			'stop-requested',
			'signalled',
			'script-ended',
			'unlocked',
			'adopted',
			'queued',
			'published',
			'given-up',
			'marked-bad',
			'pinned',
			'unpinned',
			'human-lock-released',
			'lock-broken',
			'torn-line',
		];
		const told = types.map(type =>
			auditLine({v: 1, seq: 1, at: 0, previous: '', hash: '', ...base, type} as unknown as JournalRecord).replace(
				/^.*? {2}#1 {2}op {2}/,
				'',
			),
		);
		assert.equal(new Set(told).size, types.length);
		for (const [index, line] of told.entries())
			assert.ok(!line.endsWith(types[index]!), `${types[index]} has no words`);
	});
});
