/** Which inputs a workflow declares for being started by hand, read from its file. What cannot be read is unknown, never a guess. */
import {type DispatchInput, inputsAtMost} from '../../core/runs/dispatch-inputs.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {Trouble} from '../failures/trouble.ts';
import type {Connection} from '../http/connection.ts';
import type {Tally} from '../http/tally.ts';
import {inPath} from '../failures/values.ts';

const types: readonly string[] = ['string', 'number', 'boolean', 'choice', 'environment'];
/** GitHub's own limit of a workflow file is 512 kB. */
const longest = 524_288;
/** Of a default or an option nobody reads more. */
const longestValue = 2000;
/** GitHub's rule for their names. */
const isName = (name: string) => /^[A-Za-z_][\w-]{0,99}$/.test(name);

type Mapping = Readonly<Record<string, unknown>>;
const isMapping = (value: unknown): value is Mapping =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null =>
	typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;

/** Shown as it is, and sent as it is shown. */
const safely = (value: unknown): string | null => {
	const given = text(value);
	return given === null ? null : sanitise(given, longestValue);
};

function inputOf(name: string, given: unknown): DispatchInput {
	const said = isMapping(given) ? given : {};
	const type =
		typeof said['type'] === 'string' && types.includes(said['type'])
			? (said['type'] as DispatchInput['type'])
			: 'string';
	return {
		name,
		type,
		description: sanitise(text(said['description']) ?? '', 120),
		isRequired: said['required'] === true,
		options: Array.isArray(said['options'])
			? said['options'].flatMap(option => safely(option) ?? []).slice(0, 100)
			: [],
		default: safely(said['default']),
	};
}

/** null: it is no workflow that can be started by hand, or its text cannot be understood. Never throws. */
export async function parseInputs(source: string): Promise<DispatchInput[] | null> {
	if (source.length > longest) {
		return null;
	}

	const {default: yaml} = await import('yaml');
	let parsed: unknown;
	try {
		// Version 1.2: `on` is a word, not a boolean.
		parsed = yaml.parse(source, {
			version: '1.2',
			schema: 'core',
			maxAliasCount: 100,
			prettyErrors: false,
			logLevel: 'silent',
		});
	} catch {
		return null;
	}

	const on = isMapping(parsed) ? parsed['on'] : undefined;
	if (on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))) {
		return [];
	}

	if (!isMapping(on) || !Object.hasOwn(on, 'workflow_dispatch')) {
		return null;
	}

	const trigger = on['workflow_dispatch'];
	const inputs = isMapping(trigger) ? trigger['inputs'] : undefined;
	if (inputs === undefined || inputs === null) {
		return [];
	}

	// A name that GitHub would not have, or one too many: then the file is not what GitHub runs.
	const entries = isMapping(inputs) ? Object.entries(inputs) : null;
	return entries === null || entries.length > inputsAtMost || entries.some(([name]) => !isName(name))
		? null
		: entries.map(([name, given]) => inputOf(name, given));
}

type Contents = {type?: unknown; encoding?: unknown; content?: unknown};

/** The file's text at that branch or tag; null: there is none, or GitHub does not give it as a file. @throws {Trouble} */
async function fileAt({rest}: Connection, path: string, ref: string, tally: Tally): Promise<string | null> {
	const {value} = await rest.find(
		`/contents/${inPath(path)}?ref=${encodeURIComponent(ref)}`,
		(body: Contents) =>
			body.type === 'file' && body.encoding === 'base64' && typeof body.content === 'string'
				? Buffer.from(body.content, 'base64').toString('utf8')
				: null,
		tally,
	);
	return value;
}

/** Never throws for what GitHub does. */
export async function readInputs(
	connection: Connection,
	{workflow, ref}: {workflow: string; ref: string},
	tally: Tally,
): Promise<{inputs: DispatchInput[] | null; because: string | null}> {
	try {
		const source = await fileAt(connection, `.github/workflows/${workflow}`, ref, tally);
		if (source === null) {
			return {inputs: null, because: `${workflow} could not be read on ${ref}`};
		}

		const inputs = await parseInputs(source);
		return {
			inputs,
			because:
				inputs === null
					? `${workflow} on ${ref} names no workflow_dispatch inputs that can be understood`
					: null,
		};
	} catch (error) {
		if (!(error instanceof Trouble)) {
			throw error;
		}

		return {inputs: null, because: `${workflow} could not be read on ${ref}`};
	}
}
