/** The built program as a process, with real supervisors, plain scripts and a small real application; GitHub is the simulator, or out of reach. */
import assert from 'node:assert/strict';
import {chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, test, type TestContext} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {execa} from 'execa';
import {processesOf, signalProcess} from '../source/operations/script/process-tree.ts';
import {patienceMs, until as waited} from './helpers/patience.ts';
import {launcher, run, simulated} from './helpers/program.ts';
import {startInPty} from './helpers/pty.ts';

type Operation = {
	id: string;
	kind: string;
	environment: string;
	from: string | null;
	to: string | null;
	sha: string | null;
	outcome: string;
	exitCode: number | null;
	because: string;
};
type Refused = {schemaVersion: 1; refused: {because: string; next: string; exitCode: number}};

const ajv = new Ajv2020();
addFormats.default(ajv);
const isList = ajv.compile(
	JSON.parse(readFileSync(new URL('../docs/operations.schema.json', import.meta.url), 'utf8')) as object,
);

const first = 'a'.repeat(40);
const secret = 'correct-horse-battery-staple';
/** Waits for a file, so that a test decides how long it runs; then makes the commit live. */
const script = `#!/bin/bash
set -eu
echo "begin $1 $2 \${MY_SECRET_TOKEN:-}"
while [ -e "$GO.hold" ]; do sleep 0.05; done
echo "$2" > "$LIVE"
echo end
`;

/** A checkout, an application that reports what is live, and the program in front of them. */
const stage = async (t: TestContext) => {
	const {home, env, simulator} = await simulated('quiet', t);
	const repository = join(home, 'repository');
	mkdirSync(join(repository, 'scripts'), {recursive: true});
	mkdirSync(join(repository, '.git'));
	const live = join(home, 'live');
	writeFileSync(live, first);
	for (const name of ['deploy.sh', 'rollback.sh']) {
		writeFileSync(join(repository, 'scripts', name), script);
		chmodSync(join(repository, 'scripts', name), 0o755);
	}
	const application = createServer((request, response) =>
		response.end(request.url === '/version' ? readFileSync(live, 'utf8').trim() : 'ok'),
	).listen(0, '127.0.0.1');
	application.keepAliveTimeout = 75_000;
	await new Promise<void>(resolve => {
		application.once('listening', resolve);
	});
	t.after(() => application.close());
	const address = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
	const settings = (more = '') =>
		writeFileSync(
			join(repository, 'deployctl.yml'),
			`environments:\n${['staging', 'production'].map(name => `  ${name}: {health: ["${address}/health"], version: "${address}/version"}\n`).join('')}${more}`,
		);
	settings();
	const [go, ids]: [string, string[]] = [join(home, 'go'), []];
	const everything = {...env, LIVE: live, GO: go, MY_SECRET_TOKEN: secret};
	const surroundings = {env: everything, cwd: repository};
	const operations = async (more: Readonly<Record<string, string>> = {}): Promise<readonly Operation[]> => {
		const {stdout, exitCode, stderr} = await run(['operations', '--json'], {
			env: {...everything, ...more},
			cwd: repository,
		});
		assert.deepEqual([exitCode, stderr], [0, '']);
		const list = JSON.parse(stdout) as {operations: Operation[]};
		assert.ok(isList(list), JSON.stringify(isList.errors));
		ids.push(...list.operations.map(({id}) => id));
		return list.operations;
	};
	t.after(() => {
		for (const id of new Set(ids))
			for (const found of processesOf(id, process.pid)) signalProcess(found, 'SIGKILL');
	});
	return {
		...surroundings,
		home,
		simulator,
		settings,
		operations,
		live: () => readFileSync(live, 'utf8').trim(),
		hold: () => writeFileSync(`${go}.hold`, ''),
		release: () => rmSync(`${go}.hold`, {force: true}),
		surroundings,
	};
};

