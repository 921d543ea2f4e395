/** Promotion by pull request or merge queue, where the branch's rules take nothing else: of exactly the tested commit, and compared file by file afterwards. */
import {clauses} from '../../core/text/sanitise.ts';
import {safeText} from '../../core/text/safe-text.ts';
import type {Unwritten} from '../../github/http/connection.ts';
import type {Pull} from '../../github/land/pull-read.ts';
import type {Enqueued} from '../../github/land/pulls.ts';
import {cancelRun} from './follow.ts';
import {tagMerge} from './land.ts';
import type {Ending} from './speech.ts';
import {
	type Course,
	notAsked,
	on,
	over,
	refused,
	refusedAs,
	short,
	type Stage,
	untilAnswered,
	waitedOut,
} from './course.ts';

const lookEveryMs = 3000;
const mergesAtMost = 3;

const branchName = (sha: string) => `deployctl/promote-${short(sha)}`;

/** Names and reasons from everywhere: as code they mention nobody and close nothing. */
const plain = (text: string): string => `\`${safeText(text).replaceAll('`', "'")}\``;

const bodyOf = ({
	plan: {
		promotion: {conditions, hotfix, breakGlass},
	},
	sha,
}: Course): string =>
	[
		`Promotes \`${sha}\` to production, and nothing else: do not push to this branch.`,
		'',
		...(hotfix === null ? [] : [`Hotfix from ${plain(hotfix)}.`, '']),
		...(breakGlass === null
			? []
			: [`**Break-glass**: ${plain(breakGlass.reason)} (${breakGlass.conditions.join(', ')})`, '']),
		...conditions.map(
			({id, met, because, proofs = []}) =>
				`- ${met === true ? '✔' : met === false ? '✖' : '?'} ${id}: ${plain(because)}${proofs[0]?.url ? ` ([proof](${proofs[0].url}))` : ''}`,
		),
	].join('\n');

const open = async (course: Course): Promise<Stage<Pull>> => {
	const {
		speech,
		promotions,
		sha,
		plan: {
			promotion: {branch},
		},
	} = course;
	speech.begin('pull-request');
	const wanted = {
		branch: branchName(sha),
		base: branch,
		sha,
		title: `Promote ${short(sha)} to production`,
		body: bodyOf(course),
	};
	let opened = await promotions.openPull(wanted);
	for (
		let waits = 0;
		!opened.ok && opened.kind !== 'refused' && (await waitedOut(course, 'pull-request', opened, waits));
		waits++
	)
		opened = await promotions.openPull(wanted);
	if (!opened.ok) {
		speech.fail('pull-request', opened.because);
		return opened.kind === 'refused'
			? refused(`the pull request was not opened: ${opened.because}`, opened.next)
			: notAsked(opened);
	}
	course.reached.pull = opened.pull;
	speech.ok('pull-request', `#${opened.pull.number} ${opened.pull.url}`);
	return on(opened.pull);
};

/** What makes this pull request unfit for it, whoever did it. */
const spoilt = (pull: Pull | null, sha: string): string | null => {
	if (pull === null) return 'the pull request is gone';
	if (pull.state === 'closed') return `somebody has closed #${pull.number}`;
	return pull.state === 'open' && pull.headSha !== sha
		? `somebody has pushed ${short(pull.headSha)} to the branch of #${pull.number}`
		: null;
};

/** Until the branch's rules are met. `value`: it was merged already, by somebody else, as it is. */
const untilMergeable = async (course: Course, {number}: Pull): Promise<Stage<Pull>> => {
	const {promotions, speech, clock, signal, sha} = course;
	for (;;) {
		const {pull} = await untilAnswered(course, 'merge', () => promotions.pull(number));
		const why = spoilt(pull, sha);
		if (why !== null) return refused(why, 'Promote again.');
		if (pull!.state === 'merged' || (pull!.blockedBecause === null && pull!.isMergeable === true)) return on(pull!);
		if (pull!.isMergeable === false)
			return refused(
				`#${number} cannot be merged: it conflicts with the branch`,
				"Bring the staging branch up to date with production's, and promote that.",
			);
		speech.note('merge', pull!.blockedBecause ?? 'GitHub is working out whether it can be merged');
		await clock.after(lookEveryMs, signal);
	}
};

