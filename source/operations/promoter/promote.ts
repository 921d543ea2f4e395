/** A promotion from the last look at its evidence to the end of its soak. Pure of processes: what it acts with comes from outside. */
import {clauses} from '../../core/text/sanitise.ts';
import {abandonPull, landByPull, landByQueue} from './pull.ts';
import {landFirst, landLast} from './land.ts';
import {cancelRun, dispatchRun, findPushRun, followRun} from './follow.ts';
import type {Ending} from './speech.ts';
import {soak, verifyLive} from './verify.ts';
import {Barred, type Course, notAsked, on, over, refused, refusedAs, short, type Stage, waitedOut} from './course.ts';

/** GitHub tells whole seconds, and its machines differ a little. */
const clockToleranceMs = 5000;

const proven = async (course: Course): Promise<Stage<null>> => {
	const {speech} = course;
	speech.begin('gate');
	const no = await course.prove();
	// It took seconds, in which somebody may have said stop.
	course.signal.throwIfAborted();
	if (no === null) {
		speech.ok(
			'gate',
			`every condition is met${course.plan.promotion.breakGlass === null ? '' : ', but for break-glass'}`,
		);
		return on(null);
	}
	speech.fail('gate', no.because);
	return refusedAs(no);
};

/** The evidence may have turned red in the instant between the last look and the move: then the deployment is stopped before it reaches production. */
const stillProven = async (course: Course, landedAt: string, runId: number | null): Promise<Stage<null>> => {
	const {
		speech,
		plan: {
			promotion: {branch},
		},
	} = course;
	const why = await course.proveLanded(landedAt);
	if (why === null) return on(null);
	speech.fail('deployment', why);
	return over({
		exit: 31,
		result: 'evidence-void',
		because: `the evidence turned void while ${branch} was moved (${why}); ${runId === null ? 'its deployment was not seen to start' : await cancelRun(course, runId)}`,
		next: 'See what production runs; promote again when the evidence stands.',
	});
};

/** The branch is at the commit, or at a merge with exactly its files: its deployment failed, and is tried again. */
const isThereAlready = async ({
	promotions,
	sha,
	plan: {
		promotion: {branchAt, strategy},
	},
}: Course): Promise<boolean> => {
	if (branchAt === null || branchAt === sha) return branchAt === sha;
	if (strategy === 'fast-forward') return false;
	const compared = await promotions.treeEquals(branchAt, sha);
	return compared.ok && compared.isEqual;
};

const startedAgain = async (course: Course): Promise<Stage<number | null>> => {
	const {
		speech,
		plan: {
			promotion: {branch, branchAt},
		},
	} = course;
	speech.begin('branch');
	speech.ok('branch', `${branch} is at ${short(branchAt!)} already`);
	course.reached.landedAt = branchAt;
	return dispatchRun(course, branchAt!);
};

type Writing = ReturnType<Course['promotions']['breakGlass']>;

/** Written on the commit before anything is done, under the operator's own name: the workflow that deploys it asks for that. */
const written = async (
	course: Course,
	step: string,
	what: string,
	write: () => Writing,
	done: string,
): Promise<Stage<null>> => {
	const {speech} = course;
	speech.begin(step);
	let answer = await write();
	for (
		let waits = 0;
		!answer.ok && answer.kind !== 'refused' && (await waitedOut(course, step, answer, waits));
		waits++
	)
		answer = await write();
	if (!answer.ok) {
		speech.fail(step, answer.because);
		return answer.kind === 'refused'
			? refused(`${what} could not be recorded: ${answer.because}`, answer.next)
			: notAsked(answer);
	}
	speech.ok(step, done);
	return on(null);
};

const glassBroken = async (course: Course): Promise<Stage<null>> => {
	const {
		promotions,
		sha,
		plan: {
			promotion: {breakGlass},
		},
	} = course;
	if (breakGlass === null) return on(null);
	return written(
		course,
		'break-glass',
		'break-glass',
		() => promotions.breakGlass({sha, reason: breakGlass.reason, passed: breakGlass.conditions}),
		`recorded: ${breakGlass.reason}`,
	);
};

/** A script asks nobody: what it needs was looked at here. */
const hotfixClaimed = async (course: Course): Promise<Stage<null>> => {
	const {
		promotions,
		sha,
		plan: {
			promotion: {hotfix, strategy},
		},
	} = course;
	if (hotfix === null || strategy === 'script') return on(null);
	return written(
		course,
		'hotfix',
		'the hotfix',
		() => promotions.claimHotfix({sha, branch: hotfix}),
		`recorded: a hotfix from ${hotfix}`,
	);
};

const byPush = async (
	course: Course,
	land: (course: Course) => Promise<Stage<string | null>>,
): Promise<Stage<string>> => {
	const {speech, promotions, clock} = course;
	const since = promotions.gitHubNow() ?? clock.now();
	const isAgain = await isThereAlready(course);
	const landed = isAgain ? await startedAgain(course) : await land(course);
	if (!landed.ok) return landed;
	const landedAt = course.reached.landedAt!;
	course.reached.isStarted = true;
	speech.begin('deployment');
	const runId = isAgain ? (landed.value as number) : await findPushRun(course, landedAt, since - clockToleranceMs);
	const still = await stillProven(course, landedAt, runId);
	if (!still.ok) return still;
	if (runId === null) speech.ok('deployment', 'no workflow deploys it: production is asked');
	const followed = runId === null ? on(null) : await followRun(course, runId);
	if (!followed.ok) return followed;
	const verified = await verifyLive(course, landedAt, followed.value);
	return verified.ok ? on(landedAt) : verified;
};

