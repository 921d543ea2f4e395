/** Timelines: an incident of the simulator with a rollback, as text and as Markdown; what is unknown is named, what others wrote stays text. */
import assert from 'node:assert/strict';
import {appendFileSync, mkdirSync} from 'node:fs';
import {test, type TestContext} from 'node:test';
import {runTimeline, type TimelineOptions} from '../source/commands/history/timeline.ts';
import {escaped, timelineMarkdown} from '../source/commands/history/timeline-markdown.ts';
import {durationSeconds, spanSeconds} from '../source/core/text/duration.ts';
import type {Change} from '../source/core/snapshot/changes.ts';
import type {JournalEvent, JournalRecord} from '../source/core/operations/journal.ts';
import {lastIncident, timelineItems, timelineOf} from '../source/core/history/timeline.ts';
import {clockOf, type History, type TimelineSource} from '../source/core/history/timeline-source.ts';
import {isZone, zonedClock} from '../source/core/text/zone.ts';
import {Failure} from '../source/errors.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {recordDirectory} from '../source/record/files.ts';
import {matchesGolden} from './helpers/golden.ts';
import {folder, recordedApp} from './helpers/recorded.ts';

const start = Date.parse('2026-11-23T09:00:00Z');
const minute = 60_000;
const id = '20261123T090500Z-rollback-staging-1f9c';
const ref = (release: string) => ({release, sha: release});
const [bad, good] = ['0129c937a00e89a60c0623a9a05f15fa9fd4e874', 'ee36697b3476a040845d36128275411e3d4a83ea'];

const journalOf = (...events: ReadonlyArray<readonly [seconds: number, event: JournalEvent]>): JournalRecord[] =>
	events.map(([seconds, event], index) => ({
		...event,
		v: 1 as const,
		seq: index + 1,
		at: start + seconds * 1000,
		previous: 'p',
		hash: 'h',
	}));

const rollback = journalOf(
	[
		300,
		{
			type: 'requested',
			operation: id,
			kind: 'rollback',
			environment: 'staging',
			from: ref(bad),
			to: ref(good),
			sha: good,
			operator: 'ada',
			host: 'desk',
			command: ['x'],
			scriptKind: 'contract',
			planHash: 'h',
			usualSeconds: null,
			p95Seconds: null,
			phrase: null,
		},
	],
	[301, {type: 'locked', operation: id, lock: 'nonce', remote: 'taken', because: null}],
	[302, {type: 'step-began', operation: id, step: 'preflight', host: null, note: null}],
	[304, {type: 'step-passed', operation: id, step: 'preflight', host: null, note: null}],
	[304, {type: 'step-began', operation: id, step: 'switch', host: 'web-1', note: null}],
	[307, {type: 'step-passed', operation: id, step: 'switch', host: 'web-1', note: null}],
	[
		321,
		{
			type: 'pinned',
			operation: id,
			environment: 'staging',
			release: bad,
			sha: bad,
			by: 'ada',
			because: 'rolled back from it',
		},
	],
	[
		322,
		{
			type: 'finished',
			operation: id,
			outcome: 'succeeded',
			exitCode: 0,
			because: 'Every instance reports it and is healthy',
			next: null,
			live: good,
			log: null,
		},
	],
	[
		360,
		{
			type: 'human-lock-taken',
			environment: 'production',
			lock: 'human',
			by: 'grace',
			reason: 'until we know why | <b>@ops</b> #436',
		},
	],
);

const options: TimelineOptions = {
	since: null,
	until: null,
	sha: null,
	environment: null,
	markdown: false,
	json: false,
	utc: true,
	timezone: null,
	export: null,
};

