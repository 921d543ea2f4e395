/** What scripts speak of, found by reading them: an unknown script is never run to find out. */
import {statSync} from 'node:fs';
import {dirname} from 'node:path';
import {type Environment, mentioned, type ScriptNeeds, withheldFrom} from '../../core/settings/child-environment.ts';
import {entriesBelow} from '../../settings/checkout/ownership.ts';
import {headOf} from './script-kind.ts';

/** A script that is longer says at its beginning what it needs; and so do as many files. */
const bytesRead = 256 * 1024;
const filesRead = 200;

const beginningOf = (path: string): string => {
	try {
		return statSync(path).isFile() ? headOf(path, bytesRead) : '';
	} catch {
		return '';
	}
};

/** Variables that are set here, that the script or what lies beside it speaks of, and that it is not given. `root`: of the checkout. */
export const missedBy = (script: string, root: string, env: Environment, needs: ScriptNeeds): readonly string[] => {
	const withheld = withheldFrom(env, needs);
	if (withheld.length === 0) return [];
	const beside =
		dirname(script) === root
			? []
			: entriesBelow(dirname(script)).filter(
					path => path !== script && /\.(?:sh|bash|py|rb|js|mjs|cjs|ts|conf|env)$/.test(path),
				);
	const spoken = new Set(
		[script, ...beside.slice(0, filesRead)].flatMap(path => mentioned(beginningOf(path), withheld)),
	);
	return withheld.filter(name => spoken.has(name));
};
