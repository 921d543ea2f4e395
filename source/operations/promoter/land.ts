/** Moves production's branch to the commit: one atomic step with the lock and the release tag, or not at all. */
import type {Unwritten} from '../../github/http/connection.ts';
import type {Landed} from '../../github/land/landing.ts';
import {type Course, notAsked, on, over, refused, short, type Stage} from './course.ts';

export const tagPrefix = 'deployctl/prod-';

const land = async (course: Course, before: string, after: string): Promise<Landed | Unwritten | 'no-lock'> => {
	const {
		promotions,
		environment,
		plan: {
			promotion: {branch},
		},
	} = course;
	const id = course.lockId();
	// Not aborted by a stop: half of it does not exist, and its answer is wanted.
	return id === null
		? 'no-lock'
		: promotions.land({
				branch,
				before,
				after,
				lock: {environment: environment.name, id},
				tagPrefix,
				makesTag: true,
			});
};

const lockLost = 'the lock is not ours any more';

/** Before production is touched. `value`: the tag. */
export const landFirst = async (course: Course): Promise<Stage<string | null>> => {
	const {
		speech,
		sha,
		plan: {
			promotion: {branch, branchAt},
		},
	} = course;
	if (branchAt === null)
		return refused(`where ${branch} is was not known when the plan was made`, 'Look at the plan again.');
	speech.begin('branch');
	course.reached.isSent = true;
	const landed = await land(course, branchAt, sha);
	course.reached.isSent = false;
	if (landed === 'no-lock') return refused(lockLost, 'See who took it, and promote again.');
	if (!('how' in landed)) return notAsked(landed);
	switch (landed.how) {
		case 'landed':
			course.reached.landedAt = sha;
			speech.ok('branch', `${branch} is at ${short(sha)}${landed.tag === null ? '' : `, tagged ${landed.tag}`}`);
			return on(landed.tag);
		case 'unknown':
			speech.fail('branch', landed.because);
			return over({
				exit: 32,
				result: 'unknown',
				because: `whether ${branch} was moved to ${short(sha)} is not known: ${landed.because}`,
				next: `See where ${branch} is; if it is at ${short(sha)}, its deployment may be under way.`,
			});
		case 'refused': {
			speech.fail('branch', landed.because);
			if (landed.isRule)
				return refused(
					`the rules of ${branch} do not let it be moved: ${landed.because}`,
					'Set promotion.strategy to pull-request or merge-queue in deployctl.yml.',
				);
			if (landed.lockIs === 'gone') return refused(lockLost, 'See who took it, and promote again.');
			if (landed.head !== null && landed.head !== branchAt)
				return refused(`${branch} has moved to ${short(landed.head)} since`, 'Look at the plan again.');
			return refused(`${branch} was not moved: ${landed.because}`, 'Look at the plan again.');
		}
	}
};

/** After production runs it: the branch follows. What stands in its way then is told, and changes nothing about production. */
export const landLast = async (course: Course): Promise<string | null> => {
	const {
		speech,
		promotions,
		sha,
		plan: {
			promotion: {branch, branchAt},
		},
	} = course;
	speech.begin('branch');
	const head = await promotions.head(branch);
	const before = head.ok ? head.sha : branchAt;
	const landed = before === null ? 'no-lock' : await land(course, before, sha);
	if (landed !== 'no-lock' && 'how' in landed && landed.how === 'landed') {
		course.reached.landedAt = sha;
		speech.ok('branch', `${branch} is at ${short(sha)}${landed.tag === null ? '' : `, tagged ${landed.tag}`}`);
		return null;
	}
	const why = landed === 'no-lock' ? lockLost : landed.because;
	speech.fail('branch', `${branch} was not moved: ${why}`);
	return `${branch} was not moved to it (${why.replace(/\.$/, '')})`;
};

/** A merge is on the branch: only the tag is missing. It is a name, and nothing depends on it. */
export const tagMerge = async (course: Course, merge: string): Promise<void> => {
	const landed = await land(course, merge, merge);
	if (landed !== 'no-lock' && 'how' in landed && landed.how === 'landed' && landed.tag !== null)
		course.speech.note('branch', `tagged ${landed.tag}`);
};
