/** Parts in Python: pip, Poetry and uv; what is configured counts as used. */
import type {PackageManager, Part, Task} from '../model.ts';
import {folderOf, isPlainPath, isWithin, manifests, nameOf, type Tree, versionFrom, within} from '../files/tree.ts';

/** Folders in which end-to-end tests lie; unit tests leave them out. */
export const endToEndFolders = ['tests/e2e', 'test/e2e', 'e2e', 'tests/end_to_end', 'e2e_tests'] as const;

const requirements = [
	'requirements.txt',
	'requirements-dev.txt',
	'requirements_dev.txt',
	'dev-requirements.txt',
	'requirements-test.txt',
	'requirements/dev.txt',
	'requirements/test.txt',
] as const;

/** A package is named in requirements or in pyproject.toml: `ruff`, `"ruff>=0.5"`, `ruff = "^0.5"`. */
const names = (text: string, tool: string): boolean =>
	new RegExp(String.raw`(?:^|["'\s])${tool}(?:\s*[\[=<>~!;"'@]|\s*$)`, 'im').test(text);

export const pythonText = async (tree: Tree, folder: string): Promise<string> => {
	const files = ['pyproject.toml', 'setup.cfg', 'setup.py', 'Pipfile', 'pytest.ini', 'tox.ini', ...requirements]
		.map(name => within(folder, name))
		.filter(path => tree.has(path));
	return (await Promise.all(files.map(async path => tree.read(path)))).filter(text => text !== null).join('\n');
};

export const usesPython = (text: string, tool: string): boolean => names(text, tool);

