/** What all mutations share: their input, and ids in it. */
import {parseNodeId} from '../model/identity.ts';
import {githubError} from '../limits/limits.ts';

export type Input<Fields> = {input: Fields & {clientMutationId?: string | null}};

export const noNode = (id: string) =>
	githubError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);

export function keyOf(id: string, type: string): string {
	const node = parseNodeId(id);
	if (node?.type !== type) {
		throw noNode(id);
	}
	return node.key;
}
