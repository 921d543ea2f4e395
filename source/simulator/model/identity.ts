/** Everything that looks random in the simulator comes from here, and is a hash of something stable: same scenario, same ids. */
import {createHash} from 'node:crypto';

export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Uniform in [0, 1), decided by the seed alone. */
export const fraction = (seed: string): number => Number.parseInt(sha1(seed).slice(0, 8), 16) / 2 ** 32;

/** `seconds` ± 12 %, decided by the seed, as whole seconds: nothing on real runners takes the same time twice. */
export const jitter = (seconds: number, seed: string): number =>
	Math.max(1, Math.round(seconds * (0.88 + fraction(seed) * 0.24)));

export const zeros = '0'.repeat(40);

/** Where each counter starts. GitHub's ids of runs, jobs and suites passed 2^31 years ago, and clients that cut them to 32 bits break. */
export const firstIds = {
	run: 14_541_957_942,
	job: 41_028_611_370,
	suite: 35_019_774_206,
	deployment: 2_874_411_903,
	status: 38_114_620_551,
	workflow: 71_530_244,
	environment: 4_410_977_215,
	annotation: 1,
	pull: 2_214_507_118,
	queueEntry: 61_204_417,
	artifact: 2_310_447_980,
} as const;
export type Counter = keyof typeof firstIds;

const namesByPrefix = {
	R: 'Repository',
	AR: 'Artifact',
	C: 'Commit',
	CS: 'CheckSuite',
	CR: 'CheckRun',
	W: 'Workflow',
	WFR: 'WorkflowRun',
	DE: 'Deployment',
	DES: 'DeploymentStatus',
	REF: 'Ref',
	EN: 'Environment',
	U: 'User',
	BOT: 'Bot',
	SC: 'StatusContext',
	SE: 'Status',
	A: 'App',
	PR: 'PullRequest',
	PRR: 'PullRequestReview',
	T: 'Tree',
	WFF: 'WorkflowRunFile',
	RU: 'RepositoryRule',
	MQ: 'MergeQueue',
	MQE: 'MergeQueueEntry',
	RRS: 'RepositoryRuleset',
	SCR: 'StatusCheckRollup',
	CMP: 'Comparison',
	DER: 'DeploymentReview',
	TAG: 'Tag',
} as const;
export type NodePrefix = keyof typeof namesByPrefix;
export type NodeType = (typeof namesByPrefix)[NodePrefix];

/** A global node id in the shape of GitHub's (`CR_kwDO…`). It carries its own key, so that no index is needed to resolve it. */
export const nodeId = (prefix: NodePrefix, key: string | number): string =>
	`${prefix}_kwDO${Buffer.from(String(key)).toString('base64url')}`;

export function parseNodeId(id: string): {type: NodeType; key: string} | null {
	const match = /^([A-Z]+)_kwDO([\w-]+)$/.exec(id);
	const type = match && namesByPrefix[match[1] as NodePrefix];
	return type ? {type, key: Buffer.from(match[2]!, 'base64url').toString()} : null;
}
