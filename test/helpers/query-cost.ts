/**
GitHub's published cost of a query: each connection is requested once per node of the connections around it.
docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api; `nodes(ids:)` is no connection, but is
counted here as if each id were one, to be on the safe side.
*/
import {
	getNamedType,
	isObjectType,
	isInterfaceType,
	Kind,
	parse,
	valueFromASTUntyped,
	type FragmentDefinitionNode,
	type GraphQLSchema,
	type GraphQLOutputType,
	type SelectionSetNode,
} from 'graphql';

export type Cost = {requests: number; points: number; nodes: number};
type Variables = Readonly<Record<string, unknown>>;

export function queryCost(schema: GraphQLSchema, text: string, variables: Variables): Cost {
	const document = parse(text);
	const fragments = new Map(
		document.definitions
			.filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
			.map(one => [one.name.value, one]),
	);
	const total = {requests: 0, nodes: 0};

	function visit(set: SelectionSetNode, type: GraphQLOutputType, times: number): void {
		const named = getNamedType(type);
		for (const selection of set.selections) {
			const condition = selection.directives?.find(({name}) => name.value === 'include')?.arguments?.[0]?.value;
			if (condition && valueFromASTUntyped(condition, variables) === false) {
				continue;
			}

			if (selection.kind === Kind.FRAGMENT_SPREAD) {
				const fragment = fragments.get(selection.name.value)!;
				visit(
					fragment.selectionSet,
					schema.getType(fragment.typeCondition.name.value) as GraphQLOutputType,
					times,
				);
			} else if (selection.kind === Kind.INLINE_FRAGMENT) {
				visit(
					selection.selectionSet,
					selection.typeCondition
						? (schema.getType(selection.typeCondition.name.value) as GraphQLOutputType)
						: type,
					times,
				);
			} else if (selection.selectionSet && (isObjectType(named) || isInterfaceType(named))) {
				const args = Object.fromEntries(
					(selection.arguments ?? []).map(({name, value}) => [
						name.value,
						valueFromASTUntyped(value, variables),
					]),
				);
				const first = Number(args['first'] ?? args['last'] ?? 0);
				const ids = Array.isArray(args['ids']) ? args['ids'].length : 1;
				total.requests += first > 0 ? times : 0;
				total.nodes += first > 0 ? times * first : 0;
				visit(
					selection.selectionSet,
					named.getFields()[selection.name.value]!.type,
					times * Math.max(first, 1) * ids,
				);
			}
		}
	}

	for (const definition of document.definitions) {
		if (definition.kind === Kind.OPERATION_DEFINITION) {
			visit(definition.selectionSet, schema.getQueryType()!, 1);
		}
	}

	return {...total, points: Math.max(1, Math.ceil(total.requests / 100))};
}
