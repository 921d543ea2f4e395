/** What every screen must keep to, whatever it shows. */
import assert from 'node:assert/strict';
import {widthOf} from '../../source/ui/lines/text.ts';
import {matchesGolden} from './golden.ts';

/** `columns`, `rows`: those of the terminal; its last row stays free, or it would scroll. */
export const fitsOn = (screen: string, columns: number, rows: number): void => {
	const lines = screen.split('\n');
	assert.ok(lines.length <= rows - 1, `${lines.length} lines on ${columns}x${rows}: one must stay free`);
	for (const line of lines)
		assert.ok(widthOf(line) <= columns, `${widthOf(line)} cells on ${columns}x${rows}: ${line}`);
};

/** Fits, says nothing that only programs say, and is the screen that people have looked at. */
export const isAsApproved = (name: string, screen: string, columns: number, rows: number, isAscii = false): void => {
	fitsOn(screen, columns, rows);
	assert.doesNotMatch(screen, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200B-\u200F]/);
	assert.doesNotMatch(screen, /undefined|NaN|\[object/);
	if (isAscii) assert.doesNotMatch(screen, /[─│╭●✔✖▲→…×·]/);
	matchesGolden(`${name}-${columns}`, screen);
};
