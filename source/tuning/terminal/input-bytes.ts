/**
 * What a terminal sends, cut into keys and pastes before Ink sees it; pure. Terminals, networks and multiplexers lose parts
 * of what they send: a sequence whose end does not come must never keep the keys behind it, and its parts are never keys.
 *
 * What leaves here is what a plain terminal would have sent: complete keys in their oldest form, complete pastes, and text.
 * Everything else ends here: mouse reports, focus events, releases of keys, answers to questions.
 * Sequences: ECMA-48; xterm's ctlseqs; sw.kovidgoyal.net/kitty/keyboard-protocol; Microsoft's "win32 input mode" (spec 4999).
 */
import {keyOfSequence} from './input-sequences.ts';

const escape = '\u001B';
const interrupt = '\u0003';
const pasteStart = `${escape}[200~`;
const pasteEnd = `${escape}[201~`;

/** After so long without a byte an Escape is the key and not the beginning of a sequence. Milliseconds. */
export const escapeMs = 30;
/** After so long without a byte what was not ended is over. Milliseconds. */
export const silenceMs = 500;
/** For so long after a paste that was given up a read of many characters is the rest of that paste. Milliseconds. */
const resumeMs = 5000;
/** More characters in one read than a hand types, where a paste had stopped. */
const resumeFrom = 4;

export type InputState = {
	/** What has begun and not ended: a sequence, or a paste with its start. */
	pending: string;
	/** An Escape was let through: the rest of its sequence may still come. */
	isEscaped: boolean;
	/** When the end of a paste was given up; null: none was, or its end came. */
	gaveUpAt: number | null;
};
/** `out`: for Ink. */
export type InputStep = {state: InputState; out: string};

export const emptyInput: InputState = {pending: '', isEscaped: false, gaveUpAt: null};

type Piece = {kind: 'sequence'; end: number} | {kind: 'unfinished'} | {kind: 'broken'; end: number};

const isFinal = (code: number) => code >= 0x40 && code <= 0x7e;
const isBody = (code: number) => code >= 0x20 && code <= 0x3f;

/** The oldest mouse report has three characters behind its end, none of them a control character. */
const oldMouseReport = (text: string, from: number): Piece => {
	const foreign = text.slice(from, from + 3).search(/[^\u0020-\uFFFF]/);
	if (foreign !== -1) return {kind: 'broken', end: from + foreign};
	return from + 3 > text.length ? {kind: 'unfinished'} : {kind: 'sequence', end: from + 3};
};

/** Control sequence: parameters, then one final byte. A byte that belongs to neither is not part of it. */
const controlSequence = (text: string, from: number): Piece => {
	const begin = from + 2;
	for (let index = begin; index < text.length; index++) {
		const code = text.charCodeAt(index);
		// The Linux console has a second bracket in its function keys; rxvt ends some keys in a dollar.
		if (code === 0x5b && index === begin) continue;
		if (code === 0x24 && index === begin + 1 && '235678'.includes(text[begin]!))
			return {kind: 'sequence', end: index + 1};
		if (isFinal(code)) {
			return text[index] === 'M' && index === begin
				? oldMouseReport(text, index + 1)
				: {kind: 'sequence', end: index + 1};
		}
		if (!isBody(code)) return {kind: 'broken', end: index};
	}
	return {kind: 'unfinished'};
};

/** Keys of the keypad and old function keys: one letter, before which there may be numbers. */
const shiftedSequence = (text: string, from: number): Piece => {
	for (let index = from + 2; index < text.length; index++) {
		if (isFinal(text.charCodeAt(index))) return {kind: 'sequence', end: index + 1};
		if (!/[\d;]/.test(text[index]!)) return {kind: 'broken', end: index};
	}
	return {kind: 'unfinished'};
};

/** Answers in words: all until the terminator, or until another sequence or Ctrl-C begins. */
const stringSequence = (text: string, from: number): Piece => {
	for (let index = from + 2; index < text.length; index++) {
		const character = text[index]!;
		if (character === '\u0007' || character === '\u009C') return {kind: 'sequence', end: index + 1};
		if (character === interrupt) return {kind: 'broken', end: index};
		if (character !== escape) continue;
		if (index + 1 === text.length) return {kind: 'unfinished'};
		return text[index + 1] === '\\' ? {kind: 'sequence', end: index + 2} : {kind: 'broken', end: index};
	}
	return {kind: 'unfinished'};
};

/** What begins with the Escape at `from`. */
const pieceAt = (text: string, from: number): Piece => {
	const introducer = text[from + 1];
	switch (introducer) {
		case undefined:
			return {kind: 'unfinished'};
		case '[':
			return controlSequence(text, from);
		case 'O':
			return shiftedSequence(text, from);
		case ']':
		case 'P':
		case '_':
		case '^':
			return stringSequence(text, from);
		// Two of them: the first one is the key.
		case escape:
			return {kind: 'broken', end: from + 1};
		// Escape and a key within a moment: both were pressed.
		default:
			return {kind: 'broken', end: from + 1 + String.fromCodePoint(text.codePointAt(from + 1)!).length};
	}
};

const pasteOf = (text: string): string =>
	`${pasteStart}${text.replaceAll(pasteStart, '').replace(/\u001B(?:\[(?:2(?:0(?:1~?)?)?)?)?$/, '')}${pasteEnd}`;

