/** The verdict on health, rule by rule: what turns it, what does not, and with which numbers it is told. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changesOf, downOf, hasRecovered, isKnownEnough, tooMany} from '../source/core/health/rules.ts';
import {type Control, healthDefaults, type Sample, seenThroughControl} from '../source/core/health/sample.ts';
import {interval} from '../source/core/health/statistics.ts';
import {baselineOf, judgeHealth, type Watched} from '../source/core/health/verdict.ts';

const rules = healthDefaults;
const sample = (at: number, result: Sample['result'], more: Partial<Sample> = {}): Sample => ({
	at,
	instance: 'app-1',
	result,
	unreachable: false,
	latencyMs: result === 'ok' ? 120 : null,
	because: result === 'ok' ? 'HTTP 200' : 'HTTP 503',
	...more,
});
/** One sample every two seconds from a second on: `.` ok, `x` failed, `b` blind, a blank for none. */
const line = (marks: string, from = 0, more: Partial<Sample> = {}): readonly Sample[] =>
	[...marks].flatMap((mark, index) => {
		const at = (from + index * 2) * 1000;
		return mark === ' ' ? [] : [sample(at, mark === 'x' ? 'failed' : mark === 'b' ? 'blind' : 'ok', more)];
	});
const endOf = (samples: readonly Sample[]) => samples.at(-1)!.at;
const isDown = (marks: string) => downOf(line(marks), (marks.length - 1) * 2000, rules) !== null;

test('down: the same instance, three failures and more, ten seconds and more', () => {
	assert.deepEqual(['xxxxxx', 'xxxxx', '.xxxxxx', 'xxx.xxx', 'x    x', 'x  x x', 'xxxxxx.'].map(isDown), [
		true,
		false,
		true,
		false,
		false,
		true,
		false,
	]);
	assert.ok(isDown('xbbxxbx'), 'blind neither counts nor interrupts');
	assert.ok(!isDown('xxxxxx          '), 'what is twenty seconds old says nothing of now');
	assert.ok(!isDown('xxx          xx'), 'what does not hang together is no series');
	const down = downOf(line('..xxxxxxx', 10), 26_000, rules)!;
	assert.equal(down.failures.length, 7);
	assert.deepEqual([down.failures[0]!.at, down.failures.at(-1)!.at], [14_000, 26_000]);
});

test('too many: enough samples, surely above the limit, half a minute long, and still so', () => {
	const mixed = (share: number, seconds: number, from = 0) =>
		Array.from({length: seconds * 2}, (_, index) =>
			sample(from * 1000 + index * 500, index % Math.round(1 / share) === 0 ? 'failed' : 'ok'),
		);
	const found = tooMany('failed', mixed(0.2, 120), 119_500, rules)!;
	assert.deepEqual([found.window, found.what], [{n: 120, count: 24}, 'failed']);
	assert.ok(found.lowerBound > 0.14 && found.lowerBound < 0.2);
	assert.equal(found.since, 119_500 - 30_000);
	const well = Array.from({length: 240}, (_, index) => sample(index * 500, 'ok'));
	assert.equal(tooMany('failed', well, 119_500, rules), null);
	assert.equal(tooMany('failed', [...well, ...mixed(0.5, 20, 120)], 139_500, rules), null, 'not half a minute yet');
	const over = [...mixed(0.5, 60), ...well.map(one => ({...one, at: one.at + 60_000}))];
	assert.equal(tooMany('failed', over, 76_000, rules), null, 'it was so, and is no more');
	assert.equal(tooMany('failed', mixed(0.2, 12), 11_500, rules), null, 'five of twenty-four prove nothing');
	const slow = mixed(0.2, 120).map(one => ({
		...one,
		result: 'ok' as const,
		latencyMs: one.result === 'ok' ? 90 : 5000,
	}));
	assert.equal(tooMany('slow', slow, 119_500, rules)!.window.count, 24);
	assert.equal(tooMany('failed', slow, 119_500, rules), null);
});

test('what counts can prove', () => {
	assert.deepEqual(interval({count: 0, n: 0}, 1.645), [0, 1]);
	const [from, to] = interval({count: 7, n: 150}, 1.645);
	assert.ok(from > 0.025 && from < 0.027 && to > 0.08 && to < 0.084, `${from} ${to}`);
});

