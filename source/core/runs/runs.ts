/**
What can be wanted of GitHub's runs, and what each wish is bound to: the run, the attempt and the jobs that were in view. Pure.
A wish is carried out once, or refused with a reason; it never falls on another run or attempt than the one that was shown.
*/
import type {DispatchInput} from './dispatch-inputs.ts';
import type {Status} from '../pipeline/pipeline.ts';
import {plural} from '../text/plural.ts';
import type {Origin} from '../github/facts.ts';

/** What was in view. Ids of jobs change with each attempt, so they tell attempts apart where the number was not read. */
export type Seen = {runId: number; /** null: not read. */ attempt: number | null; jobIds: readonly number[]};

/** GitHub's limit of one run, its first attempt not counted (docs.github.com, "Re-running workflows and jobs"). */
export const rerunsAtMost = 50;

export type Repeat = 'failed' | 'all' | {jobId: number; name: string};
/** `title`: what the run is, in sentences: `E2E of 1a2b3c4`. `number`: as GitHub counts the runs of a workflow. */
export type RunWish =
	| {
			kind: 'rerun';
			title: string;
			number: number | null;
			seen: Seen;
			which: Repeat;
			/** With debug logging. */ debug: boolean;
	  }
	/** `force`: also what does not answer to a cancellation. */
	| {kind: 'cancel'; title: string; number: number | null; seen: Seen; force: boolean}
	/** `whose`: whose code the run would run, as it was shown. */
	| {kind: 'approve'; title: string; number: number | null; seen: Seen; whose: string}
	/** `inputs` names the commit, too, where the workflow takes one. */
	| {
			kind: 'start';
			title: string;
			workflow: string;
			ref: string;
			sha: string;
			inputs: Readonly<Record<string, string>>;
	  };

/** `attempt`: the one that GitHub is to show, after a re-run; `runId` null: GitHub has not said which run it became. */
export type RunDone = {ok: true; runId: number | null; attempt: number | null; note?: string};
export type RunRefusal = {ok: false; because: string; next: string; exitCode: number};
export type InputsRead = {
	/** null: not known, the commit alone is given. */ inputs: readonly DispatchInput[] | null;
	/** Why they are not known. */ because: string | null;
};
/** As it is now. `path`: of its workflow file. */
export type RunNow = {
	id: number;
	attempt: number | null;
	status: string;
	conclusion: string | null;
	isOver: boolean;
	title: string | null;
	path: string | null;
	url: string;
	headSha: string;
	/** Somebody has to approve that it is run at all. Its code is that of `origin`. */
	isHeldBack?: boolean;
	actor?: string | null;
	origin?: Origin | null;
	jobs: ReadonlyArray<{
		id: number;
		name: string;
		status: Status;
		/** GitHub's own word, where ours loses something. */ rawStatus?: string;
		startedAt: number | null;
		finishedAt: number | null;
		url: string | null;
	}>;
	/** How many it has; more than `jobs`: not all of them are listed. */
	jobsTotal: number;
};

/** Nothing here throws for what GitHub or disks do; each act is in the journal before it is sent, and its outcome after. */
export type Runs = {
	act(wish: RunWish): Promise<RunDone | RunRefusal>;
	/** What the workflow wants to be told when it is started by hand. */
	inputs(wanted: {workflow: string; ref: string}): Promise<InputsRead>;
	/** null: there is no such run. */
	run(id: number, signal?: AbortSignal): Promise<{ok: true; run: RunNow | null} | RunRefusal>;
};

const jobs = (count: number): string => plural(count, 'job');

const repeatText = (which: Repeat): string =>
	which === 'failed' ? 'the failed jobs of ' : which === 'all' ? 'all jobs of ' : `the job ${which.name} of `;
const numberText = (runId: number, number: number | null, attempt: number | null): string =>
	`run ${number === null ? runId : `#${number}`}${attempt === null ? '' : `, attempt ${attempt}`}`;

/** `Re-run the failed jobs of E2E of 1a2b3c4 (run #12, attempt 1), with debug logging` */
export const wishText = (wish: RunWish): string => {
	switch (wish.kind) {
		case 'rerun':
			return `Re-run ${repeatText(wish.which)}${wish.title} (${numberText(wish.seen.runId, wish.number, wish.seen.attempt)})${wish.debug ? ', with debug logging' : ''}`;
		case 'cancel':
			return `${wish.force ? 'Force the end of' : 'Cancel'} ${wish.title} (${numberText(wish.seen.runId, wish.number, wish.seen.attempt)})`;
		case 'approve':
			return `Approve that ${wish.title} is run (${numberText(wish.seen.runId, wish.number, wish.seen.attempt)})`;
		case 'start': {
			const others = Object.entries(wish.inputs)
				.filter(([, value]) => value !== wish.sha)
				.map(([name, value]) => `${name}=${value}`);
			return `Start ${wish.title} (${wish.workflow} on ${wish.ref}${others.length === 0 ? '' : `, ${others.join(', ')}`})`;
		}
	}
};

type Timed = {name: string; startedAt: number | null; finishedAt: number | null};

/** What they took of runners the last time: minutes as GitHub bills them, each job's begun minute whole; null: not known. */
export const runnerMinutes = (list: readonly Timed[]): number | null => {
	const took = list.flatMap(({startedAt, finishedAt}) =>
		startedAt === null || finishedAt === null || finishedAt < startedAt
			? []
			: [Math.ceil((finishedAt - startedAt) / 60_000)],
	);
	return took.length === 0 || took.length < list.length ? null : took.reduce((sum, minutes) => sum + minutes, 0);
};

/** `4 jobs, about 28 runner minutes as the last time`; `isLast` false: of an earlier run that passed. */
export const costText = (list: readonly Timed[], isLast = true): string => {
	const minutes = runnerMinutes(list);
	return `${jobs(list.length)}, ${minutes === null ? 'duration unknown' : `~${minutes} runner-min (last ${isLast ? 'run' : 'passed run'})`}`;
};
