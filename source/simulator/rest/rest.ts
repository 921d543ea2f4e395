/** The REST side: a table of routes, named as in the official description, so that tests can check each answer against it. */
import {requireChecks} from '../calls/context.ts';
import {actionRoutes} from './rest-actions.ts';
import {artifactRoutes} from './rest-artifacts.ts';
import {adminRoutes} from './rest-admin.ts';
import {contentRoutes} from './rest-contents.ts';
import {deploymentRoutes} from './rest-deployments.ts';
import {refuseRest, scopeHeaders} from '../calls/grants.ts';
import {gitRoutes} from './rest-git.ts';
import {type Call, type Reply, type Route, message, notFound} from '../calls/rest-reply.ts';
import {pullRoutes} from './rest-pulls.ts';
import {repositoryRoutes} from './rest-repository.ts';

export const routes: readonly Route[] = [
	...actionRoutes,
	...artifactRoutes,
	...deploymentRoutes,
	...gitRoutes,
	...pullRoutes,
	...repositoryRoutes,
	...contentRoutes,
	...adminRoutes,
];

/** Most of what is asked for lies there. */
const below = '/repos/{owner}/{repo}';

/** Names of branches and refs may contain slashes. */
const wide = new Set(['ref', 'basehead', 'branch', 'path']);
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
			return {
				route,
				params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)])),
			};
		}
	}
	return null;
}

/** What GitHub tells with a 403: the permission of fine-grained tokens that would do. */
const accepted = (permission: string) => ({'x-accepted-github-permissions': permission});
const permissionOf = (path: string) =>
	path.includes('/pulls')
		? 'pull_requests'
		: ((['actions', 'deployments', 'statuses'] as const).find(name => path.includes(`/${name}`)) ?? 'contents');

export function answerRest(method: string, path: string, call: Omit<Call, 'params'>): Reply {
	const found = findRoute(method, path || '/');
	const {context} = call;
	const {owner, name} = context.state.repository;
	if (!found) {
		return notFound();
	}
	const {route, params} = found;
	if (
		params.owner !== undefined &&
		(params.owner.toLowerCase() !== owner.toLowerCase() ||
			params.repo?.toLowerCase() !== name.toLowerCase() ||
			context.token === 'no-access')
	) {
		return notFound();
	}
	const refused = refuseRest(context.grants, method, route.path.slice(below.length));
	if (refused) {
		return {
			...refused,
			headers: {...refused.headers, ...scopeHeaders(context.grants, method, route.path.slice(below.length))},
		};
	}
	if (route.needs === 'write' && context.token === 'read-only') {
		return {
			...message(403, 'Resource not accessible by personal access token'),
			headers: accepted(`${permissionOf(route.path)}=write`),
		};
	}
	if (route.needs === 'checks' || route.needs === 'suites') {
		try {
			requireChecks(context, route.needs === 'checks' ? 'runs' : 'suites');
		} catch (error) {
			return {...message(403, (error as Error).message), headers: accepted('checks=read')};
		}
	}
	return route.answer({...call, params});
}