test('up and down, and well again', () => {
	const changes = (marks: string) => changesOf(line(marks), -1);
	assert.deepEqual(['..xx..xx', '.x.x.x.x', '..xx', '....', 'xbx.b.xx'].map(changes), [3, 0, 1, 0, 2]);
	const recovered = (marks: string) => hasRecovered(line(marks), rules);
	assert.deepEqual(['......', 'x.....', 'x......', 'x..b....', 'x.    .', 'x......x'].map(recovered), [
		true,
		false,
		true,
		true,
		false,
		false,
	]);
	const known = (marks: string) => isKnownEnough(line(marks), 0, (marks.length - 1) * 2000, rules);
	assert.deepEqual(['......', 'bbbbbb', '. . . ', '.    .    ', ''].map(known), [true, false, true, false, false]);
});

const watched = ({instances = ['app-1'], ...more}: Partial<Watched> = {}): Watched => ({
	instances,
	began: 0,
	switched: 0,
	baseline: {failed: {n: 30, count: 0}, slow: {n: 30, count: 0}, well: instances},
	...more,
});
const judge = (samples: readonly Sample[], more: Partial<Watched> = {}, controls: readonly Control[] = []) =>
	judgeHealth(
		samples.toSorted((a, b) => a.at - b.at),
		controls,
		watched(more),
		Math.max(...samples.map(({at}) => at)),
		rules,
	);
const told = (...args: Parameters<typeof judge>) => {
	const {state, arms} = judge(...args);
	return `${state} ${arms}`;
};

test('a release that is down is left; what was so before, or was never switched, is not', () => {
	const down = line(`..${'x'.repeat(6)}`);
	assert.equal(told(down), 'unhealthy true');
	assert.match(judge(down).because, /app-1 failed 6 times in a row over 10 s: HTTP 503/);
	assert.equal(told(down, {switched: null}), 'unhealthy no-switch');
	assert.equal(told(down, {baseline: null}), 'unhealthy baseline-unknown');
	assert.equal(
		told(down, {baseline: {failed: {n: 5, count: 0}, slow: {n: 5, count: 0}, well: ['app-1']}}),
		'unhealthy baseline-unknown',
	);
	assert.equal(
		told(down, {baseline: {failed: {n: 30, count: 30}, slow: {n: 30, count: 0}, well: []}}),
		'unhealthy as-before',
	);
});

test('the warm-up: nothing counts until the release has answered well, or its time is over', () => {
	const early = judge(line('xxx'));
	assert.deepEqual([early.state, early.warmUntil], ['warming', 15_000]);
	assert.equal(told(line('xxxxxxx')), 'warming null', 'twelve seconds of 503 are a start');
	assert.equal(judge(line('xx..........')).state, 'healthy');
	assert.equal(
		judge(line('x'.repeat(13))).state,
		'degraded',
		'its own failures count from the end of the warm-up on',
	);
	assert.equal(told(line('x'.repeat(14))), 'unhealthy true');
	assert.equal(judge(line('....')).warmUntil, 2000);
});

test('one of several is a broken host, not a bad release; a second one is', () => {
	const five = (down: number) =>
		Array.from({length: 5}, (_, index) =>
			line(`...${index < down ? 'xxxxxx' : '......'}`, 0, {instance: `app-${index + 1}`}),
		).flat();
	const instances = ['app-1', 'app-2', 'app-3', 'app-4', 'app-5'];
	assert.equal(told(five(1), {instances}), 'degraded partial');
	assert.match(judge(five(1), {instances}).because, /^1 of 5: app-1 failed/);
	assert.equal(told(five(2), {instances}), 'unhealthy true');
	assert.equal(
		told(five(2), {
			instances,
			baseline: {
				failed: {n: 150, count: 30},
				slow: {n: 150, count: 0},
				well: instances.filter(name => name !== 'app-2'),
			},
		}),
		'unhealthy as-before',
		'one of the two was down before',
	);
	const long = Array.from({length: 5}, (_, index) =>
		line(index === 0 ? `...${'x'.repeat(57)}` : '.'.repeat(60), 0, {instance: `app-${index + 1}`}),
	).flat();
	assert.equal(told(long, {instances}), 'degraded partial', 'one of five is no share of twenty per cent');
});

