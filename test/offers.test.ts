/** Which release a rollback goes to: every known trap of "the second newest folder", and what holds whatever the releases are. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {type Around, offersOf, readinessOf} from '../source/core/releases/offers.ts';
import type {Release} from '../source/core/releases/release.ts';
import {runs} from './helpers/fuzz.ts';

const release = (id: string, over: Partial<Release> = {}): Release => ({
	id,
	sha: id.toLowerCase().charCodeAt(0).toString(16).repeat(20),
	isLive: false,
	isPresent: true,
	wasHealthy: true,
	isBad: false,
	badBecause: null,
	migration: 'none',
	deployedAt: null,
	lastLiveAt: null,
	hosts: null,
	...over,
});
const ref = (id: string) => ({release: id, sha: release(id).sha});
const around = (live: string | null, left: Around['left'] = null): Around => ({
	live: live === null ? null : ref(live),
	left,
});
/** Ids, the last deployed first, as people write them down: A was first. */
const row = (text: string, over: Readonly<Record<string, Partial<Release>>> = {}) =>
	[...text].toReversed().map(id => release(id, over[id]));
const defaultOf = (releases: readonly Release[], where: Around): string | null =>
	offersOf(releases, where).find(({isDefault}) => isDefault)?.release.id ?? null;
const why = (releases: readonly Release[], where: Around, id: string) =>
	offersOf(releases, where).find(each => each.release.id === id)!;

const bad = {isBad: true, badBecause: 'rolled back'};
const cases: ReadonlyArray<
	readonly [
		what: string,
		releases: readonly Release[],
		live: string | null,
		target: string | null,
		left?: Around['left'],
	]
> = [
	['clean', row('ABC'), 'C', 'B'],
	['after one rollback: further back, never the same again', row('ABC', {C: bad}), 'B', 'A'],
	['a failed release that went back by itself is bad', row('ABC', {C: bad}), 'B', 'A'],
	[
		'an upload that was killed is a folder without its end',
		row('ABC', {C: {isPresent: false, wasHealthy: false}}),
		'B',
		'A',
	],
	[
		'a folder that somebody touched is no newer: what counts is the history',
		row('ABC', {A: {deployedAt: 9e12}}),
		'C',
		'B',
	],
	['an old time in a folder that was unpacked is no older', row('ABC', {C: {deployedAt: 1}}), 'C', 'B'],
	[
		'the folder of somebody else was never healthy',
		[release('C'), release('lost+found', {sha: null, wasHealthy: 'unknown'}), release('A')],
		'C',
		'A',
	],
	['the live one is the oldest', row('ABC'), 'A', null],
	['the live one is none of them: all of them came before', row('AB'), 'X', 'B'],
	['what is live is not known', row('ABC'), null, null],
	[
		'a database change of the live release that cannot be undone',
		row('ABC', {C: {migration: 'incompatible'}}),
		'C',
		null,
	],
	['such a change further back is passed by nobody', row('ABC', {B: {migration: 'incompatible'}}), 'C', 'B'],
	[
		'such a change of a bad one in between blocks all the same',
		row('ABC', {B: {...bad, migration: 'incompatible'}}),
		'C',
		null,
	],
	['a compatible one does not', row('ABC', {C: {migration: 'compatible'}}), 'C', 'B'],
	["unknown changes are the operator's to judge", row('ABC', {C: {migration: 'unknown'}}), 'C', 'B'],
	['on two of three hosts is not there', row('ABC', {B: {isPresent: false, hosts: {have: 2, of: 3}}}), 'C', 'A'],
	['whether it is there nobody knows of plain scripts', row('ABC', {B: {isPresent: 'unknown'}}), 'C', 'B'],
	['never validated is no target', row('ABC', {B: {wasHealthy: false}}), 'C', 'A'],
	['an interrupted deployment: back to what it left', row('ABC'), 'C', 'A', {release: 'A', how: 'interrupted'}],
	['what it left is bad: further back', row('ABC', {B: bad}), 'C', 'A', {release: 'B', how: 'interrupted'}],
	[
		'what it left was never seen healthy',
		row('ABC', {B: {wasHealthy: 'unknown'}}),
		'C',
		'A',
		{release: 'B', how: 'interrupted'},
	],
	[
		'it was interrupted before the switch: what it left looks live, and is validated again',
		row('ABC'),
		'B',
		'B',
		{release: 'B', how: 'interrupted'},
	],
	[
		'nothing is known to be live, but one knows what was left',
		row('ABC'),
		null,
		'B',
		{release: 'B', how: 'interrupted'},
	],
	[
		'an unproven one is taken where there is no better one',
		row('ABC', {A: {wasHealthy: false}, B: {wasHealthy: 'unproven'}}),
		'C',
		'B',
	],
	['a proven one further back is better', row('ABC', {B: {wasHealthy: 'unproven'}}), 'C', 'A'],
	[
		'what an interrupted deployment left is unproven, and a proven one is there',
		row('ABC', {B: {wasHealthy: 'unproven'}}),
		'C',
		'A',
		{release: 'B', how: 'interrupted'},
	],
	[
		'what an interrupted deployment left is unproven, and all there is',
		row('BC', {B: {wasHealthy: 'unproven'}}),
		'C',
		'B',
		{release: 'B', how: 'interrupted'},
	],
	['nothing at all', [], 'A', null],
];

