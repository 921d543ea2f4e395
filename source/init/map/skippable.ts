/**
Which jobs of a workflow a green run leaves out, by their `if:` and `needs:`. What the production gate may do without is a person's decision;
this says what GitHub will skip, and which jobs only decide about others. Pure.
*/
import {isBookkeeping, matchesGlob} from '../../core/evidence/work.ts';

export type ConditionalJob = {
	id: string;
	/** As GitHub names it on the screen, `*` for what only a run knows (` (*)`: of a matrix, ` / *`: of a workflow that it calls). */
	pattern: string;
	needs: readonly string[];
	/** Of `if:`; empty: none. */
	condition: string;
};

/**
`red`: it runs only after something failed. `elsewhere`: it runs for pull requests or other branches only. `filter`: another job's output
decides (path filters). `condition`: of something that the file does not tell (inputs, variables, events).
*/
export type Skip = 'red' | 'elsewhere' | 'filter' | 'condition';

const outputs = /needs\.([\w-]+)\.outputs\b/g;
/** A value that has to be there, and not one that decides: `needs.announce.outputs.sha != ''`. */
const existence = /needs\.[\w-]+\.outputs\.[\w-]+\s*!=\s*''/g;
const statusWords = /(?:!\s*)?\b(?:always|success|failure|cancelled)\(\s*\)/g;
const succeeded =
	/needs\.[\w*-]+\.result\s*==\s*'success'|!\s*contains\(\s*needs\.\*\.result\s*,\s*'(?:failure|cancelled|skipped)'\s*\)/g;
const endedBadly = new RegExp(
	[
		String.raw`(?<!!\s{0,9})\b(?:failure|cancelled)\(\s*\)`,
		String.raw`\.(?:result|outcome|conclusion)\s*(?:==\s*'(?:failure|cancelled)'|!=\s*'success')`,
		String.raw`(?<!!\s{0,9})\bcontains\(\s*needs\.\*\.result\s*,\s*'(?:failure|cancelled)'\s*\)`,
	].join('|'),
);

const bare = (condition: string): string => condition.replaceAll(/^\s*\$\{\{|\}\}\s*$/g, '').trim();
const isNothing = (text: string): boolean => text.replaceAll(/&&|\|\||[\s()!]/g, '').replaceAll(/\btrue\b/g, '') === '';

