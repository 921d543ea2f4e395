/**
 * Ink's Output, which composes the frame from positioned texts, with one difference: rows are remembered. Ink's own starts
 * every frame with empty caches and builds all rows cell by cell. A row depends only on the pieces that are written to it,
 * in their order, so a row with the same pieces as before is the same row; the rest is composed as in the original.
 */
import {pieces, type Clip, type Transformer} from './output-pieces.ts';
import {composeRow, type Piece} from './output-row.ts';

type Operation =
	| {type: 'write'; x: number; y: number; text: string; transformers: readonly Transformer[]}
	| {type: 'clip'; clip: Clip}
	| {type: 'unclip'};

type Bound = number | undefined;

const tighter = (a: Bound, b: Bound, choose: (a: number, b: number) => number): Bound => {
	if (a === undefined) {
		return b;
	}
	return b === undefined ? a : choose(a, b);
};

const intersection = (outer: Clip | undefined, inner: Clip): Clip =>
	outer === undefined
		? inner
		: {
				x1: tighter(outer.x1, inner.x1, Math.max),
				x2: tighter(outer.x2, inner.x2, Math.min),
				y1: tighter(outer.y1, inner.y1, Math.max),
				y2: tighter(outer.y2, inner.y2, Math.min),
			};

/** Rows kept; two generations of it. A screen has some 60, a scrolling log brings new ones. */
const limit = 2048;
let young = new Map<string, string>();
let old = new Map<string, string>();

const rememberedRow = (width: number, row: readonly Piece[]) => {
	let key = String(width);
	for (const piece of row) {
		key += `\u0000${piece.x}\u0000${piece.line}`;
	}
	const found = young.get(key);
	if (found !== undefined) {
		return found;
	}
	const composed = old.get(key) ?? composeRow(width, row);
	if (young.size >= limit) {
		old = young;
		young = new Map();
	}
	young.set(key, composed);
	return composed;
};

// A class because Ink says `new Output(…)`.
export default class Output {
	readonly width: number;
	readonly height: number;
	private readonly operations: Operation[] = [];

	constructor({width, height}: {width: number; height: number}) {
		this.width = width;
		this.height = height;
	}

	write(x: number, y: number, text: string, {transformers}: {transformers: readonly Transformer[]}) {
		if (text !== '') {
			this.operations.push({type: 'write', x, y, text, transformers});
		}
	}

	clip(clip: Clip) {
		this.operations.push({type: 'clip', clip});
	}

	unclip() {
		this.operations.push({type: 'unclip'});
	}

	get(): {output: string; height: number} {
		const rows: Piece[][] = [];
		for (let y = 0; y < this.height; y++) {
			rows.push([]);
		}
		const clips: Clip[] = [];
		for (const operation of this.operations) {
			if (operation.type === 'clip') {
				clips.push(intersection(clips.at(-1), operation.clip));
			} else if (operation.type === 'unclip') {
				clips.pop();
			} else {
				pieces(operation, clips.at(-1), rows);
			}
		}
		return {output: rows.map(row => rememberedRow(this.width, row)).join('\n'), height: rows.length};
	}
}
