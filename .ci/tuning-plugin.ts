/**
 * Replaces parts of Ink and of what it stands on by faster ones with the same output (source/tuning/ink/); only in the bundle,
 * so that every other test runs the originals. Bound to exact versions: the replaced files are private to their packages.
 * test/tuning.test.ts compares both, byte for byte.
 */
import {readFileSync, realpathSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import type {Plugin} from 'esbuild';

/** The real place: in a second working tree this may be a link. */
const modules = `${realpathSync(new URL('../node_modules', import.meta.url))}/`;
const replacements = fileURLToPath(new URL('../source/tuning/ink/', import.meta.url));

/** What the replacements were written against. */
const versions: Readonly<Record<string, string>> = {
	ink: '8.0.0',
	'yoga-layout': '3.2.1',
	'string-width': '8.3.0',
	'widest-line': '6.0.0',
	'wrap-ansi': '10.0.2',
	'slice-ansi': '10.0.1',
	'@alcalzone/ansi-tokenize': '0.3.2',
	'terminal-size': '4.0.1',
};

/** Null when the replacements fit what is installed. */
export const whyNotTuned = (): string | null => {
	for (const [name, wanted] of Object.entries(versions)) {
		const {version} = JSON.parse(readFileSync(`${modules}${name}/package.json`, 'utf8')) as {version: string};
		if (version !== wanted) {
			return `${name} is ${version}, the tuning was written against ${wanted}`;
		}
	}
	return null;
};

type Edit = readonly [from: string | RegExp, to: string];

/** `new Intl.Segmenter()` loads ICU's break tables (10 ms): only when a text needs it, which ASCII and box drawing do not. */
const lazySegmenter = (name: string, options: string): Edit => [
	`const ${name} = new Intl.Segmenter(${options});`,
	`let ${name}$;\nconst ${name} = {segment: text => (${name}$ ??= new Intl.Segmenter(${options})).segment(text)};`,
];
const graphemes = '{ granularity: "grapheme" }';

/** Property classes such as \p{RGI_Emoji} take milliseconds to parse. `uses` are the ways in which the file applies it. */
const lazyRegex = (name: string, uses: number): Edit[] => [
	[new RegExp(`const ${name} = (/.+/[gimsuvy]*);`, 'd'), `let ${name}$;\nconst ${name}$get = () => ${name}$ ??= $1;`],
	...Array.from({length: uses}, (): Edit => [new RegExp(`\\b${name}(?=[.)])`), `${name}$get()`]),
];

/** File → edits, each of which must fit exactly as often as it is written here. */
const edits: Readonly<Record<string, readonly Edit[]>> = {
	'string-width/index.js': [
		lazySegmenter('segmenter', ''),
		...lazyRegex('visibleCharacterRegex', 2),
		...lazyRegex('spacingMarkRegex', 1),
		...lazyRegex('rgiEmojiRegex', 1),
		...lazyRegex('extendedPictographicRegex', 1),
	],
	'@alcalzone/ansi-tokenize/build/tokenize.js': [lazySegmenter('segmenter', `undefined, ${graphemes}`)],
	'wrap-ansi/index.js': [
		lazySegmenter('segmenter', ''),
		['ASCII_PRINTABLE_REGEX.test(plainText)', '__isSimple(plainText)'],
		[/^/, 'import {isSimple as __isSimple} from "tuning:simple-text";\n'],
	],
	'slice-ansi/tokenize-ansi.js': [lazySegmenter('GRAPHEME_SEGMENTER', "undefined, {granularity: 'grapheme'}")],
	// Loaded, but not used: source/tuning/terminal/frame-painter.ts decides what is written of a row.
	'ink/build/line-update.js': [lazySegmenter('segmenter', `undefined, { granularity: 'grapheme' }`)],
	'ink/build/squash-text-nodes.js': [
		["import sanitizeAnsi from './sanitize-ansi.js';", 'import sanitizeAnsi from "tuning:sanitize-ansi";'],
	],
	'ink/build/renderer.js': [["import Output from './output.js';", 'import Output from "tuning:output";']],
	// A bordered box that is squeezed below two cells would otherwise take the whole program down ("Invalid count value").
	'ink/build/render-border.js': [
		['box.top.repeat(contentWidth)', 'box.top.repeat(Math.max(0, contentWidth))'],
		['box.bottom.repeat(contentWidth)', 'box.bottom.repeat(Math.max(0, contentWidth))'],
		[
			"leftBorder = (one + '\\n').repeat(verticalBorderHeight)",
			"leftBorder = (one + '\\n').repeat(Math.max(0, verticalBorderHeight))",
		],
		[
			"rightBorder = (one + '\\n').repeat(verticalBorderHeight)",
			"rightBorder = (one + '\\n').repeat(Math.max(0, verticalBorderHeight))",
		],
	],
	// child_process (5 ms) is wanted only where neither stream knows the terminal's size.
	'terminal-size/index.js': [
		[
			"import {execFileSync} from 'node:child_process';",
			"const execFileSync = (...args) => process.getBuiltinModule('node:child_process').execFileSync(...args);",
		],
	],
	'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js': [
		[/"data:application\/octet-stream;base64,([A-Za-z0-9+/=]+)"/, '""/*$1*/'],
	],
};

const edited = (file: string) => {
	let text = readFileSync(modules + file, 'utf8');
	for (const [from, to] of edits[file] ?? []) {
		const before = text;
		text = typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to);
		if (text === before) {
			throw new Error(`${file} has no ${String(from)}: .ci/tuning-plugin.ts must follow the package`);
		}
	}
	return text;
};

