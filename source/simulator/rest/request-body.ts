/** What a request's body holds, whatever was sent. */
import type {GraphqlBody} from '../graphql/graphql.ts';

export function parseBody(text: string): Record<string, unknown> {
	try {
		const value = JSON.parse(text === '' ? '{}' : text) as unknown;
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

export function operationOf(body: GraphqlBody): string | null {
	if (typeof body.operationName === 'string') {
		return body.operationName;
	}
	return typeof body.query === 'string' ? (/\b(?:query|mutation)\s+(\w+)/.exec(body.query)?.[1] ?? null) : null;
}
