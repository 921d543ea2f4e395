/** Branches, commits, statuses and deployments over REST. What cannot change is asked once; the rest has ETags. */
import type {components} from '@octokit/openapi-types';
import {commitsRead} from '../../core/polling/attention.ts';
import type {CommitFact, DeploymentFact, RefFacts, RunFact} from '../../core/github/facts.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {remember} from '../http/bounded.ts';
import {limits} from '../queries/documents.ts';
import {firstParents, goesOn, statusesName} from './parse-graphql.ts';
import {parseCommits, parseDeployment, parseLatestStatus, type LatestStatus, type ListedCommit} from './parse-rest.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import {createRestStatuses} from './rest-statuses.ts';
import type {Tally} from '../http/tally.ts';
import {newestFirst} from '../failures/values.ts';

type Schemas = components['schemas'];
const atATime = 6;
const inPath = (branch: string) =>
	branch
		.split('/')
		.map(part => encodeURIComponent(part))
		.join('/');

const keptAtMost = 500;

export function createRestCommits({rest, settings}: {rest: Rest; settings: Settings}) {
	const {branches} = settings;
	const comparisons = new Map<string, {aheadBy: number; behindBy: number}>();
	const commitsKnown = new Map<string, ListedCommit>();
	const statusesKnown = new Map<string, Pick<CommitFact, 'statuses' | 'statusesUnread'>>();
	const statusesOf = createRestStatuses(rest);
	const latestKnown = new Map<number, {updatedAt: number; latest: LatestStatus | null}>();
	/** More where merges hide commits in the history. */
	let leastPerPage: number = commitsRead.usual;

	async function head(branch: string, tally: Tally): Promise<string | null> {
		const {value} = await rest.find(
			`/git/ref/heads/${inPath(branch)}`,
			(body: Partial<Schemas['git-ref']>) => body.object?.sha ?? null,
			tally,
		);
		return value;
	}

	/** Two commits compare the same for ever. */
	async function compare(base: string, other: string, tally: Tally) {
		const pair = `${base}...${other}`;
		const got =
			comparisons.get(pair) ??
			(
				await tally.without(
					'comparison of the branches',
					rest.find(
						`/compare/${pair}?per_page=1`,
						(body: Pick<Schemas['commit-comparison'], 'ahead_by' | 'behind_by'>) => ({
							aheadBy: body.ahead_by,
							behindBy: body.behind_by,
						}),
						tally,
					),
				)
			)?.value;
		return got ? remember(comparisons, pair, got, keptAtMost) : null;
	}

	async function refs(tally: Tally): Promise<RefFacts> {
		const [staging, production] = await Promise.all([
			head(branches.staging, tally),
			head(branches.production, tally),
		]);
		const compared = staging !== null && production !== null ? await compare(production, staging, tally) : null;
		return {
			staging: {name: branches.staging, sha: staging},
			production: {name: branches.production, sha: production},
			aheadBy: compared?.aheadBy ?? null,
			behindBy: compared?.behindBy ?? null,
		};
	}

	/** The branch's first-parent history, without statuses, and whether it goes on below. */
	async function history(wanted: number, tally: Tally): Promise<{commits: ListedCommit[]; hasOlder: boolean}> {
		const perPage = Math.max(wanted, leastPerPage);
		const {value} = await rest.find(
			`/commits?sha=${encodeURIComponent(branches.staging)}&per_page=${perPage}`,
			parseCommits,
			tally,
		);
		const listed = value ?? [];
		const commits = firstParents(listed, wanted);
		leastPerPage = commits.length < commitsRead.usual && listed.length === perPage ? limits.commits : leastPerPage;
		for (const commit of commits) {
			remember(commitsKnown, commit.sha, commit, keptAtMost);
		}

		return {commits, hasOlder: goesOn(commits)};
	}

	async function single(sha: string, tally: Tally): Promise<ListedCommit | null> {
		const known = commitsKnown.get(sha);
		if (known !== undefined) {
			return known;
		}

		const got = await tally.without('commit', rest.find(`/commits?sha=${sha}&per_page=1`, parseCommits, tally));
		const commit = got?.value?.[0];
		return commit ? remember(commitsKnown, sha, commit, keptAtMost) : null;
	}

	/** One request for each commit, so that those that nothing can have happened to are left out by `isQuiet`. */
	async function withStatuses(
		commits: readonly ListedCommit[],
		isQuiet: (index: number) => boolean,
		tally: Tally,
	): Promise<CommitFact[]> {
		return mapLimited([...commits.entries()], atATime, async ([index, {parent: _, ...commit}]) => {
			const known = statusesKnown.get(commit.sha);
			const isSettled =
				known !== undefined &&
				isQuiet(index) &&
				known.statusesUnread === undefined &&
				!known.statuses.some(({state}) => state === 'PENDING');
			const got = isSettled ? null : await tally.without(statusesName, statusesOf(commit.sha, tally));
			if (isSettled) return {...commit, ...known};
			const unread = got
				? undefined
				: (tally.unread.get(statusesName) ?? {
						what: statusesName,
						kind: 'not-found' as const,
						because: 'GitHub does not know the commit yet.',
						next: null,
					});
			return {
				...commit,
				...remember(
					statusesKnown,
					commit.sha,
					{statuses: got ?? known?.statuses ?? [], ...(unread && {statusesUnread: unread})},
					keptAtMost,
				),
			};
		});
	}

	/** A new status touches the deployment, so its newest status is asked for once per `updatedAt`; and always while it moves. */
	async function withLatest(deployment: DeploymentFact, tally: Tally): Promise<DeploymentFact> {
		const known = latestKnown.get(deployment.id);
		const isFinal = known?.latest && ['SUCCESS', 'FAILURE', 'ERROR', 'INACTIVE'].includes(known.latest.state);
		const got =
			known && isFinal && known.updatedAt === deployment.updatedAt
				? null
				: await tally.without(
						'deployment statuses',
						rest.find(`/deployments/${deployment.id}/statuses?per_page=1`, parseLatestStatus, tally),
					);
		const latest = got
			? remember(latestKnown, deployment.id, {updatedAt: deployment.updatedAt, latest: got.value}, keptAtMost)
					.latest
			: known?.latest;
		return latest
			? {...deployment, ...latest, description: latest.description ?? deployment.description}
			: deployment;
	}

	/** @param queries like `environment=staging&per_page=6`; null when none could be read */
	async function deployments(queries: readonly string[], tally: Tally): Promise<DeploymentFact[] | null> {
		const lists = await mapLimited(queries, atATime, async query =>
			tally.without(
				'deployments',
				rest.find(
					`/deployments?${query}`,
					(body: ReadonlyArray<Schemas['deployment'] | null>) =>
						body.flatMap(one => (one && parseDeployment(one)) ?? []),
					tally,
				),
			),
		);
		const listed = [...new Map(lists.flatMap(list => list?.value ?? []).map(one => [one.id, one])).values()];
		const read = await mapLimited(listed, atATime, async one => withLatest(one, tally));
		return lists.length > 0 && lists.every(list => list === null) ? null : read.sort(newestFirst);
	}

	return {refs, history, single, withStatuses, deployments};
}

export const headsOf = (runs: readonly RunFact[]): Set<string> => new Set(runs.map(({headSha}) => headSha));
