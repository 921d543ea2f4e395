/** What a push starts. Only the tip gets runs; the commits below it get nothing. */
import {fraction, zeros} from '../model/identity.ts';
import {addCommit, mergedTree} from '../model/git.ts';
import {type CommitFile, type Engine, isActive} from '../model/model.ts';
import {followRef} from './pull-heads.ts';
import {createRun} from '../actions/runs.ts';
import {createSuite} from '../actions/suites.ts';
import type {Person} from '../model/person.ts';

const matches = (pattern: string, branch: string) =>
	new RegExp(
		`^${pattern
			.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
			.replaceAll('**', '\0')
			.replaceAll('*', '[^/]*')
			.replaceAll('\0', '.*')}$`,
	).test(branch);

/** Sets or deletes a ref. Branches raise `push`; tags and custom namespaces raise nothing here. */
export function moveRef(engine: Engine, name: string, sha: string, actor: Person): void {
	const {state} = engine;
	const before = state.refs.get(name) ?? null;
	if (before === sha) {
		return;
	}
	if (sha === zeros) {
		state.refs.delete(name);
		followRef(engine, name, null);
		return;
	}
	state.refs.set(name, sha);
	followRef(engine, name, sha);
	if (!name.startsWith('refs/heads/')) {
		return;
	}
	state.repository.pushedAt = state.now;
	const branch = name.slice('refs/heads/'.length);
	for (const app of engine.silentApps) {
		if (!state.suitesBySha.get(sha)?.some(suite => suite.app.id === app.id)) {
			createSuite(engine, {app, sha, branch, status: 'queued', conclusion: null, run: null});
		}
	}
	for (const workflow of state.workflows) {
		if (isActive(workflow) && workflow.definition.on.push?.some(pattern => matches(pattern, branch))) {
			createRun(engine, workflow, {event: 'push', sha, branch, actor, about: sha, before});
		}
	}
}

/** `tree`: of a real repository; by default one that is made up. */
export type NewCommit = {
	alias?: string;
	message: string;
	by: Person;
	files?: readonly CommitFile[];
	tree?: string;
	/** Object id of its `.github`, where it changes that. */ automation?: string;
};

/** @param from where a new branch begins; default: at the head of the default branch */
export function push(engine: Engine, branch: string, commits: readonly NewCommit[], by: Person, from?: string): string {
	const {state} = engine;
	let tip =
		state.refs.get(`refs/heads/${branch}`) ??
		from ??
		state.refs.get(`refs/heads/${state.repository.defaultBranch}`)!;
	for (const [index, {alias, message, by: author, files, tree, automation}] of commits.entries()) {
		// Written a little before they are pushed, the last one a minute ago.
		tip = addCommit(state, {
			message,
			author,
			parents: [tip],
			at: state.now - (commits.length - index) * 60_000,
			files: files ?? plausibleFiles(alias),
			...(tree !== undefined && {tree}),
			...(automation !== undefined && {automation}),
		}).sha;
		if (alias !== undefined) {
			state.aliases.set(alias, tip);
		}
	}
	moveRef(engine, `refs/heads/${branch}`, tip, by);
	return tip;
}

/** A commit that says nothing of its files has changed a little of its subject. */
function plausibleFiles(alias: string | undefined): CommitFile[] {
	if (alias === undefined) {
		return [];
	}
	const lines = (what: string) => 1 + Math.floor(fraction(`${alias} ${what}`) * 40);
	return [
		{path: `source/${alias}.ts`, status: 'modified', additions: lines('added'), deletions: lines('removed') - 1},
		{path: `source/${alias}.test.ts`, status: 'modified', additions: lines('tested'), deletions: 0},
	];
}

/** A merge commit on top of a branch: what was tested is then no longer what the branch points at. */
export function mergeInto(
	engine: Engine,
	branch: string,
	{baseSha, headSha, message}: {baseSha: string; headSha: string; message: string},
	by: Person,
): string {
	const {sha} = addCommit(engine.state, {
		message,
		author: by,
		parents: [baseSha, headSha],
		tree: mergedTree(engine.state, baseSha, headSha),
		at: engine.state.now,
	});
	moveRef(engine, `refs/heads/${branch}`, sha, by);
	return sha;
}
