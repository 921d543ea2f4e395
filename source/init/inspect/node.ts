/** Parts in Node.js: every package.json that has something to say, alone or in a workspace. */
import {globMatches} from '../../core/text/glob.ts';
import type {PackageManager, Part, Task} from '../model.ts';
import {folderOf, isPlainPath, manifests, nameOf, nearest, type Tree, versionFrom} from '../files/tree.ts';

type Manifest = {
	name: string | null;
	scripts: Readonly<Record<string, string>>;
	dependencies: readonly string[];
	workspaces: readonly string[] | null;
	packageManager: string | null;
	engine: string | null;
};

const lockFiles: ReadonlyArray<readonly [string, PackageManager]> = [
	['pnpm-lock.yaml', 'pnpm'],
	['yarn.lock', 'yarn'],
	['bun.lock', 'bun'],
	['bun.lockb', 'bun'],
	['package-lock.json', 'npm'],
	['npm-shrinkwrap.json', 'npm'],
];

const texts = (value: unknown): Record<string, string> =>
	Object.fromEntries(
		Object.entries(typeof value === 'object' && value !== null ? value : {}).filter(
			(entry): entry is [string, string] => typeof entry[1] === 'string',
		),
	);
const list = (value: unknown): string[] | null =>
	Array.isArray(value) ? value.filter(item => typeof item === 'string') : null;

export const readManifest = async (tree: Tree, path: string): Promise<Manifest | null> => {
	const text = await tree.read(path);
	if (text === null) return null;
	try {
		const value = JSON.parse(text) as Record<string, unknown> | null;
		if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
		const workspaces = value['workspaces'];
		return {
			name: typeof value['name'] === 'string' ? value['name'] : null,
			scripts: texts(value['scripts']),
			dependencies: ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap(
				kind => Object.keys(texts(value[kind])),
			),
			workspaces:
				list(workspaces) ?? list((workspaces as Record<string, unknown> | null | undefined)?.['packages']),
			packageManager: typeof value['packageManager'] === 'string' ? value['packageManager'] : null,
			engine: texts(value['engines'])['node'] ?? texts(value['volta'])['node'] ?? null,
		};
	} catch {
		tree.problems.push(`${path} is not a JSON object: what it says was left out`);
		return null;
	}
};

const managerOf = async (
	tree: Tree,
	folder: string,
	manifest: Manifest,
): Promise<{manager: PackageManager; lockFile: string | null}> => {
	const lockFile = nearest(
		tree,
		folder,
		lockFiles.map(([name]) => name),
	);
	const root = await (folder === '.' || !tree.has('package.json') ? null : readManifest(tree, 'package.json'));
	const named = /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager ?? root?.packageManager ?? '')?.[1] as
		| PackageManager
		| undefined;
	const ofLock = lockFiles.find(([name]) => lockFile !== null && nameOf(lockFile) === name)?.[1];
	return {manager: ofLock ?? named ?? 'npm', lockFile};
};

const installWith = async (tree: Tree, manager: PackageManager, lockFile: string | null): Promise<string> => {
	if (lockFile === null) return `${manager} install`;
	switch (manager) {
		case 'npm':
			return 'npm ci';
		// The first generation says so in its lock file.
		case 'yarn':
			return /^# yarn lockfile v1/m.test((await tree.read(lockFile)) ?? '')
				? 'yarn install --frozen-lockfile'
				: 'yarn install --immutable';
		default:
			return `${manager} install --frozen-lockfile`;
	}
};

/** How one calls a script of package.json, and a program of node_modules. */
export const scriptWith = (manager: PackageManager | null, script: string): string =>
	script === 'test' && manager !== 'bun' ? `${manager ?? 'npm'} test` : `${manager ?? 'npm'} run ${script}`;
export const programWith = (manager: PackageManager | null, program: string): string =>
	manager === 'pnpm'
		? `pnpm exec ${program}`
		: manager === 'yarn'
			? `yarn run ${program}`
			: manager === 'bun'
				? `bunx ${program}`
				: `npx ${program}`;

const names: Readonly<Record<Task, readonly string[]>> = {
	lint: ['lint', 'lint:check', 'lint:ci', 'eslint'],
	typecheck: ['typecheck', 'type-check', 'check-types', 'check:types', 'types', 'tsc'],
	unit: ['test:unit', 'unit', 'test:ci', 'test', 'vitest', 'jest'],
	build: ['build'],
};
const isPlaceholder = (script: string) => /no test specified/.test(script);
const isEndToEnd = (script: string) => /\b(?:playwright|cypress|nightwatch|wdio|testcafe)\b/.test(script);
/** Leads into other packages. */
const isDelegating = (script: string) =>
	/--workspaces?\b|(?:^|\s)-ws?\s|--prefix\b|\bcd\s|\bturbo\b|\bnx\b|\blerna\b|--filter\b|\bpnpm\s+(?:-r|--recursive)|workspaces?\s+foreach/.test(
		script,
	);

