/** What the local repository knows, for when GitHub's history does not reach: commits between two releases, what changed in between. */
import {execFile} from 'node:child_process';
import {isMigration} from '../core/glob.ts';
import type {PlanCommit} from '../core/plan.ts';
import {isRevert} from '../core/revert.ts';
import {sanitise} from '../core/sanitise.ts';
import {callOf} from '../settings/child.ts';

/** Long enough for a machine that is busy: what did not answer is not known. */
const timeoutMs = 20_000;
/** More than anybody reads; a plan that shows so many says little else. */
const commitsAtMost = 1000;

export type Git = {directory: string; env: Readonly<Record<string, string | undefined>>};

/** null: git is not here, this is no repository, or it does not know. Argument lists only. */
const git = ({directory, env}: Git, ...parameters: readonly string[]): Promise<string | null> => {
	const {promise, resolve} = Promise.withResolvers<string | null>();
	const call = callOf('git', ['-C', directory, ...parameters], env);
	execFile('git', call.parameters, {
		// A hook that calls us has set these for itself.
		env: {...call.env, GIT_DIR: undefined, GIT_WORK_TREE: undefined}, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8',
	}, (error, stdout) => resolve(error === null ? stdout : null)).stdin?.end();
	return promise;
};

const isSha = (text: string) => /^[0-9a-f]{7,40}$/.test(text);

/** The full SHA of a commit that the repository has; null: it has none, or several begin so. */
export const resolveCommit = async (repository: Git, name: string): Promise<string | null> => {
	const found = (await git(repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim() ?? '';
	return /^[0-9a-f]{40}$/.test(found) ? found : null;
};

/** Commits that `to` has and `from` lacks, newest first. null: not known. */
export const commitsBetween = async (repository: Git, from: string, to: string): Promise<readonly PlanCommit[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	// Records end with NUL, which no message can hold.
	const text = await git(repository, 'log', '-z', `--max-count=${commitsAtMost}`, '--format=%H%n%s%n%b', `${from}..${to}`, '--');
	return text?.split('\0').flatMap(record => {
		const [sha = '', subject = '', ...body] = record.split('\n');
		return isSha(sha) ? [{sha, message: sanitise(subject, 200), isRevert: isRevert(`${subject}\n${body.join('\n')}`)}] : [];
	}) ?? null;
};

/** Files of database changes that lie between two commits; null: not known. */
export const migrationsBetween = async (repository: Git, from: string, to: string): Promise<readonly string[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	const text = await git(repository, 'diff', '--no-ext-diff', '--no-renames', '--name-only', '-z', from, to, '--');
	return text?.split('\0').filter(name => isMigration(name)).map(name => sanitise(name, 120)) ?? null;
};

/** Whether files are those of the commit: `differs` names what is not. `unknown`: no repository, or it lacks the commit. */
export type ScriptsThen = {state: 'same'} | {state: 'differs'; files: readonly string[]} | {state: 'unknown'};

/** `path`: a folder, with everything in it, or one file; within the repository. */
export const scriptsThen = async (repository: Git, sha: string, path: string): Promise<ScriptsThen> => {
	if (!isSha(sha)) return {state: 'unknown'};
	const [tracked, untracked] = await Promise.all([
		git(repository, 'diff', '--no-ext-diff', '--no-renames', '--name-only', '-z', sha, '--', `:(literal)${path}`),
		git(repository, 'ls-files', '--others', '--exclude-standard', '-z', '--', `:(literal)${path}`),
	]);
	if (tracked === null || untracked === null) return {state: 'unknown'};
	const files = [...tracked.split('\0'), ...untracked.split('\0')].filter(name => name !== '').map(name => sanitise(name, 120));
	return files.length === 0 ? {state: 'same'} : {state: 'differs', files};
};
