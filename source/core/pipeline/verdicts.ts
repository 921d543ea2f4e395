/** The three answers of a condition. */
import type {Unread} from '../github/facts.ts';
import type {Condition, Proof} from './pipeline.ts';

export type Verdict = Omit<Condition, 'id'>;

const withMore = (
	verdict: Pick<Verdict, 'met' | 'because'>,
	next: string | undefined,
	proofs: readonly Proof[],
): Verdict => ({...verdict, ...(next !== undefined && {next}), ...(proofs.length > 0 && {proofs})});

export const met = (because: string, ...proofs: readonly Proof[]): Verdict =>
	withMore({met: true, because}, undefined, proofs);
export const notMet = (because: string, next?: string, ...proofs: readonly Proof[]): Verdict =>
	withMore({met: false, because}, next, proofs);
export const unknown = (because: string, next?: string, ...proofs: readonly Proof[]): Verdict =>
	withMore({met: 'unknown', because}, next, proofs);

/** It is read next; until then nobody can tell. `what`: the part of it that is missing. */
export const notReadYet = (subject: string, what = '', ...proofs: readonly Proof[]): Verdict => ({
	...unknown(`${subject}: ${what === '' ? '' : `${what} `}not read yet`, undefined, ...proofs),
	isUnread: true,
});

/** What rests on statuses that GitHub did not give is unknown, for GitHub's reason. */
export const unread = (subject: string, {because, next}: Unread): Verdict =>
	unknown(
		`${subject}: the commit's statuses have not been read (${because.replace(/\.$/, '')})`,
		next ?? 'Ask again in a moment.',
	);

export const short = (sha: string): string => sha.slice(0, 7);
