/** What `init` sees of a repository, and what it does with one that is broken, huge or hostile: it names the problem, and goes on. */
import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {inspect} from '../source/init/inspect/inspect.ts';
import type {Task} from '../source/init/model.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {limits} from '../source/init/files/tree.ts';
import {layOut, noMapping, type Sample, samples, writeFiles} from './helpers/sample-repositories.ts';
import {byActionlint, byGitHub, readWorkflow} from './helpers/workflow-linters.ts';

const look = async (t: TestContext, name: keyof typeof samples) => inspect(layOut(t, samples[name]));
const plain = (files: Readonly<Record<string, string>>, rest: Partial<Sample> = {}): Sample => ({
	files,
	branches: ['main', 'develop'],
	remote: null,
	...rest,
});
const commands = (tasks: Readonly<Partial<Record<Task, {command: string}>>>) =>
	Object.fromEntries(Object.entries(tasks).map(([task, {command}]) => [task, command]));

const expected: ReadonlyArray<
	readonly [
		keyof typeof samples,
		ReadonlyArray<
			readonly [
				name: string,
				directory: string,
				manager: string,
				install: string | null,
				version: string | null,
				tasks: Readonly<Record<string, string>>,
			]
		>,
	]
> = [
	[
		'node npm',
		[
			[
				'app',
				'.',
				'npm',
				'npm ci',
				'>=22',
				{lint: 'npm run lint', typecheck: 'npm run typecheck', unit: 'npm test', build: 'npm run build'},
			],
		],
	],
	[
		'node pnpm + Playwright',
		[
			[
				'app',
				'.',
				'pnpm',
				'pnpm install --frozen-lockfile',
				'22',
				{lint: 'pnpm run lint', unit: 'pnpm run test:unit', build: 'pnpm run build'},
			],
		],
	],
	[
		'node yarn',
		[['app', '.', 'yarn', 'yarn install --frozen-lockfile', null, {lint: 'yarn run lint', unit: 'yarn test'}]],
	],
	[
		'python pip + pytest',
		[
			[
				'app',
				'.',
				'pip',
				'python -m pip install -r requirements.txt -r requirements-dev.txt mypy',
				'3.12',
				{lint: 'ruff check .', typecheck: 'mypy .', unit: 'pytest --ignore=tests/e2e'},
			],
		],
	],
	[
		'python poetry',
		[
			[
				'app',
				'.',
				'poetry',
				'poetry install --no-interaction',
				'3.11',
				{typecheck: 'poetry run mypy .', unit: 'poetry run pytest'},
			],
		],
	],
	[
		'python uv',
		[
			[
				'app',
				'.',
				'uv',
				'uv sync --locked',
				'3.13',
				{lint: 'uv run ruff check .', typecheck: 'uv run pyright', unit: 'uv run pytest'},
			],
		],
	],
	['go', [['app', '.', 'go', null, '1.23', {lint: 'go vet ./...', unit: 'go test ./...', build: 'go build ./...'}]]],
	[
		'rust',
		[
			[
				'app',
				'.',
				'cargo',
				null,
				null,
				{
					lint: 'cargo fmt --check && cargo clippy --all-targets --locked',
					unit: 'cargo test --locked',
					build: 'cargo build --release --locked',
				},
			],
		],
	],
	[
		'java maven',
		[
			[
				'app',
				'.',
				'maven',
				null,
				'21',
				{
					lint: './mvnw --batch-mode --no-transfer-progress spotless:check',
					unit: './mvnw --batch-mode --no-transfer-progress test',
					build: './mvnw --batch-mode --no-transfer-progress -DskipTests package',
				},
			],
		],
	],
	['java gradle', [['app', '.', 'gradle', null, '17', {unit: './gradlew test', build: './gradlew assemble'}]]],
	[
		'ruby and php',
		[
			[
				'site',
				'site',
				'bundler',
				'bundle config set --local path vendor/bundle && bundle install',
				'3.3.0',
				{lint: 'bundle exec rubocop', unit: 'bundle exec rspec'},
			],
			[
				'blog',
				'blog',
				'composer',
				'composer install --no-interaction --no-progress',
				null,
				{
					lint: 'vendor/bin/pint --test',
					typecheck: 'vendor/bin/phpstan analyse --no-progress',
					unit: 'vendor/bin/phpunit',
				},
			],
		],
	],
	['no tests at all', [['app', '.', 'npm', 'npm install', null, {}]]],
];

