/** The line protocol of contract scripts, `deployctl/1`. The lines come from outside: nothing in them throws, everything is made safe to show. */
import {sanitise} from '../text/sanitise.ts';

export const protocolVerbs = ['begin', 'ok', 'fail', 'probe', 'note', 'would', 'end'] as const;
export type ProtocolVerb = (typeof protocolVerbs)[number];

export type ProtocolLine = {
	verb: ProtocolVerb;
	/** The script's clock, UTC, as it wrote it. */
	at: string;
	/** Since the script's first line. */
	afterSeconds: number;
	/** Any name: the script decides what its steps are. Of `end` it is `deploy`, `rollback` or `list`. */
	step: string;
	/** All of them, known or not; without a prototype. */
	values: Readonly<Record<string, string | undefined>>;
	text: string | null;
};

/** `foreign`: not of this protocol, which is no error. `unsupported`: of another version, which must not be guessed at. */
export type ParsedLine =
	| {kind: 'line'; line: ProtocolLine}
	| {kind: 'unsupported'; version: string}
	| {kind: 'foreign'};

/** Contract scripts keep to 1,000 bytes; what is much longer is no line of theirs. UTF-16 units. */
export const longestProtocolLine = 4096;

const pattern =
	/^deployctl\/1 (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z) \+(\d{1,9}(?:\.\d{1,6})?) (begin|ok|fail|probe|note|would|end) (\S+)((?: [^\s=]+=\S*)*)(?: -- (.*))?$/;
const otherVersion = /^deployctl\/(\d{1,9}(?:\.\d{1,9})?)(?: |$)/;

const valuesOf = (text: string): Record<string, string> => {
	const values = Object.create(null) as Record<string, string>;
	for (const pair of text.split(' ')) {
		const equals = pair.indexOf('=');
		if (equals > 0) values[sanitise(pair.slice(0, equals), 64)] = sanitise(pair.slice(equals + 1), 200);
	}
	return values;
};

/** One line without its line break. */
export const parseProtocolLine = (text: string): ParsedLine => {
	if (!text.startsWith('deployctl/') || text.length > longestProtocolLine) return {kind: 'foreign'};
	const match = pattern.exec(text.replace(/\r$/, ''));
	if (match === null) {
		const version = otherVersion.exec(text)?.[1];
		return version === undefined || version === '1' ? {kind: 'foreign'} : {kind: 'unsupported', version};
	}
	const [, at, after, verb, step, values, free] = match;
	return {
		kind: 'line',
		line: {
			verb: verb as ProtocolVerb,
			at: at!,
			afterSeconds: Number(after),
			step: sanitise(step!, 64) || '?',
			values: valuesOf(values!),
			text: free === undefined ? null : sanitise(free),
		},
	};
};

/** What a script says last. `exit` should be its exit code; a text that is no number is null. */
export type EndLine = {
	exit: number | null;
	result: string | null;
	live: string | null;
	cause: string | null;
	/** A sentence for people; of our own promoter also what to do next. */ text?: string | null;
};

export const endLineOf = ({values, text}: ProtocolLine): EndLine => ({
	...(text !== null && text !== '' && {text}),
	exit: /^\d{1,3}$/.test(values['exit'] ?? '') ? Number(values['exit']) : null,
	result: values['result'] ?? null,
	// A dash is the protocol's word for nothing.
	live: values['live'] === undefined || ['-', '', 'none', 'unknown'].includes(values['live']) ? null : values['live'],
	cause: values['cause'] ?? null,
});

/** A word about a line for people: its free text, or its values. */
export const noteOf = ({values, text}: ProtocolLine): string | null => {
	if (text !== null && text !== '') return text;
	const pairs = Object.entries(values)
		.filter(([key]) => key !== 'host')
		.map(([key, value]) => `${key}=${value}`);
	return pairs.length === 0 ? null : sanitise(pairs.join(' '));
};
