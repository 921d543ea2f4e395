/** GraphQL as GitHub serves it: the official schema, executed by graphql-js, with GitHub's refusals and shapes of errors around it. */
import {
	type DocumentNode,
	type ExecutionResult,
	type GraphQLError,
	type GraphQLFieldResolver,
	type GraphQLResolveInfo,
	type GraphQLSchema,
	Kind,
	type OperationDefinitionNode,
	OperationTypeNode,
	execute,
	parse,
	validate,
} from 'graphql';
import {hasScope} from '../../core/github/oauth-scopes.ts';
import {type Context, iso, requireChecks} from '../calls/context.ts';
import {mayRead, notAccessible} from '../calls/grants.ts';
import {parseNodeId} from '../model/identity.ts';
import {type Cost, costOf, githubError, tooManyNodes} from '../limits/limits.ts';
import {mutations} from './mutations.ts';
import {jobView, runView, suiteView, workflowView} from './view-checks.ts';
import {deploymentView, environmentView} from './view-deployments.ts';
import {search, type SearchArguments} from './search.ts';
import {entryView, pullView, queueView} from './view-pulls.ts';
import {actorView, commitView, refView, repositoryView} from './view-repository.ts';

export type GraphqlBody = {query?: unknown; variables?: unknown; operationName?: unknown};
type Shown = {
	message: string;
	type?: string;
	path?: ReadonlyArray<string | number>;
	locations?: unknown;
	extensions?: unknown;
};
export type GraphqlAnswer = {data?: unknown; errors?: Shown[]};

type Prepared = {document: DocumentNode; errors: readonly Shown[]};
const prepared = new WeakMap<GraphQLSchema, Map<string, Prepared>>();

const undefinedField = /^Cannot query field "(\w+)" on type "(\w+)"/;

function showInvalid(error: GraphQLError): Shown {
	const match = undefinedField.exec(error.message);
	return match
		? {
				path: ['query'],
				extensions: {code: 'undefinedField', typeName: match[2], fieldName: match[1]},
				locations: error.locations,
				message: `Field '${match[1]}' doesn't exist on type '${match[2]}'`,
			}
		: {extensions: {code: 'invalidDocument'}, locations: error.locations, message: error.message};
}

/** Parsed and validated once per text: clients send the same few documents over and over. */
function prepare(schema: GraphQLSchema, text: string): Prepared {
	const known = prepared.get(schema) ?? new Map<string, Prepared>();
	prepared.set(schema, known);
	const cached = known.get(text);
	if (cached) {
		return cached;
	}
	const nothing: DocumentNode = {kind: Kind.DOCUMENT, definitions: []};
	let made: Prepared;
	try {
		const document = parse(text);
		made = {document, errors: validate(schema, document).map(showInvalid)};
	} catch (error) {
		made = {
			document: nothing,
			errors: [
				{
					message: `Parse error: ${(error as GraphQLError).message}`,
					locations: (error as GraphQLError).locations,
				},
			],
		};
	}
	known.set(text, made);
	return made;
}

export type Ready = {
	document: DocumentNode;
	operation: OperationDefinitionNode;
	variables: Record<string, unknown>;
	cost: Cost;
};