/** A branch that the condition alone asks for; null: none, or not that alone. */
const branchAsked = (condition: string): string | null => {
	const names = [...condition.matchAll(/github\.(?:ref|ref_name)\s*==\s*'(?:refs\/heads\/)?([^']+)'/g)].map(
		match => match[1]!,
	);
	return names.length === 1 && !/!=|\|\||!\s*\(/.test(condition) ? names[0]! : null;
};
/** What no push to a branch, and nobody who starts it by hand, fulfils. */
const elsewhere = new RegExp(
	[
		String.raw`github\.event_name\s*==\s*'(?:pull_request(?:_target)?|merge_group|schedule|release)'`,
		String.raw`github\.event_name\s*!=\s*'push'`,
		String.raw`(?<!!\s{0,9})startsWith\(\s*github\.ref\s*,\s*'refs/(?:tags|pull)/`,
		String.raw`github\.ref_type\s*==\s*'tag'`,
		String.raw`github\.(?:head_ref|base_ref)\s*!=\s*''`,
	].join('|'),
);
const isForOthers = (condition: string): boolean =>
	elsewhere.test(condition) && !condition.includes('||') && !/!\s*\(/.test(condition);

const ownSkip = (condition: string, branch: string | null): Skip | null => {
	const text = bare(condition);
	if (text === '') return null;
	// Each way in which it could come to run.
	if (text.split('||').every(way => endedBadly.test(way))) return 'red';
	const rest = text.replaceAll(statusWords, '').replaceAll(succeeded, '');
	if (isNothing(rest)) return null;
	const asked = branchAsked(text);
	if (isForOthers(text) || (branch !== null && asked !== null && asked !== branch)) return 'elsewhere';
	if (
		asked !== null &&
		asked === branch &&
		isNothing(rest.replaceAll(/github\.(?:ref|ref_name)\s*==\s*'[^']+'/g, ''))
	)
		return null;
	const deciding = rest.replaceAll(existence, '');
	if (isNothing(deciding) && runsAnyway(condition)) return null;
	return rest.search(outputs) === -1 ? 'condition' : 'filter';
};

/** Whether it is looked at although a job that it needs was skipped. */
const runsAnyway = (condition: string): boolean =>
	/\b(?:always|failure|cancelled)\(\s*\)/.test(condition) &&
	!/needs\.[\w*-]+\.result\s*==\s*'success'/.test(condition);

export type Skips = {
	/** Jobs that a green run may leave out, with the reason; those that it never leaves out are missing. */
	of: ReadonlyMap<string, Skip>;
	/** Jobs whose outputs decide whether others run: that they pass proves nothing. */
	deciding: ReadonlySet<string>;
};

const worst: readonly Skip[] = ['red', 'elsewhere', 'filter', 'condition'];

/** @param branch whose pushes the runs are about; null: not told by the branch */
export const skipsOf = (jobs: readonly ConditionalJob[], branch: string | null): Skips => {
	const known = new Map<string, Skip | null>();
	const byId = new Map(jobs.map(job => [job.id, job]));
	const skipOf = (job: ConditionalJob): Skip | null => {
		const before = known.get(job.id);
		if (before !== undefined) return before;
		// GitHub refuses circles; here they must not turn for ever.
		known.set(job.id, null);
		const own = ownSkip(job.condition, branch);
		const above =
			own !== null || runsAnyway(job.condition)
				? []
				: job.needs.flatMap(id => (byId.has(id) ? (skipOf(byId.get(id)!) ?? []) : []));
		const found = own ?? worst.find(kind => above.includes(kind)) ?? null;
		known.set(job.id, found);
		return found;
	};
	const of = new Map(
		jobs.flatMap(job => {
			const skip = skipOf(job);
			return skip === null ? [] : [[job.id, skip] as const];
		}),
	);
	const deciding = new Set(
		jobs
			.filter(job => of.get(job.id) === 'filter')
			.flatMap(({condition}) =>
				[...condition.replaceAll(existence, '').matchAll(outputs)].map(match => match[1]!),
			),
	);
	return {of, deciding};
};

/** The names that a job may have in a run that skips it: a matrix is not unfolded then, and a called workflow not opened. */
export const namesOfSkipped = (pattern: string): readonly string[] => {
	const short = pattern.replace(/ (?:\(\*\)|\/ \*)$/, '');
	return short === pattern ? [pattern] : [short, pattern];
};

/** Whether a pattern of the configuration can name that job. Both may have signs for any text. */
export const namesJob = (glob: string, {pattern}: Pick<ConditionalJob, 'pattern'>): boolean =>
	namesOfSkipped(pattern).some(
		name => matchesGlob(glob, name.replaceAll('*', 'x')) || matchesGlob(name, glob) || matchesGlob(glob, name),
	);

/** Looks at the others whatever became of them: that it passes says nothing about a run in which they were skipped. */
const looksBack = ({condition, needs}: ConditionalJob, {of}: Skips): boolean =>
	runsAnyway(condition) && needs.some(id => of.get(id) === 'filter');

/** What is named for the gate: `tiers.NAME.jobs`, `.maySkip` and `.notWork`. */
export type Named = {jobs?: string | null; maySkip: readonly string[]; notWork: readonly string[]};

/** Jobs whose passing would count as the tier's work, as the gate tells it by their names. */
export const countedAsWork = (
	jobs: readonly ConditionalJob[],
	{jobs: pattern = null, notWork}: Pick<Named, 'jobs' | 'notWork'>,
	{of}: Skips,
): readonly ConditionalJob[] =>
	jobs.filter(
		job =>
			(job.pattern === pattern || !isBookkeeping(job.pattern)) &&
			!notWork.some(glob => namesJob(glob, job)) &&
			of.get(job.id) !== 'red' &&
			of.get(job.id) !== 'elsewhere',
	);

/** Of these, jobs that pass also where all that they decide about or look back at was skipped. */
export const hollow = (
	jobs: readonly ConditionalJob[],
	named: Pick<Named, 'jobs' | 'notWork'>,
	skips: Skips,
): readonly ConditionalJob[] =>
	countedAsWork(jobs, named, skips).filter(
		job => job.pattern !== named.jobs && (skips.deciding.has(job.id) || looksBack(job, skips)),
	);

/** Patterns over job names for `tiers.NAME.maySkip` and `.notWork`. */
export type Proposal = Required<Pick<Named, 'maySkip' | 'notWork'>>;

/** What to name so that a green run of the workflow opens its tier, and never one in which nothing was tested. */
export const proposeSkips = (jobs: readonly ConditionalJob[], branch: string | null): Proposal => {
	const skips = skipsOf(jobs, branch);
	const namesFor = (wanted: readonly ConditionalJob[]) => [
		...new Set(wanted.flatMap(({pattern}) => namesOfSkipped(pattern))),
	];
	const isLeftOut = ({id}: ConditionalJob) => skips.of.has(id) && skips.of.get(id) !== 'condition';
	return {
		maySkip: namesFor(jobs.filter(job => isLeftOut(job))),
		notWork: namesFor(hollow(jobs, {notWork: []}, skips)),
	};
};
