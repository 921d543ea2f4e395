/** Checks that are checked: copies of the core, each with one line broken, of which every one has to be found. */
import assert from 'node:assert/strict';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import type * as attribution from '../../source/core/snapshot/attribution.ts';
import type * as newest from '../../source/core/evidence/newest.ts';
import type * as productionRun from '../../source/core/evidence/production-run.ts';
import type {Core} from './work-property.ts';

/** One way to get a rule wrong: a file of the core, what stands there, and what instead. */
export type Mutation = readonly [file: string, from: string, to: string];

/** Code as written, however its lines are broken. */
const spelledAnyhow = (code: string): RegExp =>
	new RegExp(
		(code.match(/'(?:[^'\\]|\\.)*'|[\w$]+|\S/g) ?? [])
			.map(token => token.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
			.join('\\s*')
			// Where a list is broken into lines it has a comma at its end.
			.replaceAll(/\\s\*(?=\\[)\]}])/g, ',?\\s*'),
	);

/** Everything in the core that says what may go to production. */
export type Rules = Core & typeof attribution & typeof newest & typeof productionRun;
const modules = [
	'snapshot/attribution.ts',
	'evidence/newest.ts',
	'evidence/production-run.ts',
	'snapshot/correlate.ts',
	'gate/gate.ts',
];

/** Makes copies of the core that live as long as the test. `mutation` null: the copy is whole. */
export const brokenCores = (t: Pick<TestContext, 'after'>): ((mutation: Mutation | null) => Promise<Rules>) => {
	const source = fileURLToPath(new URL('../../source/core/', import.meta.url));
	const folder = mkdtempSync(join(tmpdir(), 'broken-core-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
	let made = 0;
	return async mutation => {
		const copy = join(folder, `${made++}`);
		cpSync(source, copy, {recursive: true});
		if (mutation !== null) {
			const [file, from, to] = mutation;
			const text = readFileSync(join(copy, file), 'utf8');
			const pattern = spelledAnyhow(from);
			assert.match(text, pattern, `${file} has no ${from}`);
			writeFileSync(
				join(copy, file),
				text.replace(pattern, () => to),
			);
		}
		const loaded: unknown[] = await Promise.all(
			modules.map(async name => import(pathToFileURL(join(copy, name)).href)),
		);
		return Object.assign({}, ...loaded) as Rules;
	};
};

/**
Fails with every mutation that goes unnoticed, and where the unbroken copy is found, too.
@param isFound whether the check fails on that copy
*/
export const findsEach = async (
	t: Pick<TestContext, 'after'>,
	mutations: readonly Mutation[],
	isFound: (broken: Rules) => boolean,
): Promise<void> => {
	const coreWith = brokenCores(t);
	assert.equal(isFound(await coreWith(null)), false, 'what is not broken is not found');
	const missed: string[] = [];
	for (const mutation of mutations)
		if (!isFound(await coreWith(mutation))) missed.push(`${mutation[0]}: ${mutation[1]} -> ${mutation[2]}`);
	assert.deepEqual(missed, []);
};
