/**
The simulated repository over time. It has no timers: whoever asks first says what time it is, and everything due by then happens, in order.
One jump therefore ends in the same state as a thousand small steps.
*/
import {defaultAdministration} from '../model/administration.ts';
import {applyEvent} from './events.ts';
import {addCommit} from '../model/git.ts';
import {firstIds, sha1} from '../model/identity.ts';
import type {Engine, State} from '../model/model.ts';
import {actionsBot, nextId} from '../model/model.ts';
import type {Scenario} from '../model/scenario.ts';
import {offsetMs} from '../model/scenario.ts';
import type {Truth} from '../model/truth.ts';
import {truthOf} from '../model/truth.ts';

export type Action<Result> = (engine: Engine) => Result;

export type Simulation = {
	scenario: Scenario;
	startsAt: number;
	state: State;
	/** Lets everything happen that is due by then. A clock that went back is ignored. */
	advanceTo(now: number): void;
	/** Changes the repository from outside (API call, test). Must find its objects by id, because it is repeated when the past is replayed. */
	act<Result>(action: Action<Result>): Result;
	/** The repository as it was then: a separate simulation, replayed with everything done to it until then. */
	past(time: number): Simulation;
	/** What is true at that time, whatever an API tells. */
	truth(now: number): Truth;
	/** Object id of a commit by the scenario's own name for it. */
	sha(alias: string): string;
};

function createState(scenario: Scenario, startsAt: number): State {
	const {owner, name} = scenario.repository;
	const createdAt = startsAt - 400 * 86_400_000;
	const seed = Number.parseInt(sha1(`${owner}/${name}`).slice(0, 7), 16);
	const state: State = {
		now: startsAt - 60 * 86_400_000,
		repository: {
			...scenario.repository,
			id: 600_000_000 + (seed % 90_000_000),
			ownerId: 80_000_000 + (seed % 9_000_000),
			createdAt,
			pushedAt: startsAt - 60 * 86_400_000,
		},
		people: new Map([...scenario.people, actionsBot].map(person => [person.login ?? person.name, person])),
		commits: new Map(),
		refs: new Map(),
		workflows: [],
		suites: new Map(),
		suitesBySha: new Map(),
		runs: new Map(),
		jobs: new Map(),
		statuses: new Map(),
		deployments: new Map(),
		artifacts: new Map(),
		environments: new Map(),
		pulls: [],
		rules: [...(scenario.rules ?? [])],
		aliases: new Map(),
		plans: new Map(),
		live: new Map(),
		liveLog: [],
		counters: {...firstIds},
		webUrl: scenario.server.kind === 'ghes' ? 'https://github.acme.example' : 'https://github.com',
	};
	const {workflowStates: states = {}, deployableFrom = {}} = scenario.administration ?? defaultAdministration;
	state.workflows = scenario.workflows.map(definition => ({
		id: nextId(state, 'workflow'),
		definition,
		createdAt,
		runs: [],
		...(states[definition.file] ? {state: states[definition.file]!} : {}),
	}));
	for (const environment of scenario.environments) {
		state.environments.set(environment.name, {
			id: nextId(state, 'environment'),
			name: environment.name,
			url: `https://${environment.name}.auto-author.example`,
			reviewers: environment.reviewers ?? [],
			waitMinutes: environment.waitMinutes ?? 0,
			createdAt,
			...(deployableFrom[environment.name] ? {branches: deployableFrom[environment.name]!} : {}),
		});
	}
	const root = addCommit(state, {message: 'Initial import', author: scenario.people[0]!, parents: [], at: state.now});
	state.aliases.set('root', root.sha);
	for (const branch of new Set([
		scenario.repository.defaultBranch,
		scenario.branches.staging,
		scenario.branches.production,
	])) {
		state.refs.set(`refs/heads/${branch}`, root.sha);
	}
	return state;
}

type Logged = {at: number; action: Action<unknown>};

/** `from`: when somebody starts to look, if that is earlier than the scenario says; milliseconds since the epoch. */
export function createSimulation(scenario: Scenario, from?: number): Simulation {
	return simulate(scenario, [], from);
}

function simulate(scenario: Scenario, log: readonly Logged[], from?: number): Simulation {
	const startsAt = Date.parse(scenario.startsAt);
	const state = createState(scenario, startsAt);
	const due: Array<{at: number; action: () => void}> = [];
	const done: Logged[] = [];
	let shadow: Simulation | null = null;
	let shadowLogged = 0;

	const engine: Engine = {
		state,
		silentApps: scenario.silentApps,
		branches: scenario.branches,
		at(time, action) {
			const entry = {at: Math.max(time, state.now), action};
			let index = due.length;
			while (index > 0 && due[index - 1]!.at > entry.at) {
				index -= 1;
			}
			due.splice(index, 0, entry);
		},
	};
	for (const event of scenario.events) {
		engine.at(startsAt + offsetMs(event.at), () => applyEvent(engine, event));
	}
	let repeated = 0;
	const runDue = (now: number) => {
		while (due.length > 0 && due[0]!.at <= now) {
			const {at, action} = due.shift()!;
			state.now = at;
			action();
		}
		state.now = Math.max(state.now, now);
	};

	const simulation: Simulation = {
		scenario,
		startsAt,
		state,
		advanceTo(now) {
			for (; repeated < log.length && log[repeated]!.at <= now; repeated += 1) {
				runDue(log[repeated]!.at);
				simulation.act(log[repeated]!.action);
			}
			runDue(now);
		},
		act(action) {
			done.push({at: state.now, action});
			return action(engine);
		},
		past(time) {
			if (!shadow || shadow.state.now > time || shadowLogged !== done.length) {
				shadow = simulate(scenario, done, time);
				shadowLogged = done.length;
			}
			shadow.advanceTo(time);
			return shadow;
		},
		truth(now) {
			simulation.advanceTo(now);
			return truthOf(state, scenario);
		},
		sha(alias) {
			const sha = state.aliases.get(alias);
			if (!sha) {
				throw new TypeError(`No commit called ${alias} yet`);
			}
			return sha;
		},
	};
	simulation.advanceTo(Math.min(startsAt, from ?? startsAt));
	return simulation;
}
