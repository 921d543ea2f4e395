/** Ports that nobody uses now, on loopback. */
import {randomInt} from 'node:crypto';
import {createServer, type AddressInfo, type Server} from 'node:net';

/** Below those that systems give away by themselves (Linux from 32768, others from 49152): a port is not taken by whoever comes next. */
const [from, below] = [20_000, 32_000];

/** @param port 0: any */
const listening = (port: number) =>
	new Promise<Server>((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(server));
	});

const held = async (): Promise<Server> => {
	for (let tries = 0; tries < 20; tries++) {
		const server = await listening(randomInt(from, below)).catch(() => null);
		if (server !== null) return server;
	}
	return listening(0);
};

/** All held at once before any is given back, so that they differ. */
export const freePorts = async (count: number): Promise<number[]> => {
	const servers = await Promise.all(Array.from({length: count}, held));
	const ports = servers.map(server => (server.address() as AddressInfo).port);
	await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
	return ports;
};
