// Lets Node run our sources as they are: it strips types from .ts by itself; .tsx and .graphql need a hand.
import {readFileSync} from 'node:fs';
import {registerHooks} from 'node:module';
import {fileURLToPath} from 'node:url';
import {transformSync} from 'esbuild';

// Golden screens show local times of day.
process.env.TZ = 'UTC';

registerHooks({
	load(url, context, nextLoad) {
		if (url.endsWith('.tsx')) {
			const {code} = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
				loader: 'tsx',
				jsx: 'automatic',
				target: 'esnext',
				sourcemap: 'inline',
				sourcefile: fileURLToPath(url),
			});
			return {format: 'module', source: code, shortCircuit: true};
		}
		if (url.endsWith('.graphql')) {
			return {
				format: 'module',
				source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))};`,
				shortCircuit: true,
			};
		}
		return nextLoad(url, context);
	},
});
