/**
 * The verdict on health over watches as they might have been: how often it would have rolled back for nothing, how
 * often it missed, and how long it took. FUZZ=n looks at n times as many, by other seeds.
 */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fuzz} from './helpers/fuzz.ts';
import {type CaseName, cases, seriesOf, watch} from './helpers/health-series.ts';

const watches = 12 * Math.max(1, fuzz);
const firstSeed = fuzz === 0 ? 1 : Date.now() % 1_000_000_000;

/** Never: not once. Rarely: at most one in ten of these few; the long-run shares are in docs/health.md. */
const never: readonly CaseName[] = [
	'healthy',
	'noise of 1 %',
	'warm-up',
	'cold start',
	'own network',
	'lost samples',
	'unreachable',
];
const rarely: readonly CaseName[] = ['pauses', 'blip', 'spike', 'both bad'];
/** Found in every watch, within so many seconds in the middle and at the most. */
const found: Partial<Record<CaseName, readonly [number, number]>> = {
	down: [15, 20],
	'down, samples lost': [20, 45],
	'20 s down, 20 s up': [15, 20],
};
/** With three instances and more. */
const foundBySeveral: Partial<Record<CaseName, readonly [number, number]>> = {
	'half fails': [45, 60],
	'20 % fail': [60, 120],
	'15 % take 8 s': [80, 160],
};

const times = (name: CaseName, instances: number) =>
	Array.from({length: watches}, (_, index) => {
		const series = seriesOf(name, instances, firstSeed + index * 7919);
		const ended = watch(series);
		return {...ended, after: ended.rolledBackAt === null ? null : ended.rolledBackAt - (series.onset ?? 0)};
	});

test('every case has its bounds', () => {
	const open: readonly CaseName[] = ['10 % fail', 'slow burn', 'one of several'];
	assert.deepEqual(
		[...never, ...rarely, ...open, ...Object.keys(found), ...Object.keys(foundBySeveral)].toSorted(),
		Object.keys(cases).toSorted(),
	);
});

for (const instances of [1, 3, 5]) {
	for (const name of [...never, ...rarely])
		test(`${instances}: ${name}: nothing is rolled back`, () => {
			const wrong = times(name, instances).filter(({rolledBackAt}) => rolledBackAt !== null);
			const most = never.includes(name) ? 0 : Math.ceil(watches * 0.1);
			assert.ok(
				wrong.length <= most,
				`${wrong.length} of ${watches}, seeds from ${firstSeed}: ${wrong[0]?.verdict.because}`,
			);
		});
	for (const [name, [middle, most]] of Object.entries({...found, ...(instances > 1 && foundBySeveral)}))
		test(`${instances}: ${name}: found`, () => {
			const seen = times(name as CaseName, instances)
				.map(({after}) => (after ?? Number.POSITIVE_INFINITY) / 1000)
				.toSorted((a, b) => a - b);
			const detail = `${seen.join(' ')}, seeds from ${firstSeed}`;
			assert.ok(seen[Math.floor(seen.length / 2)]! <= middle, detail);
			assert.ok(seen[Math.floor((seen.length - 1) * 0.95)]! <= most, detail);
		});
}

test('one of several: a person is told, and nothing is rolled back', () => {
	for (const {rolledBackAt, toldAt} of times('one of several', 5)) {
		assert.equal(rolledBackAt, null);
		assert.ok(toldAt !== null);
	}
});
