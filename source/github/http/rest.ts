/** REST: remembers ETags (an answer "304 not modified" is free), follows a renamed repository, counts. */
import {remember} from './bounded.ts';
import {classify} from '../failures/failures.ts';
import type {Tally} from './tally.ts';
import type {Endpoint, Exchange, Request, Transport} from './transport.ts';
import {refusalKept, Trouble, type Headers} from '../failures/trouble.ts';
import type {Circumstances} from '../failures/circumstances.ts';
import type {RateLimit} from '../../core/github/facts.ts';

export type Got<Value> = {value: Value; /** false: the same as last time, for free. */ isNew: boolean};
export type Rest = {
	/**
	@param path below the repository, like `/actions/runs?per_page=100`
	@param parse pure; its result is what is remembered for a 304, so that a path must always come with the same parser
	@throws {Trouble} for every status but 2xx and 304
	*/
	get<Body, Value>(path: string, parse: (body: Body) => Value, tally: Tally): Promise<Got<Value>>;
	/** Like `get`, with null for what does not exist. */
	find<Body, Value>(path: string, parse: (body: Body) => Value, tally: Tally): Promise<Got<Value | null>>;
	/**
	Writes, once: nothing is repeated here. After a failure that is no clear refusal it may have happened all the same.
	@throws {Trouble} for every status but 2xx
	*/
	post<Body, Value>(path: string, body: unknown, parse: (body: Body) => Value, tally: Tally): Promise<Value>;
};

const rememberedAtMost = 500;
const redirectsAtMost = 3;
/** GitHub wants no bursts (secondary limits). */
const requestsAtOnce = 6;

export function rateLimitOf(headers: Headers): RateLimit | null {
	const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(name =>
		Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
	);
	return Number.isFinite(limit) && Number.isFinite(remaining) && Number.isFinite(reset)
		? {limit: limit!, remaining: remaining!, resetAt: reset! * 1000}
		: null;
}

function parseJson({status, headers, text}: Exchange): unknown {
	try {
		// 204, "no content".
		return status === 204 && text === '' ? null : JSON.parse(text);
	} catch {
		throw new Trouble({kind: 'malformed', status, headers, body: text.slice(0, 500)});
	}
}

function understand<Body, Value>(answer: Exchange, parse: (body: Body) => Value): Value {
	const body = parseJson(answer);
	try {
		// The types are those of GitHub's description; what does not keep to it makes the parser throw.
		return parse(body as Body);
	} catch (error) {
		throw new Trouble({kind: 'incomprehensible', error});
	}
}

/** Lets so many run at once; the others wait for their turn. */
export function createTurnstile(atOnce: number) {
	const queue: Array<() => void> = [];
	let running = 0;
	return async <Result>(work: () => Promise<Result>): Promise<Result> => {
		if (running === atOnce) {
			await new Promise<void>(resolve => {
				queue.push(resolve);
			});
		} else {
			running += 1;
		}

		try {
			return await work();
		} finally {
			const next = queue.shift();
			running -= next === undefined ? 1 : 0;
			next?.();
		}
	};
}

/** Runs the work for each item, so many at a time, and keeps the order. */
export async function mapLimited<Item, Result>(
	items: readonly Item[],
	atATime: number,
	work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	let next = 0;
	const worker = async () => {
		for (let index = next++; index < items.length; index = next++) {
			results[index] = await work(items[index]!);
		}
	};

	await Promise.all(Array.from({length: Math.min(atATime, items.length)}, worker));
	return results;
}

type RestOptions = {endpoint: Endpoint; transport: Transport; repository: string; circumstances: () => Circumstances};

