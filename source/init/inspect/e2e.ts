/** End-to-end tests: Playwright, Cypress, pytest, or whatever a script calls so; and the way to run only the critical ones. */
import type {E2eSuite} from '../model.ts';
import {dependenciesAt, programWith, readManifest, scriptWith} from './node.ts';
import type {Part} from '../model.ts';
import {endToEndFolders, pythonText, usesPython} from './python.ts';
import {folderOf, isPlainPath, isWithin, nameOf, type Tree, within} from '../files/tree.ts';

/** So many test files are looked into for a tag. */
const maximumTests = 300;

const anyHas = async (tree: Tree, files: readonly string[], pattern: RegExp): Promise<string | null> => {
	for (const file of files.slice(0, maximumTests)) if (pattern.test((await tree.read(file)) ?? '')) return file;
	return null;
};

const ownerOf = (parts: readonly Part[], folder: string): Part | null =>
	parts
		.filter(part => part.language === 'node' && isWithin(part.directory, folder))
		.toSorted((a, b) => b.directory.length - a.directory.length)[0] ?? null;

const configAt = (tree: Tree, pattern: RegExp): string | null =>
	tree.files.find(
		file =>
			pattern.test(nameOf(file)) &&
			file.split('/').length <= 4 &&
			!/(?:^|\/)(?:examples?|fixtures?|templates?)\//.test(file) &&
			isPlainPath(folderOf(file)),
	) ?? null;

