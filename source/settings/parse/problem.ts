/** What is wrong with a settings file, and where. */
import {Failure, exitCodes} from '../../errors.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {plural} from '../../core/text/plural.ts';

/** `line` and `column` count from 1, as editors do. */
export type Problem = {file: string; line: number; column: number; message: string};

/** `deployctl.yml:7:11: …`: the form that terminals and editors make clickable. */
export const problemText = ({file, line, column, message}: Problem): string =>
	`${sanitise(file)}:${line}:${column}: ${message}`;

/** Nobody reads further; a file with more problems is another format. */
const shownProblems = 20;

/** All problems in one failure (exit code: usage), in the order of the file. */
export const settingsFailure = (file: string, problems: readonly Problem[]): Failure => {
	const lines = problems.slice(0, shownProblems).map(problem => problemText(problem));
	const hidden = problems.length - lines.length;
	return new Failure(`${sanitise(file)} has ${plural(problems.length, 'problem')}`, {
		because: [...lines, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('\n'),
		next: 'correct the file; docs/configuration.md describes every key',
		exitCode: exitCodes.usage,
	});
};

/** A value of the file inside a sentence: one safe line, texts in quotes. */
export const shown = (value: unknown): string => {
	if (value === null || value === undefined) {
		return 'empty';
	}

	if (Array.isArray(value)) {
		return 'a list';
	}

	if (typeof value === 'object') {
		return 'a mapping';
	}

	if (typeof value === 'number' || typeof value === 'boolean') {
		return `the ${typeof value} ${value}`;
	}

	return typeof value === 'string' ? `"${sanitise(value, 60)}"` : `a ${typeof value}`;
};

/** A JSON pointer in the words of the file: `/promotion/freeze/0/from` is `promotion.freeze[0].from`. */
export const pathText = (pointer: string): string =>
	pointer
		.split('/')
		.slice(1)
		.map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
		.map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : `${index === 0 ? '' : '.'}${sanitise(part, 60)}`))
		.join('');

/** Appends one step to a JSON pointer (RFC 6901). */
export const pointerTo = (parent: string, key: string | number): string =>
	`${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
