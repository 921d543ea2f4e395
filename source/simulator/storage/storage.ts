/**
Where artifacts and logs lie: an origin beside the API's, with addresses that hold for a minute. It goes by the signature in the
address alone, and refuses whoever brings a token along. And the way in, which only jobs have on GitHub and no API offers: `POST …/_artifacts/RUN/NAME`, the file's text as the body; `?file=` names it within the zip,
`?days=` says how long it is kept.
*/
import {resultFile} from '../../core/tests/results.ts';
import {uploadArtifact} from '../actions/artifacts.ts';
import type {Incoming, Outgoing} from '../calls/exchange.ts';
import {answerLog} from './job-log.ts';
import {archiveOf} from './run-logs.ts';
import type {Simulation} from '../simulation/simulation.ts';

export type Stored = {
	simulation: Simulation;
	request: Incoming;
	url: URL;
	headers: Readonly<Record<string, string>>;
	now: number;
};

const errorPage = (headers: Stored['headers'], status: number, code: string, text: string): Outgoing => ({
	status,
	headers: {...headers, 'content-type': 'application/xml'},
	body: `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
});

/** What a job uploads. */
function upload({simulation, request, url, headers}: Stored, runId: number, name: string): Outgoing {
	const answer = (status: number, body = ''): Outgoing => ({status, headers: {...headers}, body});
	if (!simulation.state.runs.has(runId)) {
		return answer(404);
	}
	const files = {[url.searchParams.get('file') ?? resultFile]: request.body};
	const made = simulation.act(({state}) =>
		uploadArtifact(state, state.runs.get(runId)!, name, files, Number(url.searchParams.get('days') ?? 90)),
	);
	return made ? answer(201, JSON.stringify({id: made.id})) : answer(409);
}

export function answerStorage(stored: Stored): Outgoing {
	const {
		simulation: {state},
		request,
		url,
		headers,
		now,
	} = stored;
	const [, kind, id = '', name] = /^\/_(artifacts|logs|archives)\/(\d+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
	const absent = () => errorPage(headers, 404, 'BlobNotFound', 'The specified blob does not exist.');
	if (kind === 'artifacts' && request.method === 'POST' && name !== undefined) {
		return upload(stored, Number(id), decodeURIComponent(name));
	}
	if (request.headers.authorization !== undefined) {
		return errorPage(
			headers,
			400,
			'InvalidAuthenticationInfo',
			'Authentication information is not given in the correct format.',
		);
	}
	if (kind !== undefined && Number(url.searchParams.get('expires')) < now) {
		return errorPage(headers, 403, 'AuthenticationFailed', 'Signature not valid in the specified time frame');
	}
	if (kind === 'logs') {
		return answerLog({id: Number(id), range: request.headers.range, headers, state, now}) ?? absent();
	}
	const run = kind === 'archives' ? state.runs.get(Number(id)) : undefined;
	const bytes = run ? archiveOf(state, run) : kind === 'artifacts' ? state.artifacts.get(Number(id))?.zip : undefined;
	return bytes ? {status: 200, headers: {...headers, 'content-type': 'application/zip'}, body: '', bytes} : absent();
}
