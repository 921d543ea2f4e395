/** The scripts' line protocol: what it means, and that nothing in a line can hurt. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {endLineOf, noteOf, parseProtocolLine, protocolVerbs} from '../source/core/operations/protocol.ts';
import type {ParsedLine, ProtocolLine} from '../source/core/operations/protocol.ts';
import {createLineFinder} from '../source/operations/script/follow.ts';
import {createStepRecorder} from '../source/operations/script/steps.ts';

const head = 'deployctl/1 2026-11-23T03:20:32Z +0.175';
const lineOf = (text: string): ProtocolLine => {
	const parsed = parseProtocolLine(text);
	assert.ok(parsed.kind === 'line', text);
	return parsed.line;
};

test('a line of the contract, with values and free text', () => {
	const line = lineOf(`${head} probe verify try=2/100 code=200 release=20250101000002-aaaa002 next=0.2s`);
	assert.deepEqual(
		[line.verb, line.step, line.afterSeconds, {...line.values}],
		['probe', 'verify', 0.175, {try: '2/100', code: '200', release: '20250101000002-aaaa002', next: '0.2s'}],
	);
	assert.equal(noteOf(lineOf(`${head} fail verify took=2.5 -- gave up -- for good`)), 'gave up -- for good');
	assert.equal(noteOf(lineOf(`${head} probe verify host=web-1 try=1/2`)), 'try=1/2');
	assert.deepEqual(
		endLineOf(lineOf(`${head} end deploy exit=20 result=rolled-back live=20250101000002-aaaa002 cause=health`)),
		{exit: 20, result: 'rolled-back', live: '20250101000002-aaaa002', cause: 'health'},
	);
	assert.deepEqual(endLineOf(lineOf(`${head} end deploy exit=zero live=-`)), {
		exit: null,
		result: null,
		live: null,
		cause: null,
	});
});

test('unknown steps and keys are kept, values may hold equals signs', () => {
	const line = lineOf(`${head} begin warm-the-cache mood=a=b x=`);
	assert.deepEqual(
		[line.step, line.values['mood'], line.values['x'], line.values['absent']],
		['warm-the-cache', 'a=b', '', undefined],
	);
	assert.equal(lineOf(`${head} note x __proto__=1 constructor=2`).values['toString'], undefined);
});

test('another version is refused, another text is foreign', () => {
	assert.deepEqual(parseProtocolLine('deployctl/2 2026-11-23T03:20:32Z +0.1 begin x'), {
		kind: 'unsupported',
		version: '2',
	});
	for (const text of [
		'',
		'hello',
		' deployctl/1',
		'deployctl/1',
		'deployctl/1 soon +1 begin x',
		`${head} explode x`,
		`${head} begin`,
		`deployctl/1x ${head}`,
		`${head} begin ${'x'.repeat(5000)}`,
	]) {
		assert.equal(parseProtocolLine(text).kind, 'foreign', text);
	}
});

test('no line throws, and nothing that comes out can steer a terminal', () => {
	const hostile = fc.string({
		unit: fc.oneof(
			fc.constantFrom('\u001B', '[', '31m', '\u009B', '=', ' ', '--', '\r', '\u202E', 'begin', '\0'),
			fc.string({unit: 'binary', maxLength: 3}),
		),
	});
	fc.assert(
		fc.property(
			fc.constantFrom(...protocolVerbs),
			fc.string({unit: 'grapheme', minLength: 1}),
			hostile,
			(verb, step, rest) => {
				for (const text of [
					rest,
					`${head} ${verb} ${step}${rest}`,
					`${head} ${verb} ${step} k=${rest}`,
					`${head} ${verb} x -- ${rest}`,
					`deployctl/${rest}`,
				]) {
					const parsed = parseProtocolLine(text);
					if (parsed.kind !== 'line') continue;
					const {line} = parsed;
					assert.doesNotMatch(
						[line.step, ...Object.entries(line.values).flat(), line.text, noteOf(line)].join(''),
						/[\0-\u001F\u007F-\u009F\u202A-\u202E]/,
					);
				}
			},
		),
	);
});

test('lines are found whole, however the bytes arrive, and however much else there is', () => {
	const good = ['begin a', 'ok a', 'begin b x=1', 'end deploy exit=0'].map(text => `${head} ${text}`);
	const noise = fc.constantFrom(
		'plain text',
		'x'.repeat(9000),
		'',
		`not at the begin: ${head} begin no`,
		`${head} nonsense here`,
		`y${'deployctl/1 '.repeat(900)}`,
	);
	fc.assert(
		fc.property(
			fc.array(noise, {minLength: 5, maxLength: 5}),
			fc.array(fc.integer({min: 1, max: 9000}), {minLength: 1, maxLength: 40}),
			(noises, cuts) => {
				const bytes = Buffer.from(
					`${noises.flatMap((text, index) => [text, ...(good[index] === undefined ? [] : [good[index]])]).join('\n')}\n`,
				);
				const found: ParsedLine[] = [];
				const take = createLineFinder(line => found.push(line));
				let at = 0;
				for (let index = 0; at < bytes.length; index++) {
					const next = at + cuts[index % cuts.length]!;
					take(bytes.subarray(at, next));
					at = next;
				}
				assert.deepEqual(
					found,
					good.map(text => parseProtocolLine(text)),
				);
			},
		),
	);
});

const recorded = (texts: readonly string[], already = 0) => {
	const recorder = createStepRecorder('op', text => text.replaceAll('hunter2', '***'), already);
	for (const text of texts) recorder.take(parseProtocolLine(`${head} ${text}`));
	return recorder;
};

test('steps: probes are one word about a step, secrets are masked', () => {
	const {events} = recorded([
		'begin verify',
		'probe verify try=1',
		'probe verify try=2',
		'probe other try=1',
		'note disk -- password hunter2',
		'fail verify took=1 -- refused by hunter2',
	]).due(0);
	assert.deepEqual(
		events.map(({type, step, note}) => [type, step, note]),
		[
			['step-began', 'verify', null],
			['step-began', 'verify', 'disk: password ***'],
			['step-failed', 'verify', 'refused by ***'],
		],
	);
});

test('steps: who takes over writes only what is not written yet', () => {
	const texts = ['begin a', 'probe a try=1', 'ok a', 'begin b', 'probe b try=7', 'ok b'];
	assert.deepEqual(
		recorded(texts, 3)
			.due(0)
			.events.map(({type, step, note}) => [type, step, note]),
		[
			['step-began', 'b', 'try=7'],
			['step-passed', 'b', null],
		],
	);
	assert.deepEqual(recorded(texts, 4).due(0).events, []);
});

test('steps: a flood is rationed, and what counts is kept for the end', () => {
	const recorder = recorded(Array.from({length: 500}, (_, index) => `begin step-${index % 200}`));
	const first = recorder.due(1000).events.length;
	assert.ok(first <= 80, String(first));
	assert.ok(recorder.due(1050).events.length <= 2);
	assert.equal(first + recorder.due(1050, true).events.length >= 200, true);
});

test("steps: the driver's word counts more than a host's, and a version that we do not know ends all belief", () => {
	assert.equal(
		recorded(['end deploy exit=0 result=deployed', 'end deploy exit=1 host=web-2']).endLine()?.result,
		'deployed',
	);
	assert.equal(recorded(['end deploy exit=1 host=web-1', 'end deploy exit=0 result=deployed']).endLine()?.exit, 0);
	const recorder = recorded(['end deploy exit=0 result=deployed']);
	recorder.take(parseProtocolLine('deployctl/3 x'));
	assert.equal(recorder.endLine(), null);
});
