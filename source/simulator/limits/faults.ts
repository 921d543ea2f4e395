/** Faults on demand: the next so many requests, or all within a time, that match. What a fault means is in `answer.ts`. */

export type Match = {
	api?: 'graphql' | 'rest';
	/** Name of the GraphQL operation. */
	operation?: string;
	/** Part of the path (REST and GraphQL). */
	path?: string;
	method?: string;
};

export type Fault =
	| {kind: 'bad-gateway-html'; status?: 502 | 504}
	/** Something went wrong, as JSON: with a 502, or inside a 200 as GraphQL also does. */
	| {kind: 'something-went-wrong'; status?: 200 | 502}
	/** Never answers; the connection stays open until the client gives up or the simulator closes. */
	| {kind: 'timeout'}
	| {kind: 'connection-reset'}
	/** The request is carried out, and the connection breaks before the answer: the client cannot know. */
	| {kind: 'lost-answer'; how?: 'reset' | 'hang' | 'bad-gateway'}
	/** Primary limit. `resetSeconds` from now; default: as the budget has it. */
	| {kind: 'rate-limited'; resetSeconds?: number; type?: 'RATE_LIMITED' | 'RATE_LIMIT'}
	| {kind: 'secondary-limit'; status?: 200 | 403 | 429; retryAfterSeconds?: number}
	/** null at that path of the data, with an error for it. */
	| {kind: 'partial'; path: ReadonlyArray<string | number>; type?: string; message?: string}
	/** A correct beginning of the body, then the connection closes. */
	| {kind: 'truncated'; bytes?: number}
	/** A proxy's log-in page. */
	| {kind: 'html-200'}
	/** Answers from the repository as it was so many seconds ago (a replica that lags). */
	| {kind: 'stale'; seconds: number}
	/**
	A re-run is told late, to whoever asks for the newest attempt. `number`: under the attempt before; `run`: the run as it ended before;
	`empty`: no jobs; `earlier`: the jobs of the attempt before; `repeated`: only those that are repeated; `no-steps`: the others without steps.
	*/
	| {kind: 'rerun-lag'; shows: RerunLag}
	/** The server's clock is off: the Date header, and with it rate limit resets. */
	| {kind: 'clock-skew'; seconds: number}
	| {kind: 'unauthorised'}
	/** 200 with partial data and RESOURCE_LIMITS_EXCEEDED at a path. */
	| {kind: 'resource-limits'; path?: ReadonlyArray<string | number>};

export type RerunLag = 'number' | 'run' | 'empty' | 'earlier' | 'repeated' | 'no-steps';
export type FaultKind = Fault['kind'];

export type RequestFacts = {api: 'graphql' | 'rest'; operation: string | null; path: string; method: string};

export type Faults = {
	/** The next request that matches (or the next `times`). */
	next(fault: Fault, options?: {times?: number; match?: Match}): void;
	/** Every request that matches between these times of the simulated clock. */
	during(fromMs: number, untilMs: number, fault: Fault, match?: Match): void;
	clear(): void;
	/** The faults that hit this request now; counts them. Skew, staleness and late re-runs combine with others. */
	take(request: RequestFacts, now: number): readonly Fault[];
};

type Armed = {fault: Fault; match: Match; times: number; from: number; until: number};

const hits = (match: Match, request: RequestFacts) =>
	(match.api === undefined || match.api === request.api) &&
	(match.operation === undefined || match.operation === request.operation) &&
	(match.path === undefined || request.path.includes(match.path)) &&
	(match.method === undefined || match.method === request.method);

/** These change how a request is answered, not whether: they go together with any other. */
const quiet = new Set<FaultKind>(['stale', 'clock-skew', 'rerun-lag']);

export function createFaults(): Faults {
	let armed: Armed[] = [];
	return {
		next(fault, {times = 1, match = {}} = {}) {
			armed.push({fault, match, times, from: -Infinity, until: Infinity});
		},
		during(from, until, fault, match = {}) {
			armed.push({fault, match, times: Infinity, from, until});
		},
		clear() {
			armed = [];
		},
		take(request, now) {
			const taken: Fault[] = [];
			for (const entry of armed) {
				const loud = !quiet.has(entry.fault.kind);
				if (
					entry.times > 0 &&
					now >= entry.from &&
					now < entry.until &&
					hits(entry.match, request) &&
					!(loud && taken.some(fault => !quiet.has(fault.kind)))
				) {
					entry.times -= 1;
					taken.push(entry.fault);
				}
			}
			armed = armed.filter(entry => entry.times > 0 && now < entry.until);
			return taken;
		},
	};
}
