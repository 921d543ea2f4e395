/** A proxy that tunnels and passes on, an authority of our own, and a server with its certificate: all on loopback. */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, request, type IncomingMessage, type RequestListener, type Server} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import {connect, type AddressInfo, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';

type Test = Pick<TestContext, 'after'>;
/** `host:port` of a CONNECT, or the whole address of a request that is passed on; with what was said about who asks. */
export type Passed = {target: string; authorization: string | undefined};

const listening = async (server: Server, t: Test): Promise<number> => {
	const sockets = new Set<Socket>();
	server.on('connection', socket => {
		sockets.add(socket);
		socket.on('error', () => {}).on('close', () => sockets.delete(socket));
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return (server.address() as AddressInfo).port;
};

export const plainServer = async (t: Test, listener: RequestListener): Promise<number> =>
	listening(createServer(listener), t);

const passedOf = ({url = '', headers}: IncomingMessage): Passed => ({
	target: url,
	authorization: headers['proxy-authorization'],
});

/** Leads every name to `port` of loopback. `refuse`: the status it answers a CONNECT with; `isSilent`: it answers nothing. */
export const startProxy = async (
	t: Test,
	{port, refuse, isSilent = false}: {port: number; refuse?: number; isSilent?: boolean},
): Promise<{port: number; passed: Passed[]}> => {
	const passed: Passed[] = [];
	const server = createServer((asked, answer) => {
		passed.push(passedOf(asked));
		const {pathname, search} = new URL(asked.url ?? '/', 'http://unknown.invalid');
		const onward = request(
			{host: '127.0.0.1', port, method: asked.method, path: `${pathname}${search}`, headers: asked.headers},
			response => {
				answer.writeHead(response.statusCode ?? 502, response.headers);
				response.pipe(answer);
			},
		);
		onward.on('error', () => answer.writeHead(502).end('no way'));
		asked.pipe(onward);
	});
	server.on('connect', (asked, socket: Socket) => {
		passed.push(passedOf(asked));
		if (isSilent) return;
		if (refuse !== undefined) {
			socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
			return;
		}
		const onward = connect(port, '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			onward.pipe(socket).pipe(onward);
		});
		onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
		socket.on('close', () => onward.destroy());
	});
	return {port: await listening(server, t), passed};
};

/** An authority that nobody knows; `cert` and `key` are of a server with these names. */
export const ownAuthority = (t: Test, names: readonly string[]): {authority: string; cert: Buffer; key: Buffer} => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-authority-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const at = (name: string) => join(folder, name);
	const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, {stdio: 'ignore'});
	const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	openssl(
		'req',
		'-x509',
		...newKey,
		'-keyout',
		at('ca.key'),
		'-out',
		at('ca.pem'),
		'-days',
		'3650',
		'-subj',
		'/CN=Authority of a test',
	);
	openssl('req', ...newKey, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${names[0]}`);
	writeFileSync(at('names'), `subjectAltName=${names.map(name => `DNS:${name}`).join(',')}\n`);
	openssl(
		'x509',
		'-req',
		'-in',
		at('csr'),
		'-CA',
		at('ca.pem'),
		'-CAkey',
		at('ca.key'),
		'-CAcreateserial',
		'-out',
		at('cert'),
		'-days',
		'3650',
		'-extfile',
		at('names'),
	);
	return {authority: at('ca.pem'), cert: readFileSync(at('cert')), key: readFileSync(at('key'))};
};

export const secureServer = async (
	t: Test,
	{cert, key}: {cert: Buffer; key: Buffer},
	listener: RequestListener,
): Promise<number> => listening(createSecureServer({cert, key}, listener), t);
