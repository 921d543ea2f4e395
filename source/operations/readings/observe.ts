/**
Asks an environment what it runs and whether it is healthy. A wrong status, a refused or broken connection, and silence behind an open port
are the environment's word: not healthy. When nothing comes from there at all, our own network may be the reason, or a proxy: unknown, "blind".
*/
import {connect} from 'node:net';
import type {InstanceReading, Observation} from '../../core/releases/observation.ts';
import {type Proxy, proxyOf, refusedByProxy, throughProxy} from '../../core/github/proxy.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {EnvironmentSettings} from '../../core/settings/settings.ts';
import {versionAnswered, versionHeaders} from '../../core/releases/version-in.ts';
import type {Clock} from '../../world.ts';

export {versionIn} from '../../core/releases/version-in.ts';

export type Probe = {
	clock: Clock;
	/** Default: Node's. */
	fetch?: typeof globalThis.fetch;
	/** Of one address, milliseconds. */
	timeoutMs?: number;
};

const longestBody = 64 * 1024;

/** Somebody is there and says no. Everything else (no name, no route, a certificate that a hotel's network put there) is not its word. */
const ownWord = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_(?:HEADERS|RES)\w*|HTTPParserError)$/;

type Answer =
	| {
			answered: true;
			status: number;
			location: string | null;
			body: string;
			/** What its headers say that runs, in the order of `versionHeaders`. */ headers: readonly string[];
			latencyMs: number;
	  }
	| {answered: false; isBlind: boolean; because: string};

/** All that an error and its causes say, one cause for each address of the name: codes, or names where there is no code. */
const codesOf = (error: unknown): string[] => {
	if (typeof error !== 'object' || error === null) return [];
	const {
		name,
		code = name,
		cause,
		errors,
	} = error as {name?: unknown; code?: unknown; cause?: unknown; errors?: unknown};
	return [
		...(typeof code === 'string' ? [code] : []),
		...codesOf(cause),
		...(Array.isArray(errors) ? errors.flatMap(codesOf) : []),
	].filter(each => each !== 'TypeError');
};

const words: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	UND_ERR_SOCKET: 'connection closed',
	HTTPParserError: 'what answers there is not an HTTP server',
	ENOTFOUND: 'its name is not known',
	EAI_AGAIN: 'names cannot be looked up',
	ENETUNREACH: 'no network',
	EHOSTUNREACH: 'no way to the host',
};

const connectMs = 1000;
/** Whether its port takes connections: then it is there, and silent. */
const takesConnections = (url: string): Promise<boolean> => {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const {hostname, port, protocol} = new URL(url);
	const socket = connect({
		host: hostname.replace(/^\[|\]$/g, ''),
		port: Number(port || (protocol === 'https:' ? 443 : 80)),
		timeout: connectMs,
	});
	const end = (isOpen: boolean) => {
		socket.destroy();
		resolve(isOpen);
	};
	socket
		.once('connect', () => end(true))
		.once('timeout', () => end(false))
		.once('error', () => end(false));
	return promise;
};

const bodyOf = async (response: Response): Promise<string> => {
	const decoder = new TextDecoder();
	let text = '';
	for await (const chunk of response.body ?? []) {
		text += decoder.decode(chunk as Uint8Array, {stream: true});
		if (text.length > longestBody) break;
	}
	return text;
};

/** What a proxy says where it passes on what was asked (http) when it has no answer from there: nobody knows whose word it is. */
const saidByProxy = (url: string, status: number): boolean =>
	url.startsWith('http:') && [407, 502, 504].includes(status);

/** Through a proxy, a refused or broken connection is the proxy's. */
const brokenOff = (error: unknown, proxy: Proxy | null): {isBlind: boolean; because: string} => {
	const codes = codesOf(error);
	const own = proxy?.problem === null ? undefined : codes.find(code => ownWord.test(code));
	const code = own ?? codes.find(each => words[each] !== undefined) ?? codes[0];
	return {
		isBlind: own === undefined,
		because: `${refusedByProxy(error) ?? (code === undefined ? 'could not be asked' : (words[code] ?? code))}${throughProxy(proxy)}`,
	};
};

