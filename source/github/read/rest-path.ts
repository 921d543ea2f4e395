/**
Answers both questions over REST alone, for tokens that may not read checks (fine-grained ones cannot) and for servers
whose GraphQL lacks something. More requests than GraphQL, most of them answered 304 for free, at most six at a time.
*/
import type {components} from '@octokit/openapi-types';
import type {RunFact} from '../../core/github/facts.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {limits} from '../queries/documents.ts';
import {type ActiveQuestion, type Path, type ReadFacts} from './graphql-path.ts';
import {readRules} from './environment-rules.ts';
import {mergeRuns} from './parse-graphql.ts';
import {permissionOf, type ListedRuns} from './parse-rest.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import {createRestCommits, headsOf} from './rest-commits.ts';
import {createRestRuns} from './rest-runs.ts';
import type {Tally} from '../http/tally.ts';
import {workflowFiles} from './workflow-ids.ts';

const atATime = 6;
const runsOfWorkflow = {overview: 10, active: 3};
/** Newest commits whose statuses are asked for even when nothing seems to have happened. */
const watchedCommits = 3;

type RepositoryBody = Partial<components['schemas']['full-repository']>;
const parseRepository = (body: RepositoryBody) => ({
	repository: body.full_name ?? null,
	url: body.html_url ?? null,
	defaultBranch: body.default_branch ?? null,
	viewerPermission: permissionOf(body.permissions),
});

/** The listed history where it begins at the branch's head: both are read at once, and a push may come in between. */
const trunkAt = (head: string | null, history: ReadonlyArray<{sha: string}>): string[] | undefined =>
	history[0]?.sha === head ? history.map(({sha}) => sha) : undefined;

export function createRestPath({
	rest,
	settings,
	repository,
	saw,
}: {
	rest: Rest;
	settings: Settings;
	repository: string;
	/** Is given the newest runs of the repository. */ saw(list: ListedRuns): void;
}): Path {
	const commits = createRestCommits({rest, settings});
	const runs = createRestRuns(rest);
	const files = workflowFiles(settings);
	const paths = files.map(file => `.github/workflows/${file}`);
	let deploymentsBefore = '';

	/** What GraphQL would have found: the newest of each tier's workflow, and what sits on the commits. */
	function relevant(found: readonly RunFact[], shas: ReadonlySet<string>, perWorkflow: number): RunFact[] {
		const listed = mergeRuns(found);
		const newest = new Set(
			paths.flatMap(path => listed.filter(({workflowPath}) => workflowPath === path).slice(0, perWorkflow)),
		);
		return listed.filter(run => newest.has(run) || shas.has(run.headSha));
	}

	/** The repository's newest 100 runs; where that does not reach far enough, by workflow and by commit. */
	async function readRuns(shas: readonly string[], tally: Tally) {
		const list = await runs.list('/runs?per_page=100', tally);
		saw(list);
		if (list.total <= list.runs.length) {
			return list;
		}

		const few = files.filter(
			(_, index) =>
				list.runs.filter(({workflowPath}) => workflowPath === paths[index]).length < runsOfWorkflow.overview,
		);
		const heads = headsOf(list.runs);
		const queries = [
			...few.map(file => `/workflows/${encodeURIComponent(file)}/runs?per_page=${runsOfWorkflow.overview}`),
			...shas.filter(sha => !heads.has(sha)).map(sha => `/runs?head_sha=${sha}&per_page=100`),
		];
		const more = await mapLimited(queries, atATime, async query => runs.list(query, tally));
		return {
			runs: [...list.runs, ...more.flatMap(one => one.runs)],
			isNew: list.isNew || more.some(({isNew}) => isNew),
		};
	}

	const deploymentQueries = () => {
		const others = settings.environments
			.map(({name}) => name)
			.filter(name => name !== 'staging' && name !== 'production');
		return [['staging', 6], ['production', 6], ...others.map(name => [name, 12])].map(
			([name, count]) => `environment=${encodeURIComponent(name ?? '')}&per_page=${count}`,
		);
	};

	async function overview(wanted: number, tally: Tally): Promise<ReadFacts> {
		const [identity, refs, {commits: history, hasOlder}, deployments, rules] = await Promise.all([
			rest.get('', parseRepository, tally),
			commits.refs(tally),
			commits.history(wanted, tally),
			commits.deployments(deploymentQueries(), tally),
			readRules(rest, repository, tally),
		]);
		const trunk = trunkAt(refs.staging.sha, history);
		const shas = history.map(({sha}) => sha);
		const found = await readRuns(shas, tally);
		// Statuses come from runs: while those and the deployments stand still, the older commits do too.
		const marks = (deployments ?? []).map(({id, updatedAt}) => `${id}@${updatedAt}`).join();
		const isStill = !found.isNew && marks === deploymentsBefore;
		deploymentsBefore = marks;
		const read = await commits.withStatuses(history, index => isStill && index >= watchedCommits, tally);
		const whole = await mapLimited(
			relevant(found.runs, new Set(shas), runsOfWorkflow.overview),
			atATime,
			async run => runs.withWaits(run, tally),
		);
		return {
			...identity.value,
			repository: identity.value.repository ?? repository,
			refs,
			commits: read,
			hasOlder,
			runs: whole,
			...(trunk && {trunk}),
			...(deployments && {deployments}),
			...(rules && {productionRules: rules}),
		};
	}

	async function active(question: ActiveQuestion, tally: Tally): Promise<ReadFacts> {
		const hotIds = question.hotJobs.slice(0, limits.hotJobs).map(({id}) => id);
		const shas = question.commits.slice(0, limits.activeCommits);
		const [refs, list, homes, listed] = await Promise.all([
			commits.refs(tally),
			runs.list('/runs?per_page=30', tally),
			mapLimited(hotIds, atATime, async id => runs.homeOf(id, tally)),
			mapLimited(shas, atATime, async sha => commits.single(sha, tally)),
		]);
		const asked = new Set(
			[...question.suites.map(({runId}) => runId), ...homes]
				.filter(id => id !== null)
				.slice(0, limits.activeSuites),
		);
		const [onCommits, singles, read, deployments] = await Promise.all([
			mapLimited(shas, atATime, async sha => runs.list(`/runs?head_sha=${sha}&per_page=100`, tally)),
			mapLimited(
				[...asked].filter(id => !list.runs.some(run => run.id === id)),
				atATime,
				async id => runs.single(id, tally),
			),
			commits.withStatuses(
				listed.filter(commit => commit !== null),
				() => false,
				tally,
			),
			commits.deployments(
				shas.map(sha => `sha=${sha}&per_page=10`),
				tally,
			),
		]);
		const found = mergeRuns([
			...list.runs,
			...onCommits.flatMap(one => one.runs),
			...singles.flatMap(run => run ?? []),
		]);
		const kept = new Set([
			...relevant(found, new Set(shas), runsOfWorkflow.active),
			...found.filter(({id}) => asked.has(id)),
		]);
		const hot = new Set(hotIds);
		const withJobs = await mapLimited([...kept], atATime, async run =>
			asked.has(run.id) ? runs.withJobs(run, hot, tally) : run,
		);
		const whole = await mapLimited(withJobs, atATime, async run => runs.withWaits(run, tally));
		return {refs, runs: mergeRuns(whole), commits: read, ...(deployments && {deployments})};
	}

	return {overview, active};
}
