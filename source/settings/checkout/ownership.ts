/**
Whose files we trust. As git does (`safe.directory`): what lies in a repository is read and run as us, so it has to be ours, root's, or, for
root by sudo, of who called it. Looks at owners alone; nothing of what it looks at is read.
*/
import {lstatSync, readdirSync, realpathSync, type Stats, statSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {sanitise} from '../../core/text/sanitise.ts';
import {exitCodes, Failure} from '../../errors.ts';
import type {Environment} from '../hosts/endpoints.ts';
import type {Run} from './run.ts';

/** Somebody else's file or folder, and the number of that user. */
export type Foreign = {path: string; owner: number};

/** What was refused because of its owner: the end of every command, also of those for which a mistake is only a finding. */
export class Untrusted extends Failure {}

/** Numbers of the users whose files count; null: this system has no such thing. */
export const trustedUsers = (
	env: Environment,
	uid: number | undefined = process.geteuid?.(),
): ReadonlySet<number> | null => {
	if (uid === undefined) return null;
	const caller = uid === 0 && /^\d{1,10}$/.test(env['SUDO_UID'] ?? '') ? [Number(env['SUDO_UID'])] : [];
	return new Set([0, uid, ...caller]);
};

const ownersOf = (path: string): readonly number[] => {
	const options = {throwIfNoEntry: false} as const;
	const seen: Array<Stats | undefined> = [];
	// A link says where it leads; what it leads to is what is read.
	for (const look of [() => lstatSync(path, options), () => statSync(path, options)]) {
		try {
			seen.push(look());
		} catch {
			// Nobody can look there: neither can we read it.
		}
	}
	return seen.flatMap(found => (found === undefined ? [] : [found.uid]));
};

/** The first of the paths that belongs to somebody else, itself or as what it leads to; null: none. What is not there is nobody's. */
export const foreignAmong = (paths: readonly string[], users: ReadonlySet<number> | null): Foreign | null => {
	if (users === null) return null;
	for (const path of paths) {
		const owner = ownersOf(path).find(uid => !users.has(uid));
		if (owner !== undefined) return {path, owner};
	}
	return null;
};

/** More of a folder of scripts is not looked at. */
const entriesAtMost = 1000;

/** What lies in a folder, folders before what is in them; links are not followed. */
export const entriesBelow = (folder: string): readonly string[] => {
	const found: string[] = [];
	for (const queue = [folder]; queue.length > 0 && found.length < entriesAtMost;) {
		const next = queue.shift()!;
		try {
			for (const entry of readdirSync(next, {withFileTypes: true})) {
				const path = join(next, entry.name);
				found.push(path);
				if (entry.isDirectory()) queue.push(path);
			}
		} catch {
			// Not there, or not ours to look into.
		}
	}
	return found.slice(0, entriesAtMost);
};

const realOf = (path: string): string => {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
};

const isMeant = (value: string, folder: string, home: string | undefined): boolean => {
	if (value === '*') return true;
	const path = value.startsWith('~/') && home !== undefined ? join(home, value.slice(2)) : value;
	if (!path.startsWith('/')) return false;
	const places = [folder, realOf(folder)];
	if (path.endsWith('/*'))
		return places.some(
			place => place.startsWith(path.slice(0, -1)) || place.startsWith(`${realOf(path.slice(0, -2))}/`),
		);
	const named = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
	return places.some(place => place === named || place === realOf(named));
};

/**
Whether git's `safe.directory` names the folder: of the system, of the user, or on git's own command line, never of the repository. An empty
value takes back what stands before it.
*/
export const isSafeDirectory = async (folder: string, env: Environment, run: Run): Promise<boolean> => {
	const without = {...env, GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_COMMON_DIR: undefined};
	const answer = await run('git', ['config', '--show-scope', '-z', '--get-all', 'safe.directory'], {
		directory: '/',
		env: without,
	});
	let isSafe = false;
	const words = (answer ?? '').split('\0');
	for (let index = 0; index + 1 < words.length; index += 2) {
		const [scope, value] = [words[index]!, words[index + 1]!];
		if (scope === 'local' || scope === 'worktree') continue;
		isSafe = value !== '' && (isSafe || isMeant(value, folder, env['HOME']));
	}
	return isSafe;
};

const quotedForShell = (text: string): string =>
	/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** What, why, what next. */
export const untrusted = ({path, owner}: Foreign, root: string): Untrusted =>
	new Untrusted(`${sanitise(path, 200)} belongs to another user (number ${owner})`, {
		because: 'what lies in a repository is read and run as you, so nothing of another user is trusted, as with git',
		next: `go into a checkout of your own; or, if you trust that user: git config --global --add safe.directory ${quotedForShell(sanitise(root, 200))}`,
		exitCode: exitCodes.usage,
	});
