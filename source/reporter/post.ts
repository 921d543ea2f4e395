/** One status, posted; and what GitHub's answer means for the next one. Never throws, never tells the token. */
import {clipped, saidIn} from '../core/github/said.ts';
import {type ProxiedFetch, proxyOf, refusedByProxy, throughProxy} from '../core/github/proxy.ts';
import type {Target} from './environment.ts';
import type {Outcome, Word} from './schedule.ts';

export type Fetch = (
	url: string,
	init: {method: string; headers: Record<string, string>; body: string; signal: AbortSignal},
) => Promise<Response>;
export type Said = {outcome: Outcome; /** For the log, when something went wrong. */ because: string | null};

const timeoutMs = 10_000;
const minuteMs = 60_000;
const longestWaitMs = 3_600_000;
/** Characters: JSON that is cut says nothing any more. */
const bodyAtMost = 20_000;

const numberIn = (headers: Headers, name: string): number | null => {
	const text = headers.get(name);
	return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
};

const rateIn = (headers: Headers) => {
	const [remaining, reset] = [numberIn(headers, 'x-ratelimit-remaining'), numberIn(headers, 'x-ratelimit-reset')];
	return remaining === null || reset === null ? null : {remaining, resetAt: reset * 1000};
};

const messageIn = async (response: Response): Promise<string> => {
	try {
		const decoder = new TextDecoder();
		let text = '';
		for await (const part of response.body ?? []) {
			text += decoder.decode(part as Uint8Array, {stream: true});
			// The rest is not waited for: leaving the loop ends the transfer.
			if (text.length >= bodyAtMost) break;
		}
		return clipped(saidIn(text.slice(0, bodyAtMost)).replaceAll(/[\p{Cc}\s]+/gu, ' '), 200);
	} catch {
		return '';
	}
};

/** What the token lacks, as GitHub's headers name it; empty: they do not. Nothing of them but plain words. */
const lackIn = ({status, headers}: Response): string => {
	const [permissions, scopes] = ['x-accepted-github-permissions', 'x-accepted-oauth-scopes'].map(
		name => /^[\w:=,; ]{1,100}$/.exec(headers.get(name) ?? '')?.[0],
	);
	if (status !== 403 && status !== 404) return '';
	return permissions
		? `; the token needs the permission ${permissions}`
		: scopes
			? `; the token lacks the scope ${scopes.split(', ').join(' or ')}`
			: '';
};

const outcomeOf = (response: Response, message: string, now: number): Outcome => {
	const rate = rateIn(response.headers);
	const {status} = response;
	const wait = numberIn(response.headers, 'retry-after');
	if (wait !== null && (status === 403 || status === 429 || status >= 500))
		return {kind: 'later', afterMs: Math.min(longestWaitMs, wait * 1000), rate};
	if ((status === 403 || status === 429) && rate?.remaining === 0)
		return {kind: 'later', afterMs: Math.min(longestWaitMs, Math.max(1000, rate.resetAt - now)), rate};
	if (status === 429 || ((status === 403 || status === 422) && /rate limit|submitted too quickly/i.test(message)))
		return {kind: 'later', afterMs: minuteMs, rate};
	return status >= 500 || status === 408 ? {kind: 'later', afterMs: null, rate} : {kind: 'never', rate};
};

export const postWord = async (
	fetch: Fetch,
	target: Target,
	context: string,
	{state, description}: Word,
	now: () => number,
): Promise<Said> => {
	try {
		const response = await fetch(target.statusesUrl, {
			method: 'POST',
			signal: AbortSignal.timeout(timeoutMs),
			body: JSON.stringify({state, context, description, target_url: target.runUrl}),
			headers: {
				authorization: `Bearer ${target.token}`,
				accept: 'application/vnd.github+json',
				'content-type': 'application/json',
				'user-agent': 'deployctl',
				'x-github-api-version': '2022-11-28',
			},
		});
		if (response.status === 201) {
			await response.body?.cancel();
			return {outcome: {kind: 'said', rate: rateIn(response.headers)}, because: null};
		}
		const message = await messageIn(response);
		return {
			outcome: outcomeOf(response, message, now()),
			because: `GitHub answered ${response.status}${message === '' ? '' : `: ${message}`}${lackIn(response)}`,
		};
	} catch (error) {
		const {name, cause} = error as Error & {cause?: {code?: unknown}};
		const way = throughProxy(proxyOf(fetch as ProxiedFetch, target.statusesUrl));
		const code = refusedByProxy(error) ?? (typeof cause?.code === 'string' ? cause.code : null);
		return {
			outcome: {kind: 'later', afterMs: null, rate: null},
			because:
				name === 'TimeoutError'
					? `no answer within ${timeoutMs / 1000} s${way}`
					: `GitHub cannot be reached${way}${code === null ? '' : ` (${code})`}`,
		};
	}
};
