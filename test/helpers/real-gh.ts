/**
The real `gh` against the simulator. It is told to speak plain HTTP over a Unix socket, whatever host it asks; behind the socket every
name is the simulator's API, but for the one under which the files lie. So it believes that it talks to github.com, and its own
rules about which host gets a token hold. Configuration, cache and home are folders of the test.
*/
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {execa, execaSync} from 'execa';
import type {Simulator} from '../../source/simulator/server.ts';
import {patienceMs} from './patience.ts';

const found = execaSync('gh', ['--version'], {reject: false});
/** Why tests with `gh` are skipped; false: it is here. */
export const withoutGh: string | false = found.failed ? 'gh is not installed' : false;

export type Passed = {method: string; host: string; path: string; isAuthorised: boolean; status: number};
export type GhAnswer = {code: number; out: string; err: string};
export type RealGh = {
	/** Everything it asked, in order. */
	passed: Passed[];
	run(
		args: readonly string[],
		more?: {cwd?: string; env?: Readonly<Record<string, string>>; input?: string},
	): Promise<GhAnswer>;
};

/** Every name leads to the simulator, and the origin of its files to these. */
const relay = (simulator: Simulator, passed: Passed[]) => {
	const api = new URL(simulator.url);
	const storage = new URL(simulator.storageUrl);
	return createServer((incoming, outgoing) => {
		const host = incoming.headers.host ?? '';
		const to = host === storage.host ? storage.port : api.port;
		const seen: Passed = {
			method: incoming.method!,
			host,
			path: incoming.url!,
			isAuthorised: incoming.headers.authorization !== undefined,
			status: 0,
		};
		passed.push(seen);
		const headers = {...incoming.headers, 'x-forwarded-proto': 'https'};
		const forward = request(
			{host: '127.0.0.1', port: to, method: incoming.method!, path: incoming.url!, headers},
			answer => {
				seen.status = answer.statusCode!;
				outgoing.writeHead(answer.statusCode!, answer.headers);
				answer.pipe(outgoing);
			},
		);
		forward.on('error', () => outgoing.destroy());
		incoming.pipe(forward);
	});
};

/** A classic token with the scopes that `gh` says it needs at least, and the one for workflows. */
export const ghToken = 'sim_classic:repo,workflow,read:org,gist';

/** @param token null: it has none */
export const realGh = async (
	t: Pick<TestContext, 'after'>,
	simulator: Simulator,
	token: string | null = ghToken,
): Promise<RealGh> => {
	const home = mkdtempSync(join(tmpdir(), 'gh-'));
	const passed: Passed[] = [];
	const server = relay(simulator, passed);
	const socket = join(home, 'socket');
	await new Promise<void>(resolve => server.listen(socket, resolve));
	t.after(() => {
		server.closeAllConnections();
		server.close();
		rmSync(home, {recursive: true, force: true});
	});
	for (const folder of ['config', 'tmp']) mkdirSync(join(home, folder));
	writeFileSync(join(home, 'config', 'config.yml'), `http_unix_socket: ${socket}\nprompt: disabled\n`);
	const env = {
		PATH: process.env['PATH'] ?? '',
		HOME: home,
		XDG_CACHE_HOME: join(home, 'cache'),
		XDG_STATE_HOME: join(home, 'state'),
		TMPDIR: join(home, 'tmp'),
		GH_CONFIG_DIR: join(home, 'config'),
		GH_REPO: 'acme/auto-author',
		GH_NO_UPDATE_NOTIFIER: '1',
		GH_PROMPT_DISABLED: '1',
		NO_COLOR: '1',
		GIT_CONFIG_NOSYSTEM: '1',
		...(token !== null && {GH_TOKEN: token}),
	};
	return {
		passed,
		async run(args, {cwd = home, env: own = {}, input = ''} = {}) {
			const {exitCode, stdout, stderr} = await execa('gh', args, {
				cwd,
				env: {...env, ...own},
				extendEnv: false,
				reject: false,
				input,
				timeout: 2 * patienceMs,
			});
			return {code: exitCode ?? -1, out: stdout, err: stderr};
		},
	};
};
