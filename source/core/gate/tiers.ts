/** The gate's conditions about the commit itself: what ran for it, how that ended, and against what. */
import {duration} from '../text/duration.ts';
import type {StatusFact, Unread} from '../github/facts.ts';
import {missingWords} from '../pipeline/idle.ts';
import {met, notMet, notReadYet, short, unknown, unread, type Verdict} from '../pipeline/verdicts.ts';
import {plural} from '../text/plural.ts';
import {type Candidate, type Proof, type Tier, type Tiers, tierTitles} from '../pipeline/pipeline.ts';
import {parseRunUrl} from '../github/run-url.ts';
import type {Settings} from '../settings/settings.ts';
import {reportOf} from '../evidence/staging-report.ts';
import {type StagingDeployment, stagingDuring, type StagingVerdict} from '../pipeline/staging.ts';
import {isUnread, letsNextBegin, ruleOf} from '../evidence/tier.ts';
import {namesOf, workOf} from '../evidence/work.ts';

export type AboutCommit = {
	settings: Settings;
	/** Every deployment to staging that we know of, to see whether E2E ran against one release. */
	stagingDeployments: readonly StagingDeployment[];
	/** Whether the project has smoke tests at all; null: not known. */
	hasSmoke: boolean | null;
	/** Commit statuses; null: not read. */
	statuses: readonly StatusFact[] | null;
	/** Why they were not read, where GitHub gave a reason. */
	statusesUnread?: Unread | null;
	/** Where the statuses' addresses lead: this repository's runs. */
	home: {repository: string; url: string | null};
	/** By GitHub's clock, milliseconds: evidence has an age. */
	at: number;
};
type Known = Pick<Candidate, 'sha' | 'tiers'>;

const runName = (tier: Tier) =>
	`run ${tier.runId}${tier.attempt !== null && tier.attempt > 1 ? `, attempt ${tier.attempt}` : ''}`;
const proofOf = ({runId, attempt, url, finishedAt}: Tier): readonly Proof[] =>
	runId === null ? [] : [{runId, attempt, url, at: finishedAt}];

/** The run has ended and all of its jobs are known; null: so it is. */
const wholeRun = (tier: Tier, title: string, proofs: readonly Proof[]): Verdict | null => {
	if (!tier.runIsOver) return notMet(`${title}: its run is not over (${runName(tier)})`, undefined, ...proofs);
	if (tier.jobsTotal === 0) return notReadYet(title, 'jobs', ...proofs);
	return tier.jobs.length < tier.jobsTotal
		? notReadYet(title, `${tier.jobsTotal - tier.jobs.length} of ${plural(tier.jobsTotal, 'job')}`, ...proofs)
		: null;
};

/** Its run says that it passed, and its jobs that they did the work. */
const worked = (tier: Tier, settings: Settings, title: string, proofs: readonly Proof[]): Verdict => {
	const missing = wholeRun(tier, title, proofs);
	if (missing !== null) return missing;
	const work = workOf(tier.jobs, ruleOf(tier.name, settings.tiers[tier.name]));
	if (work.did && tier.mayBeOutrun)
		return unknown(
			`${title}: ${runName(tier)} passed, but later runs of ${tier.workflow} have not all been read`,
			'Ask again in a moment, or run it again.',
			...proofs,
		);
	if (work.did) return met(`${title} passed (${runName(tier)})`, ...proofs);
	return (work.status === 'unknown' ? unknown : notMet)(`${title}: ${work.because}`, work.next, ...proofs);
};

/** GitHub calls the run a success; what its jobs say stands against that, or is not known. */
const contradicted = (tier: Tier, settings: Settings, title: string, proofs: readonly Proof[]): Verdict => {
	if (isUnread(tier)) return notReadYet(title, 'jobs', ...proofs);
	const verdict = worked(tier, settings, title, proofs);
	// Never by what the jobs say alone.
	return verdict.met === true ? unknown(`${title}: state unknown`, undefined, ...proofs) : verdict;
};

