/** Starting a workflow. Sent once: after a lost answer the list of runs says whether it happened. */
import {headOf, type Refused} from '../branches/branches.ts';
import {asking, type Connection, type Unwritten} from '../http/connection.ts';
import {adviceFor, classify} from '../failures/failures.ts';
import {fateOf, reasonOf} from '../http/mutation.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {idOrNull, textOrNull} from '../failures/values.ts';
import type {Circumstances} from '../failures/circumstances.ts';

/** `workflow`: its file, like `deploy-production.yml`. `ref`: a branch or a tag. `returnsDetails`: ask which run it became. */
export type DispatchWanted = {
	workflow: string;
	ref: string;
	inputs: Readonly<Record<string, string>>;
	returnsDetails: boolean;
};
export type Dispatched =
	/** `runId` null: this server does not say; `findDispatched` finds it. `at`: from when on to look for it, GitHub's clock, milliseconds. */
	| {ok: true; runId: number | null; url: string | null; at: number}
	/** The answer got lost: `findDispatched` with `at` says whether it happened. */
	| {ok: false; kind: 'unknown'; because: string; at: number};

/** GitHub's clock is known in whole seconds, and its machines differ a little: earlier is harmless, later would miss the run. */
const marginMs = 5000;

type Details = {workflow_run_id?: unknown; html_url?: unknown} | null;
/** `isOpen`: sent, and nobody knows yet what came of it. */
type Flight = {isOpen: boolean; at: number};

/** When GitHub has said nothing yet, it is asked for something small first: its `Date` header is what counts. */
async function startingFrom({rest, transport, clock}: Connection, ref: string, tally: Tally): Promise<number> {
	if (transport.skewMs() === null) {
		await headOf(rest, ref, tally);
	}

	return clock.now() + (transport.skewMs() ?? 0) - marginMs;
}

const statusOf = ({evidence}: Trouble): number | null => (evidence.kind === 'http' ? evidence.status : null);

/** Older servers do not know the question for details. Some take it for a mistake, and say so. */
const isAboutDetails = (trouble: Trouble): boolean =>
	statusOf(trouble) === 422 &&
	trouble.evidence.kind === 'http' &&
	/return_run_details|permitted key/i.test(trouble.evidence.body);

async function send(
	{rest}: Connection,
	{workflow, ref, inputs}: DispatchWanted,
	wantsDetails: boolean,
	at: number,
	tally: Tally,
): Promise<Dispatched> {
	const body = {ref, inputs, ...(wantsDetails && {return_run_details: true})};
	return rest.post(
		`/actions/workflows/${encodeURIComponent(workflow)}/dispatches`,
		body,
		(details: Details) => {
			const runId = idOrNull(details?.workflow_run_id);
			// Without details there is no content at all (204); anything else did not come from there.
			if (details !== null && runId === null) {
				throw new TypeError('no run');
			}

			return {ok: true as const, runId, url: textOrNull(details?.html_url), at};
		},
		tally,
	);
}

function refusedBecause(trouble: Trouble, {workflow, ref}: DispatchWanted, reason: string, at: Circumstances): Refused {
	return statusOf(trouble) === 404
		? {
				ok: false,
				kind: 'refused',
				because: `GitHub knows no workflow ${workflow} here, or this token may not start it.`,
				next: `Check that .github/workflows/${workflow} is on the default branch, and that the token may write Actions.`,
			}
		: {
				ok: false,
				kind: 'refused',
				because: `GitHub does not start ${workflow} on ${ref}: ${reason}`,
				next: adviceFor(
					trouble.evidence,
					at,
					`Check the workflow_dispatch trigger of ${workflow} and its inputs.`,
				),
			};
}

async function attemptDispatch(
	connection: Connection,
	wanted: DispatchWanted,
	wantsDetails: boolean,
	flight: Flight,
	tally: Tally,
): Promise<Dispatched | Refused> {
	const {circumstances} = connection;
	try {
		flight.isOpen = true;
		return await send(connection, wanted, wantsDetails, flight.at, tally);
	} catch (error) {
		if (!(error instanceof Trouble)) {
			throw error;
		}

		const fate = fateOf(error, circumstances());
		if (fate === 'unknown') {
			return {ok: false, kind: 'unknown', because: reasonOf(error, circumstances()), at: flight.at};
		}

		flight.isOpen = false;
		if (wantsDetails && isAboutDetails(error)) {
			return attemptDispatch(connection, wanted, false, flight, tally);
		}

		if (fate === 'unheard' && classify(error.evidence, circumstances()).kind !== 'not-found') {
			throw error;
		}

		return refusedBecause(error, wanted, reasonOf(error, circumstances()), circumstances());
	}
}

export async function dispatch(
	connection: Connection,
	wanted: DispatchWanted,
	signal: AbortSignal | undefined,
): Promise<Dispatched | Refused | Unwritten> {
	const flight: Flight = {isOpen: false, at: 0};
	const result = await asking(connection, signal, async tally => {
		flight.at = await startingFrom(connection, wanted.ref, tally);
		return attemptDispatch(connection, wanted, wanted.returnsDetails, flight, tally);
	});
	// The signal's time was up with the request under way.
	return !result.ok && result.kind !== 'unknown' && flight.isOpen
		? {ok: false, kind: 'unknown', because: result.because, at: flight.at}
		: result;
}
