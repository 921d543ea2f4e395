/** What the local repository knows, for when GitHub's history does not reach: commits between two releases, what changed in between. */
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {isMigration} from '../../core/text/glob.ts';
import type {PlanCommit} from '../../core/plan/plan.ts';
import {isRevert} from '../../core/plan/revert.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {callOf} from '../../settings/checkout/child.ts';
import {type AskGit, differing, entriesHere, entriesOf, ignoredOf} from '../../settings/checkout/tree.ts';

/** Long enough for a machine that is busy: what did not answer is not known. */
const timeoutMs = 20_000;
/** More than anybody reads; a plan that shows so many says little else. */
const commitsAtMost = 1000;

export type Git = {directory: string; env: Readonly<Record<string, string | undefined>>};

/** null: git is not here, this is no repository, or it does not know. Argument lists only. */
const git = ({directory, env}: Git, ...parameters: readonly string[]): Promise<string | null> => {
	const {promise, resolve} = Promise.withResolvers<string | null>();
	const call = callOf('git', ['-C', directory, ...parameters], env);
	execFile(
		'git',
		call.parameters,
		{
			// A hook that calls us has set these for itself.
			env: {...call.env, GIT_DIR: undefined, GIT_WORK_TREE: undefined},
			timeout: timeoutMs,
			maxBuffer: 16 * 1024 * 1024,
			encoding: 'utf8',
		},
		(error, stdout) => resolve(error === null ? stdout : null),
	).stdin?.end();
	return promise;
};

const isSha = (text: string) => /^[0-9a-f]{7,40}$/.test(text);

/** The full SHA of a commit that the repository has; null: it has none, or several begin so. */
export const resolveCommit = async (repository: Git, name: string): Promise<string | null> => {
	const found =
		(await git(repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim() ??
		'';
	return /^[0-9a-f]{40}$/.test(found) ? found : null;
};

/** Commits that `to` has and `from` lacks, newest first. null: not known. */
export const commitsBetween = async (
	repository: Git,
	from: string,
	to: string,
): Promise<readonly PlanCommit[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	// Records end with NUL, which no message can hold.
	const text = await git(
		repository,
		'log',
		'-z',
		`--max-count=${commitsAtMost}`,
		'--format=%H%n%s%n%b',
		`${from}..${to}`,
		'--',
	);
	return (
		text?.split('\0').flatMap(record => {
			const [sha = '', subject = '', ...body] = record.split('\n');
			return isSha(sha)
				? [{sha, message: sanitise(subject, 200), isRevert: isRevert(`${subject}\n${body.join('\n')}`)}]
				: [];
		}) ?? null
	);
};

/** Files of database changes that lie between two commits; null: not known. */
export const migrationsBetween = async (
	repository: Git,
	from: string,
	to: string,
): Promise<readonly string[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	const text = await git(repository, 'diff', '--no-ext-diff', '--no-renames', '--name-only', '-z', from, to, '--');
	return (
		text
			?.split('\0')
			.filter(name => isMigration(name))
			.map(name => sanitise(name, 120)) ?? null
	);
};

/** Whether files are those of the commit: `differs` names what is not. `unknown`: no repository, or it lacks the commit. */
export type ScriptsThen = {state: 'same'} | {state: 'differs'; files: readonly string[]} | {state: 'unknown'};

/** `path`: a folder, with everything in it, or one file; within the repository. Nothing that the repository's configuration names is run. */
export const scriptsThen = async (repository: Git, sha: string, path: string): Promise<ScriptsThen> => {
	if (!isSha(sha)) return {state: 'unknown'};
	const ask: AskGit = (...parameters) => git(repository, ...parameters);
	const [then, ignored] = await Promise.all([entriesOf(ask, sha, [path]), ignoredOf(ask, [path])]);
	if (then === null) return {state: 'unknown'};
	const files = differing(then, (await entriesHere(repository.directory, [path], ignored, then)).entries).map(name =>
		sanitise(name, 120),
	);
	return files.length === 0 ? {state: 'same'} : {state: 'differs', files};
};

/** What `path` holds now: against the commits of branches, and by a digest of its own. */
export type ScriptsHere = {
	/** The branch of origin that has the same; null: none that is known here. */
	branch: string | null;
	/** Against the first branch that is known here, and which that is; null: none is. */
	against: {branch: string; files: readonly string[]} | null;
	/** null: it could not all be read. */
	digest: string | null;
};

/** Against where `branches` of origin were when they were last fetched. */
export const scriptsHere = async (repository: Git, branches: readonly string[], path: string): Promise<ScriptsHere> => {
	const ask: AskGit = (...parameters) => git(repository, ...parameters);
	const [ignored, ...thens] = await Promise.all([
		ignoredOf(ask, [path]),
		...branches.map(async branch => ({
			branch,
			entries: await entriesOf(ask, `refs/remotes/origin/${branch}`, [path]),
		})),
	]);
	let against: ScriptsHere['against'] = null;
	for (const {branch, entries} of thens) {
		if (entries === null) continue;
		const files = differing(entries, (await entriesHere(repository.directory, [path], ignored, entries)).entries);
		if (files.length === 0) return {branch, against: null, digest: null};
		against ??= {branch, files: files.map(name => sanitise(name, 120))};
	}
	const {entries, isWhole} = await entriesHere(repository.directory, [path], ignored, new Map());
	const lines = [...entries].map(([name, entry]) => `${entry} ${name}\0`).sort();
	return {
		branch: null,
		against,
		digest: isWhole ? createHash('sha256').update(`${path}\0`).update(lines.join('')).digest('hex') : null,
	};
};
