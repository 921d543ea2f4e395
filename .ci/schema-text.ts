/**
 * The simulator answers from GitHub's official GraphQL schema. In the sources it reads 1.2 MB from a development
 * dependency; the bundle carries the same schema, every type and field of it, without the descriptions.
 */
import {readFileSync} from 'node:fs';
import type {Plugin} from 'esbuild';

/** Comments and descriptions only: block strings, and one-line strings that stand alone on their line. */
export const withoutDescriptions = (sdl: string) =>
	sdl
		.replaceAll(/^[ \t]*"""(?:[^"\\]|\\.|"(?!""))*"""[ \t]*\n/gm, '')
		.replaceAll(/^[ \t]*"(?:[^"\\\n]|\\.)*"[ \t]*\n/gm, '')
		.replaceAll(/^[ \t]*#.*\n/gm, '')
		.replaceAll(/^[ \t]+/gm, ' ')
		.replaceAll(/\n{2,}/g, '\n');

/** Takes 12 ms: not worth a cache. */
const slimSchema = () =>
	withoutDescriptions(
		readFileSync(new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema')), 'utf8'),
	);

/** `source/simulator/graphql/schema-text.ts` must export a string or a function that returns one, under the name that it has there. */
export const schemaText: Plugin = {
	name: 'schema-text',
	setup(hooks) {
		hooks.onLoad({filter: /[/\\]source[/\\]simulator[/\\]graphql[/\\]schema-text\.ts$/}, ({path}) => {
			const original = readFileSync(path, 'utf8');
			const asFunction = /export (?:const (\w+) = (?:async )?\(|(?:async )?function (\w+))/.exec(original);
			const asConstant = /export const (\w+)\b/.exec(original);
			const name = asFunction?.[1] ?? asFunction?.[2] ?? asConstant?.[1];
			if (name === undefined) {
				return {
					errors: [
						{text: 'schema-text.ts exports neither a constant nor a function: see .ci/schema-text.ts'},
					],
				};
			}
			const text = JSON.stringify(slimSchema());
			return {
				contents:
					asFunction === null
						? `export const ${name} = ${text};`
						: `const text = ${text};\nexport const ${name} = () => text;`,
				loader: 'js',
			};
		});
	},
};
