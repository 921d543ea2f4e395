/** The run that deploys to production, followed job by job as if it were a tier. */
import type {ProductionJob, ProductionRun} from '../../github/runs/promotion-runs.ts';
import {productionRule} from '../../core/evidence/run-work.ts';
import {type Work, workOf} from '../../core/evidence/work.ts';
import {type Course, on, over, refused, short, type Stage, untilAnswered, waitedOut} from './course.ts';

const lookEveryMs = 2000;
/** GitHub makes a run some seconds after a push. */
const appearsWithinMs = 90_000;

/** A step for each job: of one name the first has it, and the others' numbers stand beside it. */
const stepNames = () => {
	const owners = new Map<string, number>();
	return ({id, name}: ProductionJob): string => {
		const owner = owners.get(name) ?? id;
		owners.set(name, owner);
		return owner === id ? `job/${name}` : `job/${name}-${id}`;
	};
};

const words: Readonly<Record<string, string>> = {
	failure: 'failed',
	cancelled: 'was cancelled',
	timed_out: 'timed out',
	skipped: 'was skipped',
	startup_failure: 'could not start',
	action_required: 'waits for somebody',
	stale: 'was given up',
};

/** Each job once as it begins and once as it ends. */
const teller = ({speech}: Course) => {
	const told = new Map<number, 'began' | 'ended'>();
	const stepOf = stepNames();
	return (jobs: readonly ProductionJob[]) => {
		for (const job of jobs) {
			const step = stepOf(job);
			const isOver = job.finishedAt !== null || ['passed', 'failed', 'cancelled', 'skipped'].includes(job.status);
			if (!told.has(job.id) && (job.startedAt !== null || isOver)) {
				speech.begin(step);
				told.set(job.id, 'began');
			}
			if (!isOver || told.get(job.id) === 'ended') continue;
			told.set(job.id, 'ended');
			if (job.status === 'passed') speech.ok(step);
			else speech.fail(step, job.status);
		}
	};
};

/** Who is waited for is a step of its own, so that the screen can offer to answer. */
const approvals = ({speech}: Course) => {
	let isWaiting = false;
	return ({id, waits}: ProductionRun) => {
		const wait = waits[0];
		if (wait !== undefined) {
			if (!isWaiting) speech.begin('approval');
			speech.note('approval', '', {
				run: id,
				environment: wait.environment,
				approvable: wait.canApprove ? 'yes' : 'no',
			});
		} else if (isWaiting) speech.ok('approval', 'it waits for nobody any more');
		isWaiting = wait !== undefined;
	};
};

/** A run that says that it is over may be ahead of its jobs. */
const settlesWithinMs = 30_000;

/** Of a success: whether its jobs did the work, or why it proves nothing, so that production itself has to say what is live. null: they are not all told yet. */
const settled = ({speech, settings, clock}: Course, run: ProductionRun, since: number): Work | null => {
	const work = workOf(run.jobs, productionRule(settings), run.jobsTotal - run.jobs.length);
	if (!work.did && work.status === 'unknown' && clock.now() - since < settlesWithinMs) return null;
	speech.ok('deployment', work.did ? run.url : `a success, but ${work.because}: production is asked (${run.url})`);
	return work;
};

/** `value`: whether its jobs did the work. */
export const followRun = async (course: Course, runId: number): Promise<Stage<Work>> => {
	const {promotions, speech, clock, signal, sha} = course;
	const [tell, wait] = [teller(course), approvals(course)];
	course.reached.runId = runId;
	let passedAt: number | null = null;
	for (;;) {
		const {run} = await untilAnswered(course, 'deployment', () => promotions.run(runId, signal));
		if (run !== null) {
			speech.note('deployment', run.url);
			wait(run);
			tell(run.jobs);
			if (run.status === 'passed') {
				passedAt ??= clock.now();
				const work = settled(course, run, passedAt);
				if (work !== null) return on(work);
			} else if (run.conclusion !== null) {
				const failed = run.jobs.filter(({status}) => status === 'failed').map(({name}) => name);
				const why = `the production deployment of ${short(sha)} ${words[run.conclusion] ?? run.conclusion}${failed.length > 0 ? ` in ${failed.join(', ')}` : ''} (${run.url})`;
				speech.fail('deployment', why);
				return over({
					exit: 31,
					result: 'deployment-failed',
					because: why,
					next: 'Look at the run; promote the same commit again when it is mended, or roll back.',
				});
			}
		}
		await clock.after(lookEveryMs, signal);
	}
};