/** A tier is green when its newest run passed, its jobs did its work, and the run itself says that it is about this commit. */
export const tierGreen = (tiers: Tiers, tier: Tier, settings: Settings): Verdict => {
	const title = tierTitles[tier.name];
	const proofs = proofOf(tier);
	if (tier.provenance === 'inferred')
		return unknown(
			`${title}: matched by time only, which proves nothing`,
			'Name the commit in the run: see docs/correlation.md.',
			...proofs,
		);
	if (tier.provenance !== null && (tier.runId === null || tier.event === null))
		return unknown(
			`${title}: a commit status alone proves nothing`,
			tier.runId === null
				? "Let the workflow post its run as the status's target URL."
				: 'The run that it points to has not been read.',
		);
	if (tier.status !== 'passed' && letsNextBegin(tier)) return contradicted(tier, settings, title, proofs);
	switch (tier.status) {
		case 'passed':
			return tier.isOwnWord
				? worked(tier, settings, title, proofs)
				: unknown(
						`${title}: ${runName(tier)} passed, but ${tier.doubt?.because ?? 'nothing says that it is about this commit'}`,
						tier.doubt?.next,
						...proofs,
					);
		case 'unknown':
			return unknown(
				`${title}: state unknown${tier.rawStatus ? ` (GitHub says "${tier.rawStatus}")` : ''}`,
				undefined,
				...proofs,
			);
		case 'none':
			return notMet(`${title}: ${missingWords(tiers, tier.name)}`);
		case 'running':
		case 'queued':
		case 'waiting':
			return notMet(
				`${title}: ${tier.status === 'running' ? 'still running' : tier.status} (${runName(tier)})`,
				undefined,
				...proofs,
			);
		default:
			return notMet(
				`${title} ${tier.status} (${runName(tier)})`,
				tier.status === 'failed' ? 'Fix it, or run the failed jobs again.' : 'Run it again.',
				...proofs,
			);
	}
};

/** `e2e (2, 4)` is the second of four. */
const missingShards = (names: readonly string[]): readonly string[] => {
	const shards = names.flatMap(name => {
		const match = /^(.*)\((\d{1,3}), ?(\d{1,3})\)$/.exec(name);
		return match ? [{base: match[1]!, number: Number(match[2]), of: Number(match[3])}] : [];
	});
	return [...new Set(shards.map(({base, of}) => `${base}\n${of}`))].flatMap(group => {
		const [base = '', of = '0'] = group.split('\n');
		return Array.from({length: Number(of)}, (_, index) => index + 1)
			.filter(
				number =>
					!shards.some(shard => shard.base === base && shard.of === Number(of) && shard.number === number),
			)
			.map(number => `${base}(${number}, ${of})`);
	});
};

const allShards = (tier: Tier): Verdict | null => {
	const missing = missingShards(tier.jobs.map(({name}) => name));
	return missing.length > 0
		? notMet(
				`E2E: ${namesOf(missing)} did not run`,
				'Every shard has to run: look at the run, then run E2E again.',
				...proofOf(tier),
			)
		: null;
};

const freshness = (tier: Tier, {at, settings}: AboutCommit): Verdict | null => {
	const limitSeconds = settings.promotion.evidenceMaxAgeSeconds;
	if (tier.finishedAt === null) return unknown('E2E: when it ended is not known', undefined, ...proofOf(tier));
	const age = (at - tier.finishedAt) / 1000;
	return age > limitSeconds
		? notMet(
				`E2E passed ${duration(age)} ago, and counts for ${duration(limitSeconds)}`,
				'Run E2E again.',
				...proofOf(tier),
			)
		: null;
};

export const e2eGreen = ({tiers}: Known, around: AboutCommit): Verdict => {
	const verdict = tierGreen(tiers, tiers.e2e, around.settings);
	return verdict.met === true ? (allShards(tiers.e2e) ?? freshness(tiers.e2e, around) ?? verdict) : verdict;
};

export const smokeGreen = ({tiers}: Known, {hasSmoke, settings}: AboutCommit): Verdict => {
	if (tiers.smoke) return tierGreen(tiers, tiers.smoke, settings);
	if (hasSmoke === null) return unknown('Smoke: whether the project has such tests is not known');
	return hasSmoke ? notMet('Smoke: no run for this commit') : met('Smoke: the project has no such tests');
};

const again = 'Deploy this commit again and run E2E again.';

/** The answers of staging before and after the tests are the commit. `after` null while the run goes on: it is not missing then, and E2E shuts the gate by itself. */
const answered = (
	sha: string,
	{before, after}: {before: string | null; after: string | null},
	isOver: boolean,
	proof: Proof,
): Verdict => {
	if (before !== null && before !== sha)
		return notMet(`Deployment: staging reported ${short(before)} when E2E began`, again, proof);
	if (after !== null && after !== sha)
		return notMet(`Deployment: staging reported ${short(after)} when E2E ended`, again, proof);
	if (before !== null && after === null && !isOver) return met('staging reported it when E2E began', proof);
	if (before === null || after === null)
		return unknown(
			`Deployment: staging did not say what it ran when E2E ${before === null ? 'began' : 'ended'}`,
			'Run E2E again.',
			proof,
		);
	return met('staging reported it before and after E2E', proof);
};

