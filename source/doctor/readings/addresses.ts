/** Whether the environments' addresses answer, and whether the webhook's server can be reached: that one is never written to. */
import {connect as connectPlain, isIP, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import {type Proxy, proxyAdvice, proxyOf, refusedByProxy, throughProxy} from '../../core/github/proxy.ts';
import type {EnvironmentSettings, Settings} from '../../core/settings/settings.ts';
import {commitIn} from '../../core/releases/version.ts';
import {versionAnswered, versionHeaders} from '../../core/releases/version-in.ts';
import {webhookFrom} from '../../notify/webhook.ts';
import type {Clock} from '../../world.ts';
import type {AddressReading, Read} from '../model/model.ts';

export type AddressQuestion = {
	settings: Settings;
	clock: Clock;
	fetch: typeof globalThis.fetch;
	/** Where the webhook's address may stand. */
	env: Readonly<Record<string, string | undefined>>;
	/** Connects and hangs up. Rejects with why not. */
	knock: (url: URL, timeoutMs: number) => Promise<void>;
};

const timeoutMs = 5000;
const bytesAtMost = 65_536;

const codeOf = (error: unknown, way: string, depth = 0): string => {
	if (!(error instanceof Error) || depth > 4) return `it does not answer${way}`;
	const {code} = error as NodeJS.ErrnoException;
	const refused = refusedByProxy(error);
	if (refused !== null) return `it cannot be reached${way} (${refused})`;
	if (error.name === 'TimeoutError' || error.name === 'AbortError')
		return `it did not answer within ${timeoutMs / 1000} s${way}`;
	return typeof code === 'string' ? `it cannot be reached${way} (${code})` : codeOf(error.cause, way, depth + 1);
};
const unreachable = (error: unknown, proxy: Proxy | null): Extract<Read<never>, {ok: false}> => ({
	ok: false,
	kind: 'unreachable',
	because: codeOf(error, throughProxy(proxy)),
	next: proxy === null ? 'Try it with curl, from this network.' : proxyAdvice(proxy),
});

/** No more of an answer than deployments read. */
const beginningOf = async (response: Response): Promise<string> => {
	let text = '';
	const decoder = new TextDecoder();
	for await (const chunk of response.body ?? []) {
		text += decoder.decode(chunk as Uint8Array, {stream: true});
		if (text.length >= bytesAtMost) break;
	}
	return text.slice(0, bytesAtMost);
};

const ask = async (
	{name: environment, versionPath}: EnvironmentSettings,
	kind: 'version' | 'health',
	url: string,
	{clock, fetch}: AddressQuestion,
): Promise<AddressReading> => {
	const beganAt = clock.now();
	const shown = URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : url;
	try {
		// As deployments ask: a redirect is an answer, not a way.
		const response = await fetch(url, {
			signal: AbortSignal.timeout(timeoutMs),
			redirect: 'manual',
			headers: {'user-agent': 'deployctl'},
		});
		const body = await beginningOf(response);
		const said =
			kind === 'version'
				? versionAnswered(
						{body, headers: versionHeaders.flatMap(name => response.headers.get(name) ?? [])},
						versionPath ?? null,
					)
				: null;
		return {
			environment,
			kind,
			shown,
			answer: {
				ok: true,
				value: {
					status: response.status,
					hasSha: said !== null && commitIn(said) !== null,
					said,
					path: versionPath ?? null,
					ms: clock.now() - beganAt,
				},
			},
		};
	} catch (error) {
		return {environment, kind, shown, answer: unreachable(error, proxyOf(fetch, url))};
	}
};

const knockAtWebhook = async ({
	settings,
	env,
	knock,
	fetch,
	clock,
}: AddressQuestion): Promise<readonly AddressReading[]> => {
	const webhook = webhookFrom(settings.notifications, env);
	if (!webhook.ok)
		return [
			{
				environment: 'notifications',
				kind: 'webhook',
				shown: 'the webhook',
				answer: {ok: false, kind: 'not-permitted', because: webhook.because, next: webhook.next},
			},
		];
	if (webhook.url === null) return [];
	const url = new URL(webhook.url);
	const beganAt = clock.now();
	// Its path and query are the secret.
	const answer = await knock(url, timeoutMs).then(
		(): AddressReading['answer'] => ({ok: true, value: {status: null, hasSha: false, ms: clock.now() - beganAt}}),
		error => unreachable(error, proxyOf(fetch, webhook.url!)),
	);
	return [{environment: 'notifications', kind: 'webhook', shown: url.host, answer}];
};

/** Name, connection and certificate; not a byte of HTTP. `tunnel`: a connection through a proxy to there, which is ended here. */
export const realKnock = ({protocol, hostname, port}: URL, limitMs: number, tunnel?: Socket): Promise<void> =>
	new Promise((resolve, reject) => {
		const host = hostname.replace(/^\[|\]$/g, '');
		const isTls = protocol === 'https:';
		const way = tunnel === undefined ? {host, port: Number(port || (isTls ? 443 : 80))} : {socket: tunnel};
		const socket = isTls
			? connectTls({...way, servername: isIP(host) === 0 ? host : ''})
			: (tunnel ?? connectPlain({host, port: Number(port || 80)}));
		const timer = setTimeout(
			() => socket.destroy(Object.assign(new Error('time'), {name: 'TimeoutError'})),
			limitMs,
		);
		socket.once(isTls ? 'secureConnect' : 'connect', () => {
			socket.destroy();
			resolve();
		});
		socket.once('error', reject);
		socket.once('close', () => clearTimeout(timer));
	});

export const readAddresses = async (question: AddressQuestion): Promise<readonly AddressReading[]> => {
	const asked = question.settings.environments.flatMap(environment => [
		...environment.version.map(url => ask(environment, 'version', url, question)),
		...environment.health.map(url => ask(environment, 'health', url, question)),
	]);
	const [answers, webhook] = await Promise.all([Promise.all(asked), knockAtWebhook(question)]);
	return [...answers, ...webhook];
};
