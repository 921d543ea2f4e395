/** Carries out what a finding offers: each by itself, after somebody has said yes. What cannot be done says why. */
import {chmod, mkdtemp, realpath, rmdir, stat, utimes} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {isAbsolute, join, relative, resolve} from 'node:path';
import type {Probe, Probed} from '../github/probe.ts';
import type {Execute} from './readings/execute.ts';
import type {Fix} from './model/model.ts';

export type Hands = {
	root: string;
	env: Readonly<Record<string, string | undefined>>;
	execute: Execute;
	/** null: GitHub cannot be asked. */
	probe: Probe | null;
};
export type Mended = {ok: true; did: string} | {ok: false; because: string; next: string | null};

/** What would be done, as a question's beginning. */
export const fixText = (fix: Fix): string => {
	switch (fix.kind) {
		case 'make-executable':
			return `Make ${fix.path} executable, here and in git's index`;
		case 'enable-workflow':
			return `Enable ${fix.file} on GitHub`;
		case 'restrict-folder':
			return `Close ${fix.path} to others`;
		case 'create-environment':
			return `Make the environment ${fix.name} on GitHub, to be deployed from ${fix.branches.join(', ')} only`;
	}
};

const failed = (because: string, next: string | null = null): Mended => ({ok: false, because, next});

/**
Puts one entry into git's index without reading any file of the work tree. The mode alone: `--chmod` would take the content in, through
whatever filter is configured. And whenever git writes an index it compares files that are as young as that index, through the same
filters: from an empty folder it finds none. The index keeps its old time, by which git goes on to know the young ones.
*/
const inIndexAlone = async (root: string, env: Hands['env'], execute: Execute, entry: string) => {
	const found = await execute('git', ['rev-parse', '--absolute-git-dir', '--git-path', 'index'], {
		directory: root,
		env,
	});
	const [folder, index] = found?.code === 0 ? found.stdout.split('\n') : [];
	if (!folder || !index) return null;
	const path = resolve(root, index);
	const {atime, mtime} = await stat(path);
	const nothing = await mkdtemp(join(tmpdir(), 'deployctl-index-'));
	try {
		const staged = await execute(
			'git',
			[`--git-dir=${folder}`, '--work-tree=.', 'update-index', '--cacheinfo', entry],
			{directory: nothing, env},
		);
		if (staged?.code === 0) await utimes(path, atime, mtime);
		return staged;
	} finally {
		await rmdir(nothing);
	}
};

const makeExecutable = async (path: string, {root, env, execute}: Hands): Promise<Mended> => {
	const way = relative(await realpath(root), await realpath(join(root, path)));
	// A link that leads out of the repository: what it leads to is nobody's here.
	if (way.startsWith('..') || isAbsolute(way)) return failed(`${path} leads out of the repository`);
	const {mode} = await stat(join(root, path));
	// Whoever may read it may run it, as chmod +x does.
	await chmod(join(root, path), (mode & 0o777) | ((mode & 0o444) >> 2));
	const tracked = await execute('git', ['ls-files', '--stage', '--full-name', '-z', '--', path], {
		directory: root,
		env,
	});
	const [, oid, whole] = /^\d{6} ([0-9a-f]{40,64}) 0\t([^\0]+)/.exec(tracked?.code === 0 ? tracked.stdout : '') ?? [];
	if (oid === undefined || whole === undefined)
		return {ok: true, did: `${path} may be executed; git does not know it yet`};
	const staged = await inIndexAlone(root, env, execute, `100755,${oid},${whole}`);
	return staged?.code === 0
		? {ok: true, did: `${path} may be executed; the change is in git's index and waits for a commit`}
		: failed(
				`git's index could not be changed: ${staged?.stderr.split('\n', 1)[0] ?? 'git did not answer'}`,
				`git update-index --chmod=+x ${path}`,
			);
};

const answered = (answer: Probed, did: string): Mended =>
	answer.ok ? {ok: true, did} : failed(answer.because, answer.next);

const createEnvironment = async (name: string, branches: readonly string[], probe: Probe): Promise<Mended> => {
	const path = `/environments/${encodeURIComponent(name)}`;
	// To make one that is there already would take its rules away.
	const there = await probe.get(path);
	if (there.ok) return failed(`there is an environment ${name} by now`);
	if (there.kind !== 'absent') return failed(there.because, there.next);
	const made = await probe.put(path, {
		deployment_branch_policy: {protected_branches: false, custom_branch_policies: true},
	});
	if (!made.ok)
		return failed(made.kind === 'absent' ? 'only an administrator of the repository may' : made.because, made.next);
	for (const branch of branches) {
		const added = await probe.post(`${path}/deployment-branch-policies`, {name: branch});
		if (!added.ok)
			return failed(`it was made, but not allowed to be deployed from ${branch}: ${added.because}`, added.next);
	}
	return {
		ok: true,
		did: `the environment ${name} is there, deployed from ${branches.join(', ')} only; who approves is to be set by hand`,
	};
};

const act = async (fix: Fix, hands: Hands): Promise<Mended> => {
	const {probe} = hands;
	switch (fix.kind) {
		case 'make-executable':
			return makeExecutable(fix.path, hands);
		case 'restrict-folder':
			await chmod(fix.path, 0o700);
			return {ok: true, did: `${fix.path} is open to nobody else`};
		case 'enable-workflow':
			return probe === null
				? failed('GitHub cannot be asked')
				: answered(
						await probe.put(`/actions/workflows/${encodeURIComponent(fix.file)}/enable`),
						`${fix.file} is enabled`,
					);
		case 'create-environment':
			return probe === null ? failed('GitHub cannot be asked') : createEnvironment(fix.name, fix.branches, probe);
	}
};

/** Never throws for what disk, git or GitHub do. */
export const mend = async (fix: Fix, hands: Hands): Promise<Mended> => {
	try {
		return await act(fix, hands);
	} catch (error) {
		return failed((error as Error).message);
	}
};
