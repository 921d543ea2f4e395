/**
Which proxy the environment names for an address. Names, order and lower case first as `curl` has them; NO_PROXY as most read it: hosts with
their subdomains, a port, addresses and networks in CIDR notation, `*`. This machine itself is never asked through a proxy (as with Go's and `gh`).
*/
import {BlockList, isIP} from 'node:net';
import type {Environment} from '../core/settings/child-environment.ts';
import type {Proxy} from '../core/github/proxy.ts';
import {isLoopback} from '../core/github/loopback.ts';

/** `address`: with name and password, for the connection alone; null: there is a problem. */
export type NamedProxy = Proxy & {address: string | null};

const kinds: Readonly<Record<string, readonly string[]>> = {
	'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
	'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
};
const ports: Readonly<Record<string, string>> = {'http:': '80', 'https:': '443'};

/** Every variable that says something about proxies. */
export const proxyVariables: readonly string[] = [...new Set(Object.values(kinds).flat()), 'no_proxy', 'NO_PROXY'];

const bare = (host: string): string =>
	host
		.replace(/^\[(.*)\]$/, '$1')
		.replace(/\.$/, '')
		.toLowerCase();
const family = (host: string): 'ipv4' | 'ipv6' => (isIP(host) === 6 ? 'ipv6' : 'ipv4');

const isInNetwork = (host: string, network: string): boolean => {
	const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(network) ?? [];
	if (isIP(host) === 0 || isIP(address) !== isIP(host) || Number(bits) > (isIP(address) === 6 ? 128 : 32))
		return false;
	const list = new BlockList();
	list.addSubnet(address, Number(bits), family(address));
	return list.check(host, family(host));
};

/** `host:port`, `[address]:port`; a bare IPv6 address has colons of its own. */
const portIn = (entry: string): {name: string; port: string | null} => {
	const [, name, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
	return name === undefined ? {name: bare(entry), port: null} : {name: bare(name), port: port!};
};

const isExcepted = (host: string, port: string, list: string): boolean =>
	list
		.split(/[\s,]+/)
		.filter(entry => entry !== '')
		.some(entry => {
			if (entry === '*') return true;
			const {name, port: onlyPort} = portIn(entry);
			const suffix = name.replace(/^\*?\./, '');
			if (onlyPort !== null && onlyPort !== port) return false;
			return host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`)) || isInNetwork(host, name);
		});

const named = (variable: string, text: string): NamedProxy => {
	const url = URL.parse(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`);
	if (url === null || url.hostname === '')
		return {variable, shown: '(no address)', problem: 'it is not an address', address: null};
	const shown = `${url.protocol}//${url.username === '' && url.password === '' ? '' : '***@'}${url.host}`;
	const isUsable = ports[url.protocol] !== undefined;
	return {
		variable,
		shown,
		problem: isUsable ? null : `proxies of the kind ${url.protocol.slice(0, -1)} are not supported`,
		address: isUsable ? url.href : null,
	};
};

/** The proxy for this address; null: none is named for it. Never throws. */
export const proxyFor = (address: string, env: Environment): NamedProxy | null => {
	const url = URL.parse(address);
	const variable = url === null ? undefined : kinds[url.protocol]?.find(name => (env[name] ?? '').trim() !== '');
	if (url === null || variable === undefined) return null;
	const host = bare(url.hostname);
	if (
		isLoopback(host) ||
		host.endsWith('.localhost') ||
		isExcepted(host, url.port || ports[url.protocol]!, env['no_proxy'] || env['NO_PROXY'] || '')
	)
		return null;
	return named(variable, env[variable]!.trim());
};
