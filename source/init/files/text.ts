/** Templates with slots, and values as they may stand in YAML. */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/** From the sources they lie next to this room, in the built program beside its entry or its chunks. */
const folder = (): URL =>
	['../templates/', 'templates/'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url)) ??
	new URL('../../templates/', import.meta.url);

export const template = (path: string): string => readFileSync(new URL(path, folder()), 'utf8');

/** The production gate as one file. It is built: from the sources it lies in dist/, in the built program beside its entry. */
export const gateFile = (): string => {
	const url = ['../gate.mjs', 'gate.mjs', '../../../dist/gate.mjs']
		.map(path => new URL(path, import.meta.url))
		.find(each => existsSync(each));
	if (url === undefined) throw new Error('gate.mjs is missing next to the program: npm run build makes it');
	return readFileSync(url, 'utf8');
};

/** Paths below a folder of the templates, in order. */
export const templatesIn = (path: string): readonly string[] => {
	const top = fileURLToPath(new URL(path, folder()));
	return readdirSync(top, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile())
		.map(entry =>
			`${entry.parentPath.slice(top.length).replaceAll('\\', '/').replace(/^\//, '')}/${entry.name}`.replace(
				/^\//,
				'',
			),
		)
		.toSorted();
};

export type Values = Readonly<Record<string, string | boolean>>;

const valueOf = (values: Values, name: string): string | boolean => {
	const value = values[name];
	if (value === undefined) throw new Error(`The template has a slot «${name}» that nobody fills`);
	return value;
};

/**
`«name»` is replaced; alone in a line by all lines of its value, indented as it is, or by none. A line that begins with `«?name»` is there
only when the value says so, one with `«!name»` only when it does not.
*/
export const fill = (text: string, values: Values): string =>
	text
		.split('\n')
		.flatMap(line => {
			const condition = /^(\s*)«([?!])(\w+)» ?(.*)$/.exec(line);
			if (
				condition !== null &&
				(valueOf(values, condition[3]!) !== false && valueOf(values, condition[3]!) !== '') !==
					(condition[2] === '?')
			)
				return [];
			// A blank line of a block goes with it.
			const kept = condition === null ? line : condition[4] === '' ? '' : `${condition[1]}${condition[4]}`;
			const alone = /^(\s*)«(\w+)»$/.exec(kept);
			if (alone === null)
				return [kept.replaceAll(/«(\w+)»/g, (_, name: string) => String(valueOf(values, name)))];
			const value = String(valueOf(values, alone[2]!));
			return value === '' ? [] : value.split('\n').map(each => (each === '' ? '' : `${alone[1]}${each}`));
		})
		.join('\n');

/** Every line so much further in; empty ones stay empty. */
export const indented = (text: string, by: number): string =>
	text
		.split('\n')
		.map(line => (line === '' ? '' : `${' '.repeat(by)}${line}`))
		.join('\n');

/** A text as a YAML scalar: bare where nobody can misread it. */
export const yamlText = (text: string): string =>
	/^[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
		? text
		: JSON.stringify(text);

/** A branch's name in a filter of `on:`, where `*`, `+`, `!` and others are pattern signs. */
export const branchPattern = (name: string): string => yamlText(name.replaceAll(/[\\*?+![\]]/g, String.raw`\$&`));

/** In a shell, as one word. */
export const shellWord = (text: string): string =>
	/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
