/** Small readings of GitHub's values, the same for GraphQL and REST. Nothing here throws. */
import {clipped} from '../../core/github/said.ts';

/** ISO 8601 to milliseconds since the epoch. null when missing, invalid, or GitHub's "never" (0001-01-01). */
export function time(value: unknown): number | null {
	const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return Number.isFinite(parsed) && parsed > 0 ? parsed : null;
}

/** An HTTP date (`Date`, `Retry-After`) to milliseconds since the epoch. A bare number is not a date. */
export const httpTime = (value: string | undefined): number | null =>
	value !== undefined && /[a-z]/i.test(value) ? time(value) : null;

/** A status word as core wants it: GitHub's own, upper-cased; unknown ones are kept. */
export const word = (value: unknown): string =>
	typeof value === 'string' && value !== '' ? value.toUpperCase() : 'UNKNOWN';
export const wordOrNull = (value: unknown): string | null =>
	typeof value === 'string' && value !== '' ? value.toUpperCase() : null;
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Ids are larger than 2^31, so nothing bitwise may touch them. */
export const idOrNull = (value: unknown): number | null =>
	typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

/** The payload of a deployment. GraphQL sends JSON in a string, sometimes encoded twice; REST an object or a string. */
export function payload(value: unknown): Readonly<Record<string, unknown>> | null {
	let current = value;
	for (let depth = 0; depth < 3 && typeof current === 'string'; depth++) {
		try {
			current = JSON.parse(current) as unknown;
		} catch {
			return null;
		}
	}

	return typeof current === 'object' && current !== null && !Array.isArray(current) ? {...current} : null;
}

/** Text of others in one of our sentences: one line, no control characters, not long; addresses stay whole. */
export function clean(value: unknown, maximum = 200): string {
	const text = (typeof value === 'string' ? value : '')
		.slice(0, maximum * 4)
		.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
		.trim()
		.replace(/(?<![\s.])[\s.]+$/, '');
	return clipped(text, maximum);
}

export function hostOf(url: string): string | null {
	return URL.canParse(url) ? new URL(url).host : null;
}

/** A branch, a ref or a folder as part of an address; its slashes stay. */
export const inPath = (name: string): string =>
	name
		.split('/')
		.map(part => encodeURIComponent(part))
		.join('/');

/** First line of a commit message. */
export const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

const notStarted = new Set(['QUEUED', 'WAITING', 'PENDING', 'REQUESTED']);

/** REST gives queued jobs the time of their creation as start; GraphQL gives null, which is what we mean. */
export const startTime = (status: string, startedAt: unknown): number | null =>
	notStarted.has(status) ? null : time(startedAt);
export const finishTime = (status: string, finishedAt: unknown): number | null =>
	status === 'COMPLETED' ? time(finishedAt) : null;

type Dated = {createdAt: number; id: number};
export const newestFirst = (a: Dated, b: Dated): number => b.createdAt - a.createdAt || b.id - a.id;

/** A job that ended by its own work had steps: GitHub leaves them out for a while where a re-run has not repeated it. null: not read. */
export const stepsRead = <Step>(
	steps: readonly Step[],
	{status, conclusion}: {status: string; conclusion: string | null},
): readonly Step[] | null =>
	steps.length === 0 &&
	status === 'COMPLETED' &&
	(conclusion === 'SUCCESS' || conclusion === 'FAILURE' || conclusion === 'TIMED_OUT')
		? null
		: steps;

/** A rule that asks for reviewers asks somebody, also when none of them could be read. */
export const atLeastSomebody = (reviewers: string[], isAsked: boolean): string[] =>
	isAsked && reviewers.length === 0 ? ['somebody'] : reviewers;

/** GitHub has three levels, REST in lower case; an unknown one informs. */
export function annotationLevel(value: unknown): 'failure' | 'warning' | 'notice' {
	const level = word(value).toLowerCase();
	return level === 'failure' || level === 'warning' ? level : 'notice';
}
