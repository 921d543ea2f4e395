/** `deployctl rerun`, `cancel`, `approve` and `dispatch`: what will be done, a question, and what came of it. */
import {awaitsWords, whoseText} from '../../core/evidence/approval.ts';
import {beginningInputs, inputsProblem, sentInputs} from '../../core/runs/dispatch-inputs.ts';
import {short} from '../../core/gate/gate.ts';
import type {Candidate, Snapshot, TierName} from '../../core/pipeline/pipeline.ts';
import {effectsOf, type RunSubject, runPhrase, subjectTitle} from '../../core/runs/effects.ts';
import {workflowFile} from '../../core/github/run-url.ts';
import {jobTitle, numbersOf} from '../../core/pipeline/job-titles.ts';
import {
	costText,
	type Repeat,
	type RunDone,
	type RunNow,
	type Runs,
	type RunWish,
	wishText,
} from '../../core/runs/runs.ts';
import {sanitise, sentence} from '../../core/text/sanitise.ts';
import {exitCodes, Failure, usageFailure} from '../../errors.ts';
import {confirmed} from '../desk/confirm.ts';
import {type ActingFlags, type Desk, printJson, refusalFailure, unlessInterrupted} from '../desk/desk.ts';
import {followRun} from './follow-run.ts';
import {matching} from '../look/status.ts';
import {quoted} from '../table/values.ts';

export type RunDesk = Desk & {runs: Runs; read(sha: string | null): Promise<Snapshot>};
type WaitFlags = {wait: boolean; timeoutSeconds: number | null};
type Shared = Omit<ActingFlags, 'detach'> & WaitFlags;
type Named = {tier: TierName; sha: string | null; run: string | null};
export type RerunFlags = Shared & Named & {failed: boolean; all: boolean; job: string | null; debug: boolean};
export type CancelFlags = Shared & Named & {force: boolean};
export type ApproveFlags = Shared & Named;
export type DispatchFlags = Shared & {sha: string | null; ref: string | null; input: string | null};

type Meant = {run: RunNow; subject: RunSubject; candidate: Candidate | null; sha: string; snapshot: Snapshot | null};

const subjectOf = ({path}: RunNow, {promotion, tiers}: Desk['settings'], otherwise: TierName): RunSubject => {
	const file = workflowFile(path);
	if (file === promotion.workflow) return 'production';
	return (Object.keys(tiers) as TierName[]).find(name => tiers[name].workflow === file) ?? otherwise;
};

const readRun = async ({runs, signal}: RunDesk, id: number): Promise<RunNow> => {
	const answer = await unlessInterrupted(signal, runs.run(id, signal));
	if (!answer.ok) throw refusalFailure(answer);
	if (answer.run === null)
		throw new Failure(`There is no run ${id}`, {
			next: 'deployctl status and the screen show the runs',
			exitCode: exitCodes.usage,
		});
	return answer.run;
};

const commitMeant = (snapshot: Snapshot, sha: string | null): Candidate => {
	if (sha !== null) return matching(snapshot, sha);
	const head =
		snapshot.candidates.find(candidate => candidate.sha === snapshot.branches.staging.sha) ??
		snapshot.candidates[0];
	if (head === undefined)
		throw new Failure(`There is no commit on ${snapshot.branches.staging.name}`, {exitCode: exitCodes.usage});
	return head;
};

