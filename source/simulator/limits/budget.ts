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
	/** Seconds to wait when too much was made within a minute or an hour (each deployment, status, comment counts), else null. Charges in any case. */
	content(now: number): number | null;
	/** Somebody else with the same account spent this. */
	foreign(resource: Resource, points: number, now: number): void;
};

const hourMs = 3_600_000;
const contentPer = [
	[60_000, 80],
	[hourMs, 500],
] as const;
const perMinute: Readonly<Record<Resource, number>> = {graphql: 2000, core: 900};

/** Of `GITHUB_TOKEN`: a thousand an hour for a repository, where the server has limits at all. */
export const workflowLimits = ({
	pointsPerHour,
	corePerHour,
}: {
	pointsPerHour: number | null;
	corePerHour: number | null;
}): Record<Resource, number | null> => ({graphql: pointsPerHour && 1000, core: corePerHour && 1000});

export function createBudget(limits: Readonly<Record<Resource, number | null>>): Budget {
	const windows = new Map<Resource, {used: number; resetAt: number}>();
	const minutes = new Map<Resource, {used: number; minute: number}>();
	const made: number[] = [];
	const windowOf = (resource: Resource, now: number) => {
		const known = windows.get(resource);
		// An hour begins with its first request, and GitHub's resets are whole seconds.
		const current =
			known && known.resetAt > now ? known : {used: 0, resetAt: Math.floor((now + hourMs) / 1000) * 1000};
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
		content(now) {
			if (limits.core === null) {
				return null;
			}
			made.push(now);
			const waits = contentPer.map(([span, most]) => {
				const since = made.findIndex(at => at > now - span);
				const over = made.length - since - most;
				return over > 0 ? Math.max(1, Math.ceil((made[since + over - 1]! + span - now) / 1000)) : 0;
			});
			return Math.max(...waits) || null;
		},
		foreign(resource, points, now) {
			windowOf(resource, now).used += points;
		},
	};
	return budget;
}
