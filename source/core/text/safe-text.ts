/** Text from outside as it may be shown and kept: the one place that says in which order secrets and control characters are taken out. */
import {maskerFor} from './mask.ts';
import {sanitise} from './sanitise.ts';

const noSecrets: readonly string[] = [];

/**
One safe line of at most `limit` UTF-16 units, without secrets. Masked while the lines are still lines (a private key has many), and
again when everything that can hide a value between its characters is gone; cut last, as half a secret is not recognised.
@param secrets the known ones; what looks like one is masked in any case
*/
export const safeText = (text: string, limit = 300, secrets: readonly string[] = noSecrets): string => {
	const masker = maskerFor(secrets);
	// A message may be megabytes.
	const most = limit * 4;
	const shown = sanitise(masker.text(text.slice(0, most)), most);
	const safe = masker.text(shown);
	// A secret that was cut in two just now would stand at the end.
	return text.length <= most
		? sanitise(safe, limit)
		: sanitise(`${safe.slice(0, Math.max(0, safe.length - masker.longest))}…`, limit);
};
