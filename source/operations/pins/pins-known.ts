/** Which releases are pinned: by our own journal, and by everybody's pins on GitHub, less those whose clearing is still under way there. */
import type {Folded} from '../../core/operations/journal-fold.ts';
import type {Pin} from '../../core/locks/pin.ts';
import type {RemotePins} from '../../github/branches/pins.ts';
import type {Clock} from '../../world.ts';
import {createKnowledge} from '../readings/knowledge.ts';
import type {Outbox} from '../outbox/outbox.ts';

export type PinsOptions = {
	/** null: this world has no GitHub. */
	remote: (() => Promise<Pick<RemotePins, 'read'>>) | null;
	folded(): Folded;
	/** What waits to be told to GitHub. */
	waiting(): Outbox['waiting'];
	clock: Clock;
};

type Answer = Extract<Awaited<ReturnType<RemotePins['read']>>, {ok: true}>;

export const createPins = ({remote, folded, waiting, clock}: PinsOptions) => {
	/** Pins do not go away because GitHub does not answer. */
	let latest: Answer | null = null;
	const asked = createKnowledge<Answer>(
		remote === null
			? null
			: async signal => {
					const answer = await (await remote()).read(signal);
					if (answer.ok) latest = answer;
					return answer;
				},
		clock,
	);
	const clearedAt = new Map<string, number>();
	const isCleared = ({environment, at}: Pin): boolean =>
		(clearedAt.get(environment) ?? 0) > at ||
		waiting().some(
			({kind, queuedAt, body}) =>
				kind === 'pin' &&
				queuedAt > at &&
				(body as {action?: unknown; environment?: unknown}).action === 'clear' &&
				(body as {environment?: unknown}).environment === environment,
		);
	return {
		refresh: asked.refresh,
		/** Whether GitHub has said what is pinned when it was last asked. */
		isKnown: () => !asked.hasRemote || asked.known()?.answer.ok === true,
		/** Of all environments; one release once. */
		all(): readonly Pin[] {
			const here = [...folded().pins.values()].map(({environment, release, sha, by, at, because}) => ({
				environment,
				release,
				sha,
				by,
				at,
				because,
			}));
			const there = (latest?.pins ?? []).filter(pin => !isCleared(pin));
			return [
				...new Map(
					[...there, ...here].map(pin => [`${pin.environment}\n${pin.release}`, pin] as const),
				).values(),
			];
		},
		/** Why nobody knows what is pinned there; null: what is known is all. */
		unreadable(environment: string): string | null {
			const found = latest?.unreadable.find(each => each.environment === environment);
			return found === undefined || (clearedAt.get(environment) ?? 0) > 0
				? null
				: `its pins on GitHub cannot be read (commit ${found.oid.slice(0, 12)})`;
		},
		/** All of them are cleared here; GitHub may hear of it later. */
		clear(environment: string): void {
			clearedAt.set(environment, clock.now());
		},
	};
};
export type Pins = ReturnType<typeof createPins>;
