/** What was done, among the events: operations that began or ended since they were last read, here or on another screen of this machine. */
import {withEvents} from '../questions/events.ts';
import type {Change} from '../../core/snapshot/changes.ts';
import {duration} from '../../core/text/duration.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {titleOf} from '../view/operation-words.ts';
import type {State} from '../model/state.ts';

const statuses = {succeeded: 'passed', failed: 'failed', 'rolled-back': 'failed', interrupted: 'failed'} as const;

/** Operations have the wall's time, events the pipeline's, which a demo lives faster. */
const pipelineTime = ({now, wallNow, demo}: State, wall: number): number =>
	Math.round(now - (wallNow - wall) * (demo?.speed ?? 1));

const event = (state: State, operation: Operation, wall: number, status: Change['status'], text: string): Change => ({
	at: pipelineTime(state, wall),
	sha: operation.to?.sha ?? operation.sha,
	kind: 'operation',
	subject: operation.environment,
	status,
	text: `${titleOf(operation)} ${text}`,
});

const eventsOf = (state: State, operation: Operation, known: Operation | undefined): readonly Change[] => {
	const {startedAt, finishedAt, outcome, because, operator} = operation;
	const began = known === undefined ? [event(state, operation, startedAt, 'running', `begun by ${operator}`)] : [];
	if (outcome === 'running' || (known !== undefined && known.outcome !== 'running')) return began;
	return [
		...began,
		event(
			state,
			operation,
			finishedAt ?? state.wallNow,
			statuses[outcome],
			`${outcome}${finishedAt === null ? '' : ` in ${duration((finishedAt - startedAt) / 1000)}`}: ${sentence(because)}`,
		),
	];
};

/** What was there at the start is no news. */
export const withDone = (before: State, state: State): State => {
	const earlier = before.operations.reading?.operations;
	if (earlier === undefined || earlier === state.operations.reading?.operations) return state;
	const known = new Map(earlier.map(operation => [operation.id, operation]));
	// Older ones come into the list where newer ones are removed; those began before.
	const oldest = earlier.at(-1)?.startedAt ?? 0;
	const news = (state.operations.reading?.operations ?? [])
		.filter(({id, startedAt}) => known.has(id) || startedAt >= oldest)
		.toReversed()
		.flatMap(operation => eventsOf(state, operation, known.get(operation.id)));
	return withEvents(state, news);
};
