/**
Cuts the response schemas of the operations that the simulator serves out of GitHub's official description of its REST API.
The package that holds it is far too large to install with everything else, so do that elsewhere, by hand, when routes are added:

	npm install --prefix /tmp/openapi @octokit/openapi@23.0.2
	node .ci/slice-openapi.ts /tmp/openapi/node_modules/@octokit/openapi/generated/api.github.com.json test/fixtures/github-rest-schema.json
*/
import {readFileSync, writeFileSync} from 'node:fs';
import {routes} from '../source/simulator/rest/rest.ts';

type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
type Described = {
	paths: Record<
		string,
		Record<string, {responses: Record<string, {$ref?: string; content?: Record<string, {schema?: Json}>}>}>
	>;
	components: {schemas: Record<string, Json>; responses: Record<string, {content?: Record<string, {schema?: Json}>}>};
};

const [source, target] = process.argv.slice(2);
if (!source || !target) {
	throw new TypeError('Say where the description is and where the slice goes');
}
const described = JSON.parse(readFileSync(source, 'utf8')) as Described;

const prose = new Set(['description', 'example', 'examples', 'title', 'externalDocs', 'deprecated', 'default']);
const needed = new Set<string>();

/** Without prose; in `properties` the keys are names, and a property may well be called `title`. */
function bare(value: Json, isNames = false): Json {
	if (Array.isArray(value)) {
		return value.map(item => bare(item));
	}
	if (typeof value !== 'object' || value === null) {
		return value;
	}
	if (!isNames && value.nullable === true && value.type === undefined) {
		// ajv knows `nullable` only beside a type, and refuses it elsewhere.
		return {anyOf: [{type: 'null'}, bare({...value, nullable: false})]};
	}
	if (!isNames && value.nullable === true && Array.isArray(value.enum) && !value.enum.includes(null)) {
		// In OpenAPI `nullable` allows null beside an enumeration; in JSON Schema the enumeration has to say so.
		return bare({...value, enum: [...value.enum, null]});
	}
	const kept = Object.entries(value).filter(
		([key, inner]) =>
			isNames || (!prose.has(key) && !key.startsWith('x-') && !(key === 'nullable' && inner === false)),
	);
	return Object.fromEntries(
		kept.map(([key, inner]) => {
			if (key === '$ref' && typeof inner === 'string') {
				const name = inner.split('/').at(-1)!;
				needed.add(name);
				return [key, `rest#/schemas/${name}`];
			}
			return [key, bare(inner, key === 'properties' && !isNames)];
		}),
	);
}

const responses: Record<string, Json> = {};
for (const {method, path} of routes) {
	const operation = described.paths[path]?.[method.toLowerCase()];
	if (!operation) {
		throw new Error(`GitHub has no ${method} ${path}`);
	}
	for (const [status, response] of Object.entries(operation.responses)) {
		const content = response.$ref
			? described.components.responses[response.$ref.split('/').at(-1)!]?.content
			: response.content;
		const schema = content?.['application/json']?.schema;
		// What a status without a body has instead of a schema is worth knowing too.
		responses[`${method} ${path} ${status}`] = status.startsWith('2') && schema !== undefined ? bare(schema) : null;
	}
}

const schemas: Record<string, Json> = {};
for (const name of needed) {
	schemas[name] = bare(described.components.schemas[name]!);
}

const lines = (entries: Record<string, Json>) =>
	Object.entries(entries)
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
		.join(',\n');
writeFileSync(target, `{"$id":"rest","responses":{\n${lines(responses)}\n},"schemas":{\n${lines(schemas)}\n}}\n`);