const managerOf = (
	tree: Tree,
	folder: string,
	pyproject: string,
): {manager: PackageManager; lockFile: string | null} => {
	const at = (name: string) => (tree.has(within(folder, name)) ? within(folder, name) : null);
	if (at('uv.lock') !== null || /^\[tool\.uv\b/m.test(pyproject)) return {manager: 'uv', lockFile: at('uv.lock')};
	if (at('poetry.lock') !== null || /^\[tool\.poetry\b/m.test(pyproject))
		return {manager: 'poetry', lockFile: at('poetry.lock')};
	return {manager: 'pip', lockFile: requirements.map(at).find(path => path !== null) ?? at('pyproject.toml')};
};

const extraOf = (pyproject: string): string | null => {
	const section =
		/^\[project\.optional-dependencies\][ \t]*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(pyproject)?.[1] ?? '';
	return (
		['dev', 'test', 'tests', 'testing'].find(name => new RegExp(String.raw`^${name}\s*=`, 'm').test(section)) ??
		null
	);
};

const pipInstall = (tree: Tree, folder: string, pyproject: string, missing: readonly string[]): string => {
	const files = requirements.filter(name => tree.has(within(folder, name)));
	const extra = extraOf(pyproject);
	const own =
		files.length > 0
			? files.map(name => `-r ${name}`).join(' ')
			: pyproject !== '' && /^\[(?:project|build-system)\]/m.test(pyproject)
				? extra === null
					? '-e .'
					: `-e '.[${extra}]'`
				: tree.has(within(folder, 'setup.py'))
					? '-e .'
					: '';
	const words = [own, ...missing].filter(word => word !== '').join(' ');
	return words === '' ? '' : `python -m pip install ${words}`;
};

const prefixOf = (manager: PackageManager): string =>
	manager === 'uv' ? 'uv run ' : manager === 'poetry' ? 'poetry run ' : '';

const pythonVersion = async (tree: Tree, folder: string, text: string): Promise<string | null> => {
	const file = ['.python-version'].flatMap(name => [within(folder, name), name]).find(path => tree.has(path));
	const own = file === undefined ? null : versionFrom(await tree.read(file));
	// The oldest that the project promises to run on.
	const promised = /^(?:requires-python|python_requires|python)\s*=\s*["'][^"'\d]*(\d+\.\d+)/m.exec(text)?.[1];
	return own ?? versionFrom(promised);
};

const partAt = async (tree: Tree, folder: string): Promise<Part> => {
	const pyproject = (await tree.read(within(folder, 'pyproject.toml'))) ?? '';
	const text = await pythonText(tree, folder);
	const {manager, lockFile} = managerOf(tree, folder, pyproject);
	const run = prefixOf(manager);
	const has = (name: string) => tree.has(within(folder, name));
	const tests = tree.files.filter(file => isWithin(folder, file) && /^(?:test_.+|.+_test)\.py$/.test(nameOf(file)));
	const ignored = endToEndFolders.filter(name => tests.some(file => isWithin(within(folder, name), file)));
	const units = tests.filter(file => !ignored.some(name => isWithin(within(folder, name), file)));
	const ruff = /^\[tool\.ruff\b/m.test(text) || has('ruff.toml') || has('.ruff.toml') || names(text, 'ruff');
	const flake8 = has('.flake8') || names(text, 'flake8');
	const mypy = /^\[(?:tool\.)?mypy\b/m.test(text) || has('mypy.ini') || names(text, 'mypy');
	const pyright = has('pyrightconfig.json') || /^\[tool\.pyright\b/m.test(text) || names(text, 'pyright');
	const pytest = /^\[(?:tool\.)?pytest\b|^\[tool:pytest\]/m.test(text) || has('pytest.ini') || names(text, 'pytest');
	const leaveOut = ignored.map(name => ` --ignore=${name}`).join('');
	const tasks: Partial<Record<Task, {command: string; because: string}>> = {
		...(ruff
			? {lint: {command: `${run}ruff check .`, because: 'ruff is configured'}}
			: flake8
				? {lint: {command: `${run}flake8`, because: 'flake8 is configured'}}
				: {}),
		...(mypy
			? {typecheck: {command: `${run}mypy .`, because: 'mypy is configured'}}
			: pyright
				? {typecheck: {command: `${run}pyright`, because: 'pyright is configured'}}
				: {}),
		...(units.length === 0
			? {}
			: pytest
				? {unit: {command: `${run}pytest${leaveOut}`, because: `pytest, and ${units.length} test files`}}
				: has('manage.py')
					? {unit: {command: `${run}python manage.py test`, because: 'manage.py'}}
					: {unit: {command: `${run}python -m unittest discover`, because: `${units.length} test files`}}),
	};
	const needed = [
		...(tasks.lint ? [ruff ? 'ruff' : 'flake8'] : []),
		...(tasks.typecheck ? [mypy ? 'mypy' : 'pyright'] : []),
		...((tasks.unit && pytest) || ignored.length > 0 ? ['pytest'] : []),
	];
	const missing = needed.filter(tool => !names(text, tool));
	const install =
		manager === 'uv'
			? `uv sync${lockFile === null ? '' : ' --locked'}`
			: manager === 'poetry'
				? 'poetry install --no-interaction'
				: pipInstall(tree, folder, pyproject, missing);
	return {
		name: '',
		directory: folder,
		language: 'python',
		packageManager: manager,
		lockFile,
		version: await pythonVersion(tree, folder, text),
		install: install === '' ? null : install,
		tasks,
	};
};

export const pythonParts = async (tree: Tree): Promise<readonly Part[]> => {
	const folders = [
		...new Set(
			manifests(tree, ['pyproject.toml', 'requirements.txt', 'setup.py', 'Pipfile', 'manage.py'], 2).map(
				folderOf,
			),
		),
	].filter(isPlainPath);
	// A folder below another Python part belongs to that one, unless it has a pyproject.toml of its own.
	const own = folders.filter(
		folder =>
			tree.has(within(folder, 'pyproject.toml')) ||
			!folders.some(other => other !== folder && isWithin(other, folder)),
	);
	return Promise.all(own.map(async folder => partAt(tree, folder)));
};
