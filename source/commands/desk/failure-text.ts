/** A failure as the shell shows it. */
import type {Failure} from '../../errors.ts';

import {twoColumns} from '../table/layout.ts';

/** `deployctl: what: why.` and below it what to do, and the commands that lead on. */
export const failureText = ({message, because, next, ways}: Failure): string => {
	const sentence = `${message}${because ? `: ${because}` : ''}`;
	return `deployctl: ${sentence}${/[.?!]$/.test(sentence) ? '' : '.'}\n${next ? `  ${next.startsWith('deployctl') ? next : next[0]!.toUpperCase() + next.slice(1)}${/[.?!]$/.test(next) ? '' : '.'}\n` : ''}${ways.length === 0 ? '' : `\n${twoColumns(ways).join('\n')}\n`}`;
};
