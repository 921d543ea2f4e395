/** What a token has spent: primary limits per hour and resource, secondary limits per minute. Sources: docs.github.com, rate limits of both APIs. */

export type Resource = 'graphql' | 'core';
export type Bucket = {resource: Resource; limit: number; used: number; remaining: number; resetAt: number};

export type Budget = {
	/** null where the server has no limits. */
	look(resource: Resource, now: number): Bucket | null;
	/** Charges; false when nothing was left, in which case nothing is charged. */
	spend(resource: Resource, points: number, now: number): boolean;
	/** Seconds to wait when the secondary limit is hit, else null. Charges in any case. */
	secondary(resource: Resource, points: number, now: number): number | null;
	/** Somebody else with the same account spent this. */
	foreign(resource: Resource, points: number, now: number): void;
};

const hourMs = 3_600_000;
const perMinute: Readonly<Record<Resource, number>> = {graphql: 2000, core: 900};

export function createBudget(limits: Readonly<Record<Resource, number | null>>): Budget {
	const windows = new Map<Resource, {used: number; resetAt: number}>();
	const minutes = new Map<Resource, {used: number; minute: number}>();
	const windowOf = (resource: Resource, now: number) => {
		const known = windows.get(resource);
		// An hour begins with its first request, and GitHub's resets are whole seconds.
		const current = known && known.resetAt > now ? known : {used: 0, resetAt: Math.floor((now + hourMs) / 1000) * 1000};
		windows.set(resource, current);
		return current;
	};
	const budget: Budget = {
		look(resource, now) {
			const limit = limits[resource];
			if (limit === null) {
				return null;
			}
			const {used, resetAt} = windowOf(resource, now);
			return {resource, limit, used, remaining: Math.max(0, limit - used), resetAt};
		},
		spend(resource, points, now) {
			const bucket = budget.look(resource, now);
			if (!bucket) {
				return true;
			}
			if (bucket.remaining < 1 || (points > bucket.remaining && points > 1)) {
				return false;
			}
			windowOf(resource, now).used += points;
			return true;
		},
		secondary(resource, points, now) {
			if (limits[resource] === null) {
				return null;
			}
			const minute = Math.floor(now / 60_000);
			const known = minutes.get(resource);
			const current = known?.minute === minute ? known : {used: 0, minute};
			current.used += points;
			minutes.set(resource, current);
			return current.used > perMinute[resource] ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : null;
		},
		foreign(resource, points, now) {
			windowOf(resource, now).used += points;
		},
	};
	return budget;
}
