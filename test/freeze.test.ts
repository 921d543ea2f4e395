import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {activeFreeze, freezeText, isFrozenBy, localTime} from '../source/core/gate/freeze.ts';
import {runs} from './helpers/fuzz.ts';

const freeze = (from: string, until: string, timezone = 'Europe/Berlin', reason = 'holidays') => ({
	from,
	until,
	timezone,
	reason,
});
const at = (text: string) => Date.parse(text);

test('a local time is the one of the zone, in summer and in winter', () => {
	assert.equal(localTime(at('2026-12-24T11:00:00Z'), 'Europe/Berlin'), '2026-12-24T12:00:00');
	assert.equal(localTime(at('2026-07-24T10:00:00Z'), 'Europe/Berlin'), '2026-07-24T12:00:00');
	assert.equal(localTime(at('2026-07-24T23:30:00Z'), 'Asia/Kathmandu'), '2026-07-25T05:15:00');
	assert.equal(localTime(at('2026-01-01T00:00:00Z'), 'UTC'), '2026-01-01T00:00:00', 'midnight is 00, not 24');
});

test('a window holds from its first second to the one before its last', () => {
	const holidays = freeze('2026-12-24T12:00', '2027-01-02T08:00');
	assert.deepEqual(
		['2026-12-24T10:59:59Z', '2026-12-24T11:00:00Z', '2027-01-02T06:59:59Z', '2027-01-02T07:00:00Z'].map(time =>
			isFrozenBy(holidays, at(time)),
		),
		[false, true, true, false],
	);
	assert.equal(freezeText(holidays), 'frozen until 2027-01-02 08:00 (Europe/Berlin): holidays');
});

test('of several windows the one that ends last is named', () => {
	const [short, long] = [
		freeze('2026-12-24T12:00', '2026-12-26T08:00'),
		freeze('2026-12-24T12:00', '2027-01-02T08:00:30'),
	];
	assert.equal(activeFreeze([short, long], at('2026-12-25T00:00:00Z')), long);
	assert.equal(activeFreeze([short, long], at('2026-11-25T00:00:00Z')), null);
});

test("property: whoever is inside by the zone's clock is frozen, whatever the zone", () => {
	const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'Pacific/Apia'];
	fc.assert(
		fc.property(
			fc.constantFrom(...zones),
			fc.integer({min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z')}),
			fc.integer({min: 0, max: 72}),
			fc.integer({min: 1, max: 72}),
			(zone, now, before, after) => {
				const window = freeze(
					localTime(now - before * 3_600_000, zone),
					localTime(now + after * 3_600_000, zone),
					zone,
				);
				// When clocks go back an hour, a window shorter than that hour can hold nothing by its own words.
				if (
					window.from < window.until &&
					localTime(now, zone) >= window.from &&
					localTime(now, zone) < window.until
				)
					assert.equal(isFrozenBy(window, now), true);
				else assert.equal(isFrozenBy(window, now), false);
			},
		),
		runs(500),
	);
});
