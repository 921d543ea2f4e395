/**
Where artifacts lie: addresses beside the API that need no token and hold for a minute. And the way in, which only
jobs have on GitHub and no API offers: `POST …/_artifacts/RUN/NAME`, the file's text as the body; `?file=` names it within the zip,
`?days=` says how long it is kept.
*/
import {resultFile} from '../core/test-results.ts';
import {uploadArtifact} from './artifacts.ts';
import type {Incoming, Outgoing} from './answer.ts';
import type {Simulation} from './simulation.ts';

/** null: not an address of the storage. */
export function answerStorage(simulation: Simulation, request: Incoming, url: URL, headers: Readonly<Record<string, string>>, now: number): Outgoing | null {
	const found = /\/_artifacts\/(\d+)(?:\/([^/]+))?$/.exec(url.pathname);
	if (!found) {
		return null;
	}
	const [, id, name] = found;
	const {state} = simulation;
	const empty = (status: number): Outgoing => ({status, headers: {...headers}, body: ''});
	if (request.method === 'POST' && name !== undefined) {
		if (!state.runs.has(Number(id))) {
			return empty(404);
		}
		const made = simulation.act(engine => uploadArtifact(engine.state, engine.state.runs.get(Number(id))!, decodeURIComponent(name), {[url.searchParams.get('file') ?? resultFile]: request.body}, Number(url.searchParams.get('days') ?? 90)));
		return made ? {status: 201, headers: {...headers}, body: JSON.stringify({id: made.id})} : empty(409);
	}
	if (Number(url.searchParams.get('expires')) < now) {
		return empty(403);
	}
	const artifact = state.artifacts.get(Number(id));
	return artifact ? {status: 200, headers: {...headers, 'content-type': 'application/zip'}, body: '', bytes: artifact.zip} : empty(404);
}