/** What is on the branch now has exactly the files that were tested; if not, its deployment is not let go on. */
const compared = async (course: Course, merge: string, step: string): Promise<Stage<string>> => {
	const {
		promotions,
		speech,
		sha,
		settings: {
			promotion: {workflow},
		},
		plan: {
			promotion: {branch},
		},
	} = course;
	course.reached.landedAt = merge;
	const isEqual = await untilAnswered(course, step, async () => {
		const answer = await promotions.treeEquals(merge, sha);
		// A commit that GitHub does not know yet: its replica lags.
		return answer.ok || answer.kind !== 'no-such-commit'
			? answer
			: {...answer, kind: 'unreachable', retryAt: null, mayHold: null};
	}).then(answer => answer.isEqual);
	if (isEqual) {
		speech.ok(step, `${branch} is at ${short(merge)}, with exactly the files of ${short(sha)}`);
		await tagMerge(course, merge);
		return on(merge);
	}
	const why = `${branch} is at ${short(merge)}, whose files are not those of ${short(sha)}`;
	speech.fail(step, why);
	const run = await promotions.productionRun({workflow, headSha: merge, branch, since: 0});
	const ended =
		run.ok && run.runId !== null
			? await cancelRun(course, run.runId)
			: run.ok && run.doubt !== undefined
				? `which run deploys it is not known (${run.doubt})`
				: 'its deployment was not seen to start';
	return over({
		exit: 31,
		result: 'landed-other',
		because: clauses(why, ended),
		next: `Something else came to ${branch} at the same time: look at both, and promote what was tested.`,
	});
};

const removeBranch = ({promotions, sha}: Course) => promotions.deleteBranch(branchName(sha), sha);

/** When it is given up before anything was merged: nothing stays open. null: so it is; otherwise how it ends instead, because it was merged in that very instant, or nobody knows. */
export const abandonPull = async (course: Course): Promise<Ending | null> => {
	const {
		promotions,
		sha,
		plan: {
			promotion: {branch},
		},
		reached: {pull, landedAt},
	} = course;
	if (pull === null || landedAt !== null) return null;
	let closed = await promotions.closePull(pull.id, pull.number);
	// Also after a stop: what stays open may still be merged.
	const patient = {...course, signal: new AbortController().signal};
	for (
		let waits = 0;
		!closed.ok && closed.kind !== 'refused' && (await waitedOut(patient, 'pull-request', closed, waits));
		waits++
	)
		closed = await promotions.closePull(pull.id, pull.number);
	if (closed.ok) {
		await removeBranch(course);
		return null;
	}
	const now = await promotions.pull(pull.number);
	if (now.ok && now.pull?.state === 'closed') return null;
	if (!now.ok || now.pull?.state !== 'merged')
		return {
			exit: 32,
			result: 'unknown',
			because: `#${pull.number} could not be closed, and may still be merged: ${closed.because.replace(/\.$/, '')}`,
			next: `Close ${pull.url}, and see where ${branch} is.`,
		};
	course.reached.landedAt = now.pull.mergeSha ?? sha;
	return {
		exit: 31,
		result: 'merged',
		because: `#${pull.number} was merged in the instant in which it was to be given up: ${branch} has moved, and its deployment may be under way`,
		next: 'See what production runs.',
	};
};

const abandoned = async (course: Course, stage: {ok: false; ending: Ending}): Promise<Stage<never>> => {
	const instead = await abandonPull(course);
	return instead === null ? stage : over(instead);
};

/** The gate again, after what may have taken an hour. */
const provenAgain = async (course: Course): Promise<Stage<null>> => {
	const no = await course.prove();
	course.signal.throwIfAborted();
	return no === null ? on(null) : abandoned(course, refusedAs(no));
};

/** Merged, by us or by somebody else as it is. GitHub may need a moment to say as which commit. */
const mergedAs = async (course: Course, pull: Pull, step: string): Promise<Stage<string>> => {
	const {promotions, speech, clock, signal} = course;
	let {mergeSha} = pull;
	while (mergeSha === null) {
		speech.note(step, 'merged; waiting for GitHub to say as which commit');
		await clock.after(lookEveryMs, signal);
		mergeSha = (await untilAnswered(course, step, () => promotions.pull(pull.number))).pull?.mergeSha ?? null;
	}
	const landed = await compared(course, mergeSha, step);
	await removeBranch(course);
	return landed;
};

