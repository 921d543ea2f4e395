/** Words that screen and sentences share about operations. */
import {nameOf} from '../core/instances.ts';
import type {Operation} from '../core/operation.ts';

const nouns = {deploy: 'Deployment', rollback: 'Rollback', promote: 'Promotion'} as const;

/** `Deployment of 9b1c2d3 to production`. */
export const titleOf = ({kind, to, sha, environment}: Pick<Operation, 'kind' | 'to' | 'sha' | 'environment'>): string => {
	const what = to ? nameOf(to) : sha?.slice(0, 7);
	return kind === 'rollback' ? `${nouns[kind]} of ${environment}${what ? ` to ${what}` : ''}` : `${nouns[kind]}${what ? ` of ${what}` : ''} to ${environment}`;
};