/** What the simulator's day, a screen, and a rollback leave on the disk. */
const left = async (t: TestContext, columns = 80) => {
	const state = folder(t);
	const paths = statePaths(state, 'github.com', 'acme/auto-author');
	mkdirSync(paths.directory, {recursive: true});
	const app = await recordedApp(t, {scenario: 'deploy-fails', directory: recordDirectory(paths.directory)});
	await app.advance(4.5 * minute);
	app.operations.site('staging').health = false;
	await app.advance(0.5 * minute);
	app.operations.begins({id, kind: 'rollback', environment: 'staging', to: ref(good)});
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 15_000, {kind: 'bad-gateway-html'});
	await app.advance(22_000);
	app.operations.site('staging').health = true;
	app.operations.ends(id, 'succeeded', 'Every instance reports it and is healthy');
	await app.advance(3 * minute);
	await app.close();
	appendFileSync(paths.journal, rollback.map(record => `${JSON.stringify(record)}\n`).join(''));
	const printed = async (
		more: Partial<TimelineOptions>,
		now = app.clock.now() + 20 * minute,
		width = columns,
	): Promise<string> => {
		let text = '';
		await runTimeline(
			{
				paths,
				repository: 'acme/auto-author',
				host: 'github.com',
				now,
				columns: width,
				directory: state,
				secrets: [],
			},
			{...options, ...more},
			{
				write: part => {
					text += part;
				},
				error: part => {
					text += part;
				},
			},
		);
		return text;
	};
	return {printed, state};
};

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('the last incident as text and as Markdown', async t => {
	const {printed} = await left(t);
	matchesGolden('timeline-80', await printed({}));
	matchesGolden('timeline-120', await printed({}, undefined, 120));
	matchesGolden('timeline-markdown', await printed({markdown: true}));
	for (const line of (await printed({})).split('\n')) assert.ok(line.length <= 80, line);
	const report = JSON.parse(await printed({json: true})) as {
		schemaVersion: number;
		head: {timeToRecover: number | null; timeToDetect: number | null};
		items: unknown[];
	};
	assert.equal(report.schemaVersion, 1);
	assert.ok(report.head.timeToDetect !== null && report.head.timeToDetect < 30 && report.items.length > 10);
});

test('what nobody watched is a gap with its times, and a window is written in many ways', async t => {
	const {printed} = await left(t);
	const whole = flat(await printed({since: '2026-11-23T08:50', until: '2026-11-23T09:20'}));
	assert.match(whole, /Nothing was recorded from 08:50:00 to 09:00:0\d \(10m0\ds\): nobody\s+watched/);
	assert.match(whole, /Nothing was recorded from 09:08:\d\d to 09:20:00/);
	assert.match(whole, /GitHub could not be read[\s\S]*GitHub answers again/);
	assert.match(await printed({since: '1f9c'}), /09:04:00 to/);
	assert.match(await printed({since: '10m', until: '2026-11-23T09:25:00Z'}, start + 25 * minute), /09:15:00 to/);
	assert.match(
		await printed({since: '2026-11-23T10:00', timezone: 'Europe/Berlin', utc: false}),
		/2026-11-23 10:00:00 to [\d: -]+ Europe\/Berlin/,
	);
	for (const [wrong, why] of [
		[{since: 'yesterday'}, /--since is "yesterday"/],
		[{since: '2026-11-23T09:00', until: '2026-11-23T08:00'}, /ends before it begins/],
		[{timezone: 'Moon/Base', utc: false}, /Expected a name such as/],
		[{markdown: true, json: true}, /exclude/],
	] as const) {
		await assert.rejects(
			printed(wrong),
			(error: unknown) => error instanceof Failure && error.exitCode === 2 && why.test(error.message),
			JSON.stringify(wrong),
		);
	}
	assert.doesNotMatch(await printed({sha: good.slice(0, 7)}), /0129c93 {2}Deployment/);
	assert.doesNotMatch(await printed({environment: 'production', since: '2026-11-23T08:50'}), /Rollback/);
});

