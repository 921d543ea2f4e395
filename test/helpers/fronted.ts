/** A blue-green application behind a real front (nginx, or the proxy of the templates), deployed by the real scripts, under constant load. */
import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {Agent, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {freePorts} from '../../source/sandbox/ports.ts';
import {patienceMs, until} from './patience.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const nginx =
	['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(existsSync) ?? null;

/** Real directories by their real path, and no reload: no client's connection is ever closed for a switch. Started as root, its workers would be somebody who may not look into our folder. */
const nginxConf = (root: string, folder: string, port: number, [blue, green]: readonly number[]) => `
${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; daemon off;
events { worker_connections 512; }
http {
	access_log off; keepalive_requests 100000;
	client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
	upstream blue { server 127.0.0.1:${blue} max_fails=0; keepalive 32; }
	upstream green { server 127.0.0.1:${green} max_fails=0; keepalive 32; }
	map $realpath_root $pool { ~/traffic/green$ green; default blue; }
	server { listen 127.0.0.1:${port}; root ${root}/active; location / { proxy_pass http://$pool; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
`;

/** `validatedMs`: from the invocation until the script said that the release is healthy; null: it never did. */
export type Call = {
	exit: number | null;
	result: string | null;
	tookMs: number;
	validatedMs: number | null;
	output: string;
};
export type Load = {sent: number; failures: readonly string[]};

export const openFronted = async (front: 'nginx' | 'proxy') => {
	const folder = mkdtempSync(join(tmpdir(), 'fronted-'));
	const [repository, root] = [join(folder, 'repository'), join(folder, 'root')];
	const [port, blue, green] = await freePorts(3);
	const script = (name: string) => join(repository, 'scripts', name);
	mkdirSync(root, {recursive: true});
	cpSync(here('../../source/templates/scripts'), join(repository, 'scripts'), {recursive: true});
	for (const name of ['deploy.sh', 'rollback.sh']) chmodSync(script(name), 0o755);
	cpSync(here('../scripts/app.mjs'), join(repository, 'app.mjs'));
	writeFileSync(
		join(repository, 'build.sh'),
		`#!/bin/bash\ncp '${join(repository, 'app.mjs')}' "$OUT/"\n[ ! -e "${repository}/behaviour-$SHA" ] || cp "${repository}/behaviour-$SHA" "$OUT/behaviour"\n`,
	);
	writeFileSync(
		script('deploy.staging.conf'),
		[
			`ROOT=${root}`,
			'MODE=blue-green',
			`PORTS=${blue},${green}`,
			`TRAFFIC=${front === 'nginx' ? 'symlink' : 'proxy'}`,
			...(front === 'proxy' ? [`TRAFFIC_FILE=${root}/traffic-file`] : []),
			`START_CMD=exec '${process.execPath}' app.mjs`,
			'HEALTH_URL=http://127.0.0.1:{port}/health',
			`FRONT_URL=http://127.0.0.1:${port}/health`,
			'HEALTH_DEADLINE=5',
			`BUILD_CMD=bash '${join(repository, 'build.sh')}'`,
			'',
		].join('\n'),
	);
	const children: ChildProcess[] = [];
	const start = (command: string, ...args: readonly string[]) => {
		const child = spawn(command, args, {stdio: 'ignore'});
		children.push(child);
		return child;
	};
	if (front === 'nginx') {
		mkdirSync(join(root, 'traffic', 'blue'), {recursive: true});
		mkdirSync(join(root, 'traffic', 'green'), {recursive: true});
		const file = join(folder, 'nginx.conf');
		writeFileSync(file, nginxConf(root, folder, port!, [blue!, green!]));
		start(nginx!, '-p', folder, '-c', file, '-e', join(folder, 'error.log'));
	} else {
		writeFileSync(join(root, 'traffic-file'), '');
		start(
			process.execPath,
			here('../../source/templates/scripts/deployctl/traffic-proxy.mjs'),
			join(root, 'traffic-file'),
			String(port),
		);
	}

	const call = (name: 'deploy.sh' | 'rollback.sh', ...args: readonly string[]): Promise<Call> =>
		new Promise(resolve => {
			const began = performance.now();
			let output = '';
			let validatedMs: number | null = null;
			const child = spawn(script(name), ['--env', 'staging', ...args], {stdio: ['ignore', 'pipe', 'pipe']});
			child.stdout.on('data', (data: Buffer) => {
				output += data.toString();
				if (validatedMs === null && output.includes(' ok verify')) validatedMs = performance.now() - began;
			});
			child.stderr.on('data', (data: Buffer) => {
				output += data.toString();
			});
			child.on('close', exit =>
				resolve({
					exit,
					result: / end .* result=(\S+)/.exec(output)?.[1] ?? null,
					tookMs: performance.now() - began,
					validatedMs,
					output,
				}),
			);
		});

	const ask = (agent: Agent, method: string, path: string): Promise<string | null> =>
		new Promise(resolve => {
			const asked = request({host: '127.0.0.1', port, method, path, agent, timeout: patienceMs}, response => {
				response.resume();
				response
					.on('end', () =>
						resolve(response.statusCode === 200 ? null : `${method} ${path}: ${response.statusCode}`),
					)
					.on('error', error => resolve(`${method} ${path}: ${error.message}`));
			});
			asked
				.on('timeout', () => asked.destroy(new Error('time-out')))
				.on('error', (error: NodeJS.ErrnoException) =>
					resolve(`${method} ${path}: ${asked.reusedSocket ? 'reused ' : ''}${error.code ?? error.message}`),
				);
			asked.end(method === 'POST' ? 'x'.repeat(200) : undefined);
		});

	/** Sixteen clients that keep their connections: quick GETs, slow GETs of 300 ms, POSTs; each sends its next request when the last is answered. */
	const load = () => {
		const over = new AbortController();
		let sent = 0;
		const failures: string[] = [];
		const client = async (method: string, path: string) => {
			const agent = new Agent({keepAlive: true, maxSockets: 1});
			while (!over.signal.aborted) {
				sent++;
				const failure = await ask(agent, method, path);
				if (failure !== null) failures.push(failure);
			}
			agent.destroy();
		};
		const clients = [
			...Array.from({length: 8}, () => client('GET', '/')),
			...Array.from({length: 4}, () => client('GET', '/?wait=300')),
			...Array.from({length: 4}, () => client('POST', '/')),
		];
		return async (): Promise<Load> => {
			over.abort();
			await Promise.all(clients);
			return {sent, failures};
		};
	};

	return {
		folder,
		root,
		load,
		deploy: (sha: string, ...more: readonly string[]) => call('deploy.sh', '--sha', sha, ...more),
		rollback: (...more: readonly string[]) => call('rollback.sh', ...more),
		behave: (sha: string, behaviour: string) => writeFileSync(join(repository, `behaviour-${sha}`), behaviour),
		/** The front is up: it answers, whatever it says before the first release. */
		ready: () =>
			until('the front answers', async () => {
				const agent = new Agent();
				const answer = await ask(agent, 'GET', '/health');
				agent.destroy();
				return answer === null || /: \d{3}$/.test(answer);
			}),
		liveSha: () => {
			try {
				return readFileSync(join(root, '.deployctl', 'history'), 'utf8');
			} catch {
				return '';
			}
		},
		close() {
			const slots = join(root, '.deployctl', 'slots');
			for (const name of existsSync(slots)
				? readdirSync(slots, {recursive: true, encoding: 'utf8'}).filter(each => each.endsWith('.pid'))
				: []) {
				const pid = Number(/^\d+/.exec(readFileSync(join(slots, name), 'utf8'))?.[0] ?? Number.NaN);
				if (pid > 1) spawnSync('kill', ['-KILL', '--', `-${pid}`]);
			}
			for (const child of children) child.kill(front === 'nginx' ? 'SIGQUIT' : 'SIGKILL');
			rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 50});
		},
	};
};
