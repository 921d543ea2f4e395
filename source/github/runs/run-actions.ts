/**
Re-running, cancelling and starting runs over REST. Each is sent once: a lost answer is settled by reading the run again, never by
sending again. What is sent is for the run and the attempt that were shown, which are read just before.
*/
import type {components} from '@octokit/openapi-types';
import {awaitsApproval} from '../../core/evidence/approval.ts';
import {commitInput} from '../../core/runs/dispatch-inputs.ts';
import type {RunFact} from '../../core/github/facts.ts';
import {withJobList} from '../../core/github/listed-jobs.ts';
import {type InputsRead, rerunsAtMost, type RunDone, type RunWish, type Seen} from '../../core/runs/runs.ts';
import type {Refused} from '../branches/branches.ts';
import {asking, type Connection, needing, type Unwritten} from '../http/connection.ts';
import {dispatch} from './dispatch.ts';
import {classify} from '../failures/failures.ts';
import {jobPages} from '../read/job-pages.ts';
import {fateOf, lookFor, pause, reasonOf} from '../http/mutation.ts';
import {parseRun, parseRuns} from '../read/parse-rest.ts';
import {refusalOf, refused, refusedAsTooOften} from './run-refused.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {newestFirst} from '../failures/values.ts';
import {readInputs} from './workflow-inputs.ts';

type Schemas = components['schemas'];
/** Sent, and nobody knows what came of it: reading again has not told either. */
export type Unsettled = {ok: false; kind: 'unknown'; because: string; next: string};
export type RunActed = RunDone | Refused | Unsettled | Unwritten;
export type RunActions = {
	act(wish: RunWish, signal?: AbortSignal): Promise<RunActed>;
	inputs(
		wanted: {workflow: string; ref: string},
		signal?: AbortSignal,
	): Promise<({ok: true} & InputsRead) | Unwritten>;
};

/** GitHub wants so much between two writes. */
const betweenMs = 1000;
/** A replica may lag, and a new attempt shows a little later: milliseconds before each look. */
const looksMs = [0, 1000, 2000, 4000] as const;
/** Of github.com and ghe.com; older servers take the question for a mistake, and are asked again without. */
const returnsDetails = true;

const unsettled = (because: string, next: string): Unsettled => ({ok: false, kind: 'unknown', because, next});

const pathOf = (wish: Exclude<RunWish, {kind: 'start'}>): string => {
	const {
		seen: {runId},
	} = wish;
	if (wish.kind === 'cancel') {
		return `/actions/runs/${runId}/${wish.force ? 'force-cancel' : 'cancel'}`;
	}

	if (wish.kind === 'approve') {
		return `/actions/runs/${runId}/approve`;
	}

	return typeof wish.which === 'object'
		? `/actions/jobs/${wish.which.jobId}/rerun`
		: `/actions/runs/${runId}/${wish.which === 'all' ? 'rerun' : 'rerun-failed-jobs'}`;
};

/** GitHub has nothing to say beside the status; anything else did not come from there. */
function nothing(body: object | null): void {
	if (body !== null && Object.keys(body).length > 0) {
		throw new TypeError('something');
	}
}

