/** What the sandbox's releases do when they run: most are good, and a few commits of the scenarios are known to be bad. */

/** Durations in seconds. */
export type Behaviour =
	| {kind: 'good'}
	/** 503 from the beginning: the deployment itself notices and goes back. */
	| {kind: 'fails-at-once'; because: string}
	/** Healthy while it is deployed, however long that takes; then, so long after it, 503 and errors: what a rollback is for. */
	| {kind: 'turns-red'; afterSeconds: number; because: string}
	/** From the start of the application until it listens. */
	| {kind: 'slow-start'; seconds: number};

export const good: Behaviour = {kind: 'good'};

/** By the scenarios' own names for their commits. None of them was ever live when a scenario begins. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
	toolbar: {
		kind: 'turns-red',
		afterSeconds: 10,
		because: 'the toolbar measures itself for ever: no time is left for requests',
	},
	renovate: {
		kind: 'fails-at-once',
		because: 'prosemirror-view 1.42 needs prosemirror-model 1.26, which is not installed',
	},
	invoice: {kind: 'fails-at-once', because: 'the invoice worker has no queue URL'},
	search: {kind: 'slow-start', seconds: 3},
};

/** Reads what `release.json` says; a file of another shape is a good release. */
export const behaviourFrom = (value: unknown): Behaviour => {
	const {kind, because, afterSeconds, seconds} = (value ?? {}) as Partial<Record<string, unknown>>;
	const reason = typeof because === 'string' ? because : 'this release is bad';
	if (kind === 'fails-at-once') return {kind, because: reason};
	if (kind === 'turns-red' && typeof afterSeconds === 'number') return {kind, afterSeconds, because: reason};
	if (kind === 'slow-start' && typeof seconds === 'number') return {kind, seconds};
	return good;
};

/** Why it is unhealthy so many milliseconds after its deployment was over (null: it goes on); null: it is healthy. */
export const illness = (behaviour: Behaviour, liveMs: number | null): string | null => {
	if (behaviour.kind === 'fails-at-once') return behaviour.because;
	if (behaviour.kind === 'turns-red' && liveMs !== null && liveMs >= behaviour.afterSeconds * 1000)
		return behaviour.because;
	return null;
};