test('without a control nobody knows whose network it is; what takes no connection anywhere is not rolled back', () => {
	const samples = line(`...${'x'.repeat(10)}`);
	const controls = (answers: string): readonly Control[] =>
		[...answers].map((answer, index) => ({at: index * 2000, answered: answer === '.'}));
	assert.equal(told(samples, {}, controls('.............')), 'unhealthy true');
	assert.equal(told(samples, {}, controls('...xxxxxxxxxx')), 'unknown null');
	const seen = seenThroughControl(samples, controls('...xxxx......'), rules);
	assert.equal(seen.map(({result}) => result[0]).join(''), 'ooobbbbbbbfff', 'and five seconds after it is back');
	assert.match(seen[4]!.because, /HTTP 503; no control answered either/);
	const gone = line(`...${'x'.repeat(10)}`).map(one => (one.result === 'failed' ? {...one, unreachable: true} : one));
	const verdict = judge(gone);
	assert.deepEqual([verdict.state, verdict.unreachable, verdict.arms], ['unknown', true, null]);
	assert.match(verdict.because, /unreachable: no instance takes a connection/);
	const last503 = gone.map(one => (one.at === 6000 ? {...one, unreachable: false} : one));
	assert.equal(told(last503), 'unknown null', 'whatever its first failure was: now nothing connects');
	const other = line('.'.repeat(13), 0, {instance: 'app-2'});
	assert.equal(told([...gone, ...other], {instances: ['app-1', 'app-2']}), 'unhealthy true', 'the other one does');
});

test('unknown is its own word, whatever was so a minute ago', () => {
	assert.equal(told(line('............'), {instances: []}), 'unknown null', 'nothing is watched');
	assert.equal(
		judge([...line('.'.repeat(20)), ...line('x'.repeat(20), 0, {instance: 'gone'})]).state,
		'healthy',
		'what is not watched does not count',
	);
	assert.equal(told(line('......bbbbbbbbbbbbbbbbbb')), 'unknown null');
	assert.equal(judge([...line('......'), sample(60_000, 'blind')]).state, 'unknown');
	assert.equal(
		judge([...line('.'.repeat(20)), ...line('.', 0, {instance: 'app-2'})], {instances: ['app-1', 'app-2']}).state,
		'unknown',
	);
});

test('degraded, flapping, healthy', () => {
	assert.equal(judge(line('..........x.')).state, 'degraded');
	assert.equal(judge(line('..........x......')).state, 'healthy');
	assert.equal(judge(line('......xx..xx..xx')).state, 'flapping');
	const slow = Array.from({length: 60}, (_, index) =>
		sample(index * 1000, 'ok', {latencyMs: index % 8 === 0 ? 2500 : 90}),
	);
	assert.match(judge(slow).because, /of 6\d? took more than 2 s|of 5\d took more than 2 s/);
	assert.equal(judge(slow).arms, null);
});

test('a rate that was so before the switch, or that may have been, is not blamed on the release', () => {
	const tenth = Array.from({length: 300}, (_, index) => sample(index * 400, index % 10 === 9 ? 'failed' : 'ok'));
	const before = (count: number) => ({failed: {n: 150, count}, slow: {n: 150, count: 0}, well: ['app-1']});
	assert.equal(told(tenth, {baseline: before(0)}), 'unhealthy true');
	assert.equal(told(tenth, {baseline: before(12)}), 'unhealthy as-before');
	assert.equal(told(tenth, {baseline: {...before(0), failed: {n: 20, count: 0}}}), 'unhealthy as-before');
	const {because, tooMany: found} = judge(tenth);
	assert.match(because, /^15 of 150 failed in 60 s \(10 %, surely above 6\.\d %; limit 5 %\)$/);
	assert.deepEqual(found!.window, {n: 150, count: 15});
});

test('the baseline is what the probes saw before the switch, without what the own network hid', () => {
	const before = line(`${'.'.repeat(20)}xxxxxxxxxx`, -60);
	assert.deepEqual(baselineOf(before, [], ['app-1'], 0, rules), {
		failed: {n: 30, count: 10},
		slow: {n: 30, count: 0},
		well: [],
	});
	assert.deepEqual(
		baselineOf(line('.....', -10), [], ['app-1', 'app-2'], 0, rules).well,
		['app-1'],
		'of the other one nothing is known',
	);
	const blind = [
		{at: -60_000, answered: true},
		{at: -21_000, answered: true},
		{at: -20_000, answered: false},
	];
	assert.deepEqual(baselineOf(before, blind, ['app-1'], 0, rules).failed, {n: 20, count: 0});
	assert.equal(endOf(before), -2000);
});
