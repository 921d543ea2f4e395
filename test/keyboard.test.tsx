/** Whatever a terminal sends and however it is cut off: keys behind it arrive after a short silence, its parts are never keys. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {render} from 'ink-testing-library';
import {findBinding, keyTable} from '../source/state/keys/keys.ts';
import {modeOf} from '../source/state/questions/select.ts';
import {silenceMs} from '../source/tuning/terminal/input-bytes.ts';
import {createKeyReader} from '../source/tuning/terminal/keyboard-guard.ts';
import {App} from '../source/ui/app.tsx';
import {openOperator} from './helpers/operator.ts';
import {until} from './helpers/patience.ts';
import {runs} from './helpers/fuzz.ts';

// Without them Ink asks the developer's terminal.
process.env['COLUMNS'] = '100';
process.env['LINES'] = '24';

const escape = '\u001B';
const paste = (text: string) => `${escape}[200~${text}${escape}[201~`;

/** A keyboard whose silences are asked for. */
const openKeyboard = (emit?: (text: string) => void) => {
	let out = '';
	let now = 0;
	let due: {at: number; act: () => void} | null = null;
	const reader = createKeyReader(
		text => {
			out += text;
			emit?.(text);
		},
		{
			now: () => now,
			timer: (milliseconds, act) => {
				const mine = {at: now + milliseconds, act};
				due = mine;
				return () => {
					if (due === mine) due = null;
				};
			},
		},
	);
	return {
		/** One read. */
		read: (text: string) => reader.take(text),
		pause(milliseconds: number) {
			const end = now + milliseconds;
			while (due !== null && due.at <= end) {
				const {at, act} = due;
				due = null;
				now = at;
				act();
			}
			now = end;
		},
		/** What Ink was given since the last call. */
		taken() {
			const taken = out;
			out = '';
			return taken;
		},
	};
};

/** What comes of reads with a pause behind each. */
const after = (reads: readonly string[], pauseMs = silenceMs) => {
	const keyboard = openKeyboard();
	for (const text of reads) {
		keyboard.read(text);
		keyboard.pause(pauseMs);
	}
	return keyboard.taken();
};

test('keys, chords and pastes pass as a plain terminal sends them', () => {
	for (const plain of [
		'j',
		'jjj',
		'k\r',
		'production 1234567',
		'ä漢',
		'\u0003',
		'\u007F\u007F',
		`${escape}[A${escape}[B`,
		`${escape}[Z`,
		`${escape}[5~`,
		`${escape}?`,
		paste('a\nb'),
		`${paste('a')}j`,
	]) {
		assert.equal(after([plain]), plain, JSON.stringify(plain));
	}
	assert.equal(after([escape]), escape, 'Escape alone is the key');
	assert.equal(
		after([`${escape}OA${escape}OM${escape}[1;5C${escape}[7~`]),
		`${escape}[A\r${escape}[C${escape}[H`,
		'other forms of the same keys',
	);
	assert.equal(after([`${escape}[`, 'A'], 100), `${escape}[A`, 'a sequence in two reads');
	assert.equal(after([paste('abc').slice(0, 8), paste('abc').slice(8)], 100), paste('abc'), 'a paste in two reads');
});

test('a paste whose end is lost is over after a short silence', () => {
	assert.equal(after([`${escape}[200~x`, 'q']), `${paste('x')}q`);
	assert.equal(after([`${escape}[200~x${escape}[20`, 'q']), `${paste('x')}q`, 'a part of the end is not pasted');
	const keyboard = openKeyboard();
	keyboard.read(`${escape}[200~x`);
	keyboard.pause(silenceMs - 1);
	assert.equal(keyboard.taken(), '', 'until then it may go on');
	keyboard.pause(1);
	assert.equal(keyboard.taken(), paste('x'));
});

test('Ctrl-C and Escape work inside of half a paste, in every way in which terminals write them', () => {
	for (const [key, sent] of [
		['\u0003', '\u0003'],
		['\u0003', `${escape}[99;5u`],
		['\u0003', `${escape}[27;5;99~`],
		['\u0003', `${escape}[67;46;3;1;8;1_`],
		[escape, `${escape}[27u`],
		[escape, `${escape}[27;1;27;1;0;1_`],
		[escape, `${escape}${escape}`],
	] as const) {
		const keyboard = openKeyboard();
		keyboard.read(`${escape}[200~x`);
		keyboard.read(sent);
		assert.ok(keyboard.taken().startsWith(`${paste('x')}${key}`), JSON.stringify(sent));
	}
	assert.equal(
		after([`${escape}[200~x`, escape], 100),
		`${paste('x')}${escape}`,
		'one Escape might begin the end: a moment is waited for',
	);
	assert.equal(after([`${escape}[200~x?jq\u0003`], 100), `${paste('x?jq')}\u0003`, 'all of it read at once, late');
});

