/** Ports that nobody uses now, on loopback. */
import {createServer, type AddressInfo, type Server} from 'node:net';

const listening = () => new Promise<Server>((resolve, reject) => {
	const server = createServer();
	server.once('error', reject);
	server.listen(0, '127.0.0.1', () => resolve(server));
});

/** All held at once before any is given back, so that they differ. */
export const freePorts = async (count: number): Promise<number[]> => {
	const servers = await Promise.all(Array.from({length: count}, listening));
	const ports = servers.map(server => (server.address() as AddressInfo).port);
	await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
	return ports;
};
