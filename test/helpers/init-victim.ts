/** What the tests of a crash begin with; and, as a program with the arguments FOLDER ACT STEP, an init or undo that is killed by SIGKILL at that writing call. */
import {fileURLToPath} from 'node:url';
import {generated, initialise, undo} from './init-repository.ts';
import {mortalDisk} from './mortal-disk.ts';

export const originals = {'docs/a.md': 'theirs\n', 'README.md': 'hello\n'};
const next = [
	generated('deployctl.yml', 'newer\n'),
	generated('scripts/deploy.sh', `#!/bin/sh\n${'# long\n'.repeat(200)}`, 0o755),
	generated('docs/a.md', 'ours\n'),
	generated('.github/workflows/x.yml', 'name: x\n'),
];
/** The state before: an older file of ours, and one that is not. */
export const prepare = (root: string): void => {
	initialise(root, [generated('deployctl.yml', 'older\n')]);
};
export const finish = (root: string): void => {
	initialise(root, next, ['docs/a.md']);
};

export type VictimAct = 'init' | 'undo';
export const act = (root: string, what: VictimAct): void => {
	if (what === 'init') finish(root);
	else undo(root);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [root = '', what, step] = process.argv.slice(2);
	mortalDisk(() => {
		process.kill(process.pid, 'SIGKILL');
		throw new Error('killed');
	}).dieAt(Number(step));
	act(root, what as VictimAct);
}
