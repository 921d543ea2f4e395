/** Random screens, the same for the same seed. Bundled twice by test/tuning.test.ts: with Ink as it comes, and tuned. */
import {PassThrough, Writable} from 'node:stream';
import type {ReactNode} from 'react';
import {Box, Text, Transform, render} from 'ink';

/** mulberry32: uniform in [0, 1). */
const randomFrom = (seed: number) => () => {
	seed = (seed + 0x6d2b79f5) | 0;
	let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
};
type Random = () => number;
const upTo = (random: Random, limit: number) => Math.floor(random() * limit);
const oneOf = <Item,>(random: Random, items: readonly Item[]): Item => items[upTo(random, items.length)] as Item;
const sometimes = <Value,>(random: Random, chance: number, value: () => Value): Value | undefined =>
	random() < chance ? value() : undefined;

const plain = [
	'deploy',
	'passed',
	'✓ ok',
	'✗ failed',
	'● running',
	'— – …',
	'│ ├─ ╰╯',
	'⠋⠙⠹',
	'→ main',
	'größe',
	'Привет',
	'λ→∞',
	'  ',
	' ',
	'abc def',
	'12:34',
	'a-very-long-word-without-any-space',
];
const strange = [
	'日本語',
	'한국어',
	'👍',
	'👩‍👩‍👧‍👦',
	'🇨🇭🇩🇪',
	'❤️',
	'⚠️',
	'⚠',
	'1️⃣',
	'👋🏽',
	'é',
	'ñ̃̃',
	'​zero‍width',
	'\u00AD',
	'ﷺ',
	'ｱﾞ',
	'각',
	'ᄀᄀ',
	'नमस्ते',
	'ไทย',
	'️',
	'\t',
	'x\ty',
	'\n',
	'\r\n',
	'\r',
	'\u0007',
	'\u0000',
	'\u007F',
	'\u0085',
	'\uD800',
	'\u200F',
	'⌚',
	'⏰',
	'⭐',
	'〈',
	'\u2028',
	'©',
	'™',
	'‼',
	'Ⅷ',
	'①',
	'\u0300',
	' \u0301',
	'\u001B[31mred\u001B[39m',
	'\u001B[1;3;38;5;200mmany\u001B[0m',
	'\u001B[38:2::1:2:3mcolon\u001B[m',
	'\u001B[2J',
	'\u001B[10;5H',
	'\u001B]8;;https://example.org\u0007link\u001B]8;;\u0007',
	'\u001B]0;title\u0007',
	'\u001B[1mbold\u001B[22m\u0301',
	'\u009B32mc1\u009B0m',
	'\u001B[',
	'\u001B',
	'\u001B[38;5',
	'\u001B[4munder',
	'\u001B[48;2;1;2;3mbg',
	'\u001B[2mdim\u001B[1mboth\u001B[22m',
];
const words = (random: Random) =>
	Array.from({length: 1 + upTo(random, 8)}, () => oneOf(random, random() < 0.75 ? plain : strange)).join(
		random() < 0.7 ? ' ' : '',
	);
const colours = ['red', 'greenBright', '#ff8800', 'ansi256(99)', 'rgb(1, 2, 3)', 'gray', undefined];
const wraps = ['wrap', 'truncate', 'truncate-start', 'truncate-middle', 'hard', 'truncate-end'] as const;

const text = (random: Random, key: number, depth = 0): ReactNode => (
	<Text
		key={key}
		color={oneOf(random, colours)}
		backgroundColor={sometimes(random, 0.15, () => oneOf(random, colours))}
		bold={random() < 0.2}
		dimColor={random() < 0.2}
		inverse={random() < 0.1}
		underline={random() < 0.1}
		italic={random() < 0.1}
		strikethrough={random() < 0.05}
		{...(depth === 0 ? {wrap: oneOf(random, wraps)} : {})}
	>
		{words(random)}
		{depth < 2 && random() < 0.3 ? text(random, 1, depth + 1) : null}
	</Text>
);

