/**
Reads one YAML document into plain values and remembers where each stands. Only the plain part of YAML is read: no tags, no merge
keys, no several documents. Aliases are, within bounds.
*/
import type * as YamlModule from 'yaml';
import type {Document, LineCounter, Node, Pair, Scalar} from 'yaml';
import {sanitise} from '../../core/text/sanitise.ts';
import {pathText, pointerTo, shown} from './problem.ts';
import type {Problem} from './problem.ts';

/** Where a key and its value begin, as offsets into the text. */
export type Place = {key: number; value: number};

export type Reading = {
	value: unknown;
	/** By JSON pointer. */
	places: ReadonlyMap<string, Place>;
	/** A problem at an offset of the text. */
	problemAt: (offset: number, message: string) => Problem;
	problems: Problem[];
};

// A large real file has some hundred values. Aliases of aliases ("a billion laughs") and endless nesting stop here.
const maximumValues = 5000;
const maximumDepth = 32;
/** UTF-16 units. */
const maximumLength = 262_144;

const forbiddenKeys: readonly string[] = ['__proto__', 'constructor', 'prototype'];

type Yaml = Pick<typeof YamlModule, 'isAlias' | 'isMap' | 'isNode' | 'isScalar' | 'isSeq'>;
type Walk = {
	yaml: Yaml;
	document: Document;
	reading: Reading & {places: Map<string, Place>};
	firstUse: Map<string, number>;
	left: number;
};

const syntaxMessages: Readonly<Record<string, string>> = {
	TAB_AS_INDENT: 'A tab indents this line. Expected spaces.',
	MULTIPLE_DOCS: 'A second document begins here. Expected one document without "---" between.',
	RESOURCE_EXHAUSTION: 'The values are nested too deeply.',
	MULTILINE_IMPLICIT_KEY: 'This line is not a key with a value. Expected "key: value".',
	BLOCK_AS_IMPLICIT_KEY: 'There are two ": " in one line. Expected quotes around a value that contains one.',
};

/** One problem per line: one slip in the syntax makes the parser stumble several times. */
const syntaxProblems = (document: Document, problemAt: Reading['problemAt']): Problem[] => {
	const problems: Problem[] = [];
	const lines = new Set<number>();
	for (const {code, message, pos} of document.errors) {
		const problem = problemAt(pos[0], syntaxMessages[code] ?? `This is not valid YAML: ${sanitise(message, 120)}.`);
		if (!lines.has(problem.line)) {
			lines.add(problem.line);
			problems.push(problem);
		}
	}

	return problems;
};

const offsetOf = (node: unknown, otherwise: number): number => (node as Node | null)?.range?.[0] ?? otherwise;

const report = ({reading}: Walk, offset: number, message: string): undefined => {
	reading.problems.push(reading.problemAt(offset, message));
};

/** The text of a key; undefined after reporting one that we do not take. */
const keyText = (walk: Walk, pair: Pair, pointer: string, offset: number): string | undefined => {
	const key = walk.yaml.isScalar(pair.key)
		? String((pair.key as Scalar<string | number | boolean | null>).value ?? '')
		: null;
	if (key === null || key === '') {
		return report(
			walk,
			offset,
			`A key of ${pathText(pointer) || 'the file'} is ${key === '' ? 'empty' : 'no text'}. Expected "key: value".`,
		);
	}

	const path = pathText(pointerTo(pointer, key));
	if (key === '<<') {
		return report(walk, offset, `${path} is a merge key, which is not read. Expected the keys themselves.`);
	}

	if (forbiddenKeys.includes(key)) {
		return report(walk, offset, `${path} is not a key.`);
	}

	const first = walk.firstUse.get(pointerTo(pointer, key));
	if (first !== undefined) {
		return report(
			walk,
			offset,
			`${path} is given twice. The first is in line ${walk.reading.problemAt(first, '').line}.`,
		);
	}

	return key;
};

const mappingOf = (
	walk: Walk,
	items: readonly Pair[],
	pointer: string,
	start: number,
	depth: number,
): Record<string, unknown> => {
	const result: Record<string, unknown> = {};
	for (const pair of items) {
		const offset = offsetOf(pair.key, start);
		const key = keyText(walk, pair, pointer, offset);
		if (key !== undefined) {
			const child = pointerTo(pointer, key);
			walk.firstUse.set(child, offset);
			result[key] = valueOf(
				walk,
				pair.value,
				child,
				{key: offset, value: offsetOf(pair.value, offset)},
				depth + 1,
			);
		}
	}

	return result;
};

