/** Ink tells nobody what it drew. One line in its private renderer hands each frame to `options.onFrame`: for the skeleton. */
import {readFileSync} from 'node:fs';
import type {Plugin} from 'esbuild';

const place = 'this.renderFrame(output, outputHeight, staticOutput);';

export const frameTap: Plugin = {
	name: 'frame-tap',
	setup(hooks) {
		hooks.onLoad({filter: /[/\\]node_modules[/\\]ink[/\\]build[/\\]ink\.js$/}, ({path}) => {
			const text = readFileSync(path, 'utf8');
			return text.split(place).length === 2
				? {contents: text.replace(place, `this.options.onFrame?.(output);\n        ${place}`), loader: 'js'}
				: {warnings: [{text: 'Ink changed: no skeleton will be kept (see .ci/frame-tap-plugin.ts)'}]};
		});
	},
};
