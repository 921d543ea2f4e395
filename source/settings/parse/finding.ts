/** What the checks beyond the schema report. */
import type {Settings} from '../../core/settings/settings.ts';
import {pathText} from './problem.ts';
import type {Raw} from './settings-from.ts';

/** A problem at a JSON pointer. `part` says whether the key or its value is meant. */
export type Finding = {pointer: string; message: string; part: 'key' | 'value'};

/** `rejected`: JSON pointers of the values that the schema does not accept; they are missing from `raw`. */
export type Rule = (raw: Raw, settings: Settings, rejected: ReadonlySet<string>) => Finding[];

/** The message goes on after the path. */
export const at = (pointer: string, message: string, part: Finding['part'] = 'value'): Finding => ({
	pointer,
	message: `${pathText(pointer)} ${message}`,
	part,
});

export const isZero = (pointer: string, examples = '5m, 90s or 1h30m'): Finding =>
	at(pointer, `is zero. Expected a duration such as ${examples}.`);