/** A quiet day with the rollback of `environment` in the journal; `during` tells how its health goes, by seconds since the start. */
const rolledBack = async (
	t: TestContext,
	environment: string,
	during: ReadonlyArray<readonly [seconds: number, isHealthy: boolean]>,
) => {
	const state = folder(t);
	const paths = statePaths(state, 'github.com', 'acme/auto-author');
	mkdirSync(paths.directory, {recursive: true});
	const app = await recordedApp(t, {scenario: 'quiet', directory: recordDirectory(paths.directory)});
	let now = 0;
	for (const [seconds, isHealthy] of [...during, [400, true] as const]) {
		await app.advance((seconds - now) * 1000);
		now = seconds;
		app.operations.site(environment).health = isHealthy;
	}
	await app.close();
	const here = rollback.slice(0, -1).map(record => ('environment' in record ? {...record, environment} : record));
	appendFileSync(paths.journal, here.map(record => `${JSON.stringify(record)}\n`).join(''));
	let text = '';
	await runTimeline(
		{
			paths,
			repository: 'acme/auto-author',
			host: 'github.com',
			now: app.clock.now() + minute,
			columns: 200,
			directory: state,
			secrets: [],
		},
		{...options, json: true},
		{
			write: part => {
				text += part;
			},
			error: () => {},
		},
	);
	type Moment = {at: number; text: string; who: string | null} | null;
	return JSON.parse(text) as {
		head: {
			firstSign: Moment;
			detected: Moment;
			firstAction: Moment;
			mitigated: Moment;
			recovered: Moment;
			timeToMitigate: number | null;
		};
		unknowns: string[];
	};
};

test('an alarm of staging that a screen saw is the first sign and detected, its rollback the first action', async t => {
	const {head, unknowns} = await rolledBack(t, 'staging', [
		[240, false],
		[322, true],
	]);
	assert.match(head.firstSign?.text ?? '', /^staging is unhealthy/);
	assert.ok(head.firstSign!.at >= start + 240_000 && head.firstSign!.at < start + 255_000, 'when it was seen');
	assert.match(head.detected?.text ?? '', /shown on a screen/);
	assert.deepEqual([head.firstAction?.at, head.firstAction?.who], [start + 300_000, 'ada']);
	assert.match(head.firstAction!.text, /^Rollback of staging to ee36697 begun/);
	assert.equal(head.mitigated?.at, start + 322_000);
	assert.match(head.recovered?.text ?? '', /^staging is healthy/);
	assert.ok(head.timeToMitigate! > 60);
	assert.deepEqual(unknowns, []);
});

test('a rollback of a production that was healthy as far as it is recorded: the first action, and the first sign is unknown', async t => {
	const {head, unknowns} = await rolledBack(t, 'production', []);
	assert.deepEqual([head.firstSign, head.detected, head.recovered, head.timeToMitigate], [null, null, null, null]);
	assert.match(head.firstAction?.text ?? '', /^Rollback of production to ee36697 begun/);
	assert.deepEqual([head.firstAction?.who, head.mitigated?.at], ['ada', start + 322_000]);
	assert.deepEqual(unknowns, [
		'What the first sign was is not recorded: somebody rolled back because of something that was not seen here.',
	]);
	const restarted = await rolledBack(t, 'production', [
		[308, false],
		[320, true],
	]);
	assert.deepEqual(
		[restarted.head.firstSign, restarted.head.firstAction?.at],
		[null, start + 300_000],
		'what the rollback itself did to production is not why it was rolled back',
	);
	assert.match(restarted.head.recovered?.text ?? '', /^production is healthy/);
});

test('a lock after an alarm is an action, too', () => {
	const alarm = {
		v: 1,
		n: 1,
		at: start,
		wall: start,
		kind: 'health',
		environment: 'production',
		health: false,
		version: null,
		isMixed: false,
		because: 'web-1: HTTP 503',
	} as const;
	const {head} = timelineOf(
		source(
			journalOf([
				20,
				{type: 'human-lock-taken', environment: 'production', lock: 'human', by: 'grace', reason: 'looking'},
			]),
			{entries: [alarm]},
		),
		everything,
		all,
		everything.until,
	);
	assert.deepEqual(
		[head.firstSign?.at, head.firstAction?.at, head.firstAction?.who],
		[start, start + 20_000, 'grace'],
	);
});

const nothing: History = {entries: [], coverage: [], anchors: [], demo: null, beganAtWall: null, damaged: 0};
const source = (journal: readonly JournalRecord[], history: Partial<History> = {}): TimelineSource => ({
	history: {...nothing, ...history},
	journal,
	journalProblem: null,
});
const everything = {from: start - minute, until: start + 30 * minute, why: null};
const all = {sha: null, environment: null};

