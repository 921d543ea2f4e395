/** Promotion by pull request or merge queue, where the branch's rules take nothing else: of exactly the tested commit, and compared file by file afterwards. */
import type {Pull} from '../github/pull-read.ts';
import {type Course, notAsked, on, over, refused, short, type Stage, untilAnswered} from './promotion-course.ts';
import {tagMerge} from './promote-land.ts';

const lookEveryMs = 3000;
const mergesAtMost = 3;

const branchName = (sha: string) => `deployctl/promote-${short(sha)}`;

const bodyOf = ({plan: {promotion: {conditions, hotfix, breakGlass}}, sha}: Course): string => [
	`Promotes \`${sha}\` to production, and nothing else: do not push to this branch.`, '',
	...(hotfix === null ? [] : [`Hotfix from \`${hotfix}\`.`, '']),
	...(breakGlass === null ? [] : [`**The glass was broken**: ${breakGlass.reason} (${breakGlass.conditions.join(', ')})`, '']),
	...conditions.map(({id, met, because, proofs = []}) => `- ${met === true ? '✔' : met === false ? '✖' : '?'} ${id}: ${because}${proofs[0]?.url ? ` ([proof](${proofs[0].url}))` : ''}`),
].join('\n');

const open = async (course: Course): Promise<Stage<Pull>> => {
	const {speech, promotions, sha, plan: {promotion: {branch}}} = course;
	speech.begin('pull-request');
	const opened = await promotions.openPull({branch: branchName(sha), base: branch, sha, title: `Promote ${short(sha)} to production`, body: bodyOf(course)});
	if (!opened.ok) {
		speech.fail('pull-request', opened.because);
		return opened.kind === 'refused' ? refused(`the pull request was not opened: ${opened.because}`, opened.next) : notAsked(opened);
	}
	course.reached.pull = opened.pull;
	speech.ok('pull-request', `#${opened.pull.number} ${opened.pull.url}`);
	return on(opened.pull);
};

/** What makes this pull request unfit for it, whoever did it. */
const spoilt = (pull: Pull | null, sha: string): string | null => {
	if (pull === null) return 'the pull request is gone';
	if (pull.state === 'closed') return `somebody has closed #${pull.number}`;
	return pull.state === 'open' && pull.headSha !== sha ? `somebody has pushed ${short(pull.headSha)} to the branch of #${pull.number}` : null;
};

/** Until the branch's rules are met. `value`: it was merged already, by somebody else, as it is. */
const untilMergeable = async (course: Course, {number}: Pull): Promise<Stage<Pull>> => {
	const {promotions, speech, clock, signal, sha} = course;
	for (;;) {
		const {pull} = await untilAnswered(course, 'merge', () => promotions.pull(number));
		const why = spoilt(pull, sha);
		if (why !== null) return refused(why, 'Promote again.');
		if (pull!.state === 'merged' || (pull!.blockedBecause === null && pull!.isMergeable === true)) return on(pull!);
		if (pull!.isMergeable === false) return refused(`#${number} cannot be merged: it conflicts with the branch`, 'Bring the staging branch up to date with production\'s, and promote that.');
		speech.note('merge', pull!.blockedBecause ?? 'GitHub is working out whether it can be merged');
		await clock.after(lookEveryMs, signal);
	}
};

/** What is on the branch now has exactly the files that were tested; if not, its deployment is not to be let go on. */
const compared = async (course: Course, merge: string, step: string): Promise<Stage<string>> => {
	const {promotions, speech, sha, plan: {promotion: {branch}}} = course;
	course.reached.landedAt = merge;
	const answer = await promotions.treeEquals(merge, sha);
	if (answer.ok && answer.isEqual) {
		speech.ok(step, `${branch} is at ${short(merge)}, with exactly the files of ${short(sha)}`);
		await tagMerge(course, merge);
		return on(merge);
	}
	const why = answer.ok ? `${branch} is at ${short(merge)}, whose files are not those of ${short(sha)}` : `the files of ${short(merge)} could not be compared with those of ${short(sha)}: ${answer.because}`;
	speech.fail(step, why);
	return over({exit: 31, result: 'landed-other', because: why, next: `Something else came to ${branch} at the same time: look at both, and promote what was tested.`});
};

