/** Parts in Go, Rust, Ruby, PHP and Java: by their manifests, with the commands that everybody there knows. */
import type {Part, Task} from '../model.ts';
import {folderOf, isPlainPath, isWithin, manifests, nearest, type Tree, versionFrom, within} from '../files/tree.ts';

type Tasks = Partial<Record<Task, {command: string; because: string}>>;
const bare = {name: '', version: null, install: null} as const;

const goPart = async (tree: Tree, folder: string): Promise<Part> => {
	const hasTests = tree.files.some(file => isWithin(folder, file) && file.endsWith('_test.go'));
	const golangci = ['.golangci.yml', '.golangci.yaml', '.golangci.toml'].some(name => tree.has(within(folder, name)));
	const tasks: Tasks = {
		// golangci-lint is none of Go's own programs: vet at least is always there.
		lint: {command: 'go vet ./...', because: golangci ? 'go.mod (golangci-lint has its own action)' : 'go.mod'},
		...(hasTests && {unit: {command: 'go test ./...', because: 'files that end with _test.go'}}),
		build: {command: 'go build ./...', because: 'go.mod'},
	};
	const version = versionFrom(/^go\s+(\d[\d.]*)\s*$/m.exec((await tree.read(within(folder, 'go.mod'))) ?? '')?.[1]);
	return {
		...bare,
		directory: folder,
		language: 'go',
		packageManager: 'go',
		lockFile: tree.has(within(folder, 'go.sum')) ? within(folder, 'go.sum') : null,
		version,
		tasks,
	};
};

const rustPart = async (tree: Tree, folder: string): Promise<Part> => {
	const lockFile = nearest(tree, folder, ['Cargo.lock']);
	const locked = lockFile === null ? '' : ' --locked';
	const formatted = ['rustfmt.toml', '.rustfmt.toml'].some(name => tree.has(within(folder, name)));
	const tasks: Tasks = {
		lint: {
			command: `${formatted ? 'cargo fmt --check && ' : ''}cargo clippy --all-targets${locked}`,
			because: 'Cargo.toml',
		},
		unit: {command: `cargo test${locked}`, because: 'Cargo.toml'},
		build: {command: `cargo build --release${locked}`, because: 'Cargo.toml'},
	};
	return {...bare, directory: folder, language: 'rust', packageManager: 'cargo', lockFile, tasks};
};

const rubyPart = async (tree: Tree, folder: string): Promise<Part> => {
	const gemfile = (await tree.read(within(folder, 'Gemfile'))) ?? '';
	const uses = (gem: string) => new RegExp(String.raw`^[ \t]*gem[ \t]+["']${gem}`, 'm').test(gemfile);
	const under = (name: string) =>
		tree.files.some(file => isWithin(within(folder, name), file) && file.endsWith('.rb'));
	const lock = within(folder, 'Gemfile.lock');
	const tasks: Tasks = {
		...((uses('rubocop') || tree.has(within(folder, '.rubocop.yml'))) && {
			lint: {command: 'bundle exec rubocop', because: 'RuboCop is configured'},
		}),
		...(uses('rspec') && under('spec')
			? {unit: {command: 'bundle exec rspec', because: 'RSpec, and files in spec/'}}
			: under('test')
				? {
						unit: {
							command: uses('rails') ? 'bin/rails test' : 'bundle exec rake test',
							because: 'files in test/',
						},
					}
				: {}),
	};
	return {
		...bare,
		directory: folder,
		language: 'ruby',
		packageManager: 'bundler',
		lockFile: tree.has(lock) ? lock : null,
		version: versionFrom(await tree.read(within(folder, '.ruby-version'))),
		install: 'bundle config set --local path vendor/bundle && bundle install',
		tasks,
	};
};