/** Eight-bit introducers are the same with one byte less. */
const widened = (text: string): string =>
	text.replaceAll(
		/[\u008F\u0090\u009B\u009D\u009F]/g,
		character => escape + String.fromCharCode(character.charCodeAt(0) - 0x40),
	);

/** Sequences that lost their first byte and came in one read: no hand types that. */
const headless = /^\[(?:<\d+(?:;\d+)+[Mm]|\d+(?:[;:]\d*){2,}[A-Za-z_~]|20[01]~)/;

/** Reads `text`, which begins outside of any paste. `out`: what came before. */
const read = (state: InputState, text: string, now: number, before = ''): InputStep => {
	let out = '';
	let index = 0;
	const step = (next: InputState): InputStep => ({state: next, out: before + out});
	while (index < text.length) {
		const from = text.indexOf(escape, index);
		out += text.slice(index, from === -1 ? text.length : from);
		if (from === -1) break;
		const piece = pieceAt(text, from);
		if (piece.kind === 'unfinished') return step({...state, pending: text.slice(from)});
		index = piece.end;
		const part = text.slice(from, index);
		// Cut off by what cannot be a part of it: only the key Escape itself is left of such a thing.
		if (piece.kind === 'broken') out += part === escape || !/^\u001B[[O\]P_^]/.test(part) ? part : '';
		else if (part === pasteStart)
			return inPaste({...state, pending: pasteStart}, text.slice(index), now, before + out);
		// Its beginning was lost: what came with the end was pasted.
		else if (part === pasteEnd) [out, state] = [out === '' ? '' : pasteOf(out), {...state, gaveUpAt: null}];
		else out += keyOfSequence(part);
	}
	return step({...state, pending: ''});
};

/** Whether a read that came in the middle of a paste is a hand at Ctrl-C, or at Escape, however the terminal writes them. */
const handIn = (chunk: string): typeof interrupt | typeof escape | null => {
	const {out} = read(emptyInput, chunk, 0);
	if (out !== '' && out.replaceAll(interrupt, '') === '') return interrupt;
	return chunk === `${escape}${escape}` || (chunk.length > 2 && out === escape) ? escape : null;
};

/** Reads on in a paste. `state.pending` is the paste so far. */
const inPaste = (state: InputState, chunk: string, now: number, before = ''): InputStep => {
	const text = state.pending + chunk;
	const end = text.indexOf(pasteEnd, pasteStart.length);
	if (end !== -1) {
		const ended: InputState = {...state, pending: '', gaveUpAt: null};
		return read(
			ended,
			text.slice(end + pasteEnd.length),
			now,
			before + pasteOf(text.slice(pasteStart.length, end)),
		);
	}
	const hand = handIn(chunk);
	if (hand === null) return {state: {...state, pending: text}, out: before};
	// More of the paste may be on its way.
	const over: InputState = {pending: '', isEscaped: hand === escape, gaveUpAt: now};
	return {state: over, out: `${before}${pasteOf(state.pending.slice(pasteStart.length))}${hand}`};
};

const isTail = (chunk: string): boolean =>
	chunk.startsWith('[') || (chunk.length > 1 && /^(?:O[A-Za-z]$|[\]P_^])/.test(chunk));

/** Whether a read is more of a paste whose end was given up: its line had stopped for longer than we waited. */
const isRest = ({gaveUpAt}: InputState, chunk: string, now: number): boolean =>
	gaveUpAt !== null && now - gaveUpAt < resumeMs && [...chunk].length >= resumeFrom && !chunk.startsWith(escape);

/** Takes in what came in one read. `now`: milliseconds of any clock that only goes forward. */
export const takeInput = (state: InputState, raw: string, now: number): InputStep => {
	const chunk = widened(raw);
	if (state.pending.startsWith(pasteStart)) return inPaste(state, chunk, now);
	const fresh: InputState = {...state, isEscaped: false};
	if (state.pending !== '') return read(fresh, state.pending + chunk, now);
	if (isRest(state, chunk, now)) return inPaste({...fresh, pending: pasteStart}, chunk, now);
	if (state.isEscaped && isTail(chunk)) return read(fresh, escape + chunk, now);
	return read(fresh, headless.test(chunk) ? escape + chunk : chunk, now);
};

/** How long to wait for more before `silenced`; null: nothing is waited for. Milliseconds. */
export const waitMs = ({pending, isEscaped}: InputState): number | null => {
	if (pending === '') return isEscaped ? silenceMs : null;
	if (pending === escape) return escapeMs;
	// The last that came into a paste may be a hand at Escape or Ctrl-C.
	return pending.startsWith(pasteStart) && /[\u0003\u001B]$/.test(pending) ? escapeMs * 2 : silenceMs;
};

/** Nothing has come for `waitMs`: what had begun is over. */
export const silenced = (state: InputState, now: number): InputStep => {
	const {pending} = state;
	if (pending === '') return {state: {...state, isEscaped: false}, out: ''};
	if (pending === escape) return {state: {...state, pending: '', isEscaped: true}, out: escape};
	if (!pending.startsWith(pasteStart)) return {state: {...state, pending: ''}, out: ''};
	const text = pending.slice(pasteStart.length);
	const hand = /[\u0003\u001B]$/.exec(text)?.[0] ?? '';
	return {
		state: {pending: '', isEscaped: hand === escape, gaveUpAt: now},
		out: `${pasteOf(hand === '' ? text : text.slice(0, -1))}${hand}`,
	};
};
