/** The official schema, made executable: built once per process (0.3 s), the whole of it, since trimming types breaks abstract ones. */
import {GraphQLInt, type GraphQLSchema, buildSchema} from 'graphql';
import {readSchemaText} from './schema-text.ts';

let whole: GraphQLSchema | null = null;
const lacking = new Map<string, GraphQLSchema>();

/** @param lacks fields like `Deployment.latestEnvironment` that an older server does not have */
export function loadSchema(lacks: readonly string[] = []): GraphQLSchema {
	whole ??= build();
	if (lacks.length === 0) {
		return whole;
	}
	const key = lacks.toSorted().join(' ');
	const made = lacking.get(key) ?? build(lacks);
	lacking.set(key, made);
	return made;
}

function build(lacks: readonly string[] = []): GraphQLSchema {
	// The published text defines two fields twice; validating it would refuse the lot.
	const schema = buildSchema(readSchemaText(), {assumeValid: true, assumeValidSDL: true});
	for (const field of lacks) {
		const [type, name] = field.split('.') as [string, string];
		const owner = schema.getType(type);
		if (owner && 'getFields' in owner) {
			delete (owner.getFields() as Record<string, unknown>)[name];
		}
	}
	// GitHub sends ids beyond 2^31 as Int; graphql-js would refuse them. Every schema here shares this one scalar.
	GraphQLInt.serialize = value => {
		if (typeof value === 'number' && Number.isSafeInteger(value)) {
			return value;
		}
		throw new TypeError(`Int cannot represent ${String(value)}`);
	};
	return schema;
}
