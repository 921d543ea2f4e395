/** Whether what a recording says was seen has the shape of it: a screen that is drawn from it must not fall over. */
import type {Seen} from './record.ts';
import {
	byName,
	either,
	isObject,
	list,
	number,
	object,
	oneOf,
	orAbsent,
	orNull,
	type Shape,
	text,
	yesNo,
} from '../text/shape.ts';

const step = object({
	number,
	name: text,
	status: text,
	conclusion: orNull(text),
	startedAt: orNull(number),
	finishedAt: orNull(number),
});
const annotation = object({level: text, path: text, line: orNull(number), title: orNull(text), message: text});
const job = object({
	id: number,
	nodeId: orNull(text),
	name: text,
	attempt: orAbsent(orNull(number)),
	status: text,
	conclusion: orNull(text),
	startedAt: orNull(number),
	finishedAt: orNull(number),
	url: orNull(text),
	steps: orNull(list(step)),
	annotations: orNull(list(annotation)),
});
const wait = object({environment: text, canApprove: yesNo, waitMinutes: number, waitingSince: orNull(number)});
const run = object({
	id: number,
	suiteId: orNull(text),
	workflowPath: orNull(text),
	workflowName: text,
	event: text,
	headSha: text,
	branch: orNull(text),
	number: orNull(number),
	attempt: orNull(number),
	title: orNull(text),
	actor: orNull(text),
	status: text,
	conclusion: orNull(text),
	createdAt: number,
	startedAt: orNull(number),
	updatedAt: number,
	url: text,
	jobs: orNull(list(job)),
	jobsTotal: orNull(number),
	jobsAsOf: orNull(number),
	waits: list(wait),
});
const status = object({
	context: text,
	state: text,
	targetUrl: orNull(text),
	description: orNull(text),
	createdAt: number,
	creator: orNull(text),
});
const commit = object({
	sha: text,
	nodeId: orNull(text),
	headline: text,
	author: text,
	committedAt: number,
	url: text,
	statuses: list(status),
});
const deployment = object({
	id: number,
	commitSha: text,
	environment: text,
	state: text,
	payload: orNull(isObject),
	logUrl: orNull(text),
	environmentUrl: orNull(text),
	description: orNull(text),
	creator: orNull(text),
	createdAt: number,
	updatedAt: number,
});
const branch = object({name: text, sha: orNull(text)});
const facts = object({
	repository: text,
	url: orNull(text),
	defaultBranch: orNull(text),
	viewerPermission: orNull(text),
	refs: object({staging: branch, production: branch, aheadBy: orNull(number), behindBy: orNull(number)}),
	commits: list(commit),
	hasOlder: orAbsent(yesNo),
	runs: list(run),
	deployments: list(deployment),
	absentWorkflows: list(text),
	productionRules: orNull(object({reviewers: list(text), waitMinutes: number})),
	rewoundAt: orNull(number),
});
const failure = object({
	kind: text,
	because: text,
	next: orAbsent(text),
	status: orNull(number),
	retryAt: orNull(number),
	readAt: number,
	latencyMs: number,
});
const poll = object({
	answeredAtWall: orNull(number),
	nextAtWall: number,
	phase: oneOf('waiting', 'asking'),
	because: orNull(text),
	failures: number,
	failure: orNull(failure),
	path: oneOf('graphql', 'rest'),
	partial: list(text),
	clockSkewMs: orNull(number),
});
const release = object({release: text, sha: orNull(text)});
const instance = object({
	instance: text,
	version: orNull(text),
	health: either(yesNo, oneOf('unknown')),
	because: text,
	latencyMs: orNull(number),
});
const operationStep = object({
	name: text,
	host: orNull(text),
	status: oneOf('running', 'passed', 'failed'),
	startedAt: number,
	finishedAt: orNull(number),
	note: orNull(text),
});
const operation = object({
	id: text,
	kind: oneOf('deploy', 'rollback', 'promote'),
	environment: text,
	from: orNull(release),
	to: orNull(release),
	sha: orNull(text),
	operator: text,
	host: text,
	startedAt: number,
	finishedAt: orNull(number),
	outcome: oneOf('running', 'succeeded', 'failed', 'rolled-back', 'interrupted'),
	exitCode: orNull(number),
	because: text,
	next: orNull(text),
	command: list(text),
	scriptKind: text,
	scriptExitCode: orNull(number),
	steps: list(operationStep),
	usualSeconds: orNull(number),
	p95Seconds: orNull(number),
	stop: orNull(object({by: text, at: number, thenRollBack: yesNo})),
	before: orNull(list(instance)),
	after: orNull(list(instance)),
	unpublished: number,
	promotion: orAbsent(
		orNull(
			object({
				strategy: text,
				hotfix: orNull(text),
				breakGlass: orNull(object({reason: text, conditions: list(text)})),
			}),
		),
	),
	passedLock: orAbsent(orNull(object({lock: text, holder: text}))),
});
const lockRecord = object({
	id: text,
	environment: text,
	kind: text,
	operation: orNull(text),
	operator: text,
	host: text,
	reason: text,
	createdAt: number,
	leaseUntil: orNull(number),
	phase: orNull(text),
	author: orAbsent(orNull(object({login: orNull(text), isVerified: yesNo}))),
});
const lock = either(
	object({state: oneOf('free')}),
	object({state: oneOf('held'), lock: lockRecord, where: text, isStale: yesNo, silentSeconds: orNull(number)}),
	object({state: oneOf('ambiguous', 'unknown'), because: text}),
);
const readiness = either(
	object({ready: oneOf(true), to: object({id: text, sha: orNull(text)})}),
	object({ready: oneOf(false, 'unknown'), because: text}),
);
const pin = object({environment: text, release: text, sha: orNull(text), by: text, at: number, because: text});
const operations = object({
	operations: list(operation),
	locks: byName(lock),
	readiness: byName(readiness),
	pins: list(pin),
	outbox: object({waiting: number, oldestAt: orNull(number), because: orNull(text)}),
	problem: orNull(text),
	operator: orAbsent(orNull(text)),
});
const observation = object({environment: text, readAt: number, instances: list(instance)});
const observed = object({
	generation: number,
	afterMs: number,
	latest: orNull(observation),
	lastTold: orNull(observation),
	healths: list(either(yesNo, oneOf('unknown'))),
	healthyInARow: number,
	sameVersion: object({version: orNull(text), count: number}),
});
const outcome = object({
	location: text,
	title: text,
	outcome: oneOf('passed', 'failed', 'flaky', 'skipped'),
	durationMs: number,
	tries: number,
	error: orNull(object({message: text, location: orNull(text)})),
});
const shard = object({index: number, total: number});
const runTests = object({
	sha: text,
	workflow: text,
	runId: number,
	attempt: number,
	isHistory: yesNo,
	failedThen: byName(number),
	live: list(object({shard: number, at: number, location: text, title: text, message: text})),
	isLiveCut: yesNo,
	tries: byName(number),
	results: list(
		object({
			shard,
			attempt: number,
			verdict: oneOf('passed', 'failed', 'interrupted'),
			passed: number,
			skipped: number,
			failed: list(outcome),
			flaky: list(outcome),
			failedCount: number,
			flakyCount: number,
			omitted: number,
		}),
	),
});
const historyRun = object({
	workflow: text,
	sha: text,
	runId: number,
	at: number,
	jobs: list(object({attempt: number, failed: list(text), passed: list(text)})),
	attempts: list(
		object({
			attempt: number,
			shards: number,
			read: list(number),
			isPartial: yesNo,
			failed: list(text),
			flaky: list(text),
			passed: list(text),
		}),
	),
});
const tests = object({known: list(runTests), history: orNull(object({runs: list(historyRun)}))});
const rate = object({limit: number, remaining: number, resetAt: number});
const seen: Shape = object({
	facts: orNull(facts),
	readAt: orNull(number),
	rate: orNull(rate),
	poll,
	operations: orNull(operations),
	observed: byName(observed),
	tests: orAbsent(tests),
});

export const isSeen = (value: unknown): value is Seen => seen(value);
