/** Releases and files, named in few characters. */
import type {ReleaseRef} from './release-ref.ts';

/** Seven digits of the commit where that is known; also what a typed phrase names. */
export const shortOf = ({release, sha}: ReleaseRef): string =>
	(sha ?? /^\d{14}-([0-9a-f]{7,40})$/.exec(release)?.[1] ?? release).slice(0, 7);
export const listed = (names: readonly string[]): string =>
	`${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