for (const [name, parts] of expected) {
	test(`${name}: parts, tools and commands`, async t => {
		const inspection = await look(t, name);
		assert.deepEqual(
			inspection.parts.map(part => [
				part.name,
				part.directory,
				part.packageManager,
				part.install,
				part.version,
				commands(part.tasks),
			]),
			parts,
		);
		assert.deepEqual(inspection.problems, []);
	});
}

test('end-to-end tests are found with their runner, their smoke tests and the variable that takes an address', async t => {
	const of = async (name: keyof typeof samples) => {
		const {e2e} = await look(t, name);
		return e2e && [e2e.kind, e2e.directory, e2e.command, e2e.canShard, e2e.smokeCommand, e2e.addressVariable];
	};
	assert.deepEqual(await of('node pnpm + Playwright'), [
		'playwright',
		'.',
		'pnpm exec playwright test',
		true,
		'pnpm exec playwright test --grep @smoke',
		'E2E_URL',
	]);
	assert.deepEqual(await of('front end + back end'), [
		'playwright',
		'frontend',
		'npx playwright test',
		true,
		'npx playwright test --grep @smoke',
		'E2E_URL',
	]);
	assert.deepEqual(await of('workspaces'), [
		'cypress',
		'.',
		'npx cypress run',
		false,
		"npx cypress run --spec 'cypress/e2e/smoke/**'",
		'CYPRESS_BASE_URL',
	]);
	assert.deepEqual(await of('cypress'), ['cypress', '.', 'bunx cypress run', false, null, 'CYPRESS_BASE_URL']);
	assert.deepEqual(await of('python pip + pytest'), [
		'pytest',
		'.',
		'pytest tests/e2e',
		false,
		'pytest tests/e2e -m smoke',
		'BASE_URL',
	]);
	assert.deepEqual(await of('foreign workflows, a script of its own'), [
		'other',
		'.',
		'npm run e2e',
		false,
		null,
		'BASE_URL',
	]);
	assert.equal(await of('go'), null);
});

test('environments are found by their addresses, and nothing else is taken for one', async t => {
	const inspection = await inspect(
		layOut(
			t,
			plain({
				'README.md':
					'[![CI](https://img.shields.io/x)](https://github.com/acme/app) Staging at https://staging.acme.app, production: https://acme.app.\nDocs: https://docs.acme.app\nRead the production guide of https://12factor.example and develop with https://dev.to/x.\nIn production we like https://other.example.\n',
				'.env.example':
					'STAGING_API=https://api-staging.acme.app/v1\nLOCAL=http://localhost:3000\nINJECT_STAGING=https://x.example/${{ secrets.KEY }}\n',
				'.env': 'PRODUCTION=https://secret.acme.app\n',
				'.github/workflows/ship.yml':
					'on: push\njobs:\n  a:\n    runs-on: x\n    environment: {name: production, url: "https://www.acme.app"}\n    steps: []\n',
			}),
		),
	);
	assert.deepEqual(
		inspection.hosts.map(({environment, url}) => [environment, url]),
		[
			['production', 'https://www.acme.app'],
			['staging', 'https://api-staging.acme.app/v1'],
			['staging', 'https://x.example'],
			['staging', 'https://staging.acme.app'],
			['production', 'https://acme.app'],
		],
	);
});

