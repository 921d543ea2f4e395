/** A failure as the shell shows it. */
import type {Failure} from '../errors.ts';

/** `deployctl: what: why.` and below it what to do. */
export const failureText = ({message, because, next}: Failure): string => {
	const sentence = `${message}${because ? `: ${because}` : ''}`;
	return `deployctl: ${sentence}${/[.?!]$/.test(sentence) ? '' : '.'}\n${next ? `  ${next.startsWith('deployctl') ? next : next[0]!.toUpperCase() + next.slice(1)}${/[.?!]$/.test(next) ? '' : '.'}\n` : ''}`;
};