/** The glue without its data URL (which it would `fetch`: 35 ms for loading undici), and the bytes beside it. */
const yogaGlue = () => {
	const glue = edited('yoga-layout/dist/binaries/yoga-wasm-base64-esm.js');
	const bytes = /""\/\*([A-Za-z0-9+/=]+)\*\//.exec(glue)?.[1] ?? '';
	return `${glue.replace(`/*${bytes}*/`, '')}\nexport const wasmBase64 = "${bytes}";\n`;
};

/** Import path → file. Inside a replacement the original stays reachable as `original:<import path>`. */
const replaced: Readonly<Record<string, string>> = {
	'yoga-layout': 'yoga.ts',
	'string-width': 'string-width.ts',
	'widest-line': 'widest-line.ts',
	'@alcalzone/ansi-tokenize': 'ansi-tokenize.ts',
	assert: 'assert.ts',
};
const originals: Readonly<Record<string, string>> = {
	'string-width': 'string-width/index.js',
	'widest-line': 'widest-line/index.js',
	'ansi-tokenize': '@alcalzone/ansi-tokenize/build/index.js',
	'ansi-codes': '@alcalzone/ansi-tokenize/build/ansiCodes.js',
	'sanitize-ansi': 'ink/build/sanitize-ansi.js',
	'yoga-glue': 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
	'yoga-assembly': 'yoga-layout/dist/src/wrapAssembly.js',
	'yoga-enums': 'yoga-layout/dist/src/generated/YGEnums.js',
};

export const tuning: Plugin = {
	name: 'tuning',
	setup(hooks) {
		const names = Object.keys(replaced)
			.map(name => name.replaceAll(/[/-]/g, String.raw`\$&`))
			.join('|');
		hooks.onResolve({filter: new RegExp(`^(?:${names})$`)}, ({path, importer}) => {
			const file = replaced[path];
			// `assert` of our own sources would be the real one.
			const isWanted = path !== 'assert' || importer.includes('node_modules');
			return file !== undefined && isWanted ? {path: replacements + file} : null;
		});
		hooks.onResolve({filter: /^tuning:/}, ({path}) => ({
			path: `${replacements}${path.slice('tuning:'.length)}.ts`,
		}));
		hooks.onResolve({filter: /^original:/}, ({path}) => {
			const file = originals[path.slice('original:'.length)];
			return file === undefined ? {errors: [{text: `Nothing is known as ${path}`}]} : {path: modules + file};
		});
		const files = Object.keys(edits)
			.map(file => file.replaceAll('.', String.raw`\.`))
			.join('|');
		hooks.onLoad(
			{filter: new RegExp(`node_modules/(?:${files})$`.replaceAll('/', String.raw`[/\\]`))},
			({path}) => {
				const file = path.replaceAll('\\', '/').slice(modules.length);
				return {contents: file.startsWith('yoga-layout/') ? yogaGlue() : edited(file), loader: 'js'};
			},
		);
	},
};
