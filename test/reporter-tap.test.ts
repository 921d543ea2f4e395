/** What a TAP stream says of tests, and what in it only looks like it: a failure is never dropped, and nothing at all is no success. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {createTapReader, type TapEvent} from '../source/reporter/tap.ts';
import {runs} from './helpers/fuzz.ts';

const tap = (text: string, options: {allowTodo?: boolean; size?: number} = {}) => {
	const reader = createTapReader(options);
	const size = options.size ?? Math.max(1, text.length);
	const events: TapEvent[] = [];
	for (let at = 0; at < text.length; at += size) events.push(...reader.write(text.slice(at, at + size)));
	const last = reader.end();
	return {...last, tests: [...events, ...last.events].flatMap(event => (event.type === 'ended' ? [event.test] : []))};
};
const outcomes = (text: string, options: {allowTodo?: boolean} = {}) =>
	tap(text, options).tests.map(({title, outcome}) => [title, outcome]);
const one = (line: string) => outcomes(`1..1\n${line}\n`)[0];

test('a # of a name is no directive: bats writes it as it is', () => {
	const {tests, wrong, marked} = tap(
		'1..3\nok 1 opens the menu\nnot ok 2 header #skip-link moves the focus\nnot ok 3 cart # TODO list is shown\n',
	);
	assert.deepEqual(
		tests.map(({title, outcome}) => [title, outcome]),
		[
			['opens the menu', 'passed'],
			['header #skip-link moves the focus', 'failed'],
			['cart # TODO list is shown', 'failed'],
		],
	);
	assert.deepEqual([wrong, marked], ['2 failed', 1]);
});

const directives: ReadonlyArray<readonly [line: string, title: string, outcome: string]> = [
	['ok 1 - flies # SKIP no wings', 'flies', 'skipped'],
	['ok 1 # skip this one', 'test 1', 'skipped'],
	['ok 1 - flies # Skipped: no wings', 'flies', 'skipped'],
	['ok 1 - #SkIp for now', 'test 1', 'skipped'],
	['ok 1 flies #skip', 'flies', 'skipped'],
	['ok 1 flies # TODO', 'flies', 'skipped'],
	['ok 1 flies #todo: wings', 'flies', 'skipped'],
	['ok 1 - issue # 12 # SKIP later', 'issue # 12', 'skipped'],
	['ok 1 - flies \\# SKIP no wings', 'flies # SKIP no wings', 'passed'],
	[
		'ok 1 see https://shop.example/page.html#skip is shown',
		'see https://shop.example/page.html#skip is shown',
		'passed',
	],
	['ok 1 header #skip-link is there', 'header #skip-link is there', 'passed'],
	['ok 1 the #todos of today', 'the #todos of today', 'passed'],
	['ok 1 a# skip', 'a# skip', 'passed'],
	['ok 1 a \\\\ b', 'a \\ b', 'passed'],
	['ok 1 - # WIP unknown', '# WIP unknown', 'passed'],
	['ok 1 page # skipping works', 'page # skipping works', 'passed'],
	['ok 1 the # todo-list', 'the # todo-list', 'passed'],
	['ok 1 - flies # SKIP(why)', 'flies', 'skipped'],
	['\u001B[32mok\u001B[0m 1 - flies', 'flies', 'passed'],
	['\u001B[1;31mnot ok 1 - flies\u001B[0m', 'flies', 'failed'],
	['not ok 1 - flies # SKIP no wings', 'flies # SKIP no wings', 'failed'],
	['not ok 1 # SKIP', '# SKIP', 'failed'],
	['not ok 1 - swims # TODO water', 'swims # TODO water', 'failed'],
];
for (const [line, title, outcome] of directives)
	test(`directive or not: ${line}`, () => assert.deepEqual(one(line), [title, outcome]));

test('TODO excuses a failure only where the caller says that names are escaped, and then it is counted', () => {
	const text = '1..4\nok 1 - a\nnot ok 2 - b # TODO later\nnot ok 3 - c \\# TODO\nnot ok 4 - d # SKIP\n';
	const {wrong, excused, marked, tests} = tap(text, {allowTodo: true});
	assert.deepEqual(
		[wrong, excused, marked, tests.map(({outcome}) => outcome).join(' ')],
		['2 failed', 1, 0, 'passed skipped failed failed'],
	);
	assert.deepEqual([tap(text).wrong, tap(text).marked], ['3 failed', 1]);
	assert.equal(tap('1..1\nnot ok 1 header # TODOs are shown\n', {allowTodo: true}).wrong, '1 failed');
});

test('a program that talks is no test, and a test needs no number', () => {
	assert.equal(
		tap(
			'TAP version 13\n1..2\nok, warming up the cache\nok: ready\nokay\nnot okay\nnot ok, again\nOK 3\n  ok 4\n\tok 5\nok 1 - a\nok 2 - b\n',
		).wrong,
		null,
	);
	assert.deepEqual(outcomes('1..4\nok\nnot ok\nok - c\nok 1.5 seconds\n'), [
		['test 1', 'passed'],
		['test 2', 'failed'],
		['c', 'passed'],
		['1.5 seconds', 'passed'],
	]);
	assert.deepEqual(one('not ok 1 - a\u2028b'), ['a\u2028b', 'failed']);
});

const wrongs: ReadonlyArray<readonly [text: string, wrong: string | null]> = [
	['1..3\nok 2\nok 3\nok 1\n', null],
	['1..3\nok 2\nok 4\nok 1\n', 'test 4 is not in the plan 1..3'],
	['ok 0\nok 1\n1..2\n', 'test 0 is not in the plan 1..2'],
	['1..2\nok 1\nok 1\n', 'there are two tests with the number 1'],
	['1..1\nok 1\n1..1\n', 'it has more than one plan'],
	['ok 1\n1..2\nok 2\n', 'tests came behind the plan at its end'],
	['1..1\nok 1\nok 2\n', '2 of 1 planned tests were run'],
	['ok 1\n1..1 of them\n', 'it ended without a plan'],
	['TAP version 14\n', 'there was no TAP in it'],
	['# Subtest: s\n    ok 1 - a\nok 1 - s\n1..1\n', 'it ended without a plan in the subtest s'],
	['    1..2\n    ok 1 - a\nok 1 - s\n1..1\n', '1 of 2 planned tests were run in the subtest'],
	['1..2\nok\nok 1 - a\nok so it goes\nok 2 - b\nok\n', null],
	['ok 1 - a\nok 2 - b\n1..2\nok\n', null],
	['1..2\nok\nok 1 - a\n', null],
	['1..2\nok\nok 1 - a # SKIP\nok 2 # SKIP\n', '3 of 2 planned tests were run'],
	['1..3\nok\nok 1 - a\n', '2 of 3 planned tests were run'],
	['1..2\nok 1\nok 2\nnot ok\n', '3 of 2 planned tests were run, and 1 failed'],
	['ok 1\n1..1\nnot ok\n', 'tests came behind the plan at its end, and 1 failed'],
	['1..2 todo 2;\nok 1\nok 2\n', null],
	['1..2 todo\nok 1\nok 2\n', null],
	['1..1 todo list\nok 1\n', 'it ended without a plan'],
	['\u001B[2m1..1\u001B[22m\n\u001B[32mok 1\u001B[39m\n\u001B[31mnot ok\u001B[39m\n', null],
	['TAP version 12\npragma +strict\n1..1\nok 1\n', null],
	['\uFEFF1..1\nok 1\n', null],
];
for (const [text, wrong] of wrongs)
	test(`as a whole: ${JSON.stringify(text)}`, () => assert.equal(tap(text).wrong, wrong));

test('why a plan has no test is told', () => {
	assert.deepEqual(
		[tap('1..0 # SKIP no database here\n').reason, tap('1..0 # no \\#5\n').reason, tap('1..0\n').reason],
		['no database here', 'no #5', null],
	);
});

test('lines end with LF, CRLF or a lone CR, also where a piece ends between them', () => {
	const text = '1..3\r\nnot ok 1 - a\r\n  ---\r\n  message: late\r\n  ...\r\nok 2 - b\rnot ok 3 - c\r';
	for (const size of [text.length, 1, 2, 5]) {
		const {tests, wrong} = tap(text, {size});
		assert.deepEqual(
			[tests.map(({title, outcome, error}) => [title, outcome, error?.message ?? null]), wrong],
			[
				[
					['a', 'failed', 'late'],
					['b', 'passed', null],
					['c', 'failed', 'not ok'],
				],
				'2 failed',
			],
		);
	}
});

test('what stands in diagnostics is no test; what stands behind a block that nobody closed is one', () => {
	assert.deepEqual(
		outcomes(
			'1..2\nnot ok 1 - a\n  ---\n  output: |\n    not ok 7 - within\n    1..9\n    ok 8\n    Bail out!\n  ...\nok 2 - b\n',
		),
		[
			['a', 'failed'],
			['b', 'passed'],
		],
	);
	assert.deepEqual(outcomes('1..2\nok 1 - a\n  ---\n  output: x\nnot ok 2 - b\n  ...\n'), [
		['a', 'passed'],
		['b', 'failed'],
	]);
	assert.deepEqual(
		outcomes('1..2\nok 1 - a\n---\nnot ok 2 - b\n...\n'),
		[
			['a', 'passed'],
			['b', 'failed'],
		],
		'dashes at the margin are output',
	);
});

test('subtests of any depth, with and without a comment; every failure of them is told', () => {
	const deep =
		'# Subtest: a\n    # Subtest: b\n        # Subtest: c\n        not ok 1 - c\n        # Subtest: d\n        not ok 2 - d\n        1..2\n    not ok 1 - b\n    1..1\nnot ok 1 - a\n1..1\n';
	assert.deepEqual(outcomes(deep), [
		['a › b › c', 'failed'],
		['a › b › d', 'failed'],
	]);
	assert.equal(tap(deep).wrong, '2 failed');
	assert.deepEqual(
		outcomes('    ok looks good\n    not ok really\nnot ok 1 - a\n1..1\n'),
		[
			['looks good', 'passed'],
			['really', 'failed'],
			['a', 'failed'],
		],
		'indented output hides no test',
	);
	assert.deepEqual(
		outcomes('ok 1 - s {\n    1..1\n    ok 1 - x\n}\nnot ok 2 - y\n1..2\n').at(-1),
		['y', 'failed'],
		'a test behind a buffered subtest is not its parent',
	);
	assert.deepEqual(outcomes('# Subtest: s\n    1..0\nok 1 - s\n1..1\n'), [['s', 'skipped']], 'a subtest of nothing');
	assert.deepEqual(outcomes('    ok 1 - x\n    1..1\nnot ok 1 - s # TODO\n1..1\n').at(-1), ['s # TODO', 'failed']);
});

type Truth = {name: string; isOk: boolean; output: string; yaml: string};
const text = fc.oneof(
	fc.string({unit: 'binary', maxLength: 30}),
	fc
		.array(
			fc.constantFrom(
				'#',
				' ',
				'skip',
				'SKIP',
				'TODO',
				'todo',
				'#skip-link',
				'"',
				"'",
				'\\',
				'\n',
				'\r',
				'\u2028',
				' - ',
				'1',
				'ok',
				'not ok',
				'{',
				'...',
				'---',
				'1..2',
				'<&>',
			),
			{maxLength: 8},
		)
		.map(parts => parts.join('')),
);
const output = fc.constantFrom(
	'',
	'ok, fine',
	'not okay',
	'---',
	'...',
	'# TODO',
	'warming up',
	'  not ok?',
	'}',
	'\u001B[31mnot ok\u001B[0m',
);
const yaml = fc.constantFrom('', 'message: late', 'output: |\n    not ok 3 - x\n    ok', 'data:\n    1..4');
const truths = fc.array(fc.record({name: text, isOk: fc.boolean(), output, yaml}), {minLength: 1, maxLength: 12});
const onLine = (name: string) => name.replaceAll(/[\n\r]/g, ' ').trim();

test('from a known truth, with any names, output and diagnostics: every failure is told, and no other', () => {
	fc.assert(
		fc.property(
			truths,
			fc.boolean(),
			fc.boolean(),
			fc.constantFrom('\n', '\r\n'),
			fc.integer({min: 1, max: 40}),
			(all: Truth[], escapes, isPlanFirst, end, size) => {
				const lines = all.flatMap(({name, isOk, output: said, yaml: block}, at) => [
					...(said === '' ? [] : [said]),
					`${isOk ? 'ok' : 'not ok'} ${at + 1} - ${escapes ? onLine(name).replaceAll(/[#\\]/g, '\\$&') : onLine(name)}`,
					...(block === '' ? [] : ['  ---', ...block.split('\n').map(line => `  ${line}`), '  ...']),
				]);
				const plan = `1..${all.length}`;
				const {tests, wrong} = tap((isPlanFirst ? [plan, ...lines, ''] : [...lines, plan, '']).join(end), {
					size,
				});
				const failed = all.filter(({isOk}) => !isOk).length;
				assert.equal(tests.length, all.length);
				assert.equal(tests.filter(({outcome}) => outcome === 'failed').length, failed);
				assert.equal(wrong, failed > 0 ? `${failed} failed` : null);
				if (!escapes) return;
				for (const [at, {title, outcome}] of tests.entries()) {
					assert.deepEqual(
						[title, outcome],
						[onLine(all[at]!.name) || `test ${at + 1}`, all[at]!.isOk ? 'passed' : 'failed'],
					);
				}
			},
		),
		runs(3000),
	);
});

test('a stream that is cut anywhere is a success only where nothing of it is missing', () => {
	const whole = '1..3\nok 1 - a\nok 2 - b\nok 3 - c\n';
	for (let length = 0; length < whole.indexOf('ok 3') + 2; length += 1)
		assert.notEqual(tap(whole.slice(0, length)).wrong, null, JSON.stringify(whole.slice(0, length)));
	assert.equal(tap(whole).wrong, null);
});
