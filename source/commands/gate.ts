/** `deployctl gate`: whether a commit may go to production, for people and as a required step of a workflow. */
import {short} from '../core/gate.ts';
import {gateReport} from '../core/gate-report.ts';
import type {Candidate} from '../core/pipeline.ts';
import {exitCodes, usageFailure} from '../errors.ts';
import type {World} from '../world.ts';
import {readMoment} from './moment.ts';
import {type Pipeline, readPipeline} from './read.ts';
import {matching, type Output} from './status.ts';

const lines = ({sha, gate, message}: Candidate, environment: string): readonly string[] => [
	`${environment} gate for ${short(sha)} ${gate.open ? 'open' : 'shut'}  ${message}`,
	...gate.conditions.flatMap(({id, met, because, next}) => [
		`  ${met === true ? 'met    ' : met === false ? 'NOT met' : 'unknown'} ${id.padEnd(19)}${because}`,
		...(next === undefined || met === true ? [] : [`${' '.repeat(29)}${next}`]),
	]),
];

/** 0 open, 3 shut; throws a `Failure` with 2 (no such commit or environment), 4 or 5 (GitHub not readable). */
export const runGate = async (world: World, pipeline: Pipeline, {sha, environment, json}: {sha: string | null; environment: string; json: boolean}, output: Output): Promise<number> => {
	if (environment !== 'production') throw usageFailure(`${environment} has no gate`, 'only production has one: leave --environment out');
	const moment = await readMoment(world);
	const snapshot = await readPipeline(world, pipeline, sha, moment);
	const candidate = sha === null ? snapshot.candidates[0] : matching(snapshot, sha);
	if (candidate === undefined) throw usageFailure(`${snapshot.branches.staging.name} has no commit`, 'push one');
	output.write(json ? `${JSON.stringify(gateReport(candidate, environment), undefined, 2)}\n` : `${lines(candidate, environment).join('\n')}\n`);
	return candidate.gate.open ? exitCodes.done : exitCodes.refused;
};