const playwright = async (tree: Tree, parts: readonly Part[]): Promise<E2eSuite | null> => {
	const config = configAt(tree, /^playwright\.config\.[cm]?[jt]s$/);
	if (config === null) return null;
	const folder = folderOf(config);
	const text = (await tree.read(config)) ?? '';
	const command = programWith(ownerOf(parts, folder)?.packageManager ?? null, 'playwright test');
	const prepare = programWith(ownerOf(parts, folder)?.packageManager ?? null, 'playwright install --with-deps');
	const tests = tree.files.filter(file => isWithin(folder, file) && /\.(?:spec|test|e2e)\.[cm]?[jt]sx?$/.test(file));
	const tagged = await anyHas(tree, tests, /@smoke\b/);
	const project = /name:\s*["'`](smoke)["'`]/.test(text);
	const folderFile = tests.find(file => /(?:^|\/)smoke\//.test(file));
	const smoke =
		tagged !== null
			? '--grep @smoke'
			: project
				? '--project=smoke'
				: folderFile === undefined
					? null
					: folderOf(folderFile)
							.slice(folder === '.' ? 0 : folder.length + 1)
							.replace(/((?:^|\/)smoke)\/.*$/, '$1');
	const variable = /process\.env(?:\.([A-Z][A-Z0-9_]{1,40})|\[["']([A-Z][A-Z0-9_]{1,40})["']\])/.exec(
		/baseURL[^\n]*(?:\n[^\n]*)?/.exec(text)?.[0] ?? '',
	);
	// Tests of an API alone ask for no browser, and installing one costs a minute a shard.
	const needsBrowser =
		(await anyHas(tree, tests, /\bpage\b|\bbrowser\b|\bcontext\b/)) !== null ||
		tests.length === 0 ||
		/devices\[|browserName/.test(text);
	return {
		kind: 'playwright',
		directory: folder,
		command,
		canShard: true,
		smokeCommand:
			smoke === null || !isPlainPath(smoke.replace(/^--(?:grep |project=)/, '')) ? null : `${command} ${smoke}`,
		addressVariable: variable?.[1] ?? variable?.[2] ?? 'BASE_URL',
		prepare: needsBrowser ? prepare : null,
		files: null,
		hasReporter: (await dependenciesAt(tree, folder)).includes('deployctl'),
		because: config,
	};
};

const cypress = async (tree: Tree, parts: readonly Part[]): Promise<E2eSuite | null> => {
	const config = configAt(tree, /^cypress\.(?:config\.[cm]?[jt]s|json)$/);
	if (config === null) return null;
	const folder = folderOf(config);
	const base = tree.files.some(file => isWithin(within(folder, 'cypress/integration'), file))
		? 'cypress/integration'
		: 'cypress/e2e';
	const command = programWith(ownerOf(parts, folder)?.packageManager ?? null, 'cypress run');
	const tests = tree.files.filter(file => isWithin(within(folder, base), file));
	const name = base.endsWith('integration') ? '*.*s' : '*.cy.*';
	const dependencies = await dependenciesAt(tree, folder);
	const hasGrep = dependencies.some(dependency => dependency === '@cypress/grep' || dependency === 'cypress-grep');
	const smoke =
		hasGrep && (await anyHas(tree, tests, /@smoke\b/)) !== null
			? '--env grepTags=@smoke'
			: tests.some(file => isWithin(within(folder, `${base}/smoke`), file))
				? `--spec '${base}/smoke/**'`
				: null;
	return {
		kind: 'cypress',
		directory: folder,
		command,
		canShard: false,
		smokeCommand: smoke === null ? null : `${command} ${smoke}`,
		addressVariable: 'CYPRESS_BASE_URL',
		prepare: null,
		files: {folder: base, name},
		because: config,
	};
};

const python = async (tree: Tree, parts: readonly Part[]): Promise<E2eSuite | null> => {
	for (const part of parts
		.filter(({language}) => language === 'python')
		.concat(
			parts.some(({language, directory}) => language === 'python' && directory === '.')
				? []
				: [
						{
							name: '',
							directory: '.',
							language: 'python',
							packageManager: null,
							lockFile: null,
							version: null,
							install: null,
							tasks: {},
						},
					],
		)) {
		const folder = endToEndFolders.find(name =>
			tree.files.some(
				file => isWithin(within(part.directory, name), file) && /^(?:test_.+|.+_test)\.py$/.test(nameOf(file)),
			),
		);
		if (folder === undefined) continue;
		const tests = tree.files.filter(file => isWithin(within(part.directory, folder), file) && file.endsWith('.py'));
		const run = part.packageManager === 'uv' ? 'uv run ' : part.packageManager === 'poetry' ? 'poetry run ' : '';
		const needsBrowser = usesPython(await pythonText(tree, part.directory), 'pytest-playwright');
		const smoke =
			(await anyHas(tree, tests, /@pytest\.mark\.smoke\b/)) === null ? null : `${run}pytest ${folder} -m smoke`;
		return {
			kind: 'pytest',
			directory: part.directory,
			command: `${run}pytest ${folder}`,
			canShard: false,
			smokeCommand: smoke,
			addressVariable: 'BASE_URL',
			prepare: needsBrowser ? `${run}playwright install --with-deps chromium` : null,
			files: {folder, name: 'test_*.py'},
			because: `test files in ${within(part.directory, folder)}`,
		};
	}
	return null;
};

const scripted = async (tree: Tree, parts: readonly Part[]): Promise<E2eSuite | null> => {
	for (const part of parts.filter(({language}) => language === 'node')) {
		const scripts = (await readManifest(tree, within(part.directory, 'package.json')))?.scripts ?? {};
		const name = ['test:e2e', 'e2e', 'test:integration:e2e'].find(script => scripts[script] !== undefined);
		if (name === undefined) continue;
		const smoke = ['test:smoke', 'smoke', 'e2e:smoke'].find(script => scripts[script] !== undefined);
		return {
			kind: 'other',
			directory: part.directory,
			command: scriptWith(part.packageManager, name),
			canShard: false,
			smokeCommand: smoke === undefined ? null : scriptWith(part.packageManager, smoke),
			addressVariable: 'BASE_URL',
			prepare: null,
			files: null,
			because: `package.json has the script "${name}"`,
		};
	}
	return null;
};

export const findE2e = async (tree: Tree, parts: readonly Part[]): Promise<E2eSuite | null> =>
	(await playwright(tree, parts)) ??
	(await cypress(tree, parts)) ??
	(await python(tree, parts)) ??
	scripted(tree, parts);