/** Everything that GitHub decides before it executes. */
export function readRequest(schema: GraphQLSchema, body: GraphqlBody): Ready | {errors: readonly Shown[]} {
	if (typeof body.query !== 'string' || body.query === '') {
		return {errors: [{message: 'A query attribute must be specified and must be a string.'}]};
	}
	const {document, errors} = prepare(schema, body.query);
	if (errors.length > 0) {
		return {errors};
	}
	const operations = document.definitions.filter(
		(definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
	);
	const operation =
		typeof body.operationName === 'string'
			? operations.find(({name}) => name?.value === body.operationName)
			: operations.length === 1
				? operations[0]
				: undefined;
	if (!operation) {
		return {
			errors: [
				{
					message:
						typeof body.operationName === 'string'
							? `No operation named "${body.operationName}"`
							: 'An operation name is required',
				},
			],
		};
	}
	const variables = (typeof body.variables === 'object' && body.variables !== null ? body.variables : {}) as Record<
		string,
		unknown
	>;
	const cost = costOf(schema, document, operation, variables);
	const refusal = tooManyNodes(cost);
	return refusal ? {errors: [show(refusal)]} : {document, operation, variables, cost};
}

/** GitHub puts `type` at the top level, graphql-js into `extensions`. */
function show(error: GraphQLError): Shown {
	const {type, ...extensions} = error.extensions as {type?: string};
	return {
		...(type === undefined ? {} : {type}),
		...(error.path ? {path: error.path} : {}),
		...(Object.keys(extensions).length > 0 ? {extensions} : {}),
		...(error.locations ? {locations: error.locations} : {}),
		message: error.message,
	};
}

/** A field that the simulator does not have is an error that names it, never a silent null. */
const fieldResolver: GraphQLFieldResolver<unknown, Context> = (source, args, context, info) => {
	if (!mayRead(context.grants, `${info.parentType.name}.${info.fieldName}`)) {
		throw githubError('FORBIDDEN', notAccessible(context.grants), {saml_failure: false});
	}
	const value = (source as Record<string, unknown>)[info.fieldName];
	if (value === undefined) {
		throw new Error(`The simulator has no ${info.parentType.name}.${info.fieldName}`);
	}
	return typeof value === 'function' ? (value as (...all: unknown[]) => unknown)(args, context, info) : value;
};

const makers: Readonly<Record<string, (context: Context, key: string) => object | null>> = {
	Repository: (context, key) => (key === String(context.state.repository.id) ? repositoryView(context) : null),
	Commit: (context, key) => found(context.state.commits.get(key), commit => commitView(context, commit)),
	Ref: (context, key) => (context.state.refs.has(key) ? refView(context, key) : null),
	CheckSuite: (context, key) => found(context.state.suites.get(Number(key)), suite => suiteView(context, suite)),
	CheckRun: (context, key) =>
		found(context.state.jobs.get(Number(key)), job => {
			requireChecks(context, 'runs');
			return jobView(context, job);
		}),
	Workflow: (context, key) =>
		found(
			context.state.workflows.find(({id}) => id === Number(key)),
			workflow => workflowView(context, workflow),
		),
	WorkflowRun: (context, key) => found(context.state.runs.get(Number(key)), run => runView(context, run)),
	Deployment: (context, key) =>
		found(context.state.deployments.get(Number(key)), deployment => deploymentView(context, deployment)),
	Environment: (context, key) =>
		found(context.state.environments.get(key), environment => environmentView(context, environment)),
	PullRequest: (context, key) =>
		found(
			context.state.pulls.find(({number}) => number === Number(key)),
			pull => pullView(context, pull),
		),
	MergeQueue: (context, key) => queueView(context, key),
	MergeQueueEntry: (context, key) =>
		found(
			context.state.pulls.find(({number, entry}) => entry !== null && key === `${number} ${entry.id}`),
			pull => entryView(context, pull, pull.entry!),
		),
	User: (context, key) => found(context.state.people.get(key), person => actorView(context, person)),
};

const found = <Value>(value: Value | undefined, view: (value: Value) => object): object | null =>
	value === undefined ? null : view(value);

function resolveNode(context: Context, id: string): object | Error {
	const node = parseNodeId(id);
	try {
		const view = node && context.token !== 'no-access' ? makers[node.type]?.(context, node.key) : null;
		return view ?? githubError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
	} catch (error) {
		return error as Error;
	}
}

function root(context: Context): object {
	const {repository} = context.state;
	return {
		viewer: () => actorView(context, context.viewer),
		rateLimit: () =>
			context.bucket && {
				cost: context.cost.points,
				limit: context.bucket.limit,
				remaining: context.bucket.remaining,
				used: context.bucket.used,
				resetAt: iso(context.bucket.resetAt),
				nodeCount: context.cost.nodes,
			},
		repository: ({owner, name}: {owner: string; name: string}) => {
			const same =
				owner.toLowerCase() === repository.owner.toLowerCase() &&
				name.toLowerCase() === repository.name.toLowerCase();
			if (!same || context.token === 'no-access' || !hasScope(context.grants.scopes ?? ['repo'], ['repo'])) {
				throw githubError('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
			}
			return repositoryView(context);
		},
		search: (args: SearchArguments, _: unknown, info: GraphQLResolveInfo) => search(context, args, info),
		node: ({id}: {id: string}) => resolveNode(context, id),
		nodes: ({ids}: {ids: string[]}) => ids.map(id => resolveNode(context, id)),
	};
}

export function answerGraphql(schema: GraphQLSchema, ready: Ready, context: Context): GraphqlAnswer {
	const mutating = ready.operation.operation === OperationTypeNode.MUTATION;
	const result = execute({
		schema,
		document: ready.document,
		rootValue: mutating ? mutations(context) : root(context),
		contextValue: context,
		variableValues: ready.variables,
		...(ready.operation.name ? {operationName: ready.operation.name.value} : {}),
		fieldResolver,
	}) as ExecutionResult;
	const errors = result.errors?.map(show);
	return {...(result.data === undefined ? {} : {data: result.data}), ...(errors ? {errors} : {})};
}