const phpPart = async (tree: Tree, folder: string): Promise<Part> => {
	let required: readonly string[] = [];
	try {
		const value = JSON.parse((await tree.read(within(folder, 'composer.json'))) ?? '{}') as Record<
			string,
			Record<string, unknown>
		>;
		required = [...Object.keys(value['require'] ?? {}), ...Object.keys(value['require-dev'] ?? {})];
	} catch {
		tree.problems.push(`${within(folder, 'composer.json')} is not JSON: what it says was left out`);
	}
	const has = (name: string) => tree.has(within(folder, name));
	const tasks: Tasks = {
		...(required.includes('laravel/pint')
			? {lint: {command: 'vendor/bin/pint --test', because: 'composer.json has Pint'}}
			: required.includes('friendsofphp/php-cs-fixer')
				? {lint: {command: 'vendor/bin/php-cs-fixer check', because: 'composer.json has PHP CS Fixer'}}
				: {}),
		...(required.some(name => /^(?:phpstan\/phpstan|larastan\/larastan|nunomaduro\/larastan)$/.test(name)) && {
			typecheck: {command: 'vendor/bin/phpstan analyse --no-progress', because: 'composer.json has PHPStan'},
		}),
		...(required.includes('pestphp/pest')
			? {unit: {command: 'vendor/bin/pest', because: 'composer.json has Pest'}}
			: required.includes('phpunit/phpunit') && (has('phpunit.xml') || has('phpunit.xml.dist'))
				? {unit: {command: 'vendor/bin/phpunit', because: 'phpunit.xml'}}
				: {}),
	};
	return {
		...bare,
		directory: folder,
		language: 'php',
		packageManager: 'composer',
		lockFile: has('composer.lock') ? within(folder, 'composer.lock') : null,
		install: 'composer install --no-interaction --no-progress',
		tasks,
	};
};

const javaPart = async (tree: Tree, folder: string): Promise<Part> => {
	const has = (name: string) => tree.has(within(folder, name));
	const isMaven = has('pom.xml');
	const manifest = isMaven ? 'pom.xml' : has('build.gradle.kts') ? 'build.gradle.kts' : 'build.gradle';
	const text = (await tree.read(within(folder, manifest))) ?? '';
	const hasTests = tree.files.some(file => isWithin(folder, file) && /(?:^|\/)src\/test\//.test(file));
	const version = versionFrom(
		(isMaven
			? /<(?:java\.version|maven\.compiler\.(?:release|target)|release)>(\d[\d.]*)</
			: /(?:languageVersion\D*|jvmToolchain\(|sourceCompatibility\D*)(\d[\d.]*)/
		).exec(text)?.[1],
	);
	const call = isMaven
		? `${has('mvnw') ? './mvnw' : 'mvn'} --batch-mode --no-transfer-progress`
		: has('gradlew')
			? './gradlew'
			: 'gradle';
	const lint = /checkstyle/i.test(text)
		? isMaven
			? 'checkstyle:check'
			: 'checkstyleMain'
		: /spotless/i.test(text)
			? isMaven
				? 'spotless:check'
				: 'spotlessCheck'
			: null;
	const tasks: Tasks = {
		...(lint !== null && {lint: {command: `${call} ${lint}`, because: `${manifest} has it`}}),
		...(hasTests && {unit: {command: `${call} test`, because: 'files in src/test'}}),
		build: {command: isMaven ? `${call} -DskipTests package` : `${call} assemble`, because: manifest},
	};
	return {
		...bare,
		directory: folder,
		language: 'java',
		packageManager: isMaven ? 'maven' : 'gradle',
		lockFile: within(folder, manifest),
		version,
		tasks,
	};
};

const detectors: ReadonlyArray<readonly [readonly string[], (tree: Tree, folder: string) => Promise<Part>]> = [
	[['go.mod'], goPart],
	[['Cargo.toml'], rustPart],
	[['Gemfile'], rubyPart],
	[['composer.json'], phpPart],
	[['pom.xml', 'build.gradle', 'build.gradle.kts'], javaPart],
];

/** A manifest below another of its kind is a module of it: Cargo, Maven and Gradle build them together. */
const outermost = (folders: readonly string[]) =>
	folders.filter(folder => !folders.some(other => other !== folder && isWithin(other, folder)));

export const otherParts = async (tree: Tree): Promise<readonly Part[]> => {
	const parts: Part[] = [];
	for (const [files, detect] of detectors) {
		const folders = [...new Set(manifests(tree, files, 2).map(folderOf))].filter(isPlainPath);
		for (const folder of files.includes('go.mod') ? folders : outermost(folders))
			parts.push(await detect(tree, folder));
	}
	return parts;
};
