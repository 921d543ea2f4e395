/** A process that is killed while init or undo writes: whatever comes next, the tree is right. And any sequence of init, edit and undo. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import fc from 'fast-check';
import {generated, initialise, temporaryFolder, treeOf, undo, write} from './helpers/init-repository.ts';
import {act, finish, originals, prepare, type VictimAct} from './helpers/init-victim.ts';
import {mortalDisk} from './helpers/mortal-disk.ts';
import {runs} from './helpers/fuzz.ts';

const full = (root: string) => treeOf(root, {own: false});

/** A folder in which the act is to happen. */
const victim = (t: TestContext, what: VictimAct): string => {
	const root = temporaryFolder(t, originals);
	prepare(root);
	if (what === 'undo') finish(root);
	return root;
};

/** Both ways out of a killed act, one each in two folders that were killed alike. */
const recovers = (t: TestContext, [first, second]: readonly [string, string], label: string): void => {
	const finished = victim(t, 'undo');
	finish(first);
	assert.deepEqual(full(first), full(finished), `${label}, then init`);
	undo(first);
	undo(second);
	const untouched = treeOf(temporaryFolder(t, originals));
	assert.deepEqual(treeOf(first), untouched, `${label}, then init and undo`);
	assert.deepEqual(treeOf(second), untouched, `${label}, then undo`);
};

/** Number of writing calls that were died at. */
const diedThrough = (t: TestContext, what: VictimAct): number => {
	const disk = mortalDisk(() => {
		throw new Error('dead');
	});
	for (let step = 1; ; step++) {
		const roots = [victim(t, what), victim(t, what)] as const;
		let hasDied = false;
		for (const root of roots) {
			disk.dieAt(step);
			try {
				act(root, what);
			} catch {
				// Dead: also what would tidy up after a failure reached nothing.
			}
			hasDied = disk.revive();
		}
		if (!hasDied) return step - 1;
		recovers(t, roots, `${what} killed at step ${step}`);
		for (const root of roots) rmSync(root, {recursive: true});
	}
};

const victimProgram = fileURLToPath(new URL('helpers/init-victim.ts', import.meta.url));

for (const what of ['init', 'undo'] as const) {
	test(`${what} killed at any step of its writing: the next init writes all of it, the next undo brings all back`, async t => {
		const steps = diedThrough(t, what);
		assert.ok(steps > 20, `only ${steps}`);
		for (const share of [0.4, 0.65, 0.9]) {
			const step = Math.round(steps * share);
			const roots = [victim(t, what), victim(t, what)] as const;
			for (const root of roots) {
				const {signal} = await execa(
					process.execPath,
					[
						'--import',
						fileURLToPath(new URL('helpers/register.js', import.meta.url)),
						victimProgram,
						root,
						what,
						String(step),
					],
					{reject: false},
				);
				assert.equal(signal, 'SIGKILL');
			}
			recovers(t, roots, `${what} killed for real at step ${step}`);
		}
	});
}

const paths = ['.github/workflows/test-suite.yml', 'scripts/deploy.sh', 'docs/runbook.md', 'deployctl.yml'] as const;
type Act =
	| {type: 'init'; version: number; named: readonly string[]}
	| {type: 'edit'; path: string; text: string}
	| {type: 'remove'; path: string}
	| {type: 'undo'};

const path = fc.constantFrom(...paths);
const acts: fc.Arbitrary<Act> = fc.oneof(
	fc.record({type: fc.constant('init' as const), version: fc.nat(2), named: fc.subarray([...paths])}),
	fc.record({type: fc.constant('edit' as const), path, text: fc.constantFrom('mine', 'mine too', 'version 1')}),
	fc.record({type: fc.constant('remove' as const), path}),
	fc.record({type: fc.constant('undo' as const)}),
);

/** One file, as a person would tell its story: what they wrote last, what init wrote, what lies there. */
type Story = {person: string | null; ours: string | null; disk: string | null};

const afterInit = (story: Story, wanted: string, isNamed: boolean): Story => {
	const {person, ours, disk} = story;
	if (disk === wanted) return story;
	if (ours === null) return disk === null || isNamed ? {person: disk, ours: wanted, disk: wanted} : story;
	if (disk === ours) return {person, ours: wanted, disk: wanted};
	if (!isNamed) return story;
	return {person: disk ?? person, ours: wanted, disk: wanted};
};

const afterUndo = (story: Story): Story => {
	const {person, ours, disk} = story;
	if (ours === null) return story;
	if (disk === person) return {person: null, ours: null, disk};
	return disk === null || disk === ours ? {person: null, ours: null, disk: person} : story;
};

test("any sequence of init, edits and undo: nobody's work is lost, and undo brings back what was there", t => {
	fc.assert(
		fc.property(
			fc.array(fc.option(fc.constant('at first'), {nil: null}), {minLength: 4, maxLength: 4}),
			fc.array(acts, {maxLength: 12}),
			(beginning, sequence) => {
				const root = temporaryFolder(t);
				const stories = new Map<string, Story>(
					paths.map((one, index) => [one, {person: null, ours: null, disk: beginning[index]!}]),
				);
				const folders = new Set<string>();
				const person = (one: string, text: string) => {
					for (let folder = dirname(one); folder !== '.'; folder = dirname(folder))
						if (!existsSync(join(root, folder))) folders.add(folder);
					mkdirSync(dirname(join(root, one)), {recursive: true});
					write(root, one, text);
				};
				for (const [one, {disk}] of stories) if (disk !== null) person(one, disk);
				for (const done of [...sequence, {type: 'undo'} as const]) {
					if (done.type === 'edit') person(done.path, done.text);
					if (done.type === 'remove') rmSync(join(root, done.path), {force: true});
					if (done.type === 'init')
						initialise(
							root,
							paths.map(one => generated(one, `version ${done.version}`)),
							done.named,
						);
					if (done.type === 'undo') undo(root);
					for (const [one, story] of stories) {
						if (done.type === 'init')
							stories.set(one, afterInit(story, `version ${done.version}`, done.named.includes(one)));
						else if (done.type === 'undo') stories.set(one, afterUndo(story));
						else if (done.path === one)
							stories.set(one, {...story, disk: done.type === 'edit' ? done.text : null});
					}
					const there = Object.fromEntries(
						Object.entries(full(root))
							.filter(([, what]) => what !== 'folder')
							.map(([one, what]) => [one, what.slice(4)]),
					);
					assert.deepEqual(
						there,
						Object.fromEntries(
							[...stories].flatMap(([one, {disk}]) => (disk === null ? [] : [[one, disk] as const])),
						),
					);
				}
				const isAllBack = [...stories.values()].every(({ours}) => ours === null);
				assert.equal(existsSync(join(root, '.deployctl')), !isAllBack);
				if (isAllBack)
					for (const [one, what] of Object.entries(treeOf(root)))
						if (what === 'folder')
							assert.ok(
								folders.has(one) ||
									[...stories].some(([file, {disk}]) => disk !== null && file.startsWith(`${one}/`)),
								`${one} was made by init`,
							);
				rmSync(root, {recursive: true});
			},
		),
		runs(200),
	);
});