/** Of the push that moved the branch. `value` null: this repository has no such workflow, or it did not start: production is asked all the same. */
/** `since`: by GitHub's clock, from before the branch was moved. */
export const findPushRun = async (course: Course, headSha: string, since: number): Promise<number | null> => {
	const {
		promotions,
		speech,
		clock,
		signal,
		settings: {
			promotion: {workflow},
		},
		plan: {
			promotion: {branch},
		},
	} = course;
	let doubt: string | undefined;
	for (const until = clock.now() + appearsWithinMs; clock.now() < until; await clock.after(lookEveryMs, signal)) {
		const answer = await untilAnswered(course, 'deployment', () =>
			promotions.productionRun({workflow, headSha, branch, since}, signal),
		);
		if (answer.runId !== null) return answer.runId;
		if (answer.isAbsent === true) {
			speech.note('deployment', `there is no ${workflow} here`);
			return null;
		}
		({doubt} = answer);
		speech.note('deployment', doubt ?? `waiting for ${workflow}`);
	}
	speech.note(
		'deployment',
		doubt === undefined
			? `${workflow} has not started`
			: `which run of ${workflow} deploys it is not known: ${doubt}`,
	);
	return null;
};

/** Starts the workflow for this commit. An answer that got lost is looked for, never sent again. */
export const dispatchRun = async (course: Course, sha: string = course.sha): Promise<Stage<number>> => {
	const {
		promotions,
		speech,
		clock,
		signal,
		settings: {
			promotion: {workflow},
		},
		plan: {
			promotion: {branch},
		},
	} = course;
	speech.begin('dispatch');
	const wanted = {workflow, ref: branch, inputs: {sha}, returnsDetails: true};
	let sent = await promotions.dispatch(wanted);
	for (
		let waits = 0;
		!sent.ok &&
		sent.kind !== 'refused' &&
		sent.kind !== 'unknown' &&
		(await waitedOut(course, 'dispatch', sent, waits));
		waits++
	)
		sent = await promotions.dispatch(wanted);
	if (!sent.ok && sent.kind === 'refused') {
		speech.fail('dispatch', sent.because);
		return refused(`${workflow} was not started: ${sent.because}`, sent.next);
	}
	if (!sent.ok && sent.kind !== 'unknown')
		return refused(`${workflow} was not started: ${sent.because}`, sent.next, 'failed-before-switch');
	course.reached.isStarted = true;
	let runId = sent.ok ? sent.runId : null;
	let doubt: string | undefined;
	const at = 'at' in sent ? sent.at : 0;
	for (
		const until = clock.now() + appearsWithinMs;
		runId === null && clock.now() < until;
		await clock.after(lookEveryMs, signal)
	) {
		speech.note(
			'dispatch',
			sent.ok ? 'looking for its run' : `the answer got lost: looking whether it has started (${sent.because})`,
		);
		({runId, doubt} = await untilAnswered(course, 'dispatch', () =>
			promotions.findDispatched({workflow, sha, branch, since: at}, signal),
		));
	}
	if (runId === null) {
		speech.fail('dispatch', 'its run has not shown');
		return over({
			exit: 32,
			result: 'unknown',
			because: `whether ${workflow} has started for ${short(sha)} is not known${doubt === undefined ? '' : `: ${doubt}`}`,
			next: "Look at the workflow's runs on GitHub, and at what production runs.",
		});
	}
	speech.ok('dispatch', `run ${runId}`);
	return on(runId);
};

const endsWithinMs = 20_000;

/** Tells GitHub to end the run, and waits a while for that: it would go on without us. How that went, for a sentence. Not aborted: a stop is what it is for. */
export const cancelRun = async ({promotions, clock}: Course, runId: number): Promise<string> => {
	const asked = await promotions.cancelRun(runId);
	for (const until = clock.now() + endsWithinMs; clock.now() < until; await clock.after(lookEveryMs)) {
		const answer = await promotions.run(runId);
		const conclusion = answer.ok ? (answer.run?.conclusion ?? null) : null;
		if (conclusion !== null)
			return conclusion === 'success'
				? `its deployment (run ${runId}) ended with success all the same`
				: `its deployment (run ${runId}) ${words[conclusion] ?? conclusion}`;
		if (!asked.ok) break;
	}
	return `its deployment (run ${runId}) could not be ended and MAY STILL CHANGE PRODUCTION${asked.ok ? '' : `: ${asked.because.replace(/\.$/, '')}`}`;
};
