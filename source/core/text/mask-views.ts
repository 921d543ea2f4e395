/**
How text reads once its escapes are undone: `%41`, `&#65;`, `\u0041`, `\x41`, `\$`, also several layers of them. A secret has more
spellings than can be listed; undone, it has one.
*/
import type {Span} from './mask-span.ts';

/** Layers that are undone: JSON in JSON in a shell's quotes has three. */
const layersAtMost = 4;
/** Of a line, in which the kinds of escapes are undone in different order. */
const viewsAtMost = 12;
/** Characters that one character of a secret takes at most in such a spelling, one layer of it (`&#x00e4;`, `%25C3%25A4`). */
export const spelledAtMost = 10;

const entities: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	nbsp: ' ',
	sol: '/',
	bsol: '\\',
	dollar: '$',
	percnt: '%',
	plus: '+',
	equals: '=',
	colon: ':',
	comma: ',',
	period: '.',
	excl: '!',
	num: '#',
	lpar: '(',
	rpar: ')',
	ast: '*',
	commat: '@',
	lsqb: '[',
	lbrack: '[',
	rsqb: ']',
	rbrack: ']',
	lowbar: '_',
	grave: '`',
	lcub: '{',
	lbrace: '{',
	verbar: '|',
	vert: '|',
	rcub: '}',
	rbrace: '}',
	semi: ';',
	quest: '?',
	hat: '^',
	hyphen: '-',
	dash: '-',
	tab: '\t',
	newline: '\n',
};
const letters: Readonly<Record<string, string>> = {
	n: '\n',
	r: '\r',
	t: '\t',
	b: '\b',
	f: '\f',
	v: '\v',
	a: '\u0007',
	e: '\u001B',
	E: '\u001B',
};

/** One family at a time, in any order: a program that writes one of them leaves what looks like the others as it is. */
const families: ReadonlyArray<{escaped: RegExp; mayBe: RegExp}> = [
	{escaped: /%(?<percent>[\da-f]{2})/gi, mayBe: /%[\da-f]{2}/i},
	{escaped: /&(?:#(?<decimal>\d{1,7})|#x(?<hex>[\da-f]{1,6})|(?<entity>[a-z]{2,8}));?/gi, mayBe: /&(?:#|[a-z]{2})/i},
	{
		escaped:
			/\\(?:u\{(?<point>[\da-f]{1,6})\}|u(?<unit>[\da-f]{4})|x(?<byte>[\da-f]{2})|(?<octal>[0-7]{3})|(?<plain>[^\n]))/gi,
		mayBe: /\\[^\n]/,
	},
];
/** Cheap, for the most of all text. */
const lineWithEscapes = /^(?=.*?(?:%[\da-f]{2}|&(?:#|[a-z]{2})|\\.)).*$/gim;

const character = (code: number) => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : '');

/** What stands for the escape; null: it is none. */
const meant = (groups: Readonly<Record<string, string | undefined>>): string | null => {
	const {percent, decimal, hex, entity, point, unit, byte, octal, plain} = groups;
	const sixteen = percent ?? hex ?? point ?? unit ?? byte;
	if (sixteen !== undefined) return character(Number.parseInt(sixteen, 16));
	if (decimal !== undefined) return character(Number(decimal));
	if (octal !== undefined) return character(Number.parseInt(octal, 8));
	if (entity !== undefined) return entities[entity.toLowerCase()] ?? null;
	return letters[plain!] ?? plain!;
};

export type View = {
	text: string;
	/** The part of the text that was looked at which this part of the view came from. */ back: (span: Span) => Span;
};

/** Where pieces that stayed as they were begin, in both texts, in order; between them stand the escapes. */
type Piece = {at: number; from: number; length: number};

const undone = (text: string, escaped: RegExp): {text: string; pieces: readonly Piece[]} | null => {
	const pieces: Piece[] = [];
	let view = '';
	let done = 0;
	const keep = (to: number) => {
		pieces.push({at: view.length, from: done, length: to - done});
		view += text.slice(done, to);
	};
	for (const match of text.matchAll(escaped)) {
		const instead = meant(match.groups!);
		if (instead === null) continue;
		keep(match.index);
		view += instead;
		done = match.index + match[0].length;
	}
	if (pieces.length === 0) return null;
	keep(text.length);
	return {text: view, pieces};
};

const lastAtOrBefore = (pieces: readonly Piece[], at: number): number => {
	let [low, high] = [0, pieces.length - 1];
	while (low < high) {
		const middle = Math.ceil((low + high) / 2);
		if (pieces[middle]!.at <= at) low = middle;
		else high = middle - 1;
	}
	return low;
};

/** Of a character of the view: where it began before, and where it ended. */
const placeOf = (pieces: readonly Piece[], at: number): {from: number; to: number} => {
	const index = lastAtOrBefore(pieces, at);
	const {at: begin, from, length} = pieces[index]!;
	if (at - begin < length) return {from: from + at - begin, to: from + at - begin + 1};
	return {from: from + length, to: pieces[index + 1]?.from ?? from + length};
};

/** Of one line: breadth first, each text once, so that few layers of all kinds come before many of one. */
const viewsOfLine = (line: string, offset: number): View[] => {
	const views: View[] = [
		{text: line, back: ({since, from, to}) => ({since: since + offset, from: from + offset, to: to + offset})},
	];
	const known = new Set([line]);
	const layers = [0];
	for (let index = 0; index < views.length; index++) {
		const {text, back} = views[index]!;
		for (const {escaped, mayBe} of families) {
			if (layers[index]! >= layersAtMost || views.length > viewsAtMost || !mayBe.test(text)) continue;
			const next = undone(text, escaped);
			if (next === null || known.has(next.text)) continue;
			known.add(next.text);
			layers.push(layers[index]! + 1);
			const {pieces} = next;
			views.push({
				text: next.text,
				back: ({since, from, to}) =>
					back({
						since: placeOf(pieces, since).from,
						from: placeOf(pieces, from).from,
						to: placeOf(pieces, to - 1).to,
					}),
			});
		}
	}
	return views.slice(1);
};

/** The lines of a text that have escapes in them, as they read once layers of those are undone; none where there are none. */
export const viewsOf = (text: string): View[] =>
	Array.from(text.matchAll(lineWithEscapes), ({0: line, index}) => viewsOfLine(line, index)).flat();
