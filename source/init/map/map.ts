/** Which existing workflow is which tier. What cannot be decided is named with its reason: a wrong tier would open a gate, a missing one only keeps it shut. */
import {kindOf, type Branches, type JobKind} from './job-kind.ts';
import {patternFor} from './job-pattern.ts';
import {aboutForks, aboutHollow, adviceFor, type Judged} from './map-advice.ts';
import type {ExistingWorkflow, Mapping, TierMapping, Unmapped} from '../model.ts';
import {namesJob, type Proposal as SkipProposal, proposeSkips, countedAsWork, skipsOf} from './skippable.ts';
import {pushesTo, readWorkflows, type ReadJob, type ReadWorkflow} from './read-workflow.ts';

type Tier = TierMapping['tier'];
const tiers: readonly Tier[] = ['fast', 'deploy', 'e2e', 'smoke', 'production'];
const titles: Readonly<Record<Tier, string>> = {
	fast: 'fast tests',
	deploy: 'the staging deployment',
	e2e: 'E2E',
	smoke: 'smoke tests',
	production: 'the production deployment',
};

const tiersOf = (kind: JobKind): readonly Tier[] => {
	switch (kind?.kind) {
		case 'unit':
		case 'check':
			return ['fast'];
		case 'e2e':
			return ['e2e'];
		case 'smoke':
			return ['smoke'];
		case 'deploy':
			return kind.place === 'both'
				? ['deploy', 'production']
				: [kind.place === 'staging' ? 'deploy' : 'production'];
		default:
			return [];
	}
};

/** Events by which a person or another workflow starts it for some commit. */
const started = [
	'workflow_run',
	'workflow_dispatch',
	'repository_dispatch',
	'deployment',
	'deployment_status',
] as const;
const eventsText = ({events}: ReadWorkflow) => events.join(', ') || 'nothing';

/** Why no run of it can be about a commit of the branch; null: one can. */
const unreachable = (tier: Tier, workflow: ReadWorkflow, branches: Branches): string | null => {
	const branch = tier === 'production' ? branches.production : branches.staging;
	if (pushesTo(workflow.push, branch)) return null;
	if (tier === 'production' && (workflow.events.includes('release') || workflow.push?.isTagsOnly === true))
		return null;
	if (tier !== 'fast' && started.some(event => workflow.events.includes(event))) return null;
	if (workflow.events.length > 0 && workflow.events.every(event => event === 'workflow_call'))
		return 'it runs only as a part of the workflows that call it';
	if (workflow.push !== null) return `its pushes are not those of ${branch}`;
	if (workflow.events.some(event => event.startsWith('pull_request')))
		return `it runs for pull requests, never for commits of ${branch}`;
	return `it is started by ${eventsText(workflow)}, never for commits of ${branch}`;
};

/** How it is started for the commits in question. */
const startText = (tier: Tier, workflow: ReadWorkflow, branches: Branches): string => {
	const branch = tier === 'production' ? branches.production : branches.staging;
	if (pushesTo(workflow.push, branch)) return `on each push to ${branch}`;
	if (workflow.follows.length > 0) return `after ${workflow.follows.join(', ')}`;
	return `by ${workflow.events.filter(event => event !== 'pull_request').join(', ')}`;
};

type Candidate = {tier: Tier; judged: Judged; jobs: readonly ReadJob[]; because: string};

const candidateFor = (tier: Tier, judged: Judged): Candidate | null => {
	const own = judged.jobs.filter(({kind}) => tiersOf(kind).includes(tier));
	// What only builds or lints is no tier by itself.
	const telling = own.find(({kind}) => kind?.kind !== 'check');
	return telling?.kind ? {tier, judged, jobs: own.map(({job}) => job), because: telling.kind.because} : null;
};

/** Jobs that would spoil the tier's result if they counted: those of other tiers, and of E2E whatever is skipped. Building before E2E or a deployment is a part of it. */
const strangers = ({tier, judged, jobs}: Candidate, isFastToo: boolean): ReadJob[] =>
	judged.jobs
		.filter(
			({job, kind}) =>
				!jobs.includes(job) &&
				(kind?.kind === 'elsewhere' ||
					kind?.kind === 'unit' ||
					(kind?.kind === 'absent' && (tier === 'e2e' || tier === 'smoke')) ||
					(kind?.kind === 'check' && isFastToo) ||
					tiersOf(kind).some(one => one !== tier && one !== 'fast')),
		)
		.map(({job}) => job);

/** Of the jobs that count for the tier; none where no run of it could say anything. What stands above them in `needs` is looked at, too. */
const skippedIn = ({jobs}: Judged, pattern: string | null, branch: string | null): SkipProposal | null => {
	const all = jobs.map(({job}) => job);
	const counted = pattern === null ? all : all.filter(job => namesJob(pattern, job));
	const proposed = proposeSkips(all, branch);
	const own = (globs: readonly string[]) => globs.filter(glob => counted.some(job => namesJob(glob, job)));
	const named = {jobs: pattern, maySkip: own(proposed.maySkip), notWork: own(proposed.notWork)};
	return countedAsWork(counted, named, skipsOf(all, branch)).length > 0 ? named : null;
};

