import original from 'original:sanitize-ansi';
import {isSimpleCode} from './simple-text.ts';
import {memo} from './memo.ts';

const remembered = memo(original, 2048);

const lineFeed = 0x0a;
const tab = 0x09;

/** Simple characters, tabs and line ends hold nothing to strip. Ink asks for every text in every frame. */
export default function sanitizeAnsi(text: string): string {
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (!isSimpleCode(code) && code !== lineFeed && code !== tab) {
			return remembered(text);
		}
	}
	return text;
}
