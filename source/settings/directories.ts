/** Where a program may keep things, per platform: the XDG base directories, Apple's Library, Windows' AppData. */
import {posix, win32} from 'node:path';

export type Directories = {
	/** The person's preferences. */
	config: string;
	/** What must survive but is nobody's preference: journals, logs, locks of this machine. */
	state: string;
	/** What can be fetched again. */
	cache: string;
};

export type Machine = {platform: NodeJS.Platform; env: Readonly<Record<string, string | undefined>>; home: string};

const name = 'deployctl';

/** The XDG specification: a relative path is invalid and to be ignored. */
const xdg = ({env}: Machine, variable: string): string | null => {
	const value = env[variable];
	return value !== undefined && posix.isAbsolute(value) ? posix.join(value, name) : null;
};

const onWindows = ({env, home}: Machine): Directories => {
	const folder = (variable: string, otherwise: string) => {
		const value = env[variable];
		return value !== undefined && win32.isAbsolute(value) ? value : win32.join(home, 'AppData', otherwise);
	};

	const [roaming, local] = [folder('APPDATA', 'Roaming'), folder('LOCALAPPDATA', 'Local')];
	return {
		config: win32.join(roaming, name, 'Config'),
		state: win32.join(local, name, 'State'),
		cache: win32.join(local, name, 'Cache'),
	};
};

/** The folders of this program; none of them needs to exist. People who set XDG variables on macOS mean them. */
export const directoriesOf = (machine: Machine): Directories => {
	if (machine.platform === 'win32') {
		return onWindows(machine);
	}

	const {home, platform} = machine;
	const [config, state, cache] =
		platform === 'darwin'
			? (['Library/Preferences', 'Library/Application Support', 'Library/Caches'] as const)
			: (['.config', '.local/state', '.cache'] as const);
	return {
		config: xdg(machine, 'XDG_CONFIG_HOME') ?? posix.join(home, config, name),
		state: xdg(machine, 'XDG_STATE_HOME') ?? posix.join(home, state, name),
		cache: xdg(machine, 'XDG_CACHE_HOME') ?? posix.join(home, cache, name),
	};
};
