/** Judges one commit by the production gate, from what GitHub, the hosts and the locks say now; never from memory. */
import {type Claims, needsPromoter} from '../../core/snapshot/attribution.ts';
import type {Asked} from '../../core/snapshot/correlate.ts';
import type {ReadFailure} from '../../core/github/facts.ts';
import type {Moment} from '../../core/gate/moment.ts';
import type {LockedPromotion, LockState} from '../../core/locks/lock.ts';
import type {Observation} from '../../core/releases/observation.ts';
import type {Candidate, Snapshot} from '../../core/pipeline/pipeline.ts';
import {readKinds} from '../../core/polling/read-kinds.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Promotions} from '../../github/promotions.ts';
import {deploymentsLeftOut, type Pipeline, readPipeline} from '../../github/read-pipeline.ts';
import type {Clock, GitHub, Refusal, RunningWorkflow} from '../../world.ts';
import {attribute, type Attributed, type Glass} from '../readings/attribute.ts';
import {type CommitWay, wayTo} from '../readings/commit-way.ts';
import {refusalOfError, refuse} from '../readings/refusals.ts';

export type Question = {
	/** Whole, or its first digits; `head`: the staging branch's newest; `newest-open`: the newest that is ready, else the newest. */
	sha: string;
	/** Name of the hotfix branch that it is the head of. */
	hotfix: string | null;
	/** Asked by the workflow that deploys it: production's branch is there already, unless the strategy is to let the workflow go first. */
	isLanded: boolean;
	/** The run of GitHub Actions that asks; absent or null: none does, and then nothing can be attributed to anybody. */
	run?: RunningWorkflow | null;
};
/** `hotfix`: by whose gate it was judged; null: by the usual one. `glass`: the promotion that holds the lock goes past what is not met, and who answers for that. */
export type Judged = {
	ok: true;
	candidate: Candidate;
	snapshot: Snapshot;
	way: CommitWay;
	observation: Observation;
	lock: LockState | null;
	hotfix: string | null;
	glass: Glass | null;
};
export type Judge = (question: Question) => Promise<Judged | Refusal>;

export type JudgeSources = {
	github: GitHub;
	clock: Clock;
	wall: Clock;
	pipeline: Pipeline;
	promotions(): Promise<Promotions>;
	moment(): Promise<{moment: Moment; observation: Observation}>;
};

const unreadable = ({because, next, exitCode}: {because: string; next?: string | null; exitCode: number}): Refusal =>
	refuse(
		`the evidence could not be read: ${because.replace(/\.$/, '')}`,
		next ?? 'Try again when GitHub answers. A rollback does not need it.',
		exitCode,
	);
const failed = (failure: ReadFailure): Refusal => unreadable({...failure, exitCode: readKinds[failure.kind].exitCode});

const matching = ({candidates, branches}: Snapshot, sha: string): Candidate | Refusal => {
	const found = candidates.filter(candidate => candidate.sha.startsWith(sha));
	if (found.length === 1) return found[0]!;
	return found.length === 0
		? refuse(
				`no commit ${sha.slice(0, 12)} on ${branches.staging.name}, as far as GitHub tells`,
				'deployctl status lists the newest commits; give the full SHA of an older one.',
				exitCodes.usage,
			)
		: refuse(
				`${sha} is the beginning of ${found.length} commits`,
				`Give more of it: ${found.map(each => each.sha.slice(0, 12)).join(', ')}.`,
				exitCodes.usage,
			);
};

/** Which commit is meant. Only where that is not clear the pipeline is read for it. */
const chosen = async (
	{github, clock, wall, pipeline}: JudgeSources,
	sha: string,
	moment: () => Promise<Moment>,
): Promise<string | Refusal> => {
	if (/^[0-9a-f]{40}$/.test(sha)) return sha;
	const answer = await readPipeline({github, clock, wall}, pipeline, null, await moment());
	if (!answer.ok) return failed(answer.failure);
	const {candidates, branches} = answer.snapshot;
	const found =
		sha === 'head'
			? candidates[0]
			: sha === 'newest-open'
				? (candidates.find(({gate}) => gate.open) ?? candidates[0])
				: matching(answer.snapshot, sha);
	if (found === undefined) return refuse(`${branches.staging.name} has no commit`, 'Push one.', exitCodes.usage);
	return 'ok' in found ? found : found.sha;
};

/** The promotion that holds the lock now. One whose holder is silent, or a human's lock, speaks for nothing. */
const heldPromotion = (lock: LockState | null): LockedPromotion | null =>
	lock?.state === 'held' && !lock.isStale && lock.lock.kind === 'operation' ? (lock.lock.promotion ?? null) : null;