const nothing: SkipProposal = {maySkip: [], notWork: []};
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const andText = (names: readonly string[]) => names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
const namesShown = 4;
const someOf = (names: readonly string[]) =>
	names.length > namesShown
		? `${names.slice(0, namesShown).join(', ')} and ${names.length - namesShown} more`
		: andText(names);
/** One entry a workflow. */
const together = (list: readonly Unmapped[]): Unmapped[] =>
	[...new Set(list.map(({workflow}) => workflow))].map(workflow => ({
		workflow,
		because: list
			.filter(one => one.workflow === workflow)
			.map(({because}) => because)
			.join('; '),
	}));

const whyNone = ({workflow, jobs}: Judged, branches: Branches): string => {
	const first = (wanted: string) => jobs.find(({kind}) => kind?.kind === wanted)?.kind?.because;
	const check = first('check');
	return (
		first('elsewhere') ??
		unreachable('e2e', workflow, branches) ??
		first('tests') ??
		(check === undefined ? first('absent') : `${check}: that alone is none of the tiers`) ??
		'none of its jobs tests or deploys by a command that is known'
	);
};

/** Why a workflow is no tier at all. */
const leftOver = (judged: Judged, branches: Branches): string =>
	[whyNone(judged, branches), ...aboutForks(judged.workflow)].join('. ').replace(/\.$/, '');

export const mapWorkflows = (workflows: readonly ExistingWorkflow[], branches: Branches): Mapping => {
	const all: Judged[] = readWorkflows(workflows).map(workflow => ({
		workflow,
		jobs: workflow.jobs.map(job => ({job, kind: kindOf(job, workflow, branches)})),
	}));
	const unmapped: Unmapped[] = workflows
		.filter(({parsed}) => parsed === null)
		.map(({file, problem}) => ({workflow: file, because: problem ?? 'it cannot be read'}));
	const chosen: Candidate[] = [];
	for (const tier of tiers) {
		const found = all.map(judged => candidateFor(tier, judged)).filter(candidate => candidate !== null);
		const reasons = new Map(
			found.map(candidate => [candidate, unreachable(tier, candidate.judged.workflow, branches)]),
		);
		for (const [{judged}, reason] of reasons)
			if (reason !== null)
				unmapped.push({
					workflow: judged.workflow.file,
					because: `it looks like ${titles[tier]}, but ${reason}`,
				});
		const possible = found.filter(candidate => reasons.get(candidate) === null);
		if (possible.length === 1) chosen.push(possible[0]!);
		const names = possible.map(({judged}) => judged.workflow.file);
		if (possible.length > 1)
			for (const {judged, because} of possible)
				unmapped.push({
					workflow: judged.workflow.file,
					because: `${someOf(names)} could each be ${titles[tier]} (here ${because}): say which in deployctl.yml`,
				});
	}
	const mapped: TierMapping[] = [];
	for (const candidate of chosen) {
		const {tier, judged, jobs, because} = candidate;
		const others = strangers(
			candidate,
			chosen.some(one => one.tier === 'fast' && one.judged === judged),
		);
		const pattern =
			others.length === 0
				? null
				: patternFor(
						jobs.map(job => job.pattern),
						others.map(job => job.pattern),
					);
		if (others.length > 0 && pattern === null) {
			unmapped.push({
				workflow: judged.workflow.file,
				because: `${capital(titles[tier])} (${andText(jobs.map(job => job.id))}) share it with other jobs (${andText(others.map(job => job.id))}), and no one pattern over job names fits only the former: give their names a common beginning`,
			});
			continue;
		}
		const skips =
			tier === 'production'
				? nothing
				: skippedIn(
						judged,
						pattern,
						pushesTo(judged.workflow.push, branches.staging) ? branches.staging : null,
					);
		const {maySkip, notWork} = skips ?? nothing;
		mapped.push({
			tier,
			workflow: judged.workflow.file,
			jobs: pattern,
			...(maySkip.length > 0 && {maySkip}),
			...(notWork.length > 0 && {notWork}),
			because: `${because}, ${startText(tier, judged.workflow, branches)}`,
			advice: [
				...adviceFor(tier, judged, all, branches),
				...(skips === null ? [aboutHollow(jobs.map(job => job.pattern))] : []),
			],
		});
	}
	const told = new Set([...mapped.map(({workflow}) => workflow), ...unmapped.map(({workflow}) => workflow)]);
	for (const judged of all)
		if (!told.has(judged.workflow.file))
			unmapped.push({workflow: judged.workflow.file, because: leftOver(judged, branches)});
	return {tiers: mapped, unmapped: together(unmapped)};
};
