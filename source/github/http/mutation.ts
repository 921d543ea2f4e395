/** Writes over GraphQL, and what became of a write whose answer is trouble. */
import type {Clock} from '../../world.ts';
import {classify, mask} from '../failures/failures.ts';
import type {Graphql, MutationName, Payload, Variables} from './graphql.ts';
import {gaveUp} from '../failures/refusals.ts';
import type {Tally} from './tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {clean} from '../failures/values.ts';
import type {Circumstances} from '../failures/circumstances.ts';

/**
Sends a mutation, once. What could not be told of its result is no failure: with a payload it happened.
@throws {Trouble} also when it may have happened; see `fateOf`
*/
export async function mutate<Name extends MutationName>(
	graphql: Graphql,
	name: Name,
	variables: Variables<Name>,
	tally: Tally,
): Promise<Payload<Name>> {
	const {data, errors, headers} = await graphql.query(name, variables, tally);
	const payload = (data as Partial<Record<string, unknown>>)[name] ?? null;
	if (payload !== null) {
		// The field of each mutation has the name of its document.
		return payload as Payload<Name>;
	}

	throw errors.length > 0
		? new Trouble({kind: 'errors', headers, errors})
		: new Trouble({kind: 'incomprehensible', error: new Error('no result and no error')});
}

/**
`unheard`: GitHub did not look at it, because of who asks, how often, or where. `refused`: it looked and said no. Both are certain.
`unknown`: it may have happened, or still happen.
*/
export type Fate = 'unheard' | 'refused' | 'unknown';

const unheard: ReadonlySet<string> = new Set([
	'unauthorised',
	'forbidden',
	'rate-limited',
	'secondary-limit',
	'not-found',
]);
/** Somewhere on the way somebody ran out of patience. */
const impatient = new Set([408, 425, 499]);

export function fateOf({evidence}: Trouble, at: Circumstances): Fate {
	switch (evidence.kind) {
		case 'redirect':
		case 'no-api':
			return 'unheard';
		case 'errors': {
			// An error below the mutation's own field is about telling the result: the mutation went through.
			const isUnclear = evidence.errors.some(
				({type = '', message, path = []}) =>
					path.length > 1 ||
					/^(?:INTERNAL|RESOURCE_LIMITS_EXCEEDED|SERVICE_UNAVAILABLE)$/.test(type) ||
					gaveUp.test(message),
			);
			const {kind} = classify(evidence, at);
			// "Not found" is one of the things that it names, not the repository.
			return isUnclear ? 'unknown' : unheard.has(kind) && kind !== 'not-found' ? 'unheard' : 'refused';
		}

		case 'http': {
			return evidence.status >= 500 || impatient.has(evidence.status)
				? 'unknown'
				: unheard.has(classify(evidence, at).kind)
					? 'unheard'
					: 'refused';
		}

		default:
			return 'unknown';
	}
}

/** GitHub's own words where it has some, as a sentence. */
export function reasonOf({evidence}: Trouble, at: Circumstances): string {
	const said = evidence.kind === 'errors' ? clean(evidence.errors.map(({message}) => message).join('; '), 300) : '';
	return said === '' ? classify(evidence, at).because : mask(`GitHub refuses: ${said}.`, at.token);
}

type Pauses = {clock: Pick<Clock, 'after'>};

/** Nothing to wait for is no wait. @throws the signal's reason when aborted */
export async function pause({clock}: Pauses, milliseconds: number, tally: Tally): Promise<void> {
	if (milliseconds > 0) {
		await clock.after(milliseconds, tally.signal);
	}
}

/** A replica may lag behind what was just written: looked at again, after so many milliseconds each. */
const looksAfterMs = [0, 500, 1500] as const;

/**
Looks until something is seen, and answers with it; null when it is not.
@param look null: not seen. What GitHub or the network does not answer counts as not seen.
*/
export async function lookFor<Seen>(
	pauses: Pauses,
	look: () => Promise<Seen | null>,
	tally: Tally,
	pausesMs: readonly number[] = looksAfterMs,
): Promise<Seen | null> {
	for (const pauseMs of pausesMs) {
		await pause(pauses, pauseMs, tally);
		try {
			const seen = await look();
			if (seen !== null) {
				return seen;
			}
		} catch (error) {
			if (!(error instanceof Trouble)) {
				throw error;
			}
		}
	}

	return null;
}
