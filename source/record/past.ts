/** What was recorded before this program began: the newest changes, for the list of events. */
import type {Change} from '../core/snapshot/changes.ts';
import {recordFiles} from './files.ts';
import {entriesOf} from './read.ts';

/** No more files than these are opened for it: it must cost nothing that anybody notices. */
const filesAtMost = 3;
const bytesAtMost = 12 * 1024 * 1024;

const keyOf = ({kind, sha, subject, status, text}: Change): string => [kind, sha, subject, status, text].join('\n');

/** Oldest first; nothing where the record cannot be read. A demo lives its time again and again: it has no past. */
export const pastChanges = async (
	directory: string,
	before: number,
	atMost: number,
	isDemo: boolean,
): Promise<readonly Change[]> => {
	if (isDemo) return [];
	const changes = new Map<string, Change>();
	try {
		const files = (await recordFiles(directory))
			.filter(({beganAt, bytes}) => beganAt < before && bytes <= bytesAtMost)
			.slice(-filesAtMost);
		for (const {path} of files) {
			for await (const entry of entriesOf(path, {damaged: 0}, true))
				if (entry.kind === 'change' && entry.wall < before) changes.set(keyOf(entry.change), entry.change);
		}
	} catch {
		// The past is a courtesy.
		return [];
	}
	return [...changes.values()].sort((one, other) => one.at - other.at).slice(-atMost);
};