const byWorkflow = async (course: Course): Promise<Stage<string>> => {
	const dispatched = await dispatchRun(course);
	if (!dispatched.ok) return dispatched;
	course.speech.begin('deployment');
	const followed = await followRun(course, dispatched.value);
	if (!followed.ok) return followed;
	const verified = await verifyLive(course, course.sha, followed.value);
	return verified.ok ? on(course.sha) : verified;
};

/** The script tells its own steps, beside ours. */
const byScript = async (course: Course): Promise<Stage<string>> => {
	const {environment, sha} = course;
	course.reached.isStarted = true;
	const {code, kind} = await course.runScript();
	const path = environment.deploy.path;
	// A script that does not keep the contract means its own things by its codes.
	switch (kind === 'plain' && code !== 0 ? null : code) {
		case 0:
			break;
		case 2:
		case 10:
		case 11:
		case 12:
			return over({
				exit: code === 11 ? 11 : code === 12 ? 12 : 10,
				result: 'failed-before-switch',
				because: `${path} gave up before the switch (exit ${code}); nothing was changed`,
				next: 'Look at the log.',
			});
		case 20:
			return over({
				exit: 20,
				result: 'rolled-back',
				because: `${path} returned to the release before (exit 20)`,
				next: 'Look at the log.',
			});
		case 30:
			return over({
				exit: 30,
				result: 'broken',
				because: `${path} could not return to a working release (exit 30)`,
			});
		case 40:
			return over({exit: 40, result: 'away', because: `${path} lost its host (exit 40)`});
		default:
			return over({
				exit: 31,
				result: 'script-failed',
				because: `${path} ${code === null ? 'was ended by a signal' : `ended with ${code}`}, and what it has changed is not known`,
				next: 'Look at the log, and at what production runs.',
			});
	}
	const verified = await verifyLive(course, sha, {did: true});
	return verified.ok ? on(sha) : verified;
};

const strategies: Readonly<
	Record<Course['plan']['promotion']['strategy'], (course: Course) => Promise<Stage<string>>>
> = {
	'fast-forward': course => byPush(course, landFirst),
	'pull-request': course => byPush(course, landByPull),
	'merge-queue': course => byPush(course, landByQueue),
	workflow: byWorkflow,
	script: byScript,
};

const run = async (course: Course): Promise<Ending> => {
	const {
		sha,
		plan: {
			promotion: {strategy, branch},
		},
	} = course;
	const gate = await proven(course);
	if (!gate.ok) return gate.ending;
	const glass = await glassBroken(course);
	if (!glass.ok) return glass.ending;
	const claimed = await hotfixClaimed(course);
	if (!claimed.ok) return claimed.ending;
	const done = await strategies[strategy](course);
	if (!done.ok) return done.ending;
	const left = strategy === 'workflow' || strategy === 'script' ? await landLast(course) : null;
	const soaked = await soak(course, done.value);
	if (!soaked.ok) return soaked.ending;
	const merged = done.value === sha ? '' : `, as ${short(done.value)} on ${branch}`;
	return {
		exit: 0,
		result: 'promoted',
		live: done.value,
		because: `${short(sha)} is live on production${merged}${soaked.value}${left === null ? '' : `; ${left}`}`,
	};
};

/** Somebody stopped it, or its time was over: how far it had come decides what that means. */
const stopped = async (course: Course): Promise<Ending> => {
	const {
		reached: {isLive},
		sha,
		plan: {
			promotion: {branch, strategy},
		},
	} = course;
	if (isLive)
		return {
			exit: 34,
			result: 'stopped-while-soaking',
			live: course.reached.landedAt ?? sha,
			because: `${short(sha)} is live on production and was healthy, but was not watched for its whole soak`,
			next: 'Watch it; it counts as a release to go back to only when it was healthy for its soak.',
		};
	const left = await abandonPull(course);
	if (left !== null) return left;
	const {landedAt, isStarted, runId} = course.reached;
	if (landedAt === null && !isStarted)
		return {
			exit: 12,
			result: 'cancelled',
			because: `${short(sha)} was not promoted; nothing was changed`,
			next: 'Start it again when you want it.',
		};
	const run =
		runId === null
			? landedAt === null
				? ''
				: '; its deployment may start all the same'
			: `; ${await cancelRun(course, runId)}`;
	const what =
		landedAt !== null
			? `${branch} is at ${short(landedAt)}`
			: strategy === 'workflow'
				? `the production deployment of ${short(sha)} was started`
				: `the script that deploys ${short(sha)} was stopped`;
	return {
		exit: 31,
		result: 'stopped',
		because: `${what}${run}`,
		next: 'See what production runs; promote the same commit again, or roll back.',
	};
};

/** GitHub refuses the token in the middle of it. */
const barred = ({reached: {landedAt, isStarted, isSent}, sha}: Course, because: string): Ending =>
	landedAt === null && !isStarted && !isSent
		? {
				exit: 10,
				result: 'not-permitted',
				because: clauses(`GitHub does not let deployctl continue: ${because}`, 'nothing was changed'),
				next: 'Sign in again, then promote again.',
			}
		: {
				exit: 31,
				result: 'not-permitted',
				because: `GitHub does not let us see how the promotion of ${short(sha)} goes on: ${because}`,
				next: 'Sign in again, and see what production runs.',
			};

/** Never throws for a stop; what else is thrown is a bug. */
export const promote = async (course: Course): Promise<Ending> => {
	try {
		return await run(course);
	} catch (error) {
		if (error instanceof Barred) return barred(course, error.message);
		if (!course.signal.aborted) throw error;
		return stopped(course);
	}
};
