// One server that stands for many applications without starting any: GET /DIRECTORY/health answers for whatever DIRECTORY/current
// is at that moment. The release's file `behaviour` may say health=503, silent (no X-Release), or say=TEXT (another X-Release).
// Prints its port.
import {readFileSync, realpathSync} from 'node:fs';
import {createServer} from 'node:http';
import {basename, dirname, join} from 'node:path';

const server = createServer((request, response) => {
	const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
	try {
		const release = realpathSync(join(dirname(path), 'current'));
		let behaviour = '';
		try {
			behaviour = readFileSync(join(release, 'behaviour'), 'utf8');
		} catch {
			// Good.
		}
		const said = /say=(\S+)/.exec(behaviour)?.[1] ?? basename(release);
		if (!behaviour.includes('silent')) response.setHeader('x-release', said);
		response.writeHead(path.endsWith('/health') ? Number(/health=(\d+)/.exec(behaviour)?.[1] ?? 200) : 200);
		response.end(`version ${said}\n`);
	} catch {
		response.writeHead(502).end();
	}
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
