/** Asks GitHub one thing at a time and tells what came of each: for the doctor, who wants to know also why an answer did not come. */
import type {Clock} from '../world.ts';
import {classify} from './failures/failures.ts';
import {createTurnstile} from './http/rest.ts';
import {createTransport, type Endpoint, type Exchange} from './http/transport.ts';
import {refusalKept, Trouble, type Headers} from './failures/trouble.ts';
import type {Circumstances} from './failures/circumstances.ts';

export type Probed =
	| {ok: true; status: number; headers: Headers; body: unknown}
	/** `absent`: 404, which is also what GitHub answers to those who may not know. `status` null: there was no answer. */
	| {
			ok: false;
			kind: 'absent' | 'not-permitted' | 'unreachable';
			status: number | null;
			headers: Headers;
			because: string;
			next: string | null;
	  };
export type Probe = {
	/** `path`: below the repository, like `/environments`. Never throws but when aborted. */
	get(path: string): Promise<Probed>;
	/** All pages of a list, at most five of a hundred. `itemsIn`: where the list is in the answer. */
	list<Item>(
		path: string,
		itemsIn: (body: unknown) => readonly Item[],
	): Promise<{ok: true; items: readonly Item[]} | Extract<Probed, {ok: false}>>;
	put(path: string, body?: object): Promise<Probed>;
	post(path: string, body: object): Promise<Probed>;
	/** GitHub's clock minus ours, milliseconds; null before the first answer. */
	skewMs(): number | null;
};

/** Bursts are answered with a secondary limit. */
const requestsAtOnce = 6;
const pagesAtMost = 5;
const redirectsAtMost = 3;
const kinds: Readonly<Record<string, 'absent' | 'not-permitted'>> = {
	unauthorised: 'not-permitted',
	forbidden: 'not-permitted',
	'not-found': 'absent',
};

export type ProbeOptions = {
	endpoint: Endpoint;
	repository: string;
	clock: Clock;
	fetch?: typeof globalThis.fetch;
	signal?: AbortSignal;
	timeoutMs?: number;
	/** After each answer. */ onAnswer?: () => void;
};

function understood({status, headers, text}: Exchange): Probed {
	try {
		return {ok: true, status, headers, body: text === '' ? null : (JSON.parse(text) as unknown)};
	} catch {
		throw new Trouble({kind: 'malformed', status, headers, body: text.slice(0, 500)});
	}
}

export function createProbe({
	endpoint,
	repository,
	clock,
	fetch,
	signal,
	timeoutMs = 10_000,
	onAnswer,
}: ProbeOptions): Probe {
	const transport = createTransport({endpoint, clock, timeoutMs, fetch});
	const turn = createTurnstile(requestsAtOnce);
	const circumstances = (): Circumstances => ({
		now: clock.now(),
		skewMs: transport.skewMs(),
		host: endpoint.host,
		repository,
		token: endpoint.token,
	});

	function failed(error: Trouble): Probed {
		const {kind, because, next} = classify(error.evidence, circumstances());
		const answer = error.evidence.kind === 'http' ? error.evidence : null;
		const isAbsent = answer?.status === 404 && kind === 'not-found';
		return {
			ok: false,
			kind: isAbsent ? 'absent' : (kinds[kind] ?? 'unreachable'),
			status: answer?.status ?? null,
			headers: answer?.headers ?? {},
			because: isAbsent ? 'GitHub answers 404: it does not exist, or this token may not know of it.' : because,
			next: isAbsent ? null : (next ?? null),
		};
	}

	/** A renamed repository answers 301; the transport refuses to leave the host. */
	async function following(method: 'GET' | 'PUT' | 'POST', from: string, body?: object): Promise<Exchange> {
		let url = from;
		for (let hop = 0; ; hop++) {
			const answer = await transport.send(
				{
					method,
					url,
					...(body === undefined
						? {}
						: {headers: {'content-type': 'application/json'}, body: JSON.stringify(body)}),
				},
				signal,
			);
			const to = answer.headers['location'];
			// The first two would make a GET of a write.
			if (
				hop === redirectsAtMost ||
				to === undefined ||
				!URL.canParse(to, url) ||
				!(method === 'GET' ? [301, 302, 307, 308] : [307, 308]).includes(answer.status)
			) {
				return answer;
			}
			url = new URL(to, url).href;
		}
	}

	/** `url` may be the whole address of a further page: the transport refuses other hosts. */
	async function exchange(method: 'GET' | 'PUT' | 'POST', url: string, body?: object): Promise<Probed> {
		try {
			const answer = await turn(async () => following(method, url, body));
			if (answer.status < 200 || answer.status > 299) {
				throw new Trouble({
					kind: 'http',
					status: answer.status,
					headers: answer.headers,
					body: answer.text.slice(0, refusalKept),
				});
			}
			return understood(answer);
		} catch (error) {
			if (error instanceof Trouble) {
				return failed(error);
			}
			throw error;
		} finally {
			onAnswer?.();
		}
	}

	const base = `${endpoint.apiUrl}/repos/${repository}`;
	return {
		get: path => exchange('GET', base + path),
		async list(path, itemsIn) {
			const items = [];
			let url: string | null = `${base}${path}${path.includes('?') ? '&' : '?'}per_page=100`;
			for (let number = 0; url !== null && number < pagesAtMost; number++) {
				const answer: Probed = await exchange('GET', url);
				if (!answer.ok) {
					return answer;
				}
				try {
					items.push(...itemsIn(answer.body));
				} catch {
					return {
						ok: false,
						kind: 'unreachable',
						status: answer.status,
						headers: answer.headers,
						because: `${endpoint.host} answered in a shape that we do not understand.`,
						next: null,
					};
				}
				url = /<([^<>]+)>; ?rel="next"/.exec(answer.headers['link'] ?? '')?.[1] ?? null;
			}
			return {ok: true, items};
		},
		put: (path, body) => exchange('PUT', base + path, body),
		post: (path, body) => exchange('POST', base + path, body),
		skewMs: () => transport.skewMs(),
	};
}
