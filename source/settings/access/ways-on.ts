/** Where somebody can go who has nothing yet: no repository, no token, no configuration. */
import type {Way} from '../../errors.ts';

/** The same three wherever the first contact ends. */
export const waysOn: readonly Way[] = [
	['deployctl demo', 'try it against a simulated GitHub: no repository, no token'],
	['gh auth login', 'sign in to GitHub'],
	['deployctl init', 'in a checkout: set up its workflows and scripts'],
];
