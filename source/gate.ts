/**
The production gate as one file, `gate.mjs`: what a workflow keeps a copy of, and starts by its digest. Its one command is that of the
whole program, with the same flags, words and exit codes.
*/
import {main} from './cli.tsx';
import {exitCodes} from './errors.ts';

const [command, ...rest] = process.argv.slice(2);
if (command === 'gate' || (command === '--version' && rest.length === 0)) {
	await main([command, ...rest], {skeletonShown: false});
} else {
	process.stderr.write(
		'This file is the production gate alone: node gate.mjs gate --landed --sha SHA. Everything else is deployctl itself.\n',
	);
	process.exitCode = exitCodes.usage;
}
