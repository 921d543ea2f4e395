/**
A repository with real commits that the simulator knows by the same object ids: what a workflow checks out is then what was pushed.
Only the pushed commits are there, as after a shallow fetch; what lies before them exists on the simulator's side alone.
*/
import {appendFileSync, cpSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {execaSync} from 'execa';
import type {Engine} from '../../../source/simulator/model/model.ts';
import {personOf} from '../../../source/simulator/model/model.ts';
import {push} from '../../../source/simulator/branches/pushes.ts';
import type {Simulation} from '../../../source/simulator/simulation/simulation.ts';

const isolated = {GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', HOME: '/nonexistent'};
const git = (cwd: string, args: readonly string[], input?: string) =>
	execaSync('git', args, {
		cwd,
		env: isolated,
		...(input !== undefined && {input, stripFinalNewline: true}),
	}).stdout.trim();

export type SampleRepository = {
	/** Commits everything in the work tree, and pushes it; the commit's object id. */
	publish(branch: string, message: string, by: string): string;
	/** Makes the folder a checkout of that commit. */
	checkOut(sha: string, folder: string): void;
};

/** @param folder a work tree; it becomes a git repository */
export const sampleRepository = (folder: string, simulation: Simulation): SampleRepository => {
	git(folder, ['init', '--quiet']);
	return {
		publish(branch, message, by) {
			git(folder, ['add', '--all']);
			const tree = git(folder, ['write-tree']);
			const sha = simulation.act((engine: Engine) =>
				push(engine, branch, [{message, by: personOf(engine.state, by), tree}], personOf(engine.state, by)),
			);
			const commit = simulation.state.commits.get(sha)!;
			const seconds = Math.floor(commit.committedAt / 1000);
			const person = `${commit.author.name} <${commit.author.email}> ${seconds} +0000`;
			const body = [
				`tree ${tree}`,
				...commit.parents.map(parent => `parent ${parent}`),
				`author ${person}`,
				`committer ${person}`,
				'',
				message,
			].join('\n');
			const real = git(folder, ['hash-object', '-t', 'commit', '-w', '--stdin'], body);
			if (real !== sha) throw new Error(`The simulator's ${sha} is ${real} for git`);
			appendFileSync(join(folder, '.git', 'shallow'), `${sha}\n`);
			git(folder, ['update-ref', `refs/heads/${branch}`, sha]);
			git(folder, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
			return sha;
		},
		checkOut(sha, target) {
			mkdirSync(target, {recursive: true});
			cpSync(join(folder, '.git'), join(target, '.git'), {recursive: true});
			git(target, ['checkout', '--quiet', '--force', '--detach', sha]);
			git(target, ['clean', '-ffdxq']);
		},
	};
};
