import {tokenize as original, type Token} from 'original:ansi-tokenize';
import {endOfSgr, isSimpleCode} from './simple-text.ts';

export {ansiCodesToString, diffAnsiCodes, reduceAnsiCodes, reduceAnsiCodesIncremental, styledCharsFromTokens, styledCharsToString, undoAnsiCodes} from 'original:ansi-tokenize';

const lineFeed = 0x0A;

/** One token per character without Intl.Segmenter; SGR sequences one at a time through the original. */
export const tokenize = (text: string, endCharacter = Number.POSITIVE_INFINITY): Token[] => {
	if (endCharacter !== Number.POSITIVE_INFINITY) {
		return original(text, endCharacter);
	}
	const tokens: Token[] = [];
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (isSimpleCode(code) || code === lineFeed) {
			tokens.push({type: 'char', value: text.charAt(index), fullWidth: false});
			continue;
		}
		const end = endOfSgr(text, index);
		if (end === -1) {
			return original(text);
		}
		tokens.push(...sgrTokens(text.slice(index, end)));
		index = end - 1;
	}
	return tokens;
};

/** The few sequences that a screen uses, parsed once; tokens are never changed by their readers. */
const known = new Map<string, Token[]>();
const sgrTokens = (sequence: string) => {
	let tokens = known.get(sequence);
	if (tokens === undefined) {
		tokens = original(sequence);
		if (known.size > 1024) {
			known.clear();
		}
		known.set(sequence, tokens);
	}
	return tokens;
};
