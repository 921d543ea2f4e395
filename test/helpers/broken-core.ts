/** Checks that are checked: copies of the core, each with one line broken, of which every one has to be found. */
import assert from 'node:assert/strict';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import type {Core} from './work-property.ts';

/** One way to get a rule wrong: a file of the core, what stands there, and what instead. */
export type Mutation = readonly [file: string, from: string, to: string];

/**
Fails with every mutation that goes unnoticed, and where the unbroken copy is found, too.
@param isFound whether the check fails on that copy
*/
export const findsEach = async (
	t: Pick<TestContext, 'after'>,
	mutations: readonly Mutation[],
	isFound: (broken: Core) => boolean,
): Promise<void> => {
	const source = fileURLToPath(new URL('../../source/core/', import.meta.url));
	const folder = mkdtempSync(join(tmpdir(), 'broken-core-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	const isFoundIn = async (name: string, mutation: Mutation | null): Promise<boolean> => {
		const copy = join(folder, name);
		cpSync(source, copy, {recursive: true});
		if (mutation !== null) {
			const [file, from, to] = mutation;
			const text = readFileSync(join(copy, file), 'utf8');
			assert.ok(text.includes(from), `${file} has no ${from}`);
			writeFileSync(
				join(copy, file),
				text.replace(from, () => to),
			);
		}
		return isFound({
			...(await import(pathToFileURL(join(copy, 'correlate.ts')).href)),
			...(await import(pathToFileURL(join(copy, 'gate.ts')).href)),
		} as Core);
	};
	assert.equal(await isFoundIn('unbroken', null), false, 'what is not broken is not found');
	const missed: string[] = [];
	for (const [index, mutation] of mutations.entries())
		if (!(await isFoundIn(`${index}`, mutation))) missed.push(`${mutation[0]}: ${mutation[1]} -> ${mutation[2]}`);
	assert.deepEqual(missed, []);
};
