import original from 'original:string-width';
import {isSimple, simpleWidth} from './simple-text.ts';

type Options = {ambiguousIsNarrow?: boolean; countAnsiEscapeCodes?: boolean};

export default function stringWidth(text: string, options?: Options): number {
	if (typeof text === 'string' && options?.ambiguousIsNarrow !== false) {
		if (options?.countAnsiEscapeCodes !== true) {
			const width = simpleWidth(text);
			return width === -1 ? original(text, options) : width;
		}
		if (isSimple(text)) {
			return text.length;
		}
	}
	return original(text, options);
}
