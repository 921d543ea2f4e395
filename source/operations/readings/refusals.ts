/** What was not done, and why: refusals from what GitHub's edge answers. */
import {exitCodes, Failure, failureSentence} from '../../errors.ts';
import type {Unwritten} from '../../github/http/connection.ts';
import type {Refusal} from '../../world.ts';

export const refuse = (because: string, next: string, exitCode: number): Refusal => ({
	ok: false,
	because,
	next,
	exitCode,
});

/** 4 when it was not permitted, 5 when GitHub could not be asked. */
export const refusalOf = ({kind, because, next}: Pick<Unwritten, 'kind' | 'because' | 'next'>, what: string): Refusal =>
	refuse(
		`${what}: ${because.replace(/\.$/, '')}`,
		next,
		kind === 'not-permitted' ? exitCodes.notPermitted : exitCodes.unreachable,
	);

/** No token, no disk: thrown, and said as a refusal. */
export const refusalOfError = (error: unknown): Refusal => {
	if (error instanceof Failure) return refuse(failureSentence(error), error.next ?? 'Try again.', error.exitCode);
	if ((error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError')
		return refuse('GitHub did not answer in time', 'Try again in a moment.', exitCodes.unreachable);
	throw error;
};
