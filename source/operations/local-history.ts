/** What the local repository knows, for when GitHub's history does not reach: commits between two releases, what changed in between. */
import {execFile} from 'node:child_process';
import type {PlanCommit} from '../core/plan.ts';
import {sanitise} from '../core/sanitise.ts';

const timeoutMs = 5000;
const commitsAtMost = 200;

/** null: git is not here, this is no repository, or it does not know. Argument lists only, and never anything that runs hooks or pagers. */
const git = (directory: string, ...parameters: readonly string[]): Promise<string | null> => {
	const {promise, resolve} = Promise.withResolvers<string | null>();
	execFile('git', ['-c', 'core.fsmonitor=false', '--no-pager', '-C', directory, ...parameters], {timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8'}, (error, stdout) => resolve(error === null ? stdout : null));
	return promise;
};

const isSha = (text: string) => /^[0-9a-f]{7,40}$/.test(text);

export const isRevert = (message: string): boolean => /^\s*revert\b/i.test(message) || /\bThis reverts commit [0-9a-f]{7,40}\b/.test(message);

/** The full SHA of a commit that the repository has; null: it has none, or several begin so. */
export const resolveCommit = async (directory: string, name: string): Promise<string | null> => {
	const found = (await git(directory, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`))?.trim() ?? '';
	return /^[0-9a-f]{40}$/.test(found) ? found : null;
};

/** Commits that `to` has and `from` lacks, newest first. null: not known. */
export const commitsBetween = async (directory: string, from: string, to: string): Promise<readonly PlanCommit[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	const text = await git(directory, 'log', `--max-count=${commitsAtMost}`, '--format=%H%x00%s%x00%b%x01', `${from}..${to}`);
	return text?.split('\u0001').flatMap(record => {
		const [sha = '', subject = '', body = ''] = record.trim().split('\0');
		return sha === '' ? [] : [{sha, message: sanitise(subject, 200), isRevert: isRevert(`${subject}\n${body}`)}];
	}) ?? null;
};

const migrationFolders = /(?:^|\/)(?:migrations?|db\/migrate|alembic\/versions|flyway|liquibase)\//i;

/** Files of database changes that lie between two commits; null: not known. */
export const migrationsBetween = async (directory: string, from: string, to: string): Promise<readonly string[] | null> => {
	if (!isSha(from) || !isSha(to)) return null;
	const text = await git(directory, 'diff', '--name-only', '-z', from, to);
	return text?.split('\0').filter(name => migrationFolders.test(name)).map(name => sanitise(name, 120)) ?? null;
};

/** Whether the folder's files are those of the commit: `differs` names what is not. `unknown`: no repository, or it lacks the commit. */
export type ScriptsThen = {state: 'same'} | {state: 'differs'; files: readonly string[]} | {state: 'unknown'};

export const scriptsThen = async (directory: string, sha: string, folder: string): Promise<ScriptsThen> => {
	if (!isSha(sha)) return {state: 'unknown'};
	const [tracked, untracked] = await Promise.all([
		git(directory, 'diff', '--no-ext-diff', '--name-only', '-z', sha, '--', folder),
		git(directory, 'ls-files', '--others', '--exclude-standard', '-z', '--', folder),
	]);
	if (tracked === null) return {state: 'unknown'};
	const files = [...tracked.split('\0'), ...(untracked ?? '').split('\0')].filter(name => name !== '').map(name => sanitise(name, 120));
	return files.length === 0 ? {state: 'same'} : {state: 'differs', files};
};
