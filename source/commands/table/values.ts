/** Reads the value of a flag. */
import {spanSeconds} from '../../core/text/duration.ts';
import {nearest} from '../../core/text/nearest.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {usageFailure} from '../../errors.ts';
import type {Argument, Flag} from './command.ts';

/** The user's words inside a message: one safe line. */
export const quoted = (text: string): string => `"${sanitise(text, 60)}"`;

export const didYouMean = (word: string, candidates: readonly string[], prefix = ''): string => {
	const meant = nearest(word, candidates);
	return meant === null ? '' : ` Did you mean "${prefix}${meant}"?`;
};

const number = (text: string, name: string): number => {
	const value = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
	if (!(value > 0)) {
		throw usageFailure(`--${name} is ${quoted(text)}. Expected a number above 0, such as 2 or 0.5.`);
	}

	return value;
};

const count = (text: string, name: string): number => {
	if (!/^[1-9]\d{0,8}$/.test(text)) {
		throw usageFailure(`--${name} is ${quoted(text)}. Expected a whole number above 0, such as 20.`);
	}

	return Number(text);
};

const seconds = (text: string, name: string): number => {
	const value = spanSeconds(text);
	if (value === null || value === 0) {
		throw usageFailure(`--${name} is ${quoted(text)}. Expected a duration above 0, such as 90s, 5m or 1h30m.`);
	}

	return value;
};

const sha = (text: string, name: string): string => {
	if (!/^[\da-f]{7,40}$/i.test(text)) {
		throw usageFailure(`--${name} is ${quoted(text)}. Expected 7 to 40 hexadecimal digits of a commit.`);
	}

	return text.toLowerCase();
};

/** One of the choices, as they are written in the table. Throws a `Failure` (usage) with a suggestion. */
export const choiceOf = (text: string, choices: readonly string[], what: string): string => {
	const choice = choices.find(candidate => candidate === text);
	if (choice === undefined) {
		throw usageFailure(`${what} is ${quoted(text)}. Expected ${choices.join(', ')}.${didYouMean(text, choices)}`);
	}

	return choice;
};

/** Throws a `Failure` (usage) that names the flag, what was given and what was expected. Repositories are read where they are located. */
export const valueOf = ({name, kind, choices = []}: Flag, text: string): string | number => {
	switch (kind) {
		case 'choice':
			return choiceOf(text, choices, `--${name}`);
		case 'number':
			return number(text, name);
		case 'count':
			return count(text, name);
		case 'duration':
			return seconds(text, name);
		case 'sha':
			return sha(text, name);
		default:
			return text;
	}
};

/** An argument as usage lines write it. */
export const argumentText = ({name, isOptional}: Argument): string => (isOptional === true ? `[${name}]` : name);
