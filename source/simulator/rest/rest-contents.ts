/** Files of a branch over REST. Commits here have no contents of their own: a branch has the scenario's files, whatever was pushed to it. */
import {resolve} from '../model/git.ts';
import {sha1} from '../model/identity.ts';
import {repositoryUrl} from '../model/model.ts';
import {type Call, type Reply, type Route, message, notFound} from '../calls/rest-reply.ts';
import {repoApi} from '../calls/rest-shapes.ts';
import {workflowText} from '../model/workflow-text.ts';

/** By path. What a scenario says of a branch wins over what it says of all; null: that branch lacks the file. */
export function filesAt(call: Pick<Call, 'context'>, branch: string): ReadonlyMap<string, string> {
	const {scenario, state} = call.context;
	const definitions = state.workflows.map(({definition}) => definition);
	const files = new Map<string, string>(
		definitions.map(definition => [`.github/workflows/${definition.file}`, workflowText(definition, definitions)]),
	);
	for (const [path, text] of [
		...Object.entries(scenario.files ?? {}),
		...Object.entries(scenario.branchFiles?.[branch] ?? {}),
	]) {
		if (text === null) {
			files.delete(path);
		} else {
			files.set(path, text);
		}
	}
	return files;
}

const blobOf = (text: string): string => sha1(`blob ${Buffer.byteLength(text)}\0${text}`);

function entry({context}: Call, ref: string, path: string, text: string | null): Record<string, unknown> {
	const api = repoApi(context);
	const sha = text === null ? sha1(`tree ${path}`) : blobOf(text);
	const [url, gitUrl, htmlUrl] = [
		`${api}/contents/${path}?ref=${encodeURIComponent(ref)}`,
		`${api}/git/${text === null ? 'trees' : 'blobs'}/${sha}`,
		`${repositoryUrl(context.state)}/${text === null ? 'tree' : 'blob'}/${ref}/${path}`,
	];
	return {
		name: path.split('/').at(-1),
		path,
		sha,
		size: text === null ? 0 : Buffer.byteLength(text),
		url,
		html_url: htmlUrl,
		git_url: gitUrl,
		type: text === null ? 'dir' : 'file',
		download_url:
			text === null
				? null
				: `https://raw.githubusercontent.com/${context.state.repository.owner}/${context.state.repository.name}/${ref}/${path}`,
		_links: {self: url, git: gitUrl, html: htmlUrl},
	};
}

function contents(call: Call): Reply {
	const {state} = call.context;
	const ref = call.query.get('ref') ?? state.repository.defaultBranch;
	const commit = resolve(state, ref);
	if (commit === null) {
		return message(404, `No commit found for the ref ${ref}`);
	}
	// A commit stands for the branch that it is the head of.
	const branch = state.refs.has(`refs/heads/${ref}`)
		? ref
		: ([...state.refs]
				.find(([name, sha]) => sha === commit && name.startsWith('refs/heads/'))?.[0]
				.slice('refs/heads/'.length) ?? state.repository.defaultBranch);
	const files = filesAt(call, branch);
	const path = call.params.path!.replace(/(?<!\/)\/+$/, '');
	const text = files.get(path);
	if (text !== undefined) {
		return {
			status: 200,
			body: {
				...entry(call, ref, path, text),
				encoding: 'base64',
				content: Buffer.from(text).toString('base64').replaceAll(/.{60}/g, '$&\n'),
			},
		};
	}
	const below = [...files.keys()].filter(name => name.startsWith(`${path}/`));
	const names = [...new Set(below.map(name => name.slice(path.length + 1).split('/')[0]!))].toSorted();
	return names.length === 0
		? notFound()
		: {
				status: 200,
				body: names.map(name => entry(call, ref, `${path}/${name}`, files.get(`${path}/${name}`) ?? null)),
			};
}

export const contentRoutes: readonly Route[] = [
	{method: 'GET', path: '/repos/{owner}/{repo}/contents/{path}', answer: contents},
];