const tasksOf = (
	{scripts}: Manifest,
	path: string,
	manager: PackageManager,
	without: (script: string) => boolean,
): Part['tasks'] =>
	Object.fromEntries(
		(Object.keys(names) as Task[]).flatMap(task => {
			const script = names[task].find(
				name =>
					scripts[name] !== undefined &&
					scripts[name].trim() !== '' &&
					!isPlaceholder(scripts[name]) &&
					!(task === 'unit' && isEndToEnd(scripts[name])) &&
					!without(scripts[name]),
			);
			return script === undefined
				? []
				: [[task, {command: scriptWith(manager, script), because: `${path} has the script "${script}"`}]];
		}),
	);

/** More members than this are left to the root's own scripts: nobody wants a hundred jobs. */
const maximumMembers = 6;

const workspaceGlobs = async (tree: Tree, root: Manifest | null): Promise<readonly string[] | null> => {
	const pnpm = await tree.read('pnpm-workspace.yaml');
	const globs =
		pnpm === null
			? (root?.workspaces ?? null)
			: [...pnpm.matchAll(/^[ \t]*-[ \t]*["']?([^"'\s#]+)/gm)].map(match => match[1]!);
	// Nobody writes longer ones; what a pattern costs grows with its stars.
	return globs === null || globs.length === 0
		? null
		: globs
				.filter(glob => glob.length <= 100)
				.slice(0, 50)
				.map(glob => glob.replace(/^\.\//, '').replace(/\/$/, ''));
};

type Package = {path: string; folder: string; manifest: Manifest};

const partOf = async (
	tree: Tree,
	{path, folder, manifest}: Package,
	without: (script: string) => boolean,
	all: readonly Package[],
): Promise<Part> => {
	const {manager, lockFile} = await managerOf(tree, folder, manifest);
	const versionFile = nearest(tree, folder, ['.nvmrc', '.node-version']);
	const uses = all
		.filter(
			other =>
				other.folder !== folder &&
				other.manifest.name !== null &&
				manifest.dependencies.includes(other.manifest.name),
		)
		.map(other => other.folder);
	return {
		name: '',
		directory: folder,
		language: 'node',
		packageManager: manager,
		lockFile,
		version:
			versionFrom(versionFile === null ? null : await tree.read(versionFile)) ?? versionFrom(manifest.engine),
		install: await installWith(tree, manager, lockFile),
		tasks: tasksOf(manifest, path, manager, without),
		...(uses.length > 0 && {uses}),
	};
};

export const nodeParts = async (tree: Tree): Promise<readonly Part[]> => {
	const found: Package[] = [];
	for (const path of manifests(tree, ['package.json'], 3)) {
		const folder = folderOf(path);
		const manifest = isPlainPath(folder) ? await readManifest(tree, path) : null;
		if (!isPlainPath(folder))
			tree.problems.push(`${path} was left out: the name of its folder has signs that no workflow should hold`);
		if (manifest !== null) found.push({path, folder, manifest});
	}
	const root = found.find(({folder}) => folder === '.') ?? null;
	const globs = await workspaceGlobs(tree, root?.manifest ?? null);
	const isMember = ({folder}: Package) =>
		globs?.some(glob => !glob.startsWith('!') && globMatches(glob, folder)) === true &&
		!globs.some(glob => glob.startsWith('!') && globMatches(glob.slice(1), folder));
	const others = found.filter(
		each => each !== root && (globs === null ? each.folder.split('/').length <= 2 : isMember(each)),
	);
	const members = await Promise.all(others.map(each => partOf(tree, each, () => false, others)));
	const busy = members.filter(({tasks}) => Object.keys(tasks).length > 0);
	if (root === null) return members;
	if (busy.length === 0 || busy.length > maximumMembers) {
		const whole = await partOf(tree, root, () => false, []);
		return [whole, ...(busy.length === 0 ? members : members.filter(part => !busy.includes(part)))];
	}
	const own = await partOf(tree, root, isDelegating, []);
	return [own, ...members];
};

/** Every dependency of the package at or above a folder. */
export const dependenciesAt = async (tree: Tree, folder: string): Promise<readonly string[]> => {
	const path = nearest(tree, folder, ['package.json']);
	return path === null ? [] : ((await readManifest(tree, path))?.dependencies ?? []);
};