test('a health address tells where the environment is, and an API is not what people open', async t => {
	const inspection = await inspect(
		layOut(
			t,
			plain({
				'.env.example':
					'STAGING_API=https://api.staging.acme.app/v1\nSTAGING_HEALTH=https://staging.acme.app/healthz\nSTAGING_VERSION=https://staging.acme.app/version\nPRODUCTION_URL=https://acme.app/login\n',
			}),
		),
	);
	assert.deepEqual(defaultAnswers(inspection).urls, {
		staging: 'https://staging.acme.app',
		'staging.health': 'https://staging.acme.app/healthz',
		'staging.version': 'https://staging.acme.app/version',
		production: 'https://acme.app/login',
	});
});

test('branches and remote are read without git: packed, in a worktree, with a default of its own', async t => {
	const folder = layOut(t, plain({}, {branches: [], remote: 'git@github.com:acme/app.git'}));
	writeFiles(folder, {
		'.git/packed-refs': `# pack-refs with: peeled\n${'a'.repeat(40)} refs/heads/main\n${'b'.repeat(40)} refs/remotes/origin/develop\n${'c'.repeat(40)} refs/tags/v1\n`,
		'.git/refs/remotes/origin/HEAD': 'ref: refs/remotes/origin/develop\n',
		'.git/refs/heads/hotfix/login': `${'d'.repeat(40)}\n`,
		'.git/worktrees/other/HEAD': 'ref: refs/heads/main\n',
		'.git/worktrees/other/commondir': '../..\n',
		'other/.git': `gitdir: ${folder}/.git/worktrees/other\n`,
	});
	for (const root of [folder, join(folder, 'other')]) {
		const {branches, defaultBranch, remote} = await inspect(root);
		assert.deepEqual(
			[branches, defaultBranch, remote],
			[['develop', 'hotfix/login', 'main'], 'develop', {host: 'github.com', owner: 'acme', name: 'app'}],
		);
	}
});

test('without git there are no branches and no remote, and a pipeline all the same', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-bare-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const inspection = await inspect(folder);
	assert.deepEqual(
		[inspection.branches, inspection.remote, inspection.parts, inspection.problems],
		[[], null, [], ['No git repository lies here: branches and remote are not known']],
	);
	assert.equal(
		propose(inspection, defaultAnswers(inspection), noMapping).files.filter(({path}) =>
			path.startsWith('.github/workflows/'),
		).length,
		5,
	);
	const nowhere = await inspect(join(folder, 'nowhere'));
	assert.ok(nowhere.problems.some(problem => problem.includes('could not be read: ENOENT')));
});

test('branches that are missing are work for a person', async t => {
	const inspection = await look(t, 'cypress');
	const {byHand, answers} = propose(inspection, defaultAnswers(inspection), noMapping);
	assert.deepEqual([answers.staging, answers.production], ['develop', 'main']);
	assert.deepEqual(byHand[0], {
		what: 'Create the branch develop',
		why: 'Staging runs what is pushed there.',
		how: 'git switch -c develop main && git push -u origin develop',
	});
	const legacy = await look(t, 'node yarn');
	assert.deepEqual([defaultAnswers(legacy).staging, defaultAnswers(legacy).production], ['develop', 'master']);
	const trunk = await look(t, 'GitHub Enterprise Server');
	assert.deepEqual([defaultAnswers(trunk).staging, defaultAnswers(trunk).production], ['staging', 'trunk']);
});