const until = async <Value>(what: string, look: () => Promise<Value | null | undefined | false>): Promise<Value> => {
	let found: Value | null | undefined | false;
	await waited(what, async () => Boolean((found = await look())));
	return found as Value;
};

const refusedJson = ({stdout}: {stdout: string}) => (JSON.parse(stdout) as Refused).refused;

describe('the program', {concurrency: 2}, () => {
	test('deploys, lists, prints the log without secrets, rolls back while GitHub is out of reach, and its journal is whole', async t => {
		const at = await stage(t);
		const deployed = await run(['deploy', 'staging', '--yes', '--json'], at.surroundings);
		assert.equal(deployed.exitCode, 0, deployed.stderr);
		const {operation, plan} = JSON.parse(deployed.stdout) as {
			operation: Operation;
			plan: {command: string[]; sha: string};
		};
		assert.deepEqual(
			[operation.outcome, operation.exitCode, operation.from, operation.to, at.live()],
			['succeeded', 0, first, plan.sha, plan.sha],
		);
		assert.deepEqual(plan.command.slice(1), ['staging', plan.sha]);
		assert.deepEqual(
			(await at.operations()).map(({id}) => id),
			[operation.id],
		);
		const log = await run(['logs', operation.id.slice(-4)], at.surroundings);
		assert.equal(log.exitCode, 0, log.stderr);
		assert.match(log.stdout, /^begin staging [0-9a-f]{40} \S+\nend$/);
		assert.ok(!log.stdout.includes(secret) && !deployed.stderr.includes(secret));

		const second = at.simulator.simulation
			.truth(Date.now())
			.commits.map(({sha}) => sha)
			.find(sha => sha !== plan.sha)!;
		assert.equal(
			(await run(['deploy', 'staging', '--yes', '--sha', second.slice(0, 8)], at.surroundings)).exitCode,
			0,
		);
		assert.equal(at.live(), second);
		await at.simulator.close();
		const back = await run(['rollback', 'staging', '--yes'], at.surroundings);
		assert.equal(back.exitCode, 0, `${back.stdout}${back.stderr}`);
		assert.equal(at.live(), plan.sha);
		const again = await run(['deploy', 'staging', '--yes', '--json', '--sha', second], at.surroundings);
		assert.ok(
			[3, 5].includes(refusedJson(again).exitCode) && again.exitCode === refusedJson(again).exitCode,
			again.stdout,
		);

		// Also without a token, and without gh on the path.
		const list = await at.operations({GH_TOKEN: '', PATH: '/nowhere'});
		assert.deepEqual(
			list.map(({kind, outcome}) => [kind, outcome]),
			[
				['rollback', 'succeeded'],
				['deploy', 'succeeded'],
				['deploy', 'succeeded'],
			],
		);
		const audit = await run(['audit', '--verify'], at.surroundings);
		assert.deepEqual([audit.exitCode, audit.stderr], [0, '']);
		assert.match(audit.stdout, /^The journal is whole: \d+ records/);
	});

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		test(`${signal} to the watching command: 130, and the script completes`, async t => {
			const at = await stage(t);
			at.hold();
			const watching = execa(process.execPath, [launcher, 'deploy', 'staging', '--yes'], {
				env: at.env,
				extendEnv: false,
				cwd: at.cwd,
				reject: false,
				stdin: 'ignore',
				timeout: patienceMs,
			});
			let out = '';
			watching.stdout.on('data', (chunk: Buffer) => {
				out += chunk;
			});
			const id = await Promise.race([
				until('it has begun', async () => /Operation (\S+) has begun/.exec(out)?.[1]),
				watching.then(ended => assert.fail(`it ended: ${ended.stdout}${ended.stderr}`)),
			]);
			watching.kill(signal);
			const {exitCode, stderr} = await watching;
			assert.equal(exitCode, 130);
			assert.match(
				stderr,
				new RegExp(
					`The operation goes on\\. deployctl attach ${id} shows it; deployctl stop ${id} stops it\\.`,
				),
			);
			assert.equal((await at.operations())[0]?.outcome, 'running');
			at.release();
			const attached = await run(['attach', id], at.surroundings);
			assert.equal(attached.exitCode, 0, attached.stderr);
			assert.match(attached.stdout, /begin staging [\s\S]*\nend\n[\d:]+ {2}succeeded: /);
			const [operation] = await at.operations();
			assert.deepEqual([operation?.outcome, at.live()], ['succeeded', operation?.to]);
		});
	}

	test('comes back at once with --detach; stop ends what runs, and nothing is left of it', async t => {
		const at = await stage(t);
		at.hold();
		const detached = await run(['deploy', 'staging', '--yes', '--detach', '--json'], at.surroundings);
		assert.equal(detached.exitCode, 0, detached.stderr);
		const {
			operation: {id, outcome},
		} = JSON.parse(detached.stdout) as {operation: Operation};
		assert.equal(outcome, 'running');
		const other = await run(['deploy', 'staging', '--yes', '--json'], at.surroundings);
		assert.deepEqual([other.exitCode, refusedJson(other).exitCode], [6, 6]);
		const stopped = await run(['stop', 'staging'], at.surroundings);
		assert.ok([0, 7].includes(stopped.exitCode ?? -1), `${stopped.stdout}${stopped.stderr}`);
		assert.deepEqual(
			(await at.operations()).map(operation => operation.id),
			[id],
		);
		await until('it is gone', async () => processesOf(id, process.pid).length === 0);
		assert.equal(at.live(), first);
	});
});

