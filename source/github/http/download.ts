/**
Fetches a file that GitHub keeps elsewhere: the API answers with an address that is good for a minute. The token goes to the API only,
never to where that address leads. Bounded in size and time.
*/
import {proxyOf} from '../../core/github/proxy.ts';
import type {Clock} from '../../world.ts';
import {beginningOf} from './body.ts';
import {apiHeaders, type Endpoint, isRedirect, timeLimit, troubleOf} from './transport.ts';
import {onTheWay, Trouble} from '../failures/trouble.ts';

/** `gone`: GitHub keeps it no longer. */
export type Download = {ok: true; bytes: Buffer} | {ok: false; kind: 'gone' | 'too-large'; because: string};
export type Downloader = {
	/**
	@param path of the API, like `/repos/o/n/actions/artifacts/7/zip`
	@param answered what the API itself answered, to count it
	@throws {Trouble} network, timeout, and every status that is no file
	*/
	fetch(
		path: string,
		bytesAtMost: number,
		answered: (status: number) => void,
		signal?: AbortSignal,
	): Promise<Download>;
};

type Options = {endpoint: Endpoint; clock: Clock; timeoutMs: number; fetch?: typeof globalThis.fetch};

const tooLarge = (bytesAtMost: number): Download => ({
	ok: false,
	kind: 'too-large',
	because: `it is larger than ${Math.floor(bytesAtMost / 2 ** 20)} MB`,
});

/** Where a signed address may lead: over plain http only where the API itself is spoken to like that. */
export const isAllowed = (to: URL, endpoint: Endpoint): boolean =>
	to.protocol === 'https:' || (to.protocol === 'http:' && new URL(endpoint.apiUrl).protocol === 'http:');

async function bounded(response: Response, bytesAtMost: number): Promise<Download> {
	if (Number(response.headers.get('content-length') ?? 0) > bytesAtMost) {
		await response.body?.cancel();
		return tooLarge(bytesAtMost);
	}

	const parts: Uint8Array[] = [];
	let size = 0;
	// Leaving the loop ends the transfer.
	for await (const part of response.body ?? []) {
		size += part.length;
		if (size > bytesAtMost) return tooLarge(bytesAtMost);
		parts.push(part);
	}

	return {ok: true, bytes: Buffer.concat(parts)};
}

export function createDownloader({endpoint, clock, timeoutMs, fetch}: Options): Downloader {
	const send = async (
		url: string,
		headers: Readonly<Record<string, string>>,
		signal: AbortSignal,
	): Promise<Response> => {
		const by = fetch ?? globalThis.fetch;
		try {
			return await by(url, {signal, redirect: 'manual', headers: {'user-agent': 'deployctl', ...headers}});
		} catch (error) {
			throw onTheWay(troubleOf(error, signal), proxyOf(by, url));
		}
	};

	async function follow(
		path: string,
		bytesAtMost: number,
		answered: (status: number) => void,
		signal: AbortSignal,
	): Promise<Download> {
		const first = await send(endpoint.apiUrl + path, apiHeaders(endpoint), signal);
		answered(first.status);
		if (first.status === 410 || first.status === 404) {
			await first.body?.cancel();
			return {ok: false, kind: 'gone', because: 'GitHub keeps it no longer'};
		}

		if (first.status === 200) return bounded(first, bytesAtMost);
		const to = URL.canParse(first.headers.get('location') ?? '', endpoint.apiUrl)
			? new URL(first.headers.get('location')!, endpoint.apiUrl)
			: null;
		if (!isRedirect(first.status) || to === null) {
			throw new Trouble({
				kind: 'http',
				status: first.status,
				headers: Object.fromEntries(first.headers),
				body: await beginningOf(first, 2000),
			});
		}

		await first.body?.cancel();
		if (!isAllowed(to, endpoint)) throw new Trouble({kind: 'redirect', status: first.status, to: to.href});
		const second = await send(to.href, {}, signal);
		if (second.status === 200) return bounded(second, bytesAtMost);
		await second.body?.cancel();
		// It was good for a minute: the next try gets another.
		throw new Trouble({kind: 'http', status: second.status, headers: {}, body: ''});
	}

	return {
		async fetch(path, bytesAtMost, answered, outer) {
			outer?.throwIfAborted();
			const {signal, clear} = timeLimit(clock, timeoutMs, outer);
			try {
				return await follow(path, bytesAtMost, answered, signal);
			} catch (error) {
				outer?.throwIfAborted();
				throw troubleOf(error, signal);
			} finally {
				clear();
			}
		},
	};
}
