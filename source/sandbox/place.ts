/** Where the sandbox lies, and which ports it uses. Known before anything of it runs: the screen is to know the addresses from its first frame. */
import {randomBytes} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {lastBeatAt} from './heartbeat.ts';
import {freePorts} from './ports.ts';

export const sandboxEnvironments = ['staging', 'production'] as const;
export type SandboxEnvironment = (typeof sandboxEnvironments)[number];

/** `front` is the proxy that users talk to, the others are the two releases behind it. */
export type EnvironmentPorts = {front: number; blue: number; green: number};

/** What is remembered of a sandbox as long as it lives. */
type Remembered = {
	/** Its processes know it by this name: those of one that was ended never mistake the next for their own. */
	life: string;
	ports: Readonly<Record<SandboxEnvironment, EnvironmentPorts>>;
};

export type SandboxPlace = Remembered & {
	/** Everything is below it. */
	folder: string;
	/** Where one works by hand: `scripts/`, with their `deploy.ENV.conf`. */
	checkout: string;
	/** What the scripts take for the hosts: of this life alone, so that no script that was left at work in an earlier one gets in the way. */
	hosts: string;
	/** Touched by the demo. */
	heartbeat: string;
	/** Nobody was here, or the last one said good-bye: everything is made anew. Otherwise what is there goes on. */
	isFresh: boolean;
};

const lifeFile = (folder: string): string => join(folder, 'life.json');
const heartbeatOf = (folder: string, life: string): string => join(folder, `heartbeat-${life}`);

const isPort = (value: unknown): boolean =>
	Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;

/** null: there is none, it has been ended, or the file is not ours. */
const remembered = (folder: string): Remembered | null => {
	try {
		const {life, ports} = JSON.parse(readFileSync(lifeFile(folder), 'utf8')) as Remembered;
		const isOurs =
			/^[0-9a-f]{8}$/.test(life) &&
			sandboxEnvironments.every(name => [ports[name].front, ports[name].blue, ports[name].green].every(isPort));
		return isOurs && lastBeatAt(heartbeatOf(folder, life)) !== null ? {life, ports} : null;
	} catch {
		return null;
	}
};

const begun = async (): Promise<Remembered> => {
	const [staging, production] = [await freePorts(3), await freePorts(3)].map(
		([front = 0, blue = 0, green = 0]): EnvironmentPorts => ({front, blue, green}),
	);
	return {life: randomBytes(4).toString('hex'), ports: {staging: staging!, production: production!}};
};

/** Once everything is in its place: a sandbox that was never finished is made anew. */
export const rememberPlace = ({folder, life, ports}: SandboxPlace): void =>
	writeFileSync(lifeFile(folder), JSON.stringify({life, ports}));

/** Writes nothing. Rejects when this machine has no port to give. */
export const findPlace = async (folder: string): Promise<SandboxPlace> => {
	const known = remembered(folder);
	const {life, ports} = known ?? (await begun());
	return {
		folder,
		checkout: join(folder, 'checkout'),
		hosts: join(folder, `hosts-${life}`),
		heartbeat: heartbeatOf(folder, life),
		life,
		ports,
		isFresh: known === null,
	};
};