/** A merge on production's branch is judged by what was merged, if its files are the same to the last. */
const testedCommit = async (promotions: Promotions, sha: string, promoted: string | null): Promise<string> => {
	const read = await promotions.commit(sha);
	const merged = read.ok && read.commit !== null && read.commit.parents.length === 2 ? read.commit.parents[1]! : null;
	for (const other of new Set([promoted, merged])) {
		if (other === null || other === sha) continue;
		const compared = await promotions.treeEquals(sha, other);
		if (compared.ok && compared.isEqual) return other;
	}
	return sha;
};

/** Which commit, and which way it goes; in its workflow also by which promotion. */
type Meant = {tested: string; hotfix: string | null; promotion: LockedPromotion | null};

const meant = async (
	sources: JudgeSources,
	{hotfix, isLanded}: Question,
	name: string,
	moment: () => Promise<Moment>,
): Promise<Meant> => {
	if (!isLanded) return {tested: name, hotfix, promotion: null};
	const held = heldPromotion((await moment()).lock);
	const tested = await testedCommit(await sources.promotions(), name, held?.sha ?? null);
	const promotion = held?.sha === tested ? held : null;
	// The lock only says which gate it is: its conditions are read like any others, that it is the head of that branch among them.
	const said =
		promotion?.hotfix?.startsWith(sources.pipeline.settings.promotion.hotfix.prefix) === true
			? promotion.hotfix
			: null;
	return {tested, hotfix: hotfix ?? said, promotion};
};

/** In the workflow: what is claimed beyond the usual gate counts only when GitHub itself says who promotes; null: nothing is claimed. */
const attributed = async (
	{
		wall,
		pipeline: {
			settings: {promotion: settings},
		},
		...sources
	}: JudgeSources,
	{isLanded, run = null}: Question,
	{sha, gate}: Candidate,
	claims: Claims,
): Promise<Attributed | Refusal | null> =>
	isLanded && needsPromoter(claims, settings)
		? attribute(await sources.promotions(), {
				sha,
				claims,
				settings,
				conditions: gate.conditions,
				run,
				now: wall.now(),
			})
		: null;

const withCondition = (candidate: Candidate, by: Attributed | null): Candidate =>
	by === null
		? candidate
		: {
				...candidate,
				gate: {
					open: candidate.gate.open && by.condition.met === true,
					conditions: [...candidate.gate.conditions, by.condition],
				},
			};

const judge = async (sources: JudgeSources, question: Question): Promise<Judged | Refusal> => {
	const {github, clock, wall, pipeline} = sources;
	const {settings}: {settings: Settings} = pipeline;
	const asking = sources.moment();
	// Awaited below; until then its failure is nobody's.
	asking.catch(() => {});
	const name = await chosen(sources, question.sha.toLowerCase(), async () => (await asking).moment);
	if (typeof name !== 'string') return name;
	const {tested, hotfix, promotion} = await meant(sources, question, name, async () => (await asking).moment);
	const [found, {moment, observation}] = await Promise.all([
		sources.promotions().then(promotions => wayTo(promotions, settings, tested, hotfix)),
		asking,
	]);
	if (!found.ok) return found;
	const asked: Asked = {
		sha: tested,
		comparison: found.way.comparison,
		hotfix,
		landed:
			question.isLanded && (settings.promotion.strategy !== 'workflow' || found.way.productionAt === name)
				? name
				: null,
		isDeploying: question.isLanded,
	};
	const answer = await readPipeline({github, clock, wall}, pipeline, tested, moment, asked);
	if (!answer.ok) return failed(answer.failure);
	if (hotfix === null && !answer.hasDeployments) return unreadable(deploymentsLeftOut(answer.unread));
	const candidate = answer.snapshot.candidates.find(each => each.sha === tested);
	if (candidate === undefined)
		return refuse(
			`GitHub shows no commit ${tested.slice(0, 7)}`,
			'Push it, and wait for its tiers.',
			exitCodes.usage,
		);
	const by = await attributed(sources, question, candidate, {
		hotfix,
		isGlassBroken: !candidate.gate.open && promotion?.breakGlass != null,
	});
	if (by?.ok === false) return by;
	return {
		ok: true,
		candidate: withCondition(candidate, by),
		snapshot: answer.snapshot,
		way: found.way,
		observation,
		lock: moment.lock,
		hotfix,
		glass: by?.glass ?? null,
	};
};

/** Never throws for what GitHub did: no token, no answer are refusals too. */
export const createJudge =
	(sources: JudgeSources): Judge =>
	async question => {
		try {
			return await judge(sources, question);
		} catch (error) {
			return refusalOfError(error);
		}
	};
