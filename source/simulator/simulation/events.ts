/** What a scenario's events do when their time has come. */
import {bringLive} from '../model/live.ts';
import type {CommitFile, Engine, State} from '../model/model.ts';
import {actionsBot, personOf} from '../model/model.ts';
import {openPull} from '../branches/pulls.ts';
import {moveRef, push} from '../branches/pushes.ts';
import {createRun} from '../actions/runs.ts';
import type {FileData, ScenarioEvent} from '../model/scenario.ts';
import {postStatus} from '../model/statuses.ts';

type Of<Key extends string> = Extract<ScenarioEvent, Record<Key, unknown>>;

/** `A +12 -0 migrations/0042.sql` */
export function fileOf(text: FileData): CommitFile {
	const match = /^(?:([AD]) )?\+(\d+) -(\d+) (\S+)$/.exec(text);
	if (!match) {
		throw new TypeError(`A changed file is like "+12 -3 source/export.ts", not ${text}`);
	}
	return {
		path: match[4]!,
		status: match[1] === 'A' ? 'added' : match[1] === 'D' ? 'removed' : 'modified',
		additions: Number(match[2]),
		deletions: Number(match[3]),
	};
}

const shaOf = (state: State, alias: string) => state.aliases.get(alias) ?? alias;

function pushEvent(engine: Engine, event: Of<'push'>): void {
	const {state} = engine;
	const commits = event.commits.map(([alias, message, by, files]) => ({
		alias,
		message,
		by: personOf(state, by ?? event.by),
		files: files?.map(fileOf),
	}));
	// The plan is kept by the tip's id, which is known only now; runs look at it when they start, seconds later.
	state.plans.set(
		push(
			engine,
			event.push,
			commits,
			personOf(state, event.by),
			event.from === undefined ? undefined : shaOf(state, event.from),
		),
		event.plan ?? {},
	);
}

/** Those of the past were right: the gate of their day let them through, whatever today's would say. */
function promote(engine: Engine, event: Of<'promote'>): void {
	const {state, branches} = engine;
	const sha = shaOf(state, event.promote);
	const plan = state.plans.get(sha) ?? {};
	state.plans.set(sha, {...plan, outcomes: {gate: 'success', ...plan.outcomes}});
	moveRef(engine, `refs/heads/${branches.production}`, sha, personOf(state, event.by));
}

function dispatch(engine: Engine, event: Of<'dispatch'>): void {
	const {state} = engine;
	const branch = state.repository.defaultBranch;
	const about = shaOf(state, event.commit);
	if (event.plan) {
		state.plans.set(about, event.plan);
	}
	createRun(
		engine,
		state.workflows.find(({definition}) => definition.file === event.dispatch)!,
		{
			event: 'workflow_dispatch',
			sha: state.refs.get(`refs/heads/${branch}`)!,
			branch,
			actor: personOf(state, event.by),
			about,
			inputs: {sha: about},
		},
	);
}

function schedule(engine: Engine, event: Of<'schedule'>): void {
	const {state} = engine;
	const branch = state.repository.defaultBranch;
	const head = state.refs.get(`refs/heads/${branch}`)!;
	createRun(
		engine,
		state.workflows.find(({definition}) => definition.file === event.schedule)!,
		{event: 'schedule', sha: head, branch, actor: actionsBot, about: head},
	);
}

export function applyEvent(engine: Engine, event: ScenarioEvent): void {
	const {state, branches} = engine;
	if ('push' in event) {
		pushEvent(engine, event);
	} else if ('promote' in event) {
		promote(engine, event);
	} else if ('dispatch' in event) {
		dispatch(engine, event);
	} else if ('schedule' in event) {
		schedule(engine, event);
	} else if ('tag' in event) {
		moveRef(engine, `refs/tags/${event.tag}`, shaOf(state, event.commit), actionsBot);
	} else if ('status' in event) {
		postStatus(state, {
			...event.status,
			sha: shaOf(state, event.status.commit),
			creator: personOf(state, event.by),
		});
	} else if ('live' in event) {
		bringLive(state, event.live, shaOf(state, event.commit));
	} else {
		openPull(engine, {...event.pull, base: event.pull.base ?? branches.staging}, personOf(state, event.by));
	}
}