describe('on a terminal', {concurrency: 2}, () => {
	test('y confirms; when the terminal is closed the script completes', async t => {
		const at = await stage(t);
		at.hold();
		const terminal = startInPty(process.execPath, [launcher, 'deploy', 'staging'], {
			columns: 120,
			cwd: at.cwd,
			env: at.env,
		});
		t.after(() => terminal.close());
		await terminal.waitFor(/to staging\? \[y\/N\]/);
		terminal.write('y\r');
		await terminal.waitFor(/has begun/);
		terminal.hangUp();
		await terminal.exited;
		assert.equal((await at.operations())[0]?.outcome, 'running');
		const back = startInPty(process.execPath, [launcher, 'attach'], {columns: 120, cwd: at.cwd, env: at.env});
		t.after(() => back.close());
		await back.waitFor(/begin staging/);
		assert.ok(back.isAlternate());
		back.write('\u0003');
		assert.equal((await back.exited).exitCode, 130);
		assert.equal((await at.operations())[0]?.outcome, 'running');
		at.release();
		const [operation] = await until('it has ended', async () => {
			const list = await at.operations();
			return list[0]?.outcome === 'succeeded' && list;
		});
		assert.equal(at.live(), operation?.to);
	});

	test('Enter, another phrase, Ctrl-D and Ctrl-C do nothing', async t => {
		const at = await stage(t);
		for (const [args, answer, exitCode] of [
			[['deploy', 'staging'], '\r', 3],
			[['lock', 'production', '-m', 'audit'], 'y\r', 3],
			[['deploy', 'staging'], '\u0004', 3],
			[['deploy', 'staging'], '\u0003', 130],
		] as const) {
			const terminal = startInPty(process.execPath, [launcher, ...args], {
				columns: 120,
				cwd: at.cwd,
				env: at.env,
			});
			await terminal.waitFor(/\[y\/N\]|to confirm:/);
			terminal.write(answer);
			assert.deepEqual([(await terminal.exited).exitCode, answer], [exitCode, answer]);
			await terminal.close();
		}
		assert.deepEqual(await at.operations(), []);
	});
});