for (const [what, releases, live, target, left] of cases) {
	test(`${what}: ${target ?? 'no default'}`, () =>
		assert.equal(defaultOf(releases, around(live, left ?? null)), target));
}

test('rollbacks in a row go further back, to the end, and never forth to the bad one', () => {
	let releases = row('ABCD');
	const path: string[] = [];
	for (let live = 'D'; ;) {
		const next = defaultOf(releases, around(live));
		if (next === null) break;
		path.push(next);
		// What a rollback leaves is marked; going back deploys nothing, so the order stays.
		releases = releases.map(each => (each.id === live ? {...each, ...bad} : each));
		live = next;
	}
	assert.deepEqual(path, ['C', 'B', 'A']);
});

test('every row says why', () => {
	assert.deepEqual(Object.values(why(row('ABC', {A: {wasHealthy: 'unproven'}}), around('C'), 'A')).slice(1), [
		true,
		false,
		'unproven: nobody has seen that it was this release that answered',
		false,
	]);
	const releases = row('ABCDEFG', {
		A: {isPresent: false},
		B: {isPresent: false, hosts: {have: 1, of: 3}},
		C: bad,
		D: {wasHealthy: 'unknown'},
		G: {},
	});
	const of = (id: string) => {
		const {offered, canInsist, because} = why(releases, around('F'), id);
		return [offered, canInsist, because];
	};
	assert.deepEqual(of('A'), [false, false, 'it is no longer there']);
	assert.deepEqual(of('B'), [false, false, 'it is on 1 of 3 hosts only']);
	assert.deepEqual(of('C'), [false, true, 'marked bad: rolled back']);
	assert.deepEqual(of('D'), [false, true, 'nobody knows whether it was healthy']);
	assert.deepEqual(of('E'), [true, false, 'the newest before it that was healthy']);
	assert.deepEqual(of('F'), [false, false, 'it is live']);
	assert.deepEqual(of('G'), [false, true, 'it came after the live release']);
});

test("the script's own word: what it refuses is not offered, and its default is taken where it is one", () => {
	const says = (isCandidate: boolean, isDefault = false, because: string | null = null) => ({
		scriptSays: {isCandidate, isDefault, because},
	});
	assert.equal(defaultOf(row('ABC', {A: says(true, true), B: says(true)}), around('C')), 'A');
	assert.equal(defaultOf(row('ABC', {A: says(true), B: says(false, false, 'its config is gone')}), around('C')), 'A');
	assert.equal(
		why(row('ABC', {B: says(false, false, 'its config is gone')}), around('C'), 'B').because,
		'the script refuses it: its config is gone',
	);
	// It cannot talk us into what is bad, live, newer, or not known to be healthy.
	for (const over of [bad, {wasHealthy: 'unknown'}, {isPresent: false}] as const)
		assert.equal(defaultOf(row('ABC', {B: {...over, ...says(true, true)}}), around('C')), 'A');
	assert.equal(defaultOf(row('ABC', {C: says(false, true), B: says(true)}), around('C')), 'B');
	assert.equal(defaultOf(row('ABC', {C: says(true, true)}), around('B')), 'A');
	// It knows better which database changes were undone, and whether a run was cut off on the hosts.
	assert.equal(defaultOf(row('ABC', {C: {migration: 'incompatible'}, B: says(true)}), around('C')), 'B');
	const mended = why(row('ABC', {C: says(true, true, 'a run was interrupted')}), around('C'), 'C');
	assert.deepEqual([mended.isDefault, mended.because], [true, 'a run was interrupted']);
});

test('the live one is found by id, by the start of its commit, and of several of one commit by the list', () => {
	assert.equal(defaultOf(row('ABC'), {live: {release: release('C').sha!.slice(0, 7), sha: null}, left: null}), 'B');
	const twice = [
		release('C2', {sha: 'c'.repeat(40)}),
		release('B'),
		release('C1', {sha: 'c'.repeat(40), isLive: true}),
		release('A'),
	];
	assert.equal(defaultOf(twice, {live: {release: 'c'.repeat(40), sha: 'c'.repeat(40)}, left: null}), 'A');
});

