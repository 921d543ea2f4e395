/** Runs in words: which jobs are meant, what has been asked for and does not show yet. */
import {age} from '../../core/text/duration.ts';
import type {RunFact} from '../../core/github/facts.ts';
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {RunSubject} from '../../core/runs/effects.ts';
import type {Repeat} from '../../core/runs/runs.ts';
import {workflowFile} from '../../core/github/run-url.ts';
import {productionRule} from '../../core/evidence/run-work.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {greenSeconds} from '../../core/evidence/tier.ts';
import {isFinal, runWord} from '../../core/pipeline/words.ts';
import {workOf} from '../../core/evidence/work.ts';
import type {RunAsked} from '../model/run-dialog.ts';
import {hasFailed, isLate, type JobInRun} from '../questions/run-select.ts';
import type {State} from '../model/state.ts';
import type {Notice} from './notice.ts';

export const repeatText = (which: Repeat): string =>
	which === 'failed' ? 'the failed jobs' : which === 'all' ? 'all jobs' : `only ${which.name}`;

/** Jobs of the run that a wish names; `moving`: what has not ended. GitHub adds what depends on them. */
export const jobsMeant = ({facts}: State, runId: number, which: Repeat | 'moving'): readonly JobInRun[] => {
	const jobs = (facts?.runs.find(run => run.id === runId)?.jobs ?? []).map(
		({id, name, status, conclusion, startedAt, finishedAt}): JobInRun => ({
			id,
			name,
			status: runWord(status, conclusion).status,
			startedAt,
			finishedAt,
		}),
	);
	if (which === 'all') return jobs;
	if (which === 'moving') return jobs.filter(({status}) => !isFinal(status));
	return which === 'failed' ? jobs.filter(hasFailed) : jobs.filter(({id}) => id === which.jobId);
};

/** By what its jobs did: GitHub's word for the run alone is also that of one in which everything was skipped. */
const didWork = (run: RunFact, subject: RunSubject, settings: Settings): boolean => {
	if (subject !== 'production') return greenSeconds(subject, run, settings.tiers[subject]) !== null;
	const jobs = (run.jobs ?? []).map(({name, status, conclusion}) => ({name, ...runWord(status, conclusion)}));
	return (
		runWord(run.status, run.conclusion).status === 'passed' &&
		workOf(jobs, productionRule(settings), (run.jobsTotal ?? 0) - jobs.length).did
	);
};

/** What a run of this tier usually takes: jobs of the newest that passed, and the median of the tier. */
export const usualSeconds = (
	{facts, snapshot, settings}: State,
	subject: RunSubject,
): {
	jobs: ReadonlyArray<{name: string; startedAt: number | null; finishedAt: number | null}> | null;
	seconds: number | null;
} => {
	const file = subject === 'production' ? settings.promotion.workflow : settings.tiers[subject].workflow;
	const passed = (facts?.runs ?? [])
		.filter(
			run =>
				workflowFile(run.workflowPath) === file &&
				(run.jobs?.length ?? 0) > 0 &&
				didWork(run, subject, settings),
		)
		.sort((a, b) => b.createdAt - a.createdAt)[0];
	return {
		jobs: passed?.jobs ?? null,
		seconds: subject === 'production' || !tierNames.includes(subject) ? null : (snapshot?.medians[subject] ?? null),
	};
};

const waitsFor = ({kind, attempt, runId, force}: RunAsked): string => {
	switch (kind) {
		case 'rerun':
			return `re-run asked, waiting for attempt ${attempt ?? 'the next'}`;
		case 'cancel':
			return `${force ? 'forced end' : 'cancel'} asked, waiting for it to end`;
		case 'approve':
			return 'approved, waiting for it to begin';
		case 'start':
			return `start asked, waiting for its run${runId === null ? '' : ` ${runId}`}`;
	}
};

const lateText = ({kind, attempt, runId, force}: RunAsked): string => {
	switch (kind) {
		case 'rerun':
			return `re-run taken, but no attempt ${attempt ?? 'new'}`;
		case 'cancel':
			return `${force ? 'forced end' : 'cancel'} taken, but it still runs`;
		case 'approve':
			return 'approval taken, but it still waits';
		case 'start':
			return `start taken, but no run${runId === null ? '' : ` ${runId}`}`;
	}
};

const lateHint = ({kind, force}: RunAsked): string =>
	kind === 'cancel' && !force ? 'x can force it' : 'look in the browser';

/** The gap between "asked" and "GitHub shows it". */
export const askedNotices = (state: State): readonly Notice[] =>
	state.asked.map((one): Notice => {
		const since = age(state.wallNow - one.atWall);
		return isLate(state, one)
			? {tone: 'bad', text: `${one.about.title}: ${lateText(one)} for ${since}: ${lateHint(one)}`}
			: {tone: 'busy', text: `${one.about.title}: ${waitsFor(one)} for ${since}`};
	});
