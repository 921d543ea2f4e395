/** Done means that production says so: every instance reports the commit and is healthy; then it has to stay so for its soak. */
import {incomparable, tellInstances} from '../../core/releases/instances.ts';
import {isSameVersion, type Observation, overall} from '../../core/releases/observation.ts';
import {listed} from '../../core/releases/words.ts';
import {compareVersion} from '../../core/releases/version.ts';
import {duration} from '../../core/text/duration.ts';
import type {Work} from '../../core/evidence/work.ts';
import {type Course, on, over, short, type Stage} from './course.ts';

const lookEveryMs = 1000;
const settlesWithinMs = 3 * 60_000;
const inARow = 2;
/** As for automatic rollbacks: one bad answer is a warning. */
const failuresInARow = 3;
/** A short soak is watched more closely: three answers in a row have to have room in it. */
const soakEveryMs = (soakSeconds: number) => Math.min(5000, Math.ceil((soakSeconds * 1000) / 12));

const isOn = ({instances}: Observation, target: string, versions: number): boolean => {
	const reporting = instances.filter(({version}) => version !== null);
	return (
		reporting.length >= versions &&
		reporting.every(({version}) => isSameVersion(version!, {release: target, sha: target}))
	);
};

/** `said`: whether a workflow or a script that did its work said that it deployed it: the only word there is where production itself cannot be asked. null: there was none. */
export const verifyLive = async (course: Course, target: string, said: Work | null): Promise<Stage<null>> => {
	const {speech, clock, signal, environment, observe} = course;
	const hasRun = said?.did === true;
	const why = said === null || said.did ? '' : `: ${said.because}`;
	speech.begin('verify');
	// Healthy is what ran before as well: without a version only the word of a deployment says that it is this one.
	if (environment.version.length === 0 && (!hasRun || environment.health.length === 0)) {
		if (hasRun) {
			speech.ok('verify', 'production has no addresses to ask: as reported by its deployment');
			return on(null);
		}
		speech.fail('verify', 'production does not say what it runs, and nothing else has said anything');
		return over({
			exit: 31,
			result: 'unverified',
			because: `nobody can tell whether production runs ${short(target)}: it has no version address to ask, and ${why === '' ? 'no workflow has deployed it' : `its deployment proves nothing${why}`}`,
			next:
				why === ''
					? 'Set environments.production.version in deployctl.yml, or promotion.workflow.'
					: 'Set environments.production.version in deployctl.yml, or name in promotion.maySkip what a good deployment may leave out.',
		});
	}
	for (let good = 0, until = clock.now() + settlesWithinMs; ; await clock.after(lookEveryMs, signal)) {
		const seen = await observe(signal);
		const isHealthy = environment.health.length === 0 || overall(seen).health === true;
		good = isOn(seen, target, environment.version.length) && isHealthy ? good + 1 : 0;
		if (good >= inARow) {
			course.reached.isLive = true;
			speech.ok('verify', tellInstances(seen.instances));
			return on(null);
		}
		speech.note('verify', tellInstances(seen.instances));
		if (clock.now() < until) continue;
		speech.fail('verify', tellInstances(seen.instances));
		const texts = incomparable(seen.instances, []);
		if (texts.length > 0)
			return over({
				exit: 31,
				result: 'unverified',
				because: `nobody can tell whether production runs ${short(target)}: no commit can be read in ${listed(texts)}`,
				next: 'Let its version address name the commit, or set environments.production.versionPath in deployctl.yml.',
			});
		return over({
			exit: 31,
			result: 'not-live',
			because: `production does not report ${short(target)} as healthy${why}`,
			next: 'Look at its deployment; roll production back if it is unhealthy.',
		});
	}
};

/**
It counts as good, and as something to roll back to, only after that. What cannot be asked is neither healthy nor ill: that time does not
count. `value`: what may be said of it.
*/
export const soak = async (course: Course, target: string): Promise<Stage<string>> => {
	const {
		speech,
		clock,
		signal,
		plan: {
			promotion: {soakSeconds},
		},
		environment,
		observe,
	} = course;
	if (soakSeconds === 0) return on('');
	if (environment.health.length === 0) return on('; it was not watched, because production has no health address');
	speech.begin('soak');
	let [left, bad, at] = [soakSeconds * 1000, 0, clock.now()];
	while (left > 0) {
		await clock.after(Math.min(soakEveryMs(soakSeconds), left), signal);
		const seen = await observe(signal);
		const {health} = overall(seen);
		const foreign = seen.instances.find(
			({version}) => version !== null && compareVersion(version, {release: target, sha: target}) === 'different',
		);
		// Healthy, and perhaps something else: that time does not count either.
		const isKnown =
			foreign === undefined &&
			(environment.version.length === 0 || isOn(seen, target, environment.version.length));
		if (foreign !== undefined) {
			speech.fail('soak', tellInstances(seen.instances));
			return over({
				exit: 33,
				result: 'overtaken',
				because: `production ran ${short(target)}, and something else came to it while it was watched`,
				next: 'See who deployed past deployctl.',
			});
		}
		bad = health === false ? bad + 1 : 0;
		if (health === true && isKnown) left -= clock.now() - at;
		at = clock.now();
		speech.note(
			'soak',
			health === true && !isKnown
				? `healthy, but it does not say that it is ${short(target)}`
				: health === true
					? `healthy, ${duration(Math.max(0, left) / 1000)} to go`
					: health === false
						? `unhealthy, ${bad} in a row`
						: 'blind: production could not be asked',
		);
		if (bad < failuresInARow) continue;
		speech.fail('soak', tellInstances(seen.instances));
		return over({
			exit: 33,
			result: 'unhealthy',
			live: target,
			because: `production runs ${short(target)} and turned unhealthy while it was watched`,
			next: 'deployctl rollback production',
		});
	}
	speech.ok('soak', `healthy for ${duration(soakSeconds)}`);
	return on(` and was healthy for ${duration(soakSeconds)}`);
};
