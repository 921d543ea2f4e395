/** `fetch` as the operator's other programs do it: through the proxies of the environment, with the certificates of the system. */
import type {Socket} from 'node:net';
import type {Environment} from '../core/settings/child-environment.ts';
import type {ProxiedFetch} from '../core/github/proxy.ts';
import {proxyFor, proxyVariables, type NamedProxy} from './proxy.ts';
import {trusting} from './trust.ts';

type Fetch = typeof globalThis.fetch;

/** Where Node.js keeps what carries requests out; the number is that of its interface. */
const dispatchers = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')];

/**
Node.js makes one for a proxy only by making it everybody's: it is, until it has been taken, within one turn. Whoever shares this process
(Playwright's own tests) sees none of it. null: this Node.js (before 24.14) cannot.
*/
const dispatcherFor = (address: string): unknown => {
	const {setGlobalProxyFromEnv} = process.getBuiltinModule('node:http');
	if (typeof setGlobalProxyFromEnv !== 'function') return null;
	const restore = setGlobalProxyFromEnv({HTTP_PROXY: address, HTTPS_PROXY: address});
	const found =
		dispatchers
			.map(name => (globalThis as unknown as Record<symbol, unknown>)[name])
			.find(each => each !== undefined) ?? null;
	restore();
	return found;
};

const tooOld = `this Node.js (${process.version}) is older than 24.14`;

/** As `proxyFor`; a Node.js that has been told to (NODE_USE_ENV_PROXY) uses them by itself. */
const usable = (proxy: NamedProxy | null, env: Environment): NamedProxy | null =>
	proxy === null ||
	proxy.problem !== null ||
	env['NODE_USE_ENV_PROXY'] === '1' ||
	typeof process.getBuiltinModule('node:http').setGlobalProxyFromEnv === 'function'
		? proxy
		: {...proxy, problem: tooOld, address: null};

/** As `plain`, and through the proxies that these variables name, if any. */
export const fetchThrough = (env: Environment, plain: Fetch): ProxiedFetch => {
	const made = new Map<string, unknown>();
	const through = (url: string): NamedProxy | null => usable(proxyFor(url, env), env);
	const initFor = (url: string, init: RequestInit | undefined): RequestInit | undefined => {
		const address = through(url)?.address ?? null;
		if (address === null) return init;
		if (!made.has(address)) made.set(address, dispatcherFor(address));
		const dispatcher = made.get(address);
		return dispatcher === null ? init : ({...init, dispatcher} as RequestInit);
	};
	const hasProxies = proxyVariables.some(name => (env[name] ?? '') !== '');
	const fetch: Fetch = (input, init) =>
		trusting(env, async () =>
			plain(
				input,
				hasProxies
					? initFor(typeof input === 'string' ? input : 'url' in input ? input.url : input.href, init)
					: init,
			),
		);
	return Object.assign(fetch, {through: (url: string) => (hasProxies ? through(url) : null)});
};

/** For a process of deployctl's own: whatever it asks from now on. */
export const adoptNetworkOf = (env: Environment): void => {
	globalThis.fetch = fetchThrough(env, globalThis.fetch);
};

/** A connection to where this address leads, through the proxy of the environment; undefined: there is none. Rejects with what `fetch` would. */
export const tunnelTo = async (url: URL, env: Environment, timeoutMs: number): Promise<Socket | undefined> => {
	const address = usable(proxyFor(url.href, env), env)?.address ?? null;
	if (address === null) return undefined;
	const proxy = new URL(address);
	const secret = [proxy.username, proxy.password].map(decodeURIComponent).join(':');
	const {request} = process.getBuiltinModule(proxy.protocol === 'https:' ? 'node:https' : 'node:http');
	const {promise, resolve, reject} = Promise.withResolvers<Socket>();
	const target = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
	request({
		host: proxy.hostname.replace(/^\[|\]$/g, ''),
		port: proxy.port,
		method: 'CONNECT',
		path: target,
		signal: AbortSignal.timeout(timeoutMs),
		headers: {
			host: target,
			...(secret !== ':' && {'proxy-authorization': `Basic ${Buffer.from(secret).toString('base64')}`}),
		},
	})
		.once('error', reject)
		.once('connect', ({statusCode = 0}, socket) => {
			if (statusCode === 200) {
				resolve(socket);
				return;
			}
			socket.destroy();
			reject(new Error(`Proxy response (${statusCode})`));
		})
		.end();
	return promise;
};
