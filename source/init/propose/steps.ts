/** Steps that bring a part's tools and packages onto a runner. */
import type {Part} from '../model.ts';
import {folderOf} from '../files/tree.ts';

/** By commit: a tag can be moved. The comment is for people, and for whoever keeps them up to date. */
export const actions = {
	checkout: 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2',
	node: 'actions/setup-node@6044e13b5dc448c55e2357c09f80417699197238 # v6.2.0',
	python: 'actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0',
	go: 'actions/setup-go@7a3fe6cf4cb3a834922a1244abfce67bcef6a0c5 # v6.2.0',
	java: 'actions/setup-java@be666c2fcd27ec809703dec50e508c2fdc7f6654 # v5.2.0',
	cache: 'actions/cache@cdf6c1fa76f9f475f3d7449005a359c84ca0f306 # v5.0.3',
	upload: 'actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0',
	download: 'actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131 # v7.0.0',
} as const;

/** One step: `- name: …` and what follows, without indentation. `run` may have several lines. */
export const runStep = (
	name: string,
	run: string,
	{folder = '.', comment = null}: {folder?: string; comment?: string | null} = {},
): string =>
	[
		...(comment === null ? [] : [`# ${comment}`]),
		`- name: ${name}`,
		'  shell: bash',
		...(folder === '.' ? [] : [`  working-directory: ${folder}`]),
		...(run.includes('\n') || /[:#]\s|^[-?&*!|>'"%@`{[]/.test(run)
			? ['  run: |', ...run.split('\n').map(line => `    ${line}`)]
			: [`  run: ${run}`]),
	].join('\n');

const uses = (action: string, given: Readonly<Record<string, string>>): string =>
	[
		`- uses: ${action}`,
		...(Object.keys(given).length === 0
			? []
			: [
					'  with:',
					...Object.entries(given).map(([key, value]) =>
						value.includes('\n')
							? `    ${key}: |\n${value
									.split('\n')
									.map(line => `      ${line}`)
									.join('\n')}`
							: `    ${key}: ${value}`,
					),
				]),
	].join('\n');

export const checkout = (ref: string | null, depth: number | null = null): string =>
	uses(actions.checkout, {
		...(ref !== null && {ref}),
		...(depth !== null && {'fetch-depth': String(depth)}),
		'persist-credentials': 'false',
	});

const cached = (path: string, key: string, lockFile: string): string =>
	uses(actions.cache, {
		path,
		key: `${key}-\${{ runner.os }}-\${{ hashFiles('${lockFile}') }}`,
		'restore-keys': `${key}-\${{ runner.os }}-`,
	});

const nodeTools = ({packageManager, lockFile, version}: Part): readonly string[] => [
	// Before Node.js is set up: its cache asks the package manager where its store is.
	...(packageManager === 'pnpm' || packageManager === 'yarn'
		? [runStep(`${packageManager}, in the version that package.json names`, 'corepack enable')]
		: []),
	uses(actions.node, {
		'node-version': version === null ? 'lts/*' : JSON.stringify(version),
		...(lockFile !== null && packageManager !== 'bun'
			? {cache: packageManager ?? 'npm', 'cache-dependency-path': lockFile}
			: {'package-manager-cache': 'false'}),
	}),
	...(packageManager === 'bun' ? [runStep('bun', 'npm install --global bun')] : []),
];

const pythonTools = ({packageManager, lockFile, version}: Part): readonly string[] => {
	const python = (given: Readonly<Record<string, string>>) =>
		uses(actions.python, {'python-version': JSON.stringify(version ?? '3.x'), ...given});
	switch (packageManager) {
		case 'uv':
			return [
				python({}),
				runStep('uv', 'pipx install uv'),
				...(lockFile === null ? [] : [cached('~/.cache/uv', 'uv', lockFile)]),
			];
		// Before Python: its cache asks Poetry where the packages lie.
		case 'poetry':
			return [
				runStep('Poetry', 'pipx install poetry'),
				python(lockFile === null ? {} : {cache: 'poetry', 'cache-dependency-path': lockFile}),
			];
		default:
			return [python(lockFile === null ? {} : {cache: 'pip', 'cache-dependency-path': lockFile})];
	}
};

const tools = (part: Part): readonly string[] => {
	const {language, lockFile, directory, version, packageManager} = part;
	switch (language) {
		case 'node':
			return nodeTools(part);
		case 'python':
			return pythonTools(part);
		case 'go':
			return [
				uses(actions.go, {
					'go-version-file': directory === '.' ? 'go.mod' : `${directory}/go.mod`,
					...(lockFile === null ? {cache: 'false'} : {'cache-dependency-path': lockFile}),
				}),
			];
		case 'java':
			return [
				uses(actions.java, {
					distribution: 'temurin',
					'java-version': JSON.stringify(version ?? '21'),
					cache: packageManager === 'gradle' ? 'gradle' : 'maven',
				}),
			];
		// Rust, Ruby and PHP are on GitHub's runners.
		case 'rust':
			return lockFile === null
				? []
				: [
						cached(
							`~/.cargo/registry\n~/.cargo/git\n${directory === '.' ? '' : `${directory}/`}target`,
							'cargo-${{ github.job }}',
							lockFile,
						),
					];
		case 'ruby':
			return lockFile === null
				? []
				: [cached(`${directory === '.' ? '' : `${directory}/`}vendor/bundle`, 'gems', lockFile)];
		case 'php':
			return lockFile === null ? [] : [cached('~/.cache/composer', 'composer', lockFile)];
		case 'other':
			return [];
	}
};

/** Where its packages are installed: members of a workspace have no lock file of their own. */
const installFolder = ({language, lockFile, directory}: Part): string =>
	language === 'node' && lockFile !== null ? folderOf(lockFile) : directory;

/** Tools and packages, ready to run a task in the part's directory. */
export const setupSteps = (part: Part): readonly string[] => [
	...tools(part),
	...(part.install === null ? [] : [runStep('Install', part.install, {folder: installFolder(part)})]),
];
