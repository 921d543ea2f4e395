/** What is shown of a tier and yet proves nothing: a guess by time, or a green run that is no evidence about the commit (`trust.ts`). */
import type {Tier} from './pipeline.ts';

type Known = Pick<Tier, 'provenance' | 'status' | 'isOwnWord'>;

const doubts = {
	inferred: {mark: '~', word: 'inferred', sentence: 'matched by time only', short: 'by time only?'},
	unproven: {mark: '~', word: 'no evidence', sentence: 'which is not evidence', short: 'no evidence'},
} as const;

/** null: it is what it seems, or has not passed. */
export const doubtOf = ({provenance, status, isOwnWord}: Known): (typeof doubts)[keyof typeof doubts] | null =>
	provenance === 'inferred'
		? doubts.inferred
		: status === 'passed' && provenance !== null && !isOwnWord
			? doubts.unproven
			: null;