const leaf = (random: Random, key: number): ReactNode =>
	random() < 0.1 ? (
		<Transform key={key} transform={(line, index) => `${index}:${line.toUpperCase()}`}>
			{text(random, 0)}
		</Transform>
	) : (
		text(random, key)
	);

const box = (random: Random, key: number, depth: number): ReactNode => {
	const size = (limit: number) => sometimes(random, 0.3, () => upTo(random, limit));
	const border = sometimes(random, 0.4, () =>
		oneOf(random, ['round', 'single', 'double', 'bold', 'classic'] as const),
	);
	return (
		<Box
			key={key}
			flexDirection={oneOf(random, ['row', 'column', 'row-reverse', 'column-reverse'] as const)}
			flexGrow={random() < 0.3 ? 1 : 0}
			flexShrink={random() < 0.2 ? 0 : 1}
			flexWrap={random() < 0.1 ? 'wrap' : 'nowrap'}
			alignItems={oneOf(random, ['flex-start', 'center', 'flex-end', 'stretch'] as const)}
			width={size(50)}
			height={size(12)}
			paddingX={size(3)}
			paddingY={size(2)}
			marginLeft={sometimes(random, 0.2, () => upTo(random, 8) - 4)}
			marginTop={sometimes(random, 0.2, () => upTo(random, 5) - 2)}
			gap={size(3)}
			overflow={random() < 0.35 ? 'hidden' : 'visible'}
			borderColor={oneOf(random, colours)}
			borderDimColor={random() < 0.2}
			backgroundColor={sometimes(random, 0.15, () => oneOf(random, colours))}
			{...(border === undefined
				? {}
				: {borderStyle: border, borderTop: random() < 0.9, borderLeft: random() < 0.9})}
		>
			{Array.from({length: 1 + upTo(random, 4)}, (_, index) =>
				depth > 0 && random() < 0.55 ? box(random, index, depth - 1) : leaf(random, index),
			)}
		</Box>
	);
};

const fakeTerminal = (columns: number, rows: number) => {
	const written: string[] = [];
	const stdout = Object.assign(
		new Writable({
			decodeStrings: false,
			write(chunk: string, _encoding, done) {
				written.push(chunk);
				done();
			},
		}),
		{isTTY: true, columns, rows},
	) as unknown as NodeJS.WriteStream;
	const stdin = Object.assign(new PassThrough(), {
		isTTY: true,
		setRawMode() {},
		ref() {},
		unref() {},
	}) as unknown as NodeJS.ReadStream;
	return {stdout, stdin, written};
};

/**
 * One application of some ten frames: what it wrote to the terminal. Incremental, so that the changes of lines are compared,
 * too; a frame often differs from the one before in a part only.
 */
export const session = async (seed: number, frames: number): Promise<string[]> => {
	const random = randomFrom(seed);
	const terminal = fakeTerminal(20 + upTo(random, 80), 5 + upTo(random, 25));
	const incrementalRendering = random() < 0.7;
	const parts = () =>
		Array.from({length: 3}, (_, index) => box(randomFrom(Math.floor(random() * 2 ** 31)), index, 2));
	let shown = parts();
	// Sometimes higher than the screen: Ink then clears instead of changing lines.
	const height = terminal.stdout.rows + upTo(random, 4) - 2;
	const screen = () => (
		<Box flexDirection="column" height={height} overflowY="hidden">
			{shown}
		</Box>
	);
	const app = render(screen(), {
		...terminal,
		incrementalRendering,
		alternateScreen: true,
		interactive: true,
		patchConsole: false,
		maxFps: 1000,
	});
	for (let frame = 1; frame < frames; frame++) {
		const fresh = parts();
		shown = shown.map((part, index) => (random() < 0.5 ? part : fresh[index]));
		app.rerender(screen());
		await app.waitUntilRenderFlush();
	}
	app.unmount();
	await app.waitUntilExit();
	return terminal.written;
};
