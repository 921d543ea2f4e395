import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	approved,
	healthyNeeded,
	type Moment,
	notFrozen,
	notPinned,
	observedWithinMs,
	productionHealthy,
	signedOff,
	unlocked,
} from '../source/core/gate/moment.ts';
import type {LockRecord} from '../source/core/locks/lock.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';

const now = Date.parse('2026-12-24T12:00:00Z');
const sha = '3f2a9c1'.padEnd(40, '0');
const healthy = {
	overall: {version: sha, isMixed: false, health: true as const},
	instances: 2,
	readAt: now - 1000,
	healthyInARow: 9,
};
const calm: Moment = {now, lock: {state: 'free'}, pins: [], production: healthy};
const lock: LockRecord = {
	id: 'n1',
	environment: 'production',
	kind: 'human',
	operation: null,
	operator: 'ann',
	host: 'laptop',
	reason: 'frozen for the audit',
	createdAt: now - 90_000,
	leaseUntil: null,
	phase: null,
};

test('a calm production meets every condition about the moment that is read', () => {
	assert.deepEqual(
		[
			unlocked(calm),
			notFrozen(calm, defaultSettings),
			notPinned(calm, sha),
			productionHealthy(calm),
			signedOff(calm, [], defaultSettings),
			approved(calm, {reviewers: [], waitMinutes: 0}, defaultSettings),
		].map(({met}) => met),
		[true, true, true, true, true, true],
	);
	assert.equal(approved(calm, null, defaultSettings).met, 'unknown');
});

test('a lock names who, since when and why; a silent one names the way to break it', () => {
	const held = unlocked({...calm, lock: {state: 'held', lock, where: 'github', isStale: false, silentSeconds: null}});
	assert.deepEqual(held, {
		met: false,
		because: 'locked by ann for 1m30s: frozen for the audit',
		next: 'Ask ann.',
		proofs: [{by: 'ann', at: now - 90_000, text: 'lock n1'}],
	});
	const stale = unlocked({
		...calm,
		lock: {state: 'held', lock: {...lock, kind: 'operation'}, where: 'both', isStale: true, silentSeconds: 400},
	});
	assert.equal(stale.met, false);
	assert.match(stale.next ?? '', /--break n1/);
	for (const state of ['ambiguous', 'unknown'] as const)
		assert.equal(unlocked({...calm, lock: {state, because: 'unreadable'}}).met, 'unknown');
});

test('a freeze window shuts, by its own time zone', () => {
	const settings = {
		...defaultSettings,
		promotion: {
			...defaultSettings.promotion,
			freeze: [
				{from: '2026-12-24T12:00', until: '2027-01-02T08:00', timezone: 'Europe/Berlin', reason: 'holidays'},
			],
		},
	};
	assert.deepEqual(notFrozen(calm, settings), {
		met: false,
		because: 'frozen until 2027-01-02 08:00 (Europe/Berlin): holidays',
		next: 'Wait until it is over.',
		proofs: [{text: '2026-12-24T12:00 to 2027-01-02T08:00 (Europe/Berlin)'}],
	});
	assert.equal(notFrozen({...calm, now: now - 90 * 60_000}, settings).met, true);
});

test('a pin holds for the commit that it names, also when it is written short', () => {
	const pins = [
		{
			environment: 'production',
			release: '20261124000000-3f2a9c1',
			sha: '3f2a9c1',
			by: 'bob',
			because: 'rolled back',
		},
	];
	assert.equal(notPinned({...calm, pins}, sha).met, false);
	assert.equal(notPinned({...calm, pins}, 'a'.repeat(40)).met, true);
	assert.equal(notPinned({...calm, pins: pins.map(pin => ({...pin, environment: 'staging'}))}, sha).met, true);
});

test('production is healthy only after enough answers in a row, asked just now', () => {
	const like = (change: Partial<typeof healthy>) =>
		productionHealthy({...calm, production: {...healthy, ...change}}).met;
	assert.equal(like({healthyInARow: healthyNeeded - 1}), 'unknown');
	assert.equal(like({readAt: now - observedWithinMs - 1}), 'unknown');
	assert.equal(like({instances: 0}), 'unknown');
	assert.equal(
		productionHealthy({...calm, production: {...healthy, overall: {version: null, isMixed: true, health: true}}})
			.met,
		false,
	);
	assert.equal(
		productionHealthy({...calm, production: {...healthy, overall: {version: sha, isMixed: false, health: false}}})
			.met,
		false,
	);
});

test('property: what was not read is never met', () => {
	fc.assert(
		fc.property(
			fc.record({
				lock: fc.constantFrom(null, {state: 'unknown', because: 'x'} as const),
				pins: fc.constant(null),
				production: fc.constantFrom(null, {
					...healthy,
					overall: {...healthy.overall, health: 'unknown' as const},
				}),
			}),
			missing => {
				const moment = {...calm, ...missing};
				for (const {met} of [unlocked(moment), notPinned(moment, sha), productionHealthy(moment)])
					assert.equal(met, 'unknown');
			},
		),
	);
	for (const {met} of [
		unlocked(null),
		notFrozen(null, defaultSettings),
		notPinned(null, sha),
		productionHealthy(null),
		signedOff(null, [], defaultSettings),
		approved(null, {reviewers: [], waitMinutes: 0}, defaultSettings),
	])
		assert.equal(met, 'unknown');
});

test("an approval is GitHub's to wait for; a script would not", () => {
	const rules = {reviewers: ['lena-fischer'], waitMinutes: 0};
	assert.equal(approved(calm, rules, defaultSettings).met, true);
	const scripted = approved(calm, rules, {
		...defaultSettings,
		promotion: {...defaultSettings.promotion, strategy: 'script'},
	});
	assert.equal(scripted.met, false);
	assert.match(scripted.because, /lena-fischer/);
});
