/** Reads the pipeline once and wholly: for commands that print and end, and for the supervisor that proves its evidence again. */
import {isBehind, nextQuestion} from '../core/polling/attention.ts';
import {type Asked, correlate} from '../core/snapshot/correlate.ts';
import type {Facts, Question, ReadFailure, Unread} from '../core/github/facts.ts';
import {aboutThem, sinceWanted, unnamedAfter, unnamedAtMost, unnamedFrom} from '../core/evidence/newest.ts';
import type {Moment} from '../core/gate/moment.ts';
import {mergeReading} from '../core/github/merge.ts';
import {type Candidate, type Snapshot, tierNames} from '../core/pipeline/pipeline.ts';
import {workflowFile} from '../core/github/run-url.ts';
import type {Settings} from '../core/settings/settings.ts';
import {pointedRuns} from '../core/evidence/subjects.ts';
import {correctionMs} from '../core/github/skew.ts';
import {readKinds} from '../core/polling/read-kinds.ts';
import {type ExitCode, exitCodes} from '../core/exit-codes.ts';
import type {Clock, GitHub} from '../world.ts';

export type Pipeline = {repository: string; settings: Settings};
/** `hasDeployments` false: GitHub has left them out of its answer, which looks as if there were none. `unread`: what was left out, each part once. */
export type PipelineAnswer =
	| {ok: true; snapshot: Snapshot; hasDeployments: boolean; unread: readonly Unread[]}
	| {ok: false; failure: ReadFailure};

/** Why there are no deployments, and the exit code of what needs them: 4 when a permission is missing, 5 when it passes. */
export const deploymentsLeftOut = (
	unread: readonly Unread[],
): {because: string; next: string | null; exitCode: ExitCode} => {
	const why = unread.find(({what}) => what === 'deployments');
	return {
		because: `GitHub left out the deployments${why === undefined ? '' : ` (${why.because.replace(/\.$/, '')})`}`,
		next: why?.next ?? null,
		exitCode: why === undefined ? exitCodes.unreachable : readKinds[why.kind].exitCode,
	};
};

/** Jobs come with narrow questions of forty suites each; more rounds than this would mean that GitHub never stops changing. */
const roundsAtMost = 6;
const triesAtMost = 3;
const passing = new Set<ReadFailure['kind']>(['unreachable', 'timeout', 'server-error', 'malformed']);

/** A full SHA that is not among the newest commits: GitHub finds it all the same. */
const isOlder = (facts: Facts, sha: string) =>
	/^[0-9a-f]{40}$/i.test(sha) && !facts.commits.some(commit => commit.sha === sha.toLowerCase());

const withOlder = async (github: GitHub, facts: Facts, sha: string): Promise<Facts | ReadFailure> => {
	const answer = await github.ask({kind: 'active', suites: [], hotJobs: [], commits: [sha.toLowerCase()]});
	if (!answer.ok) return answer.failure;
	const merged = mergeReading(facts, answer.reading, facts.repository);
	return {
		...merged,
		commits: [
			...merged.commits,
			...(answer.reading.facts.commits ?? []).filter(commit => isOlder(facts, commit.sha)),
		],
	};
};

/** Runs that the commit itself points to, when the lists do not reach them. What cannot be read stays unknown. */
const withPointed = async (github: GitHub, facts: Facts, settings: Settings, sha: string): Promise<Facts> => {
	const runs = pointedRuns(facts, settings, sha);
	const answer =
		runs.length === 0 ? null : await github.ask({kind: 'active', suites: [], hotJobs: [], commits: [], runs});
	return answer?.ok === true ? mergeReading(facts, answer.reading, facts.repository) : facts;
};

/** Where the commit lies, when it is not among the newest of the staging branch. */
const withLineage = async (github: GitHub, facts: Facts, sha: string, isHotfix: boolean): Promise<Facts> => {
	if (facts.trunk?.includes(sha) === true) return facts;
	const from = isHotfix ? null : (facts.trunk?.at(-1) ?? null);
	const automationOf = [sha, facts.trunk?.[0] ?? null, facts.refs.production.sha].filter(each => each !== null);
	const answer = await github.ask({
		kind: 'active',
		suites: [],
		hotJobs: [],
		commits: [],
		lineage: {from, to: sha, automationOf},
	});
	return answer.ok ? mergeReading(facts, answer.reading, facts.repository) : facts;
};