export function runActions(original: Connection): RunActions {
	const connection = needing(
		original,
		'write access to Actions of the repository (classic tokens: the scope "repo")',
	);
	const {rest, clock, circumstances} = connection;
	let lastSentAt = Number.NEGATIVE_INFINITY;

	async function readRun(id: number, tally: Tally): Promise<RunFact | null> {
		const {value} = await rest.find(
			`/actions/runs/${id}`,
			(body: Schemas['workflow-run']) => parseRun(body),
			tally,
		);
		return value;
	}

	/** Those that were shown are all there, and none of a later attempt beside them. */
	async function isStillOf(seen: readonly number[], run: RunFact, tally: Tally): Promise<boolean> {
		const {jobs} = withJobList(run, (await jobPages(rest, run.id, tally)) ?? {jobs: [], total: 0});
		const attempts = (jobs ?? []).map(({id, attempt}) => ({id, attempt: attempt ?? 0}));
		const newest = Math.max(0, ...attempts.map(({attempt}) => attempt));
		const shown = attempts.filter(({id}) => seen.includes(id));
		return shown.length === new Set(seen).size && shown.some(({attempt}) => attempt === newest);
	}

	/** Why the run is not the one that was shown any more; null: it is. */
	async function changedSince(
		{runId, attempt, jobIds: seen}: Seen,
		run: RunFact,
		tally: Tally,
	): Promise<Refused | null> {
		const lookAgain = 'Look at it as it is now, then decide again.';
		if (attempt !== null && run.attempt !== null) {
			return attempt === run.attempt
				? null
				: refused(
						`run ${runId} is at attempt ${run.attempt} now, not ${attempt} as shown: somebody has re-run it`,
						lookAgain,
					);
		}

		if (seen.length === 0) {
			return refused(
				`which attempt of run ${runId} was shown is not known`,
				'Wait until its jobs have been read.',
			);
		}

		return (await isStillOf(seen, run, tally))
			? null
			: refused(`run ${runId} has other jobs now than those shown: somebody has re-run it`, lookAgain);
	}

	/** @throws {Trouble} */
	async function obstacle(
		wish: Exclude<RunWish, {kind: 'start'}>,
		run: RunFact | null,
		tally: Tally,
	): Promise<Refused | null> {
		const {
			seen: {runId},
		} = wish;
		if (run === null) {
			return refused(`there is no run ${runId} here`, 'Look at the runs of the workflow.');
		}

		const changed = await changedSince(wish.seen, run, tally);
		if (changed !== null) {
			return changed;
		}

		if (wish.kind === 'approve') {
			return awaitsApproval(run)
				? null
				: refused(
						`run ${runId} waits for nobody to approve it`,
						run.status === 'WAITING'
							? 'It waits for an environment: V on the screen answers that.'
							: 'Look at it as it is now.',
					);
		}

		if (awaitsApproval(run)) {
			return refused(
				`run ${runId} has not begun: it waits until somebody approves it`,
				'deployctl approve, or V on the screen, lets it begin.',
			);
		}

		if (wish.kind === 'rerun') {
			// GitHub would take it, and file a failed attempt without jobs.
			return run.status !== 'COMPLETED'
				? refused(`run ${runId} still runs`, 'Wait until it has ended, or cancel it first.')
				: (run.attempt ?? 0) > rerunsAtMost
					? refusedAsTooOften(runId)
					: null;
		}

		return run.status === 'COMPLETED' ? refused(`run ${runId} has ended already`, 'Look at how it ended.') : null;
	}

	const hasTaken = (wish: Exclude<RunWish, {kind: 'start'}>, before: RunFact, run: RunFact): boolean => {
		switch (wish.kind) {
			case 'cancel':
				return run.status === 'COMPLETED';
			case 'approve':
				return !awaitsApproval(run);
			case 'rerun':
				return (run.attempt ?? 0) > (before.attempt ?? 0) || run.status !== 'COMPLETED';
		}
	};

	async function settled(
		wish: Exclude<RunWish, {kind: 'start'}>,
		before: RunFact,
		reason: string,
		tally: Tally,
	): Promise<RunDone | Unsettled> {
		const {runId} = wish.seen;
		const seen = await lookFor(
			connection,
			async () => {
				const run = await readRun(runId, tally);
				return run !== null && hasTaken(wish, before, run) ? run : null;
			},
			tally,
			looksMs,
		);
		if (seen !== null) {
			return {
				ok: true,
				runId,
				attempt: seen.attempt,
				note: "GitHub's answer got lost; the run itself says that it was done",
			};
		}

		if (wish.kind === 'approve') {
			return unsettled(
				`whether GitHub took the approval of run ${runId} is not known, it waits still: ${reason.replace(/\.$/, '')}`,
				'It is not sent again by itself. Look at the run in a moment, then decide again.',
			);
		}

		return wish.kind === 'cancel'
			? unsettled(
					`whether GitHub took the cancellation of run ${runId} is not known: ${reason.replace(/\.$/, '')}`,
					'It is not sent again by itself. Watch whether the run ends, then cancel again.',
				)
			: unsettled(
					`GitHub's answer got lost, and run ${runId} shows no attempt ${(before.attempt ?? 0) + 1}: ${reason.replace(/\.$/, '')}`,
					'It is not sent again by itself. Look at the run in a moment, then decide again.',
				);
	}

	/** Not sooner after the last write than GitHub wants. */
	async function inTurn(tally: Tally): Promise<void> {
		await pause(connection, Math.min(betweenMs, lastSentAt + betweenMs - clock.now()), tally);
		lastSentAt = clock.now();
	}

	async function onRun(
		wish: Exclude<RunWish, {kind: 'start'}>,
		flight: {isOpen: boolean},
		tally: Tally,
	): Promise<RunActed> {
		const before = await readRun(wish.seen.runId, tally);
		const standsInTheWay = await obstacle(wish, before, tally);
		if (standsInTheWay !== null || before === null) {
			return standsInTheWay!;
		}

		await inTurn(tally);
		try {
			flight.isOpen = true;
			await rest.post(
				pathOf(wish),
				wish.kind === 'rerun' && wish.debug ? {enable_debug_logging: true} : {},
				nothing,
				tally,
			);
			flight.isOpen = false;
			return {
				ok: true,
				runId: before.id,
				attempt: wish.kind === 'rerun' ? (before.attempt ?? 0) + 1 : before.attempt,
			};
		} catch (error) {
			if (!(error instanceof Trouble)) {
				throw error;
			}

			const at = circumstances();
			if (fateOf(error, at) === 'unknown') {
				return settled(wish, before, reasonOf(error, at), tally);
			}

			flight.isOpen = false;
			const {kind} = classify(error.evidence, at);
			const refusal =
				kind === 'rate-limited' || kind === 'secondary-limit'
					? null
					: refusalOf(error, wish, reasonOf(error, at), at);
			if (refusal === null) {
				throw error;
			}

			return refusal;
		}
	}

	/** Runs of the workflow that were started by hand and name the commit or were started on it. @throws {Trouble} */
	async function startedFor(workflow: string, sha: string, tally: Tally): Promise<RunFact[]> {
		const {value} = await rest.find(
			`/actions/workflows/${encodeURIComponent(workflow)}/runs?per_page=100`,
			parseRuns,
			tally,
		);
		return (value?.runs ?? [])
			.filter(
				run => run.event === 'workflow_dispatch' && (run.title?.includes(sha) === true || run.headSha === sha),
			)
			.sort(newestFirst);
	}

	async function start(
		{workflow, ref, sha, inputs}: Extract<RunWish, {kind: 'start'}>,
		flight: {isOpen: boolean},
		signal: AbortSignal | undefined,
		tally: Tally,
	): Promise<RunActed> {
		if (inputs[commitInput] !== sha) {
			return refused(`the input ${commitInput} is not the commit that was shown`, 'Look again.');
		}

		const known = new Set((await startedFor(workflow, sha, tally)).map(({id}) => id));
		await inTurn(tally);
		flight.isOpen = true;
		const result = await dispatch(connection, {workflow, ref, inputs, returnsDetails}, signal);
		flight.isOpen = false;
		if (!result.ok && result.kind !== 'unknown') {
			return result;
		}

		if (result.ok && result.runId !== null) {
			return {ok: true, runId: result.runId, attempt: 1};
		}

		const run = await lookFor(
			connection,
			async () => (await startedFor(workflow, sha, tally)).find(({id}) => !known.has(id)) ?? null,
			tally,
			looksMs,
		);
		if (run !== null) {
			return {
				ok: true,
				runId: run.id,
				attempt: 1,
				...(!result.ok && {note: "GitHub's answer got lost; the new run says that it was done"}),
			};
		}

		return result.ok
			? {ok: true, runId: null, attempt: null, note: 'GitHub has not said yet which run it became'}
			: unsettled(
					`GitHub's answer got lost, and no new run of ${workflow} names the commit: ${result.because.replace(/\.$/, '')}`,
					"It is not sent again by itself. Look at the workflow's runs in a moment, then decide again.",
				);
	}

	return {
		async act(wish, signal) {
			const flight = {isOpen: false};
			const result = await asking<RunActed>(connection, signal, async tally =>
				wish.kind === 'start' ? start(wish, flight, signal, tally) : onRun(wish, flight, tally),
			);
			// Its time was up with the request under way.
			return !result.ok && result.kind !== 'unknown' && flight.isOpen
				? unsettled(
						`whether GitHub has done it is not known: ${result.because.replace(/\.$/, '')}`,
						'It is not sent again by itself. Look at the run in a moment, then decide again.',
					)
				: result;
		},
		inputs: async (wanted, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				...(await readInputs(connection, wanted, tally)),
			})),
	};
}
