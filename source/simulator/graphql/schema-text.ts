/** GitHub's official schema, whole. A module of its own so that the bundler can put the text itself here (descriptions taken out). */
import {readFileSync} from 'node:fs';

/** The package exports no path to its schema, only its entry, which lies beside it. */
export const readSchemaText = (): string =>
	readFileSync(new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema')), 'utf8');
