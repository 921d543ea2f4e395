/**
Takes secrets out of text: the values of this environment's secret variables in every form they are written in, and whatever
looks like a token, a password, a private key. The number of lines stays. A log's text may come as characters or, one each,
as bytes (`latin1`), so that what is no UTF-8 stays as it is.
*/
import {finderOf, formsOf, longestForm, shortestSecret} from './mask-forms.ts';
import {maskKeyLine, mayHoldKey, shapesIn, tokensIn, type KeyBlock} from './mask-shapes.ts';
import {spelledAtMost, viewsOf} from './mask-views.ts';
import {withoutInvisible} from './sanitise.ts';
import type {Span} from './mask-span.ts';

const mask = '***';

// "TOKEN" within a name says enough; KEY, AUTH and the like must be words of their own: not MONKEY, not GIT_AUTHOR_NAME.
const tellingName =
	/TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|WEBHOOK|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|MASTER|DEPLOY)_?KEY/i;
const tellingWord = /(?:^|[_.-])(?:KEYS?|AUTH|DSN|PASS|PWD|COOKIE|JWT|PAT|OTP|PIN)(?=$|[_.-])/i;
// Names of something about a secret, and of the shell's own folders.
const harmlessName =
	/(?:^|_)(?:FILE|PATH|DIR|HOME|SOCK|NAME|TYPE|MODE|TTL|TIMEOUT|PORT|HOST|SOURCE|PUBLIC_KEY)$|^(?:OLD)?PWD$/i;
// Base64 may begin with a slash: only what begins like a path of a machine is one.
const path =
	/^(?:~|\.{1,2})\/|^\/(?:home|Users|root|tmp|var|run|etc|usr|opt|srv|mnt|private|proc|dev|app|data|bin|lib|workspace)\/|^[A-Za-z]:\\/;
const address = /^[a-z][a-z\d+.-]*:\/\/(?:[^/@\s]*@)?[^?\s]*$/i;

const isSecret = (name: string, value: string) => {
	if (value.length < shortestSecret || new Set(value).size < 3 || harmlessName.test(name)) return false;
	if (path.test(value)) return false;
	return tellingName.test(name) || (tellingWord.test(name) && !(address.test(value) && !value.includes('@')));
};

const passwordOf = (value: string): string[] => {
	const password = /^[a-z][a-z\d+.-]*:\/\/[^\s/:@]*:([^\s/]+)@/i.exec(value)?.[1];
	if (password === undefined) return [];
	try {
		return [password, decodeURIComponent(password)];
	} catch {
		return [password];
	}
};

/** Values of variables whose names look secret, and passwords within addresses; each line of a value by itself, longest first. */
export const secretsFrom = (env: Readonly<Record<string, string | undefined>>): readonly string[] => {
	const values = Object.entries(env).flatMap(([name, value = '']) => [
		...(isSecret(name, value) ? [value] : []),
		...passwordOf(value),
	]);
	const lines = values
		.flatMap(value => value.split(/[\r\n]+/))
		.map(line => line.trim())
		.filter(line => line.length >= shortestSecret);
	return [...new Set(lines)].toSorted((a, b) => b.length - a.length);
};

export type MaskStream = {
	/** Takes a piece of text, gives what is certain by now. What it holds back is at most a line, or `lineAtMost`. */
	write(text: string): string;
	/** The rest. */
	end(): string;
};

export type Masker = {
	/** Text of any number of lines, by itself. */
	text(text: string): string;
	/** Text that comes in pieces. A line longer than `lineAtMost` characters is masked in parts: memory stays bounded. */
	stream(lineAtMost?: number): MaskStream;
	/** Characters that the longest form of a secret has. */
	longest: number;
};

const covered = (text: string, spans: readonly Span[]) => {
	let safe = '';
	let done = 0;
	for (const {from, to} of spans) {
		safe += `${text.slice(done, from)}${mask}`;
		done = to;
	}
	return safe + text.slice(done);
};

/** In order, and one for those that overlap or touch. */
const merged = (spans: readonly Span[]): Span[] => {
	const result: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.from - b.from)) {
		const last = result.at(-1);
		if (last !== undefined && span.from <= last.to) {
			last.since = Math.min(last.since, span.since);
			last.to = Math.max(last.to, span.to);
		} else {
			result.push({...span});
		}
	}
	return result;
};

