import {getEndCode} from 'original:ansi-codes';
import {tokenize as original, type AnsiCode, type Token} from 'original:ansi-tokenize';
import {memo} from './memo.ts';
import {endOfSequence, isSimpleCode} from './simple-text.ts';

export {
	ansiCodesToString,
	diffAnsiCodes,
	reduceAnsiCodes,
	reduceAnsiCodesIncremental,
	styledCharsFromTokens,
	styledCharsToString,
	undoAnsiCodes,
} from 'original:ansi-tokenize';

const lineFeed = 0x0a;

/** One token per character, without Intl.Segmenter, whose first use takes 10 to 17 ms. */
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
		const end = endOfSequence(text, index);
		if (end === -1) {
			return original(text);
		}
		tokens.push(...codeTokens(text.slice(index, end)));
		index = end - 1;
	}
	return tokens;
};

/** `38;5;n` and `38;2;r;g;b` (48, 58 likewise) belong together, everything else is a code by itself. */
const splitParameters = (parameters: readonly string[]) => {
	const codes: string[] = [];
	for (let index = 0; index < parameters.length; index++) {
		const parameter = parameters[index] ?? '';
		const isExtended = parameter === '38' || parameter === '48' || parameter === '58';
		const length =
			isExtended && parameters[index + 1] === '5' ? 3 : isExtended && parameters[index + 1] === '2' ? 5 : 1;
		const isWhole = index + length <= parameters.length;
		codes.push(isWhole ? parameters.slice(index, index + length).join(';') : parameter);
		index += isWhole ? length - 1 : 0;
	}
	return codes;
};

const parseCodes = (sequence: string): readonly AnsiCode[] => {
	const codes =
		sequence.endsWith('m') && sequence.includes(';')
			? splitParameters(sequence.slice(2, -1).split(';')).map(code => `\u001B[${code}m`)
			: [sequence];
	return codes.map(code => ({type: 'ansi', code, endCode: getEndCode(code)}));
};

/** A screen uses few sequences. Tokens are never changed by their readers. */
const codeTokens = memo(parseCodes, 1024);
