/**
The kinds of text in `deployctl.yml`. `patternErrorMessage` is the keyword with which VS Code and yaml-language-server explain a
pattern; our own messages take the same sentence, so that editor and program say the same.
*/
import {settingPattern} from './durations.ts';

type Kind = 'object' | 'array' | 'string' | 'boolean';

/** The part of JSON Schema (draft 7) that we use. */
export type Schema = {
	$schema?: string;
	$id?: string;
	title?: string;
	description: string;
	/** Several: each keyword holds for its own kind (`pattern` for text, `properties` for a mapping). */
	type: Kind | readonly Kind[];
	properties?: Readonly<Record<string, Schema>>;
	additionalProperties?: boolean | Schema;
	propertyNames?: Readonly<{pattern: string; patternErrorMessage: string}>;
	required?: readonly string[];
	minProperties?: number;
	maxProperties?: number;
	items?: Schema;
	minItems?: number;
	uniqueItems?: boolean;
	enum?: readonly string[];
	pattern?: string;
	patternErrorMessage?: string;
	default?: unknown;
	/** A secret: what stands there is never shown. */
	writeOnly?: boolean;
	examples?: readonly unknown[];
};

type Text = Pick<Schema, 'pattern' | 'patternErrorMessage' | 'default' | 'examples' | 'writeOnly'>;

export const text = (description: string, more: Text = {}): Schema => ({
	type: 'string',
	description,
	pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$',
	patternErrorMessage: 'Expected some text on one line.',
	...more,
});

export const repositoryText = (description: string): Schema =>
	text(description, {
		pattern: '^[A-Za-z0-9](-?[A-Za-z0-9])*/(?!\\.{1,2}$)[A-Za-z0-9._-]+$',
		patternErrorMessage: 'Expected OWNER/NAME such as acme/auto-author.',
		examples: ['acme/auto-author'],
	});

// git's rules for a branch (git-check-ref-format), without its rarer freedoms; a leading hyphen would be read as a flag.
export const branchText = (description: string, byDefault: string): Schema =>
	text(description, {
		pattern:
			'^(?![-./])(?!.*(\\.\\.|//|@\\{|/\\.|\\.lock(/|$)))[^\\u0000-\\u0020\\u007f-\\u009f~^:?*\\[\\\\]*[^\\u0000-\\u0020\\u007f-\\u009f~^:?*\\[\\\\./]$',
		patternErrorMessage: 'Expected the name of a branch such as develop or release/next.',
		default: byDefault,
	});

export const workflowText = (description: string, byDefault: string): Schema =>
	text(description, {
		pattern: '^[A-Za-z0-9_][A-Za-z0-9_. -]*\\.ya?ml$',
		patternErrorMessage:
			'Expected the file name of a workflow under .github/workflows/, such as test-suite.yml, without its folder.',
		default: byDefault,
	});

export const durationField = (description: string, byDefault: string, examples = '5m, 90s or 1h30m'): Schema =>
	text(description, {
		pattern: settingPattern,
		patternErrorMessage: `Expected a duration such as ${examples}.`,
		default: byDefault,
	});

const address = '://[^\\s/?#]+[^\\s]*$';

export const urlText = (description: string, example: string): Schema =>
	text(description, {
		pattern: `^https?${address}`,
		patternErrorMessage: 'Expected an address that begins with https:// or http://.',
		examples: [example],
	});

/** One address, or a list of them. */
export const urlsText = (description: string, example: string): Schema => ({
	...urlText(description, example),
	type: ['string', 'array'],
	items: urlText('One address.', example),
	uniqueItems: true,
	default: [],
	patternErrorMessage: 'Expected an address that begins with https:// or http://, or a list of them.',
});

export const patternsText = (description: string, examples: readonly string[]): Schema => ({
	...text(description, {
		patternErrorMessage: 'Expected a pattern over job names such as notify*, or a list of them.',
		examples: [examples],
	}),
	type: ['string', 'array'],
	items: text('One pattern.', {patternErrorMessage: 'Expected a pattern over job names such as notify*.'}),
	uniqueItems: true,
	default: [],
});