/** The run that is meant, as it is now: what is printed is what the act is bound to. */
const runMeant = async (desk: RunDesk, {tier, sha, run: id}: Named): Promise<Meant> => {
	if (id !== null) {
		if (!/^[1-9]\d{0,15}$/.test(id))
			throw usageFailure(
				`--run is ${quoted(id)}. Expected the number in the run's address, such as 14541957942.`,
			);
		if (sha !== null) throw usageFailure('--run and --sha are two ways to name a run.', 'take one of them');
		const run = await readRun(desk, Number(id));
		return {
			run,
			subject: subjectOf(run, desk.settings, tier),
			candidate: null,
			sha: run.title?.match(/[0-9a-f]{40}/i)?.[0] ?? run.headSha,
			snapshot: null,
		};
	}
	const snapshot = await unlessInterrupted(desk.signal, desk.read(sha));
	const candidate = commitMeant(snapshot, sha);
	const found = candidate.tiers[tier];
	const title = `${subjectTitle(tier)} of ${short(candidate.sha)}`;
	if (found?.runId == null)
		throw new Failure(`${title} has no run`, {
			because: found?.because ?? 'it has not started',
			next:
				tier === 'fast'
					? 'push the commit'
					: `deployctl dispatch ${tier} --sha ${short(candidate.sha)} starts one`,
			exitCode: exitCodes.refused,
		});
	if (found.provenance === 'inferred')
		throw new Failure(`Only the time says that run ${found.runId} is ${title}`, {
			next: `look at it, then name it: --run ${found.runId}`,
			exitCode: exitCodes.needsHuman,
		});
	return {run: await readRun(desk, found.runId), subject: tier, candidate, sha: candidate.sha, snapshot};
};

const seenOf = ({id, attempt, jobs}: RunNow) => ({runId: id, attempt, jobIds: jobs.map(job => job.id)});
const titleOf = ({subject, sha}: Pick<Meant, 'subject' | 'sha'>) => `${subjectTitle(subject)} of ${short(sha)}`;

/** What GitHub has on record of staging: the hosts are not asked for this. */
const stagingOf = (snapshot: Snapshot | null, sha: string) => {
	const live = snapshot?.environments.find(({name}) => name === 'staging')?.sha ?? null;
	return live === null ? null : {text: short(live), isSame: live === sha};
};

type Work = {
	wish: RunWish;
	subject: RunSubject;
	sha: string;
	candidate: Candidate | null;
	snapshot: Snapshot | null;
	/** Lines beside the title. */ facts: readonly string[];
};

const told = (
	{output}: RunDesk,
	{wish, subject, sha, candidate, snapshot, facts}: Work,
	isJson: boolean,
): {effects: readonly string[]; warnings: readonly string[]} => {
	const about = effectsOf(wish, {subject, sha, candidate, staging: stagingOf(snapshot, sha)});
	// Without a reading nothing is known of staging, and nothing is claimed.
	const warnings =
		snapshot === null ? about.warnings.filter(text => !text.startsWith('what staging runs')) : about.warnings;
	if (!isJson)
		output.write(
			[
				`${wishText(wish)}\n`,
				...facts.map(text => `  ${text}\n`),
				...about.effects.map(text => `  -> ${sentence(text)}\n`),
				...warnings.map(text => `  ! ${sentence(text)}\n`),
			].join(''),
		);
	return {effects: about.effects, warnings};
};

const wordsDone = (wish: RunWish, {runId, attempt, note}: RunDone): string => {
	const more = note === undefined ? '' : ` (${note})`;
	if (wish.kind === 'rerun') return `Asked for: attempt ${attempt ?? 'unknown'} of run ${runId ?? 'unknown'}${more}.`;
	if (wish.kind === 'approve') return `Approved: run ${runId ?? 'unknown'}${more}.`;
	return wish.kind === 'cancel'
		? `Asked to end: run ${runId ?? 'unknown'}${more}. GitHub takes some seconds for it.`
		: `Started: run ${runId ?? 'not known yet'}${more}.`;
};

/** A cancellation is done when it was the cancellation that ended the run. */
const endCode = (wish: RunWish, exitCode: number, run: RunNow | null): number =>
	wish.kind === 'cancel' && run !== null
		? run.conclusion === 'cancelled'
			? exitCodes.done
			: exitCodes.failed
		: exitCode;

