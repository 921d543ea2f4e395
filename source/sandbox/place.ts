/** Where the sandbox lies, and which ports it uses. Known before anything of it runs: the screen is to know the addresses from its first frame. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {lastBeatAt} from './heartbeat.ts';
import {freePorts} from './ports.ts';

export const sandboxEnvironments = ['staging', 'production'] as const;
export type SandboxEnvironment = (typeof sandboxEnvironments)[number];

/** `front` is the proxy that users talk to, the others are the two releases behind it. */
export type EnvironmentPorts = {front: number; blue: number; green: number};
export type SandboxPorts = Readonly<Record<SandboxEnvironment, EnvironmentPorts>>;

export type SandboxPlace = {
	/** Everything is below it. */
	folder: string;
	/** Where one works by hand: `scripts/`, `deploy.ENV.conf`. */
	checkout: string;
	ports: SandboxPorts;
	/** Nobody was here, or the last one said good-bye: everything is made anew. Otherwise what is there goes on. */
	isFresh: boolean;
};

export const portsFile = (folder: string): string => join(folder, 'ports.json');
export const checkoutOf = (folder: string): string => join(folder, 'checkout');

const isPort = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;

/** null: there are none, or a file that is not ours. */
const rememberedPorts = (folder: string): SandboxPorts | null => {
	try {
		const ports = JSON.parse(readFileSync(portsFile(folder), 'utf8')) as SandboxPorts;
		return sandboxEnvironments.every(name => [ports[name].front, ports[name].blue, ports[name].green].every(isPort)) ? ports : null;
	} catch {
		return null;
	}
};

const newPorts = async (): Promise<SandboxPorts> => {
	const [front = 0, blue = 0, green = 0, ...rest] = await freePorts(6);
	return {staging: {front, blue, green}, production: {front: rest[0]!, blue: rest[1]!, green: rest[2]!}};
};

/** Writes nothing. Rejects when this machine has no port to give. */
export const findPlace = async (folder: string): Promise<SandboxPlace> => {
	const remembered = lastBeatAt(folder) === null ? null : rememberedPorts(folder);
	return {folder, checkout: checkoutOf(folder), ports: remembered ?? await newPorts(), isFresh: remembered === null};
};
