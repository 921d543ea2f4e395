/** A promotion from the last look at its evidence to the end of its soak. Pure of processes: what it acts with comes from outside. */
import {duration} from '../core/duration.ts';
import {abandonPull, landByPull, landByQueue} from './promote-pull.ts';
import {landFirst, landLast} from './promote-land.ts';
import {dispatchRun, findPushRun, followRun} from './promote-follow.ts';
import type {Ending} from './promote-speech.ts';
import {soak, verifyLive} from './promote-verify.ts';
import {type Course, on, over, refused, short, type Stage} from './promotion-course.ts';

const proven = async (course: Course): Promise<Stage<null>> => {
	const {speech} = course;
	speech.begin('gate');
	const no = await course.prove();
	if (no === null) {
		speech.ok('gate', `every condition is met${course.plan.promotion.breakGlass === null ? '' : ', but for the broken glass'}`);
		return on(null);
	}
	speech.fail('gate', no.because);
	return refused(no.because, no.next);
};

/** The evidence may have turned red in the instant between the last look and the move: then the deployment is stopped before it reaches production. */
const stillProven = async (course: Course, landedAt: string, runId: number | null): Promise<Stage<null>> => {
	const {promotions, speech, plan: {promotion: {branch}}} = course;
	const why = await course.proveLanded(landedAt);
	if (why === null) return on(null);
	const cancelled = runId === null ? null : await promotions.cancelRun(runId);
	speech.fail('deployment', why);
	return over({exit: 31, result: 'evidence-void', because: `the evidence turned void while ${branch} was moved: ${why}; its deployment ${runId === null ? 'was not seen to start' : cancelled?.ok === true ? 'was cancelled' : 'could not be cancelled'}`, next: 'See what production runs; promote again when the evidence stands.'});
};

const byPush = async (course: Course, land: (course: Course) => Promise<Stage<string | null>>): Promise<Stage<string>> => {
	const {speech, plan: {promotion: {branchAt}}, sha} = course;
	const wasThere = branchAt === sha;
	const landed = await land(course);
	if (!landed.ok) return landed;
	const landedAt = course.reached.landedAt!;
	course.reached.isStarted = true;
	// A deployment that failed before is not started again by a push that changes nothing.
	const dispatched = wasThere ? await dispatchRun(course) : null;
	if (dispatched !== null && !dispatched.ok) return dispatched;
	speech.begin('deployment');
	const runId = dispatched?.value ?? await findPushRun(course, landedAt);
	const still = await stillProven(course, landedAt, runId);
	if (!still.ok) return still;
	if (runId === null) speech.ok('deployment', 'no workflow deploys it: production is asked');
	else {
		const followed = await followRun(course, runId);
		if (!followed.ok) return followed;
	}
	const verified = await verifyLive(course, landedAt, runId !== null);
	return verified.ok ? on(landedAt) : verified;
};

const byWorkflow = async (course: Course): Promise<Stage<string>> => {
	const dispatched = await dispatchRun(course);
	if (!dispatched.ok) return dispatched;
	course.speech.begin('deployment');
	const followed = await followRun(course, dispatched.value);
	if (!followed.ok) return followed;
	const verified = await verifyLive(course, course.sha, true);
	return verified.ok ? on(course.sha) : verified;
};

/** The script tells its own steps, beside ours. */
const byScript = async (course: Course): Promise<Stage<string>> => {
	const {environment, sha} = course;
	course.reached.isStarted = true;
	const code = await course.runScript();
	const path = environment.deploy.path;
	switch (code) {
		case 0: break;
		case 2: case 10: case 11: case 12: return over({exit: code === 11 ? 11 : code === 12 ? 12 : 10, result: 'failed-before-switch', because: `${path} gave up before the switch (exit ${code}); nothing was changed`, next: 'Look at the log.'});
		case 20: return over({exit: 20, result: 'rolled-back', because: `${path} returned to the release before (exit 20)`, next: 'Look at the log.'});
		case 30: return over({exit: 30, result: 'broken', because: `${path} could not return to a working release (exit 30)`});
		case 40: return over({exit: 40, result: 'away', because: `${path} lost its host (exit 40)`});
		default: return over({exit: 31, result: 'script-failed', because: `${path} ${code === null ? 'was ended by a signal' : `ended with ${code}`}`, next: 'Look at the log, and at what production runs.'});
	}
	const verified = await verifyLive(course, sha, true);
	return verified.ok ? on(sha) : verified;
};

const strategies: Readonly<Record<Course['plan']['promotion']['strategy'], (course: Course) => Promise<Stage<string>>>> = {
	'fast-forward': course => byPush(course, landFirst),
	'pull-request': course => byPush(course, landByPull),
	'merge-queue': course => byPush(course, landByQueue),
	workflow: byWorkflow,
	script: byScript,
};

const run = async (course: Course): Promise<Ending> => {
	const {sha, plan: {promotion: {strategy, soakSeconds, branch}}} = course;
	const gate = await proven(course);
	if (!gate.ok) return gate.ending;
	const done = await strategies[strategy](course);
	if (!done.ok) return done.ending;
	const left = strategy === 'workflow' || strategy === 'script' ? await landLast(course) : null;
	const soaked = await soak(course, done.value);
	if (!soaked.ok) return soaked.ending;
	const merged = done.value === sha ? '' : `, as ${short(done.value)} on ${branch}`;
	return {exit: 0, result: 'promoted', live: done.value, because: `${short(sha)} is live on production${merged}${soakSeconds === 0 ? '' : ` and was healthy for ${duration(soakSeconds)}`}${left === null ? '' : `; ${left}`}`};
};

/** Somebody stopped it, or its time was over: how far it had come decides what that means. */
const stopped = async (course: Course): Promise<Ending> => {
	const {reached: {landedAt, isStarted, isLive}, sha, plan: {promotion: {branch, strategy}}} = course;
	if (isLive) return {exit: 34, result: 'stopped-while-soaking', live: landedAt ?? sha, because: `${short(sha)} is live on production and was healthy, but was not watched for its whole soak`, next: 'Watch it; it counts as a release to go back to only when it was healthy for its soak.'};
	if (landedAt !== null) return {exit: 31, result: 'stopped', because: `${branch} is at ${short(landedAt)}, and its deployment was not followed to its end`, next: 'See what production runs; its workflow may still be at work.'};
	if (isStarted) return {exit: 31, result: 'stopped', because: strategy === 'workflow' ? `the production deployment of ${short(sha)} was started and not followed to its end` : `the script that deploys ${short(sha)} was stopped`, next: 'See what production runs.'};
	await abandonPull(course).catch(() => {});
	return {exit: 12, result: 'cancelled', because: `${short(sha)} was not promoted; nothing was changed`, next: 'Start it again when you want it.'};
};

/** Never throws for a stop; what else is thrown is a bug. */
export const promote = async (course: Course): Promise<Ending> => {
	try {
		return await run(course);
	} catch (error) {
		if (!course.signal.aborted) throw error;
		return stopped(course);
	}
};
