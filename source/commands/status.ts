/** `deployctl status`: the pipeline once, as a summary for people or as JSON for programs. */
import {doubtOf} from '../core/doubt.ts';
import {age, dateTime, duration, elapsedSeconds} from '../core/duration.ts';
import {short} from '../core/gate.ts';
import {type Candidate, type Snapshot, tierNames, tierTitles} from '../core/pipeline.ts';
import {statusReport} from '../core/report.ts';
import {exitCodes, Failure} from '../errors.ts';
import type {World} from '../world.ts';
import {readMoment} from './moment.ts';
import {readFailures} from './read-failures.ts';
import {type Pipeline, readParts} from './read.ts';

export type Output = {write(text: string): void; error(text: string): void};

export const matching = (snapshot: Snapshot, sha: string): Candidate => {
	const found = snapshot.candidates.filter(candidate => candidate.sha.startsWith(sha.toLowerCase()));
	if (found.length === 1) return found[0]!;
	throw new Failure(found.length === 0 ? `No commit ${sha} on ${snapshot.branches.staging.name}` : `${sha} is ambiguous`, {
		because: found.length === 0 ? 'it is not in the branch\'s history, as far as GitHub tells' : `it begins ${found.map(candidate => short(candidate.sha)).join(' and ')}`,
		next: 'deployctl status lists the newest commits; give the full SHA of an older one.',
		exitCode: exitCodes.usage,
	});
};

const tierText = (candidate: Candidate, now: number): string => tierNames.flatMap(name => {
	const tier = candidate.tiers[name];
	if (!tier || tier.status === 'none') return [];
	const seconds = elapsedSeconds(tier, now);
	const waitsFor = tier.status === 'waiting' && tier.because !== null ? ` (${tier.because})` : '';
	return [`${tierTitles[name]} ${tier.status}${waitsFor}${seconds === null ? '' : ` ${duration(seconds)}`}${doubtOf(tier) === null ? '' : ` (${doubtOf(tier)!.word})`}`];
}).join(', ') || 'no tier has started';

const summary = (snapshot: Snapshot, candidates: readonly Candidate[]): readonly string[] => {
	const {staging, production} = snapshot.branches;
	const now = snapshot.fetchedAt;
	const ahead = staging.aheadBy === null ? 'not compared' : `${staging.aheadBy} ahead${staging.behindBy ? `, ${staging.behindBy} behind` : ''}`;
	return [
		`${snapshot.repository}  ${staging.name} -> ${production.name}: ${ahead}  (${dateTime(now)})`,
		...(staging.behindBy ? [`${production.name} has ${staging.behindBy === 1 ? '1 commit' : `${staging.behindBy} commits`} that ${staging.name} lacks: merge ${production.name} back into ${staging.name}`] : []),
		...snapshot.environments.map(({name, sha, deployedAt, status}) => `${name.padEnd(12)}${sha === null ? 'release unknown' : short(sha)}${deployedAt === null ? '' : ` for ${age(now - deployedAt)}`}${status === 'passed' || status === 'none' ? '' : `, newest deployment ${status}`}`),
		...candidates.map(candidate => {
			const met = candidate.gate.conditions.filter(condition => condition.met === true).length;
			return `${short(candidate.sha)}  ${tierText(candidate, now)}; gate ${candidate.gate.open ? 'ready' : `blocked (${met}/${candidate.gate.conditions.length})`}  ${candidate.message}`;
		}),
	];
};

/** 0 when read. Throws a `Failure`: 2 for an unknown commit, 4 not permitted, 5 not reached. */
export const runStatus = async (world: World, pipeline: Pipeline, {json, sha}: {json: boolean; sha: string | null}, output: Output): Promise<number> => {
	const {snapshot, unread} = await readParts(world, pipeline, sha, await readMoment(world));
	const only = sha === null ? snapshot.candidates : [matching(snapshot, sha)];
	const partial = unread.map(({what, because, next}) => `${what}: ${because}${next === null ? '' : ` ${next}`}`);
	output.write(json ? `${JSON.stringify(statusReport(snapshot, only, await readFailures(world, only), partial), undefined, 2)}\n` : `${[...summary(snapshot, only), ...partial.map(text => `not read: ${text}`)].join('\n')}\n`);
	return exitCodes.done;
};
