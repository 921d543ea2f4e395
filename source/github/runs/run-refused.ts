/** What GitHub will not do to a run, and why, in words. */
import {rerunsAtMost, type RunWish} from '../../core/runs/runs.ts';
import type {Refused} from '../branches/branches.ts';
import {refusalNamed} from '../failures/failures.ts';
import type {Trouble} from '../failures/trouble.ts';
import type {Circumstances} from '../failures/circumstances.ts';

export const refused = (because: string, next: string): Refused => ({ok: false, kind: 'refused', because, next});

export const refusedAsTooOften = (runId: number): Refused =>
	refused(
		`run ${runId} has been re-run ${rerunsAtMost} times, and GitHub allows no more`,
		'Start the workflow again for the commit.',
	);

const isPermission = (body: string) => /not accessible|must have|admin rights|read-only/i.test(body);
/** Refusals that are about this run, as far as GitHub's words tell: the others are about the token, the repository or limits. */
const aboutTheRun: ReadonlySet<string | null> = new Set(['permission', 'not-found', 'invalid']);

const plain = (reason: string) => reason.replace(/^GitHub refuses: /, '').replace(/\.$/, '');

/** GitHub's reasons against a re-run, a cancellation or an approval, as what, why and what next; null: it is about the token, limits or the network. */
export function refusalOf(
	trouble: Trouble,
	wish: Exclude<RunWish, {kind: 'start'}>,
	reason: string,
	at: Circumstances,
): Refused | null {
	const {evidence} = trouble;
	if (evidence.kind !== 'http' || !aboutTheRun.has(refusalNamed(evidence, at))) {
		return null;
	}

	const {status, body} = evidence;
	const run = `run ${wish.seen.runId}`;
	if (status === 404) {
		return refused(
			`GitHub knows no ${run} here, or this token may not touch it`,
			'Check that the run still exists, and that the token may write Actions.',
		);
	}

	if (wish.kind === 'approve' && (status !== 403 || !isPermission(body))) {
		return /not from a fork/i.test(body)
			? refused(
					`GitHub lets only runs of forks be approved from here, and ${run} is of this repository`,
					'Approve it in the browser: the page of the run has a button for it.',
				)
			: refused(`GitHub does not approve ${run}: ${plain(reason)}`, 'Look at the run in the browser.');
	}

	if (status === 409) {
		return refused(
			`${run} cannot be cancelled: ${/completed/i.test(body) ? 'it has ended already' : reason}`,
			'Look at how it ended.',
		);
	}

	if (status === 403 && !isPermission(body)) {
		if (/already running|in progress/i.test(body)) {
			return refused(`${run} is running already`, 'Wait until it has ended, or cancel it first.');
		}

		if (/workflow.*disabled|disabled.*workflow/i.test(body)) {
			return refused(
				`the workflow of ${run} is disabled, and GitHub re-runs nothing of it`,
				'Enable the workflow first: deployctl doctor --fix offers it.',
			);
		}

		if (/month|30 days|too old|expired/i.test(body)) {
			return refused(
				`${run} is too old to be run again: GitHub keeps that possible for 30 days`,
				'Start the workflow again for the commit.',
			);
		}

		return /no failed jobs/i.test(body)
			? refused(`${run} has no failed jobs`, 'Re-run all jobs, or a single one.')
			: refused(`GitHub does not do that to ${run}: ${plain(reason)}`, 'Look at the run in the browser.');
	}

	return null;
}
