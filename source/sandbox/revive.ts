/** A sandbox that was left, or whose machine was started anew: what does not run any more is started again, by the scripts themselves. */
import {readlinkSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {SandboxEnvironment, SandboxPlace} from './place.ts';

/** Id of the release that is live there; null: none is. */
export const liveRelease = ({hosts}: SandboxPlace, name: SandboxEnvironment): string | null => {
	try {
		return basename(readlinkSync(join(hosts, name, 'current')));
	} catch {
		return null;
	}
};

/** Whether the environment answers at all, well or not. */
export const answers = async ({ports}: SandboxPlace, name: SandboxEnvironment): Promise<boolean> => {
	try {
		const response = await fetch(`http://127.0.0.1:${ports[name].front}/version`, {
			signal: AbortSignal.timeout(1000),
		});
		await response.body?.cancel();
		return response.ok;
	} catch {
		return false;
	}
};