test('times to detect and to recover come from facts alone: without them they are unknown, and said to be', () => {
	// Of a deployment: somebody who rolls back has seen something before.
	const failed = journalOf(
		[0, {...rollback[0]!, kind: 'deploy'} as JournalEvent],
		[
			60,
			{
				type: 'finished',
				operation: id,
				outcome: 'interrupted',
				exitCode: 7,
				because: 'The supervisor died',
				next: null,
				live: null,
				log: null,
			},
		],
	);
	const {head, unknowns} = timelineOf(source(failed), everything, all, everything.until);
	assert.deepEqual(
		[head.firstSign?.at, head.detected, head.timeToDetect, head.recovered, head.timeToRecover],
		[start + 60_000, null, null, null, null],
	);
	assert.equal(unknowns.length, 3);
	const healthy = {
		v: 1,
		n: 9,
		at: start + 90_000,
		wall: start + 90_000,
		kind: 'health',
		environment: 'staging',
		health: true,
		version: null,
		isMixed: false,
		because: null,
	} as const;
	// That it is healthy now is no proof that the operation came right.
	assert.equal(
		timelineOf(source(failed, {entries: [healthy]}), everything, all, everything.until).head.recovered,
		null,
	);
	const quiet = timelineOf(source([]), everything, all, everything.until);
	assert.deepEqual(quiet.unknowns, ['No sign of trouble is recorded in this window.']);
	const open = timelineOf(source(failed.slice(0, 1)), everything, all, everything.until);
	assert.match(open.unknowns.join('\n'), /How 20261123T090500Z-rollback-staging-1f9c ended is not/);
});

test('the first test that fails is the first sign, not its tier minutes later; a green tier takes it back', () => {
	const seen = (seconds: number, change: Partial<Change>) =>
		({
			v: 1,
			n: 1,
			at: start + seconds * 1000,
			wall: start + seconds * 1000,
			kind: 'change',
			change: {
				at: start + seconds * 1000,
				sha: bad,
				kind: 'tier' as const,
				subject: 'e2e',
				status: 'failed' as const,
				text: 'E2E failed',
				...change,
			},
		}) as const;
	const test = seen(60, {kind: 'test', text: 'E2E shard 2: pays failed at pay.spec.ts:12'});
	const {head} = timelineOf(
		source([], {entries: [test, seen(480, {}), seen(900, {status: 'passed', text: 'E2E passed (attempt 2)'})]}),
		everything,
		all,
		everything.until,
	);
	assert.deepEqual([head.firstSign?.at, head.timeToDetect, head.timeToRecover], [start + 60_000, 0, 840]);
	assert.equal(timelineOf(source([], {entries: [test]}), everything, all, everything.until).head.recovered, null);
});

test('what two screens saw is told once, by the one that saw it first', () => {
	const change = {
		at: start + 5000,
		sha: bad,
		kind: 'tier',
		subject: 'e2e',
		status: 'failed',
		text: 'E2E failed',
	} as const;
	const seen = (seconds: number, at = change.at) =>
		({
			v: 1,
			n: 1,
			at: start + seconds * 1000,
			wall: start + seconds * 1000,
			kind: 'change',
			change: {...change, at},
		}) as const;
	const items = timelineItems(
		source([], {entries: [seen(9), seen(7, change.at + 2000), seen(600, start + 600_000)]}),
	);
	assert.deepEqual(
		items.map(({at, seenAt}) => [at, seenAt]),
		[
			[start + 5000, start + 7000],
			[start + 600_000, start + 600_000],
		],
	);
});

test("the journal's wall time is told as GitHub's, of a demo at its speed", () => {
	assert.equal(clockOf({anchors: [{wall: 1000, at: 61_000}], demo: null})(5000), 65_000);
	assert.equal(
		clockOf({anchors: [{wall: 1000, at: 61_000}], demo: null})(1000 + 2 * 3_600_000),
		1000 + 2 * 3_600_000,
		'too far to say',
	);
	const demo = clockOf({
		anchors: [
			{wall: 1000, at: 100_000},
			{wall: 2000, at: 110_000},
		],
		demo: {speed: 10},
	});
	assert.deepEqual([demo(1500), demo(2500)], [105_000, 115_000]);
});

