/** Pins: releases that automation may not ship again until somebody clears them. As text: the message of a commit on GitHub. Pure. */
import {messageOf, recordIn} from './lock-text.ts';
import {sanitise} from '../text/sanitise.ts';

/** `at`: wall time, milliseconds. */
export type Pin = {environment: string; release: string; sha: string | null; by: string; at: number; because: string};

/** Of one environment; the oldest are forgotten beyond that. */
const pinsAtMost = 20;

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? sanitise(value) : null);

const pinFrom = (value: unknown, environment: string): Pin | null => {
	if (!isObject(value) || value['environment'] !== environment) return null;
	const [release, by, because, at] = [
		textOf(value['release']),
		textOf(value['by']),
		textOf(value['because']),
		value['at'],
	];
	const sha = value['sha'] ?? null;
	const isSha = sha === null || (typeof sha === 'string' && /^[0-9a-f]{7,40}$/.test(sha));
	return release === null ||
		by === null ||
		because === null ||
		!isSha ||
		typeof at !== 'number' ||
		!Number.isSafeInteger(at)
		? null
		: {environment, release, sha, by, at, because};
};

export const isSamePin = (
	one: Pick<Pin, 'release' | 'environment'>,
	other: Pick<Pin, 'release' | 'environment'>,
): boolean => one.environment === other.environment && one.release === other.release;

export const pinsMessage = (environment: string, pins: readonly Pin[]): string => {
	const kept = pins.slice(-pinsAtMost);
	return messageOf(`Not to be shipped to ${environment} again: ${kept.map(({release}) => release).join(', ')}`, {
		pins: kept,
	});
};

/** null: not readable, so nobody knows what is pinned. */
export const pinsInMessage = (message: string, environment: string): Pin[] | null => {
	const pins = recordIn(message)?.['pins'];
	const read = Array.isArray(pins) ? pins.map(pin => pinFrom(pin, environment)) : [null];
	return read.length > 0 && read.every(pin => pin !== null) ? read : null;
};
