/**
Whether a run did the work that it stands for. GitHub calls a run a success although every job in it was skipped, so its word alone says nothing:
at least one job that does the work has to have passed, and every other job passed too, or may be skipped. The one rule for screen, gate,
`watch`, re-runs and promotions; pure.
*/
import type {Status} from '../pipeline/pipeline.ts';
import {withoutStagingWords} from '../pipeline/staging-words.ts';

/** Matches a whole job name against a glob of `*` (anything) and `?` (one character). */
export const matchesGlob = (glob: string, name: string): boolean =>
	new RegExp(
		`^${glob
			.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
			.replaceAll('*', '.*')
			.replaceAll('?', '.')}$`,
		'su',
	).test(name);

/** `rawStatus`: GitHub's own word, where ours loses something: a neutral job is no skipped one. */
export type JobWord = {name: string; status: Status; rawStatus?: string};
/** What the configuration says about the jobs. `key`: where, for whoever has to change it. */
export type WorkRule = {
	key: string;
	jobs: string | null;
	/** Parts that may be left out. */ maySkip: readonly string[];
	/** Jobs whose passing says nothing about the tier. */ notWork: readonly string[];
};
/** `status`: what may be shown instead of passed. `because` names the jobs, `next` the key that loosens it. */
export type Work = {did: true} | {did: false; status: Exclude<Status, 'passed'>; because: string; next: string};

/**
Names that are usual for jobs that decide what runs, or only sum up what ran. Known ones never count as work by themselves; what else
there is of the kind belongs into `notWork`.
*/
const bookkeeping = new Set([
	'changes',
	'changed',
	'what changed',
	'detect changes',
	'check changes',
	'find changes',
	'changed files',
	'files changed',
	'detect changed files',
	'filter',
	'filters',
	'path filter',
	'paths filter',
	'paths',
	'guard',
	'gate',
	'pre job',
	'should run',
	'should skip',
	'skip check',
	'decide',
	'setup matrix',
	'matrix',
	'all green',
	'all passed',
	'all checks',
	'all checks passed',
	'all jobs passed',
	'all tests passed',
	'alls green',
	'ci ok',
	'ci passed',
	'ci success',
	'ci status',
	'ci result',
	'tests passed',
	'tests ok',
	'build ok',
	'passed',
	'success',
	'ok',
	'done',
	'finish',
	'finished',
	'finalize',
	'aggregate',
	'result',
	'results',
	'check results',
	'test results',
	'required',
	'required checks',
	'required status check',
	'status',
	'status check',
	'conclusion',
	'summary',
	'test summary',
	'verdict',
	'notification',
	'notifications',
	'cleanup',
	'clean up',
	'report',
	'reports',
	'report status',
	'report results',
	'test report',
	'merge reports',
	'publish report',
	'publish results',
	'publish test results',
	'setup',
	'set up',
	'prepare',
	'preflight',
	'label',
	'cancel previous',
]);
/** Whatever follows: `notify on failure`, `Announce in chat`, `detect-what-changed`. */
const bookkeepingVerbs = /^(?:notify|announce|detect|determine|decide)\b/;

/** `ci / all-green` is what a called workflow's job is called; names of matrices keep their brackets and are no bookkeeping. What a job says of staging is none of the work. */
export const isBookkeeping = (name: string): boolean => {
	const words = (name.split(' / ').at(-1) ?? name)
		.toLowerCase()
		.replaceAll(/[\s_-]+/g, ' ')
		.trim();
	return withoutStagingWords(name) !== name || bookkeeping.has(words) || bookkeepingVerbs.test(words);
};

/** Four names and how many more there are. */
export const namesOf = (names: readonly string[]): string =>
	`${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;

/** Worst news first; neutral is told as such. */
const wordOf = ({status, rawStatus}: JobWord): string =>
	status === 'skipped' && rawStatus !== undefined ? rawStatus.replaceAll('_', ' ') : status;
const worst: ReadonlyArray<Exclude<Status, 'passed'>> = [
	'failed',
	'running',
	'waiting',
	'queued',
	'unknown',
	'none',
	'cancelled',
	'skipped',
];

const isNamed = (name: string, globs: readonly string[]): boolean => globs.some(glob => matchesGlob(glob, name));

const isAllowed = ({name, status, rawStatus}: JobWord, {maySkip, notWork}: WorkRule): boolean =>
	status === 'passed' ||
	(status === 'skipped' && rawStatus === undefined && (isNamed(name, maySkip) || isNamed(name, notWork)));

/** A job that `jobs` names to the letter is the tier's, whatever it is called. */
const isWork = ({name, status}: JobWord, {jobs, notWork}: WorkRule): boolean =>
	status === 'passed' && !isNamed(name, notWork) && (name === jobs || !isBookkeeping(name));

const skipped = (jobs: readonly JobWord[], {key, jobs: pattern}: WorkRule): Work => {
	const isNotify = `${key}.maySkip names jobs that a green run may leave out${pattern === null ? '' : `; ${key}.jobs those that count`}.`;
	return {
		did: false,
		status: 'skipped',
		because: namesOf(jobs.map(job => `${job.name} ${wordOf(job)}`)),
		next: `Run it with all of its jobs; ${isNotify}`,
	};
};

/** `jobs`: all that count, of the newest attempt. None: nobody has said anything. `unlisted`: how many more the run has that nobody has seen. */
export const workOf = (jobs: readonly JobWord[], rule: WorkRule, unlisted = 0): Work => {
	const bad = jobs.filter(job => !isAllowed(job, rule));
	const status = worst.find(each => bad.some(job => job.status === each)) ?? 'skipped';
	if (jobs.length === 0)
		return {did: false, status: 'unknown', because: 'no job of it is known', next: 'Look at the run on GitHub.'};
	if (bad.length > 0 && status === 'skipped') return skipped(bad, rule);
	if (bad.length > 0) {
		const shown = ['running', 'waiting', 'queued', 'none'].includes(status) ? 'unknown' : status;
		return {
			did: false,
			status: shown,
			because: namesOf(bad.map(job => `${job.name} ${wordOf(job)}`)),
			next: 'Every job has to pass: look at the run, then run it again.',
		};
	}
	if (unlisted > 0)
		return {
			did: false,
			status: 'unknown',
			because: `only ${jobs.length} of ${jobs.length + unlisted} jobs are known`,
			next: 'Look at the run on GitHub.',
		};
	if (jobs.some(job => isWork(job, rule))) return {did: true};
	const passed = jobs.filter(job => job.status === 'passed').map(({name}) => name);
	const because =
		passed.length === 0
			? 'nothing of it ran: every job was skipped'
			: `nothing of it ran but ${namesOf(passed)}, which ${passed.length === 1 ? 'does' : 'do'} none of its work`;
	return {
		did: false,
		status: 'skipped',
		because,
		next: `Run it with its jobs, or promote the next commit that has some; ${rule.key}.jobs names a job that is the work.`,
	};
};