test('the last incident: bad signs near each other, from their cause on; without any the last day', () => {
	const items = timelineItems(
		source(
			journalOf(
				[-7200, {type: 'human-lock-taken', environment: 'staging', lock: 'old', by: 'ada', reason: 'x'}],
				...rollback.map(event => [(event.at - start) / 1000, event] as const),
			),
		),
	);
	const {from, until} = lastIncident(items, start + 100 * minute);
	assert.deepEqual([from, until], [start + 300_000 - minute, start + 322_000 + minute]);
	assert.deepEqual(lastIncident([], start), {
		from: start - 86_400_000,
		until: start,
		why: 'the last 24 hours: no incident is known',
	});
});

test('Markdown: whatever others wrote is text', () => {
	const evil =
		'x | y\n# h <script>alert(1)</script> [l](javascript:a) ![i](http://e/i.png) @team #12 `c` *b* _u_ ~~s~~ http://evil.example www.evil.example $a$ </td>';
	const event: JournalEvent = {
		type: 'human-lock-taken',
		environment: 'staging',
		lock: 'l',
		by: '@boss|`x`',
		reason: evil,
	};
	const timeline = timelineOf(
		source(
			journalOf(
				[10, event],
				[20, {type: 'lock-broken', environment: 'staging', lock: 'l', holder: evil, by: 'ada', reason: evil}],
			),
		),
		everything,
		all,
		everything.until,
	);
	const text = timelineMarkdown(timeline, 'acme/app', 'https://github.com/acme/app', zonedClock('UTC'));
	for (const line of text.split('\n').filter(each => each.startsWith('| 2026') || /^\| \d\d:/.test(each)))
		assert.equal(line.replaceAll(String.raw`\|`, '').split('|').length, 8, line);
	const body = text.replaceAll('<!-- -->', '\u0000').split('### Links')[0]!;
	assert.doesNotMatch(body, /<script|<b>|(?<!\\)\[l|(?<!\\)`c|(?<!\\)\*b|@team|@boss|#12|http:\/\/|www\.evil|<\/td/);
	assert.equal(escaped('- a list'), String.raw`\- a list`);
	assert.equal(escaped('1. one'), String.raw`\1. one`);
});

test('days may stand before hours where one looks back; limits in the settings stay as they are', () => {
	assert.deepEqual(
		['1d', '1d12h', '2d30m', '3h', '90s', '0d'].map(text => spanSeconds(text)),
		[86_400, 129_600, 174_600, 10_800, 90, 0],
	);
	assert.deepEqual(
		['d', '1d-2h', '1h1d', '1.5d', '', '12345d'].map(text => spanSeconds(text)),
		[null, null, null, null, null, null],
	);
	assert.equal(durationSeconds('1d'), null);
});

test('zones: a wall-clock time is the moment that it names there', () => {
	assert.equal(zonedClock('Europe/Berlin').moment('2026-11-23T10:00'), start);
	assert.equal(zonedClock('UTC').moment('2026-11-23'), Date.parse('2026-11-23T00:00:00Z'));
	// In the night of the change, and in the hour that does not exist.
	assert.equal(zonedClock('Europe/Berlin').moment('2026-10-25 03:30'), Date.parse('2026-10-25T02:30:00Z'));
	assert.equal(typeof zonedClock('Europe/Berlin').moment('2026-03-29 02:30'), 'number');
	assert.equal(zonedClock('UTC').moment('2026-13-45'), null);
	assert.deepEqual([isZone('Europe/Berlin'), isZone('Moon/Base')], [true, false]);
});

test('where nothing is recorded nothing is told but that', async t => {
	const {printed} = await left(t);
	assert.match(
		flat(await printed({since: '2026-01-01', until: '2026-01-02'})),
		/Nothing was recorded from 00:00:00 to 2026-01-02 00:00:00/,
	);
});
