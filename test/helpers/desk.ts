/** A desk for commands: operations that are played, a terminal that answers what the test says, and what was printed. */
import {defaultSettings} from '../../source/core/settings/settings.ts';
import type {Observation} from '../../source/core/releases/observation.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import type {Plan} from '../../source/core/plan/plan.ts';
import type {Offer} from '../../source/core/releases/release.ts';
import type {Desk} from '../../source/commands/desk/desk.ts';
import {Failure} from '../../source/errors.ts';
import {realClock} from '../../source/edges/clock.ts';
import type {OperationLog, Operations, OperationsReading} from '../../source/world.ts';

export const oldSha = '1a2b3c4d'.repeat(5);
export const newSha = '3f2a9c1e'.repeat(5);
export const begunAt = Date.parse('2026-11-24T02:03:04Z');

export const operation = (change: Partial<Operation> = {}): Operation => ({
	id: '20261124T020304Z-deploy-staging-1f9c',
	kind: 'deploy',
	environment: 'staging',
	from: {release: oldSha, sha: oldSha},
	to: {release: newSha, sha: newSha},
	sha: newSha,
	operator: 'mona',
	host: 'laptop',
	startedAt: begunAt,
	finishedAt: null,
	outcome: 'running',
	exitCode: null,
	because: 'Deploying 3f2a9c1 to staging: the script runs',
	next: null,
	command: ['scripts/deploy.sh', 'staging', newSha],
	scriptKind: 'plain',
	scriptExitCode: null,
	steps: [],
	usualSeconds: null,
	p95Seconds: null,
	stop: null,
	before: null,
	after: null,
	isSupervised: true,
	isLockedRemotely: true,
	unpublished: 0,
	...change,
});

export const succeeded = (change: Partial<Operation> = {}): Operation =>
	operation({
		finishedAt: begunAt + 42_000,
		outcome: 'succeeded',
		exitCode: 0,
		because: '3f2a9c1 is live on staging and healthy',
		...change,
	});

export const observation: Observation = {
	environment: 'staging',
	readAt: begunAt,
	instances: [{instance: 'web-1', version: oldSha, health: true, because: '', latencyMs: 3}],
};

export const plan = (change: Partial<Plan> = {}): Plan => ({
	id: '20261124T020304Z-deploy-staging-1f9c',
	kind: 'deploy',
	environment: 'staging',
	from: {release: oldSha, sha: oldSha},
	to: {release: newSha, sha: newSha},
	sha: newSha,
	scriptKind: 'plain',
	command: ['scripts/deploy.sh', 'staging', newSha],
	directory: '/home/mona/app',
	coming: [{sha: newSha, message: 'Autosave drafts', isRevert: false}],
	going: [],
	migration: 'none',
	usualSeconds: 40,
	p95Seconds: 60,
	timeoutSeconds: 900,
	graceSeconds: 30,
	lock: {state: 'free'},
	observation,
	warnings: [],
	blocked: null,
	phrase: null,
	offers: [],
	stopping: null,
	insists: false,
	promotion: null,
	hash: 'abc',
	...change,
});

export const offer = (id: string, sha: string | null, change: Partial<Offer> = {}): Offer => ({
	release: {
		id,
		sha,
		isLive: false,
		isPresent: true,
		wasHealthy: true,
		isBad: false,
		badBecause: null,
		migration: 'none',
		deployedAt: begunAt,
		lastLiveAt: begunAt,
		hosts: null,
	},
	offered: true,
	isDefault: false,
	because: 'was healthy',
	canInsist: false,
	...change,
});

export const logOf = (pages: ReadonlyArray<readonly string[]>): OperationLog => {
	let page = -1;
	const known = () => pages.slice(0, page + 1).flat();
	return {
		grow: async () => {
			page = Math.min(page + 1, pages.length - 1);
			return {
				lines: known().length,
				completeLines: known().length,
				bytes: known().join('\n').length,
				isWhole: page === pages.length - 1,
			};
		},
		lines: async (from, count) => known().slice(from, from + count),
		find: async () => null,
		count: async () => 0,
		close: async () => {},
	};
};

export type Played = {
	/** What each reading shows; the last one is repeated. */
	readings?: ReadonlyArray<readonly Operation[]>;
	reading?: Partial<OperationsReading>;
	/** Overrides; every call is recorded, whether overridden or not. */
	operations?: Partial<Operations>;
	/** What somebody answers, in turn; null: nobody is there. An empty list: whoever is asked says nothing more. */
	answers?: readonly string[] | null;
	settings?: Partial<Desk['settings']>;
};

export const playedDesk = ({
	readings = [[]],
	reading = {},
	operations = {},
	answers = null,
	settings = {},
}: Played = {}) => {
	const calls: Array<readonly [name: string, ...parameters: unknown[]]> = [];
	const interrupt = new AbortController();
	const printed = {out: '', error: ''};
	const questions: string[] = [];
	let readIndex = 0;
	const left = [...(answers ?? [])];
	const defaults: Operations = {
		read: async () => ({
			operator: 'mona',
			operations: readings[Math.min(readIndex++, readings.length - 1)]!,
			locks: {},
			readiness: {},
			pins: [],
			outbox: {waiting: 0, oldestAt: null, because: null},
			problem: null,
			...reading,
		}),
		refresh: async () => {},
		changed: async () => {},
		observe: async () => observation,
		plan: async wish => plan({kind: wish.kind, environment: wish.environment}),
		start: async ({id}) => ({ok: true, id}),
		stop: async () => ({ok: true}),
		lock: async () => ({ok: true}),
		unlock: async () => ({ok: true}),
		unpin: async () => ({ok: true}),
		judge: async () => ({ok: false, because: 'nothing to judge here', next: 'x', exitCode: 5}),
		signOff: async () => ({ok: true}),
		review: async () => ({ok: true}),
		hotfixes: async () => ({ok: true, branches: []}),
		log: () => logOf([[]]),
	};
	const recorded = Object.fromEntries(
		Object.entries({...defaults, ...operations}).map(([name, act]) => [
			name,
			(...parameters: unknown[]) => {
				if (name !== 'read' && name !== 'changed') calls.push([name, ...parameters]);
				return (act as (...all: unknown[]) => unknown)(...parameters);
			},
		]),
	) as Operations;
	const desk: Desk = {
		operations: recorded,
		repository: 'acme/app',
		settings: {...defaultSettings, ...settings},
		output: {
			write: text => {
				printed.out += text;
			},
			error: text => {
				printed.error += text;
			},
		},
		ask:
			answers === null
				? null
				: async question => {
						questions.push(question);
						return left.shift() ?? null;
					},
		signal: interrupt.signal,
		wall: realClock,
	};
	return {
		desk,
		calls,
		printed,
		questions,
		interrupt: () => interrupt.abort(),
		called: (name: keyof Operations) => calls.filter(([called]) => called === name),
	};
};

export const failureOf = async (running: Promise<unknown>): Promise<Failure> => {
	try {
		await running;
	} catch (error) {
		if (error instanceof Failure) return error;
		throw error;
	}
	throw new Error('it was not refused');
};