const carryOut = async (desk: RunDesk, work: Work, flags: Shared): Promise<number> => {
	const {wish} = work;
	const {output, runs, signal, wall} = desk;
	if (flags.timeoutSeconds !== null && !flags.wait) throw usageFailure('--timeout is for --wait.');
	const about = told(desk, work, flags.json);
	const json = {
		action: wish.kind === 'start' ? 'dispatch' : wish.kind,
		what: wishText(wish),
		sha: work.sha,
		...about,
	};
	if (flags.dryRun) {
		if (flags.json) printJson(output, {...json, done: false});
		else output.write('This would be done.\n');
		return exitCodes.done;
	}
	await confirmed(
		desk,
		{phrase: runPhrase(wish, work.subject), question: `${wishText(wish)}?`},
		{...flags, detach: false},
	);
	const result = await runs.act(wish);
	if (!result.ok) throw refusalFailure(result);
	if (!flags.json) output.write(`${wordsDone(wish, result)}\n`);
	if (!flags.wait) {
		if (flags.json)
			printJson(output, {
				...json,
				done: true,
				run: result.runId,
				attempt: result.attempt,
				note: result.note ?? null,
			});
		return exitCodes.done;
	}
	if (result.runId === null)
		throw new Failure('Which run it became is not known, so nothing can be waited for', {
			next: 'deployctl watch --until follows the tier',
			exitCode: exitCodes.needsHuman,
		});
	const followed = await followRun(
		runs,
		{runId: result.runId, attempt: result.attempt, timeoutSeconds: flags.timeoutSeconds},
		{wall, signal, output, isQuiet: flags.json, settings: desk.settings},
	);
	const exitCode = endCode(wish, followed.exitCode, followed.run);
	if (flags.json)
		printJson(output, {
			...json,
			done: true,
			run: result.runId,
			attempt: result.attempt,
			conclusion: followed.run?.conclusion ?? null,
			because: followed.because,
			exitCode,
		});
	else output.write(`${sentence(sanitise(followed.because))}\n`);
	return exitCode;
};

const whichOf = ({run}: Meant, {failed, all, job}: RerunFlags): Repeat => {
	if ([failed, all, job !== null].filter(Boolean).length > 1)
		throw usageFailure('--failed, --all and --job exclude each other.');
	if (job === null) return all ? 'all' : 'failed';
	const found = run.jobs.filter(({id, name}) => name === job || String(id) === job);
	if (found.length === 0)
		throw usageFailure(
			`run ${run.id} has no job ${quoted(job)}.`,
			`it has ${run.jobs.map(({name}) => sanitise(name, 100)).join(', ') || 'none'}`,
		);
	if (found.length > 1)
		throw usageFailure(
			`run ${run.id} has ${found.length} jobs ${quoted(job)}.`,
			`name one by its number: ${numbersOf(found)}`,
		);
	return {jobId: found[0]!.id, name: jobTitle(found[0]!, run.jobs)};
};

const hasFailed = ({status}: RunNow['jobs'][number]) => status === 'failed' || status === 'cancelled';

const notBegun = ({id}: RunNow) =>
	new Failure(`Run ${id} has not begun`, {
		because: `it ${awaitsWords}`,
		next: `deployctl approve --run ${id} lets it begin`,
		exitCode: exitCodes.refused,
	});

export const runRerun = async (desk: RunDesk, flags: RerunFlags): Promise<number> => {
	const meant = await runMeant(desk, flags);
	const {run} = meant;
	const which = whichOf(meant, flags);
	if (run.isHeldBack === true) throw notBegun(run);
	if (!run.isOver)
		throw new Failure(`Run ${run.id} still runs`, {
			because: `it is ${run.status}`,
			next: 'wait until it has ended, or deployctl cancel ends it',
			exitCode: exitCodes.refused,
		});
	const jobs =
		which === 'all'
			? run.jobs
			: which === 'failed'
				? run.jobs.filter(hasFailed)
				: run.jobs.filter(({id}) => id === which.jobId);
	if (jobs.length === 0)
		throw new Failure(`Nothing failed in run ${run.id}`, {
			next: '--all repeats all of it, --job NAME one job',
			exitCode: exitCodes.refused,
		});
	const facts = [
		`${jobs.map(job => sanitise(jobTitle(job, run.jobs), 120)).join(', ')}${which === 'all' ? '' : ', and what depends on them'}`,
		costText(jobs),
		run.url,
	];
	return carryOut(
		desk,
		{
			...meant,
			wish: {kind: 'rerun', title: titleOf(meant), number: null, seen: seenOf(run), which, debug: flags.debug},
			facts,
		},
		flags,
	);
};

