/** Commits, branches, refs and comparisons over REST. Here custom namespaces are visible. */
import {
	type RefChange,
	addCommit,
	automationAt,
	compare,
	history,
	isAncestor,
	isRefName,
	refuse,
	refuseNamespace,
	resolve,
} from '../model/git.ts';
import {filesOf} from '../model/files.ts';
import {sha1, zeros} from '../model/identity.ts';
import {type Commit, personOf, repositoryUrl} from '../model/model.ts';
import {mergeInto, moveRef} from '../branches/pushes.ts';
import {
	type Call,
	type Reply,
	type Route,
	message,
	notFound,
	page,
	textOf,
	unprocessable,
} from '../calls/rest-reply.ts';
import {commitShape, fileShape, gitCommitShape, refShape, repoApi} from '../calls/rest-shapes.ts';
import {refuseByRules, refuseMergeInto, ruleOf} from '../branches/rules.ts';

const base = '/repos/{owner}/{repo}';

function change(call: Call, wanted: RefChange): Reply | null {
	const {simulation, viewer, scenario} = call.context;
	const refusal =
		refuseNamespace(scenario.server, [wanted]) ??
		refuse(simulation.state, [wanted]) ??
		refuseByRules(simulation.state, [wanted]);
	if (refusal) {
		return unprocessable(refusal.because.replace(/: refs\/.*$/, ''));
	}
	simulation.act(engine => moveRef(engine, wanted.name, wanted.after, personOf(engine.state, viewer.login ?? '')));
	return null;
}

function commits(call: Call): Reply {
	const {state} = call.context;
	if (state.commits.size === 0) {
		return message(409, 'Git Repository is empty.');
	}
	const from = resolve(state, call.query.get('sha') ?? 'HEAD');
	return from
		? page(call, history(state, from), items => items.map(commit => commitShape(call.context, commit)))
		: notFound();
}

function createCommit(call: Call): Reply {
	const {context, body} = call;
	const parents = (body.parents ?? []) as string[];
	if (
		typeof body.message !== 'string' ||
		typeof body.tree !== 'string' ||
		parents.some(sha => !context.simulation.state.commits.has(sha))
	) {
		return unprocessable(
			typeof body.tree === 'string' ? 'Parent does not exist' : 'Invalid request. "tree" wasn\'t supplied.',
		);
	}
	const {emptyTree = true} = context.scenario.server;
	if (!emptyTree && ![...context.simulation.state.commits.values()].some(({tree}) => tree === body.tree)) {
		return unprocessable('Tree SHA does not exist');
	}
	const author = (body.author ?? {}) as {name?: string; email?: string; date?: string};
	const text = body.message;
	const tree = body.tree;
	const sha = context.simulation.act(engine => {
		const viewer = personOf(engine.state, context.viewer.login ?? '');
		return addCommit(engine.state, {
			message: text,
			tree,
			parents,
			author: {...viewer, name: author.name ?? viewer.name, email: author.email ?? viewer.email},
			at: author.date ? Date.parse(author.date) : engine.state.now,
		}).sha;
	});
	return {status: 201, body: gitCommitShape(context, context.simulation.state.commits.get(sha)!)};
}

function comparison(call: Call): Reply {
	const {context} = call;
	const [baseName, headName] = call.params.basehead!.split('...').map(part => part.split(':').at(-1)!);
	const baseSha = resolve(context.state, baseName ?? '');
	const headSha = resolve(context.state, headName ?? '');
	if (!baseSha || !headSha) {
		return notFound();
	}
	const {mergeBase, ...result} = compare(context.state, baseSha, headSha);
	if (mergeBase === null) {
		return message(404, `No common ancestor between ${baseName} and ${headName}.`);
	}
	const url = `${repositoryUrl(context.state)}/compare/${call.params.basehead}`;
	const show = (sha: string) => commitShape(context, context.state.commits.get(sha)!);
	const files = filesOf(result.commits).map(file => fileShape(context, headSha, file));
	// Files come with the first page of commits only.
	return page(call, result.commits, (items, _, number) => ({
		url: `${repoApi(context)}/compare/${call.params.basehead}`,
		html_url: url,
		permalink_url: url,
		diff_url: `${url}.diff`,
		patch_url: `${url}.patch`,
		base_commit: show(baseSha),
		merge_base_commit: show(mergeBase),
		status: result.status,
		ahead_by: result.aheadBy,
		behind_by: result.behindBy,
		total_commits: result.commits.length,
		commits: items.map(commit => commitShape(context, commit)),
		files: number === 1 ? files : [],
	}));
}

function branch(call: Call): Reply {
	const {context} = call;
	const name = call.params.branch!;
	const sha = context.state.refs.get(`refs/heads/${name}`);
	if (!sha) {
		return message(404, 'Branch not found');
	}
	const self = `${repoApi(context)}/branches/${encodeURIComponent(name)}`;
	return {
		status: 200,
		body: {
			name,
			commit: commitShape(context, context.state.commits.get(sha)!),
			_links: {self, html: `${repositoryUrl(context.state)}/tree/${name}`},
			protected: ruleOf(context.state, name) !== null,
			protection: {enabled: false, required_status_checks: {enforcement_level: 'off', contexts: [], checks: []}},
			protection_url: `${self}/protection`,
		},
	};
}