// Escape sequences within a secret hide it from a search, but not from a reader. (C2 9B: CSI as UTF-8's bytes.)
const escapes =
	/\u001B(?:[\]PX^_][^\u0007\u001B\n]*(?:\u0007|\u001B\\)?|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)|(?:\u009B|\u00C2\u009B)[0-?]*[ -/]*[@-~]/g;
/** As a reader sees it: without escape sequences, and without what has no width. */
const bare = (text: string) =>
	withoutInvisible(text.includes('\u001B') || text.includes('\u009B') ? text.replaceAll(escapes, '') : text);

export const maskerOf = (secrets: readonly string[]): Masker => {
	const forms = formsOf(secrets);
	const find = finderOf(forms);
	const longest = Math.max(
		shortestSecret,
		...forms.map(form => form.length),
		...secrets.map(secret => Math.min(secret.length, longestForm) * spelledAtMost),
	);
	const undone = (text: string) =>
		viewsOf(text).flatMap(view => [...find(view.text), ...tokensIn(view.text)].map(view.back));
	const spansIn = (text: string) => merged([...find(text), ...shapesIn(text), ...undone(text)]);
	const plain = (text: string) => covered(text, spansIn(text));
	/** Also what shows only without its escape sequences; such a line loses them. */
	const line = (text: string) => {
		const safe = plain(text);
		const shown = bare(safe);
		const safeShown = shown === safe ? shown : plain(shown);
		return safeShown === shown ? safe : safeShown;
	};

	/** Most of a coloured log: seen once without its colours, and done. What other escape sequences hold is seen with them, too. */
	const isClean = (text: string, shown: string) =>
		find(text).length === 0 &&
		spansIn(shown).length === 0 &&
		(!/\u001B[^[]/.test(text) || shapesIn(text).length === 0);

	const lines = (text: string, block: KeyBlock): {safe: string; block: KeyBlock} => {
		const shown = bare(text);
		if (block === null && !mayHoldKey(shown)) {
			if (shown === text) return {safe: plain(text), block};
			if (isClean(text, shown)) return {safe: text, block};
			const safe = plain(text);
			const safeShown = bare(safe);
			if (plain(safeShown) === safeShown) return {safe, block};
		}
		let state = block;
		const safe = text.split('\n').map((each, index, all) => {
			// What follows the last line end is no line.
			if (each === '' && index === all.length - 1) return '';
			const key = maskKeyLine(bare(each), state);
			const isKey = state !== null || key.block !== null || key.line !== bare(each);
			state = key.block;
			return line(isKey ? key.line : each);
		});
		return {safe: safe.join('\n'), block: state};
	};

	const stream = (lineAtMost = 262_144): MaskStream => {
		const most = Math.max(lineAtMost, longest * 4);
		let held = '';
		let block: KeyBlock = null;
		const give = (length: number) => {
			const {safe, block: next} = lines(held.slice(0, length), block);
			held = held.slice(length);
			block = next;
			return safe;
		};
		/** The part of a line without end that is certain: cut neither within a secret nor where one may have begun. */
		const givePart = () => {
			const spans = spansIn(held);
			let cut = held.length - Math.max(longest, Math.floor(most / 4));
			for (const {since, to} of spans.toReversed()) {
				if (since < cut && to >= cut) cut = since;
			}
			// A secret larger than all that is held: nothing can be said of its end.
			if (cut === 0 && held.length >= most * 4) cut = held.length;
			const safe = covered(
				held.slice(0, cut),
				spans.filter(({to}) => to <= cut),
			);
			held = safe + held.slice(cut);
			return give(safe.length);
		};
		return {
			write(text) {
				held += text;
				const whole = held.lastIndexOf('\n') + 1;
				const safe = whole > 0 ? give(whole) : '';
				return held.length > most ? safe + givePart() : safe;
			},
			end: () => give(held.length),
		};
	};

	return {text: text => lines(text, null).safe, stream, longest};
};

const maskers = new WeakMap<readonly string[], Masker>();

/** The same for the same list: making one costs more than using it. */
export const maskerFor = (secrets: readonly string[]): Masker => {
	const masker = maskers.get(secrets) ?? maskerOf(secrets);
	maskers.set(secrets, masker);
	return masker;
};

/** `***` for every secret in it, and for what looks like one. */
export const maskText = (text: string, secrets: readonly string[]): string => maskerFor(secrets).text(text);
