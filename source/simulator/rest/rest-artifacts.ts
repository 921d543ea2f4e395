/** Artifacts over REST: the lists tell of expired ones too; the file itself is at an address that holds for a minute. */
import {createHash} from 'node:crypto';
import {iso} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import type {Artifact} from '../model/model.ts';
import {type Call, type Reply, type Route, message, notFound, page} from '../calls/rest-reply.ts';
import {repoApi} from '../calls/rest-shapes.ts';

const actions = '/repos/{owner}/{repo}/actions';

const isExpired = (call: Call, artifact: Artifact) => artifact.expiresAt <= call.context.state.now;

function shape(call: Call, artifact: Artifact): object {
	const {context} = call;
	const run = context.state.runs.get(artifact.runId)!;
	const url = `${repoApi(context)}/actions/artifacts/${artifact.id}`;
	return {
		id: artifact.id,
		node_id: nodeId('AR', artifact.id),
		name: artifact.name,
		size_in_bytes: artifact.zip.byteLength,
		url,
		archive_download_url: `${url}/zip`,
		expired: isExpired(call, artifact),
		digest: `sha256:${createHash('sha256').update(artifact.zip).digest('hex')}`,
		created_at: iso(artifact.createdAt),
		updated_at: iso(artifact.createdAt),
		expires_at: iso(artifact.expiresAt),
		workflow_run: {
			id: run.id,
			repository_id: context.state.repository.id,
			head_repository_id: context.state.repository.id,
			head_branch: run.branch,
			head_sha: run.sha,
		},
	};
}

/** Newest first. A name has to be the whole one. */
function list(call: Call, runId: number | null): Reply {
	const name = call.query.get('name');
	const all = [...call.context.state.artifacts.values()]
		.filter(artifact => (runId === null || artifact.runId === runId) && (!name || artifact.name === name))
		.toReversed();
	return page(call, all, (items, total) => ({
		total_count: total,
		artifacts: items.map(artifact => shape(call, artifact)),
	}));
}

const withArtifact =
	(answer: (call: Call, artifact: Artifact) => Reply) =>
	(call: Call): Reply => {
		const artifact = call.context.state.artifacts.get(Number(call.params.artifact_id));
		return artifact ? answer(call, artifact) : notFound();
	};

export const artifactRoutes: readonly Route[] = [
	{method: 'GET', path: `${actions}/artifacts`, answer: call => list(call, null)},
	{
		method: 'GET',
		path: `${actions}/artifacts/{artifact_id}`,
		answer: withArtifact((call, artifact) => ({status: 200, body: shape(call, artifact)})),
	},
	{
		method: 'GET',
		path: `${actions}/artifacts/{artifact_id}/{archive_format}`,
		answer: withArtifact((call, artifact) => {
			if (call.params.archive_format !== 'zip') {
				return notFound();
			}
			return isExpired(call, artifact)
				? message(410, 'Artifact has expired')
				: {
						status: 302,
						headers: {
							location: `${call.context.storageUrl}/_artifacts/${artifact.id}?expires=${call.context.state.now + 60_000}`,
						},
					};
		}),
	},
	{
		method: 'GET',
		path: `${actions}/runs/{run_id}/artifacts`,
		answer: call =>
			call.context.state.runs.has(Number(call.params.run_id))
				? list(call, Number(call.params.run_id))
				: notFound(),
	},
];
