/** A simulated GitHub behind a server that answers some questions by itself. */
import {request as ask, type RequestListener} from 'node:http';
import type {TestContext} from 'node:test';
import {simulated} from './program.ts';
import {plainServer} from './tunnel.ts';

/** `wrong`: whether it has answered. `env` leads the program there. */
export const fronted = async (t: TestContext, wrong: (...both: Parameters<RequestListener>) => boolean) => {
	const {simulator, env, home} = await simulated('quiet', t);
	const [rest, graphql] = [new URL(simulator.restUrl), new URL(simulator.graphqlUrl)];
	const port = await plainServer(t, (asked, answer) => {
		if (wrong(asked, answer)) return;
		asked.pipe(
			ask(
				{host: rest.hostname, port: rest.port, method: asked.method, path: asked.url, headers: asked.headers},
				response => {
					answer.writeHead(response.statusCode!, response.headers);
					response.pipe(answer);
				},
			),
		);
	});
	const here = (url: URL) => `http://127.0.0.1:${port}${url.pathname}`.replace(/\/$/, '');
	return {home, env: {...env, GITHUB_API_URL: here(rest), GITHUB_GRAPHQL_URL: here(graphql)}};
};
