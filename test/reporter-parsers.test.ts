/** JUnit XML and TAP of many hands, and of bad ones. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {RawTest} from '../source/reporter/collector.ts';
import {createJunitReader} from '../source/reporter/junit.ts';
import {createTapReader, type TapEvent} from '../source/reporter/tap.ts';
import {createXmlReader} from '../source/reporter/xml.ts';
import {runs} from './helpers/fuzz.ts';

const junit = (text: string, size = text.length || 1) => {
	const tests: RawTest[] = [];
	const reader = createJunitReader(one => tests.push(one));
	for (let at = 0; at < text.length; at += size) if (!reader.write(text.slice(at, at + size))) break;
	return {tests, ...reader.end()};
};
const brief = (tests: readonly RawTest[]) =>
	tests.map(({location, title, outcome, error}) => [location, title, outcome, error?.message ?? null]);

const samples: ReadonlyArray<
	readonly [who: string, xml: string, expected: ReadonlyArray<ReturnType<typeof brief>[number]>]
> = [
	[
		'pytest',
		'<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="0"><testcase classname="tests.test_pay" name="test_card[visa]" file="tests/test_pay.py" line="11" time="0.5" /><testcase classname="tests.test_pay" name="test_cash" file="tests/test_pay.py" line="20" time="1,234.5"><failure message="assert 200 == 500">def test_cash():\n&gt; assert &#x61;</failure></testcase><testcase classname="tests.test_pay" name="test_later" time="0"><skipped type="pytest.skip" message="later">x</skipped></testcase></testsuite></testsuites>',
		[
			['tests/test_pay.py:11', 'tests.test_pay › test_card[visa]', 'passed', null],
			['tests/test_pay.py:20', 'tests.test_pay › test_cash', 'failed', 'assert 200 == 500'],
			['tests.test_pay', 'test_later', 'skipped', null],
		],
	],
	[
		'Playwright',
		'<testsuites id="" tests="1"><testsuite name="e2e/pay.spec.ts" hostname=""><testcase name="checkout › pays" classname="e2e/pay.spec.ts" time="2.1"><failure message="pay.spec.ts:12:3 pays" type="FAILURE"><![CDATA[  Error: expect(received) < & ]]]]><![CDATA[>]]></failure><system-out><![CDATA[<testcase name="not one"/>]]></system-out></testcase></testsuite></testsuites>',
		[['e2e/pay.spec.ts', 'checkout › pays', 'failed', 'pay.spec.ts:12:3 pays']],
	],
	[
		'Surefire',
		'<testsuite name="org.Shop"><testcase name="pays" classname="org.Shop" time="1"><flakyFailure message="x" type="E"><stackTrace>at</stackTrace></flakyFailure></testcase><testcase name="ships" classname="org.Shop"><error type="NPE">java.lang.NullPointerException\n at</error><rerunFailure message="y"/></testcase></testsuite>',
		[
			['org.Shop', 'pays', 'flaky', null],
			['org.Shop', 'ships', 'failed', 'java.lang.NullPointerException\n at'],
		],
	],
	[
		'one without suites, attributes in single quotes',
		'<testsuite><testcase name=\'a "quoted" &lt;name&gt;\'/></testsuite>',
		[['JUnit', 'a "quoted" <name>', 'passed', null]],
	],
];
for (const [who, xml, expected] of samples) {
	test(`JUnit of ${who}, in pieces of any size`, () => {
		for (const size of [xml.length, 1, 7, 64]) {
			const {tests, isWhole} = junit(xml, size);
			assert.deepEqual(brief(tests), expected);
			assert.equal(isWhole, true);
		}
	});
}

test('times are seconds, and the same name twice is two tests', () => {
	const {tests} = junit('<testsuite><testcase name="a" time="1,234.5"/><testcase name="a" time="x"/></testsuite>');
	assert.deepEqual(
		tests.map(({durationMs}) => durationMs),
		[1_234_500, 0],
	);
	assert.equal(new Set(tests.map(({id}) => id)).size, 2);
});

test('entities of its own are never expanded, and nothing is fetched', () => {
	const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&b;&x;&amp;&#65;&#xD800;&#0;"/></testsuite>`;
	assert.deepEqual(brief(junit(bomb).tests), [['JUnit', '&b;&x;&A&#xD800;&#0;', 'passed', null]]);
});

test('broken: what stands before the fault counts, and it is said', () => {
	const whole = '<testsuite><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>';
	const cut = junit(whole.slice(0, whole.indexOf('</testcase>')));
	assert.deepEqual([brief(cut.tests), cut.isWhole], [[['JUnit', 'a', 'passed', null]], false]);
	for (const text of [
		'',
		'no xml at all',
		'<html></html>',
		'<testsuite></wrong>',
		'<testsuite/><testsuite/>',
		'<testsuite><testcase name="a"/></testsuite><',
		'<a>'.repeat(200),
		'<testsuite><![CDATA[x',
	])
		assert.equal(junit(text).isWhole, false, text.slice(0, 40));
	assert.equal(junit(`<testsuite ${'a'.repeat(2_000_000)}`, 65_536).isWhole, false);
});

test('a log of a hundred megabytes within a report is read past, in bounded memory', () => {
	const reader = createJunitReader(() => {});
	reader.write('<testsuite><testcase name="a"><failure message=""><![CDATA[');
	const piece = 'x]]&<'.repeat(13_000);
	for (let bytes = 0; bytes < 100_000_000; bytes += piece.length) assert.ok(reader.write(piece));
	reader.write(']]></failure></testcase></testsuite>');
	assert.equal(reader.end().isWhole, true);
});

test('whatever is written, in whatever pieces: no crash, and the same tests', () => {
	const part = fc.oneof(
		fc.constantFrom(
			'<testsuite name="s">',
			'</testsuite>',
			'<testcase name="a" classname="b">',
			'<testcase name="c"/>',
			'</testcase>',
			'<failure message="m">',
			'</failure>',
			'<![CDATA[',
			']]>',
			'<!-- -->',
			'<!--',
			'&amp;',
			'&x;',
			'<?p?>',
			'<!DOCTYPE a [',
			']>',
			'"',
			'<',
			'>',
		),
		fc.string({maxLength: 10}),
	);
	fc.assert(
		fc.property(fc.array(part, {maxLength: 40}), fc.integer({min: 1, max: 12}), (parts, size) => {
			const text = parts.join('');
			assert.deepEqual(junit(text, size), junit(text));
		}),
		runs(2000),
	);
	const names: string[] = [];
	const reader = createXmlReader({
		open: (name, attributes) => names.push(name, ...Object.keys(attributes)),
		text: () => {},
		close: () => {},
	});
	reader.write('<a __proto__="x" constructor="y"/>');
	assert.deepEqual(names, ['a', '__proto__', 'constructor']);
});

const tap = (text: string, size = text.length || 1) => {
	const reader = createTapReader();
	const events: TapEvent[] = [];
	for (let at = 0; at < text.length; at += size) events.push(...reader.write(text.slice(at, at + size)));
	const last = reader.end();
	events.push(...last.events);
	return {...last, events, tests: events.flatMap(event => (event.type === 'ended' ? [event.test] : []))};
};

test('TAP, flat: plan, directives, diagnostics; in pieces of any size', () => {
	const text =
		'TAP version 13\n1..5\nok 1 - pays\nnot ok 2 - ships\n  ---\n  message: "late"\n  at: test/ship.js:12:5\n  duration_ms: 12.5\n  ...\nok 3 - flies # SKIP no wings\nnot ok 4 - swims # TODO water\n# a comment\nsome output\nok 5 a \\# hash\n';
	for (const size of [text.length, 1, 9]) {
		const {tests, wrong, events} = tap(text, size);
		assert.deepEqual(brief(tests), [
			['TAP', 'pays', 'passed', null],
			['test/ship.js:12', 'ships', 'failed', 'late'],
			['TAP', 'flies', 'skipped', null],
			['TAP', 'swims # TODO water', 'failed', 'not ok'],
			['TAP', 'a # hash', 'passed', null],
		]);
		assert.deepEqual([events[0], wrong, tests[1]!.durationMs], [{type: 'expected', total: 5}, '2 failed', 12.5]);
	}
});

test('TAP of Node.js: subtests are counted once, by their own names', () => {
	const text =
		'TAP version 13\n# Subtest: test/pay.test.js\n    # Subtest: by card\n    ok 1 - by card\n      ---\n      duration_ms: 1\n      ...\n    # Subtest: by cash\n    not ok 2 - by cash\n      ---\n      location: \'/shop/test/pay.test.js:7:1\'\n      error: |-\n        Expected values to be strictly equal:\n        \n        1 !== 2\n        \n      code: x\n      ...\n    1..2\nnot ok 1 - test/pay.test.js\n  ---\n  error: "1 subtest failed"\n  ...\n1..1\n';
	const {tests, wrong, events} = tap(text);
	assert.deepEqual(brief(tests), [
		['test/pay.test.js', 'test/pay.test.js › by card', 'passed', null],
		[
			'/shop/test/pay.test.js:7',
			'test/pay.test.js › by cash',
			'failed',
			'Expected values to be strictly equal:\n\n1 !== 2',
		],
	]);
	assert.deepEqual([wrong, events.filter(({type}) => type === 'started').length], ['1 failed', 3]);
	const hook = tap('    ok 1 - a\n    1..1\nnot ok 1 - hooks failed\n1..1\n');
	assert.deepEqual(
		brief(hook.tests).map(([, title, outcome]) => [title, outcome]),
		[
			['a', 'passed'],
			['hooks failed', 'failed'],
		],
	);
});

test('a stream that ends early, says too little or nothing is no success', () => {
	const wrong = (text: string) => tap(text).wrong;
	assert.equal(wrong('1..2\nok 1\nok 2\n'), null);
	assert.equal(wrong('ok 1\nok 2\n1..2\n'), null);
	assert.equal(wrong('1..3\nok 1\n'), '1 of 3 planned tests were run');
	assert.equal(wrong('ok 1\n'), 'it ended without a plan');
	assert.equal(wrong('npm ERR! missing script: test\n'), 'there was no TAP in it');
	assert.equal(wrong(''), 'there was no TAP in it');
	assert.equal(wrong('1..2\nok 1\nBail out! no database\nok 2\n'), 'it bailed out: no database');
	assert.equal(wrong('1..2\nnot ok 1\nBail out!\n'), 'it bailed out, and 1 failed');
	assert.equal(wrong('1..1\nnot ok 1 - x'), '1 failed');
});

test('a failure waits for its diagnostics, but not for the next test', () => {
	const reader = createTapReader();
	assert.deepEqual(
		reader.write('1..2\nnot ok 1 - slow\n').map(({type}) => type),
		['expected'],
	);
	assert.deepEqual(
		reader.settle().map(({type}) => type),
		['ended'],
	);
	assert.deepEqual(reader.settle(), []);
	reader.write('not ok 2 - other\n  ---\n');
	assert.deepEqual(reader.settle(), [], 'its diagnostics are just coming');
});

test('any output at all, in any pieces: no crash, the same events, bounded memory', () => {
	const part = fc.oneof(
		fc.constantFrom(
			'ok 1\n',
			'not ok 2 - x\n',
			'    ok 1 - sub\n',
			'        not ok\n',
			'  ---\n',
			'  ...\n',
			'1..3\n',
			'    1..1\n',
			'# Subtest: s\n',
			'Bail out!\n',
			'\r\n',
			'\t',
			'ok',
			' # SKIP',
			' # TODO x\n',
		),
		fc.string({maxLength: 12}),
	);
	fc.assert(
		fc.property(fc.array(part, {maxLength: 40}), fc.integer({min: 1, max: 12}), (parts, size) => {
			const text = parts.join('');
			assert.deepEqual(tap(text, size), tap(text));
		}),
		runs(2000),
	);
	const reader = createTapReader();
	for (let index = 0; index < 300; index += 1) reader.write('x'.repeat(100_000));
	assert.equal(reader.end().wrong, 'there was no TAP in it');
});