export const runCancel = async (desk: RunDesk, flags: CancelFlags): Promise<number> => {
	const meant = await runMeant(desk, flags);
	const {run} = meant;
	if (run.isHeldBack === true) throw notBegun(run);
	if (run.isOver)
		throw new Failure(`Run ${run.id} has ended: ${run.conclusion ?? run.status}`, {
			next: 'there is nothing to cancel',
			exitCode: exitCodes.refused,
		});
	return carryOut(
		desk,
		{
			...meant,
			wish: {kind: 'cancel', title: titleOf(meant), number: null, seen: seenOf(run), force: flags.force},
			facts: [run.url],
		},
		flags,
	);
};

export const runApprove = async (desk: RunDesk, flags: ApproveFlags): Promise<number> => {
	const meant = await runMeant(desk, flags);
	const {run} = meant;
	if (run.isHeldBack !== true) {
		const next =
			run.status === 'waiting'
				? 'it waits for an environment: V on the screen answers that'
				: 'there is nothing to approve';
		throw new Failure(`Run ${run.id} waits for nobody to approve it`, {
			because: `it is ${run.conclusion ?? run.status}`,
			next,
			exitCode: exitCodes.refused,
		});
	}
	const whose = sanitise(whoseText(run.actor ?? null, run.origin ?? null, desk.repository), 300);
	return carryOut(
		desk,
		{
			...meant,
			wish: {kind: 'approve', title: titleOf(meant), number: null, seen: seenOf(run), whose},
			facts: [run.url],
		},
		flags,
	);
};

const givenInputs = (input: string | null): Record<string, string> =>
	Object.fromEntries(
		(input ?? '')
			.split('\n')
			.filter(text => text !== '')
			.map(text => {
				const at = text.indexOf('=');
				if (at < 1) throw usageFailure(`--input takes NAME=VALUE, not ${quoted(text)}.`);
				return [text.slice(0, at), text.slice(at + 1)] as const;
			}),
	);

export const runDispatch = async (
	desk: RunDesk,
	subject: 'e2e' | 'smoke' | 'deploy',
	flags: DispatchFlags,
): Promise<number> => {
	const given = givenInputs(flags.input);
	const snapshot = await unlessInterrupted(desk.signal, desk.read(flags.sha));
	const candidate = commitMeant(snapshot, flags.sha);
	const {sha} = candidate;
	const {workflow} = desk.settings.tiers[subject];
	const ref = flags.ref ?? desk.settings.branches.staging;
	const {inputs, because} = await unlessInterrupted(desk.signal, desk.runs.inputs({workflow, ref}));
	const values = sentInputs({...beginningInputs(inputs, sha), ...given});
	const problem = inputsProblem(inputs, values, sha);
	if (problem !== null)
		throw new Failure(`GitHub would refuse these inputs: ${sanitise(problem)}`, {
			next:
				inputs === null
					? 'leave --input out'
					: `${workflow} on ${ref} declares ${inputs.map(({name}) => name).join(', ') || 'none'}`,
			exitCode: exitCodes.refused,
		});
	const facts =
		inputs === null
			? [
					`its inputs are not known${because === null ? '' : ` (${because})`}: only ${Object.keys(values).join(', ')} is given`,
				]
			: [];
	return carryOut(
		desk,
		{
			wish: {kind: 'start', title: titleOf({subject, sha}), workflow, ref, sha, inputs: values},
			subject,
			sha,
			candidate,
			snapshot,
			facts,
		},
		flags,
	);
};