const ask = async (
	url: string,
	{clock, fetch, timeoutMs = 5000}: Probe,
	signal: AbortSignal | undefined,
): Promise<Answer> => {
	const startedAt = clock.now();
	const late = AbortSignal.timeout(timeoutMs);
	const by = fetch ?? globalThis.fetch;
	const proxy = proxyOf(by, url);
	try {
		// A redirect may lead to a login page that answers 200, or to another host: it is an answer, not a way.
		// A connection of its own: one that was kept may be closed in this moment, and that would be taken for the environment's word.
		const response = await by(url, {
			redirect: 'manual',
			cache: 'no-store',
			headers: {'user-agent': 'deployctl', 'cache-control': 'no-cache', connection: 'close'},
			signal: signal === undefined ? late : AbortSignal.any([late, signal]),
		});
		if (proxy?.problem === null && saidByProxy(url, response.status)) {
			await response.body?.cancel();
			return {answered: false, isBlind: true, because: `HTTP ${response.status}${throughProxy(proxy)}`};
		}
		const headers = versionHeaders.flatMap(name => response.headers.get(name) ?? []);
		return {
			answered: true,
			status: response.status,
			location: response.headers.get('location'),
			body: await bodyOf(response),
			headers,
			latencyMs: Math.max(0, clock.now() - startedAt),
		};
	} catch (error) {
		signal?.throwIfAborted();
		if (late.aborted) {
			// Who is connected to is the proxy: what is behind it may be silent or not there.
			const isThere = proxy?.problem !== null && (await takesConnections(url));
			return {
				answered: false,
				isBlind: !isThere,
				because: `${isThere ? 'no answer' : 'nothing came from there'} within ${timeoutMs / 1000} s${throughProxy(proxy)}`,
			};
		}
		return {answered: false, ...brokenOff(error, proxy)};
	}
};

const isGood = (status: number) => status >= 200 && status < 300;

const versionOf = (answer: Answer, path: string | null): string | null =>
	answer.answered && isGood(answer.status) ? versionAnswered(answer, path) : null;

type Instance = {instance: string; version: string | null; health: string | null};

const hostOf = (url: string) => URL.parse(url)?.host ?? url;

/** Addresses belong together by their host; of equally long lists the n-th of each does. */
const instancesOf = ({version, health}: Pick<EnvironmentSettings, 'version' | 'health'>): readonly Instance[] => {
	if (version.length === health.length)
		return numbered(version.map((url, index) => ({instance: hostOf(url), version: url, health: health[index]!})));
	const hosts = [...new Set([...version, ...health].map(hostOf))];
	return hosts.flatMap(host => {
		const [versions, healths] = [version, health].map(urls => urls.filter(url => hostOf(url) === host)) as [
			string[],
			string[],
		];
		return numbered(
			Array.from({length: Math.max(versions.length, healths.length)}, (_, index) => ({
				instance: host,
				version: versions[index] ?? null,
				health: healths[index] ?? null,
			})),
		);
	});
};

/** Two instances behind one host are told apart by their number. */
const numbered = (instances: readonly Instance[]): readonly Instance[] =>
	instances.map((each, index) =>
		instances.filter(({instance}) => instance === each.instance).length > 1
			? {...each, instance: `${each.instance} #${index + 1}`}
			: each,
	);

const healthOf = (answer: Answer | null): InstanceReading['health'] => {
	if (answer === null) return 'unknown';
	return answer.answered ? isGood(answer.status) : answer.isBlind ? 'unknown' : false;
};

const wordsOf = (answer: Answer | null): string =>
	answer === null
		? ''
		: answer.answered
			? `HTTP ${answer.status}${answer.location === null ? '' : ` to ${answer.location}`}`
			: answer.because;

const readingOf = async (
	{instance, version, health}: Instance,
	path: string | null,
	probe: Probe,
	signal: AbortSignal | undefined,
): Promise<InstanceReading> => {
	const [aboutVersion, aboutHealth] = await Promise.all([
		version === null ? null : ask(version, probe, signal),
		health === null ? null : ask(health, probe, signal),
	]);
	const said = aboutVersion === null ? null : versionOf(aboutVersion, path);
	const isSilent = aboutVersion !== null && said === null;
	const because = [
		wordsOf(aboutHealth),
		isSilent
			? `version: ${aboutVersion.answered && isGood(aboutVersion.status) ? (path === null ? 'not understood' : `nothing at ${path}`) : wordsOf(aboutVersion)}`
			: '',
	]
		.filter(text => text !== '')
		.join(', ');
	const latencies = [aboutVersion, aboutHealth].flatMap(answer => (answer?.answered ? [answer.latencyMs] : []));
	return {
		instance: sanitise(instance, 80),
		version: said,
		health: healthOf(aboutHealth),
		because: sanitise(because, 200),
		latencyMs: latencies.length > 0 ? Math.max(...latencies) : null,
	};
};

/** Never throws for what networks do; rejects only when aborted. Without addresses there are no instances. */
export const observe = async (
	environment: Pick<EnvironmentSettings, 'name' | 'version' | 'health' | 'versionPath'>,
	probe: Probe,
	signal?: AbortSignal,
): Promise<Observation> => {
	const instances = await Promise.all(
		instancesOf(environment).map(instance => readingOf(instance, environment.versionPath ?? null, probe, signal)),
	);
	return {environment: environment.name, readAt: probe.clock.now(), instances};
};
