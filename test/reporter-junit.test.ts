/** JUnit's numbers of a suite against the tests in it: less than was announced, or a failure that no test tells, is a fault. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {RawTest} from '../source/reporter/collector.ts';
import {createJunitReader, type SuiteFault} from '../source/reporter/junit.ts';
import {runs} from './helpers/fuzz.ts';

const read = (text: string, size = Math.max(1, text.length)) => {
	const tests: RawTest[] = [];
	const faults: SuiteFault[] = [];
	const reader = createJunitReader(
		one => tests.push(one),
		fault => faults.push(fault),
	);
	for (let at = 0; at < text.length; at += size) if (!reader.write(text.slice(at, at + size))) break;
	return {tests, faults, ...reader.end()};
};
const faults = (text: string) => read(text).faults.map(({location, message}) => `${location}: ${message}`);

test('a suite that failed outside of its tests: an import error, a set-up, a failure without a test', () => {
	assert.deepEqual(
		faults('<testsuite name="a" tests="0" errors="1"><system-err>ImportError: no shop</system-err></testsuite>'),
		['a: ImportError: no shop\nThe suite says that 1 failed, and names 0: something failed outside of its tests.'],
	);
	assert.deepEqual(
		faults(
			'<testsuites failures="1"><testsuite name="a" tests="2" failures="1"><testcase name="t" classname="c"/></testsuite></testsuites>',
		),
		[
			'a: The suite says that 1 failed, and names 0: something failed outside of its tests.',
			'a: The suite announces 2 tests, and holds 1: 1 did not come to their end.',
		],
	);
	assert.deepEqual(
		faults(
			'<testsuite name="a" tests="1"><error message="beforeAll">no database</error><testcase name="t"/></testsuite>',
		),
		[
			'a: beforeAll\nno database\nThe suite says that 1 failed, and names 0: something failed outside of its tests.',
		],
	);
	assert.deepEqual(
		faults('<testsuites errors="2" tests="1"><testsuite name="a"><testcase name="t"/></testsuite></testsuites>')
			.length,
		1,
	);
});

test('fewer tests than announced, but skipped ones that are not listed are not missing', () => {
	assert.deepEqual(faults('<testsuite name="a" tests="5"><testcase name="t"/></testsuite>'), [
		'a: The suite announces 5 tests, and holds 1: 4 did not come to their end.',
	]);
	assert.deepEqual(read('<testsuite name="a" tests="5" skipped="3" disabled="1"><testcase name="t"/></testsuite>'), {
		...read('<testsuite name="a"><testcase name="t"/></testsuite>'),
		faults: [],
		skipped: 0,
	});
	assert.deepEqual(
		faults(
			'<testsuite name="a" tests="5" skipped="2"><testcase name="t"/><testcase name="u"><skipped/></testcase></testsuite>',
		),
		['a: The suite announces 5 tests, and holds 2: 2 did not come to their end.'],
	);
	assert.equal(
		read('<testsuite tests="2" skipped="2"><testcase name="t"/><testcase name="u"/></testsuite>').skipped,
		2,
		'what is said to be skipped has not passed',
	);
});

test('numbers of a suite with or without those within, and numbers that are none, are no fault', () => {
	for (const xml of [
		'<testsuites tests="2" failures="1"><testsuite name="o" tests="2" failures="1"><testsuite name="i" tests="2" failures="1"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite></testsuite></testsuites>',
		'<testsuite name="o" tests="1"><testcase name="a"/><testsuite name="i" tests="1"><testcase name="b"/></testsuite></testsuite>',
		'<testsuite tests="" failures="none" errors="-1" skipped="1,000"><testcase name="a"/></testsuite>',
		'<testsuite tests="1" failures="1" errors="1"><testcase name="a"><failure/><error/></testcase></testsuite>',
		'<testsuite tests="1" failures="1"><testcase name="a"><flakyFailure message="x"/></testcase></testsuite>',
		'<testsuite tests="0"/>',
	])
		assert.deepEqual(faults(xml), [], xml);
});

test('a failure is told wherever it stands, and a status tells what no element does', () => {
	const brief = (xml: string) =>
		read(`<testsuite>${xml}</testsuite>`).tests.map(({title, outcome}) => [title, outcome]);
	assert.deepEqual(brief('<testcase name="a"><failure/><testcase name="b"/></testcase>'), [
		['b', 'passed'],
		['a', 'failed'],
	]);
	assert.deepEqual(brief('<testcase name="a"><failures><failure message="x"/></failures></testcase>'), [
		['a', 'failed'],
	]);
	assert.deepEqual(brief('<testcase name="a"><rerunFailure><error/></rerunFailure></testcase>'), [['a', 'flaky']]);
	assert.deepEqual(brief('<testcase name="a"><skipped/><failure/></testcase>'), [['a', 'failed']]);
	assert.deepEqual(
		brief(
			'<testcase name="a" status="fail"/><testcase name="b" status="notrun" result="suppressed"/><testcase name="c" status="run" result="completed"/><testcase name="d" status="disabled"/>',
		),
		[
			['a', 'failed'],
			['b', 'skipped'],
			['c', 'passed'],
			['d', 'skipped'],
		],
	);
	assert.match(
		read('<testsuite><testcase name="a" status="timed-out"/></testsuite>').tests[0]!.error!.message,
		/timed-out/,
	);
});

test('what producers write: prefixes, CTest that cannot run a test, Catch2 that counts assertions, ignored tests, numbers with signs', () => {
	const outcomes = (xml: string) => read(xml).tests.map(({outcome}) => outcome);
	const prefixed = read(
		'<j:testsuites xmlns:j="urn:x"><j:testsuite name="a" tests="2"><j:testcase name="x"/><j:testcase name="y"><j:failure/></j:testcase></j:testsuite></j:testsuites>',
	);
	assert.deepEqual(
		[prefixed.tests.map(({outcome}) => outcome), prefixed.faults, prefixed.isWhole],
		[['passed', 'failed'], [], true],
	);
	assert.deepEqual(outcomes('<testsuite><testcase name="x"><j:failure xmlns:j="urn:x"/></testcase></testsuite>'), [
		'failed',
	]);
	const ctest = (message: string) =>
		outcomes(
			`<testsuite><testcase name="x" status="notrun"><skipped message="${message}"/></testcase></testsuite>`,
		);
	assert.deepEqual(
		['Unable to find executable', 'Fixture dependency failed', 'SKIP_RETURN_CODE=77', 'Disabled'].map(
			message => ctest(message)[0],
		),
		['failed', 'failed', 'skipped', 'skipped'],
	);
	assert.deepEqual(
		faults(
			'<testsuite name="c" hostname="tbd" tests="12" failures="0"><testcase name="x"/><testcase name="y"/></testsuite>',
		),
		[],
	);
	assert.equal(
		faults('<testsuite name="c" hostname="tbd" tests="12" failures="1"><testcase name="x"/></testsuite>').length,
		1,
	);
	assert.deepEqual(faults('<testsuite name="n" tests="3" ignored="2"><testcase name="x"/></testsuite>'), []);
	assert.equal(faults('<testsuite name="n" tests="3" ignored="1"><testcase name="x"/></testsuite>').length, 1);
	for (const said of ['1.0', ' 1 ', '1,000'])
		assert.equal(faults(`<testsuite failures="${said}"><testcase name="x"/></testsuite>`).length, 1, said);
});

test('attributes without quotes are no XML: what they say would be lost', () => {
	for (const xml of [
		'<testsuite failures=1><testcase name="x"/></testsuite>',
		'<testsuite name="a" "b"><testcase name="x"/></testsuite>',
		'<testsuite failed><testcase name="x"/></testsuite>',
	])
		assert.equal(read(xml).isWhole, false, xml);
	assert.equal(read('<testsuite name = "a"\n\tfailures=\'0\' ><testcase name="x" /></testsuite>').isWhole, true);
});

const escaped = (value: string) => value.replaceAll(/[&<>"'\n\r\t]/g, sign => `&#${sign.codePointAt(0)};`);
const name = fc.string({unit: 'grapheme', maxLength: 20}).map(value => `${value}#skip"`);
const kinds = ['passed', 'failed', 'error', 'skipped'] as const;
const cases = fc.array(fc.record({name, kind: fc.constantFrom(...kinds)}), {maxLength: 8});

test('from a known truth: every failure is told, and one more for each suite that failed by itself or lost tests', () => {
	const suite = fc.record({
		name,
		cases,
		lost: fc.integer({min: 0, max: 2}),
		own: fc.integer({min: 0, max: 2}),
		counts: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(suite, {maxLength: 4}), fc.integer({min: 1, max: 50}), (all, size) => {
			const inner = {
				passed: '',
				failed: '<failure message="not ok"/>',
				error: '<error>x</error>',
				skipped: '<skipped/>',
			} as const;
			const xml = all.map(({name: title, cases: some, lost, own, counts}) => {
				const of = (kind: string) => some.filter(one => one.kind === kind).length;
				const numbers = counts
					? ` tests="${some.length + lost}" failures="${of('failed')}" errors="${of('error') + own}" skipped="${of('skipped')}"`
					: '';
				return `<testsuite name="${escaped(title)}"${numbers}>${some.map(one => `<testcase name="${escaped(one.name)}">${inner[one.kind]}</testcase>`).join('')}</testsuite>`;
			});
			const {tests, faults: told, isWhole} = read(`<testsuites>${xml.join('')}</testsuites>`, size);
			assert.ok(isWhole);
			const truth = all.flatMap(({cases: some}) => some);
			assert.deepEqual(
				tests.map(({title}) => title),
				truth.map(one => one.name),
			);
			assert.deepEqual(
				tests.map(({outcome}) => outcome),
				truth.map(({kind}) => (kind === 'error' ? 'failed' : kind)),
			);
			assert.equal(
				told.length,
				all.reduce((sum, {lost, own, counts}) => sum + (counts ? Number(lost > 0) + Number(own > 0) : 0), 0),
			);
		}),
		runs(1000),
	);
});
