/** Secrets that are known by how they look, whoever has them: tokens of well-known services, and values with a telling name. */
import type {Span} from './mask-span.ts';

/** Masked whole. */
const tokens = new RegExp(
	[
		'gh[opsur]_[\\w.-]{20,}',
		'github_pat_\\w{20,}',
		'glpat-[\\w-]{20,}',
		'(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
		'xox[a-z]-[\\w-]{10,}',
		'xapp-[\\w-]{10,}',
		'npm_[A-Za-z0-9]{20,}',
		'pypi-[\\w-]{20,}',
		'dckr_pat_[\\w-]{20,}',
		'[sr]k_(?:live|test)_\\w{16,}',
		'sk-(?:ant|proj)-[\\w-]{20,}',
		'AIza[\\w-]{35}',
		'(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]*\\.[\\w-]{4,}(?:\\.[\\w-]+)*',
	].join('|'),
	'g',
);

const name = String.raw`(?:pass(?:word|wd|phrase)|secret(?:[_-]?(?:access[_-]?)?key(?:[_-]?base)?)?|token|credentials?|_auth|x-amz-signature|(?:api|access|private|signing|encryption|account|master)[_-]?key)`;

/**
The value stands at the end of the match, in the one group that took part; what stands before it stays. Lengths that may be
looked over in vain are bounded: a flood that is made for it must not cost its square.
*/
const named: readonly RegExp[] = [
	new RegExp(
		String.raw`${name}\\?["']?[ \t]*(?:${[
			String.raw`(?::=|=>|=|:)[ \t]*(?:"([^"\\\r\n\u001B]*(?:\\.[^"\\\r\n\u001B]*)*)|\\"([^"\\\r\n\u001B]+)|'([^'\r\n\u001B]+))`,
			String.raw`=>?[ \t]*(?![=>])([^\s"'\u0060\u001B]{3,})`,
			// With a colon there is prose, too ("token: expired"): only what has a digit.
			String.raw`:[ \t]*(?=[^\s"'\u001B]{0,99}\d)([^\s"'\u0060\u001B]{6,})`,
		].join('|')})`,
		'gi',
	),
	/authorization\\?["']?[ \t]*[:=][ \t]*\\?["']?(?:bearer|basic|token|digest|negotiate|apikey|aws4-hmac-sha256)[ \t]+([^\r\n"'\\\u001B]+)/gi,
	/(?:authorization|proxy-authorization)\\?["']?[ \t]*[:=][ \t]*\\?["']?(?=[^\s"'\u001B]{0,99}\d)([^\s"'\\\u001B]{6,})/gi,
	/bearer[ \t]+([\w.~+/=-]{16,})/gi,
	/set-cookie:[ \t]*([^\r\n"'\u001B]+)|cookie:[ \t]*(?=[^\s=]{1,99}=)([^\r\n"'\u001B]+)/gi,
	/--[a-z-]{0,30}(?:password|passwd|passphrase|token|secret|api-key|access-key)[ \t]+(?!-)["']?([^\s"'\u001B]{3,})/gi,
	/(?:-u|--user)[ =]["']?[^\s:"'/]{1,99}:(?!\d+(?:\s|$))([^\s"'\u001B]{3,})/g,
	// user:password@ in addresses
	/:\/\/[^\s/:@"'<>]{0,99}:([^\s/"'<>\u001B]+)(?=@)/g,
	/(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks|webhook\.office\.com\/webhookb2)\/([^\s"'<>\u001B]+)/gi,
];

/** References and fillers, not values: `$TOKEN`, `<token>`, `true`. */
const placeholder =
	/^(?:\$\{?[A-Z_][A-Z\d_]*\}?|\$?\{\{.*|<[^>]*>|\[[^\]]*\]|[A-Z_]*(?:TOKEN|PASSW|SECRET|KEY|VALUE)[A-Z_]*|true|false|yes|no|none|null|nil|undefined|not|is|was|has|the)[,;)]?$/;

/** Tokens of well-known services. */
export const tokensIn = (text: string): Span[] =>
	Array.from(text.matchAll(tokens), ({0: token, index}) => ({since: index, from: index, to: index + token.length}));

/** Where in the text something stands that looks like a secret; in no order, may overlap. */
export const shapesIn = (text: string): Span[] => {
	const spans = tokensIn(text);
	for (const pattern of named) {
		for (const match of text.matchAll(pattern)) {
			const value = match.slice(1).find(group => group !== undefined) ?? '';
			const to = match.index + match[0].length;
			if (value !== '' && (value.length > 64 || !placeholder.test(value)))
				spans.push({since: match.index, from: to - value.length, to});
		}
	}
	return spans;
};

const begin = /-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const end = /-----END [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const body = /^[\s"']*[A-Za-z\d+/=]+(?:\\[nr])*[\s"',\\]*$/;
const header = /^\s*(?:[A-Z][A-Za-z-]+: .*)?$/;

/** In a private key: the column where it began (what stands before is a prefix of the log's), and how many lines it may still have. */
export type KeyBlock = {column: number; linesLeft: number} | null;
/** A key of 16,384 bits has 200 lines. One whose end never comes must not mask the rest of the log. */
export const keyLinesAtMost = 256;
/** Whether a text can have anything to do with the beginning of a key: cheap, for many lines at once. */
export const mayHoldKey = (text: string) => text.includes('PRIVATE KEY');

/** One line (without its end), the key's part of it masked, and where the next one stands to a private key. */
export const maskKeyLine = (line: string, block: KeyBlock): {line: string; block: KeyBlock} => {
	const begun = begin.exec(line);
	if (begun !== null) {
		const from = begun.index + begun[0].length;
		const ended = end.exec(line.slice(from));
		if (ended !== null) return {line: `${line.slice(0, from)}***${line.slice(from + ended.index)}`, block: null};
		return {
			line: line.slice(from).trim() === '' ? line : `${line.slice(0, from)}***`,
			block: {column: begun.index, linesLeft: keyLinesAtMost},
		};
	}
	if (block === null || block.linesLeft === 0) return {line, block: null};
	const left = {...block, linesLeft: block.linesLeft - 1};
	const ended = end.exec(line);
	if (ended !== null)
		return {
			line: ended.index > block.column ? `${line.slice(0, block.column)}***${line.slice(ended.index)}` : line,
			block: null,
		};
	const behind = line.slice(block.column);
	const lineEnd = line.endsWith('\r') ? '\r' : '';
	if (body.test(line)) return {line: `***${lineEnd}`, block: left};
	if (behind !== '' && body.test(behind)) return {line: `${line.slice(0, block.column)}***${lineEnd}`, block: left};
	return {line, block: header.test(line) || header.test(behind) ? left : null};
};
