/** A process that dies at any step of its writing: from that call on nothing reaches the disk, and of a large piece that was being written one half. */
import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';

const writing = [
	'openSync',
	'writeSync',
	'fsyncSync',
	'fchmodSync',
	'renameSync',
	'rmSync',
	'rmdirSync',
	'mkdirSync',
] as const;

/** Counts writing calls. At the given one (from 1) `die` is called, and nothing is written any more until `revive`. */
export const mortalDisk = (die: () => never) => {
	const originals = Object.fromEntries(writing.map(name => [name, fs[name]])) as Record<
		string,
		(...all: unknown[]) => unknown
	>;
	let count = 0;
	let deadly = Number.POSITIVE_INFINITY;
	for (const name of writing) {
		Object.assign(fs, {
			[name](...all: unknown[]) {
				count += 1;
				if (count === deadly && name === 'writeSync') {
					const bytes = Buffer.from(all[1] as string | Uint8Array);
					// The kernel writes less than a sector in one go.
					if (bytes.length > 512) originals[name]!(all[0], bytes.subarray(0, Math.floor(bytes.length / 2)));
				}
				return count >= deadly ? die() : originals[name]!(...all);
			},
		});
	}
	syncBuiltinESMExports();
	return {
		dieAt(step: number) {
			[count, deadly] = [0, step];
		},
		/** Whether it had died. */
		revive(): boolean {
			const hadDied = count >= deadly;
			deadly = Number.POSITIVE_INFINITY;
			return hadDied;
		},
	};
};
