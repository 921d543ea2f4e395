/** What binds a plan to what the operator has seen: the supervisor acts on that and on nothing else. */
import {createHash} from 'node:crypto';
import {shownOf} from '../../core/plan/plan-of.ts';
import type {Plan} from '../../core/plan/plan.ts';

export const planHash = (plan: Omit<Plan, 'hash'>): string =>
	createHash('sha256')
		.update(JSON.stringify(shownOf(plan)))
		.digest('hex');