test('the rest of a paste that was given up too early is no keys', () => {
	assert.equal(
		after([`${escape}[200~x`, 'q\rDDy', `rest${escape}[201~`, 'j'], silenceMs * 2),
		`${paste('x')}${paste('q\rDDy')}${paste('rest')}j`,
	);
	assert.equal(
		after([`${escape}[200~x`, 'production'], silenceMs * 20),
		`${paste('x')}production`,
		'much later it is typing again',
	);
	assert.equal(after([`q\rD${escape}[201~j`]), `${paste('q\rD')}j`, 'the start was lost');
	const keyboard = openKeyboard();
	keyboard.read(`${escape}[200~x`);
	keyboard.read(`${escape}${escape}`);
	keyboard.read('q\rDDyy');
	keyboard.pause(silenceMs);
	assert.match(keyboard.taken(), /q\rDDyy\u001B\[201~$/, 'Escape in the middle of a long one');
});

test('an Escape that was only late takes the rest of its sequence with it', () => {
	assert.equal(after([escape, '[A'], 100), `${escape}${escape}[A`);
	assert.equal(after([escape, '[201~'], 100), escape);
	assert.equal(after([escape, ']11;rgb:0000/0000/0000\u0007'], 100), escape);
	assert.equal(after([escape, 'j'], 100), `${escape}j`);
	assert.equal(after([escape, '['], silenceMs * 2), `${escape}[`, 'after a silence it is a key');
});

test('Ctrl-C has a meaning in every mode, Escape wherever there is something to leave', () => {
	for (const mode of new Set(keyTable.flatMap(({modes}) => modes))) {
		assert.equal(findBinding(mode, 'ctrl-c')?.gate, undefined, mode);
		assert.ok(findBinding(mode, 'ctrl-c'), mode);
		assert.ok(mode === 'small' || findBinding(mode, 'esc'), mode);
	}
});

/** What terminals say that is no press of a key. */
const talk = [
	...[
		'<0;12;40M',
		'<35;1;1m',
		'<64;3;4M',
		'32;33;34M',
		'M !"',
		'I',
		'O',
		'12;40R',
		'?62;4;6c',
		'>1;10;0c',
		'?2026;2$y',
		'48;24;80;480;640t',
		'?1u',
		'?997;1n',
		'0n',
		'8;24;80t',
	].map(body => `[${body}`),
	// Releases, a modifier alone, keys with Alt.
	'[97;1:3u',
	'[1;1:3A',
	'[27;1:3u',
	'[57441;2u',
	'[112;3u',
	'[67;46;3;0;8;1_',
	'[16;42;0;1;16;1_',
	']11;rgb:1e1e/1e1e/1e1e\u0007',
	`]10;rgb:ffff/ffff/ffff${escape}\\`,
	']52;c;eQo=\u0007',
	`P1$r0m${escape}\\`,
	`P>|XTerm(379)${escape}\\`,
	`_Gi=31;OK${escape}\\`,
].map(body => escape + body);

test('no answer, report or event is a key, whole or in two reads, also without its first byte', () => {
	for (const sequence of talk) {
		assert.equal(after([sequence]), '', JSON.stringify(sequence));
		assert.equal(after([`${sequence}j`]), 'j', JSON.stringify(sequence));
		for (let cut = 2; cut < sequence.length; cut++)
			assert.equal(
				after([sequence.slice(0, cut), `${sequence.slice(cut)}j`], 100),
				'j',
				JSON.stringify([sequence, cut]),
			);
	}
	for (const body of ['[<0;12;40M', '[<35;1;1m', '[67;46;3;0;8;1_', '[201~']) assert.equal(after([body]), '', body);
});

test('modes that another program left on: every key of theirs is the key that it is', () => {
	const same: ReadonlyArray<readonly [sent: string, key: string]> = [
		['[106u', 'j'],
		['[106;1:2u', 'j'],
		['[98;2u', 'B'],
		['[98:66;2u', 'B'],
		['[98;2;66u', 'B'],
		['[1089::99;5u', '\u0003'],
		['[13u', '\r'],
		['[57414u', '\r'],
		['[9;2u', `${escape}[Z`],
		['[127u', '\u007F'],
		['[57420u', `${escape}[B`],
		['[27;5;100~', '\u0004'],
		['[27;2;66~', 'B'],
		['[66;48;66;1;16;1_', 'B'],
		['[40;80;0;1;256;1_', `${escape}[B`],
		['[13;28;13;1;0;1_', '\r'],
		['[8;14;8;1;0;1_', '\u007F'],
		['[9;15;9;1;16;1_', `${escape}[Z`],
		['[81;16;64;1;9;1_', '@'],
	];
	for (const [sent, key] of same) assert.equal(after([escape + sent]), key, sent);
});

const parts = fc.constantFrom(
	...talk,
	paste('q\rDy'),
	`${escape}[A`,
	`${escape}[5~`,
	`${escape}OP`,
	`${escape}[99;5u`,
	escape,
);
const cutSequence = fc
	.tuple(parts, fc.double({min: 0, max: 1, noNaN: true}))
	.map(([sequence, share]) => sequence.slice(0, 1 + Math.floor(share * (sequence.length - 1))));
const finals = ['\u0003', escape, 'j', '\r', `${escape}[B`];
const reads = fc.array(
	fc.oneof(cutSequence, parts, fc.stringMatching(/^\u001B(?:[[\]P_^][0-9;<?: ]{0,12}|O[0-9;]{0,6})$/)),
	{minLength: 1, maxLength: 6},
);

test('property: after any cut sequences and a short silence each key arrives, and is the last thing that does', () => {
	fc.assert(
		fc.property(reads, fc.constantFrom(...finals), fc.nat(silenceMs - 1), (cut, key, gap) => {
			const keyboard = openKeyboard();
			for (const text of cut) {
				keyboard.read(text);
				keyboard.pause(gap);
			}
			keyboard.pause(silenceMs * 2);
			keyboard.taken();
			keyboard.read(key);
			keyboard.pause(silenceMs);
			assert.equal(keyboard.taken(), key);
		}),
		runs(5000),
	);
});

test('property: of sequences, cut anywhere and read in any pieces, no letter becomes a key', () => {
	fc.assert(
		fc.property(reads, fc.nat(silenceMs - 1), (cut, gap) => {
			const keyboard = openKeyboard();
			for (const text of cut) {
				keyboard.read(text);
				keyboard.pause(gap);
			}
			keyboard.pause(silenceMs * 2);
			const left = keyboard
				.taken()
				.replaceAll(/\u001B\[200~[\s\S]*?\u001B\[201~/g, '')
				.replaceAll(/\u001B\[(?:A|5~)/g, '')
				.replaceAll(/[\u001B\u0003]/g, '');
			assert.equal(left, '');
		}),
		runs(5000),
	);
});

const openThroughInk = async (t: TestContext) => {
	const app = await openOperator(t, {columns: 100, rows: 24});
	const ink = render(<App store={app.store} background="dark" isForScreenReader={false} onReady={() => {}} />);
	t.after(() => ink.unmount());
	await app.settled();
	return {app, keyboard: openKeyboard(text => ink.stdin.write(text))};
};

test('no sequence starts an operation, in whatever view it comes, and Ctrl-C leaves behind each', async t => {
	const {app, keyboard} = await openThroughInk(t);
	for (const opening of ['', 'B', '/', ':', 'O', 'p']) {
		keyboard.read(opening);
		await app.advance(1000);
		const mode = modeOf(app.state());
		for (const sequence of [
			...talk,
			`${escape}[200~yy\r`,
			`${escape}[`,
			`${escape}[<`,
			`${escape}]`,
			`${escape}P`,
		]) {
			keyboard.read(sequence);
			keyboard.pause(silenceMs);
		}
		await app.settled();
		assert.equal(modeOf(app.state()), mode, opening);
		keyboard.read(escape);
		keyboard.pause(silenceMs * 2);
		await until('Escape leads back', () => modeOf(app.state()) === 'board');
	}
	assert.deepEqual(app.operations.started, []);
	keyboard.read(`${escape}[200~x`);
	keyboard.read('\u0003');
	await app.settled();
	assert.deepEqual(app.asked.at(-1), {type: 'quit', exitCode: 130});
});
