// A small application to deploy: says which release it is, can be slow, ill, or fail to start.
//
// What its release wants stands in `behaviour` in its directory, words separated by spaces:
//   boot=MS  health=503  start=fail  sick-after=MS  silent (no X-Release)
import {readFileSync, realpathSync} from 'node:fs';
import {createServer} from 'node:http';
import {basename} from 'node:path';

const directory = realpathSync(process.cwd());
const read = (name, otherwise) => {
	try {
		return readFileSync(`${directory}/${name}`, 'utf8').trim();
	} catch {
		return otherwise;
	}
};
const behaviour = Object.fromEntries(
	read('behaviour', '')
		.split(/\s+/)
		.map(word => word.split('=')),
);
const release = process.env.RELEASE_NAME ?? basename(directory);
const port = Number(process.env.PORT);
if (behaviour.start === 'fail') process.exit(3);

let active = 0;
let last = 0;
let isDraining = false;
const began = Date.now();
const server = createServer((request, response) => {
	active++;
	last = Date.now();
	response.on('close', () => {
		active--;
		last = Date.now();
	});
	if (!('silent' in behaviour)) response.setHeader('x-release', release);
	if (isDraining) response.setHeader('connection', 'close');
	const {pathname, searchParams} = new URL(request.url, 'http://localhost');
	const isIll =
		isDraining ||
		'health' in behaviour ||
		('sick-after' in behaviour && Date.now() - began > Number(behaviour['sick-after']));
	const answer = () => {
		if (pathname === '/health') response.writeHead(isIll ? 503 : 200);
		response.end(pathname === '/version' ? read('version', release) : `${release}\n`);
	};
	request.resume();
	request.on('end', () => setTimeout(answer, Number(searchParams.get('wait') ?? 0)));
});
// Longer than any proxy keeps its own side: the proxy closes first, and never sends into a closing connection.
server.keepAliveTimeout = 75_000;
setTimeout(() => server.listen(port, '127.0.0.1'), Number(behaviour.boot ?? 0));

// Stop accepting, finish what is on its way, then go; a connection that never carried a request is not idle for Node.
process.on('SIGTERM', () => {
	isDraining = true;
	server.close(() => process.exit(0));
	setInterval(() => {
		server.closeIdleConnections();
		if (active === 0 && Date.now() - last > 200) server.closeAllConnections();
	}, 20);
	setTimeout(() => process.exit(0), 5000);
	if (!server.listening) process.exit(0);
});

// Nobody's application lives for ever, should a test be killed.
setTimeout(() => process.exit(0), 600_000).unref();
