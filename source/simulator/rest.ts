/** The REST side: a table of routes, named as in the official description, so that tests can check each answer against it. */
import {type Context, requireChecks} from './context.ts';
import {actionRoutes} from './rest-actions.ts';
import {deploymentRoutes} from './rest-deployments.ts';
import {gitRoutes} from './rest-git.ts';
import {repositoryRoutes} from './rest-repository.ts';

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
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** As in the OpenAPI description. */
	path: string;
	needs?: 'write' | 'checks' | 'suites';
	answer(call: Call): Reply;
};

export const message = (status: number, text: string, more: object = {}): Reply => ({status, body: {message: text, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status)}});
export const notFound = (): Reply => message(404, 'Not Found');
export const unprocessable = (text: string): Reply => message(422, text);

/** One page of a list, with the `Link` header that leads to the others. `per_page` above 100 is cut, not refused. */
export function page<Item>(call: Call, items: readonly Item[], body: (items: readonly Item[], total: number) => unknown): Reply {
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
	const links = [...(current > 1 ? [link(1, 'first'), link(current - 1, 'prev')] : []), ...(current < last ? [link(current + 1, 'next'), link(last, 'last')] : [])];
	return {status: 200, body: body(items.slice((current - 1) * size, current * size), items.length), ...(links.length > 0 ? {headers: {link: links.join(', ')}} : {})};
}

export const routes: readonly Route[] = [...actionRoutes, ...deploymentRoutes, ...gitRoutes, ...repositoryRoutes];

/** Names of branches and refs may contain slashes. */
const wide = new Set(['ref', 'basehead', 'branch']);
const patterns = routes.map(route => {
	const names: string[] = [];
	const source = route.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{(\w+)\}/g, (_, name: string) => {
		names.push(name);
		return wide.has(name) ? '(.+)' : '([^/]+)';
	});
	return {route, names, expression: new RegExp(`^${source}$`)};
});

export function findRoute(method: string, path: string): {route: Route; params: Record<string, string>} | null {
	for (const {route, names, expression} of patterns) {
		const match = route.method === method ? expression.exec(path) : null;
		if (match) {
			return {route, params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]))};
		}
	}
	return null;
}

export function answerRest(method: string, path: string, call: Omit<Call, 'params'>): Reply {
	const found = findRoute(method, path);
	const {context} = call;
	const {owner, name} = context.state.repository;
	if (!found) {
		return notFound();
	}
	const {route, params} = found;
	if (params.owner !== undefined && (params.owner.toLowerCase() !== owner.toLowerCase() || params.repo?.toLowerCase() !== name.toLowerCase() || context.token === 'no-access')) {
		return notFound();
	}
	if (route.needs === 'write' && context.token === 'read-only') {
		return message(403, 'Resource not accessible by personal access token');
	}
	if (route.needs === 'checks' || route.needs === 'suites') {
		try {
			requireChecks(context, route.needs === 'checks' ? 'runs' : 'suites');
		} catch (error) {
			return message(403, (error as Error).message);
		}
	}
	return route.answer({...call, params});
}
