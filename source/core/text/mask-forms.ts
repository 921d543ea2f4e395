/** The forms in which a secret shows up in text, and finding hundreds of them at once. */

import {viewsOf} from './mask-views.ts';
import type {Span} from './mask-span.ts';

/** Shorter ones are words, not secrets: masking them would make holes everywhere. */
export const shortestSecret = 8;
// A longer one is looked for in pieces: the pieces touch, so all of it is masked.
export const longestForm = 256;

const bytesOf = (text: string) => new TextEncoder().encode(text.toWellFormed());
/** Bytes as characters, one each: how a log is read when its encoding must not matter. */
const binary = (bytes: Uint8Array) => Array.from(bytes, byte => String.fromCharCode(byte)).join('');
const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');

/** Base64 depends on what stands before: three shifts, each without the characters at its ends that the neighbours also shape. */
const base64Forms = (bytes: Uint8Array, isBroken = true): string[] => {
	const whole = btoa(binary(bytes));
	const shifted = [0, 1, 2].map(shift =>
		btoa('\0'.repeat(shift) + binary(bytes)).slice(
			Math.ceil((shift * 8) / 6),
			Math.floor(((bytes.length + shift) * 8) / 6),
		),
	);
	// `base64` breaks its lines at 76 characters, OpenSSL at 64.
	const broken = !isBroken
		? []
		: [64, 76].flatMap(width =>
				whole.length > width ? (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : [],
			);
	return [...new Set([whole, ...shifted, ...broken].flatMap(form => (isBroken ? [form, urlSafe(form)] : [form])))];
};

const percent = (bytes: Uint8Array, keep: RegExp) =>
	Array.from(bytes, byte => {
		const character = String.fromCharCode(byte);
		return keep.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
	}).join('');

const urlForms = (bytes: Uint8Array): string[] =>
	[/[\w.~-]/, /[\w.~!'()*-]/, /[\w.~$&+,/:;=?@!'()*-]/]
		.map(keep => percent(bytes, keep))
		.flatMap(form => [form, form.replaceAll('%20', '+')])
		.flatMap(form => [form, form.replaceAll(/%[\dA-F]{2}/g, code => code.toLowerCase())]);

const pieces = (form: string): string[] => {
	if (form.length <= longestForm) return [form];
	const starts = Array.from({length: Math.ceil(form.length / longestForm)}, (_, index) =>
		Math.min(index * longestForm, form.length - longestForm),
	);
	return starts.map(start => form.slice(start, start + longestForm));
};

const digits = (bytes: Uint8Array, radix: number, width: number) =>
	Array.from(bytes, byte => byte.toString(radix).padStart(width, '0'));

/** As programs dump bytes: one number, `41 42`, `41:42`, `0x41, 0x42`, `4142 4344` from either byte, and the lists of JSON. */
const dumpForms = (bytes: Uint8Array): string[] => {
	const hex = digits(bytes, 16, 2);
	const words = [0, 1].map(first =>
		hex.slice(first).reduce((text, byte, index) => text + (index > 0 && index % 2 === 0 ? ' ' : '') + byte, ''),
	);
	const forms = [...['', ' ', ':', '-', ', 0x', ',0x'].map(between => hex.join(between)), ...words];
	const decimal = digits(bytes, 10, 1);
	return [
		...forms,
		...forms.map(form => form.replaceAll(/[a-f]/g, letter => letter.toUpperCase())),
		decimal.join(','),
		decimal.join(', '),
	];
};

const utf16 = (text: string): Uint8Array =>
	Uint8Array.from(
		Array.from({length: text.length}, (_, index) => text.charCodeAt(index)).flatMap(unit => [
			unit & 255,
			unit >> 8,
		]),
	);

/** Base64 of what has base64 in it: of the value by itself, and of one with something before it. */
const nestedForms = (bytes: Uint8Array): string[] =>
	base64Forms(bytes, false).flatMap(form => base64Forms(bytesOf(form)));

const formsOfLine = (secret: string): string[] => {
	const bytes = bytesOf(secret);
	const json = JSON.stringify(secret).slice(1, -1);
	const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	const written = [
		secret,
		json,
		json.replaceAll('/', '\\/'),
		xml,
		xml.replaceAll('"', '&quot;'),
		secret.replaceAll("'", "'\\''"),
		secret.replaceAll("'", "'\"'\"'"),
		secret.replaceAll(' ', '+'),
	];
	// Its own backslashes and percent signs are undone, too, where somebody undoes what was added to it.
	const undone = viewsOf(secret).map(({text}) => text);
	return [
		...written,
		...undone,
		...[...written, ...undone].map(form => binary(bytesOf(form))),
		...base64Forms(bytes),
		...urlForms(bytes),
		...dumpForms(bytes),
		...base64Forms(utf16(secret)),
		...nestedForms(bytes),
	];
};

/** All forms to look for, each once; a secret of several lines counts line by line. */
export const formsOf = (secrets: readonly string[]): readonly string[] => {
	const lines = secrets.flatMap(secret => secret.split(/[\r\n]+/)).filter(line => line.length >= shortestSecret);
	return [
		...new Set(
			lines
				.flatMap(formsOfLine)
				.filter(form => form.length >= shortestSecret)
				.flatMap(pieces),
		),
	];
};

const pairs = 65_536;
const pairAt = (text: string, index: number) =>
	((text.charCodeAt(index) << 8) ^ text.charCodeAt(index + 1)) & (pairs - 1);

/**
Finds every occurrence of every form (Wu and Manber): a table says, for each pair of characters, how far the first eight
characters of any form can still be away. A regular expression of 50 forms is eight times slower, and gets slower with each.
*/
export const finderOf = (forms: readonly string[]): ((text: string) => Span[]) => {
	if (forms.length === 0) return () => [];
	const last = shortestSecret - 2;
	const skip = new Uint8Array(pairs).fill(last + 1);
	const byStart = new Map<string, string[]>();
	for (const form of forms.toSorted((a, b) => b.length - a.length)) {
		for (let index = 0; index <= last; index++) {
			const pair = pairAt(form, index);
			skip[pair] = Math.min(skip[pair]!, last - index);
		}
		const start = form.slice(0, shortestSecret);
		byStart.set(start, [...(byStart.get(start) ?? []), form]);
	}
	return text => {
		const spans: Span[] = [];
		for (let at = last; at < text.length - 1;) {
			const far = skip[pairAt(text, at)]!;
			if (far === 0) {
				const from = at - last;
				const found = byStart
					.get(text.slice(from, from + shortestSecret))
					?.find(form => text.startsWith(form, from));
				if (found !== undefined) spans.push({since: from, from, to: from + found.length});
			}
			at += Math.max(1, far);
		}
		return spans;
	};
};