const closed = async ({promotions, sha}: Course, {id, number}: Pull): Promise<void> => {
	await promotions.closePull(id, number);
	await promotions.deleteBranch(branchName(sha), sha);
};

/** When it is given up before anything was merged: nothing stays open. */
export const abandonPull = async (course: Course): Promise<void> => {
	const {pull, landedAt} = course.reached;
	if (pull !== null && landedAt === null) await closed(course, pull);
};

const abandoned = async (course: Course, stage: Stage<never>): Promise<Stage<never>> => {
	await abandonPull(course);
	return stage;
};

export const landByPull = async (course: Course): Promise<Stage<string>> => {
	const {promotions, speech, settings, sha, plan: {promotion: {branch}}} = course;
	const opened = await open(course);
	if (!opened.ok) return opened;
	speech.begin('merge');
	for (let tries = 1; ; tries++) {
		const ready = await untilMergeable(course, opened.value);
		if (!ready.ok) return abandoned(course, ready);
		if (ready.value.state === 'merged') return compared(course, ready.value.mergeSha ?? sha, 'merge');
		// Reviews and checks may have taken an hour.
		const no = await course.prove();
		if (no !== null) return abandoned(course, refused(no.because, no.next));
		const {id, number} = ready.value;
		const merged = await promotions.mergePull({id, number, expectedHead: sha, method: settings.promotion.mergeMethod});
		if (!('how' in merged)) return abandoned(course, notAsked(merged));
		if (merged.how === 'unknown') return over({exit: 32, result: 'unknown', because: `whether #${number} was merged is not known: ${merged.because}`, next: `See where ${branch} is.`});
		if (merged.how === 'landed') {
			const landed = await compared(course, merged.sha, 'merge');
			await promotions.deleteBranch(branchName(sha), sha);
			return landed;
		}
		speech.note('merge', merged.because);
		if (tries === mergesAtMost) return abandoned(course, refused(`#${number} was not merged: ${merged.because}`, 'Look at the pull request.'));
	}
};

export const landByQueue = async (course: Course): Promise<Stage<string>> => {
	const {promotions, speech, clock, signal, sha, plan: {promotion: {branch}}} = course;
	const opened = await open(course);
	if (!opened.ok) return opened;
	speech.begin('queue');
	const {id, number} = opened.value;
	const no = await course.prove();
	if (no !== null) return abandoned(course, refused(no.because, no.next));
	const entered = await promotions.enqueuePull({id, number, expectedHead: sha});
	if (!('how' in entered)) return abandoned(course, notAsked(entered));
	if (entered.how === 'refused') return abandoned(course, refused(`#${number} was not taken into the merge queue: ${entered.because}`, 'Look at the pull request.'));
	for (let wasQueued = false; ;) {
		const {pull} = await untilAnswered(course, 'queue', () => promotions.pull(number));
		if (pull?.state === 'merged') {
			const landed = await compared(course, pull.mergeSha ?? sha, 'queue');
			await promotions.deleteBranch(branchName(sha), sha);
			return landed;
		}
		const why = spoilt(pull, sha) ?? (wasQueued && pull!.queue === null ? 'the merge queue has put it out' : pull!.queue?.state === 'unmergeable' ? 'the merge queue cannot merge it' : null);
		if (why !== null) return abandoned(course, refused(why, `Look at #${number}, then promote again.`));
		wasQueued ||= pull!.queue !== null;
		speech.note('queue', pull!.queue === null ? `waiting for ${branch}'s queue` : `${pull!.queue.state}${pull!.queue.position === null ? '' : `, place ${pull!.queue.position}`}`);
		await clock.after(lookEveryMs, signal);
	}
};