test('broken files are problems, and the rest is seen', async t => {
	const folder = layOut(
		t,
		plain({
			'package.json': '{"scripts": {"test": ',
			'api/package.json': '[1]',
			'web/package.json': '{"scripts": {"test": "x", "lint": 7}, "workspaces": "a", "engines": []}',
			'composer.json': 'null?',
			'pyproject.toml': '[[[',
			'tests/test_a.py': '',
			'.github/workflows/a.yml': 'on: [push\n',
			'.github/workflows/b.yml': '- 1\n',
			'.github/workflows/c.yml': 'on: push\n',
			'.github/workflows/d.yml': `a: &a [x]\n${'bcdefgh'
				.split('')
				.map(
					(name, index) =>
						`${name}: &${name} [${Array.from({length: 9}, () => `*${'abcdefgh'[index]}`).join(', ')}]`,
				)
				.join('\n')}\njobs: *h\n`,
			'deployctl.yml': 'branches: [',
			'large.lock': '',
			Gemfile: 'x'.repeat(limits.bytes + 1),
		}),
	);
	const inspection = await inspect(folder);
	for (const part of [
		'package.json is not a JSON object',
		'api/package.json is not a JSON object',
		'composer.json is not JSON',
		'Gemfile was not read',
		'a.yml: it is not valid YAML',
		'b.yml: it is not a mapping',
		'c.yml: it has no jobs',
		'd.yml: it could not be read',
	])
		assert.ok(
			inspection.problems.some(problem => problem.includes(part)),
			`${part}\n${inspection.problems.join('\n')}`,
		);
	assert.deepEqual(commands(inspection.parts.find(({directory}) => directory === 'web')!.tasks), {unit: 'npm test'});
	assert.equal(inspection.workflows.length, 4);
});

test('what may not be read, links in circles and what is installed are left alone', async t => {
	const folder = layOut(
		t,
		plain({
			'package.json': '{"scripts": {"test": "x"}}',
			'node_modules/a/package.json': '{"scripts": {"test": "x"}}',
			'vendor/b/go.mod': 'module b\n',
			'locked/package.json': '{}',
			'unreadable/go.mod': 'module c\n',
		}),
	);
	symlinkSync('..', join(folder, 'circle'));
	symlinkSync('/etc', join(folder, 'elsewhere'));
	symlinkSync('/etc/hostname', join(folder, 'requirements.txt'));
	chmodSync(join(folder, 'locked/package.json'), 0);
	const {parts, problems} = await inspect(folder);
	assert.deepEqual(
		parts
			.map(({directory}) => directory)
			.filter(directory => directory !== 'locked')
			.toSorted(),
		['.', 'unreadable'],
	);
	// Root may read everything.
	if (process.getuid?.() !== 0)
		assert.ok(problems.some(problem => problem.includes('locked/package.json could not be read: EACCES')));
});

test('a huge repository is looked at in part, and that is said', async t => {
	const folder = layOut(t, plain({'package.json': '{"scripts": {"test": "x"}}'}));
	// Many empty folders cost less than many files, and there is a bound for them as well.
	for (let index = 0; index < limits.folders; index++) mkdirSync(join(folder, `pile/${index}`), {recursive: true});
	const {parts, problems} = await inspect(folder);
	assert.equal(parts.length, 1);
	assert.ok(
		problems.some(problem => problem.startsWith('Only the first')),
		problems.join(),
	);
});

test('names from outside never become a part of a workflow that GitHub or a shell reads', async t => {
	const evil = '$(touch hacked); ${{ secrets.KEY }}\n      - run: evil';
	const folder = layOut(
		t,
		plain({
			'package.json': JSON.stringify({
				name: evil,
				scripts: {test: evil, lint: evil, 'e2e; rm -rf /': 'x'},
				engines: {node: evil},
				packageManager: `pnpm@${evil}`,
				workspaces: [evil],
			}),
			'.nvmrc': evil,
			'.python-version': evil,
			'go.mod': `module x\ngo 1.2 ${evil}\n`,
			'playwright.config.ts': `use: {baseURL: process.env.A ?? 'https://staging.x.example/$\{{ secrets.KEY }}'}, projects: [{name: 'smoke'}]\n`,
		}),
	);
	mkdirSync(join(folder, 'a $(id)'));
	writeFileSync(join(folder, 'a $(id)/package.json'), '{"scripts": {"test": "x"}}');
	mkdirSync(join(folder, '${{ github.token }}'));
	writeFileSync(join(folder, '${{ github.token }}/pyproject.toml'), '[tool.ruff]\n');
	const inspection = await inspect(folder);
	const {files} = propose(inspection, defaultAnswers(inspection), noMapping);
	for (const {path, content} of files.filter(({path}) => path.startsWith('.github/workflows/'))) {
		assert.doesNotMatch(content, /hacked|evil|secrets\.KEY|\(id\)/, path);
		assert.deepEqual([...(await byActionlint(path, content)), ...(await byGitHub(path, content))], []);
		for (const {steps} of Object.values(readWorkflow(content).jobs))
			for (const step of steps) assert.doesNotMatch(step['working-directory'] ?? '', /\$/);
	}
	assert.ok(inspection.problems.some(problem => problem.includes('a $(id)/package.json was left out')));
});