export const landByPull = async (course: Course): Promise<Stage<string>> => {
	const {
		promotions,
		speech,
		settings,
		sha,
		plan: {
			promotion: {branch},
		},
	} = course;
	const opened = await open(course);
	if (!opened.ok) return opened;
	speech.begin('merge');
	for (let [tries, waits] = [1, 0]; ; tries++) {
		const ready = await untilMergeable(course, opened.value);
		if (!ready.ok) return abandoned(course, ready);
		if (ready.value.state === 'merged') return mergedAs(course, ready.value, 'merge');
		const proven = await provenAgain(course);
		if (!proven.ok) return proven;
		const {id, number} = ready.value;
		course.reached.isSent = true;
		const merged = await promotions.mergePull({
			id,
			number,
			expectedHead: sha,
			method: settings.promotion.mergeMethod,
		});
		course.reached.isSent = false;
		if (!('how' in merged)) {
			// After the wait everything is looked at again, the gate included.
			if (!(await waitedOut(course, 'merge', merged, waits))) return abandoned(course, notAsked(merged));
			waits += 1;
			tries -= 1;
			continue;
		}
		if (merged.how === 'unknown')
			return over({
				exit: 32,
				result: 'unknown',
				because: `whether #${number} was merged is not known: ${merged.because}`,
				next: `See where ${branch} is.`,
			});
		if (merged.how === 'landed') return mergedAs(course, {...ready.value, mergeSha: merged.sha}, 'merge');
		speech.note('merge', merged.because);
		if (tries === mergesAtMost)
			return abandoned(
				course,
				refused(`#${number} was not merged: ${merged.because}`, 'Look at the pull request.'),
			);
	}
};

/** One reading between the queue's merge and its telling looks as if it had been put out. */
const absencesInARow = 3;

/** What GitHub said; `value`: it did not look at it, also after waiting as it wanted. The gate is proven before each sending. */
const enqueued = async (
	course: Course,
	wanted: {id: string; number: number; expectedHead: string},
): Promise<Enqueued | {ok: true; value: Unwritten} | {ok: false; ending: Ending}> => {
	for (let waits = 0; ; waits++) {
		const proven = await provenAgain(course);
		if (!proven.ok) return proven;
		course.reached.isSent = true;
		const entered = await course.promotions.enqueuePull(wanted);
		course.reached.isSent = false;
		if ('how' in entered) return entered;
		if (!(await waitedOut(course, 'queue', entered, waits))) return {ok: true, value: entered};
	}
};

export const landByQueue = async (course: Course): Promise<Stage<string>> => {
	const {
		promotions,
		speech,
		clock,
		signal,
		sha,
		plan: {
			promotion: {branch},
		},
	} = course;
	const opened = await open(course);
	if (!opened.ok) return opened;
	speech.begin('queue');
	const {id, number} = opened.value;
	const entered = await enqueued(course, {id, number, expectedHead: sha});
	if ('ok' in entered) return entered.ok ? abandoned(course, notAsked(entered.value)) : entered;
	if (entered.how === 'refused')
		return abandoned(
			course,
			refused(`#${number} was not taken into the merge queue: ${entered.because}`, 'Look at the pull request.'),
		);
	for (let absences = 0; ; await clock.after(lookEveryMs, signal)) {
		const {pull} = await untilAnswered(course, 'queue', () => promotions.pull(number));
		if (pull?.state === 'merged') return mergedAs(course, pull, 'queue');
		absences = pull?.queue ? 0 : absences + 1;
		const why =
			spoilt(pull, sha) ??
			(absences >= absencesInARow
				? 'the merge queue has put it out'
				: pull!.queue?.state === 'unmergeable'
					? 'the merge queue cannot merge it'
					: null);
		if (why !== null) return abandoned(course, refused(why, `Look at #${number}, then promote again.`));
		speech.note(
			'queue',
			pull!.queue === null
				? `waiting for ${branch}'s queue`
				: `${pull!.queue.state}${pull!.queue.position === null ? '' : `, place ${pull!.queue.position}`}`,
		);
	}
};
