/** `deployctl gate`: whether a commit may go to production, for people and as a required step of a workflow. */
import {age} from '../../core/text/duration.ts';
import {breakableIds, short} from '../../core/gate/gate.ts';
import {type BrokenGlass, gateReport} from '../../core/gate/report.ts';
import type {Candidate, Proof} from '../../core/pipeline/pipeline.ts';
import {obstacleIn} from '../../core/plan/promotion-words.ts';
import {exitCodes, usageFailure} from '../../errors.ts';
import type {Judgement, RunningWorkflow, World} from '../../world.ts';
import {type Desk, refusalFailure} from '../desk/desk.ts';

export type GateFlags = {
	sha: string | null;
	environment: string;
	hotfix: string | null;
	landed: boolean;
	json: boolean;
};

const proofText = ({runId, attempt, by, at, url, text}: Proof, now: number): string =>
	[
		...(runId === undefined ? [] : [`run ${runId}${attempt != null && attempt > 1 ? `, attempt ${attempt}` : ''}`]),
		...(by === undefined ? [] : [`by ${by}`]),
		...(text === undefined ? [] : [text]),
		...(at == null ? [] : [`${age(Math.max(0, now - at))} ago`]),
		...(url == null ? [] : [url]),
	].join(', ');

const lines = (
	{candidate: {sha, gate, message}, snapshot: {fetchedAt: now}, hotfix}: Judgement,
	environment: string,
	glass: BrokenGlass | null,
): readonly string[] => [
	`${environment} gate for ${short(sha)}${hotfix === null ? '' : `, a hotfix from ${hotfix},`} ${gate.open ? 'ready' : glass === null ? 'blocked' : `ready, break-glass by ${glass.by}: ${glass.reason}`}  ${message}`,
	...gate.conditions.flatMap(({id, met, because, next, proofs = []}) => [
		`  ${met === true ? 'met    ' : met === false ? 'NOT met' : 'unknown'} ${id.padEnd(19)}${because}`,
		...proofs
			.map(proof => proofText(proof, now))
			.filter(text => text !== '')
			.map(text => `${' '.repeat(29)}${text}`),
		...(next === undefined || met === true ? [] : [`${' '.repeat(29)}${next}`]),
	]),
];

/** More than what was confirmed is not passed, and of that only what may be. */
const opening = ({gate}: Candidate, glass: Judgement['glass']): BrokenGlass | null =>
	gate.open ||
	glass === null ||
	obstacleIn(
		gate.conditions,
		breakableIds.filter(id => glass.passed.includes(id)),
	) !== null
		? null
		: {reason: glass.reason, by: glass.by};

/**
The run of GitHub Actions that this program is a part of. A workflow cannot set these variables to anything else, and one that
is not the protected branch's could leave the gate out altogether.
*/
export const runningWorkflow = (env: Readonly<Record<string, string | undefined>>): RunningWorkflow | null => {
	const [runId, attempt, actor] = [
		Number(env['GITHUB_RUN_ID']),
		Number(env['GITHUB_RUN_ATTEMPT']),
		env['GITHUB_TRIGGERING_ACTOR'] ?? '',
	];
	return env['GITHUB_ACTIONS'] === 'true' &&
		Number.isSafeInteger(runId) &&
		runId > 0 &&
		Number.isSafeInteger(attempt) &&
		attempt > 0 &&
		actor !== ''
		? {runId, attempt, actor}
		: null;
};

/** 0 ready, 3 blocked; throws a `Failure` with 2 (no such commit or environment), 4 or 5 (GitHub not readable). */
export const runGate = async (
	{operations}: Pick<World, 'operations'>,
	{sha, environment, hotfix, landed, json}: GateFlags,
	output: Desk['output'],
	run: RunningWorkflow | null = null,
): Promise<number> => {
	if (environment !== 'production')
		throw usageFailure(`${environment} has no gate`, 'only production has one: leave --environment out');
	if (landed && sha === null)
		throw usageFailure('--landed needs the commit', '--sha SHA names it: in a workflow $GITHUB_SHA');
	if (operations === null) throw new Error('the real World has operations');
	const judged = await operations.judge({sha: sha ?? 'head', hotfix, isLanded: landed, run});
	if (!judged.ok) throw refusalFailure(judged);
	const {candidate} = judged;
	const glass = opening(candidate, judged.glass);
	output.write(
		json
			? `${JSON.stringify(gateReport(candidate, environment, {hotfix: judged.hotfix, breakGlass: glass}), undefined, 2)}\n`
			: `${lines(judged, environment, glass).join('\n')}\n`,
	);
	return candidate.gate.open || glass !== null ? exitCodes.done : exitCodes.refused;
};
