/** Pages of the repository on GitHub, built from its own host, owner and name and from numbers and SHAs that are checked: nothing that others wrote is in them. */
import type {Home} from './run-url.ts';

export type Pages = {
	/** `sha`: whole. null: it is none. */
	commit(sha: string): string | null;
	run(id: number): string | null;
	pull(number: number): string | null;
};

/** What a terminal and a browser may be given: http or https, printable ASCII alone, nobody's name and password. */
export const isPlainAddress = (text: string): boolean => {
	if (!/^https?:\/\/[!-~]{1,2000}$/.test(text)) return false;
	const url = URL.parse(text);
	return url !== null && url.username === '' && url.password === '';
};

const isNumber = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/** null where GitHub did not tell the repository's page, or told one that is not this repository's. */
export const pagesOf = ({repository, url}: Home): Pages | null => {
	const home = url === null || !isPlainAddress(url) ? null : URL.parse(url);
	if (
		home === null ||
		!/^[\w.-]+\/[\w.-]+$/.test(repository) ||
		home.pathname.toLowerCase() !== `/${repository.toLowerCase()}`
	)
		return null;
	const base = `${home.origin}${home.pathname}`;
	return {
		commit: sha => (/^[0-9a-f]{40}$/.test(sha) ? `${base}/commit/${sha}` : null),
		run: id => (isNumber(id) ? `${base}/actions/runs/${id}` : null),
		pull: number => (isNumber(number) ? `${base}/pull/${number}` : null),
	};
};