const proofOfWords = (
	{before, after}: {before: string | null; after: string | null},
	url: string | null,
	at: number | null,
): Proof => ({
	by: 'staging',
	url,
	at,
	text: `before ${before === null ? 'unknown' : short(before)}, after ${after === null ? 'unknown' : short(after)}`,
});

const sayInRun =
	'Let E2E say it in the name of a job: deployctl init writes such a workflow, docs/correlation.md has the lines.';

/** What the E2E run itself says: nothing else can have written that. */
const saidByRun = ({sha, tiers: {e2e}}: Known): Verdict | null => {
	const words = e2e.stagingWords ?? null;
	if (words === null) return null;
	if (words === 'contradictory')
		return unknown(
			'Deployment: jobs of the E2E run say different things of what staging ran',
			'Let one job alone say it: see docs/correlation.md.',
			...proofOf(e2e),
		);
	return answered(sha, words, e2e.runIsOver, proofOfWords(words, e2e.url, e2e.finishedAt));
};

/** A commit status can be posted by any workflow of any branch: it shuts the gate, and never opens it. */
const saidByStatus = (
	{sha, tiers: {e2e}}: Known,
	{settings, statuses, statusesUnread, home}: AboutCommit,
): Verdict | null => {
	if (statusesUnread) return unread('Deployment: what staging itself reported', statusesUnread);
	const isAsked =
		settings.promotion.stagingReport === 'required' &&
		(settings.environments.find(({name}) => name === 'staging')?.version.length ?? 0) > 0;
	const report = statuses === null ? null : reportOf(statuses);
	const address = report === null ? null : parseRunUrl(report.url, home);
	// A report of an earlier attempt says nothing about this one.
	const isOfThisRun = address !== null && address.runId === e2e.runId && address.attempt === e2e.attempt;
	if (!isAsked && !isOfThisRun) return null;
	if (report === null)
		return unknown(
			'Deployment: what staging itself reported while E2E ran is not on record',
			`${sayInRun} Or set promotion.stagingReport to optional.`,
		);
	if (!isOfThisRun)
		return unknown(
			'Deployment: what staging reported last is not of the E2E run that counts',
			e2e.runIsOver ? 'Run E2E again.' : undefined,
		);
	const verdict = answered(sha, report, e2e.runIsOver, proofOfWords(report, report.url, report.at));
	if (verdict.met !== true || !e2e.runIsOver) return verdict;
	return isAsked
		? unknown(
				'Deployment: only a commit status says that staging reported it, and any workflow can post one',
				sayInRun,
				...(verdict.proofs ?? []),
			)
		: null;
};

/** What staging itself said before and after E2E: somebody may deploy past GitHub, and then no deployment is on record. */
const reported = (candidate: Known, around: AboutCommit): Verdict | null =>
	saidByRun(candidate) ?? saidByStatus(candidate, around);

const recorded = (ran: Exclude<StagingVerdict, 'this-commit'>): Verdict => {
	switch (ran) {
		case 'not-read':
			return unknown('Deployment: too many came to staging since for all of them to be read', again);
		case 'only-claimed':
			return unknown(
				'Deployment: that staging ran it is said by a deployment alone that no run of the pipeline filed',
				again,
			);
		case 'not-recorded':
			return unknown('Deployment: what staging ran during E2E is not on record', again);
		case 'unknown-deployment':
			return unknown(
				'Deployment: another one to staging was under way or failed while E2E ran',
				'Run E2E again.',
			);
		default:
			return notMet(
				`Deployment: staging ran ${ran.otherSha ? short(ran.otherSha) : 'something else'} while E2E ran`,
				again,
			);
	}
};

/** Staging ran this commit, and nothing else came to staging while E2E looked at it: by GitHub's record, and by staging's own word. */
export const staged = (candidate: Known, around: AboutCommit): Verdict => {
	const {sha, tiers} = candidate;
	const verdict = tierGreen(tiers, tiers.deploy, around.settings);
	if (verdict.met !== true || tiers.e2e.startedAt === null) return verdict;
	const ran = stagingDuring(
		sha,
		around.stagingDeployments,
		tiers.e2e.startedAt,
		tiers.e2e.finishedAt ?? Number.POSITIVE_INFINITY,
		tiers.deploy.finishedAt,
	);
	const report = reported(candidate, around);
	// Where the record has gaps, staging's own word has none.
	if (ran !== 'this-commit' && (ran !== 'not-read' || report === null)) return recorded(ran);
	if (report === null) return verdict;
	return report.met === true
		? {
				...verdict,
				because: `${verdict.because}, and ${report.because}`,
				proofs: [...(verdict.proofs ?? []), ...(report.proofs ?? [])],
			}
		: report;
};