const createRef = (call: Call): Reply => {
	const name = textOf(call.body.ref);
	const sha = textOf(call.body.sha);
	if (!isRefName(name)) {
		return unprocessable("Reference name must start with 'refs' and contain at least two slashes.");
	}
	if (call.context.simulation.state.refs.has(name)) {
		return unprocessable('Reference already exists');
	}
	return (
		change(call, {name, before: zeros, after: sha, force: false}) ?? {
			status: 201,
			body: refShape(call.context, name, sha),
		}
	);
};

const updateRef = (call: Call): Reply => {
	const name = `refs/${call.params.ref}`;
	const sha = textOf(call.body.sha);
	return call.context.simulation.state.refs.has(name)
		? (change(call, {name, before: null, after: sha, force: call.body.force === true}) ?? {
				status: 200,
				body: refShape(call.context, name, sha),
			})
		: unprocessable('Reference does not exist');
};

function merge(call: Call): Reply {
	const {simulation, viewer} = call.context;
	const {state} = simulation;
	const [into, head] = [textOf(call.body.base), textOf(call.body.head)];
	const baseSha = state.refs.get(`refs/heads/${into}`);
	const headSha = resolve(state, head);
	if (!baseSha || !headSha) {
		return message(404, `${baseSha ? 'Head' : 'Base'} does not exist`);
	}
	if (isAncestor(state, headSha, baseSha)) {
		return {status: 204};
	}
	const refusal = refuseMergeInto(state, into);
	if (refusal) {
		return unprocessable(refusal.because);
	}
	const sha = simulation.act(engine =>
		mergeInto(
			engine,
			into,
			{baseSha, headSha, message: textOf(call.body.commit_message, `Merge ${head} into ${into}`)},
			personOf(engine.state, viewer.login ?? ''),
		),
	);
	return {status: 201, body: commitShape(call.context, state.commits.get(sha)!)};
}

/** What lies in the root: here no more than is ever asked for. A commit's id stands for its tree. */
function tree(call: Call): Reply {
	const {state} = call.context;
	const commit = state.commits.get(resolve(state, call.params.tree_sha!) ?? '');
	if (!commit) {
		return notFound();
	}
	const api = repoApi(call.context);
	const [source, automation] = [sha1(`tree source ${commit.tree}`), automationAt(state, commit.sha)];
	const entries = [
		['.github', automation],
		['source', source],
	].map(([path, sha]) => ({path, mode: '040000', type: 'tree', sha, url: `${api}/git/trees/${sha}`}));
	return {
		status: 200,
		body: {sha: commit.tree, url: `${api}/git/trees/${commit.tree}`, tree: entries, truncated: false},
	};
}

function oneCommit(call: Call, commit: Commit): object {
	const files = filesOf([commit]);
	const [additions, deletions] = [
		files.reduce((sum, file) => sum + file.additions, 0),
		files.reduce((sum, file) => sum + file.deletions, 0),
	];
	return {
		...commitShape(call.context, commit),
		stats: {additions, deletions, total: additions + deletions},
		files: files.map(file => fileShape(call.context, commit.sha, file)),
	};
}

export const gitRoutes: readonly Route[] = [
	{method: 'GET', path: `${base}/commits`, answer: commits},
	{
		method: 'GET',
		path: `${base}/commits/{ref}`,
		answer: call => {
			const commit = call.context.state.commits.get(resolve(call.context.state, call.params.ref!) ?? '');
			return commit
				? {status: 200, body: oneCommit(call, commit)}
				: unprocessable(`No commit found for SHA: ${call.params.ref}`);
		},
	},
	{method: 'GET', path: `${base}/compare/{basehead}`, answer: comparison},
	{method: 'POST', path: `${base}/merges`, needs: 'write', answer: merge},
	{method: 'GET', path: `${base}/branches/{branch}`, answer: branch},
	{
		method: 'GET',
		path: `${base}/git/ref/{ref}`,
		answer: call => {
			const name = `refs/${call.params.ref}`;
			const sha = call.context.state.refs.get(name);
			return sha ? {status: 200, body: refShape(call.context, name, sha)} : notFound();
		},
	},
	// A prefix match: `locks/staging` also finds `locks/staging-2`, so callers must compare names.
	{
		method: 'GET',
		path: `${base}/git/matching-refs/{ref}`,
		answer: call => ({
			status: 200,
			body: [...call.context.state.refs]
				.filter(([name]) => name.startsWith(`refs/${call.params.ref}`))
				.toSorted(([a], [b]) => (a < b ? -1 : 1))
				.map(([name, sha]) => refShape(call.context, name, sha)),
		}),
	},
	{
		method: 'GET',
		path: `${base}/git/commits/{commit_sha}`,
		answer: call => {
			const commit = call.context.state.commits.get(call.params.commit_sha!);
			return commit ? {status: 200, body: gitCommitShape(call.context, commit)} : notFound();
		},
	},
	{method: 'GET', path: `${base}/git/trees/{tree_sha}`, answer: tree},
	{method: 'POST', path: `${base}/git/commits`, needs: 'write', answer: createCommit},
	{method: 'POST', path: `${base}/git/refs`, needs: 'write', answer: createRef},
	{method: 'PATCH', path: `${base}/git/refs/{ref}`, needs: 'write', answer: updateRef},
	{
		method: 'DELETE',
		path: `${base}/git/refs/{ref}`,
		needs: 'write',
		answer: call =>
			change(call, {name: `refs/${call.params.ref}`, before: null, after: zeros, force: true}) ?? {status: 204},
	},
];