/** Runs that began after those that count, as far as they may be about a commit that is known. What cannot be read stays unknown. */
const withNewest = async (github: GitHub, facts: Facts, candidate: Candidate): Promise<Facts> => {
	const ask = async (more: Pick<Extract<Question, {kind: 'active'}>, 'since' | 'runs'>) =>
		github.ask({kind: 'active', suites: [], hotJobs: [], commits: [], ...more});
	const answer = await ask({since: sinceWanted(candidate, facts)});
	if (!answer.ok) return facts;
	const {runs, runsSince = {}} = answer.reading.facts;
	const about = aboutThem(
		runs,
		facts.commits.map(({sha}) => sha),
	);
	const unnamed = unnamedAfter(runs, candidate, facts);
	// Their jobs say what they are about.
	const named =
		unnamed.length === 0 || unnamed.length > unnamedAtMost ? null : await ask({runs: unnamed.map(({id}) => id)});
	const read = named?.ok ? named.reading.facts.runs.filter(({jobs}) => jobs !== null) : [];
	const left = new Set(
		unnamed.filter(({id}) => !read.some(run => run.id === id)).map(({workflowPath}) => workflowFile(workflowPath)),
	);
	const unnamedSince = Object.fromEntries(
		Object.entries(unnamedFrom(candidate, facts)).filter(
			([file]) => runsSince[file] !== undefined && !left.has(file),
		),
	);
	return mergeReading(
		facts,
		{...answer.reading, facts: {runs: [...about, ...read], runsSince, unnamedSince}},
		facts.repository,
	);
};

/** All that keeps its tiers from counting may be that later runs have not been read. */
const mayBeReady = ({tiers}: Candidate): boolean =>
	[tiers.fast, tiers.deploy, tiers.e2e].every(({status, isOwnWord}) => status === 'passed' && isOwnWord) &&
	tierNames.some(name => tiers[name]?.mayBeOutrun === true);

/** Faults that pass are tried again twice, after one and two seconds of `wall`. `sha`: a commit that must be in it, also when it is an old one. `moment`: what is known about production now, for its gate; `asked`: about one commit beyond that. */
export const readPipeline = async (
	{github, clock, wall}: {github: GitHub; clock: Clock; wall: Clock},
	{repository, settings}: Pipeline,
	sha: string | null = null,
	moment: Moment | null = null,
	asked: Asked | null = null,
): Promise<PipelineAnswer> => {
	let facts: Facts | null = null;
	let snapshot: Snapshot | null = null;
	let [tries, hasDeployments] = [0, false];
	const unread = new Map<string, Unread>();
	let wantedBefore = '';
	for (let round = 0; round < roundsAtMost;) {
		const question = nextQuestion(facts, snapshot, {sha, jobId: null}, 0, facts ? 0 : null);
		const answer = await github.ask(question);
		if (!answer.ok) {
			tries++;
			if (tries >= triesAtMost || !passing.has(answer.failure.kind)) return {ok: false, failure: answer.failure};
			await wall.after(1000 * tries);
			continue;
		}
		const {reading} = answer;
		for (const one of reading.unread ?? []) unread.set(one.what, one);
		hasDeployments ||= reading.kind === 'overview' && reading.facts.deployments !== undefined;
		// What an overview covers, it covers for the newest commits alone.
		const known: Pick<Facts, 'runsSince' | 'unnamedSince'> =
			sha === null ? {} : {runsSince: facts?.runsSince ?? {}, unnamedSince: facts?.unnamedSince ?? {}};
		facts = {...mergeReading(facts, reading, repository), ...known};
		round++;
		if (round === 1 && sha !== null && isOlder(facts, sha)) {
			const more: Facts | ReadFailure = await withOlder(github, facts, sha);
			if ('kind' in more) return {ok: false, failure: more};
			facts = more;
		}
		if (round === 1 && sha !== null) facts = await withPointed(github, facts, settings, sha.toLowerCase());
		if (round === 1 && sha !== null)
			facts = await withLineage(github, facts, sha.toLowerCase(), asked !== null && asked.hotfix !== null);
		const now = clock.now() + correctionMs(reading.clockSkewMs);
		const rateLimit = reading.rateLimit ?? snapshot?.rateLimit ?? null;
		const correlated = (read: Facts): Snapshot =>
			correlate(read, settings, now, rateLimit, moment && {...moment, skewMs: now - moment.now}, asked);
		snapshot = correlated(facts);
		if (isBehind(facts, snapshot)) continue;
		const candidate = snapshot.candidates.find(each =>
			sha === null ? mayBeReady(each) : each.sha === sha.toLowerCase(),
		);
		const wanted = candidate === undefined ? '{}' : JSON.stringify(sinceWanted(candidate, facts));
		if (candidate === undefined || wanted === '{}' || wanted === wantedBefore) break;
		wantedBefore = wanted;
		facts = await withNewest(github, facts, candidate);
		snapshot = correlated(facts);
		if (!isBehind(facts, snapshot)) break;
	}
	return {ok: true, snapshot: snapshot!, hasDeployments, unread: [...unread.values()]};
};
