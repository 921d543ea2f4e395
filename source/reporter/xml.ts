/**
As much XML as reports of tests are written in, read piece by piece: elements, attributes, text. Strict where it matters: no entity is ever
expanded but the five of XML and characters by their number, a document type is passed over, and nothing is fetched. What comes in is
anybody's, so everything is bounded.
*/

export type XmlHandler = {
	open(name: string, attributes: Readonly<Record<string, string>>): void;
	text(text: string): void;
	close(name: string): void;
};

export type XmlReader = {
	/** False: it is no XML, and the rest is not looked at. */
	write(piece: string): boolean;
	/** True: every element was closed. */
	end(): boolean;
};

const bounds = {depth: 100, tag: 1_000_000, attributes: 200} as const;
const named: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"};

const unescaped = (text: string): string =>
	text.includes('&')
		? text.replaceAll(/&(#x[\da-f]{1,6}|#\d{1,7}|\w{1,10});/gi, (whole, name: string) => {
				if (!name.startsWith('#')) return named[name] ?? whole;
				const code =
					name[1]!.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
				return code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff)
					? String.fromCodePoint(code)
					: whole;
			})
		: text;

/** Where a tag ends: `>` within a quoted value is none. -1: not yet. */
const endOfTag = (text: string, from: number): number => {
	let quote = '';
	for (let at = from; at < text.length; at += 1) {
		const sign = text[at]!;
		if (quote !== '') {
			if (sign === quote) quote = '';
		} else if (sign === '"' || sign === "'") {
			quote = sign;
		} else if (sign === '>') {
			return at;
		}
	}
	return -1;
};

/** A document type may hold declarations in brackets. */
const endOfDoctype = (text: string, from: number): number => {
	const bracket = text.indexOf('[', from);
	const end = endOfTag(text, from);
	if (bracket === -1 || (end !== -1 && end < bracket)) return end;
	const close = text.indexOf(']', bracket);
	return close === -1 ? -1 : text.indexOf('>', close);
};

/** Null: it is more than attributes, or they have no quotes. */
const attributesOf = (text: string): Record<string, string> | null => {
	// Without a prototype: `__proto__` is a name like any other.
	const found: Record<string, string> = Object.create(null) as Record<string, string>;
	let count = 0;
	let at = 0;
	for (const {0: whole, 1: name, 2: double, 3: single, index} of text.matchAll(
		/([^\s=/"'<>]{1,200})\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
	)) {
		if (text.slice(at, index).trim() !== '') return null;
		at = index + whole.length;
		count += 1;
		if (count <= bounds.attributes) found[name!] = unescaped(double ?? single ?? '');
	}
	return text.slice(at).trim() === '' ? found : null;
};

export const createXmlReader = (handler: XmlHandler): XmlReader => {
	let held = '';
	let isBroken = false;
	let hasRoot = false;
	/** Within CDATA, which may be as long as a log: it goes on piece by piece. */
	let isData = false;
	const path: string[] = [];

	const tag = (text: string): boolean => {
		if (text.startsWith('/')) {
			const name = text.slice(1).trim();
			if (path.pop() !== name) return false;
			handler.close(name);
			return true;
		}
		const isEmpty = text.endsWith('/');
		const inner = isEmpty ? text.slice(0, -1) : text;
		const name = /^[^\s=/"'<>]{1,200}/.exec(inner)?.[0];
		if (name === undefined || (hasRoot && path.length === 0) || path.length >= bounds.depth) return false;
		const attributes = attributesOf(inner.slice(name.length));
		if (attributes === null) return false;
		hasRoot = true;
		handler.open(name, attributes);
		if (isEmpty) handler.close(name);
		else path.push(name);
		return true;
	};
	/** @returns how much of it was used; -1: it is broken */
	const step = (from: number): number => {
		if (isData) {
			const end = held.indexOf(']]>', from);
			const safe = end === -1 ? Math.max(from, held.length - 2) : end;
			if (safe > from && path.length > 0) handler.text(held.slice(from, safe));
			isData = end === -1;
			return end === -1 ? safe : end + 3;
		}
		const start = held.indexOf('<', from);
		if (start !== from) {
			// The end of a text may be in the middle of an entity.
			const safe =
				start === -1
					? Math.max(
							from,
							held.lastIndexOf('&') >= held.length - 12 && held.lastIndexOf('&') >= from
								? held.lastIndexOf('&')
								: held.length,
						)
					: start;
			if (path.length > 0 && safe > from) handler.text(unescaped(held.slice(from, safe)));
			return safe;
		}
		const until = (close: string, at: number) => {
			const end = held.indexOf(close, at);
			return end === -1 ? from : end + close.length;
		};
		const front = held.slice(start, start + 9);
		if (front.startsWith('<!--')) return until('-->', start + 4);
		if (front.startsWith('<?')) return until('?>', start + 2);
		if (front === '<![CDATA[') {
			isData = true;
			return start + 9;
		}
		// Too little is there to tell what it is.
		if (front.length < 9 && ('<!--'.startsWith(front) || '<![CDATA['.startsWith(front))) return from;
		if (front.startsWith('<!')) {
			const end = endOfDoctype(held, start);
			return end === -1 ? from : end + 1;
		}
		const end = endOfTag(held, start + 1);
		if (end === -1) return from;
		return tag(held.slice(start + 1, end)) ? end + 1 : -1;
	};
	return {
		write(piece) {
			if (isBroken) return false;
			held += piece;
			let at = 0;
			while (at < held.length) {
				const next = step(at);
				if (next === -1) {
					isBroken = true;
					held = '';
					return false;
				}
				if (next === at) break;
				at = next;
			}
			held = held.slice(at);
			// Something that does not end within a megabyte is no tag of a report.
			if (held.length > bounds.tag) isBroken = true;
			if (isBroken) held = '';
			return !isBroken;
		},
		end: () => !isBroken && !isData && hasRoot && path.length === 0 && held.trim() === '',
	};
};
