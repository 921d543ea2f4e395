/** A simulated GitHub to write to, over real HTTP. Pauses pass at once; requests time out when the test says so. */
import type {TestContext} from 'node:test';
import type {LockRecord} from '../../source/core/locks/lock.ts';
import {createConnection, type Connection, type ConnectionOptions} from '../../source/github/http/connection.ts';
import {defaults, type Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {startSimulator, type Simulator} from '../../source/simulator/server.ts';
import type {Clock} from '../../source/world.ts';

export const timeoutMs = 60_000;

export type ImpatientClock = Clock & {
	advance(milliseconds: number): void;
	/** Every request under way has timed out. */ expire(): void;
};

export const impatientClock = (startsAt = Date.parse(defaults.startsAt)): ImpatientClock => {
	let now = startsAt;
	const patient = new Set<() => void>();
	return {
		now: () => now,
		after: (milliseconds, signal) =>
			new Promise((resolve, reject) => {
				signal?.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
				const pass = () => {
					now += milliseconds;
					resolve();
				};
				if (milliseconds >= timeoutMs) patient.add(pass);
				else setImmediate(pass);
			}),
		advance(milliseconds) {
			now += milliseconds;
		},
		expire() {
			for (const pass of patient) pass();
			patient.clear();
		},
	};
};

export type Writing = {
	simulator: Simulator;
	clock: ImpatientClock;
	options(token?: string): ConnectionOptions;
	connection(token?: string): Connection;
	/** Full name to object id, of what is ours. */
	refs(): Record<string, string>;
	/** A commit with any message, at any ref, whatever our rules are. */
	plant(name: string, message: string): string;
};

export async function writing(t: TestContext, over: Partial<Scenario['server']> = {}): Promise<Writing> {
	const scenario: Scenario = {...scenarioNamed('quiet'), server: {...defaults.server, ...over}};
	const clock = impatientClock(Date.parse(scenario.startsAt));
	const simulator = await startSimulator({scenario, clock});
	t.after(async () => simulator.close());
	const {owner, name} = scenario.repository;
	const options = (token = 'sim_classic'): ConnectionOptions => ({
		endpoint: {host: 'github.com', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token},
		repository: `${owner}/${name}`,
		clock,
		timeoutMs,
	});
	return {
		simulator,
		clock,
		options,
		connection: token => createConnection(options(token)),
		refs: () =>
			Object.fromEntries([...simulator.simulation.state.refs].filter(([ref]) => ref.includes('deployctl/'))),
		plant: (ref, message) =>
			simulator.simulation.act(({state}) => {
				const sha = `${Buffer.from(message).toString('hex')}${'0'.repeat(40)}`.slice(0, 40);
				state.commits.set(sha, {
					sha,
					tree: sha,
					parents: [],
					message,
					author: state.people.get('mira-okafor')!,
					committedAt: state.now,
					files: [],
				});
				state.refs.set(ref, sha);
				return sha;
			}),
	};
}

let count = 0;
export const lockOf = (now: number, over: Partial<LockRecord> = {}): LockRecord => {
	count += 1;
	return {
		id: `lock-${count}`,
		environment: 'production',
		kind: 'operation',
		operation: `20261124T020304Z-deploy-production-${count}`,
		operator: `operator-${count}`,
		host: 'workstation',
		reason: `deploy number ${count}`,
		createdAt: now,
		leaseUntil: now + 60_000,
		phase: 'starting',
		...over,
	};
};
