/**
One HTTP exchange with GitHub. The token goes to the API host that it belongs to and nowhere else: addresses of other
hosts are refused, and redirects are never followed here. Proxies and certificates are `fetch`'s: `edges/network.ts`.
*/
import {proxyOf} from '../../core/github/proxy.ts';
import type {Clock} from '../../world.ts';
import {answerAtMost, wholeText} from './body.ts';
import {onTheWay, Trouble, type Headers} from '../failures/trouble.ts';
import {httpTime} from '../failures/values.ts';

export type Endpoint = {
	/** As people say it: `github.com`. */
	host: string;
	/** `https://api.github.com`, `https://HOST/api/v3`; no slash at the end. */
	apiUrl: string;
	graphqlUrl: string;
	token: string;
};

export type Exchange = {status: number; headers: Headers; text: string};
export type Request = {method: 'GET' | 'POST' | 'PUT'; url: string; headers?: Headers; body?: string};
export type Transport = {
	/**
	Headers have lower-case names. Any status is an answer.
	@throws {Trouble} network, timeout, too-large
	@throws the signal's reason when aborted
	*/
	send(request: Request, signal?: AbortSignal): Promise<Exchange>;
	/** GitHub's clock minus ours, milliseconds (whole seconds from the `Date` header); null before the first answer. */
	skewMs(): number | null;
};

export type TransportOptions = {
	endpoint: Endpoint;
	clock: Clock;
	timeoutMs: number;
	/** Of one answer. */ bytesAtMost?: number;
	fetch?: typeof globalThis.fetch;
};

/** What every request to the API says. The token stands in it: for the API's own origin only. */
export const apiHeaders = ({token}: Endpoint) => ({
	accept: 'application/vnd.github+json',
	'user-agent': 'deployctl',
	'x-github-api-version': '2022-11-28',
	authorization: `bearer ${token}`,
});

/** Answers that lead elsewhere; 302 and 303 to a file or a page, the others to where the same thing lives now. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : null);

/** A signal that aborts with a `Trouble` when so much time has passed, and with the outer one; `clear` when it is over. */
export function timeLimit(clock: Clock, timeoutMs: number, outer: AbortSignal | undefined) {
	const stop = new AbortController();
	const done = new AbortController();
	const timeout = new Trouble({kind: 'timeout', afterMs: timeoutMs});
	clock.after(timeoutMs, done.signal).then(
		() => {
			stop.abort(timeout);
		},
		() => {
			/* Done or aborted before that. */
		},
	);
	const onAbort = () => {
		stop.abort(outer?.reason);
	};

	outer?.addEventListener('abort', onAbort, {once: true});
	return {
		signal: stop.signal,
		clear() {
			outer?.removeEventListener('abort', onAbort);
			done.abort();
		},
	};
}

/** What went wrong with a request under a time limit. The outer signal has been looked at before. */
export const troubleOf = (error: unknown, limit: AbortSignal): Trouble => {
	if (error instanceof Trouble) return error;
	return limit.aborted && limit.reason instanceof Trouble ? limit.reason : new Trouble({kind: 'network', error});
};

export function createTransport({
	endpoint,
	clock,
	timeoutMs,
	bytesAtMost = answerAtMost,
	fetch,
}: TransportOptions): Transport {
	const origins = new Set([originOf(endpoint.apiUrl), originOf(endpoint.graphqlUrl)]);
	let skewMs: number | null = null;

	async function send({method, url, headers, body}: Request, outer?: AbortSignal): Promise<Exchange> {
		outer?.throwIfAborted();
		if (!origins.has(originOf(url))) {
			throw new Trouble({kind: 'redirect', status: 0, to: url});
		}

		const {signal, clear} = timeLimit(clock, timeoutMs, outer);
		try {
			// Looked up here and not at import: the first use of fetch loads undici, 35 ms.
			const response = await (fetch ?? globalThis.fetch)(url, {
				method,
				body,
				signal,
				redirect: 'manual',
				// Whatever is added, the token is this one.
				headers: {...apiHeaders(endpoint), ...headers, authorization: apiHeaders(endpoint).authorization},
			});
			const text = await wholeText(response, bytesAtMost);
			const theirs = httpTime(response.headers.get('date') ?? undefined);
			skewMs = theirs === null ? skewMs : theirs - clock.now();
			return {status: response.status, headers: Object.fromEntries(response.headers), text};
		} catch (error) {
			outer?.throwIfAborted();
			throw onTheWay(troubleOf(error, signal), proxyOf(fetch ?? globalThis.fetch, url));
		} finally {
			clear();
		}
	}

	return {send, skewMs: () => skewMs};
}