test('readiness says what it would be, or why there is none', () => {
	const ready = (releases: readonly Release[], live: string | null) => readinessOf(offersOf(releases, around(live)));
	assert.deepEqual(ready(row('AB'), 'B'), {ready: true, to: release('A')});
	assert.equal(ready(row('AB'), null).ready, 'unknown');
	const none = [ready([], 'A'), ready(row('A'), 'A'), ready(row('AB', {A: bad}), 'B')];
	assert.deepEqual(
		none.map(answer => answer.ready === false && answer.because),
		[
			'no release is known',
			'there is no release before the live one',
			'no release can be offered: A marked bad: rolled back',
		],
	);
});

const anyRelease = (index: number): fc.Arbitrary<Release> =>
	fc
		.record({
			isPresent: fc.constantFrom(true, false, 'unknown' as const),
			wasHealthy: fc.constantFrom(true, true, false, 'unknown' as const, 'unproven' as const),
			isBad: fc.boolean(),
			migration: fc.constantFrom<Release['migration']>('none', 'compatible', 'incompatible', 'unknown'),
			deployedAt: fc.constantFrom(null, 1, 2, 3),
			isLive: fc.constantFrom(true, false, 'unknown' as const),
			scriptSays: fc.option(
				fc.record({isCandidate: fc.boolean(), isDefault: fc.boolean(), because: fc.constant(null)}),
				{nil: undefined},
			),
		})
		.map(({scriptSays, ...over}) =>
			release(String.fromCharCode(65 + index), {...over, ...(scriptSays && {scriptSays})}),
		);

const anyReleases = fc
	.integer({min: 0, max: 9})
	.chain(count => fc.tuple(...Array.from({length: count}, (_, index) => anyRelease(index))))
	.map(releases => releases.toReversed());
const anyPlace = fc.record({
	live: fc.constantFrom(null, 'A', 'C', 'E', 'X'),
	left: fc.option(
		fc.record({
			release: fc.constantFrom('A', 'B', 'D'),
			how: fc.constantFrom('interrupted' as const, 'running' as const),
		}),
	),
});

test('whatever there is: at most one default, never bad, absent, of unknown health, or behind a change that cannot be undone; live only to mend what was cut off', () => {
	fc.assert(
		fc.property(anyReleases, anyPlace, (releases, {live, left}) => {
			const offers = offersOf(releases, around(live, left));
			assert.deepEqual(
				offers.map(each => each.release),
				releases,
				'every release has its row',
			);
			const defaults = offers.filter(({isDefault}) => isDefault);
			assert.ok(defaults.length <= 1);
			for (const {
				release: {id, isBad, isPresent, wasHealthy, scriptSays},
				offered,
				canInsist,
				because,
			} of offers.filter(each => each.offered)) {
				assert.ok(
					(id !== live || id === left?.release || scriptSays?.isDefault === true) &&
						!isBad &&
						isPresent !== false &&
						offered &&
						!canInsist,
					id,
				);
				assert.ok(wasHealthy === true || (wasHealthy === 'unproven' && because.includes('unproven')), because);
			}
			for (const {release: target, offered} of defaults) {
				assert.ok(offered);
				const [to, from] = [releases.indexOf(target), releases.findIndex(({id}) => id === live)];
				assert.ok(
					target.id === left?.release || to > from || (to === from && target.scriptSays?.isDefault === true),
					'strictly before',
				);
				assert.ok(
					target.scriptSays?.isCandidate === true ||
						!releases.slice(Math.max(0, from), to).some(({migration}) => migration === 'incompatible'),
				);
			}
		}),
		runs(2000),
	);
});

test('whatever there is: rollbacks by default end, and never visit a release twice', () => {
	fc.assert(
		fc.property(anyReleases, fc.constantFrom<string>('C', 'E', 'I', 'X'), (all, first) => {
			// Nothing was cut off.
			let releases = all.map(each =>
				each.scriptSays ? {...each, scriptSays: {...each.scriptSays, isDefault: false}} : each,
			);
			const visited = [first];
			for (let live = first; ;) {
				const next = defaultOf(releases, around(live));
				if (next === null) return;
				assert.ok(!visited.includes(next) && (live === 'X' || next < live), `${visited.join(' ')} ${next}`);
				visited.push(next);
				releases = releases.map(each => (each.id === live ? {...each, ...bad} : each));
				live = next;
			}
		}),
		runs(1000),
	);
});
