/** Real Playwright where nothing is tested: what the reporter says of it is never a success that nobody had. */
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {execa} from 'execa';
import type {ShardResult} from '../source/core/tests/results.ts';
import {createProject} from './helpers/playwright.ts';

const config = (more: string) =>
	`export default {testDir: 'idle', reporter: [['deployctl/playwright-reporter', {results: 'own.json'}]], ${more}};\n`;
const spec = (body: string) => `import {expect, test} from '@playwright/test';\n${body}\n`;

test('no tests, a set-up that fails, only skipped tests, a file that cannot be loaded, one shard too many', async t => {
	const project = createProject(t);
	const results = join(project.folder, 'own.json');
	const attempt = async (files: Readonly<Record<string, string>>, args: readonly string[] = [], more = '') => {
		rmSync(join(project.folder, 'idle'), {recursive: true, force: true});
		rmSync(results, {force: true});
		mkdirSync(join(project.folder, 'idle'));
		for (const [name, text] of Object.entries(files)) writeFileSync(join(project.folder, name), text);
		writeFileSync(join(project.folder, 'own.config.ts'), config(more));
		const run = await project.run(['--config', 'own.config.ts', ...args], {});
		const {verdict, tests} = JSON.parse(readFileSync(results, 'utf8')) as ShardResult;
		return {
			code: run.exitCode,
			verdict,
			outcomes: tests.map(({outcome}) => outcome).join(' '),
			first: tests[0]?.error?.message ?? '',
			all: run.all ?? '',
		};
	};
	const passing = {'idle/a.spec.ts': spec('test("a", () => {});')};
	const none = await attempt(passing, ['--grep', 'nothing at all']);
	assert.deepEqual([none.code, none.verdict, none.outcomes], [1, 'failed', 'failed'], none.all);
	assert.match(none.first, /No tests found/);
	const fine = await attempt(passing, ['--grep', 'nothing at all', '--pass-with-no-tests']);
	assert.deepEqual([fine.code, fine.verdict, fine.outcomes], [0, 'failed', ''], fine.all);
	assert.match(fine.all, /deployctl: no test was run: this shard is told as failed\./);
	const skipped = await attempt({'idle/a.spec.ts': spec('test.skip("a", () => {}); test.fixme("b", () => {});')});
	assert.deepEqual([skipped.code, skipped.verdict, skipped.outcomes], [0, 'failed', 'skipped skipped'], skipped.all);
	assert.match(skipped.all, /all 2 tests were skipped/);
	const setUp = await attempt(
		{...passing, 'set-up.ts': 'export default () => { throw new Error("no database"); };\n'},
		[],
		'globalSetup: "./set-up.ts"',
	);
	assert.deepEqual([setUp.code, setUp.verdict], [1, 'failed'], setUp.all);
	assert.match(setUp.first, /no database/);
	const broken = await attempt({'idle/a.spec.ts': 'this is no TypeScript'});
	assert.deepEqual([broken.code, broken.verdict], [1, 'failed'], broken.all);
	assert.notEqual(broken.first, '');
	const idle = await attempt(passing, ['--shard=2/2']);
	assert.deepEqual([idle.code, idle.verdict, idle.outcomes], [0, 'passed', ''], idle.all);
	assert.match(idle.all, /no test was run in shard 2 of 2/);
	const expected = await attempt({'idle/a.spec.ts': spec('test("a", () => { test.fail(); expect(1).toBe(2); });')});
	assert.deepEqual([expected.code, expected.verdict, expected.outcomes], [0, 'passed', 'passed'], expected.all);
	const crashed = await attempt({'idle/a.spec.ts': spec('test("a", () => { process.exit(3); });')});
	assert.deepEqual([crashed.code, crashed.verdict, crashed.outcomes], [1, 'failed', 'failed'], crashed.all);
	const late = await attempt(
		{'idle/a.spec.ts': spec('test("a", async () => { await new Promise(() => {}); }); test("b", () => {});')},
		['--workers=1'],
		'globalTimeout: 1500',
	);
	assert.deepEqual([late.code, late.verdict], [1, 'failed'], late.all);
	const only = await attempt({'idle/a.spec.ts': spec('test.only("a", () => {});')}, ['--forbid-only']);
	assert.deepEqual([only.code, only.verdict], [1, 'failed'], only.all);
});

test('a reporter that is told of errors before it begins, or of the end alone, leaves a result', async t => {
	const project = createProject(t);
	writeFileSync(
		join(project.folder, 'call.cjs'),
		`
		const {default: Reporter} = require('deployctl/playwright-reporter');
		const told = new Reporter({results: 'early.json'});
		told.onError({message: 'no such file'});
		told.onEnd({status: 'failed'}).then(async () => {
			const other = new Reporter({results: 'late.json'});
			await other.onEnd({status: 'passed'});
		});
	`,
	);
	await execa(process.execPath, ['call.cjs'], {
		cwd: project.folder,
		extendEnv: false,
		env: {PATH: process.env['PATH'] ?? ''},
	});
	const result = (name: string) => JSON.parse(readFileSync(join(project.folder, name), 'utf8')) as ShardResult;
	assert.deepEqual(
		[result('early.json').verdict, result('early.json').tests[0]?.error?.message],
		['failed', 'no such file'],
	);
	assert.deepEqual([result('late.json').verdict, result('late.json').tests.length], ['failed', 0]);
});
