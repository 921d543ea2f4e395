/**
What GitHub charges and refuses before it executes anything.
Formula: docs.github.com, "Rate limits and query limits for the GraphQL API": requests = sum over connections of the product of the parents' sizes; points = requests / 100, at least 1;
nodes = sum of products including the connection's own size, at most 500,000.
*/
import {
	type DocumentNode,
	type FragmentDefinitionNode,
	GraphQLError,
	type GraphQLSchema,
	Kind,
	type OperationDefinitionNode,
	type SelectionSetNode,
	type ValueNode,
	getNamedType,
	isCompositeType,
} from 'graphql';

export type Cost = {requests: number; points: number; nodes: number};
export const nodeLimit = 500_000;

type Variables = Readonly<Record<string, unknown>>;

export function costOf(
	schema: GraphQLSchema,
	document: DocumentNode,
	operation: OperationDefinitionNode,
	variables: Variables,
): Cost {
	const fragments = new Map(
		document.definitions
			.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
			.map(definition => [definition.name.value, definition]),
	);
	const defaults = new Map(
		operation.variableDefinitions?.map(definition => [definition.variable.name.value, definition.defaultValue]),
	);
	const cost: Cost = {requests: 0, points: 1, nodes: 0};

	const valueOf = (node: ValueNode | undefined): unknown => {
		if (!node) {
			return undefined;
		}
		if (node.kind === Kind.VARIABLE) {
			const name = node.name.value;
			return name in variables ? variables[name] : valueOf(defaults.get(name));
		}
		return node.kind === Kind.INT
			? Number(node.value)
			: node.kind === Kind.BOOLEAN
				? node.value
				: node.kind === Kind.LIST
					? node.values.map(valueOf)
					: undefined;
	};

	const walk = (set: SelectionSetNode, typeName: string, multiplier: number): void => {
		const type = schema.getType(typeName);
		for (const selection of set.selections) {
			const condition = (name: string) =>
				valueOf(selection.directives?.find(directive => directive.name.value === name)?.arguments?.[0]?.value);
			if (condition('include') === false || condition('skip') === true) {
				continue;
			}
			if (selection.kind === Kind.FRAGMENT_SPREAD) {
				const fragment = fragments.get(selection.name.value);
				if (fragment) {
					walk(fragment.selectionSet, fragment.typeCondition.name.value, multiplier);
				}
			} else if (selection.kind === Kind.INLINE_FRAGMENT) {
				walk(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, multiplier);
			} else if (selection.selectionSet && type && 'getFields' in type) {
				const field = type.getFields()[selection.name.value];
				const inner = field && getNamedType(field.type);
				if (!inner || !isCompositeType(inner)) {
					continue;
				}
				const argument = (name: string) =>
					valueOf(selection.arguments?.find(node => node.name.value === name)?.value);
				let size = 1;
				if ('args' in field && field.args.some(arg => arg.name === 'first')) {
					const asked = Number(argument('first') ?? argument('last') ?? 0);
					cost.requests += multiplier;
					cost.nodes += multiplier * asked;
					size = Math.max(1, asked);
				} else if (typeName === 'Query' && field.name === 'nodes') {
					// Not a connection. Counted as one all the same: the careful reading of an undocumented point.
					size = Math.max(1, (argument('ids') as unknown[] | undefined)?.length ?? 1);
				}
				walk(selection.selectionSet, inner.name, multiplier * size);
			}
		}
	};

	const root = schema.getRootType(operation.operation);
	if (root) {
		walk(operation.selectionSet, root.name, 1);
	}
	cost.points = Math.max(1, Math.round(cost.requests / 100));
	return cost;
}

/** An error as GitHub spells it: `type` stands at the top level of the answer. */
export const githubError = (
	type: string,
	message: string,
	extensions: Readonly<Record<string, unknown>> = {},
): GraphQLError => new GraphQLError(message, {extensions: {type, ...extensions}});

export const tooManyNodes = (cost: Cost): GraphQLError | null =>
	cost.nodes > nodeLimit
		? githubError(
				'MAX_NODE_LIMIT_EXCEEDED',
				`This query requests up to ${cost.nodes.toLocaleString('en-US')} possible nodes which exceeds the maximum limit of ${nodeLimit.toLocaleString('en-US')}.`,
			)
		: null;
