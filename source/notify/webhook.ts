/**
One address that is told everything, as JSON. The address is a secret: anybody who has it may write there, so that it is never shown, and
redirects are not followed.
*/
import type {Announcement} from '../core/operations/announcement.ts';
import type {Delivery} from '../core/operations/delivery.ts';
import {proxyOf, refusedByProxy, throughProxy} from '../core/github/proxy.ts';
import type {Clock} from '../world.ts';
import {isLoopback} from '../core/github/loopback.ts';

export type WebhookFound = {ok: true; url: string | null} | {ok: false; because: string; next: string};

const shape = 'Write notifications.webhook as {url: https://…} or {urlFrom: NAME_OF_A_VARIABLE} in deployctl.yml.';
const wrong = (because: string, next = shape): WebhookFound => ({ok: false, because, next});
const checked = (text: string, source: string): WebhookFound => {
	const url = /\s/.test(text) ? null : URL.parse(text);
	if (url === null || !['https:', 'http:'].includes(url.protocol)) return wrong(`${source} is not a web address`);
	if (url.protocol === 'http:' && !isLoopback(url.hostname)) return wrong(`${source} must be an https address`);
	// fetch refuses them anyway, with a message that repeats them.
	if (url.username !== '' || url.password !== '')
		return wrong(`${source} holds a name or a password before its host`);
	return {ok: true, url: url.href};
};

/** The address from the settings' `notifications`; `url` null: none is configured. Never says the address itself. */
export const webhookFrom = (
	notifications: Readonly<Record<string, unknown>>,
	env: Readonly<Record<string, string | undefined>>,
): WebhookFound => {
	const {webhook} = notifications;
	if (webhook === undefined || webhook === null) return {ok: true, url: null};
	if (typeof webhook !== 'object' || Array.isArray(webhook))
		return wrong('notifications.webhook is not a group of settings');
	const {url, urlFrom, ...rest} = webhook as Record<string, unknown>;
	const [foreign] = Object.keys(rest);
	if (foreign !== undefined) return wrong(`notifications.webhook knows no ${JSON.stringify(foreign.slice(0, 40))}`);
	if ((url === undefined) === (urlFrom === undefined))
		return wrong(
			`notifications.webhook has ${url === undefined ? 'neither url nor urlFrom' : 'both url and urlFrom'}`,
		);
	if (url !== undefined)
		return typeof url === 'string'
			? checked(url, 'notifications.webhook.url')
			: wrong('notifications.webhook.url is not a text');
	if (typeof urlFrom !== 'string' || !/^[A-Za-z_]\w*$/.test(urlFrom))
		return wrong('notifications.webhook.urlFrom is not the name of a variable');
	const text = env[urlFrom] ?? '';
	return text === ''
		? wrong(
				`the variable ${urlFrom}, which notifications.webhook.urlFrom names, is not set`,
				`Set ${urlFrom} to the address of the webhook.`,
			)
		: checked(text, `the variable ${urlFrom}`);
};

const longestWaitMs = 60 * 60_000;

/** When we may come again; null: they did not say. At most an hour from now: they do not decide for how long we wait. */
const retryTime = (header: string | null, now: number): number | null => {
	const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header);
	const at = Number.isFinite(seconds) ? now + seconds * 1000 : Date.parse(header ?? '');
	return Number.isFinite(at) ? Math.min(Math.max(at, now), now + longestWaitMs) : null;
};

/** Every text of the value, masked; keys are ours. */
const maskAll = (value: unknown, mask: (text: string) => string): unknown => {
	if (typeof value === 'string') return mask(value);
	if (Array.isArray(value)) return value.map(item => maskAll(item, mask));
	return typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskAll(item, mask)]))
		: value;
};

const codeOf = (error: unknown, depth = 0): string | null => {
	if (!(error instanceof Error) || depth > 4) return null;
	return 'code' in error && typeof error.code === 'string' && /^[A-Z_0-9]{1,40}$/.test(error.code)
		? error.code
		: codeOf(error.cause, depth + 1);
};

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** `id` is the same however often it is sent. */
export const webhookBody = (
	announcement: Announcement,
	id: string,
	repository: string,
	mask: (text: string) => string,
): string => {
	const {startedAt, finishedAt, ...rest} = announcement;
	return JSON.stringify({
		version: 1,
		id,
		repository,
		...(maskAll(rest, mask) as object),
		startedAt: iso(startedAt),
		finishedAt: iso(finishedAt),
	});
};

export type WebhookOptions = {
	url: string;
	repository: string;
	clock: Clock;
	mask: (text: string) => string;
	fetch?: typeof globalThis.fetch;
	timeoutMs?: number;
};

/** Sends once. `id` goes along as `idempotency-key`: a receiver that keeps them sees each announcement once. Throws only the signal's reason. */
export const createWebhook =
	({url, repository, clock, mask, fetch, timeoutMs = 10_000}: WebhookOptions) =>
	async (announcement: Announcement, id: string, signal?: AbortSignal): Promise<Delivery> => {
		const {host} = new URL(url);
		const failed = (because: string, retryAt: number | null = null): Delivery => ({
			ok: false,
			because,
			retryAt,
			isFinal: false,
		});
		const by = fetch ?? globalThis.fetch;
		const done = new AbortController();
		const stop = new AbortController();
		let isLate = false;
		void clock.after(timeoutMs, done.signal).then(
			() => {
				isLate = true;
				stop.abort();
			},
			() => {},
		);
		try {
			const response = await by(url, {
				method: 'POST',
				redirect: 'manual',
				signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
				headers: {'content-type': 'application/json', 'user-agent': 'deployctl', 'idempotency-key': id},
				body: webhookBody(announcement, id, repository, mask),
			});
			// What it says beyond its status is of no interest.
			await response.body?.cancel();
			if (response.ok) return {ok: true};
			if (response.status >= 300 && response.status < 400)
				return failed(`the webhook at ${host} sends us on to another address, which is not followed`);
			return failed(
				`the webhook at ${host} answered ${response.status}`,
				retryTime(response.headers.get('retry-after'), clock.now()),
			);
		} catch (error) {
			signal?.throwIfAborted();
			const way = throughProxy(proxyOf(by, url));
			const code = refusedByProxy(error) ?? codeOf(error);
			return failed(
				isLate
					? `the webhook at ${host} did not answer within ${Math.round(timeoutMs / 1000)} s${way}`
					: `the webhook at ${host} cannot be reached${way}${code === null ? '' : ` (${code})`}`,
			);
		} finally {
			done.abort();
		}
	};