/** The address itself gives access, so it goes over https only. */
export const secretUrlText = (description: string): Schema =>
	text(description, {
		pattern: `^https${address}`,
		patternErrorMessage: 'Expected an address that begins with https://.',
		writeOnly: true,
	});

export const variableText = (description: string, example: string): Schema =>
	text(description, {
		pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
		patternErrorMessage: `Expected the name of an environment variable such as ${example}.`,
		examples: [example],
	});

export const yesOrNo = (description: string, byDefault: boolean): Schema => ({
	type: 'boolean',
	description,
	default: byDefault,
});

const scriptPathText = (description: string, byDefault: string): Schema =>
	text(description, {
		pattern: '^(?![-/~])(?!.*(^|/)\\.\\.(/|$))[^\\u0000-\\u0020\\u007f-\\u009f\\\\]+$',
		patternErrorMessage:
			'Expected the path of a script inside the repository such as scripts/deploy.sh, without arguments.',
		default: byDefault,
	});

const argument = text('One argument. No shell reads it: nothing but the placeholders is replaced.', {
	patternErrorMessage: 'Expected one argument as text; in quotes where it holds braces: "{env}".',
});

/** How a script is called: its path alone, or a mapping with what differs from the defaults. */
export const scriptField = (
	description: string,
	byDefault: {path: string; timeout: string; grace: string},
): Schema => ({
	...scriptPathText(description, byDefault.path),
	patternErrorMessage:
		'Expected the path of a script inside the repository such as scripts/deploy.sh, without arguments; a mapping with "script" and "arguments" has them.',
	...mapping(description, {
		script: scriptPathText('Path of the script within the repository.', byDefault.path),
		arguments: {
			type: 'array',
			description:
				"What it is called with. `{env}`, `{sha}` and `{release}` are filled in. Without it: what the script's contract says, or for a script that knows none, the environment and the commit.",
			items: argument,
			examples: [['--to', '{env}', '--commit', '{sha}']],
		},
		timeout: durationField(
			'When it has run for so long it is stopped: TERM to it and everything that it started.',
			byDefault.timeout,
		),
		grace: durationField('How long after TERM it is killed.', byDefault.grace),
		env: {
			type: 'array',
			description:
				"Names of variables that it is given all the same: GitHub's tokens, what holds one, and what deployctl alone uses are kept from scripts. Of a rollback by default those of the deployment.",
			items: variableText('Name of an environment variable.', 'GH_TOKEN'),
			uniqueItems: true,
			examples: [['GH_TOKEN']],
		},
	}),
	type: ['string', 'object'],
});

export const nameText = (description: string): Schema =>
	text(description, {
		pattern: '^[a-z0-9][a-z0-9-]{0,38}$',
		patternErrorMessage: 'Expected a short name in lower case such as qa.',
		examples: ['qa'],
	});

export const localTimeText = (description: string, example: string): Schema =>
	text(description, {
		pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?$',
		patternErrorMessage: 'Expected a local time such as 2026-12-24T12:00; the timezone has its own key.',
		examples: [example],
	});

/** Environment names become folders, lock references and words on the command line. */
export const environmentName = {
	pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$',
	patternErrorMessage: 'Expected a name of lower-case letters, digits and hyphens such as staging or eu-production.',
} as const;

/** A mapping with exactly these keys. */
export const mapping = (
	description: string,
	properties: Readonly<Record<string, Schema>>,
	required?: readonly string[],
): Schema => ({
	type: 'object',
	description,
	properties,
	additionalProperties: false,
	...(required === undefined ? {} : {required}),
});

export const list = (description: string, items: Schema, uniqueItems = false): Schema => ({
	type: 'array',
	description,
	items,
	default: [],
	...(uniqueItems ? {uniqueItems} : {}),
});
