/** What users of an environment talk to: the proxy of the templates, which sends them to one of the two releases behind it. */
import {spawn} from 'node:child_process';
import {closeSync, mkdirSync, openSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import type {Program} from './checkout.ts';
import type {SandboxEnvironment, SandboxPlace} from './place.ts';

const listens = (port: number) =>
	new Promise<boolean>(resolve => {
		const socket = connect(port, '127.0.0.1');
		socket
			.once('connect', () => resolve(true))
			.once('error', () => resolve(false))
			.once('close', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});

/** Starts it where it does not run. The scripts wait for its word before they count on it. */
export const startFront = async (
	place: SandboxPlace,
	{node, app}: Program,
	name: SandboxEnvironment,
	env: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
	if (!place.isFresh && (await listens(place.ports[name].front))) return;
	const root = join(place.hosts, name);
	mkdirSync(root, {recursive: true});
	const log = openSync(join(place.folder, `front-${name}.log`), 'a', 0o600);
	const [command, ...args] = [
		...node,
		app,
		place.heartbeat,
		'module',
		join(place.checkout, 'scripts', 'deployctl', 'traffic-proxy.mjs'),
		join(root, 'traffic'),
		String(place.ports[name].front),
	];
	spawn(command, args, {env, detached: true, stdio: ['ignore', log, log]})
		.once('error', () => {})
		.unref();
	closeSync(log);
};
