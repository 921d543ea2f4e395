/** `npm run generate`: writes the types of our GraphQL documents, taken from GitHub's official schema. */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {codegen} from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import {buildSchema, parse} from 'graphql';

const folder = new URL('../source/github/queries/', import.meta.url);
const target = new URL('documents.generated.ts', folder);
const scalars = {DateTime: 'string', URI: 'string', GitObjectID: 'string', HTML: 'string'};

/** GitHub's schema. The published text defines one field twice, so it cannot be validated itself. */
export const officialSchema = () =>
	buildSchema(readFileSync(new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema')), 'utf8'), {
		assumeValid: true,
		assumeValidSDL: true,
	});

/** @returns the text of `documents.generated.ts` */
export async function generateTypes(schema = officialSchema()) {
	const names = readdirSync(folder)
		.filter(name => name.endsWith('.graphql'))
		.sort();
	const documents = names.map(name => ({
		location: name,
		document: parse(readFileSync(new URL(name, folder), 'utf8')),
	}));
	const text = await codegen({
		documents,
		schema: parse('type Query {unused: Boolean}'),
		schemaAst: schema,
		config: {},
		filename: 'documents.generated.ts',
		plugins: [
			{
				operations: {
					scalars,
					skipTypename: true,
					immutableTypes: true,
					inlineFragmentTypes: 'combine',
					defaultScalarType: 'unknown',
					disableDescriptions: true,
					arrayInputCoercion: false,
				},
			},
		],
		pluginMap: {operations},
		skipDocumentsValidation: true,
	});
	return `// Written by \`npm run generate\` from the .graphql files beside it. Do not edit.\n${text.trim()}\n`;
}

if (process.argv[1] === import.meta.filename) {
	writeFileSync(target, await generateTypes());
}
