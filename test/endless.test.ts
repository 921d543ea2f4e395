/** What comes from outside ends: a server that sends for ever, a program that prints for ever, a file that is a device. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {realClock} from '../source/edges/clock.ts';
import {createDownloader} from '../source/github/http/download.ts';
import {createTransport} from '../source/github/http/transport.ts';
import {Trouble} from '../source/github/failures/trouble.ts';
import {listReleases} from '../source/operations/checkout/list-releases.ts';
import {postWord} from '../source/reporter/post.ts';
import {readBounded} from '../source/settings/checkout/bounded-read.ts';
import {patienceMs} from './helpers/patience.ts';
import {run, temporaryHome} from './helpers/program.ts';

const chunk = Buffer.alloc(256 * 1024, 'x');
/** Sends for ever, as fast as it is read; counts what went out. */
const endless = async (t: TestContext, head: (response: ServerResponse) => void) => {
	let sent = 0;
	const server = createServer((_, response) => {
		head(response);
		const more = () => {
			while (!response.destroyed) {
				sent += chunk.length;
				if (!response.write(chunk)) return response.once('drain', more);
			}
			return response;
		};
		more();
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent: () => sent};
};
const endpoint = (url: string) => ({host: 'github.com', apiUrl: url, graphqlUrl: `${url}/graphql`, token: 'ghp_x'});
const megabyte = 1024 * 1024;

test('an answer of the API, a refusal of a download and of a status are read up to a limit', async t => {
	for (const status of [200, 403]) {
		const server = await endless(t, response => response.writeHead(status, {'content-type': 'application/json'}));
		const transport = createTransport({
			endpoint: endpoint(server.url),
			clock: realClock,
			timeoutMs: patienceMs,
			bytesAtMost: 4 * megabyte,
		});
		await assert.rejects(
			transport.send({method: 'GET', url: `${server.url}/x`}),
			(error: unknown) => error instanceof Trouble && error.evidence.kind === 'too-large',
		);
		assert.ok(server.sent() < 64 * megabyte, String(server.sent()));
	}
	const announced = await endless(t, response => response.writeHead(200, {'content-length': String(2 ** 40)}));
	await assert.rejects(
		createTransport({endpoint: endpoint(announced.url), clock: realClock, timeoutMs: patienceMs}).send({
			method: 'GET',
			url: `${announced.url}/x`,
		}),
		(error: unknown) => error instanceof Trouble && error.evidence.kind === 'too-large',
	);

	const refusing = await endless(t, response => response.writeHead(500));
	const downloader = createDownloader({endpoint: endpoint(refusing.url), clock: realClock, timeoutMs: patienceMs});
	await assert.rejects(
		downloader.fetch('/zip', megabyte, () => {}),
		(error: unknown) =>
			error instanceof Trouble && error.evidence.kind === 'http' && error.evidence.body.length === 2000,
	);
	assert.ok(refusing.sent() < 64 * megabyte);

	const posting = await endless(t, response => response.writeHead(422));
	const said = await postWord(
		globalThis.fetch,
		{statusesUrl: posting.url, runUrl: 'https://example.org', token: 'x'},
		'x',
		{kind: 'progress', state: 'pending', description: 'x', failed: null},
		() => 0,
	);
	assert.match(said.because ?? '', /^GitHub answered 422/);
	assert.ok(posting.sent() < 64 * megabyte);
});

test('the program ends with a sentence, in bounded memory, where a server in the place of GitHub never ends', async t => {
	const server = await endless(t, response => response.writeHead(200, {'content-type': 'application/json'}));
	const {home, env} = temporaryHome(t);
	const ended = await run(['status'], {
		cwd: home,
		env: {
			...env,
			GH_REPO: 'acme/shop',
			GH_TOKEN: 'ghp_x',
			GITHUB_API_URL: server.url,
			GITHUB_GRAPHQL_URL: `${server.url}/graphql`,
			NODE_OPTIONS: '--max-old-space-size=512',
		},
	});
	assert.notEqual(ended.exitCode, 0);
	assert.match(`${ended.stdout}${ended.stderr}`, /answered with more than 32 MB/);
	assert.ok(server.sent() < 1024 * megabyte, String(server.sent()));
});

test('a list that never ends is ended', async t => {
	const directory = mkdtempSync(join(tmpdir(), 'endless-'));
	t.after(() => rmSync(directory, {recursive: true, force: true}));
	const script = join(directory, 'rollback.sh');
	writeFileSync(script, '#!/bin/sh\nexec yes "deployctl/1 2026-11-23T03:20:32Z +0.057 note release id=a"\n');
	chmodSync(script, 0o755);
	assert.deepEqual(
		await listReleases(script, 'staging', {
			directory,
			env: {PATH: process.env['PATH']},
			clock: realClock,
			timeoutMs: patienceMs,
		}),
		{ok: false, because: 'the list of releases is longer than 4 MB'},
	);
});

test('a file of a checkout that is a device, a pipe or too large is not read to its end, and a command says so', async t => {
	const {home, env} = temporaryHome(t);
	const cwd = join(home, 'checkout');
	mkdirSync(join(cwd, '.git'), {recursive: true});
	mkdirSync(join(cwd, '.github/workflows'), {recursive: true});
	mkdirSync(join(cwd, 'scripts'));
	writeFileSync(join(cwd, '.git/HEAD'), 'ref: refs/heads/develop\n');
	execFileSync('mkfifo', [join(home, 'pipe')]);
	for (const path of ['/dev/zero', join(home, 'pipe')])
		await assert.rejects(readBounded(path, 1000), /not a regular file/);
	writeFileSync(join(home, 'large'), Buffer.alloc(2000));
	await assert.rejects(readBounded(join(home, 'large'), 1000), /larger than/);
	assert.equal((await readBounded(join(home, 'large'), 2000)).length, 2000);
	for (const target of ['/dev/zero', join(home, 'pipe')]) {
		symlinkSync(target, join(cwd, 'deployctl.yml'));
		const status = await run(['status'], {cwd, env});
		assert.deepEqual(
			[status.exitCode, /deployctl\.yml cannot be read/.test(status.stderr)],
			[2, true],
			status.stderr,
		);
		rmSync(join(cwd, 'deployctl.yml'));
		for (const path of [
			'.git/config',
			'.github/workflows/x.yml',
			'scripts/deploy.staging.conf',
			'scripts/deploy.sh',
		]) {
			symlinkSync(target, join(cwd, path));
			const doctor = await run(['doctor', '--offline', '--only', 'scripts,workflows,repository'], {cwd, env});
			assert.ok([0, 1].includes(doctor.exitCode ?? -1), `${path}: ${doctor.exitCode} ${doctor.stderr}`);
			rmSync(join(cwd, path));
		}
	}
});