export function createRest({endpoint, transport, repository, circumstances}: RestOptions): Rest {
	const turn = createTurnstile(requestsAtOnce);
	const remembered = new Map<string, {etag: string; value: unknown}>();
	let base = `${endpoint.apiUrl}/repos/${repository}`;
	/** While GitHub wants us to wait, every question gets the same answer without being sent. */
	let held: {until: number; trouble: Trouble} | null = null;

	/** A renamed repository answers 301 to `/repositories/ID/…`: on the same host that is followed, and learnt. */
	async function fetchFollowing(
		path: string,
		{method, headers, body}: Omit<Request, 'url'>,
		tally: Tally,
	): Promise<Exchange> {
		let url = base + path;
		for (let hop = 0; ; hop++) {
			const sent = url;
			const answer = await turn(async () => transport.send({method, url: sent, headers, body}, tally.signal));
			tally.sawRest(answer.status, rateLimitOf(answer.headers));
			// The first two would make a GET of a write.
			if (!(method === 'GET' ? [301, 302, 307, 308] : [307, 308]).includes(answer.status)) {
				return answer;
			}

			const to = URL.canParse(answer.headers['location'] ?? '', url)
				? new URL(answer.headers['location']!, url)
				: null;
			if (to === null || to.origin !== new URL(url).origin || hop === redirectsAtMost) {
				throw new Trouble({kind: 'redirect', status: answer.status, to: to?.href ?? ''});
			}

			url = to.href;
			if (url.endsWith(path)) {
				base = url.slice(0, url.length - path.length);
			}
		}
	}

	/** @throws {Trouble} for every status but 2xx and 304 */
	async function exchange(path: string, request: Omit<Request, 'url'>, tally: Tally): Promise<Exchange> {
		if (held !== null && circumstances().now < held.until) {
			throw held.trouble;
		}

		const answer = await fetchFollowing(path, request, tally);
		if ((answer.status < 200 || answer.status > 299) && answer.status !== 304) {
			const trouble = new Trouble({
				kind: 'http',
				status: answer.status,
				headers: answer.headers,
				body: answer.text.slice(0, refusalKept),
			});
			const {kind, retryAt} = classify(trouble.evidence, circumstances());
			held =
				retryAt !== null && (kind === 'rate-limited' || kind === 'secondary-limit')
					? {until: retryAt, trouble}
					: null;
			throw trouble;
		}

		return answer;
	}

	async function get<Body, Value>(path: string, parse: (body: Body) => Value, tally: Tally): Promise<Got<Value>> {
		const known = remembered.get(path);
		const answer = await exchange(
			path,
			{method: 'GET', headers: known === undefined ? {} : {'if-none-match': known.etag}},
			tally,
		);
		if (answer.status === 304) {
			if (known === undefined) {
				throw new Trouble({kind: 'http', status: 304, headers: answer.headers, body: ''});
			}

			remember(remembered, path, known, rememberedAtMost);
			// Only this function puts values in; see `parse`.
			return {value: known.value as Value, isNew: false};
		}

		const value = understand(answer, parse);
		const {etag} = answer.headers;
		if (etag === undefined) {
			remembered.delete(path);
		} else {
			remember(remembered, path, {etag, value}, rememberedAtMost);
		}

		return {value, isNew: true};
	}

	async function find<Body, Value>(
		path: string,
		parse: (body: Body) => Value,
		tally: Tally,
	): Promise<Got<Value | null>> {
		try {
			return await get(path, parse, tally);
		} catch (error) {
			// 409: "Git Repository is empty". A 404 may also be what a token without the scope gets: that says nothing of what is there.
			const status = error instanceof Trouble && error.evidence.kind === 'http' ? error.evidence.status : 0;
			if (
				error instanceof Trouble &&
				(status === 409 || (status === 404 && classify(error.evidence, circumstances()).kind === 'not-found'))
			) {
				return {value: null, isNew: true};
			}

			throw error;
		}
	}

	async function post<Body, Value>(
		path: string,
		body: unknown,
		parse: (body: Body) => Value,
		tally: Tally,
	): Promise<Value> {
		return understand(
			await exchange(
				path,
				{method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)},
				tally,
			),
			parse,
		);
	}

	return {get, find, post};
}