test('scripts that are there are told apart by their contract', async t => {
	const folder = layOut(
		t,
		plain({
			'scripts/deploy.sh': '#!/bin/sh\n# Contract: deployctl/1\n',
			'bin/release': '#!/bin/sh\n',
			'scripts/rollback.sh': `${'\n'.repeat(20)}# Contract: deployctl/1\n`,
			'src/deploy.ts': '',
		}),
	);
	chmodSync(join(folder, 'bin/release'), 0o755);
	const {scripts} = await inspect(folder);
	assert.deepEqual(
		scripts.map(({path, contract, isExecutable}) => [path, contract, isExecutable]),
		[
			['bin/release', null, true],
			['scripts/deploy.sh', 'v1', false],
			['scripts/rollback.sh', null, false],
		],
	);
});

test('what deployctl.yml says goes before what is guessed', async t => {
	const folder = layOut(
		t,
		plain({
			'deployctl.yml':
				'branches:\n  # ours\n  staging: next # not develop\n  production: "release"\nenvironments:\n  staging:\n    url: https://next.acme.app\n    version: https://next.acme.app/sha\n',
			'README.md': 'staging: https://staging.acme.app\n',
		}),
	);
	const answers = defaultAnswers(await inspect(folder));
	assert.deepEqual(
		[answers.staging, answers.production, answers.urls['staging'], answers.urls['staging.version']],
		['next', 'release', 'https://next.acme.app', 'https://next.acme.app/sha'],
	);
});

test('what is left to a person is true for this repository: a remote, the folder of the tests, a reporter that is there', async t => {
	const left = async (sample: Sample) => {
		const inspection = await inspect(layOut(t, sample));
		return propose(inspection, defaultAnswers(inspection), noMapping).byHand;
	};
	const tests = (dependencies: readonly string[]) =>
		plain({
			'package.json': '{"private":true,"workspaces":["web"]}',
			'package-lock.json': '{}',
			'web/package.json': JSON.stringify({
				name: 'web',
				scripts: {build: 'vite build'},
				devDependencies: Object.fromEntries(dependencies.map(name => [name, '1'])),
			}),
			'web/playwright.config.ts': 'export default {};\n',
			'web/tests/a.spec.ts': "test('a', () => {});\n",
		});
	const reporter = (steps: Awaited<ReturnType<typeof left>>) =>
		steps.find(({what}) => what.startsWith('Add deployctl'))?.how;
	assert.equal(reporter(await left(tests(['@playwright/test']))), 'cd web && npm install --save-dev deployctl');
	assert.equal(reporter(await left(tests(['@playwright/test', 'deployctl']))), undefined);
	assert.equal((await left(tests([])))[0]?.what, 'Give the repository its place on GitHub');
	assert.ok(
		!(await left({...tests([]), remote: 'https://github.com/acme/shop.git'})).some(({what}) =>
			what.startsWith('Give the repository'),
		),
	);
	assert.equal(
		(await left(plain({'requirements.txt': 'pytest\n', 'tests/test_a.py': 'def test_a():\n    pass\n'}))).find(
			({what}) => what === 'Write end-to-end tests',
		)?.how,
		'pytest-playwright, with tests in tests/e2e; then deployctl init once more',
	);
});
