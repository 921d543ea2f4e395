/** Trouble between us and GitHub, as it was seen; `failures.ts` says what it means. */
import type {Proxy} from '../../core/github/proxy.ts';

export type Headers = Readonly<Record<string, string>>;
export type GraphqlError = {
	message: string;
	type?: string;
	path?: ReadonlyArray<string | number>;
	extensions?: {code?: string; saml_failure?: boolean};
};

/**
GitHub sends null and this error for what simply is not in the repository: an environment, a pull request, the other side of a
comparison. Nothing was taken away. The repository itself may also be hidden, and of a node by its id somebody knew that it was there.
*/
export const isAbsence = ({type, path = []}: GraphqlError): boolean =>
	type === 'NOT_FOUND' && path[0] === 'repository' && path.length > 1;

/** Characters of a refusal's body that are kept: JSON that is cut says nothing any more. */
export const refusalKept = 20_000;

/** What was seen; nothing is concluded here. */
export type Evidence =
	| {kind: 'http'; status: number; headers: Headers; body: string}
	| {kind: 'errors'; headers: Headers; errors: readonly GraphqlError[]}
	| {kind: 'malformed'; status: number; headers: Headers; body: string}
	/** No GraphQL where it should be: that is an address, not a repository. */
	| {kind: 'no-api'; status: number; url: string}
	| {kind: 'redirect'; status: number; to: string}
	/** `proxy`: what the request went through, or should have gone through. */
	| {kind: 'network'; error: unknown; proxy?: Proxy}
	| {kind: 'incomprehensible'; error: unknown}
	| {kind: 'timeout'; afterMs: number; proxy?: Proxy}
	/** It was still coming after so many bytes. */
	| {kind: 'too-large'; atMost: number};

/** Carries evidence up to the place that classifies it. Never leaves this folder. */
export class Trouble extends Error {
	readonly evidence: Evidence;

	constructor(evidence: Evidence) {
		super(evidence.kind);
		this.name = 'Trouble';
		this.evidence = evidence;
	}
}

/** The same trouble, with the proxy on the way to it; null: there is none, or it has nothing to do with it. */
export function onTheWay(trouble: Trouble, proxy: Proxy | null): Trouble {
	const {evidence} = trouble;
	return proxy === null || (evidence.kind !== 'network' && evidence.kind !== 'timeout')
		? trouble
		: new Trouble({...evidence, proxy});
}
