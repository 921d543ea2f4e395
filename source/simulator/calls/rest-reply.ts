/** What a route is, and the replies that all of them share. */
import type {Context} from './context.ts';

export type Reply = {status: number; body?: unknown; headers?: Readonly<Record<string, string>>};
export type Call = {
	context: Context;
	/** By the names in the route's path. */
	params: Readonly<Record<string, string>>;
	query: URLSearchParams;
	body: Readonly<Record<string, unknown>>;
	/** The address asked for, without its query. */
	url: string;
};
export type Route = {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** As in the OpenAPI description. */
	path: string;
	needs?: 'write' | 'checks' | 'suites';
	answer(call: Call): Reply;
};

export const message = (status: number, text: string, more: object = {}): Reply => ({
	status,
	body: {message: text, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status)},
});
export const notFound = (): Reply => message(404, 'Not Found');
export const unprocessable = (text: string): Reply => message(422, text);

/** A string out of somebody's JSON; anything else counts as absent. */
export const textOf = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

/** One page of a list, with the `Link` header that leads to the others. `per_page` above 100 is cut, not refused. */
export function page<Item>(
	call: Call,
	items: readonly Item[],
	body: (items: readonly Item[], total: number, page: number) => unknown,
): Reply {
	const number = (name: string, otherwise: number) => {
		const value = Number(call.query.get(name) ?? otherwise);
		return Number.isSafeInteger(value) && value >= 1 ? value : otherwise;
	};
	const size = Math.min(100, number('per_page', 30));
	const current = number('page', 1);
	const last = Math.max(1, Math.ceil(items.length / size));
	const link = (to: number, relation: string) => {
		const query = new URLSearchParams(call.query);
		query.set('page', String(to));
		return `<${call.url}?${query.toString()}>; rel="${relation}"`;
	};
	const links = [
		...(current > 1 ? [link(1, 'first'), link(current - 1, 'prev')] : []),
		...(current < last ? [link(current + 1, 'next'), link(last, 'last')] : []),
	];
	return {
		status: 200,
		body: body(items.slice((current - 1) * size, current * size), items.length, current),
		...(links.length > 0 ? {headers: {link: links.join(', ')}} : {}),
	};
}
