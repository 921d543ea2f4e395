/** Colours of a log: SGR sequences as styles. Every other sequence is left out, whole; nothing that comes out of here holds an ESC. */
import type {LogColour, TextStyle} from '../core/runs/job-log.ts';
import {escapes} from '../core/text/sanitise.ts';

export type StyleRun = {text: string; style: TextStyle | null};

const colours: readonly LogColour[] = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
/** A pale colour is its strong one, but for black and white: themes choose how strong. */
const bright = (index: number): LogColour => (index === 0 ? 'gray' : colours[index]!);

/** The nearest of the sixteen, by hue: a log's shades say nothing that its colours do not. Each 0 to 255. */
const nearest = (red: number, green: number, blue: number): LogColour => {
	const high = Math.max(red, green, blue);
	const low = Math.min(red, green, blue);
	if (high - low < 40) return high < 64 ? 'black' : high < 176 ? 'gray' : 'white';
	const middle = (high + low) / 2;
	return colours[(red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0)]!;
};

const levels = [0, 95, 135, 175, 215, 255];
const ofPalette = (index: number): LogColour | undefined => {
	if (!(index >= 0 && index <= 255)) return undefined;
	if (index < 8) return colours[index]!;
	if (index < 16) return bright(index - 8);
	if (index >= 232)
		return nearest(...(Array.from({length: 3}, () => 8 + (index - 232) * 10) as [number, number, number]));
	const cube = index - 16;
	return nearest(levels[Math.floor(cube / 36)]!, levels[Math.floor(cube / 6) % 6]!, levels[cube % 6]!);
};

/** `5;n` or `2;r;g;b` from here on: the colour, and how many numbers it took. */
const extended = (numbers: readonly number[], at: number): {colour: LogColour | undefined; taken: number} => {
	if (numbers[at] === 5) return {colour: ofPalette(numbers[at + 1] ?? -1), taken: 2};
	if (numbers[at] !== 2) return {colour: undefined, taken: 1};
	const [red, green, blue] = numbers.slice(at + 1, at + 4);
	const isWhole = [red, green, blue].every(value => value !== undefined && value >= 0 && value <= 255);
	return {colour: isWhole ? nearest(red!, green!, blue!) : undefined, taken: 4};
};

const simple: Readonly<Record<number, Partial<TextStyle>>> = {
	1: {bold: true},
	2: {dim: true},
	3: {italic: true},
	4: {underline: true},
	7: {inverse: true},
	9: {strike: true},
	21: {underline: true},
};
const ends: Readonly<Record<number, ReadonlyArray<keyof TextStyle>>> = {
	22: ['bold', 'dim'],
	23: ['italic'],
	24: ['underline'],
	27: ['inverse'],
	29: ['strike'],
	39: ['colour'],
	49: ['ground'],
};

const without = (style: TextStyle, names: ReadonlyArray<keyof TextStyle>): TextStyle =>
	Object.fromEntries(Object.entries(style).filter(([name]) => !names.includes(name as keyof TextStyle)));

/** Sub-parameters (`38:2::r:g:b`, `4:3`) as plain ones. */
const numbersOf = (parameters: string): readonly number[] =>
	parameters.split(';').flatMap(part => {
		if (!part.includes(':')) return [part === '' ? 0 : Number(part)];
		const sub = part.split(':');
		if (sub[0] === '4') return [sub[1] === '0' ? 24 : 4];
		// The colour space is left empty or is a number of its own: the last three are the colour.
		const values = sub[1] === '2' ? ['2', ...sub.slice(-3)] : sub.slice(1);
		return [Number(sub[0]), ...values.map(Number)];
	});

export const applySgr = (before: TextStyle, parameters: string): TextStyle => {
	let style = before;
	const numbers = numbersOf(parameters);
	for (let at = 0; at < numbers.length; at++) {
		const code = numbers[at]!;
		if (code === 38 || code === 48 || code === 58) {
			const {colour, taken} = extended(numbers, at + 1);
			at += taken;
			if (code !== 58 && colour !== undefined) style = {...style, [code === 38 ? 'colour' : 'ground']: colour};
		} else if (code === 0) style = {};
		else if (simple[code]) style = {...style, ...simple[code]};
		else if (ends[code]) style = without(style, ends[code]);
		else if (code >= 30 && code <= 37) style = {...style, colour: colours[code - 30]!};
		else if (code >= 40 && code <= 47) style = {...style, ground: colours[code - 40]!};
		else if (code >= 90 && code <= 97) style = {...style, colour: bright(code - 90)};
		else if (code >= 100 && code <= 107) style = {...style, ground: bright(code - 100)};
	}
	return style;
};

const sgr = /^\u001B\[([\d;:]*)m$/;
/** A line can hold a colour for each of its characters: more parts than these are shown without. */
const runsAtMost = 2000;

/** The text between the sequences, each part with what the colours before it say. A line begins without any. */
export const runsOf = (text: string): readonly StyleRun[] => {
	const runs: StyleRun[] = [];
	let style: TextStyle = {};
	let from = 0;
	const push = (to: number) => {
		if (to > from)
			runs.push({
				text: text.slice(from, to),
				style: Object.keys(style).length === 0 || runs.length > runsAtMost ? null : style,
			});
	};
	for (const {0: sequence, index} of text.matchAll(escapes)) {
		push(index);
		from = index + sequence.length;
		const parameters = sgr.exec(sequence)?.[1];
		if (parameters !== undefined) style = applySgr(style, parameters);
	}
	push(text.length);
	return runs;
};
