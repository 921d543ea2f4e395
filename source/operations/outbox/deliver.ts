/** What goes into the outbox about an operation, and how each kind of item is delivered. */
import {type Announcement, announcementOf, breakAnnouncement} from '../../core/operations/announcement.ts';
import type {Delivery} from '../../core/operations/delivery.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Pin} from '../../core/locks/pin.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {GitHubEdge} from '../../github/edge.ts';
import type {OperationRecord} from '../../github/people/records.ts';
import {createWebhook, webhookFrom} from '../../notify/webhook.ts';
import type {Clock} from '../../world.ts';
import type {Deliver, OutboxItem} from './outbox.ts';

/** `put` and `clear` follow each other in the order in which they were decided. `release` null: all pins of the environment. */
type PinBody = {action: 'put'; pin: Pin} | {action: 'clear'; environment: string; release: string | null};

export type About = {
	settings: Settings;
	/** OWNER/NAME */
	repository: string;
	/** `github.com` */
	gitHubHost: string;
	/** Hash of the journal's newest record. */
	journalHead: string | null;
	/** Releases that the operation has pinned. */
	pins: readonly Pin[];
	/** false: this world has no GitHub, so that nothing is recorded there. */
	hasGitHub: boolean;
};

const commitUrl = (
	{gitHubHost, repository}: Pick<About, 'gitHubHost' | 'repository'>,
	{sha, to}: Operation,
): string | null => {
	const commit = sha ?? to?.sha ?? null;
	return commit === null ? null : `https://${gitHubHost}/${repository}/commit/${commit}`;
};

/** Of a name, as part of a file's name. */
const fileName = (text: string): string =>
	text.replaceAll(/[^\w.-]/g, character => `_${character.codePointAt(0)!.toString(16)}`).slice(0, 60);

export const pinItem = (pin: Pin, operation: string | null): OutboxItem => ({
	id: `${operation ?? `pin-${pin.at}`}.pin.${fileName(pin.release)}`,
	kind: 'pin',
	operation,
	what: `pin of ${pin.release} on ${pin.environment}`,
	row: `pin ${pin.environment}`,
	body: {action: 'put', pin} satisfies PinBody,
});

/** `at`: when it was decided, wall time, milliseconds. */
export const unpinItem = (environment: string, release: string | null, at: number): OutboxItem => ({
	id: `unpin-${at}.${fileName(environment)}.${fileName(release ?? 'all')}`,
	kind: 'pin',
	operation: null,
	what: `clearing ${release === null ? 'the pins' : `the pin of ${release}`} on ${environment}`,
	row: `pin ${environment}`,
	body: {action: 'clear', environment, release} satisfies PinBody,
});

const announcementItem = (id: string, operation: string | null, announcement: Announcement): OutboxItem => ({
	id,
	kind: 'announcement',
	operation,
	what: `announcement: ${announcement.title}`,
	row: operation === null ? null : `told of ${operation}`,
	body: announcement,
});

/** Whether anybody is to be told. Wrong settings count: what waits shows, and goes out once they are right. */
const isAnnounced = ({notifications}: Settings): boolean =>
	notifications['webhook'] !== undefined && notifications['webhook'] !== null;

export const breakItem = (
	broken: {lock: string; environment: string; holder: string; by: string; reason: string; at: number},
	settings: Settings,
): OutboxItem[] =>
	isAnnounced(settings)
		? [announcementItem(`break-${broken.at}.${fileName(broken.lock)}`, null, breakAnnouncement(broken))]
		: [];

/** What others are to know about an operation. Ids depend on nothing but the operation, so that asking again queues nothing twice. */
export const itemsFor = (what: 'started' | 'finished', operation: Operation, about: About): OutboxItem[] => {
	const announcement = isAnnounced(about.settings) ? announcementOf(operation, commitUrl(about, operation)) : null;
	const announced =
		announcement === null ? [] : [announcementItem(`${operation.id}.${what}`, operation.id, announcement)];
	if (what === 'started' || !about.hasGitHub) return announced;
	const body: OperationRecord = {
		operation,
		journalHead: about.journalHead,
		environmentUrl: about.settings.environments.find(({name}) => name === operation.environment)?.url ?? null,
	};
	const record: OutboxItem = {
		id: `${operation.id}.record`,
		kind: 'deployment-record',
		operation: operation.id,
		what: `record of ${operation.id} on GitHub`,
		row: null,
		body,
	};
	return [...about.pins.map(pin => pinItem(pin, operation.id)), record, ...announced];
};

export type DeliverOptions = {
	/** null: this world has no GitHub. Throws when there is no token. */
	gitHub: () => Promise<GitHubEdge | null>;
	settings: Pick<Settings, 'notifications'>;
	repository: string;
	env: Readonly<Record<string, string | undefined>>;
	/** The wall's. */
	clock: Clock;
	/** Removes secrets. */
	mask: (text: string) => string;
	fetch?: typeof globalThis.fetch;
};

const refused = (because: string): Delivery => ({ok: false, because, retryAt: null, isFinal: false});

type Answer = {ok: true} | {ok: false; because: string; kind: string; retryAt?: number | null};
const told = (answer: Answer): Delivery =>
	answer.ok
		? {ok: true}
		: {ok: false, because: answer.because, retryAt: answer.retryAt ?? null, isFinal: answer.kind === 'refused'};

const putOrClear = async ({pins}: GitHubEdge, body: PinBody, signal: AbortSignal) =>
	body.action === 'put' ? pins.put(body.pin, signal) : pins.clear(body.environment, body.release, signal);

export const createDeliver = ({gitHub, settings, repository, env, clock, mask, fetch}: DeliverOptions): Deliver => {
	let made: Promise<GitHubEdge | null> | undefined;
	const edge = async () => {
		made ??= gitHub();
		try {
			return await made;
		} catch (error) {
			// There may be a token the next time.
			made = undefined;
			throw error;
		}
	};
	const announce: Deliver = async ({body, id}, signal) => {
		const webhook = webhookFrom(settings.notifications, env);
		if (!webhook.ok) return refused(`${webhook.because}. ${webhook.next}`);
		return webhook.url === null
			? refused('no webhook is configured any more')
			: createWebhook({url: webhook.url, repository, clock, mask, fetch})(body as Announcement, id, signal);
	};
	return async (item, signal) => {
		if (item.kind === 'announcement') return announce(item, signal);
		const github = await edge();
		if (github === null) return refused('there is no GitHub here');
		switch (item.kind) {
			case 'deployment-record':
				return told(await github.records.publish(item.body as OperationRecord, signal));
			case 'pin':
				return told(await putOrClear(github, item.body as PinBody, signal));
			// A later version may have queued it.
			default:
				return refused('this version does not know how to deliver it');
		}
	};
};
