/** The picture of the README: the golden screen of the board, in the colours that the program gives it. `UPDATE_DOCS=1 npm test` draws it anew. */
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {screenSvg} from '../.ci/screen-svg.ts';
import {picture} from '../source/ui/picture.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {plainText} from '../source/ui/lines/text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {openApp} from './helpers/app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string): string => readFileSync(resolve(root, name), 'utf8');
const title = 'deployctl: the board';

/** What stands in a picture, without its markup. */
const wordsOf = (svg: string): string =>
	[...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
		.map(([, text]) => text!)
		.join(' ')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&amp;', '&')
		.replaceAll(/\s+/g, '');

test('docs/screen.svg is the golden screen of the board, in colour', async t => {
	const app = await openApp({startMinutes: 9, columns: 100, rows: 30}, t);
	await app.settled();
	await app.advance(5000);
	const look = lookOf(app.state().preferences, 'dark', app.state().frame);
	const lines = picture(app.state(), look);
	const golden = read('test/screens/board-100.txt');
	assert.equal(`${screenText(lines)}\n`, golden, 'the picture is made from another screen than the approved one');
	const svg = screenSvg(lines, look, title);
	if (process.env['UPDATE_DOCS'] === '1') writeFileSync(resolve(root, 'docs/screen.svg'), svg);
	assert.equal(read('docs/screen.svg'), svg, 'UPDATE_DOCS=1 npm test draws it anew');
	assert.equal(wordsOf(svg), golden.replaceAll(/\s+/g, ''), 'nothing of the screen is missing in the picture');
	for (const colour of ['#3fb950', '#39c5cf', '#8b949e'])
		assert.ok(svg.includes(`fill="${colour}"`), `no ${colour} in the picture`);
	assert.match(read('README.md'), /!\[[^\]]{40,}\]\(docs\/screen\.svg\)/);
});

test('a picture keeps every cell in its place, escapes what would be markup, and shows inverse text on its colour', () => {
	const look = lookOf(
		{theme: 'dark', density: 'comfortable', symbols: 'unicode', motion: 'full', terminal: 'full'},
		'dark',
		0,
	);
	const line = [
		{text: 'a<b & c>', tone: 'bad'},
		{text: '  '},
		{text: '字x', bold: true, inverse: true, tone: 'good'},
	] as const;
	const svg = screenSvg([line], look, 'a & b');
	assert.match(svg, /<text x="14" y="27" textLength="67\.2" fill="#ff7b72">a&lt;b &amp; c&gt;<\/text>/);
	assert.match(
		svg,
		/<rect x="98" y="14" width="25\.2" height="18" fill="#3fb950"\/><text x="98" y="27" textLength="25\.2" fill="#0d1117" font-weight="bold">字x<\/text>/,
	);
	assert.match(svg, /<title>a &amp; b<\/title>/);
	assert.equal(wordsOf(svg), plainText(line).replaceAll(/\s+/g, ''));
});