describe('refusals', {concurrency: 2}, () => {
	test('each has its exit code, a sentence on stderr, and a document for programs', async t => {
		const at = await stage(t);
		at.settings('  preview: {}\n');
		const head = JSON.parse((await run(['deploy', 'staging', '--dry-run', '--json'], at.surroundings)).stdout) as {
			plan: {sha: string};
		};
		const matrix: ReadonlyArray<
			readonly [args: readonly string[], exitCode: number, said: RegExp, env?: Readonly<Record<string, string>>]
		> = [
			[['deploy', 'prodution', '--yes'], 2, /Did you mean \\?"production\\?"/],
			[['deploy', 'staging', '--yes', '--sha', 'fffffff'], 2, /no commit fffffff/],
			[['deploy', 'preview', '--yes'], 2, /preview has no branch of its own/],
			[['rollback', 'staging', '--yes', '--force'], 2, /--force needs the release/],
			[['stop', 'staging'], 2, /Nothing runs in staging/],
			[['unlock', 'staging', '--break', 'abc', '--yes'], 2, /--break needs a reason/],
			[['deploy', 'staging', '--yes', '--repo', 'not a repository'], 2, /--repo names no repository/],
			[['deploy', 'staging'], 3, /Not confirmed: there is no terminal/],
			[['lock', 'production', '-m', 'audit', '--yes'], 3, /--confirm \\?"lock production\\?"/],
			[['deploy', 'staging', '--yes', '--read-only'], 3, /read-only/],
			[['lock', 'staging', '-m', 'audit', '--yes', '--read-only'], 3, /read-only/],
			[['deploy', 'staging', '--yes'], 4, /no token/i, {GH_TOKEN: '', PATH: '/nowhere'}],
			[
				['deploy', 'staging', '--yes', '--sha', head.plan.sha],
				5,
				/not known|unreachable/,
				{GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_GRAPHQL_URL: 'http://127.0.0.1:9/graphql'},
			],
		];
		await Promise.all(
			[0, 1, 2].map(async turn => {
				for (const [args, exitCode, said, env] of matrix.filter((_, index) => index % 3 === turn)) {
					const told = await run([...args, '--json'], {env: {...at.env, ...env}, cwd: at.cwd});
					assert.equal(told.exitCode, exitCode, `${args.join(' ')}: ${told.stdout}${told.stderr}`);
					const {because, next} = refusedJson(told);
					assert.match(`${because} ${next}`, said, args.join(' '));
					assert.match(told.stderr, /^deployctl: /m);
				}
			}),
		);
		assert.deepEqual(await at.operations(), []);
		assert.equal(at.live(), first);
	});

	test('a locked environment is 6 for everybody, until it is unlocked; read-only settings refuse, too', async t => {
		const at = await stage(t);
		assert.equal(
			(await run(['lock', 'staging', '-m', 'frozen for the audit', '--yes'], at.surroundings)).exitCode,
			0,
		);
		const locked = await run(['deploy', 'staging', '--yes', '--json'], at.surroundings);
		assert.equal(locked.exitCode, 6, locked.stderr);
		assert.match(refusedJson(locked).because, /frozen for the audit/);
		assert.equal((await run(['unlock', 'staging', '--yes'], at.surroundings)).exitCode, 0);
		at.settings('readOnly: true\n');
		assert.equal((await run(['deploy', 'staging', '--yes'], at.surroundings)).exitCode, 3);
		assert.equal((await run(['deploy', 'staging', '--dry-run'], at.surroundings)).exitCode, 3);
		assert.deepEqual(await at.operations(), []);
	});

	test('the scripts of another checkout are not run', async t => {
		const at = await stage(t);
		writeFileSync(join(at.cwd, '.git', 'config'), '[remote "origin"]\n\turl = https://github.com/acme/other.git\n');
		const {exitCode, stderr} = await run(['deploy', 'staging', '--yes'], at.surroundings);
		assert.equal(exitCode, 2);
		assert.match(stderr, /This checkout is acme\/other, not acme\/auto-author/);
	});
});
