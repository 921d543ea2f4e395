/** Small repositories as people have them, before deployctl: what `init` gets to see. Their application is real, and can be deployed. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

export type Sample = Readonly<Record<string, string>>;

export const writeSample = (folder: string, files: Sample): void => {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, path)), {recursive: true});
		writeFileSync(join(folder, path), text);
	}
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const lock = (name: string): string =>
	json({name, version: '1.0.0', lockfileVersion: 3, requires: true, packages: {'': {name, version: '1.0.0'}}});

/** Answers what it is, and is well; the commit comes from whoever starts it. */
const server = `import {createServer} from 'node:http';

const sha = process.env.SHA ?? 'unknown';
const prices = {apple: 3, pear: 4};
const server = createServer((request, response) => {
	const send = (status, body) => { response.writeHead(status, {'content-type': 'application/json', 'x-release': process.env.RELEASE ?? ''}).end(JSON.stringify(body)); };
	const {pathname} = new URL(request.url, 'http://localhost');
	if (pathname === '/health') return send(200, {ok: true});
	if (pathname === '/version') return send(200, {sha});
	const name = pathname.slice('/prices/'.length);
	return pathname.startsWith('/prices/') && name in prices ? send(200, {name, price: prices[name]}) : send(404, {});
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit()));
`;

const playwrightConfig = (folder: string) => `import {defineConfig} from '@playwright/test';

export default defineConfig({
	testDir: '${folder}',
	fullyParallel: true,
	workers: 1,
	use: {baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:4000'},
});
`;

const spec = (title: string, tests: readonly string[]) => `import {expect, test} from '@playwright/test';

test.describe('${title}', () => {
${tests.join('\n')}
});
`;
const asks = (name: string, path: string, price: number | null) => `	test('${name}', async ({request}) => {
		const response = await request.get('${path}');
		${price === null ? 'expect(response.status()).toBe(404);' : `expect((await response.json()).price).toBe(${price});`}
	});`;

const e2e = (folder: string): Sample => ({
	[`${folder}/prices.spec.js`]: spec('prices', [
		asks('an apple has a price @smoke', '/prices/apple', 3),
		asks('a pear has a price', '/prices/pear', 4),
		asks('what is not sold has none', '/prices/stone', null),
	]),
	[`${folder}/shop.spec.js`]: spec('shop', [
		asks('the shop is open @smoke', '/prices/apple', 3),
		asks('names are not guessed', '/prices/app', null),
	]),
});

const unit = `import assert from 'node:assert/strict';
import test from 'node:test';

test('adds up', () => assert.equal(3 + 4, 7));
`;

/** One package with a linter, unit tests, a build, and Playwright. */
export const shop: Sample = {
	'package.json': json({
		name: 'shop',
		version: '1.0.0',
		private: true,
		type: 'module',
		scripts: {
			lint: 'node --check server.mjs',
			test: 'node --test test/',
			build: 'node -e "process.exitCode = 0"',
			'test:e2e': 'playwright test',
		},
		devDependencies: {'@playwright/test': '^1.50.0', deployctl: '^0.1.0'},
	}),
	'package-lock.json': lock('shop'),
	'server.mjs': server,
	'test/add.test.mjs': unit,
	'playwright.config.js': playwrightConfig('e2e'),
	...e2e('e2e'),
	'.gitignore': 'node_modules/\n',
	'README.md': '# Shop\n',
};

/** A front end and a back end that know nothing of each other, and tests of both together. */
export const monorepo: Sample = {
	'web/package.json': json({
		name: 'web',
		version: '1.0.0',
		private: true,
		type: 'module',
		scripts: {lint: 'node --check index.mjs', build: 'node -e "process.exitCode = 0"'},
	}),
	'web/package-lock.json': lock('web'),
	'web/index.mjs': 'export const title = "Shop";\n',
	'api/package.json': json({
		name: 'api',
		version: '1.0.0',
		private: true,
		type: 'module',
		scripts: {test: 'node --test test/'},
	}),
	'api/package-lock.json': lock('api'),
	'api/server.mjs': server,
	'api/test/add.test.mjs': unit,
	'e2e/package.json': json({
		name: 'e2e',
		version: '1.0.0',
		private: true,
		type: 'module',
		scripts: {test: 'playwright test'},
		devDependencies: {'@playwright/test': '^1.50.0', deployctl: '^0.1.0'},
	}),
	'e2e/package-lock.json': lock('e2e'),
	'e2e/playwright.config.js': playwrightConfig('tests'),
	...e2e('e2e/tests'),
	'.gitignore': 'node_modules/\n',
};

/**
The classic mistakes: E2E holds the deployment up; the deployment is chained to the tests and loses their commit; nothing names its commit;
everything has every permission; what the tests of a pull request run may read the secrets.
*/
export const classicMistakes: Sample = {
	...shop,
	'.github/workflows/ci.yml': `name: CI
on:
  push:
    branches: [develop, main]
  pull_request_target:
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: \${{ github.event.pull_request.head.sha }}
      - run: npm ci && npm run lint && npm test
  e2e:
    needs: test
    runs-on: ubuntu-latest
    strategy:
      matrix:
        shard: [1, 2]
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npx playwright test --shard=\${{ matrix.shard }}/2
`,
	'.github/workflows/deploy.yml': `name: Deploy
on:
  workflow_run:
    workflows: [CI]
    types: [completed]
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: staging
    steps:
      - uses: actions/checkout@v4
      - run: echo "\${{ secrets.DEPLOY_KEY }}" > key && ./deploy.sh staging
`,
	'.github/workflows/after.yml': `name: Smoke
on:
  workflow_run:
    workflows: [Deploy]
    types: [completed]
jobs:
  smoke:
    runs-on: ubuntu-latest
    steps:
      - run: curl -fsS https://staging.example.org/health
`,
	'deploy.sh': '#!/bin/sh\nrsync -a ./ "deploy@$1.example.org:/srv/shop"\n',
};

/** How one environment of a sample is deployed on this machine. */
export const deployConf = ({root, port, start}: {root: string; port: number; start: string}): string =>
	[
		`ROOT=${root}`,
		'MODE=restart',
		'RESTART=process',
		`START_CMD=PORT=${port} exec ${start}`,
		`HEALTH_URL=http://127.0.0.1:${port}/health`,
		`VERSION_URL=http://127.0.0.1:${port}/version`,
		'HEALTH_DEADLINE=10',
		'HEALTH_NEED=1',
		'STOP_TIMEOUT=2',
		'',
	].join('\n');
