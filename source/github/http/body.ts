/** Reads what GitHub, or whatever stands in its place, answers: never without end. */
import {Trouble} from '../failures/trouble.ts';

/** More than any answer of the API that is asked for here, by far. Bytes, as they are after decompression. */
export const answerAtMost = 32 * 1024 * 1024;
/** Of a refusal: its words stand at the beginning. */
export const refusalAtMost = 64 * 1024;

/** The whole text. @throws {Trouble} too-large: then the transfer has been ended */
export async function wholeText(response: Response, atMost = answerAtMost): Promise<string> {
	const tooLarge = async () => {
		await response.body?.cancel().catch(() => {
			/* Gone already. */
		});
		return new Trouble({kind: 'too-large', atMost});
	};

	if (Number(response.headers.get('content-length') ?? 0) > atMost) {
		throw await tooLarge();
	}

	const decoder = new TextDecoder();
	const parts: string[] = [];
	let size = 0;
	// Leaving the loop ends the transfer.
	for await (const part of response.body ?? []) {
		size += (part as Uint8Array).length;
		if (size > atMost) {
			throw new Trouble({kind: 'too-large', atMost});
		}

		parts.push(decoder.decode(part as Uint8Array, {stream: true}));
	}

	return parts.join('') + decoder.decode();
}

/** The beginning of a refusal; the rest is not waited for. */
export async function beginningOf(response: Response, atMost = refusalAtMost): Promise<string> {
	const decoder = new TextDecoder();
	let text = '';
	for await (const part of response.body ?? []) {
		text += decoder.decode(part as Uint8Array, {stream: true});
		if (text.length >= atMost) {
			break;
		}
	}

	return text.slice(0, atMost);
}
