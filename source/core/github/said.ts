/** GitHub's own words in an answer that is no success. Its bodies have several forms; none of them loses the reason here. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null;
const textIn = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** Codes of errors that say no more (docs.github.com, "Troubleshooting the REST API"). */
const codes: Readonly<Record<string, string>> = {
	missing: 'does not exist',
	missing_field: 'is missing',
	invalid: 'is invalid',
	already_exists: 'exists already',
	unprocessable: 'cannot be processed',
};

function detail(error: unknown): string {
	if (!isRecord(error)) {
		return textIn(error).replace(/^validation failed: */i, '');
	}

	const {message, code, field, resource} = error;
	const name = textIn(field) || textIn(resource);
	return (
		textIn(message) ||
		(textIn(code) === '' ? '' : `${name === '' ? 'something' : name} ${codes[textIn(code)] ?? textIn(code)}`)
	);
}

/** `errors` comes as a list of objects or of texts, and as one text. */
const detailsIn = (errors: unknown): string[] =>
	(Array.isArray(errors) ? errors : [errors]).map(error => detail(error)).filter(text => text !== '');

/** A JSON body's message with its details, whole; the first line of a plain text; nothing of a web page. */
export function saidIn(body: string): string {
	try {
		const parsed = JSON.parse(body) as unknown;
		return isRecord(parsed)
			? [textIn(parsed['message']).replace(/(?<![.\s])[.\s]+$/, ''), ...detailsIn(parsed['errors'])]
					.filter(text => text !== '')
					.join(': ')
			: '';
	} catch {
		return /^\s*[<{[]/.test(body) ? '' : (body.trim().split('\n', 1)[0] ?? '');
	}
}

/** Where the block of a repository is explained (`block.html_url`); null: the body does not say. */
export function blockIn(body: string): string | null {
	try {
		const parsed = JSON.parse(body) as unknown;
		const url = isRecord(parsed) && isRecord(parsed['block']) ? textIn(parsed['block']['html_url']) : '';
		return url === '' ? null : url;
	} catch {
		return null;
	}
}

const address = /https?:\/\/[^\s"'<>`]+/g;
const longestAddress = 400;

/** The addresses in a text, without the punctuation after them. */
export const addressesIn = (text: string): string[] =>
	(text.match(address) ?? []).map(url => url.replace(/(?<![.,;:!?)\]])[.,;:!?)\]]+$/, ''));

/** At most so many characters, and beyond them the addresses that would have been lost: half an address helps nobody. */
export function clipped(text: string, maximum: number): string {
	if (text.length <= maximum) {
		return text;
	}

	const cut =
		[...text.matchAll(address)].find(({index, 0: url}) => index < maximum && index + url.length > maximum - 1)
			?.index ?? maximum - 1;
	const head = text.slice(0, cut).toWellFormed().trimEnd();
	const kept = addressesIn(head);
	const lost = addressesIn(text)
		.filter(url => !kept.includes(url) && url.length <= longestAddress)
		.slice(0, 2);
	return [`${head}…`, ...lost].join(' ');
}
