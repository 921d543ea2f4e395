/** What is published from the schema: the file for editors, and the table of keys in `docs/configuration.md`. Not used at run time. */
import {settingsSchema} from './schema.ts';
import type {Schema} from './schema-parts.ts';

/** One key of the file as documentation shows it; NAME stands for any environment, `[]` for the items of a list. */
export type DocumentedKey = {path: string; description: string; schema: Schema; required: boolean};

const childKeys = (schema: Schema, path: string): DocumentedKey[] => {
	if (schema.items !== undefined) {
		return childKeys(schema.items, `${path}[]`);
	}

	const open = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null;
	const children = open === null ? Object.entries(schema.properties ?? {}) : [['NAME', open] as const];
	return children.flatMap(([name, child]) => {
		const childPath = path === '' ? name : `${path}.${name}`;
		return [
			{
				path: childPath,
				description: child.description,
				schema: child,
				required: schema.required?.includes(name) ?? false,
			},
			...childKeys(child, childPath),
		];
	});
};

export const documentedKeys = (): DocumentedKey[] => childKeys(settingsSchema, '');

/** Text of `docs/deployctl.schema.json`. */
export const schemaDocument = (): string => `${JSON.stringify(settingsSchema, null, '\t')}\n`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const defaultText = ({schema, required}: DocumentedKey): string => {
	if (required) {
		return 'required';
	}

	return schema.default === undefined
		? ''
		: `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``;
};

const expected = (schema: Schema): string => {
	const rule =
		schema.enum?.map(word => `\`${word}\``).join(', ') ??
		schema.patternErrorMessage?.replace(/^Expected /, '').replace(/\.$/, '');
	return rule === undefined ? '' : ` (${rule})`;
};

/** The table of all keys, in Markdown. */
export const keysMarkdown = (): string =>
	[
		'| key | meaning | default |',
		'|---|---|---|',
		...documentedKeys().map(
			key => `| \`${key.path}\` | ${cell(key.description + expected(key.schema))} | ${cell(defaultText(key))} |`,
		),
	].join('\n');
