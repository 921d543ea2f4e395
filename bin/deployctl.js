#!/usr/bin/env node
// The first file that runs. Plain old JavaScript, so that even a very old Node.js gets as far as the sentence below,
// and nothing is loaded that the next step does not need: `deployctl --version` costs as much as starting Node.js.
/* eslint-disable no-var */
'use strict';

var VERSION = '0.1.0';
// From 22.13 on SQLite, which keeps our locks, needs no flag.
var NEEDED = [22, 13];

var USAGE = 2;
var BUG = 70;

function say(sentence) {
	process.stderr.write(sentence + '\n');
}

function printVersion() {
	try {
		require('fs').writeSync(1, VERSION + '\n');
	} catch (error) {
		process.stdout.write(VERSION + '\n');
	}
}

function start() {
	var skeleton = require('./skeleton.js');
	var nodeModule = require('module');
	// What lies there is run: made and checked before Node.js would make it as the umask says.
	var compiled = nodeModule.enableCompileCache ? skeleton.ownFolder('compiled') : null;
	if (compiled !== null) {
		nodeModule.enableCompileCache(compiled);
	}
	var screen = skeleton.show(VERSION, process.argv.slice(2));
	import('../dist/cli.js')
		.then(function (cli) {
			return cli.main(process.argv.slice(2), screen);
		})
		.catch(function (error) {
			screen.restore();
			if (error && error.code === 'ERR_MODULE_NOT_FOUND' && /dist[/\\]cli\.js/.test(error.message)) {
				say(
					'deployctl is not built yet: ' +
						require('path').join(__dirname, '..', 'dist') +
						' is missing. Run `npm run build` first.',
				);
				process.exit(USAGE);
			}
			say('deployctl met a bug of its own: ' + ((error && error.stack) || error));
			process.exit(BUG);
		});
}

function isOld() {
	var parts = process.versions.node.split('.').map(Number);
	return parts[0] < NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] < NEEDED[1]);
}

if (isOld()) {
	say(
		'deployctl needs Node.js ' +
			NEEDED.join('.') +
			' or newer; this is ' +
			process.version +
			' (' +
			process.execPath +
			'). Install a newer Node.js, or run it as "npm start" inside this repository.',
	);
	process.exitCode = USAGE;
} else if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-v')) {
	printVersion();
} else {
	start();
}
