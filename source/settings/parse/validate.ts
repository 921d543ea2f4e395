/** Holds what was read against the JSON Schema, and says it in the words of the file. */
import type {ErrorObject, ValidateFunction} from 'ajv';
import {nearest} from '../../core/text/nearest.ts';
import {pathText, pointerTo, shown} from './problem.ts';
import type {Problem} from './problem.ts';
import type {Reading} from './read-yaml.ts';
import {settingsSchema} from '../schema/schema.ts';
import type {Schema} from '../schema/schema-parts.ts';

let compiled: ValidateFunction | undefined;

const validator = async (): Promise<ValidateFunction> => {
	if (compiled === undefined) {
		// `default`: as CommonJS it has no other export for sure once it is a bundle's own chunk.
		const {
			default: {Ajv},
		} = await import('ajv');
		const ajv = new Ajv({allErrors: true, verbose: true, strict: true, ownProperties: true, allowUnionTypes: true});
		ajv.addVocabulary(['patternErrorMessage']);
		compiled = ajv.compile(settingsSchema);
	}

	return compiled;
};

const expectations: Readonly<Record<string, string>> = {
	object: 'Expected a mapping: indented lines of "key: value".',
	array: 'Expected a list: [one, two], or lines that begin with "- ".',
	string: 'Expected text.',
	boolean: 'Expected true or false.',
};

/** Names of the mappings that know a key, for a key that stands in the wrong one. */
const homesOf = (key: string, schema: Schema, path: string): string[] =>
	Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
		...(name === key ? [path === '' ? 'the top of the file' : `"${path}"`] : []),
		...homesOf(key, child, path === '' ? name : `${path}.${name}`),
	]);

const unknownKey = (path: string, key: string, valid: readonly string[]): string => {
	const meant = nearest(key, valid);
	if (meant !== null) {
		return `${path} is not a key. Did you mean "${meant}"?`;
	}

	const homes = homesOf(key, settingsSchema, '');
	const elsewhere = homes.length === 1 ? ` It belongs to ${homes[0]}.` : '';
	return `${path} is not a key.${elsewhere} Expected ${valid.join(', ')}.`;
};

const wrongValue = (path: string, {data, keyword}: ErrorObject, schema: Schema): string => {
	const found = `${path} is ${schema.writeOnly === true && typeof data === 'string' ? 'another text' : shown(data)}.`;
	if (keyword === 'enum') {
		const meant = typeof data === 'string' ? nearest(data, schema.enum ?? []) : null;
		return `${found} Expected ${schema.enum?.join(', ')}.${meant === null ? '' : ` Did you mean "${meant}"?`}`;
	}

	if (
		[schema.type].flat().includes('string') &&
		['number', 'boolean'].includes(typeof data) &&
		new RegExp(schema.pattern ?? '', 'u').test(String(data))
	) {
		return `${found} Expected text: put it in quotes.`;
	}

	return `${found} ${schema.patternErrorMessage ?? expectations[String(schema.type)] ?? 'Expected something else.'}`;
};

/** The problem of one error, and the pointer of the value that is not to be used; null for an error that repeats another. */
const explained = (error: ErrorObject, {places, problemAt}: Reading): {problem: Problem; pointer: string} | null => {
	const {instancePath, keyword, params} = error;
	const schema = error.parentSchema as Schema;
	const at = (pointer: string, message: string, part: 'key' | 'value') => ({
		problem: problemAt(places.get(pointer)?.[part] ?? 0, message),
		pointer,
	});
	if (keyword === 'propertyNames') {
		return null;
	}

	if (keyword === 'additionalProperties') {
		const key = String(params['additionalProperty']);
		const pointer = pointerTo(instancePath, key);
		return at(pointer, unknownKey(pathText(pointer), key, Object.keys(schema.properties ?? {})), 'key');
	}

	if (error.propertyName !== undefined) {
		const pointer = pointerTo(instancePath, error.propertyName);
		return at(
			pointer,
			`${pathText(pointer)} is not the name of an environment. ${schema.patternErrorMessage}`,
			'key',
		);
	}

	const path = pathText(instancePath) || 'The file';
	if (keyword === 'required') {
		return at(
			instancePath,
			`${path} has no key "${params['missingProperty']}". ${schema.properties?.[params['missingProperty']]?.patternErrorMessage ?? ''}`.trim(),
			'value',
		);
	}

	if (keyword === 'uniqueItems') {
		return at(
			pointerTo(instancePath, Math.max(params['i'], params['j'])),
			`${path} names ${shown((error.data as unknown[])[params['i']])} twice.`,
			'value',
		);
	}

	return at(instancePath, wrongValue(path, error, schema), 'value');
};

/** All deviations from the schema. `rejected` holds the JSON pointers of the values that later checks must not look at. */
export const validate = async (reading: Reading): Promise<{problems: Problem[]; rejected: ReadonlySet<string>}> => {
	const check = await validator();
	const problems: Problem[] = [];
	const rejected = new Set<string>();
	check(reading.value);
	for (const error of check.errors ?? []) {
		const explanation = explained(error, reading);
		if (explanation !== null) {
			problems.push(explanation.problem);
			rejected.add(explanation.pointer);
		}
	}

	return {problems, rejected};
};