const scalarValue = (value: unknown, source: string | undefined): unknown =>
	value === null || ['string', 'number', 'boolean'].includes(typeof value) ? value : (source ?? null);

const valueOf = (walk: Walk, node: unknown, pointer: string, place: Place, depth: number): unknown => {
	walk.left -= 1;
	if (walk.left < 0 || depth > maximumDepth) {
		// Said once: the walk returns through every level above.
		return walk.left === -1 || depth === maximumDepth + 1
			? report(
					walk,
					place.value,
					'There are too many values, or they are nested too deeply (aliases count each time).',
				)
			: undefined;
	}

	const {yaml, document, reading} = walk;
	reading.places.set(pointer, place);
	if (yaml.isAlias(node)) {
		const target = node.resolve(document);
		// Problems inside an aliased value stand where the value is written.
		// `**/.env*` without quotes is one for YAML, and a pattern for whoever wrote it.
		const hint = /[*./]/.test(node.source) ? ' Expected quotes around a text that begins with "*".' : '';
		return target === undefined
			? report(walk, place.value, `The alias *${sanitise(node.source, 60)} has no anchor.${hint}`)
			: valueOf(walk, target, pointer, {key: place.key, value: offsetOf(target, place.value)}, depth + 1);
	}

	if (yaml.isNode(node) && node.tag !== undefined) {
		return report(
			walk,
			place.value,
			`${pathText(pointer) || 'The file'} has the tag ${shown(node.tag)}. Expected a value without a tag.`,
		);
	}

	if (yaml.isMap(node)) {
		return mappingOf(walk, node.items, pointer, place.value, depth);
	}

	if (yaml.isSeq(node)) {
		return node.items.map((item, index) =>
			valueOf(
				walk,
				item,
				pointerTo(pointer, index),
				{key: offsetOf(item, place.value), value: offsetOf(item, place.value)},
				depth + 1,
			),
		);
	}

	return yaml.isScalar(node) ? scalarValue(node.value, node.source) : null;
};

const positions =
	(file: string, lineCounter: LineCounter): Reading['problemAt'] =>
	(offset, message) => {
		const {line, col} = lineCounter.linePos(offset);
		return {file, line: Math.max(line, 1), column: Math.max(col, 1), message};
	};

/** Never throws for what the text says: that is in `problems`, and then `value` is incomplete. */
export const readYaml = async (source: string, file: string): Promise<Reading> => {
	// A byte order mark is no character of the first line: columns would be off by one.
	const text = source.replace(/^\uFEFF/, '');
	const nowhere: Reading = {
		value: undefined,
		places: new Map(),
		problemAt: (_, message) => ({file, line: 1, column: 1, message}),
		problems: [],
	};
	if (text.length > maximumLength) {
		return {
			...nowhere,
			problems: [nowhere.problemAt(0, `The file is larger than ${maximumLength / 1024} kB. Expected settings.`)],
		};
	}

	// Lazily: `yaml` costs as much as a quarter of the bare interpreter's start, and most starts have no file to read.
	// `default`: as CommonJS it has no other export for sure once it is a bundle's own chunk.
	const {default: yaml} = await import('yaml');
	const lineCounter = new yaml.LineCounter();
	// Duplicate keys are our own report (theirs does not name the key); timestamps stay text in the core schema.
	const document = yaml.parseDocument(text, {
		lineCounter,
		prettyErrors: false,
		uniqueKeys: false,
		merge: false,
		schema: 'core',
	});
	const problemAt = positions(file, lineCounter);
	const reading = {
		value: undefined as unknown,
		places: new Map<string, Place>(),
		problemAt,
		problems: syntaxProblems(document, problemAt),
	};
	if (reading.problems.length > 0) {
		return reading;
	}

	if (document.contents === null) {
		return {
			...reading,
			problems: [
				problemAt(
					0,
					'The file is empty. Expected settings such as "repository: acme/auto-author"; without the file the defaults hold.',
				),
			],
		};
	}

	const start = offsetOf(document.contents, 0);
	reading.value = valueOf(
		{yaml, document, reading, firstUse: new Map(), left: maximumValues},
		document.contents,
		'',
		{key: start, value: start},
		0,
	);
	return reading;
};
