/** The proxy that the environment names, as `curl`, `git` and `gh` take it: its words. Which one it is, is for `edges/proxy.ts` to say. Pure. */

export type Proxy = {
	/** The variable that names it: `HTTPS_PROXY`. */
	variable: string;
	/** With its port, and with name and password hidden: `http://***@proxy.example:3128`. */
	shown: string;
	/** Why requests do not go through it although it is named; null: they do. */
	problem: string | null;
};

/** A `fetch` that goes through the proxies of the environment, and says which one an address goes through; null: none. */
export type ProxiedFetch = typeof globalThis.fetch & {through?: (url: string) => Proxy | null};

/** The proxy of requests to this address; null: they go there directly, or nobody knows of any. */
export const proxyOf = (fetch: ProxiedFetch, url: string): Proxy | null => fetch.through?.(url) ?? null;

/** For the end of "… did not answer within 5 s"; empty without one. */
export const throughProxy = (proxy: Proxy | null): string => {
	if (proxy === null) return '';
	return proxy.problem === null
		? ` through the proxy ${proxy.shown} (${proxy.variable})`
		: ` without the proxy of ${proxy.variable}, because ${proxy.problem}`;
};

/** What to look at when something on the way through a proxy does not work. */
export const proxyAdvice = ({variable, problem}: Proxy): string =>
	problem === null
		? 'Check that proxy. Hosts that NO_PROXY names are asked without it.'
		: `Set ${variable} to the address of an HTTP proxy, such as http://proxy.example:3128.`;

/** What a proxy answered in place of a connection, somewhere in an error and its causes; null: it is not about that. */
export const refusedByProxy = (error: unknown, depth = 0): string | null => {
	if (typeof error !== 'object' || error === null || depth > 4) return null;
	const {message, cause} = error as {message?: unknown; cause?: unknown};
	const [, status] = /Proxy response \((\d+)\)/.exec(String(message)) ?? [];
	return status === undefined ? refusedByProxy(cause, depth + 1) : `the proxy answered ${status}`;
};
