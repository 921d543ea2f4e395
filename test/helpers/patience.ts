/**
 * How long a test may wait. Rules for every test, so that no slow or busy machine can break it:
 *
 * - Wait for what is to become so (`until`, `Pty.waitFor`, an event), never for a while. The end of such a wait costs
 *   nothing as long as the test passes: take the default, and give an end of your own only when it has to be longer.
 * - An end that is a number goes through `patient`, which multiplies it by how slow this machine is.
 * - No `{timeout}` on a single test: what hangs is ended by `--test-timeout` of `npm test`, which is longer than any wait.
 * - Whatever is about time itself gets a clock that the test moves (`fake-clock.ts`, `virtual-clock.ts`).
 * - A limit for how fast something is compares with the same machine at the same moment, or counts work instead of time.
 */
import {spawnSync} from 'node:child_process';
import {setTimeout as wait} from 'node:timers/promises';

/** Milliseconds that `node -e 0` takes on a quiet machine of today. */
const quietMs = 42;
/** With longer ends than that a test would outlive `--test-timeout`. */
const mostSlowness = 6;
/** Not called after us: scripts hand nothing of ours to what they start, and tests look whether that is so. */
const variable = 'TEST_SLOWNESS';

const startMs = (): number => {
	const began = performance.now();
	spawnSync(process.execPath, ['-e', '0'], {stdio: 'ignore', env: {}});
	return performance.now() - began;
};

const measured = (): number => {
	const rounds = 5;
	let totalMs = 0;
	for (let round = 0; round < rounds; round++) totalMs += startMs();
	return totalMs / rounds / quietMs;
};

/** A whole run measures once: register.js imports this in the runner, whose environment the files inherit. */
process.env[variable] ??= measured().toFixed(2);

/** How many times slower than a quiet machine this one was when the run began; 1 to 6. */
export const slowness: number = Math.min(Math.max(1, Number(process.env[variable]) || 1), mostSlowness);

/** Milliseconds of a quiet machine, as milliseconds of this one. */
export const patient = (milliseconds: number): number => Math.ceil(milliseconds * slowness);

/** The usual end of a wait, in milliseconds: a minute on a quiet machine. Nobody waits so long for a test that passes. */
export const patienceMs: number = patient(60_000);

/** The end of a wait that has run out, by how slow the machine is by now: others may have begun to use it since the run began. */
export const patientNow = (atMostMs: number): number =>
	Math.max(atMostMs, (atMostMs / slowness) * Math.min(Math.max(1, measured()), mostSlowness));

/**
 * Until the condition holds, which is looked at again and again; rejects at the end: a test that waits in vain must
 * fail, not hang.
 * @param what as in "waited in vain until …"; as a function, it is asked when the wait is over, and can tell why.
 * @param atMostMs milliseconds of this machine
 */
export const until = async (
	what: string | (() => string),
	condition: () => boolean | Promise<boolean>,
	atMostMs = patienceMs,
): Promise<void> => {
	const began = performance.now();
	let allowedMs = atMostMs;
	for (let pauseMs = 5; !(await condition()); pauseMs = Math.min(pauseMs + 1, 50)) {
		const waitedMs = performance.now() - began;
		if (waitedMs > allowedMs) {
			allowedMs = patientNow(atMostMs);
			if (waitedMs > allowedMs)
				throw new Error(
					`waited in vain until ${typeof what === 'string' ? what : what()} (${Math.round(waitedMs / 1000)} s)`,
				);
		}
		await wait(pauseMs);
	}
};
