/** Trouble between us and GitHub, as it was seen; `failures.ts` says what it means. */
export type Headers = Readonly<Record<string, string>>;
export type GraphqlError = {message: string; type?: string; path?: ReadonlyArray<string | number>; extensions?: {code?: string}};

/** What was seen; nothing is concluded here. */
export type Evidence =
	| {kind: 'http'; status: number; headers: Headers; body: string}
	| {kind: 'errors'; headers: Headers; errors: readonly GraphqlError[]}
	| {kind: 'malformed'; status: number; headers: Headers; body: string}
	/** No GraphQL where it should be: that is an address, not a repository. */
	| {kind: 'no-api'; status: number; url: string}
	| {kind: 'redirect'; status: number; to: string}
	| {kind: 'network'; error: unknown}
	| {kind: 'incomprehensible'; error: unknown}
	| {kind: 'timeout'; afterMs: number};

/** Carries evidence up to the place that classifies it. Never leaves this folder. */
export class Trouble extends Error {
	readonly evidence: Evidence;

	constructor(evidence: Evidence) {
		super(evidence.kind);
		this.name = 'Trouble';
		this.evidence = evidence;
	}
}
