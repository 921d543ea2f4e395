// The repository's own scripts are TypeScript that Node.js runs as it is. `npm ci` brings such a Node.js for the common
// platforms (see .ci/node); where it could not, this says so instead of "Unknown file extension".
'use strict';

var needed = [22, 18];
var found = process.versions.node.split('.').map(Number);
if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
	process.stderr.write(
		'The scripts of this repository need Node.js ' +
			needed.join('.') +
			' or newer; this is ' +
			process.version +
			' (' +
			process.execPath +
			'). npm ci brings its own for Linux, macOS and Windows unless optional packages are switched off; else install a newer Node.js.\n',
	);
	process.exit(2);
}
