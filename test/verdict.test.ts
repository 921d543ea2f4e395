/** The verdict: a table of what scripts say and environments show, and what may never be told. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {isSameVersion} from '../source/core/releases/observation.ts';
import type {InstanceReading} from '../source/core/releases/observation.ts';
import {exitCodes} from '../source/errors.ts';
import type {ScriptEnd} from '../source/core/operations/script-claim.ts';
import {verdictOf} from '../source/core/operations/verdict.ts';
import type {Verdict, VerdictQuestion} from '../source/core/operations/verdict.ts';
import {runs} from './helpers/fuzz.ts';

const [a, b, c] = ['a', 'b', 'c'].map(digit => digit.repeat(40)) as [string, string, string];
const at = (version: string | null, health: boolean | 'unknown' = true, instance = 'web-1'): InstanceReading => ({
	instance,
	version,
	health,
	because: 'HTTP 200',
	latencyMs: 1,
});
const exited = (code: number): ScriptEnd => ({how: 'exited', code});
const question: VerdictQuestion = {
	kind: 'deploy',
	environment: 'staging',
	scriptKind: 'contract',
	end: exited(0),
	endLine: {exit: 0, result: 'deployed', live: b, cause: null},
	before: [at(a)],
	after: [at(b)],
	expects: {versions: 1, healths: 1},
	target: {release: b, sha: b},
	from: {release: a, sha: a},
	stop: null,
	timedOut: false,
	wasKilled: false,
};
const contract = (
	code: number,
	after: readonly InstanceReading[] | null,
	over: Partial<VerdictQuestion> = {},
): Verdict =>
	verdictOf({
		...question,
		end: exited(code),
		endLine: {exit: code, result: null, live: null, cause: null},
		after,
		...over,
	});
const plain = (code: number, after: readonly InstanceReading[] | null, over: Partial<VerdictQuestion> = {}): Verdict =>
	verdictOf({...question, scriptKind: 'plain', end: exited(code), endLine: null, after, ...over});
const nothing = {before: null, expects: {versions: 0, healths: 0}};
const stop = {by: 'lee', thenRollBack: false};
const told = ({outcome, exitCode}: Verdict) => `${outcome} ${exitCode}`;

const table: ReadonlyArray<[what: string, verdict: Verdict, expected: string, because: RegExp]> = [
	['on target and healthy', contract(0, [at(b)]), 'succeeded 0', /bbbbbbb is live on staging/],
	[
		'already live',
		contract(0, [at(b)], {
			before: [at(b)],
			from: {release: b, sha: b},
			endLine: {exit: 0, result: 'already-live', live: b, cause: null},
		}),
		'succeeded 0',
		/already live/,
	],
	['on target, unhealthy', contract(0, [at(b, false)]), 'interrupted 7', /unhealthy/],
	['on target, health does not answer', contract(0, [at(b, 'unknown')]), 'interrupted 7', /does not confirm/],
	['exit 0, version unchanged', contract(0, [at(a)]), 'failed 1', /version mismatch.*web-1 reports aaaaaaa, healthy/],
	['exit 0, a third version', contract(0, [at(c)]), 'interrupted 7', /version mismatch/],
	[
		'exit 0, mixed',
		contract(0, [at(a), at(b, true, 'web-2')], {before: [at(a), at(a, true, 'web-2')]}),
		'interrupted 7',
		/MIXED: web-1 reports aaaaaaa, healthy; web-2 reports bbbbbbb, healthy/,
	],
	['exit 0, nobody answers', contract(0, null), 'interrupted 7', /no instance could be asked/],
	[
		'exit 0, nothing to ask',
		contract(0, null, nothing),
		'succeeded 0',
		/as reported by the script, which validated it/,
	],
	[
		'exit 0, nothing to ask, no end line',
		contract(0, null, {...nothing, endLine: null}),
		'interrupted 7',
		/never said/,
	],
	[
		'exit 0 but said 20',
		verdictOf({...question, endLine: {exit: 20, result: null, live: null, cause: null}, ...nothing, after: null}),
		'interrupted 7',
		/ended with 0 but said 20/,
	],
	[
		'health only',
		contract(0, [at(null)], {expects: {versions: 0, healths: 1}}),
		'succeeded 0',
		/version is not verified/,
	],
	['usage', contract(2, [at(a)]), 'failed 2', /refused its arguments/],
	[
		'before the switch',
		contract(10, [at(a)], {endLine: {exit: 10, result: 'failed-before-switch', live: a, cause: 'upload'}}),
		'failed 1',
		/upload.*nothing changed/,
	],
	[
		'refused',
		contract(10, [at(a)], {endLine: {exit: 10, result: 'no-candidate', live: a, cause: 'pruned'}}),
		'failed 3',
		/pruned/,
	],
	['busy', contract(11, [at(a)]), 'failed 6', /busy/],
	['cancelled by an operator', contract(12, [at(a)], {stop}), 'failed 130', /^Stopped by lee/],
	['cancelled, but it changed', contract(12, [at(b)], {stop}), 'interrupted 7', /says that nothing changed, but/],
	['cancelled after the time-out', contract(12, [at(a)], {timedOut: true}), 'interrupted 7', /^Timed out/],
	[
		'returned',
		contract(20, [at(a)], {endLine: {exit: 20, result: 'rolled-back', live: a, cause: 'health'}}),
		'rolled-back 1',
		/bbbbbbb failed \(health\); staging is back on aaaaaaa/,
	],
	['returned, not confirmed', contract(20, [at(b)]), 'interrupted 7', /does not confirm/],
	['returned, unhealthy', contract(20, [at(a, false)]), 'interrupted 7', /does not confirm/],
	['returned, nothing to ask', contract(20, null, nothing), 'rolled-back 1', /as reported by the script/],
	['a rollback that returned', contract(20, [at(a)], {kind: 'rollback'}), 'failed 1', /back on aaaaaaa/],
	['the way back failed', contract(30, [at(a, false)]), 'interrupted 7', /way back failed/],
	[
		'a database for a human',
		contract(30, [at(a)], {
			endLine: {
				exit: 30,
				result: 'unsettled',
				live: a,
				cause: 'migration',
				text: 'up failed half way; the database stands at 3-drafts, before it stood at 2-orders. Next: look at the database',
			},
		}),
		'interrupted 7',
		/^The script left the database to an operator \(exit 30\): up failed half way; the database stands at 3-drafts, before it stood at 2-orders; web-1 reports aaaaaaa, healthy$/,
	],
	[
		'a database for a human, without words',
		contract(30, null, {endLine: {exit: 30, result: null, live: null, cause: 'migration'}}),
		'interrupted 7',
		/does not say where it stands/,
	],
	[
		'a database for a human, and mixed',
		contract(30, [at(a), at(b, true, 'web-2')], {
			before: [at(a), at(a, true, 'web-2')],
			endLine: {exit: 30, result: 'mixed', live: null, cause: 'migration', text: 'the database stands at 3'},
		}),
		'interrupted 7',
		/^MIXED: .*the database stands at 3/,
	],
	['contact lost', contract(40, [at(a)]), 'interrupted 7', /may still run/],
	['ssh knows no better', contract(255, [at(a)]), 'interrupted 7', /ended with 255/],
	['died without verdict', contract(1, [at(a)]), 'interrupted 7', /ended with 1/],
	[
		'non-zero, on target, healthy',
		contract(1, [at(b)]),
		'interrupted 7',
		/every instance of staging reports bbbbbbb and is healthy: nothing is rolled back/,
	],
	['nobody saw the end, but it was said', verdictOf({...question, end: {how: 'died'}}), 'succeeded 0', /live/],
	[
		'nobody saw the end',
		verdictOf({...question, end: {how: 'died'}, endLine: null, after: [at(a)]}),
		'interrupted 7',
		/nobody saw/,
	],
	[
		'never started',
		verdictOf({
			...question,
			end: {how: 'never-started', because: 'no shell', next: 'x', exitCode: 1},
			endLine: null,
			after: null,
		}),
		'failed 1',
		/not started: no shell; nothing changed/,
	],
	['plain, exit 0, on target', plain(0, [at(b)]), 'succeeded 0', /every instance reports it and is healthy/],
	['plain, exit 0, nothing to ask', plain(0, null, nothing), 'succeeded 0', /unverified/],
	['plain, exit 1, unchanged', plain(1, [at(a)]), 'failed 1', /reports what it did before/],
	['plain, exit 1, nothing to ask', plain(1, null, nothing), 'interrupted 7', /nobody can tell/],
	['plain, exit 1, on target', plain(1, [at(b)]), 'interrupted 7', /nothing is rolled back/],
	[
		'plain, stopped, unchanged',
		plain(143, [at(a)], {stop}),
		'interrupted 7',
		/^Stopped by lee; the script was ended by signal 15/,
	],
	['plain, killed, unchanged', plain(137, [at(a)]), 'interrupted 7', /signal 9/],
	[
		'plain, timed out',
		plain(1, [at(a)], {timedOut: true, wasKilled: true}),
		'interrupted 7',
		/^Timed out; the script had to be killed/,
	],
	['plain, exit 20 means nothing', plain(20, [at(a)]), 'failed 1', /ended with 20/],
];
for (const [what, verdict, expected, because] of table) {
	test(`verdict: ${what}`, () => {
		assert.equal(told(verdict), expected, verdict.because);
		assert.match(verdict.because, because);
	});
}

test("a database for a human: what to do next is the script's word", () => {
	const next = (text?: string) =>
		contract(30, [at(a)], {
			endLine: {exit: 30, result: 'unsettled', live: a, cause: 'migration', ...(text !== undefined && {text})},
		}).next;
	assert.deepEqual(
		[next('up failed. Next: look at the database'), next('up failed'), next()],
		[
			'look at the database',
			'look at the database before anything else',
			'look at the database before anything else',
		],
	);
});

test('a rollback marks and pins what it left; a release whose health failed is marked', () => {
	const back = contract(0, [at(a)], {
		kind: 'rollback',
		target: {release: a, sha: a},
		from: {release: b, sha: b},
		before: [at(b)],
	});
	assert.deepEqual(
		back.marks.map(({type, release}) => [type, release.release]),
		[
			['marked-bad', b],
			['pinned', b],
		],
	);
	assert.deepEqual(
		contract(20, [at(a)], {endLine: {exit: 20, result: 'rolled-back', live: a, cause: 'health'}}).marks.map(
			({type, release}) => [type, release.release],
		),
		[['marked-bad', b]],
	);
	assert.deepEqual(contract(20, [at(a)], {stop}).marks, []);
	assert.deepEqual(contract(0, [at(a)], {kind: 'rollback', target: {release: a, sha: a}}).marks, []);
	assert.deepEqual(contract(30, [at(a)], {kind: 'rollback'}).marks, []);
});

test("a rollback without a target takes the script's word for which, and checks it", () => {
	const back = contract(0, [at(a)], {
		kind: 'rollback',
		target: null,
		from: {release: b, sha: b},
		endLine: {exit: 0, result: 'rolled-back', live: a, cause: null},
	});
	assert.equal(told(back), 'succeeded 0');
	assert.equal(back.live, a);
	assert.equal(plain(0, [at(a)], {kind: 'rollback', target: null}).outcome === 'succeeded', false);
});

// The likely ones more often: a property about refusals alone would hold for a verdict that always refuses.
const anyVersion = fc.oneof(
	{weight: 3, arbitrary: fc.constant(b)},
	{weight: 3, arbitrary: fc.constant(a)},
	{weight: 2, arbitrary: fc.constantFrom(c, a.slice(0, 7), b.slice(0, 8), '20250101000002-bbbbbbb', 'v1.2', null)},
);
const anyReading = (instance: string) =>
	fc.record<InstanceReading>({
		instance: fc.constant(instance),
		version: anyVersion,
		health: fc.constantFrom(true, true, true, false, 'unknown' as const),
		because: fc.constantFrom('', 'HTTP 503', '\u001B[31mred'),
		latencyMs: fc.constant(null),
	});
const anyReadings = fc.option(
	fc
		.tuple(fc.integer({min: 0, max: 3}), anyReading('web-1'), anyReading('web-2'), anyReading('web-3'))
		.map(([count, ...readings]) => readings.slice(0, count)),
	{nil: null},
);
const anyCode = fc.oneof(
	{weight: 6, arbitrary: fc.constant(0)},
	fc.constantFrom(0, 1, 2, 10, 11, 12, 20, 30, 40, 126, 127, 130, 137, 143, 255),
	fc.integer({min: 0, max: 255}),
);
const anyRef = fc.option(
	fc.constantFrom(
		{release: a, sha: a},
		{release: b, sha: b},
		{release: b, sha: b},
		{release: '20250101000002-bbbbbbb', sha: null},
	),
	{nil: null},
);
const anyQuestion = fc.record<VerdictQuestion>({
	kind: fc.constantFrom('deploy', 'rollback', 'promote'),
	environment: fc.constant('staging'),
	scriptKind: fc.constantFrom('contract', 'plain'),
	end: fc.oneof(
		{weight: 5, arbitrary: anyCode.map(exited)},
		fc.constantFrom<ScriptEnd>(
			{how: 'died'},
			{how: 'signalled', signal: 'SIGKILL'},
			{how: 'never-started', because: 'no shell', next: 'x', exitCode: 1},
		),
	),
	endLine: fc.option(
		fc.record({
			exit: fc.option(anyCode, {nil: null}),
			result: fc.constantFrom(null, 'deployed', 'already-live', 'refused'),
			live: fc.constantFrom(null, a, b),
			cause: fc.constantFrom(null, 'health', 'upload'),
		}),
		{nil: null},
	),
	before: anyReadings,
	after: fc.oneof(anyReadings, fc.constantFrom([at(a)], [at(b)], [at(b), at(b, true, 'web-2')])),
	expects: fc.record({versions: fc.constantFrom(0, 1, 1, 2, 3), healths: fc.constantFrom(0, 1, 1, 2)}),
	target: anyRef,
	from: anyRef,
	stop: fc.option(fc.constant(stop), {nil: null}),
	timedOut: fc.boolean(),
	wasKilled: fc.boolean(),
});

test('whatever happened, there is one outcome, and it claims nothing that was not seen', () => {
	let [successes, failures] = [0, 0];
	fc.assert(
		fc.property(anyQuestion, asked => {
			const verdict = verdictOf(asked);
			const {outcome, exitCode, because, marks} = verdict;
			assert.ok(['succeeded', 'failed', 'rolled-back', 'interrupted'].includes(outcome));
			assert.ok(Object.values(exitCodes).includes(exitCode as never));
			assert.equal(outcome === 'succeeded', exitCode === 0);
			assert.equal(outcome === 'interrupted', exitCode === 7);
			assert.ok(because.length > 10 && !because.includes('undefined') && !because.includes('\u001B'));
			assert.ok(marks.length === 0 || outcome === 'succeeded' || outcome === 'rolled-back');
			const after = asked.after ?? [];
			const versions = after.flatMap(({version}) => version ?? []);
			if (outcome === 'succeeded') {
				successes++;
				assert.ok(after.every(({health}) => health !== false));
				assert.ok(
					versions.length === 0 ||
						asked.target === null ||
						versions.every(version => isSameVersion(version, asked.target!)),
				);
				assert.ok(versions.length >= asked.expects.versions, 'every version that is expected was reported');
				assert.ok(
					after.filter(({health}) => health === true).length >= asked.expects.healths,
					'every health that is expected was said',
				);
			}
			if (outcome === 'failed') {
				failures++;
				assert.equal(asked.timedOut, false);
				for (const {instance, version} of after) {
					const was = asked.before?.find(reading => reading.instance === instance)?.version ?? null;
					assert.ok(
						version === null ||
							was === null ||
							isSameVersion(version, {release: was, sha: /^[0-9a-f]+$/.test(was) ? was : null}),
						`${was} → ${version} is a change`,
					);
				}
			}
			if (outcome === 'rolled-back') assert.notEqual(asked.kind, 'rollback');
		}),
		runs(5000),
	);
	assert.ok(
		successes > 20 && failures > 20,
		`${successes} successes and ${failures} failures: the property was about something`,
	);
});
