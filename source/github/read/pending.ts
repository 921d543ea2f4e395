/** Environments that a run waits for. */
import type {components} from '@octokit/openapi-types';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {idOrNull, textOrNull} from '../failures/values.ts';

export type PendingReview = {environment: string; /** GraphQL node id. */ environmentId: string; canApprove: boolean};
export type Waiting = PendingReview & {/** REST's id. */ restId: number | null};
type Body = ReadonlyArray<components['schemas']['pending-deployment']>;

/** REST tells node ids, too, and to tokens that GraphQL turns away. @throws {Trouble} */
export async function waiting(rest: Rest, runId: number, tally: Tally): Promise<readonly Waiting[]> {
	const {value} = await rest.find(
		`/actions/runs/${runId}/pending_deployments`,
		(all: Body) =>
			all.flatMap(({environment, current_user_can_approve: canApprove}): Waiting[] => {
				const name = textOrNull(environment.name);
				return name === null
					? []
					: [
							{
								environment: name,
								environmentId: environment.node_id ?? '',
								restId: idOrNull(environment.id),
								canApprove: canApprove ?? false,
							},
						];
			}),
		tally,
	);
	return value ?? [];
}
